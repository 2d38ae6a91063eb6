/* SPDX-License-Identifier: Apache-2.0 */
/* kgi_sincos() per instruction set; each is compiled with that set and called only where it exists. */
#ifndef BASE_VMATH_SETS_H
#define BASE_VMATH_SETS_H

#include <stddef.h>

void kgi_sincos_sse2(const double *x, size_t n, double *sine, double *cosine);
void kgi_sincos_avx2(const double *x, size_t n, double *sine, double *cosine);
void kgi_sincos_avx512(const double *x, size_t n, double *sine, double *cosine);

/* A circle, and how far from 0 angles may be for reducing them with it. */
#define KGI_CIRCLE 6.283185307179586
#define KGI_CIRCLE_REST 2.4492935982947064e-16 /* what 2 pi is more */
#define KGI_CIRCLE_LIMIT 1e9

void kgi_sincos_single_avx2(const double *x, size_t n, float *sine, float *cosine);
void kgi_sincos_single_avx512(const double *x, size_t n, float *sine, float *cosine);
/* By way of the doubles above: without vectors, and for angles that are far from 0 or not finite. */
void kgi_sincos_single_far(const double *x, size_t n, float *sine, float *cosine);

#endif
