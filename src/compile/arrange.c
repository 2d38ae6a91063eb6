/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and steps.
 *
 * A qubit starts as a register of its own. A block that spans two registers first merges them (a
 * Kronecker product per sample), so that blocks near the beginning act on few amplitudes: of the eight
 * blocks of the first convolution on eight qubits, five act on sixteen amplitudes or less. Merged
 * registers keep their memory; the backward sweep finds them there. */
#include "compile/arrange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { NONE = -1 };

typedef struct builder {
    kgi_program *program;
    const kgi_fused *fused;
    int reg_of[KG_MAX_QUBITS]; /* the live register of a qubit, NONE before its first use */
} builder;

static kgi_step *new_step(builder *b, kgi_step_kind kind, int reg)
{
    kgi_step *step = &b->program->steps[b->program->n_steps++];
    *step = (kgi_step){.kind = kind, .reg = reg, .unit = NONE};
    return step;
}

/* A new register behind the others; its qubits are written by the caller. */
static int new_register(builder *b, int n)
{
    kgi_register *reg = &b->program->registers[b->program->n_registers];
    *reg = (kgi_register){.n = n, .first = b->program->n_amplitudes};
    b->program->n_amplitudes += (size_t)1 << n;
    return b->program->n_registers++;
}

/* The register of a qubit, made now if nothing has used the qubit. */
static int register_of(builder *b, int q)
{
    if (b->reg_of[q] != NONE) {
        return b->reg_of[q];
    }
    for (int i = 0; i < b->fused->n_amplitudes; i++) {
        const kgi_amplitudes *a = &b->fused->amplitudes[i];
        for (int k = 0; k < a->n; k++) {
            if (a->qubits[k] != q) {
                continue;
            }
            const int reg = new_register(b, a->n);
            memcpy(b->program->registers[reg].qubits, a->qubits, (size_t)a->n * sizeof *a->qubits);
            b->program->registers[reg].has_inputs = 1;
            new_step(b, KGI_STEP_AMPLITUDES, reg)->first_input = a->first_input;
            for (int j = 0; j < a->n; j++) {
                b->reg_of[a->qubits[j]] = reg;
            }
            return reg;
        }
    }
    const int reg = new_register(b, 1);
    const int unit = b->fused->start[q];
    b->program->registers[reg].qubits[0] = q;
    b->program->registers[reg].has_inputs = unit != NONE && b->program->units[unit].per_sample;
    new_step(b, KGI_STEP_PRODUCT, reg)->unit = unit;
    b->reg_of[q] = reg;
    return reg;
}

static int merge(builder *b, int left, int right)
{
    kgi_register *regs = b->program->registers;
    const int reg = new_register(b, regs[left].n + regs[right].n);
    kgi_register *merged = &regs[reg];
    memcpy(merged->qubits, regs[left].qubits, (size_t)regs[left].n * sizeof *merged->qubits);
    memcpy(merged->qubits + regs[left].n, regs[right].qubits,
           (size_t)regs[right].n * sizeof *merged->qubits);
    merged->has_params = regs[left].has_params || regs[right].has_params;
    merged->has_inputs = regs[left].has_inputs || regs[right].has_inputs;
    kgi_step *step = new_step(b, KGI_STEP_KRON, reg);
    step->left = left;
    step->right = right;
    step->params_before = merged->has_params;
    step->inputs_before = merged->has_inputs;
    for (int i = 0; i < merged->n; i++) {
        b->reg_of[merged->qubits[i]] = reg;
    }
    return reg;
}

/* One register that holds all qubits of mask. */
static int gather(builder *b, uint64_t mask)
{
    int reg = register_of(b, __builtin_ctzll(mask));
    for (uint64_t rest = mask & (mask - 1); rest; rest &= rest - 1) {
        const int other = register_of(b, __builtin_ctzll(rest));
        if (other != reg) {
            reg = merge(b, reg, other);
        }
    }
    return reg;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Where a block acts, given the bit of each circuit qubit in a register of n qubits. */
static kgi_target make_target(const kgi_block *block, const int *bit_of, int n)
{
    kgi_target at = {.n_targets = block->n_targets};
    for (int i = 0; i < block->n_targets; i++) {
        at.bits[i] = bit_of[block->qubits[i]];
        at.fixed[at.n_fixed++] = at.bits[i];
    }
    for (uint64_t rest = block->controls; rest; rest &= rest - 1) {
        const int q = __builtin_ctzll(rest);
        at.fixed[at.n_fixed++] = bit_of[q];
        at.set |= (size_t)(block->values >> q & 1) << bit_of[q];
    }
    qsort(at.fixed, (size_t)at.n_fixed, sizeof *at.fixed, compare_ints);
    at.n_groups = (size_t)1 << (n - at.n_fixed);
    return at;
}

static void add_block(builder *b, const kgi_block *block)
{
    const int reg = gather(b, kgi_block_mask(block));
    kgi_register *where = &b->program->registers[reg];
    const kgi_unit *unit = &b->program->units[block->unit];
    int bit_of[KG_MAX_QUBITS] = {0};
    for (int i = 0; i < where->n; i++) {
        bit_of[where->qubits[i]] = i;
    }
    kgi_step *step = new_step(b, KGI_STEP_BLOCK, reg);
    step->unit = block->unit;
    step->at = make_target(block, bit_of, where->n);
    step->params_before = where->has_params;
    step->inputs_before = where->has_inputs;
    where->has_params |= unit->trainable;
    where->has_inputs |= unit->per_sample;
}

/* Moves operators from circuit qubits to the bits of a register. */
static void place_operators(kgi_operator *operators, int n, const int *bit_of)
{
    for (int i = 0; i < n; i++) {
        for (int w = 0; w < operators[i].n_words; w++) {
            kgi_word *word = &operators[i].words[w];
            kgi_word placed = {0, 0, word->coefficient};
            for (uint64_t rest = word->x | word->z; rest; rest &= rest - 1) {
                const int q = __builtin_ctzll(rest);
                placed.x |= (word->x >> q & 1) << bit_of[q];
                placed.z |= (word->z >> q & 1) << bit_of[q];
            }
            *word = placed;
        }
        for (int k = 0; k < operators[i].m; k++) {
            operators[i].bits[k] = bit_of[operators[i].bits[k]];
        }
    }
}

static kgi_operator *copy_operators(const kgi_operator *from, int n)
{
    kgi_operator *copy = calloc((size_t)n, sizeof *copy);
    for (int i = 0; copy && i < n; i++) {
        copy[i] = from[i];
        copy[i].words = malloc((size_t)from[i].n_words * sizeof *copy[i].words);
        if (!copy[i].words) {
            for (int k = 0; k < i; k++) {
                free(copy[k].words);
            }
            free(copy);
            return NULL;
        }
        memcpy(copy[i].words, from[i].words, (size_t)from[i].n_words * sizeof *copy[i].words);
    }
    return copy;
}

/* The tail's register has the kept qubits as its low bits, then the choosers. */
static kg_status build_tail(builder *b, const kgi_cut *cut, kg_error *err)
{
    kgi_program *program = b->program;
    kgi_tail *tail = &program->tail;
    const int n_blocks = b->fused->n_blocks - cut->first_block;
    const kgi_register *final = &program->registers[program->final];
    tail->steps = calloc((size_t)n_blocks, sizeof *tail->steps);
    tail->operators = copy_operators(program->operators, program->n_operators);
    if (!tail->steps || !tail->operators) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a tail of %d blocks", n_blocks);
    }
    tail->n_blocks = n_blocks;
    int bit_of[KG_MAX_QUBITS] = {0};
    for (int i = 0; i < final->n; i++) {
        if (cut->kept >> final->qubits[i] & 1) {
            tail->kept[tail->n_kept++] = i;
        } else if (cut->choosers >> final->qubits[i] & 1) {
            tail->choosers[tail->n_choosers++] = i;
        }
    }
    for (int i = 0; i < tail->n_kept; i++) {
        bit_of[final->qubits[tail->kept[i]]] = i;
    }
    for (int i = 0; i < tail->n_choosers; i++) {
        bit_of[final->qubits[tail->choosers[i]]] = tail->n_kept + i;
    }
    place_operators(tail->operators, program->n_operators, bit_of);
    const int n = tail->n_kept + tail->n_choosers;
    int trainable = 0;
    for (int i = 0; i < n_blocks; i++) {
        const kgi_block *block = &b->fused->blocks[cut->first_block + i];
        const kgi_unit *unit = &program->units[block->unit];
        tail->steps[i] = (kgi_step){.kind = KGI_STEP_BLOCK,
                                    .unit = block->unit,
                                    .at = make_target(block, bit_of, n),
                                    .params_before = trainable};
        trainable |= unit->trainable;
        if (unit->mux >= 0 && unit->flip && tail->steps[i].at.bits[unit->mux] >= tail->n_kept) {
            tail->flips ^= (size_t)1 << (tail->steps[i].at.bits[unit->mux] - tail->n_kept);
        }
    }
    return KG_OK;
}

/* Prices of the finished program, as the plan reports them. */
static void count_fma(kgi_program *program)
{
    double forward = 0;
    double backward = 0;
    for (int i = 0; i < program->n_steps; i++) {
        const kgi_step *step = &program->steps[i];
        const double size = ldexp(1.0, program->registers[step->reg].n);
        if (step->kind == KGI_STEP_KRON) {
            forward += 4 * size;
            backward += 8 * size * (step->params_before || step->inputs_before);
        } else if (step->kind == KGI_STEP_BLOCK) {
            const kgi_unit *unit = &program->units[step->unit];
            forward += kgi_block_forward_fma(unit, (double)step->at.n_groups);
            backward += kgi_block_backward_fma(unit, (double)step->at.n_groups);
        }
    }
    program->backward_fma = forward + backward;
    const kgi_tail *tail = &program->tail;
    const double size = ldexp(1.0, program->registers[program->final].n);
    if (tail->n_blocks) {
        const double kept = ldexp(1.0, tail->n_kept);
        const double work = program->n_operators * (size / kept) * kept * kept;
        forward += 2 * work;
        program->backward_fma += 6 * work;
        double sweep = 0;
        for (int i = 0; i < tail->n_blocks; i++) {
            const kgi_unit *unit = &program->units[tail->steps[i].unit];
            const double n_groups = (double)tail->steps[i].at.n_groups;
            sweep +=
                2 * kgi_block_forward_fma(unit, n_groups) + kgi_block_backward_fma(unit, n_groups);
        }
        program->once_fma = (1 + program->n_operators) * fmax(kept, 8) * sweep;
    } else {
        for (int i = 0; i < program->n_operators; i++) {
            const double words = program->operators[i].n_words ? program->operators[i].n_words : 1;
            forward += 2 * words * size;
            program->backward_fma += 2 * words * size;
        }
    }
    program->forward_fma = forward;
}

/* Room for the registers and steps of the blocks, and no register yet. */
static kg_status builder_init(builder *b, kgi_program *program, int n_blocks, kg_error *err)
{
    *b = (builder){.program = program, .fused = &program->fused};
    const size_t n_registers = 2 * (size_t)program->n_active + 1;
    program->registers = calloc(n_registers, sizeof *program->registers);
    program->steps = calloc(n_registers + (size_t)n_blocks, sizeof *program->steps);
    if (!program->registers || !program->steps) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d steps", n_blocks);
    }
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        b->reg_of[q] = NONE;
    }
    return KG_OK;
}

kg_status kgi_arrange(kgi_program *program, int batch_hint, int fuse, kg_error *err)
{
    const kgi_fused *fused = &program->fused;
    builder b;
    uint64_t measured = 0;
    int foldable = fuse && program->n_operators > 0;
    for (int i = 0; i < program->n_operators; i++) {
        foldable = foldable && program->operators[i].n_words > 0;
        for (int w = 0; w < program->operators[i].n_words; w++) {
            measured |= program->operators[i].words[w].x | program->operators[i].words[w].z;
        }
    }
    kgi_cut cut = {fused->n_blocks, 0, 0};
    if (foldable) {
        const kg_status status = kgi_choose_cut(&cut, program, measured, batch_hint, err);
        if (status) {
            return status;
        }
    }
    const kg_status room = builder_init(&b, program, fused->n_blocks, err);
    if (room) {
        return room;
    }
    if (!fuse) { /* no shortcut: all qubits side by side from the start */
        (void)gather(&b, fused->active);
    }
    for (int i = 0; i < cut.first_block; i++) {
        add_block(&b, &fused->blocks[i]);
    }
    program->final = gather(&b, fused->active);
    program->n_blocks = fused->n_blocks;
    if (cut.first_block < fused->n_blocks) {
        const kg_status status = build_tail(&b, &cut, err);
        if (status) {
            return status;
        }
    }
    int bit_of[KG_MAX_QUBITS] = {0};
    for (int i = 0; i < program->registers[program->final].n; i++) {
        bit_of[program->registers[program->final].qubits[i]] = i;
    }
    place_operators(program->operators, program->n_operators, bit_of);
    count_fma(program);
    return KG_OK;
}

kg_status kgi_part_init(kgi_program *part, const kgi_program *program, const char *take,
                        uint64_t qubits, int *registers, kg_error *err)
{
    *part = (kgi_program){.n_params = program->n_params,
                          .n_inputs = program->n_inputs,
                          .n_active = program->n_active,
                          .n_uses = program->n_uses,
                          .uses = program->uses,
                          .n_units = program->n_units,
                          .units = program->units,
                          .fused = program->fused};
    builder b;
    const kg_status status = builder_init(&b, part, program->fused.n_blocks, err);
    if (status) {
        return status;
    }
    for (int i = 0; i < program->fused.n_blocks; i++) {
        if (take[i]) {
            add_block(&b, &program->fused.blocks[i]);
        }
    }
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        registers[q] = qubits >> q & 1 ? register_of(&b, q) : NONE;
    }
    count_fma(part);
    return KG_OK;
}

void kgi_part_clear(kgi_program *part)
{
    free(part->registers);
    free(part->steps);
    *part = (kgi_program){0};
}
