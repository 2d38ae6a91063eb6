/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 through libcrypto. */
#include "base/hash.h"

#include <stdlib.h>

#include <openssl/evp.h>

struct kgi_sha256 {
    EVP_MD_CTX *context;
    int failed;
};

kg_status kgi_sha256_create(kgi_sha256 **out, kg_error *err)
{
    *out = NULL;
    kgi_sha256 *hash = calloc(1, sizeof *hash);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!hash || !context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        free(hash);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot start a SHA-256");
    }
    hash->context = context;
    *out = hash;
    return KG_OK;
}

void kgi_sha256_add(kgi_sha256 *hash, const void *bytes, size_t n_bytes)
{
    if (n_bytes && EVP_DigestUpdate(hash->context, bytes, n_bytes) != 1) {
        hash->failed = 1;
    }
}

kg_status kgi_sha256_finish(kgi_sha256 *hash, char hex[KGI_SHA256_DIGITS + 1], kg_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const int ok = EVP_DigestFinal_ex(hash->context, digest, &size) == 1 && !hash->failed &&
                   2 * size == KGI_SHA256_DIGITS;
    EVP_MD_CTX_free(hash->context);
    free(hash);
    hex[0] = '\0';
    if (!ok) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot finish a SHA-256");
    }
    for (size_t i = 0; i < size; i++) {
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
