/* SPDX-License-Identifier: Apache-2.0 */
/* The ring: order of pairs, places of parameters, totals, and expectation values of the published
 * circuits, which the oracle computes gate by gate. */
#include "support.h"

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

static void the_table_has_the_ring(void **state)
{
    (void)state;
    const kg_wiring *ring = kg_wiring_get(0);
    assert_ptr_equal(kg_wiring_find("ring"), ring);
    assert_string_equal(kg_wiring_name(ring), "ring");
    assert_true(strlen(kg_wiring_help(ring)) > 0);
    assert_null(kg_wiring_get(1));
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

static void refusals_leave_the_circuit_alone(void **state)
{
    (void)state;
    const kg_wiring *ring = kg_wiring_find("ring");
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
    assert_int_equal(kg_circuit_n_ops(circuit), 0);
    assert_int_equal(kg_circuit_n_params(circuit), 0);
    assert_int_equal(circuit->n_layers, 0);
    assert_int_equal(readout, -7);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_the_ring),
        cmocka_unit_test(parameter_totals),
        cmocka_unit_test(pairs_come_in_the_published_order),
        cmocka_unit_test(stages_are_layers),
        cmocka_unit_test(expectation_values_of_the_published_circuits),
        cmocka_unit_test(refusals_leave_the_circuit_alone),
    };
    return cmocka_run_group_tests_name("circuit/wiring", tests, NULL, NULL);
}
