/* SPDX-License-Identifier: Apache-2.0 */
/* Where coefficients meet features: the last stage, whose digits are letters, becomes a matrix whose rows
 * are features of half A and whose columns are features of half B; and back.
 *
 * Letters of a turned qubit are its features. A group with a state has products of amplitudes instead:
 *
 *     sum_P c_P <P> = sum_ij O_ij conj(psi_i) psi_j,   O_(j ^ x, j) = sum_z c(x, z) i^|x&z| (-1)^(z.j)
 *
 * which is a Walsh-Hadamard transform over z for every x. Columns are transformed `side` at a time. */
#include <stdlib.h>
#include <string.h>

#include "sim/pauli_call.h"

enum { SIDE = 8 };

#define SPECIALISED static inline __attribute__((always_inline))

/* The word (x and z of all its qubits) of a digit of a group. */
static void word_of_digit(const kgi_pauli_group *group, size_t digit, size_t *x, size_t *z)
{
    *x = *z = 0;
    for (int i = 0; i < group->n; i++) {
        const size_t n = (size_t)__builtin_popcount(group->letters[i]);
        size_t rest = digit % n;
        unsigned letter = 0;
        while (!(group->letters[i] >> letter & 1) || rest-- > 0) {
            letter++;
        }
        *x |= (size_t)(letter & 1) << i;
        *z |= (size_t)(letter >> 1) << i;
        digit /= n;
    }
}

/* Every row of d: rows[j] <- sum_z (-1)^(z.j) rows[z]. words is [2][x][z][side]: the second half for an odd
 * number of Y, whose phase i^|x&z| is imaginary. The transform is its own transpose. */
SPECIALISED void walsh(double *words, size_t d, const size_t side)
{
    for (size_t row = 0; row < 2 * d; row++, words += d * side) {
        for (size_t half = 1; half < d; half *= 2) {
            for (size_t base = 0; base < d; base += 2 * half) {
                for (size_t k = base * side; k < (base + half) * side; k++) {
                    const double p = words[k];
                    const double q = words[k + half * side];
                    words[k] = p + q;
                    words[k + half * side] = p - q;
                }
            }
        }
    }
}

struct kgi_pauli_digit *kgi_pauli_edge_digits(const kgi_pauli_group *group)
{
    const size_t d = (size_t)1 << group->n;
    struct kgi_pauli_digit *digits = malloc(group->n_digits * sizeof *digits);
    for (size_t digit = 0; digits && digit < group->n_digits; digit++) {
        size_t x;
        size_t z;
        word_of_digit(group, digit, &x, &z);
        const int power = __builtin_popcountll(x & z) & 3;
        digits[digit].place = (uint32_t)((size_t)(power & 1) * d * d + x * d + z);
        digits[digit].sign = power < 2 ? 1 : -1;
    }
    return digits;
}

/* ---- products of amplitudes ---------------------------------------------------------------------------- */

/* The features in order: i <= j, each with its imaginary part behind it if i < j and it has one. */
static void words_to_features(const kgi_pauli_group *group, size_t d, double *words, double *f)
{
    walsh(words, d, SIDE);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i; j < d; j++) { /* O_ij is at x = i ^ j, column j */
            const double *re = words + ((i ^ j) * d + j) * SIDE;
            for (size_t l = 0; l < SIDE; l++) {
                f[l] = i == j ? re[l] : 2 * re[l];
            }
            f += SIDE;
            if (!group->real && i < j) {
                for (size_t l = 0; l < SIDE; l++) {
                    f[l] = -2 * re[d * d * SIDE + l];
                }
                f += SIDE;
            }
        }
    }
}

static void features_to_words(const kgi_pauli_group *group, size_t d, const double *f,
                              double *words)
{
    memset(words, 0, 2 * d * d * SIDE * sizeof *words);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i; j < d; j++) {
            double *re = words + ((i ^ j) * d + j) * SIDE;
            for (size_t l = 0; l < SIDE; l++) {
                re[l] = i == j ? f[l] : 2 * f[l];
            }
            f += SIDE;
            if (!group->real && i < j) {
                for (size_t l = 0; l < SIDE; l++) {
                    re[d * d * SIDE + l] = -2 * f[l];
                }
                f += SIDE;
            }
        }
    }
    walsh(words, d, SIDE);
}

/* A group's place in an array [outer][group][inner]. */
typedef struct group_view {
    const kgi_pauli_group *group;
    size_t outer;
    size_t inner;
} group_view;

/* Columns [first, first + n) of rows [n_rows] of an array into lines of SIDE, or out of them. */
static void read_columns(const group_view *view, size_t n_rows, size_t first, size_t n, size_t row,
                         const double *array, double *line)
{
    for (size_t l = 0; l < SIDE; l++) {
        const size_t outer = (first + l) / view->inner;
        const size_t inner = (first + l) % view->inner;
        line[l] = l < n ? array[(outer * n_rows + row) * view->inner + inner] : 0;
    }
}

static void write_columns(const group_view *view, size_t n_rows, size_t first, size_t n, size_t row,
                          double *array, const double *line)
{
    for (size_t l = 0; l < n; l++) {
        const size_t outer = (first + l) / view->inner;
        const size_t inner = (first + l) % view->inner;
        array[(outer * n_rows + row) * view->inner + inner] = line[l];
    }
}

/* [outer][digits][inner] to [outer][features][inner]. */
static void convert(const group_view *view, const double *from, double *to, double *scratch)
{
    const kgi_pauli_group *group = view->group;
    const size_t d = (size_t)1 << group->n;
    double *features = scratch + 2 * d * d * SIDE;
    const size_t n_columns = view->outer * view->inner;
    for (size_t first = 0; first < n_columns; first += SIDE) {
        const size_t n = n_columns - first < SIDE ? n_columns - first : SIDE;
        memset(scratch, 0, 2 * d * d * SIDE * sizeof *scratch);
        for (size_t digit = 0; digit < group->n_digits; digit++) {
            double *line = scratch + (size_t)group->digits[digit].place * SIDE;
            read_columns(view, group->n_digits, first, n, digit, from, line);
            for (size_t l = 0; l < SIDE; l++) {
                line[l] *= group->digits[digit].sign;
            }
        }
        words_to_features(group, d, scratch, features);
        for (size_t f = 0; f < group->n_features; f++) {
            write_columns(view, group->n_features, first, n, f, to, features + f * SIDE);
        }
    }
}

/* The transpose of convert(). */
static void convert_back(const group_view *view, const double *from, double *to, double *scratch)
{
    const kgi_pauli_group *group = view->group;
    const size_t d = (size_t)1 << group->n;
    double *features = scratch + 2 * d * d * SIDE;
    const size_t n_columns = view->outer * view->inner;
    for (size_t first = 0; first < n_columns; first += SIDE) {
        const size_t n = n_columns - first < SIDE ? n_columns - first : SIDE;
        for (size_t f = 0; f < group->n_features; f++) {
            read_columns(view, group->n_features, first, n, f, from, features + f * SIDE);
        }
        features_to_words(group, d, features, scratch);
        for (size_t digit = 0; digit < group->n_digits; digit++) {
            double *line = scratch + (size_t)group->digits[digit].place * SIDE;
            for (size_t l = 0; l < SIDE; l++) {
                line[l] *= group->digits[digit].sign;
            }
            write_columns(view, group->n_digits, first, n, digit, to, line);
        }
    }
}

/* ---- a quadratic form ---------------------------------------------------------------------------------- */

/* Both halves are the amplitudes: O as a real matrix, [[Re O, -Im O], [Im O, Re O]]. */
static void digits_to_form(const kgi_pauli_group *group, const double *digits, double *form,
                           double *words)
{
    const size_t d = (size_t)1 << group->n;
    const size_t n = group->n_features;
    memset(words, 0, 2 * d * d * sizeof *words);
    for (size_t digit = 0; digit < group->n_digits; digit++) {
        words[group->digits[digit].place] = group->digits[digit].sign * digits[digit];
    }
    walsh(words, d, 1);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            const double *re = words + (i ^ j) * d + j;
            form[i * n + j] = re[0];
            if (!group->real) {
                form[(d + i) * n + d + j] = re[0];
                form[i * n + d + j] = -re[d * d];
                form[(d + i) * n + j] = re[d * d];
            }
        }
    }
}

static void form_to_digits(const kgi_pauli_group *group, const double *form, double *digits,
                           double *words)
{
    const size_t d = (size_t)1 << group->n;
    const size_t n = group->n_features;
    memset(words, 0, 2 * d * d * sizeof *words);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double *re = words + (i ^ j) * d + j;
            re[0] = form[i * n + j];
            if (!group->real) {
                re[0] += form[(d + i) * n + d + j];
                re[d * d] = form[(d + i) * n + j] - form[i * n + d + j];
            }
        }
    }
    walsh(words, d, 1);
    for (size_t digit = 0; digit < group->n_digits; digit++) {
        digits[digit] = group->digits[digit].sign * words[group->digits[digit].place];
    }
}

/* ---- the edge ------------------------------------------------------------------------------------------ */

size_t kgi_pauli_edge_scratch(const kgi_pauli_shape *s)
{
    size_t most = 0;
    for (int g = s->n_constants; g < s->n_groups; g++) {
        const kgi_pauli_group *group = &s->groups[g];
        if (group->kind == KGI_PAULI_STATE) {
            const size_t words = (size_t)2 << 2 * group->n;
            const size_t here = s->quadratic ? words : (words + group->n_features) * SIDE;
            most = here > most ? here : most;
        }
    }
    return most;
}

size_t kgi_pauli_edge_size(const kgi_pauli_shape *s)
{
    size_t size = 1;
    for (int g = s->n_constants; g < s->n_groups; g++) {
        const kgi_pauli_group *group = &s->groups[g];
        size *= group->n_features > group->n_digits && !s->quadratic ? group->n_features
                                                                     : group->n_digits;
    }
    return size;
}

static group_view view_of(const kgi_pauli_shape *s, int g)
{
    group_view view = {&s->groups[g], 1, 1};
    for (int k = s->n_constants; k < g; k++) {
        view.outer *= s->groups[k].n_features;
    }
    for (int k = g + 1; k < s->n_groups; k++) {
        view.inner *= s->groups[k].n_digits;
    }
    return view;
}

/* Constants are summed over; the other digits in order. */
static void read_digits(const kgi_pauli_tables *t, const double *last, double *digits)
{
    for (size_t i = 0; i < t->n_a_digits; i++) {
        for (size_t j = 0; j < t->n_b_digits; j++) {
            const double *place = last + t->a_digits[i] + t->b_digits[j];
            double sum = 0;
            for (size_t c = 0; c < t->n_c_digits; c++) {
                sum += t->c_values[c] * place[t->c_digits[c]];
            }
            *digits++ = sum;
        }
    }
}

static void write_digits(const kgi_pauli_tables *t, const double *digits, double *last)
{
    for (size_t i = 0; i < t->n_a_digits; i++) {
        for (size_t j = 0; j < t->n_b_digits; j++) {
            double *place = last + t->a_digits[i] + t->b_digits[j];
            for (size_t c = 0; c < t->n_c_digits; c++) {
                place[t->c_digits[c]] = t->c_values[c] * *digits;
            }
            digits++;
        }
    }
}

void kgi_pauli_edge(const kgi_pauli_call *call)
{
    const kgi_pauli_shape *s = call->s;
    const size_t n = s->n_a * s->n_b;
    for (size_t v = 0; v < (size_t)s->n_values; v++) {
        double *from = call->shared->digits[0];
        double *to = call->shared->digits[1];
        double *matrix = call->shared->matrix + v * n;
        read_digits(call->t, call->shared->last + v * call->t->last_size, from);
        for (int g = s->n_constants; g < s->n_groups && !s->quadratic; g++) {
            if (s->groups[g].kind == KGI_PAULI_STATE) {
                const group_view view = view_of(s, g);
                convert(&view, from, to, call->shared->edge);
                double *swap = from;
                from = to;
                to = swap;
            }
        }
        if (s->quadratic) {
            digits_to_form(&s->groups[s->n_constants], from, matrix, call->shared->edge);
        } else {
            memcpy(matrix, from, n * sizeof *matrix);
        }
        const size_t bytes = v * n * call->k->real_bytes;
        call->k->pack(s->n_a, s->n_b, matrix, s->n_b, 1, (char *)call->shared->packed + bytes);
        if (call->d_inputs) {
            call->k->pack(s->n_b, s->n_a, matrix, 1, s->n_b,
                          (char *)call->shared->packed_back + bytes);
        }
    }
}

void kgi_pauli_edge_back(const kgi_pauli_call *call)
{
    const kgi_pauli_shape *s = call->s;
    const size_t n = s->n_a * s->n_b;
    for (size_t v = 0; v < (size_t)s->n_values; v++) {
        double *from = call->shared->digits[0];
        double *to = call->shared->digits[1];
        const double *matrix = call->shared->matrix + v * n;
        if (s->quadratic) {
            form_to_digits(&s->groups[s->n_constants], matrix, from, call->shared->edge);
        } else {
            memcpy(from, matrix, n * sizeof *from);
        }
        for (int g = s->n_groups - 1; g >= s->n_constants && !s->quadratic; g--) {
            if (s->groups[g].kind == KGI_PAULI_STATE) {
                const group_view view = view_of(s, g);
                convert_back(&view, from, to, call->shared->edge);
                double *swap = from;
                from = to;
                to = swap;
            }
        }
        write_digits(call->t, from, call->shared->last + v * call->t->last_size);
    }
}
