/* SPDX-License-Identifier: Apache-2.0 */
/* Images, and the same bytes as labels of three images; half of the packed inputs have a sum that is right. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <ketgrad/data.h>

#include "base/gzip.h"
#include "corpus/bytes.h"

static const unsigned char images[] = "\0\0\x08\x03\0\0\0\x03\0\0\0\x02\0\0\0\x03"
                                      "abcdefghijklmnopqr";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kg_dataset *data = NULL;
    const char *path = fuzz_file(0, bytes, n);
    (void)!kg_dataset_load_idx(&data, path, NULL, 0, NULL);
    kg_dataset_destroy(data);
    (void)!kg_dataset_load_idx(&data, fuzz_file(1, images, sizeof images - 1), path, 3, NULL);
    kg_dataset_destroy(data);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    enum { MOST = 4096 };
    kgi_gzip *gzip = NULL;
    uint8_t *plain = malloc(MOST);
    size_t n_plain = 0, n_out = 0;
    if (plain && seed % 2 == 0 && kgi_gzip_check(bytes, n) &&
        !kgi_gzip_open(&gzip, "f", bytes, n, NULL) &&
        !kgi_gzip_read(gzip, plain, MOST, &n_plain, NULL)) {
        struct bytes file = {.data = plain};
        file.n = LLVMFuzzerMutate(plain, n_plain, MOST);
        (void)bytes_edit(&file, "gzip");
        n_out = file.n <= max_n ? file.n : 0;
        memcpy(bytes, file.data, n_out);
        bytes_clear(&file);
        plain = NULL;
    }
    kgi_gzip_close(gzip);
    free(plain);
    return n_out ? n_out : LLVMFuzzerMutate(bytes, n, max_n);
}
