/* SPDX-License-Identifier: Apache-2.0 */
/* Where states and observable meet.
 *
 * Blocks before the cut are applied to every sample. Blocks after it are pulled into the observable
 * once per call. As the cut moves towards the beginning, samples get cheaper and the folded observable
 * larger: it is dense on the qubits that are kept, block-diagonal in the qubits that only choose. All
 * cuts are priced in fused multiply-adds and the cheapest sum of a forward and a backward call wins.
 * Nothing is timed, so the choice, and with it every bit of a result, is the same on every machine. */
#include "compile/arrange.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"

enum { SAMPLES_PER_TILE = 16, COLUMNS_PER_TILE = 8 };

double kgi_block_forward_fma(const kgi_unit *unit, double n_groups)
{
    return n_groups * (unit->n_targets == 1 ? 16 : unit->mux >= 0 ? 32 : 64);
}

double kgi_block_backward_fma(const kgi_unit *unit, double n_groups)
{
    const double overlap = unit->n_targets == 1 ? 12 : unit->mux >= 0 ? 24 : 56;
    return 2 * kgi_block_forward_fma(unit, n_groups) + (unit->trainable ? overlap * n_groups : 0);
}

static double block_fma(const kgi_unit *unit, int n)
{
    const double n_groups = ldexp(1.0, n - unit->n_targets);
    return 2 * kgi_block_forward_fma(unit, n_groups) + kgi_block_backward_fma(unit, n_groups);
}

/* Price per tile of evaluating the folded observable, forward and backward. */
static double tail_fma(int n_active, int n_kept, int n_operators)
{
    const double size = ldexp(1.0, n_kept);
    const double columns = ldexp(1.0, n_active - n_kept);
    const double forward = 2 * size * size + 4 * size;
    const double backward = 4 * size * size + 2 * size * size + 12 * size;
    return n_operators * columns * (forward + backward);
}

/* Price per call of folding it and of unfolding its derivative; blocks: price of a sweep. */
static double once_fma(int n_kept, int n_choosers, int n_operators, double blocks, double n_tiles)
{
    const double size = ldexp(1.0, n_kept);
    const double matrix = size * size * ldexp(1.0, n_choosers);
    const double tiles = ceil(size / COLUMNS_PER_TILE);
    const double chunks =
        fmin(n_tiles, KGI_CHUNKS); /* each clears and adds up its outer products */
    return (1 + n_operators) * tiles * blocks +
           n_operators * matrix * (4 * size / COLUMNS_PER_TILE + 20 + 16 * chunks);
}

/* Adds a block to the qubits of the tail; 0 if the block cannot be there. */
static int extend_tail(kgi_cut *cut, const kgi_block *block, const kgi_unit *unit)
{
    if (unit->per_sample || block->controls) {
        return 0;
    }
    uint64_t dense = kgi_block_mask(block);
    if (unit->mux >= 0) {
        const uint64_t chooser = (uint64_t)1 << block->qubits[unit->mux];
        dense &= ~chooser;
        if (!(cut->kept & chooser)) {
            cut->choosers |= chooser;
        }
    }
    cut->kept |= dense;
    cut->choosers &= ~cut->kept;
    return 1;
}

/* The kernels take the kept qubits' amplitudes in fours: with fewer than two, another qubit is kept,
 * one that is discarded if there is one, else a chooser. */
static kgi_cut keep_two(kgi_cut cut, uint64_t active)
{
    while (__builtin_popcountll(cut.kept) < 2 && (active & ~cut.kept)) {
        const uint64_t discarded = active & ~cut.kept & ~cut.choosers;
        const uint64_t from = discarded ? discarded : cut.choosers;
        cut.kept |= from & (~from + 1); /* its lowest bit */
        cut.choosers &= ~cut.kept;
    }
    return cut;
}

/* Sizes of the groups of qubits that blocks have entangled so far. */
typedef struct groups {
    int of[KG_MAX_QUBITS]; /* group of a qubit, named by one of its qubits */
    int size[KG_MAX_QUBITS];
    int largest;
} groups;

static void groups_init(groups *g, const kgi_fused *fused)
{
    g->largest = 1;
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        g->of[q] = q;
        g->size[q] = 1;
    }
    for (int i = 0; i < fused->n_amplitudes; i++) {
        const kgi_amplitudes *a = &fused->amplitudes[i];
        for (int k = 0; k < a->n; k++) {
            g->of[a->qubits[k]] = a->qubits[0];
        }
        g->size[a->qubits[0]] = a->n;
        g->largest = a->n > g->largest ? a->n : g->largest;
    }
}

/* Puts the qubits of mask into one group; returns amplitudes written by the mergers. */
static double groups_merge(groups *g, uint64_t mask)
{
    double written = 0;
    const int home = g->of[__builtin_ctzll(mask)];
    for (uint64_t rest = mask; rest; rest &= rest - 1) {
        const int other = g->of[__builtin_ctzll(rest)];
        if (other == home) {
            continue;
        }
        for (int q = 0; q < KG_MAX_QUBITS; q++) {
            g->of[q] = g->of[q] == other ? home : g->of[q];
        }
        g->size[home] += g->size[other];
        written += ldexp(1.0, g->size[home]);
    }
    g->largest = g->size[home] > g->largest ? g->size[home] : g->largest;
    return written;
}

/* price[c] = per tile, blocks 0 .. c - 1 in registers that grow, all merged into one at c. */
static void price_prefixes(double *price, const kgi_program *program)
{
    const kgi_fused *fused = &program->fused;
    const double merge = 16; /* per amplitude: forward twice, backward once */
    groups g;
    groups_init(&g, fused);
    double sum = 0;
    for (int b = 0; b <= fused->n_blocks; b++) {
        price[b] = sum;
        if (g.largest < program->n_active) {
            price[b] += merge * ldexp(1.0, program->n_active);
        }
        if (b < fused->n_blocks) {
            const kgi_block *block = &fused->blocks[b];
            const uint64_t mask = kgi_block_mask(block);
            sum += merge * groups_merge(&g, mask);
            sum += block_fma(&program->units[block->unit], g.size[g.of[__builtin_ctzll(mask)]]);
        }
    }
}

kg_status kgi_choose_cut(kgi_cut *best, const kgi_program *program, uint64_t measured,
                         int batch_hint, kg_error *err)
{
    const kgi_fused *fused = &program->fused;
    *best = (kgi_cut){fused->n_blocks, 0, 0}; /* no tail */
    double *price = malloc(((size_t)fused->n_blocks + 1) * sizeof *price);
    if (!price) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d prices", fused->n_blocks + 1);
    }
    price_prefixes(price, program);
    const double n_tiles = ceil((double)batch_hint / SAMPLES_PER_TILE);
    double best_price = price[fused->n_blocks];
    double blocks = 0;
    kgi_cut cut = {fused->n_blocks, measured, 0};
    for (int b = fused->n_blocks - 1; b >= 0; b--) {
        const kgi_unit *unit = &program->units[fused->blocks[b].unit];
        if (!extend_tail(&cut, &fused->blocks[b], unit)) {
            break;
        }
        cut.first_block = b;
        const kgi_cut candidate = keep_two(cut, fused->active);
        const int n_kept = __builtin_popcountll(candidate.kept);
        const int n_choosers = __builtin_popcountll(candidate.choosers);
        if (n_kept < 2 || n_kept > KGI_MAX_TAIL_KEPT || n_kept + n_choosers > KGI_MAX_TAIL) {
            break;
        }
        /* priced at its final width; earlier blocks of the tail were narrower by a little */
        blocks += block_fma(unit, 0);
        const double sweep = blocks * ldexp(1.0, n_kept + n_choosers);
        const double total =
            price[b] + tail_fma(program->n_active, n_kept, program->n_operators) +
            once_fma(n_kept, n_choosers, program->n_operators, sweep, n_tiles) / n_tiles;
        if (total < best_price) {
            best_price = total;
            *best = candidate;
        }
    }
    free(price);
    return KG_OK;
}
