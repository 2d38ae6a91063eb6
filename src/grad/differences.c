/* SPDX-License-Identifier: Apache-2.0 */
/* Five-point central differences of the reference simulator:
 *
 *     f'(t) = [f(t - 2h) - 8 f(t - h) + 8 f(t + h) - f(t + 2h)] / (12 h) + O(h^4)
 *
 * They know no rule and no gate, so they see the mistakes that adjoint and shift could share. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "circuit/circuit.h"
#include "grad/grad.h"
#include "sim/reference.h"

static const double default_step = 1e-3;

typedef struct difference_run {
    const kg_circuit *circuit;
    const kg_observable *observable;
    double *params; /* own copies, to be moved */
    double *inputs;
    double *out;
    double *scratch;
} difference_run;

/* Amplitudes may have any scale, and only their ratios count: step relative to the largest one. */
static double input_step(const difference_run *run, int i, double h)
{
    double largest = 0.0;
    for (int k = 0; k < run->circuit->n_ops; k++) {
        const kgi_op *op = &run->circuit->ops[k];
        const int inside = op->kind == KGI_OP_AMPLITUDES && i >= op->first_input &&
                           i - op->first_input < 1 << op->n_qubits;
        for (int x = 0; inside && x < 1 << op->n_qubits; x++) {
            largest = fmax(largest, fabs(run->inputs[op->first_input + x]));
        }
    }
    return largest > 0.0 ? h * largest : h;
}

/* column[k * stride] = d out[k] / d *value */
static void differentiate(difference_run *run, double *value, double h, double *column,
                          size_t stride)
{
    static const double steps[4] = {-2.0, -1.0, 1.0, 2.0}, weights[4] = {1.0, -8.0, 8.0, -1.0};
    const double centre = *value;
    const int n_out = kg_observable_n_outputs(run->observable);
    for (int k = 0; k < n_out; k++) {
        column[(size_t)k * stride] = 0.0;
    }
    for (int s = 0; s < 4; s++) {
        *value = centre + steps[s] * h;
        kgi_reference_forward_in(run->circuit, run->observable, run->params, run->inputs, run->out,
                                 run->scratch);
        for (int k = 0; k < n_out; k++) {
            column[(size_t)k * stride] += weights[s] * run->out[k] / (12.0 * h);
        }
    }
    *value = centre;
}

static kg_status difference_run_init(difference_run *run, const double *params,
                                     const double *inputs, kg_error *err)
{
    const size_t n_params = (size_t)run->circuit->n_params;
    const size_t n_inputs = (size_t)run->circuit->n_inputs;
    run->params = kgi_alloc(n_params + 1, sizeof(double));
    run->inputs = kgi_alloc(n_inputs + 1, sizeof(double));
    run->out = kgi_alloc((size_t)kg_observable_n_outputs(run->observable), sizeof(double));
    run->scratch = kgi_alloc(kgi_reference_scratch_bytes(run->circuit), 1);
    if (!run->params || !run->inputs || !run->out || !run->scratch) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate finite differences of %d qubits",
                        run->circuit->n_qubits);
    }
    if (n_params) {
        memcpy(run->params, params, n_params * sizeof(double));
    }
    if (n_inputs) {
        memcpy(run->inputs, inputs, n_inputs * sizeof(double));
    }
    return KG_OK;
}

kg_status kg_grad_differences(const kg_circuit *circuit, const kg_observable *observable,
                              const double *params, const double *inputs, double h,
                              double *jacobian, double *d_inputs, kg_error *err)
{
    kgi_deferred unitary;
    kg_status status = kgi_grad_validate(circuit, observable, params, inputs, err);
    if (!status && !(h == 0.0 || (h >= 1e-8 && h <= 1.0))) {
        status = kgi_fail(err, KG_ERR_ARGUMENT, "step h is %g, not 0 or in [1e-8, 1]", h);
    }
    if (status || (status = kgi_deferred_init(&unitary, circuit, observable, err))) {
        return status;
    }
    const double step = h == 0.0 ? default_step : h;
    difference_run run = {.circuit = unitary.circuit, .observable = unitary.observable};
    status = kgi_reference_check(run.circuit, run.observable, err);
    if (!status) {
        status = difference_run_init(&run, params, inputs, err);
    }
    for (int p = 0; !status && jacobian && p < circuit->n_params; p++) {
        differentiate(&run, &run.params[p], step, jacobian + p, (size_t)circuit->n_params);
    }
    for (int i = 0; !status && d_inputs && i < circuit->n_inputs; i++) {
        differentiate(&run, &run.inputs[i], input_step(&run, i, step), d_inputs + i,
                      (size_t)circuit->n_inputs);
    }
    free(run.params);
    free(run.inputs);
    free(run.out);
    free(run.scratch);
    kgi_deferred_clear(&unitary);
    return status;
}
