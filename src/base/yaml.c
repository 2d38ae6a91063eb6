/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: libyaml's events become a tree, and whatever is not plain is refused on the way.
 *
 * Limits are counted on events, because libyaml has none of its own; nothing here recurses deeper than
 * KGI_YAML_MAX_DEPTH. */
#include "base/yaml.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define TAB_PROBLEM "a tab outside of quotes; indent with blanks"

/* A node with the texts that it owns; nodes of a document are chained, so that freeing needs no tree. */
typedef struct owned {
    kgi_yaml_node node;
    struct owned *before; /* made earlier */
    struct owned *last;   /* child */
    char *key;
    char texts[]; /* text of a scalar */
} owned;

struct kgi_yaml {
    char *path;
    owned *newest;
    const kgi_yaml_node *root;
};

typedef struct place {
    size_t line; /* from 0, as libyaml counts */
    size_t column;
} place;

typedef struct reader {
    kgi_yaml *file;
    yaml_parser_t parser;
    const char *text;
    size_t n_bytes;
    size_t tab_at;    /* byte of the next tab to judge */
    size_t tab_index; /* and its character */
    place tab_place;
    int tabs_allowed; /* JSON */
    int n_nodes;
    int n_documents;
    int depth;
    owned *open[KGI_YAML_MAX_DEPTH + 1]; /* maps and lists around the next event */
    char *key; /* of the next value in the innermost map; NULL: none yet */
    place key_place;
    kg_error *err;
} reader;

/* "path:line:column: text". */
static kg_status fail_at(const char *path, place at, kg_error *err, const char *format, ...)
    KG_PRINTF(4, 5);

static kg_status fail_at(const char *path, place at, kg_error *err, const char *format, ...)
{
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return kgi_fail(err, KG_ERR_FORMAT, "%s:%zu:%zu: %s", path, at.line + 1, at.column + 1, text);
}

static kg_status fail_memory(const reader *r)
{
    return kgi_fail(r->err, KG_ERR_MEMORY, "%s: no memory for %zu bytes of YAML", r->file->path,
                    r->n_bytes);
}

static place place_of(yaml_mark_t mark)
{
    return (place){mark.line, mark.column};
}

/* ---- tabs: judged beside the events, since only quoted scalars may hold them ------------------------ */

/* Steps over one byte. */
static void advance(reader *r)
{
    const unsigned char c = (unsigned char)r->text[r->tab_at++];
    if (c == '\n' || (c == '\r' && !(r->tab_at < r->n_bytes && r->text[r->tab_at] == '\n'))) {
        r->tab_place = (place){r->tab_place.line + 1, 0};
        r->tab_index++;
    } else if ((c & 0xc0) != 0x80) {
        r->tab_place.column++;
        r->tab_index++;
    }
}

/* Refuses tabs in front of character `end` of the text, or steps over them if they may stand there. */
static kg_status pass_tabs(reader *r, size_t end, int allowed)
{
    while (r->tab_at < r->n_bytes && r->tab_index < end) {
        if (r->text[r->tab_at] == '\t' && !allowed && !r->tabs_allowed) {
            return fail_at(r->file->path, r->tab_place, r->err, TAB_PROBLEM);
        }
        advance(r);
    }
    return KG_OK;
}

/* ---- the tree ------------------------------------------------------------------------------------ */

static char *copy_text(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

/* A new node under the innermost map or list; NULL if there is no memory. */
static owned *add_node(reader *r, kgi_yaml_kind kind, place at, const char *text, size_t length)
{
    owned *node = calloc(1, sizeof *node + length + 1);
    if (!node) {
        return NULL;
    }
    memcpy(node->texts, text, length);
    node->node = (kgi_yaml_node){.kind = kind,
                                 .line = (int)at.line + 1,
                                 .column = (int)at.column + 1,
                                 .path = r->file->path,
                                 .text = node->texts,
                                 .key = r->key,
                                 .key_line = (int)r->key_place.line + 1,
                                 .key_column = (int)r->key_place.column + 1};
    node->key = r->key;
    r->key = NULL;
    node->before = r->file->newest;
    r->file->newest = node;
    owned *parent = r->depth ? r->open[r->depth - 1] : NULL;
    if (!parent) {
        r->file->root = &node->node;
    } else if (parent->last) {
        parent->last->node.next = &node->node;
    } else {
        parent->node.first = &node->node;
    }
    if (parent) {
        parent->last = node;
        parent->node.n++;
    }
    return node;
}

/* The next scalar is a key. */
static int wants_key(const reader *r)
{
    return r->depth && r->open[r->depth - 1]->node.kind == KGI_YAML_MAP && !r->key;
}

static kg_status count_node(reader *r, place at)
{
    if (++r->n_nodes > KGI_YAML_MAX_NODES) {
        return fail_at(r->file->path, at, r->err, "more than %d nodes", KGI_YAML_MAX_NODES);
    }
    return KG_OK;
}

static kg_status refuse_name(const reader *r, place at, const void *anchor, const void *tag)
{
    if (anchor) {
        return fail_at(r->file->path, at, r->err, "an anchor; write the value where it is needed");
    }
    if (tag) {
        return fail_at(r->file->path, at, r->err, "a tag; the option says what type its value has");
    }
    return KG_OK;
}

static kg_status begin_group(reader *r, kgi_yaml_kind kind, place at)
{
    kg_status status = count_node(r, at);
    if (!status && wants_key(r)) {
        status = fail_at(r->file->path, at, r->err, "a key is a text, not a %s",
                         kind == KGI_YAML_MAP ? "map" : "list");
    }
    if (!status && r->depth == KGI_YAML_MAX_DEPTH) {
        status = fail_at(r->file->path, at, r->err, "nesting deeper than %d", KGI_YAML_MAX_DEPTH);
    }
    if (status) {
        return status;
    }
    owned *node = add_node(r, kind, at, "", 0);
    if (!node) {
        return fail_memory(r);
    }
    r->open[r->depth++] = node;
    return KG_OK;
}

/* As strcmp(), with '-' for '_'. */
static int compare_keys(const char *a, const char *b)
{
    while (*a && (*a == '_' ? '-' : *a) == (*b == '_' ? '-' : *b)) {
        a++;
        b++;
    }
    return (*a == '_' ? '-' : *a) - (*b == '_' ? '-' : *b);
}

static int by_key(const void *a, const void *b)
{
    const kgi_yaml_node *left = *(const kgi_yaml_node *const *)a;
    const kgi_yaml_node *right = *(const kgi_yaml_node *const *)b;
    const int order = compare_keys(left->key, right->key);
    if (order) {
        return order;
    }
    return left->key_line != right->key_line ? left->key_line - right->key_line
                                             : left->key_column - right->key_column;
}

/* Refuses the first key of the map that stands in it twice. Equal keys are neighbours when sorted. */
static kg_status refuse_twins(const reader *r, const kgi_yaml_node *map)
{
    const size_t n = (size_t)map->n;
    const kgi_yaml_node **sorted = n > 1 ? malloc(n * sizeof *sorted) : NULL;
    if (n < 2 || !sorted) {
        return n < 2 ? KG_OK : fail_memory(r);
    }
    size_t i = 0;
    for (const kgi_yaml_node *child = map->first; child; child = child->next) {
        sorted[i++] = child;
    }
    qsort(sorted, n, sizeof(void *), by_key);
    const kgi_yaml_node *first = NULL;
    const kgi_yaml_node *twin = NULL;
    for (i = 1; i < n; i++) {
        const kgi_yaml_node *node = sorted[i];
        if (!compare_keys(node->key, sorted[i - 1]->key) &&
            (!twin || node->key_line < twin->key_line ||
             (node->key_line == twin->key_line && node->key_column < twin->key_column))) {
            twin = node;
            first = sorted[i - 1];
        }
    }
    free(sorted);
    return twin ? kgi_yaml_fail_key(twin, r->err, "duplicate key \"%s\", first in line %d",
                                    twin->key, first->key_line)
                : KG_OK;
}

static kg_status take_key(reader *r, const yaml_event_t *event, place at)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    if (!length) {
        return fail_at(r->file->path, at, r->err, "an empty key");
    }
    if (length > KGI_YAML_MAX_KEY) {
        return fail_at(r->file->path, at, r->err, "a key of %zu bytes, at most %d", length,
                       KGI_YAML_MAX_KEY);
    }
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !strcmp(text, "<<")) {
        return fail_at(r->file->path, at, r->err, "a merge key; write the keys where they belong");
    }
    r->key = copy_text(text, length);
    r->key_place = at;
    return r->key ? KG_OK : fail_memory(r);
}

static kg_status take_scalar(reader *r, const yaml_event_t *event, place at)
{
    const char *text = (const char *)event->data.scalar.value;
    const size_t length = event->data.scalar.length;
    const int plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    kg_status status = count_node(r, at);
    if (!status) {
        status = pass_tabs(r, event->start_mark.index, 0);
    }
    if (!status) {
        status = pass_tabs(r, event->end_mark.index, !plain);
    }
    if (!status && memchr(text, 0, length)) {
        status = fail_at(r->file->path, at, r->err, "a NUL in a text");
    }
    if (status) {
        return status;
    }
    if (wants_key(r)) {
        return take_key(r, event, at);
    }
    owned *node = add_node(r, KGI_YAML_SCALAR, at, text, length);
    if (!node) {
        return fail_memory(r);
    }
    node->node.plain = plain;
    return KG_OK;
}

static kg_status begin_document(reader *r, const yaml_event_t *event, place at)
{
    if (event->data.document_start.version_directive ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end) {
        return fail_at(r->file->path, at, r->err, "a directive");
    }
    if (++r->n_documents > 1) {
        return fail_at(r->file->path, at, r->err, "a second document; one file is one document");
    }
    return KG_OK;
}

static kg_status take_event(reader *r, const yaml_event_t *event)
{
    const place at = place_of(event->start_mark);
    kg_status status = KG_OK;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return begin_document(r, event, at);
    case YAML_ALIAS_EVENT:
        return fail_at(r->file->path, at, r->err, "an alias; write the value where it is needed");
    case YAML_SCALAR_EVENT:
        status = refuse_name(r, at, event->data.scalar.anchor, event->data.scalar.tag);
        return status ? status : take_scalar(r, event, at);
    case YAML_MAPPING_START_EVENT:
        status =
            refuse_name(r, at, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return status ? status : begin_group(r, KGI_YAML_MAP, at);
    case YAML_SEQUENCE_START_EVENT:
        status =
            refuse_name(r, at, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return status ? status : begin_group(r, KGI_YAML_LIST, at);
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return refuse_twins(r, &r->open[r->depth]->node);
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return KG_OK;
    default:
        return KG_OK;
    }
}

/* ---- libyaml's own complaints ---------------------------------------------------------------------- */

/* Line and column of a byte. */
static place locate(const char *text, size_t at)
{
    place p = {0, 0};
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            p = (place){p.line + 1, 0};
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            p.column++;
        }
    }
    return p;
}

static kg_status fail_parser(reader *r)
{
    const yaml_parser_t *parser = &r->parser;
    const char *problem = parser->problem ? parser->problem : "not YAML";
    if (parser->error == YAML_MEMORY_ERROR) {
        return fail_memory(r);
    }
    if (parser->error == YAML_READER_ERROR) {
        const size_t at = parser->problem_offset < r->n_bytes ? parser->problem_offset : r->n_bytes;
        return fail_at(r->file->path, locate(r->text, at), r->err, "%s", problem);
    }
    (void)pass_tabs(r, parser->problem_mark.index, 1);
    if (r->tab_at < r->n_bytes && r->text[r->tab_at] == '\t') {
        return fail_at(r->file->path, r->tab_place, r->err, TAB_PROBLEM);
    }
    return fail_at(r->file->path, place_of(parser->problem_mark), r->err, "%s%s%s", problem,
                   parser->context ? " " : "", parser->context ? parser->context : "");
}

static kg_status read_events(reader *r)
{
    for (int more = 1; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event)) {
            return fail_parser(r);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        const kg_status status = take_event(r, &event);
        yaml_event_delete(&event);
        if (status) {
            return status;
        }
    }
    return pass_tabs(r, SIZE_MAX, 0);
}

/* What is refused before libyaml sees it. */
static kg_status check_bytes(const reader *r)
{
    const char *path = r->file->path;
    if (r->n_bytes > KGI_YAML_MAX_BYTES) {
        return kgi_fail(r->err, KG_ERR_FORMAT, "%s:1:1: %zu bytes of YAML, at most %d", path,
                        r->n_bytes, KGI_YAML_MAX_BYTES);
    }
    if (r->n_bytes >= 2 && (!memcmp(r->text, "\xff\xfe", 2) || !memcmp(r->text, "\xfe\xff", 2))) {
        return kgi_fail(r->err, KG_ERR_FORMAT, "%s:1:1: UTF-16; the file must be UTF-8", path);
    }
    const char *nul = r->n_bytes ? memchr(r->text, 0, r->n_bytes) : NULL;
    if (nul) {
        return fail_at(path, locate(r->text, (size_t)(nul - r->text)), r->err,
                       "a NUL byte; the file must be UTF-8 text");
    }
    return KG_OK;
}

static int is_json(const char *text, size_t n_bytes)
{
    size_t i = 0;
    while (i < n_bytes && strchr(" \t\r\n", text[i])) {
        i++;
    }
    return i < n_bytes && (text[i] == '{' || text[i] == '[');
}

static kg_status read_text(reader *r)
{
    const kg_status status = check_bytes(r);
    if (status) {
        return status;
    }
    if (r->n_bytes >= 3 && !memcmp(r->text, "\xef\xbb\xbf", 3)) { /* a byte order mark */
        r->text += 3;
        r->n_bytes -= 3;
    }
    r->tabs_allowed = is_json(r->text, r->n_bytes);
    if (!yaml_parser_initialize(&r->parser)) {
        return fail_memory(r);
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text, r->n_bytes);
    const kg_status parsed = read_events(r);
    yaml_parser_delete(&r->parser);
    free(r->key);
    r->key = NULL;
    if (!parsed && !r->file->root && !add_node(r, KGI_YAML_MAP, (place){0, 0}, "", 0)) {
        return fail_memory(r);
    }
    if (!parsed && r->file->root->kind == KGI_YAML_SCALAR && r->file->root->plain &&
        !*r->file->root->text) {
        r->file->newest->node.kind = KGI_YAML_MAP; /* "---" and nothing more */
    }
    return parsed;
}

kg_status kgi_yaml_parse(kgi_yaml **out, const char *path, const char *text, size_t n_bytes,
                         kg_error *err)
{
    *out = NULL;
    kgi_yaml *file = calloc(1, sizeof *file);
    char *copy = copy_text(path, strlen(path));
    if (!file || !copy) {
        free(file);
        free(copy);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: no memory for %zu bytes of YAML", path, n_bytes);
    }
    file->path = copy;
    reader r = {.file = file, .text = text, .n_bytes = n_bytes, .err = err};
    const kg_status status = read_text(&r);
    if (status) {
        kgi_yaml_destroy(file);
        return status;
    }
    *out = file;
    return KG_OK;
}

void kgi_yaml_destroy(kgi_yaml *file)
{
    if (!file) {
        return;
    }
    for (owned *node = file->newest; node;) {
        owned *before = node->before;
        free(node->key);
        free(node);
        node = before;
    }
    free(file->path);
    free(file);
}

const kgi_yaml_node *kgi_yaml_root(const kgi_yaml *file)
{
    return file->root;
}
