/* SPDX-License-Identifier: Apache-2.0 */
/* An NPY file. What is read is written and read again: the same numbers. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/npy.h"

static double *numbers(const uint8_t *bytes, size_t n, kgi_npy *npy)
{
    if (kgi_npy_parse(npy, "f", bytes, n, NULL)) {
        return NULL;
    }
    double *values = malloc((npy->n_items + 1) * sizeof *values);
    if (values && kgi_npy_convert(npy, 0, npy->n_items, values, NULL)) {
        free(values);
        values = NULL;
    }
    return values;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kgi_npy npy, again;
    unsigned char *written = NULL;
    size_t n_written = 0;
    double *values = numbers(bytes, n, &npy);
    if (values && !kgi_npy_format(&written, &n_written, npy.n_dims, npy.shape, values, NULL)) {
        double *second = numbers(written, n_written, &again);
        if (!second || again.n_items != npy.n_items ||
            memcmp(second, values, npy.n_items * sizeof *values) != 0) {
            fuzz_fail("written and read again, other numbers");
        }
        free(second);
    }
    free(written);
    free(values);
    return 0;
}
