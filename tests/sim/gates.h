/* SPDX-License-Identifier: Apache-2.0 */
/* One gate on a random state, run by every engine, kernel set and precision, against the oracle. The
 * whole state is pinned: all Pauli words for few qubits, else all probabilities and random words. */
#ifndef TESTS_SIM_GATES_H
#define TESTS_SIM_GATES_H

#include "engines.h"
#include "sim/tuples.h"

enum { GATES_MAX_OUTPUTS = 128, GATES_BATCH = 2, GATES_MAX_AMPS = 64 };

typedef struct gate_sweep {
    engine_list engines;
    int stride; /* each case runs on every stride-th engine, from a random one on */
    twin_rng rng;
    int n_qubits;
    int n_words, n_outputs;
    char letters[GATES_MAX_OUTPUTS][TWIN_MAX_QUBITS + 1];
    kg_observable *observable;
    double params[3];
    double inputs[GATES_BATCH * GATES_MAX_AMPS];
} gate_sweep;

static inline void gate_sweep_init(gate_sweep *s, int n, int stride, twin_rng *rng)
{
    *s = (gate_sweep){
        .engines = engines_all(), .stride = stride, .n_qubits = n, .rng = {twin_next(rng)}};
    assert_ok(kg_observable_create(&s->observable, n, err));
    s->n_words = n <= 3 ? 1 << 2 * n : 24;
    for (int w = 0; w < s->n_words; w++) {
        if (n <= 3) {
            twin_letters((uint64_t)w, n, s->letters[w]);
        } else {
            twin_random_letters(rng, n, s->letters[w]);
        }
        twin_observe(s->observable, w, 1.0, s->letters[w]);
    }
    const int all[TWIN_MAX_QUBITS] = {0, 1, 2, 3, 4, 5};
    assert_ok(kg_observable_add_probs(s->observable, n, all, err));
    s->n_outputs = s->n_words + (1 << n);
    assert_true(s->n_outputs <= GATES_MAX_OUTPUTS);
    twin_fill(rng, s->params, 3, -4, 4);
    twin_fill(rng, s->inputs, GATES_BATCH << n, -1, 1);
}

static inline void gate_sweep_expect(const gate_sweep *s, const twin *t, double *out)
{
    for (int b = 0; b < GATES_BATCH; b++) {
        double complex psi[GATES_MAX_AMPS];
        twin_state(t, s->params, s->inputs + ((size_t)b << s->n_qubits), psi);
        for (int w = 0; w < s->n_words; w++) {
            *out++ = ref_pauli(psi, s->n_qubits, s->letters[w]);
        }
        for (int i = 0; i < 1 << s->n_qubits; i++) {
            *out++ = creal(psi[i] * conj(psi[i]));
        }
    }
}

/* f64: values of n + 2 operations on a vector of norm 1 and a sum over 2^n products; the bar of
 * 1e-14 sqrt(2^n) is that of the field's strictest suites. f32: 2e-6 is 33 eps. */
static inline void gate_sweep_check(const tuple_case *c, void *user)
{
    gate_sweep *s = user;
    twin *t = tuples_circuit(c);
    double expected[GATES_BATCH * GATES_MAX_OUTPUTS], got[GATES_BATCH * GATES_MAX_OUTPUTS];
    gate_sweep_expect(s, t, expected);
    for (int e = twin_below(&s->rng, s->stride); e < s->engines.n; e += s->stride) {
        const engine_config *config = &s->engines.config[e];
        const double scale = engines_is_f64(config) ? sqrt(1 << s->n_qubits) : 1.0;
        twin_plan p = engines_plan(config, t->circuit, s->observable);
        kg_plan_forward(p.plan, s->params, GATES_BATCH, s->inputs, got, p.ws);
        const double d = twin_difference(got, expected, GATES_BATCH * s->n_outputs);
        if (!(d <= config->value_tolerance * scale)) {
            print_error("%s: %s on %d %d %d of %d qubits, %d controls from %d: difference %g\n",
                        config->name, kg_gate_name((int)c->gate), c->qubits[0], c->qubits[1],
                        c->qubits[2], c->n_qubits, c->n_controls,
                        c->n_controls ? c->controls[0] : -1, d);
            fail();
        }
        twin_plan_destroy(&p);
    }
    twin_destroy(t);
}

/* All gates on n qubits. stride 1: each case on each engine. */
static inline void gate_sweep_run(int n, int stride, twin_rng *rng)
{
    gate_sweep *s = malloc(sizeof *s);
    assert_non_null(s);
    gate_sweep_init(s, n, stride, rng);
    const int count = tuples_visit(n, gate_sweep_check, s);
    assert_int_equal(count, tuples_expected(n)); /* no tuple left out */
    print_message("%d qubits: %d cases, %d engines\n", n, count, s->engines.n);
    kg_observable_destroy(s->observable);
    free(s);
}

#endif
