/* SPDX-License-Identifier: Apache-2.0 */
/* Once per call: the observable is pulled back through the parameter part, and the derivative by the
 * coefficients is pushed forward again.
 *
 * Pulling keeps every stage, since noise, for which the same sweep is meant, cannot be undone. Pushing
 * meets dL/dR_ij = sum over spectators of d_out[i] in[j] at each block; blocks of a kind add up, and
 * only then become derivatives of angles. Spectators are cut into a fixed number of pieces. */
#include <string.h>

#include "base/parallel.h"
#include "sim/pauli_call.h"

typedef struct sweep_job {
    const kgi_pauli_call *call;
    const kgi_pauli_pull *pull;
    kgi_pauli_map map;
    const double *from;
    double *to;
    const double *stage; /* of an overlap: the pull's input */
    size_t step_from;    /* between values */
    size_t step_to;
    size_t step_stage;
    size_t n; /* spectators */
    int n_pieces;
} sweep_job;

/* The entries of a transfer matrix that a pull uses, [n_out][n_in] or its transpose. */
static void select_entries(const kgi_pauli_call *call, const kgi_pauli_pull *pull, int transposed)
{
    const kgi_pauli_step *step = &pull->step;
    const size_t n = (size_t)1 << 2 * call->s->kinds[pull->kind].k;
    const double *transfer = call->shared->transfers + (size_t)pull->kind * call->t->n_transfer;
    for (int i = 0; i < step->n_out; i++) {
        for (int j = 0; j < step->n_in; j++) {
            call->shared->entries[transposed ? j * step->n_out + i : i * step->n_in + j] =
                transfer[step->out_words[i] * n + step->in_words[j]];
        }
    }
}

static sweep_job make_job(const kgi_pauli_call *call, const kgi_pauli_pull *pull)
{
    const size_t n = pull->step.n_runs * pull->step.run;
    const size_t pieces = n / KGI_PAULI_PIECE;
    return (sweep_job){.call = call,
                       .pull = pull,
                       .n = n,
                       .n_pieces = pieces < 1                  ? 1
                                   : pieces > KGI_PAULI_PIECES ? KGI_PAULI_PIECES
                                                               : (int)pieces};
}

/* A piece of one value's coefficients. */
static void apply_job(void *context, int number, int lane)
{
    (void)lane;
    const sweep_job *job = context;
    const size_t value = (size_t)(number / job->n_pieces);
    const size_t piece = (size_t)(number % job->n_pieces);
    const size_t n_pieces = (size_t)job->n_pieces;
    job->call->t->sweeps->apply(&job->map, job->call->shared->entries,
                                job->from + value * job->step_from, job->to + value * job->step_to,
                                piece * job->n / n_pieces, (piece + 1) * job->n / n_pieces);
}

static void overlap_job(void *context, int number, int lane)
{
    (void)lane;
    const sweep_job *job = context;
    const size_t piece = (size_t)number;
    const size_t n_pieces = (size_t)job->n_pieces;
    const size_t n_entries = (size_t)job->pull->step.n_in * (size_t)job->pull->step.n_out;
    double *env = job->call->shared->pieces + piece * KGI_PAULI_WORDS * KGI_PAULI_WORDS;
    memset(env, 0, n_entries * sizeof *env);
    for (size_t v = 0; v < (size_t)job->call->s->n_values; v++) {
        job->call->t->sweeps->overlap(&job->map, job->stage + v * job->step_stage,
                                      job->from + v * job->step_from, env,
                                      piece * job->n / n_pieces, (piece + 1) * job->n / n_pieces);
    }
}

/* ---- back through the circuit ------------------------------------------------------------------------- */

/* Where the coefficients are before the pull's permutation, if it has one. */
static double *before(const kgi_pauli_call *call, int p, size_t *step)
{
    const kgi_pauli_tables *t = call->t;
    if (p == call->s->n_pulls) {
        *step = t->last_size;
        return call->shared->last;
    }
    *step = call->s->pulls[p].permutation ? t->largest : t->stored;
    return call->s->pulls[p].permutation ? call->shared->spare[0]
                                         : call->shared->stages + call->s->pulls[p].place;
}

static void write_words(const kgi_pauli_call *call)
{
    size_t step = 0;
    double *first = before(call, 0, &step);
    for (int v = 0; v < call->s->n_values; v++) {
        memset(first + (size_t)v * step, 0, call->t->first_size * sizeof *first);
    }
    for (int w = 0; w < call->s->n_words; w++) {
        if (call->t->starts[w] != SIZE_MAX) {
            first[(size_t)call->s->words[w].value * step + call->t->starts[w]] +=
                call->s->words[w].coefficient;
        }
    }
}

static void permute(const kgi_pauli_call *call, const kgi_pauli_pull *pull)
{
    for (size_t v = 0; v < (size_t)call->s->n_values; v++) {
        const double *from = call->shared->spare[0] + v * call->t->largest;
        double *to = call->shared->stages + v * call->t->stored + pull->place;
        for (size_t e = 0; e < pull->step.in_size; e++) {
            to[e] = from[pull->permutation[e]];
        }
    }
}

void kgi_pauli_pull_back(const kgi_pauli_call *call)
{
    write_words(call);
    for (int p = 0; p < call->s->n_pulls; p++) {
        const kgi_pauli_pull *pull = &call->s->pulls[p];
        const kgi_pauli_step *step = &pull->step;
        if (pull->permutation) {
            permute(call, pull);
        }
        sweep_job job = make_job(call, pull);
        job.map = (kgi_pauli_map){step->n_out,    step->n_in,    step->out_at, step->in_at,
                                  step->out_runs, step->in_runs, step->run};
        job.from = call->shared->stages + pull->place;
        job.step_from = call->t->stored;
        job.to = before(call, p + 1, &job.step_to);
        select_entries(call, pull, 0);
        kgi_team_run(call->team, call->s->n_values * job.n_pieces, apply_job, &job);
    }
}

/* ---- and forward again --------------------------------------------------------------------------------- */

static void add_environment(const kgi_pauli_call *call, const sweep_job *job)
{
    const kgi_pauli_step *step = &job->pull->step;
    const size_t n = (size_t)1 << 2 * call->s->kinds[job->pull->kind].k;
    double *env = call->shared->env + (size_t)job->pull->kind * call->t->n_transfer;
    for (int i = 0; i < step->n_out; i++) {
        for (int j = 0; j < step->n_in; j++) {
            double sum = 0;
            for (int piece = 0; piece < job->n_pieces; piece++) {
                sum += call->shared->pieces[(size_t)piece * KGI_PAULI_WORDS * KGI_PAULI_WORDS +
                                            (size_t)(i * step->n_in + j)];
            }
            env[step->out_words[i] * n + step->in_words[j]] += sum;
        }
    }
}

void kgi_pauli_push(const kgi_pauli_call *call)
{
    const kgi_pauli_tables *t = call->t;
    double *gradient = call->shared->last; /* by the stage behind the pull */
    size_t step_gradient = t->last_size;
    memset(call->shared->env, 0,
           (size_t)call->s->n_kinds * call->t->n_transfer * sizeof *call->shared->env);
    for (int p = call->s->n_pulls - 1; p >= 0; p--) {
        const kgi_pauli_pull *pull = &call->s->pulls[p];
        const kgi_pauli_step *step = &pull->step;
        sweep_job job = make_job(call, pull);
        job.from = gradient;
        job.step_from = step_gradient;
        const kgi_unit *unit = &call->plan->program->units[call->s->kinds[pull->kind].unit];
        if (unit->trainable) {
            job.map = (kgi_pauli_map){step->n_out,    step->n_in,    step->out_at, step->in_at,
                                      step->out_runs, step->in_runs, step->run};
            job.stage = call->shared->stages + pull->place;
            job.step_stage = t->stored;
            kgi_team_run(call->team, job.n_pieces, overlap_job, &job);
            add_environment(call, &job);
        }
        if (p == 0) {
            break; /* nothing is wanted of the words */
        }
        double *next =
            gradient == call->shared->spare[0] ? call->shared->spare[1] : call->shared->spare[0];
        job.map = (kgi_pauli_map){step->n_in,    step->n_out,    step->in_at, step->out_at,
                                  step->in_runs, step->out_runs, step->run};
        job.to = next;
        job.step_to = t->largest;
        select_entries(call, pull, 1);
        kgi_team_run(call->team, call->s->n_values * job.n_pieces, apply_job, &job);
        if (pull->permutation) {
            double *moved =
                next == call->shared->spare[0] ? call->shared->spare[1] : call->shared->spare[0];
            for (size_t v = 0; v < (size_t)call->s->n_values; v++) {
                for (size_t e = 0; e < step->in_size; e++) {
                    moved[v * t->largest + pull->permutation[e]] = next[v * t->largest + e];
                }
            }
            next = moved;
        }
        gradient = next;
        step_gradient = t->largest;
    }
}
