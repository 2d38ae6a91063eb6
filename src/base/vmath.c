/* SPDX-License-Identifier: Apache-2.0 */
/* Sine and cosine of arrays: the widest SLEEF variant that the CPU runs. */
#include "base/vmath.h"

#include <math.h>

#include "base/vmath_sets.h"

#if defined(__x86_64__)
void kgi_sincos(const double *x, size_t n, double *sine, double *cosine)
{
    if (__builtin_cpu_supports("avx512f")) {
        kgi_sincos_avx512(x, n, sine, cosine);
    } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        kgi_sincos_avx2(x, n, sine, cosine);
    } else {
        kgi_sincos_sse2(x, n, sine, cosine);
    }
}
#else
void kgi_sincos(const double *x, size_t n, double *sine, double *cosine)
{
    for (size_t i = 0; i < n; i++) {
        sine[i] = sin(x[i]);
        cosine[i] = cos(x[i]);
    }
}
#endif

void kgi_sincos_single_far(const double *x, size_t n, float *sine, float *cosine)
{
    double s[8] __attribute__((aligned(64)));
    double c[8] __attribute__((aligned(64)));
    for (size_t i = 0; i < n; i += 8) {
        kgi_sincos(x + i, 8, s, c);
        for (size_t l = 0; l < 8; l++) {
            sine[i + l] = (float)s[l];
            cosine[i + l] = (float)c[l];
        }
    }
}

void kgi_sincos_single(const double *x, size_t n, float *sine, float *cosine)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
        kgi_sincos_single_avx512(x, n, sine, cosine);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        kgi_sincos_single_avx2(x, n, sine, cosine);
        return;
    }
#endif
    kgi_sincos_single_far(x, n, sine, cosine);
}
