/* SPDX-License-Identifier: Apache-2.0 */
/* Three derivatives of one sample side by side: the adjoint sweep of an engine, the parameter-shift
 * rule and finite differences. They share no formula, so that they agree only if all are right. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "circuit/circuit.h"
#include "grad/grad.h"
#include "sim/reference.h"

/* What one sample gives: values and the two Jacobians. */
typedef struct sample_result {
    double *out;      /* [k] */
    double *jacobian; /* [k][p] */
    double *d_inputs; /* [k][m] */
} sample_result;

static int sample_result_init(sample_result *result, const kg_gradcheck *sizes)
{
    const size_t k = (size_t)sizes->n_outputs;
    result->out = kgi_alloc(k, sizeof(double));
    result->jacobian = kgi_alloc(k * (size_t)sizes->n_params + 1, sizeof(double));
    result->d_inputs = kgi_alloc(k * (size_t)sizes->n_inputs + 1, sizeof(double));
    return result->out && result->jacobian && result->d_inputs;
}

static void sample_result_clear(sample_result *result)
{
    free(result->out);
    free(result->jacobian);
    free(result->d_inputs);
}

/* Largest |a - b|; NaN if one of them is. */
static double distance(const double *a, const double *b, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n && !isnan(largest); i++) {
        const double d = fabs(a[i] - b[i]);
        largest = d <= largest ? largest : d;
    }
    return largest;
}

/* Row k of the Jacobian is the vector-Jacobian product with the unit vector k. */
static kg_status adjoint(const kg_circuit *circuit, const kg_observable *observable,
                         const kg_plan_options *options, const double *params, const double *inputs,
                         sample_result *result, kg_error *err)
{
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    kg_status status = kg_plan_create(&plan, circuit, observable, options, err);
    if (!status) {
        status = kg_workspace_create(&ws, plan, err);
    }
    const size_t n_out = (size_t)kg_observable_n_outputs(observable);
    const size_t p = (size_t)circuit->n_params, m = (size_t)circuit->n_inputs;
    double *d_out = kgi_alloc(n_out, sizeof(double));
    if (!status && !d_out) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu derivatives", n_out);
    }
    if (!status) {
        memset(result->jacobian, 0, n_out * p * sizeof(double));
        memset(result->d_inputs, 0, n_out * m * sizeof(double));
        kg_plan_forward(plan, params, 1, inputs, result->out, ws);
    }
    for (size_t k = 0; !status && k < n_out; k++) {
        memset(d_out, 0, n_out * sizeof(double));
        d_out[k] = 1.0;
        kg_plan_backward(plan, params, 1, inputs, d_out, result->jacobian + k * p,
                         m ? result->d_inputs + k * m : NULL, ws);
    }
    free(d_out);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
    return status;
}

kg_status kg_grad_check(const kg_circuit *circuit, const kg_observable *observable,
                        const kg_plan_options *options, const double *params, const double *inputs,
                        kg_gradcheck *report, kg_error *err)
{
    kgi_deferred unitary;
    kg_status status = kgi_grad_validate(circuit, observable, params, inputs, err);
    if (status || (status = kgi_deferred_init(&unitary, circuit, observable, err))) {
        return status;
    }
    *report = (kg_gradcheck){.n_params = circuit->n_params,
                             .n_inputs = circuit->n_inputs,
                             .n_outputs = kg_observable_n_outputs(observable)};
    sample_result engine = {0}, plain = {0};
    const size_t n_out = (size_t)report->n_outputs;
    const size_t n_jacobian = n_out * (size_t)report->n_params;
    if (!sample_result_init(&engine, report) || !sample_result_init(&plain, report)) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate Jacobians of %d x %d",
                          report->n_outputs, report->n_params + report->n_inputs);
        goto done;
    }
    if ((status = adjoint(circuit, observable, options, params, inputs, &engine, err)) ||
        (status = kgi_reference_forward(unitary.circuit, unitary.observable, params, inputs,
                                        plain.out, err)) ||
        (status = kg_grad_shift(circuit, observable, params, inputs, NULL, NULL, plain.jacobian,
                                NULL, err))) {
        goto done;
    }
    report->value = distance(engine.out, plain.out, n_out);
    report->adjoint_shift = distance(engine.jacobian, plain.jacobian, n_jacobian);
    status = kg_grad_differences(circuit, observable, params, inputs, 0.0, plain.jacobian,
                                 plain.d_inputs, err);
    if (!status) {
        report->adjoint_differences = distance(engine.jacobian, plain.jacobian, n_jacobian);
        report->inputs_differences =
            distance(engine.d_inputs, plain.d_inputs, n_out * (size_t)report->n_inputs);
    }
done:
    sample_result_clear(&engine);
    sample_result_clear(&plain);
    kgi_deferred_clear(&unitary);
    return status;
}
