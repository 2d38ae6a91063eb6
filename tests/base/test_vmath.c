/* SPDX-License-Identifier: Apache-2.0 */
/* Sine and cosine of arrays against the C library. */
#include <math.h>
#include <stdlib.h>

#include "base/vmath.h"
#include "near.h"

enum { N = 4096 };

static double x[N] __attribute__((aligned(64)));

/* Angles of all sizes, both signs, special ones among them; the last piece is not finite. */
static int fill(void)
{
    for (int i = 0; i < N - 16; i++) {
        const double size = pow(10.0, -8.0 + 16.5 * (i % 1021) / 1021);
        x[i] = (i % 2 ? -1 : 1) * size * (1 + (i % 7) / 7.0);
    }
    x[3] = 0.0;
    x[64] = 1e300; /* its neighbours in the same vector are angles like any other */
    for (int i = N - 16; i < N; i++) {
        x[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
    }
    return N - 16;
}

/* SLEEF promises one ulp, which is at most 1.1e-16 near 1; the C library half of that. */
static void double_precision(void **state)
{
    (void)state;
    static double s[N] __attribute__((aligned(64)));
    static double c[N] __attribute__((aligned(64)));
    const int n = fill();
    kgi_sincos(x, N, s, c);
    for (int i = 0; i < n; i++) {
        assert_near(s[i], sin(x[i]), 2.5e-16);
        assert_near(c[i], cos(x[i]), 2.5e-16);
    }
    for (int i = n; i < N; i++) {
        assert_true(isnan(s[i]) && isnan(c[i]));
    }
}

/* The reduced angle is rounded to a float below pi, half an ulp is 1.2e-7; one ulp of the result is 6e-8
 * at most, twice that with what SLEEF promises. */
static void single_precision(void **state)
{
    (void)state;
    static float s[N] __attribute__((aligned(64)));
    static float c[N] __attribute__((aligned(64)));
    const int n = fill();
    kgi_sincos_single(x, N, s, c);
    for (int i = 0; i < n; i++) {
        assert_near((double)s[i], sin(x[i]), 3e-7);
        assert_near((double)c[i], cos(x[i]), 3e-7);
    }
    for (int i = n; i < N; i++) {
        assert_true(isnan(s[i]) && isnan(c[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(double_precision),
        cmocka_unit_test(single_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
