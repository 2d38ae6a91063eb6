/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of stages for one set of angles, and the way back: environments become derivatives.
 *
 * A real turn [[c, -s], [s, c]] is applied as c [[1, -t], [t, 1]], t = s/c, or s [[t, -1], [1, t]],
 * t = c/s, whichever has the larger factor: two multiply-adds per pair instead of four. The factors of
 * a stage, 0.35 at least, go into its phases. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "compile/matrix.h"
#include "sim/state.h"
#include "sim/tile.h"

static const kgi_state_unit *unit_of(const kgi_state_call *call, int atom)
{
    return &call->t->units[call->t->atoms[atom].unit];
}

static const double *matrix_of(const kgi_state_call *call, int atom)
{
    return call->matrices + (size_t)call->t->atoms[atom].unit * KGI_UNIT_REALS;
}

/* A rotation or a reflection in tangent form; 0 if the matrix is neither. */
static int set_tangent(kgi_stage_numbers *n, int slot, const double *m)
{
    const double eps = 1e-15; /* rounding of a product of gates */
    const double cosine = m[0];
    const double sine = m[4];
    const double sign = m[6] * cosine - m[2] * sine > 0 ? 1 : -1; /* of the determinant */
    if (m[1] != 0 || m[3] != 0 || m[5] != 0 || m[7] != 0 || fabs(m[2] + sign * sine) > eps ||
        fabs(m[6] - sign * cosine) > eps || fabs(cosine * cosine + sine * sine - 1) > 4 * eps) {
        return 0;
    }
    /* a reflection is a rotation by the same angles, then -1 on the slot's 1 */
    const double s = sign * sine;
    n->reflects[slot] = sign < 0;
    if (fabs(cosine) >= fabs(s)) {
        n->turn[slot] = KGI_TURN_TANGENT;
        n->tangent[slot] = s / cosine;
        n->scale *= cosine;
    } else {
        n->turn[slot] = KGI_TURN_COTANGENT;
        n->tangent[slot] = cosine / s;
        n->scale *= s;
    }
    return 1;
}

static void set_turns(const kgi_state_call *call, const kgi_stage *stage, kgi_stage_numbers *n)
{
    for (int slot = 0; slot < KGI_SLOTS; slot++) {
        n->turn[slot] = KGI_TURN_NONE;
        n->reflects[slot] = 0;
        n->full_env[slot] = 0;
        if (stage->turns[slot] < 0) {
            continue;
        }
        const double *m = matrix_of(call, stage->turns[slot]);
        if (!set_tangent(n, slot, m)) {
            n->turn[slot] = KGI_TURN_MATRIX;
            n->full_env[slot] = 1;
            memcpy(n->matrix[slot][0], m, sizeof n->matrix[slot][0]);
            kgi_mat_dagger(2, m, n->matrix[slot][1]);
        }
    }
}

/* Where one value of the slots is on its way through the monomials, and the phase it has. */
typedef struct traveller {
    int k;
    double re, im;
} traveller;

/* The value of a bit: in a slot, or by the verdict of its predicate. */
static int bit_value(const kgi_stage *stage, int bit, int k, unsigned verdicts)
{
    for (int slot = 0; slot < KGI_SLOTS; slot++) {
        if (stage->slot_bits[slot] == bit) {
            return k >> slot & 1;
        }
    }
    for (int j = 0; j < stage->at.n_selects; j++) {
        if (stage->select_mask[j] == (uint64_t)1 << bit) {
            const int holds = (int)(verdicts >> j & 1);
            return stage->select_value[j] ? holds : !holds;
        }
    }
    return 0;
}

/* 1 if the atom's controls have their values: those in slots, and the predicate of the others. */
static int controls_hold(const kgi_stage *stage, const kgi_atom *atom, int k, unsigned verdicts)
{
    uint64_t outside = atom->controls;
    for (int slot = 0; slot < KGI_SLOTS; slot++) {
        const int b = stage->slot_bits[slot];
        if (b >= 0 && (atom->controls >> b & 1)) {
            outside &= ~((uint64_t)1 << b);
            if ((k >> slot & 1) != (int)(atom->values >> b & 1)) {
                return 0;
            }
        }
    }
    for (int j = 0; j < stage->at.n_selects && outside; j++) {
        if (stage->select_mask[j] == outside &&
            stage->select_value[j] == (atom->values & outside)) {
            return (int)(verdicts >> j & 1);
        }
    }
    return 1;
}

/* The column of the atom's matrix that values k select. */
static int column_of(const kgi_stage *stage, const kgi_atom *atom, int k, unsigned verdicts)
{
    int col = 0;
    for (int i = 0; i < atom->n_targets; i++) {
        col |= bit_value(stage, atom->bits[i], k, verdicts) << i;
    }
    return col;
}

static void travel(const kgi_state_call *call, const kgi_stage *stage, int number,
                   unsigned verdicts, traveller *at)
{
    const kgi_atom *atom = &call->t->atoms[number];
    if (!controls_hold(stage, atom, at->k, verdicts)) {
        return;
    }
    const int col = column_of(stage, atom, at->k, verdicts);
    const int row = unit_of(call, number)->row[col];
    const double *phase = matrix_of(call, number) + 2 * ((row << atom->n_targets) + col);
    const double re = at->re;
    at->re = re * phase[0] - at->im * phase[1];
    at->im = re * phase[1] + at->im * phase[0];
    for (int i = 0; i < atom->n_targets; i++) {
        for (int slot = 0; slot < KGI_SLOTS; slot++) {
            if (stage->slot_bits[slot] == atom->bits[i]) {
                at->k = (at->k & ~(1 << slot)) | (row >> i & 1) << slot;
            }
        }
    }
}

static void set_phases(const kgi_state_call *call, const kgi_stage *stage, kgi_stage_numbers *n)
{
    const size_t pair_bytes = (size_t)call->k->lanes * kgi_state_amplitude_bytes(call->k);
    n->phases = KGI_PHASES_NONE;
    for (unsigned v = 0; v < 1u << stage->at.n_selects; v++) {
        for (int k = 0; k < KGI_SLOT_STATES; k++) {
            traveller at = {k, n->scale, 0};
            for (int slot = 0; slot < KGI_SLOTS; slot++) {
                at.re = n->reflects[slot] && (k >> slot & 1) ? -at.re : at.re;
            }
            for (int i = 0; i < stage->n_atoms; i++) {
                travel(call, stage, call->t->stage_atoms[stage->first_atom + i], v, &at);
            }
            n->place[v][k] = (unsigned char)at.k;
            n->target[v][k] = 0;
            for (int slot = 0; slot < stage->at.n_slots; slot++) {
                n->target[v][k] += (size_t)(at.k >> slot & 1) * stage->at.stride[slot] * pair_bytes;
            }
            n->phase[v][k][0] = at.re;
            n->phase[v][k][1] = at.im;
            if (at.im != 0) {
                n->phases = KGI_PHASES_COMPLEX;
            } else if (at.re != 1 && n->phases == KGI_PHASES_NONE) {
                n->phases = KGI_PHASES_REAL;
            }
        }
    }
}

/* The atom's matrix on two slots: slot 0 is its first target, slot 1 its second or idle. */
static void set_dense(const kgi_state_call *call, const kgi_stage *stage, kgi_stage_numbers *n)
{
    const int number = call->t->stage_atoms[stage->first_atom];
    const kgi_unit *unit = &unit_of(call, number)->unit;
    const double *m = matrix_of(call, number);
    n->shape = unit->mux >= 0 ? 1 + 2 * unit->mux + unit->flip : 0;
    memcpy(n->dense[0], m, sizeof n->dense[0]);
    if (stage->kind == KGI_STAGE_DENSE && unit->n_targets == 1) {
        memset(n->dense[0], 0, sizeof n->dense[0]);
        for (int idle = 0; idle < 2; idle++) {
            for (int i = 0; i < 4; i++) {
                const int at = (2 * idle + i / 2) * 4 + 2 * idle + i % 2;
                n->dense[0][2 * at] = m[2 * i];
                n->dense[0][2 * at + 1] = m[2 * i + 1];
            }
        }
        n->shape = 1 + 2 * 1 + 0; /* the idle slot is kept */
    }
    kgi_mat_dagger(stage->kind == KGI_STAGE_DENSE || unit->n_targets == 2 ? 4 : 2, n->dense[0],
                   n->dense[1]);
}

void kgi_state_numbers(const kgi_state_call *call, int all)
{
    const kgi_state_tables *t = call->t;
    for (int u = 0; u < t->n_units; u++) {
        const kgi_unit *unit = &t->units[u].unit;
        if (all || unit->per_sample) {
            kgi_unit_matrix(&t->own, unit, call->params, call->inputs,
                            call->matrices + (size_t)u * KGI_UNIT_REALS);
        }
    }
    for (int i = 0; i < t->n_stages; i++) {
        const kgi_stage *stage = &t->stages[i];
        kgi_stage_numbers *n = &call->numbers[i];
        if (!all && !stage->by_sample) {
            continue;
        }
        n->scale = 1;
        double *numbers = (double *)(void *)((char *)n + offsetof(kgi_stage_numbers, tangent));
        n->real = numbers;
        if (stage->kind == KGI_STAGE_TURNS) {
            set_turns(call, stage, n);
            set_phases(call, stage, n);
        } else {
            set_dense(call, stage, n);
        }
        if (call->plan->precision == KG_PRECISION_F32) {
            n->real = call->reals + (size_t)i * KGI_STAGE_REALS * sizeof(float);
            call->k->from_double(n->real, numbers, KGI_STAGE_REALS);
        }
    }
}

/* ---- back ---- */

static void unit_backward(const kgi_state_call *call, int number, double *env, double *d_params,
                          double *d_inputs)
{
    const kgi_unit *unit = &unit_of(call, number)->unit;
    double matrix[KGI_UNIT_REALS];
    if ((unit->trainable && d_params) || (unit->per_sample && d_inputs)) {
        kgi_env_matrix(unit->n_targets, env, matrix);
        kgi_unit_backward(&call->t->own, unit, call->params, call->inputs, matrix, d_params,
                          d_inputs);
    }
}

/* Sums by verdicts and values before all monomials become those of one monomial: the diagonal of its
 * environment, by the row where a value is after it. */
static void monomials_backward(const kgi_state_call *call, const kgi_stage *stage,
                               const double *sums, double *d_params, double *d_inputs)
{
    for (int a = 0; a < stage->n_atoms; a++) {
        const int number = call->t->stage_atoms[stage->first_atom + a];
        const kgi_unit *unit = &unit_of(call, number)->unit;
        if (!unit->trainable && !unit->per_sample) {
            continue;
        }
        double env[KGI_ENV_REALS] = {0};
        for (unsigned v = 0; v < 1u << stage->at.n_selects; v++) {
            for (int k = 0; k < 1 << call->k->slots; k++) {
                traveller at = {k, 1, 0};
                for (int i = 0; i < a; i++) {
                    travel(call, stage, call->t->stage_atoms[stage->first_atom + i], v, &at);
                }
                if (controls_hold(stage, &call->t->atoms[number], at.k, v)) {
                    env[column_of(stage, &call->t->atoms[number], at.k, v)] +=
                        sums[v * KGI_SLOT_STATES + (unsigned)k];
                }
            }
        }
        unit_backward(call, number, env, d_params, d_inputs);
    }
}

/* Environments were taken of states that carried the stage's factors, and before a reflection's sign. */
static void turns_backward(const kgi_state_call *call, const kgi_stage *stage,
                           const kgi_stage_numbers *n, double *env, double *d_params,
                           double *d_inputs)
{
    for (int slot = 0; slot < KGI_SLOTS; slot++) {
        if (stage->turns[slot] >= 0) {
            double own[KGI_ENV_REALS] = {0};
            const double *sums = env + slot * KGI_TURN_ENV;
            const double scale = 1 / (n->scale * n->scale);
            const double sign = n->reflects[slot] ? -scale : scale;
            own[0] = scale * sums[0];
            own[1] = scale * sums[1];
            own[4] = sign * sums[2];
            own[5] = sign * sums[3];
            unit_backward(call, stage->turns[slot], own, d_params, d_inputs);
        }
    }
    monomials_backward(call, stage, env + KGI_SLOTS * KGI_TURN_ENV, d_params, d_inputs);
}

/* The environment of a 2x2 inside one of 4x4 on its qubit and an idle one. */
static void reduce_idle(double env[KGI_ENV_REALS])
{
    /* entries (0,1) and (2,3) are those of the first slot */
    env[0] += env[2];
    env[1] += env[3];
    env[4] += env[14];
    env[5] += env[15];
}

void kgi_state_env_backward(const kgi_state_call *call, double *env, double *d_params,
                            double *d_inputs)
{
    const kgi_state_tables *t = call->t;
    for (int i = 0; i < t->n_stages; i++) {
        const kgi_stage *stage = &t->stages[i];
        double *own = env + stage->env;
        if (!stage->n_env) {
            continue;
        }
        if (stage->kind == KGI_STAGE_TURNS) {
            turns_backward(call, stage, &call->numbers[i], own, d_params, d_inputs);
            continue;
        }
        const int number = t->stage_atoms[stage->first_atom];
        if (stage->kind == KGI_STAGE_DENSE && unit_of(call, number)->unit.n_targets == 1) {
            reduce_idle(own);
        }
        unit_backward(call, number, own, d_params, d_inputs);
    }
}
