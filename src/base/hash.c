/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 through libcrypto, by its own functions and not by the EVP layer: that one loads providers
 * first, which takes thousands of allocations, and crashes in libcrypto when one of them fails. OpenSSL
 * calls these functions deprecated since 3.0, and keeps them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <stdlib.h>

#include <openssl/sha.h>

struct kgi_sha256 {
    SHA256_CTX context;
    int failed;
};

kg_status kgi_sha256_create(kgi_sha256 **out, kg_error *err)
{
    *out = NULL;
    kgi_sha256 *hash = calloc(1, sizeof *hash);
    if (!hash || SHA256_Init(&hash->context) != 1) {
        free(hash);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot start a SHA-256");
    }
    *out = hash;
    return KG_OK;
}

void kgi_sha256_add(kgi_sha256 *hash, const void *bytes, size_t n_bytes)
{
    if (n_bytes && SHA256_Update(&hash->context, bytes, n_bytes) != 1) {
        hash->failed = 1;
    }
}

kg_status kgi_sha256_finish(kgi_sha256 *hash, char hex[KGI_SHA256_DIGITS + 1], kg_error *err)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    const int ok = SHA256_Final(digest, &hash->context) == 1 && !hash->failed;
    free(hash);
    hex[0] = '\0';
    if (!ok) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot finish a SHA-256");
    }
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[KGI_SHA256_DIGITS] = '\0';
    return KG_OK;
}

kg_status kgi_sha256_bytes(const void *bytes, size_t n_bytes, char hex[KGI_SHA256_DIGITS + 1],
                           kg_error *err)
{
    kgi_sha256 *hash = NULL;
    const kg_status status = kgi_sha256_create(&hash, err);
    if (status) {
        return status;
    }
    kgi_sha256_add(hash, bytes, n_bytes);
    return kgi_sha256_finish(hash, hex, err);
}
