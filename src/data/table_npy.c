/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with labels from NPY and NPZ files. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/npz.h"
#include "data/table.h"

enum { LABEL_BYTES = 32 };

/* How an array is read as rows. */
typedef struct row_shape {
    size_t n_rows;
    size_t n_columns;
    size_t height; /* 0: rows are no images */
    size_t width;
} row_shape;

/* Two dimensions are rows and columns; three, or four of which one is 1, are grey images. */
static kg_status find_rows(const kgi_npy *x, row_shape *shape, kg_error *err)
{
    size_t sides[KGI_NPY_MAX_DIMS];
    int n = 0;
    for (int d = 1; d < x->n_dims; d++) {
        if (x->n_dims != 4 || x->shape[d] != 1 || (d == 2 && x->shape[1] != 1)) {
            sides[n++] = x->shape[d];
        }
    }
    if (n < 1 || n > 2 || x->n_dims < 2) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0: %d dimensions, allowed are 2 (rows, columns), 3 (grey images) "
                        "and 4 with one of size 1",
                        x->path, x->n_dims);
    }
    shape->n_rows = x->shape[0];
    shape->n_columns = x->n_items / x->shape[0];
    shape->height = n == 2 ? sides[0] : 0;
    shape->width = n == 2 ? sides[1] : 0;
    if (shape->n_rows > INT_MAX || shape->n_columns > KGI_MAX_FEATURES) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0: %zu rows of %zu numbers, allowed are %d of %d", x->path,
                        shape->n_rows, shape->n_columns, INT_MAX, KGI_MAX_FEATURES);
    }
    return KG_OK;
}

/* The label of a row from its number. */
static kg_status find_label(kgi_classes *classes, const char *path, size_t byte, double value,
                            int *label, kg_error *err)
{
    char text[LABEL_BYTES];
    kg_status status = KG_OK;
    (void)snprintf(text, sizeof text, "%.17g", value);
    for (char *c = text; *c; c++) {
        *c = *c == ',' ? '.' : *c; /* the locale's mark */
    }
    const char *wrong = kgi_classes_find(classes, text, strlen(text), label, &status);
    return wrong ? kgi_fail(err, status, "%s: byte %zu: label %s %s", path, byte, text, wrong)
                 : KG_OK;
}

/* Rows of a matrix, one of whose columns may be the label (-1: none is). */
static kg_status take_rows(kg_dataset *data, const kgi_npy *x, const row_shape *shape, int label,
                           kgi_classes *classes, kg_error *err)
{
    double *row = malloc(shape->n_columns * sizeof *row);
    kg_status status = KG_OK;
    if (!row) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a row", x->path);
    }
    for (size_t r = 0; r < shape->n_rows && !status; r++) {
        double *to = data->features + r * (size_t)data->n_features;
        status = kgi_npy_convert(x, r * shape->n_columns, shape->n_columns, row, err);
        for (size_t c = 0; c < shape->n_columns && !status; c++) {
            if ((int)c == label) {
                const size_t at = r * shape->n_columns + c;
                status = find_label(classes, x->path, kgi_npy_place(x, at), row[c],
                                    &data->labels[r], err);
            } else {
                *to++ = row[c];
            }
        }
    }
    free(row);
    return status;
}

/* The array as a data set; label is a column of it, or -1. */
static kg_status make_rows(kg_dataset **out, const kgi_table_request *request, const kgi_npy *x,
                           const row_shape *shape, int label, kg_error *err)
{
    kgi_classes classes = {.known = request->known};
    kg_dataset *data = NULL;
    const int n_features = (int)shape->n_columns - (label >= 0);
    kg_status status = kgi_table_check_width(request, n_features, err);
    if (!status) {
        status = kgi_dataset_alloc(&data, request->name ? request->name : request->path,
                                   (int)shape->n_rows, n_features, 0, NULL, err);
    }
    if (!status && label >= 0) {
        data->labels = malloc(shape->n_rows * sizeof *data->labels);
        status = data->labels ? KG_OK
                              : kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate labels", x->path);
    }
    if (!status) {
        status = take_rows(data, x, shape, label, &classes, err);
    }
    if (!status && label >= 0) {
        status = kgi_classes_finish(&classes, data, err);
    }
    kgi_classes_clear(&classes);
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    data->height = (int)shape->height;
    data->width = (int)shape->width;
    *out = data;
    return KG_OK;
}

/* Rows to predict have all columns, as many as the model takes. */
static kg_status check_rows(const kgi_table_request *request, const kgi_npy *x,
                            const row_shape *shape, kg_error *err)
{
    return request->n_features && shape->n_columns != (size_t)request->n_features
               ? kgi_fail(err, KG_ERR_SHAPE, "%s: rows have %zu columns, but the model takes %d",
                          x->path, shape->n_columns, request->n_features)
               : KG_OK;
}

kg_status kgi_table_read_npy(kg_dataset **out, const kgi_table_request *request, kg_error *err)
{
    kgi_npy x;
    row_shape shape = {0};
    int label = -1;
    kg_status status = kgi_npy_parse(&x, request->path, request->bytes, request->n_bytes, err);
    if (!status) {
        status = find_rows(&x, &shape, err);
    }
    if (!status && request->is_rows) {
        status = check_rows(request, &x, &shape, err);
    } else if (!status && !shape.height) {
        status = kgi_table_label_by_place(request, (int)shape.n_columns, &label, err);
    }
    return status ? status : make_rows(out, request, &x, &shape, label, err);
}

/* ---- NPZ ---- */

/* Names that rows and labels have in the files of others; a file has one of these pairs. */
static const struct {
    const char *train[2];
    const char *test[2];
} usual[] = {{{"x_train", "y_train"}, {"x_test", "y_test"}},
             {{"x", "y"}, {NULL, NULL}},
             {{"features", "labels"}, {NULL, NULL}},
             {{"data", "target"}, {NULL, NULL}}};
enum { N_USUAL = sizeof usual / sizeof usual[0] };

/* The member of that name in either case of letters, -1 if there is none. */
static int find_member(const kgi_npz *npz, const char *name)
{
    for (int i = 0; name && kgi_npz_name(npz, i); i++) {
        const char *a = kgi_npz_name(npz, i);
        const char *b = name;
        while (*a && (*a >= 'A' && *a <= 'Z' ? *a | 0x20 : *a) == *b) {
            a++;
            b++;
        }
        if (!*a && !*b) {
            return i;
        }
    }
    return -1;
}

/* Labels of the rows of data from an array of as many numbers. */
static kg_status take_labels(kg_dataset *data, const kgi_table_request *request, const kgi_npy *y,
                             kg_error *err)
{
    kgi_classes classes = {.known = request->known};
    kg_status status = KG_OK;
    if (y->n_dims < 1 || y->n_items != y->shape[0]) {
        return kgi_fail(
            err, KG_ERR_FORMAT,
            "%s: byte 0: %zu labels in %d dimensions, allowed is one number for each row", y->path,
            y->n_items, y->n_dims);
    }
    if (y->n_items != (size_t)data->n_rows) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte 0: %zu labels for %d rows", y->path,
                        y->n_items, data->n_rows);
    }
    data->labels = malloc(y->n_items * sizeof *data->labels);
    if (!data->labels) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate labels", y->path);
    }
    for (size_t r = 0; r < y->n_items && !status; r++) {
        double value = 0.0;
        status = kgi_npy_convert(y, r, 1, &value, err);
        if (!status) {
            status =
                find_label(&classes, y->path, kgi_npy_place(y, r), value, &data->labels[r], err);
        }
    }
    if (!status) {
        status = kgi_classes_finish(&classes, data, err);
    }
    kgi_classes_clear(&classes);
    return status;
}

static kg_status read_labels(kg_dataset *data, const kgi_table_request *request, kgi_npz *npz,
                             const char *name, kg_error *err)
{
    const int i = find_member(npz, name);
    kgi_npy y;
    unsigned char *bytes = NULL;
    if (request->is_rows || (request->label && !strcmp(request->label, "none"))) {
        return KG_OK;
    }
    if (i < 0) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: byte 0: there is no array %s with the labels of the rows",
                        request->path, name);
    }
    kg_status status = kgi_npz_read(npz, i, &y, &bytes, err);
    if (!status) {
        status = take_labels(data, request, &y, err);
    }
    free(bytes);
    return status;
}

static kg_status read_members(kg_dataset **out, const kgi_table_request *request, kgi_npz *npz,
                              const char *const names[2], kg_error *err)
{
    kgi_npy x;
    row_shape shape = {0};
    unsigned char *bytes = NULL;
    kg_dataset *data = NULL;
    kg_status status = kgi_npz_read(npz, find_member(npz, names[0]), &x, &bytes, err);
    if (!status) {
        status = find_rows(&x, &shape, err);
    }
    if (!status && request->is_rows) {
        status = check_rows(request, &x, &shape, err);
    }
    if (!status) {
        status = make_rows(&data, request, &x, &shape, -1, err);
    }
    free(bytes);
    if (!status) {
        status = read_labels(data, request, npz, names[1], err);
    }
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    *out = data;
    return KG_OK;
}

kg_status kgi_table_read_npz(kg_dataset **out, const kgi_table_request *request, kg_error *err)
{
    kgi_npz *npz = NULL;
    *out = NULL;
    kg_status status = kgi_npz_open(&npz, request->path, request->bytes, request->n_bytes, err);
    if (status) {
        return status;
    }
    int u = 0;
    while (u < N_USUAL && find_member(npz, usual[u].train[0]) < 0) {
        u++;
    }
    if (u == N_USUAL) {
        status =
            kgi_fail(err, KG_ERR_FORMAT,
                     "%s: byte 0: no array of rows, allowed are the names x_train, X, features, "
                     "data",
                     request->path);
    } else if (!request->is_test) {
        status = read_members(out, request, npz, usual[u].train, err);
    } else if (find_member(npz, usual[u].test[0]) >= 0) {
        status = read_members(out, request, npz, usual[u].test, err);
    }
    kgi_npz_close(npz);
    return status;
}
