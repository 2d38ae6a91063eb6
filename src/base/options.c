/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables: fields set from text, checked against their row, and written back as text or JSON. */
#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum { MAX_ROWS = 128 }; /* names looked at for a suggestion */

static int parse_real(const char *text, double *x)
{
    return !kgi_number_parse(text, strlen(text), x);
}

/* Whole number in [0, 2^64); 0 if text is none. Bytes may end with K, M, G or T. */
static int parse_unsigned(const char *text, int is_bytes, uint64_t *x)
{
    static const char units[] = "KMGT";
    if (!isdigit((unsigned char)*text)) {
        return 0;
    }
    char *end = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    const char *unit = is_bytes && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    const int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    *x = value << shift;
    return !end[unit != NULL] && !errno && value == *x >> shift;
}

/* ---- one field ------------------------------------------------------------------------------- */

static void *field_of(const kg_option *row, void *options)
{
    return (char *)options + row->offset;
}

static int count_names(const char *(*names)(int))
{
    int n = 0;
    while (names(n)) {
        n++;
    }
    return n;
}

static int find_name(const char *(*names)(int), const char *name)
{
    for (int i = 0; names(i); i++) {
        if (!strcmp(names(i), name)) {
            return i;
        }
    }
    return -1;
}

/* "optimizer is "nesterof", did you mean "nesterov"? Allowed: sgd, nesterov, adam" */
static kg_status fail_name(const kg_option *row, const char *got, kg_error *err)
{
    const char *list[MAX_ROWS];
    int n = count_names(row->names);
    n = n < MAX_ROWS ? n : MAX_ROWS;
    char allowed[160] = "";
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        list[i] = row->names(i);
        if (used < sizeof allowed) {
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "",
                                     list[i]);
        }
    }
    const char *nearest = kg_name_nearest(got, list, n);
    if (nearest) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s is \"%.60s\", did you mean \"%s\"? Allowed: %s",
                        row->name, got, nearest, allowed);
    }
    return kgi_fail(err, KG_ERR_ARGUMENT, "%s is \"%.60s\", not one of: %s", row->name, got,
                    allowed);
}

static kg_status fail_range(const kg_option *row, const char *got, kg_error *err)
{
    char lo[KGI_NUMBER_SIZE];
    char hi[KGI_NUMBER_SIZE];
    (void)kgi_number_format(lo, row->lo, 0);
    (void)kgi_number_format(hi, row->hi, 0);
    if (row->type == KG_OPTION_SEED && row->hi > (double)INT64_MAX) {
        /* 2^64 is the double nearest to the largest seed */
        (void)snprintf(hi, sizeof hi, "%" PRIu64, UINT64_MAX);
    }
    if (row->type == KG_OPTION_BYTES) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "%s is %.60s, not a number of bytes in [%s, %s], as 4096, 512M or 2G",
                        row->name, got, lo, hi);
    }
    return kgi_fail(err, KG_ERR_ARGUMENT, "%s is %.60s, not %s in [%s, %s]", row->name, got,
                    row->type == KG_OPTION_DOUBLE ? "a number" : "a whole number", lo, hi);
}

static int parse_flag(const char *text)
{
    static const char *const off[] = {"0", "false", "no"};
    static const char *const on[] = {"1", "true", "yes"};
    for (int i = 0; i < 3; i++) {
        if (!strcmp(text, off[i]) || !strcmp(text, on[i])) {
            return !strcmp(text, on[i]);
        }
    }
    return -1;
}

/* Numbers: the value goes into *real (and *whole for integers); 0 if text is none or out of range. */
static int parse_number(const kg_option *row, const char *text, double *real, uint64_t *whole)
{
    if (row->type == KG_OPTION_DOUBLE) {
        return parse_real(text, real) && *real >= row->lo && *real <= row->hi;
    }
    const int negative = *text == '-' && row->type == KG_OPTION_INT;
    if (!parse_unsigned(text + negative, row->type == KG_OPTION_BYTES, whole)) {
        return 0;
    }
    *real = negative ? -(double)*whole : (double)*whole;
    return *real >= row->lo && *real <= row->hi;
}

kg_status kg_option_set(const kg_option *row, void *options, const char *text, kg_error *err)
{
    void *field = field_of(row, options);
    double real = 0;
    uint64_t whole = 0;
    int i = 0;
    switch (row->type) {
    case KG_OPTION_FLAG:
        i = parse_flag(text);
        if (i < 0) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s is \"%.60s\", not true or false", row->name,
                            text);
        }
        *(int *)field = i;
        return KG_OK;
    case KG_OPTION_PATH:
        *(const char **)field = text;
        return KG_OK;
    case KG_OPTION_NAME:
    case KG_OPTION_TEXT:
        i = row->names ? find_name(row->names, text) : 0;
        if (i < 0) {
            return fail_name(row, text, err);
        }
        if (row->type == KG_OPTION_NAME) {
            *(int *)field = i;
        } else {
            *(const char **)field = row->names ? row->names(i) : text;
        }
        return KG_OK;
    default:
        break;
    }
    if (!parse_number(row, text, &real, &whole)) {
        return fail_range(row, *text ? text : "\"\"", err);
    }
    if (row->type == KG_OPTION_INT) {
        *(int *)field = (int)real;
    } else if (row->type == KG_OPTION_DOUBLE) {
        *(double *)field = real;
    } else {
        *(uint64_t *)field = whole;
    }
    return KG_OK;
}

static kg_status check_text(const kg_option *row, const char *text, kg_error *err)
{
    if (!text || !row->names || find_name(row->names, text) >= 0) {
        return KG_OK;
    }
    return fail_name(row, text, err);
}

/* Flags and names: an int in [0, last]. */
static kg_status check_index(const kg_option *row, int i, int last, kg_error *err)
{
    if (i < 0 || i > last) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s is %d, not in [0, %d]", row->name, i, last);
    }
    return KG_OK;
}

static kg_status check_field(const kg_option *row, const void *options, kg_error *err)
{
    const void *field = (const char *)options + row->offset;
    char number[KGI_NUMBER_SIZE];
    double x = 0;
    switch (row->type) {
    case KG_OPTION_FLAG:
        return check_index(row, *(const int *)field, 1, err);
    case KG_OPTION_NAME:
        return check_index(row, *(const int *)field, count_names(row->names) - 1, err);
    case KG_OPTION_PATH:
        return KG_OK;
    case KG_OPTION_TEXT:
        return check_text(row, *(const char *const *)field, err);
    case KG_OPTION_DOUBLE:
        x = *(const double *)field;
        (void)kgi_number_format(number, x, 0);
        break;
    case KG_OPTION_INT:
        x = *(const int *)field;
        (void)snprintf(number, sizeof number, "%.0f", x);
        break;
    default:
        x = (double)*(const uint64_t *)field;
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)*(const uint64_t *)field);
        break;
    }
    return x >= row->lo && x <= row->hi ? KG_OK : fail_range(row, number, err);
}

/* The field as kg_option_set() reads it; NULL stands for a NULL text. */
static const char *field_text(const kg_option *row, const void *options,
                              char buffer[KGI_NUMBER_SIZE])
{
    const void *field = (const char *)options + row->offset;
    switch (row->type) {
    case KG_OPTION_TEXT:
    case KG_OPTION_PATH:
        return *(const char *const *)field;
    case KG_OPTION_NAME:
        return row->names(*(const int *)field);
    case KG_OPTION_FLAG:
        return *(const int *)field ? "true" : "false";
    case KG_OPTION_INT:
        (void)snprintf(buffer, KGI_NUMBER_SIZE, "%d", *(const int *)field);
        return buffer;
    case KG_OPTION_DOUBLE:
        (void)kgi_number_format(buffer, *(const double *)field, 0);
        return buffer;
    default:
        (void)snprintf(buffer, KGI_NUMBER_SIZE, "%llu",
                       (unsigned long long)*(const uint64_t *)field);
        return buffer;
    }
}

kg_status kg_option_format(char **out, const kg_option *row, const void *options, kg_error *err)
{
    char buffer[KGI_NUMBER_SIZE];
    kgi_text text = {0};
    const char *value = field_text(row, options, buffer);
    kgi_text_printf(&text, "%s", value ? value : "");
    return kgi_text_finish(&text, out, err);
}

/* ---- whole structs --------------------------------------------------------------------------- */

static int same_name(const char *a, const char *b)
{
    while (*a && *b && (*a == '-' ? '_' : *a) == (*b == '-' ? '_' : *b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

const kg_option *kg_option_find(const kg_option_table *table, const char *name)
{
    for (int i = 0; i < table->n_rows; i++) {
        if (same_name(table->rows[i].name, name)) {
            return &table->rows[i];
        }
    }
    return NULL;
}

kg_status kg_options_set(const kg_option_table *table, void *options, const char *name,
                         const char *text, kg_error *err)
{
    const kg_option *row = kg_option_find(table, name);
    if (row) {
        return kg_option_set(row, options, text, err);
    }
    const char *nearest =
        kgi_text_nearest(name, &table->rows[0].name, table->n_rows, sizeof table->rows[0]);
    return kgi_fail(err, KG_ERR_ARGUMENT, "%s has no option \"%.60s\"%s%s%s", table->name, name,
                    nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                    nearest ? "\"?" : "");
}

void kg_options_reset(const kg_option_table *table, void *options)
{
    for (int i = 0; i < table->n_rows; i++) {
        const kg_option *row = &table->rows[i];
        if (row->default_text) {
            const kg_status status = kg_option_set(row, options, row->default_text, NULL);
            KGI_ASSERT(status == KG_OK); /* a table whose default is outside its own range */
            (void)status;
        } else {
            *(const char **)field_of(row, options) = NULL;
        }
    }
}

kg_status kg_options_check(const kg_option_table *table, const void *options, kg_error *err)
{
    for (int i = 0; i < table->n_rows; i++) {
        const kg_status status = check_field(&table->rows[i], options, err);
        if (status) {
            return status;
        }
    }
    return KG_OK;
}

kg_status kgi_options_take(const kg_option_table *table, void *own, size_t own_bytes,
                           const void *given, kg_error *err)
{
    if (given) {
        size_t bytes = 0;
        memcpy(&bytes, given, sizeof bytes);
        if (bytes < sizeof bytes || bytes > own_bytes) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "struct_size of the %s options is %zu, not in [%zu, %zu]", table->name,
                            bytes, sizeof bytes, own_bytes);
        }
        memcpy(own, given, bytes);
        memcpy(own, &own_bytes, sizeof own_bytes);
    }
    return kg_options_check(table, own, err);
}

int kgi_options_agree(const kg_option_table *table, const void *options, const kgi_option **row)
{
    for (int i = 0; i < table->n_rows; i++) {
        char buffer[KGI_NUMBER_SIZE];
        *row = &table->rows[i];
        const char *is = field_text(*row, options, buffer);
        const char *expected = (*row)->default_text;
        double a = 0;
        double b = 0;
        const int same =
            is && expected &&
            (!strcmp(is, expected) || (parse_real(is, &a) && parse_real(expected, &b) && a == b));
        if (!same && (is || expected)) {
            return 0;
        }
    }
    return 1;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* The code point of a character that YAML takes for a line break or a mark (C1 controls, U+2028, U+2029,
 * U+FEFF), else 0: JSON that says it by an escape is the same text to both. */
static unsigned special_code(const unsigned char *s, int n)
{
    const unsigned code = n == 2   ? (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu)
                          : n == 3 ? (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu)
                                   : 0;
    return (code >= 0x80 && code < 0xa0) || code == 0x2028 || code == 0x2029 || code == 0xfeff
               ? code
               : 0;
}

void kgi_text_json_string(kgi_text *text, const char *string)
{
    const unsigned char *s = (const unsigned char *)string;
    kgi_text_add(text, "\"", 1);
    while (*s) {
        const int n = kgi_utf8_length((const char *)s);
        if (!n) {
            kgi_text_printf(text, "\\ufffd");
        } else if (*s == '"' || *s == '\\') {
            kgi_text_printf(text, "\\%c", *s);
        } else if (*s < 0x20 || *s == 0x7f) {
            kgi_text_printf(text, "\\u%04x", *s);
        } else if (special_code(s, n)) {
            kgi_text_printf(text, "\\u%04x", special_code(s, n));
        } else {
            kgi_text_add(text, (const char *)s, (size_t)n);
        }
        s += n ? n : 1;
    }
    kgi_text_add(text, "\"", 1);
}

void kgi_text_json_number(kgi_text *text, double x)
{
    char number[KGI_NUMBER_SIZE];
    (void)kgi_number_format(number, x, 0);
    kgi_text_printf(text, "%s", isfinite(x) ? number : "null");
}

void kgi_text_json_whole(kgi_text *text, uint64_t x)
{
    const char *quote = x > INT64_MAX ? "\"" : "";
    kgi_text_printf(text, "%s%llu%s", quote, (unsigned long long)x, quote);
}

void kgi_options_json(const kg_option_table *table, const void *options, kgi_text *text)
{
    for (int i = 0; i < table->n_rows; i++) {
        const kg_option *row = &table->rows[i];
        char buffer[KGI_NUMBER_SIZE];
        const char *value = field_text(row, options, buffer);
        kgi_text_printf(text, "%s\"%s\": ", i ? ", " : "{", row->name);
        const void *field = (const char *)options + row->offset;
        if (row->type == KG_OPTION_SEED || row->type == KG_OPTION_BYTES) {
            kgi_text_json_whole(text, *(const uint64_t *)field);
        } else if (value && (row->type == KG_OPTION_TEXT || row->type == KG_OPTION_PATH ||
                             row->type == KG_OPTION_NAME)) {
            kgi_text_json_string(text, value);
        } else {
            kgi_text_printf(text, "%s", value ? value : "null");
        }
    }
    kgi_text_printf(text, "%s}", table->n_rows ? "" : "{");
}

kg_status kg_options_format(char **out, const kg_option_table *table, const void *options,
                            kg_error *err)
{
    kgi_text text = {0};
    kgi_options_json(table, options, &text);
    return kgi_text_finish(&text, out, err);
}

const char *kg_name_nearest(const char *name, const char *const *names, int n)
{
    return kgi_text_nearest(name, names, n, sizeof *names);
}
