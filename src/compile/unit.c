/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix of a unit and its derivative: forward and backward, in double, for one set of angles.
 *
 * A unit is shared by all its blocks and by the whole batch, so this runs a few times per call, not
 * per sample. Backward needs no derivative of any matrix: with X the Hermitian environment after the
 * unit, the gates are undone one by one, X <- g^dagger X g, and each angle reads 2 tr(G X). */
#include "compile/program.h"

#include <math.h>

#include "compile/matrix.h"

/* The gate's matrix: itself if it is constant, else written to scratch. */
static const double *use_matrix(const kgi_use *use, size_t d, const double *params,
                                const double *inputs, double *scratch)
{
    if (use->slot.kind == KG_SLOT_CONSTANT) {
        return use->a;
    }
    const double t = use->omega * kgi_slot_angle(&use->slot, params, inputs);
    const double cosine = cos(t);
    const double sine = sin(t);
    for (size_t i = 0; i < 2 * d * d; i++) {
        scratch[i] = use->a[i] + cosine * use->b[i] + sine * use->c[i];
    }
    return scratch;
}

void kgi_unit_matrix(const kgi_program *program, const kgi_unit *unit, const double *params,
                     const double *inputs, double *matrix)
{
    const size_t d = (size_t)1 << unit->n_targets;
    kgi_mat_identity(d, matrix);
    for (int k = 0; k < unit->n_uses; k++) {
        double scratch[KGI_UNIT_REALS];
        const kgi_use *use = &program->uses[unit->first_use + k];
        kgi_mat_mul(d, use_matrix(use, d, params, inputs, scratch), matrix, matrix);
    }
}

/* env <- g^dagger env g, which is g^dagger (g^dagger env)^dagger because env is Hermitian. */
static void pull_back(size_t d, const double *gate, double *env)
{
    double dagger[KGI_UNIT_REALS];
    double half[KGI_UNIT_REALS];
    kgi_mat_dagger(d, gate, dagger);
    kgi_mat_mul(d, dagger, env, env);
    kgi_mat_dagger(d, env, half);
    kgi_mat_mul(d, dagger, half, env);
}

void kgi_unit_backward(const kgi_program *program, const kgi_unit *unit, const double *params,
                       const double *inputs, double *env, double *d_params, double *d_inputs)
{
    const size_t d = (size_t)1 << unit->n_targets;
    double scratch[KGI_UNIT_REALS];
    for (int k = unit->n_uses - 1; k >= 0; k--) {
        const kgi_use *use = &program->uses[unit->first_use + k];
        double *d_value = use->slot.kind == KG_SLOT_PARAM   ? d_params
                          : use->slot.kind == KG_SLOT_INPUT ? d_inputs
                                                            : NULL;
        if (d_value) {
            d_value[use->slot.index] += 2 * use->slot.scale * kgi_mat_re_trace(d, use->g, env);
        }
        if (k > 0) {
            pull_back(d, use_matrix(use, d, params, inputs, scratch), env);
        }
    }
}
