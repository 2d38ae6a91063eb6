/* SPDX-License-Identifier: Apache-2.0 */
/* The gate table: what must hold for every row, and identities between rows. */
#include "support.h"

/* A matrix entry is a product of at most two cosines or sines, each right to one unit of the last
 * digit; a product of two matrices sums at most two such products. */
static const double TOLERANCE = 2e-15;

static void random_angles(uint64_t *state, double angles[3])
{
    for (int i = 0; i < 3; i++) {
        angles[i] = uniform(state, 7.0);
    }
}

static void matrix_of(kg_gate gate, const double *angles, double *matrix)
{
    assert_ok(kg_gate_matrix((int)gate, angles, matrix, err));
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const kgi_gate_info *info = kgi_gate_get((kg_gate)gate);
        assert_non_null(info->name);
        assert_int_equal(kg_gate_find(info->name), gate);
        assert_string_equal(kg_gate_name(gate), info->name);
        assert_non_null(kg_gate_help(gate));
        assert_int_equal(kg_gate_help(gate)[strlen(kg_gate_help(gate)) - 1], '.');
        assert_true(strlen(info->symbol) > 0);
        assert_in_range(kg_gate_n_qubits(gate), 1, KG_MAX_GATE_QUBITS);
        assert_in_range(kg_gate_n_params(gate), 0, KG_MAX_GATE_PARAMS);
        assert_in_range(info->n_controls, 0, info->n_qubits - 1);
        assert_int_equal(info->generator != NULL, info->n_params == 1);
        assert_int_equal(info->decomposition != NULL, info->n_params > 1);
        assert_int_equal(info->spectrum != KGI_SPECTRUM_NONE, info->n_params == 1);
    }
}

static void outside_the_table_there_is_nothing(void **state)
{
    (void)state;
    const int outside[] = {-1, KG_GATE_COUNT};
    for (int i = 0; i < 2; i++) {
        assert_null(kg_gate_name(outside[i]));
        assert_null(kg_gate_help(outside[i]));
        assert_int_equal(kg_gate_n_qubits(outside[i]), 0);
        assert_int_equal(kg_gate_n_params(outside[i]), 0);
    }
    assert_int_equal(kg_gate_find("ryy2"), -1);
    assert_int_equal(kg_gate_find(""), -1);
    assert_int_equal(kg_gate_find("RY"), -1);
    double matrix[128];
    assert_fails(kg_gate_matrix(-1, NULL, matrix, err), KG_ERR_ARGUMENT,
                 "gate is -1, not in [0, 30]");
    assert_fails(kg_gate_matrix(31, NULL, matrix, err), KG_ERR_ARGUMENT,
                 "gate is 31, not in [0, 30]");
    assert_fails(kg_gate_matrix(KG_GATE_U, NULL, matrix, err), KG_ERR_ARGUMENT,
                 "gate u: angles is NULL, but it takes 3");
}

static void matrices_are_those_of_the_oracle(void **state)
{
    uint64_t *seed = *state;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const int d = 1 << kg_gate_n_qubits(gate);
        double angles[3];
        double matrix[128];
        double complex expected[64];
        random_angles(seed, angles);
        matrix_of((kg_gate)gate, angles, matrix);
        assert_int_equal(ref_gate(kg_gate_name(gate), angles, expected), kg_gate_n_qubits(gate));
        for (int i = 0; i < d * d; i++) {
            assert_near(matrix[2 * i], creal(expected[i]), TOLERANCE);
            assert_near(matrix[2 * i + 1], cimag(expected[i]), TOLERANCE);
        }
    }
}

static void the_inverse_undoes(void **state)
{
    uint64_t *seed = *state;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const kgi_gate_info *info = kgi_gate_get((kg_gate)gate);
        const int d = 1 << info->n_qubits;
        double angles[3];
        double back[3];
        double u[128];
        double inverse[128];
        double product[128];
        double one[128];
        random_angles(seed, angles);
        for (int i = 0; i < 3; i++) {
            back[i] = -angles[i];
        }
        back[info->swap[0]] = -angles[info->swap[1]];
        back[info->swap[1]] = -angles[info->swap[0]];
        matrix_of((kg_gate)gate, angles, u);
        matrix_of(info->inverse, back, inverse);
        multiply(inverse, u, d, product);
        set_identity(one, d);
        assert_near(distance(product, one, d), 0, TOLERANCE);
        for (int row = 0; row < d; row++) { /* the inverse is the adjoint: U is unitary */
            for (int column = 0; column < d; column++) {
                const double complex difference =
                    entry(inverse, d, row, column) - conj(entry(u, d, column, row));
                assert_near(cabs(difference), 0, TOLERANCE);
            }
        }
    }
}

/* Central differences, h = 1e-5: truncation h^2 / 6 |U'''| <= 1.7e-11 (|G| <= 1), rounding a few
 * eps / h = 2.2e-11 each. */
static void generators_give_derivatives(void **state)
{
    uint64_t *seed = *state;
    const double h = 1e-5;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const kgi_gate_info *info = kgi_gate_get((kg_gate)gate);
        const int d = 1 << info->n_qubits;
        double g[128];
        double u[128];
        double plus[128];
        double minus[128];
        double product[128];
        assert_int_equal(kgi_gate_generator_matrix((kg_gate)gate, g), info->generator != NULL);
        if (!info->generator) {
            continue;
        }
        const double t = uniform(seed, 7.0);
        matrix_of((kg_gate)gate, &t, u);
        matrix_of((kg_gate)gate, (const double[1]){t + h}, plus);
        matrix_of((kg_gate)gate, (const double[1]){t - h}, minus);
        multiply(g, u, d, product);
        for (int row = 0; row < d; row++) {
            for (int column = 0; column < d; column++) {
                const double complex difference =
                    (entry(plus, d, row, column) - entry(minus, d, row, column)) / (2 * h);
                const double complex expected = -I * entry(product, d, row, column);
                assert_near(creal(difference), creal(expected), 1e-10);
                assert_near(cimag(difference), cimag(expected), 1e-10);
            }
        }
    }
}

/* The eigenvalues decide the shift rule: +-1/2 if (2G)^2 = 1; 0 and -1 if G^2 = -G; +-1/2 and 0 if
 * (2G)^3 = 2G, but (2G)^2 is not 1. All entries are exact. */
static void generators_have_the_stated_spectrum(void **state)
{
    (void)state;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const kgi_gate_info *info = kgi_gate_get((kg_gate)gate);
        const int d = 1 << info->n_qubits;
        double g[128];
        double square[128];
        double cube[128];
        double one[128];
        if (!kgi_gate_generator_matrix((kg_gate)gate, g)) {
            continue;
        }
        multiply(g, g, d, square);
        multiply(square, g, d, cube);
        set_identity(one, d);
        for (int i = 0; i < 2 * d * d; i++) {
            one[i] *= 0.25;
            cube[i] *= 4;
        }
        const int is_pauli = distance(square, one, d) == 0;
        const int is_controlled = !is_pauli && distance(cube, g, d) == 0;
        assert_int_equal(is_pauli, info->spectrum == KGI_SPECTRUM_PAULI);
        assert_int_equal(is_controlled, info->spectrum == KGI_SPECTRUM_CONTROLLED);
        for (int i = 0; i < 2 * d * d && info->spectrum == KGI_SPECTRUM_PROJECTOR; i++) {
            assert_true(square[i] == -g[i]);
        }
    }
}

static void decompositions_multiply_to_the_gate(void **state)
{
    uint64_t *seed = *state;
    const char *whole[KG_GATE_COUNT] = {
        [KG_GATE_U] = "u a 0 1 2", [KG_GATE_CROT] = "crot a b 0 1 2"};
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const kgi_gate_info *info = kgi_gate_get((kg_gate)gate);
        double angles[3];
        double expected[32];
        double product[32];
        if (!info->decomposition) {
            continue;
        }
        random_angles(seed, angles);
        assert_non_null(whole[gate]); /* a new gate with several angles is added above */
        block_matrix(whole[gate], angles, expected);
        block_matrix(info->decomposition, angles, product);
        assert_near(distance(product, expected, 4), 0, TOLERANCE);
    }
}

/* ---- identities ----------------------------------------------------------------------------- */

#define T 0.7345

/* Two texts with the same matrix, up to a global phase exp(i phase). Parameters: t, t/2, -t, -t/2,
 * then theta, phi, lambda of u, pi/2, 0, pi. */
static const double identity_params[] = {T, T / 2, -T, -T / 2, 1.1, 0.3, -2.2, M_PI / 2, 0.0, M_PI};

static const struct {
    const char *left;
    const char *right;
    double phase;
} identities[] = {
    {"h a; x a; h a", "z a", 0},
    {"h a; y a; h a", "y a", M_PI},
    {"sdg a; x a; s a", "y a", 0},
    {"sdg a; y a; s a", "x a", M_PI},
    {"s a; s a", "z a", 0},
    {"t a; t a", "s a", 0},
    {"sx b; sx b", "x b", 0},
    {"h b; cz a b; h b", "cx a b", 0},
    {"cx a b; cx b a; cx a b", "swap a b", 0},
    {"h a; h b; cx a b; h a; h b", "cx b a", 0},
    /* conjugation by CX */
    {"cx a b; x a; cx a b", "x a; x b", 0},
    {"cx a b; z b; cx a b", "z a; z b", 0},
    {"cx a b; y a; cx a b", "y a; x b", 0},
    {"cx a b; y b; cx a b", "z a; y b", 0},
    {"cx a b; y a; y b; cx a b", "x a; z b", M_PI},
    /* phases: P and RZ differ by one, and control makes it visible */
    {"p a 0", "rz a 0", T / 2},
    {"cp a b 0", "crz a b 0; p a 1", 0},
    {"cp a b 0; crz a b 2", "p a 1", 0},
    {"crz a b 0", "cx a b; rz b 3; cx a b; rz b 1", 0},
    {"rzz a b 0", "cx a b; rz b 0; cx a b", 0},
    {"rxx a b 0", "h a; h b; rzz a b 0; h a; h b", 0},
    {"ryy a b 0", "sdg a; sdg b; rxx a b 0; s a; s b", 0},
    {"u a 4 5 6", "rz a 6; ry a 4; rz a 5", (0.3 - 2.2) / 2},
    {"u a 7 8 9", "h a", 0},
    {"cy a b", "sdg b; cx a b; s b", 0},
    {"ch a b", "s b; h b; t b; cx a b; tdg b; h b; sdg b", 0},
    {"crx a b 0", "h b; crz a b 0; h b", 0},
    {"cry a b 0", "sdg b; crx a b 0; s b", 0},
    {"crot a b 5 4 6", "crz a b 5; cry a b 4; crz a b 6", 0},
};

static void identities_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++) {
        double left[32];
        double right[32];
        block_matrix(identities[i].left, identity_params, left);
        block_matrix(identities[i].right, identity_params, right);
        for (int j = 0; j < 16; j++) {
            const double complex expected =
                cexp(I * identities[i].phase) * entry(right, 4, j / 4, j % 4);
            const double error = cabs(entry(left, 4, j / 4, j % 4) - expected);
            if (error > TOLERANCE) {
                print_error("\"%s\" is not \"%s\"\n", identities[i].left, identities[i].right);
            }
            assert_near(error, 0, TOLERANCE);
        }
    }
}

static void a_controlled_phase_is_no_controlled_rotation(void **state)
{
    (void)state;
    double cp[32];
    double crz[32];
    block_matrix("cp a b 0", identity_params, cp);
    block_matrix("crz a b 0", identity_params, crz);
    assert_true(distance(cp, crz, 4) > 0.3);
    assert_near(creal(entry(cp, 4, 1, 1)), 1, 0); /* control 1, target 0 */
}

/* H on the control, then CRX(1.1): asymmetric, so that it sees exchanged qubits. The figures are
 * those of QuEST 4.1. */
static void the_first_qubit_is_the_least_significant(void **state)
{
    (void)state;
    const double t = 1.1;
    double m[32];
    block_matrix("h a; crx a b 0", &t, m);
    assert_near(creal(entry(m, 4, 0, 0)), 0.70710678118654746, 1e-15);
    assert_near(creal(entry(m, 4, 1, 0)), 0.60282587067609683, 1e-15);
    assert_near(cabs(entry(m, 4, 2, 0)), 0, 0);
    assert_near(cimag(entry(m, 4, 3, 0)), -0.36959568401647447, 1e-15);
}

int main(void)
{
    uint64_t seed = near_seed(20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(outside_the_table_there_is_nothing),
        cmocka_unit_test_prestate(matrices_are_those_of_the_oracle, &seed),
        cmocka_unit_test_prestate(the_inverse_undoes, &seed),
        cmocka_unit_test_prestate(generators_give_derivatives, &seed),
        cmocka_unit_test(generators_have_the_stated_spectrum),
        cmocka_unit_test_prestate(decompositions_multiply_to_the_gate, &seed),
        cmocka_unit_test(identities_hold),
        cmocka_unit_test(a_controlled_phase_is_no_controlled_rotation),
        cmocka_unit_test(the_first_qubit_is_the_least_significant),
    };
    return cmocka_run_group_tests_name("circuit/gates", tests, NULL, NULL);
}
