/* SPDX-License-Identifier: Apache-2.0 */
/* Stages in their final form: slots get places in a block, lanes change places, predicates become masks. */
#include <string.h>

#include "sim/state_schedule.h"

enum { NONE = -1 };

/* The number of a bit's place among the sweep's: its bit in a block. */
static int local_bit(const kgi_scheduler *s, int b)
{
    return __builtin_popcountll(kgi_places_of(s, s->bits) & kgi_low_bits(s->place[b]));
}

/* How long a bit is not needed, in atoms that are passed on the way. */
static int next_use(const kgi_scheduler *s, int b)
{
    enum { FAR = 1000 };
    int picked = 0;
    for (int i = 0; i < s->n_mine; i++) {
        const kgi_atom *atom = &s->t->atoms[s->mine[i]];
        if (picked < s->n_picked && s->picked[picked] == i) {
            picked++;
        } else if ((atom->mixed | atom->diagonal) & kgi_bit(b)) {
            return i;
        }
    }
    for (int i = 0; i < s->n_left && i < FAR; i++) {
        const kgi_atom *atom = &s->t->atoms[s->left[i]];
        if ((atom->mixed | atom->diagonal) & kgi_bit(b)) {
            return s->n_mine + i;
        }
    }
    return s->n_mine + FAR;
}

/* The free bit that is not needed for longest, to go into a lane; or, for an idle slot, any. */
static int choose_partner(const kgi_scheduler *s, uint64_t free, int idle)
{
    int best = __builtin_ctzll(free);
    int best_use = NONE;
    for (uint64_t rest = free; rest && !idle; rest &= rest - 1) {
        const int use = next_use(s, __builtin_ctzll(rest));
        if (use > best_use) {
            best = __builtin_ctzll(rest);
            best_use = use;
        }
    }
    return best;
}

/* Gives slots their bits of the vector's number: their own, else one that nothing reads. A lane and the
 * place that its slot is given are exchanged, by the stage and here. */
static void place_slots(kgi_scheduler *s, kgi_stage *stage, uint64_t selected, int n_slots)
{
    kgi_stage_at *at = &stage->at;
    uint64_t used = selected | kgi_lanes_of(s);
    at->n_slots = n_slots;
    for (int i = 0; i < n_slots; i++) {
        used |= stage->slot_bits[i] >= 0 ? kgi_bit(stage->slot_bits[i]) : 0;
    }
    for (int i = 0; i < n_slots; i++) {
        const int own = stage->slot_bits[i];
        int partner = own;
        if (own < 0 || s->place[own] < s->k->lane_bits) {
            partner = choose_partner(s, s->room & ~used, own < 0);
            used |= kgi_bit(partner);
        }
        at->stride[i] = (size_t)1 << (local_bit(s, partner) - s->k->lane_bits);
        if (own >= 0 && own != partner) {
            const int lane = s->place[own];
            at->lane[i] = lane;
            at->any_lane = 1;
            s->place[own] = s->place[partner];
            s->place[partner] = lane;
            s->bit_at[s->place[own]] = own;
            s->bit_at[lane] = partner;
        }
    }
    at->n_groups = (size_t)1 << (__builtin_popcountll(s->bits) - s->k->lane_bits - n_slots);
}

/* Predicate j in the numbers of a block, of vectors or (skip 0) of amplitudes, and outside of it. */
static void place_select(const kgi_scheduler *s, kgi_stage *stage, int j, int skip)
{
    const uint64_t inside = kgi_places_of(s, s->bits);
    const uint64_t mask = kgi_places_of(s, stage->select_mask[j]);
    const uint64_t value = kgi_places_of(s, stage->select_value[j]);
    stage->at.mask[j] = (size_t)kgi_extract(mask & inside, inside) >> skip;
    stage->at.value[j] = (size_t)kgi_extract(value & inside, inside) >> skip;
    stage->outer_mask[j] = mask & ~inside;
    stage->outer_value[j] = value & ~inside;
}

static kgi_stage *new_stage(kgi_scheduler *s, kgi_stage_kind kind)
{
    kgi_stage *stage = &s->t->stages[s->t->n_stages++];
    *stage = (kgi_stage){.kind = kind, .first_atom = s->n_stage_atoms};
    for (int i = 0; i < KGI_SLOTS; i++) {
        stage->slot_bits[i] = stage->turns[i] = stage->at.lane[i] = NONE;
    }
    return stage;
}

static void note_unit(const kgi_scheduler *s, kgi_stage *stage, int atom, int n_env)
{
    const kgi_unit *unit = &s->t->units[s->t->atoms[atom].unit].unit;
    stage->by_sample |= unit->per_sample;
    if (unit->trainable || unit->per_sample) {
        stage->n_env = n_env;
    }
}

void kgi_stage_add_turns(kgi_scheduler *s, const kgi_stage_draft *d)
{
    kgi_stage *stage = new_stage(s, KGI_STAGE_TURNS);
    int n_slots = 0;
    stage->near = s->room != s->bits;
    for (uint64_t rest = d->slots; rest; rest &= rest - 1) {
        stage->slot_bits[n_slots++] = __builtin_ctzll(rest);
    }
    stage->at.n_selects = d->n_selects;
    memcpy(stage->select_mask, d->mask, sizeof d->mask);
    memcpy(stage->select_value, d->value, sizeof d->value);
    place_slots(s, stage, d->selected, s->k->slots);
    for (int j = 0; j < d->n_selects; j++) {
        place_select(s, stage, j, s->k->lane_bits);
    }
    for (int i = 0; i < s->n_picked; i++) {
        const int number = s->mine[s->picked[i]];
        const kgi_atom *atom = &s->t->atoms[number];
        note_unit(s, stage, number, KGI_SLOTS * KGI_TURN_ENV + (KGI_SLOT_STATES << d->n_selects));
        if (s->t->units[atom->unit].kind == KGI_ATOM_MONOMIAL) {
            s->t->stage_atoms[s->n_stage_atoms++] = number;
            stage->n_atoms++;
            continue;
        }
        for (int slot = 0; slot < n_slots; slot++) {
            if (stage->slot_bits[slot] == atom->bits[0]) {
                stage->turns[slot] = number;
            }
        }
    }
}

void kgi_stage_add_alone(kgi_scheduler *s)
{
    const int number = s->mine[0];
    const kgi_atom *atom = &s->t->atoms[number];
    const int monomial = s->t->units[atom->unit].kind == KGI_ATOM_MONOMIAL;
    kgi_stage *stage = new_stage(s, KGI_STAGE_PLAIN);
    uint64_t targets = 0;
    for (int i = 0; i < atom->n_targets; i++) {
        stage->slot_bits[i] = atom->bits[i];
        targets |= kgi_bit(atom->bits[i]);
    }
    stage->select_mask[0] = atom->controls;
    stage->select_value[0] = atom->values;
    stage->at.n_selects = 1;
    s->t->stage_atoms[s->n_stage_atoms++] = number;
    stage->n_atoms = 1;
    note_unit(s, stage, number, KGI_ENV_REALS);
    if (!monomial && !(atom->controls & kgi_lanes_of(s)) &&
        kgi_has_room(s, targets, atom->controls, 2)) {
        stage->kind = KGI_STAGE_DENSE;
        place_slots(s, stage, atom->controls, 2);
        place_select(s, stage, 0, s->k->lane_bits);
        return;
    }
    stage->at.n_targets = atom->n_targets;
    stage->at.n_groups = (size_t)1 << __builtin_popcountll(s->bits);
    for (int i = 0; i < atom->n_targets; i++) {
        stage->at.targets[i] = (size_t)1 << local_bit(s, atom->bits[i]);
    }
    place_select(s, stage, 0, 0);
}
