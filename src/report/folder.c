/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of runs: paths, removal of what was made, locks.
 *
 * A lock is flock() on the folder itself: it needs no file, and the kernel lets it go when the program ends,
 * however it ends. Two runs of one program exclude each other too. */
#include "report/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

char *kgi_run_path(const char *folder, const char *name, const char *suffix)
{
    const size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    kgi_text text = {0};
    char *path = NULL;
    kgi_text_printf(&text, "%s%s%s%s", folder, slash, name, suffix);
    (void)kgi_text_finish(&text, &path, NULL);
    return path;
}

kg_status kgi_run_has(int *exists, const char *folder, const char *name, const char *suffix,
                      kg_error *err)
{
    char *path = kgi_run_path(folder, name, suffix);
    if (!path) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    }
    *exists = kgi_file_exists(path);
    free(path);
    return KG_OK;
}

/* Length of path without its last part: of "a/b" 1, of "a" 0. */
static size_t parent_length(const char *path, size_t n)
{
    do {
        n--;
    } while (n > 0 && path[n] != '/');
    return n;
}

size_t kgi_existing_length(char *path)
{
    size_t n = strlen(path);
    while (n > 0) {
        const char cut = path[n];
        path[n] = '\0';
        const int exists = !access(path, F_OK);
        path[n] = cut;
        if (exists) {
            break;
        }
        n = parent_length(path, n);
    }
    return n;
}

void kgi_remove_folders(char *folder, size_t kept)
{
    size_t n = strlen(folder);
    int removed = 1;
    while (n > kept && removed) {
        const char cut = folder[n];
        folder[n] = '\0';
        removed = !rmdir(folder);
        folder[n] = cut;
        n = parent_length(folder, n);
    }
}

/* ---- locks ------------------------------------------------------------------------------------------ */

kg_status kgi_folder_lock(int *lock, const char *folder, kg_error *err)
{
    enum { TRIES = 20 }; /* somebody who only asks has it for an instant */
    const struct timespec pause = {0, 10000000};
    int problem = 0;
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0) {
        return kgi_fail(err, KG_ERR_IO, "%s: cannot be opened: %s", folder, strerror(errno));
    }
    for (int i = 0; i < TRIES; i++) {
        if (!flock(*lock, LOCK_EX | LOCK_NB)) {
            return KG_OK;
        }
        problem = errno;
        if (problem != EWOULDBLOCK && problem != EINTR) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)close(*lock);
    *lock = -1;
    if (problem != EWOULDBLOCK) {
        return KG_OK; /* a file system without locks: the run is worth more */
    }
    return kgi_fail(err, KG_ERR_IO, "%s: another program is training here", folder);
}

int kgi_folder_is_locked(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    if (fd >= 0) {
        (void)close(fd);
    }
    return locked;
}

struct kg_run_lock {
    int fd;
};

kg_status kg_run_lock_take(kg_run_lock **out, const char *folder, kg_error *err)
{
    *out = NULL;
    kg_run_lock *lock = calloc(1, sizeof *lock);
    if (!lock) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a lock");
    }
    kg_status status = kgi_folder_create(folder, err);
    if (!status) {
        status = kgi_folder_lock(&lock->fd, folder, err);
    }
    if (status) {
        free(lock);
        return status;
    }
    *out = lock;
    return KG_OK;
}

void kg_run_lock_release(kg_run_lock *lock)
{
    if (lock) {
        if (lock->fd >= 0) {
            (void)close(lock->fd);
        }
        free(lock);
    }
}
