/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks inside circuits: relabelled, repeated, undone. States come from the oracle. */
#include "support.h"

/* Three qubits, every gate of the table once, a given unitary, extra controls, all kinds of slots. */
static kg_circuit *build_block(void)
{
    kg_circuit *block = NULL;
    const int orders[3][3] = {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}};
    int n_params = 0;
    assert_ok(kg_circuit_create(&block, 3, err));
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        kg_slot slots[3];
        for (int i = 0; i < kg_gate_n_params(gate); i++) {
            const int index = n_params++;
            slots[i] = (kg_slot){index % 3, index % 3 ? index / 3 : 0, 1.0 + 0.25 * index,
                                 0.1 * index - 0.7};
        }
        assert_ok(kg_circuit_add_gate(block, (kg_gate)gate, orders[gate % 3], slots, err));
    }
    const double s_gate[8] = {1, 0, 0, 0, 0, 0, 0, 1};
    double two[32];
    block_matrix("u a 0 1 2; cx b a; ry b 0", (const double[]){0.3, 1.1, -0.4}, two);
    assert_ok(kg_circuit_add_unitary(block, 1, orders[1], s_gate, 2, (const int[]){0, 1},
                                     (const int[]){0, 1}, err));
    assert_ok(kg_circuit_add_unitary(block, 2, orders[2], two, 0, NULL, NULL, err));
    return block;
}

static void fill(double *values, int n, uint64_t *seed)
{
    for (int i = 0; i < n; i++) {
        values[i] = uniform(seed, 3.0);
    }
}

/* About 80 matrices of norm 1: 80 * a few eps. */
static const double TOLERANCE = 1e-13;

static void the_inverse_undoes_every_gate(void **state)
{
    uint64_t seed = near_seed(21);
    (void)state;
    kg_circuit *block = build_block();
    kg_circuit *circuit = NULL;
    const int qubits[3] = {3, 0, 2};
    double params[64];
    double inputs[64];
    double complex before[16];
    double complex after[16];
    fill(params, 64, &seed);
    fill(inputs, 64, &seed);
    assert_ok(kg_circuit_create(&circuit, 4, err));
    for (int q = 0; q < 4; q++) {
        const kg_slot slot = KG_SLOT_OF_ANGLE(0.4 + q);
        assert_ok(kg_circuit_add_gate(circuit, KG_GATE_RX, &q, &slot, err));
    }
    simulate(circuit, params, inputs, before);
    assert_ok(kg_circuit_append(circuit, block, qubits, 5, 7, err));
    simulate(circuit, params, inputs, after);
    assert_true(ref_distance(before, after, 4) > 0.1);
    assert_int_equal(kg_circuit_n_params(circuit), 5 + kg_circuit_n_params(block));
    assert_int_equal(kg_circuit_n_inputs(circuit), 7 + kg_circuit_n_inputs(block));
    assert_ok(kg_circuit_append_inverse(circuit, block, qubits, 5, 7, err));
    simulate(circuit, params, inputs, after);
    assert_near(ref_distance(before, after, 4), 0, TOLERANCE);
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(block);
}

static void qubits_and_indices_are_shifted(void **state)
{
    (void)state;
    kg_circuit *block = NULL;
    kg_circuit *circuit = NULL;
    const kg_slot slot = {KG_SLOT_PARAM, 1, 3.0, 0.5};
    assert_ok(kg_circuit_create(&block, 2, err));
    assert_ok(kg_circuit_create(&circuit, 5, err));
    assert_ok(kg_circuit_add_controlled(block, KG_GATE_RY, (const int[]){1}, &slot, 1,
                                        (const int[]){0}, (const int[]){0}, err));
    assert_ok(kg_circuit_append(circuit, block, (const int[]){4, 2}, 10, 0, err));
    assert_ok(kg_circuit_append_inverse(circuit, block, (const int[]){3, 0}, 20, 0, err));
    const kgi_op *first = &circuit->ops[0];
    const kgi_op *second = &circuit->ops[1];
    assert_true(first->controls == 0x10 && first->control_values == 0);
    assert_true(second->controls == 0x08 && second->control_values == 0);
    assert_int_equal(kgi_op_qubits(circuit, first)[0], 2);
    assert_int_equal(kgi_op_qubits(circuit, second)[0], 0);
    assert_int_equal(kgi_op_slots(circuit, first)->index, 11);
    assert_int_equal(kgi_op_slots(circuit, second)->index, 21);
    assert_true(kgi_op_slots(circuit, second)->scale == -3.0);
    assert_true(kgi_op_slots(circuit, second)->offset == -0.5);
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(block);
}

static void a_circuit_can_be_appended_to_itself(void **state)
{
    (void)state;
    uint64_t seed = near_seed(22);
    kg_circuit *circuit = build_block();
    double params[64];
    double inputs[64];
    double complex zero[8];
    double complex psi[8];
    const int same[3] = {0, 1, 2};
    const int n_ops = kg_circuit_n_ops(circuit);
    fill(params, 64, &seed);
    fill(inputs, 64, &seed);
    assert_ok(kg_circuit_append_inverse(circuit, circuit, same, 0, 0, err));
    assert_int_equal(kg_circuit_n_ops(circuit), 2 * n_ops);
    simulate(circuit, params, inputs, psi);
    ref_zero(zero, 3);
    assert_near(ref_distance(zero, psi, 3), 0, TOLERANCE);
    assert_ok(kg_circuit_append(circuit, circuit, same, 0, 0, err));
    assert_int_equal(kg_circuit_n_ops(circuit), 4 * n_ops);
    simulate(circuit, params, inputs, psi);
    assert_near(ref_distance(zero, psi, 3), 0, 2 * TOLERANCE);
    kg_circuit_destroy(circuit);
}

static void layers_come_along(void **state)
{
    (void)state;
    kg_circuit *block = NULL;
    kg_circuit *circuit = NULL;
    const int q = 0;
    assert_ok(kg_circuit_create(&block, 1, err));
    assert_ok(kg_circuit_create(&circuit, 1, err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_X, &q, NULL, err));
    assert_ok(kg_circuit_begin_layer(block, "one", err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_S, &q, NULL, err));
    assert_ok(kg_circuit_begin_layer(block, "two", err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_T, &q, NULL, err));
    assert_ok(kg_circuit_begin_layer(circuit, "own", err));
    assert_ok(kg_circuit_append(circuit, block, &q, 0, 0, err));
    assert_ok(kg_circuit_append_inverse(circuit, block, &q, 0, 0, err));
    const char *const names[] = {"own", "one", "two", "two", "one"};
    const int layers[] = {0, 1, 2, 3, 4, 2};
    const kg_gate gates[] = {KG_GATE_X, KG_GATE_S, KG_GATE_T, KG_GATE_TDG, KG_GATE_SDG, KG_GATE_X};
    assert_int_equal(circuit->n_layers, 5);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(circuit->layers[i], names[i]);
    }
    for (int i = 0; i < 6; i++) {
        assert_int_equal(circuit->ops[i].layer, layers[i]);
        assert_int_equal(circuit->ops[i].gate, gates[i]);
    }
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(block);
}

static void refusals_leave_the_circuit_alone(void **state)
{
    (void)state;
    kg_circuit *block = NULL;
    kg_circuit *circuit = NULL;
    const kg_slot slot = KG_SLOT_OF_PARAM(2);
    assert_ok(kg_circuit_create(&block, 2, err));
    assert_ok(kg_circuit_create(&circuit, 3, err));
    assert_ok(kg_circuit_begin_layer(block, "layer", err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_RY, (const int[]){1}, &slot, err));
    assert_ok(kg_circuit_add_amplitudes(block, 1, (const int[]){0}, 4, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, (const int[]){2}, NULL, err));
    assert_fails(kg_circuit_append(circuit, block, NULL, 0, 0, err), KG_ERR_ARGUMENT,
                 "append: qubits is NULL, not a list of 2");
    assert_fails(kg_circuit_append(circuit, block, (const int[]){0, 3}, 0, 0, err), KG_ERR_ARGUMENT,
                 "append: qubit 1 of the block becomes 3, not in [0, 2]");
    assert_fails(kg_circuit_append(circuit, block, (const int[]){1, 1}, 0, 0, err), KG_ERR_ARGUMENT,
                 "append: two qubits of the block become qubit 1");
    assert_fails(kg_circuit_append(circuit, block, (const int[]){0, 1}, -1, 0, err),
                 KG_ERR_ARGUMENT, "append: first_param is -1, not in [0, 1073741821]");
    assert_fails(kg_circuit_append(circuit, block, (const int[]){0, 1}, 0, 1 << 30, err),
                 KG_ERR_ARGUMENT, "append: first_input is 1073741824, not in [0, 1073741818]");
    assert_fails(
        kg_circuit_append(circuit, block, (const int[]){2, 0}, 0, 0, err), KG_ERR_ARGUMENT,
        "append: the block encodes amplitudes on qubit 2, which an earlier operation uses");
    assert_fails(kg_circuit_append_inverse(circuit, block, (const int[]){0, 1}, 0, 0, err),
                 KG_ERR_UNSUPPORTED,
                 "operation 1 of the block is an amplitude encoding, which has no inverse");
    assert_int_equal(kg_circuit_n_ops(circuit), 1);
    assert_int_equal(kg_circuit_n_params(circuit), 0);
    assert_int_equal(kg_circuit_n_inputs(circuit), 0);
    assert_int_equal(circuit->n_layers, 0);
    assert_true(circuit->touched == 4);
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(block);
}

static void measurements_and_resets_have_no_inverse(void **state)
{
    (void)state;
    kg_circuit *measures = NULL;
    kg_circuit *resets = NULL;
    const int q = 0;
    assert_ok(kg_circuit_create(&measures, 1, err));
    assert_ok(kg_circuit_create(&resets, 1, err));
    assert_ok(kg_circuit_add_measure(measures, 0, 0, err));
    assert_ok(kg_circuit_add_reset(resets, 0, err));
    assert_fails(kg_circuit_append_inverse(resets, measures, &q, 0, 0, err), KG_ERR_UNSUPPORTED,
                 "operation 0 of the block is a measurement, which has no inverse");
    assert_fails(kg_circuit_append_inverse(measures, resets, &q, 0, 0, err), KG_ERR_UNSUPPORTED,
                 "operation 0 of the block is a reset, which has no inverse");
    kg_circuit_destroy(measures);
    kg_circuit_destroy(resets);
}

static void conditions_reach_into_blocks(void **state)
{
    (void)state;
    kg_circuit *block = NULL;
    kg_circuit *circuit = NULL;
    const int q = 0;
    assert_ok(kg_circuit_create(&block, 1, err));
    assert_ok(kg_circuit_create(&circuit, 1, err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_X, &q, NULL, err));
    assert_ok(kg_circuit_set_condition(circuit, 2, 0, err));
    assert_ok(kg_circuit_append(circuit, block, &q, 0, 0, err));
    assert_int_equal(circuit->ops[0].condition_bit, 2);
    assert_int_equal(circuit->ops[0].condition_value, 0);
    assert_ok(kg_circuit_set_condition(block, 1, 1, err));
    assert_ok(kg_circuit_add_gate(block, KG_GATE_X, &q, NULL, err));
    assert_fails(kg_circuit_append(circuit, block, &q, 0, 0, err), KG_ERR_UNSUPPORTED,
                 "append: the block has a condition on bit 1 inside a condition on bit 2");
    assert_int_equal(kg_circuit_n_ops(circuit), 1);
    assert_ok(kg_circuit_set_condition(circuit, -1, 0, err));
    assert_ok(kg_circuit_append(circuit, block, &q, 0, 0, err));
    assert_int_equal(circuit->ops[1].condition_bit, -1);
    assert_int_equal(circuit->ops[2].condition_bit, 1);
    assert_ok(kg_circuit_set_condition(circuit, 2, 0, err));
    assert_ok(kg_circuit_set_condition(block, -1, 0, err));
    kgi_circuit_rewind(block, &(kgi_circuit_mark){0});
    assert_ok(kg_circuit_add_measure(block, 0, 3, err));
    assert_fails(kg_circuit_append(circuit, block, &q, 0, 0, err), KG_ERR_UNSUPPORTED,
                 "measure cannot depend on classical bit 2");
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inverse_undoes_every_gate),
        cmocka_unit_test(qubits_and_indices_are_shifted),
        cmocka_unit_test(a_circuit_can_be_appended_to_itself),
        cmocka_unit_test(layers_come_along),
        cmocka_unit_test(refusals_leave_the_circuit_alone),
        cmocka_unit_test(measurements_and_resets_have_no_inverse),
        cmocka_unit_test(conditions_reach_into_blocks),
    };
    return cmocka_run_group_tests_name("circuit/append", tests, NULL, NULL);
}
