/* SPDX-License-Identifier: Apache-2.0 */
/* kgi_sincos() per instruction set; each is compiled with that set and called only where it exists. */
#ifndef BASE_VMATH_SETS_H
#define BASE_VMATH_SETS_H

#include <stddef.h>

void kgi_sincos_sse2(const double *x, size_t n, double *sine, double *cosine);
void kgi_sincos_avx2(const double *x, size_t n, double *sine, double *cosine);
void kgi_sincos_avx512(const double *x, size_t n, double *sine, double *cosine);

#endif
