/* SPDX-License-Identifier: Apache-2.0 */
/* IDX files (http://yann.lecun.com/exdb/mnist): big-endian, plain or gzip.
 *
 *     magic 00 00 08 03 | n | height | width | n * height * width bytes      images
 *     magic 00 00 08 01 | n | n bytes                                        labels
 *
 * A count in a header is believed only if the file is long enough for it, before anything is
 * allocated. Images are unpacked a few at a time and only those of the wanted classes become doubles:
 * all of MNIST would take 376 MB. */
#include "data/idx.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/gzip.h"
#include "base/hash.h"

enum {
    UBYTE_IMAGES = 0x0803,
    UBYTE_LABELS = 0x0801,
    MAX_SIDE = 4096, /* pixels */
    MAX_CLASSES = 256,
    CHUNK_BYTES = 1 << 16 /* of images unpacked at a time */
};
static const size_t max_file_bytes = (size_t)1 << 30;

/* A file as a stream of bytes, packed or not. */
typedef struct stream {
    const char *path;
    unsigned char *file;
    size_t file_bytes;
    kgi_gzip *gzip; /* NULL if the file is plain */
    size_t at;      /* bytes given out so far */
    char sha256[KGI_SHA256_DIGITS + 1];
} stream;

static void close_stream(stream *in)
{
    kgi_gzip_close(in->gzip);
    free(in->file);
    *in = (stream){0};
}

static kg_status open_stream(stream *in, const char *path, kg_error *err)
{
    *in = (stream){.path = path};
    kg_status status = kgi_file_read(path, max_file_bytes, &in->file, &in->file_bytes, err);
    if (!status) {
        status = kgi_sha256_bytes(in->file, in->file_bytes, in->sha256, err);
    }
    if (!status && kgi_gzip_check(in->file, in->file_bytes)) {
        status = kgi_gzip_open(&in->gzip, path, in->file, in->file_bytes, err);
    }
    return status;
}

/* Up to n bytes; fewer at the end. */
static kg_status read_some(stream *in, unsigned char *out, size_t n, size_t *n_read, kg_error *err)
{
    kg_status status = KG_OK;
    if (in->gzip) {
        status = kgi_gzip_read(in->gzip, out, n, n_read, err);
    } else {
        const size_t left = in->file_bytes - in->at;
        *n_read = n < left ? n : left;
        memcpy(out, in->file + in->at, *n_read);
    }
    in->at += *n_read;
    return status;
}

static const char *unpacked(const stream *in)
{
    return in->gzip ? " (unpacked)" : "";
}

static kg_status read_exactly(stream *in, unsigned char *out, size_t n, const char *what,
                              kg_error *err)
{
    size_t got = 0;
    const kg_status status = read_some(in, out, n, &got, err);
    if (!status && got < n) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu%s: the file ends inside its %s", in->path,
                        in->at, unpacked(in), what);
    }
    return status;
}

static kg_status expect_end(stream *in, kg_error *err)
{
    unsigned char extra = 0;
    size_t got = 0;
    const kg_status status = read_some(in, &extra, 1, &got, err);
    if (!status && got) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte %zu%s: the file goes on, its header promises the end", in->path,
                        in->at - 1, unpacked(in));
    }
    return status;
}

static uint32_t big_endian(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Reads magic and n_sizes sizes. */
static kg_status read_header(stream *in, uint32_t magic, int n_sizes, uint32_t *sizes,
                             kg_error *err)
{
    unsigned char bytes[16];
    kg_status status = read_exactly(in, bytes, 4 + 4 * (size_t)n_sizes, "header", err);
    if (status) {
        return status;
    }
    if (big_endian(bytes) != magic) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0%s: magic 0x%08x, allowed is 0x%08x (%s of unsigned bytes)",
                        in->path, unpacked(in), (unsigned)big_endian(bytes), (unsigned)magic,
                        magic == UBYTE_IMAGES ? "images" : "labels");
    }
    for (int i = 0; i < n_sizes; i++) {
        sizes[i] = big_endian(bytes + 4 + (size_t)4 * (size_t)i);
    }
    return KG_OK;
}

/* Refuses a count of n items that the file cannot hold. */
static kg_status check_length(const stream *in, uint64_t n, uint64_t item_bytes, kg_error *err)
{
    const uint64_t factor = in->gzip ? KGI_GZIP_MAX_RATIO : 1;
    const uint64_t most = in->file_bytes * factor;
    if (n < 1 || n > INT32_MAX) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 4%s: %llu items, allowed are 1 to %d",
                        in->path, unpacked(in), (unsigned long long)n, INT32_MAX);
    }
    if (n * item_bytes > most) { /* below 2^31 * 2^24 */
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 4%s: %llu items of %llu bytes, the file of %zu bytes holds less",
                        in->path, unpacked(in), (unsigned long long)n,
                        (unsigned long long)item_bytes, in->file_bytes);
    }
    return KG_OK;
}

/* All labels of a file; *out is released with free(). */
static kg_status read_labels(stream *in, int n_classes, unsigned char **out, uint32_t *n,
                             kg_error *err)
{
    *out = NULL;
    kg_status status = read_header(in, UBYTE_LABELS, 1, n, err);
    if (!status) {
        status = check_length(in, *n, 1, err);
    }
    if (status) {
        return status;
    }
    unsigned char *labels = malloc(*n);
    if (!labels) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %u labels", in->path,
                        (unsigned)*n);
    }
    const size_t start = in->at;
    status = read_exactly(in, labels, *n, "labels", err);
    if (!status) {
        status = expect_end(in, err);
    }
    for (uint32_t i = 0; i < *n && !status; i++) {
        if (labels[i] >= n_classes) {
            status = kgi_fail(err, KG_ERR_FORMAT, "%s: byte %zu%s: label %d, allowed are 0 to %d",
                              in->path, start + i, unpacked(in), labels[i], n_classes - 1);
        }
    }
    if (status) {
        free(labels);
        return status;
    }
    *out = labels;
    return KG_OK;
}

/* Which rows stay: target[i] is the label that row i gets, -1 if it is not kept. Returns how many
 * stay. labels may be NULL (all rows stay, without a label). */
static int choose(const kgi_idx_request *request, const unsigned char *labels, uint32_t n,
                  int *target)
{
    int map[MAX_CLASSES];
    int n_kept = 0;
    for (int c = 0; c < MAX_CLASSES; c++) {
        map[c] = request->chosen ? -1 : c;
    }
    for (int i = 0; request->chosen && i < request->n_chosen; i++) {
        map[request->chosen[i]] = i;
    }
    for (uint32_t r = 0; r < n; r++) {
        const int is_full = request->limit && n_kept == request->limit;
        target[r] = is_full ? -1 : labels ? map[labels[r]] : 0;
        n_kept += target[r] >= 0;
    }
    return n_kept;
}

/* Unpacks all images and turns the kept ones into rows. */
static kg_status read_pixels(stream *in, uint32_t n, size_t image_bytes, const int *target,
                             kg_dataset *data, kg_error *err)
{
    const size_t per_chunk = image_bytes < CHUNK_BYTES ? CHUNK_BYTES / image_bytes : 1;
    unsigned char *chunk = malloc(per_chunk * image_bytes);
    if (!chunk) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a chunk of images", in->path);
    }
    kg_status status = KG_OK;
    size_t row = 0;
    for (size_t first = 0; first < n && !status; first += per_chunk) {
        const size_t count = n - first < per_chunk ? n - first : per_chunk;
        status = read_exactly(in, chunk, count * image_bytes, "images", err);
        for (size_t i = 0; i < count && !status; i++) {
            if (target[first + i] < 0) {
                continue;
            }
            double *features = data->features + row * image_bytes;
            for (size_t p = 0; p < image_bytes; p++) {
                features[p] = chunk[i * image_bytes + p];
            }
            if (data->labels) {
                data->labels[row] = target[first + i];
            }
            row++;
        }
    }
    free(chunk);
    return status ? status : expect_end(in, err);
}

static int is_known(const char *sha256, const char *known)
{
    return known && !strcmp(sha256, known);
}

static kg_status load_images(kg_dataset **out, const kgi_idx_request *request, stream *images,
                             const stream *labels_in, const unsigned char *labels,
                             uint32_t n_labels, kg_error *err)
{
    uint32_t sizes[3];
    kg_status status = read_header(images, UBYTE_IMAGES, 3, sizes, err);
    if (status) {
        return status;
    }
    if (labels && sizes[0] != n_labels) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 4%s: %u images, but %s has %u labels",
                        images->path, unpacked(images), (unsigned)sizes[0], labels_in->path,
                        (unsigned)n_labels);
    }
    if (sizes[1] < 1 || sizes[1] > MAX_SIDE || sizes[2] < 1 || sizes[2] > MAX_SIDE) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 8%s: images of %u x %u pixels, allowed are 1 to %d a side",
                        images->path, unpacked(images), (unsigned)sizes[1], (unsigned)sizes[2],
                        MAX_SIDE);
    }
    const size_t image_bytes = (size_t)sizes[1] * sizes[2];
    status = check_length(images, sizes[0], image_bytes, err);
    if (status) {
        return status;
    }
    int *target = malloc(sizes[0] * sizeof *target);
    if (!target) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a choice of rows", images->path);
    }
    kg_dataset *data = NULL;
    const int n_kept = choose(request, labels, sizes[0], target);
    const int n_classes = request->chosen ? request->n_chosen : request->n_classes;
    if (!n_kept) {
        status = kgi_fail(err, KG_ERR_FORMAT, "%s: no row has one of the chosen classes",
                          labels_in->path);
    } else {
        status = kgi_dataset_alloc(&data, request->name, n_kept, (int)image_bytes, n_classes,
                                   request->class_names, err);
    }
    if (!status) {
        data->height = (int)sizes[1];
        data->width = (int)sizes[2];
        status = read_pixels(images, sizes[0], image_bytes, target, data, err);
    }
    if (!status) {
        status = kgi_dataset_add_source(data, images->path, images->sha256,
                                        is_known(images->sha256, request->images_sha256), err);
    }
    if (!status && labels) {
        status = kgi_dataset_add_source(data, labels_in->path, labels_in->sha256,
                                        is_known(labels_in->sha256, request->labels_sha256), err);
    }
    free(target);
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    *out = data;
    return KG_OK;
}

kg_status kgi_idx_load(kg_dataset **out, const kgi_idx_request *request, kg_error *err)
{
    stream images = {0};
    stream labels_in = {0};
    unsigned char *labels = NULL;
    uint32_t n_labels = 0;
    kg_status status = KG_OK;
    *out = NULL;
    if (request->labels_path) {
        status = open_stream(&labels_in, request->labels_path, err);
        if (!status) {
            status = read_labels(&labels_in, request->n_classes, &labels, &n_labels, err);
        }
    }
    if (!status) {
        status = open_stream(&images, request->images_path, err);
    }
    if (!status) {
        status = load_images(out, request, &images, &labels_in, labels, n_labels, err);
    }
    free(labels);
    close_stream(&labels_in);
    close_stream(&images);
    return status;
}

kg_status kg_dataset_load_idx(kg_dataset **out, const char *images_path, const char *labels_path,
                              int n_classes, kg_error *err)
{
    const kgi_idx_request request = {.name = images_path,
                                     .images_path = images_path,
                                     .labels_path = labels_path,
                                     .n_classes = n_classes};
    *out = NULL;
    if (labels_path ? n_classes < 1 || n_classes > MAX_CLASSES : n_classes != 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d classes, allowed are %s", n_classes,
                        labels_path ? "1 to 256" : "0 without a file of labels");
    }
    return kgi_idx_load(out, &request, err);
}
