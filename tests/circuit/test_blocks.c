/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks: the tables against the paper's circuits, and the reader of their text. */
#include "support.h"

/* From the authors' program (arXiv:2108.00661), with controls first and in order of application. */
static const struct {
    const char *name;
    int n_params;
    int n_two_qubit;   /* gates on both qubits */
    const char *gates; /* names only */
} expected[] = {
    {"ttn", 2, 1, "ry ry cx "},
    {"u9", 2, 1, "h h cz rx rx "},
    {"u15", 4, 2, "ry ry cx ry ry cx "},
    {"u13", 6, 2, "ry ry crz ry ry crz "},
    {"u14", 6, 2, "ry ry crx ry ry crx "},
    {"so4", 6, 2, "ry ry cx ry ry cx ry ry "},
    {"u5", 10, 2, "rx rx rz rz crz crz rx rx rz rz "},
    {"u6", 10, 2, "rx rx rz rz crx crx rx rx rz rz "},
    {"su4", 15, 3, "u u cx ry rz cx ry cx u u "},
};

static void ansaetze_are_those_of_the_paper(void **state)
{
    (void)state;
    const int n = (int)(sizeof expected / sizeof expected[0]);
    for (int i = 0; i < n; i++) {
        const kg_block *block = kg_ansatz_get(i);
        kgi_block_gate gates[32];
        char names[200] = "";
        size_t used = 0;
        int n_two_qubit = 0;
        int next = 0;
        assert_non_null(block);
        assert_string_equal(block->name, expected[i].name);
        assert_ptr_equal(kg_ansatz_find(expected[i].name), block);
        assert_int_equal(block->n_params, expected[i].n_params);
        assert_true(strlen(block->help) > 0 && strlen(block->paper) > 0);
        const int n_gates = kgi_block_parse(block->gates, gates, 32, NULL);
        assert_true(n_gates > 0);
        for (int j = 0; j < n_gates; j++) {
            used += (size_t)snprintf(names + used, sizeof names - used, "%s ",
                                     kg_gate_name((int)gates[j].gate));
            n_two_qubit += kg_gate_n_qubits((int)gates[j].gate) == 2;
            for (int k = 0; k < kg_gate_n_params((int)gates[j].gate); k++) {
                assert_int_equal(gates[j].params[k], next++); /* each once, in order */
            }
        }
        assert_string_equal(names, expected[i].gates);
        assert_int_equal(n_two_qubit, expected[i].n_two_qubit);
        assert_int_equal(next, block->n_params);
    }
    assert_null(kg_ansatz_get(-1));
    assert_null(kg_ansatz_find("zx"));
}

/* Whatever a row is: its text is read, its parameters are all used and no others, both qubits meet, and
 * its name is its own. */
static void every_ansatz_is_sound(void **state)
{
    (void)state;
    for (int i = 0; kg_ansatz_get(i); i++) {
        const kg_block *block = kg_ansatz_get(i);
        kgi_block_gate gates[64];
        kg_error err = {KG_OK, ""};
        int used[64] = {0};
        int n_two_qubit = 0;
        const int n = kgi_block_parse(block->gates, gates, 64, &err);
        if (n < 1 || block->n_params > 64) {
            fail_msg("%s: %s", block->name, err.message);
        }
        for (int j = 0; j < n; j++) {
            assert_false(gates[j].is_measure);
            n_two_qubit += kg_gate_n_qubits((int)gates[j].gate) == 2;
            for (int k = 0; k < kg_gate_n_params((int)gates[j].gate); k++) {
                assert_in_range(gates[j].params[k], 0, block->n_params - 1);
                used[gates[j].params[k]] = 1;
            }
        }
        for (int k = 0; k < block->n_params; k++) {
            assert_true(used[k]);
        }
        assert_true(n_two_qubit > 0);
        assert_true(strlen(block->help) > 0 && strlen(block->paper) > 0);
        assert_ptr_equal(kg_ansatz_find(block->name), block);
    }
}

static void pooling_blocks_discard_a(void **state)
{
    (void)state;
    const char *const names[] = {"zx",      "generalised",      "none",
                                 "measure", "measure-entangle", "weak"};
    const int n_params[] = {2, 3, 0, 2, 3, 3};
    for (int i = 0; i < 6; i++) {
        const kg_block *block = kg_pooling_get(i);
        kgi_block_gate gates[8];
        int measured = 0;
        assert_ptr_equal(kg_pooling_find(names[i]), block);
        assert_string_equal(block->name, names[i]);
        assert_int_equal(block->n_params, n_params[i]);
        const int n = kgi_block_parse(block->gates, gates, 8, NULL);
        for (int j = 0; j < n; j++) {
            if (gates[j].is_measure) {
                assert_int_equal(gates[j].qubits[0], 0);
                measured = 1;
            } else if (measured) { /* only b is touched, once per outcome */
                assert_int_equal(gates[j].qubits[0], 1);
                assert_true(gates[j].condition >= 0);
            } else if (i < 3) { /* a is a control, or nothing but a is touched */
                assert_int_equal(gates[j].qubits[0], 0);
            }
        }
        assert_int_equal(measured, i >= 3);
    }
    assert_null(kg_pooling_get(6));
    assert_null(kg_pooling_get(-1));
    assert_null(kg_pooling_find("su4"));
}

/* ZX pooling is RZ(p0) of the kept qubit where the other is 1, RX(p1) where it is 0. */
static void zx_pooling_chooses_a_rotation(void **state)
{
    (void)state;
    const double params[2] = {0.4, 0.9};
    double pooled[32];
    double rz[8];
    double rx[8];
    block_matrix(kg_pooling_find("zx")->gates, params, pooled);
    assert_ok(kg_gate_matrix(KG_GATE_RZ, params, rz, err));
    assert_ok(kg_gate_matrix(KG_GATE_RX, params + 1, rx, err));
    for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 2; column++) { /* a is flipped, b is bit 1 */
            const double complex on = entry(pooled, 4, 2 * row, 2 * column + 1);
            const double complex off = entry(pooled, 4, 2 * row + 1, 2 * column);
            assert_near(cabs(on - entry(rz, 2, row, column)), 0, 1e-15);
            assert_near(cabs(off - entry(rx, 2, row, column)), 0, 1e-15);
        }
    }
}

static void text_becomes_gates(void **state)
{
    (void)state;
    kgi_block_gate gates[4];
    const int n = kgi_block_parse("  crot b a 7 0 123456789 ;h b;ry\ta  4  ", gates, 4, NULL);
    assert_int_equal(n, 3);
    assert_int_equal(gates[0].gate, KG_GATE_CROT);
    assert_int_equal(gates[0].qubits[0], 1);
    assert_int_equal(gates[0].qubits[1], 0);
    assert_int_equal(gates[0].params[0], 7);
    assert_int_equal(gates[0].params[1], 0);
    assert_int_equal(gates[0].params[2], 123456789);
    assert_int_equal(gates[1].gate, KG_GATE_H);
    assert_int_equal(gates[1].qubits[0], 1);
    assert_int_equal(gates[2].gate, KG_GATE_RY);
    assert_int_equal(gates[2].params[0], 4);
    assert_int_equal(kgi_block_parse("", gates, 4, NULL), 0);
    assert_int_equal(kgi_block_parse("   ", gates, 4, NULL), 0);
}

static void text_may_measure(void **state)
{
    (void)state;
    kgi_block_gate gates[5];
    const int n = kgi_block_parse("ry b 1;measure a; if 1 rz b 0;h a; if 0 cx a b", gates, 5, NULL);
    const int measures[] = {0, 1, 0, 0, 0};
    const int conditions[] = {-1, -1, 1, -1, 0};
    assert_int_equal(n, 5);
    for (int i = 0; i < n; i++) {
        assert_int_equal(gates[i].is_measure, measures[i]);
        assert_int_equal(gates[i].condition, conditions[i]);
    }
    assert_int_equal(gates[1].qubits[0], 0);
    assert_int_equal(gates[2].gate, KG_GATE_RZ);
    assert_int_equal(gates[2].qubits[0], 1);
}

static void bad_text_is_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"ry a 0; rq b 1", "gate 2 of the block: \"rq\" is not a gate"},
        {"h a;", "gate 2 of the block: \"\" is not a gate"},
        {"; h a", "gate 1 of the block: \"\" is not a gate"},
        {"h a;;h b", "gate 2 of the block: \"\" is not a gate"},
        {"ccx a b", "gate 1 of the block: ccx acts on 3 qubits, not 1 or 2"},
        {"cx a", "gate 1 of the block: cx has 1 qubit, not 2"},
        {"h", "gate 1 of the block: h has 0 qubits, not 1"},
        {"h c", "gate 1 of the block: qubit \"c\" is not a or b"},
        {"h ab", "gate 1 of the block: qubit \"ab\" is not a or b"},
        {"cx b b", "gate 1 of the block: qubit b is named twice"},
        {"ry a", "gate 1 of the block: ry has 0 parameters, not 1"},
        {"u a 0 1", "gate 1 of the block: u has 2 parameters, not 3"},
        {"ry a -1", "gate 1 of the block: \"-1\" is not the number of a parameter"},
        {"ry a 0x1", "gate 1 of the block: \"0x1\" is not the number of a parameter"},
        {"ry a 1234567890", "gate 1 of the block: \"1234567890\" is not the number of a parameter"},
        {"ry a 0 1", "gate 1 of the block: \"1\" is one word too many"},
        {"h a; h b; h a; h b; h a", "the block has more than 4 gates"},
        {"measure", "gate 1 of the block: measure has 0 qubits, not 1"},
        {"measure a b", "gate 1 of the block: \"b\" is one word too many"},
        {"measure c", "gate 1 of the block: qubit \"c\" is not a or b"},
        {"if 1 h b", "gate 1 of the block: \"if\" without a \"measure\" before it"},
        {"measure a; if 2 h b", "gate 2 of the block: outcome \"2\" is not 0 or 1"},
        {"measure a; if", "gate 2 of the block: outcome \"\" is not 0 or 1"},
        {"measure a; if 1", "gate 2 of the block: \"\" is not a gate"},
        {"measure a; if 1 measure b", "gate 2 of the block: \"measure\" is not a gate, and only "
                                      "gates can have a condition"},
        {"averyveryverylongword a", "gate 1 of the block: \"averyveryverylo\" is not a gate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kgi_block_gate gates[4];
        kg_error err = {KG_OK, ""};
        assert_int_equal(kgi_block_parse(cases[i][0], gates, 4, &err), -1);
        assert_int_equal(err.status, KG_ERR_FORMAT);
        assert_string_equal(err.message, cases[i][1]);
    }
}

static void a_block_is_added_or_nothing(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    const kg_block *ttn = kg_ansatz_find("ttn");
    const kg_block broken = {"mine", "", 2, "ry a 0; cx a b; ry b q", ""};
    const kg_block short_one = {"mine", "", 2, "ry a 0; ry b 2", ""};
    const int pair[2] = {2, 0};
    assert_ok(kg_circuit_create(&circuit, 3, err));
    assert_fails(kg_circuit_add_block(circuit, ttn, (const int[2]){0, 3}, 0, err), KG_ERR_ARGUMENT,
                 "block \"ttn\": qubit 3 is not in [0, 2]");
    assert_fails(kg_circuit_add_block(circuit, ttn, (const int[2]){-1, 2}, 0, err), KG_ERR_ARGUMENT,
                 "block \"ttn\": qubit -1 is not in [0, 2]");
    assert_fails(kg_circuit_add_block(circuit, ttn, (const int[2]){1, 1}, 0, err), KG_ERR_ARGUMENT,
                 "block \"ttn\": qubit 1 is named twice");
    assert_fails(kg_circuit_add_block(circuit, ttn, pair, -1, err), KG_ERR_ARGUMENT,
                 "block \"ttn\": first_param is -1 for 2 parameters, not in [0, 1073741822]");
    assert_fails(kg_circuit_add_block(circuit, &broken, pair, 0, err), KG_ERR_FORMAT,
                 "block \"mine\": gate 3 of the block: \"q\" is not the number of a parameter");
    assert_fails(kg_circuit_add_block(circuit, &short_one, pair, 0, err), KG_ERR_FORMAT,
                 "block \"mine\": gate 2 of the block: parameter 2, but the block has 2");
    assert_int_equal(kg_circuit_n_ops(circuit), 0);
    assert_int_equal(kg_circuit_n_params(circuit), 0);
    assert_true(circuit->touched == 0);
    assert_ok(kg_circuit_add_block(circuit, ttn, pair, 5, err));
    assert_int_equal(kg_circuit_n_ops(circuit), 3);
    assert_int_equal(kg_circuit_n_params(circuit), 7);
    assert_int_equal(kgi_op_qubits(circuit, &circuit->ops[2])[0], 2);
    assert_int_equal(kgi_op_qubits(circuit, &circuit->ops[2])[1], 0);
    kg_circuit_destroy(circuit);
}

/* A measurement goes into the bit with the number of its qubit, conditions are on that bit and end
 * with their gate; nothing is left of them after a failure. */
static void measured_blocks_use_the_bit_of_their_qubit(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    const kg_block broken = {"mine", "", 1, "measure b; if 1 ry a 1", ""};
    const int pair[2] = {2, 0};
    assert_ok(kg_circuit_create(&circuit, 3, err));
    assert_fails(kg_circuit_add_block(circuit, &broken, pair, 0, err), KG_ERR_FORMAT,
                 "block \"mine\": gate 2 of the block: parameter 1, but the block has 1");
    assert_int_equal(circuit->condition_bit, -1);
    assert_ok(kg_circuit_add_block(circuit, kg_pooling_find("measure"), pair, 4, err));
    assert_int_equal(kg_circuit_n_ops(circuit), 3);
    assert_int_equal(circuit->ops[0].kind, KGI_OP_MEASURE);
    assert_int_equal(circuit->ops[0].bit, 2);
    assert_int_equal(circuit->ops[1].condition_bit, 2);
    assert_int_equal(circuit->ops[1].condition_value, 1);
    assert_int_equal(circuit->ops[2].condition_bit, 2);
    assert_int_equal(circuit->ops[2].condition_value, 0);
    assert_int_equal(kgi_op_slots(circuit, &circuit->ops[2])->index, 5);
    assert_int_equal(circuit->condition_bit, -1);
    assert_ok(kg_circuit_set_condition(circuit, 7, 1, err));
    assert_fails(kg_circuit_add_block(circuit, kg_pooling_find("weak"), pair, 0, err),
                 KG_ERR_UNSUPPORTED, "block \"weak\": measure cannot depend on classical bit 7");
    assert_int_equal(circuit->condition_bit, 7);
    assert_int_equal(kg_circuit_n_ops(circuit), 3);
    kg_circuit_destroy(circuit);
}

/* Gates of one block share a number, so that fusion may keep them together. */
static void blocks_are_numbered(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_circuit *copy = NULL;
    const kg_block *ttn = kg_ansatz_find("ttn");
    const int numbers[13] = {0, 1, 1, 1, 2, 2, 2, 0, 3, 3, 3, 4, 4};
    const int q = 0;
    assert_ok(kg_circuit_create(&circuit, 2, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, &q, NULL, err));
    assert_ok(kg_circuit_add_block(circuit, ttn, (const int[2]){0, 1}, 0, err));
    assert_ok(kg_circuit_add_block(circuit, ttn, (const int[2]){1, 0}, 0, err));
    assert_ok(kg_circuit_copy(&copy, circuit, err));
    assert_ok(kg_circuit_append(circuit, copy, (const int[2]){1, 0}, 0, 0, err));
    for (int i = 0; i < 13; i++) {
        assert_int_equal(circuit->ops[i].block, numbers[i]);
    }
    kg_circuit_destroy(copy);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ansaetze_are_those_of_the_paper),
        cmocka_unit_test(every_ansatz_is_sound),
        cmocka_unit_test(pooling_blocks_discard_a),
        cmocka_unit_test(zx_pooling_chooses_a_rotation),
        cmocka_unit_test(text_becomes_gates),
        cmocka_unit_test(text_may_measure),
        cmocka_unit_test(bad_text_is_named),
        cmocka_unit_test(a_block_is_added_or_nothing),
        cmocka_unit_test(measured_blocks_use_the_bit_of_their_qubit),
        cmocka_unit_test(blocks_are_numbered),
    };
    return cmocka_run_group_tests_name("circuit/blocks", tests, NULL, NULL);
}
