/* SPDX-License-Identifier: Apache-2.0 */
/* The tile engine: samples side by side, fused blocks, one adjoint sweep per tile.
 *
 * A call computes the matrices of all shared units, folds the tail, and hands tiles of samples to
 * threads. Forward runs the program's steps on a tile. Backward runs them too, starts the adjoint state
 * lambda = weight H psi, and goes back: per block one environment (the sum over samples and spectators
 * of |psi><lambda|, reduced to the block's qubits), then U^dagger on both states. Environments of equal
 * units add up over blocks, tiles and the batch, and only then become derivatives of angles: a block
 * with fifteen parameters costs what a block with one costs.
 *
 * Sums over the batch are made in KGI_CHUNKS pieces of consecutive tiles, added in order, so that the
 * number of threads moves no bit. Rejected: one derivative per parameter and sample (ten times the
 * work), storing the states of the forward run (memory bound), threads inside a state (slower than one
 * thread up to 12 qubits). */
#include "sim/tile.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "compile/matrix.h"
#include "sim/engines.h"

static void carve_shared(kgi_carver *c, const kg_plan *plan, kgi_tile_shared *shared)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_program *program = plan->program;
    const size_t reals = (size_t)program->n_units * 2 * KGI_UNIT_REALS;
    shared->matrices = kgi_carve(c, reals, sizeof(double));
    shared->reals = kgi_carve(c, reals, t->kernels->real_bytes);
    shared->sums = kgi_carve(c, KGI_CHUNKS * t->n_sums, sizeof(double));
    shared->total = kgi_carve(c, t->n_sums, sizeof(double));
    if (program->tail.n_blocks) {
        const size_t line = (size_t)t->kernels64->lanes;
        const size_t tile = t->tail_amplitudes * 2 * line;
        const size_t matrix = 2 * (size_t)t->columns.size * (size_t)t->columns.size;
        const size_t n = (size_t)program->n_operators * t->n_choices;
        const size_t n_jobs = (size_t)program->n_operators * (size_t)t->tail_tiles;
        shared->tail_basis = kgi_carve(c, (size_t)t->tail_tiles * tile, sizeof(double));
        shared->tail_psi = kgi_carve(c, n_jobs * tile, sizeof(double));
        shared->tail_lambda = kgi_carve(c, n_jobs * tile, sizeof(double));
        shared->tail_env =
            kgi_carve(c, n_jobs * (size_t)program->n_units * KGI_ENV_REALS * line, sizeof(double));
        shared->folded = kgi_carve(c, n * matrix, sizeof(double));
        shared->scratch = kgi_carve(c, matrix, sizeof(double));
        shared->packed =
            kgi_carve(c, n * kgi_packed_reals(t->columns.size), t->kernels->real_bytes);
        shared->dense = kgi_carve(c, n * matrix, t->kernels->real_bytes);
    }
}

static void carve_lane(kgi_carver *c, const kg_plan *plan, int backward, kgi_tile_lane *lane)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_program *program = plan->program;
    const size_t line = (size_t)t->kernels->lanes * t->kernels->real_bytes;
    const size_t n_values = (size_t)program->n_values + 1;
    lane->psi = kgi_carve(c, 2 * program->n_amplitudes, line);
    lane->matrices = kgi_carve(c, (size_t)t->n_lane_matrices * 2 * KGI_UNIT_REALS, line);
    lane->values = kgi_carve(c, n_values, line);
    lane->numbers = kgi_carve(c, (4 + n_values) * (size_t)t->kernels->lanes, sizeof(double));
    if (backward) {
        lane->lambda = kgi_carve(c, 2 * program->n_amplitudes, line);
        lane->weights = kgi_carve(c, n_values, line);
        lane->env = kgi_carve(c, (size_t)program->n_units * KGI_ENV_REALS, line);
        lane->own_env = kgi_carve(c, KGI_ENV_REALS, line);
        lane->outer = kgi_carve(c, (size_t)program->n_operators * t->n_outer, line);
    }
}

size_t kgi_tile_workspace_bytes(const kg_plan *plan)
{
    kgi_carver c = {NULL, 0};
    kgi_tile_shared shared = {0};
    kgi_tile_lane lane;
    carve_shared(&c, plan, &shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, 1, &lane);
    }
    return c.bytes;
}

/* Matrices of the shared units, and the folded tail. */
static void prepare_call(const kgi_tile_call *call, kgi_team *team)
{
    const kgi_program *program = call->program;
    kgi_tile_shared *shared = call->shared;
    for (size_t u = 0; u < (size_t)program->n_units; u++) {
        const kgi_unit *unit = &program->units[u];
        double *matrix = shared->matrices + 2 * u * KGI_UNIT_REALS;
        memset(matrix, 0, 2 * KGI_UNIT_REALS * sizeof *matrix);
        if (!unit->per_sample) {
            kgi_unit_matrix(program, unit, call->params, NULL, matrix);
            kgi_mat_dagger((size_t)1 << unit->n_targets, matrix, matrix + KGI_UNIT_REALS);
        }
    }
    call->k->from_double(shared->reals, shared->matrices,
                         (size_t)program->n_units * 2 * KGI_UNIT_REALS);
    if (program->tail.n_blocks) {
        kgi_tail_fold(call->plan, shared, team);
    }
}

kgi_tile_call kgi_tile_begin(kgi_tile_memory *memory, const kg_plan *plan, const double *params,
                             int n_batch, const double *inputs, int backward, kg_workspace *ws)
{
    kgi_carver c = {&ws->arena, 0};
    const kgi_tile_tables *t = plan->engine_data;
    memory->shared = (kgi_tile_shared){0};
    carve_shared(&c, plan, &memory->shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, backward, &memory->lanes[i]);
    }
    const int n_tiles = (n_batch + t->kernels->lanes - 1) / t->kernels->lanes;
    const kgi_tile_call call = {.plan = plan,
                                .program = plan->program,
                                .tables = t,
                                .k = t->kernels,
                                .shared = &memory->shared,
                                .lanes = memory->lanes,
                                .params = params,
                                .inputs = inputs,
                                .n_batch = n_batch,
                                .n_tiles = n_tiles,
                                .n_chunks = n_tiles < KGI_CHUNKS ? n_tiles : KGI_CHUNKS};
    prepare_call(&call, ws->team);
    return call;
}

static void tile_forward(const kg_plan *plan, const double *params, int n_batch,
                         const double *inputs, double *out, kg_workspace *ws)
{
    kgi_tile_memory memory;
    kgi_tile_call call = kgi_tile_begin(&memory, plan, params, n_batch, inputs, 0, ws);
    call.out = out;
    kgi_team_run(ws->team, call.n_tiles, kgi_tile_forward_job, &call);
}

/* Environments of the whole batch become derivatives of parameters. */
static void finish_params(const kgi_tile_call *call, kgi_team *team, double *d_params)
{
    const kgi_program *program = call->program;
    kgi_tile_shared *shared = call->shared;
    const size_t n_sums = call->tables->n_sums;
    memcpy(shared->total, shared->sums, n_sums * sizeof *shared->total);
    for (int chunk = 1; chunk < call->n_chunks; chunk++) {
        for (size_t i = 0; i < n_sums; i++) {
            shared->total[i] += shared->sums[(size_t)chunk * n_sums + i];
        }
    }
    if (program->tail.n_blocks) {
        kgi_tail_unfold(call->plan, shared, team);
    }
    for (int u = 0; u < program->n_units; u++) {
        if (program->units[u].trainable) {
            double env[KGI_UNIT_REALS];
            kgi_env_matrix(program->units[u].n_targets, shared->total + (size_t)u * KGI_ENV_REALS,
                           env);
            kgi_unit_backward(program, &program->units[u], call->params, NULL, env, d_params, NULL);
        }
    }
}

static void tile_backward(const kg_plan *plan, const double *params, int n_batch,
                          const double *inputs, const double *d_out, double *d_params,
                          double *d_inputs, kg_workspace *ws)
{
    kgi_tile_memory memory;
    kgi_tile_call call = kgi_tile_begin(&memory, plan, params, n_batch, inputs, 1, ws);
    call.d_out = d_out;
    call.d_inputs = d_inputs;
    call.want_params = d_params != NULL;
    kgi_team_run(ws->team, call.n_chunks, kgi_tile_backward_job, &call);
    if (d_params) {
        finish_params(&call, ws->team, d_params);
    }
}

/* Samples in whole tiles; what is done once per call is done in double. */
static double tile_cost(const kg_plan *plan, int batch_hint)
{
    const kgi_program *program = plan->program;
    const int is_f32 = plan->precision == KG_PRECISION_F32;
    const double lanes = is_f32 ? 16 : 8;
    const double cache_bytes = 1 << 25; /* psi and lambda beyond it run at the memory's speed */
    const double memory = 4.0 * 64 * (double)program->n_amplitudes >= cache_bytes ? 1.6 : 1;
    return memory * ceil(batch_hint / lanes) * lanes *
               (program->forward_fma + program->backward_fma) +
           (is_f32 ? 2 : 1) * program->once_fma;
}

static void tile_report(const kg_plan *plan, kg_plan_report *report)
{
    const kgi_tile_tables *t = plan->engine_data;
    report->kernels = t->kernels->name;
    report->threads = plan->threads;
    report->n_tail = plan->program->tail.n_blocks;
    report->tile = t->kernels->lanes;
    report->forward_flops = 2 * plan->program->forward_fma;
    report->backward_flops = 2 * plan->program->backward_fma;
}

const kgi_engine kgi_engine_tile = {.name = "tile",
                                    .cost = tile_cost,
                                    .prepare = kgi_tile_prepare,
                                    .release = kgi_tile_release,
                                    .workspace_bytes = kgi_tile_workspace_bytes,
                                    .forward = tile_forward,
                                    .backward = tile_backward,
                                    .report = tile_report};
