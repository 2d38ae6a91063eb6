/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in files, and the writer: Jansson holds the values; the writer is ours, because Jansson writes
 * every real with one fixed number of digits. The reader is json_read.c. */
#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/options.h"
#include "base/text.h"

kg_status kgi_json_load(json_t **out, const char *path, kg_error *err)
{
    *out = NULL;
    unsigned char *text = NULL;
    size_t n_bytes = 0;
    kg_status status = kgi_file_read(path, KGI_JSON_MAX_BYTES, &text, &n_bytes, err);
    if (!status) {
        status = kgi_json_parse(out, path, (const char *)text, n_bytes, err);
    }
    free(text);
    return status;
}

/* ---- writing ---- */

static void put(kgi_text *text, const char *piece)
{
    kgi_text_add(text, piece, strlen(piece));
}

static void put_real(kgi_text *text, double x, int style)
{
    char number[KGI_NUMBER_SIZE];
    const int length = kgi_number_format(number, x, style & KGI_JSON_EXACT ? 17 : 0);
    kgi_text_add(text, number, (size_t)length);
    if (!strpbrk(number, ".e")) {
        put(text, ".0"); /* so that it reads back as a real */
    }
}

static void put_break(kgi_text *text, int indented, int depth)
{
    if (indented) {
        put(text, "\n");
        kgi_text_repeat(text, "  ", depth);
    }
}

/* Numbers, and arrays of nothing but numbers, stay on one line. */
static int is_flat(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_number(item) && !json_is_null(item)) {
            return 0;
        }
    }
    return 1;
}

static kg_status put_value(kgi_text *text, const json_t *value, int style, int depth,
                           kg_error *err);

static kg_status put_array(kgi_text *text, const json_t *array, int style, int depth, kg_error *err)
{
    const int indented = (style & KGI_JSON_INDENT) && !is_flat(array);
    const char *comma = indented || (style & KGI_JSON_COMPACT) ? "," : ", ";
    put(text, "[");
    for (size_t i = 0; i < json_array_size(array); i++) {
        put(text, i ? comma : "");
        put_break(text, indented, depth + 1);
        const kg_status status = put_value(text, json_array_get(array, i), style, depth + 1, err);
        if (status) {
            return status;
        }
    }
    put_break(text, indented, depth);
    put(text, "]");
    return KG_OK;
}

static kg_status put_object(kgi_text *text, const json_t *object, int style, int depth,
                            kg_error *err)
{
    const int indented = (style & KGI_JSON_INDENT) && json_object_size(object);
    const char *comma = indented || (style & KGI_JSON_COMPACT) ? "," : ", ";
    int n = 0;
    put(text, "{");
    /* The iterator wants a pointer to non-const and changes nothing. */
    for (void *at = json_object_iter((json_t *)object); at;
         at = json_object_iter_next((json_t *)object, at)) {
        put(text, n++ ? comma : "");
        put_break(text, indented, depth + 1);
        const char *key = json_object_iter_key(at);
        kgi_text_json_string(text, key);
        put(text, style & KGI_JSON_COMPACT ? ":" : ": ");
        const kg_status status = put_value(text, json_object_iter_value(at), style, depth + 1, err);
        if (status) {
            return status;
        }
    }
    put_break(text, indented, depth);
    put(text, "}");
    return KG_OK;
}

static kg_status put_value(kgi_text *text, const json_t *value, int style, int depth, kg_error *err)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(text, value, style, depth, err);
    case JSON_ARRAY:
        return put_array(text, value, style, depth, err);
    case JSON_STRING:
        kgi_text_json_string(text, json_string_value(value));
        return KG_OK;
    case JSON_INTEGER:
        kgi_text_printf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return KG_OK;
    case JSON_REAL:
        if (!isfinite(json_real_value(value))) { /* json_real() refuses, json_real_set() does not */
            return kgi_fail(err, KG_ERR_NUMERIC, "a number for JSON is not finite");
        }
        put_real(text, json_real_value(value), style);
        return KG_OK;
    case JSON_TRUE:
        put(text, "true");
        return KG_OK;
    case JSON_FALSE:
        put(text, "false");
        return KG_OK;
    case JSON_NULL:
        break;
    }
    put(text, "null");
    return KG_OK;
}

kg_status kgi_json_format(char **out, const json_t *value, int style, kg_error *err)
{
    *out = NULL;
    if (!value) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "there is no JSON value to write");
    }
    kgi_text text = {0};
    const kg_status status = put_value(&text, value, style, 0, err);
    if (status) {
        kgi_text_clear(&text);
        return status;
    }
    put(&text, style & KGI_JSON_INDENT ? "\n" : "");
    return kgi_text_finish(&text, out, err);
}
