/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, with a decimal point in every locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdarg.h>
#include <stddef.h>

#include "base/status.h"

enum { KGI_NUMBER_SIZE = 32 }; /* of the buffer that any number fits */

/* Writes x with `digits` significant digits (1 .. 17) as %g does, or, if digits is 0, with as few as
 * read back to the same double (NaN as "nan", infinities as "inf", "-inf"). Returns the length. */
int kgi_number_format(char out[KGI_NUMBER_SIZE], double x, int digits);

/* Reads text[length], which must be one decimal number ([+-]digits[.digits][e[+-]digits]) and
 * nothing else. Returns NULL and sets *x, or says what is wrong: "is not a number", "is not finite"
 * (nan, inf, or too large for a double). */
const char *kgi_number_parse(const char *text, size_t length, double *x);

/* As snprintf and vsnprintf, but numbers have a decimal point and no grouping in every locale. */
int kgi_format(char *out, size_t size, const char *format, ...) KG_PRINTF(3, 4);
int kgi_vformat(char *out, size_t size, const char *format, va_list args) KG_PRINTF(3, 0);

#endif
