/* SPDX-License-Identifier: Apache-2.0 */
/* What a circuit is for the Pauli-vector engine: its input part in groups of qubits, its parameter part as
 * a sequence of pulls (pauli_pulls.c), and a price. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/pauli.h"

enum { I_ONLY = 1, ALL_LETTERS = 15 };
static const double max_bytes = 1073741824.0; /* of coefficients and sums */

/* ---- the input part --------------------------------------------------------------------------------- */

/* Marks the blocks that have inputs, or that come before such a block on one of its qubits. */
static kg_status mark_inputs(kgi_pauli_shape *s, const kgi_program *program, kg_error *err)
{
    uint64_t later = 0;
    for (int b = program->fused.n_blocks - 1; b >= 0; b--) {
        const kgi_block *block = &program->fused.blocks[b];
        const kgi_unit *unit = &program->units[block->unit];
        const uint64_t mask = kgi_block_mask(block);
        if (!unit->per_sample && !(mask & later)) {
            continue;
        }
        if (unit->trainable) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "engine \"pauli\" takes inputs before parameters only, on each qubit; "
                            "block %d of %d has parameters and inputs behind it",
                            b, program->fused.n_blocks);
        }
        s->take[b] = 1;
        later |= mask;
    }
    return KG_OK;
}

static int is_real_unit(const kgi_program *program, int unit)
{
    for (int k = 0; unit >= 0 && k < program->units[unit].n_uses; k++) {
        const kgi_use *use = &program->uses[program->units[unit].first_use + k];
        for (size_t i = 1; i < KGI_UNIT_REALS; i += 2) {
            if (use->a[i] != 0 || use->b[i] != 0 || use->c[i] != 0) {
                return 0;
            }
        }
    }
    return 1;
}

/* A qubit that only its start unit has touched: a Bloch vector; 0 if it has to be a state. */
static int make_bloch(kgi_pauli_group *group, const kgi_program *program, int qubit)
{
    const int start = program->fused.start[qubit];
    const kgi_unit *unit = start < 0 ? NULL : &program->units[start];
    double bloch[3] = {0, 1, 0}; /* X, Z, Y; only of a constant a number */
    unsigned letters = 1u << 1;
    group->kind = unit && unit->per_sample ? KGI_PAULI_TURNED : KGI_PAULI_CONSTANT;
    if (unit && unit->n_uses > KGI_PAULI_TURNS && unit->per_sample) {
        return 0;
    }
    for (int k = 0; unit && k < unit->n_uses; k++) {
        const kgi_use *use = &program->uses[unit->first_use + k];
        kgi_pauli_turn turn;
        if (!kgi_pauli_find_turn(&turn, use)) {
            return 0;
        }
        double old[3];
        unsigned reached = 0;
        memcpy(old, bloch, sizeof old);
        for (size_t i = 0; i < 3; i++) {
            bloch[i] = 0;
            for (size_t j = 0; j < 3; j++) {
                const size_t at = 3 * i + j;
                const int occurs = turn.a[at] != 0 || turn.b[at] != 0 || turn.c[at] != 0;
                reached |= (occurs ? letters >> j & 1 : 0) << i;
                bloch[i] += turn.a[at] * old[j];
            }
        }
        letters = reached;
        if (unit->per_sample) {
            group->turns[group->n_turns] = turn;
            group->slots[group->n_turns++] = use->slot;
        }
    }
    group->letters[0] = (unsigned char)(I_ONLY | letters << 1);
    group->constant[0] = 1;
    memcpy(group->constant + 1, bloch, sizeof bloch);
    return 1;
}

/* Qubits that inputs join have one label, the lowest axis of them. */
static void join_axes(int *label, int n, const kgi_pauli_shape *s, uint64_t mask)
{
    int home = n;
    for (uint64_t rest = mask; rest; rest &= rest - 1) {
        const int here = label[s->axis_of[__builtin_ctzll(rest)]];
        home = here < home ? here : home;
    }
    for (uint64_t rest = mask; rest; rest &= rest - 1) {
        const int other = label[s->axis_of[__builtin_ctzll(rest)]];
        for (int a = 0; a < n; a++) {
            label[a] = label[a] == other ? home : label[a];
        }
    }
}

static uint64_t amplitudes_mask(const kgi_amplitudes *amplitudes)
{
    uint64_t mask = 0;
    for (int i = 0; i < amplitudes->n; i++) {
        mask |= (uint64_t)1 << amplitudes->qubits[i];
    }
    return mask;
}

/* Qubits that need a state: amplitudes, or a block of the input part. */
static uint64_t find_labels(const kgi_pauli_shape *s, const kgi_program *program, int *label)
{
    uint64_t states = 0;
    for (int a = 0; a < s->n; a++) {
        label[a] = a;
    }
    for (int i = 0; i < program->fused.n_amplitudes; i++) {
        const uint64_t mask = amplitudes_mask(&program->fused.amplitudes[i]);
        if (mask & program->fused.active) {
            states |= mask;
            join_axes(label, s->n, s, mask);
        }
    }
    for (int b = 0; b < program->fused.n_blocks; b++) {
        if (s->take[b]) {
            const uint64_t mask = kgi_block_mask(&program->fused.blocks[b]);
            states |= mask;
            join_axes(label, s->n, s, mask);
        }
    }
    return states;
}

static void make_state(kgi_pauli_group *group, const kgi_pauli_shape *s, const kgi_program *program,
                       const int *qubits)
{
    uint64_t mask = 0;
    group->kind = KGI_PAULI_STATE;
    group->real = 1;
    for (int i = 0; i < group->n; i++) {
        const int q = qubits[group->axes[i]];
        mask |= (uint64_t)1 << q;
        group->letters[i] = ALL_LETTERS;
        group->real = group->real && is_real_unit(program, program->fused.start[q]);
    }
    for (int b = 0; b < program->fused.n_blocks; b++) {
        if (s->take[b] && (kgi_block_mask(&program->fused.blocks[b]) & mask)) {
            group->real = group->real && is_real_unit(program, program->fused.blocks[b].unit);
        }
    }
}

static void find_groups(kgi_pauli_shape *s, const kgi_program *program)
{
    int label[KGI_MAX_REGISTER];
    int qubits[KGI_MAX_REGISTER];
    uint64_t states = find_labels(s, program, label);
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        if (program->fused.active >> q & 1) {
            qubits[s->axis_of[q]] = q;
        }
    }
    for (int constants = 1; constants >= 0; constants--) { /* they come first */
        for (int a = 0; a < s->n; a++) {
            kgi_pauli_group *group = &s->groups[s->n_groups];
            *group = (kgi_pauli_group){.n = 0};
            if (label[a] != a) {
                continue;
            }
            for (int k = a; k < s->n; k++) {
                if (label[k] == a) {
                    group->axes[group->n++] = k;
                }
            }
            if ((states >> qubits[a] & 1) || !make_bloch(group, program, qubits[a])) {
                states |= (uint64_t)1 << qubits[a];
                make_state(group, s, program, qubits);
            }
            s->n_groups += (group->kind == KGI_PAULI_CONSTANT) == constants;
        }
        s->n_constants = constants ? s->n_groups : s->n_constants;
    }
    s->state_qubits = states;
}

/* ---- words ------------------------------------------------------------------------------------------- */

static kgi_pauli_word word_on_axes(const kgi_pauli_shape *s, const kgi_register *final, int value,
                                   const kgi_word *word)
{
    kgi_pauli_word out = {.value = value, .coefficient = word->coefficient};
    for (int bit = 0; bit < final->n; bit++) {
        const int axis = s->axis_of[final->qubits[bit]];
        out.letters[axis] = (unsigned char)((word->x >> bit & 1) | (word->z >> bit & 1) << 1);
    }
    return out;
}

/* p_v = 2^-m sum over subsets S of (-1)^|v & S| Z_S */
static void add_probability_words(kgi_pauli_shape *s, const kgi_register *final,
                                  const kgi_operator *op)
{
    const unsigned n = 1u << op->m;
    for (unsigned v = 0; v < n; v++) {
        for (unsigned subset = 0; subset < n; subset++) {
            kgi_word word = {0, 0, __builtin_parity(v & subset) ? -1.0 / n : 1.0 / n};
            for (int k = 0; k < op->m; k++) {
                word.z |= (uint64_t)(subset >> k & 1) << op->bits[k];
            }
            s->words[s->n_words++] = word_on_axes(s, final, op->first_value + (int)v, &word);
        }
    }
}

static kg_status find_words(kgi_pauli_shape *s, const kgi_program *program, kg_error *err)
{
    const kgi_register *final = &program->registers[program->final];
    size_t n = 1;
    for (int o = 0; o < program->n_operators; o++) {
        const kgi_operator *op = &program->operators[o];
        if (!op->n_words && op->m > KGI_PAULI_MAX_PROBS) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "engine \"pauli\" takes probabilities of up to %d qubits, got %d",
                            KGI_PAULI_MAX_PROBS, op->m);
        }
        n += op->n_words ? (size_t)op->n_words : (size_t)1 << 2 * op->m;
    }
    s->n_values = program->n_values;
    s->words = malloc(n * sizeof *s->words);
    if (!s->words) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu Pauli words", n);
    }
    for (int o = 0; o < program->n_operators; o++) {
        const kgi_operator *op = &program->operators[o];
        if (!op->n_words) {
            add_probability_words(s, final, op);
        }
        for (int w = 0; w < op->n_words; w++) {
            s->words[s->n_words++] = word_on_axes(s, final, op->first_value, &op->words[w]);
        }
    }
    return KG_OK;
}

/* ---- halves ------------------------------------------------------------------------------------------- */

static kg_status count_features(kgi_pauli_shape *s, kg_error *err)
{
    const int n_features = s->n_groups - s->n_constants;
    for (int g = 0; g < s->n_groups; g++) {
        kgi_pauli_group *group = &s->groups[g];
        group->n_digits = 1;
        for (int i = 0; i < group->n; i++) {
            group->letters[i] = s->last[group->axes[i]];
            group->n_digits *= (size_t)__builtin_popcount(group->letters[i]);
        }
        group->n_features = group->n_digits;
        if (group->kind != KGI_PAULI_STATE) {
            continue;
        }
        s->quadratic = n_features == 1;
        if (group->n > KGI_PAULI_MAX_GROUP && !s->quadratic) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "engine \"pauli\" takes groups of up to %d qubits whose inputs are "
                            "entangled, got %d",
                            KGI_PAULI_MAX_GROUP, group->n);
        }
        const size_t d = (size_t)1 << group->n;
        group->n_features = s->quadratic  ? (group->real ? d : 2 * d)
                            : group->real ? d * (d + 1) / 2
                                          : d * d;
    }
    return KG_OK;
}

/* The groups in order are cut where the two halves have the fewest features together. */
static void cut_halves(kgi_pauli_shape *s)
{
    double best = HUGE_VAL;
    for (int left = 0; left <= s->n_groups - s->n_constants; left++) {
        double n[2] = {1, 1};
        for (int g = s->n_constants; g < s->n_groups; g++) {
            n[g - s->n_constants >= left] *= (double)s->groups[g].n_features;
        }
        if (n[0] + n[1] < best) {
            best = n[0] + n[1];
            s->n_left = left;
            s->n_a = (size_t)n[0];
            s->n_b = (size_t)n[1];
        }
    }
    if (s->quadratic) {
        s->n_left = 1;
        s->n_a = s->n_b = s->groups[s->n_constants].n_features;
    }
    for (int half = 0; half < 2; half++) {
        size_t place = 0;
        for (int g = half ? s->n_constants + s->n_left : s->n_constants;
             g < (half ? s->n_groups : s->n_constants + s->n_left); g++) {
            s->groups[g].place = place;
            place += s->groups[g].n_features;
        }
    }
}

/* Bytes that grow with the circuit: stages, gradients, matrices, sums of the chunks. */
static double bytes_of(const kgi_pauli_shape *s)
{
    const double matrix = (double)s->n_a * (double)s->n_b;
    return 8 * s->n_values * (s->stored + 3 * s->largest + (KGI_CHUNKS + 4) * matrix);
}

double kgi_pauli_price(const kgi_pauli_shape *s, int precision, int batch_hint)
{
    /* A pull runs at about half of the speed of the tile engine's kernels, which these prices are
     * compared with; matrix times features at the same. Calling and preparing cost what 20 000
     * multiply-adds cost. */
    const double sweep = 2;
    const double fixed = 20000;
    const double matrix = s->n_values * (double)s->n_a * (double)s->n_b;
    double features = 2 * (double)(s->n_a + s->n_b);
    for (int g = s->n_constants; g < s->n_groups; g++) {
        const kgi_pauli_group *group = &s->groups[g];
        features += group->kind == KGI_PAULI_TURNED ? 40 * group->n_turns
                                                    : 64 * ldexp(1, group->n) * group->n;
    }
    double edge = 16 * (double)s->n_a * (double)s->n_b;
    if (s->state_qubits) { /* letters become products of amplitudes */
        double digits = 60;
        for (int g = s->n_constants; g < s->n_groups; g++) {
            digits *= (double)s->groups[g].n_digits;
        }
        edge += digits;
    }
    const double in_double = precision == KG_PRECISION_F32 ? 2 : 1;
    const double once = sweep * s->n_values * (4 * s->pull_fma + edge) + fixed;
    return in_double * once + 2.0 * batch_hint * (matrix + features);
}

void kgi_pauli_shape_destroy(kgi_pauli_shape *s)
{
    if (s) {
        free(s->take);
        free(s->words);
        free(s->kinds);
        free(s->pulls);
        free(s);
    }
}

static kg_status fill(kgi_pauli_shape *s, const kgi_program *program, kg_error *err)
{
    kg_status status = mark_inputs(s, program, err);
    if (!status) {
        find_groups(s, program);
        status = find_words(s, program, err);
    }
    if (!status) {
        status = kgi_pauli_find_pulls(s, program, err);
    }
    if (!status) {
        status = count_features(s, err);
    }
    if (!status) {
        cut_halves(s);
        if (!(bytes_of(s) <= max_bytes)) {
            status = kgi_fail(err, KG_ERR_UNSUPPORTED,
                              "engine \"pauli\" would need %.3g MB of coefficients for this "
                              "circuit, it takes up to %.0f",
                              1e-6 * bytes_of(s), 1e-6 * max_bytes);
        }
    }
    return status;
}

kg_status kgi_pauli_shape_create(kgi_pauli_shape **out, const kgi_program *program, kg_error *err)
{
    *out = NULL;
    if (program->fused.n_blocks > KGI_PAULI_MAX_BLOCKS) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "engine \"pauli\" takes up to %d blocks, got %d",
                        KGI_PAULI_MAX_BLOCKS, program->fused.n_blocks);
    }
    kgi_pauli_shape *s = calloc(1, sizeof *s);
    if (!s || !(s->take = calloc((size_t)program->fused.n_blocks + 1, 1))) {
        free(s);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the shape of a circuit");
    }
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        if (program->fused.active >> q & 1) {
            s->axis_of[q] = s->n++;
        }
    }
    const kg_status status = fill(s, program, err);
    if (status) {
        kgi_pauli_shape_destroy(s);
        return status;
    }
    *out = s;
    return KG_OK;
}
