/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary functions of whole arrays (SLEEF, at most 1 ulp). */
#ifndef BASE_VMATH_H
#define BASE_VMATH_H

#include <stddef.h>

/* sine[i] = sin(x[i]), cosine[i] = cos(x[i]). n is a multiple of 8; arrays are 64-byte aligned. */
void kgi_sincos(const double *x, size_t n, double *sine, double *cosine);

/* The same in single precision, to 3e-7: angles are reduced to [-pi, pi] in double first. n is a multiple
 * of 16. */
void kgi_sincos_single(const double *x, size_t n, float *sine, float *cosine);

#endif
