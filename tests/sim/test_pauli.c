/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector engine on networks: every ansatz with every encoding, every pooling with every wiring,
 * against the tile engine and the naive reference, with which it shares no formula for values.
 *
 * Bars: f64 1e-12, f32 1e-5 per sample. Coefficients are sums of at most some thousand products of
 * numbers below 1, rounded at 1e-16 (f64) or, as features and matrix, at 6e-8 (f32). */
#include "pauli_case.h"

static const double f64_bar = 1e-12;
static const double f32_bar = 1e-5;

typedef struct network {
    char name[160];
    kg_circuit *circuit;
    kg_observable *observable;
} network;

/* 0 if the tables do not allow the combination. */
static int network_create(network *net, int n, const kg_encoding *encoding, int arrangement,
                          const kg_wiring *wiring, const kg_block *ansatz, const kg_block *pooling)
{
    int readout = 0;
    char word[16];
    *net = (network){.circuit = NULL};
    snprintf(net->name, sizeof net->name, "%d qubits %s:%d %s %s %s", n, kg_encoding_name(encoding),
             arrangement, kg_wiring_name(wiring), ansatz->name, pooling->name);
    assert_ok(kg_circuit_create(&net->circuit, n, err));
    if (kg_circuit_add_arranged(net->circuit, encoding, arrangement, NULL) ||
        kg_circuit_add_qcnn(net->circuit, wiring, ansatz, pooling, &readout, NULL)) {
        kg_circuit_destroy(net->circuit);
        return 0;
    }
    assert_ok(kg_observable_create(&net->observable, n, err));
    snprintf(word, sizeof word, "Z%d", readout);
    assert_ok(kg_observable_add(net->observable, 0, 1.0, word, err));
    return 1;
}

static void network_destroy(network *net)
{
    kg_circuit_destroy(net->circuit);
    kg_observable_destroy(net->observable);
}

static void network_check(network *net, twin_rng *rng, int n_batch, const char *oracle)
{
    pauli_case c =
        pauli_case_create(net->name, net->circuit, net->observable, n_batch, rng, oracle);
    kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
    pauli_case_check(&c, &options, f64_bar);
    options.fuse = 0;
    pauli_case_check(&c, &options, f64_bar);
    options = twin_options("pauli", NULL, KG_PRECISION_F32);
    pauli_case_check(&c, &options, f32_bar);
    pauli_case_destroy(&c);
}

static void every_ansatz_with_every_encoding(void **state)
{
    (void)state;
    twin_rng rng = {20260301};
    int n_checked = 0;
    for (int e = 0; kg_encoding_get(e); e++) {
        for (int a = 0; kg_ansatz_get(a); a++) {
            for (int n = 2; n <= 8; n += 2) {
                network net;
                if (network_create(&net, n, kg_encoding_get(e), 1, kg_wiring_find("ring"),
                                   kg_ansatz_get(a), kg_pooling_find("zx"))) {
                    network_check(&net, &rng, 3, n <= 4 ? "reference" : "tile");
                    network_destroy(&net);
                    n_checked++;
                }
            }
        }
    }
    assert_true(n_checked >= 9 * 10);
}

/* Arrangements of hybrid encodings, poolings that measure, wirings, odd numbers of qubits where they are
 * allowed. */
static void every_pooling_wiring_and_arrangement(void **state)
{
    (void)state;
    twin_rng rng = {20260302};
    int n_checked = 0;
    for (int e = 0; kg_encoding_get(e); e++) {
        const kg_encoding *encoding = kg_encoding_get(e);
        for (int w = 0; kg_wiring_get(w); w++) {
            for (int p = 0; kg_pooling_get(p); p++) {
                network net;
                const int n = 4 + (e + w + p) % 5;
                const int choices = kg_encoding_n_arrangements(encoding, n);
                if (choices &&
                    network_create(&net, n, encoding, 1 + (w + p) % choices, kg_wiring_get(w),
                                   kg_ansatz_get((e + p) % 9), kg_pooling_get(p))) {
                    network_check(&net, &rng, 2, n <= 5 ? "reference" : "tile");
                    network_destroy(&net);
                    n_checked++;
                }
            }
        }
    }
    assert_true(n_checked >= 30);
}

/* Several outputs at once: sums of words, the identity, and probabilities of up to three qubits, for one
 * sample up to more than a panel, in every kernel set. */
static void several_outputs_and_batches(void **state)
{
    (void)state;
    twin_rng rng = {20260303};
    const char *const encodings[] = {"angle", "dense", "amplitude", "hde:2", "hae:2"};
    const int sizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 63, 64, 65, 130};
    const int pair[2] = {3, 1}, three[3] = {0, 3, 2}, one[1] = {2};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        network net;
        const kg_encoding *encoding = kg_encoding_find(encodings[i % 5]);
        assert_true(network_create(&net, 4, encoding, 1, kg_wiring_find("ring"),
                                   kg_ansatz_get((int)i % 9), kg_pooling_find("zx")));
        assert_ok(kg_observable_add(net.observable, 1, 0.7, "X0 Y3", err));
        assert_ok(kg_observable_add(net.observable, 1, -0.3, "Z1 Z2", err));
        assert_ok(kg_observable_add(net.observable, 1, 0.1, "I", err));
        assert_ok(kg_observable_add(net.observable, 2, 0.5, "I", err));
        assert_ok(kg_observable_add_probs(net.observable, 2, pair, err));
        assert_ok(kg_observable_add_probs(net.observable, 1, one, err));
        assert_ok(kg_observable_add_probs(net.observable, 3, three, err));
        pauli_case c = pauli_case_create(net.name, net.circuit, net.observable, sizes[i], &rng,
                                         sizes[i] < 20 ? "reference" : "tile");
        for (int k = 0; kg_kernels_get(k); k++) {
            kg_plan_options options = twin_options("pauli", kg_kernels_get(k), KG_PRECISION_F64);
            pauli_case_check(&c, &options, f64_bar);
            options.precision = KG_PRECISION_F32;
            pauli_case_check(&c, &options, 2 * f32_bar); /* up to fifteen outputs of a sample */
        }
        pauli_case_destroy(&c);
        network_destroy(&net);
    }
}

/* ---- random circuits ----------------------------------------------------------------------------------- */

/* Features turn qubits, some of them together, some not at all; then gates with parameters, with blocks of
 * three qubits among them. */
static twin *random_circuit(twin_rng *rng, int n)
{
    static const kg_gate turns[] = {KG_GATE_RX, KG_GATE_RY, KG_GATE_RZ, KG_GATE_P, KG_GATE_U};
    twin *t = twin_create(n);
    int n_inputs = 0;
    const int style = twin_below(rng, 4);
    if (style == 0 && n > 1) {
        int order[TWIN_MAX_QUBITS];
        twin_shuffle(rng, order, n);
        const int m = 1 + twin_below(rng, n < 4 ? n : 4);
        twin_amplitudes(t, m, order, 0);
        n_inputs = 1 << m;
    }
    for (int q = 0; q < n; q++) {
        for (int r = twin_below(rng, style == 1 ? 9 : 4); r > 0; r--) {
            kg_slot slots[KG_MAX_GATE_PARAMS];
            for (int i = 0; i < KG_MAX_GATE_PARAMS; i++) {
                slots[i] = (kg_slot){KG_SLOT_INPUT, n_inputs, twin_uniform(rng, 0.4, 1.2), 0.3};
                n_inputs += twin_below(rng, 2);
            }
            twin_gate(t, turns[twin_below(rng, 5)], &q, slots);
        }
    }
    const twin_shape entangle = {.n_inputs = n_inputs, .unitaries = 1, .max_controls = 3};
    for (int i = style == 2 ? 3 : 0; i > 0; i--) {
        twin_random_op(t, rng, &entangle);
    }
    const twin_shape behind = {.n_params = 6, .unitaries = 1, .max_controls = 1};
    for (int i = 5 + twin_below(rng, 30); i > 0; i--) {
        twin_random_op(t, rng, &behind);
    }
    return t;
}

static void random_circuits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(3)};
    int n_run = 0;
    for (int repeat = 0; repeat < 250; repeat++) {
        const int n = 1 + repeat % 6;
        char name[40], letters[TWIN_MAX_QUBITS + 1];
        twin *t = random_circuit(&rng, n);
        kg_observable *observable = NULL;
        kg_plan *plan = NULL;
        kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
        snprintf(name, sizeof name, "random circuit %d", repeat);
        assert_ok(kg_observable_create(&observable, n, err));
        for (int o = 0; o < 3; o++) {
            twin_random_letters(&rng, n, letters);
            twin_observe(observable, o, 0.9, letters);
        }
        options.fuse = repeat % 2;
        const kg_status status = kg_plan_create(&plan, t->circuit, observable, &options, NULL);
        kg_plan_destroy(plan);
        if (!status) {
            pauli_case c = pauli_case_create(name, t->circuit, observable, 3, &rng, "reference");
            pauli_case_check(&c, &options, f64_bar);
            options.precision = KG_PRECISION_F32;
            pauli_case_check(&c, &options, f32_bar);
            pauli_case_destroy(&c);
            n_run++;
        } else { /* four qubits in a block, or nothing else */
            assert_int_equal(status, KG_ERR_UNSUPPORTED);
        }
        kg_observable_destroy(observable);
        twin_destroy(t);
    }
    assert_true(n_run > 100);
}

/* ---- bits ---------------------------------------------------------------------------------------------- */

static void same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    twin_rng rng = {20260304};
    enum { ROWS = 700 }; /* several chunks and panels, the last one ragged */
    const char *const encodings[] = {"angle", "hde:4", "amplitude"};
    for (int i = 0; i < 6; i++) {
        network net;
        assert_true(network_create(&net, 8, kg_encoding_find(encodings[i % 3]), 1,
                                   kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                   kg_pooling_find("zx")));
        assert_ok(kg_observable_add(net.observable, 1, 0.7, "X0 Y3", err));
        kg_plan_options options = twin_options("pauli", NULL, i / 3);
        pauli_case c =
            pauli_case_create(net.name, net.circuit, net.observable, ROWS, &rng, "pauli");
        double *out[2], *d_params[2], *d_inputs[2];
        for (int t = 0; t < 2; t++) {
            out[t] = twin_zeros(ROWS * c.n_outputs);
            d_params[t] = twin_zeros(c.n_params);
            d_inputs[t] = twin_zeros(ROWS * c.n_inputs);
        }
        pauli_case_run(&c, &options, out[0], d_params[0], d_inputs[0]);
        for (options.threads = 2; options.threads <= 8; options.threads *= 2) {
            memset(d_params[1], 0, (size_t)c.n_params * sizeof(double));
            memset(d_inputs[1], 0, (size_t)(ROWS * c.n_inputs) * sizeof(double));
            pauli_case_run(&c, &options, out[1], d_params[1], d_inputs[1]);
            assert_memory_equal(out[1], out[0], (size_t)(ROWS * c.n_outputs) * sizeof(double));
            assert_memory_equal(d_params[1], d_params[0], (size_t)c.n_params * sizeof(double));
            assert_memory_equal(d_inputs[1], d_inputs[0],
                                (size_t)(ROWS * c.n_inputs) * sizeof(double));
        }
        for (int t = 0; t < 2; t++) {
            free(out[t]);
            free(d_params[t]);
            free(d_inputs[t]);
        }
        pauli_case_destroy(&c);
        network_destroy(&net);
    }
}

/* A workspace remembers the matrices of the last parameters: calls of all kinds in turn, with parameters
 * that change and come back, give the bits of a fresh workspace. */
static void what_a_workspace_keeps_is_never_stale(void **state)
{
    (void)state;
    twin_rng rng = {20260305};
    enum { ROWS = 5, N = 12, MAX_PARAMS = 40 };
    network net;
    assert_true(network_create(&net, 4, kg_encoding_find("angle"), 1, kg_wiring_find("ring"),
                               kg_ansatz_find("su4"), kg_pooling_find("zx")));
    pauli_case c = pauli_case_create(net.name, net.circuit, net.observable, ROWS, &rng, "tile");
    const kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
    twin_plan kept = twin_plan_create(net.circuit, net.observable, &options);
    assert_true(c.n_params <= MAX_PARAMS);
    for (int call = 0; call < 200; call++) {
        double params[MAX_PARAMS], out[2][ROWS] = {{0}}, d_params[2][MAX_PARAMS] = {{0}};
        double d_inputs[2][4 * ROWS] = {{0}};
        const int kind = twin_below(&rng, 4), shift = twin_below(&rng, 3);
        twin_plan fresh = twin_plan_create(net.circuit, net.observable, &options);
        for (int p = 0; p < c.n_params; p++) {
            params[p] = c.params[p] + (p == c.n_params - 1 ? shift : 0);
        }
        for (int w = 0; w < 2; w++) {
            kg_workspace *ws = w ? fresh.ws : kept.ws;
            if (kind == 0) {
                kg_plan_forward(kept.plan, params, ROWS, c.inputs, out[w], ws);
            } else {
                kg_plan_backward(kept.plan, params, ROWS, c.inputs, c.d_out,
                                 kind & 1 ? d_params[w] : NULL, kind & 2 ? d_inputs[w] : NULL, ws);
            }
        }
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(d_params[0], d_params[1], sizeof d_params[0]);
        assert_memory_equal(d_inputs[0], d_inputs[1], sizeof d_inputs[0]);
        twin_plan_destroy(&fresh);
    }
    twin_plan_destroy(&kept);
    pauli_case_destroy(&c);
    network_destroy(&net);
}

/* ---- what it is chosen for ----------------------------------------------------------------------------- */

static const char *chosen(const network *net, int precision, int hint, int threads)
{
    kg_plan_report report;
    kg_plan_options options = twin_options(NULL, NULL, precision);
    options.batch_hint = hint;
    options.threads = threads;
    twin_plan p = twin_plan_create(net->circuit, net->observable, &options);
    kg_plan_get_report(p.plan, &report);
    twin_plan_destroy(&p);
    return report.engine;
}

/* By the batch, never by threads; once it is cheaper it stays cheaper. */
static void chosen_by_cost(void **state)
{
    (void)state;
    const char *const encodings[] = {"angle", "dense", "hde:2", "amplitude"};
    for (int e = 0; e < 4; e++) {
        network net;
        assert_true(network_create(&net, 8, kg_encoding_find(encodings[e]), 1,
                                   kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                   kg_pooling_find("zx")));
        for (int precision = 0; precision < 2; precision++) {
            int switched = 0;
            assert_string_not_equal(chosen(&net, precision, 1, 1), "pauli");
            for (int hint = 1; hint <= 1000000; hint *= 4) {
                const char *engine = chosen(&net, precision, hint, 1);
                assert_string_equal(chosen(&net, precision, hint, 8), engine);
                assert_true(!switched || !strcmp(engine, "pauli"));
                switched = !strcmp(engine, "pauli");
            }
            assert_true(e > 0 || switched);
        }
        network_destroy(&net);
    }
}

static void check_refused(const twin *t, const kg_observable *observable, const char *message)
{
    kg_error err = {KG_OK, ""};
    kg_plan *plan = NULL;
    kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
    assert_int_equal(kg_plan_create(&plan, t->circuit, observable, &options, &err),
                     KG_ERR_UNSUPPORTED);
    assert_null(plan);
    assert_string_equal(err.message, message);
    options.engine = NULL; /* another engine runs it */
    options.batch_hint = 1000000;
    assert_ok(kg_plan_create(&plan, t->circuit, observable, &options, err));
    kg_plan_destroy(plan);
}

static void says_what_it_cannot_run(void **state)
{
    (void)state;
    const int qubits[7] = {0, 1, 2, 3, 4, 5, 6}, target = 3;
    const kg_slot x = KG_SLOT_OF_INPUT(0), theta = KG_SLOT_OF_PARAM(0);
    kg_observable *z = NULL, *probs = NULL;
    assert_ok(kg_observable_create(&z, 7, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z3", err));
    assert_ok(kg_observable_create(&probs, 7, err));
    assert_ok(kg_observable_add_probs(probs, 7, qubits, err));
    twin *t = twin_create(7);
    twin_param(t, KG_GATE_RY, 3, 0, 0);
    twin_gate(t, KG_GATE_RX, &target, &x);
    check_refused(
        t, z,
        "engine \"pauli\" takes inputs before parameters only, on each qubit; block 0 of 2 "
        "has parameters and inputs behind it");
    twin_destroy(t);
    t = twin_create(7);
    twin_controlled(t, KG_GATE_RX, &target, &theta, 3, qubits, NULL);
    check_refused(
        t, z, "engine \"pauli\" takes blocks of up to 3 qubits, block 0 has 4 with its controls");
    check_refused(t, probs, "engine \"pauli\" takes probabilities of up to 6 qubits, got 7");
    twin_destroy(t);
    kg_observable_destroy(z);
    kg_observable_destroy(probs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ansatz_with_every_encoding),
        cmocka_unit_test(every_pooling_wiring_and_arrangement),
        cmocka_unit_test(several_outputs_and_batches),
        cmocka_unit_test(random_circuits),
        cmocka_unit_test(same_bits_for_any_number_of_threads),
        cmocka_unit_test(what_a_workspace_keeps_is_never_stale),
        cmocka_unit_test(chosen_by_cost),
        cmocka_unit_test(says_what_it_cannot_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
