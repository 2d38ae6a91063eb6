/* SPDX-License-Identifier: Apache-2.0 */
/* A derivative three ways: by the adjoint sweep that trains models, by the parameter-shift rule that also
 * holds on hardware, and by differences. Then ten steps downhill. */
#include <stdio.h>

#include <ketgrad/ketgrad.h>

/* <X0> of RY(t0) on qubit 0, then a rotation of qubit 1 that qubit 0 controls. The control feels it, and
 * the plain two-term shift rule would be wrong here. */
static kg_status prepare(kg_circuit **circuit, kg_observable **observable, kg_error *err)
{
    const int qubits[2] = {0, 1};
    const kg_slot slots[2] = {KG_SLOT_OF_PARAM(0), KG_SLOT_OF_PARAM(1)};
    kg_status status = kg_circuit_create(circuit, 2, err);
    if (!status) {
        status = kg_circuit_add_gate(*circuit, KG_GATE_RY, &qubits[0], &slots[0], err);
    }
    if (!status) {
        status = kg_circuit_add_gate(*circuit, KG_GATE_CRX, qubits, &slots[1], err);
    }
    if (!status) {
        status = kg_observable_create(observable, 2, err);
    }
    return status ? status : kg_observable_add(*observable, 0, 1.0, "X0", err);
}

int main(void)
{
    kg_error err;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    double params[2] = {0.8, 1.1}, shift[2], differences[2], x = 0;
    const double one = 1.0; /* dL/d<X0>: the loss is the expectation value itself */

    kg_status status = prepare(&circuit, &observable, &err);
    if (!status) {
        status = kg_plan_create(&plan, circuit, observable, NULL, &err);
    }
    if (!status) {
        status = kg_workspace_create(&ws, plan, &err);
    }
    if (!status) {
        status = kg_grad_shift(circuit, observable, params, NULL, NULL, NULL, shift, NULL, &err);
    }
    if (!status) {
        status = kg_grad_differences(circuit, observable, params, NULL, 0, differences, NULL, &err);
    }
    for (int step = 0; step <= 10 && !status; step++) { /* whatever can fail has failed by now */
        double adjoint[2] = {0, 0};                     /* kg_plan_backward() adds */
        kg_plan_forward(plan, params, 1, NULL, &x, ws);
        kg_plan_backward(plan, params, 1, NULL, &one, adjoint, NULL, ws);
        if (step == 0) {
            printf("adjoint      %+.12f %+.12f\n", adjoint[0], adjoint[1]);
            printf("shift        %+.12f %+.12f\n", shift[0], shift[1]);
            printf("differences  %+.12f %+.12f\n", differences[0], differences[1]);
        }
        printf("step %2d: <X0> = %+.6f\n", step, x);
        params[0] -= 0.8 * adjoint[0];
        params[1] -= 0.8 * adjoint[1];
    }
    if (status) {
        fprintf(stderr, "gradient: %s\n", err.message);
    }
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return (int)status;
}
