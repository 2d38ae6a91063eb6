/* SPDX-License-Identifier: Apache-2.0 */
/* Complex d x d matrices, d = 2 or 4, row-major interleaved [2 d d]. */
#ifndef COMPILE_MATRIX_H
#define COMPILE_MATRIX_H

#include <stddef.h>
#include <string.h>

/* out = a b; out may be a or b. Gates inside a unit have many zeros: a is the sparse one. */
static inline void kgi_mat_mul(size_t d, const double *a, const double *b, double *out)
{
    double product[32] = {0};
    for (size_t i = 0; i < d; i++) {
        double *row = product + 2 * i * d;
        for (size_t k = 0; k < d; k++) {
            const double re = a[2 * (i * d + k)];
            const double im = a[2 * (i * d + k) + 1];
            if (re == 0 && im == 0) {
                continue;
            }
            for (size_t j = 0; j < d; j++) {
                const double *x = b + 2 * (k * d + j);
                row[2 * j] += re * x[0] - im * x[1];
                row[2 * j + 1] += re * x[1] + im * x[0];
            }
        }
    }
    memcpy(out, product, 2 * d * d * sizeof *out);
}

/* out = a^dagger */
static inline void kgi_mat_dagger(size_t d, const double *a, double *out)
{
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            out[2 * (i * d + j)] = a[2 * (j * d + i)];
            out[2 * (i * d + j) + 1] = -a[2 * (j * d + i) + 1];
        }
    }
}

/* Re tr(a b) */
static inline double kgi_mat_re_trace(size_t d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t k = 0; k < d; k++) {
            const double *x = a + 2 * (i * d + k);
            const double *y = b + 2 * (k * d + i);
            sum += x[0] * y[0] - x[1] * y[1];
        }
    }
    return sum;
}

static inline void kgi_mat_identity(size_t d, double *out)
{
    memset(out, 0, 2 * d * d * sizeof *out);
    for (size_t i = 0; i < d; i++) {
        out[2 * (i * d + i)] = 1.0;
    }
}

#endif
