/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a YAML tree: keys, values in their type and range, messages with their place, JSON. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/options.h"
#include "base/yaml.h"

/* ---- files --------------------------------------------------------------------------------------- */

kg_status kgi_yaml_read(const char *path, unsigned char **text, size_t *n_bytes, kg_error *err)
{
    const kg_status status = kgi_file_read(path, KGI_YAML_MAX_BYTES + 1, text, n_bytes, err);
    if (status == KG_ERR_FORMAT || (!status && *n_bytes > KGI_YAML_MAX_BYTES)) {
        free(*text);
        *text = NULL;
        return kgi_fail(err, KG_ERR_FORMAT, "%s:1:1: more than %d bytes of YAML", path,
                        KGI_YAML_MAX_BYTES);
    }
    return status;
}

kg_status kgi_yaml_load(kgi_yaml **out, const char *path, kg_error *err)
{
    *out = NULL;
    unsigned char *text = NULL;
    size_t n_bytes = 0;
    kg_status status = kgi_yaml_read(path, &text, &n_bytes, err);
    if (!status) {
        status = kgi_yaml_parse(out, path, (const char *)text, n_bytes, err);
    }
    free(text);
    return status;
}

/* ---- messages ------------------------------------------------------------------------------------ */

kg_status kgi_yaml_fail(const kgi_yaml_node *node, kg_error *err, const char *format, ...)
{
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: %s", node->path, node->line, node->column, text);
}

kg_status kgi_yaml_fail_key(const kgi_yaml_node *node, kg_error *err, const char *format, ...)
{
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: %s", node->path, node->key_line,
                    node->key_column, text);
}

static const char *kind_name(kgi_yaml_kind kind)
{
    return kind == KGI_YAML_MAP ? "map" : kind == KGI_YAML_LIST ? "list" : "single value";
}

kg_status kgi_yaml_check_kind(const kgi_yaml_node *node, kgi_yaml_kind kind, const char *what,
                              kg_error *err)
{
    if (node->kind == kind) {
        return KG_OK;
    }
    return kgi_yaml_fail(node, err, "%s is a %s, not a %s", what, kind_name(node->kind),
                         kind_name(kind));
}

/* ---- keys ---------------------------------------------------------------------------------------- */

int kgi_yaml_same_key(const char *a, const char *b)
{
    while (*a && *b && (*a == '-' ? '_' : *a) == (*b == '-' ? '_' : *b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

const kgi_yaml_node *kgi_yaml_get(const kgi_yaml_node *map, const char *key)
{
    if (!map || map->kind != KGI_YAML_MAP) {
        return NULL;
    }
    for (const kgi_yaml_node *child = map->first; child; child = child->next) {
        if (kgi_yaml_same_key(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

kg_status kgi_yaml_check_keys(const kgi_yaml_node *map, const char *what, const char *const *names,
                              int n, size_t stride, kg_error *err)
{
    for (const kgi_yaml_node *child = map->first; child; child = child->next) {
        int known = 0;
        for (int i = 0; i < n && !known; i++) {
            const void *entry = (const char *)names + (size_t)i * stride;
            known = kgi_yaml_same_key(child->key, *(const char *const *)entry);
        }
        if (!known) {
            const char *nearest = kgi_text_nearest(child->key, names, n, stride);
            return kgi_yaml_fail_key(child, err, "%s has no key \"%.60s\"%s%s%s", what, child->key,
                                     nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                                     nearest ? "\"?" : "");
        }
    }
    return KG_OK;
}

/* ---- values -------------------------------------------------------------------------------------- */

/* -?(0|[1-9][0-9]*): what YAML 1.1 and 1.2, JSON and people agree on. */
static int is_whole(const char *text)
{
    text += *text == '-';
    if (*text == '0') {
        return !text[1];
    }
    return *text && strspn(text, "0123456789") == strlen(text);
}

kg_status kgi_yaml_int(const kgi_yaml_node *node, const char *what, int lo, int hi, int *out,
                       kg_error *err)
{
    kg_status status = kgi_yaml_check_kind(node, KGI_YAML_SCALAR, what, err);
    if (status) {
        return status;
    }
    errno = 0;
    const long value = is_whole(node->text) ? strtol(node->text, NULL, 10) : 0;
    if (!is_whole(node->text) || errno || value < lo || value > hi) {
        return kgi_yaml_fail(node, err, "%s is \"%.60s\", not a whole number in [%d, %d]", what,
                             node->text, lo, hi);
    }
    *out = (int)value;
    return KG_OK;
}

kg_status kgi_yaml_double(const kgi_yaml_node *node, const char *what, double lo, double hi,
                          double *out, kg_error *err)
{
    kg_status status = kgi_yaml_check_kind(node, KGI_YAML_SCALAR, what, err);
    double value = 0;
    if (!status &&
        (kgi_number_parse(node->text, strlen(node->text), &value) || value < lo || value > hi)) {
        char low[KGI_NUMBER_SIZE];
        char high[KGI_NUMBER_SIZE];
        (void)kgi_number_format(low, lo, 0);
        (void)kgi_number_format(high, hi, 0);
        status = kgi_yaml_fail(node, err, "%s is \"%.60s\", not a number in [%s, %s]", what,
                               node->text, low, high);
    }
    if (!status) {
        *out = value;
    }
    return status;
}

kg_status kgi_yaml_bool(const kgi_yaml_node *node, const char *what, int *out, kg_error *err)
{
    const kg_status status = kgi_yaml_check_kind(node, KGI_YAML_SCALAR, what, err);
    if (status) {
        return status;
    }
    const int on = !strcmp(node->text, "true");
    if (!on && strcmp(node->text, "false") != 0) {
        return kgi_yaml_fail(node, err, "%s is \"%.60s\", not true or false", what, node->text);
    }
    *out = on;
    return KG_OK;
}

kg_status kgi_yaml_text(const kgi_yaml_node *node, const char *what, const char **out,
                        kg_error *err)
{
    const kg_status status = kgi_yaml_check_kind(node, KGI_YAML_SCALAR, what, err);
    if (status) {
        return status;
    }
    if (!*node->text) {
        return kgi_yaml_fail(node, err, "%s is empty", what);
    }
    *out = node->text;
    return KG_OK;
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

/* A number as JSON writes it (RFC 8259), or true, false, null. */
static int is_json_word(const char *text)
{
    if (!strcmp(text, "true") || !strcmp(text, "false") || !strcmp(text, "null")) {
        return 1;
    }
    double x = 0;
    const char *digits = text + (*text == '-');
    const size_t whole = strspn(digits, "0123456789");
    if (!whole || (digits[0] == '0' && whole > 1) ||
        kgi_number_parse(text, strlen(text), &x)) { /* no "1e999" either: readers differ on it */
        return 0;
    }
    return digits[whole] != '.' || strspn(digits + whole + 1, "0123456789") > 0;
}

void kgi_yaml_json(const kgi_yaml_node *node, kgi_text *text)
{
    if (node->kind == KGI_YAML_SCALAR) {
        if (node->plain && is_json_word(node->text)) {
            kgi_text_printf(text, "%s", node->text);
        } else {
            kgi_text_json_string(text, node->text);
        }
        return;
    }
    const int is_map = node->kind == KGI_YAML_MAP;
    kgi_text_add(text, is_map ? "{" : "[", 1);
    for (const kgi_yaml_node *child = node->first; child; child = child->next) {
        if (child != node->first) {
            kgi_text_add(text, ", ", 2);
        }
        if (is_map) {
            kgi_text_json_string(text, child->key);
            kgi_text_add(text, ": ", 2);
        }
        kgi_yaml_json(child, text);
    }
    kgi_text_add(text, is_map ? "}" : "]", 1);
}
