/* SPDX-License-Identifier: Apache-2.0 */
/* What the code believes about the compiler; it refuses to build where a belief is wrong. */
#ifndef BASE_ASSUMPTIONS_H
#define BASE_ASSUMPTIONS_H

#include <float.h>
#include <limits.h>
#include <stddef.h>

#ifdef __FAST_MATH__
#    error "ketgrad promises bits and checks for NaN: build it without -ffast-math"
#endif
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#    error "the file formats are written for little-endian machines"
#endif

_Static_assert(CHAR_BIT == 8, "bytes have 8 bits");
_Static_assert(sizeof(size_t) == 8, "sizes have 64 bits");
_Static_assert(sizeof(int) == 4, "int has 32 bits");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "double is binary64");
_Static_assert(FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float is binary32");

#endif
