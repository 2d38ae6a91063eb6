/* SPDX-License-Identifier: Apache-2.0 */
/* Atoms in order become sweeps, and the atoms of a sweep become stages.
 *
 * Both steps are one idea. Walk through the atoms that are left; take one if its bits fit and if it
 * commutes with everything that was passed over, which holds if they share no bit, or only bits that
 * both leave diagonal; pass it over otherwise. For a sweep, what has to fit is the bits that atoms mix,
 * in a cache block. For a stage, it is the slots of a group of vectors in registers; controls and
 * phases on other bits become predicates.
 *
 * On layers of rotations and ladders of CX, sweeps come out as wedges: the first one takes what it can
 * of all layers, so four layers on 24 qubits need four sweeps, not eight. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/state_schedule.h"

/* What was passed over: nothing may pass its mixed bits, and mixing may not pass its diagonal bits. */
typedef struct passed {
    uint64_t mixed;
    uint64_t diagonal;
} passed;

static int may_pass(const passed *p, const kgi_atom *atom)
{
    return !(atom->mixed & (p->mixed | p->diagonal)) && !(atom->diagonal & p->mixed);
}

static void pass(passed *p, const kgi_atom *atom)
{
    p->mixed |= atom->mixed;
    p->diagonal |= atom->diagonal;
}

/* ---- sweeps ---- */

/* Bits that must lie in a block to apply the atom: those that it mixes, but one at least. Under controls
 * all targets, because there may be no room for predicates. */
static uint64_t needs(const kgi_scheduler *s, const kgi_atom *atom)
{
    uint64_t bits = atom->mixed;
    for (int i = 0; i < atom->n_targets && atom->controls; i++) {
        bits |= kgi_bit(atom->bits[i]);
    }
    if (!bits && !(atom->diagonal & s->bits)) {
        bits = atom->diagonal & (~atom->diagonal + 1);
    }
    return bits;
}

/* Chooses the bits of the next sweep, and moves its atoms from left to mine. */
static void choose_sweep(kgi_scheduler *s)
{
    const kgi_state_tables *t = s->t;
    const uint64_t all = kgi_low_bits(t->n_bits);
    const int room = t->shape.block_bits < t->n_bits ? t->shape.block_bits : t->n_bits;
    const int rows = s->k->lane_bits + t->shape.row_bits;
    passed p = {0, 0};
    int kept = 0;
    int i = 0;
    s->bits =
        kgi_bits_below(s, rows < room - 2 ? rows : room - 2); /* a gate on two bits always fits */
    s->n_mine = 0;
    for (; i < s->n_left && (p.mixed & all) != all; i++) {
        const kgi_atom *atom = &t->atoms[s->left[i]];
        const uint64_t bits = s->bits | needs(s, atom);
        if (may_pass(&p, atom) && __builtin_popcountll(bits) <= room) {
            s->bits = bits;
            s->mine[s->n_mine++] = s->left[i];
        } else {
            pass(&p, atom);
            s->left[kept++] = s->left[i];
        }
    }
    memmove(s->left + i - kept, s->left, (size_t)kept * sizeof *s->left);
    s->left += i - kept;
    s->n_left -= i - kept;
    for (int at = 0; __builtin_popcountll(s->bits) < room; at++) { /* longer rows */
        s->bits |= kgi_bit(s->bit_at[at]);
    }
}

/* ---- stages ---- */

static int add_select(kgi_stage_draft *d, uint64_t mask, uint64_t value)
{
    for (int j = 0; j < d->n_selects; j++) {
        if (d->mask[j] == mask && d->value[j] == value) {
            return 1;
        }
    }
    if (d->n_selects == KGI_SELECTS) {
        return 0;
    }
    d->mask[d->n_selects] = mask;
    d->value[d->n_selects++] = value;
    d->selected |= mask;
    return 1;
}

/* Bits of a monomial that must be in slots: what it mixes, and lanes, which no predicate can read. */
static uint64_t monomial_slots(const kgi_scheduler *s, const kgi_atom *atom)
{
    return atom->mixed | (atom->diagonal & kgi_lanes_of(s));
}

/* Adds predicates for what a monomial reads outside the slots; 0 if there is no room. */
static int add_monomial(const kgi_scheduler *s, kgi_stage_draft *d, const kgi_atom *atom)
{
    kgi_stage_draft with = *d;
    const uint64_t own = atom->mixed | atom->diagonal;
    if ((monomial_slots(s, atom) & ~d->slots) || !(own & d->slots)) {
        return 0;
    }
    const uint64_t outside = atom->controls & ~d->slots;
    if (outside && !add_select(&with, outside, atom->values & outside)) {
        return 0;
    }
    for (int i = 0; i < atom->n_targets; i++) {
        const uint64_t target = kgi_bit(atom->bits[i]);
        if (!(target & d->slots) && !add_select(&with, target, target)) {
            return 0;
        }
    }
    if (!kgi_has_room(s, with.slots, with.selected, s->k->slots)) {
        return 0;
    }
    *d = with;
    d->touched |= own;
    d->score += atom->mixed ? 3 : 1;
    return 1;
}

static int add_turn(kgi_stage_draft *d, const kgi_atom *atom)
{
    if ((atom->mixed & ~d->slots) || (atom->mixed & (d->turned | d->touched))) {
        return 0;
    }
    d->turned |= atom->mixed;
    d->score += 3;
    return 1;
}

/* Everything that a stage on these slots can take; picked has it. Lanes have to change places first. */
static kgi_stage_draft try_slots(kgi_scheduler *s, uint64_t slots)
{
    kgi_stage_draft d = {.slots = slots,
                         .score = -0.5 * __builtin_popcountll(slots & kgi_lanes_of(s))};
    passed p = {0, 0};
    s->n_picked = 0;
    for (int i = 0; i < s->n_mine && (p.mixed & slots) != slots; i++) {
        const kgi_atom *atom = &s->t->atoms[s->mine[i]];
        const kgi_state_unit *unit = &s->t->units[atom->unit];
        int taken = 0;
        if (may_pass(&p, atom)) {
            if (unit->kind == KGI_ATOM_MONOMIAL) {
                taken = add_monomial(s, &d, atom);
            } else if (unit->kind == KGI_ATOM_TURN && !atom->controls) {
                taken = add_turn(&d, atom);
            }
        }
        if (taken) {
            s->picked[s->n_picked++] = i;
        } else {
            pass(&p, atom);
        }
    }
    return d;
}

/* The slots that an atom must have; none if it has a way of its own. */
static uint64_t slots_of(const kgi_scheduler *s, const kgi_atom *atom)
{
    const kgi_atom_kind kind = s->t->units[atom->unit].kind;
    if (kind == KGI_ATOM_DENSE || (atom->controls && kind != KGI_ATOM_MONOMIAL)) {
        return 0;
    }
    uint64_t slots = monomial_slots(s, atom);
    if (!slots) {
        const uint64_t inside = atom->diagonal & s->bits;
        slots = inside & (~inside + 1);
    }
    return slots;
}

/* Adds to the slots, among `from`, the bit that lets the stage take most, as long as one does. */
static kgi_stage_draft grow_slots(kgi_scheduler *s, uint64_t slots, uint64_t from)
{
    kgi_stage_draft best = try_slots(s, slots);
    for (int added = 1; added && __builtin_popcountll(best.slots) < s->k->slots;) {
        const uint64_t had = best.slots;
        added = 0;
        for (uint64_t rest = from & ~had; rest; rest &= rest - 1) {
            const uint64_t with = had | (rest & (~rest + 1));
            if (!kgi_has_room(s, with, 0, s->k->slots)) {
                continue;
            }
            const kgi_stage_draft d = try_slots(s, with);
            if (d.score > best.score) {
                best = d;
                added = 1;
            }
        }
    }
    return try_slots(s, best.slots);
}

/* The slots of the first atom that may go now, within `from`, and what goes with it. 0: none may. */
static int choose_slots(kgi_scheduler *s, uint64_t from, kgi_stage_draft *best)
{
    passed p = {0, 0};
    for (int i = 0; i < s->n_mine && (p.mixed & s->bits) != s->bits; i++) {
        const kgi_atom *atom = &s->t->atoms[s->mine[i]];
        const uint64_t slots = slots_of(s, atom);
        if (slots && !(slots & ~from) && __builtin_popcountll(slots) <= s->k->slots &&
            kgi_has_room(s, slots, 0, s->k->slots) && may_pass(&p, atom)) {
            *best = grow_slots(s, slots, from);
            if (s->n_picked > 0) {
                return 1;
            }
        }
        pass(&p, atom);
    }
    return 0;
}

/* A stage within the near part of a block if that takes nearly as much as one that is not: it costs less
 * to reach. 0: the first atom has a way of its own. */
static int choose_stage(kgi_scheduler *s, kgi_stage_draft *best)
{
    const double worth = 0.75;
    kgi_stage_draft far = {.score = 0};
    s->room = s->bits;
    const int any = slots_of(s, &s->t->atoms[s->mine[0]]) && choose_slots(s, s->bits, &far);
    s->room = kgi_bits_below_in(s, s->t->shape.near_bits);
    if (__builtin_popcountll(s->room) >= s->k->lane_bits + s->k->slots &&
        choose_slots(s, s->room, best) && best->score >= worth * far.score) {
        return 1;
    }
    s->room = s->bits;
    *best = far;
    if (any) {
        *best = try_slots(s, far.slots);
    }
    return any;
}

/* Takes the picked atoms out of mine. */
static void remove_picked(kgi_scheduler *s)
{
    int next = 0;
    int kept = 0;
    for (int i = 0; i < s->n_mine; i++) {
        if (next < s->n_picked && s->picked[next] == i) {
            next++;
        } else {
            s->mine[kept++] = s->mine[i];
        }
    }
    s->n_mine = kept;
}

static void add_sweep(kgi_scheduler *s)
{
    kgi_state_tables *t = s->t;
    kgi_sweep *sweep = &t->sweeps[t->n_sweeps++];
    choose_sweep(s);
    const int width = __builtin_popcountll(s->bits);
    const int run = __builtin_ctzll(~kgi_places_of(s, s->bits)); /* lowest place outside */
    *sweep = (kgi_sweep){.places = kgi_places_of(s, s->bits), .first_stage = t->n_stages};
    sweep->n_blocks = (size_t)1 << (t->n_bits - width);
    sweep->in_place = run >= width;
    sweep->row = (size_t)1 << ((run < width ? run : width) - s->k->lane_bits);
    for (int i = 0; i < s->n_mine; i++) {
        const kgi_unit *unit = &t->units[t->atoms[s->mine[i]].unit].unit;
        sweep->wants_params |= unit->trainable;
        sweep->wants_inputs |= unit->per_sample;
    }
    while (s->n_mine > 0) {
        kgi_stage_draft d;
        if (choose_stage(s, &d)) {
            kgi_stage_add_turns(s, &d);
        } else {
            s->picked[0] = 0;
            s->n_picked = 1;
            kgi_stage_add_alone(s);
        }
        remove_picked(s);
    }
    sweep->n_stages = t->n_stages - sweep->first_stage;
}

/* Operators act where bits are at the end. */
static void place_operators(const kgi_scheduler *s, int n)
{
    for (int o = 0; o < n; o++) {
        kgi_operator *op = &s->t->operators[o];
        for (int w = 0; w < op->n_words; w++) {
            op->words[w].x = kgi_places_of(s, op->words[w].x);
            op->words[w].z = kgi_places_of(s, op->words[w].z);
        }
        for (int i = 0; i < op->m; i++) {
            op->bits[i] = s->place[op->bits[i]];
        }
    }
}

static void number_env(kgi_state_tables *t)
{
    for (int i = 0; i < t->n_sweeps; i++) {
        kgi_sweep *sweep = &t->sweeps[i];
        sweep->first_env = t->n_env;
        for (int s = 0; s < sweep->n_stages; s++) {
            kgi_stage *stage = &t->stages[sweep->first_stage + s];
            stage->env = t->n_env;
            t->n_env += (size_t)stage->n_env;
        }
        sweep->n_env = t->n_env - sweep->first_env;
        t->sweep_env = sweep->n_env > t->sweep_env ? sweep->n_env : t->sweep_env;
    }
    for (int i = 1; i < t->n_sweeps; i++) {
        t->sweeps[i].wants_params |= t->sweeps[i - 1].wants_params;
        t->sweeps[i].wants_inputs |= t->sweeps[i - 1].wants_inputs;
    }
}

kg_status kgi_state_schedule(kgi_state_tables *t, int n_operators, kg_error *err)
{
    const size_t n = (size_t)t->n_atoms + 1;
    kgi_scheduler s = {.t = t, .k = t->kernels, .n_left = t->n_atoms};
    kg_status status = KG_OK;
    s.all = s.left = calloc(n, sizeof *s.left);
    s.mine = calloc(n, sizeof *s.mine);
    s.picked = calloc(n, sizeof *s.picked);
    t->stages = calloc(n, sizeof *t->stages);
    t->stage_atoms = calloc(n, sizeof *t->stage_atoms);
    t->sweeps = calloc(n, sizeof *t->sweeps);
    if (!s.left || !s.mine || !s.picked || !t->stages || !t->stage_atoms || !t->sweeps) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot schedule %d gates", t->n_atoms);
    }
    for (int i = 0; i < t->n_atoms && !status; i++) {
        s.left[i] = i;
    }
    for (int b = 0; b < 64; b++) {
        s.place[b] = s.bit_at[b] = b;
    }
    while (!status && s.n_left > 0) {
        add_sweep(&s);
    }
    if (!status) {
        place_operators(&s, n_operators);
    }
    number_env(t);
    free(s.all);
    free(s.mine);
    free(s.picked);
    return status;
}
