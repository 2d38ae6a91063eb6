/* SPDX-License-Identifier: Apache-2.0 */
/* Reading gzip (RFC 1952) from memory, a piece at a time: the caller's buffer is the bound, so a
 * small file that unpacks to terabytes costs nothing. Members in a row are read as one. */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/status.h"

typedef struct kgi_gzip kgi_gzip;

enum { KGI_GZIP_MAX_RATIO = 1032 }; /* deflate cannot pack more bytes than this into one */

/* 1 if the bytes start with the gzip magic. */
int kgi_gzip_check(const unsigned char *bytes, size_t n_bytes);

/* Opens bytes[n_bytes] (borrowed until close); `path` is for messages and borrowed too. */
kg_status kgi_gzip_open(kgi_gzip **out, const char *path, const unsigned char *bytes,
                        size_t n_bytes, kg_error *err);

/* Unpacks up to n_bytes into out; *n_read is less only at the end of the last member, whose
 * checksum is right. Errors: KG_ERR_FORMAT (cut, damaged, something else after a member). */
kg_status kgi_gzip_read(kgi_gzip *gzip, void *out, size_t n_bytes, size_t *n_read, kg_error *err);

void kgi_gzip_close(kgi_gzip *gzip);

#endif
