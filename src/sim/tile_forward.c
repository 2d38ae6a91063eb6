/* SPDX-License-Identifier: Apache-2.0 */
/* A tile of samples through the program: first states, blocks, values. */
#include "sim/tile.h"

#include <math.h>
#include <string.h>

#include "base/vmath.h"
#include "compile/matrix.h"

const void *kgi_tile_matrix(const kgi_tile_call *call, const kgi_tile_lane *lane, int unit,
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
static void fill_lane_matrices(const kgi_tile_call *call, kgi_tile_lane *lane, int first)
{
    const int lanes = call->k->lanes;
    double line[2][KGI_UNIT_REALS][16] __attribute__((aligned(64)));
    for (int u = 0; u < call->program->n_units; u++) {
        const kgi_unit *unit = &call->program->units[u];
        if (call->tables->matrix_of_unit[u] < 0) {
            continue;
        }
        const size_t d = (size_t)1 << unit->n_targets;
        for (int l = 0; l < lanes; l++) {
            double matrix[KGI_UNIT_REALS];
            double dagger[KGI_UNIT_REALS];
            kgi_unit_matrix(call->program, unit, call->params, kgi_tile_inputs(call, first, l),
                            matrix);
            kgi_mat_dagger(d, matrix, dagger);
            for (size_t i = 0; i < 2 * d * d; i++) {
                line[0][i][l] = matrix[i];
                line[1][i][l] = dagger[i];
            }
        }
        const size_t row = (size_t)lanes * call->k->real_bytes;
        for (int dagger = 0; dagger < 2; dagger++) {
            char *out =
                (char *)lane->matrices +
                (size_t)(2 * call->tables->matrix_of_unit[u] + dagger) * KGI_UNIT_REALS * row;
            for (size_t i = 0; i < 2 * d * d; i++) {
                call->k->from_double(out + i * row, line[dagger][i], (size_t)lanes);
            }
        }
    }
}

/* A qubit in |0>, turned by the gates of its start unit. */
static void start_product(const kgi_tile_call *call, kgi_tile_lane *lane, const kgi_step *step,
                          int first)
{
    const int lanes = call->k->lanes;
    char *psi = kgi_tile_state(call, lane->psi, step->reg);
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
            angle[l] =
                use->omega * kgi_slot_angle(&use->slot, NULL, kgi_tile_inputs(call, first, l));
        }
        kgi_sincos(angle, (size_t)lanes, sine, cosine);
        call->k->turn(psi, use, sine, cosine);
    }
}

double kgi_inverse_norm(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return 1.0 / sqrt(sum);
}

static void start_amplitudes(const kgi_tile_call *call, kgi_tile_lane *lane, const kgi_step *step,
                             int first)
{
    const double *rows[16];
    const size_t n = (size_t)1 << call->program->registers[step->reg].n;
    for (int l = 0; l < call->k->lanes; l++) {
        rows[l] = kgi_tile_inputs(call, first, l) + step->first_input;
        lane->numbers[l] = kgi_inverse_norm(rows[l], n);
    }
    call->k->load(kgi_tile_state(call, lane->psi, step->reg), rows, lane->numbers, n);
}

void kgi_tile_run(const kgi_tile_call *call, kgi_tile_lane *lane, int first)
{
    const kgi_program *program = call->program;
    fill_lane_matrices(call, lane, first);
    for (int i = 0; i < program->n_steps; i++) {
        const kgi_step *step = &program->steps[i];
        char *psi = kgi_tile_state(call, lane->psi, step->reg);
        switch (step->kind) {
        case KGI_STEP_PRODUCT:
            start_product(call, lane, step, first);
            break;
        case KGI_STEP_AMPLITUDES:
            start_amplitudes(call, lane, step, first);
            break;
        case KGI_STEP_KRON:
            call->k->kron(psi, kgi_tile_state(call, lane->psi, step->left),
                          (size_t)1 << program->registers[step->left].n,
                          kgi_tile_state(call, lane->psi, step->right),
                          (size_t)1 << program->registers[step->right].n);
            break;
        case KGI_STEP_BLOCK:
            call->k->apply(psi, &step->at, &program->units[step->unit],
                           kgi_tile_matrix(call, lane, step->unit, 0));
            break;
        }
    }
}

static void measure(const kgi_tile_call *call, kgi_tile_lane *lane)
{
    const kgi_program *program = call->program;
    const kgi_tile_tables *t = call->tables;
    const size_t line = (size_t)call->k->lanes * call->k->real_bytes;
    const char *psi = kgi_tile_state(call, lane->psi, program->final);
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

static void write_outputs(const kgi_tile_call *call, kgi_tile_lane *lane, int first, double *out)
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

void kgi_tile_forward_job(void *context, int tile, int number)
{
    const kgi_tile_call *call = context;
    kgi_tile_lane *lane = &call->lanes[number];
    const int first = tile * call->k->lanes;
    kgi_tile_run(call, lane, first);
    measure(call, lane);
    write_outputs(call, lane, first, call->out);
}
