/* SPDX-License-Identifier: Apache-2.0 */
/* Where a state begins and what is read from it: |0> or amplitudes, values of operators, lambda. */
#include <math.h>
#include <string.h>

#include "sim/state.h"
#include "sim/tile.h"

enum { PIECE = 512 }; /* vectors that stay in the nearest cache while all words pass over them */

typedef struct range {
    size_t first;
    size_t last;
} range;

static size_t n_vectors(const kgi_state_call *call)
{
    return ((size_t)1 << call->t->n_bits) / (size_t)call->k->lanes;
}

/* Vectors of a job. */
static range range_of(const kgi_state_call *call, int job, int n_jobs)
{
    const size_t n = n_vectors(call);
    return (range){n * (size_t)job / (size_t)n_jobs, n * ((size_t)job + 1) / (size_t)n_jobs};
}

static size_t vector_bytes(const kgi_state_call *call)
{
    return (size_t)call->k->lanes * kgi_state_amplitude_bytes(call->k);
}

/* ---- the beginning ---- */

static double inverse_norm_of(const kgi_state_call *call, const kgi_state_amplitudes *a)
{
    return kgi_inverse_norm(call->inputs + a->first_input, (size_t)1 << a->n);
}

/* Index bit i of an encoding's inputs from bits[i] of the amplitude. */
static size_t input_of(const kgi_state_amplitudes *a, size_t amplitude)
{
    size_t i = 0;
    for (int k = 0; k < a->n; k++) {
        i |= (amplitude >> a->bits[k] & 1) << k;
    }
    return i;
}

static uint64_t encoded_bits(const kgi_state_tables *t)
{
    uint64_t bits = 0;
    for (int a = 0; a < t->n_amplitudes; a++) {
        for (int k = 0; k < t->amplitudes[a].n; k++) {
            bits |= (uint64_t)1 << t->amplitudes[a].bits[k];
        }
    }
    return bits;
}

static void start_job(void *context, int job, int lane)
{
    const kgi_state_call *call = context;
    const kgi_state_tables *t = call->t;
    const range r = range_of(call, job, t->n_chunks);
    const size_t lanes = (size_t)call->k->lanes;
    const uint64_t encoded = encoded_bits(t);
    double scale = 1;
    (void)lane;
    memset(call->psi + r.first * vector_bytes(call), 0, (r.last - r.first) * vector_bytes(call));
    for (int a = 0; a < t->n_amplitudes; a++) {
        scale *= inverse_norm_of(call, &t->amplitudes[a]);
    }
    for (size_t v = r.first; v < r.last && (encoded || v == 0); v++) {
        double re[16] = {0};
        if (v * lanes & ~encoded & ~(lanes - 1)) {
            continue;
        }
        for (size_t l = 0; l < lanes; l++) {
            const size_t i = v * lanes + l;
            re[l] = i & ~encoded ? 0 : scale;
            for (int a = 0; a < t->n_amplitudes && !(i & ~encoded); a++) {
                re[l] *= call->inputs[(size_t)t->amplitudes[a].first_input +
                                      input_of(&t->amplitudes[a], i)];
            }
        }
        call->k->set(call->psi, v, re);
    }
}

void kgi_state_start(kgi_state_call *call, kgi_team *team)
{
    kgi_team_run(team, call->t->n_chunks, start_job, call);
}

/* d_x = (g - x^ (x^ . g)) / ||x||, where g_i is the sum of 2 Re lambda times the other encodings'
 * amplitudes. Serial: it is a small part of a call, and adds up in order. */
static void amplitudes_backward(const kgi_state_call *call, int own, double *d_inputs)
{
    const kgi_state_tables *t = call->t;
    const kgi_state_amplitudes *a = &t->amplitudes[own];
    const double *x = call->inputs + a->first_input;
    double *d_x = d_inputs + a->first_input;
    const size_t lanes = (size_t)call->k->lanes;
    const uint64_t encoded = encoded_bits(t);
    const double scale = inverse_norm_of(call, a);
    double dot = 0;
    for (size_t v = 0; v < n_vectors(call); v++) {
        double g[16];
        if (v * lanes & ~encoded & ~(lanes - 1)) {
            continue;
        }
        call->k->get(call->lambda, v, g);
        for (size_t l = 0; l < lanes; l++) {
            const size_t i = v * lanes + l;
            double factor = i & ~encoded ? 0 : 2;
            for (int other = 0; other < t->n_amplitudes && factor != 0; other++) {
                const kgi_state_amplitudes *b = &t->amplitudes[other];
                factor *= other == own ? 1
                                       : inverse_norm_of(call, b) *
                                             call->inputs[(size_t)b->first_input + input_of(b, i)];
            }
            if (factor != 0) {
                const size_t at = input_of(a, i);
                d_x[at] += scale * factor * g[l];
                dot += factor * g[l] * scale * x[at];
            }
        }
    }
    for (size_t i = 0; i < (size_t)1 << a->n; i++) {
        d_x[i] -= scale * scale * x[i] * dot;
    }
}

void kgi_state_start_backward(const kgi_state_call *call, double *d_inputs)
{
    for (int a = 0; a < call->t->n_amplitudes; a++) {
        amplitudes_backward(call, a, d_inputs);
    }
}

/* ---- the end ---- */

static void measure_job(void *context, int job, int lane)
{
    const kgi_state_call *call = context;
    const kgi_program *program = call->plan->program;
    const range all = range_of(call, job, call->t->n_value_chunks);
    double *values = call->values + (size_t)job * (size_t)program->n_values;
    (void)lane;
    memset(values, 0, (size_t)program->n_values * sizeof *values);
    for (size_t first = all.first; first < all.last; first += PIECE) {
        const size_t last = first + PIECE < all.last ? first + PIECE : all.last;
        for (int o = 0; o < program->n_operators; o++) {
            const kgi_operator *op = &call->t->operators[o];
            double *value = values + op->first_value;
            for (int w = 0; w < op->n_words; w++) {
                *value += op->words[w].coefficient *
                          call->k->word_value(call->psi, first, last, &op->words[w]);
            }
            if (!op->n_words) {
                call->k->probs_value(call->psi, first, last, op->bits, op->m, value);
            }
        }
    }
}

void kgi_state_measure(kgi_state_call *call, kgi_team *team)
{
    const size_t n_values = (size_t)call->plan->program->n_values;
    kgi_team_run(team, call->t->n_value_chunks, measure_job, call);
    for (int chunk = 1; chunk < call->t->n_value_chunks; chunk++) {
        for (size_t i = 0; i < n_values; i++) {
            call->values[i] += call->values[(size_t)chunk * n_values + i];
        }
    }
}

static void weigh_job(void *context, int job, int lane)
{
    const kgi_state_call *call = context;
    const kgi_program *program = call->plan->program;
    const range all = range_of(call, job, call->t->n_chunks);
    (void)lane;
    memset(call->lambda + all.first * vector_bytes(call), 0,
           (all.last - all.first) * vector_bytes(call));
    for (size_t first = all.first; first < all.last; first += PIECE) {
        const size_t last = first + PIECE < all.last ? first + PIECE : all.last;
        for (int o = 0; o < program->n_operators; o++) {
            const kgi_operator *op = &call->t->operators[o];
            const double *weight = call->weights + op->first_value;
            for (int w = 0; w < op->n_words; w++) {
                call->k->word_apply(call->psi, first, last, &op->words[w],
                                    *weight * op->words[w].coefficient, call->lambda);
            }
            if (!op->n_words) {
                call->k->probs_apply(call->psi, first, last, op->bits, op->m, weight, call->lambda);
            }
        }
    }
}

void kgi_state_weigh(kgi_state_call *call, kgi_team *team)
{
    kgi_team_run(team, call->t->n_chunks, weigh_job, call);
}
