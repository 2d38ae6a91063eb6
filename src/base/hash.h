/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), written as 64 lower-case hexadecimal digits. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/status.h"

enum { KGI_SHA256_DIGITS = 64 };

typedef struct kgi_sha256 kgi_sha256;

/* A hash of nothing yet. The first failure sticks and kgi_sha256_finish() reports it. */
kg_status kgi_sha256_create(kgi_sha256 **out, kg_error *err);
void kgi_sha256_add(kgi_sha256 *hash, const void *bytes, size_t n_bytes);

/* Writes the digits and a NUL, and destroys the hash, whatever it returns. Errors: KG_ERR_MEMORY. */
kg_status kgi_sha256_finish(kgi_sha256 *hash, char hex[KGI_SHA256_DIGITS + 1], kg_error *err);

/* All at once. */
kg_status kgi_sha256_bytes(const void *bytes, size_t n_bytes, char hex[KGI_SHA256_DIGITS + 1],
                           kg_error *err);

#endif
