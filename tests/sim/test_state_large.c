/* SPDX-License-Identifier: Apache-2.0 */
/* Large states with answers in closed form, 17 to 20 qubits; and the refusal of states that are larger
 * than memory. */
#include "near.h"
#include "twin.h"

static void add(kg_circuit *circuit, kg_gate gate, int a, int b, double angle)
{
    const int qubits[2] = {a, b};
    const kg_slot slot = KG_SLOT_OF_ANGLE(angle);
    assert_ok(kg_circuit_add_gate(circuit, gate, qubits, kg_gate_n_params((int)gate) ? &slot : NULL,
                                  err));
}

static twin_plan large_plan(const kg_circuit *circuit, const kg_observable *observable,
                            int precision, int threads)
{
    kg_plan_report report;
    kg_plan_options options = twin_options(NULL, NULL, precision);
    options.batch_hint = 1;
    options.threads = threads;
    twin_plan p = twin_plan_create(circuit, observable, &options);
    kg_plan_get_report(p.plan, &report);
    assert_string_equal(report.engine, "state"); /* chosen, not asked for */
    assert_int_equal(report.threads, threads);
    return p;
}

/* |0..0> + |1..1>: <Z_a Z_b> = 1, <X...X> = 1, an even number of Y among X gives (-1)^(number / 2), and
 * anything else is 0. Hadamard's square roots round once: 1e-12 and 2e-5 leave room. */
static void ghz_states(void **state)
{
    (void)state;
    for (int n = 17; n <= 20; n++) {
        kg_circuit *circuit = NULL;
        kg_observable *observable = NULL;
        char word[8 * 20] = "Y0 Y1";
        char all[8 * 20] = "X0 X1";
        double out[5];
        assert_ok(kg_circuit_create(&circuit, n, err));
        assert_ok(kg_observable_create(&observable, n, err));
        add(circuit, KG_GATE_H, n / 2, 0, 0);
        for (int q = n / 2; q + 1 < n; q++) {
            add(circuit, KG_GATE_CX, q, q + 1, 0);
        }
        for (int q = n / 2; q > 0; q--) {
            add(circuit, KG_GATE_CX, q, q - 1, 0);
        }
        for (int q = 2; q < n; q++) {
            snprintf(word + strlen(word), 8, " X%d", q);
            snprintf(all + strlen(all), 8, " X%d", q);
        }
        assert_ok(kg_observable_add(observable, 0, 1.0, "Z0 Z16", err));
        assert_ok(kg_observable_add(observable, 1, 1.0, all, err));
        assert_ok(kg_observable_add(observable, 2, 1.0, word, err));
        assert_ok(kg_observable_add(observable, 3, 1.0, "Z3", err));
        assert_ok(kg_observable_add(observable, 4, 1.0, "X1 Y2", err));
        for (int precision = KG_PRECISION_F64; precision <= KG_PRECISION_F32; precision++) {
            const double bar = precision == KG_PRECISION_F64 ? 1e-12 : 2e-5;
            const double expected[5] = {1, 1, -1, 0, 0};
            twin_plan p = large_plan(circuit, observable, precision, 2);
            kg_plan_forward(p.plan, NULL, 1, NULL, out, p.ws);
            for (int k = 0; k < 5; k++) {
                assert_near(out[k], expected[k], bar);
            }
            twin_plan_destroy(&p);
        }
        kg_observable_destroy(observable);
        kg_circuit_destroy(circuit);
    }
}

/* The Fourier transform of |k> is a product: qubit j is (|0> + exp(2 pi i k 2^j / 2^n) |1>) / sqrt 2, so
 * <X_j> and <Y_j> are the cosine and sine of that phase. n (n + 1) / 2 gates of a few eps. */
static void add_fourier(kg_circuit *circuit, int n)
{
    for (int j = n - 1; j >= 0; j--) {
        add(circuit, KG_GATE_H, j, 0, 0);
        for (int m = j - 1; m >= 0; m--) {
            add(circuit, KG_GATE_CP, m, j, 3.141592653589793 / (double)(1 << (j - m)));
        }
    }
    for (int j = 0; j < n / 2; j++) {
        add(circuit, KG_GATE_SWAP, j, n - 1 - j, 0);
    }
}

static void fourier_and_back(void **state)
{
    (void)state;
    for (int n = 17; n <= 20; n++) {
        const int k = 0x2b5a9 & ((1 << n) - 1);
        kg_circuit *circuit = NULL;
        kg_circuit *both = NULL;
        kg_observable *phases = NULL;
        kg_observable *bits = NULL;
        int all[20];
        double out[40];
        assert_ok(kg_circuit_create(&circuit, n, err));
        assert_ok(kg_circuit_create(&both, n, err));
        assert_ok(kg_observable_create(&phases, n, err));
        assert_ok(kg_observable_create(&bits, n, err));
        for (int q = 0; q < n; q++) {
            char word[8];
            all[q] = q;
            snprintf(word, sizeof word, "X%d", q);
            assert_ok(kg_observable_add(phases, 2 * q, 1.0, word, err));
            snprintf(word, sizeof word, "Y%d", q);
            assert_ok(kg_observable_add(phases, 2 * q + 1, 1.0, word, err));
            snprintf(word, sizeof word, "Z%d", q);
            assert_ok(kg_observable_add(bits, q, 1.0, word, err));
            if (k >> q & 1) {
                add(circuit, KG_GATE_X, q, 0, 0);
            }
        }
        add_fourier(circuit, n);
        twin_plan p = large_plan(circuit, phases, KG_PRECISION_F64, 2);
        kg_plan_forward(p.plan, NULL, 1, NULL, out, p.ws);
        for (int q = 0; q < n; q++) {
            const double turn = 2 * 3.141592653589793 * fmod(ldexp((double)k, q - n), 1.0);
            assert_near(out[2 * q], cos(turn), 1e-12);
            assert_near(out[2 * q + 1], sin(turn), 1e-12);
        }
        twin_plan_destroy(&p);
        kg_circuit *transform = NULL;
        assert_ok(kg_circuit_create(&transform, n, err));
        add_fourier(transform, n);
        assert_ok(kg_circuit_append(both, circuit, all, 0, 0, err));
        assert_ok(kg_circuit_append_inverse(both, transform, all, 0, 0, err));
        p = large_plan(both, bits, KG_PRECISION_F64, 1);
        kg_plan_forward(p.plan, NULL, 1, NULL, out, p.ws);
        for (int q = 0; q < n; q++) {
            assert_near(out[q], k >> q & 1 ? -1.0 : 1.0, 1e-12);
        }
        twin_plan_destroy(&p);
        kg_observable_destroy(phases);
        kg_observable_destroy(bits);
        kg_circuit_destroy(transform);
        kg_circuit_destroy(circuit);
        kg_circuit_destroy(both);
    }
}

/* Amplitudes on 17 qubits in an order of their own, and a rotation: probabilities are the squares. */
static void amplitudes_of_seventeen(void **state)
{
    (void)state;
    enum { N = 17, SIZE = 1 << N };
    twin_rng rng = {near_seed(17)};
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    int qubits[N];
    double out[4], expected[4] = {0}, total = 0;
    double *inputs = twin_zeros(SIZE);
    for (int q = 0; q < N; q++) {
        qubits[q] = (5 * q + 3) % N;
    }
    twin_fill(&rng, inputs, SIZE, -1, 1);
    assert_ok(kg_circuit_create(&circuit, N, err));
    assert_ok(kg_circuit_add_amplitudes(circuit, N, qubits, 0, err));
    add(circuit, KG_GATE_X, qubits[4], 0, 0);
    assert_ok(kg_observable_create(&observable, N, err));
    const int measured[2] = {qubits[4], qubits[15]};
    assert_ok(kg_observable_add_probs(observable, 2, measured, err));
    for (int i = 0; i < SIZE; i++) {
        const int value = !(i >> 4 & 1) | (i >> 15 & 1) << 1;
        expected[value] += inputs[i] * inputs[i];
        total += inputs[i] * inputs[i];
    }
    twin_plan p = large_plan(circuit, observable, KG_PRECISION_F64, 2);
    kg_plan_forward(p.plan, NULL, 1, inputs, out, p.ws);
    for (int v = 0; v < 4; v++) {
        assert_near(out[v], expected[v] / total, 1e-12); /* sums of 2^17 squares */
    }
    twin_plan_destroy(&p);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
    free(inputs);
}

static void layers(kg_circuit *circuit, int n)
{
    for (int q = 0; q < n; q++) {
        add(circuit, KG_GATE_RY, q, 0, 0.1 * q);
    }
    for (int q = 0; q + 1 < n; q++) {
        add(circuit, KG_GATE_CX, q, q + 1, 0);
    }
}

/* What does not fit is refused with the bytes that it needs and those that there are, at once. */
static void refusals(void **state)
{
    (void)state;
    for (int n = 28; n <= 64; n += 4) {
        kg_circuit *circuit = NULL;
        kg_observable *observable = NULL;
        kg_plan *plan = NULL;
        kg_error error = {KG_OK, ""};
        char word[8];
        kg_plan_options options = KG_PLAN_OPTIONS_INIT;
        options.max_memory_bytes = (size_t)1 << 30;
        assert_ok(kg_circuit_create(&circuit, n, err));
        assert_ok(kg_observable_create(&observable, n, err));
        layers(circuit, n);
        snprintf(word, sizeof word, "Z%d", n - 1);
        assert_ok(kg_observable_add(observable, 0, 1.0, word, err));
        const kg_status status = kg_plan_create(&plan, circuit, observable, &options, &error);
        assert_null(plan);
        if (n <= 30) { /* psi and lambda of 2^28 amplitudes of 16 bytes: 8.59 GB and a little */
            assert_int_equal(status, KG_ERR_MEMORY);
            assert_non_null(strstr(error.message, "the workspace needs "));
            assert_non_null(strstr(error.message, "allowed are 1073.7 MB"));
        } else {
            assert_int_equal(status, KG_ERR_UNSUPPORTED);
            assert_non_null(strstr(error.message, "engines take up to 30"));
        }
        kg_observable_destroy(observable);
        kg_circuit_destroy(circuit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ghz_states),
        cmocka_unit_test(fourier_and_back),
        cmocka_unit_test(amplitudes_of_seventeen),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
