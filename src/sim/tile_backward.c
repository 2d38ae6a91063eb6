/* SPDX-License-Identifier: Apache-2.0 */
/* A tile of samples back through the program: undo each step, keep what it knew of its angles.
 *
 * The mirror of tile_forward.c, step by step in reverse. */
#include "sim/tile.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

static char *env_lines(const kgi_tile_call *call, void *env, int unit)
{
    return (char *)env +
           (size_t)unit * KGI_ENV_REALS * (size_t)call->k->lanes * call->k->real_bytes;
}

void kgi_env_matrix(int n_targets, const double *env, double *matrix)
{
    static const size_t rows[] = {0, 0, 0, 1, 1, 2};
    static const size_t cols[] = {1, 2, 3, 2, 3, 3};
    const size_t d = (size_t)1 << n_targets;
    memset(matrix, 0, 2 * d * d * sizeof *matrix);
    for (size_t i = 0; i < d; i++) {
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
static void unit_inputs_backward(const kgi_tile_call *call, kgi_tile_lane *lane, int first,
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
        kgi_unit_backward(call->program, unit, call->params, kgi_tile_inputs(call, first, l),
                          matrix, NULL,
                          call->d_inputs + (size_t)(first + l) * (size_t)call->program->n_inputs);
    }
}

/* out[l] = 2 Re lambda_i of every lane. */
static void read_gradient(const kgi_tile_call *call, const char *lambda, size_t i, double *out)
{
    const size_t lanes = (size_t)call->k->lanes;
    call->k->to_double(out, lambda + 2 * i * lanes * call->k->real_bytes, lanes);
    for (size_t l = 0; l < lanes; l++) {
        out[l] *= 2;
    }
}

/* d_x = (g - x^ (x^ . g)) / ||x||, where g = 2 Re lambda and x^ = x / ||x||. */
static void amplitudes_backward(const kgi_tile_call *call, const kgi_step *step, int first,
                                const char *lambda)
{
    const int lanes = call->k->lanes;
    const size_t n = (size_t)1 << call->program->registers[step->reg].n;
    const int n_here = call->n_batch - first < lanes ? call->n_batch - first : lanes;
    const double *x[16];
    double *d_x[16];
    double dot[16] = {0};
    double scale[16];
    double g[16];
    for (int l = 0; l < n_here; l++) {
        x[l] = kgi_tile_inputs(call, first, l) + step->first_input;
        d_x[l] = call->d_inputs + (size_t)(first + l) * (size_t)call->program->n_inputs +
                 step->first_input;
        scale[l] = kgi_inverse_norm(x[l], n);
    }
    for (size_t i = 0; i < n; i++) {
        read_gradient(call, lambda, i, g);
        for (int l = 0; l < n_here; l++) {
            dot[l] += g[l] * scale[l] * x[l][i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        read_gradient(call, lambda, i, g);
        for (int l = 0; l < n_here; l++) {
            d_x[l][i] += scale[l] * (g[l] - scale[l] * x[l][i] * dot[l]);
        }
    }
}

/* lambda += weight O psi and outer += weight |c><c| for one operator of a folded observable. */
static void start_tail(const kgi_tile_call *call, kgi_tile_lane *lane, size_t op, const char *psi,
                       const char *weight, char *lambda)
{
    const kgi_tile_tables *t = call->tables;
    const size_t size = (size_t)t->columns.size;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    for (size_t d = 0; d < t->n_choices; d++) {
        const size_t at = op * t->n_choices + d;
        call->k->tail_apply(psi, &t->columns, d,
                            (const char *)call->shared->dense +
                                at * 2 * size * size * call->k->real_bytes,
                            weight, op > 0, lambda);
        if (call->want_params) {
            call->k->tail_outer(psi, &t->columns, d, weight,
                                (char *)lane->outer + at * kgi_outer_reals(size) * line);
        }
    }
}

static void start_lambda(const kgi_tile_call *call, kgi_tile_lane *lane)
{
    const kgi_program *program = call->program;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    const char *psi = kgi_tile_state(call, lane->psi, program->final);
    char *lambda = kgi_tile_state(call, lane->lambda, program->final);
    const size_t n = (size_t)1 << program->registers[program->final].n;
    if (!program->tail.n_blocks) {
        memset(lambda, 0, 2 * n * line);
    }
    for (int o = 0; o < program->n_operators; o++) {
        const kgi_operator *op = &program->operators[o];
        const char *weight = (const char *)lane->weights + (size_t)op->first_value * line;
        if (program->tail.n_blocks) {
            start_tail(call, lane, (size_t)o, psi, weight, lambda);
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
static void read_weights(const kgi_tile_call *call, kgi_tile_lane *lane, int first)
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

static int wanted(const kgi_tile_call *call, int params, int inputs)
{
    return (call->want_params && params) || (call->d_inputs && inputs);
}

static void undo_kron(const kgi_tile_call *call, kgi_tile_lane *lane, const kgi_step *step)
{
    const kgi_register *left = &call->program->registers[step->left];
    const kgi_register *right = &call->program->registers[step->right];
    call->k->kron_backward(kgi_tile_state(call, lane->lambda, step->reg),
                           kgi_tile_state(call, lane->psi, step->left), (size_t)1 << left->n,
                           kgi_tile_state(call, lane->psi, step->right), (size_t)1 << right->n,
                           wanted(call, left->has_params, left->has_inputs)
                               ? kgi_tile_state(call, lane->lambda, step->left)
                               : NULL,
                           wanted(call, right->has_params, right->has_inputs)
                               ? kgi_tile_state(call, lane->lambda, step->right)
                               : NULL);
}

static void undo_block(const kgi_tile_call *call, kgi_tile_lane *lane, const kgi_step *step,
                       int first)
{
    const kgi_unit *unit = &call->program->units[step->unit];
    char *psi = kgi_tile_state(call, lane->psi, step->reg);
    char *lambda = kgi_tile_state(call, lane->lambda, step->reg);
    if (unit->trainable && call->want_params) {
        call->k->overlap(psi, lambda, &step->at, unit, env_lines(call, lane->env, step->unit));
    }
    if (unit->per_sample && call->d_inputs) {
        unit_inputs_backward(call, lane, first, &step->at, unit, psi, lambda);
    }
    if (wanted(call, step->params_before, step->inputs_before)) {
        const void *dagger = kgi_tile_matrix(call, lane, step->unit, 1);
        call->k->apply(psi, &step->at, unit, dagger);
        call->k->apply(lambda, &step->at, unit, dagger);
    }
}

void kgi_tile_undo(const kgi_tile_call *call, kgi_tile_lane *lane, int first)
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
                                     kgi_tile_state(call, lane->psi, step->reg),
                                     kgi_tile_state(call, lane->lambda, step->reg));
            }
            break;
        case KGI_STEP_AMPLITUDES:
            if (call->d_inputs) {
                amplitudes_backward(call, step, first,
                                    kgi_tile_state(call, lane->lambda, step->reg));
            }
            break;
        }
    }
}

/* A chunk is consecutive tiles, summed in order into the chunk's sums. */
void kgi_tile_backward_job(void *context, int chunk, int number)
{
    const kgi_tile_call *call = context;
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
        kgi_tile_run(call, lane, first);
        read_weights(call, lane, first);
        start_lambda(call, lane);
        kgi_tile_undo(call, lane, first);
    }
    if (call->want_params) {
        memset(sums, 0, t->n_sums * sizeof *sums);
        call->k->add_lanes(sums, lane->env, n_env);
        call->k->add_lanes(sums + n_env, lane->outer, n_outer);
    }
}
