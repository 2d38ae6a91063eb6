/* SPDX-License-Identifier: Apache-2.0 */
/* The expanded circuit: same state, one angle per gate, one parameter per occurrence. */
#include "support.h"

/* A parameter used three times (shared, scaled, under controls), an input used twice, constants. */
static kg_circuit *build(void)
{
    kg_circuit *circuit = NULL;
    const kg_slot param = KG_SLOT_OF_PARAM(1);
    const kg_slot scaled = {KG_SLOT_PARAM, 1, -2.0, 0.3};
    const kg_slot input = {KG_SLOT_INPUT, 4, 0.5, 0.0};
    const kg_slot constant = KG_SLOT_OF_ANGLE(0.9);
    const kg_slot three[3] = {scaled, constant, input};
    const double not_gate[8] = {0, 0, 1, 0, 1, 0, 0, 0};
    assert_ok(kg_circuit_create(&circuit, 4, err));
    assert_ok(kg_circuit_add_amplitudes(circuit, 2, (const int[]){3, 1}, 0, err));
    assert_ok(kg_circuit_begin_layer(circuit, "layer", err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_RX, (const int[]){0}, &param, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, (const int[]){2}, NULL, err));
    assert_ok(kg_circuit_add_controlled(circuit, KG_GATE_U, (const int[]){2}, three, 2,
                                        (const int[]){0, 3}, (const int[]){1, 0}, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_CROT, (const int[]){1, 0}, three, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_RY, (const int[]){3}, &constant, err));
    assert_ok(kg_circuit_add_unitary(circuit, 1, (const int[]){1}, not_gate, 1, (const int[]){2},
                                     NULL, err));
    return circuit;
}

static void the_state_is_the_same(void **state)
{
    (void)state;
    kg_circuit *circuit = build();
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = 0;
    const double params[2] = {5.0, 0.7};
    const double inputs[5] = {0.3, -0.2, 0.9, 0.5, 1.3};
    double values[8];
    double complex expected[16];
    double complex psi[16];
    assert_ok(kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err));
    assert_int_equal(n_slots, 5); /* rx, two of u, two of crot; constants are none */
    assert_int_equal(kg_circuit_n_params(expanded), 5);
    for (int i = 0; i < n_slots; i++) {
        values[i] = slot_value(&slots[i], params, inputs);
    }
    simulate(circuit, params, inputs, expected);
    simulate(expanded, values, inputs, psi);
    assert_near(ref_distance(expected, psi, 4), 0, 1e-14);
    kg_free(slots);
    kg_circuit_destroy(expanded);
    kg_circuit_destroy(circuit);
}

static void occurrences_come_in_order_of_application(void **state)
{
    (void)state;
    kg_circuit *circuit = build();
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = 0;
    assert_ok(kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err));
    /* u(theta, phi, lambda): p lambda, ry theta, p phi; crot(phi, theta, omega): phi, theta, omega */
    const int kinds[5] = {KG_SLOT_PARAM, KG_SLOT_INPUT, KG_SLOT_PARAM, KG_SLOT_PARAM,
                          KG_SLOT_INPUT};
    const int indices[5] = {1, 4, 1, 1, 4};
    const double scales[5] = {1, 0.5, -2, -2, 0.5};
    int next = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(slots[i].kind, kinds[i]);
        assert_int_equal(slots[i].index, indices[i]);
        assert_true(slots[i].scale == scales[i]);
    }
    for (int i = 0; i < kg_circuit_n_ops(expanded); i++) {
        const kgi_op *op = &expanded->ops[i];
        const int n_params = op->kind == KGI_OP_GATE ? kg_gate_n_params((int)op->gate) : 0;
        assert_in_range(n_params, 0, 1);
        if (n_params == 1 && kgi_op_slots(expanded, op)->kind == KG_SLOT_PARAM) {
            assert_int_equal(kgi_op_slots(expanded, op)->index, next++);
            assert_true(kgi_op_slots(expanded, op)->scale == 1.0);
            assert_true(kgi_op_slots(expanded, op)->offset == 0.0);
        }
    }
    assert_int_equal(next, 5);
    assert_int_equal(kg_circuit_n_ops(expanded), 11);   /* u and crot are three each */
    assert_int_equal(kg_circuit_n_inputs(expanded), 4); /* those of the amplitudes */
    assert_string_equal(expanded->layers[0], "layer");
    assert_int_equal(expanded->ops[3].layer, 0);
    assert_true(expanded->ops[3].controls == 9 && expanded->ops[3].control_values == 1);
    kg_free(slots);
    kg_circuit_destroy(expanded);
    kg_circuit_destroy(circuit);
}

static void conditions_measurements_and_empty_circuits_pass(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = -1;
    const kg_slot three[3] = {KG_SLOT_OF_ANGLE(1), KG_SLOT_OF_ANGLE(2), KG_SLOT_OF_ANGLE(3)};
    assert_ok(kg_circuit_create(&circuit, 2, err));
    assert_ok(kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err));
    assert_int_equal(n_slots, 0);
    assert_int_equal(kg_circuit_n_ops(expanded), 0);
    kg_free(slots);
    kg_circuit_destroy(expanded);
    assert_ok(kg_circuit_add_measure(circuit, 1, 9, err));
    assert_ok(kg_circuit_set_condition(circuit, 9, 1, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_U, (const int[]){0}, three, err));
    assert_ok(kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err));
    assert_int_equal(n_slots, 0);
    assert_int_equal(kg_circuit_n_ops(expanded), 4);
    assert_int_equal(expanded->ops[0].bit, 9);
    for (int i = 1; i < 4; i++) {
        assert_int_equal(expanded->ops[i].condition_bit, 9);
        assert_int_equal(expanded->ops[i].condition_value, 1);
    }
    kg_free(slots);
    kg_circuit_destroy(expanded);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_is_the_same),
        cmocka_unit_test(occurrences_come_in_order_of_application),
        cmocka_unit_test(conditions_measurements_and_empty_circuits_pass),
    };
    return cmocka_run_group_tests_name("circuit/expand", tests, NULL, NULL);
}
