/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in and out.
 *
 * Writing goes: temporary file -> write -> fsync -> rename -> fsync of the folder. A crash at any
 * point leaves the old file or the new one; a failure removes the temporary file. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_TEMPORARIES = 64, /* names tried before giving up */
    SUFFIX_BYTES = 32,    /* ".tmp-<pid>-<try>" and NUL */
    REASON_BYTES = 96
};

#define TEMPORARY ".tmp-" /* stands between a name and "<pid>-<try>" */

static kg_status fail_errno(kg_error *err, const char *path, const char *what, int number)
{
    char reason[REASON_BYTES];
    if (strerror_r(number, reason, sizeof reason)) {
        (void)snprintf(reason, sizeof reason, "error %d", number);
    }
    return kgi_fail(err, number == ENOMEM ? KG_ERR_MEMORY : KG_ERR_IO, "%s: cannot %s: %s", path,
                    what, reason);
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* Reads n_bytes or up to the end of the file; -1 on error with errno set. */
static ssize_t read_all(int fd, unsigned char *bytes, size_t n_bytes)
{
    size_t done = 0;
    while (done < n_bytes) {
        const ssize_t n = read(fd, bytes + done, n_bytes - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static kg_status read_open_file(int fd, const char *path, size_t max_bytes, unsigned char **out,
                                size_t *n_bytes, kg_error *err)
{
    struct stat info;
    if (fstat(fd, &info)) {
        return fail_errno(err, path, "read", errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return kgi_fail(err, KG_ERR_IO, "%s: is %s, not a regular file", path,
                        kind_of(info.st_mode));
    }
    if ((uintmax_t)info.st_size > max_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: has %jd bytes, at most %zu are read", path,
                        (intmax_t)info.st_size, max_bytes);
    }
    const size_t size = (size_t)info.st_size;
    unsigned char *bytes = malloc(size + 1);
    if (!bytes) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu bytes", path, size + 1);
    }
    const ssize_t got = read_all(fd, bytes, size);
    if (got < 0) {
        const int number = errno;
        free(bytes);
        return fail_errno(err, path, "read", number);
    }
    bytes[got] = '\0';
    *out = bytes;
    *n_bytes = (size_t)got;
    return KG_OK;
}

kg_status kgi_file_read(const char *path, size_t max_bytes, unsigned char **out, size_t *n_bytes,
                        kg_error *err)
{
    *out = NULL;
    *n_bytes = 0;
    /* O_NONBLOCK: opening a FIFO that nobody writes to must not wait. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return fail_errno(err, path, "open", errno);
    }
    const kg_status status = read_open_file(fd, path, max_bytes, out, n_bytes, err);
    (void)close(fd);
    return status;
}

int kgi_file_put(int fd, const void *bytes, size_t n_bytes)
{
    const unsigned char *at = bytes;
    while (n_bytes) {
        const ssize_t n = write(fd, at, n_bytes);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno;
        }
        at += n;
        n_bytes -= (size_t)n;
    }
    return 0;
}

/* Makes what was renamed in a folder durable; 0, or errno. */
static int sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    /* EINVAL: the file system does not sync folders, so there is nothing to wait for. */
    const int number = fsync(fd) && errno != EINVAL ? errno : 0;
    (void)close(fd);
    return number;
}

kg_status kgi_folder_sync(const char *folder, kg_error *err)
{
    const int number = sync_folder(folder);
    return number ? fail_errno(err, folder, "sync", number) : KG_OK;
}

/* Cuts the file's own name off: "/x" -> "/", "a/x" -> "a", "x" -> ".". */
static const char *cut_to_folder(char *name)
{
    char *slash = strrchr(name, '/');
    if (!slash) {
        return ".";
    }
    slash[slash == name] = '\0';
    return name;
}

/* Process that left a temporary file of `leaf` under this name; 0 if it is none of those. */
static long owner_of(const char *name, const char *leaf)
{
    const size_t n = strlen(leaf);
    char *end = NULL;
    if (strncmp(name, leaf, n) != 0 || strncmp(name + n, TEMPORARY, sizeof TEMPORARY - 1) != 0) {
        return 0;
    }
    const long pid = strtol(name + n + sizeof TEMPORARY - 1, &end, 10);
    return pid > 0 && *end == '-' ? pid : 0;
}

/* Removes temporary files of `path` whose programs were killed. `name` is scratch of its length and
 * more. What cannot be listed or removed stays, and harms nobody. */
static void remove_stale(const char *path, char *name)
{
    const char *slash = strrchr(path, '/');
    const char *leaf = slash ? slash + 1 : path;
    (void)memcpy(name, path, strlen(path) + 1);
    DIR *dir = opendir(cut_to_folder(name));
    for (struct dirent *entry = NULL; dir && (entry = readdir(dir));) {
        const long pid = owner_of(entry->d_name, leaf);
        if (pid && kill((pid_t)pid, 0) && errno == ESRCH) {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
}

/* Opens a new file beside `path`; its name goes to `name`. -1 with errno set if there is none. */
static int open_temporary(const char *path, char *name, size_t size)
{
    int fd = -1;
    for (int attempt = 0; attempt < MAX_TEMPORARIES; attempt++) {
        (void)snprintf(name, size, "%s" TEMPORARY "%ld-%d", path, (long)getpid(), attempt);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) {
            break;
        }
    }
    return fd;
}

static kg_status write_by_rename(const char *path, char *name, size_t size, const void *bytes,
                                 size_t n_bytes, kg_error *err)
{
    const int fd = open_temporary(path, name, size);
    if (fd < 0) {
        return fail_errno(err, path, "create", errno);
    }
    const char *what = "write";
    int number = kgi_file_put(fd, bytes, n_bytes);
    if (!number && fsync(fd)) {
        number = errno;
    }
    if (close(fd) && !number) {
        number = errno;
    }
    if (!number && rename(name, path)) {
        what = "rename the temporary file to it";
        number = errno;
    }
    if (number) {
        (void)unlink(name);
        return fail_errno(err, path, what, number);
    }
    number = sync_folder(cut_to_folder(name));
    return number ? fail_errno(err, path, "sync its folder", number) : KG_OK;
}

kg_status kgi_file_write(const char *path, const void *bytes, size_t n_bytes, kg_error *err)
{
    struct stat info;
    if (!stat(path, &info) && !S_ISREG(info.st_mode)) { /* rename would replace a device node */
        return kgi_fail(err, KG_ERR_IO, "%s: is %s, not a regular file", path,
                        kind_of(info.st_mode));
    }
    const size_t size = strlen(path) + SUFFIX_BYTES;
    char *name = malloc(size);
    if (!name) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a file name", path);
    }
    remove_stale(path, name);
    const kg_status status = write_by_rename(path, name, size, bytes, n_bytes, err);
    free(name);
    return status;
}

int kgi_file_exists(const char *path)
{
    struct stat info;
    return !stat(path, &info);
}

kg_status kgi_folder_create(const char *path, kg_error *err)
{
    const size_t length = strlen(path);
    char *part = malloc(length + 1);
    if (!part) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a folder name", path);
    }
    memcpy(part, path, length + 1);
    kg_status status = KG_OK;
    for (size_t end = 1; end <= length && !status; end++) {
        if (end < length && part[end] != '/') {
            continue;
        }
        part[end] = '\0';
        struct stat info;
        if (mkdir(part, 0777)) {
            const int number = errno;
            if (stat(part, &info)) {
                status = fail_errno(err, part, "create the folder", number);
            } else if (!S_ISDIR(info.st_mode)) {
                status = kgi_fail(err, KG_ERR_IO, "%s: is not a folder", part);
            }
        }
        part[end] = path[end];
    }
    if (!length) {
        status = kgi_fail(err, KG_ERR_IO, "the name of the folder is empty");
    }
    free(part);
    return status;
}
