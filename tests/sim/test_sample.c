/* SPDX-License-Identifier: Apache-2.0 */
/* Shots: their distribution, what never happens, their addresses, their errors. Statistical tests run
 * with fixed seeds and bounds of five standard deviations, so that a failure is a change of ours. */
#include "twin.h"

enum { MAX_QUBITS = 10, CHUNK = 1000000 };

static uint32_t *outcomes_create(size_t n)
{
    uint32_t *outcomes = malloc(n * sizeof *outcomes);
    assert_non_null(outcomes);
    return outcomes;
}

/* ---- distributions -------------------------------------------------------------------------------------- */

/* P(chi-square with 2a degrees of freedom > 2x) = Q(a, x), the regularised incomplete gamma function: by
 * its power series below the mean, by Lentz's continued fraction above. */
static double upper_gamma(double a, double x)
{
    const double scale = exp(a * log(x) - x - lgamma(a));
    if (x < a + 1.0) {
        double term = 1.0 / a, sum = term;
        for (int n = 1; n < 2000 && term > 1e-17 * sum; n++) {
            term *= x / (a + n);
            sum += term;
        }
        return 1.0 - scale * sum;
    }
    double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, h = d;
    for (int n = 1; n < 2000; n++) {
        const double an = -n * (n - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (fabs(d * c - 1.0) < 1e-15) {
            break;
        }
    }
    return scale * h;
}

/* p-value of counts against probabilities; bins that expect fewer than 5 are merged into one. */
static double chi_square_p(const double *counts, const double *probabilities, int n, double shots)
{
    double chi = 0.0, rest_count = 0.0, rest_expected = 0.0;
    int bins = 0;
    for (int i = 0; i < n; i++) {
        const double expected = shots * probabilities[i];
        if (expected < 5.0) {
            rest_count += counts[i];
            rest_expected += expected;
            continue;
        }
        chi += (counts[i] - expected) * (counts[i] - expected) / expected;
        bins++;
    }
    if (rest_expected >= 5.0) {
        chi += (rest_count - rest_expected) * (rest_count - rest_expected) / rest_expected;
        bins++;
    }
    assert_true(bins >= 2);
    return upper_gamma(0.5 * (bins - 1), 0.5 * chi);
}

/* Known values of the chi-square law: P(X > 3.841459) = 0.05 with one degree of freedom, P(X > 18.307038)
 * = 0.05 with ten, P(X > 2 ln 2) = 1/2 with two. */
static void chi_square_law(void **state)
{
    (void)state;
    assert_near(upper_gamma(0.5, 0.5 * 3.841458820694124), 0.05, 1e-12);
    assert_near(upper_gamma(5.0, 0.5 * 18.307038053275146), 0.05, 1e-12);
    assert_near(upper_gamma(1.0, log(2.0)), 0.5, 1e-14);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 200 random distributions on 1 to 10 qubits, a million shots each: every p-value in (1e-6, 1 - 1e-6),
 * and the p-values themselves uniform by Kolmogorov and Smirnov. Their largest distance D from uniform
 * has P(D > d) < 2 exp(-2 * 200 d^2), which is 1e-3 at d = 0.138. */
static void shots_follow_the_probabilities(void **state)
{
    (void)state;
    enum { N_CASES = 200 };
    twin_rng rng = {near_seed(1)};
    uint32_t *outcomes = outcomes_create(CHUNK);
    double p_values[N_CASES], ks = 0.0;
    for (int i = 0; i < N_CASES; i++) {
        const int n = 1 + i % MAX_QUBITS, dim = 1 << n;
        int qubits[MAX_QUBITS];
        double x[1 << MAX_QUBITS], probs[1 << MAX_QUBITS], counts[1 << MAX_QUBITS] = {0.0};
        double square = 0.0;
        for (int j = 0; j < dim; j++) {
            x[j] = twin_uniform(&rng, 0.01, 1) * (twin_below(&rng, 2) ? 1.0 : -1.0);
            square += x[j] * x[j];
        }
        twin_shuffle(&rng, qubits, n);
        twin *t = twin_create(n);
        twin_amplitudes(t, n, qubits, 0);
        assert_ok(kg_circuit_sample(t->circuit, NULL, 1, x, n, qubits, CHUNK, twin_next(&rng),
                                    outcomes, err));
        for (int s = 0; s < CHUNK; s++) {
            assert_true(outcomes[s] < (uint32_t)dim);
            counts[outcomes[s]] += 1.0;
        }
        for (int j = 0; j < dim; j++) {
            probs[j] = x[j] * x[j] / square;
        }
        p_values[i] = chi_square_p(counts, probs, dim, CHUNK);
        assert_true(p_values[i] > 1e-6 && p_values[i] < 1.0 - 1e-6);
        twin_destroy(t);
    }
    qsort(p_values, N_CASES, sizeof *p_values, compare_doubles);
    for (int i = 0; i < N_CASES; i++) {
        ks = fmax(ks,
                  fmax(p_values[i] - i / (double)N_CASES, (i + 1) / (double)N_CASES - p_values[i]));
    }
    assert_true(ks < 0.138);
    free(outcomes);
}

/* The variance of the mean of N shots is (1 - z^2)/N. From R = 2000 repeats its estimate has relative
 * standard deviation sqrt(2 / R) = 3.2 %; five of them are 16 %. */
static void shot_noise(void **state)
{
    (void)state;
    enum { REPEATS = 2000, SHOTS = 500 };
    const double theta = 1.2, z = cos(theta);
    const int q = 0;
    uint32_t *outcomes = outcomes_create(REPEATS * SHOTS);
    twin *t = twin_create(1);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    assert_ok(kg_circuit_sample(t->circuit, &theta, REPEATS, NULL, 1, &q, SHOTS, near_seed(2),
                                outcomes, err));
    double variance = 0.0, mean = 0.0;
    for (int r = 0; r < REPEATS; r++) {
        double sum = 0.0;
        for (int s = 0; s < SHOTS; s++) {
            sum += outcomes[r * SHOTS + s] ? -1.0 : 1.0;
        }
        const double deviation = sum / SHOTS - z;
        variance += deviation * deviation / REPEATS;
        mean += deviation / REPEATS;
    }
    const double expected = (1.0 - z * z) / SHOTS;
    assert_near(variance / expected, 1.0, 0.16);
    assert_near(mean, 0.0, 5.0 * sqrt(expected / REPEATS));
    twin_destroy(t);
    free(outcomes);
}

/* ---- what never happens ----------------------------------------------------------------------------------- */

/* Ten million shots of a GHZ state: all qubits agree, and the last bin gets no more than its half
 * (standard deviation sqrt(1e7)/2 = 1581). */
static void ghz_gives_no_other_outcome(void **state)
{
    (void)state;
    enum { N = 10, CHUNKS = 10 };
    int all[N];
    uint32_t *outcomes = outcomes_create(CHUNK);
    twin *t = twin_create(N);
    twin_fixed(t, KG_GATE_H, 0, 0);
    for (int q = 0; q < N; q++) {
        all[q] = q;
        if (q > 0) {
            twin_fixed(t, KG_GATE_CX, q - 1, q);
        }
    }
    const uint64_t seed = near_seed(3);
    double ones = 0.0;
    for (uint64_t c = 0; c < CHUNKS; c++) {
        assert_ok(
            kg_circuit_sample(t->circuit, NULL, 1, NULL, N, all, CHUNK, seed + c, outcomes, err));
        for (int s = 0; s < CHUNK; s++) {
            assert_true(outcomes[s] == 0 || outcomes[s] == (1u << N) - 1);
            ones += outcomes[s] != 0;
        }
    }
    assert_near(ones, 0.5 * CHUNKS * CHUNK, 5.0 * sqrt(0.25 * CHUNKS * CHUNK));
    twin_destroy(t);
    free(outcomes);
}

/* Basis states reached by rotations of pi: rounding leaves probabilities of 1e-33, never seen. */
static void basis_states_are_certain(void **state)
{
    (void)state;
    enum { N = 4, SHOTS = 100000 };
    const int all[N] = {0, 1, 2, 3};
    uint32_t *outcomes = outcomes_create(SHOTS);
    for (int v = 0; v < 1 << N; v++) {
        double angles[N];
        twin *t = twin_create(N);
        for (int q = 0; q < N; q++) {
            angles[q] = v >> q & 1 ? M_PI : 0.0;
            twin_param(t, KG_GATE_RY, q, 0, q);
        }
        assert_ok(kg_circuit_sample(t->circuit, angles, 1, NULL, N, all, SHOTS, 7, outcomes, err));
        for (int s = 0; s < SHOTS; s++) {
            assert_int_equal(outcomes[s], v);
        }
        twin_destroy(t);
    }
    free(outcomes);
}

/* Both qubits of a Bell pair, in batches: 00 and 11 only, half each within five standard deviations; and
 * two samples of a batch do not repeat each other. */
static void bell_pairs_agree_in_batches(void **state)
{
    (void)state;
    enum { BATCH = 1000, SHOTS = 1000 };
    const int both[2] = {1, 0};
    uint32_t *outcomes = outcomes_create(BATCH * SHOTS);
    twin *t = twin_create(2);
    twin_fixed(t, KG_GATE_H, 1, 0);
    twin_fixed(t, KG_GATE_CX, 1, 0);
    assert_ok(kg_circuit_sample(t->circuit, NULL, BATCH, NULL, 2, both, SHOTS, near_seed(4),
                                outcomes, err));
    double ones = 0.0, equal = 0.0;
    for (int i = 0; i < BATCH * SHOTS; i++) {
        assert_true(outcomes[i] == 0 || outcomes[i] == 3);
        ones += outcomes[i] == 3;
        equal += i >= SHOTS ? outcomes[i] == outcomes[i - SHOTS] : 0;
    }
    assert_near(ones, 0.5 * BATCH * SHOTS, 5.0 * sqrt(0.25 * BATCH * SHOTS));
    assert_near(equal, 0.5 * (BATCH - 1) * SHOTS, 5.0 * sqrt(0.25 * (BATCH - 1) * SHOTS));
    twin_destroy(t);
    free(outcomes);
}

/* ---- order and addresses ------------------------------------------------------------------------------------ */

/* q0 = 1, q1 = 0, q2 = 1, q3 = 1 with certainty: bit j of an outcome is qubits[j]. */
static void bits_are_in_the_order_asked_for(void **state)
{
    (void)state;
    const int orders[3][3] = {{0, 1, 2}, {1, 0, 3}, {2, 1, 0}};
    const uint32_t expected[3] = {5, 6, 5};
    uint32_t outcome;
    twin *t = twin_create(4);
    twin_fixed(t, KG_GATE_X, 0, 0);
    twin_fixed(t, KG_GATE_X, 2, 0);
    twin_fixed(t, KG_GATE_X, 3, 0);
    for (int o = 0; o < 3; o++) {
        assert_ok(kg_circuit_sample(t->circuit, NULL, 1, NULL, 3, orders[o], 1, 1, &outcome, err));
        assert_int_equal(outcome, expected[o]);
    }
    const int one = 1;
    assert_ok(kg_circuit_sample(t->circuit, NULL, 1, NULL, 1, &one, 1, 1, &outcome, err));
    assert_int_equal(outcome, 0);
    twin_destroy(t);
}

/* Shot s of sample b depends on (seed, b, s) only: not on how many shots or samples were asked for. */
static void shots_have_addresses(void **state)
{
    (void)state;
    enum { BATCH = 40, SHOTS = 300 };
    const int qubits[2] = {1, 0};
    const double theta = 0.9;
    double inputs[BATCH];
    uint32_t *all = outcomes_create(BATCH * SHOTS), *again = outcomes_create(BATCH * SHOTS);
    twin_rng rng = {8};
    twin_fill(&rng, inputs, BATCH, 0.5, 2.5);
    twin *t = twin_create(2);
    const kg_slot slot = KG_SLOT_OF_INPUT(0);
    twin_gate(t, KG_GATE_RY, qubits, &slot);
    twin_param(t, KG_GATE_CRX, 1, 0, 0);
    assert_ok(kg_circuit_sample(t->circuit, &theta, BATCH, inputs, 2, qubits, SHOTS, 5, all, err));
    assert_ok(
        kg_circuit_sample(t->circuit, &theta, BATCH, inputs, 2, qubits, SHOTS, 5, again, err));
    assert_memory_equal(all, again, BATCH * SHOTS * sizeof *all);
    assert_ok(kg_circuit_sample(t->circuit, &theta, 3, inputs, 2, qubits, 70, 5, again, err));
    for (int b = 0; b < 3; b++) {
        assert_memory_equal(all + (ptrdiff_t)b * SHOTS, again + (ptrdiff_t)b * 70,
                            70 * sizeof *all);
    }
    assert_ok(
        kg_circuit_sample(t->circuit, &theta, BATCH, inputs, 2, qubits, SHOTS, 6, again, err));
    assert_memory_not_equal(all, again, BATCH * SHOTS * sizeof *all);
    assert_ok(
        kg_circuit_sample(t->circuit, &theta, BATCH, inputs, 2, qubits, SHOTS, 0, again, err));
    assert_memory_not_equal(all, again, BATCH * SHOTS * sizeof *all);
    twin_destroy(t);
    free(all);
    free(again);
}

static void check_refused(const kg_circuit *circuit, int n_batch, int n_qubits, const int *qubits,
                          int shots, kg_status status, const char *message)
{
    kg_error err = {KG_OK, ""};
    uint32_t outcomes[16];
    const double theta = 0.5;
    assert_int_equal(kg_circuit_sample(circuit, &theta, n_batch, NULL, n_qubits, qubits, shots, 1,
                                       outcomes, &err),
                     status);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const int good[2] = {0, 1}, outside[2] = {0, 2}, same[2] = {1, 1};
    twin *t = twin_create(2);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    check_refused(t->circuit, 0, 2, good, 1, KG_ERR_ARGUMENT,
                  "0 samples with 1 shots, needs at least 1 of each");
    check_refused(t->circuit, 1, 2, good, 0, KG_ERR_ARGUMENT,
                  "1 samples with 0 shots, needs at least 1 of each");
    check_refused(t->circuit, 1, 0, good, 1, KG_ERR_ARGUMENT,
                  "0 qubits to measure, not in [1, 20]");
    check_refused(t->circuit, 1, 21, good, 1, KG_ERR_ARGUMENT,
                  "21 qubits to measure, not in [1, 20]");
    check_refused(t->circuit, 1, 2, outside, 1, KG_ERR_ARGUMENT,
                  "probabilities: qubit 2 is not in [0, 1]");
    check_refused(t->circuit, 1, 2, same, 1, KG_ERR_ARGUMENT,
                  "probabilities: qubit 1 is named twice");
    twin_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chi_square_law),
        cmocka_unit_test(shots_follow_the_probabilities),
        cmocka_unit_test(shot_noise),
        cmocka_unit_test(ghz_gives_no_other_outcome),
        cmocka_unit_test(basis_states_are_certain),
        cmocka_unit_test(bell_pairs_agree_in_batches),
        cmocka_unit_test(bits_are_in_the_order_asked_for),
        cmocka_unit_test(shots_have_addresses),
        cmocka_unit_test(refuses_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
