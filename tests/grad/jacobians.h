/* SPDX-License-Identifier: Apache-2.0 */
/* Jacobians by parameter shift and by finite differences, to compare the adjoint sweep of engines with. */
#ifndef TESTS_GRAD_JACOBIANS_H
#define TESTS_GRAD_JACOBIANS_H

#include <ketgrad/grad.h>

#include "engines.h"

enum { MAX_PARAMS = 128, MAX_INPUTS = 256, MAX_OUTPUTS = 16 };

/* A circuit with numbers, and its Jacobians without any adjoint sweep. */
typedef struct jacobians {
    const kg_circuit *circuit;
    const kg_observable *observable;
    const double *params, *inputs;
    int p, m, k;
    int has_inputs_shift;                      /* no amplitude encoding */
    double *shift, *differences;               /* [k][p] */
    double *inputs_shift, *inputs_differences; /* [k][m] */
} jacobians;

static inline jacobians jacobians_create(const kg_circuit *circuit, const kg_observable *observable,
                                         const double *params, const double *inputs, int amplitudes)
{
    jacobians j = {.circuit = circuit,
                   .observable = observable,
                   .params = params,
                   .inputs = inputs,
                   .p = kg_circuit_n_params(circuit),
                   .m = kg_circuit_n_inputs(circuit),
                   .k = kg_observable_n_outputs(observable),
                   .has_inputs_shift = !amplitudes};
    assert_true(j.p <= MAX_PARAMS && j.m <= MAX_INPUTS && j.k <= MAX_OUTPUTS);
    j.shift = twin_zeros(j.k * j.p);
    j.differences = twin_zeros(j.k * j.p);
    j.inputs_shift = twin_zeros(j.k * j.m);
    j.inputs_differences = twin_zeros(j.k * j.m);
    assert_ok(kg_grad_shift(circuit, observable, params, inputs, NULL, NULL, j.shift,
                            amplitudes ? NULL : j.inputs_shift, err));
    assert_ok(kg_grad_differences(circuit, observable, params, inputs, 0.0, j.differences,
                                  j.inputs_differences, err));
    return j;
}

static inline void jacobians_destroy(jacobians *j)
{
    free(j->shift);
    free(j->differences);
    free(j->inputs_shift);
    free(j->inputs_differences);
}

/* Adjoint and shift are both exact: they differ by rounding, 200 operations of a few eps = 1e-13 at
 * worst, against the bar of 1e-12 (f32: eps = 6e-8, bar 1e-5). Differences of step h = 1e-3 truncate
 * h^4/30 |f^(5)| and round 1.5 eps / h = 3e-13 times the size of the values; a parameter shared by r
 * gates has |f^(5)| <= r^5 if all push in one direction, which is 1e-9 for r = 8, and r^(5/2) as a
 * random walk, 6e-12: the bar is 1e-10. Amplitudes: 1e-9. */
static inline void jacobians_check(const jacobians *j, const engine_config *config)
{
    const int f64 = engines_is_f64(config);
    const double differences = f64 ? 1e-10 : 1e-5;
    twin_plan plan = engines_plan(config, j->circuit, j->observable);
    assert_int_equal(plan.n_params, j->p);
    assert_int_equal(plan.n_inputs, j->m);
    for (int k = 0; k < j->k; k++) {
        double d_out[MAX_OUTPUTS] = {0.0}, d_params[MAX_PARAMS] = {0.0},
               d_inputs[MAX_INPUTS] = {0.0};
        d_out[k] = 1.0;
        kg_plan_backward(plan.plan, j->params, 1, j->inputs, d_out, d_params, d_inputs, plan.ws);
        engines_near(config, "adjoint - shift",
                     twin_difference(d_params, j->shift + (ptrdiff_t)k * j->p, j->p), 0.0,
                     config->gradient_tolerance);
        engines_near(config, "adjoint - differences",
                     twin_difference(d_params, j->differences + (ptrdiff_t)k * j->p, j->p), 0.0,
                     differences);
        engines_near(config, "adjoint - differences by inputs",
                     twin_difference(d_inputs, j->inputs_differences + (ptrdiff_t)k * j->m, j->m),
                     0.0, f64 ? 1e-9 : 1e-5);
        if (j->has_inputs_shift) {
            engines_near(config, "adjoint - shift by inputs",
                         twin_difference(d_inputs, j->inputs_shift + (ptrdiff_t)k * j->m, j->m),
                         0.0, config->gradient_tolerance);
        }
    }
    twin_plan_destroy(&plan);
}

/* ---- models --------------------------------------------------------------------------------- */

/* A QCNN, its encoding in front. */
static inline kg_circuit *qcnn(int n, const kg_encoding *encoding, const kg_wiring *wiring,
                               const kg_block *ansatz, const kg_block *pooling, int *readout)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n, err));
    assert_ok(kg_circuit_add_encoding(circuit, encoding, err));
    assert_ok(kg_circuit_add_qcnn(circuit, wiring, ansatz, kg_wiring_pools(wiring) ? pooling : NULL,
                                  readout, err));
    return circuit;
}

static inline void check_qcnn(int n, const kg_encoding *encoding, const kg_wiring *wiring,
                              const kg_block *ansatz, const kg_block *pooling,
                              const engine_list *engines, int stride, twin_rng *rng)
{
    int readout = -1;
    double params[MAX_PARAMS], inputs[MAX_INPUTS];
    char word[32];
    kg_circuit *circuit = qcnn(n, encoding, wiring, ansatz, pooling, &readout);
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, n, err));
    snprintf(word, sizeof word, "Z%d", readout);
    assert_ok(kg_observable_add(observable, 0, 1.0, word, err));
    snprintf(word, sizeof word, "X%d Y%d", readout, (readout + 1) % n);
    assert_ok(kg_observable_add(observable, 1, 0.5, word, err));
    assert_ok(kg_observable_add(observable, 1, 0.5, "Z0", err));
    assert_ok(kg_observable_add_probs(observable, 1, &readout, err));
    twin_fill(rng, params, MAX_PARAMS, -3, 3);
    twin_fill(rng, inputs, MAX_INPUTS, 0.1, 3);
    jacobians j =
        jacobians_create(circuit, observable, params, inputs, !kg_encoding_takes_angles(encoding));
    for (int e = twin_below(rng, stride); e < engines->n; e += stride) {
        jacobians_check(&j, &engines->config[e]);
    }
    jacobians_destroy(&j);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
}

#endif
