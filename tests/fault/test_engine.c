/* SPDX-License-Identifier: Apache-2.0 */
/* The engine without memory: plans of every engine, workspaces, samples, shift rules, differences. */
#include "alloc.h"

#include <ketgrad/grad.h>
#include <ketgrad/sim.h>

static const double params[64] = {0.1, 0.7, -0.3, 1.1, 2.0, 0.4};
static const double inputs[16] = {0.3, 0.2, 0.9, 1.4};

static kg_circuit *make_circuit(const char *encoding)
{
    kg_circuit *circuit = NULL;
    int readout = -1;
    assert_int_equal(kg_circuit_create(&circuit, 4, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_encoding(circuit, kg_encoding_find(encoding), NULL), KG_OK);
    assert_int_equal(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                         kg_pooling_find("zx"), &readout, NULL),
                     KG_OK);
    return circuit;
}

static kg_observable *make_observable(void)
{
    const int qubits[2] = {3, 1};
    kg_observable *observable = NULL;
    assert_int_equal(kg_observable_create(&observable, 4, NULL), KG_OK);
    assert_int_equal(kg_observable_add(observable, 0, 0.7, "Z1 X3", NULL), KG_OK);
    assert_int_equal(kg_observable_add(observable, 0, -0.2, "Y0", NULL), KG_OK);
    assert_int_equal(kg_observable_add_probs(observable, 2, qubits, NULL), KG_OK);
    return observable;
}

/* Every engine and kernel set, several threads, fused or not. */
static void plans_and_workspaces(void **state)
{
    (void)state;
    const char *const engines[] = {NULL, "tile", "reference"};
    kg_error err;
    kg_observable *observable = make_observable();
    for (int i = 0; i < 12; i++) {
        kg_circuit *circuit = make_circuit(i % 2 ? "amplitude" : "angle");
        kg_plan_options options = KG_PLAN_OPTIONS_INIT;
        kg_plan *plan = NULL;
        kg_workspace *ws = NULL;
        options.engine = engines[i % 3];
        options.fuse = i < 6;
        options.threads = 1 + i % 2;
        assert_survives(kg_plan_create(&plan, circuit, observable, &options, &err), !plan,
                        (kg_plan_destroy(plan), plan = NULL), 2);
        assert_int_equal(kg_plan_create(&plan, circuit, observable, &options, NULL), KG_OK);
        assert_survives(kg_workspace_create(&ws, plan, &err), !ws,
                        (kg_workspace_destroy(ws), ws = NULL), 1);
        kg_plan_destroy(plan);
        kg_circuit_destroy(circuit);
    }
    kg_observable_destroy(observable);
}

static void samples_and_derivatives(void **state)
{
    (void)state;
    kg_error err;
    kg_circuit *circuit = make_circuit("angle");
    kg_observable *observable = make_observable();
    double jacobian[5 * 64], d_inputs[5 * 16];
    kg_gradcheck report;
    uint32_t outcomes[8];
    const int qubits[2] = {0, 3};
    assert_survives(kg_circuit_sample(circuit, params, 2, inputs, 2, qubits, 4, 1, outcomes, &err),
                    1, (void)0, 3);
    assert_survives(
        kg_grad_shift(circuit, observable, params, inputs, NULL, NULL, jacobian, d_inputs, &err), 1,
        (void)0, 3);
    assert_survives(
        kg_grad_differences(circuit, observable, params, inputs, 0, jacobian, d_inputs, &err), 1,
        (void)0, 3);
    assert_survives(kg_grad_check(circuit, observable, NULL, params, inputs, &report, &err), 1,
                    (void)0, 10);
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_and_workspaces),
        cmocka_unit_test(samples_and_derivatives),
    };
    return cmocka_run_group_tests_name("fault/engine", tests, NULL, NULL);
}
