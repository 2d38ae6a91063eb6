/* SPDX-License-Identifier: Apache-2.0 */
/* Dense linear algebra on row-major double matrices, through BLAS and LAPACK.
 *
 * The library links a serial BLAS and calls it inside its own blocks, so results do not depend on the
 * number of threads. `ld` is the distance of two rows, at least their length. */
#ifndef BASE_LINALG_H
#define BASE_LINALG_H

#include "base/status.h"

typedef enum kgi_transpose { KGI_PLAIN = 0, KGI_TRANSPOSED = 1 } kgi_transpose;

/* C = alpha op(A) op(B) + beta C; C is [m][n], op(A) [m][k], op(B) [k][n]. With beta = 0 the old
 * content of C does not matter. m, n, k may be 0. */
void kgi_gemm(kgi_transpose op_a, kgi_transpose op_b, int m, int n, int k, double alpha,
              const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);

/* Upper triangle of C = alpha A^T A + beta C; A is [k][n], C is [n][n]. */
void kgi_syrk(int n, int k, double alpha, const double *a, int lda, double beta, double *c,
              int ldc);

/* The k largest eigenvalues of a symmetric matrix and their eigenvectors.
 *
 * a        [n][n], upper triangle read, destroyed
 * values   [k] largest first
 * vectors  [k][n] rows of length 1; the sign of each is whatever LAPACK found
 * Errors: KG_ERR_MEMORY, KG_ERR_NUMERIC (a is not finite, does not converge). Needs 1 <= k <= n. */
kg_status kgi_eigh_top(int n, double *a, int k, double *values, double *vectors, kg_error *err);

/* What the BLAS calls itself ("OpenBLAS 0.3.21 ... Haswell"), "unknown" if it does not say. Another one
 * may round differently. */
const char *kgi_blas_name(void);

#endif
