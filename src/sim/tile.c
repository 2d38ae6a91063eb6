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
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/status.h"
#include "base/vmath.h"
#include "compile/matrix.h"

/* One call, as the functions below see it. */
typedef struct tile_call {
    const kg_plan *plan;
    const kgi_program *program;
    const kgi_tile_tables *tables;
    const kgi_kernels *k;
    kgi_tile_shared *shared;
    const double *params;
    const double *inputs;
    int n_batch;
    double *out;
    const double *d_out;
    double *d_inputs;
    int want_params;
    int n_tiles;
    int n_chunks;
    kgi_tile_lane *lanes;
} tile_call;

typedef struct carver {
    kgi_arena *arena; /* NULL: only count */
    size_t bytes;
} carver;

static void *carve(carver *c, size_t count, size_t item)
{
    c->bytes += kgi_arena_bytes(count, item);
    return c->arena ? kgi_arena_take(c->arena, count, item) : NULL;
}

static void carve_shared(carver *c, const kg_plan *plan, kgi_tile_shared *shared)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_program *program = plan->program;
    const size_t reals = (size_t)program->n_units * 2 * KGI_UNIT_REALS;
    shared->matrices = carve(c, reals, sizeof(double));
    shared->reals = carve(c, reals, t->kernels->real_bytes);
    shared->sums = carve(c, KGI_CHUNKS * t->n_sums, sizeof(double));
    shared->total = carve(c, t->n_sums, sizeof(double));
    if (program->tail.n_blocks) {
        const size_t line = (size_t)t->kernels64->lanes;
        const size_t tile = t->tail_amplitudes * 2 * line;
        const size_t matrix = 2 * (size_t)t->columns.size * (size_t)t->columns.size;
        const size_t n = (size_t)program->n_operators * t->n_choices;
        const size_t n_jobs = (size_t)program->n_operators * (size_t)t->tail_tiles;
        shared->tail_basis = carve(c, (size_t)t->tail_tiles * tile, sizeof(double));
        shared->tail_psi = carve(c, n_jobs * tile, sizeof(double));
        shared->tail_lambda = carve(c, n_jobs * tile, sizeof(double));
        shared->tail_env =
            carve(c, n_jobs * (size_t)program->n_units * KGI_ENV_REALS * line, sizeof(double));
        shared->folded = carve(c, n * matrix, sizeof(double));
        shared->scratch = carve(c, matrix, sizeof(double));
        shared->packed = carve(c, n * kgi_packed_reals(t->columns.size), t->kernels->real_bytes);
        shared->dense = carve(c, n * matrix, t->kernels->real_bytes);
    }
}

static void carve_lane(carver *c, const kg_plan *plan, int backward, kgi_tile_lane *lane)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_program *program = plan->program;
    const size_t line = (size_t)t->kernels->lanes * t->kernels->real_bytes;
    const size_t n_values = (size_t)program->n_values + 1;
    lane->psi = carve(c, 2 * program->n_amplitudes, line);
    lane->matrices = carve(c, (size_t)t->n_lane_matrices * 2 * KGI_UNIT_REALS, line);
    lane->values = carve(c, n_values, line);
    lane->numbers = carve(c, (4 + n_values) * (size_t)t->kernels->lanes, sizeof(double));
    if (backward) {
        lane->lambda = carve(c, 2 * program->n_amplitudes, line);
        lane->weights = carve(c, n_values, line);
        lane->env = carve(c, (size_t)program->n_units * KGI_ENV_REALS, line);
        lane->own_env = carve(c, KGI_ENV_REALS, line);
        lane->outer = carve(c, (size_t)program->n_operators * t->n_outer, line);
    }
}

static size_t tile_workspace_bytes(const kg_plan *plan)
{
    carver c = {NULL, 0};
    kgi_tile_shared shared = {0};
    kgi_tile_lane lane;
    carve_shared(&c, plan, &shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, 1, &lane);
    }
    return c.bytes;
}

static char *amplitude_line(const tile_call *call, void *state, int reg)
{
    const size_t line = 2 * (size_t)call->k->lanes * call->k->real_bytes;
    return (char *)state + call->program->registers[reg].first * line;
}

static char *env_lines(const tile_call *call, void *env, int unit)
{
    return (char *)env +
           (size_t)unit * KGI_ENV_REALS * (size_t)call->k->lanes * call->k->real_bytes;
}

/* Row of inputs of lane l in the tile that starts at sample first; lanes past the end repeat the last
 * sample, with weight 0. */
static const double *input_row(const tile_call *call, int first, int l)
{
    const int sample = first + l < call->n_batch ? first + l : call->n_batch - 1;
    return call->inputs ? call->inputs + (size_t)sample * (size_t)call->program->n_inputs : NULL;
}

/* ---- forward ---- */

/* The unit's matrix, shared or of the lane. */
static const void *unit_matrix(const tile_call *call, const kgi_tile_lane *lane, int unit,
                               int dagger)
{
    const int own = call->tables->matrix_of_unit[unit];
    const size_t part = KGI_UNIT_REALS * call->k->real_bytes;
    if (own < 0) {
        return (const char *)call->shared->reals + (size_t)(2 * unit + dagger) * part;
    }
    return (const char *)lane->matrices +
           (size_t)(2 * own + dagger) * part * (size_t)call->k->lanes;
}

/* Matrices of the units that differ from sample to sample. */
static void fill_lane_matrices(const tile_call *call, kgi_tile_lane *lane, int first)
{
    const int lanes = call->k->lanes;
    double line[2][KGI_UNIT_REALS][16] __attribute__((aligned(64)));
    for (int u = 0; u < call->program->n_units; u++) {
        const kgi_unit *unit = &call->program->units[u];
        if (call->tables->matrix_of_unit[u] < 0) {
            continue;
        }
        const int d = 1 << unit->n_targets;
        for (int l = 0; l < lanes; l++) {
            double matrix[KGI_UNIT_REALS];
            double dagger[KGI_UNIT_REALS];
            kgi_unit_matrix(call->program, unit, call->params, input_row(call, first, l), matrix);
            kgi_mat_dagger(d, matrix, dagger);
            for (int i = 0; i < 2 * d * d; i++) {
                line[0][i][l] = matrix[i];
                line[1][i][l] = dagger[i];
            }
        }
        const size_t row = (size_t)lanes * call->k->real_bytes;
        for (int dagger = 0; dagger < 2; dagger++) {
            char *out =
                (char *)lane->matrices +
                (size_t)(2 * call->tables->matrix_of_unit[u] + dagger) * KGI_UNIT_REALS * row;
            for (int i = 0; i < 2 * d * d; i++) {
                call->k->from_double(out + (size_t)i * row, line[dagger][i], (size_t)lanes);
            }
        }
    }
}

/* A qubit in |0>, turned by the gates of its start unit. */
static void start_product(const tile_call *call, kgi_tile_lane *lane, const kgi_step *step,
                          int first)
{
    const int lanes = call->k->lanes;
    char *psi = amplitude_line(call, lane->psi, step->reg);
    double *angle = lane->numbers;
    double *sine = angle + lanes;
    double *cosine = sine + lanes;
    memset(psi, 0, 4 * (size_t)lanes * call->k->real_bytes);
    for (int l = 0; l < lanes; l++) {
        angle[l] = 1.0;
    }
    call->k->from_double(psi, angle, (size_t)lanes);
    const kgi_unit *unit = step->unit < 0 ? NULL : &call->program->units[step->unit];
    for (int i = 0; unit && i < unit->n_uses; i++) {
        const kgi_use *use = &call->program->uses[unit->first_use + i];
        for (int l = 0; l < lanes; l++) {
            angle[l] = use->omega * kgi_slot_angle(&use->slot, NULL, input_row(call, first, l));
        }
        kgi_sincos(angle, (size_t)lanes, sine, cosine);
        call->k->turn(psi, use, sine, cosine);
    }
}

/* 1 / ||x||, which is infinite and makes NaN of a sample without a length. */
static double inverse_norm(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return 1.0 / sqrt(sum);
}

static void start_amplitudes(const tile_call *call, kgi_tile_lane *lane, const kgi_step *step,
                             int first)
{
    const double *rows[16];
    const size_t n = (size_t)1 << call->program->registers[step->reg].n;
    for (int l = 0; l < call->k->lanes; l++) {
        rows[l] = input_row(call, first, l) + step->first_input;
        lane->numbers[l] = inverse_norm(rows[l], n);
    }
    call->k->load(amplitude_line(call, lane->psi, step->reg), rows, lane->numbers, n);
}

static void run_steps(const tile_call *call, kgi_tile_lane *lane, int first)
{
    const kgi_program *program = call->program;
    fill_lane_matrices(call, lane, first);
    for (int i = 0; i < program->n_steps; i++) {
        const kgi_step *step = &program->steps[i];
        char *psi = amplitude_line(call, lane->psi, step->reg);
        switch (step->kind) {
        case KGI_STEP_PRODUCT:
            start_product(call, lane, step, first);
            break;
        case KGI_STEP_AMPLITUDES:
            start_amplitudes(call, lane, step, first);
            break;
        case KGI_STEP_KRON:
            call->k->kron(psi, amplitude_line(call, lane->psi, step->left),
                          (size_t)1 << program->registers[step->left].n,
                          amplitude_line(call, lane->psi, step->right),
                          (size_t)1 << program->registers[step->right].n);
            break;
        case KGI_STEP_BLOCK:
            call->k->apply(psi, &step->at, &program->units[step->unit],
                           unit_matrix(call, lane, step->unit, 0));
            break;
        }
    }
}

static void measure(const tile_call *call, kgi_tile_lane *lane)
{
    const kgi_program *program = call->program;
    const kgi_tile_tables *t = call->tables;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    const char *psi = amplitude_line(call, lane->psi, program->final);
    const size_t n = (size_t)1 << program->registers[program->final].n;
    memset(lane->values, 0, (size_t)program->n_values * line);
    for (int o = 0; o < program->n_operators; o++) {
        const kgi_operator *op = &program->operators[o];
        char *value = (char *)lane->values + (size_t)op->first_value * line;
        if (program->tail.n_blocks) {
            const size_t packed = kgi_packed_reals(t->columns.size) * call->k->real_bytes;
            for (size_t d = 0; d < t->n_choices; d++) {
                call->k->tail_value(psi, &t->columns, d,
                                    (const char *)call->shared->packed +
                                        ((size_t)o * t->n_choices + d) * packed,
                                    value);
            }
        } else if (op->n_words) {
            for (int w = 0; w < op->n_words; w++) {
                call->k->word_value(psi, n, &op->words[w], value);
            }
        } else {
            call->k->probs_value(psi, n, op->bits, op->m, value);
        }
    }
}

static void write_outputs(const tile_call *call, kgi_tile_lane *lane, int first, double *out)
{
    const kgi_program *program = call->program;
    const size_t lanes = (size_t)call->k->lanes;
    double *values = lane->numbers;
    call->k->to_double(values, lane->values, (size_t)program->n_values * lanes);
    for (int l = 0; l < call->k->lanes && first + l < call->n_batch; l++) {
        double *row = out + (size_t)(first + l) * (size_t)program->n_outputs;
        for (int o = 0; o < program->n_outputs; o++) {
            const kgi_output *output = &program->outputs[o];
            row[o] = output->offset;
            if (output->value >= 0) {
                row[o] += output->factor * values[(size_t)output->value * lanes + (size_t)l];
            }
        }
    }
}

/* Matrices of the shared units, and the folded tail. */
static void prepare_call(const tile_call *call, kgi_team *team)
{
    const kgi_program *program = call->program;
    kgi_tile_shared *shared = call->shared;
    for (int u = 0; u < program->n_units; u++) {
        const kgi_unit *unit = &program->units[u];
        double *matrix = shared->matrices + (size_t)(2 * u) * KGI_UNIT_REALS;
        memset(matrix, 0, 2 * KGI_UNIT_REALS * sizeof *matrix);
        if (!unit->per_sample) {
            kgi_unit_matrix(program, unit, call->params, NULL, matrix);
            kgi_mat_dagger(1 << unit->n_targets, matrix, matrix + KGI_UNIT_REALS);
        }
    }
    call->k->from_double(shared->reals, shared->matrices,
                         (size_t)program->n_units * 2 * KGI_UNIT_REALS);
    if (program->tail.n_blocks) {
        kgi_tail_fold(call->plan, shared, team);
    }
}

static int count_tiles(const kgi_kernels *k, int n_batch)
{
    return (n_batch + k->lanes - 1) / k->lanes;
}

/* A job of the team: one tile. */
static void forward_tile(void *context, int tile, int number)
{
    const tile_call *call = context;
    kgi_tile_lane *lane = &call->lanes[number];
    const int first = tile * call->k->lanes;
    run_steps(call, lane, first);
    measure(call, lane);
    write_outputs(call, lane, first, call->out);
}

static void tile_forward(const kg_plan *plan, const double *params, int n_batch,
                         const double *inputs, double *out, kg_workspace *ws)
{
    carver c = {&ws->arena, 0};
    const kgi_tile_tables *t = plan->engine_data;
    kgi_tile_shared shared = {0};
    kgi_tile_lane lanes[KGI_MAX_THREADS];
    carve_shared(&c, plan, &shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, 0, &lanes[i]);
    }
    tile_call call = {.plan = plan,
                      .program = plan->program,
                      .tables = t,
                      .k = t->kernels,
                      .shared = &shared,
                      .params = params,
                      .inputs = inputs,
                      .n_batch = n_batch,
                      .out = out,
                      .n_tiles = count_tiles(t->kernels, n_batch),
                      .lanes = lanes};
    prepare_call(&call, ws->team);
    kgi_team_run(ws->team, call.n_tiles, forward_tile, &call);
}

/* ---- backward ---- */

void kgi_env_matrix(int n_targets, const double *env, double *matrix)
{
    static const int rows[] = {0, 0, 0, 1, 1, 2};
    static const int cols[] = {1, 2, 3, 2, 3, 3};
    const int d = 1 << n_targets;
    memset(matrix, 0, (size_t)(2 * d * d) * sizeof *matrix);
    for (int i = 0; i < d; i++) {
        matrix[2 * (i * d + i)] = env[i];
    }
    for (int k = 0; k < 6; k++) {
        if (cols[k] < d) {
            double *upper = matrix + 2 * (rows[k] * d + cols[k]);
            double *lower = matrix + 2 * (cols[k] * d + rows[k]);
            upper[0] = lower[0] = 0.5 * env[4 + 2 * k];
            upper[1] = 0.5 * env[5 + 2 * k];
            lower[1] = -upper[1];
        }
    }
}

/* Inputs inside a unit: its environment differs from sample to sample. */
static void unit_inputs_backward(const tile_call *call, kgi_tile_lane *lane, int first,
                                 const kgi_target *at, const kgi_unit *unit, const char *psi,
                                 const char *lambda)
{
    const size_t lanes = (size_t)call->k->lanes;
    double env[KGI_ENV_REALS][16];
    memset(lane->own_env, 0, KGI_ENV_REALS * lanes * call->k->real_bytes);
    call->k->overlap(psi, lambda, at, unit, lane->own_env);
    for (size_t i = 0; i < KGI_ENV_REALS; i++) {
        call->k->to_double(env[i], (char *)lane->own_env + i * lanes * call->k->real_bytes, lanes);
    }
    for (int l = 0; l < call->k->lanes && first + l < call->n_batch; l++) {
        double own[KGI_ENV_REALS];
        double matrix[KGI_UNIT_REALS];
        for (int i = 0; i < KGI_ENV_REALS; i++) {
            own[i] = env[i][l];
        }
        kgi_env_matrix(unit->n_targets, own, matrix);
        kgi_unit_backward(call->program, unit, call->params, input_row(call, first, l), matrix,
                          NULL,
                          call->d_inputs + (size_t)(first + l) * (size_t)call->program->n_inputs);
    }
}

/* d_x = (g - x^ (x^ . g)) / ||x||, where g = 2 Re lambda and x^ = x / ||x||. */
static void amplitudes_backward(const tile_call *call, const kgi_step *step, int first,
                                const char *lambda)
{
    const size_t lanes = (size_t)call->k->lanes;
    const size_t line = lanes * call->k->real_bytes;
    const size_t n = (size_t)1 << call->program->registers[step->reg].n;
    const int n_here = call->n_batch - first < (int)lanes ? call->n_batch - first : (int)lanes;
    double dot[16] = {0};
    double scale[16];
    double g[16];
    for (int l = 0; l < n_here; l++) {
        scale[l] = inverse_norm(input_row(call, first, l) + step->first_input, n);
    }
    for (int pass = 0; pass < 2; pass++) { /* first x^ . g, then the derivative */
        for (size_t i = 0; i < n; i++) {
            call->k->to_double(g, lambda + 2 * i * line, lanes);
            for (int l = 0; l < n_here; l++) {
                const size_t at = (size_t)step->first_input + i;
                const double unit_x = scale[l] * input_row(call, first, l)[at];
                if (pass == 0) {
                    dot[l] += 2 * g[l] * unit_x;
                } else {
                    call->d_inputs[(size_t)(first + l) * (size_t)call->program->n_inputs + at] +=
                        scale[l] * (2 * g[l] - unit_x * dot[l]);
                }
            }
        }
    }
}

static void start_lambda(const tile_call *call, kgi_tile_lane *lane)
{
    const kgi_program *program = call->program;
    const kgi_tile_tables *t = call->tables;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    const char *psi = amplitude_line(call, lane->psi, program->final);
    char *lambda = amplitude_line(call, lane->lambda, program->final);
    const size_t n = (size_t)1 << program->registers[program->final].n;
    if (!program->tail.n_blocks) {
        memset(lambda, 0, 2 * n * line);
    }
    for (int o = 0; o < program->n_operators; o++) {
        const kgi_operator *op = &program->operators[o];
        const char *weight = (const char *)lane->weights + (size_t)op->first_value * line;
        if (program->tail.n_blocks) {
            const size_t matrix =
                2 * (size_t)t->columns.size * (size_t)t->columns.size * call->k->real_bytes;
            const size_t outer = kgi_outer_reals((size_t)t->columns.size) * line;
            for (size_t d = 0; d < t->n_choices; d++) {
                const size_t at = (size_t)o * t->n_choices + d;
                call->k->tail_apply(psi, &t->columns, d,
                                    (const char *)call->shared->dense + at * matrix, weight, o > 0,
                                    lambda);
                if (call->want_params) {
                    call->k->tail_outer(psi, &t->columns, d, weight,
                                        (char *)lane->outer + at * outer);
                }
            }
        } else if (op->n_words) {
            for (int w = 0; w < op->n_words; w++) {
                call->k->word_apply(psi, n, &op->words[w], weight, lambda);
            }
        } else {
            call->k->probs_apply(psi, n, op->bits, op->m, weight, lambda);
        }
    }
}

/* dL/dvalues, zero for lanes past the end of the batch. */
static void read_weights(const tile_call *call, kgi_tile_lane *lane, int first)
{
    const kgi_program *program = call->program;
    const int lanes = call->k->lanes;
    double *weights = lane->numbers;
    memset(weights, 0, (size_t)program->n_values * (size_t)lanes * sizeof *weights);
    for (int l = 0; l < lanes && first + l < call->n_batch; l++) {
        const double *row = call->d_out + (size_t)(first + l) * (size_t)program->n_outputs;
        for (int o = 0; o < program->n_outputs; o++) {
            const kgi_output *output = &program->outputs[o];
            if (output->value >= 0) {
                weights[output->value * lanes + l] += output->factor * row[o];
            }
        }
    }
    call->k->from_double(lane->weights, weights, (size_t)program->n_values * (size_t)lanes);
}

static int wanted(const tile_call *call, int params, int inputs)
{
    return (call->want_params && params) || (call->d_inputs && inputs);
}

static void undo_kron(const tile_call *call, kgi_tile_lane *lane, const kgi_step *step)
{
    const kgi_register *left = &call->program->registers[step->left];
    const kgi_register *right = &call->program->registers[step->right];
    call->k->kron_backward(amplitude_line(call, lane->lambda, step->reg),
                           amplitude_line(call, lane->psi, step->left), (size_t)1 << left->n,
                           amplitude_line(call, lane->psi, step->right), (size_t)1 << right->n,
                           wanted(call, left->has_params, left->has_inputs)
                               ? amplitude_line(call, lane->lambda, step->left)
                               : NULL,
                           wanted(call, right->has_params, right->has_inputs)
                               ? amplitude_line(call, lane->lambda, step->right)
                               : NULL);
}

static void undo_block(const tile_call *call, kgi_tile_lane *lane, const kgi_step *step, int first)
{
    const kgi_unit *unit = &call->program->units[step->unit];
    char *psi = amplitude_line(call, lane->psi, step->reg);
    char *lambda = amplitude_line(call, lane->lambda, step->reg);
    if (unit->trainable && call->want_params) {
        call->k->overlap(psi, lambda, &step->at, unit, env_lines(call, lane->env, step->unit));
    }
    if (unit->per_sample && call->d_inputs) {
        unit_inputs_backward(call, lane, first, &step->at, unit, psi, lambda);
    }
    if (wanted(call, step->params_before, step->inputs_before)) {
        const void *dagger = unit_matrix(call, lane, step->unit, 1);
        call->k->apply(psi, &step->at, unit, dagger);
        call->k->apply(lambda, &step->at, unit, dagger);
    }
}

static void undo_steps(const tile_call *call, kgi_tile_lane *lane, int first)
{
    static const kgi_target whole_qubit = {
        .n_targets = 1, .n_fixed = 1, .n_groups = 1}; /* bit 0 of a register of one qubit */
    const kgi_program *program = call->program;
    for (int i = program->n_steps - 1; i >= 0; i--) {
        const kgi_step *step = &program->steps[i];
        switch (step->kind) {
        case KGI_STEP_BLOCK:
            undo_block(call, lane, step, first);
            break;
        case KGI_STEP_KRON:
            if (wanted(call, step->params_before, step->inputs_before)) {
                undo_kron(call, lane, step);
            }
            break;
        case KGI_STEP_PRODUCT:
            if (call->d_inputs && step->unit >= 0 && program->units[step->unit].per_sample) {
                unit_inputs_backward(call, lane, first, &whole_qubit, &program->units[step->unit],
                                     amplitude_line(call, lane->psi, step->reg),
                                     amplitude_line(call, lane->lambda, step->reg));
            }
            break;
        case KGI_STEP_AMPLITUDES:
            if (call->d_inputs) {
                amplitudes_backward(call, step, first,
                                    amplitude_line(call, lane->lambda, step->reg));
            }
            break;
        }
    }
}

/* A job of the team: a chunk of consecutive tiles, summed in order into the chunk's sums. */
static void backward_chunk(void *context, int chunk, int number)
{
    const tile_call *call = context;
    const kgi_program *program = call->program;
    const kgi_tile_tables *t = call->tables;
    kgi_tile_lane *lane = &call->lanes[number];
    double *sums = call->shared->sums + (size_t)chunk * t->n_sums;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    const size_t n_env = (size_t)program->n_units * KGI_ENV_REALS;
    const size_t n_outer = (size_t)program->n_operators * t->n_outer;
    const int first_tile = (int)((long)chunk * call->n_tiles / call->n_chunks);
    const int last_tile = (int)((long)(chunk + 1) * call->n_tiles / call->n_chunks);
    if (call->want_params) {
        memset(lane->env, 0, n_env * line);
        memset(lane->outer, 0, n_outer * line);
    }
    for (int tile = first_tile; tile < last_tile; tile++) {
        const int first = tile * call->k->lanes;
        run_steps(call, lane, first);
        read_weights(call, lane, first);
        start_lambda(call, lane);
        undo_steps(call, lane, first);
    }
    if (call->want_params) {
        memset(sums, 0, t->n_sums * sizeof *sums);
        call->k->add_lanes(sums, lane->env, n_env);
        call->k->add_lanes(sums + n_env, lane->outer, n_outer);
    }
}

/* Environments of the whole batch become derivatives of parameters. */
static void finish_params(const tile_call *call, kgi_team *team, double *d_params)
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
    carver c = {&ws->arena, 0};
    const kgi_tile_tables *t = plan->engine_data;
    kgi_tile_shared shared = {0};
    kgi_tile_lane lanes[KGI_MAX_THREADS];
    carve_shared(&c, plan, &shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, 1, &lanes[i]);
    }
    const int n_tiles = count_tiles(t->kernels, n_batch);
    tile_call call = {.plan = plan,
                      .program = plan->program,
                      .tables = t,
                      .k = t->kernels,
                      .shared = &shared,
                      .params = params,
                      .inputs = inputs,
                      .n_batch = n_batch,
                      .d_out = d_out,
                      .d_inputs = d_inputs,
                      .want_params = d_params != NULL,
                      .n_tiles = n_tiles,
                      .n_chunks = n_tiles < KGI_CHUNKS ? n_tiles : KGI_CHUNKS,
                      .lanes = lanes};
    prepare_call(&call, ws->team);
    kgi_team_run(ws->team, call.n_chunks, backward_chunk, &call);
    if (d_params) {
        finish_params(&call, ws->team, d_params);
    }
}

/* ---- the engine's row ---- */

/* Amplitudes of the final register with given bits taken out, as indices with zeros there. */
static size_t spread(size_t i, const int *bits, int n)
{
    size_t out = 0;
    for (int k = 0; k < n; k++) {
        out |= (i >> k & 1) << bits[k];
    }
    return out;
}

static kg_status prepare_columns(kgi_tile_tables *t, const kgi_program *program, kg_error *err)
{
    const kgi_tail *tail = &program->tail;
    const int n_final = program->registers[program->final].n;
    int spectators[KGI_MAX_REGISTER];
    int n_spectators = 0;
    for (int bit = 0; bit < n_final; bit++) {
        int used = 0;
        for (int k = 0; k < tail->n_kept; k++) {
            used |= tail->kept[k] == bit;
        }
        for (int k = 0; k < tail->n_choosers; k++) {
            used |= tail->choosers[k] == bit;
        }
        if (!used) {
            spectators[n_spectators++] = bit;
        }
    }
    const size_t size = (size_t)1 << tail->n_kept;
    const size_t n_columns = (size_t)1 << n_spectators;
    t->n_choices = (size_t)1 << tail->n_choosers;
    t->offsets = malloc(size * sizeof *t->offsets);
    t->column_bases = malloc(t->n_choices * n_columns * sizeof *t->column_bases);
    if (!t->offsets || !t->column_bases) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu columns",
                        t->n_choices * n_columns);
    }
    for (size_t j = 0; j < size; j++) {
        t->offsets[j] = spread(j, tail->kept, tail->n_kept);
    }
    for (size_t d = 0; d < t->n_choices; d++) {
        for (size_t c = 0; c < n_columns; c++) {
            t->column_bases[d * n_columns + c] =
                spread(d, tail->choosers, tail->n_choosers) | spread(c, spectators, n_spectators);
        }
    }
    t->columns = (kgi_columns){(int)size, n_columns, t->offsets, t->column_bases};
    t->n_outer = t->n_choices * kgi_outer_reals(size);
    t->tail_amplitudes = t->n_choices * size;
    t->tail_tiles = (int)((size + (size_t)t->kernels64->lanes - 1) / (size_t)t->kernels64->lanes);
    return KG_OK;
}

static void tile_release(kg_plan *plan)
{
    kgi_tile_tables *t = plan->engine_data;
    if (t) {
        free(t->matrix_of_unit);
        free(t->offsets);
        free(t->column_bases);
        free(t);
    }
    plan->engine_data = NULL;
}

static kg_status tile_prepare(kg_plan *plan, kg_error *err)
{
    const kgi_program *program = plan->program;
    const kgi_kernels *kernels = kgi_kernels_find(plan->kernels, plan->precision);
    if (!kernels) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "kernels \"%s\" are not in this build or not for this CPU, which runs %s",
                        plan->kernels, kg_kernels_get(0));
    }
    kgi_tile_tables *t = calloc(1, sizeof *t);
    if (!t) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the tables of a plan");
    }
    plan->engine_data = t;
    t->kernels = kernels;
    t->kernels64 = kgi_kernels_find(kernels->name, KG_PRECISION_F64);
    t->matrix_of_unit = malloc(((size_t)program->n_units + 1) * sizeof *t->matrix_of_unit);
    if (!t->matrix_of_unit) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a table of %d units",
                        program->n_units);
    }
    for (int u = 0; u < program->n_units; u++) {
        t->matrix_of_unit[u] = -1;
    }
    for (int i = 0; i < program->n_steps; i++) { /* start units need no matrix */
        const kgi_step *step = &program->steps[i];
        if (step->kind == KGI_STEP_BLOCK && program->units[step->unit].per_sample &&
            t->matrix_of_unit[step->unit] < 0) {
            t->matrix_of_unit[step->unit] = t->n_lane_matrices++;
        }
    }
    if (program->tail.n_blocks) {
        const kg_status status = prepare_columns(t, program, err);
        if (status) {
            return status;
        }
    }
    t->n_sums =
        (size_t)program->n_units * KGI_ENV_REALS + (size_t)program->n_operators * t->n_outer;
    return KG_OK;
}

const kgi_engine kgi_engine_tile = {"tile",       tile_prepare, tile_release, tile_workspace_bytes,
                                    tile_forward, tile_backward};
