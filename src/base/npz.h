/* SPDX-License-Identifier: Apache-2.0 */
/* NPZ: a zip file of NPY members, read and written in memory, never unpacked to disk. */
#ifndef BASE_NPZ_H
#define BASE_NPZ_H

#include "base/npy.h"
#include "base/status.h"

enum { KGI_NPZ_MAX_MEMBERS = 4096, KGI_NPZ_MAX_NAME = 256 };

typedef struct kgi_npz kgi_npz;

/* 1 if the bytes start as a zip file does. */
int kgi_npz_check(const unsigned char *bytes, size_t n_bytes);

/* Reads the directory of bytes[n_bytes] (borrowed until close) and compares it with the header before
 * each member; `path` is for messages and borrowed too. Errors: KG_ERR_FORMAT ("path: byte N: ...":
 * not a zip file, duplicate, encrypted or unknown member, headers that differ), KG_ERR_MEMORY. */
kg_status kgi_npz_open(kgi_npz **out, const char *path, const unsigned char *bytes, size_t n_bytes,
                       kg_error *err);
void kgi_npz_close(kgi_npz *npz);

int kgi_npz_n_members(const kgi_npz *npz);
/* Name of member i without ".npy", borrowed; NULL past the end. */
const char *kgi_npz_name(const kgi_npz *npz, int i);
/* Member of that name, -1 if there is none. */
int kgi_npz_find(const kgi_npz *npz, const char *name);

/* Unpacks member i; npy->bytes is *bytes, release it with free() when npy is not used any more.
 * npy->path is the member's ("x.npz: y.npy") and valid until close. At most as many bytes are unpacked
 * as the member's NPY header declares, and that header is checked against the size of the file first.
 * Errors: KG_ERR_FORMAT, KG_ERR_MEMORY. */
kg_status kgi_npz_read(kgi_npz *npz, int i, kgi_npy *npy, unsigned char **bytes, kg_error *err);

/* A member to write. */
typedef struct kgi_npz_array {
    const char *name;
    int n_dims;
    const size_t *shape;
    const double *values;
} kgi_npz_array;

/* Arrays as the bytes of an NPZ file, stored, sorted by name, the same bytes whenever and wherever it
 * is written; *out is released with free(). Errors: KG_ERR_ARGUMENT (a name that is empty, too long,
 * twice there or no file name; a shape), KG_ERR_MEMORY. */
kg_status kgi_npz_format(unsigned char **out, size_t *n_bytes, int n_arrays,
                         const kgi_npz_array *arrays, kg_error *err);

#endif
