/* SPDX-License-Identifier: Apache-2.0 */
/* Once per panel of samples: what the encoded states say about the words, and the derivative by the inputs.
 *
 * A turned qubit is a Bloch vector that starts at Z = 1. A group with a state is run by the tile engine,
 * line by line. The features of a half are the products of its groups' features, the first group's
 * slowest. */
#include <string.h>

#include "base/vmath.h"
#include "sim/pauli_call.h"

static size_t row_bytes(const kgi_pauli_call *call)
{
    return (size_t)kgi_pauli_samples(call) * call->k->real_bytes;
}

static char *row(const kgi_pauli_call *call, void *rows, size_t i)
{
    return (char *)rows + i * row_bytes(call);
}

/* Groups [first, last) of a half, and where their features begin among those of both halves. */
typedef struct half {
    int first;
    int last;
    size_t place;
    size_t n;
} half;

static half half_of(const kgi_pauli_call *call, int second)
{
    const kgi_pauli_shape *s = call->s;
    const int middle = s->n_constants + s->n_left;
    return second ? (half){middle, s->n_groups, call->t->features_a, s->n_b}
                  : (half){s->n_constants, middle, 0, s->n_a};
}

static size_t place_of(const kgi_pauli_call *call, int g)
{
    const int second = g >= call->s->n_constants + call->s->n_left;
    return call->s->groups[g].place + (second ? call->t->features_a : 0);
}

/* ---- turned qubits -------------------------------------------------------------------------------------- */

/* The angles of one turn; samples past the end of the batch repeat the last one. */
static void read_angles(const kgi_pauli_call *call, const kg_slot *slot, int first, double *angle)
{
    const size_t n_samples = (size_t)kgi_pauli_samples(call);
    const size_t n_inputs = (size_t)call->plan->program->n_inputs;
    const size_t n_here = (size_t)(call->n_batch - first);
    const size_t n = slot->kind != KG_SLOT_INPUT ? 0 : n_here < n_samples ? n_here : n_samples;
    const double *x = n ? call->inputs + (size_t)first * n_inputs + (size_t)slot->index : NULL;
    for (size_t l = 0; l < n; l++) {
        angle[l] = slot->scale * x[l * n_inputs] + slot->offset;
    }
    for (size_t l = n; l < n_samples; l++) {
        angle[l] = n ? angle[n - 1] : slot->offset;
    }
}

/* Cosine and sine of all angles of all turned qubits. */
static void find_angles(const kgi_pauli_call *call, kgi_pauli_lane *lane, int first)
{
    const kgi_pauli_shape *s = call->s;
    const size_t n_samples = (size_t)kgi_pauli_samples(call);
    size_t n = 0;
    for (int g = s->n_constants; g < s->n_groups; g++) {
        for (int k = 0; k < s->groups[g].n_turns; k++, n++) {
            read_angles(call, &s->groups[g].slots[k], first, lane->angles + n * n_samples);
        }
    }
    if (call->plan->precision == KG_PRECISION_F32) {
        kgi_sincos_single(lane->angles, n * n_samples, lane->sines, lane->cosines);
    } else {
        kgi_sincos(lane->angles, n * n_samples, lane->sines, lane->cosines);
    }
}

/* One turn of a group, from the Bloch vector before it to `to`. turn numbers the group's first turn. */
static void turn_once(const kgi_pauli_call *call, kgi_pauli_lane *lane,
                      const kgi_pauli_group *group, size_t turn, size_t k, int rows, void *to)
{
    call->k->turn(&group->turns[k], row(call, lane->cosines, turn + k),
                  row(call, lane->sines, turn + k), k ? row(call, lane->bloch, 3 * k) : NULL, rows,
                  to);
}

/* All Bloch vectors on the way, but for the last `less` of them. */
static void turn_all(const kgi_pauli_call *call, kgi_pauli_lane *lane, const kgi_pauli_group *group,
                     size_t turn, size_t less)
{
    for (size_t k = 0; k + less < (size_t)group->n_turns; k++) {
        turn_once(call, lane, group, turn, k, 3, row(call, lane->bloch, 3 * (k + 1)));
    }
}

/* Letters X, Z, Y in this order stand behind I where features are. If the first ones of them are wanted,
 * the last turn writes there. */
static void turned_features(const kgi_pauli_call *call, kgi_pauli_lane *lane,
                            const kgi_pauli_group *group, size_t turn, void *features)
{
    const unsigned letters = group->letters[0] >> 1;
    const size_t last = (size_t)group->n_turns - 1;
    char *bloch = row(call, lane->bloch, 3 * (last + 1));
    size_t f = 1;
    memcpy(features, lane->ones, row_bytes(call));
    turn_all(call, lane, group, turn, 1);
    if ((letters & (letters + 1)) == 0) {
        turn_once(call, lane, group, turn, last, __builtin_popcount(letters),
                  row(call, features, 1));
        return;
    }
    turn_once(call, lane, group, turn, last, 3, bloch);
    for (size_t letter = 0; letter < 3; letter++) {
        if (letters >> letter & 1) {
            memcpy(row(call, features, f++), row(call, bloch, letter), row_bytes(call));
        }
    }
}

/* d_inputs of one turn from its derivative by the angle. */
static void add_angle(const kgi_pauli_call *call, kgi_pauli_lane *lane, const kg_slot *slot,
                      const void *d_angle, int first)
{
    const int n_samples = kgi_pauli_samples(call);
    double *d = lane->numbers;
    if (slot->kind != KG_SLOT_INPUT) {
        return;
    }
    call->tile_kernels->to_double(d, d_angle, (size_t)n_samples);
    for (int l = 0; l < n_samples && first + l < call->n_batch; l++) {
        call->d_inputs[(size_t)(first + l) * (size_t)call->plan->program->n_inputs +
                       (size_t)slot->index] += slot->scale * d[l];
    }
}

static void turned_back(const kgi_pauli_call *call, kgi_pauli_lane *lane,
                        const kgi_pauli_group *group, size_t turn, void *d_features, int first)
{
    char *d_bloch = row(call, lane->d_bloch, 0);
    char *d_old = row(call, lane->d_bloch, 3);
    char *d_angle = row(call, lane->d_bloch, 6);
    size_t f = 1;
    turn_all(call, lane, group, turn, 0);
    memset(d_bloch, 0, 3 * row_bytes(call));
    for (size_t letter = 1; letter < 4; letter++) {
        if (group->letters[0] >> letter & 1) {
            memcpy(row(call, d_bloch, letter - 1), row(call, d_features, f++), row_bytes(call));
        }
    }
    for (size_t k = (size_t)group->n_turns; k-- > 0;) {
        call->k->turn_back(&group->turns[k], row(call, lane->cosines, turn + k),
                           row(call, lane->sines, turn + k), row(call, lane->bloch, 3 * k), d_bloch,
                           d_old, d_angle);
        add_angle(call, lane, &group->slots[k], d_angle, first);
        char *swap = d_bloch;
        d_bloch = d_old;
        d_old = swap;
    }
}

/* ---- groups with a state -------------------------------------------------------------------------------- */

static void state_features(const kgi_pauli_call *call, int number, int first, size_t line)
{
    const kgi_pauli_shape *s = call->s;
    const size_t bytes = (size_t)call->k->lanes * call->k->real_bytes;
    const int sample = first + (int)line * call->k->lanes;
    kgi_tile_lane *tile = &call->tile.lanes[number];
    if (sample < call->n_batch) {
        kgi_tile_run(&call->tile, tile, sample);
    }
    for (int g = s->n_constants; g < s->n_groups; g++) {
        const kgi_pauli_group *group = &s->groups[g];
        char *features = row(call, call->lanes[number].groups, place_of(call, g)) + line * bytes;
        if (group->kind == KGI_PAULI_STATE && sample >= call->n_batch) {
            for (size_t f = 0; f < group->n_features; f++) {
                memset(row(call, features, f), 0, bytes);
            }
        } else if (group->kind == KGI_PAULI_STATE) {
            (s->quadratic ? call->k->amplitudes : call->k->products)(
                kgi_tile_state(&call->tile, tile->psi, group->reg), (size_t)1 << group->n,
                group->real, features, KGI_PAULI_PANEL);
        }
    }
}

static void state_back(const kgi_pauli_call *call, int number, int first, size_t line)
{
    const kgi_pauli_shape *s = call->s;
    const int sample = first + (int)line * call->k->lanes;
    kgi_tile_lane *tile = &call->tile.lanes[number];
    if (sample >= call->n_batch) {
        return;
    }
    kgi_tile_run(&call->tile, tile, sample);
    for (int g = s->n_constants; g < s->n_groups; g++) {
        const kgi_pauli_group *group = &s->groups[g];
        if (group->kind != KGI_PAULI_STATE) {
            continue;
        }
        const char *d = row(call, call->lanes[number].d_groups, place_of(call, g)) +
                        line * (size_t)call->k->lanes * call->k->real_bytes;
        char *lambda = kgi_tile_state(&call->tile, tile->lambda, group->reg);
        if (s->quadratic) {
            call->k->amplitudes_back(d, (size_t)1 << group->n, group->real, KGI_PAULI_PANEL,
                                     lambda);
        } else {
            call->k->products_back(kgi_tile_state(&call->tile, tile->psi, group->reg),
                                   (size_t)1 << group->n, group->real, d, KGI_PAULI_PANEL, lambda);
        }
    }
    kgi_tile_undo(&call->tile, tile, sample);
}

/* ---- all groups ------------------------------------------------------------------------------------------ */

static void group_features(const kgi_pauli_call *call, int number, int first)
{
    const kgi_pauli_shape *s = call->s;
    kgi_pauli_lane *lane = &call->lanes[number];
    size_t turn = 0;
    find_angles(call, lane, first);
    for (int g = s->n_constants; g < s->n_groups; g++) {
        if (s->groups[g].kind == KGI_PAULI_TURNED) {
            turned_features(call, lane, &s->groups[g], turn,
                            row(call, lane->groups, place_of(call, g)));
            turn += (size_t)s->groups[g].n_turns;
        }
    }
    for (size_t line = 0; s->state_qubits && line < KGI_PAULI_PANEL; line++) {
        state_features(call, number, first, line);
    }
}

/* Products of the groups' features of a half, at `out` with rows of ld lines. Products of the first groups
 * stay in lane->levels, one after the other; with out NULL these only. */
static void multiply(const kgi_pauli_call *call, kgi_pauli_lane *lane, const half *h, void *out,
                     size_t ld)
{
    const kgi_pauli_shape *s = call->s;
    const void *left = lane->ones;
    size_t n = 1;
    size_t level = 0;
    if (h->first == h->last && out) {
        memcpy(out, lane->ones, row_bytes(call));
    }
    for (int g = h->first; g < h->last; g++) {
        const size_t n_right = s->groups[g].n_features;
        const void *right = row(call, lane->groups, place_of(call, g));
        const int is_last = g == h->last - 1;
        if (g == h->first && !is_last) { /* one times it */
            left = right;
        } else if (!is_last || out) {
            void *to = is_last ? out : row(call, lane->levels, level);
            call->k->kron(to, is_last ? ld : KGI_PAULI_PANEL, left, n, right, n_right);
            left = to;
            level += n * n_right;
        }
        n *= n_right;
    }
}

/* d_groups of a half from the derivative by its products, with lane->levels of multiply(). */
static void multiply_back(const kgi_pauli_call *call, kgi_pauli_lane *lane, const half *h,
                          void *d_out)
{
    const kgi_pauli_shape *s = call->s;
    size_t n = h->n;
    size_t level = 0;
    size_t before = 1;
    for (int g = h->first; g < h->last; g++) { /* rows of all levels but the last */
        before *= s->groups[g].n_features;
        level += g > h->first && g < h->last - 1 ? before : 0;
    }
    const void *d = d_out;
    for (int g = h->last - 1; g > h->first; g--) {
        const size_t n_right = s->groups[g].n_features;
        const void *left;
        n /= n_right;
        if (g == h->first + 1) {
            left = row(call, lane->groups, place_of(call, h->first));
        } else {
            level -= n;
            left = row(call, lane->levels, level);
        }
        char *d_left = g == h->first + 1 ? row(call, lane->d_groups, place_of(call, h->first))
                                         : row(call, lane->d_levels, level);
        call->k->kron_back(d, left, n, row(call, lane->groups, place_of(call, g)), n_right, d_left,
                           row(call, lane->d_groups, place_of(call, g)));
        d = d_left;
    }
    if (h->last - h->first == 1) {
        memcpy(row(call, lane->d_groups, place_of(call, h->first)), d_out, h->n * row_bytes(call));
    }
}

/* Rows of lane->levels that a half needs. */
static size_t level_rows(const kgi_pauli_shape *s, int first, int last)
{
    size_t n = 1;
    size_t rows = 0;
    for (int g = first; g < last; g++) {
        n *= s->groups[g].n_features;
        rows += g > first && g < last - 1 ? n : 0;
    }
    return rows;
}

size_t kgi_pauli_level_rows(const kgi_pauli_shape *s)
{
    const size_t a = level_rows(s, s->n_constants, s->n_constants + s->n_left);
    const size_t b = level_rows(s, s->n_constants + s->n_left, s->n_groups);
    return a > b ? a : b;
}

void kgi_pauli_features(const kgi_pauli_call *call, int number, int first, size_t line)
{
    kgi_pauli_lane *lane = &call->lanes[number];
    const size_t offset = line * (size_t)call->k->lanes * call->k->real_bytes;
    group_features(call, number, first);
    for (int second = 0; second < 2; second++) {
        const half h = half_of(call, second);
        char *out = (char *)(second ? lane->b : lane->a) + offset;
        if (call->s->quadratic && second) { /* the same amplitudes again */
            const half a = half_of(call, 0);
            multiply(call, lane, &a, out, call->ld);
        } else {
            multiply(call, lane, &h, out, call->ld);
        }
    }
}

void kgi_pauli_features_back(const kgi_pauli_call *call, int number, int first)
{
    const kgi_pauli_shape *s = call->s;
    kgi_pauli_lane *lane = &call->lanes[number];
    size_t turn = 0;
    for (int second = 0; second < 2; second++) {
        const half h = half_of(call, second);
        if (!(s->quadratic && second)) {
            multiply(call, lane, &h, NULL, 0);
            multiply_back(call, lane, &h, second ? lane->d_b : lane->d_a);
        }
    }
    for (int g = s->n_constants; g < s->n_groups; g++) {
        if (s->groups[g].kind == KGI_PAULI_TURNED) {
            turned_back(call, lane, &s->groups[g], turn,
                        row(call, lane->d_groups, place_of(call, g)), first);
            turn += (size_t)s->groups[g].n_turns;
        }
    }
    for (size_t line = 0; s->state_qubits && line < KGI_PAULI_PANEL; line++) {
        state_back(call, number, first, line);
    }
}
