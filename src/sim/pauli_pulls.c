/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter part of a circuit as a sequence of pulls: which letters can occur, and in which order the
 * coefficients stay few.
 *
 * A letter of a qubit is kept between two blocks only if it can occur on both sides: seen from the
 * observable, some angle makes its coefficient nonzero, and seen from the inputs, some state has it. So
 * a qubit that pooling discards has I and Z only, and an RY-encoded qubit has no Y. Blocks that share
 * no qubit are pulled in the order that keeps the coefficients few: as soon as a qubit's first block is
 * pulled, it shrinks to what its features need. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/pauli.h"

enum { NONE = -1, I_ONLY = 1 };

/* One block of the parameter part while its place in the sequence is sought. */
typedef struct candidate {
    int kind;
    int axes[KGI_PAULI_QUBITS];
    int before[KGI_PAULI_QUBITS];            /* the block before it on that axis, NONE */
    unsigned char letters[KGI_PAULI_QUBITS]; /* that states have before it */
} candidate;

static int find_kind(kgi_pauli_shape *s, const kgi_program *program, kgi_pauli_kind kind,
                     kgi_pauli_cache *cache)
{
    for (int i = 0; i < s->n_kinds; i++) {
        const kgi_pauli_kind *old = &s->kinds[i];
        if (old->unit == kind.unit && old->k == kind.k && old->set == kind.set) {
            return i;
        }
    }
    kgi_pauli_find_pattern(&kind, program, cache);
    s->kinds[s->n_kinds] = kind;
    return s->n_kinds++;
}

static kg_status read_block(candidate *c, kgi_pauli_shape *s, const kgi_program *program, int b,
                            kgi_pauli_cache *cache, kg_error *err)
{
    const kgi_block *block = &program->fused.blocks[b];
    kgi_pauli_kind kind = {.unit = block->unit,
                           .k = block->n_targets + __builtin_popcountll(block->controls),
                           .n_targets = block->n_targets};
    if (kind.k > KGI_PAULI_QUBITS) {
        return kgi_fail(
            err, KG_ERR_UNSUPPORTED,
            "engine \"pauli\" takes blocks of up to %d qubits, block %d has %d with its "
            "controls",
            KGI_PAULI_QUBITS, b, kind.k);
    }
    int k = 0;
    for (; k < block->n_targets; k++) {
        c->axes[k] = s->axis_of[block->qubits[k]];
    }
    for (uint64_t rest = block->controls; rest; rest &= rest - 1, k++) {
        const int q = __builtin_ctzll(rest);
        c->axes[k] = s->axis_of[q];
        kind.set |= (unsigned)(block->values >> q & 1) << (k - block->n_targets);
    }
    c->kind = find_kind(s, program, kind, cache);
    return KG_OK;
}

/* The words of k qubits whose letters are in the masks, as a set of numbers. */
static uint64_t words_of(const unsigned char *letters, int k)
{
    uint64_t words = 0;
    for (unsigned w = 0; w < 1u << 2 * k; w++) {
        int inside = 1;
        for (int i = 0; i < k; i++) {
            inside = inside && (letters[i] >> (w >> 2 * i & 3) & 1);
        }
        words |= (uint64_t)inside << w;
    }
    return words;
}

/* The letters of local qubit i in a set of words, with I. */
static unsigned char letters_of(uint64_t words, int i)
{
    unsigned letters = I_ONLY;
    for (uint64_t rest = words; rest; rest &= rest - 1) {
        letters |= 1u << (__builtin_ctzll(rest) >> 2 * i & 3);
    }
    return (unsigned char)letters;
}

/* What states can have behind a block, from what they can have before it. */
static void letters_behind(const candidate *c, const kgi_pauli_kind *kind, unsigned char *letters)
{
    uint64_t behind = 0;
    for (uint64_t rest = words_of(c->letters, kind->k); rest; rest &= rest - 1) {
        behind |= kind->pattern.rows[__builtin_ctzll(rest)];
    }
    for (int i = 0; i < kind->k; i++) {
        letters[c->axes[i]] = letters_of(behind, i);
    }
}

/* The block with the letters that its coefficients have now, as a pull. */
static kgi_pauli_pull make_pull(const kgi_pauli_shape *s, const candidate *c,
                                const unsigned char *letters, double size)
{
    const kgi_pauli_kind *kind = &s->kinds[c->kind];
    kgi_pauli_pull pull = {.kind = c->kind, .n_in_size = size, .n_out_size = size};
    uint64_t reached = 0;
    for (int i = 0; i < kind->k; i++) {
        pull.axes[i] = c->axes[i];
        pull.in_letters[i] = letters[c->axes[i]];
    }
    const uint64_t in = words_of(pull.in_letters, kind->k);
    for (uint64_t rest = words_of(c->letters, kind->k); rest; rest &= rest - 1) {
        const int word = __builtin_ctzll(rest);
        reached |= (uint64_t)((kind->pattern.rows[word] & in) != 0) << word;
    }
    for (int i = 0; i < kind->k; i++) {
        pull.out_letters[i] = letters_of(reached, i);
        pull.n_out_size *= (double)__builtin_popcount(pull.out_letters[i]) /
                           (double)__builtin_popcount(pull.in_letters[i]);
    }
    return pull;
}

/* Of the blocks with nothing behind them, the one that leaves the fewest coefficients. */
static int next_pull(kgi_pauli_pull *best, const kgi_pauli_shape *s, const candidate *candidates,
                     const int *head, const unsigned char *letters, double size)
{
    int found = NONE;
    for (int a = 0; a < s->n; a++) {
        const int b = head[a];
        int available = b != NONE;
        for (int i = 0; available && i < s->kinds[candidates[b].kind].k; i++) {
            available = head[candidates[b].axes[i]] == b;
        }
        if (!available || b == found) {
            continue;
        }
        const kgi_pauli_pull pull = make_pull(s, &candidates[b], letters, size);
        if (found == NONE || pull.n_out_size < best->n_out_size ||
            (pull.n_out_size <= best->n_out_size && b > found)) {
            *best = pull;
            found = b;
        }
    }
    return found;
}

static void order_pulls(kgi_pauli_shape *s, const candidate *candidates, int *head)
{
    unsigned char letters[KGI_MAX_REGISTER];
    double size = 1;
    for (int a = 0; a < s->n; a++) {
        letters[a] = s->first[a];
        size *= __builtin_popcount(letters[a]);
    }
    s->largest = s->stored = size;
    for (;;) {
        kgi_pauli_pull *pull = &s->pulls[s->n_pulls];
        const int b = next_pull(pull, s, candidates, head, letters, size);
        if (b == NONE) {
            break;
        }
        const int k = s->kinds[pull->kind].k;
        double n_out = 1;
        for (int i = 0; i < k; i++) {
            head[pull->axes[i]] = candidates[b].before[i];
            letters[pull->axes[i]] = pull->out_letters[i];
            n_out *= __builtin_popcount(pull->out_letters[i]);
        }
        s->pull_fma += size * n_out;
        size = pull->n_out_size;
        s->largest = size > s->largest ? size : s->largest;
        s->stored += size;
        s->n_pulls++;
    }
    memcpy(s->last, letters, sizeof letters);
}

kg_status kgi_pauli_find_pulls(kgi_pauli_shape *s, const kgi_program *program, kg_error *err)
{
    const size_t n = (size_t)program->fused.n_blocks + 1;
    unsigned char letters[KGI_MAX_REGISTER] = {0};
    int head[KGI_MAX_REGISTER];
    kg_status status = KG_OK;
    candidate *candidates = calloc(n, sizeof *candidates);
    kgi_pauli_cache *cache = kgi_pauli_cache_create();
    s->kinds = calloc(n, sizeof *s->kinds);
    s->pulls = calloc(n, sizeof *s->pulls);
    if (!candidates || !cache || !s->kinds || !s->pulls) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu pulls", n);
    }
    for (int g = 0; g < s->n_groups; g++) {
        for (int i = 0; i < s->groups[g].n; i++) {
            letters[s->groups[g].axes[i]] = s->groups[g].letters[i];
        }
    }
    for (int a = 0; a < s->n; a++) {
        head[a] = NONE;
    }
    for (int b = 0; b < program->fused.n_blocks && !status; b++) {
        candidate *c = &candidates[b];
        if (s->take[b]) {
            continue;
        }
        status = read_block(c, s, program, b, cache, err);
        for (int i = 0; !status && i < s->kinds[c->kind].k; i++) {
            c->before[i] = head[c->axes[i]];
            c->letters[i] = letters[c->axes[i]];
            head[c->axes[i]] = b;
        }
        if (!status) {
            letters_behind(c, &s->kinds[c->kind], letters);
        }
    }
    if (!status) {
        for (int a = 0; a < s->n; a++) {
            unsigned measured = I_ONLY;
            for (int w = 0; w < s->n_words; w++) {
                measured |= 1u << s->words[w].letters[a];
            }
            s->first[a] = (unsigned char)(measured & letters[a]);
        }
        order_pulls(s, candidates, head);
    }
    free(cache);
    free(candidates);
    return status;
}
