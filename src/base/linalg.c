/* SPDX-License-Identifier: Apache-2.0 */
/* BLAS and LAPACK. LAPACK is called by its Fortran names: a row-major symmetric matrix with its upper
 * triangle is the column-major one with its lower triangle, so nothing is copied. */
#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

/* Selected eigenvalues of a symmetric matrix by relatively robust representations. The last three
 * arguments are the lengths of the texts, as Fortran compilers pass them. */
void dsyevr_(const char *jobz, const char *range, const char *uplo, const int *n, double *a,
             const int *lda, const double *vl, const double *vu, const int *il, const int *iu,
             const double *abstol, int *m, double *w, double *z, const int *ldz, int *isuppz,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t,
             size_t, size_t);

static CBLAS_TRANSPOSE blas_op(kgi_transpose op)
{
    return op == KGI_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

/* 0.0 * NaN is NaN: BLAS is told to forget C, but an empty sum must clear it too. */
static void scale_rows(int m, int n, double beta, double *c, int ldc)
{
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            double *entry = c + (size_t)i * (size_t)ldc + j;
            *entry = beta == 0.0 ? 0.0 : beta * *entry;
        }
    }
}

/* NOLINTNEXTLINE(readability-function-size): the arguments that BLAS made known */
void kgi_gemm(kgi_transpose op_a, kgi_transpose op_b, int m, int n, int k, double alpha,
              const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc)
{
    if (m == 0 || n == 0) {
        return;
    }
    if (k == 0) {
        scale_rows(m, n, beta, c, ldc);
        return;
    }
    cblas_dgemm(CblasRowMajor, blas_op(op_a), blas_op(op_b), m, n, k, alpha, a, lda, b, ldb, beta,
                c, ldc);
}

void kgi_syrk(int n, int k, double alpha, const double *a, int lda, double beta, double *c, int ldc)
{
    if (n == 0) {
        return;
    }
    if (k == 0) {
        scale_rows(n, n, beta, c, ldc);
        return;
    }
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, n, k, alpha, a, lda, beta, c, ldc);
}

/* LAPACK answers NaN with anything, success included. */
static int is_finite_upper(int n, const double *a)
{
    for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
            if (!isfinite(a[(size_t)i * (size_t)n + (size_t)j])) {
                return 0;
            }
        }
    }
    return 1;
}

kg_status kgi_eigh_top(int n, double *a, int k, double *values, double *vectors, kg_error *err)
{
    const size_t rows = (size_t)n;
    const double zero = 0.0;
    const int first = n - k + 1; /* LAPACK counts from 1, smallest first */
    const int n_work = 26 * n + 64 * n;
    const int n_iwork = 10 * n;
    int found = 0;
    int info = 0;
    if (!is_finite_upper(n, a)) {
        return kgi_fail(err, KG_ERR_NUMERIC, "a %d x %d matrix for eigenvalues is not finite", n,
                        n);
    }
    double *w = malloc(rows * sizeof *w);
    double *z = malloc(rows * (size_t)k * sizeof *z);
    double *work = malloc((size_t)n_work * sizeof *work);
    int *iwork = malloc((size_t)n_iwork * sizeof *iwork);
    int *support = malloc(2 * rows * sizeof *support);
    kg_status status = KG_OK;
    if (!w || !z || !work || !iwork || !support) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate memory for %d eigenvectors", k);
        goto done;
    }
    dsyevr_("V", "I", "L", &n, a, &n, &zero, &zero, &first, &n, &zero, &found, w, z, &n, support,
            work, &n_work, iwork, &n_iwork, &info, 1, 1, 1);
    if (info || found != k) {
        status = kgi_fail(err, KG_ERR_NUMERIC,
                          "eigenvalues of a %d x %d matrix: found %d of %d (LAPACK dsyevr: %d)", n,
                          n, found, k, info);
        goto done;
    }
    for (int i = 0; i < k; i++) {
        values[i] = w[k - 1 - i];
        memcpy(vectors + (size_t)i * rows, z + (size_t)(k - 1 - i) * rows, rows * sizeof *z);
    }
done:
    free(w);
    free(z);
    free(work);
    free(iwork);
    free(support);
    return status;
}

/* Only OpenBLAS has it, so it may be missing. */
extern char *openblas_get_config(void) __attribute__((weak));

const char *kgi_blas_name(void)
{
    return openblas_get_config ? openblas_get_config() : "unknown";
}
