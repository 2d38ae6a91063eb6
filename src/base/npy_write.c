/* SPDX-License-Identifier: Apache-2.0 */
/* Writing NPY files: version 1.0, little-endian doubles, rows first. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/npy.h"
#include "base/text.h"

enum { ALIGNMENT = 64, FIXED_BYTES = 10 };

/* Dictionary and padding, so that the numbers begin at a multiple of 64 bytes. */
static kg_status format_header(char **out, int n_dims, const size_t *shape, kg_error *err)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "{'descr': '<f8', 'fortran_order': False, 'shape': (");
    for (int d = 0; d < n_dims; d++) {
        kgi_text_printf(&text, "%s%zu", d ? ", " : "", shape[d]);
    }
    kgi_text_printf(&text, "%s), }", n_dims == 1 ? "," : "");
    const size_t used = FIXED_BYTES + text.length + 1;
    kgi_text_repeat(&text, " ", (int)((ALIGNMENT - used % ALIGNMENT) % ALIGNMENT));
    kgi_text_printf(&text, "\n");
    return kgi_text_finish(&text, out, err);
}

static void put_double(unsigned char *to, double x)
{
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; i++) {
        to[i] = (unsigned char)(bits >> (8 * i));
    }
}

kg_status kgi_npy_format(unsigned char **out, size_t *n_bytes, int n_dims, const size_t *shape,
                         const double *values, kg_error *err)
{
    char *header = NULL;
    size_t n = 1;
    *out = NULL;
    *n_bytes = 0;
    if (n_dims < 0 || n_dims > KGI_NPY_MAX_DIMS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d dimensions, not in [0, %d]", n_dims,
                        KGI_NPY_MAX_DIMS);
    }
    for (int d = 0; d < n_dims; d++) {
        if (!shape[d] || shape[d] > SIZE_MAX / 16 / n) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "dimension %d has size %zu%s", d, shape[d],
                            shape[d] ? ", the array is too large" : ", must be at least 1");
        }
        n *= shape[d];
    }
    const kg_status status = format_header(&header, n_dims, shape, err);
    if (status) {
        return status;
    }
    const size_t length = strlen(header);
    unsigned char *bytes = malloc(FIXED_BYTES + length + n * sizeof *values);
    if (!bytes) {
        free(header);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu numbers", n);
    }
    memcpy(bytes, "\x93NUMPY\x01", 8); /* the NUL of the text is the minor version */
    bytes[8] = (unsigned char)(length & 0xff);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + FIXED_BYTES, header, length);
    free(header);
    for (size_t i = 0; i < n; i++) {
        put_double(bytes + FIXED_BYTES + length + i * sizeof *values, values[i]);
    }
    *out = bytes;
    *n_bytes = FIXED_BYTES + length + n * sizeof *values;
    return KG_OK;
}
