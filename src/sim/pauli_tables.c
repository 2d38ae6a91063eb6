/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of a plan of the Pauli-vector engine: where coefficients lie at each stage, and how the last one
 * is read by the features.
 *
 * Kernels run along neighbouring spectators of a block, so the axes that are used last come last, and
 * fastest, in a stage. When a block needs them after all, the coefficients are permuted first; for the
 * 8-qubit QCNN that happens a few times. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "sim/engines.h"
#include "sim/pauli.h"

enum { SHORT_RUN = 16 };

/* The order of axes, slowest first, and what each one has. */
typedef struct layout {
    int n;
    int order[KGI_MAX_REGISTER];
    unsigned char letters[KGI_MAX_REGISTER]; /* by axis */
    size_t stride[KGI_MAX_REGISTER];
    size_t size;
} layout;

static size_t n_letters(unsigned char letters)
{
    return (size_t)__builtin_popcount(letters);
}

/* The digit of a letter among those of a mask. */
static size_t digit_of(unsigned char letters, unsigned letter)
{
    return (size_t)__builtin_popcount(letters & ((1u << letter) - 1));
}

static void set_strides(layout *l)
{
    l->size = 1;
    for (int i = l->n - 1; i >= 0; i--) {
        l->stride[l->order[i]] = l->size;
        l->size *= n_letters(l->letters[l->order[i]]);
    }
}

/* Axes by their next use from pull p on: those of the next pull first. */
static void order_by_use(layout *l, const kgi_pauli_shape *s, int p)
{
    int use[KGI_MAX_REGISTER];
    for (int a = 0; a < l->n; a++) {
        use[a] = s->n_pulls;
    }
    for (int later = s->n_pulls - 1; later >= p; later--) {
        for (int i = 0; i < s->kinds[s->pulls[later].kind].k; i++) {
            use[s->pulls[later].axes[i]] = later;
        }
    }
    for (int n = 0; n < l->n; n++) {
        int at = n;
        for (; at > 0 && use[l->order[at - 1]] > use[n]; at--) {
            l->order[at] = l->order[at - 1];
        }
        l->order[at] = n;
    }
    set_strides(l);
}

/* How many spectators of a pull lie side by side. */
static size_t run_of(const layout *l, const kgi_pauli_pull *pull, int k)
{
    size_t run = l->size;
    for (int i = 0; i < k; i++) {
        run = l->stride[pull->axes[i]] < run ? l->stride[pull->axes[i]] : run;
    }
    return run;
}

/* Element by element of `to`, where it is in `from`. */
static uint32_t *permute(const layout *to, const layout *from)
{
    uint32_t *table = malloc(to->size * sizeof *table);
    size_t digit[KGI_MAX_REGISTER] = {0};
    size_t at = 0;
    for (size_t e = 0; table && e < to->size; e++) {
        table[e] = (uint32_t)at;
        for (int i = to->n - 1; i >= 0; i--) { /* the next element of `to` */
            const int axis = to->order[i];
            at += from->stride[axis];
            if (++digit[axis] < n_letters(to->letters[axis])) {
                break;
            }
            at -= digit[axis] * from->stride[axis];
            digit[axis] = 0;
        }
    }
    return table;
}

/* Words of the pull's axes with their places; returns how many. */
static int list_words(const layout *l, const kgi_pauli_pull *pull, int k,
                      const unsigned char *letters, unsigned char *words, size_t *at)
{
    int n = 0;
    for (unsigned word = 0; word < 1u << 2 * k; word++) {
        size_t place = 0;
        int inside = 1;
        for (int i = 0; i < k; i++) {
            const unsigned letter = word >> 2 * i & 3;
            inside = inside && (letters[i] >> letter & 1);
            place += digit_of(letters[i], letter) * l->stride[pull->axes[i]];
        }
        if (inside) {
            words[n] = (unsigned char)word;
            at[n++] = place;
        }
    }
    return n;
}

/* The starts of the runs: spectators slower than the run, in order. */
static size_t *list_runs(const layout *l, const kgi_pauli_pull *pull, int k, size_t run, size_t n)
{
    size_t *runs = malloc(n * sizeof *runs);
    int axes[KGI_MAX_REGISTER];
    size_t digit[KGI_MAX_REGISTER] = {0};
    int n_axes = 0;
    for (int i = 0; i < l->n; i++) {
        const int axis = l->order[i];
        int spectator = l->stride[axis] >= run && n_letters(l->letters[axis]) > 1;
        for (int j = 0; j < k; j++) {
            spectator = spectator && pull->axes[j] != axis;
        }
        if (spectator) {
            axes[n_axes++] = axis;
        }
    }
    size_t at = 0;
    for (size_t r = 0; runs && r < n; r++) {
        runs[r] = at;
        for (int i = n_axes - 1; i >= 0; i--) {
            at += l->stride[axes[i]];
            if (++digit[i] < n_letters(l->letters[axes[i]])) {
                break;
            }
            at -= digit[i] * l->stride[axes[i]];
            digit[i] = 0;
        }
    }
    return runs;
}

static kg_status make_step(kgi_pauli_pull *pull, const layout *in, const layout *out, int k,
                           kg_error *err)
{
    kgi_pauli_step *step = &pull->step;
    step->n_in = list_words(in, pull, k, pull->in_letters, step->in_words, step->in_at);
    step->n_out = list_words(out, pull, k, pull->out_letters, step->out_words, step->out_at);
    step->in_size = in->size;
    step->out_size = out->size;
    step->run = run_of(in, pull, k);
    step->n_runs = in->size / (size_t)step->n_in / step->run;
    step->in_runs = list_runs(in, pull, k, step->run, step->n_runs);
    step->out_runs = list_runs(out, pull, k, step->run, step->n_runs);
    return step->in_runs && step->out_runs
               ? KG_OK
               : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu runs", step->n_runs);
}

static kg_status make_stages(kgi_pauli_tables *t, layout *l, kg_error *err)
{
    kgi_pauli_shape *s = t->shape;
    for (int p = 0; p < s->n_pulls; p++) {
        kgi_pauli_pull *pull = &s->pulls[p];
        const int k = s->kinds[pull->kind].k;
        size_t n_in = 1;
        for (int i = 0; i < k; i++) {
            n_in *= n_letters(pull->in_letters[i]);
        }
        const size_t run = run_of(l, pull, k);
        if (run < SHORT_RUN && run < l->size / n_in) {
            const layout before = *l;
            order_by_use(l, s, p);
            pull->permutation = permute(l, &before);
            if (!pull->permutation) {
                return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a table of %zu", l->size);
            }
        }
        const layout in = *l;
        for (int i = 0; i < k; i++) {
            l->letters[pull->axes[i]] = pull->out_letters[i];
        }
        set_strides(l);
        const kg_status status = make_step(pull, &in, l, k, err);
        if (status) {
            return status;
        }
        pull->place = t->stored;
        t->stored += (in.size + 7) / 8 * 8;
        t->largest = l->size > t->largest ? l->size : t->largest;
    }
    t->last_size = l->size;
    return KG_OK;
}

static kg_status make_starts(kgi_pauli_tables *t, const layout *l, kg_error *err)
{
    const kgi_pauli_shape *s = t->shape;
    t->starts = malloc(((size_t)s->n_words + 1) * sizeof *t->starts);
    if (!t->starts) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d words", s->n_words);
    }
    for (int w = 0; w < s->n_words; w++) {
        t->starts[w] = 0;
        for (int a = 0; a < l->n && t->starts[w] != SIZE_MAX; a++) {
            const unsigned letter = s->words[w].letters[a];
            t->starts[w] = l->letters[a] >> letter & 1
                               ? t->starts[w] + digit_of(l->letters[a], letter) * l->stride[a]
                               : SIZE_MAX; /* no state has it: its value is 0 */
        }
    }
    return KG_OK;
}

/* Places in the last stage of all digits of groups [first, last), the first group slowest; within a
 * group its first qubit fastest. */
static size_t *list_digits(const kgi_pauli_shape *s, const layout *l, int first, int last,
                           size_t *n)
{
    *n = 1;
    for (int g = first; g < last; g++) {
        *n *= s->groups[g].n_digits;
    }
    size_t *places = calloc(*n, sizeof *places);
    for (size_t d = 0; places && d < *n; d++) {
        size_t rest = d;
        for (int g = last - 1; g >= first; g--) {
            const kgi_pauli_group *group = &s->groups[g];
            for (int i = 0; i < group->n; i++) {
                const size_t n_here = n_letters(group->letters[i]);
                places[d] += rest % n_here * l->stride[group->axes[i]];
                rest /= n_here;
            }
        }
    }
    return places;
}

/* What the digits of the constants are worth, in the same order. */
static double *constant_values(const kgi_pauli_shape *s, size_t n)
{
    double *values = malloc(n * sizeof *values);
    for (size_t d = 0; values && d < n; d++) {
        size_t rest = d;
        values[d] = 1;
        for (int g = s->n_constants - 1; g >= 0; g--) {
            const kgi_pauli_group *group = &s->groups[g];
            size_t digit = rest % group->n_digits;
            unsigned letter = 0;
            rest /= group->n_digits;
            while (digit_of(group->letters[0], letter) != digit ||
                   !(group->letters[0] >> letter & 1)) {
                letter++;
            }
            values[d] *= group->constant[letter];
        }
    }
    return values;
}

static kg_status make_edge(kgi_pauli_tables *t, const layout *l, kg_error *err)
{
    const kgi_pauli_shape *s = t->shape;
    const int middle = s->n_constants + s->n_left;
    t->c_digits = list_digits(s, l, 0, s->n_constants, &t->n_c_digits);
    t->a_digits = list_digits(s, l, s->n_constants, middle, &t->n_a_digits);
    t->b_digits = list_digits(s, l, middle, s->n_groups, &t->n_b_digits);
    t->c_values = constant_values(s, t->n_c_digits);
    for (int g = s->n_constants; g < s->n_groups; g++) {
        *(g < middle ? &t->features_a : &t->features_b) += s->groups[g].n_features;
    }
    return t->c_digits && t->a_digits && t->b_digits && t->c_values
               ? KG_OK
               : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate digits of %d groups", s->n_groups);
}

/* The input part as a plan of the tile engine. */
static kg_status make_part(kgi_pauli_tables *t, const kg_plan *plan, kg_error *err)
{
    kgi_pauli_shape *s = t->shape;
    int registers[KG_MAX_QUBITS];
    int qubits[KGI_MAX_REGISTER] = {0};
    kg_status status =
        kgi_part_init(&t->part, plan->program, s->take, s->state_qubits, registers, err);
    if (status) {
        return status;
    }
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        if (plan->program->fused.active >> q & 1) {
            qubits[s->axis_of[q]] = q;
        }
    }
    for (int g = s->n_constants; g < s->n_groups; g++) {
        kgi_pauli_group *group = &s->groups[g];
        if (group->kind == KGI_PAULI_STATE) { /* its axes in the order of the register's bits */
            const kgi_register *reg = &t->part.registers[registers[qubits[group->axes[0]]]];
            group->reg = registers[qubits[group->axes[0]]];
            for (int i = 0; i < reg->n; i++) {
                group->axes[i] = s->axis_of[reg->qubits[i]];
                group->letters[i] = s->last[group->axes[i]];
            }
            group->digits = kgi_pauli_edge_digits(group);
            if (!group->digits) {
                return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu digits", group->n_digits);
            }
        }
    }
    t->tile = (kg_plan){.precision = plan->precision,
                        .threads = plan->threads,
                        .n_qubits = plan->n_qubits,
                        .program = &t->part,
                        .kernels = plan->kernels};
    status = kgi_tile_prepare(&t->tile, err);
    t->tile.kernels = NULL;
    return status;
}

void kgi_pauli_tables_destroy(kgi_pauli_tables *t)
{
    if (!t) {
        return;
    }
    for (int p = 0; t->shape && p < t->shape->n_pulls; p++) {
        free(t->shape->pulls[p].permutation);
        free(t->shape->pulls[p].step.in_runs);
        free(t->shape->pulls[p].step.out_runs);
    }
    for (int g = 0; t->shape && g < t->shape->n_groups; g++) {
        free(t->shape->groups[g].digits);
    }
    kgi_tile_release(&t->tile);
    kgi_part_clear(&t->part);
    kgi_pauli_shape_destroy(t->shape);
    free(t->starts);
    free(t->a_digits);
    free(t->b_digits);
    free(t->c_digits);
    free(t->c_values);
    free(t);
}

static kg_status fill(kgi_pauli_tables *t, const kg_plan *plan, kg_error *err)
{
    kg_status status = kgi_pauli_shape_create(&t->shape, plan->program, err);
    if (!status) {
        status = make_part(t, plan, err);
    }
    if (status) {
        return status;
    }
    const char *kernels = ((const kgi_tile_tables *)t->tile.engine_data)->kernels->name;
    t->kernels = kgi_pauli_kernels_find(kernels, plan->precision);
    t->sweeps = kgi_pauli_sweeps_find(kernels);
    for (int i = 0; i < t->shape->n_kinds; i++) {
        const size_t n = (size_t)1 << 4 * t->shape->kinds[i].k;
        t->n_transfer = n > t->n_transfer ? n : t->n_transfer;
    }
    layout l = {.n = t->shape->n};
    memcpy(l.letters, t->shape->first, sizeof l.letters);
    order_by_use(&l, t->shape, 0);
    t->first_size = t->largest = l.size;
    status = make_starts(t, &l, err);
    if (!status) {
        status = make_stages(t, &l, err);
    }
    return status ? status : make_edge(t, &l, err);
}

kg_status kgi_pauli_tables_create(kgi_pauli_tables **out, const kg_plan *plan, kg_error *err)
{
    *out = NULL;
    kgi_pauli_tables *t = calloc(1, sizeof *t);
    if (!t) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the tables of a plan");
    }
    const kg_status status = fill(t, plan, err);
    if (status) {
        kgi_pauli_tables_destroy(t);
        return status;
    }
    *out = t;
    return KG_OK;
}
