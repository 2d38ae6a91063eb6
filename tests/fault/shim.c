/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before the program's libraries (LD_PRELOAD), for tests only: the n-th call of a kind fails or is
 * the last thing the program does. What to do stands in KGFAULT, four words:
 *
 *     KGFAULT="write 7 ENOSPC once"     calls of that kind from the 7th on: once, or for good
 *
 *   kind    alloc open read write fsync rename close truncate mkdir unlink; a kind may be "any" of the files'
 *   error   a name of errno; "short" (a read or write of half the bytes); "kill" (before the call), "torn"
 *           (half of a write, then killed)
 *
 * KGFAULT_HIT names a file that is made when the fault happens, so that a sweep knows where to stop, and
 * KGFAULT_LOG one to which file calls are written, for the order of writes and syncs. The program's own
 * standard streams are left alone; other streams of stdio read and write through here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ALLOC, OPEN, READ, WRITE, FSYNC, RENAME, CLOSE, TRUNCATE, MKDIR, UNLINK, N_KINDS };
static const char *const kind_names[N_KINDS] = {"alloc",  "open",  "read",     "write", "fsync",
                                                "rename", "close", "truncate", "mkdir", "unlink"};
enum { FAIL, SHORT, KILL, TORN };

static struct {
    int armed;
    int kind; /* N_KINDS: any of the files' */
    long n;
    int what;
    int number; /* of errno */
    int for_good;
    const char *hit;
    int log; /* a descriptor, -1: none */
    atomic_long seen;
} fault = {.log = -1};

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

/* ---- deciding -------------------------------------------------------------------------------------- */

static void die(void)
{
    (void)syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

/* 1 if this call is the one; the fault is recorded. */
static int strikes(int kind)
{
    if (!fault.armed || (fault.kind != kind && (fault.kind != N_KINDS || kind == ALLOC))) {
        return 0;
    }
    const long i = atomic_fetch_add(&fault.seen, 1) + 1;
    if (i < fault.n || (i > fault.n && !fault.for_good)) {
        return 0;
    }
    if (fault.hit) {
        const long fd = syscall(SYS_openat, AT_FDCWD, fault.hit, O_CREAT | O_WRONLY, 0600);
        (void)syscall(SYS_close, fd);
    }
    return 1;
}

/* 1 if a call without a length fails: errno is set. */
static int fails(int kind)
{
    if (!strikes(kind)) {
        return 0;
    }
    if (fault.what == KILL || fault.what == TORN) {
        die();
    }
    if (fault.what == SHORT) {
        return 0;
    }
    errno = fault.number;
    return 1;
}

static int error_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR},  {"EDQUOT", EDQUOT},
                  {"ENOMEM", ENOMEM}, {"EROFS", EROFS},   {"EACCES", EACCES}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (!strcmp(errors[i].name, name)) {
            return errors[i].number;
        }
    }
    return -1;
}

static void refuse_words(const char *words)
{
    fprintf(stderr, "shim: KGFAULT is '%s'\n", words);
    _exit(99);
}

__attribute__((constructor)) static void arm(void)
{
    const char *words = getenv("KGFAULT");
    const char *log = getenv("KGFAULT_LOG");
    char kind[16], error[16], how[16];
    if (log) {
        fault.log = (int)syscall(SYS_openat, AT_FDCWD, log, O_CREAT | O_WRONLY | O_APPEND, 0600);
    }
    if (!words) {
        return;
    }
    if (sscanf(words, "%15s %ld %15s %15s", kind, &fault.n, error, how) != 4) {
        refuse_words(words);
    }
    for (fault.kind = 0; fault.kind < N_KINDS && strcmp(kind_names[fault.kind], kind);) {
        fault.kind++;
    }
    fault.what = !strcmp(error, "short")  ? SHORT
                 : !strcmp(error, "kill") ? KILL
                 : !strcmp(error, "torn") ? TORN
                                          : FAIL;
    fault.number = fault.what == FAIL ? error_number(error) : 0;
    fault.for_good = !strcmp(how, "good");
    if ((fault.kind == N_KINDS && strcmp(kind, "any")) || fault.number < 0) {
        refuse_words(words);
    }
    fault.hit = getenv("KGFAULT_HIT");
    fault.armed = 1;
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    char line[4200];
    va_list args;
    if (fault.log < 0) {
        return;
    }
    const int number = errno;
    va_start(args, format);
    const int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)syscall(SYS_write, fault.log, line, n);
    errno = number;
}

/* ---- memory ---------------------------------------------------------------------------------------- */

void *malloc(size_t bytes)
{
    return fails(ALLOC) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
    return fails(ALLOC) ? NULL : __libc_calloc(n, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    return fails(ALLOC) ? NULL : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return fails(ALLOC) ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    *memory = fails(ALLOC) ? NULL : __libc_memalign(alignment, bytes);
    return *memory ? 0 : ENOMEM;
}

/* ---- files ----------------------------------------------------------------------------------------- */

static int open_file(const char *path, int flags, mode_t mode)
{
    if (fails(OPEN)) {
        return -1;
    }
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && (flags & (O_CREAT | O_WRONLY | O_RDWR | O_DIRECTORY))) {
        note("open %d %s%s\n", fd, flags & O_TRUNC ? "empty " : "", path);
    }
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* The bytes that may be moved; -1 if none, 0 to leave. */
static size_t allowed(int kind, size_t n_bytes, int *bad)
{
    *bad = 0;
    if (!strikes(kind)) {
        return n_bytes;
    }
    if (fault.what == KILL) {
        die();
    }
    *bad = fault.what == FAIL;
    errno = fault.number;
    return n_bytes > 1 ? n_bytes / 2 : n_bytes;
}

ssize_t read(int fd, void *bytes, size_t n_bytes)
{
    int bad = 0;
    const size_t n = allowed(READ, n_bytes, &bad);
    return bad ? -1 : (ssize_t)syscall(SYS_read, fd, bytes, n);
}

ssize_t write(int fd, const void *bytes, size_t n_bytes)
{
    int bad = 0;
    const size_t n = allowed(WRITE, n_bytes, &bad);
    if (bad) {
        return -1;
    }
    const ssize_t written = (ssize_t)syscall(SYS_write, fd, bytes, n);
    note("write %d %zd\n", fd, written);
    if (fault.what == TORN && n < n_bytes) {
        die();
    }
    return written;
}

int fsync(int fd)
{
    if (fails(FSYNC)) {
        return -1;
    }
    note("fsync %d\n", fd);
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fsync(fd);
}

int rename(const char *from, const char *to)
{
    if (fails(RENAME)) {
        return -1;
    }
    note("rename %s -> %s\n", from, to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int close(int fd)
{
    if (fails(CLOSE)) {
        (void)syscall(SYS_close, fd); /* Linux closes it all the same */
        return -1;
    }
    note("close %d\n", fd);
    return (int)syscall(SYS_close, fd);
}

int ftruncate(int fd, off_t size)
{
    if (fails(TRUNCATE)) {
        return -1;
    }
    note("truncate %d %jd\n", fd, (intmax_t)size);
    return (int)syscall(SYS_ftruncate, fd, size);
}

int mkdir(const char *path, mode_t mode)
{
    return fails(MKDIR) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int unlink(const char *path)
{
    if (fails(UNLINK)) {
        return -1;
    }
    note("unlink %s\n", path);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* ---- streams --------------------------------------------------------------------------------------- */

enum { MAX_STREAMS = 64 };
static struct {
    FILE *file;
    int fd;
} streams[MAX_STREAMS];

static ssize_t stream_read(void *cookie, char *bytes, size_t n)
{
    return read((int)(intptr_t)cookie, bytes, n);
}

/* As the streams of libc: what was not written at once follows, an error ends it. */
static ssize_t stream_write(void *cookie, const char *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        const ssize_t written = write((int)(intptr_t)cookie, bytes + done, n - done);
        if (written < 0) {
            break;
        }
        done += (size_t)written;
    }
    return (ssize_t)done;
}

static int stream_seek(void *cookie, off64_t *offset, int whence)
{
    *offset = lseek((int)(intptr_t)cookie, *offset, whence);
    return *offset < 0 ? -1 : 0;
}

static int stream_close(void *cookie)
{
    return close((int)(intptr_t)cookie);
}

static FILE *make_stream(int fd, const char *mode)
{
    const cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
    FILE *file = fopencookie((void *)(intptr_t)fd, mode, functions);
    for (int i = 0; file && i < MAX_STREAMS; i++) {
        if (!streams[i].file) {
            streams[i].file = file;
            streams[i].fd = fd;
            break;
        }
    }
    return file;
}

FILE *fdopen(int fd, const char *mode)
{
    return make_stream(fd, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    const int writes = *mode != 'r';
    const int flags = !writes ? O_RDONLY
                              : O_WRONLY | O_CREAT | (*mode == 'w' ? O_TRUNC : O_APPEND) |
                                    (strchr(mode, 'x') ? O_EXCL : 0);
    const int fd = open_file(path, flags | O_CLOEXEC, 0666);
    FILE *file = fd < 0 ? NULL : make_stream(fd, writes ? "w" : "r");
    if (fd >= 0 && !file) {
        (void)syscall(SYS_close, fd);
    }
    return file;
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

int fileno(FILE *file)
{
    static int (*libc_fileno)(FILE *);
    for (int i = 0; i < MAX_STREAMS; i++) {
        if (streams[i].file == file) {
            return streams[i].fd;
        }
    }
    if (!libc_fileno) {
        libc_fileno = (int (*)(FILE *))dlsym(RTLD_NEXT, "fileno");
    }
    return libc_fileno(file);
}

int fclose(FILE *file)
{
    static int (*libc_fclose)(FILE *);
    for (int i = 0; i < MAX_STREAMS; i++) {
        if (streams[i].file == file) {
            streams[i].file = NULL;
        }
    }
    if (!libc_fclose) {
        libc_fclose = (int (*)(FILE *))dlsym(RTLD_NEXT, "fclose");
    }
    return libc_fclose(file);
}
