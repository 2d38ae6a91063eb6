/* SPDX-License-Identifier: Apache-2.0 */
/* What fuzz targets share. A target is a file target_NAME.c with
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);     reads the bytes; any crash is a bug
 *     size_t LLVMFuzzerCustomMutator(...);                            if raw bytes do not get far
 *
 * Built with clang and the address sanitizer it is a fuzzer (libFuzzer), else a program that replays files. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max_n, unsigned seed);

/* libFuzzer's own mutation of raw bytes; the replay program has a stub. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t max_n);

/* A file in memory with these bytes; its path is valid until the next call with the same slot (0 .. 3). */
const char *fuzz_file(int slot, const void *bytes, size_t n);

/* Ends the program as a crash does. */
void fuzz_fail(const char *what);

/* A mutator for safetensors files: half of the inputs are raw, the others have one part changed, header or
 * numbers, and their length and digest made right again. */
size_t fuzz_mutate_container(uint8_t *bytes, size_t n, size_t max_n, unsigned seed);

#endif
