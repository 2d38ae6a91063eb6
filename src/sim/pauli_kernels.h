/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of the Pauli-vector engine, compiled like those of the tile engine (kernels.h): one body,
 * every instruction set, both precisions.
 *
 * Samples lie in lanes. A line is as many samples as fill a cache line; a panel is KGI_PAULI_PANEL lines;
 * an array of features has one row per feature, rows are `ld` lines apart. */
#ifndef SIM_PAULI_KERNELS_H
#define SIM_PAULI_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* new_i = sum_j (a + b cos t + c sin t)_ij old_j, [3][3] on the letters X, Z, Y of a Bloch vector. */
typedef struct kgi_pauli_turn {
    double a[9];
    double b[9];
    double c[9];
} kgi_pauli_turn;

/* Where a block acts: words of its qubits before and after it, and the runs of neighbouring spectators.
 * Coefficient (i, spectator e of run r) is at out_runs[r] + e + out_at[i], the same for in. */
typedef struct kgi_pauli_step {
    int n_in;
    int n_out;
    unsigned char in_words[64]; /* of the block's qubits */
    unsigned char out_words[64];
    size_t in_at[64];
    size_t out_at[64];
    size_t n_runs;
    size_t run;
    size_t *in_runs;
    size_t *out_runs;
    size_t in_size;
    size_t out_size;
} kgi_pauli_step;

/* One direction of a step. */
typedef struct kgi_pauli_map {
    int n_to;
    int n_from;
    const size_t *to_at;
    const size_t *from_at;
    const size_t *to_runs;
    const size_t *from_runs;
    size_t run;
} kgi_pauli_map;

/* Coefficients are always double. Spectators [first, last) only, counted through the runs. */
typedef struct kgi_pauli_sweeps {
    /* to[i] = sum_j matrix[i][j] from[j] */
    void (*apply)(const kgi_pauli_map *map, const double *matrix, const double *from, double *to,
                  size_t first, size_t last);
    /* env[i][j] += sum over spectators of to[i] from[j] */
    void (*overlap)(const kgi_pauli_map *map, const double *from, const double *to, double *env,
                    size_t first, size_t last);
} kgi_pauli_sweeps;

typedef struct kgi_pauli_kernels {
    int lanes;
    size_t real_bytes;

    /* The first `rows` of bloch [3][panel] from old [3][panel], NULL: |0>, which is 0, 1, 0; and back,
     * d_old from d_bloch, d_angle [panel] */
    void (*turn)(const kgi_pauli_turn *turn, const void *cosine, const void *sine, const void *old,
                 int rows, void *bloch);
    void (*turn_back)(const kgi_pauli_turn *turn, const void *cosine, const void *sine,
                      const void *old, const void *d_bloch, void *d_old, void *d_angle);

    /* out[i n_right + j] = left[i] right[j]; d_left, d_right from d_out, all of one panel */
    void (*kron)(void *out, size_t ld, const void *left, size_t n_left, const void *right,
                 size_t n_right);
    void (*kron_back)(const void *d_out, const void *left, size_t n_left, const void *right,
                      size_t n_right, void *d_left, void *d_right);

    /* One line of a state psi [n][2][lanes] as features, row f at out + f ld: conj(psi_i) psi_j for
     * i <= j, their real parts, and behind each its imaginary part if not real and i < j.
     * Back: lambda_i = sum_j H_ij psi_j, H the Hermitian matrix of the features' derivatives. */
    void (*products)(const void *psi, size_t n, int real, void *out, size_t ld);
    void (*products_back)(const void *psi, size_t n, int real, const void *d_out, size_t ld,
                          void *lambda);
    /* The same for the amplitudes themselves: real parts, then imaginary ones if not real. */
    void (*amplitudes)(const void *psi, size_t n, int real, void *out, size_t ld);
    void (*amplitudes_back)(const void *d_out, size_t n, int real, size_t ld, void *lambda);

    /* packed [rows][cols] in the order in which values() and project() read it, from matrix[r][c] at
     * r step_row + c step_col */
    void (*pack)(size_t rows, size_t cols, const double *matrix, size_t step_row, size_t step_col,
                 void *packed);
    /* value[panel] = sum_ij a[i] matrix_ij b[j] */
    void (*values)(const void *packed, size_t n_a, size_t n_b, const void *a, const void *b,
                   size_t ld, void *value);
    /* y[i] (+)= weight sum_j matrix_ij b[j], all of one panel */
    void (*project)(const void *packed, size_t n_a, size_t n_b, const void *b, size_t ld,
                    const void *weight, int add, void *y);
    /* sum[i][j] += sum over n_lines lines of samples of weight a[i] b[j] */
    void (*outer)(size_t n_a, size_t n_b, const void *a, const void *b, size_t ld, size_t n_lines,
                  const void *weight, double *sum, void *scratch);
} kgi_pauli_kernels;

/* Rows of outer()'s scratch, each of n_lines lines. */
enum { KGI_PAULI_SCRATCH = 4 };

/* Those of the kernel set of that name, which must be one that kgi_kernels_find() gave. */
const kgi_pauli_kernels *kgi_pauli_kernels_find(const char *name, int precision);
const kgi_pauli_sweeps *kgi_pauli_sweeps_find(const char *name);

#endif
