/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the container as a file; the layout is drawn in safetensors.c. The digest is made with its own
 * digits set to zero and then written over them. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): memmem */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/options.h"
#include "base/text.h"

enum { HEADER_ALIGN = 8 };

static void put_metadata(kgi_text *text, const kgi_container *container)
{
    kgi_text_printf(text, "{\"__metadata__\":{");
    for (int i = 0; i < container->n_texts; i++) {
        const kgi_container_entry *entry = &container->texts[i];
        const int is_digest = !strcmp(entry->key, KGI_KEY_DIGEST);
        const int is_version = !strcmp(entry->key, KGI_KEY_VERSION); /* of the writer */
        kgi_text_printf(text, "%s", i ? "," : "");
        kgi_text_json_string(text, entry->key);
        kgi_text_printf(text, ":");
        kgi_text_json_string(text, is_digest    ? KGI_DIGEST_ZEROS
                                   : is_version ? kg_version()
                                                : entry->text);
    }
    kgi_text_printf(text, "}");
}

static void put_tensors(kgi_text *text, const kgi_container *container)
{
    size_t offset = 0;
    for (int i = 0; i < container->n_tensors; i++) {
        const kgi_tensor *tensor = &container->tensors[i];
        kgi_text_printf(text, ",");
        kgi_text_json_string(text, tensor->name);
        kgi_text_printf(text, ":{\"dtype\":\"F64\",\"shape\":[");
        for (int d = 0; d < tensor->rank; d++) {
            kgi_text_printf(text, "%s%zu", d ? "," : "", tensor->shape[d]);
        }
        const size_t end = offset + tensor->count * sizeof(double);
        kgi_text_printf(text, "],\"data_offsets\":[%zu,%zu]}", offset, end);
        offset = end;
    }
    kgi_text_printf(text, "}");
    const size_t ragged = text->length % HEADER_ALIGN;
    kgi_text_repeat(text, " ", ragged ? (int)(HEADER_ALIGN - ragged) : 0);
}

static void put_length(unsigned char *out, uint64_t length)
{
    for (int i = 0; i < KGI_LENGTH_BYTES; i++) {
        out[i] = (unsigned char)(length >> 8 * i);
    }
}

/* Copies header and tensors behind each other and writes the digest over its zeros. */
static kg_status assemble(unsigned char *file, size_t n_bytes, const char *header,
                          size_t header_bytes, const kgi_container *container, kg_error *err)
{
    put_length(file, header_bytes);
    memcpy(file + KGI_LENGTH_BYTES, header, header_bytes);
    unsigned char *data = file + KGI_LENGTH_BYTES + header_bytes;
    for (int i = 0; i < container->n_tensors; i++) {
        const size_t bytes = container->tensors[i].count * sizeof(double);
        memcpy(data, container->tensors[i].data, bytes);
        data += bytes;
    }
    char hex[KGI_SHA256_DIGITS + 1];
    const kg_status status = kgi_sha256_bytes(file, n_bytes, hex, err);
    unsigned char *digits =
        memmem(file + KGI_LENGTH_BYTES, header_bytes, KGI_DIGEST_MARK, sizeof KGI_DIGEST_MARK - 1);
    if (!status && digits) {
        memcpy(digits + sizeof KGI_DIGEST_MARK - 1, hex, KGI_SHA256_DIGITS);
    }
    return status;
}

kg_status kgi_container_format(unsigned char **out, size_t *n_bytes, const kgi_container *container,
                               kg_error *err)
{
    kgi_text text = {0};
    char *header = NULL;
    *out = NULL;
    *n_bytes = 0;
    put_metadata(&text, container);
    put_tensors(&text, container);
    const size_t header_bytes = text.length;
    kg_status status = kgi_text_finish(&text, &header, err);
    if (status) {
        return status;
    }
    size_t size = KGI_LENGTH_BYTES + header_bytes;
    for (int i = 0; i < container->n_tensors; i++) {
        size += container->tensors[i].count * sizeof(double); /* all of it is in memory: no wrap */
    }
    unsigned char *file = NULL;
    if (header_bytes > KGI_CONTAINER_MAX_HEADER) {
        status = kgi_fail(err, KG_ERR_UNSUPPORTED, "names and texts take %zu bytes, at most %d",
                          header_bytes, KGI_CONTAINER_MAX_HEADER);
    } else if (size > KGI_CONTAINER_MAX_BYTES) {
        status = kgi_fail(err, KG_ERR_UNSUPPORTED, "the file would have %zu bytes, at most %d",
                          size, KGI_CONTAINER_MAX_BYTES);
    } else if (!(file = malloc(size))) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes for a file", size);
    } else {
        status = assemble(file, size, header, header_bytes, container, err);
    }
    free(header);
    if (status) {
        free(file);
        return status;
    }
    *out = file;
    *n_bytes = size;
    return KG_OK;
}

kg_status kgi_container_save(const kgi_container *container, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kg_status status = kgi_container_format(&bytes, &n_bytes, container, err);
    if (!status) {
        status = kgi_file_write(path, bytes, n_bytes, err);
    }
    free(bytes);
    return status;
}
