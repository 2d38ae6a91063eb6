/* SPDX-License-Identifier: Apache-2.0 */
/* gzip through zlib's inflate, from memory into the caller's buffer. */
#include "base/gzip.h"

#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 }; /* largest window, gzip wrapper */

struct kgi_gzip {
    z_stream stream;
    const char *path;
    const unsigned char *start;
    size_t n_bytes;
    size_t offset; /* of the next input byte not yet given to zlib */
    int at_end;    /* the last member is complete */
};

int kgi_gzip_check(const unsigned char *bytes, size_t n_bytes)
{
    return n_bytes >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

kg_status kgi_gzip_open(kgi_gzip **out, const char *path, const unsigned char *bytes,
                        size_t n_bytes, kg_error *err)
{
    *out = NULL;
    kgi_gzip *gzip = calloc(1, sizeof *gzip);
    if (!gzip || inflateInit2(&gzip->stream, GZIP_WINDOW) != Z_OK) {
        free(gzip);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a gzip reader", path);
    }
    gzip->path = path;
    gzip->start = bytes;
    gzip->n_bytes = n_bytes;
    *out = gzip;
    return KG_OK;
}

/* Input position for messages. */
static size_t position(const kgi_gzip *gzip)
{
    return gzip->offset - gzip->stream.avail_in;
}

/* Hands zlib the next piece of input (its counters have 32 bits). */
static void refill(kgi_gzip *gzip)
{
    if (gzip->stream.avail_in == 0) {
        const size_t left = gzip->n_bytes - gzip->offset;
        gzip->stream.avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
        gzip->stream.next_in = (z_const Bytef *)(gzip->start + gzip->offset);
        gzip->offset += gzip->stream.avail_in;
    }
}

/* After a member: the file ends, or another member follows, or it is damaged. */
static kg_status end_member(kgi_gzip *gzip, kg_error *err)
{
    refill(gzip);
    const size_t at = position(gzip);
    if (at == gzip->n_bytes) {
        gzip->at_end = 1;
        return KG_OK;
    }
    if (!kgi_gzip_check(gzip->start + at, gzip->n_bytes - at)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: %zu bytes after the end of the gzip data, allowed is "
                        "another gzip member",
                        gzip->path, at, gzip->n_bytes - at);
    }
    if (inflateReset(&gzip->stream) != Z_OK) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot restart the gzip reader", gzip->path);
    }
    return KG_OK;
}

kg_status kgi_gzip_read(kgi_gzip *gzip, void *out, size_t n_bytes, size_t *n_read, kg_error *err)
{
    size_t done = 0;
    *n_read = 0;
    while (done < n_bytes && !gzip->at_end) {
        refill(gzip);
        const size_t left = n_bytes - done;
        const uInt piece = left < UINT_MAX ? (uInt)left : UINT_MAX;
        gzip->stream.next_out = (Bytef *)out + done;
        gzip->stream.avail_out = piece;
        const int code = inflate(&gzip->stream, Z_NO_FLUSH);
        done += piece - gzip->stream.avail_out;
        if (code == Z_STREAM_END) {
            const kg_status status = end_member(gzip, err);
            if (status) {
                return status;
            }
        } else if (code == Z_BUF_ERROR ||
                   (code == Z_OK && gzip->stream.avail_out && position(gzip) == gzip->n_bytes)) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: the gzip data is cut off",
                            gzip->path, gzip->n_bytes);
        } else if (code == Z_MEM_ERROR) {
            return kgi_fail(err, KG_ERR_MEMORY, "%s: no memory to unpack gzip data", gzip->path);
        } else if (code != Z_OK) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: damaged gzip data: %s", gzip->path,
                            position(gzip),
                            gzip->stream.msg ? gzip->stream.msg : "needs a dictionary");
        }
    }
    *n_read = done;
    return KG_OK;
}

void kgi_gzip_close(kgi_gzip *gzip)
{
    if (gzip) {
        (void)inflateEnd(&gzip->stream);
        free(gzip);
    }
}
