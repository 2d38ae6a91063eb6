/* SPDX-License-Identifier: Apache-2.0 */
/* The container as a file (https://github.com/huggingface/safetensors, format section):
 *
 *     u64 n, little-endian | n bytes of JSON, padded with blanks | tensors, row-major, little-endian
 *
 *     {"__metadata__":{"format":"ketgrad",...},"a.weight":{"dtype":"F64","shape":[2,3],
 *      "data_offsets":[0,48]},...}
 *
 * This file reads, safetensors_write.c writes. Everything is checked before the digest is, so that a
 * damaged file gets the most telling message; every byte counts for the digest, so that no flipped bit
 * loads. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): memmem */
#include "base/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

/* The file while it is read. */
typedef struct file_view {
    const char *path;
    const unsigned char *bytes;
    size_t n_bytes;
    size_t header_bytes;
    size_t data_start; /* byte of the first tensor */
} file_view;

/* Where a tensor lies, for the check that nothing overlaps and nothing is left over. */
typedef struct extent {
    size_t begin;
    size_t end;
    const char *name;
} extent;

/* Byte at which a quoted key first stands in the header, for messages. */
static size_t key_byte(const file_view *view, const char *key)
{
    const unsigned char *at =
        memmem(view->bytes + KGI_LENGTH_BYTES, view->header_bytes, key, strlen(key));
    return at ? (size_t)(at - view->bytes) : KGI_LENGTH_BYTES;
}

static kg_status read_frame(file_view *view, kg_error *err)
{
    if (view->n_bytes < KGI_LENGTH_BYTES) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0: the file has %zu bytes, a model file at least %d", view->path,
                        view->n_bytes, KGI_LENGTH_BYTES + 2);
    }
    uint64_t length = 0;
    for (int i = 0; i < KGI_LENGTH_BYTES; i++) {
        length |= (uint64_t)view->bytes[i] << 8 * i;
    }
    const size_t left = view->n_bytes - KGI_LENGTH_BYTES;
    const size_t most = left < KGI_CONTAINER_MAX_HEADER ? left : KGI_CONTAINER_MAX_HEADER;
    if (length < 2 || length > most) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0: header of %llu bytes, allowed here are 2 to %zu", view->path,
                        (unsigned long long)length, most);
    }
    view->header_bytes = (size_t)length;
    view->data_start = KGI_LENGTH_BYTES + view->header_bytes;
    if (view->bytes[KGI_LENGTH_BYTES] != '{') {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %d: the header starts with 0x%02x, allowed is '{'", view->path,
                        KGI_LENGTH_BYTES, (unsigned)view->bytes[KGI_LENGTH_BYTES]);
    }
    size_t end = view->data_start - 1;
    while (view->bytes[end] == ' ') {
        end--; /* stops at the brace above */
    }
    if (view->bytes[end] != '}') {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: the header ends with 0x%02x, allowed is '}' and blanks",
                        view->path, end, (unsigned)view->bytes[end]);
    }
    return KG_OK;
}

static kg_status check_key(const file_view *view, const char *key, kg_error *err)
{
    const size_t length = strlen(key);
    if (length < 1 || length > KGI_CONTAINER_MAX_NAME) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: a name has %zu bytes, allowed are 1 to %d", view->path,
                        key_byte(view, key), length, KGI_CONTAINER_MAX_NAME);
    }
    return KG_OK;
}

static kg_status read_metadata(kgi_container *container, const file_view *view,
                               const json_t *metadata, kg_error *err)
{
    if (!json_is_object(metadata)) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: __metadata__ is not an object of texts",
                        view->path, key_byte(view, "__metadata__"));
    }
    for (void *at = json_object_iter((json_t *)metadata); at;
         at = json_object_iter_next((json_t *)metadata, at)) {
        const char *key = json_object_iter_key(at);
        const char *text = json_string_value(json_object_iter_value(at));
        kg_status status = check_key(view, key, err);
        if (!status && !text) {
            status = kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: metadata '%s' is not a text",
                              view->path, key_byte(view, key), key);
        }
        if (!status) {
            status = kgi_container_put_text(container, key, text, err);
        }
        if (status) {
            return status;
        }
    }
    return KG_OK;
}

static kg_status check_dtype(const file_view *view, const char *name, const json_t *dtype,
                             kg_error *err)
{
    static const char *const others[] = {"BOOL", "U8",   "I8",  "F8_E5M2", "F8_E4M3", "I16", "U16",
                                         "F16",  "BF16", "I32", "U32",     "F32",     "I64", "U64"};
    const char *text = json_string_value(dtype);
    if (text && !strcmp(text, "F64")) {
        return KG_OK;
    }
    for (size_t i = 0; text && i < sizeof others / sizeof others[0]; i++) {
        if (!strcmp(text, others[i])) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "%s: byte %zu: tensor '%s' has dtype %s, allowed is F64", view->path,
                            key_byte(view, name), name, text);
        }
    }
    return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: tensor '%s' has dtype '%s', allowed is F64",
                    view->path, key_byte(view, name), name, text ? text : "(not a text)");
}

/* n whole numbers that are not negative out of a JSON array; 0 if it is something else. */
static int read_sizes(const json_t *array, size_t n, size_t *out)
{
    if (!json_is_array(array) || json_array_size(array) != n) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_integer(item) || json_integer_value(item) < 0) {
            return 0;
        }
        out[i] = (size_t)json_integer_value(item);
    }
    return 1;
}

static kg_status read_tensor(kgi_container *container, const file_view *view, const char *name,
                             const json_t *entry, extent *where, kg_error *err)
{
    const size_t byte = key_byte(view, name);
    const json_t *dtype = json_object_get(entry, "dtype");
    const json_t *shape_json = json_object_get(entry, "shape");
    const json_t *offsets_json = json_object_get(entry, "data_offsets");
    kg_status status = check_key(view, name, err);
    if (status) {
        return status;
    }
    if (!dtype || !shape_json || !offsets_json || json_object_size(entry) != 3) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s' must have dtype, shape and data_offsets and "
                        "nothing else",
                        view->path, byte, name);
    }
    status = check_dtype(view, name, dtype, err);
    if (status) {
        return status;
    }
    const size_t rank = json_array_size(shape_json);
    size_t shape[KGI_TENSOR_MAX_RANK];
    size_t count = 0;
    size_t offsets[2];
    if (rank > KGI_TENSOR_MAX_RANK) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s' has rank %zu, allowed is at most %d", view->path,
                        byte, name, rank, KGI_TENSOR_MAX_RANK);
    }
    if (!read_sizes(shape_json, rank, shape) || !kgi_container_count((int)rank, shape, &count)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s': shape is not a list of whole numbers with a "
                        "product that fits",
                        view->path, byte, name);
    }
    if (!read_sizes(offsets_json, 2, offsets)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s': data_offsets are not two whole numbers",
                        view->path, byte, name);
    }
    const size_t data_bytes = view->n_bytes - view->data_start;
    if (offsets[0] > offsets[1] || offsets[1] > data_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s' lies at [%zu, %zu], allowed is [0, %zu] in "
                        "ascending order",
                        view->path, byte, name, offsets[0], offsets[1], data_bytes);
    }
    if (offsets[1] - offsets[0] != count * sizeof(double)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: tensor '%s' has %zu bytes, its shape needs %zu", view->path,
                        byte, name, offsets[1] - offsets[0], count * sizeof(double));
    }
    *where = (extent){offsets[0], offsets[1], name};
    return kgi_container_put(container, name, (int)rank, shape, count,
                             view->bytes + view->data_start + offsets[0], err);
}

static int by_offset(const void *a, const void *b)
{
    const extent *x = a;
    const extent *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return (x->end > y->end) - (x->end < y->end);
}

/* The tensors must fill the rest of the file, without overlap and without a hole. */
static kg_status check_extents(const file_view *view, extent *extents, size_t n, kg_error *err)
{
    size_t end = 0;
    if (n) {
        qsort(extents, n, sizeof *extents, by_offset);
    }
    for (size_t i = 0; i < n; i++) {
        if (extents[i].begin != end) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "%s: byte %zu: tensor '%s' starts at offset %zu, %s: allowed is %zu",
                            view->path, view->data_start + end, extents[i].name, extents[i].begin,
                            extents[i].begin < end ? "inside another" : "after a hole", end);
        }
        end = extents[i].end;
    }
    if (view->data_start + end != view->n_bytes) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu: %zu bytes after the last tensor, allowed are 0", view->path,
                        view->data_start + end, view->n_bytes - view->data_start - end);
    }
    return KG_OK;
}

static kg_status read_header(kgi_container *container, const file_view *view, json_t *header,
                             kg_error *err)
{
    const size_t n_keys = json_object_size(header);
    if (n_keys > KGI_CONTAINER_MAX_TENSORS + 1) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %d: %zu tensors, allowed are at most %d",
                        view->path, KGI_LENGTH_BYTES, n_keys, KGI_CONTAINER_MAX_TENSORS);
    }
    extent *extents = malloc((n_keys + 1) * sizeof *extents);
    if (!extents) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a list of tensors", view->path);
    }
    size_t n = 0;
    kg_status status = KG_OK;
    for (void *at = json_object_iter(header); at && !status;
         at = json_object_iter_next(header, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        if (!strcmp(key, "__metadata__")) {
            status = read_metadata(container, view, value, err);
        } else if (n == KGI_CONTAINER_MAX_TENSORS) {
            status = kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu: more than %d tensors", view->path,
                              key_byte(view, key), KGI_CONTAINER_MAX_TENSORS);
        } else {
            status = read_tensor(container, view, key, value, &extents[n], err);
            n++;
        }
    }
    if (!status) {
        status = check_extents(view, extents, n, err);
    }
    free(extents);
    return status;
}

static kg_status check_digest(const kgi_container *container, const file_view *view, kg_error *err)
{
    const char *digest = kgi_container_text(container, KGI_KEY_DIGEST);
    const unsigned char *key = memmem(view->bytes + KGI_LENGTH_BYTES, view->header_bytes,
                                      KGI_DIGEST_MARK, sizeof KGI_DIGEST_MARK - 1);
    if (!digest || !key || strlen(digest) != KGI_SHA256_DIGITS) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %d: the header has no %s of %d digits: not a file of ketgrad",
                        view->path, KGI_LENGTH_BYTES, KGI_KEY_DIGEST, KGI_SHA256_DIGITS);
    }
    const size_t at = (size_t)(key - view->bytes) + sizeof KGI_DIGEST_MARK - 1;
    char hex[KGI_SHA256_DIGITS + 1];
    kgi_sha256 *hash = NULL;
    kg_status status = kgi_sha256_create(&hash, err);
    if (status) {
        return status;
    }
    const size_t after = at + KGI_SHA256_DIGITS; /* inside the header: the text is that long */
    kgi_sha256_add(hash, view->bytes, at);
    kgi_sha256_add(hash, KGI_DIGEST_ZEROS, KGI_SHA256_DIGITS);
    kgi_sha256_add(hash, view->bytes + after, view->n_bytes - after);
    status = kgi_sha256_finish(hash, hex, err);
    if (!status && memcmp(hex, view->bytes + at, KGI_SHA256_DIGITS) != 0) {
        status = kgi_fail(err, KG_ERR_FORMAT,
                          "%s: byte %zu: the digest is %.8s..., the file's is %.8s...: the file is "
                          "damaged or was changed",
                          view->path, at, digest, hex);
    }
    return status;
}

/* Files of this major version and older ones can be read. */
static kg_status check_version(const kgi_container *container, const char *path, kg_error *err)
{
    const char *format = kgi_container_text(container, KGI_KEY_FORMAT);
    const char *version = kgi_container_text(container, KGI_KEY_VERSION);
    char *end = NULL;
    const unsigned long major = version ? strtoul(version, &end, 10) : 0;
    if (!format || strcmp(format, "ketgrad") != 0) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: the format is '%s', allowed is 'ketgrad'", path,
                        format ? format : "");
    }
    if (!version || end == version || *end != '.') {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: %s is '%s', allowed is major.minor.patch", path,
                        KGI_KEY_VERSION, version ? version : "");
    }
    if (major > strtoul(kg_version(), NULL, 10)) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "%s: written by ketgrad %s, this is %s: version %lu is needed", path,
                        version, kg_version(), major);
    }
    return KG_OK;
}

static kg_status parse_into(kgi_container *container, const char *path, const unsigned char *bytes,
                            size_t n_bytes, kg_error *err)
{
    file_view view = {.path = path, .bytes = bytes, .n_bytes = n_bytes};
    json_t *header = NULL;
    kgi_text where = {0};
    char *name = NULL;
    kg_status status = read_frame(&view, err);
    if (status) {
        return status;
    }
    kgi_text_printf(&where, "%s: byte %d: header", path, KGI_LENGTH_BYTES);
    status = kgi_text_finish(&where, &name, err);
    if (!status) {
        status = kgi_json_parse(&header, name, (const char *)bytes + KGI_LENGTH_BYTES,
                                view.header_bytes, err);
    }
    if (!status) {
        status = read_header(container, &view, header, err);
    }
    if (!status) {
        status = check_digest(container, &view, err);
    }
    if (!status) {
        status = check_version(container, path, err);
    }
    json_decref(header);
    free(name);
    return status;
}

kg_status kgi_container_parse(kgi_container **out, const char *path, const unsigned char *bytes,
                              size_t n_bytes, kg_error *err)
{
    *out = NULL;
    kg_status status = KG_OK;
    /* Without the container's own keys: the file must have them. */
    kgi_container *container = calloc(1, sizeof *container);
    if (container) {
        container->path = malloc(strlen(path) + 1);
    }
    if (container && container->path) {
        memcpy(container->path, path, strlen(path) + 1);
        status = parse_into(container, path, bytes, n_bytes, err);
    } else {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a container", path);
    }
    if (status) {
        kgi_container_destroy(container);
        return status;
    }
    *out = container;
    return KG_OK;
}

kg_status kgi_container_load(kgi_container **out, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    *out = NULL;
    kg_status status = kgi_file_read(path, KGI_CONTAINER_MAX_BYTES, &bytes, &n_bytes, err);
    if (!status) {
        status = kgi_container_parse(out, path, bytes, n_bytes, err);
    }
    free(bytes);
    return status;
}
