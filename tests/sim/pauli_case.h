/* SPDX-License-Identifier: Apache-2.0 */
/* A circuit with numbers for everything, run by two engines and compared. */
#ifndef TESTS_SIM_PAULI_CASE_H
#define TESTS_SIM_PAULI_CASE_H

#include "engines.h"

/* Owns nothing of the circuit. */
typedef struct pauli_case {
    const char *name;
    const kg_circuit *circuit;
    const kg_observable *observable;
    int n_batch;
    int n_params, n_inputs, n_outputs;
    double *params, *inputs, *d_out;
    double *out, *d_params, *d_inputs; /* what is expected */
} pauli_case;

static inline void pauli_case_run(const pauli_case *c, const kg_plan_options *options, double *out,
                                  double *d_params, double *d_inputs)
{
    kg_plan_report report;
    twin_plan p = twin_plan_create(c->circuit, c->observable, options);
    kg_plan_get_report(p.plan, &report);
    if (options->engine) {
        assert_string_equal(report.engine, options->engine);
    }
    kg_plan_forward(p.plan, c->params, c->n_batch, c->inputs, out, p.ws);
    kg_plan_backward(p.plan, c->params, c->n_batch, c->inputs, c->d_out, d_params, d_inputs, p.ws);
    twin_plan_destroy(&p);
}

/* Random angles; inputs that are never all zero. */
static inline pauli_case pauli_case_create(const char *name, const kg_circuit *circuit,
                                           const kg_observable *observable, int n_batch,
                                           twin_rng *rng, const char *oracle)
{
    pauli_case c = {.name = name,
                    .circuit = circuit,
                    .observable = observable,
                    .n_batch = n_batch,
                    .n_params = kg_circuit_n_params(circuit),
                    .n_inputs = kg_circuit_n_inputs(circuit),
                    .n_outputs = kg_observable_n_outputs(observable)};
    c.params = twin_zeros(c.n_params);
    c.inputs = twin_zeros(n_batch * c.n_inputs);
    c.d_out = twin_zeros(n_batch * c.n_outputs);
    c.out = twin_zeros(n_batch * c.n_outputs);
    c.d_params = twin_zeros(c.n_params);
    c.d_inputs = twin_zeros(n_batch * c.n_inputs);
    twin_fill(rng, c.params, c.n_params, -3, 3);
    twin_fill(rng, c.inputs, n_batch * c.n_inputs, 0.1, 3);
    twin_fill(rng, c.d_out, n_batch * c.n_outputs, -1, 1);
    const kg_plan_options options = twin_options(oracle, NULL, KG_PRECISION_F64);
    pauli_case_run(&c, &options, c.out, c.d_params, c.d_inputs);
    return c;
}

static inline void pauli_case_destroy(pauli_case *c)
{
    double *arrays[] = {c->params, c->inputs, c->d_out, c->out, c->d_params, c->d_inputs};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        free(arrays[i]);
    }
}

static inline void pauli_case_near(const pauli_case *c, const char *what, const double *got,
                                   const double *expected, int n, double tolerance)
{
    for (int i = 0; i < n; i++) {
        if (!(fabs(got[i] - expected[i]) <= tolerance)) {
            print_error("%s: %s %d is %.17g, expected %.17g, difference %.3g, tolerance %.3g\n",
                        c->name, what, i, got[i], expected[i], got[i] - expected[i], tolerance);
            fail();
        }
    }
}

/* value_tolerance is of an output; a derivative by a parameter is a sum over the batch. */
static inline void pauli_case_check(const pauli_case *c, const kg_plan_options *options,
                                    double tolerance)
{
    double *out = twin_zeros(c->n_batch * c->n_outputs);
    double *d_params = twin_zeros(c->n_params);
    double *d_inputs = twin_zeros(c->n_batch * c->n_inputs);
    pauli_case_run(c, options, out, d_params, d_inputs);
    pauli_case_near(c, "output", out, c->out, c->n_batch * c->n_outputs, tolerance);
    pauli_case_near(c, "d_params", d_params, c->d_params, c->n_params, tolerance * c->n_batch);
    pauli_case_near(c, "d_inputs", d_inputs, c->d_inputs, c->n_batch * c->n_inputs, 4 * tolerance);
    free(out);
    free(d_params);
    free(d_inputs);
}

#endif
