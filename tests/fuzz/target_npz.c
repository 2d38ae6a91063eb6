/* SPDX-License-Identifier: Apache-2.0 */
/* An NPZ file; half of the inputs are zip files whose sizes and sums are right, with other content. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/npz.h"
#include "corpus/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kgi_npz *npz = NULL;
    if (kgi_npz_open(&npz, "f", bytes, n, NULL)) {
        return 0;
    }
    for (int i = 0; i < kgi_npz_n_members(npz); i++) {
        unsigned char *member = NULL;
        kgi_npy npy;
        if (!kgi_npz_name(npz, i) || kgi_npz_find(npz, kgi_npz_name(npz, i)) != i) {
            fuzz_fail("a member that is not found by its name");
        }
        if (!kgi_npz_read(npz, i, &npy, &member, NULL)) {
            double *values = malloc((npy.n_items + 1) * sizeof *values);
            if (values) {
                (void)!kgi_npy_convert(&npy, 0, npy.n_items, values, NULL);
            }
            free(values);
        }
        free(member);
    }
    kgi_npz_close(npz);
    return 0;
}

/* Takes the first member out, changes it, and packs it again. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    kgi_npz *npz = NULL;
    kgi_npy npy;
    unsigned char *member = NULL;
    size_t n_out = 0;
    if (seed % 2 == 0 && !kgi_npz_open(&npz, "f", bytes, n, NULL) &&
        !kgi_npz_read(npz, 0, &npy, &member, NULL)) {
        struct bytes file = {0};
        const size_t n_member = npy.n_bytes, room = max_n > 400 ? max_n - 200 : n_member;
        uint8_t *part = malloc(room > n_member ? room : n_member);
        if (part) {
            memcpy(part, member, n_member);
            file.data = part;
            file.n = LLVMFuzzerMutate(part, n_member, room > n_member ? room : n_member);
            (void)bytes_edit(&file, seed % 4 ? "member x.npy" : "member x.npy deflated");
            (void)bytes_edit(&file, "directory");
            n_out = file.n <= max_n ? file.n : 0;
            memcpy(bytes, file.data, n_out);
            bytes_clear(&file);
        }
    }
    free(member);
    kgi_npz_close(npz);
    return n_out ? n_out : LLVMFuzzerMutate(bytes, n, max_n);
}
