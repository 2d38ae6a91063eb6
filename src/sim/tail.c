/* SPDX-License-Identifier: Apache-2.0 */
/* The tail: blocks folded into the observable, and their derivative unfolded.
 *
 * Let V be the product of the tail's blocks on its register of kept qubits and choosers. V is
 * block-diagonal in the choosers (up to flips), so the register starts in sum_d |d>|e_j>, one lane per
 * basis state e_j of the kept qubits, and all chooser values run at once. Then
 *
 *     O_d[i][j] = <V e_i| H |V e_j>  restricted to chooser value d          (fold)
 *
 * and with R_d = sum over samples and columns of weight |c><c| (what tail_outer sums),
 *
 *     L = sum_d tr(O_d R_d),   dL = 2 Re sum_j <H V e_j| dV |R e_j>          (unfold)
 *
 * which is one ordinary adjoint sweep with 2^kept columns for samples, whatever the batch. It is done in
 * double in every precision; it costs a few microseconds per call. */
#include "sim/tile.h"

#include <string.h>

static char *at_bytes(void *base, size_t offset)
{
    return (char *)base + offset;
}

static size_t line64(const kgi_tile_tables *t)
{
    return (size_t)t->kernels64->lanes;
}

/* Doubles of one tile of the tail's register. */
static size_t tile_doubles(const kgi_tile_tables *t)
{
    return t->tail_amplitudes * 2 * line64(t);
}

static const double *matrix_of(const kgi_tile_shared *shared, int unit, int dagger)
{
    return shared->matrices + ((size_t)(2 * unit) + (size_t)dagger) * KGI_UNIT_REALS;
}

static void sweep(const kg_plan *plan, const kgi_tile_shared *shared, double *psi)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_tail *tail = &plan->program->tail;
    for (int i = 0; i < tail->n_blocks; i++) {
        const kgi_step *step = &tail->steps[i];
        t->kernels64->apply(psi, &step->at, &plan->program->units[step->unit],
                            matrix_of(shared, step->unit, 0));
    }
}

/* out = H psi for one operator. */
static void apply_operator(const kgi_tile_tables *t, const kgi_operator *op, const double *psi,
                           double *out)
{
    double one[8] __attribute__((aligned(64)));
    for (size_t l = 0; l < line64(t); l++) {
        one[l] = 1.0;
    }
    memset(out, 0, tile_doubles(t) * sizeof *out);
    for (int w = 0; w < op->n_words; w++) {
        t->kernels64->word_apply(psi, t->tail_amplitudes, &op->words[w], one, out);
    }
}

/* Rows in fours, so that tail_apply reads the entries of a column side by side. */
static void pack_rows(size_t size, const double *dense, double *packed)
{
    for (size_t i = 0; i < size; i += 4) {
        for (size_t j = 0; j < size; j++) {
            for (size_t r = 0; r < 4; r++) {
                memcpy(packed, dense + 2 * ((i + r) * size + j), 2 * sizeof *packed);
                packed += 2;
            }
        }
    }
}

/* O_d for all d: rows from basis tile ti, columns from tile tj, to which H was applied. */
static void fold_tiles(const kg_plan *plan, const kgi_tile_shared *shared, const double *h_basis,
                       int op, int ti, int tj)
{
    const kgi_tile_tables *t = plan->engine_data;
    const size_t size = (size_t)t->columns.size;
    const size_t line = line64(t);
    double gram[2 * 8 * 8] __attribute__((aligned(64)));
    for (size_t d = 0; d < t->n_choices; d++) {
        const size_t ends = (d ^ plan->program->tail.flips) * size; /* where value d arrives */
        t->kernels64->gram(shared->tail_basis + (size_t)ti * tile_doubles(t) + ends * 2 * line,
                           h_basis + ends * 2 * line, size, gram);
        double *folded = shared->folded + ((size_t)op * t->n_choices + d) * 2 * size * size;
        for (size_t i = 0; i < line && (size_t)ti * line + i < size; i++) {
            for (size_t j = 0; j < line && (size_t)tj * line + j < size; j++) {
                double *entry =
                    folded + 2 * (((size_t)ti * line + i) * size + (size_t)tj * line + j);
                entry[0] = gram[2 * i * line + j];
                entry[1] = gram[(2 * i + 1) * line + j];
            }
        }
    }
}

/* The folded observables in the forms that the kernels of the plan's precision read. */
static void pack(const kg_plan *plan, kgi_tile_shared *shared)
{
    const kgi_tile_tables *t = plan->engine_data;
    const size_t size = (size_t)t->columns.size;
    const size_t packed_reals = kgi_packed_reals((int)size);
    for (size_t k = 0; k < (size_t)plan->program->n_operators * t->n_choices; k++) {
        const double *folded = shared->folded + k * 2 * size * size;
        kgi_pack_hermitian((int)size, folded, shared->scratch);
        t->kernels->from_double(at_bytes(shared->packed, k * packed_reals * t->kernels->real_bytes),
                                shared->scratch, packed_reals);
        pack_rows(size, folded, shared->scratch);
        t->kernels->from_double(
            at_bytes(shared->dense, k * 2 * size * size * t->kernels->real_bytes), shared->scratch,
            2 * size * size);
    }
}

/* Lane l of psi becomes sum_d |d>|e_j>, j = l + the tile's first column. */
static void start_from_basis(const kgi_tile_tables *t, int tile, double *psi)
{
    const size_t size = (size_t)t->columns.size;
    const size_t line = line64(t);
    memset(psi, 0, tile_doubles(t) * sizeof *psi);
    for (size_t l = 0; l < line && (size_t)tile * line + l < size; l++) {
        for (size_t d = 0; d < t->n_choices; d++) {
            psi[(d * size + (size_t)tile * line + l) * 2 * line + l] = 1.0;
        }
    }
}

/* What the jobs below work on. A job is a tile of columns, of one operator if that matters. */
typedef struct tail_call {
    const kg_plan *plan;
    const kgi_tile_tables *tables;
    kgi_tile_shared *shared;
} tail_call;

static void basis_job(void *context, int tile, int lane)
{
    const tail_call *call = context;
    double *psi = call->shared->tail_basis + (size_t)tile * tile_doubles(call->tables);
    (void)lane; /* jobs have memory of their own */
    start_from_basis(call->tables, tile, psi);
    sweep(call->plan, call->shared, psi);
}

static void fold_job(void *context, int job, int lane)
{
    const tail_call *call = context;
    const kgi_tile_tables *t = call->tables;
    const int op = job / t->tail_tiles;
    const int tj = job % t->tail_tiles;
    double *h_basis = call->shared->tail_lambda + (size_t)job * tile_doubles(t);
    (void)lane;
    apply_operator(t, &call->plan->program->tail.operators[op],
                   call->shared->tail_basis + (size_t)tj * tile_doubles(t), h_basis);
    for (int ti = 0; ti < t->tail_tiles; ti++) {
        fold_tiles(call->plan, call->shared, h_basis, op, ti, tj);
    }
}

void kgi_tail_fold(const kg_plan *plan, kgi_tile_shared *shared, kgi_team *team)
{
    tail_call call = {plan, plan->engine_data, shared};
    const int n_tiles = call.tables->tail_tiles;
    kgi_team_run(team, n_tiles, basis_job, &call);
    kgi_team_run(team, plan->program->n_operators * n_tiles, fold_job, &call);
    pack(plan, shared);
}

/* Lane l of psi starts as sum_d |d> R_d e_j; outer holds the lower triangle of every R_d. */
static void start_from_outer(const kgi_tile_tables *t, const double *outer, int tile, double *psi)
{
    const size_t size = (size_t)t->columns.size;
    const size_t line = line64(t);
    memset(psi, 0, tile_doubles(t) * sizeof *psi);
    for (size_t l = 0; l < line && (size_t)tile * line + l < size; l++) {
        const size_t j = (size_t)tile * line + l;
        for (size_t d = 0; d < t->n_choices; d++) {
            const double *r = outer + d * kgi_outer_reals(size);
            for (size_t i = 0; i < size; i++) {
                const double *entry =
                    r + 2 * (i >= j ? kgi_outer_index(i, j) : kgi_outer_index(j, i));
                double *amplitude = psi + (d * size + i) * 2 * line + l;
                amplitude[0] = entry[0];
                amplitude[line] = i >= j ? entry[1] : -entry[1];
            }
        }
    }
}

/* Undoes the tail's blocks from the end, adding environments to env. */
static void sweep_back(const kg_plan *plan, const kgi_tile_shared *shared, double *psi,
                       double *lambda, double *env)
{
    const kgi_tile_tables *t = plan->engine_data;
    const kgi_tail *tail = &plan->program->tail;
    for (int i = tail->n_blocks - 1; i >= 0; i--) {
        const kgi_step *step = &tail->steps[i];
        const kgi_unit *unit = &plan->program->units[step->unit];
        if (unit->trainable) {
            t->kernels64->overlap(psi, lambda, &step->at, unit,
                                  env + (size_t)step->unit * KGI_ENV_REALS * line64(t));
        }
        if (step->params_before) {
            t->kernels64->apply(psi, &step->at, unit, matrix_of(shared, step->unit, 1));
            t->kernels64->apply(lambda, &step->at, unit, matrix_of(shared, step->unit, 1));
        }
    }
}

static void unfold_job(void *context, int job, int lane)
{
    const tail_call *call = context;
    const kgi_tile_tables *t = call->tables;
    const kgi_program *program = call->plan->program;
    const kgi_tile_shared *shared = call->shared;
    const int op = job / t->tail_tiles;
    const int tile = job % t->tail_tiles;
    const size_t n_env = (size_t)program->n_units * KGI_ENV_REALS;
    double *psi = shared->tail_psi + (size_t)job * tile_doubles(t);
    double *lambda = shared->tail_lambda + (size_t)job * tile_doubles(t);
    double *env = shared->tail_env + (size_t)job * n_env * line64(t);
    (void)lane;
    memset(env, 0, n_env * line64(t) * sizeof *env);
    start_from_outer(t, shared->total + n_env + (size_t)op * t->n_outer, tile, psi);
    sweep(call->plan, shared, psi);
    apply_operator(t, &program->tail.operators[op],
                   shared->tail_basis + (size_t)tile * tile_doubles(t), lambda);
    sweep_back(call->plan, shared, psi, lambda, env);
}

void kgi_tail_unfold(const kg_plan *plan, kgi_tile_shared *shared, kgi_team *team)
{
    tail_call call = {plan, plan->engine_data, shared};
    const kgi_tile_tables *t = call.tables;
    const size_t n_env = (size_t)plan->program->n_units * KGI_ENV_REALS;
    const int n_jobs = plan->program->n_operators * t->tail_tiles;
    kgi_team_run(team, n_jobs, unfold_job, &call);
    for (int job = 0; job < n_jobs; job++) { /* in order: the same bits for any number of threads */
        t->kernels64->add_lanes(shared->total, shared->tail_env + (size_t)job * n_env * line64(t),
                                n_env);
    }
}
