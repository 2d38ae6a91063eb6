/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: bounded reading, and writing that leaves the old file or the new one, never a mix. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/status.h"

/* Reads a regular file of at most max_bytes into *out (release with free; a NUL follows the last
 * byte, so that text may be read as a string). Only what the file holds is allocated.
 * Errors: KG_ERR_IO (cannot be opened or read, folder, FIFO, device), KG_ERR_FORMAT (more than
 * max_bytes), KG_ERR_MEMORY. On failure *out is NULL and *n_bytes is 0. */
kg_status kgi_file_read(const char *path, size_t max_bytes, unsigned char **out, size_t *n_bytes,
                        kg_error *err);

/* Writes n_bytes under a temporary name in the same folder, syncs, renames, syncs the folder. On
 * failure (KG_ERR_IO) the temporary file is removed and what was under `path` is untouched. Temporary
 * files that killed programs left for the same path are removed. */
kg_status kgi_file_write(const char *path, const void *bytes, size_t n_bytes, kg_error *err);

/* Writes all n_bytes to an open file, whatever interrupts. 0, or an errno. */
int kgi_file_put(int fd, const void *bytes, size_t n_bytes);

/* 1 if something is there under that name. */
int kgi_file_exists(const char *path);

/* Makes what was created, renamed and removed in a folder durable. Errors: KG_ERR_IO. */
kg_status kgi_folder_sync(const char *folder, kg_error *err);

/* Creates a folder and its missing parents; one that exists is fine. Errors: KG_ERR_IO. */
kg_status kgi_folder_create(const char *path, kg_error *err);

#endif
