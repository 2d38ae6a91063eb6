/* SPDX-License-Identifier: Apache-2.0 */
/* Writing NPZ files: stored members in the order of their names, with the date at which zip files begin,
 * so that equal arrays give equal bytes. */
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "base/npz.h"
#include "base/text.h"

enum { FIRST_OF_JANUARY_1980 = 0x21 }; /* as zip files write dates */

static int compare_names(const void *a, const void *b)
{
    const kgi_npz_array *const *x = a;
    const kgi_npz_array *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* The arrays in the order of their names; names must be different and good for files. */
static kg_status sort_arrays(const kgi_npz_array **sorted, int n, const kgi_npz_array *arrays,
                             kg_error *err)
{
    for (int i = 0; i < n; i++) {
        const char *name = arrays[i].name;
        const size_t length = strlen(name);
        int good = length > 0 && length <= KGI_NPZ_MAX_NAME;
        for (size_t c = 0; c < length; c++) {
            good &= (unsigned char)name[c] >= 0x20 && name[c] != '/' && name[c] != '\\';
        }
        if (!good) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "array name '%.60s', allowed are 1 to 256 characters without / and \\",
                            name);
        }
        sorted[i] = &arrays[i];
    }
    qsort(sorted, (size_t)n, sizeof *sorted, compare_names);
    for (int i = 1; i < n; i++) {
        if (!strcmp(sorted[i - 1]->name, sorted[i]->name)) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "array name '%.60s' is there twice",
                            sorted[i]->name);
        }
    }
    return KG_OK;
}

static kg_status add_array(zip_t *zip, const kgi_npz_array *array, kg_error *err)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    kgi_text name = {0};
    kg_status status =
        kgi_npy_format(&bytes, &n_bytes, array->n_dims, array->shape, array->values, err);
    if (status) {
        return kgi_fail_in(err, status, "array '%.60s': ", array->name);
    }
    kgi_text_printf(&name, "%s.npy", array->name);
    zip_source_t *source = name.failed ? NULL : zip_source_buffer(zip, bytes, n_bytes, 1);
    if (!source) {
        free(bytes);
        kgi_text_clear(&name);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate array '%.60s'", array->name);
    }
    const zip_int64_t index = zip_file_add(zip, name.data, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
    }
    if (index < 0 || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_OF_JANUARY_1980, 0)) {
        status = kgi_fail(err, KG_ERR_MEMORY, "array '%.60s': %s", array->name, zip_strerror(zip));
    }
    kgi_text_clear(&name);
    return status;
}

/* The bytes that a closed archive left in its source. */
static kg_status take_bytes(zip_source_t *source, unsigned char **out, size_t *n_bytes,
                            kg_error *err)
{
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_source_stat(source, &info) || !(info.valid & ZIP_STAT_SIZE) ||
        zip_source_open(source)) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot write a zip file in memory");
    }
    unsigned char *bytes = malloc(info.size ? info.size : 1);
    const int complete =
        bytes && zip_source_read(source, bytes, info.size) == (zip_int64_t)info.size;
    (void)zip_source_close(source);
    if (!complete) {
        free(bytes);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot write a zip file in memory");
    }
    *out = bytes;
    *n_bytes = info.size;
    return KG_OK;
}

static kg_status write_zip(zip_source_t *source, int n, const kgi_npz_array *const *sorted,
                           kg_error *err)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    kg_status status = KG_OK;
    if (!zip) {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s", zip_error_strerror(&error));
        zip_error_fini(&error);
        return status;
    }
    zip_error_fini(&error);
    for (int i = 0; i < n && !status; i++) {
        status = add_array(zip, sorted[i], err);
    }
    zip_source_keep(source); /* the archive releases its own share */
    if (!status && zip_close(zip)) {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s", zip_strerror(zip));
        zip_discard(zip);
    } else if (status) {
        zip_discard(zip);
    }
    return status;
}

kg_status kgi_npz_format(unsigned char **out, size_t *n_bytes, int n_arrays,
                         const kgi_npz_array *arrays, kg_error *err)
{
    *out = NULL;
    *n_bytes = 0;
    if (n_arrays < 1 || n_arrays > KGI_NPZ_MAX_MEMBERS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d arrays, not in [1, %d]", n_arrays,
                        KGI_NPZ_MAX_MEMBERS);
    }
    const kgi_npz_array **sorted = calloc((size_t)n_arrays, sizeof(void *));
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = sorted ? zip_source_buffer_create(NULL, 0, 0, &error) : NULL;
    zip_error_fini(&error);
    kg_status status = KG_OK;
    if (!sorted || !source) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d arrays", n_arrays);
    } else {
        status = sort_arrays(sorted, n_arrays, arrays, err);
        if (status) {
            zip_source_free(source);
        } else {
            status = write_zip(source, n_arrays, sorted, err);
            status = status ? status : take_bytes(source, out, n_bytes, err);
            zip_source_free(source);
        }
    }
    free(sorted);
    return status;
}
