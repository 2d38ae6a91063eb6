/* SPDX-License-Identifier: Apache-2.0 */
/* Files that grow by lines while a run goes on.
 *
 * A checkpoint keeps how many bytes each has and their hash. Going on from it cuts off what came later,
 * so that no line is there twice and none is lost; the hash tells the file that belongs to it from one
 * that another run left under the same name. */
#include "report/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

static const uint64_t fnv_start = 14695981039346656037u;

static uint64_t add_hash(uint64_t hash, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    }
    return hash;
}

static kg_status fail(const char *path, const char *what, int number, kg_error *err)
{
    return kgi_fail(err, number == ENOMEM ? KG_ERR_MEMORY : KG_ERR_IO, "%s: cannot be %s: %s", path,
                    what, strerror(number));
}

kg_status kgi_stream_open(kgi_stream *stream, kg_error *err)
{
    stream->bytes = 0;
    stream->hash = fnv_start;
    stream->fd = open(stream->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return stream->fd < 0 ? fail(stream->part, "created", errno, err) : KG_OK;
}

/* Reads the first n bytes of a file and copies them to `to` if it is not -1. 1 if they have the hash. */
static int read_prefix(int from, int to, uint64_t n, uint64_t hash)
{
    char buffer[16384];
    uint64_t sum = fnv_start;
    while (n > 0) {
        const size_t want = n < sizeof buffer ? (size_t)n : sizeof buffer;
        const ssize_t got = read(from, buffer, want);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || (to >= 0 && kgi_file_put(to, buffer, (size_t)got))) {
            return 0;
        }
        sum = add_hash(sum, buffer, (size_t)got);
        n -= (uint64_t)got;
    }
    return sum == hash;
}

static int has_prefix(const char *path, uint64_t n, uint64_t hash)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const int has = fd >= 0 && read_prefix(fd, -1, n, hash);
    if (fd >= 0) {
        (void)close(fd);
    }
    return has;
}

/* The part begins as the finished file does. */
static kg_status copy_prefix(const kgi_stream *stream, uint64_t n, uint64_t hash, kg_error *err)
{
    const int from = open(stream->path, O_RDONLY | O_CLOEXEC);
    const int to = open(stream->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    errno = 0;
    const int good = from >= 0 && to >= 0 && read_prefix(from, to, n, hash);
    const int number = errno ? errno : EIO;
    if (from >= 0) {
        (void)close(from);
    }
    if (to >= 0 && close(to) && good) {
        return fail(stream->part, "written", errno, err);
    }
    return good ? KG_OK : fail(stream->part, "written", number, err);
}

kg_status kgi_stream_resume(kgi_stream *stream, uint64_t bytes, uint64_t hash, kg_error *err)
{
    if (!has_prefix(stream->part, bytes, hash)) {
        if (!has_prefix(stream->path, bytes, hash)) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "%s: does not begin with the %llu bytes that the checkpoint knows",
                            stream->part, (unsigned long long)bytes);
        }
        const kg_status status = copy_prefix(stream, bytes, hash, err);
        if (status) {
            return status;
        }
    }
    stream->fd = open(stream->part, O_WRONLY | O_CLOEXEC);
    if (stream->fd < 0) {
        return fail(stream->part, "opened", errno, err);
    }
    if (ftruncate(stream->fd, (off_t)bytes) || lseek(stream->fd, 0, SEEK_END) < 0) {
        return fail(stream->part, "cut", errno, err);
    }
    stream->bytes = bytes;
    stream->hash = hash;
    return KG_OK;
}

kg_status kgi_stream_add(kgi_stream *stream, const char *text, kg_error *err)
{
    const size_t n = strlen(text);
    if (stream->fd < 0) {
        return kgi_fail(err, KG_ERR_IO, "%s: is not open", stream->part);
    }
    const int number = kgi_file_put(stream->fd, text, n);
    if (number) {
        return fail(stream->part, "written", number, err);
    }
    stream->bytes += n;
    stream->hash = add_hash(stream->hash, text, n);
    return KG_OK;
}

kg_status kgi_stream_sync(const kgi_stream *stream, kg_error *err)
{
    return stream->fd >= 0 && fsync(stream->fd) && errno != EINVAL
               ? fail(stream->part, "synced", errno, err)
               : KG_OK;
}

kg_status kgi_stream_close(kgi_stream *stream, kg_error *err)
{
    const int fd = stream->fd;
    stream->fd = -1;
    return fd >= 0 && close(fd) ? fail(stream->part, "closed", errno, err) : KG_OK;
}
