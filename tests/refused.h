/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of errors and files share: comparing status and text of a refused call, and a folder of
 * their own that goes away. */
#ifndef TESTS_REFUSED_H
#define TESTS_REFUSED_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ketgrad/status.h>

#include "near.h"

/* The call must return `status` and leave a one-line message that contains `text`. `error` is the
 * kg_error that the call was given. */
#define assert_refused(call, error, status, text)                                                  \
    refused_check((call), &(error), (status), (text), #call, __FILE__, __LINE__)

static inline void refused_check(kg_status got, const kg_error *error, kg_status expected,
                                 const char *text, const char *call, const char *file, int line)
{
    if (got != expected) {
        print_error("%s returned %d (%s), expected %d\n", call, (int)got,
                    got ? error->message : "success", (int)expected);
        _fail(file, line);
    }
    if (error->status != expected || !strstr(error->message, text) ||
        strchr(error->message, '\n')) {
        print_error("%s says\n  %s\nexpected is\n  %s\n", call, error->message, text);
        _fail(file, line);
    }
}

enum { SCRATCH_BYTES = 512 };

/* A new folder; its path goes to `folder`. */
static inline void scratch_make(char folder[SCRATCH_BYTES])
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder, SCRATCH_BYTES, "%.400s/ketgrad-test-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(folder)) {
        fail_msg("cannot make %s", folder);
    }
}

/* Removes the folder and the files and folders in it. */
static inline void scratch_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[2 * SCRATCH_BYTES];
        struct stat info;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) {
            continue;
        }
        snprintf(path, sizeof path, "%.500s/%.256s", folder, entry->d_name);
        if (!lstat(path, &info) && S_ISDIR(info.st_mode)) {
            scratch_remove(path);
        } else {
            unlink(path);
        }
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(folder);
}

/* A new folder to work in, for tests of names that are relative; and back out of it. */
static inline void scratch_enter(char folder[SCRATCH_BYTES])
{
    scratch_make(folder);
    assert_int_equal(chdir(folder), 0);
}

static inline void scratch_leave(const char *folder)
{
    assert_int_equal(chdir("/"), 0);
    scratch_remove(folder);
}

/* Number of entries of a folder, for "no temporary file is left". */
static inline int scratch_count(const char *folder)
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    }
    if (dir) {
        closedir(dir);
    }
    return n;
}

/* "folder/name" into a static buffer that the next call but three overwrites. */
static inline const char *scratch_path(const char *folder, const char *name)
{
    static char paths[4][2 * SCRATCH_BYTES];
    static int next;
    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%.500s/%.400s", folder, name);
    return paths[next];
}

/* Writes a file without going through the library. */
static inline void scratch_write(const char *path, const void *bytes, size_t n_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
    assert_int_equal(fclose(file), 0);
}

#endif
