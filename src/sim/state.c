/* SPDX-License-Identifier: Apache-2.0 */
/* The state engine: one sample at a time, threads inside its state.
 *
 * From some 17 qubits on, a state no longer fits the caches, and a sweep over it costs as much as tens
 * of gates. So gates are collected: those whose qubits fit a cache block make a sweep, which takes the
 * state block by block and applies them all. The lowest qubits are contiguous in memory; for others a
 * block is gathered from rows of at least a cache line, and scattered again. Inside a block, stages take
 * groups of eight vectors into registers for up to three qubits at once: real rotations by tangents (two
 * multiply-adds), all phases of a stage in one product, permutations by where a group is stored.
 *
 * Backward, a stage is undone on psi and lambda together, and its environments (docs/engine.md) are
 * summed while both are in registers. Blocks are dealt out in a fixed number of chunks, whose sums are
 * added in order, so that the number of threads moves no bit.
 *
 * Rejected: gates one by one (the memory's speed is the limit: 284 gates on 24 qubits would be 284
 * sweeps instead of six); threads over samples (a state per thread). */
#include "sim/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/engines.h"
#include "sim/tile.h"

enum {
    CHUNKS = 64,
    MAX_PARTIAL_VALUES = 1 << 20, /* doubles: with more values, fewer chunks */
    BLOCK_BYTES = 1 << 19,        /* half of a core's second cache */
    LEAST_BLOCKS_LOG2 = 3,        /* of a state that takes more than one: work to share */
    NEAR_BYTES = 1 << 14,         /* half of its first cache */
    ROW_BITS = 1
};

/* ---- tables of a plan ---- */

static void destroy_tables(kgi_state_tables *t, int n_operators)
{
    if (!t) {
        return;
    }
    for (int i = 0; t->operators && i < n_operators; i++) {
        free(t->operators[i].words);
    }
    free(t->operators);
    free(t->own.uses);
    free(t->units);
    free(t->atoms);
    free(t->amplitudes);
    free(t->stages);
    free(t->stage_atoms);
    free(t->sweeps);
    free(t);
}

static void state_release(kg_plan *plan)
{
    destroy_tables(plan->engine_data, plan->program ? plan->program->n_operators : 0);
    plan->engine_data = NULL;
}

/* Multiply-adds per amplitude, as the kernels execute them. */
static void count_fma(kgi_state_tables *t)
{
    for (int i = 0; i < t->n_stages; i++) {
        const kgi_stage *stage = &t->stages[i];
        double turns = 0;
        double fma = stage->n_atoms > 0 ? 4 : 0;
        for (int s = 0; s < KGI_SLOTS; s++) {
            turns += stage->turns[s] >= 0 ? 2 : 0;
        }
        if (stage->kind != KGI_STAGE_TURNS) {
            const kgi_unit *unit = &t->units[t->atoms[t->stage_atoms[stage->first_atom]].unit].unit;
            fma = unit->n_targets == 2 && unit->mux < 0 ? 16 : 8;
        }
        t->forward_fma += turns + fma;
        t->backward_fma += 3 * (turns + fma) + (stage->n_env ? turns + fma : 0);
    }
}

static kg_status build_tables(kgi_state_tables *t, const kg_plan *plan, kgi_state_shape shape,
                              kg_error *err)
{
    const int least = t->kernels->lane_bits + t->kernels->slots + 2;
    const int active = plan->program->n_active;
    t->shape = shape;
    t->shape.block_bits = shape.block_bits < least ? least : shape.block_bits;
    t->n_bits = active < least ? least : active;
    kg_status status = kgi_state_make_atoms(t, plan->program, err);
    if (!status) {
        status = kgi_state_schedule(t, plan->program->n_operators, err);
    }
    if (!status) {
        const size_t n_values = (size_t)plan->program->n_values + 1;
        const size_t n_blocks = (size_t)1 << (t->n_bits - least);
        const size_t fit = MAX_PARTIAL_VALUES / n_values;
        t->n_chunks = n_blocks < CHUNKS ? (int)n_blocks : CHUNKS;
        t->n_value_chunks = fit < 1 ? 1 : fit < (size_t)t->n_chunks ? (int)fit : t->n_chunks;
        count_fma(t);
    }
    return status;
}

static kg_status make_tables(kg_plan *plan, const kgi_state_kernels *kernels, kgi_state_shape shape,
                             kg_error *err)
{
    kgi_state_tables *t = calloc(1, sizeof *t);
    if (!t) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the tables of a plan");
    }
    t->kernels = kernels;
    plan->engine_data = t;
    return build_tables(t, plan, shape, err);
}

static kg_status state_prepare(kg_plan *plan, kg_error *err)
{
    const kgi_state_kernels *kernels = kgi_state_kernels_find(plan->kernels, plan->precision);
    if (!kernels) {
        return kgi_kernels_fail(plan->kernels, err);
    }
    kgi_state_shape shape = {0, 0, ROW_BITS};
    const size_t amplitude = kgi_state_amplitude_bytes(kernels);
    while (amplitude << (shape.near_bits + 1) <= NEAR_BYTES) {
        shape.near_bits++;
    }
    while (amplitude << (shape.block_bits + 1) <= BLOCK_BYTES) {
        shape.block_bits++;
    }
    const int shared = plan->program->n_active - LEAST_BLOCKS_LOG2;
    if (plan->program->n_active > shape.block_bits && shared < shape.block_bits) {
        shape.block_bits = shared;
    }
    return make_tables(plan, kernels, shape, err);
}

/* ---- memory ---- */

typedef struct carver {
    kgi_arena *arena; /* NULL: only count */
    size_t bytes;
} carver;

static void *carve(carver *c, size_t count, size_t item)
{
    c->bytes += kgi_arena_bytes(count, item);
    return c->arena ? kgi_arena_take(c->arena, count, item) : NULL;
}

static void carve_call(carver *c, kgi_state_call *call, int backward)
{
    const kgi_state_tables *t = call->t;
    const size_t n_values = (size_t)call->plan->program->n_values + 1;
    const size_t amplitude = kgi_state_amplitude_bytes(t->kernels);
    const int width = t->shape.block_bits < t->n_bits ? t->shape.block_bits : t->n_bits;
    call->psi = carve(c, (size_t)1 << t->n_bits, amplitude);
    call->blocks = carve(c, (size_t)2 * (size_t)call->plan->threads << width, amplitude);
    call->matrices = carve(c, (size_t)t->n_units + 1, KGI_UNIT_REALS * sizeof(double));
    call->numbers = carve(c, (size_t)t->n_stages + 1, sizeof *call->numbers);
    call->reals = carve(c, (size_t)t->n_stages + 1, KGI_STAGE_REALS * sizeof(float));
    call->values = carve(c, (size_t)t->n_value_chunks * n_values, sizeof(double));
    if (backward) {
        call->lambda = carve(c, (size_t)1 << t->n_bits, amplitude);
        call->weights = carve(c, n_values, sizeof(double));
        call->env = carve(c, (size_t)t->n_chunks * t->n_env + 1, sizeof(double));
    }
}

static size_t state_workspace_bytes(const kg_plan *plan)
{
    carver c = {NULL, 0};
    kgi_state_call call = {.plan = plan, .t = plan->engine_data};
    carve_call(&c, &call, 1);
    return c.bytes;
}

static kgi_state_call begin_call(const kg_plan *plan, const double *params, int backward,
                                 kg_workspace *ws)
{
    const kgi_state_tables *t = plan->engine_data;
    carver c = {&ws->arena, 0};
    kgi_state_call call = {.plan = plan, .t = t, .k = t->kernels, .params = params};
    carve_call(&c, &call, backward);
    return call;
}

/* ---- sweeps ---- */

/* One block of a sweep: where its rows begin in the state. */
typedef struct block {
    uint64_t outside; /* the bits outside the sweep's, at their place */
    size_t row_bytes;
    uint64_t row_mask; /* the sweep's bits above a row */
} block;

static block block_of(const kgi_state_call *call, size_t number)
{
    const kgi_sweep *sweep = call->sweep;
    const uint64_t all = ((uint64_t)1 << call->t->n_bits) - 1;
    const size_t row = sweep->row * (size_t)call->k->lanes;
    return (block){kgi_deposit(number, all & ~sweep->places),
                   row * kgi_state_amplitude_bytes(call->k), sweep->places & ~(uint64_t)(row - 1)};
}

/* Copies a block's rows between the state and a buffer. */
static void copy_rows(const kgi_state_call *call, const block *b, char *state, char *buffer,
                      int back)
{
    const size_t amplitude = kgi_state_amplitude_bytes(call->k);
    uint64_t row = 0;
    do {
        char *at = state + (b->outside | row) * amplitude;
        memcpy(back ? at : buffer, back ? buffer : at, b->row_bytes);
        buffer += b->row_bytes;
        row = ((row | ~b->row_mask) + 1) & b->row_mask;
    } while (row);
}

/* The rows of the next block on their way into the cache while this one is worked on. */
typedef struct fetch {
    const kgi_state_call *call;
    block next;
    const char *states[2]; /* NULL: none */
    size_t n_rows;
    size_t n_fetched;
} fetch;

static fetch fetch_init(const kgi_state_call *call, size_t number, const char *psi,
                        const char *lambda)
{
    fetch f = {.call = call, .states = {psi, lambda}};
    if (!call->sweep->in_place && number < call->sweep->n_blocks) {
        f.next = block_of(call, number);
        f.n_rows = (size_t)1 << __builtin_popcountll(f.next.row_mask);
    }
    return f;
}

/* Asks for rows until done of total of them have been asked for. */
static void fetch_part(fetch *f, size_t done, size_t total)
{
    const size_t goal = f->n_rows * done / total;
    const size_t amplitude = kgi_state_amplitude_bytes(f->call->k);
    uint64_t row = f->n_fetched < goal ? kgi_deposit(f->n_fetched, f->next.row_mask) : 0;
    for (; f->n_fetched < goal; f->n_fetched++) {
        for (int i = 0; i < 2 && f->states[i]; i++) {
            const char *at = f->states[i] + (f->next.outside | row) * amplitude;
            for (size_t byte = 0; byte < f->next.row_bytes; byte += 64) {
                __builtin_prefetch(at + byte, 1, 2);
            }
        }
        row = ((row | ~f->next.row_mask) + 1) & f->next.row_mask;
    }
}

/* Where the block can be worked on: in place, or in a buffer of this thread. */
static char *take_block(const kgi_state_call *call, const block *b, char *state, int buffer)
{
    const size_t amplitude = kgi_state_amplitude_bytes(call->k);
    if (call->sweep->in_place) {
        return state + b->outside * amplitude;
    }
    const int width = __builtin_popcountll(call->sweep->places);
    char *copy = call->blocks + ((size_t)buffer << width) * amplitude;
    copy_rows(call, b, state, copy, 0);
    return copy;
}

static void give_block(const kgi_state_call *call, const block *b, char *state, char *copy)
{
    if (!call->sweep->in_place) {
        copy_rows(call, b, state, copy, 1);
    }
}

/* Predicates that may hold in a block, by the bits outside it. */
static unsigned live_selects(const kgi_stage *stage, uint64_t outside)
{
    unsigned live = 0;
    for (int j = 0; j < stage->at.n_selects; j++) {
        live |= (unsigned)((outside & stage->outer_mask[j]) == stage->outer_value[j]) << j;
    }
    return live;
}

/* Part number `part` of n_parts of a block. */
static kgi_stage_run run_of(const kgi_stage *stage, uint64_t outside, size_t part, size_t n_parts)
{
    const size_t n_vectors = stage->at.n_groups << stage->at.n_slots;
    return (kgi_stage_run){part * (n_vectors / n_parts), stage->at.n_groups / n_parts,
                           live_selects(stage, outside)};
}

static void apply_stage(const kgi_state_call *call, int number, uint64_t outside, char *psi,
                        size_t part, size_t n_parts)
{
    const kgi_stage *stage = &call->t->stages[number];
    const kgi_stage_numbers *n = &call->numbers[number];
    const kgi_stage_run run = run_of(stage, outside, part, n_parts);
    if (stage->kind == KGI_STAGE_TURNS) {
        call->k->turns(psi, &stage->at, n, &run);
    } else if (stage->kind == KGI_STAGE_DENSE) {
        call->k->dense(psi, &stage->at, n, &run);
    } else if (run.live) {
        call->k->plain(psi, &stage->at, n->dense[0]);
    }
}

static void undo_stage(const kgi_state_call *call, int number, uint64_t outside, char *psi,
                       char *lambda, double *env, size_t part, size_t n_parts)
{
    const kgi_stage *stage = &call->t->stages[number];
    const kgi_stage_numbers *n = &call->numbers[number];
    const kgi_stage_run run = run_of(stage, outside, part, n_parts);
    double *own = stage->n_env ? env + stage->env : NULL;
    if (stage->kind == KGI_STAGE_TURNS) {
        call->k->turns_back(psi, lambda, &stage->at, n, &run, own);
    } else if (stage->kind == KGI_STAGE_DENSE) {
        call->k->dense_back(psi, lambda, &stage->at, n, &run, own);
    } else if (run.live) {
        call->k->plain_back(psi, lambda, &stage->at, n->dense[1], own);
    }
}

/* Stages from first on that work within the near part of a block, one at least: they take it part by
 * part, all of them before the next. Any other is a run of its own, on the whole block. */
static int end_of_run(const kgi_state_call *call, int first, int last)
{
    int end = first + 1;
    while (end < last && call->t->stages[first].near && call->t->stages[end].near) {
        end++;
    }
    return end;
}

static size_t parts_of_run(const kgi_state_call *call, int first)
{
    const kgi_stage *stage = &call->t->stages[first];
    const size_t n_vectors = stage->at.n_groups << stage->at.n_slots;
    const size_t near = ((size_t)1 << call->t->shape.near_bits) / (size_t)call->k->lanes;
    return stage->near && near < n_vectors ? n_vectors / near : 1;
}

static void apply_stages(const kgi_state_call *call, uint64_t outside, char *psi, fetch *next)
{
    const int begin = call->sweep->first_stage;
    const int last = begin + call->sweep->n_stages;
    for (int first = begin, end; first < last; first = end) {
        const size_t n_parts = parts_of_run(call, first);
        end = end_of_run(call, first, last);
        for (size_t part = 0; part < n_parts; part++) {
            for (int s = first; s < end; s++) {
                apply_stage(call, s, outside, psi, part, n_parts);
            }
            fetch_part(next, (size_t)(first - begin) * n_parts + (part + 1) * (size_t)(end - first),
                       (size_t)call->sweep->n_stages * n_parts);
        }
    }
}

static void undo_stages(const kgi_state_call *call, uint64_t outside, char *psi, char *lambda,
                        double *env, fetch *next)
{
    const int begin = call->sweep->first_stage;
    for (int end = begin + call->sweep->n_stages, first; end > begin; end = first) {
        first = end - 1;
        while (first > begin && call->t->stages[first].near && call->t->stages[first - 1].near) {
            first--;
        }
        const size_t n_parts = parts_of_run(call, first);
        for (size_t part = 0; part < n_parts; part++) {
            for (int s = end - 1; s >= first; s--) {
                undo_stage(call, s, outside, psi, lambda, env, part, n_parts);
            }
            fetch_part(next,
                       (size_t)(begin + call->sweep->n_stages - end) * n_parts +
                           (part + 1) * (size_t)(end - first),
                       (size_t)call->sweep->n_stages * n_parts);
        }
    }
}

/* Blocks of a chunk, in order. */
static size_t first_block(const kgi_state_call *call, int chunk)
{
    return call->sweep->n_blocks * (size_t)chunk / (size_t)call->t->n_chunks;
}

static void forward_job(void *context, int chunk, int lane)
{
    const kgi_state_call *call = context;
    for (size_t i = first_block(call, chunk); i < first_block(call, chunk + 1); i++) {
        const block b = block_of(call, i);
        fetch next = fetch_init(call, i + 1, call->psi, NULL);
        char *psi = take_block(call, &b, call->psi, 2 * lane);
        apply_stages(call, b.outside, psi, &next);
        give_block(call, &b, call->psi, psi);
    }
}

static void backward_job(void *context, int chunk, int lane)
{
    const kgi_state_call *call = context;
    double *env = call->env + (size_t)chunk * call->t->n_env;
    for (size_t i = first_block(call, chunk); i < first_block(call, chunk + 1); i++) {
        const block b = block_of(call, i);
        fetch next = fetch_init(call, i + 1, call->psi, call->lambda);
        char *psi = take_block(call, &b, call->psi, 2 * lane);
        char *lambda = take_block(call, &b, call->lambda, 2 * lane + 1);
        undo_stages(call, b.outside, psi, lambda, env, &next);
        give_block(call, &b, call->psi, psi);
        give_block(call, &b, call->lambda, lambda);
    }
}

static void run_forward(kgi_state_call *call, const double *inputs, int first, kgi_team *team)
{
    call->inputs = inputs;
    kgi_state_numbers(call, first);
    kgi_state_start(call, team);
    for (int i = 0; i < call->t->n_sweeps; i++) {
        call->sweep = &call->t->sweeps[i];
        kgi_team_run(team, call->t->n_chunks, forward_job, call);
    }
}

/* The row of inputs of a sample. */
static size_t row_of(const kg_plan *plan, int sample)
{
    return (size_t)sample * (size_t)plan->program->n_inputs;
}

static void state_forward(const kg_plan *plan, const double *params, int n_batch,
                          const double *inputs, double *out, kg_workspace *ws)
{
    const kgi_program *program = plan->program;
    kgi_state_call call = begin_call(plan, params, 0, ws);
    for (int b = 0; b < n_batch; b++) {
        double *row = out + (size_t)b * (size_t)program->n_outputs;
        run_forward(&call, inputs ? inputs + row_of(plan, b) : NULL, b == 0, ws->team);
        kgi_state_measure(&call, ws->team);
        for (int o = 0; o < program->n_outputs; o++) {
            const kgi_output *output = &program->outputs[o];
            row[o] = output->offset;
            if (output->value >= 0) {
                row[o] += output->factor * call.values[output->value];
            }
        }
    }
}

/* dL/dvalues of a sample. */
static void read_weights(const kgi_state_call *call, const double *d_out)
{
    const kgi_program *program = call->plan->program;
    memset(call->weights, 0, (size_t)program->n_values * sizeof *call->weights);
    for (int o = 0; o < program->n_outputs; o++) {
        const kgi_output *output = &program->outputs[o];
        if (output->value >= 0) {
            call->weights[output->value] += output->factor * d_out[o];
        }
    }
}

/* The sweeps back as far as something is wanted, and the chunks' sums in order. */
static void run_backward(kgi_state_call *call, int want_params, int want_inputs, kgi_team *team)
{
    const kgi_state_tables *t = call->t;
    const int amplitudes = want_inputs && t->n_amplitudes;
    memset(call->env, 0, (size_t)t->n_chunks * t->n_env * sizeof *call->env);
    for (int i = t->n_sweeps - 1; i >= 0; i--) {
        call->sweep = &t->sweeps[i];
        if (amplitudes || (want_params && call->sweep->wants_params) ||
            (want_inputs && call->sweep->wants_inputs)) {
            kgi_team_run(team, t->n_chunks, backward_job, call);
        }
    }
    for (int chunk = 1; chunk < t->n_chunks; chunk++) {
        for (size_t i = 0; i < t->n_env; i++) {
            call->env[i] += call->env[(size_t)chunk * t->n_env + i];
        }
    }
}

static void state_backward(const kg_plan *plan, const double *params, int n_batch,
                           const double *inputs, const double *d_out, double *d_params,
                           double *d_inputs, kg_workspace *ws)
{
    kgi_state_call call = begin_call(plan, params, 1, ws);
    for (int b = 0; b < n_batch; b++) {
        double *d_row = d_inputs ? d_inputs + row_of(plan, b) : NULL;
        run_forward(&call, inputs ? inputs + row_of(plan, b) : NULL, b == 0, ws->team);
        read_weights(&call, d_out + (size_t)b * (size_t)plan->program->n_outputs);
        kgi_state_weigh(&call, ws->team);
        run_backward(&call, d_params != NULL, d_inputs != NULL, ws->team);
        kgi_state_env_backward(&call, call.env, d_params, d_row);
        if (d_row) {
            kgi_state_start_backward(&call, d_row);
        }
    }
}

static void state_report(const kg_plan *plan, kg_plan_report *report)
{
    const kgi_state_tables *t = plan->engine_data;
    const double size = ldexp(1, t->n_bits);
    report->kernels = t->kernels->name;
    report->threads = plan->threads;
    report->forward_flops = 2 * size * t->forward_fma;
    report->backward_flops = 2 * size * (t->forward_fma + t->backward_fma);
}

/* A backward call takes as long as four or five forward calls, and kernels run at five sixths of the peak
 * for dense matrices, two thirds for rotations: 7.2 times the multiply-adds of a forward call. An atom
 * takes some 5000 for its numbers and its environment, per call and again per sample. Measured on
 * layers of rotations and of dense blocks, 4 to 20 qubits. */
static double state_cost(const kg_plan *plan, int batch_hint)
{
    kgi_state_tables *t = calloc(1, sizeof *t);
    const kg_status status = t ? kgi_state_make_atoms(t, plan->program, NULL) : KG_ERR_MEMORY;
    double cost = status == KG_ERR_MEMORY ? (double)NAN : HUGE_VAL;
    if (!status) {
        const double per_atom = 5000;
        const double ends = 10 + 4 * plan->program->n_operators; /* beginning and reading */
        const double sweeps = 7.2 * (kgi_state_count_fma(t) + ends);
        cost = per_atom * t->n_atoms +
               batch_hint * (per_atom * t->n_atoms + ldexp(sweeps, plan->program->n_active));
    }
    destroy_tables(t, plan->program->n_operators);
    return cost;
}

kg_status kgi_state_reshape(kg_plan *plan, kgi_state_shape shape, kg_error *err)
{
    const kgi_state_tables *old = plan->engine_data;
    const kgi_state_kernels *kernels = old->kernels;
    state_release(plan);
    const kg_status status = make_tables(plan, kernels, shape, err);
    plan->workspace_bytes = status ? 0 : state_workspace_bytes(plan) + KGI_ALIGN;
    return status;
}

const kgi_engine kgi_engine_state = {.name = "state",
                                     .cost = state_cost,
                                     .prepare = state_prepare,
                                     .release = state_release,
                                     .workspace_bytes = state_workspace_bytes,
                                     .forward = state_forward,
                                     .backward = state_backward,
                                     .report = state_report};
