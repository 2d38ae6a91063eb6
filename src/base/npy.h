/* SPDX-License-Identifier: Apache-2.0 */
/* NPY, the array file of NumPy: a header that we read by a strict grammar (never as a program), and
 * numbers behind it.
 *
 *     \x93NUMPY | major minor | length of the header (2 or 4 bytes, little-endian) |
 *     {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } and blanks and \n | numbers
 *
 * Versions 1.0, 2.0 and 3.0; types f4, f8, i4, i8 of both byte orders, u1 and b1; rows or columns
 * first. Objects and structures are refused. */
#ifndef BASE_NPY_H
#define BASE_NPY_H

#include "base/status.h"

enum {
    KGI_NPY_MAX_HEADER = 10000, /* bytes of the text */
    KGI_NPY_MAX_START = KGI_NPY_MAX_HEADER + 12,
    KGI_NPY_MAX_DIMS = 8
};

typedef enum kgi_npy_type {
    KGI_NPY_F4,
    KGI_NPY_F8,
    KGI_NPY_I4,
    KGI_NPY_I8,
    KGI_NPY_U1,
    KGI_NPY_B1
} kgi_npy_type;

typedef struct kgi_npy {
    const char *path; /* for messages, borrowed */
    kgi_npy_type type;
    int is_big_endian;
    int is_fortran; /* the first index runs fastest */
    int n_dims;     /* 0: one number */
    size_t shape[KGI_NPY_MAX_DIMS];
    size_t n_items;
    size_t item_bytes;
    size_t start;               /* byte of the file where the numbers begin */
    size_t n_bytes;             /* of the whole file */
    const unsigned char *bytes; /* of the whole file, borrowed; NULL after kgi_npy_read_header() */
} kgi_npy;

/* Reads only the header from the first n_bytes of a file (KGI_NPY_MAX_START are enough for any).
 * out->n_bytes is what the whole file has to have. Errors: KG_ERR_FORMAT ("path: byte N: ..."),
 * KG_ERR_UNSUPPORTED is not used: what we do not read is a format that is not ours. */
kg_status kgi_npy_read_header(kgi_npy *out, const char *path, const unsigned char *bytes,
                              size_t n_bytes, kg_error *err);

/* The header, and a check that the numbers are there and nothing after them. bytes are borrowed. */
kg_status kgi_npy_parse(kgi_npy *out, const char *path, const unsigned char *bytes, size_t n_bytes,
                        kg_error *err);

/* Numbers first ... first + n - 1 in C order (the last index runs fastest) as doubles. Errors:
 * KG_ERR_FORMAT (NaN or infinity, a whole number above 2^53, a bool that is not 0 or 1: all with their
 * byte). */
kg_status kgi_npy_convert(const kgi_npy *npy, size_t first, size_t n, double *values,
                          kg_error *err);

/* The byte of the file at which number i in C order begins. */
size_t kgi_npy_place(const kgi_npy *npy, size_t i);

/* Doubles as the bytes of a version 1.0 file, the header padded to 64 bytes; *out is released with
 * free(). Errors: KG_ERR_ARGUMENT (n_dims not in [0, 8], a size of 0, too large), KG_ERR_MEMORY. */
kg_status kgi_npy_format(unsigned char **out, size_t *n_bytes, int n_dims, const size_t *shape,
                         const double *values, kg_error *err);

#endif
