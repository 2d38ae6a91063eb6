/* SPDX-License-Identifier: Apache-2.0 */
/* The container in which trained things are stored: named tensors and named texts, as a safetensors
 * file that other tools read too.
 *
 * Keys are written sorted and nothing depends on the time, so equal content gives equal bytes. The text
 * "ketgrad.digest" is the SHA-256 of the whole file with its own 64 digits read as zeros; a file in
 * which it is missing or wrong is refused. */
#ifndef BASE_SAFETENSORS_H
#define BASE_SAFETENSORS_H

#include "base/status.h"

enum {
    KGI_TENSOR_MAX_RANK = 8,
    KGI_CONTAINER_MAX_TENSORS = 4096,
    KGI_CONTAINER_MAX_NAME = 256,      /* bytes of a tensor's or text's name */
    KGI_CONTAINER_MAX_HEADER = 4 << 20 /* bytes of the JSON header, texts included */
};

typedef struct kgi_container kgi_container;

typedef struct kgi_tensor {
    const char *name;
    int rank; /* 0 is a single number */
    size_t shape[KGI_TENSOR_MAX_RANK];
    size_t count;       /* product of the shape */
    const double *data; /* [count] row-major, aligned */
} kgi_tensor;

kg_status kgi_container_create(kgi_container **out, kg_error *err);
void kgi_container_destroy(kgi_container *container);

/* Adds a copy. Errors: KG_ERR_ARGUMENT (name empty, too long, not printable ASCII or taken; rank),
 * KG_ERR_SHAPE (product overflows), KG_ERR_UNSUPPORTED (more than 4096 tensors), KG_ERR_MEMORY. */
kg_status kgi_container_add(kgi_container *container, const char *name, int rank,
                            const size_t *shape, const double *data, kg_error *err);

/* Sets (or replaces) a text, UTF-8. Keys begin with "ketgrad."; "format", "ketgrad.digest" and
 * "ketgrad.version" are the container's own. */
kg_status kgi_container_set_text(kgi_container *container, const char *key, const char *text,
                                 kg_error *err);

/* Borrowed, or NULL if there is none of that name. */
const kgi_tensor *kgi_container_find(const kgi_container *container, const char *name);
const char *kgi_container_text(const kgi_container *container, const char *key);

int kgi_container_n_tensors(const kgi_container *container);
const kgi_tensor *kgi_container_tensor(const kgi_container *container, int i); /* sorted by name */

/* The tensor of that name, if it has that shape and only finite numbers; `data` is borrowed.
 * Errors: KG_ERR_FORMAT (missing, other shape, not finite), with the container's path in front. */
kg_status kgi_container_need(const kgi_container *container, const char *name, int rank,
                             const size_t *shape, const double **data, kg_error *err);
/* The text of that key, or KG_ERR_FORMAT. */
kg_status kgi_container_need_text(const kgi_container *container, const char *key,
                                  const char **text, kg_error *err);

/* Path that a loaded container came from, for messages; "container" for one made in memory. */
const char *kgi_container_path(const kgi_container *container);

/* To and from bytes (release *out with free) and files. Reading checks everything, see the message
 * "path: byte N: ...". Errors of parse: KG_ERR_FORMAT, KG_ERR_UNSUPPORTED (another dtype), KG_ERR_MEMORY; load
 * adds those of kgi_file_read(), save those of kgi_file_write(). */
kg_status kgi_container_format(unsigned char **out, size_t *n_bytes, const kgi_container *container,
                               kg_error *err);
kg_status kgi_container_parse(kgi_container **out, const char *path, const unsigned char *bytes,
                              size_t n_bytes, kg_error *err);
kg_status kgi_container_save(const kgi_container *container, const char *path, kg_error *err);
kg_status kgi_container_load(kgi_container **out, const char *path, kg_error *err);

#endif
