/* SPDX-License-Identifier: Apache-2.0 */
/* A circuit as a container: life, copies, layers, conditions, counts. */
#include "support.h"

static kg_circuit *create(int n_qubits)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n_qubits, err));
    assert_non_null(circuit);
    return circuit;
}

static void width_is_checked(void **state)
{
    (void)state;
    kg_circuit *circuit = (kg_circuit *)&state;
    assert_fails(kg_circuit_create(&circuit, 0, err), KG_ERR_ARGUMENT,
                 "n_qubits is 0, not in [1, 64]");
    assert_null(circuit);
    assert_fails(kg_circuit_create(&circuit, 65, err), KG_ERR_ARGUMENT,
                 "n_qubits is 65, not in [1, 64]");
    kg_circuit_destroy(NULL);
    circuit = create(64);
    const int last = 63;
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, &last, NULL, err));
    assert_true(kgi_op_mask(circuit, circuit->ops) == (uint64_t)1 << 63);
    kg_circuit_destroy(circuit);
}

static void an_empty_circuit_counts_nothing(void **state)
{
    (void)state;
    kg_circuit *circuit = create(3);
    kg_circuit *copy = NULL;
    assert_int_equal(kg_circuit_n_qubits(circuit), 3);
    assert_int_equal(kg_circuit_n_params(circuit), 0);
    assert_int_equal(kg_circuit_n_inputs(circuit), 0);
    assert_int_equal(kg_circuit_n_ops(circuit), 0);
    assert_int_equal(kg_circuit_depth(circuit), 0);
    assert_int_equal(kg_circuit_n_entangling(circuit), 0);
    assert_ok(kg_circuit_copy(&copy, circuit, err));
    assert_int_equal(kg_circuit_n_qubits(copy), 3);
    kg_circuit_destroy(copy);
    kg_circuit_destroy(circuit);
}

/* One of everything, with indices that leave gaps. */
static kg_circuit *rich_circuit(void)
{
    kg_circuit *circuit = create(5);
    const kg_slot param = {KG_SLOT_PARAM, 6, 2.0, 0.25};
    const kg_slot input = KG_SLOT_OF_INPUT(9);
    const kg_slot angle = KG_SLOT_OF_ANGLE(0.5);
    const kg_slot three[3] = {param, input, angle};
    const double not_gate[8] = {0, 0, 1, 0, 1, 0, 0, 0};
    assert_ok(kg_circuit_add_amplitudes(circuit, 2, (const int[]){4, 1}, 3, err));
    assert_ok(kg_circuit_begin_layer(circuit, "first", err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_U, (const int[]){2}, three, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_CRZ, (const int[]){2, 0}, &param, err));
    assert_ok(kg_circuit_begin_layer(circuit, "second", err));
    assert_ok(kg_circuit_add_controlled(circuit, KG_GATE_RX, (const int[]){3}, &input, 2,
                                        (const int[]){0, 4}, (const int[]){1, 0}, err));
    assert_ok(kg_circuit_add_unitary(circuit, 1, (const int[]){1}, not_gate, 1, (const int[]){3},
                                     NULL, err));
    assert_ok(kg_circuit_add_measure(circuit, 1, 7, err));
    assert_ok(kg_circuit_set_condition(circuit, 7, 1, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, (const int[]){2}, NULL, err));
    assert_ok(kg_circuit_add_reset(circuit, 4, err));
    return circuit;
}

static void counts_follow_indices_and_controls(void **state)
{
    (void)state;
    kg_circuit *circuit = rich_circuit();
    assert_int_equal(kg_circuit_n_ops(circuit), 8);
    assert_int_equal(kg_circuit_n_params(circuit), 7);
    assert_int_equal(kg_circuit_n_inputs(circuit), 10);
    /* crz, controlled rx, controlled unitary; neither amplitudes nor measurements */
    assert_int_equal(kg_circuit_n_entangling(circuit), 3);
    /* u 1, crz 2, rx 3 (waits for qubit 0), unitary 4, measure 5, and h waits for the bit: 6 */
    assert_int_equal(kg_circuit_depth(circuit), 6);
    assert_true(circuit->touched == 0x1f);
    kg_circuit_destroy(circuit);
}

static void operations_carry_layer_and_condition(void **state)
{
    (void)state;
    kg_circuit *circuit = rich_circuit();
    const int layers[8] = {-1, 0, 0, 1, 1, 1, 1, 1};
    for (int i = 0; i < 8; i++) {
        assert_int_equal(circuit->ops[i].layer, layers[i]);
        assert_int_equal(circuit->ops[i].condition_bit, i < 6 ? -1 : 7);
    }
    assert_int_equal(circuit->ops[6].condition_value, 1);
    assert_true(circuit->ops[3].controls == 0x11);
    assert_true(circuit->ops[3].control_values == 0x01);
    assert_true(circuit->ops[4].control_values == 0x08); /* NULL: all on 1 */
    assert_ok(kg_circuit_set_condition(circuit, -1, 0, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, (const int[]){0}, NULL, err));
    assert_int_equal(circuit->ops[8].condition_bit, -1);
    kg_circuit_destroy(circuit);
}

static void a_copy_is_equal_and_independent(void **state)
{
    (void)state;
    kg_circuit *circuit = rich_circuit();
    kg_circuit *copy = NULL;
    char *drawn = NULL;
    char *drawn_copy = NULL;
    assert_ok(kg_circuit_copy(&copy, circuit, err));
    assert_ok(kg_circuit_draw(&drawn, circuit, KG_DRAW_ASCII, 0, err));
    assert_int_equal(copy->condition_bit, 7);
    assert_int_equal(kg_circuit_n_params(copy), 7);
    assert_int_equal(kg_circuit_n_inputs(copy), 10);
    assert_int_equal(kg_circuit_depth(copy), 6);
    assert_int_equal(copy->n_pool_numbers, circuit->n_pool_numbers);
    assert_memory_equal(copy->numbers, circuit->numbers,
                        (size_t)circuit->n_pool_numbers * sizeof *copy->numbers);
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, (const int[]){0}, NULL, err));
    kg_circuit_destroy(circuit);
    assert_ok(kg_circuit_draw(&drawn_copy, copy, KG_DRAW_ASCII, 0, err));
    assert_string_equal(drawn_copy, drawn);
    kg_free(drawn);
    kg_free(drawn_copy);
    kg_circuit_destroy(copy);
}

static void layer_names_are_checked(void **state)
{
    (void)state;
    kg_circuit *circuit = create(1);
    char name[66] = "";
    memset(name, 'n', 65);
    assert_fails(kg_circuit_begin_layer(circuit, NULL, err), KG_ERR_ARGUMENT,
                 "layer name has 0 characters, not 1 to 64");
    assert_fails(kg_circuit_begin_layer(circuit, "", err), KG_ERR_ARGUMENT,
                 "layer name has 0 characters, not 1 to 64");
    assert_fails(kg_circuit_begin_layer(circuit, name, err), KG_ERR_ARGUMENT,
                 "layer name has 65 characters, not 1 to 64");
    assert_fails(kg_circuit_begin_layer(circuit, "pool\n1", err), KG_ERR_ARGUMENT,
                 "layer name has byte 0x0a at 4, not printable ASCII");
    assert_fails(kg_circuit_begin_layer(circuit, "\xce\xb8", err), KG_ERR_ARGUMENT,
                 "layer name has byte 0xce at 0, not printable ASCII");
    assert_int_equal(circuit->n_layers, 0);
    name[64] = '\0';
    assert_ok(kg_circuit_begin_layer(circuit, name, err));
    assert_string_equal(circuit->layers[0], name);
    kg_circuit_destroy(circuit);
}

static void conditions_are_checked(void **state)
{
    (void)state;
    kg_circuit *circuit = create(2);
    assert_fails(kg_circuit_set_condition(circuit, 64, 1, err), KG_ERR_ARGUMENT,
                 "condition: bit is 64, not in [-1, 63]");
    assert_fails(kg_circuit_set_condition(circuit, -2, 1, err), KG_ERR_ARGUMENT,
                 "condition: bit is -2, not in [-1, 63]");
    assert_fails(kg_circuit_set_condition(circuit, 3, 2, err), KG_ERR_ARGUMENT,
                 "condition: value is 2, not 0 or 1");
    assert_ok(kg_circuit_set_condition(circuit, 63, 0, err));
    assert_fails(kg_circuit_add_measure(circuit, 0, 1, err), KG_ERR_UNSUPPORTED,
                 "measure cannot depend on classical bit 63");
    assert_fails(kg_circuit_add_amplitudes(circuit, 1, (const int[]){0}, 0, err),
                 KG_ERR_UNSUPPORTED, "amplitudes cannot depend on classical bit 63");
    assert_int_equal(kg_circuit_n_ops(circuit), 0);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_is_checked),
        cmocka_unit_test(an_empty_circuit_counts_nothing),
        cmocka_unit_test(counts_follow_indices_and_controls),
        cmocka_unit_test(operations_carry_layer_and_condition),
        cmocka_unit_test(a_copy_is_equal_and_independent),
        cmocka_unit_test(layer_names_are_checked),
        cmocka_unit_test(conditions_are_checked),
    };
    return cmocka_run_group_tests_name("circuit/circuit", tests, NULL, NULL);
}
