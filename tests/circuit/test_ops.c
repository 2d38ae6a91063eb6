/* SPDX-License-Identifier: Apache-2.0 */
/* What may be appended: every refusal with its text, and that it leaves the circuit as it was. */
#include "support.h"

static int setup(void **state)
{
    kg_circuit *circuit = NULL;
    if (kg_circuit_create(&circuit, 4, NULL)) {
        return -1;
    }
    *state = circuit;
    return 0;
}

static int teardown(void **state)
{
    kg_circuit *circuit = *state;
    const int is_unchanged = kg_circuit_n_ops(circuit) == 0 && circuit->touched == 0 &&
                             circuit->n_pool_qubits == 0 && circuit->n_pool_slots == 0;
    kg_circuit_destroy(circuit);
    return is_unchanged ? 0 : -1; /* the tests below refuse everything */
}

static void gates_and_qubits(void **state)
{
    kg_circuit *c = *state;
    assert_fails(kg_circuit_add_gate(c, (kg_gate)-1, (const int[]){0}, NULL, err), KG_ERR_ARGUMENT,
                 "gate is -1, not in [0, 30]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_COUNT, (const int[]){0}, NULL, err),
                 KG_ERR_ARGUMENT, "gate is 31, not in [0, 30]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_H, NULL, NULL, err), KG_ERR_ARGUMENT,
                 "h: qubits is NULL, not a list of 1");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_CX, (const int[]){3, 4}, NULL, err),
                 KG_ERR_ARGUMENT, "cx: qubit 4 is not in [0, 3]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_CX, (const int[]){-1, 2}, NULL, err),
                 KG_ERR_ARGUMENT, "cx: qubit -1 is not in [0, 3]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_CCX, (const int[]){2, 1, 2}, NULL, err),
                 KG_ERR_ARGUMENT, "ccx: qubit 2 is named twice");
}

static void slots(void **state)
{
    kg_circuit *c = *state;
    const int q = 1;
    const kg_slot kind = {3, 0, 1, 0};
    const kg_slot index = KG_SLOT_OF_PARAM(-1);
    const kg_slot large = KG_SLOT_OF_INPUT(1 << 30);
    const kg_slot scale = {KG_SLOT_PARAM, 0, NAN, 0};
    const kg_slot offset[3] = {
        KG_SLOT_OF_PARAM(0), {KG_SLOT_CONSTANT, 0, 0, -INFINITY}, KG_SLOT_OF_PARAM(1)};
    assert_fails(kg_circuit_add_gate(c, KG_GATE_RY, &q, NULL, err), KG_ERR_ARGUMENT,
                 "gate ry: slots is NULL, but it has 1 angle");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_U, &q, NULL, err), KG_ERR_ARGUMENT,
                 "gate u: slots is NULL, but it has 3 angles");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_RY, &q, &kind, err), KG_ERR_ARGUMENT,
                 "gate ry: slot 0 has kind 3, not in [0, 2]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_RY, &q, &index, err), KG_ERR_ARGUMENT,
                 "gate ry: slot 0 has index -1, not in [0, 1073741823]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_RY, &q, &large, err), KG_ERR_ARGUMENT,
                 "gate ry: slot 0 has index 1073741824, not in [0, 1073741823]");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_RY, &q, &scale, err), KG_ERR_NUMERIC,
                 "gate ry: slot 0 has scale nan and offset 0, not both finite");
    assert_fails(kg_circuit_add_gate(c, KG_GATE_U, &q, offset, err), KG_ERR_NUMERIC,
                 "gate u: slot 1 has scale 0 and offset -inf, not both finite");
}

static void controls(void **state)
{
    kg_circuit *c = *state;
    const int q = 1;
    assert_fails(
        kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, 4, (const int[]){0, 2, 3, 1}, NULL, err),
        KG_ERR_ARGUMENT, "x: n_controls is 4, not in [0, 3]");
    assert_fails(kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, -1, NULL, NULL, err),
                 KG_ERR_ARGUMENT, "x: n_controls is -1, not in [0, 3]");
    assert_fails(kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, 1, NULL, NULL, err),
                 KG_ERR_ARGUMENT, "x: controls is NULL, not a list of 1");
    assert_fails(kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, 1, &q, NULL, err),
                 KG_ERR_ARGUMENT, "x: control 1 is named twice");
    assert_fails(
        kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, 2, (const int[]){3, 3}, NULL, err),
        KG_ERR_ARGUMENT, "x: control 3 is named twice");
    assert_fails(kg_circuit_add_controlled(c, KG_GATE_X, &q, NULL, 2, (const int[]){3, 0},
                                           (const int[]){0, 2}, err),
                 KG_ERR_ARGUMENT, "x: value of control 0 is 2, not 0 or 1");
}

static void unitaries(void **state)
{
    kg_circuit *c = *state;
    const int q[2] = {2, 0};
    double matrix[32];
    set_identity(matrix, 4);
    assert_fails(kg_circuit_add_unitary(c, 3, q, matrix, 0, NULL, NULL, err), KG_ERR_ARGUMENT,
                 "unitary: n_targets is 3, not 1 or 2");
    assert_fails(kg_circuit_add_unitary(c, 2, q, NULL, 0, NULL, NULL, err), KG_ERR_ARGUMENT,
                 "unitary: matrix is NULL");
    assert_fails(kg_circuit_add_unitary(c, 2, q, matrix, 1, q + 1, NULL, err), KG_ERR_ARGUMENT,
                 "unitary: control 0 is named twice");
    matrix[2] = 0.5; /* entry (0, 1): columns 0 and 1 overlap by 0.5 */
    assert_fails(kg_circuit_add_unitary(c, 2, q, matrix, 0, NULL, NULL, err), KG_ERR_NUMERIC,
                 "unitary: |U^dagger U - 1| is 0.5, more than 1e-09");
    matrix[2] = NAN;
    assert_fails(kg_circuit_add_unitary(c, 2, q, matrix, 0, NULL, NULL, err), KG_ERR_NUMERIC,
                 "unitary: |U^dagger U - 1| is nan, more than 1e-09");
}

static void amplitudes(void **state)
{
    kg_circuit *c = *state;
    assert_fails(kg_circuit_add_amplitudes(c, 0, (const int[]){0}, 0, err), KG_ERR_ARGUMENT,
                 "amplitudes: m is 0, not in [1, 4]");
    assert_fails(kg_circuit_add_amplitudes(c, 5, (const int[]){0, 1, 2, 3, 4}, 0, err),
                 KG_ERR_ARGUMENT, "amplitudes: m is 5, not in [1, 4]");
    assert_fails(kg_circuit_add_amplitudes(c, 2, (const int[]){1, 1}, 0, err), KG_ERR_ARGUMENT,
                 "amplitudes: qubit 1 is named twice");
    assert_fails(kg_circuit_add_amplitudes(c, 2, (const int[]){1, 3}, -1, err), KG_ERR_ARGUMENT,
                 "amplitudes: first_input is -1, not in [0, 1073741820]");
    assert_fails(kg_circuit_add_amplitudes(c, 2, (const int[]){1, 3}, 1073741821, err),
                 KG_ERR_ARGUMENT, "amplitudes: first_input is 1073741821, not in [0, 1073741820]");
}

static void measurements_and_resets(void **state)
{
    kg_circuit *c = *state;
    assert_fails(kg_circuit_add_measure(c, 4, 0, err), KG_ERR_ARGUMENT,
                 "measure: qubit 4 is not in [0, 3]");
    assert_fails(kg_circuit_add_measure(c, 0, 64, err), KG_ERR_ARGUMENT,
                 "measure: bit is 64, not in [0, 63]");
    assert_fails(kg_circuit_add_reset(c, -1, err), KG_ERR_ARGUMENT,
                 "reset: qubit -1 is not in [0, 3]");
}

static void amplitudes_need_fresh_qubits(void **state)
{
    (void)state;
    kg_circuit *c = NULL;
    const int touched[] = {1, 2};
    assert_ok(kg_circuit_create(&c, 4, err));
    assert_ok(kg_circuit_add_gate(c, KG_GATE_CX, touched, NULL, err));
    assert_fails(kg_circuit_add_amplitudes(c, 2, (const int[]){3, 2}, 0, err), KG_ERR_ARGUMENT,
                 "amplitudes: qubit 2 is not in |0>, an earlier operation uses it");
    assert_ok(kg_circuit_add_amplitudes(c, 2, (const int[]){3, 0}, 0, err));
    assert_int_equal(kg_circuit_n_inputs(c), 4);
    kg_circuit_destroy(c);
}

static void what_is_stored_is_what_was_given(void **state)
{
    (void)state;
    kg_circuit *c = NULL;
    const kg_slot slot = {KG_SLOT_INPUT, 5, -2.0, 0.25};
    const kg_slot constant = {KG_SLOT_CONSTANT, 77, NAN, 1.5}; /* index and scale mean nothing */
    assert_ok(kg_circuit_create(&c, 4, err));
    assert_ok(kg_circuit_add_gate(c, KG_GATE_CRX, (const int[]){3, 1}, &slot, err));
    assert_ok(kg_circuit_add_gate(c, KG_GATE_RZ, (const int[]){2}, &constant, err));
    assert_int_equal(kgi_op_qubits(c, &c->ops[0])[0], 3);
    assert_int_equal(kgi_op_qubits(c, &c->ops[0])[1], 1);
    assert_int_equal(kgi_op_qubits(c, &c->ops[1])[0], 2);
    const kg_slot *stored = kgi_op_slots(c, &c->ops[0]);
    assert_int_equal(stored->kind, KG_SLOT_INPUT);
    assert_int_equal(stored->index, 5);
    assert_true(stored->scale == -2.0 && stored->offset == 0.25);
    stored = kgi_op_slots(c, &c->ops[1]);
    assert_int_equal(stored->index, 0);
    assert_true(stored->scale == 0.0 && stored->offset == 1.5);
    assert_int_equal(kg_circuit_n_inputs(c), 6);
    assert_int_equal(kg_circuit_n_params(c), 0);
    kg_circuit_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gates_and_qubits, setup, teardown),
        cmocka_unit_test_setup_teardown(slots, setup, teardown),
        cmocka_unit_test_setup_teardown(controls, setup, teardown),
        cmocka_unit_test_setup_teardown(unitaries, setup, teardown),
        cmocka_unit_test_setup_teardown(amplitudes, setup, teardown),
        cmocka_unit_test_setup_teardown(measurements_and_resets, setup, teardown),
        cmocka_unit_test(amplitudes_need_fresh_qubits),
        cmocka_unit_test(what_is_stored_is_what_was_given),
    };
    return cmocka_run_group_tests_name("circuit/ops", tests, NULL, NULL);
}
