/* SPDX-License-Identifier: Apache-2.0 */
/* Status texts and the error record. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

const char *kg_status_text(kg_status status)
{
    switch (status) {
#define STATUS_TEXT(name, value, text)                                                             \
    case name:                                                                                     \
        return text;
        KG_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    }
    return "unknown status";
}

const char *kg_version(void)
{
    return KG_VERSION_TEXT;
}

void kg_free(void *memory)
{
    free(memory);
}

/* 1 for characters of n bytes that no terminal should see raw: controls, C1 among them, and marks that
 * turn the direction of writing. */
static int is_hidden(const unsigned char *c, int n)
{
    if (n == 1) {
        return *c < 0x20 || *c == 0x7f;
    }
    const int mark = n == 3 && c[0] == 0xe2 && c[1] == 0x80;
    return (n == 2 && c[0] == 0xc2 && c[1] < 0xa0) || (mark && (c[2] == 0x8e || c[2] == 0x8f)) ||
           (mark && c[2] >= 0xa8 && c[2] <= 0xae) ||
           (n == 3 && c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

/* Copies text; what is hidden or no UTF-8 becomes \xNN: a file name must not move the cursor. */
static void copy_visible(char *out, size_t size, const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t used = 0;
    while (*c) {
        const int length = kgi_utf8_length((const char *)c);
        const int hidden = !length || is_hidden(c, length);
        const size_t n = length ? (size_t)length : 1;
        if (used + (hidden ? 4 * n : n) >= size) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            if (hidden) {
                used += (size_t)snprintf(out + used, size - used, "\\x%02x", c[i]);
            } else {
                out[used++] = (char)c[i];
            }
        }
        c += n;
    }
    out[used] = '\0';
}

kg_status(kgi_fail)(kg_error *err, kg_status status, const char *format, ...)
{
    if (err) {
        char line[2 * sizeof err->message];
        va_list args;
        va_start(args, format);
        (void)kgi_vformat(line, sizeof line, format, args);
        va_end(args);
        copy_visible(err->message, sizeof err->message, line);
        err->status = status;
    }
    return status;
}

kg_status(kgi_fail_in)(kg_error *err, kg_status status, const char *format, ...)
{
    if (err) {
        char below[sizeof err->message];
        char line[2 * sizeof err->message];
        memcpy(below, err->message, sizeof below);
        va_list args;
        va_start(args, format);
        const int length = kgi_vformat(line, sizeof line, format, args);
        va_end(args);
        if (length >= 0 && (size_t)length < sizeof line) {
            (void)snprintf(line + length, sizeof line - (size_t)length, "%s", below);
        }
        copy_visible(err->message, sizeof err->message, line);
        err->status = status;
    }
    return status;
}
