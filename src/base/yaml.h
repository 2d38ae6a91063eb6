/* SPDX-License-Identifier: Apache-2.0 */
/* A plain subset of YAML as a tree that is only read: maps, lists and scalars, with their places.
 *
 *     kgi_yaml *file = NULL;
 *     if (kgi_yaml_load(&file, "model.yaml", err)) ...
 *     const kgi_yaml_node *layers = kgi_yaml_get(kgi_yaml_root(file), "layers");
 *     for (const kgi_yaml_node *layer = layers->first; layer; layer = layer->next) ...
 *     kgi_yaml_destroy(file);
 *
 * Scalars keep their text: the type comes from whoever asks, so `no` is a text where a text is wanted.
 * Refused, each with "path:line:column: ": anchors, aliases, tags, merge keys, directives, several
 * documents, keys that are not texts, duplicate and empty keys, tabs outside of quotes (but in files
 * that begin with { or [, so that JSON is read too), NULs, other encodings than UTF-8. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

enum {
    KGI_YAML_MAX_BYTES = 1 << 20,
    KGI_YAML_MAX_DEPTH = 16,     /* maps and lists inside each other */
    KGI_YAML_MAX_NODES = 100000, /* maps, lists, scalars and keys */
    KGI_YAML_MAX_KEY = 128       /* bytes of a key */
};

typedef enum kgi_yaml_kind { KGI_YAML_SCALAR, KGI_YAML_MAP, KGI_YAML_LIST } kgi_yaml_kind;

/* Belongs to its document, and is valid as long as that. */
typedef struct kgi_yaml_node {
    kgi_yaml_kind kind;
    int plain;        /* scalar without quotes */
    int line, column; /* where it begins, from 1; a column is a character */
    const char *path; /* of the file, for messages */
    const char *text; /* of a scalar; "" of the others */
    const char *key;  /* in a map: under which key; else NULL */
    int key_line, key_column;
    int n;                             /* children of a map or list */
    const struct kgi_yaml_node *first; /* child, in the order of the file; NULL: none */
    const struct kgi_yaml_node *next;  /* of the same parent; NULL past the end */
} kgi_yaml_node;

typedef struct kgi_yaml kgi_yaml;

/* Reads text[n_bytes]; `path` is copied and stands in every message. Text without content is an empty
 * map. Errors: KG_ERR_FORMAT, KG_ERR_MEMORY. */
kg_status kgi_yaml_parse(kgi_yaml **out, const char *path, const char *text, size_t n_bytes,
                         kg_error *err);
/* Reads a file; also KG_ERR_IO. Too large a file is KG_ERR_FORMAT. */
kg_status kgi_yaml_load(kgi_yaml **out, const char *path, kg_error *err);
void kgi_yaml_destroy(kgi_yaml *file);

/* The bytes of such a file, for readers that keep its text; release *text with free(). */
kg_status kgi_yaml_read(const char *path, unsigned char **text, size_t *n_bytes, kg_error *err);

const kgi_yaml_node *kgi_yaml_root(const kgi_yaml *file);

/* 1 if two keys are the same; '-' and '_' are, everywhere. */
int kgi_yaml_same_key(const char *a, const char *b);

/* The value under key; NULL if map is NULL, is no map, or has no such key. */
const kgi_yaml_node *kgi_yaml_get(const kgi_yaml_node *map, const char *key);

/* kgi_fail() with KG_ERR_FORMAT and the place of the node in front: "path:line:column: text". */
kg_status kgi_yaml_fail(const kgi_yaml_node *node, kg_error *err, const char *format, ...)
    KG_PRINTF(3, 4);
/* The same with the place of the node's key. */
kg_status kgi_yaml_fail_key(const kgi_yaml_node *node, kg_error *err, const char *format, ...)
    KG_PRINTF(3, 4);

/* Refuses a node of another kind, "layers is a text, not a list"; `what` names it in the message. */
kg_status kgi_yaml_check_kind(const kgi_yaml_node *node, kgi_yaml_kind kind, const char *what,
                              kg_error *err);

/* Refuses keys of a map that are none of names[n] (names[i] read at stride bytes, as in rows of a
 * table), with the nearest name; `what` is what the map describes: "layer". */
kg_status kgi_yaml_check_keys(const kgi_yaml_node *map, const char *what, const char *const *names,
                              int n, size_t stride, kg_error *err);

/* Scalars as numbers; `what` names the value in the message: "units is 0, not a whole number in
 * [1, 4096]". Whole numbers are written in decimal, without leading zeros, point or exponent; reals
 * have a point in every locale and are finite. On failure *out is unchanged. */
kg_status kgi_yaml_int(const kgi_yaml_node *node, const char *what, int lo, int hi, int *out,
                       kg_error *err);
kg_status kgi_yaml_double(const kgi_yaml_node *node, const char *what, double lo, double hi,
                          double *out, kg_error *err);
/* true or false, nothing else. */
kg_status kgi_yaml_bool(const kgi_yaml_node *node, const char *what, int *out, kg_error *err);
/* *out borrows the text of a scalar that is not empty. */
kg_status kgi_yaml_text(const kgi_yaml_node *node, const char *what, const char **out,
                        kg_error *err);

/* Adds the tree as JSON in one line, keys in the order of the file: what it reads back to is the same
 * tree (but for places, and for the quotes around texts that are neither numbers nor true or false). */
void kgi_yaml_json(const kgi_yaml_node *node, kgi_text *text);

#endif
