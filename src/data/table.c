/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets from files: which kind of file it is, which column is the label, and what all kinds share. */
#include "data/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/npz.h"

static const size_t max_file_bytes = (size_t)1 << 30;

kg_status kgi_table_check_width(const kgi_table_request *request, int n_features, kg_error *err)
{
    if (n_features < 1) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s:1:1: there is no column of features beside the label", request->path);
    }
    if (request->known && n_features != request->known->n_features) {
        return kgi_fail(err, KG_ERR_SHAPE, "%s: %d features, the training rows have %d",
                        request->path, n_features, request->known->n_features);
    }
    return KG_OK;
}

kg_status kgi_table_label_by_place(const kgi_table_request *request, int n_columns, int *column,
                                   kg_error *err)
{
    const char *label = request->label ? request->label : "last";
    const size_t n_digits = strspn(label, "0123456789");
    const long place = n_digits && n_digits < 9 && !label[n_digits] ? strtol(label, NULL, 10) : 0;
    *column = -1;
    if (!strcmp(label, "none")) {
        return KG_OK;
    }
    *column = !strcmp(label, "last")    ? n_columns - 1
              : !strcmp(label, "first") ? request->n_skipped
                                        : (int)place - 1;
    if (*column < request->n_skipped || *column >= n_columns) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "label is '%.60s', no column of %.80s: allowed are a name in its header, "
                        "1 to %d, first, last, none",
                        label, request->path, n_columns);
    }
    return KG_OK;
}

/* Remembers the file with its hash. */
static kg_status add_source(kg_dataset *data, const kgi_table_request *request, kg_error *err)
{
    char sha256[KGI_SHA256_DIGITS + 1];
    kg_status status = kgi_sha256_bytes(request->bytes, request->n_bytes, sha256, err);
    if (!status) {
        const int known = request->sha256 && !strcmp(request->sha256, sha256);
        status = kgi_dataset_add_source(data, request->path, sha256, known, err);
    }
    return status;
}

static int is_npy(const unsigned char *bytes, size_t n_bytes)
{
    return n_bytes >= 6 && !memcmp(bytes, "\x93NUMPY", 6);
}

kg_status kgi_table_read(kg_dataset **out, const kgi_table_request *request, kg_error *err)
{
    kg_dataset *data = NULL;
    kg_status status = KG_OK;
    *out = NULL;
    if (kgi_npz_check(request->bytes, request->n_bytes)) {
        status = kgi_table_read_npz(&data, request, err);
    } else if (request->is_test) {
        return KG_OK;
    } else if (is_npy(request->bytes, request->n_bytes)) {
        status = kgi_table_read_npy(&data, request, err);
    } else {
        status = kgi_table_read_csv(&data, request, err);
    }
    if (!status && data) {
        status = add_source(data, request, err);
    }
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    *out = data;
    return KG_OK;
}

kg_status kgi_table_load(kg_dataset **out, const kgi_table_request *request, kg_error *err)
{
    kgi_table_request with_bytes = *request;
    unsigned char *bytes = NULL;
    *out = NULL;
    kg_status status =
        kgi_file_read(request->path, max_file_bytes, &bytes, &with_bytes.n_bytes, err);
    if (!status) {
        with_bytes.bytes = bytes;
        status = kgi_table_read(out, &with_bytes, err);
    }
    free(bytes);
    return status;
}

kg_status kg_dataset_read_file(kg_dataset **out, const char *path, const void *bytes,
                               size_t n_bytes, const char *label, kg_error *err)
{
    const kgi_table_request request = {
        .path = path, .bytes = bytes, .n_bytes = n_bytes, .label = label};
    return bytes ? kgi_table_read(out, &request, err) : kgi_table_load(out, &request, err);
}

kg_status kg_dataset_read_rows(kg_dataset **out, const char *path, const void *bytes,
                               size_t n_bytes, int n_features, const char *label, kg_error *err)
{
    const kgi_table_request request = {.path = path,
                                       .bytes = bytes,
                                       .n_bytes = n_bytes,
                                       .label = label,
                                       .is_rows = 1,
                                       .n_features = n_features};
    return bytes ? kgi_table_read(out, &request, err) : kgi_table_load(out, &request, err);
}
