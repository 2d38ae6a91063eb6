/* SPDX-License-Identifier: Apache-2.0 */
/* Status texts and the error record. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Copies text, writing control characters as \xNN: a file name must not move the cursor. */
static void copy_visible(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        const int hidden = c < 0x20 || c == 0x7f;
        if (used + (hidden ? 4u : 1u) >= size) {
            break;
        }
        if (hidden) {
            used += (size_t)snprintf(out + used, size - used, "\\x%02x", c);
        } else {
            out[used++] = (char)c;
        }
    }
    out[used] = '\0';
}

kg_status(kgi_fail)(kg_error *err, kg_status status, const char *format, ...)
{
    if (err) {
        char line[2 * sizeof err->message];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(line, sizeof line, format, args);
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
        const int length = vsnprintf(line, sizeof line, format, args);
        va_end(args);
        if (length >= 0 && (size_t)length < sizeof line) {
            (void)snprintf(line + length, sizeof line - (size_t)length, "%s", below);
        }
        copy_visible(err->message, sizeof err->message, line);
        err->status = status;
    }
    return status;
}
