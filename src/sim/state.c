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
 * sweeps instead of four); threads over samples (a state per thread). */
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

static void carve_call(kgi_carver *c, kgi_state_call *call, int backward)
{
    const kgi_state_tables *t = call->t;
    const size_t n_values = (size_t)call->plan->program->n_values + 1;
    const size_t amplitude = kgi_state_amplitude_bytes(t->kernels);
    const int width = t->shape.block_bits < t->n_bits ? t->shape.block_bits : t->n_bits;
    call->psi = kgi_carve(c, (size_t)1 << t->n_bits, amplitude);
    call->blocks = kgi_carve(c, (size_t)2 * (size_t)call->plan->threads << width, amplitude);
    call->matrices = kgi_carve(c, (size_t)t->n_units + 1, KGI_UNIT_REALS * sizeof(double));
    call->numbers = kgi_carve(c, (size_t)t->n_stages + 1, sizeof *call->numbers);
    call->reals = kgi_carve(c, (size_t)t->n_stages + 1, KGI_STAGE_REALS * sizeof(float));
    call->values = kgi_carve(c, (size_t)t->n_value_chunks * n_values, sizeof(double));
    if (backward) {
        call->lambda = kgi_carve(c, (size_t)1 << t->n_bits, amplitude);
        call->weights = kgi_carve(c, n_values, sizeof(double));
        call->env = kgi_carve(c, t->n_env + 1, sizeof(double));
        call->chunk_env = kgi_carve(c, (size_t)t->n_chunks * t->sweep_env + 1, sizeof(double));
    }
}

static size_t state_workspace_bytes(const kg_plan *plan)
{
    kgi_carver c = {NULL, 0};
    kgi_state_call call = {.plan = plan, .t = plan->engine_data};
    carve_call(&c, &call, 1);
    return c.bytes;
}

static kgi_state_call begin_call(const kg_plan *plan, const double *params, int backward,
                                 kg_workspace *ws)
{
    const kgi_state_tables *t = plan->engine_data;
    kgi_carver c = {&ws->arena, 0};
    kgi_state_call call = {.plan = plan, .t = t, .k = t->kernels, .params = params};
    carve_call(&c, &call, backward);
    return call;
}

/* ---- calls ---- */

static void run_forward(kgi_state_call *call, const double *inputs, int first, kgi_team *team)
{
    call->inputs = inputs;
    kgi_state_numbers(call, first);
    kgi_state_start(call, team);
    for (int i = 0; i < call->t->n_sweeps; i++) {
        call->sweep = &call->t->sweeps[i];
        kgi_team_run(team, call->t->n_chunks, kgi_state_forward_job, call);
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

/* One sweep back, and its chunks' sums in order. */
static void run_sweep_back(kgi_state_call *call, const kgi_sweep *sweep, kgi_team *team)
{
    const kgi_state_tables *t = call->t;
    double *env = call->env + sweep->first_env;
    call->sweep = sweep;
    memset(call->chunk_env, 0, (size_t)t->n_chunks * t->sweep_env * sizeof *call->chunk_env);
    kgi_team_run(team, t->n_chunks, kgi_state_backward_job, call);
    for (int chunk = 0; chunk < t->n_chunks; chunk++) {
        for (size_t i = 0; i < sweep->n_env; i++) {
            env[i] += call->chunk_env[(size_t)chunk * t->sweep_env + i];
        }
    }
}

/* The sweeps back as far as something is wanted. */
static void run_backward(kgi_state_call *call, int want_params, int want_inputs, kgi_team *team)
{
    const kgi_state_tables *t = call->t;
    const int amplitudes = want_inputs && t->n_amplitudes;
    memset(call->env, 0, t->n_env * sizeof *call->env);
    for (int i = t->n_sweeps - 1; i >= 0; i--) {
        const kgi_sweep *sweep = &t->sweeps[i];
        if (amplitudes || (want_params && sweep->wants_params) ||
            (want_inputs && sweep->wants_inputs)) {
            run_sweep_back(call, sweep, team);
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
