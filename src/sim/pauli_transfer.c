/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer matrices: what a block does to coefficients of Pauli words, which entries can differ from 0,
 * and how a derivative by the entries becomes one by the block's angles.
 *
 * P(x, z) |b> = i^|x&z| (-1)^(z.b) |b ^ x>, so a word is a permutation with signs and phases; a word's
 * number has bit 2i of x and bit 2i + 1 of z for qubit i. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compile/matrix.h"
#include "sim/pauli.h"

enum { WORD_DIM = KGI_PAULI_DIM };

typedef struct word {
    size_t x;
    size_t z;
} word;

static word word_of(size_t number)
{
    word w = {0, 0};
    for (size_t i = 0; i < KGI_PAULI_QUBITS; i++) {
        w.x |= (number >> 2 * i & 1) << i;
        w.z |= (number >> (2 * i + 1) & 1) << i;
    }
    return w;
}

/* Ones among the bits of local qubits. */
static unsigned ones(size_t bits)
{
    _Static_assert((int)KGI_PAULI_QUBITS == 3, "three bits are counted");
    return (unsigned)((bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1));
}

/* The power of i in <b ^ x| P |b>. */
static unsigned phase_at(word w, size_t b)
{
    return (ones(w.x & w.z) + 2 * ones(w.z & b)) & 3;
}

/* out += i^power (re + i im) */
static void add_phased(double *out, unsigned power, double re, double im)
{
    const double parts[4][2] = {{re, im}, {-im, re}, {-re, -im}, {im, -re}};
    out[0] += parts[power][0];
    out[1] += parts[power][1];
}

/* out = P u, d x d */
static void word_times(word w, size_t d, const double *u, double *out)
{
    memset(out, 0, 2 * d * d * sizeof *out);
    for (size_t b = 0; b < d; b++) {
        const unsigned power = phase_at(w, b);
        for (size_t col = 0; col < d; col++) {
            const double *x = u + 2 * (b * d + col);
            add_phased(out + 2 * ((b ^ w.x) * d + col), power, x[0], x[1]);
        }
    }
}

/* out = a^dagger b, d x d */
static void dagger_times(size_t d, const double *a, const double *b, double *out)
{
    memset(out, 0, 2 * d * d * sizeof *out);
    for (size_t k = 0; k < d; k++) {
        for (size_t i = 0; i < d; i++) {
            const double re = a[2 * (k * d + i)];
            const double im = -a[2 * (k * d + i) + 1];
            if (re == 0 && im == 0) {
                continue;
            }
            for (size_t j = 0; j < d; j++) {
                const double *x = b + 2 * (k * d + j);
                out[2 * (i * d + j)] += re * x[0] - im * x[1];
                out[2 * (i * d + j) + 1] += re * x[1] + im * x[0];
            }
        }
    }
}

void kgi_pauli_transfer(int k, const double *u, double *transfer)
{
    const size_t d = (size_t)1 << k;
    const size_t n = d * d;
    double right[2 * WORD_DIM * WORD_DIM];
    double pulled[2 * WORD_DIM * WORD_DIM];
    for (size_t j = 0; j < n; j++) {
        word_times(word_of(j), d, u, right);
        dagger_times(d, u, right, pulled);
        for (size_t i = 0; i < n; i++) {
            /* tr(P_i V) = sum_b <b ^ x|P_i|b> V_{b, b ^ x}, real: i^|x&z| picks a part of V */
            const word w = word_of(i);
            const unsigned power = ones(w.x & w.z) & 3;
            double trace = 0;
            for (size_t b = 0; b < d; b++) {
                const double part = pulled[2 * (b * d + (b ^ w.x)) + (power & 1)];
                trace += ones(w.z & b) & 1 ? -part : part;
            }
            transfer[i * n + j] = (power == 0 || power == 3 ? trace : -trace) / (double)d;
        }
    }
}

/* Local index with all controls as they must be: targets are the low bits. */
static size_t controls_of(const kgi_pauli_kind *kind)
{
    return (size_t)kind->set << kind->n_targets;
}

void kgi_pauli_embed(const kgi_pauli_kind *kind, const double *unit, double *full)
{
    const size_t d = (size_t)1 << kind->k;
    const size_t small = (size_t)1 << kind->n_targets;
    const size_t set = controls_of(kind);
    kgi_mat_identity(d, full);
    for (size_t i = 0; i < small; i++) {
        memcpy(full + 2 * ((set + i) * d + set), unit + 2 * i * small, 2 * small * sizeof *full);
    }
}

/* x = sum_l words_l P_l, restricted to the subspace of the controls. With M = E^T R and Q_i = U P_i
 * U^dagger = sum_k R_ik P_k, the derivative of R_ij by an angle with dU = -i K U is
 * (i / d) tr(K [P_j, Q_i]), so dL = 2 tr(K X) with X = (i / 2d) sum_jk M_jk [P_j, P_k]. */
void kgi_pauli_environment(const kgi_pauli_kind *kind, const double *transfer, const double *env,
                           double *x)
{
    const size_t d = (size_t)1 << kind->k;
    const size_t n = d * d;
    double words[KGI_PAULI_WORDS] = {0};
    for (size_t j = 0; j < n; j++) {
        double row[KGI_PAULI_WORDS] = {0};
        for (size_t i = 0; i < n; i++) {
            const double e = env[i * n + j];
            for (size_t k = 0; e != 0 && k < n; k++) {
                row[k] += e * transfer[i * n + k];
            }
        }
        const word a = word_of(j);
        for (size_t k = 0; k < n; k++) {
            const word b = word_of(k);
            const word c = {a.x ^ b.x, a.z ^ b.z};
            const int power = __builtin_popcountll(a.x & a.z) + __builtin_popcountll(b.x & b.z) +
                              2 * __builtin_popcountll(a.z & b.x) - __builtin_popcountll(c.x & c.z);
            if (power &
                1) { /* they anticommute: P_j P_k = i^power P_l, the commutator is twice it */
                words[j ^ k] += ((power & 3) == 1 ? -row[k] : row[k]) / (double)d;
            }
        }
    }
    const size_t small = (size_t)1 << kind->n_targets;
    const size_t set = controls_of(kind);
    memset(x, 0, 2 * small * small * sizeof *x);
    for (size_t l = 0; l < n; l++) {
        const word w = word_of(l);
        for (size_t col = 0; col < small; col++) {
            const size_t row = (set + col) ^ w.x;
            if ((row ^ set) < small) {
                add_phased(x + 2 * ((row ^ set) * small + col), phase_at(w, set + col), words[l],
                           0);
            }
        }
    }
}

/* ---- patterns ------------------------------------------------------------------------------------------ */

/* An entry of the transfer matrix of A + cos B + sin C is a trigonometric polynomial of degree two in
 * omega t: it is 0 for all angles if it is 0 for five. Gates repeat, so what is known is kept. */
enum { CACHE_SIZE = 64, N_ANGLES = 5 };
static const double zero =
    1e-14; /* rounding of sums of at most 64 products of entries of unitaries */

typedef struct known {
    kgi_use use;
    int n_targets;
    int k;
    unsigned set;
    kgi_pauli_pattern pattern;
} known;

struct kgi_pauli_cache {
    int n;
    int next;
    known entries[CACHE_SIZE];
};

kgi_pauli_cache *kgi_pauli_cache_create(void)
{
    return calloc(1, sizeof(kgi_pauli_cache));
}

static void add_transfer(kgi_pauli_pattern *pattern, const kgi_pauli_kind *kind, const double *unit)
{
    const size_t n = (size_t)1 << 2 * kind->k;
    double full[2 * WORD_DIM * WORD_DIM];
    double transfer[KGI_PAULI_WORDS * KGI_PAULI_WORDS];
    kgi_pauli_embed(kind, unit, full);
    kgi_pauli_transfer(kind->k, full, transfer);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            pattern->rows[i] |= (uint64_t)(fabs(transfer[i * n + j]) > zero) << j;
        }
    }
}

static void pattern_of_use(kgi_pauli_pattern *pattern, const kgi_pauli_kind *kind,
                           const kgi_use *use)
{
    memset(pattern, 0, sizeof *pattern);
    if (use->slot.kind == KG_SLOT_CONSTANT) {
        add_transfer(pattern, kind, use->a);
        return;
    }
    for (int angle = 0; angle < N_ANGLES; angle++) {
        const double t = 0.3 + 1.1 * angle; /* five different points of the circle */
        double unit[KGI_UNIT_REALS];
        for (size_t i = 0; i < KGI_UNIT_REALS; i++) {
            unit[i] = use->a[i] + cos(t) * use->b[i] + sin(t) * use->c[i];
        }
        add_transfer(pattern, kind, unit);
    }
}

static int is_same_gate(const kgi_use *a, const kgi_use *b)
{
    return (a->slot.kind == KG_SLOT_CONSTANT) == (b->slot.kind == KG_SLOT_CONSTANT) &&
           !memcmp(a->a, b->a, sizeof a->a) && !memcmp(a->b, b->b, sizeof a->b) &&
           !memcmp(a->c, b->c, sizeof a->c);
}

static const kgi_pauli_pattern *cached_pattern(kgi_pauli_cache *cache, const kgi_pauli_kind *kind,
                                               const kgi_use *use)
{
    for (int i = 0; i < cache->n; i++) {
        const known *e = &cache->entries[i];
        if (e->n_targets == kind->n_targets && e->k == kind->k && e->set == kind->set &&
            is_same_gate(&e->use, use)) {
            return &e->pattern;
        }
    }
    known *e = &cache->entries[cache->next];
    cache->next = (cache->next + 1) % CACHE_SIZE;
    cache->n += cache->n < CACHE_SIZE;
    e->use = *use;
    e->n_targets = kind->n_targets;
    e->k = kind->k;
    e->set = kind->set;
    pattern_of_use(&e->pattern, kind, use);
    return &e->pattern;
}

void kgi_pauli_find_pattern(kgi_pauli_kind *kind, const kgi_program *program,
                            kgi_pauli_cache *cache)
{
    const kgi_unit *unit = &program->units[kind->unit];
    const size_t n = (size_t)1 << 2 * kind->k;
    kgi_pauli_pattern product; /* the gates so far; the first one is the leftmost factor */
    for (size_t i = 0; i < n; i++) {
        product.rows[i] = (uint64_t)1 << i;
    }
    for (int use = 0; use < unit->n_uses; use++) {
        const kgi_pauli_pattern *gate =
            cached_pattern(cache, kind, &program->uses[unit->first_use + use]);
        for (size_t i = 0; i < n; i++) {
            uint64_t row = 0;
            for (uint64_t rest = product.rows[i]; rest; rest &= rest - 1) {
                row |= gate->rows[__builtin_ctzll(rest)];
            }
            product.rows[i] = row;
        }
    }
    kind->pattern = product;
}

/* ---- rotations of a Bloch vector ------------------------------------------------------------------------ */

/* The transfer matrix of a one-qubit gate at angle t, transposed for states: new_j = sum_i R_ij old_i. */
static void rotation_at(const kgi_use *use, double t, double *rotation)
{
    double u[8];
    double transfer[16];
    for (size_t i = 0; i < 8; i++) {
        u[i] = use->a[i];
        if (use->slot.kind != KG_SLOT_CONSTANT) {
            u[i] += cos(use->omega * t) * use->b[i] + sin(use->omega * t) * use->c[i];
        }
    }
    kgi_pauli_transfer(1, u, transfer);
    for (size_t j = 0; j < 3; j++) {
        for (size_t i = 0; i < 3; i++) {
            const double entry = transfer[4 * (i + 1) + j + 1];
            rotation[3 * j + i] = fabs(entry) > zero ? entry : 0;
        }
    }
}

int kgi_pauli_find_turn(kgi_pauli_turn *turn, const kgi_use *use)
{
    static const double pi = 3.14159265358979323846;
    double at[4][9]; /* t = 0, pi, pi / 2, and one to check */
    rotation_at(use, 0, at[0]);
    rotation_at(use, pi, at[1]);
    rotation_at(use, pi / 2, at[2]);
    rotation_at(use, 0.7, at[3]);
    double error = 0;
    for (size_t k = 0; k < 9; k++) {
        turn->a[k] = 0.5 * (at[0][k] + at[1][k]);
        turn->b[k] = 0.5 * (at[0][k] - at[1][k]);
        turn->c[k] = at[2][k] - turn->a[k];
        double *parts[] = {&turn->a[k], &turn->b[k], &turn->c[k]};
        for (int p = 0; p < 3; p++) {
            if (fabs(*parts[p]) < zero) {
                *parts[p] = 0;
            }
        }
        error = fmax(error,
                     fabs(turn->a[k] + cos(0.7) * turn->b[k] + sin(0.7) * turn->c[k] - at[3][k]));
    }
    return error < zero;
}
