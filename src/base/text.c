/* SPDX-License-Identifier: Apache-2.0 */
/* The growing string, and the nearest name for messages. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static int reserve(kgi_text *text, size_t extra)
{
    if (text->failed) {
        return 0;
    }
    if (text->length + extra + 1 > text->capacity) {
        const size_t capacity = 2 * (text->length + extra + 1) + 64;
        char *data = realloc(text->data, capacity);
        if (!data) {
            text->failed = 1;
            return 0;
        }
        text->data = data;
        text->capacity = capacity;
    }
    return 1;
}

void kgi_text_add(kgi_text *text, const char *bytes, size_t length)
{
    if (reserve(text, length)) {
        memcpy(text->data + text->length, bytes, length);
        text->length += length;
        text->data[text->length] = '\0';
    }
}

void kgi_text_printf(kgi_text *text, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    const int length = kgi_vformat(NULL, 0, format, args);
    va_end(args);
    if (length >= 0 && reserve(text, (size_t)length)) {
        (void)kgi_vformat(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void kgi_text_repeat(kgi_text *text, const char *piece, int times)
{
    const size_t length = strlen(piece);
    for (int i = 0; i < times; i++) {
        kgi_text_add(text, piece, length);
    }
}

kg_status kgi_text_finish(kgi_text *text, char **out, kg_error *err)
{
    kgi_text_add(text, "", 0);
    if (text->failed) {
        kgi_text_clear(text);
        *out = NULL;
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate memory for text");
    }
    *out = text->data;
    *text = (kgi_text){0};
    return KG_OK;
}

void kgi_text_clear(kgi_text *text)
{
    free(text->data);
    *text = (kgi_text){0};
}

int kgi_utf8_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    const int n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (s[0] > 0xf4 || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0; /* too large, overlong, or half of a surrogate pair */
    }
    for (int i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

int kgi_utf8_check(const char *text)
{
    int n = 1;
    for (; *text && n; text += n) {
        n = kgi_utf8_length(text);
    }
    return n != 0;
}

enum { LONGEST_NAME = 64 };

/* Levenshtein distance, one row at a time; names longer than LONGEST_NAME are "far". */
static int edit_distance(const char *a, const char *b)
{
    const size_t n_a = strlen(a);
    const size_t n_b = strlen(b);
    if (n_a > LONGEST_NAME || n_b > LONGEST_NAME) {
        return LONGEST_NAME;
    }
    int row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= n_b; j++) {
        row[j] = (int)j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= n_b; j++) {
            const int replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            const int moved = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            row[j] = replaced < moved ? replaced : moved;
        }
    }
    return row[n_b];
}

const char *kgi_text_nearest(const char *name, const char *const *names, int n, size_t stride)
{
    const char *best = NULL;
    int best_distance = (int)strlen(name) / 3 + 1;
    if (best_distance > LONGEST_NAME / 3) { /* "far" must stay out of reach */
        best_distance = LONGEST_NAME / 3;
    }
    for (int i = 0; i < n; i++) {
        const void *entry = (const char *)names + (size_t)i * stride;
        const char *candidate = *(const char *const *)entry;
        const int distance = candidate ? edit_distance(name, candidate) : LONGEST_NAME;
        if (distance <= best_distance && (!best || distance < best_distance)) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}
