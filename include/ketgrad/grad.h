/* SPDX-License-Identifier: Apache-2.0 */
/* Derivatives that know nothing of the adjoint sweep: references to check it, and rules that also
 * hold on hardware. */
#ifndef KETGRAD_GRAD_H
#define KETGRAD_GRAD_H

#include "circuit.h"
#include "export.h"
#include "sim.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Evaluates the outputs of an expanded circuit (kg_circuit_expand()) for one sample.
 *
 * @param[in]  angles  [n_slots] the angle of every occurrence
 * @param[out] out     [n_outputs]
 * @return 0, or nonzero to give up (kg_grad_shift() then returns KG_ERR_NUMERIC)
 */
typedef int (*kg_evaluator)(const double *angles, double *out, void *user);

/**
 * Jacobian of one sample by parameter shift, occurrence by occurrence: two terms for generators with
 * eigenvalues +-1/2 or {0, 1}, four terms for controlled rotations. Exact for any evaluator that
 * returns expectation values, simulated or measured.
 *
 * @param[in]  evaluate  called 2 or 4 times per occurrence; NULL: the naive reference simulator
 * @param[out] jacobian  [n_outputs][n_params], overwritten; NULL if not wanted
 * @param[out] d_inputs  [n_outputs][n_inputs], overwritten; NULL if not wanted. Amplitude encodings
 *                       have no shift rule: KG_ERR_UNSUPPORTED
 * Errors: KG_ERR_ARGUMENT (no output; params or inputs NULL but used), KG_ERR_SHAPE (widths differ),
 * KG_ERR_NUMERIC (the evaluator gave up), KG_ERR_MEMORY, and those of kg_circuit_expand(). With the
 * reference simulator also KG_ERR_UNSUPPORTED: more than 20 qubits (deferred ones included).
 * Source: Schuld et al., arXiv:1811.11184; four terms: Anselmetti et al., arXiv:2104.05695.
 */
KG_API KG_MUST_CHECK kg_status kg_grad_shift(const kg_circuit *circuit,
                                             const kg_observable *observable, const double *params,
                                             const double *inputs, kg_evaluator evaluate,
                                             void *user, double *jacobian, double *d_inputs,
                                             kg_error *err);

/**
 * Jacobian of one sample by five-point central differences of the reference simulator. Knows no rule
 * at all, only the function.
 *
 * @param[in]  h         step, 0 for 1e-3, else in [1e-8, 1]; for inputs of an amplitude encoding
 *                       relative to the largest of them, as only their ratios count
 * @param[out] jacobian  [n_outputs][n_params], overwritten; NULL if not wanted
 * @param[out] d_inputs  [n_outputs][n_inputs], overwritten; NULL if not wanted
 * Errors: KG_ERR_ARGUMENT (h; no output; params or inputs NULL but used), KG_ERR_SHAPE,
 * KG_ERR_UNSUPPORTED (more than 20 qubits, deferred ones included), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_grad_differences(const kg_circuit *circuit,
                                                   const kg_observable *observable,
                                                   const double *params, const double *inputs,
                                                   double h, double *jacobian, double *d_inputs,
                                                   kg_error *err);

typedef struct kg_gradcheck {
    int n_params;
    int n_inputs;
    int n_outputs;
    double adjoint_shift;       /* max |adjoint - shift| over parameters */
    double adjoint_differences; /* max |adjoint - differences| over parameters */
    double inputs_differences;  /* max |adjoint - differences| over inputs */
    double value;               /* max |engine - reference| over outputs */
} kg_gradcheck;

/**
 * Compares adjoint (of the engine that options choose), shift and differences for one sample. An
 * entry of the report is NaN if one of the compared numbers is.
 *
 * Errors: those of kg_plan_create(), kg_grad_shift() and kg_grad_differences().
 */
KG_API KG_MUST_CHECK kg_status kg_grad_check(const kg_circuit *circuit,
                                             const kg_observable *observable,
                                             const kg_plan_options *options, const double *params,
                                             const double *inputs, kg_gradcheck *report,
                                             kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
