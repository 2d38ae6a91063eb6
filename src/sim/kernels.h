/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of the tile engine: what can be done to a tile of samples side by side.
 *
 * A tile is as many samples as fill a cache line: 16 in f32, 8 in f64. A state is
 *
 *     real state[amplitude][2][lanes]        real parts of all samples, then imaginary parts
 *
 * so every gate on every qubit is the same code without shuffles, and a matrix entry is loaded once
 * for all samples. One body, tile.inc, is compiled for each precision and instruction set; each
 * compilation exports one constant kgi_kernels and nothing else. */
#ifndef SIM_KERNELS_H
#define SIM_KERNELS_H

#include "compile/program.h"

/* Where the folded observable acts: column c of chooser value d consists of the amplitudes
 * columns[d * n_columns + c] + offsets[j], j in [0, size). */
typedef struct kgi_columns {
    int size;         /* 2^kept, a multiple of 4 */
    size_t n_columns; /* per chooser value */
    const size_t *offsets;
    const size_t *columns;
} kgi_columns;

typedef struct kgi_kernels {
    const char *name;
    int precision;
    int lanes;
    size_t real_bytes;

    /* real[n] to and from double[n] */
    void (*from_double)(void *out, const double *in, size_t n);
    void (*to_double)(double *out, const void *in, size_t n);
    /* out[i] += sum over lanes of in[i][lanes] */
    void (*add_lanes)(double *out, const void *in, size_t n);

    /* psi (2 amplitudes) = (a + cosine b + sine c) psi, angles [lanes]; a, b, c complex 2x2 */
    void (*turn)(void *psi, const kgi_use *use, const double *sine, const double *cosine);
    /* psi[i] = rows[lane][i] * scale[lane], real, i in [0, n) */
    void (*load)(void *psi, const double *const *rows, const double *scale, size_t n);

    /* psi <- U psi on the groups of at. matrix: real [2 d d], or [2 d d][lanes] if per sample */
    void (*apply)(void *psi, const kgi_target *at, const kgi_unit *unit, const void *matrix);
    /* env[KGI_ENV_REALS][lanes] += Hermitian environment (kgi_unit_backward): diagonal first, then
     * 2 Re and 2 Im of the entries (0,1) (0,2) (0,3) (1,2) (1,3) (2,3) */
    void (*overlap)(const void *psi, const void *lambda, const kgi_target *at, const kgi_unit *unit,
                    void *env);

    /* merged[i + n_left j] = left[i] right[j] */
    void (*kron)(void *merged, const void *left, size_t n_left, const void *right, size_t n_right);
    /* d_left[i] = sum_j conj(right[j]) d_merged[i, j], the same for d_right; NULL: not wanted */
    void (*kron_backward)(const void *d_merged, const void *left, size_t n_left, const void *right,
                          size_t n_right, void *d_left, void *d_right);

    /* value[lanes] += <psi| word |psi>, n amplitudes */
    void (*word_value)(const void *psi, size_t n, const kgi_word *word, void *value);
    /* lambda += weight[lanes] word psi */
    void (*word_apply)(const void *psi, size_t n, const kgi_word *word, const void *weight,
                       void *lambda);
    /* value[v][lanes] += |psi_i|^2, v the value of the m bits in i; lambda_i += weight[v] psi_i */
    void (*probs_value)(const void *psi, size_t n, const int *bits, int m, void *value);
    void (*probs_apply)(const void *psi, size_t n, const int *bits, int m, const void *weight,
                        void *lambda);

    /* value[lanes] += sum over the columns of chooser value d of <c| O |c>; packed by pack_hermitian */
    void (*tail_value)(const void *psi, const kgi_columns *at, size_t d, const void *packed,
                       void *value);
    /* lambda = (or +=, if add) weight[lanes] O c, for the same columns; dense: real [2 size size] */
    void (*tail_apply)(const void *psi, const kgi_columns *at, size_t d, const void *dense,
                       const void *weight, int add, void *lambda);
    /* outer[kgi_outer_index(i, j)][2][lanes] += weight c_i conj(c_j) for the block-lower triangle */
    void (*tail_outer)(const void *psi, const kgi_columns *at, size_t d, const void *weight,
                       void *outer);
    /* gram[i][2][lanes] = sum_a conj(left[a][lane i]) right[a][lanes], n amplitudes */
    void (*gram)(const void *left, const void *right, size_t n, void *gram);

    /* flops of a burst of multiply-adds on registers, the machine's peak; *sink keeps it alive */
    double (*burst)(int rounds, double *sink);
} kgi_kernels;

/* Outer products are Hermitian: of rows i in fours, only columns j < 4 (i / 4 + 1) are summed. Their
 * place, and how many reals there are. */
static inline size_t kgi_outer_index(size_t i, size_t j)
{
    const size_t block = i / 4;
    return 8 * block * (block + 1) + (i % 4) * 4 * (block + 1) + j;
}
static inline size_t kgi_outer_reals(size_t size)
{
    return 2 * kgi_outer_index(size, 0);
}

/* For tail_value: rows in fours, from the diagonal block to the right, blocks beyond it doubled. */
size_t kgi_packed_reals(int size);
void kgi_pack_hermitian(int size, const double *dense, double *packed);

/* The set of that name (NULL: the best) in a precision that this CPU runs; NULL if there is none. */
const kgi_kernels *kgi_kernels_find(const char *name, int precision);
/* KG_ERR_UNSUPPORTED with the names of those that do run. */
kg_status kgi_kernels_fail(const char *name, kg_error *err);

#endif
