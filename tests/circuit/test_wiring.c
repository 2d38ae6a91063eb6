/* SPDX-License-Identifier: Apache-2.0 */
/* Wirings: order of pairs, places of parameters, totals, and expectation values of the published
 * circuits, which the oracle computes gate by gate. */
#include "support.h"

static kg_circuit *wired(const char *wiring, const char *encoding, const char *ansatz,
                         const char *pooling, int n_qubits, int n_left, int *readouts)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n_qubits, err));
    if (encoding) {
        assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find(encoding), err));
    }
    assert_ok(kg_circuit_add_qcnn_to(circuit, kg_wiring_find(wiring), kg_ansatz_find(ansatz),
                                     pooling ? kg_pooling_find(pooling) : NULL, n_left, readouts,
                                     err));
    return circuit;
}

static kg_circuit *qcnn(const char *encoding, const char *ansatz, const char *pooling, int n_qubits,
                        int *readout)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n_qubits, err));
    if (encoding) {
        assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find(encoding), err));
    }
    assert_ok(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find(ansatz),
                                  kg_pooling_find(pooling), readout, err));
    return circuit;
}

static void the_table_has_four_rows(void **state)
{
    (void)state;
    const char *const names[] = {"ring", "open", "chain", "tree"};
    for (int i = 0; i < 4; i++) {
        const kg_wiring *wiring = kg_wiring_get(i);
        assert_ptr_equal(kg_wiring_find(names[i]), wiring);
        assert_string_equal(kg_wiring_name(wiring), names[i]);
        assert_true(strlen(kg_wiring_help(wiring)) > 0);
        assert_int_equal(kg_wiring_pools(wiring), i < 2);
    }
    assert_null(kg_wiring_get(4));
    assert_null(kg_wiring_get(-1));
    assert_null(kg_wiring_find("star"));
}

static void parameter_totals(void **state)
{
    (void)state;
    const struct {
        const char *ansatz, *pooling;
        int n_params;
    } totals[] = {{"ttn", "zx", 12},          {"u9", "zx", 12},   {"u15", "zx", 18},
                  {"u13", "zx", 24},          {"u14", "zx", 24},  {"so4", "zx", 24},
                  {"u5", "zx", 36},           {"u6", "zx", 36},   {"su4", "zx", 51},
                  {"su4", "generalised", 54}, {"su4", "none", 45}};
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        int readout = -1;
        kg_circuit *circuit = qcnn(NULL, totals[i].ansatz, totals[i].pooling, 8, &readout);
        assert_int_equal(kg_circuit_n_params(circuit), totals[i].n_params);
        assert_int_equal(readout, 4);
        kg_circuit_destroy(circuit);
    }
}

/* The pairs as text, one letter per kind: C(a,b) for each CX, the only two-qubit gate of ttn, and
 * P(discarded>kept) for each CRZ, the first gate of zx, with first parameter of the block. */
static void pairs_of(const kg_circuit *circuit, char *text, size_t size)
{
    size_t used = 0;
    int conv_param = 0;
    text[0] = '\0';
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const int *q = kgi_op_qubits(circuit, op);
        if (i > 0 && op->layer != circuit->ops[i - 1].layer) {
            used += (size_t)snprintf(text + used, size - used, "| ");
        }
        if (op->gate == KG_GATE_RY && i + 1 < circuit->n_ops &&
            circuit->ops[i + 1].gate == KG_GATE_RY) {
            conv_param = kgi_op_slots(circuit, op)->index;
        }
        if (op->gate == KG_GATE_CX) {
            used += (size_t)snprintf(text + used, size - used, "%d,%d:%d ", q[0], q[1], conv_param);
        } else if (op->gate == KG_GATE_CRZ) {
            used += (size_t)snprintf(text + used, size - used, "%d>%d:%d ", q[0], q[1],
                                     kgi_op_slots(circuit, op)->index);
        }
    }
}

static void pairs_come_in_the_published_order(void **state)
{
    (void)state;
    static const struct {
        int n_qubits;
        int readout;
        const char *pairs;
    } cases[] = {
        {8, 4,
         "0,7:0 0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 1>0:6 3>2:6 5>4:6 7>6:6 "
         "| 0,6:2 0,2:2 4,6:2 2,4:2 | 2>0:8 6>4:8 | 0,4:4 | 0>4:10 "},
        {2, 1, "0,1:0 | 0>1:2 "},
        {4, 2, "0,3:0 0,1:0 2,3:0 1,2:0 | 1>0:4 3>2:4 | 0,2:2 | 0>2:6 "},
        {6, 4,
         "0,5:0 0,1:0 2,3:0 4,5:0 1,2:0 3,4:0 | 1>0:6 3>2:6 5>4:6 "
         "| 0,4:2 0,2:2 2,4:2 | 2>0:8 | 0,4:4 | 0>4:10 "},
        {12, 8,
         "0,11:0 0,1:0 2,3:0 4,5:0 6,7:0 8,9:0 10,11:0 1,2:0 3,4:0 5,6:0 7,8:0 9,10:0 "
         "| 1>0:8 3>2:8 5>4:8 7>6:8 9>8:8 11>10:8 "
         "| 0,10:2 0,2:2 4,6:2 8,10:2 2,4:2 6,8:2 | 2>0:10 6>4:10 10>8:10 "
         "| 0,8:4 0,4:4 4,8:4 | 4>0:12 | 0,8:6 | 0>8:14 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[600];
        int readout = -1;
        kg_circuit *circuit = qcnn(NULL, "ttn", "zx", cases[i].n_qubits, &readout);
        pairs_of(circuit, text, sizeof text);
        assert_string_equal(text, cases[i].pairs);
        assert_int_equal(readout, cases[i].readout);
        kg_circuit_destroy(circuit);
    }
}

/* The same for the other wirings, and for rings that stop early. In ttn a block has two parameters. */
static void other_wirings_have_their_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *wiring;
        const char *pooling;
        int n_qubits, n_left;
        int readouts[4];
        const char *pairs;
    } cases[] = {
        {"open",
         "zx",
         8,
         1,
         {4},
         "0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 1>0:6 3>2:6 5>4:6 7>6:6 "
         "| 0,2:2 4,6:2 2,4:2 | 2>0:8 6>4:8 | 0,4:4 | 0>4:10 "},
        {"open", "zx", 2, 1, {1}, "0,1:0 | 0>1:2 "},
        {"open",
         "zx",
         6,
         1,
         {4},
         "0,1:0 2,3:0 4,5:0 1,2:0 3,4:0 | 1>0:6 3>2:6 5>4:6 "
         "| 0,2:2 2,4:2 | 2>0:8 | 0,4:4 | 0>4:10 "},
        {"chain",
         NULL,
         8,
         1,
         {4},
         "0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 2,3:2 4,5:2 | 3,4:4 "},
        {"chain", NULL, 2, 1, {1}, "0,1:0 "},
        {"chain", "none", 4, 1, {2}, "0,1:0 2,3:0 | 1,2:2 "},
        {"chain",
         NULL,
         16,
         1,
         {8},
         "0,1:0 2,3:0 4,5:0 6,7:0 8,9:0 10,11:0 12,13:0 14,15:0 "
         "1,2:0 3,4:0 5,6:0 7,8:0 9,10:0 11,12:0 13,14:0 2,3:0 4,5:0 6,7:0 8,9:0 10,11:0 12,13:0 "
         "3,4:0 5,6:0 7,8:0 9,10:0 11,12:0 | 4,5:2 6,7:2 8,9:2 10,11:2 5,6:2 7,8:2 9,10:2 "
         "| 6,7:4 8,9:4 | 7,8:6 "},
        {"tree", NULL, 8, 1, {7}, "0,1:0 2,3:2 4,5:4 6,7:6 | 1,3:8 5,7:10 | 3,7:12 "},
        {"tree", "none", 2, 1, {1}, "0,1:0 "},
        {"ring",
         "zx",
         8,
         2,
         {0, 4},
         "0,7:0 0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 1>0:6 3>2:6 5>4:6 7>6:6 "
         "| 0,6:2 0,2:2 4,6:2 2,4:2 | 2>0:8 6>4:8 | 0,4:4 "},
        {"ring",
         "zx",
         8,
         3,
         {0, 4, 6},
         "0,7:0 0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 1>0:6 3>2:6 5>4:6 7>6:6 "
         "| 0,6:2 0,2:2 4,6:2 2,4:2 | 2>0:8 | 0,6:4 0,4:4 4,6:4 "},
        {"open",
         "zx",
         8,
         4,
         {0, 2, 4, 6},
         "0,1:0 2,3:0 4,5:0 6,7:0 1,2:0 3,4:0 5,6:0 | 1>0:4 3>2:4 5>4:4 7>6:4 "
         "| 0,2:2 4,6:2 2,4:2 "},
        {"ring",
         "zx",
         6,
         4,
         {0, 2, 4, 5},
         "0,5:0 0,1:0 2,3:0 4,5:0 1,2:0 3,4:0 | 1>0:4 3>2:4 | 0,5:2 0,2:2 4,5:2 2,4:2 "},
        {"ring", "zx", 2, 2, {0, 1}, "0,1:0 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[900];
        int readouts[4] = {-1, -1, -1, -1};
        kg_circuit *circuit = wired(cases[i].wiring, NULL, "ttn", cases[i].pooling,
                                    cases[i].n_qubits, cases[i].n_left, readouts);
        pairs_of(circuit, text, sizeof text);
        assert_string_equal(text, cases[i].pairs);
        for (int k = 0; k < cases[i].n_left; k++) {
            assert_int_equal(readouts[k], cases[i].readouts[k]);
        }
        kg_circuit_destroy(circuit);
    }
}

/* Blocks are numbered, so they can be counted: n qubits, then convolutions and poolings. */
static void larger_rings_have_their_blocks(void **state)
{
    (void)state;
    const int sizes[][4] = {{4, 5, 3, 2},   {6, 10, 5, 3},   {8, 13, 7, 3},
                            {10, 19, 9, 4}, {12, 22, 11, 4}, {16, 29, 15, 4}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int readout = -1;
        int n_convs = 0;
        int n_pools = 0;
        kg_circuit *circuit = qcnn("angle", "su4", "zx", sizes[i][0], &readout);
        for (int k = 1; k < circuit->n_ops; k++) {
            const kgi_op *op = &circuit->ops[k];
            if (op->block != circuit->ops[k - 1].block) {
                n_convs += op->gate == KG_GATE_U;
                n_pools += op->gate == KG_GATE_CRZ;
            }
        }
        assert_int_equal(n_convs, sizes[i][1]);
        assert_int_equal(n_pools, sizes[i][2]);
        assert_int_equal(kg_circuit_n_params(circuit), sizes[i][3] * 17);
        kg_circuit_destroy(circuit);
    }
}

static void stages_are_layers(void **state)
{
    (void)state;
    int readout = -1;
    kg_circuit *pooled = qcnn("angle", "u9", "zx", 8, &readout);
    kg_circuit *plain = qcnn("angle", "u9", "none", 8, &readout);
    const char *const names[] = {"encode", "conv 1", "pool 1", "conv 2",
                                 "pool 2", "conv 3", "pool 3"};
    assert_int_equal(pooled->n_layers, 7);
    for (int i = 0; i < 7; i++) {
        assert_string_equal(pooled->layers[i], names[i]);
    }
    assert_int_equal(plain->n_layers, 4); /* layers without gates do not begin */
    assert_string_equal(plain->layers[2], "conv 2");
    kg_circuit_destroy(pooled);
    kg_circuit_destroy(plain);
}

/* <Z_4> with theta_i = 0.1 (i + 1); amplitudes x_i = i + 1, angles x_i = 0.1 (i + 1). The figures
 * come from two independent programs that agree to twelve digits; half a unit of the last. */
static const struct {
    const char *ansatz, *pooling;
    double amplitude, angle, dense;
} published[] = {
    {"ttn", "zx", 0.203874330027, 0.148328164770, 0.098565368299},
    {"u9", "zx", 0.026250331834, -0.039931523699, -0.055706715539},
    {"u15", "zx", -0.000306089111, 0.038674163018, 0.040069474698},
    {"u13", "zx", 0.072064098117, 0.038379805581, -0.161142359487},
    {"u14", "zx", 0.070787379357, -0.233365152582, -0.308681209898},
    {"so4", "zx", -0.208369657684, -0.376187574678, -0.183205374592},
    {"u5", "zx", 0.130475722445, -0.005884332624, -0.022926081997},
    {"u6", "zx", 0.030722502740, -0.122975051404, -0.113780713181},
    {"su4", "zx", -0.175345993067, -0.043379470191, -0.085035569735},
    {"su4", "none", 0.055314203540, 0.192609306753, 0.162275529199},
    {"ttn", "none", 0.367985392144, -0.012387531478, 0.179597963801},
};

static void expectation_values_of_the_published_circuits(void **state)
{
    (void)state;
    const char *const encodings[] = {"amplitude", "angle", "dense"};
    double params[60];
    double inputs[256];
    static double complex psi[256];
    for (int i = 0; i < 60; i++) {
        params[i] = 0.1 * (i + 1);
    }
    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++) {
        const double expected[3] = {published[i].amplitude, published[i].angle, published[i].dense};
        for (int e = 0; e < 3; e++) {
            int readout = -1;
            kg_circuit *circuit =
                qcnn(encodings[e], published[i].ansatz, published[i].pooling, 8, &readout);
            for (int j = 0; j < 256; j++) {
                inputs[j] = e == 0 ? j + 1 : 0.1 * (j + 1);
            }
            simulate(circuit, params, inputs, psi);
            assert_near(ref_pauli(psi, 8, "IIIIZIII"), expected[e], 5e-13 + 1e-14);
            kg_circuit_destroy(circuit);
        }
    }
}

/* The chain with u9, which is published too. */
static void expectation_values_of_the_chain(void **state)
{
    (void)state;
    const char *const encodings[] = {"amplitude", "angle", "dense"};
    const double expected[3] = {-0.060323823229, 0.375764881174, 0.057914332566};
    double params[6];
    double inputs[256];
    static double complex psi[256];
    for (int i = 0; i < 6; i++) {
        params[i] = 0.1 * (i + 1);
    }
    for (int e = 0; e < 3; e++) {
        int readout = -1;
        kg_circuit *circuit = wired("chain", encodings[e], "u9", NULL, 8, 1, &readout);
        for (int j = 0; j < 256; j++) {
            inputs[j] = e == 0 ? j + 1 : 0.1 * (j + 1);
        }
        assert_int_equal(kg_circuit_n_params(circuit), 6);
        assert_int_equal(readout, 4);
        simulate(circuit, params, inputs, psi);
        assert_near(ref_pauli(psi, 8, "IIIIZIII"), expected[e], 5e-13 + 1e-14);
        kg_circuit_destroy(circuit);
    }
}

static void refusals_leave_the_circuit_alone(void **state)
{
    (void)state;
    const kg_wiring *ring = kg_wiring_find("ring");
    const kg_wiring *chain = kg_wiring_find("chain");
    const kg_block *ttn = kg_ansatz_find("ttn");
    const kg_block *zx = kg_pooling_find("zx");
    const kg_block broken = {"mine", "", 1, "ry a 1", ""};
    const int widths[] = {1, 5, 18};
    const char *const messages[] = {
        "wiring \"ring\" is defined for multiples of 2 in [2, 16], not for 1 qubits",
        "wiring \"ring\" is defined for multiples of 2 in [2, 16], not for 5 qubits",
        "wiring \"ring\" is defined for multiples of 2 in [2, 16], not for 18 qubits"};
    kg_circuit *circuit = NULL;
    int readout = -7;
    for (int i = 0; i < 3; i++) {
        assert_ok(kg_circuit_create(&circuit, widths[i], err));
        assert_fails(kg_circuit_add_qcnn(circuit, ring, ttn, zx, &readout, err), KG_ERR_UNSUPPORTED,
                     messages[i]);
        kg_circuit_destroy(circuit);
    }
    assert_ok(kg_circuit_create(&circuit, 4, err));
    assert_fails(kg_circuit_add_qcnn(circuit, ring, ttn, &broken, &readout, err), KG_ERR_FORMAT,
                 "block \"mine\": gate 1 of the block: parameter 1, but the block has 1");
    assert_fails(kg_circuit_add_qcnn_to(circuit, ring, ttn, zx, 0, &readout, err), KG_ERR_ARGUMENT,
                 "n_left is 0, not in [1, 4]");
    assert_fails(kg_circuit_add_qcnn_to(circuit, ring, ttn, zx, 5, &readout, err), KG_ERR_ARGUMENT,
                 "n_left is 5, not in [1, 4]");
    assert_fails(kg_circuit_add_qcnn(circuit, ring, ttn, NULL, &readout, err), KG_ERR_ARGUMENT,
                 "wiring \"ring\" pools, but pooling is NULL");
    assert_fails(kg_circuit_add_qcnn(circuit, chain, ttn, zx, &readout, err), KG_ERR_UNSUPPORTED,
                 "wiring \"chain\" does not pool: pooling is \"zx\", not \"none\"");
    assert_fails(kg_circuit_add_qcnn_to(circuit, chain, ttn, NULL, 2, &readout, err),
                 KG_ERR_UNSUPPORTED, "wiring \"chain\" leaves 1 qubit to read out, not 2");
    assert_int_equal(kg_circuit_n_ops(circuit), 0);
    assert_int_equal(kg_circuit_n_params(circuit), 0);
    assert_int_equal(circuit->n_layers, 0);
    assert_int_equal(readout, -7);
    kg_circuit_destroy(circuit);
    for (int n = 1; n <= 18;
         n += n == 1 ? 5 : 6) { /* 1, 6, 12, 18: no power of two that is large enough */
        char message[120];
        snprintf(message, sizeof message,
                 "wiring \"tree\" is defined for powers of 2 in [2, 16], not for %d qubits", n);
        assert_ok(kg_circuit_create(&circuit, n, err));
        assert_fails(kg_circuit_add_qcnn(circuit, kg_wiring_find("tree"), ttn, NULL, &readout, err),
                     KG_ERR_UNSUPPORTED, message);
        kg_circuit_destroy(circuit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_four_rows),
        cmocka_unit_test(parameter_totals),
        cmocka_unit_test(pairs_come_in_the_published_order),
        cmocka_unit_test(other_wirings_have_their_pairs),
        cmocka_unit_test(larger_rings_have_their_blocks),
        cmocka_unit_test(stages_are_layers),
        cmocka_unit_test(expectation_values_of_the_published_circuits),
        cmocka_unit_test(expectation_values_of_the_chain),
        cmocka_unit_test(refusals_leave_the_circuit_alone),
    };
    return cmocka_run_group_tests_name("circuit/wiring", tests, NULL, NULL);
}
