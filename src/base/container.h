/* SPDX-License-Identifier: Apache-2.0 */
/* What the container in memory shows to its reader and writer. Users include base/safetensors.h. */
#ifndef BASE_CONTAINER_H
#define BASE_CONTAINER_H

#include "base/safetensors.h"

/* Keys that the container sets itself. */
#define KGI_KEY_FORMAT "format"
#define KGI_KEY_VERSION "ketgrad.version"
#define KGI_KEY_DIGEST "ketgrad.digest"

/* Where the 64 digits stand in the header, which is the only place with these bytes: inside a text the
 * quotes have backslashes. */
#define KGI_DIGEST_MARK "\"" KGI_KEY_DIGEST "\":\""
#define KGI_DIGEST_ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

enum {
    KGI_LENGTH_BYTES = 8,             /* of the header's length in front */
    KGI_CONTAINER_MAX_BYTES = 1 << 30 /* of a file */
};

typedef struct kgi_container_entry {
    char *key;
    char *text;
} kgi_container_entry;

struct kgi_container {
    kgi_tensor *tensors; /* sorted by name; names and data are owned */
    int n_tensors;
    kgi_container_entry *texts; /* sorted by key */
    int n_texts;
    char *path; /* NULL if made in memory */
};

/* Product of a shape; 0 if it, in bytes of F64, overflows. */
int kgi_container_count(int rank, const size_t *shape, size_t *count);

/* kgi_container_add() and kgi_container_set_text() without the rules for names. `bytes` holds count
 * F64 of any alignment. */
kg_status kgi_container_put(kgi_container *container, const char *name, int rank,
                            const size_t *shape, size_t count, const void *bytes, kg_error *err);
kg_status kgi_container_put_text(kgi_container *container, const char *key, const char *text,
                                 kg_error *err);

#endif
