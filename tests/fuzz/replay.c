/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzz target without a fuzzer: reads the files that are named, and those in folders that are named. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#pragma weak LLVMFuzzerInitialize

static int n_files;

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max_n)
{
    (void)bytes;
    (void)max_n;
    return n;
}

static int replay(const char *path)
{
    struct stat info;
    if (stat(path, &info)) {
        fprintf(stderr, "replay: %s is not there\n", path);
        return 1;
    }
    if (S_ISDIR(info.st_mode)) {
        DIR *dir = opendir(path);
        int status = !dir;
        for (struct dirent *entry = NULL; dir && !status && (entry = readdir(dir));) {
            char below[4096];
            snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
            status = *entry->d_name == '.' ? 0 : replay(below);
        }
        if (dir) {
            closedir(dir);
        }
        return status;
    }
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc((size_t)info.st_size + 1);
    if (!file || !bytes) {
        return 1;
    }
    const size_t n = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    n_files++;
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    if (LLVMFuzzerInitialize) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    for (int i = 1; i < argc && !status; i++) {
        status = *argv[i] == '-' ? 0 : replay(argv[i]); /* options are the fuzzer's */
    }
    printf("%d files replayed\n", n_files);
    return status || !n_files;
}
