/* SPDX-License-Identifier: Apache-2.0 */
/* Products and eigenvectors against sums written out. */
#include "base/linalg.h"

#include <ketgrad/rng.h>

#include "refused.h"

enum { M = 5, N = 7, K = 6, LD = 9 };

static void fill(double *x, int n, uint32_t sample)
{
    for (int i = 0; i < n; i++) {
        x[i] = kg_random_uniform(5, KG_STREAM_TEST, sample, (uint64_t)i) - 0.5;
    }
}

/* Entries are below 0.5 and sums have K = 6 terms: errors stay below 6 * 0.25 * 2^-53 * 6. */
static void products_in_all_four_orientations(void **state)
{
    (void)state;
    double a[LD * LD];
    double b[LD * LD];
    double c[LD * LD];
    double old[LD * LD];
    fill(a, LD * LD, 0);
    fill(b, LD * LD, 1);
    fill(old, LD * LD, 2);
    for (int way = 0; way < 4; way++) {
        const int ta = way & 1;
        const int tb = way >> 1;
        memcpy(c, old, sizeof c);
        kgi_gemm(ta, tb, M, N, K, 2.0, a, LD, b, LD, -1.0, c, LD);
        for (int i = 0; i < LD; i++) {
            for (int j = 0; j < LD; j++) {
                double expected = old[i * LD + j];
                if (i < M && j < N) {
                    double sum = 0.0;
                    for (int k = 0; k < K; k++) {
                        sum += (ta ? a[k * LD + i] : a[i * LD + k]) *
                               (tb ? b[j * LD + k] : b[k * LD + j]);
                    }
                    expected = 2.0 * sum - expected;
                }
                assert_near(c[i * LD + j], expected, 1e-14);
            }
        }
    }
}

static void beta_zero_forgets_nan_and_empty_sums_are_zero(void **state)
{
    (void)state;
    double a[4] = {1, 2, 3, 4};
    double c[4] = {NAN, NAN, NAN, NAN};
    kgi_gemm(KGI_PLAIN, KGI_PLAIN, 2, 2, 2, 1.0, a, 2, a, 2, 0.0, c, 2);
    assert_near(c[0], 7.0, 0.0);
    assert_near(c[3], 22.0, 0.0);
    c[0] = NAN;
    kgi_gemm(KGI_PLAIN, KGI_PLAIN, 2, 2, 0, 1.0, a, 2, a, 2, 0.0, c, 2);
    assert_near(c[0], 0.0, 0.0);
    c[1] = 3.0;
    kgi_gemm(KGI_PLAIN, KGI_PLAIN, 2, 2, 0, 1.0, a, 2, a, 2, 2.0, c, 2);
    assert_near(c[1], 0.0 * 2.0 + 0.0, 6.0);
    assert_near(c[0], 0.0, 0.0);
    kgi_syrk(2, 0, 1.0, a, 2, 0.0, c, 2);
    assert_near(c[1], 0.0, 0.0);
    kgi_gemm(KGI_PLAIN, KGI_PLAIN, 0, 0, 0, 1.0, a, 1, a, 1, 0.0, c, 1); /* nothing to do */
    kgi_syrk(0, 3, 1.0, a, 1, 0.0, c, 1);
}

static void syrk_fills_the_upper_triangle(void **state)
{
    (void)state;
    double a[K * N];
    double c[N * N];
    fill(a, K * N, 3);
    memset(c, 0, sizeof c);
    kgi_syrk(N, K, 1.5, a, N, 0.0, c, N);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            double sum = 0.0;
            for (int k = 0; k < K; k++) {
                sum += a[k * N + i] * a[k * N + j];
            }
            assert_near(c[i * N + j], j >= i ? 1.5 * sum : 0.0, 1e-14);
        }
    }
}

/* A has eigenvalues 10, 7, 3, 0, -2 by construction: Q diag Q^T with a random rotation. */
static void the_largest_eigenvalues_come_first(void **state)
{
    (void)state;
    enum { SIZE = 5 };
    const double values[SIZE] = {3.0, 10.0, -2.0, 0.0, 7.0};
    const double sorted[SIZE] = {10.0, 7.0, 3.0, 0.0, -2.0};
    double q[SIZE * SIZE];
    double a[SIZE * SIZE] = {0};
    double upper[SIZE * SIZE];
    kg_error err;
    fill(q, SIZE * SIZE, 4);
    for (int i = 0; i < SIZE; i++) { /* Gram-Schmidt on the rows */
        for (int j = 0; j < i; j++) {
            double dot = 0.0;
            for (int k = 0; k < SIZE; k++) {
                dot += q[i * SIZE + k] * q[j * SIZE + k];
            }
            for (int k = 0; k < SIZE; k++) {
                q[i * SIZE + k] -= dot * q[j * SIZE + k];
            }
        }
        double norm = 0.0;
        for (int k = 0; k < SIZE; k++) {
            norm += q[i * SIZE + k] * q[i * SIZE + k];
        }
        for (int k = 0; k < SIZE; k++) {
            q[i * SIZE + k] /= sqrt(norm);
        }
    }
    for (int e = 0; e < SIZE; e++) {
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                a[i * SIZE + j] += values[e] * q[e * SIZE + i] * q[e * SIZE + j];
            }
        }
    }
    for (int k = 1; k <= SIZE; k++) {
        double got[SIZE];
        double vectors[SIZE * SIZE];
        for (int i = 0; i < SIZE * SIZE; i++) {
            upper[i] = i % SIZE >= i / SIZE ? a[i] : 1e6; /* the lower triangle is not read */
        }
        assert_int_equal(kgi_eigh_top(SIZE, upper, k, got, vectors, &err), KG_OK);
        for (int v = 0; v < k; v++) {
            double norm = 0.0;
            assert_near(got[v], sorted[v], 1e-13);
            for (int i = 0; i < SIZE; i++) {
                double product = 0.0;
                for (int j = 0; j < SIZE; j++) {
                    product += a[i * SIZE + j] * vectors[v * SIZE + j];
                }
                assert_near(product, got[v] * vectors[v * SIZE + i], 1e-13);
                norm += vectors[v * SIZE + i] * vectors[v * SIZE + i];
            }
            assert_near(norm, 1.0, 1e-14);
        }
    }
}

static void a_matrix_with_nan_is_refused(void **state)
{
    (void)state;
    kg_error err;
    double a[4] = {NAN, 1.0, 1.0, 2.0};
    double values[2];
    double vectors[4];
    assert_refused(kgi_eigh_top(2, a, 2, values, vectors, &err), err, KG_ERR_NUMERIC,
                   "a 2 x 2 matrix for eigenvalues is not finite");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_in_all_four_orientations),
        cmocka_unit_test(beta_zero_forgets_nan_and_empty_sums_are_zero),
        cmocka_unit_test(syrk_fills_the_upper_triangle),
        cmocka_unit_test(the_largest_eigenvalues_come_first),
        cmocka_unit_test(a_matrix_with_nan_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
