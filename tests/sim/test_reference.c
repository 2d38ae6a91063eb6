/* SPDX-License-Identifier: Apache-2.0 */
/* The naive reference simulator against the oracle, which shares no code and no header with it. */
#include "sim/reference.h"

#include "sim/tuples.h"

/* Matrix entries are products of a few cosines and sines: 4 roundings of 1.1e-16 and the 2 ulp of
 * each library function; a sum of two angles below 6 is rounded by 4.4e-16. */
static void gate_matrices_agree_with_the_formulas(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        for (int repeat = 0; repeat < 20; repeat++) {
            double angles[3], matrix[128];
            double complex expected[64];
            twin_fill(&rng, angles, 3, -3, 3);
            assert_int_equal(ref_gate(kg_gate_name(gate), angles, expected),
                             kg_gate_n_qubits(gate));
            assert_ok(kg_gate_matrix(gate, angles, matrix, err));
            for (int i = 0; i < 1 << 2 * kg_gate_n_qubits(gate); i++) {
                assert_near(matrix[2 * i], creal(expected[i]), 1e-15);
                assert_near(matrix[2 * i + 1], cimag(expected[i]), 1e-15);
            }
        }
    }
}

typedef struct sweep {
    double params[3], inputs[64];
} sweep;

static void check_state(const tuple_case *c, void *user)
{
    const sweep *s = user;
    twin *t = tuples_circuit(c);
    double complex psi[64], expected[64];
    assert_ok(kgi_reference_state(t->circuit, s->params, s->inputs, (double *)psi, err));
    twin_state(t, s->params, s->inputs, expected);
    /* The bar of all engines: 1e-14 sqrt(2^n). Here n + 2 operations on a vector of norm 1, a few
     * eps = 1.1e-16 each, stay below 5e-15 for n = 6. */
    const double distance = ref_distance(psi, expected, c->n_qubits);
    if (!(distance <= 1e-14 * sqrt(1 << c->n_qubits))) {
        print_error("%s on %d %d %d of %d qubits, %d controls: distance %g\n",
                    kg_gate_name((int)c->gate), c->qubits[0], c->qubits[1], c->qubits[2],
                    c->n_qubits, c->n_controls, distance);
        fail();
    }
    twin_destroy(t);
}

static void every_gate_on_every_tuple_with_controls(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    sweep s;
    for (int n = 1; n <= 5; n++) {
        twin_fill(&rng, s.params, 3, -4, 4);
        twin_fill(&rng, s.inputs, 64, -1, 1);
        assert_int_equal(tuples_visit(n, check_state, &s), tuples_expected(n));
    }
}

static const twin_shape random_shape = {
    .n_ops = 60, .n_params = 7, .n_inputs = 4, .amplitudes = 1, .unitaries = 1, .max_controls = 3};

static void random_circuits_give_the_same_state(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(3)};
    for (int repeat = 0; repeat < 60; repeat++) {
        const int n = 1 + repeat % 8;
        double params[7], inputs[4 + 256];
        double complex psi[256], expected[256];
        twin *t = twin_random(&rng, n, &random_shape);
        twin_fill(&rng, params, 7, -4, 4);
        twin_fill(&rng, inputs, 4 + 256, -2, 2);
        assert_ok(kgi_reference_state(t->circuit, params, inputs, (double *)psi, err));
        twin_state(t, params, inputs, expected);
        assert_near(ref_distance(psi, expected, n), 0.0, 1e-14 * sqrt(1 << n));
        twin_destroy(t);
    }
}

/* An encoding on some qubits after gates on others; tiny and huge numbers have the same direction. */
static void amplitudes_of_any_scale_on_some_qubits(void **state)
{
    (void)state;
    const double scales[] = {1.0, 1e-300, 1e-160, 1e160, 1e300};
    const int qubits[2] = {2, 0};
    double complex psi[16], expected[16];
    double inputs[4];
    twin *t = twin_create(4);
    twin_param(t, KG_GATE_RX, 1, 0, 0);
    twin_amplitudes(t, 2, qubits, 0);
    twin_fixed(t, KG_GATE_CH, 2, 3);
    twin_fixed(t, KG_GATE_CX, 1, 0);
    const double theta = 0.7, x[4] = {0.5, -1.0, 2.0, 0.25};
    twin_state(t, &theta, x, expected);
    for (int s = 0; s < 5; s++) {
        for (int i = 0; i < 4; i++) {
            inputs[i] = scales[s] * x[i];
        }
        assert_ok(kgi_reference_state(t->circuit, &theta, inputs, (double *)psi, err));
        assert_near(ref_distance(psi, expected, 4), 0.0, 1e-15);
    }
    memset(inputs, 0, sizeof inputs);
    assert_ok(kgi_reference_state(t->circuit, &theta, inputs, (double *)psi, err));
    assert_true(isnan(creal(psi[0])));
    inputs[0] = 1.0;
    inputs[3] = INFINITY;
    assert_ok(kgi_reference_state(t->circuit, &theta, inputs, (double *)psi, err));
    assert_true(isnan(creal(psi[0])));
    twin_destroy(t);
}

/* ---- observables and derivatives ----------------------------------------------------------------- */

enum { N_WORDS = 5, MAX_OUTPUTS = N_WORDS + 8 };

/* Outputs: sums of two words each, then the probabilities of three (or fewer) qubits. */
typedef struct measured {
    kg_observable *observable;
    char letters[N_WORDS][2][TWIN_MAX_QUBITS + 1];
    double coefficients[N_WORDS][2];
    int m, qubits[TWIN_MAX_QUBITS];
    int n_outputs;
} measured;

static measured measured_create(twin_rng *rng, int n)
{
    measured m = {.m = n < 3 ? n : 3};
    assert_ok(kg_observable_create(&m.observable, n, err));
    for (int k = 0; k < N_WORDS; k++) {
        for (int w = 0; w < 2; w++) {
            twin_random_letters(rng, n, m.letters[k][w]);
            m.coefficients[k][w] = twin_uniform(rng, -0.5, 0.5);
            twin_observe(m.observable, k, m.coefficients[k][w], m.letters[k][w]);
        }
    }
    twin_shuffle(rng, m.qubits, n);
    assert_ok(kg_observable_add_probs(m.observable, m.m, m.qubits, err));
    m.n_outputs = N_WORDS + (1 << m.m);
    assert_int_equal(kg_observable_n_outputs(m.observable), m.n_outputs);
    return m;
}

static void oracle_outputs(const twin *t, const measured *m, const double *params,
                           const double *inputs, double *out)
{
    double complex psi[256];
    twin_state(t, params, inputs, psi);
    for (int k = 0; k < N_WORDS; k++) {
        out[k] = m->coefficients[k][0] * ref_pauli(psi, t->n_qubits, m->letters[k][0]) +
                 m->coefficients[k][1] * ref_pauli(psi, t->n_qubits, m->letters[k][1]);
    }
    for (int v = 0; v < 1 << m->m; v++) {
        out[N_WORDS + v] = ref_probability(psi, t->n_qubits, m->m, m->qubits, (size_t)v);
    }
}

/* d(w . out) / d *x by five-point differences of the oracle, h = 1e-3. Truncation h^4/30 |f^(5)|:
 * an angle enters up to r gates with scale <= 1, |f^(5)| <= r^5 |f|; rounding 1.5 eps / h. */
static double oracle_derivative(const twin *t, const measured *m, const double *w, double *params,
                                double *inputs, double *x)
{
    static const double steps[4] = {-2, -1, 1, 2}, weights[4] = {1, -8, 8, -1};
    const double h = 1e-3, centre = *x;
    double sum = 0.0, out[MAX_OUTPUTS];
    for (int s = 0; s < 4; s++) {
        *x = centre + steps[s] * h;
        oracle_outputs(t, m, params, inputs, out);
        for (int k = 0; k < m->n_outputs; k++) {
            sum += weights[s] * w[k] * out[k] / (12.0 * h);
        }
    }
    *x = centre;
    return sum;
}

/* 20 operations with 7 parameters and 3 inputs: an angle occurs about twice, |f^(5)| <= 2^5 on
 * average and |w . out| <= 3, so that truncation is below 1e-12 * 3 and rounding 1.5 eps / h * 13
 * outputs = 2e-12. The worst case of six occurrences has 6^5 h^4 / 30 * 3 = 8e-10: hence 1e-9, which
 * a wrong rule (errors of order 0.1) cannot reach. Amplitudes: derivatives fall with ||x|| > 1. */
static void values_and_derivatives_agree_with_the_oracle(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(4)};
    const twin_shape shape = {.n_ops = 20,
                              .n_params = 7,
                              .n_inputs = 3,
                              .amplitudes = 1,
                              .unitaries = 1,
                              .max_controls = 2};
    for (int repeat = 0; repeat < 40; repeat++) {
        const int n = 1 + repeat % 5;
        double params[7], inputs[3 + 32], w[MAX_OUTPUTS], out[MAX_OUTPUTS], expected[MAX_OUTPUTS];
        double d_params[7] = {0}, d_inputs[3 + 32] = {0};
        twin *t = twin_random(&rng, n, &shape);
        measured m = measured_create(&rng, n);
        twin_fill(&rng, params, 7, -3, 3);
        twin_fill(&rng, inputs, 3 + 32, 0.5, 2);
        twin_fill(&rng, w, m.n_outputs, -1, 1);
        assert_ok(kgi_reference_forward(t->circuit, m.observable, params, inputs, out, err));
        oracle_outputs(t, &m, params, inputs, expected);
        assert_near(twin_difference(out, expected, m.n_outputs), 0.0, 1e-14 * sqrt(1 << n));
        assert_ok(kgi_reference_backward(t->circuit, m.observable, params, inputs, w, d_params,
                                         d_inputs, err));
        for (int p = 0; p < 7; p++) {
            assert_near(d_params[p], oracle_derivative(t, &m, w, params, inputs, &params[p]), 1e-9);
        }
        for (int i = 0; i < 3 + (1 << n); i++) {
            assert_near(d_inputs[i], oracle_derivative(t, &m, w, params, inputs, &inputs[i]), 1e-9);
        }
        kg_observable_destroy(m.observable);
        twin_destroy(t);
    }
}

static void backward_adds_and_skips_what_is_not_wanted(void **state)
{
    (void)state;
    const double theta = 0.4, x = 0.9, one = 1.0;
    kg_observable *z = NULL;
    twin *t = twin_create(1);
    const kg_slot slot = KG_SLOT_OF_INPUT(0);
    const int q = 0;
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    twin_gate(t, KG_GATE_RX, &q, &slot);
    assert_ok(kg_observable_create(&z, 1, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z0", err));
    double d_theta = 10.0, d_x = 20.0; /* <Z> = cos(theta + x) */
    assert_ok(kgi_reference_backward(t->circuit, z, &theta, &x, &one, &d_theta, NULL, err));
    assert_near(d_theta, 10.0 - sin(1.3), 5e-15); /* eps of a number near 9 */
    assert_ok(kgi_reference_backward(t->circuit, z, &theta, &x, &one, NULL, &d_x, err));
    assert_near(d_x, 20.0 - sin(1.3), 1e-14);
    kg_observable_destroy(z);
    twin_destroy(t);
}

/* ---- errors ------------------------------------------------------------------------------------- */

static void check_refused(const kg_circuit *circuit, const kg_observable *observable,
                          kg_status status, const char *message)
{
    kg_error err = {KG_OK, ""};
    assert_int_equal(kgi_reference_check(circuit, observable, &err), status);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
}

static void refuses_what_it_cannot_do(void **state)
{
    (void)state;
    const int q = 1;
    kg_circuit *wide = NULL, *circuit = NULL;
    kg_observable *z = NULL;
    assert_ok(kg_circuit_create(&wide, 21, err));
    check_refused(wide, NULL, KG_ERR_UNSUPPORTED,
                  "the reference simulator takes at most 20 qubits, the circuit has 21");
    kg_circuit_destroy(wide);
    assert_ok(kg_observable_create(&z, 3, err));
    assert_ok(kg_circuit_create(&circuit, 2, err));
    check_refused(circuit, z, KG_ERR_SHAPE, "the observable has 3 qubits, the circuit has 2");
    kg_observable_destroy(z);
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, &q, NULL, err));
    assert_ok(kgi_reference_check(circuit, NULL, err));
    kg_circuit *measuring = NULL, *resetting = NULL;
    assert_ok(kg_circuit_copy(&measuring, circuit, err));
    assert_ok(kg_circuit_copy(&resetting, circuit, err));
    assert_ok(kg_circuit_add_measure(measuring, 1, 0, err));
    check_refused(measuring, NULL, KG_ERR_UNSUPPORTED,
                  "operation 1 is a measurement: exact expectation values need unitary operations");
    assert_ok(kg_circuit_add_reset(resetting, 1, err));
    check_refused(resetting, NULL, KG_ERR_UNSUPPORTED,
                  "operation 1 is a reset: exact expectation values need unitary operations");
    assert_ok(kg_circuit_set_condition(circuit, 0, 1, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_X, &q, NULL, err));
    check_refused(circuit, NULL, KG_ERR_UNSUPPORTED,
                  "operation 1 is conditional: exact expectation values need unitary operations");
    kg_circuit_destroy(measuring);
    kg_circuit_destroy(resetting);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate_matrices_agree_with_the_formulas),
        cmocka_unit_test(every_gate_on_every_tuple_with_controls),
        cmocka_unit_test(random_circuits_give_the_same_state),
        cmocka_unit_test(amplitudes_of_any_scale_on_some_qubits),
        cmocka_unit_test(values_and_derivatives_agree_with_the_oracle),
        cmocka_unit_test(backward_adds_and_skips_what_is_not_wanted),
        cmocka_unit_test(refuses_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
