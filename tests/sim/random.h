/* SPDX-License-Identifier: Apache-2.0 */
/* Random circuits of all gates, controls, given unitaries, shared parameters with scale and offset,
 * features and amplitudes, and two properties of them that tests check in different numbers. */
#ifndef TESTS_SIM_RANDOM_H
#define TESTS_SIM_RANDOM_H

#include "engines.h"
#include "sim/reference.h"

enum { N_PARAMS = 9, N_FEATURES = 5, N_WORDS = 4, BATCH = 19, MAX_AMPS = 256 };

/* A circuit, what to measure, numbers to run it with, and what the oracle and the reference say. */
typedef struct sample_case {
    twin *t;
    kg_observable *observable;
    char letters[N_WORDS][2][TWIN_MAX_QUBITS + 1];
    int m, qubits[TWIN_MAX_QUBITS];
    int n_params, n_inputs, n_outputs;
    double params[N_PARAMS];
    double *inputs, *d_out;                /* [BATCH][n_inputs], [BATCH][n_outputs] */
    double *values, *d_params, *d_inputs;  /* expected */
    double *got, *got_params, *got_inputs; /* by an engine */
} sample_case;

static inline void case_observe(sample_case *c, twin_rng *rng)
{
    const int n = c->t->n_qubits;
    assert_ok(kg_observable_create(&c->observable, n, err));
    for (int k = 0; k < N_WORDS; k++) {
        for (int w = 0; w < 2; w++) {
            twin_random_letters(rng, n, c->letters[k][w]);
            twin_observe(c->observable, k, w ? -0.25 : 0.75, c->letters[k][w]);
        }
    }
    c->m = n < 2 ? n : 2;
    twin_shuffle(rng, c->qubits, n);
    assert_ok(kg_observable_add_probs(c->observable, c->m, c->qubits, err));
    c->n_outputs = N_WORDS + (1 << c->m);
}

/* Values of the oracle, derivatives of the reference (itself tested against the oracle). */
static inline void case_expect(sample_case *c)
{
    const int n = c->t->n_qubits;
    for (int b = 0; b < BATCH; b++) {
        double complex psi[MAX_AMPS];
        const double *x = c->inputs + (ptrdiff_t)b * c->n_inputs;
        double *out = c->values + (ptrdiff_t)b * c->n_outputs;
        twin_state(c->t, c->params, x, psi);
        for (int k = 0; k < N_WORDS; k++) {
            out[k] = 0.75 * ref_pauli(psi, n, c->letters[k][0]) -
                     0.25 * ref_pauli(psi, n, c->letters[k][1]);
        }
        for (int v = 0; v < 1 << c->m; v++) {
            out[N_WORDS + v] = ref_probability(psi, n, c->m, c->qubits, (size_t)v);
        }
        assert_ok(kgi_reference_backward(c->t->circuit, c->observable, c->params, x,
                                         c->d_out + (ptrdiff_t)b * c->n_outputs, c->d_params,
                                         c->d_inputs + (ptrdiff_t)b * c->n_inputs, err));
    }
}

static inline sample_case case_create(twin_rng *rng, int n, int n_ops, int amplitudes)
{
    const twin_shape shape = {.n_ops = n_ops,
                              .n_params = N_PARAMS,
                              .n_inputs = N_FEATURES,
                              .amplitudes = amplitudes,
                              .unitaries = 1,
                              .max_controls = 3};
    sample_case c = {.t = twin_random(rng, n, &shape)};
    case_observe(&c, rng);
    c.n_params = kg_circuit_n_params(c.t->circuit);
    c.n_inputs = kg_circuit_n_inputs(c.t->circuit);
    twin_fill(rng, c.params, N_PARAMS, -3, 3);
    c.inputs = twin_zeros(BATCH * c.n_inputs);
    c.d_out = twin_zeros(BATCH * c.n_outputs);
    twin_fill(rng, c.inputs, BATCH * c.n_inputs, 0.2, 2);
    twin_fill(rng, c.d_out, BATCH * c.n_outputs, -1, 1);
    c.values = twin_zeros(BATCH * c.n_outputs);
    c.d_params = twin_zeros(N_PARAMS);
    c.d_inputs = twin_zeros(BATCH * c.n_inputs);
    c.got = twin_zeros(BATCH * c.n_outputs);
    c.got_params = twin_zeros(N_PARAMS);
    c.got_inputs = twin_zeros(BATCH * c.n_inputs);
    return c;
}

static inline void case_destroy(sample_case *c)
{
    double *arrays[] = {c->inputs,   c->d_out, c->values,     c->d_params,
                        c->d_inputs, c->got,   c->got_params, c->got_inputs};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        free(arrays[i]);
    }
    kg_observable_destroy(c->observable);
    twin_destroy(c->t);
}

static inline void case_run(sample_case *c, const kg_plan *plan, kg_workspace *ws)
{
    assert_int_equal(kg_plan_n_params(plan), c->n_params);
    assert_int_equal(kg_plan_n_inputs(plan), c->n_inputs);
    memset(c->got_params, 0, N_PARAMS * sizeof(double));
    memset(c->got_inputs, 0, (size_t)(BATCH * c->n_inputs) * sizeof(double));
    kg_plan_forward(plan, c->params, BATCH, c->inputs, c->got, ws);
    kg_plan_backward(plan, c->params, BATCH, c->inputs, c->d_out, c->got_params, c->got_inputs, ws);
}

/* Fusion and cutting are rearrangements of exact identities: fused and unfused differ by rounding of
 * the same 70 operations, the bar is 1e-13 for values; derivatives sum 19 * 8 of them. */
static inline void check_fusion(twin_rng *rng, int n_circuits)
{
    for (int repeat = 0; repeat < n_circuits; repeat++) {
        sample_case c = case_create(rng, 1 + repeat % 8, 40, repeat % 4 == 0);
        kg_plan_options options = KG_PLAN_OPTIONS_INIT;
        options.engine = "tile";
        twin_plan fused = twin_plan_create(c.t->circuit, c.observable, &options);
        options.fuse = 0;
        twin_plan plain = twin_plan_create(c.t->circuit, c.observable, &options);
        case_run(&c, fused.plan, fused.ws);
        memcpy(c.values, c.got, (size_t)(BATCH * c.n_outputs) * sizeof(double));
        memcpy(c.d_params, c.got_params, N_PARAMS * sizeof(double));
        memcpy(c.d_inputs, c.got_inputs, (size_t)(BATCH * c.n_inputs) * sizeof(double));
        case_run(&c, plain.plan, plain.ws);
        assert_near(twin_difference(c.got, c.values, BATCH * c.n_outputs), 0.0, 1e-13);
        assert_near(twin_difference(c.got_params, c.d_params, N_PARAMS), 0.0, 1e-12);
        assert_near(twin_difference(c.got_inputs, c.d_inputs, BATCH * c.n_inputs), 0.0, 1e-12);
        twin_plan_destroy(&fused);
        twin_plan_destroy(&plain);
        case_destroy(&c);
    }
}

/* U, then its inverse as the circuit room builds it, returns |0>. 400 operations of a few eps. */
static inline void check_inverse(twin_rng *rng, int n_circuits, int n_max)
{
    const engine_list engines = engines_all();
    const twin_shape shape = {.n_ops = 200,
                              .n_params = N_PARAMS,
                              .n_inputs = N_FEATURES,
                              .unitaries = 1,
                              .max_controls = 3};
    int all[TWIN_MAX_QUBITS];
    for (int q = 0; q < TWIN_MAX_QUBITS; q++) {
        all[q] = q;
    }
    for (int repeat = 0; repeat < n_circuits; repeat++) {
        const int n = 1 + repeat % n_max;
        double params[N_PARAMS], inputs[N_FEATURES], out[1 << TWIN_MAX_QUBITS];
        twin *t = twin_random(rng, n, &shape);
        kg_circuit *both = NULL;
        kg_observable *observable = NULL;
        twin_fill(rng, params, N_PARAMS, -3, 3);
        twin_fill(rng, inputs, N_FEATURES, -3, 3);
        assert_ok(kg_circuit_create(&both, n, err));
        assert_ok(kg_circuit_append(both, t->circuit, all, 0, 0, err));
        assert_ok(kg_circuit_append_inverse(both, t->circuit, all, 0, 0, err));
        assert_ok(kg_observable_create(&observable, n, err));
        assert_ok(kg_observable_add_probs(observable, n, all, err));
        for (int e = twin_below(rng, 4); e < engines.n; e += 4) {
            const engine_config *config = &engines.config[e];
            twin_plan p = engines_plan(config, both, observable);
            kg_plan_forward(p.plan, params, 1, inputs, out, p.ws);
            engines_near(config, "p(0)", out[0], 1.0, engines_is_f64(config) ? 1e-12 : 2e-5);
            twin_plan_destroy(&p);
        }
        kg_observable_destroy(observable);
        kg_circuit_destroy(both);
        twin_destroy(t);
    }
}

#endif
