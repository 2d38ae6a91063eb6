/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text. printf and strtod follow the locale of the program that uses the library, so the
 * decimal mark is put right after the one and the "C" locale is named to the other. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): strtod_l */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 512 }; /* characters of a number that is read */

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Writes a point for whatever mark the locale has (it may be several bytes). Returns the length. */
static int put_point(char *text)
{
    size_t used = 0;
    for (size_t i = 0; text[i]; i++) {
        const char c = text[i];
        if (is_digit(c) || c == '+' || c == '-' || c == 'e') {
            text[used++] = c;
        } else if (used && text[used - 1] != '.') {
            text[used++] = '.';
        }
    }
    text[used] = '\0';
    return (int)used;
}

static double read_c_locale(const char *text)
{
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale) {
        return strtod(text, NULL); /* no memory: right in the usual locale */
    }
    const double x = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    return x;
}

int kgi_number_format(char out[KGI_NUMBER_SIZE], double x, int digits)
{
    if (!isfinite(x)) {
        return snprintf(out, KGI_NUMBER_SIZE, "%s", isnan(x) ? "nan" : x > 0.0 ? "inf" : "-inf");
    }
    int length = 0;
    for (int n = digits ? digits : 15; n <= (digits ? digits : 17); n++) {
        (void)snprintf(out, KGI_NUMBER_SIZE, "%.*g", n, x);
        length = put_point(out);
        if (!digits && read_c_locale(out) == x) {
            break;
        }
    }
    return length;
}

/* Length of [+-]digits[.digits][e[+-]digits] at the start of text[length]; 0 if there is none. */
static size_t match_decimal(const char *text, size_t length)
{
    size_t i = 0;
    size_t n_digits = 0;
    if (i < length && (text[i] == '+' || text[i] == '-')) {
        i++;
    }
    for (; i < length && is_digit(text[i]); i++) {
        n_digits++;
    }
    if (i < length && text[i] == '.') {
        for (i++; i < length && is_digit(text[i]); i++) {
            n_digits++;
        }
    }
    if (!n_digits) {
        return 0;
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        size_t j = i + 1;
        if (j < length && (text[j] == '+' || text[j] == '-')) {
            j++;
        }
        if (j < length && is_digit(text[j])) {
            while (j < length && is_digit(text[j])) {
                j++;
            }
            i = j;
        }
    }
    return i;
}

/* "nan", "inf" or "infinity" in any case, with or without a sign. */
static int is_not_finite(const char *text, size_t length)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    if (length && (text[0] == '+' || text[0] == '-')) {
        text++;
        length--;
    }
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        size_t i = 0;
        while (i < length && words[w][i] && (text[i] | 0x20) == words[w][i]) {
            i++;
        }
        if (i == length && !words[w][i]) {
            return 1;
        }
    }
    return 0;
}

const char *kgi_number_parse(const char *text, size_t length, double *x)
{
    char copy[LONGEST_NUMBER + 1];
    if (is_not_finite(text, length)) {
        return "is not finite";
    }
    if (!length || length > LONGEST_NUMBER || match_decimal(text, length) != length) {
        return "is not a number";
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    const double value = read_c_locale(copy);
    if (!isfinite(value)) {
        return "is not finite";
    }
    *x = value;
    return NULL;
}

int kgi_vformat(char *out, size_t size, const char *format, va_list args)
{
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = c_locale ? uselocale(c_locale) : (locale_t)0; /* of this thread only */
    const int length = vsnprintf(out, size, format, args);
    if (c_locale) {
        (void)uselocale(before);
        freelocale(c_locale);
    }
    return length;
}

int kgi_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = kgi_vformat(out, size, format, args);
    va_end(args);
    return length;
}
