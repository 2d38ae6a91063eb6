/* SPDX-License-Identifier: Apache-2.0 */
/* Light cone and fusion.
 *
 * Light cone: from the end, a gate is kept if it touches a qubit that the measurement, or a kept gate
 * after it, depends on.
 *
 * Fusion: gates are taken in order. A gate joins the last block on its qubits if that block covers
 * them, since nothing on these qubits lies between; else one-qubit gates wait for the next block on
 * their qubit, and two-qubit gates open a new block that takes the waiting ones in front. Before a
 * qubit's first block, gates without parameters make its start state. A block never mixes inputs
 * (a matrix per sample) with parameters (one matrix per call).
 *
 * A one-qubit gate could join the block before it or the block after it. Gates that were written as one
 * ansatz block stay together, so that all blocks of a convolution layer become the same unit. */
#include "compile/fuse.h"

#include <stdlib.h>

#include "base/status.h"
#include "compile/intern.h"

enum { NONE = -1 };

/* Gates in order, linked through fusion->next. */
typedef struct gate_run {
    int head;
    int tail;
    int n;
    int has_input;
    int has_param;
    int block; /* ansatz block of its last gate */
} gate_run;

typedef struct draft {
    kgi_block block;
    gate_run run;
} draft;

typedef struct fusion {
    const kgi_gate_list *list;
    int *next;                 /* [n gates] */
    char *keep;                /* [n gates] inside the light cone */
    const kgi_lowered **gates; /* [n gates] scratch: a run as an array */
    draft *drafts;             /* [n_drafts], room for one per gate */
    int n_drafts;
    int last[KG_MAX_QUBITS];         /* the last draft on a qubit */
    gate_run waiting[KG_MAX_QUBITS]; /* one-qubit gates after it */
    gate_run start[KG_MAX_QUBITS];   /* gates on |0>, before everything else */
    uint64_t encoded;                /* qubits that start from amplitudes */
    int fuse;
} fusion;

static const gate_run empty_run = {NONE, NONE, 0, 0, 0, 0};

static gate_run run_of_gate(const fusion *f, int gate)
{
    const int kind = f->list->gates[gate].use.slot.kind;
    return (gate_run){
        gate, gate, 1, kind == KG_SLOT_INPUT, kind == KG_SLOT_PARAM, f->list->gates[gate].block};
}

static int can_join(const gate_run *a, const gate_run *b)
{
    return !((a->has_input || b->has_input) && (a->has_param || b->has_param));
}

static void join(fusion *f, gate_run *first, gate_run *second)
{
    if (second->n == 0) {
        return;
    }
    if (first->n == 0) {
        *first = *second;
    } else {
        f->next[first->tail] = second->head;
        first->tail = second->tail;
        first->n += second->n;
        first->has_input |= second->has_input;
        first->has_param |= second->has_param;
        first->block = second->block;
    }
    *second = empty_run;
}

static draft *open_draft(fusion *f, int n_targets, const int *qubits)
{
    draft *new = &f->drafts[f->n_drafts];
    *new = (draft){.run = empty_run};
    new->block.n_targets = n_targets;
    for (int i = 0; i < n_targets; i++) {
        new->block.qubits[i] = qubits[i];
        f->last[qubits[i]] = f->n_drafts;
    }
    f->n_drafts++;
    return new;
}

/* What waits on a qubit becomes a block of its own. */
static void flush_waiting(fusion *f, int q)
{
    if (f->waiting[q].n > 0) {
        join(f, &open_draft(f, 1, &q)->run, &f->waiting[q]);
    }
}

/* The last draft on all of the gate's qubits, if gates may still be added to it; else NULL. */
static draft *joinable(fusion *f, const kgi_lowered *gate, const gate_run *run)
{
    const int at = f->last[gate->targets[0]];
    if (at == NONE || (gate->n_targets == 2 && f->last[gate->targets[1]] != at)) {
        return NULL;
    }
    draft *candidate = &f->drafts[at];
    if (candidate->block.controls || !can_join(&candidate->run, run)) {
        return NULL;
    }
    if (gate->n_targets == 1 && run->block && candidate->run.block != run->block) {
        return NULL; /* it belongs to the block that comes */
    }
    for (int i = 0; i < gate->n_targets; i++) {
        if (f->waiting[gate->targets[i]].n > 0) {
            return NULL;
        }
    }
    return candidate;
}

static void add_one_qubit_gate(fusion *f, int q, gate_run *run)
{
    const int first = f->last[q] == NONE && f->waiting[q].n == 0 && !(f->encoded >> q & 1);
    if (first && !run->has_param && !run->block) {
        join(f, &f->start[q], run);
        return;
    }
    if (!can_join(&f->waiting[q], run)) {
        flush_waiting(f, q);
    }
    join(f, &f->waiting[q], run);
}

/* Opens a block for a gate and takes in what waits on its qubits. */
static void add_new_block(fusion *f, const kgi_lowered *gate, gate_run *run)
{
    gate_run before = empty_run;
    for (int i = 0; i < gate->n_targets; i++) {
        gate_run *waiting = &f->waiting[gate->targets[i]];
        if (!gate->controls && can_join(waiting, run) && can_join(waiting, &before)) {
            join(f, &before, waiting);
        } else {
            flush_waiting(f, gate->targets[i]);
        }
    }
    for (uint64_t rest = gate->controls; rest; rest &= rest - 1) {
        flush_waiting(f, __builtin_ctzll(rest));
    }
    draft *new = open_draft(f, gate->n_targets, gate->targets);
    join(f, &new->run, &before);
    join(f, &new->run, run);
    new->block.controls = gate->controls;
    new->block.values = gate->values;
    for (uint64_t rest = gate->controls; rest; rest &= rest - 1) {
        f->last[__builtin_ctzll(rest)] = f->n_drafts - 1;
    }
}

static void add_gate(fusion *f, int index)
{
    const kgi_lowered *gate = &f->list->gates[index];
    gate_run run = run_of_gate(f, index);
    draft *open = f->fuse && !gate->controls ? joinable(f, gate, &run) : NULL;
    if (open) {
        join(f, &open->run, &run);
    } else if (f->fuse && gate->n_targets == 1 && !gate->controls) {
        add_one_qubit_gate(f, gate->targets[0], &run);
    } else {
        add_new_block(f, gate, &run);
    }
}

/* Marks the gates inside the light cone; returns the active qubits. */
static uint64_t light_cone(const kgi_gate_list *list, uint64_t measured, int fuse, char *keep)
{
    uint64_t active = measured;
    for (int i = list->n - 1; i >= 0; i--) {
        const uint64_t mask = kgi_lowered_mask(&list->gates[i]);
        keep[i] = (char)(!fuse || (mask & active) != 0);
        if (keep[i]) {
            active |= mask;
        }
    }
    for (int i = 0; i < list->n_amplitudes; i++) {
        uint64_t mask = 0;
        for (int k = 0; k < list->amplitudes[i].n; k++) {
            mask |= (uint64_t)1 << list->amplitudes[i].qubits[k];
        }
        if (!fuse || (mask & active)) {
            active |= mask;
        }
    }
    return active;
}

/* The unit of a run of gates on the given qubits. */
static int unit_of_run(const fusion *f, kgi_unit_table *table, kgi_program *program,
                       const gate_run *run, int n_targets, const int *qubits)
{
    int gate = run->head;
    for (int k = 0; k < run->n; k++, gate = f->next[gate]) {
        f->gates[k] = &f->list->gates[gate];
    }
    return kgi_unit_intern(table, program, f->gates, run->n, n_targets, qubits);
}

static void emit(const fusion *f, kgi_fused *fused, kgi_unit_table *table, kgi_program *program,
                 int n_qubits)
{
    for (int q = 0; q < n_qubits; q++) {
        fused->start[q] =
            f->start[q].n ? unit_of_run(f, table, program, &f->start[q], 1, &q) : NONE;
    }
    for (int i = 0; i < f->n_drafts; i++) {
        const draft *d = &f->drafts[i];
        fused->blocks[i] = d->block;
        fused->blocks[i].unit =
            unit_of_run(f, table, program, &d->run, d->block.n_targets, d->block.qubits);
    }
    fused->n_blocks = f->n_drafts;
}

static void fusion_clear(fusion *f)
{
    free(f->next);
    free(f->drafts);
    free(f->gates);
    free(f->keep);
}

static kg_status fusion_init(fusion *f, const kgi_gate_list *list, int fuse, kg_error *err)
{
    const size_t n = (size_t)list->n + 1;
    *f = (fusion){.list = list, .fuse = fuse};
    f->next = malloc(n * sizeof *f->next);
    f->drafts = calloc(n, sizeof *f->drafts);
    f->gates = calloc(n, sizeof *f->gates);
    f->keep = calloc(n, 1);
    if (!f->next || !f->drafts || !f->gates || !f->keep) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d gates for fusion", list->n);
    }
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        f->last[q] = NONE;
        f->waiting[q] = f->start[q] = empty_run;
    }
    for (int i = 0; i < list->n_amplitudes; i++) {
        for (int k = 0; k < list->amplitudes[i].n; k++) {
            f->encoded |= (uint64_t)1 << list->amplitudes[i].qubits[k];
        }
    }
    return KG_OK;
}

kg_status kgi_fuse(kgi_fused *fused, kgi_program *program, const kgi_gate_list *list, int n_qubits,
                   uint64_t measured, int fuse, kg_error *err)
{
    fusion f;
    kgi_unit_table table = {0};
    kg_status status = fusion_init(&f, list, fuse, err);
    if (!status) {
        status = kgi_unit_table_init(&table, program, list->n, err);
    }
    if (!status) {
        fused->blocks = calloc((size_t)list->n + 1, sizeof *fused->blocks);
        status = fused->blocks ? KG_OK
                               : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d blocks", list->n);
    }
    if (!status) {
        fused->active = light_cone(list, measured, fuse, f.keep);
        if (!fuse) { /* outside the cone too: all qubits are simulated */
            fused->active |= n_qubits == 64 ? ~(uint64_t)0 : ((uint64_t)1 << n_qubits) - 1;
        }
        for (int i = 0; i < list->n; i++) {
            if (f.keep[i]) {
                add_gate(&f, i);
            }
        }
        for (int q = 0; q < n_qubits; q++) {
            flush_waiting(&f, q);
        }
        emit(&f, fused, &table, program, n_qubits);
    }
    kgi_unit_table_clear(&table);
    fusion_clear(&f);
    return status;
}
