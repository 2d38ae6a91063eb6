/* SPDX-License-Identifier: Apache-2.0 */
/* NPY and NPZ files for users: arrays of doubles in and out. */
#include <stdlib.h>
#include <string.h>

#include <ketgrad/data.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/npz.h"

static const size_t max_file_bytes = (size_t)1 << 30;

struct kg_npz {
    int n;
    kg_array *arrays; /* names and values are owned */
};

/* Doubles of a file that was read. */
static kg_status convert(kg_array *array, const kgi_npy *npy, kg_error *err)
{
    double *values = kgi_alloc(npy->n_items, sizeof *values);
    if (!values) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu numbers", npy->path,
                        npy->n_items);
    }
    const kg_status status = kgi_npy_convert(npy, 0, npy->n_items, values, err);
    if (status) {
        free(values);
        return status;
    }
    array->n_dims = npy->n_dims;
    memcpy(array->shape, npy->shape, sizeof array->shape);
    array->values = values;
    return KG_OK;
}

kg_status kg_npy_load(kg_array *array, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kgi_npy npy;
    *array = (kg_array){0};
    kg_status status = kgi_file_read(path, max_file_bytes, &bytes, &n_bytes, err);
    if (!status) {
        status = kgi_npy_parse(&npy, path, bytes, n_bytes, err);
    }
    if (!status) {
        status = convert(array, &npy, err);
    }
    free(bytes);
    return status;
}

kg_status kg_npy_save(const kg_array *array, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kg_status status =
        kgi_npy_format(&bytes, &n_bytes, array->n_dims, array->shape, array->values, err);
    status =
        status ? kgi_fail_in(err, status, "%s: ", path) : kgi_file_write(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

void kg_npz_destroy(kg_npz *npz)
{
    for (int i = 0; npz && i < npz->n; i++) {
        free((char *)npz->arrays[i].name);
        free((double *)npz->arrays[i].values);
    }
    if (npz) {
        free(npz->arrays);
    }
    free(npz);
}

static kg_status read_array(kg_array *array, kgi_npz *file, int i, kg_error *err)
{
    const char *name = kgi_npz_name(file, i);
    kgi_npy npy;
    unsigned char *bytes = NULL;
    kg_status status = kgi_npz_read(file, i, &npy, &bytes, err);
    if (!status) {
        status = convert(array, &npy, err);
    }
    free(bytes);
    char *copy = status ? NULL : malloc(strlen(name) + 1);
    if (!status && !copy) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the name of an array");
    } else if (copy) {
        memcpy(copy, name, strlen(name) + 1);
    }
    array->name = copy;
    return status;
}

static kg_status read_arrays(kg_npz *npz, kgi_npz *file, kg_error *err)
{
    kg_status status = KG_OK;
    const int n = kgi_npz_n_members(file);
    npz->arrays = calloc((size_t)n, sizeof *npz->arrays);
    if (!npz->arrays) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d arrays", n);
    }
    for (; npz->n < n && !status; npz->n++) {
        status = read_array(&npz->arrays[npz->n], file, npz->n, err);
    }
    return status;
}

kg_status kg_npz_load(kg_npz **out, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kgi_npz *file = NULL;
    *out = NULL;
    kg_npz *npz = calloc(1, sizeof *npz);
    kg_status status = npz ? kgi_file_read(path, max_file_bytes, &bytes, &n_bytes, err)
                           : kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate arrays", path);
    if (!status) {
        status = kgi_npz_open(&file, path, bytes, n_bytes, err);
    }
    if (!status) {
        status = read_arrays(npz, file, err);
    }
    kgi_npz_close(file);
    free(bytes);
    if (status) {
        kg_npz_destroy(npz);
        return status;
    }
    *out = npz;
    return KG_OK;
}

const kg_array *kg_npz_get(const kg_npz *npz, int i)
{
    return i >= 0 && i < npz->n ? &npz->arrays[i] : NULL;
}

const kg_array *kg_npz_find(const kg_npz *npz, const char *name)
{
    for (int i = 0; i < npz->n; i++) {
        if (!strcmp(npz->arrays[i].name, name)) {
            return &npz->arrays[i];
        }
    }
    return NULL;
}

kg_status kg_npz_save(int n_arrays, const kg_array *arrays, const char *path, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kg_status status = KG_OK;
    kgi_npz_array *list = n_arrays > 0 ? calloc((size_t)n_arrays, sizeof *list) : NULL;
    if (n_arrays > 0 && !list) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d arrays", path, n_arrays);
    }
    for (int i = 0; i < n_arrays && !status; i++) {
        list[i] =
            (kgi_npz_array){arrays[i].name, arrays[i].n_dims, arrays[i].shape, arrays[i].values};
        if (!arrays[i].name) {
            status = kgi_fail(err, KG_ERR_ARGUMENT, "%s: array %d has no name", path, i);
        }
    }
    if (!status) {
        status = kgi_npz_format(&bytes, &n_bytes, n_arrays, list, err);
        status = status ? kgi_fail_in(err, status, "%s: ", path)
                        : kgi_file_write(path, bytes, n_bytes, err);
    }
    free(bytes);
    free(list);
    return status;
}
