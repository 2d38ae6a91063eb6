/* SPDX-License-Identifier: Apache-2.0 */
/* The naive reference: one sample, one dense state, gate by gate, straight from the formulas.
 *
 * Nothing is fused, cut or reordered, so that it can be trusted by reading it; every engine is
 * compared with it, and it stays forever. The functions that end in _in cannot fail and use the
 * caller's scratch; they need a circuit that kgi_reference_check() has passed. */
#ifndef SIM_REFERENCE_H
#define SIM_REFERENCE_H

#include "circuit/circuit.h"

enum { KGI_REFERENCE_MAX_QUBITS = 20 };

/* KG_ERR_UNSUPPORTED for measure, reset, conditional operations or too many qubits; KG_ERR_SHAPE if
 * the observable (NULL: none) is of another width. */
kg_status kgi_reference_check(const kg_circuit *circuit, const kg_observable *observable,
                              kg_error *err);

/* Bytes of scratch for kgi_reference_forward_in() and kgi_reference_backward_in(). */
size_t kgi_reference_scratch_bytes(const kg_circuit *circuit);

/* out [n_outputs] for one sample. */
void kgi_reference_forward_in(const kg_circuit *circuit, const kg_observable *observable,
                              const double *params, const double *inputs, double *out,
                              double *scratch);

/* Adds to d_params [p] and d_inputs [m], either of which may be NULL. */
void kgi_reference_backward_in(const kg_circuit *circuit, const kg_observable *observable,
                               const double *params, const double *inputs, const double *d_out,
                               double *d_params, double *d_inputs, double *scratch);

/* The same with checks and memory of their own. Errors: kgi_reference_check(), KG_ERR_MEMORY. */
kg_status kgi_reference_state(const kg_circuit *circuit, const double *params, const double *inputs,
                              double *state, kg_error *err);
kg_status kgi_reference_forward(const kg_circuit *circuit, const kg_observable *observable,
                                const double *params, const double *inputs, double *out,
                                kg_error *err);
kg_status kgi_reference_backward(const kg_circuit *circuit, const kg_observable *observable,
                                 const double *params, const double *inputs, const double *d_out,
                                 double *d_params, double *d_inputs, kg_error *err);

#endif
