/* SPDX-License-Identifier: Apache-2.0 */
/* The naive reference simulator as an engine: one sample after the other, slow, always f64. */
#include "base/status.h"
#include "sim/engines.h"
#include "sim/reference.h"

static kg_status reference_prepare(kg_plan *plan, kg_error *err)
{
    if (plan->precision != KG_PRECISION_F64) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "engine \"reference\" computes in f64 only");
    }
    return kgi_reference_check(plan->circuit, plan->observable, err);
}

static size_t reference_workspace_bytes(const kg_plan *plan)
{
    return kgi_arena_bytes(kgi_reference_scratch_bytes(plan->circuit), 1);
}

static void reference_forward(const kg_plan *plan, const double *params, int n_batch,
                              const double *inputs, double *out, kg_workspace *ws)
{
    double *scratch = kgi_arena_take(&ws->arena, plan->workspace_bytes - KGI_ALIGN, 1);
    for (int b = 0; b < n_batch; b++) {
        const double *row = inputs ? inputs + (size_t)b * (size_t)plan->circuit->n_inputs : NULL;
        kgi_reference_forward_in(plan->circuit, plan->observable, params, row,
                                 out + (size_t)b * (size_t)plan->observable->n_outputs, scratch);
    }
}

static void reference_backward(const kg_plan *plan, const double *params, int n_batch,
                               const double *inputs, const double *d_out, double *d_params,
                               double *d_inputs, kg_workspace *ws)
{
    double *scratch = kgi_arena_take(&ws->arena, plan->workspace_bytes - KGI_ALIGN, 1);
    const size_t m = (size_t)plan->circuit->n_inputs;
    const size_t k = (size_t)plan->observable->n_outputs;
    for (size_t b = 0; b < (size_t)n_batch; b++) {
        kgi_reference_backward_in(plan->circuit, plan->observable, params,
                                  inputs ? inputs + b * m : NULL, d_out + b * k, d_params,
                                  d_inputs ? d_inputs + b * m : NULL, scratch);
    }
}

const kgi_engine kgi_engine_reference = {.name = "reference",
                                         .keeps_circuit = 1,
                                         .prepare = reference_prepare,
                                         .workspace_bytes = reference_workspace_bytes,
                                         .forward = reference_forward,
                                         .backward = reference_backward};
