/* SPDX-License-Identifier: Apache-2.0 */
/* A Bell pair: two qubits that always agree, whichever way both are asked. */
#include <stdio.h>

#include <ketgrad/ketgrad.h>

enum { SHOTS = 1000 };

/* The state (|00> + |11>) / sqrt(2), and what it answers to ZZ, XX and YY. */
static kg_status prepare(kg_circuit **circuit, kg_observable **observable, kg_error *err)
{
    static const char *const words[] = {"Z0 Z1", "X0 X1", "Y0 Y1"};
    const int pair[2] = {0, 1};
    kg_status status = kg_circuit_create(circuit, 2, err);
    if (!status) {
        status = kg_circuit_add_gate(*circuit, KG_GATE_H, &pair[0], NULL, err);
    }
    if (!status) {
        status = kg_circuit_add_gate(*circuit, KG_GATE_CX, pair, NULL, err);
    }
    if (!status) {
        status = kg_observable_create(observable, 2, err);
    }
    for (int k = 0; k < 3 && !status; k++) {
        status = kg_observable_add(*observable, k, 1.0, words[k], err);
    }
    return status;
}

int main(void)
{
    kg_error err;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    double answers[3];
    uint32_t outcomes[SHOTS];
    const int pair[2] = {0, 1};
    int counts[4] = {0};

    kg_status status = prepare(&circuit, &observable, &err);
    if (!status) {
        status = kg_plan_create(&plan, circuit, observable, NULL, &err);
    }
    if (!status) {
        status = kg_workspace_create(&ws, plan, &err);
    }
    if (!status) {
        kg_plan_forward(plan, NULL, 1, NULL, answers, ws);
        printf("<ZZ> = %+.3f  <XX> = %+.3f  <YY> = %+.3f\n", answers[0], answers[1], answers[2]);
        status = kg_circuit_sample(circuit, NULL, 1, NULL, 2, pair, SHOTS, 7, outcomes, &err);
    }
    if (!status) {
        for (int s = 0; s < SHOTS; s++) {
            counts[outcomes[s]]++;
        }
        printf("%d shots: 00 %d, 01 %d, 10 %d, 11 %d\n", SHOTS, counts[0], counts[1], counts[2],
               counts[3]);
    } else {
        fprintf(stderr, "bell: %s\n", err.message);
    }
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    return (int)status;
}
