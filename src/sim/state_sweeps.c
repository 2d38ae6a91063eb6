/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps over a state: block by block, there and back. */
#include <string.h>

#include "sim/state.h"

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
    double *own = stage->n_env ? env + (stage->env - call->sweep->first_env) : NULL;
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

void kgi_state_forward_job(void *context, int chunk, int lane)
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

void kgi_state_backward_job(void *context, int chunk, int lane)
{
    const kgi_state_call *call = context;
    double *env = call->chunk_env + (size_t)chunk * call->t->sweep_env;
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
