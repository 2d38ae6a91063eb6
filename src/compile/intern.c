/* SPDX-License-Identifier: Apache-2.0 */
/* Units: gates brought to a block's qubits, recognised if they were seen before, and looked at for
 * structure. */
#include "compile/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { NONE = -1 };

/* Writes a matrix on a gate's own qubits as one on the block's: bit[i] is the block's bit that holds
 * the gate's qubit i. Other bits get the identity. */
static void embed(const double *small, int n_small, const int *bit, int n_big, double *big)
{
    const size_t d_small = (size_t)1 << n_small;
    const size_t d_big = (size_t)1 << n_big;
    size_t used = 0;
    for (int i = 0; i < n_small; i++) {
        used |= (size_t)1 << bit[i];
    }
    memset(big, 0, KGI_UNIT_REALS * sizeof *big);
    for (size_t row = 0; row < d_big; row++) {
        for (size_t col = 0; col < d_big; col++) {
            if ((row & ~used) != (col & ~used)) {
                continue;
            }
            size_t r = 0;
            size_t c = 0;
            for (int i = 0; i < n_small; i++) {
                r |= (row >> bit[i] & 1) << i;
                c |= (col >> bit[i] & 1) << i;
            }
            big[2 * (row * d_big + col)] = small[2 * (r * d_small + c)];
            big[2 * (row * d_big + col) + 1] = small[2 * (r * d_small + c) + 1];
        }
    }
}

static void embed_use(kgi_use *out, const kgi_lowered *gate, int n_targets, const int *qubits)
{
    int bit[KGI_UNIT_QUBITS] = {0};
    for (int i = 0; i < gate->n_targets; i++) {
        bit[i] = n_targets == 2 && gate->targets[i] == qubits[1];
    }
    *out = gate->use;
    embed(gate->use.a, gate->n_targets, bit, n_targets, out->a);
    embed(gate->use.b, gate->n_targets, bit, n_targets, out->b);
    embed(gate->use.c, gate->n_targets, bit, n_targets, out->c);
    embed(gate->use.g, gate->n_targets, bit, n_targets, out->g);
    if (out->slot.kind == KG_SLOT_CONSTANT) { /* equal gates must have equal bytes */
        out->slot = (kg_slot){KG_SLOT_CONSTANT, 0, 0, 0};
        out->omega = 0;
        memset(out->b, 0, sizeof out->b);
        memset(out->c, 0, sizeof out->c);
        memset(out->g, 0, sizeof out->g);
    }
}

/* 1 if the 4x4 matrix keeps the value of a local bit, -1 if it always flips it, 0 if it mixes. */
static int effect_on_bit(const double *matrix, int bit)
{
    int keeps = 1;
    int flips = 1;
    for (int entry = 0; entry < 16; entry++) {
        const int changed = (entry / 4 ^ entry % 4) >> bit & 1; /* row against column */
        if (matrix[2 * entry] != 0 || matrix[2 * entry + 1] != 0) {
            keeps = keeps && !changed;
            flips = flips && changed;
        }
    }
    return keeps ? 1 : flips ? -1 : 0;
}

/* Finds out whether a two-qubit unit is a multiplexer. */
static void find_mux(kgi_unit *unit, const kgi_use *uses)
{
    unit->mux = NONE;
    for (int bit = 1; bit >= 0 && unit->n_targets == 2 && unit->mux == NONE; bit--) {
        int flip = 0;
        int is_mux = 1;
        for (int k = 0; k < unit->n_uses && is_mux; k++) {
            const int effect = effect_on_bit(uses[k].a, bit);
            const int turns = uses[k].slot.kind != KG_SLOT_CONSTANT;
            is_mux = effect != 0 && (!turns || (effect == 1 && effect_on_bit(uses[k].b, bit) == 1 &&
                                                effect_on_bit(uses[k].c, bit) == 1));
            flip ^= effect == -1;
        }
        if (is_mux) {
            unit->mux = bit;
            unit->flip = flip;
        }
    }
}

/* FNV-1a over the words of the uses. */
static size_t hash_uses(const kgi_use *uses, int n)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < (size_t)n * sizeof *uses / sizeof hash; i++) {
        uint64_t word;
        memcpy(&word, (const char *)uses + i * sizeof word, sizeof word);
        hash = (hash ^ word) * 0x100000001b3u;
    }
    return (size_t)(hash ^ hash >> 32);
}

/* The place of an equal unit in the table, or the empty place where it belongs. */
static size_t find_known(const kgi_unit_table *table, const kgi_program *program,
                         const kgi_use *uses, int n, int n_targets)
{
    size_t at = hash_uses(uses, n) & (table->size - 1);
    for (; table->known[at] != NONE; at = (at + 1) & (table->size - 1)) {
        const kgi_unit *old = &program->units[table->known[at]];
        if (old->n_targets == n_targets && old->n_uses == n &&
            memcmp(program->uses + old->first_use, uses, (size_t)n * sizeof *uses) == 0) {
            break;
        }
    }
    return at;
}

kg_status kgi_unit_table_init(kgi_unit_table *table, kgi_program *program, int n_gates,
                              kg_error *err)
{
    const size_t n = (size_t)n_gates + 1;
    table->size = 4;
    while (table->size < 2 * n) {
        table->size *= 2;
    }
    table->known = malloc(table->size * sizeof *table->known);
    program->uses = calloc(n, sizeof *program->uses);
    program->units = calloc(n, sizeof *program->units);
    if (!table->known || !program->uses || !program->units) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate units of %d gates", n_gates);
    }
    for (size_t i = 0; i < table->size; i++) {
        table->known[i] = NONE;
    }
    return KG_OK;
}

void kgi_unit_table_clear(kgi_unit_table *table)
{
    free(table->known);
    table->known = NULL;
}

int kgi_unit_intern(kgi_unit_table *table, kgi_program *program, const kgi_lowered *const *gates,
                    int n, int n_targets, const int *qubits)
{
    kgi_use *uses = program->uses + program->n_uses;
    int has_input = 0;
    int has_param = 0;
    for (int k = 0; k < n; k++) {
        embed_use(&uses[k], gates[k], n_targets, qubits);
        has_input |= uses[k].slot.kind == KG_SLOT_INPUT;
        has_param |= uses[k].slot.kind == KG_SLOT_PARAM;
    }
    const size_t at = find_known(table, program, uses, n, n_targets);
    if (table->known[at] == NONE) {
        kgi_unit *unit = &program->units[program->n_units];
        *unit = (kgi_unit){.first_use = program->n_uses,
                           .n_uses = n,
                           .n_targets = n_targets,
                           .per_sample = has_input,
                           .trainable = has_param};
        find_mux(unit, uses);
        program->n_uses += n;
        table->known[at] = program->n_units++;
    }
    return table->known[at];
}
