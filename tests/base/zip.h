/* SPDX-License-Identifier: Apache-2.0 */
/* Zip files made by hand, so that tests can make wrong ones. Needs zlib. */
#ifndef TESTS_BASE_ZIP_H
#define TESTS_BASE_ZIP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "near.h"

enum { ZIP_MAX_BYTES = 1 << 20, ZIP_MAX_MEMBERS = 8 };

typedef struct zip_file {
    unsigned char bytes[ZIP_MAX_BYTES];
    size_t n;
    size_t local[ZIP_MAX_MEMBERS]; /* where the headers of members begin */
    unsigned char central[4096];
    size_t n_central;
    size_t directory; /* where the directory begins, after zip_end() */
    int n_members;
} zip_file;

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_DESCRIPTOR = 8, ZIP_ZIP64 = 1 << 16 };

static inline void zip_put(unsigned char *to, uint64_t value, int n)
{
    for (int i = 0; i < n; i++) {
        to[i] = (unsigned char)(value >> (8 * i));
    }
}

/* Raw deflate of data into out; its length. */
static inline size_t zip_deflate(unsigned char *out, size_t room, const void *data, size_t n)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)n;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&stream);
    return stream.total_out;
}

/* Adds a member. flags: ZIP_DESCRIPTOR puts sizes behind the data, ZIP_ZIP64 into an extra field, as
 * NumPy's writer does for streams of unknown length. */
static inline void zip_add(zip_file *zip, const char *name, int method, int flags, const void *data,
                           size_t n)
{
    static unsigned char packed[ZIP_MAX_BYTES / 2];
    const size_t n_packed =
        method == ZIP_DEFLATED ? zip_deflate(packed, sizeof packed, data, n) : n;
    const uint32_t crc = (uint32_t)crc32(0, data, (uInt)n);
    const int later = (flags & ZIP_DESCRIPTOR) != 0;
    const int is_64 = (flags & ZIP_ZIP64) != 0;
    const size_t n_name = strlen(name);
    unsigned char *local = zip->bytes + zip->n;
    zip->local[zip->n_members++] = zip->n;
    memset(local, 0, 30);
    zip_put(local, 0x04034b50, 4);
    zip_put(local + 4, 20, 2);
    zip_put(local + 6, (uint64_t)(flags & 0xffff), 2);
    zip_put(local + 8, (uint64_t)method, 2);
    zip_put(local + 14, later ? 0 : crc, 4);
    zip_put(local + 18, is_64 ? 0xffffffff : later ? 0 : n_packed, 4);
    zip_put(local + 22, is_64 ? 0xffffffff : later ? 0 : n, 4);
    zip_put(local + 26, n_name, 2);
    zip_put(local + 28, is_64 ? 20 : 0, 2);
    memcpy(local + 30, name, n_name);
    zip->n += 30 + n_name;
    if (is_64) {
        unsigned char *extra = zip->bytes + zip->n;
        zip_put(extra, 1, 2);
        zip_put(extra + 2, 16, 2);
        zip_put(extra + 4, later ? 0 : n, 8);
        zip_put(extra + 12, later ? 0 : n_packed, 8);
        zip->n += 20;
    }
    memcpy(zip->bytes + zip->n, method == ZIP_DEFLATED ? packed : data, n_packed);
    zip->n += n_packed;
    if (later) {
        zip_put(zip->bytes + zip->n, 0x08074b50, 4);
        zip_put(zip->bytes + zip->n + 4, crc, 4);
        zip_put(zip->bytes + zip->n + 8, n_packed, is_64 ? 8 : 4);
        zip_put(zip->bytes + zip->n + (is_64 ? 16 : 12), n, is_64 ? 8 : 4);
        zip->n += is_64 ? 24 : 16;
    }
    unsigned char *central = zip->central + zip->n_central;
    memset(central, 0, 46);
    zip_put(central, 0x02014b50, 4);
    zip_put(central + 6, 20, 2);
    zip_put(central + 8, (uint64_t)(flags & 0xffff), 2);
    zip_put(central + 10, (uint64_t)method, 2);
    zip_put(central + 16, crc, 4);
    zip_put(central + 20, n_packed, 4);
    zip_put(central + 24, n, 4);
    zip_put(central + 28, n_name, 2);
    zip_put(central + 42, zip->local[zip->n_members - 1], 4);
    memcpy(central + 46, name, n_name);
    zip->n_central += 46 + n_name;
}

/* Writes the directory and its end. */
static inline void zip_end(zip_file *zip)
{
    unsigned char *end = zip->bytes + zip->n + zip->n_central;
    zip->directory = zip->n;
    memcpy(zip->bytes + zip->n, zip->central, zip->n_central);
    memset(end, 0, 22);
    zip_put(end, 0x06054b50, 4);
    zip_put(end + 8, (uint64_t)zip->n_members, 2);
    zip_put(end + 10, (uint64_t)zip->n_members, 2);
    zip_put(end + 12, zip->n_central, 4);
    zip_put(end + 16, zip->n, 4);
    zip->n += zip->n_central + 22;
}

#endif
