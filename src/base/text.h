/* SPDX-License-Identifier: Apache-2.0 */
/* A growing string. The first failure to allocate sticks: later calls do nothing, and
 * kgi_text_finish() reports it once, so that writers need no branch per line. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/status.h"

typedef struct kgi_text {
    char *data; /* NUL-terminated once anything was added */
    size_t length;
    size_t capacity;
    int failed;
} kgi_text;

/* Start with `kgi_text text = {0};`, end with finish (gives the string away) or clear. */
void kgi_text_printf(kgi_text *text, const char *format, ...) KG_PRINTF(2, 3);
void kgi_text_add(kgi_text *text, const char *bytes, size_t length);
void kgi_text_repeat(kgi_text *text, const char *piece, int times);

/* *out = the string (release with free), "" if nothing was added; text is empty afterwards. */
kg_status kgi_text_finish(kgi_text *text, char **out, kg_error *err);
void kgi_text_clear(kgi_text *text);

/* Bytes of the UTF-8 character at text, 0 if it is none (1 for the NUL at the end). */
int kgi_utf8_length(const char *text);
/* 1 if the whole string is UTF-8. */
int kgi_utf8_check(const char *text);

/* Of n names (names[i] read at stride bytes), the one nearest to `name` by edit distance, if it is
 * near enough to suggest (at most a third of its letters differ); else NULL. */
const char *kgi_text_nearest(const char *name, const char *const *names, int n, size_t stride);

#endif
