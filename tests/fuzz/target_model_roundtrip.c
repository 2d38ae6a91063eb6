/* SPDX-License-Identifier: Apache-2.0 */
/* load(save(m)) = m: a model that loads is written, read and written again, to the same bytes. */
#include "fuzz.h"

#include <string.h>

#include <ketgrad/model.h>

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char first[64], second[64];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    /* saving renames, so it needs a folder; one in memory is fastest */
    snprintf(first, sizeof first, "%s/fuzz-%ld-a", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm",
             (long)getpid());
    snprintf(second, sizeof second, "%.60s2", first);
    return 0;
}

static void need(kg_status status, const char *what)
{
    if (status) {
        fuzz_fail(what);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    kg_model *model = NULL, *again = NULL;
    unsigned char *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    if (kg_model_load(&model, fuzz_file(0, bytes, n), 1, NULL)) {
        return 0;
    }
    need(kg_model_save(model, first, NULL), "a model that was loaded cannot be saved");
    need(kg_model_load(&again, first, 1, NULL), "a model that was saved cannot be loaded");
    need(kg_model_save(again, second, NULL), "a model that was loaded again cannot be saved");
    need(kgi_file_read(first, (size_t)1 << 30, &a, &n_a, NULL), "the first file is not there");
    need(kgi_file_read(second, (size_t)1 << 30, &b, &n_b, NULL), "the second file is not there");
    if (n_a != n_b || memcmp(a, b, n_a) != 0) {
        fuzz_fail("saved twice, two files");
    }
    free(a);
    free(b);
    unlink(first);
    unlink(second);
    kg_model_destroy(model);
    kg_model_destroy(again);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    return fuzz_mutate_container(bytes, n, max_n, seed);
}
