/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings: counts, feature order, and the states they prepare. */
#include "support.h"

static kg_circuit *encoded(const char *name, int n_qubits)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n_qubits, err));
    assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find(name), err));
    assert_string_equal(circuit->layers[0], "encode");
    return circuit;
}

static void the_table_counts_features(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int takes_angles, block;
        int of_one, of_two, of_eight, of_12, of_31, of_64;
        int arrangements_of_eight;
    } rows[] = {
        {"amplitude", 0, 0, 2, 4, 256, 4096, 0, 0, 1}, {"angle", 1, 1, 1, 2, 8, 12, 31, 64, 1},
        {"dense", 1, 1, 2, 4, 16, 24, 62, 128, 1},     {"hde:2", 0, 2, 0, 4, 16, 24, 0, 128, 4},
        {"hde:4", 0, 4, 0, 0, 32, 48, 0, 256, 4},      {"hae:2", 1, 2, 0, 3, 12, 18, 0, 96, 4},
        {"hae:4", 1, 4, 0, 0, 30, 45, 0, 240, 4}};
    for (int i = 0; i < 7; i++) {
        const kg_encoding *encoding = kg_encoding_get(i);
        const int sizes[] = {0, 1, 2, 8, 12, 31, 64, 65};
        const int counts[] = {0,
                              rows[i].of_one,
                              rows[i].of_two,
                              rows[i].of_eight,
                              rows[i].of_12,
                              rows[i].of_31,
                              rows[i].of_64,
                              0};
        assert_ptr_equal(kg_encoding_find(rows[i].name), encoding);
        assert_string_equal(kg_encoding_name(encoding), rows[i].name);
        assert_true(strlen(kg_encoding_help(encoding)) > 0);
        assert_int_equal(kg_encoding_takes_angles(encoding), rows[i].takes_angles);
        assert_int_equal(kg_encoding_block_qubits(encoding), rows[i].block);
        for (int k = 0; k < 8; k++) {
            assert_int_equal(kg_encoding_n_inputs(encoding, sizes[k]), counts[k]);
            assert_int_equal(kg_encoding_n_arrangements(encoding, sizes[k]),
                             counts[k] == 0  ? 0
                             : sizes[k] == 8 ? rows[i].arrangements_of_eight
                                             : 1);
        }
        assert_int_equal(kg_encoding_n_inputs(encoding, -4), 0);
    }
    assert_null(kg_encoding_get(7));
    assert_null(kg_encoding_get(-1));
    assert_null(kg_encoding_find("none"));
}

/* Feature i has qubit 0 as its most significant bit: x_1 = x_001 stands where qubit 2 is 1. */
static void amplitudes_count_from_the_left(void **state)
{
    (void)state;
    kg_circuit *circuit = encoded("amplitude", 3);
    double inputs[8];
    double complex psi[8];
    const int reversed[8] = {0, 4, 2, 6, 1, 5, 3, 7};
    for (int i = 0; i < 8; i++) {
        inputs[i] = i + 1;
    }
    simulate(circuit, NULL, inputs, psi);
    for (int i = 0; i < 8; i++) {
        assert_near(creal(psi[reversed[i]]), (i + 1) / sqrt(204.0), 1e-15); /* 1 + 4 + ... + 64 */
    }
    assert_int_equal(kg_circuit_n_inputs(circuit), 8);
    kg_circuit_destroy(circuit);
}

/* RY(x_q) and RY(x_{n+q}) RX(x_q) on qubit q, compared with products of the formulas. */
static void angles_rotate_their_own_qubit(void **state)
{
    (void)state;
    const double x[6] = {0.3, -1.1, 2.0, 0.7, 0.2, -0.9};
    kg_circuit *angle = encoded("angle", 3);
    kg_circuit *dense = encoded("dense", 3);
    double complex psi[8];
    double complex both[8];
    simulate(angle, NULL, x, psi);
    simulate(dense, NULL, x, both);
    for (int i = 0; i < 8; i++) {
        double real = 1;
        double complex product = 1;
        for (int q = 0; q < 3; q++) {
            const int bit = i >> q & 1;
            const double c = cos(x[3 + q] / 2);
            const double s = sin(x[3 + q] / 2);
            const double complex zero = cos(x[q] / 2);
            const double complex one = -I * sin(x[q] / 2);
            real *= bit ? sin(x[q] / 2) : cos(x[q] / 2);
            product *= bit ? s * zero + c * one : c * zero - s * one;
        }
        assert_near(creal(psi[i]), real, 1e-15);
        assert_near(cimag(psi[i]), 0, 0);
        assert_near(cabs(both[i] - product), 0, 1e-15);
    }
    assert_int_equal(kg_circuit_n_inputs(angle), 3);
    assert_int_equal(kg_circuit_n_inputs(dense), 6);
    kg_circuit_destroy(angle);
    kg_circuit_destroy(dense);
}

/* Published amplitudes of the four-qubit angle block, x_i = 0.1 (i + 1); the first qubit is the most
 * significant bit of their number, for us it is the least. Half a unit of the last digit. */
static void the_angle_block_is_the_published_one(void **state)
{
    (void)state;
    static const double expected[16] = {-0.050554544292,
                                        -0.447922104196,
                                        0.8856468225,
                                        0,
                                        0.099708650872,
                                        0,
                                        0,
                                        0,
                                        0.033743518074,
                                        -0.034743627259,
                                        -0.009817832461,
                                        0,
                                        0.006844847147,
                                        -0.002893954957,
                                        -0.000730772134,
                                        0.000148134845};
    kg_circuit *circuit = encoded("hae:4", 4);
    double x[15];
    double complex psi[16];
    for (int i = 0; i < 15; i++) {
        x[i] = 0.1 * (i + 1);
    }
    simulate(circuit, NULL, x, psi);
    for (int i = 0; i < 16; i++) {
        const int ours = (i & 1) << 3 | (i & 2) << 1 | (i & 4) >> 1 | (i & 8) >> 3;
        assert_near(creal(psi[ours]), expected[i], 5e-13 + 1e-15);
        assert_near(cimag(psi[ours]), 0, 0);
    }
    kg_circuit_destroy(circuit);
}

/* The two-qubit block by its formula: cos and sin of x0 / 2, then of x1 / 2 where the first is 0 and of
 * x2 / 2 where it is 1. */
static void the_angle_pair_is_a_tree_of_angles(void **state)
{
    (void)state;
    const double x[3] = {0.7, -1.3, 2.1};
    kg_circuit *circuit = encoded("hae:2", 2);
    double complex psi[4];
    simulate(circuit, NULL, x, psi);
    assert_near(creal(psi[0]), cos(x[0] / 2) * cos(x[1] / 2), 1e-15);
    assert_near(creal(psi[2]), cos(x[0] / 2) * sin(x[1] / 2), 1e-15);
    assert_near(creal(psi[1]), sin(x[0] / 2) * cos(x[2] / 2), 1e-15);
    assert_near(creal(psi[3]), sin(x[0] / 2) * sin(x[2] / 2), 1e-15);
    kg_circuit_destroy(circuit);
}

/* In arrangement 3 the second block of hde:4 is qubits 2 3 4 5, qubit 2 first: its feature 16 + 1 stands
 * where qubit 5 is 1, and the first block's feature 1 where qubit 7 is. */
static void blocks_are_normalised_and_arranged(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    static double complex psi[256];
    double x[32];
    double squares[2] = {0};
    for (int i = 0; i < 32; i++) {
        x[i] = i - 13.5;
        squares[i / 16] += x[i] * x[i];
    }
    assert_ok(kg_circuit_create(&circuit, 8, err));
    assert_ok(kg_circuit_add_arranged(circuit, kg_encoding_find("hde:4"), 3, err));
    simulate(circuit, NULL, x, psi);
    const double norm = sqrt(squares[0] * squares[1]);
    assert_near(creal(psi[0]), x[0] * x[16] / norm, 1e-15);
    assert_near(creal(psi[1 << 5]), x[0] * x[17] / norm, 1e-15);
    assert_near(creal(psi[1 << 7]), x[1] * x[16] / norm, 1e-15);
    assert_near(creal(psi[1 << 2 | 1 << 0]), x[8] * x[24] / norm, 1e-15);
    kg_circuit_destroy(circuit);
}

static void arrangements_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    kg_circuit *eight = NULL;
    kg_circuit *twelve = NULL;
    const kg_encoding *hae = kg_encoding_find("hae:2");
    assert_ok(kg_circuit_create(&eight, 8, err));
    assert_ok(kg_circuit_create(&twelve, 12, err));
    assert_fails(kg_circuit_add_arranged(eight, hae, 0, err), KG_ERR_ARGUMENT,
                 "arrangement is 0, not in [1, 4]");
    assert_fails(kg_circuit_add_arranged(eight, hae, 5, err), KG_ERR_ARGUMENT,
                 "arrangement is 5, not in [1, 4]");
    assert_fails(kg_circuit_add_arranged(eight, kg_encoding_find("dense"), 2, err), KG_ERR_ARGUMENT,
                 "arrangement is 2, but encoding \"dense\" has no blocks to arrange");
    assert_fails(kg_circuit_add_arranged(twelve, hae, 4, err), KG_ERR_UNSUPPORTED,
                 "arrangement 4 of encoding \"hae:2\" is defined for 8 qubits, not for 12");
    assert_int_equal(eight->n_layers + twelve->n_layers, 0);
    assert_ok(kg_circuit_add_arranged(twelve, hae, 1, err));
    kg_circuit_destroy(eight);
    kg_circuit_destroy(twelve);
}

static void refusals_leave_the_circuit_alone(void **state)
{
    (void)state;
    kg_circuit *wide = NULL;
    kg_circuit *used = NULL;
    const int q = 1;
    assert_ok(kg_circuit_create(&wide, 31, err));
    assert_ok(kg_circuit_create(&used, 2, err));
    assert_ok(kg_circuit_add_gate(used, KG_GATE_X, &q, NULL, err));
    assert_fails(kg_circuit_add_encoding(wide, kg_encoding_find("amplitude"), err),
                 KG_ERR_UNSUPPORTED, "encoding \"amplitude\" is not defined for 31 qubits");
    assert_fails(kg_circuit_add_encoding(used, kg_encoding_find("amplitude"), err), KG_ERR_ARGUMENT,
                 "amplitudes: qubit 1 is not in |0>, an earlier operation uses it");
    assert_int_equal(wide->n_layers, 0);
    assert_int_equal(used->n_layers, 0);
    assert_int_equal(kg_circuit_n_ops(used), 1);
    kg_circuit_destroy(wide);
    kg_circuit_destroy(used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_counts_features),
        cmocka_unit_test(amplitudes_count_from_the_left),
        cmocka_unit_test(angles_rotate_their_own_qubit),
        cmocka_unit_test(the_angle_block_is_the_published_one),
        cmocka_unit_test(the_angle_pair_is_a_tree_of_angles),
        cmocka_unit_test(blocks_are_normalised_and_arranged),
        cmocka_unit_test(arrangements_that_do_not_exist_are_refused),
        cmocka_unit_test(refusals_leave_the_circuit_alone),
    };
    return cmocka_run_group_tests_name("circuit/encodings", tests, NULL, NULL);
}
