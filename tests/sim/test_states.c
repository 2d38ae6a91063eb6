/* SPDX-License-Identifier: Apache-2.0 */
/* States and algorithms with answers in closed form, on every engine. */
#include "engines.h"

enum { MAX_WORDS = 64 };

/* What to expect of a circuit without parameters: words, or all probabilities. */
typedef struct claims {
    kg_observable *observable;
    int n;
    double expected[1 << 10];
} claims;

static claims *claims_create(int n_qubits)
{
    claims *c = calloc(1, sizeof *c);
    assert_non_null(c);
    assert_ok(kg_observable_create(&c->observable, n_qubits, err));
    return c;
}

static void claim(claims *c, double expected, const char *word)
{
    assert_ok(kg_observable_add(c->observable, c->n, 1.0, word, err));
    c->expected[c->n++] = expected;
}

/* "X0 X1 ..." of the same letter on qubits [0, n), with other letters on the first ones. */
static void claim_string(claims *c, double expected, int n, const char *first, char rest)
{
    char letters[TWIN_MAX_QUBITS + 1], word[8 * TWIN_MAX_QUBITS];
    memset(letters, rest, (size_t)n);
    letters[n] = '\0';
    memcpy(letters, first, strlen(first));
    twin_word(letters, word);
    claim(c, expected, word);
}

static void claim_pair(claims *c, double expected, char letter, int a, int b)
{
    char word[32];
    snprintf(word, sizeof word, "%c%d %c%d", letter, a, letter, b);
    claim(c, expected, word);
}

/* Checks the claims on all engines and releases everything. Circuits here have fewer than 2000 gates,
 * each adding about eps to a vector of norm 1: 2000 eps = 2e-13 in f64 is within 1e-12; f32 has
 * eps = 6e-8, and errors of both signs: sqrt(2000) eps = 3e-6, 2e-5 with room for constants. */
static void verify(twin *t, claims *c, const double *params, const double *inputs)
{
    const engine_list engines = engines_all();
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        double out[1 << 10];
        twin_plan p = engines_plan(config, t->circuit, c->observable);
        assert_int_equal(p.n_outputs, c->n);
        kg_plan_forward(p.plan, params, 1, inputs, out, p.ws);
        for (int k = 0; k < c->n; k++) {
            engines_near(config, "output", out[k], c->expected[k],
                         engines_is_f64(config) ? 1e-12 : 2e-5);
        }
        twin_plan_destroy(&p);
    }
    kg_observable_destroy(c->observable);
    free(c);
    twin_destroy(t);
}

/* H(0); CRX(0 -> 1, 1.1) on three qubits: amplitudes 0.707 |000>, 0.603 |001>, -0.370i |011>. A swapped
 * order of qubits or of control and target gives other numbers. */
static void fixture_of_the_qubit_order(void **state)
{
    (void)state;
    const int all[3] = {0, 1, 2};
    const double theta = 1.1, a = 0.70710678118654746, b = 0.60282587067609683,
                 d = 0.36959568401647447;
    twin *t = twin_create(3);
    twin_fixed(t, KG_GATE_H, 0, 0);
    twin_param(t, KG_GATE_CRX, 0, 1, 0);
    claims *c = claims_create(3);
    assert_ok(kg_observable_add_probs(c->observable, 3, all, err));
    const double probs[8] = {a * a, b * b, 0, d * d, 0, 0, 0, 0};
    memcpy(c->expected, probs, sizeof probs);
    c->n = 8;
    claim(c, 2.0 * a * b, "X0");     /* 2 Re conj(a0) a1 */
    claim(c, -2.0 * b * d, "Y1");    /* 2 Im conj(a1) a3 */
    claim(c, -2.0 * a * d, "X1 Y0"); /* 2 Im conj(a0) a3 */
    claim(c, -2.0 * a * d, "X0 Y1");
    claim(c, 1.0, "Z2");
    claim(c, 1.0, "I");
    verify(t, c, &theta, NULL);
    t = twin_create(3); /* X on qubit 0 is index 1 */
    twin_fixed(t, KG_GATE_X, 0, 0);
    c = claims_create(3);
    assert_ok(kg_observable_add_probs(c->observable, 3, all, err));
    c->n = 8;
    c->expected[1] = 1.0;
    verify(t, c, NULL, NULL);
}

static void rotations_of_one_qubit(void **state)
{
    (void)state;
    const kg_gate gates[] = {KG_GATE_RX, KG_GATE_RY, KG_GATE_RZ, KG_GATE_P};
    for (int g = 0; g < 4; g++) {
        for (int i = -8; i <= 8; i++) {
            const double theta = 0.7 * i, x[] = {0, sin(theta), cos(theta), cos(theta)},
                         y[] = {-sin(theta), 0, sin(theta), sin(theta)},
                         z[] = {cos(theta), cos(theta), 0, 0};
            twin *t = twin_create(1);
            if (g >= 2) {
                twin_fixed(t, KG_GATE_H, 0, 0);
            }
            twin_param(t, gates[g], 0, 0, 0);
            claims *c = claims_create(1);
            claim(c, x[g], "X0");
            claim(c, y[g], "Y0");
            claim(c, z[g], "Z0");
            verify(t, c, &theta, NULL);
        }
    }
}

static void bell_and_ghz(void **state)
{
    (void)state;
    for (int n = 2; n <= 12; n++) {
        twin *t = twin_create(n);
        claims *c = claims_create(n);
        twin_fixed(t, KG_GATE_H, 0, 0);
        for (int q = 1; q < n; q++) {
            twin_fixed(t, KG_GATE_CX, q - 1, q);
            claim_pair(c, 1.0, 'Z', 0, q);
            claim_pair(c, n == 2 ? 1.0 : 0.0, 'X', 0, q);
        }
        claim_string(c, 1.0, n, "", 'X');
        claim_string(c, -1.0, n, "YY", 'X');
        claim_string(c, 0.0, n, "Y", 'X');
        claim(c, 0.0, "Z1");
        verify(t, c, NULL, NULL);
    }
}

/* W state: a single 1 moves on with the right probability. <Z> = 1 - 2/n, <ZZ> = 1 - 4/n, <XX> = 2/n. */
static void w_states(void **state)
{
    (void)state;
    for (int n = 2; n <= 12; n++) {
        twin *t = twin_create(n);
        claims *c = claims_create(n);
        twin_fixed(t, KG_GATE_X, 0, 0);
        for (int q = 0; q + 1 < n; q++) {
            const int qubits[2] = {q, q + 1};
            const kg_slot angle = KG_SLOT_OF_ANGLE(2.0 * acos(sqrt(1.0 / (n - q))));
            twin_gate(t, KG_GATE_CRY, qubits, &angle);
            twin_fixed(t, KG_GATE_CX, q + 1, q);
        }
        for (int q = 0; q < n; q++) {
            char word[8];
            snprintf(word, sizeof word, "Z%d", q);
            claim(c, 1.0 - 2.0 / n, word);
            if (q > 0) {
                claim_pair(c, 1.0 - 4.0 / n, 'Z', 0, q);
                claim_pair(c, 2.0 / n, 'X', q - 1, q);
                claim_pair(c, 2.0 / n, 'Y', 0, q);
            }
        }
        verify(t, c, NULL, NULL);
    }
}

/* A sign on the basis state `marked`: Z on qubit 0 where the others match, between X if bit 0 is 0. */
static void mark(twin *t, int marked)
{
    const int target = 0;
    int controls[TWIN_MAX_QUBITS], values[TWIN_MAX_QUBITS];
    for (int q = 1; q < t->n_qubits; q++) {
        controls[q - 1] = q;
        values[q - 1] = marked >> q & 1;
    }
    if (!(marked & 1)) {
        twin_fixed(t, KG_GATE_X, 0, 0);
    }
    twin_controlled(t, KG_GATE_Z, &target, NULL, t->n_qubits - 1, controls, values);
    if (!(marked & 1)) {
        twin_fixed(t, KG_GATE_X, 0, 0);
    }
}

static void hadamards(twin *t)
{
    for (int q = 0; q < t->n_qubits; q++) {
        twin_fixed(t, KG_GATE_H, q, 0);
    }
}

/* After k rounds the marked state has probability sin^2((2k + 1) asin 2^(-n/2)). */
static void grover(void **state)
{
    (void)state;
    const struct {
        int n, rounds, marked;
        double p;
    } cases[] = {{2, 1, 2, 1.0},
                 {3, 1, 5, 25.0 / 32.0},
                 {3, 2, 6, 121.0 / 128.0},
                 {4, 3, 11, 0.9613189697265627},
                 {10, 25, 0x2c7, 0.9994612447444}};
    for (int i = 0; i < 5; i++) {
        const int n = cases[i].n;
        twin *t = twin_create(n);
        hadamards(t);
        for (int k = 0; k < cases[i].rounds; k++) {
            mark(t, cases[i].marked);
            hadamards(t);
            mark(t, 0);
            hadamards(t);
        }
        claims *c = claims_create(n);
        const int all[TWIN_MAX_QUBITS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        assert_ok(kg_observable_add_probs(c->observable, n, all, err));
        c->n = 1 << n;
        for (int v = 0; v < c->n; v++) {
            c->expected[v] = (1.0 - cases[i].p) / (c->n - 1);
        }
        c->expected[cases[i].marked] = cases[i].p;
        verify(t, c, NULL, NULL);
    }
}

static void add_qft(twin *t, const int *qubits, int n)
{
    for (int j = n - 1; j >= 0; j--) {
        twin_fixed(t, KG_GATE_H, qubits[j], 0);
        for (int k = j - 1; k >= 0; k--) {
            const int pair[2] = {qubits[k], qubits[j]};
            const kg_slot angle = KG_SLOT_OF_ANGLE(M_PI / (double)(1 << (j - k)));
            twin_gate(t, KG_GATE_CP, pair, &angle);
        }
    }
    for (int q = 0; q < n / 2; q++) {
        twin_fixed(t, KG_GATE_SWAP, qubits[q], qubits[n - 1 - q]);
    }
}

/* The transform of random real amplitudes has the probabilities |DFT(x)|^2 / N / ||x||^2; applied
 * twice it maps |x> to |-x mod N>. */
static void quantum_fourier_transform(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const int all[TWIN_MAX_QUBITS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (int n = 1; n <= 8; n++) {
        const int dim = 1 << n;
        double x[256], square = 0.0;
        twin_fill(&rng, x, dim, -1, 1);
        twin *t = twin_create(n), *twice = twin_create(n);
        claims *c = claims_create(n), *inverted = claims_create(n);
        twin_amplitudes(t, n, all, 0);
        twin_amplitudes(twice, n, all, 0);
        add_qft(t, all, n);
        add_qft(twice, all, n);
        add_qft(twice, all, n);
        assert_ok(kg_observable_add_probs(c->observable, n, all, err));
        assert_ok(kg_observable_add_probs(inverted->observable, n, all, err));
        c->n = inverted->n = dim;
        for (int i = 0; i < dim; i++) {
            square += x[i] * x[i];
        }
        for (int k = 0; k < dim; k++) {
            double complex sum = 0;
            for (int i = 0; i < dim; i++) {
                sum += x[i] * cexp(2.0 * M_PI * I * (double)(i * k % dim) / dim);
            }
            c->expected[k] = creal(sum * conj(sum)) / dim / square;
            inverted->expected[(dim - k) % dim] = x[k] * x[k] / square;
        }
        verify(t, c, NULL, x);
        verify(twice, inverted, NULL, x);
    }
}

/* Bernstein-Vazirani finds the string; phase estimation of P(2 pi m / 2^n) on |1> gives m for sure. */
static void exact_phases(void **state)
{
    (void)state;
    const int all[TWIN_MAX_QUBITS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (int n = 1; n <= 8; n++) {
        const int secret = 0xb5 & ((1 << n) - 1), m = 0x6d & ((1 << n) - 1);
        twin *bv = twin_create(n), *pe = twin_create(n + 1), *qft = twin_create(n);
        claims *c = claims_create(n), *found = claims_create(n + 1);
        hadamards(bv);
        for (int q = 0; q < n; q++) {
            if (secret >> q & 1) {
                twin_fixed(bv, KG_GATE_Z, q, 0);
            }
        }
        hadamards(bv);
        assert_ok(kg_observable_add_probs(c->observable, n, all, err));
        c->n = 1 << n;
        c->expected[secret] = 1.0;
        twin_fixed(pe, KG_GATE_X, n, 0);
        for (int q = 0; q < n; q++) {
            const int pair[2] = {q, n};
            const kg_slot angle = KG_SLOT_OF_ANGLE(2.0 * M_PI * m * (1 << q) / (double)(1 << n));
            twin_fixed(pe, KG_GATE_H, q, 0);
            twin_gate(pe, KG_GATE_CP, pair, &angle);
        }
        add_qft(qft, all, n);
        assert_ok(kg_circuit_append_inverse(pe->circuit, qft->circuit, all, 0, 0, err));
        assert_ok(kg_observable_add_probs(found->observable, n, all, err));
        found->n = 1 << n;
        found->expected[m] = 1.0;
        verify(bv, c, NULL, NULL);
        verify(pe, found, NULL, NULL);
        twin_destroy(qft);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixture_of_the_qubit_order),
        cmocka_unit_test(rotations_of_one_qubit),
        cmocka_unit_test(bell_and_ghz),
        cmocka_unit_test(w_states),
        cmocka_unit_test(grover),
        cmocka_unit_test(quantum_fourier_transform),
        cmocka_unit_test(exact_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
