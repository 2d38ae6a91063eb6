/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector engine: the observable travels, the samples do not.
 *
 * A call pulls the observable back through the parameter part of the circuit, where it becomes a matrix T
 * between the features of two halves of the qubits; a sample is then <H> = f_A^T T f_B. Backward sums
 * G = sum of weight f_A f_B^T over the batch, which is dL/dT, and pushes it once through the blocks.
 * What is done per sample does not depend on the circuit's depth, and what depends on it is done once.
 *
 * Samples lie in lanes as in the tile engine; panels of them are jobs forward, chunks of panels backward,
 * summed in order. Coefficients are double always, features and their sums over a panel have the plan's
 * precision. Rejected: contracting T digit by digit (as many multiply-adds, but not a matrix product);
 * un-applying blocks in the backward sweep (a channel has no inverse). */
#include "sim/pauli.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/status.h"
#include "compile/matrix.h"
#include "sim/engines.h"
#include "sim/pauli_call.h"

/* ---- memory -------------------------------------------------------------------------------------------- */

static double *carve_doubles(kgi_carver *c, size_t count)
{
    return kgi_carve(c, count, sizeof(double));
}

/* The first pieces of the arena in every call, so that they stay where they are. */
static void carve_first(kgi_carver *c, const kg_plan *plan, kgi_pauli_shared *shared)
{
    const kgi_pauli_tables *t = plan->engine_data;
    const size_t matrix = (size_t)t->shape->n_values * t->shape->n_a * t->shape->n_b;
    shared->params = kgi_carve_kept(c, (size_t)plan->program->n_params, sizeof(double));
    shared->packed = kgi_carve_kept(c, matrix, t->kernels->real_bytes);
    shared->packed_back = kgi_carve_kept(c, matrix, t->kernels->real_bytes);
}

static void carve_shared(kgi_carver *c, const kg_plan *plan, kgi_pauli_shared *shared)
{
    const kgi_pauli_tables *t = plan->engine_data;
    const kgi_pauli_shape *s = t->shape;
    const size_t v = (size_t)s->n_values;
    const size_t square = KGI_PAULI_WORDS * KGI_PAULI_WORDS;
    const size_t matrix = v * s->n_a * s->n_b;
    shared->transfers = carve_doubles(c, (size_t)s->n_kinds * t->n_transfer);
    shared->stages = carve_doubles(c, v * t->stored);
    shared->last = carve_doubles(c, v * t->last_size);
    shared->spare[0] = carve_doubles(c, v * t->largest);
    shared->spare[1] = carve_doubles(c, v * t->largest);
    shared->entries = carve_doubles(c, square);
    shared->pieces = carve_doubles(c, KGI_PAULI_PIECES * square);
    shared->env = carve_doubles(c, (size_t)s->n_kinds * t->n_transfer);
    shared->digits[0] = carve_doubles(c, kgi_pauli_edge_size(s));
    shared->digits[1] = carve_doubles(c, kgi_pauli_edge_size(s));
    shared->edge = carve_doubles(c, kgi_pauli_edge_scratch(s));
    shared->matrix = carve_doubles(c, matrix);
    shared->sums = carve_doubles(c, KGI_CHUNKS * matrix);
}

/* Rows of lines of samples: `lines` of them, or a panel. */
static void carve_lane(kgi_carver *c, const kg_plan *plan, int backward, kgi_pauli_lane *lane)
{
    const kgi_pauli_tables *t = plan->engine_data;
    const kgi_pauli_shape *s = t->shape;
    const size_t samples = KGI_PAULI_PANEL * (size_t)t->kernels->lanes;
    const size_t panel = samples * t->kernels->real_bytes;
    const size_t panels = backward ? KGI_PAULI_PANELS : 1;
    const size_t v = (size_t)s->n_values;
    size_t n_turns = 0;
    for (int g = 0; g < s->n_groups; g++) {
        n_turns += (size_t)s->groups[g].n_turns;
    }
    lane->a = kgi_carve(c, s->n_a * panels, panel);
    lane->b = kgi_carve(c, s->n_b * panels, panel);
    lane->groups = kgi_carve(c, t->features_a + t->features_b, panel);
    lane->levels = kgi_carve(c, kgi_pauli_level_rows(s), panel);
    lane->ones = kgi_carve(c, 1, panel);
    lane->angles = carve_doubles(c, n_turns * samples);
    lane->sines = kgi_carve(c, n_turns, panel);
    lane->cosines = kgi_carve(c, n_turns, panel);
    lane->bloch = kgi_carve(c, 3 * (KGI_PAULI_TURNS + 1), panel);
    lane->values = kgi_carve(c, v, panel);
    lane->numbers = carve_doubles(c, (v + 1) * panels * samples);
    if (backward) {
        lane->weights = kgi_carve(c, v * panels, panel);
        lane->scratch = kgi_carve(c, KGI_PAULI_SCRATCH * panels, panel);
        lane->d_a = kgi_carve(c, s->n_a, panel);
        lane->d_b = kgi_carve(c, s->n_b, panel);
        lane->d_groups = kgi_carve(c, t->features_a + t->features_b, panel);
        lane->d_levels = kgi_carve(c, kgi_pauli_level_rows(s), panel);
        lane->d_bloch = kgi_carve(c, 7, panel);
    }
}

static size_t pauli_workspace_bytes(const kg_plan *plan)
{
    const kgi_pauli_tables *t = plan->engine_data;
    kgi_carver c = {NULL, 0};
    kgi_pauli_shared shared;
    kgi_pauli_lane lane;
    carve_first(&c, plan, &shared);
    carve_shared(&c, plan, &shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, 1, &lane);
    }
    return c.bytes + kgi_tile_workspace_bytes(&t->tile);
}

/* Ones, and |0> as a Bloch vector X, Z, Y = 0, 1, 0. */
static void fill_constants(const kgi_pauli_call *call, kgi_pauli_lane *lane)
{
    const size_t n = (size_t)kgi_pauli_samples(call);
    const size_t bytes = n * call->k->real_bytes;
    for (size_t l = 0; l < n; l++) {
        lane->numbers[l] = 1;
    }
    call->tile_kernels->from_double(lane->ones, lane->numbers, n);
    memset(lane->bloch, 0, 3 * bytes);
    memcpy((char *)lane->bloch + bytes, lane->ones, bytes);
}

/* ---- the beginning of a call ----------------------------------------------------------------------------- */

typedef struct call_memory {
    kgi_tile_memory tile;
    kgi_pauli_shared shared;
    kgi_pauli_lane lanes[KGI_MAX_THREADS];
} call_memory;

static void find_transfers(const kgi_pauli_call *call)
{
    for (int i = 0; i < call->s->n_kinds; i++) {
        const kgi_pauli_kind *kind = &call->s->kinds[i];
        double full[2 * KGI_PAULI_DIM * KGI_PAULI_DIM];
        kgi_pauli_embed(kind, call->tile.shared->matrices + 2 * (size_t)kind->unit * KGI_UNIT_REALS,
                        full);
        kgi_pauli_transfer(kind->k, full,
                           call->shared->transfers + (size_t)i * call->t->n_transfer);
    }
}

static kgi_pauli_call begin_call(call_memory *memory, const kg_plan *plan, const double *params,
                                 int n_batch, const double *inputs, int backward, kg_workspace *ws)
{
    const kgi_pauli_tables *t = plan->engine_data;
    kgi_carver c = {&ws->arena, 0};
    kgi_pauli_call call = {.plan = plan,
                           .t = t,
                           .s = t->shape,
                           .k = t->kernels,
                           .tile_kernels = ((const kgi_tile_tables *)t->tile.engine_data)->kernels,
                           .shared = &memory->shared,
                           .lanes = memory->lanes,
                           .team = ws->team,
                           .inputs = inputs,
                           .n_batch = n_batch,
                           .ld = (backward ? KGI_PAULI_PANELS : 1) * KGI_PAULI_PANEL};
    carve_first(&c, plan, &memory->shared);
    call.tile = kgi_tile_begin(&memory->tile, &t->tile, params, n_batch, inputs, backward, ws);
    call.n_panels =
        (int)((n_batch + (long)kgi_pauli_samples(&call) - 1) / kgi_pauli_samples(&call));
    call.n_chunks = call.n_panels < KGI_CHUNKS ? call.n_panels : KGI_CHUNKS;
    carve_shared(&c, plan, &memory->shared);
    for (int i = 0; i < plan->threads; i++) {
        carve_lane(&c, plan, backward, &memory->lanes[i]);
        fill_constants(&call, &memory->lanes[i]);
    }
    return call;
}

/* 1 if the workspace still holds the matrices of these parameters. */
static int is_kept(const kgi_pauli_call *call, const double *params, const kg_workspace *ws,
                   kgi_pauli_kept wanted)
{
    const size_t n = (size_t)call->plan->program->n_params;
    return ws->kept >= (int)wanted &&
           (n == 0 || !memcmp(call->shared->params, params, n * sizeof *params));
}

static void keep(const kgi_pauli_call *call, const double *params, kg_workspace *ws,
                 kgi_pauli_kept what)
{
    const size_t n = (size_t)call->plan->program->n_params;
    if (n) {
        memcpy(call->shared->params, params, n * sizeof *params);
    }
    ws->kept = (int)what;
}

/* ---- forward --------------------------------------------------------------------------------------------- */

static void write_outputs(const kgi_pauli_call *call, kgi_pauli_lane *lane, int first)
{
    const kgi_program *program = call->plan->program;
    const size_t n_samples = (size_t)kgi_pauli_samples(call);
    double *values = lane->numbers;
    call->tile_kernels->to_double(values, lane->values, (size_t)program->n_values * n_samples);
    for (size_t l = 0; l < n_samples && first + (int)l < call->n_batch; l++) {
        double *out = call->out + ((size_t)first + l) * (size_t)program->n_outputs;
        for (int o = 0; o < program->n_outputs; o++) {
            const kgi_output *output = &program->outputs[o];
            out[o] = output->offset;
            if (output->value >= 0) {
                out[o] += output->factor * values[(size_t)output->value * n_samples + l];
            }
        }
    }
}

static void forward_job(void *context, int panel, int number)
{
    const kgi_pauli_call *call = context;
    const kgi_pauli_shape *s = call->s;
    kgi_pauli_lane *lane = &call->lanes[number];
    const size_t bytes = call->k->real_bytes;
    const int first = panel * kgi_pauli_samples(call);
    kgi_pauli_features(call, number, first, 0);
    for (size_t v = 0; v < (size_t)s->n_values; v++) {
        call->k->values((const char *)call->shared->packed + v * s->n_a * s->n_b * bytes, s->n_a,
                        s->n_b, lane->a, lane->b, call->ld,
                        (char *)lane->values + v * (size_t)kgi_pauli_samples(call) * bytes);
    }
    write_outputs(call, lane, first);
}

static void pauli_forward(const kg_plan *plan, const double *params, int n_batch,
                          const double *inputs, double *out, kg_workspace *ws)
{
    call_memory memory;
    kgi_pauli_call call = begin_call(&memory, plan, params, n_batch, inputs, 0, ws);
    call.out = out;
    if (!is_kept(&call, params, ws, KGI_PAULI_FORWARD)) { /* scoring asks again and again */
        find_transfers(&call);
        kgi_pauli_pull_back(&call);
        kgi_pauli_edge(&call);
        keep(&call, params, ws, KGI_PAULI_FORWARD);
    }
    kgi_team_run(ws->team, call.n_panels, forward_job, &call);
}

/* ---- backward ---------------------------------------------------------------------------------------------- */

/* dL/dvalues of n samples, zero past the end of the batch; rows of `row` samples from sample `at` on. */
static void read_weights(const kgi_pauli_call *call, kgi_pauli_lane *lane, int first, size_t n)
{
    const kgi_program *program = call->plan->program;
    const size_t n_row = call->ld * (size_t)call->k->lanes;
    double *weights = lane->numbers;
    memset(weights, 0, (size_t)program->n_values * n_row * sizeof *weights);
    for (size_t l = 0; l < n && first + (int)l < call->n_batch; l++) {
        const double *d_out = call->d_out + ((size_t)first + l) * (size_t)program->n_outputs;
        for (int o = 0; o < program->n_outputs; o++) {
            const kgi_output *output = &program->outputs[o];
            if (output->value >= 0) {
                weights[(size_t)output->value * n_row + l] += output->factor * d_out[o];
            }
        }
    }
    call->tile_kernels->from_double(lane->weights, weights, (size_t)program->n_values * n_row);
}

/* G of some panels: sums += weight f_A f_B^T. */
static void sum_panels(const kgi_pauli_call *call, int number, int first_panel, int n_panels,
                       double *sums)
{
    const kgi_pauli_shape *s = call->s;
    kgi_pauli_lane *lane = &call->lanes[number];
    const int n_samples = kgi_pauli_samples(call);
    for (int i = 0; i < n_panels; i++) {
        kgi_pauli_features(call, number, (first_panel + i) * n_samples,
                           (size_t)(i * KGI_PAULI_PANEL));
    }
    read_weights(call, lane, first_panel * n_samples, (size_t)(n_panels * n_samples));
    for (size_t v = 0; v < (size_t)s->n_values; v++) {
        const char *weights = (const char *)lane->weights +
                              v * call->ld * (size_t)call->k->lanes * call->k->real_bytes;
        call->k->outer(s->n_a, s->n_b, lane->a, lane->b, call->ld,
                       (size_t)(n_panels * KGI_PAULI_PANEL), weights, sums + v * s->n_a * s->n_b,
                       lane->scratch);
    }
}

/* The derivative by the inputs of a panel: by its features first, dL/df_A = sum of weight T f_B. */
static void inputs_of_panel(const kgi_pauli_call *call, int number, int panel)
{
    const kgi_pauli_shape *s = call->s;
    kgi_pauli_lane *lane = &call->lanes[number];
    const size_t bytes = call->k->real_bytes;
    const int first = panel * kgi_pauli_samples(call);
    kgi_pauli_features(call, number, first, 0);
    read_weights(call, lane, first, (size_t)kgi_pauli_samples(call));
    for (size_t v = 0; v < (size_t)s->n_values; v++) {
        const size_t matrix = v * s->n_a * s->n_b * bytes;
        const char *weights =
            (const char *)lane->weights + v * call->ld * (size_t)call->k->lanes * bytes;
        call->k->project((const char *)call->shared->packed + matrix, s->n_a, s->n_b, lane->b,
                         call->ld, weights, v > 0, lane->d_a);
        if (!s->quadratic) { /* else both halves are the same and T is symmetric */
            call->k->project((const char *)call->shared->packed_back + matrix, s->n_b, s->n_a,
                             lane->a, call->ld, weights, v > 0, lane->d_b);
        }
    }
    kgi_pauli_features_back(call, number, first);
}

/* A chunk is consecutive panels, summed in order into the chunk's sums. */
static void backward_job(void *context, int chunk, int number)
{
    const kgi_pauli_call *call = context;
    const kgi_pauli_shape *s = call->s;
    const size_t n_sums = (size_t)s->n_values * s->n_a * s->n_b;
    double *sums = call->shared->sums + (size_t)chunk * n_sums;
    const int begin = (int)((long)chunk * call->n_panels / call->n_chunks);
    const int end = (int)((long)(chunk + 1) * call->n_panels / call->n_chunks);
    const int n_parts = (end - begin + KGI_PAULI_PANELS - 1) / KGI_PAULI_PANELS;
    if (call->want_params) {
        memset(sums, 0, n_sums * sizeof *sums);
        for (int part = 0; part < n_parts; part++) { /* of equal length */
            const int first = begin + (int)((long)part * (end - begin) / n_parts);
            const int last = begin + (int)((long)(part + 1) * (end - begin) / n_parts);
            sum_panels(call, number, first, last - first, sums);
        }
    }
    for (int panel = begin; call->d_inputs && s->n_values && panel < end; panel++) {
        inputs_of_panel(call, number, panel);
    }
}

/* A piece of the sums of all chunks, in order. */
static void add_job(void *context, int piece, int number)
{
    (void)number;
    const kgi_pauli_call *call = context;
    const kgi_pauli_shape *s = call->s;
    const size_t n = (size_t)s->n_values * s->n_a * s->n_b;
    const size_t begin = (size_t)piece * n / KGI_PAULI_PIECES;
    const size_t end = ((size_t)piece + 1) * n / KGI_PAULI_PIECES;
    double *total = call->shared->matrix;
    memcpy(total + begin, call->shared->sums + begin, (end - begin) * sizeof *total);
    for (int chunk = 1; chunk < call->n_chunks; chunk++) {
        const double *sums = call->shared->sums + (size_t)chunk * n;
        for (size_t i = begin; i < end; i++) {
            total[i] += sums[i];
        }
    }
}

/* The batch's sums become derivatives of parameters. */
static void finish_params(const kgi_pauli_call *call, const double *params, double *d_params)
{
    const kgi_program *program = call->plan->program;
    kgi_team_run(call->team, KGI_PAULI_PIECES, add_job, (void *)call);
    kgi_pauli_edge_back(call);
    kgi_pauli_push(call);
    for (int i = 0; i < call->s->n_kinds; i++) {
        const kgi_pauli_kind *kind = &call->s->kinds[i];
        const kgi_unit *unit = &program->units[kind->unit];
        const size_t at = (size_t)i * call->t->n_transfer;
        if (unit->trainable) {
            double env[KGI_UNIT_REALS];
            kgi_pauli_environment(kind, call->shared->transfers + at, call->shared->env + at, env);
            kgi_unit_backward(program, unit, params, NULL, env, d_params, NULL);
        }
    }
}

static void pauli_backward(const kg_plan *plan, const double *params, int n_batch,
                           const double *inputs, const double *d_out, double *d_params,
                           double *d_inputs, kg_workspace *ws)
{
    call_memory memory;
    kgi_pauli_call call = begin_call(&memory, plan, params, n_batch, inputs, 1, ws);
    call.d_out = d_out;
    call.d_inputs = plan->program->n_inputs ? d_inputs : NULL;
    call.want_params = d_params != NULL;
    call.tile.d_inputs = call.d_inputs;
    const int needs_matrix = call.d_inputs && !is_kept(&call, params, ws, KGI_PAULI_BOTH);
    if (d_params || needs_matrix) {
        find_transfers(&call);
        kgi_pauli_pull_back(&call);
    }
    if (needs_matrix) {
        kgi_pauli_edge(&call);
        keep(&call, params, ws, KGI_PAULI_BOTH);
    }
    kgi_team_run(ws->team, call.n_chunks, backward_job, &call);
    if (d_params) {
        finish_params(&call, params, d_params);
    }
}

/* ---- the row ----------------------------------------------------------------------------------------------- */

static double pauli_cost(const kg_plan *plan, int batch_hint)
{
    kgi_pauli_shape *shape = NULL;
    const kg_status status = kgi_pauli_shape_create(&shape, plan->program, NULL);
    if (status) {
        return status == KG_ERR_MEMORY ? (double)NAN : HUGE_VAL;
    }
    const double price = kgi_pauli_price(shape, plan->precision, batch_hint);
    kgi_pauli_shape_destroy(shape);
    return price;
}

static kg_status pauli_prepare(kg_plan *plan, kg_error *err)
{
    kgi_pauli_tables *tables = NULL;
    const kg_status status = kgi_pauli_tables_create(&tables, plan, err);
    plan->engine_data = tables;
    return status;
}

static void pauli_release(kg_plan *plan)
{
    kgi_pauli_tables_destroy(plan->engine_data);
    plan->engine_data = NULL;
}

static void pauli_report(const kg_plan *plan, kg_plan_report *report)
{
    const kgi_pauli_tables *t = plan->engine_data;
    const double matrix = t->shape->n_values * (double)t->shape->n_a * (double)t->shape->n_b;
    report->kernels = ((const kgi_tile_tables *)t->tile.engine_data)->kernels->name;
    report->threads = plan->threads;
    report->n_tail = t->shape->n_pulls;
    report->tile = KGI_PAULI_PANEL * t->kernels->lanes;
    report->forward_flops = 2 * matrix;
    report->backward_flops = 2 * matrix;
}

const kgi_engine kgi_engine_pauli = {.name = "pauli",
                                     .cost = pauli_cost,
                                     .prepare = pauli_prepare,
                                     .release = pauli_release,
                                     .workspace_bytes = pauli_workspace_bytes,
                                     .forward = pauli_forward,
                                     .backward = pauli_backward,
                                     .report = pauli_report};
