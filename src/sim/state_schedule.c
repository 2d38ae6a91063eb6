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
 * of all layers, so four layers on 24 qubits need six sweeps, not eight. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/state.h"

enum { NONE = -1 };

typedef struct scheduler {
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
} scheduler;

static uint64_t bit(int b)
{
    return (uint64_t)1 << b;
}

static uint64_t low_bits(int n)
{
    return n >= 64 ? ~(uint64_t)0 : bit(n) - 1;
}

/* Bits at the lowest n places. */
static uint64_t bits_below(const scheduler *s, int n)
{
    uint64_t bits = 0;
    for (int p = 0; p < n; p++) {
        bits |= bit(s->bit_at[p]);
    }
    return bits;
}

/* The sweep's bits at the lowest n of its places. */
static uint64_t bits_below_in(const scheduler *s, int n)
{
    uint64_t bits = 0;
    for (int p = 0; p < s->t->n_bits && n > 0; p++) {
        if (s->bits >> s->bit_at[p] & 1) {
            bits |= bit(s->bit_at[p]);
            n--;
        }
    }
    return bits;
}

static uint64_t lanes_of(const scheduler *s)
{
    return bits_below(s, s->k->lane_bits);
}

static uint64_t places_of(const scheduler *s, uint64_t bits)
{
    uint64_t places = 0;
    for (; bits; bits &= bits - 1) {
        places |= bit(s->place[__builtin_ctzll(bits)]);
    }
    return places;
}

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
static uint64_t needs(const scheduler *s, const kgi_atom *atom)
{
    uint64_t bits = atom->mixed;
    for (int i = 0; i < atom->n_targets && atom->controls; i++) {
        bits |= bit(atom->bits[i]);
    }
    if (!bits && !(atom->diagonal & s->bits)) {
        bits = atom->diagonal & (~atom->diagonal + 1);
    }
    return bits;
}

/* Chooses the bits of the next sweep, and moves its atoms from left to mine. */
static void choose_sweep(scheduler *s)
{
    const kgi_state_tables *t = s->t;
    const uint64_t all = low_bits(t->n_bits);
    const int room = t->shape.block_bits < t->n_bits ? t->shape.block_bits : t->n_bits;
    const int rows = s->k->lane_bits + t->shape.row_bits;
    passed p = {0, 0};
    int kept = 0;
    int i = 0;
    s->bits = bits_below(s, rows < room - 2 ? rows : room - 2); /* a gate on two bits always fits */
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
        s->bits |= bit(s->bit_at[at]);
    }
}

/* ---- stages ---- */

/* A stage while it is put together. */
typedef struct draft {
    uint64_t slots; /* bits that slots turn */
    uint64_t turned;
    uint64_t touched;  /* bits of its monomials */
    uint64_t selected; /* bits of its predicates */
    int n_selects;
    uint64_t mask[KGI_SELECTS];
    uint64_t value[KGI_SELECTS];
    double score;
} draft;

/* A slot needs a bit of the vector's number: its own, or one to exchange, that no predicate reads. */
static int has_room(const scheduler *s, uint64_t slots, uint64_t selected, int n_slots)
{
    const uint64_t vectors = s->room & ~lanes_of(s);
    const int taken = __builtin_popcountll(slots & ~lanes_of(s));
    const int free = __builtin_popcountll(vectors & ~slots & ~selected);
    return taken + free >= n_slots;
}

static int add_select(draft *d, uint64_t mask, uint64_t value)
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
static uint64_t monomial_slots(const scheduler *s, const kgi_atom *atom)
{
    return atom->mixed | (atom->diagonal & lanes_of(s));
}

/* Adds predicates for what a monomial reads outside the slots; 0 if there is no room. */
static int add_monomial(const scheduler *s, draft *d, const kgi_atom *atom)
{
    draft with = *d;
    const uint64_t own = atom->mixed | atom->diagonal;
    if ((monomial_slots(s, atom) & ~d->slots) || !(own & d->slots)) {
        return 0;
    }
    const uint64_t outside = atom->controls & ~d->slots;
    if (outside && !add_select(&with, outside, atom->values & outside)) {
        return 0;
    }
    for (int i = 0; i < atom->n_targets; i++) {
        const uint64_t target = bit(atom->bits[i]);
        if (!(target & d->slots) && !add_select(&with, target, target)) {
            return 0;
        }
    }
    if (!has_room(s, with.slots, with.selected, s->k->slots)) {
        return 0;
    }
    *d = with;
    d->touched |= own;
    d->score += atom->mixed ? 3 : 1;
    return 1;
}

static int add_turn(draft *d, const kgi_atom *atom)
{
    if ((atom->mixed & ~d->slots) || (atom->mixed & (d->turned | d->touched))) {
        return 0;
    }
    d->turned |= atom->mixed;
    d->score += 3;
    return 1;
}

/* Everything that a stage on these slots can take; picked has it. Lanes have to change places first. */
static draft try_slots(scheduler *s, uint64_t slots)
{
    draft d = {.slots = slots, .score = -0.5 * __builtin_popcountll(slots & lanes_of(s))};
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
static uint64_t slots_of(const scheduler *s, const kgi_atom *atom)
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
static draft grow_slots(scheduler *s, uint64_t slots, uint64_t from)
{
    draft best = try_slots(s, slots);
    for (int added = 1; added && __builtin_popcountll(best.slots) < s->k->slots;) {
        const uint64_t had = best.slots;
        added = 0;
        for (uint64_t rest = from & ~had; rest; rest &= rest - 1) {
            const uint64_t with = had | (rest & (~rest + 1));
            if (!has_room(s, with, 0, s->k->slots)) {
                continue;
            }
            const draft d = try_slots(s, with);
            if (d.score > best.score) {
                best = d;
                added = 1;
            }
        }
    }
    return try_slots(s, best.slots);
}

/* The slots of the first atom that may go now, within `from`, and what goes with it. 0: none may. */
static int choose_slots(scheduler *s, uint64_t from, draft *best)
{
    passed p = {0, 0};
    for (int i = 0; i < s->n_mine && (p.mixed & s->bits) != s->bits; i++) {
        const kgi_atom *atom = &s->t->atoms[s->mine[i]];
        const uint64_t slots = slots_of(s, atom);
        if (slots && !(slots & ~from) && __builtin_popcountll(slots) <= s->k->slots &&
            has_room(s, slots, 0, s->k->slots) && may_pass(&p, atom)) {
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
static int choose_stage(scheduler *s, draft *best)
{
    const double worth = 0.75;
    draft far = {.score = 0};
    s->room = s->bits;
    const int any = slots_of(s, &s->t->atoms[s->mine[0]]) && choose_slots(s, s->bits, &far);
    s->room = bits_below_in(s, s->t->shape.near_bits);
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

/* The number of a bit's place among the sweep's: its bit in a block. */
static int local_bit(const scheduler *s, int b)
{
    return __builtin_popcountll(places_of(s, s->bits) & low_bits(s->place[b]));
}

/* How long a bit is not needed, in atoms that are passed on the way. */
static int next_use(const scheduler *s, int b)
{
    enum { FAR = 1000 };
    int picked = 0;
    for (int i = 0; i < s->n_mine; i++) {
        const kgi_atom *atom = &s->t->atoms[s->mine[i]];
        if (picked < s->n_picked && s->picked[picked] == i) {
            picked++;
        } else if ((atom->mixed | atom->diagonal) & bit(b)) {
            return i;
        }
    }
    for (int i = 0; i < s->n_left && i < FAR; i++) {
        const kgi_atom *atom = &s->t->atoms[s->left[i]];
        if ((atom->mixed | atom->diagonal) & bit(b)) {
            return s->n_mine + i;
        }
    }
    return s->n_mine + FAR;
}

/* The free bit that is not needed for longest, to go into a lane; or, for an idle slot, any. */
static int choose_partner(const scheduler *s, uint64_t free, int idle)
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
static void place_slots(scheduler *s, kgi_stage *stage, uint64_t selected, int n_slots)
{
    kgi_stage_at *at = &stage->at;
    uint64_t used = selected | lanes_of(s);
    at->n_slots = n_slots;
    for (int i = 0; i < n_slots; i++) {
        used |= stage->slot_bits[i] >= 0 ? bit(stage->slot_bits[i]) : 0;
    }
    for (int i = 0; i < n_slots; i++) {
        const int own = stage->slot_bits[i];
        int partner = own;
        if (own < 0 || s->place[own] < s->k->lane_bits) {
            partner = choose_partner(s, s->room & ~used, own < 0);
            used |= bit(partner);
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
static void place_select(const scheduler *s, kgi_stage *stage, int j, int skip)
{
    const uint64_t inside = places_of(s, s->bits);
    const uint64_t mask = places_of(s, stage->select_mask[j]);
    const uint64_t value = places_of(s, stage->select_value[j]);
    stage->at.mask[j] = (size_t)kgi_extract(mask & inside, inside) >> skip;
    stage->at.value[j] = (size_t)kgi_extract(value & inside, inside) >> skip;
    stage->outer_mask[j] = mask & ~inside;
    stage->outer_value[j] = value & ~inside;
}

static kgi_stage *new_stage(scheduler *s, kgi_stage_kind kind)
{
    kgi_stage *stage = &s->t->stages[s->t->n_stages++];
    *stage = (kgi_stage){.kind = kind, .first_atom = s->n_stage_atoms};
    for (int i = 0; i < KGI_SLOTS; i++) {
        stage->slot_bits[i] = stage->turns[i] = stage->at.lane[i] = NONE;
    }
    return stage;
}

static void note_unit(const scheduler *s, kgi_stage *stage, int atom, int n_env)
{
    const kgi_unit *unit = &s->t->units[s->t->atoms[atom].unit].unit;
    stage->by_sample |= unit->per_sample;
    if (unit->trainable || unit->per_sample) {
        stage->n_env = n_env;
    }
}

/* A stage of turns and monomials from what was picked. */
static void add_turns(scheduler *s, const draft *d)
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
        note_unit(s, stage, number, KGI_TURNS_ENV);
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

/* The first atom alone: dense on two slots if its controls outside them are no lanes and leave room
 * for the slots, else plain. */
static void add_alone(scheduler *s)
{
    const int number = s->mine[0];
    const kgi_atom *atom = &s->t->atoms[number];
    const int monomial = s->t->units[atom->unit].kind == KGI_ATOM_MONOMIAL;
    kgi_stage *stage = new_stage(s, KGI_STAGE_PLAIN);
    uint64_t targets = 0;
    for (int i = 0; i < atom->n_targets; i++) {
        stage->slot_bits[i] = atom->bits[i];
        targets |= bit(atom->bits[i]);
    }
    stage->select_mask[0] = atom->controls;
    stage->select_value[0] = atom->values;
    stage->at.n_selects = 1;
    s->t->stage_atoms[s->n_stage_atoms++] = number;
    stage->n_atoms = 1;
    note_unit(s, stage, number, KGI_ENV_REALS);
    if (!monomial && !(atom->controls & lanes_of(s)) && has_room(s, targets, atom->controls, 2)) {
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

/* Takes the picked atoms out of mine. */
static void remove_picked(scheduler *s)
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

static void add_sweep(scheduler *s)
{
    kgi_state_tables *t = s->t;
    kgi_sweep *sweep = &t->sweeps[t->n_sweeps++];
    choose_sweep(s);
    const int width = __builtin_popcountll(s->bits);
    const int run = __builtin_ctzll(~places_of(s, s->bits)); /* lowest place outside */
    *sweep = (kgi_sweep){.places = places_of(s, s->bits), .first_stage = t->n_stages};
    sweep->n_blocks = (size_t)1 << (t->n_bits - width);
    sweep->in_place = run >= width;
    sweep->row = (size_t)1 << ((run < width ? run : width) - s->k->lane_bits);
    for (int i = 0; i < s->n_mine; i++) {
        const kgi_unit *unit = &t->units[t->atoms[s->mine[i]].unit].unit;
        sweep->wants_params |= unit->trainable;
        sweep->wants_inputs |= unit->per_sample;
    }
    while (s->n_mine > 0) {
        draft d;
        if (choose_stage(s, &d)) {
            add_turns(s, &d);
        } else {
            s->picked[0] = 0;
            s->n_picked = 1;
            add_alone(s);
        }
        remove_picked(s);
    }
    sweep->n_stages = t->n_stages - sweep->first_stage;
}

/* Operators act where bits are at the end. */
static void place_operators(const scheduler *s, int n)
{
    for (int o = 0; o < n; o++) {
        kgi_operator *op = &s->t->operators[o];
        for (int w = 0; w < op->n_words; w++) {
            op->words[w].x = places_of(s, op->words[w].x);
            op->words[w].z = places_of(s, op->words[w].z);
        }
        for (int i = 0; i < op->m; i++) {
            op->bits[i] = s->place[op->bits[i]];
        }
    }
}

static void number_env(kgi_state_tables *t)
{
    for (int i = 0; i < t->n_stages; i++) {
        t->stages[i].env = t->n_env;
        t->n_env += (size_t)t->stages[i].n_env;
    }
    for (int i = 1; i < t->n_sweeps; i++) {
        t->sweeps[i].wants_params |= t->sweeps[i - 1].wants_params;
        t->sweeps[i].wants_inputs |= t->sweeps[i - 1].wants_inputs;
    }
}

kg_status kgi_state_schedule(kgi_state_tables *t, int n_operators, kg_error *err)
{
    const size_t n = (size_t)t->n_atoms + 1;
    scheduler s = {.t = t, .k = t->kernels, .n_left = t->n_atoms};
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
