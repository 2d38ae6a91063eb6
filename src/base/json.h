/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text in and out. Values are Jansson's json_t, built and read with its functions; text goes
 * through here, because here are the limits, the messages and the numbers that no locale changes. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/status.h"

enum {
    KGI_JSON_MAX_BYTES = 16 << 20,
    KGI_JSON_MAX_DEPTH = 32 /* objects and arrays inside each other */
};

typedef enum kgi_json_style {
    KGI_JSON_LINE = 0,   /* one line, ", " and ": " between */
    KGI_JSON_INDENT = 1, /* two blanks a level, newline at the end; arrays of numbers on one line */
    KGI_JSON_COMPACT = 2, /* no blanks */
    KGI_JSON_EXACT = 4    /* or-ed: reals as %.17g; without it the shortest that reads back equal */
} kgi_json_style;

/* Parses one object or array (RFC 8259); *out is released with json_decref(). Duplicate keys, text
 * after the value and escaped NULs are refused. `path` is for the message, which starts with
 * "path:line:column: ". Errors: KG_ERR_FORMAT, KG_ERR_MEMORY. */
kg_status kgi_json_parse(json_t **out, const char *path, const char *text, size_t n_bytes,
                         kg_error *err);

/* Reads and parses a file. */
kg_status kgi_json_load(json_t **out, const char *path, kg_error *err);

/* Text of a value: keys in the order in which they were set, `style` as above. *out is released
 * with free(). Errors: KG_ERR_NUMERIC for NaN and infinity (JSON has no word for them), KG_ERR_ARGUMENT if value is NULL (a constructor has
 * failed before), KG_ERR_MEMORY. */
kg_status kgi_json_format(char **out, const json_t *value, int style, kg_error *err);

#endif
