/* SPDX-License-Identifier: Apache-2.0 */
/* See fuzz.h. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "corpus/bytes.h"

enum { SLOTS = 4, LENGTH_BYTES = 8 };

const char *fuzz_file(int slot, const void *bytes, size_t n)
{
    static struct {
        int fd;
        char path[64];
    } files[SLOTS];
    if (!*files[slot].path) {
        files[slot].fd = memfd_create("fuzz", 0);
        snprintf(files[slot].path, sizeof files[slot].path, "/proc/self/fd/%d", files[slot].fd);
    }
    if (files[slot].fd < 0 || ftruncate(files[slot].fd, 0) ||
        pwrite(files[slot].fd, bytes, n, 0) != (ssize_t)n) {
        fuzz_fail("no file in memory");
    }
    return files[slot].path;
}

void fuzz_fail(const char *what)
{
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* Length of the header that the file claims, 0 if it cannot be. */
static size_t header_bytes(const uint8_t *bytes, size_t n)
{
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0 && n >= LENGTH_BYTES; i--) {
        length = length << 8 | bytes[i];
    }
    return n >= LENGTH_BYTES && length <= n - LENGTH_BYTES ? (size_t)length : 0;
}

size_t fuzz_mutate_container(uint8_t *bytes, size_t n, size_t max_n, unsigned seed)
{
    const size_t n_header = header_bytes(bytes, n);
    if (seed % 2 || !n_header) {
        return LLVMFuzzerMutate(bytes, n, max_n);
    }
    struct bytes file = {0};
    uint8_t *part = malloc(max_n + 1);
    const int header = seed % 4 == 0; /* else the numbers */
    const size_t at = LENGTH_BYTES + (header ? 0 : n_header);
    const size_t n_part = header ? n_header : n - at;
    const size_t room = max_n > n ? n_part + (max_n - n) : n_part;
    if (!part || !room) {
        free(part);
        return LLVMFuzzerMutate(bytes, n, max_n);
    }
    memcpy(part, bytes + at, n_part);
    const size_t n_new = LLVMFuzzerMutate(part, n_part, room);
    file.data = malloc(max_n + 64);
    if (!file.data) {
        fuzz_fail("no memory");
    }
    memcpy(file.data, bytes, at);
    memcpy(file.data + at, part, n_new);
    memcpy(file.data + at + n_new, bytes + at + n_part, n - at - n_part);
    file.n = n - n_part + n_new;
    file.n_header = header ? n_new : n_header;
    if (file.n_header > 2) {
        (void)bytes_edit(&file, "seal");
    }
    const size_t n_out = file.n <= max_n ? file.n : max_n;
    memcpy(bytes, file.data, n_out);
    bytes_clear(&file);
    free(part);
    return n_out;
}
