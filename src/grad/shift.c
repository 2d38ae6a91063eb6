/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter-shift rule, occurrence by occurrence.
 *
 * An expectation value, as a function of the angle t of one gate exp(-i t G), is a trigonometric
 * polynomial whose frequencies are the differences of the eigenvalues of G, so that its derivative
 * is a combination of values at shifted angles, without any error:
 *
 *     G has two eigenvalues, 1 apart (Pauli rotations, phase gates, these also under control):
 *         f' = 1/2 [f(t + pi/2) - f(t - pi/2)]
 *     eigenvalues -1/2, 0, 1/2 (a Pauli rotation under control), frequencies 1/2 and 1:
 *         f' = c+ [f(t + pi/2) - f(t - pi/2)] - c- [f(t + 3pi/2) - f(t - 3pi/2)],
 *         c+- = (sqrt 2 +- 1) / (4 sqrt 2)
 *
 * A gate under a condition on a measured bit becomes a controlled gate when the measurement is deferred,
 * so it takes the rule of one. A parameter that occurs several times is shifted in each gate alone and the results are added:
 * shifting all at once would see more frequencies than the rule knows.
 * Sources: Schuld et al., arXiv:1811.11184; Anselmetti et al., arXiv:2104.05695. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "circuit/circuit.h"
#include "grad/grad.h"
#include "sim/reference.h"

typedef struct shift_run {
    kg_circuit *expanded;
    kg_slot *slots; /* [n_slots] what each occurrence was */
    int n_slots;
    const kg_observable *observable;
    const double *inputs;
    kg_evaluator evaluate;
    void *user;
    double *angles;  /* [n_slots] */
    double *out;     /* [n_outputs] at a shifted angle */
    double *slope;   /* [n_outputs] derivative by one angle */
    double *scratch; /* of the reference; NULL with an evaluator of the caller's */
} shift_run;

static void shift_run_clear(shift_run *run)
{
    kg_circuit_destroy(run->expanded);
    kg_free(run->slots);
    free(run->angles);
    free(run->out);
    free(run->slope);
    free(run->scratch);
}

static kg_status shift_run_init(shift_run *run, const kg_circuit *circuit, const double *params,
                                kg_error *err)
{
    kg_status status = kg_circuit_expand(&run->expanded, circuit, &run->slots, &run->n_slots, err);
    if (status) {
        return status;
    }
    if (!run->evaluate) {
        status = kgi_reference_check(run->expanded, run->observable, err);
        if (status) {
            return status;
        }
        run->scratch = kgi_alloc(kgi_reference_scratch_bytes(run->expanded), 1);
    }
    const size_t n_out = (size_t)kg_observable_n_outputs(run->observable);
    run->angles = kgi_alloc((size_t)run->n_slots + 1, sizeof(double));
    run->out = kgi_alloc(n_out, sizeof(double));
    run->slope = kgi_alloc(n_out, sizeof(double));
    if (!run->angles || !run->out || !run->slope || (!run->evaluate && !run->scratch)) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a parameter shift of %d occurrences",
                        run->n_slots);
    }
    for (int j = 0; j < run->n_slots; j++) {
        const kg_slot *slot = &run->slots[j];
        const double *values = slot->kind == KG_SLOT_PARAM ? params : run->inputs;
        run->angles[j] = slot->scale * values[slot->index] + slot->offset;
    }
    return KG_OK;
}

/* slope += weight * f(angle of occurrence j + shift) */
static kg_status add_shifted(shift_run *run, int j, double shift, double weight, kg_error *err)
{
    const double angle = run->angles[j];
    int refused = 0;
    run->angles[j] = angle + shift;
    if (run->evaluate) {
        refused = run->evaluate(run->angles, run->out, run->user);
    } else {
        kgi_reference_forward_in(run->expanded, run->observable, run->angles, run->inputs, run->out,
                                 run->scratch);
    }
    run->angles[j] = angle;
    if (refused) {
        return kgi_fail(err, KG_ERR_NUMERIC,
                        "the evaluator returned %d at occurrence %d of %d, expected 0", refused, j,
                        run->n_slots);
    }
    for (int k = 0; k < kg_observable_n_outputs(run->observable); k++) {
        run->slope[k] += weight * run->out[k];
    }
    return KG_OK;
}

/* Derivative of all outputs by the angle of occurrence j, which sits in op. */
static kg_status differentiate(shift_run *run, const kgi_op *op, int j, kg_error *err)
{
    const kgi_spectrum spectrum = kgi_gate_get(op->gate)->spectrum;
    const int four = spectrum == KGI_SPECTRUM_CONTROLLED ||
                     (spectrum == KGI_SPECTRUM_PAULI && op->controls != 0);
    const double near = four ? (M_SQRT2 + 1.0) / (4.0 * M_SQRT2) : 0.5;
    const double far = four ? (M_SQRT2 - 1.0) / (4.0 * M_SQRT2) : 0.0;
    const double terms[4][2] = {
        {0.5 * M_PI, near}, {-0.5 * M_PI, -near}, {1.5 * M_PI, -far}, {-1.5 * M_PI, far}};
    memset(run->slope, 0, (size_t)kg_observable_n_outputs(run->observable) * sizeof *run->slope);
    for (int t = 0; t < (four ? 4 : 2); t++) {
        const kg_status status = add_shifted(run, j, terms[t][0], terms[t][1], err);
        if (status) {
            return status;
        }
    }
    return KG_OK;
}

/* All occurrences of parameters into jacobian and of inputs into d_inputs, each if wanted. */
static kg_status shift_all(shift_run *run, int n_params, int n_inputs, double *jacobian,
                           double *d_inputs, kg_error *err)
{
    for (int i = 0; i < run->expanded->n_ops; i++) {
        const kgi_op *op = &run->expanded->ops[i];
        const kg_slot *angle = kgi_op_slots(run->expanded, op);
        if (op->kind != KGI_OP_GATE || kgi_gate_get(op->gate)->n_params == 0 ||
            angle->kind != KG_SLOT_PARAM) {
            continue;
        }
        const kg_slot *slot = &run->slots[angle->index];
        const int is_param = slot->kind == KG_SLOT_PARAM;
        double *column = is_param ? jacobian : d_inputs;
        if (!column) {
            continue;
        }
        const kg_status status = differentiate(run, op, angle->index, err);
        if (status) {
            return status;
        }
        const size_t stride = (size_t)(is_param ? n_params : n_inputs);
        for (int k = 0; k < kg_observable_n_outputs(run->observable); k++) {
            column[(size_t)k * stride + (size_t)slot->index] += slot->scale * run->slope[k];
        }
    }
    return KG_OK;
}

/* A public signature: what is evaluated, at what, by whom, and what comes out. */
// NOLINTNEXTLINE(readability-function-size)
kg_status kg_grad_shift(const kg_circuit *circuit, const kg_observable *observable,
                        const double *params, const double *inputs, kg_evaluator evaluate,
                        void *user, double *jacobian, double *d_inputs, kg_error *err)
{
    kg_status status = kgi_grad_validate(circuit, observable, params, inputs, err);
    if (status) {
        return status;
    }
    for (int i = 0; d_inputs && i < circuit->n_ops; i++) {
        if (circuit->ops[i].kind == KGI_OP_AMPLITUDES) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "operation %d is an amplitude encoding, whose inputs are no angles and "
                            "have no shift rule",
                            i);
        }
    }
    kgi_deferred unitary;
    status = kgi_deferred_init(&unitary, circuit, observable, err);
    if (status) {
        return status;
    }
    const size_t n_out = (size_t)kg_observable_n_outputs(observable);
    if (jacobian) {
        memset(jacobian, 0, n_out * (size_t)circuit->n_params * sizeof *jacobian);
    }
    if (d_inputs) {
        memset(d_inputs, 0, n_out * (size_t)circuit->n_inputs * sizeof *d_inputs);
    }
    shift_run run = {
        .observable = unitary.observable, .inputs = inputs, .evaluate = evaluate, .user = user};
    status = shift_run_init(&run, unitary.circuit, params, err);
    if (!status) {
        status = shift_all(&run, circuit->n_params, circuit->n_inputs, jacobian, d_inputs, err);
    }
    shift_run_clear(&run);
    kgi_deferred_clear(&unitary);
    return status;
}
