/* SPDX-License-Identifier: Apache-2.0 */
/* Atoms of the state engine: fused blocks taken apart again where that saves work.
 *
 * A dense 4x4 costs 16 multiply-adds per amplitude. A real rotation costs 2, phases together 4 for all
 * slots of a stage, a permutation nothing: RY, RZ and CX on two qubits are cheaper apart, the fifteen
 * rotations of a general block are cheaper as one matrix. Every unit of the program is priced both
 * ways, once, and its blocks follow. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/state.h"

enum { NONE = -1 };

/* Multiply-adds per amplitude. A pass over a cache block that an atom needs for itself counts too. */
static const double dense_fma = 16, mux_fma = 8, matrix_fma = 8, real_fma = 2, monomial_fma = 1.4,
                    pass_fma = 2;

/* An atom of a unit: on the unit's local qubits. */
typedef struct part {
    int unit;
    int n_targets;
    int local[KGI_UNIT_QUBITS];
} part;

typedef struct taker {
    kgi_state_tables *t;
    const kgi_program *program;
    part *parts;
    int n_parts;
    int *first_part; /* [n_units + 1] */
} taker;

static const double *entry(const double *matrix, size_t d, size_t row, size_t col)
{
    return matrix + 2 * (row * d + col);
}

static int is_zero(const double *x)
{
    return x[0] == 0 && x[1] == 0;
}

/* 1 if the 4x4 is the identity on a local qubit, times something on the other. */
static int ignores(const double *matrix, int local)
{
    const size_t bit = (size_t)1 << local;
    for (size_t row = 0; row < 4; row++) {
        for (size_t col = 0; col < 4; col++) {
            const double *here = entry(matrix, 4, row, col);
            if ((row ^ col) & bit) {
                if (!is_zero(here)) {
                    return 0;
                }
            } else {
                const double *there = entry(matrix, 4, row ^ bit, col ^ bit);
                if (here[0] != there[0] || here[1] != there[1]) {
                    return 0;
                }
            }
        }
    }
    return 1;
}

/* The local qubit that a use of a 4x4 unit acts on alone, NONE if it acts on both. */
static int only_qubit(const kgi_use *use)
{
    const double *matrices[] = {use->a, use->b, use->c, use->g};
    for (int local = 0; local < 2; local++) {
        int alone = 1;
        for (int i = 0; i < 4; i++) {
            alone = alone && ignores(matrices[i], 1 - local);
        }
        if (alone) {
            return local;
        }
    }
    return NONE;
}

/* The 2x2 use of a 4x4 one that ignores the other qubit. */
static kgi_use shrink(const kgi_use *use, int local)
{
    kgi_use small = {.slot = use->slot, .omega = use->omega};
    const double *from[] = {use->a, use->b, use->c, use->g};
    double *to[] = {small.a, small.b, small.c, small.g};
    for (int i = 0; i < 4; i++) {
        for (size_t row = 0; row < 2; row++) {
            for (size_t col = 0; col < 2; col++) {
                memcpy(to[i] + 2 * (2 * row + col), entry(from[i], 4, row << local, col << local),
                       2 * sizeof(double));
            }
        }
    }
    return small;
}

static int is_real(const kgi_use *use, size_t d)
{
    for (size_t i = 0; i < d * d; i++) {
        if (use->a[2 * i + 1] != 0 || use->b[2 * i + 1] != 0 || use->c[2 * i + 1] != 0) {
            return 0;
        }
    }
    return 1;
}

/* 1 if the use is phases and a permutation whatever its angle; row[col] is where columns go. */
static int is_monomial(const kgi_use *use, size_t d, int row_of[KGI_UNIT_DIM])
{
    for (size_t col = 0; col < d; col++) {
        int n = 0;
        for (size_t row = 0; row < d; row++) {
            if (!is_zero(entry(use->a, d, row, col)) || !is_zero(entry(use->b, d, row, col)) ||
                !is_zero(entry(use->c, d, row, col))) {
                row_of[col] = (int)row;
                n++;
            }
        }
        if (n != 1 || (use->slot.kind != KG_SLOT_CONSTANT && row_of[col] != (int)col)) {
            return 0;
        }
    }
    return 1;
}

/* How a matrix that is not zero at most where the uses say may be applied: see dense_shape in
 * kgi_stage_numbers. Sets mux and flip. */
static void find_shape(kgi_unit *unit, const kgi_use *use)
{
    unit->mux = NONE;
    unit->flip = 0;
    for (int mux = 1; mux >= 0 && unit->mux == NONE; mux--) {
        for (size_t flip = 0; flip < 2; flip++) {
            int fits = 1;
            for (size_t i = 0; i < 16; i++) {
                const int used = !is_zero(use->a + 2 * i) || !is_zero(use->b + 2 * i) ||
                                 !is_zero(use->c + 2 * i);
                fits = fits && (!used || ((i / 4 ^ i % 4) >> mux & 1) == flip);
            }
            if (fits) {
                unit->mux = mux;
                unit->flip = (int)flip;
                break;
            }
        }
    }
}

/* A new unit of the uses that were just added, and a part that applies it. */
static void add_part(taker *k, int n_uses, kgi_atom_kind kind, int n_targets, const int *local)
{
    kgi_state_tables *t = k->t;
    kgi_state_unit *new = &t->units[t->n_units];
    *new = (kgi_state_unit){.kind = kind};
    new->unit = (kgi_unit){
        .first_use = t->own.n_uses - n_uses, .n_uses = n_uses, .n_targets = n_targets, .mux = NONE};
    for (int i = 0; i < n_uses; i++) {
        const int slot = t->own.uses[new->unit.first_use + i].slot.kind;
        new->unit.per_sample |= slot == KG_SLOT_INPUT;
        new->unit.trainable |= slot == KG_SLOT_PARAM;
    }
    const kgi_use *use = &t->own.uses[new->unit.first_use];
    if (kind == KGI_ATOM_MONOMIAL) {
        (void)is_monomial(use, (size_t)1 << n_targets, new->row);
    } else if (kind == KGI_ATOM_DENSE && n_targets == 2 && n_uses == 1) {
        find_shape(&new->unit, use);
    }
    part *p = &k->parts[k->n_parts++];
    *p = (part){.unit = t->n_units++, .n_targets = n_targets};
    memcpy(p->local, local, (size_t)n_targets * sizeof *local);
}

static void add_use(taker *k, const kgi_use *use)
{
    k->t->own.uses[k->t->own.n_uses++] = *use;
}

/* A run of gates on one qubit: real turns and then phases stay apart, anything else is one matrix.
 * Returns its price. */
static double take_run(taker *k, const kgi_use *uses, int n, int local)
{
    int row[KGI_UNIT_DIM];
    int n_front = n; /* what stands before the phases at the end */
    while (n_front > 0 && is_monomial(&uses[n_front - 1], 2, row)) {
        n_front--;
    }
    int real = 1;
    for (int i = 0; i < n_front; i++) {
        real = real && is_real(&uses[i], 2);
    }
    if (!real) {
        n_front = n;
    }
    for (int i = 0; i < n_front; i++) {
        add_use(k, &uses[i]);
    }
    if (n_front > 0) {
        add_part(k, n_front, KGI_ATOM_TURN, 1, &local);
    }
    for (int i = n_front; i < n; i++) {
        add_use(k, &uses[i]);
        add_part(k, 1, KGI_ATOM_MONOMIAL, 1, &local);
    }
    return (n_front == 0 ? 0 : real ? real_fma : matrix_fma) + (n > n_front ? monomial_fma : 0);
}

/* The gates of a unit on two qubits, one by one; runs on one qubit together. Returns their price. */
static double take_apart(taker *k, const kgi_unit *unit, kgi_use *scratch)
{
    static const int both[] = {0, 1};
    kgi_use *run[2] = {scratch, scratch + unit->n_uses};
    int n_run[2] = {0, 0};
    double price = 0;
    for (int i = 0; i <= unit->n_uses; i++) {
        const kgi_use *use = i < unit->n_uses ? &k->program->uses[unit->first_use + i] : NULL;
        const int only = use ? only_qubit(use) : NONE;
        if (only != NONE) {
            run[only][n_run[only]++] = shrink(use, only);
            continue;
        }
        for (int local = 0; local < 2; local++) { /* what waits comes first */
            price += take_run(k, run[local], n_run[local], local);
            n_run[local] = 0;
        }
        int row[KGI_UNIT_DIM];
        if (use) {
            const int monomial = is_monomial(use, 4, row);
            add_use(k, use);
            add_part(k, 1, monomial ? KGI_ATOM_MONOMIAL : KGI_ATOM_DENSE, 2, both);
            price += monomial                                       ? monomial_fma
                     : k->t->units[k->t->n_units - 1].unit.mux >= 0 ? mux_fma + pass_fma
                                                                    : dense_fma + pass_fma;
        }
    }
    return price;
}

/* All uses of a unit as one dense part. */
static void take_whole(taker *k, const kgi_unit *unit)
{
    static const int both[] = {0, 1};
    for (int i = 0; i < unit->n_uses; i++) {
        add_use(k, &k->program->uses[unit->first_use + i]);
    }
    add_part(k, unit->n_uses, KGI_ATOM_DENSE, 2, both);
    kgi_unit *new = &k->t->units[k->t->n_units - 1].unit;
    new->mux = unit->mux;
    new->flip = unit->flip;
}

static void take_unit(taker *k, const kgi_unit *unit, kgi_use *scratch)
{
    const taker before = *k;
    const int n_units = k->t->n_units;
    const int n_uses = k->t->own.n_uses;
    if (unit->n_targets == 1) {
        (void)take_run(k, k->program->uses + unit->first_use, unit->n_uses, 0);
        return;
    }
    const double whole = (unit->mux >= 0 ? mux_fma : dense_fma) + pass_fma;
    const double apart = take_apart(k, unit, scratch);
    if (unit->n_uses > 1 && apart > whole) {
        *k = before;
        k->t->n_units = n_units;
        k->t->own.n_uses = n_uses;
        take_whole(k, unit);
    }
}

/* Bits of the state by qubit of the circuit: the active qubits in order. */
static void number_bits(const kgi_program *program, int bit_of[KG_MAX_QUBITS])
{
    uint64_t active = 0;
    const kgi_register *final = &program->registers[program->final];
    for (int i = 0; i < final->n; i++) {
        active |= (uint64_t)1 << final->qubits[i];
    }
    for (int i = 0; active; active &= active - 1, i++) {
        bit_of[__builtin_ctzll(active)] = i;
    }
}

/* The atoms of a step: bits[i] is the bit of the state that bit i of the step's register is. */
static void add_atoms(taker *k, int unit, const kgi_target *at, const int *bits)
{
    for (int i = k->first_part[unit]; i < k->first_part[unit + 1]; i++) {
        const part *p = &k->parts[i];
        const kgi_state_unit *u = &k->t->units[p->unit];
        kgi_atom *atom = &k->t->atoms[k->t->n_atoms++];
        *atom = (kgi_atom){.unit = p->unit, .n_targets = p->n_targets};
        for (int f = 0; f < at->n_fixed; f++) {
            atom->controls |= (uint64_t)1 << bits[at->fixed[f]];
            atom->values |= (uint64_t)(at->set >> at->fixed[f] & 1) << bits[at->fixed[f]];
        }
        for (int l = 0; l < at->n_targets; l++) {
            atom->controls &= ~((uint64_t)1 << bits[at->bits[l]]);
        }
        atom->diagonal = atom->controls;
        for (int l = 0; l < p->n_targets; l++) {
            const uint64_t bit = (uint64_t)1 << bits[at->bits[p->local[l]]];
            int keeps = u->kind == KGI_ATOM_MONOMIAL;
            for (int col = 0; keeps && col < 1 << p->n_targets; col++) {
                keeps = ((u->row[col] ^ col) >> l & 1) == 0;
            }
            atom->bits[l] = bits[at->bits[p->local[l]]];
            *(keeps ? &atom->diagonal : &atom->mixed) |= bit;
        }
    }
}

static void register_bits(const kgi_register *reg, const int *bit_of, int *bits)
{
    for (int i = 0; i < reg->n; i++) {
        bits[i] = bit_of[reg->qubits[i]];
    }
}

static void add_steps(taker *k, const int *bit_of)
{
    static const kgi_target whole_qubit = {.n_targets = 1, .n_fixed = 1};
    const kgi_program *program = k->program;
    int bits[KGI_MAX_REGISTER];
    for (int i = 0; i < program->n_steps; i++) {
        const kgi_step *step = &program->steps[i];
        const kgi_register *reg = &program->registers[step->reg];
        register_bits(reg, bit_of, bits);
        if (step->kind == KGI_STEP_BLOCK) {
            add_atoms(k, step->unit, &step->at, bits);
        } else if (step->kind == KGI_STEP_PRODUCT && step->unit >= 0) {
            add_atoms(k, step->unit, &whole_qubit, bits);
        } else if (step->kind == KGI_STEP_AMPLITUDES) {
            kgi_state_amplitudes *a = &k->t->amplitudes[k->t->n_amplitudes++];
            a->n = reg->n;
            a->first_input = step->first_input;
            memcpy(a->bits, bits, sizeof bits);
        }
    }
    const kgi_tail *tail = &program->tail;
    int tail_bits[KGI_MAX_REGISTER];
    register_bits(&program->registers[program->final], bit_of, bits);
    for (int i = 0; i < tail->n_kept; i++) {
        tail_bits[i] = bits[tail->kept[i]];
    }
    for (int i = 0; i < tail->n_choosers; i++) {
        tail_bits[tail->n_kept + i] = bits[tail->choosers[i]];
    }
    for (int i = 0; i < tail->n_blocks; i++) {
        add_atoms(k, tail->steps[i].unit, &tail->steps[i].at, tail_bits);
    }
}

static kg_status add_operators(taker *k, const int *bit_of, kg_error *err)
{
    const kgi_program *program = k->program;
    int bits[KGI_MAX_REGISTER];
    register_bits(&program->registers[program->final], bit_of, bits);
    k->t->operators = calloc((size_t)program->n_operators + 1, sizeof *k->t->operators);
    if (!k->t->operators) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d operators", program->n_operators);
    }
    for (int o = 0; o < program->n_operators; o++) {
        kgi_operator *op = &k->t->operators[o];
        *op = program->operators[o];
        op->words = malloc(((size_t)op->n_words + 1) * sizeof *op->words);
        if (!op->words) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d Pauli words", op->n_words);
        }
        for (int w = 0; w < op->n_words; w++) {
            const kgi_word *from = &program->operators[o].words[w];
            op->words[w] = (kgi_word){.coefficient = from->coefficient};
            for (int i = 0; i < program->registers[program->final].n; i++) {
                op->words[w].x |= (from->x >> i & 1) << bits[i];
                op->words[w].z |= (from->z >> i & 1) << bits[i];
            }
        }
        for (int i = 0; i < op->m; i++) {
            op->bits[i] = bits[op->bits[i]];
        }
    }
    return KG_OK;
}

/* Room for all parts, whole and apart. */
static kg_status allocate(taker *k, kgi_use **scratch, kg_error *err)
{
    const kgi_program *program = k->program;
    const size_t n_uses = 2 * (size_t)program->n_uses + 2;
    const size_t n_units = (size_t)program->n_units + 1;
    kgi_state_tables *t = k->t;
    t->own = (kgi_program){.n_params = program->n_params, .n_inputs = program->n_inputs};
    t->own.uses = calloc(n_uses, sizeof *t->own.uses);
    t->units = calloc(n_uses, sizeof *t->units);
    t->amplitudes = calloc((size_t)program->n_steps + 1, sizeof *t->amplitudes);
    k->parts = calloc(n_uses, sizeof *k->parts);
    k->first_part = calloc(n_units, sizeof *k->first_part);
    *scratch = calloc(n_uses, sizeof **scratch);
    return t->own.uses && t->units && t->amplitudes && k->parts && k->first_part && *scratch
               ? KG_OK
               : kgi_fail(err, KG_ERR_MEMORY, "cannot take %d gates apart", program->n_uses);
}

static size_t count_atoms(const taker *k)
{
    size_t n = 1;
    for (int i = 0; i < k->program->n_steps + k->program->tail.n_blocks; i++) {
        const int unit = i < k->program->n_steps
                             ? k->program->steps[i].unit
                             : k->program->tail.steps[i - k->program->n_steps].unit;
        n += unit < 0 ? 0 : (size_t)(k->first_part[unit + 1] - k->first_part[unit]);
    }
    return n;
}

kg_status kgi_state_make_atoms(kgi_state_tables *t, const kgi_program *program, kg_error *err)
{
    taker k = {.t = t, .program = program};
    kgi_use *scratch = NULL;
    int bit_of[KG_MAX_QUBITS] = {0};
    kg_status status = allocate(&k, &scratch, err);
    for (int u = 0; u < program->n_units && !status; u++) {
        take_unit(&k, &program->units[u], scratch);
        k.first_part[u + 1] = k.n_parts;
    }
    if (!status) {
        const size_t n = count_atoms(&k);
        t->atoms = calloc(n, sizeof *t->atoms);
        status = t->atoms ? KG_OK : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu gates", n);
    }
    if (!status) {
        number_bits(program, bit_of);
        add_steps(&k, bit_of);
        status = add_operators(&k, bit_of, err);
    }
    free(scratch);
    free(k.parts);
    free(k.first_part);
    return status;
}

/* Multiply-adds per amplitude of an atom. */
static double atom_fma(const kgi_state_tables *t, const kgi_atom *atom)
{
    const kgi_state_unit *unit = &t->units[atom->unit];
    int real = 1;
    switch (unit->kind) {
    case KGI_ATOM_MONOMIAL:
        return monomial_fma * (atom->mixed ? 0.5 : 1);
    case KGI_ATOM_TURN:
        for (int i = 0; i < unit->unit.n_uses; i++) {
            real = real && is_real(&t->own.uses[unit->unit.first_use + i], 2);
        }
        return atom->controls ? mux_fma : real ? real_fma : matrix_fma;
    default:
        return unit->unit.mux < 0 && unit->unit.n_targets == 2 ? dense_fma : mux_fma;
    }
}

double kgi_state_count_fma(const kgi_state_tables *t)
{
    double fma = 0;
    for (int i = 0; i < t->n_atoms; i++) {
        fma += atom_fma(t, &t->atoms[i]);
    }
    return fma;
}
