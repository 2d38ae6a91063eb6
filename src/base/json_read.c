/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text (RFC 8259) to Jansson's values.
 *
 * Jansson's own parser is not called: when memory runs out it blames the syntax, and (2.14) reads and
 * writes behind its buffer. Here every fault has the line and column of the byte at which it shows, and
 * a lack of memory is one. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

typedef struct reader {
    const char *path;
    const char *text;
    const char *at;
    const char *end;
    int depth;
    kgi_text string; /* of the string in work */
    kg_error *err;
} reader;

/* Line and column of a byte, both from 1; a column is a byte. */
static void locate(const reader *r, const char *at, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (const char *c = r->text; c < at; c++) {
        (*column)++;
        if (*c == '\n') {
            (*line)++;
            *column = 1;
        }
    }
}

static kg_status fail_at(const reader *r, const char *at, const char *what)
{
    int line = 0;
    int column = 0;
    locate(r, at, &line, &column);
    return kgi_fail(r->err, KG_ERR_FORMAT, "%s:%d:%d: %s", r->path, line, column, what);
}

/* The next byte, -1 at the end. */
static int peek(const reader *r)
{
    return r->at < r->end ? (unsigned char)*r->at : -1;
}

/* "got X, allowed is Y" for the next byte. */
static kg_status fail_got(const reader *r, const char *allowed)
{
    char what[96];
    const int c = peek(r);
    if (c < 0) {
        (void)snprintf(what, sizeof what, "the text ends, allowed is %s", allowed);
    } else if (c > 0x20 && c < 0x7f) {
        (void)snprintf(what, sizeof what, "got '%c', allowed is %s", c, allowed);
    } else {
        (void)snprintf(what, sizeof what, "got byte 0x%02x, allowed is %s", (unsigned)c, allowed);
    }
    return fail_at(r, r->at, what);
}

static kg_status fail_memory(const reader *r)
{
    return kgi_fail(r->err, KG_ERR_MEMORY, "%s: no memory for JSON", r->path);
}

static void pass_blanks(reader *r)
{
    while (r->at < r->end && memchr(" \t\r\n", *r->at, 4)) {
        r->at++;
    }
}

static int pass(reader *r, char c)
{
    const int is = r->at < r->end && *r->at == c;
    r->at += is;
    return is;
}

/* ---- strings ------------------------------------------------------------------------------------ */

/* Four hexadecimal digits; -1 if they are none. */
static int pass_unit(reader *r)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        const int c = peek(r);
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return -1;
        }
        unit = 16 * unit + digit;
        r->at++;
    }
    return unit;
}

static void add_code_point(kgi_text *text, unsigned c)
{
    char utf8[4];
    const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--) {
        utf8[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    utf8[0] = (char)(first[n] | c);
    kgi_text_add(text, utf8, n);
}

/* After "\u": one unit, or a pair of surrogates with its second escape. */
static kg_status read_unicode(reader *r)
{
    const char *start = r->at - 2;
    int c = pass_unit(r);
    if (c < 0) {
        return fail_got(r, "four hexadecimal digits after \\u");
    }
    if (c == 0) {
        return fail_at(r, start, "\\u0000, allowed is text without NUL");
    }
    if (c >= 0xd800 && c <= 0xdfff) {
        const int second = c < 0xdc00 && pass(r, '\\') && pass(r, 'u') ? pass_unit(r) : -1;
        if (second < 0xdc00 || second > 0xdfff) {
            return fail_at(r, start, "half of a surrogate pair, allowed are both or none");
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (second - 0xdc00);
    }
    add_code_point(&r->string, (unsigned)c);
    return KG_OK;
}

static kg_status read_escape(reader *r)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    const int c = peek(r);
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (name) {
        r->at++;
        kgi_text_add(&r->string, bytes + (name - names), 1);
        return KG_OK;
    }
    return pass(r, 'u') ? read_unicode(r) : fail_got(r, "one of \" \\ / b f n r t u after \\");
}

/* One character of UTF-8 as it stands. */
static kg_status read_character(reader *r)
{
    char some[5] = "";
    const size_t left = (size_t)(r->end - r->at);
    memcpy(some, r->at, left < 4 ? left : 4);
    const int n = kgi_utf8_length(some);
    if ((unsigned char)*some < 0x20) {
        return fail_got(r, "an escape: control characters do not stand in text");
    }
    if (!n) {
        return fail_got(r, "UTF-8");
    }
    kgi_text_add(&r->string, r->at, (size_t)n);
    r->at += n;
    return KG_OK;
}

/* Reads a string, its first quote included; *out is released with free(). */
static kg_status read_string(reader *r, char **out)
{
    const char *start = r->at++;
    kg_status status = KG_OK;
    while (!status && !pass(r, '"')) {
        status = r->at == r->end ? fail_at(r, start, "the text ends inside this string")
                 : pass(r, '\\') ? read_escape(r)
                                 : read_character(r);
    }
    if (!status && kgi_text_finish(&r->string, out, NULL)) {
        status = fail_memory(r);
    }
    kgi_text_clear(&r->string);
    return status;
}

/* ---- numbers and words ---------------------------------------------------------------------------- */

static int pass_digits(reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        r->at++;
    }
    return r->at > start;
}

static kg_status read_integer(reader *r, json_t **out, const char *start)
{
    const int negative = *start == '-';
    json_int_t value = 0; /* kept negative: there is one more of them */
    for (const char *c = start + negative; c < r->at; c++) {
        const json_int_t digit = *c - '0';
        if (value < (INT64_MIN + digit) / 10) {
            return fail_at(r, start, "a whole number that 64 bits do not hold");
        }
        value = 10 * value - digit;
    }
    if (!negative && value == INT64_MIN) {
        return fail_at(r, start, "a whole number that 64 bits do not hold");
    }
    *out = json_integer(negative ? value : -value);
    return *out ? KG_OK : fail_memory(r);
}

static kg_status read_number(reader *r, json_t **out)
{
    const char *start = r->at;
    double x = 0.0;
    int whole = 1;
    (void)pass(r, '-');
    if (!pass(r, '0') && !pass_digits(r)) {
        return fail_got(r, "a digit");
    }
    if (pass(r, '.')) {
        whole = 0;
        if (!pass_digits(r)) {
            return fail_got(r, "a digit after the point");
        }
    }
    if (pass(r, 'e') || pass(r, 'E')) {
        whole = 0;
        (void)(pass(r, '+') || pass(r, '-'));
        if (!pass_digits(r)) {
            return fail_got(r, "a digit in the exponent");
        }
    }
    if (whole) {
        return read_integer(r, out, start);
    }
    if (kgi_number_parse(start, (size_t)(r->at - start), &x)) {
        return fail_at(r, start, "a number that a double does not hold");
    }
    *out = json_real(x);
    return *out ? KG_OK : fail_memory(r);
}

/* true, false, null; whatever else begins here is no value. */
static kg_status read_word(reader *r, json_t **out)
{
    static const char *const words[] = {"true", "false", "null"};
    for (int i = 0; i < 3; i++) {
        const size_t n = strlen(words[i]);
        if ((size_t)(r->end - r->at) >= n && !memcmp(r->at, words[i], n)) {
            r->at += n;
            *out = i == 0 ? json_true() : i == 1 ? json_false() : json_null();
            return KG_OK;
        }
    }
    return fail_got(r, "a value");
}

/* ---- values --------------------------------------------------------------------------------------- */

static kg_status read_value(reader *r, json_t **out);

/* "key": value */
static kg_status read_member(reader *r, json_t *object)
{
    const char *start = r->at;
    char *key = NULL;
    json_t *value = NULL;
    if (peek(r) != '"') {
        return fail_got(r, "a key in quotes");
    }
    kg_status status = read_string(r, &key);
    if (!status && json_object_get(object, key)) {
        status = fail_at(r, start, "this key was there before, allowed is once");
    }
    pass_blanks(r);
    if (!status && !pass(r, ':')) {
        status = fail_got(r, "':'");
    }
    if (!status) {
        status = read_value(r, &value);
    }
    if (!status && json_object_set_new_nocheck(object, key, value)) {
        status = fail_memory(r);
    }
    free(key);
    return status;
}

static kg_status read_item(reader *r, json_t *array)
{
    json_t *value = NULL;
    const kg_status status = read_value(r, &value);
    return !status && json_array_append_new(array, value) ? fail_memory(r) : status;
}

/* What stands between brackets: members of an object or items of an array. */
static kg_status read_items(reader *r, json_t *into, char end)
{
    kg_status status = KG_OK;
    pass_blanks(r);
    if (pass(r, end)) {
        return KG_OK;
    }
    do {
        pass_blanks(r);
        status = end == '}' ? read_member(r, into) : read_item(r, into);
        pass_blanks(r);
    } while (!status && pass(r, ','));
    if (!status && !pass(r, end)) {
        status = fail_got(r, end == '}' ? "',' or '}'" : "',' or ']'");
    }
    return status;
}

static kg_status read_nested(reader *r, json_t **out)
{
    if (r->depth == KGI_JSON_MAX_DEPTH) {
        char what[48];
        (void)snprintf(what, sizeof what, "nesting deeper than %d", KGI_JSON_MAX_DEPTH);
        return fail_at(r, r->at, what);
    }
    const char end = *r->at++ == '{' ? '}' : ']';
    json_t *value = end == '}' ? json_object() : json_array();
    if (!value) {
        return fail_memory(r);
    }
    r->depth++;
    const kg_status status = read_items(r, value, end);
    r->depth--;
    if (status) {
        json_decref(value);
        return status;
    }
    *out = value;
    return KG_OK;
}

static kg_status read_value(reader *r, json_t **out)
{
    pass_blanks(r);
    const int c = peek(r);
    if (c == '{' || c == '[') {
        return read_nested(r, out);
    }
    if (c == '"') {
        char *string = NULL;
        kg_status status = read_string(r, &string);
        if (!status) {
            *out = json_string_nocheck(string);
            status = *out ? KG_OK : fail_memory(r);
        }
        free(string);
        return status;
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(r, out) : read_word(r, out);
}

kg_status kgi_json_parse(json_t **out, const char *path, const char *text, size_t n_bytes,
                         kg_error *err)
{
    *out = NULL;
    if (n_bytes > KGI_JSON_MAX_BYTES) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: %zu bytes of JSON, at most %d", path, n_bytes,
                        KGI_JSON_MAX_BYTES);
    }
    reader r = {.path = path, .text = text, .at = text, .end = text + n_bytes, .err = err};
    json_t *value = NULL;
    pass_blanks(&r);
    if (peek(&r) != '{' && peek(&r) != '[') {
        return fail_got(&r, "'{' or '['");
    }
    const kg_status status = read_value(&r, &value);
    pass_blanks(&r);
    if (!status && r.at < r.end) {
        json_decref(value);
        return fail_got(&r, "the end of the text");
    }
    *out = value;
    return status;
}
