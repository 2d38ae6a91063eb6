/* SPDX-License-Identifier: Apache-2.0 */
/* The container in memory: tensors and texts, each list sorted by name. */
#include "base/container.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

kg_status kgi_container_create(kgi_container **out, kg_error *err)
{
    *out = NULL;
    kgi_container *container = calloc(1, sizeof *container);
    if (!container) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a container");
    }
    kg_status status = kgi_container_put_text(container, KGI_KEY_FORMAT, "ketgrad", err);
    if (!status) {
        status = kgi_container_put_text(container, KGI_KEY_VERSION, kg_version(), err);
    }
    if (!status) { /* the writer fills in its digits */
        status = kgi_container_put_text(container, KGI_KEY_DIGEST, KGI_DIGEST_ZEROS, err);
    }
    if (status) {
        kgi_container_destroy(container);
        return status;
    }
    *out = container;
    return KG_OK;
}

void kgi_container_destroy(kgi_container *container)
{
    if (!container) {
        return;
    }
    for (int i = 0; i < container->n_tensors; i++) {
        free((char *)container->tensors[i].name);
        free((double *)container->tensors[i].data);
    }
    for (int i = 0; i < container->n_texts; i++) {
        free(container->texts[i].key);
        free(container->texts[i].text);
    }
    free(container->tensors);
    free(container->texts);
    free(container->path);
    free(container);
}

/* Place of a name in a sorted list whose items begin with a pointer to their name: *found says if
 * it is there. */
static int place(const void *list, int n, size_t item, const char *name, int *found)
{
    int lo = 0;
    int hi = n;
    *found = 0;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        const char *other = *(char *const *)(const void *)((const char *)list + (size_t)mid * item);
        const int order = strcmp(other, name);
        if (order == 0) {
            *found = 1;
            return mid;
        }
        if (order < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* Makes a gap at `at` in a list of n items; NULL if there is no memory (the list is unchanged). */
static void *open_gap(void *list, int n, size_t item, int at)
{
    char *grown = realloc(list, (size_t)(n + 1) * item);
    if (grown) {
        memmove(grown + (size_t)(at + 1) * item, grown + (size_t)at * item,
                (size_t)(n - at) * item);
    }
    return grown;
}

static kg_status check_name(const char *what, const char *name, kg_error *err)
{
    const size_t length = strlen(name);
    if (length < 1 || length > KGI_CONTAINER_MAX_NAME) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "the name of a %s has %zu bytes, not 1 to %d", what,
                        length, KGI_CONTAINER_MAX_NAME);
    }
    for (size_t i = 0; i < length; i++) {
        if (name[i] <= ' ' || name[i] > '~') {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "the name of a %s holds byte 0x%02x, allowed is printable ASCII "
                            "without blanks",
                            what, (unsigned)(unsigned char)name[i]);
        }
    }
    return KG_OK;
}

int kgi_container_count(int rank, const size_t *shape, size_t *count)
{
    size_t bytes = 0;
    *count = 1;
    for (int i = 0; i < rank; i++) {
        if (__builtin_mul_overflow(*count, shape[i], count)) {
            return 0;
        }
    }
    return !__builtin_mul_overflow(*count, sizeof(double), &bytes);
}

kg_status kgi_container_put(kgi_container *container, const char *name, int rank,
                            const size_t *shape, size_t count, const void *bytes, kg_error *err)
{
    int found = 0;
    const int at =
        place(container->tensors, container->n_tensors, sizeof(kgi_tensor), name, &found);
    if (found) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "there is a tensor '%s' already", name);
    }
    char *name_copy = malloc(strlen(name) + 1);
    double *data = kgi_alloc(count ? count : 1, sizeof *data);
    kgi_tensor *list = name_copy && data ? open_gap(container->tensors, container->n_tensors,
                                                    sizeof(kgi_tensor), at)
                                         : NULL;
    if (!list) {
        free(name_copy);
        free(data);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the tensor '%s' of %zu numbers", name,
                        count);
    }
    memcpy(name_copy, name, strlen(name) + 1);
    if (count) {
        memcpy(data, bytes, count * sizeof *data); /* from a file it may be unaligned */
    }
    list[at] = (kgi_tensor){.name = name_copy, .rank = rank, .count = count, .data = data};
    for (int i = 0; i < rank; i++) {
        list[at].shape[i] = shape[i];
    }
    container->tensors = list;
    container->n_tensors++;
    return KG_OK;
}

kg_status kgi_container_add(kgi_container *container, const char *name, int rank,
                            const size_t *shape, const double *data, kg_error *err)
{
    size_t count = 0;
    kg_status status = check_name("tensor", name, err);
    if (status) {
        return status;
    }
    if (!strcmp(name, "__metadata__")) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "a tensor cannot be called '__metadata__'");
    }
    if (rank < 0 || rank > KGI_TENSOR_MAX_RANK) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "tensor '%s' has rank %d, not in [0, %d]", name, rank,
                        KGI_TENSOR_MAX_RANK);
    }
    if (!kgi_container_count(rank, shape, &count)) {
        return kgi_fail(err, KG_ERR_SHAPE, "tensor '%s' has more numbers than memory can hold",
                        name);
    }
    if (container->n_tensors == KGI_CONTAINER_MAX_TENSORS) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "tensor '%s' is one more than the %d allowed",
                        name, KGI_CONTAINER_MAX_TENSORS);
    }
    return kgi_container_put(container, name, rank, shape, count, data, err);
}

kg_status kgi_container_put_text(kgi_container *container, const char *key, const char *text,
                                 kg_error *err)
{
    int found = 0;
    const int at =
        place(container->texts, container->n_texts, sizeof(kgi_container_entry), key, &found);
    char *text_copy = malloc(strlen(text) + 1);
    char *key_copy = found ? NULL : malloc(strlen(key) + 1);
    kgi_container_entry *list = container->texts;
    if (text_copy && key_copy) {
        list = open_gap(list, container->n_texts, sizeof *list, at);
    }
    if (!text_copy || (!found && !key_copy) || !list) {
        free(text_copy);
        free(key_copy);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the text '%s'", key);
    }
    memcpy(text_copy, text, strlen(text) + 1);
    if (found) {
        free(list[at].text);
    } else {
        memcpy(key_copy, key, strlen(key) + 1);
        list[at].key = key_copy;
        container->texts = list;
        container->n_texts++;
    }
    list[at].text = text_copy;
    return KG_OK;
}

kg_status kgi_container_set_text(kgi_container *container, const char *key, const char *text,
                                 kg_error *err)
{
    const kg_status status = check_name("text", key, err);
    if (status) {
        return status;
    }
    if (strncmp(key, "ketgrad.", 8) != 0 || !strcmp(key, KGI_KEY_DIGEST) ||
        !strcmp(key, KGI_KEY_VERSION)) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "'%s' is not a key for a text, allowed is 'ketgrad.<name>' other than "
                        "version and digest",
                        key);
    }
    return kgi_container_put_text(container, key, text, err);
}

const kgi_tensor *kgi_container_find(const kgi_container *container, const char *name)
{
    int found = 0;
    const int at =
        place(container->tensors, container->n_tensors, sizeof(kgi_tensor), name, &found);
    return found ? &container->tensors[at] : NULL;
}

const char *kgi_container_text(const kgi_container *container, const char *key)
{
    int found = 0;
    const int at =
        place(container->texts, container->n_texts, sizeof(kgi_container_entry), key, &found);
    return found ? container->texts[at].text : NULL;
}

int kgi_container_n_tensors(const kgi_container *container)
{
    return container->n_tensors;
}

const kgi_tensor *kgi_container_tensor(const kgi_container *container, int i)
{
    return i >= 0 && i < container->n_tensors ? &container->tensors[i] : NULL;
}

const char *kgi_container_path(const kgi_container *container)
{
    return container->path ? container->path : "container";
}

/* "[3, 4]" */
static void format_shape(char *out, size_t size, int rank, const size_t *shape)
{
    kgi_text text = {0};
    for (int i = 0; i < rank; i++) {
        kgi_text_printf(&text, "%s%zu", i ? ", " : "", shape[i]);
    }
    (void)snprintf(out, size, "[%s]", text.data ? text.data : "");
    kgi_text_clear(&text);
}

kg_status kgi_container_need(const kgi_container *container, const char *name, int rank,
                             const size_t *shape, const double **data, kg_error *err)
{
    const char *path = kgi_container_path(container);
    const kgi_tensor *tensor = kgi_container_find(container, name);
    *data = NULL;
    if (!tensor) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: there is no tensor '%s'", path, name);
    }
    if (tensor->rank != rank || memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0) {
        char got[80];
        char allowed[80];
        format_shape(got, sizeof got, tensor->rank, tensor->shape);
        format_shape(allowed, sizeof allowed, rank, shape);
        return kgi_fail(err, KG_ERR_FORMAT, "%s: tensor '%s' has shape %s, allowed is %s", path,
                        name, got, allowed);
    }
    for (size_t i = 0; i < tensor->count; i++) {
        if (!isfinite(tensor->data[i])) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s: tensor '%s': number %zu is not finite", path,
                            name, i);
        }
    }
    *data = tensor->data;
    return KG_OK;
}

kg_status kgi_container_need_text(const kgi_container *container, const char *key,
                                  const char **text, kg_error *err)
{
    *text = kgi_container_text(container, key);
    return *text ? KG_OK
                 : kgi_fail(err, KG_ERR_FORMAT, "%s: there is no text '%s'",
                            kgi_container_path(container), key);
}
