/* SPDX-License-Identifier: Apache-2.0 */
/* What scheduling (state_schedule.c) and placing stages (state_stages.c) share: where bits are, and a
 * stage while it is put together. */
#ifndef SIM_STATE_SCHEDULE_H
#define SIM_STATE_SCHEDULE_H

#include "sim/state.h"

typedef struct kgi_scheduler {
    kgi_state_tables *t;
    const kgi_state_kernels *k;
    int *left; /* [n_left] atoms that no sweep has taken, in order; it moves on through `all` */
    int *all;
    int n_left;
    int *mine; /* [n_mine] atoms of the sweep that no stage has taken, in order */
    int n_mine;
    int *picked; /* [n_picked] places in mine, of the stage that is tried */
    int n_picked;
    uint64_t bits;  /* of the sweep */
    uint64_t room;  /* those of them that a stage may use: all, or the near ones */
    int place[64];  /* of each bit */
    int bit_at[64]; /* of each place */
    int n_stage_atoms;
} kgi_scheduler;

/* A stage while it is put together. */
typedef struct kgi_stage_draft {
    uint64_t slots; /* bits that slots turn */
    uint64_t turned;
    uint64_t touched;  /* bits of its monomials */
    uint64_t selected; /* bits of its predicates */
    int n_selects;
    uint64_t mask[KGI_SELECTS];
    uint64_t value[KGI_SELECTS];
    double score;
} kgi_stage_draft;

static inline uint64_t kgi_bit(int b)
{
    return (uint64_t)1 << b;
}

static inline uint64_t kgi_low_bits(int n)
{
    return n >= 64 ? ~(uint64_t)0 : kgi_bit(n) - 1;
}

/* Bits at the lowest n places. */
static inline uint64_t kgi_bits_below(const kgi_scheduler *s, int n)
{
    uint64_t bits = 0;
    for (int p = 0; p < n; p++) {
        bits |= kgi_bit(s->bit_at[p]);
    }
    return bits;
}

/* The sweep's bits at the lowest n of its places. */
static inline uint64_t kgi_bits_below_in(const kgi_scheduler *s, int n)
{
    uint64_t bits = 0;
    for (int p = 0; p < s->t->n_bits && n > 0; p++) {
        if (s->bits >> s->bit_at[p] & 1) {
            bits |= kgi_bit(s->bit_at[p]);
            n--;
        }
    }
    return bits;
}

static inline uint64_t kgi_lanes_of(const kgi_scheduler *s)
{
    return kgi_bits_below(s, s->k->lane_bits);
}

static inline uint64_t kgi_places_of(const kgi_scheduler *s, uint64_t bits)
{
    uint64_t places = 0;
    for (; bits; bits &= bits - 1) {
        places |= kgi_bit(s->place[__builtin_ctzll(bits)]);
    }
    return places;
}

/* A slot needs a bit of the vector's number: its own, or one to exchange, that no predicate reads. */
static inline int kgi_has_room(const kgi_scheduler *s, uint64_t slots, uint64_t selected,
                               int n_slots)
{
    const uint64_t vectors = s->room & ~kgi_lanes_of(s);
    const int taken = __builtin_popcountll(slots & ~kgi_lanes_of(s));
    const int free = __builtin_popcountll(vectors & ~slots & ~selected);
    return taken + free >= n_slots;
}

/* Appends the stage of what was picked; the stage of the first atom alone: dense on two slots if its
 * controls outside them are no lanes and leave room for the slots, else plain. */
void kgi_stage_add_turns(kgi_scheduler *s, const kgi_stage_draft *d);
void kgi_stage_add_alone(kgi_scheduler *s);

#endif
