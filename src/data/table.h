/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with labels from CSV, NPY and NPZ files. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "data/classes.h"
#include "data/dataset.h"

typedef struct kgi_table_request {
    const char *path;  /* of the file; what messages call the bytes */
    const void *bytes; /* [n_bytes] its content */
    size_t n_bytes;
    const char *label;       /* which column: kg_dataset_read_file(); NULL: last */
    int is_rows;             /* rows to predict: kg_dataset_read_rows() */
    int n_features;          /* of those; 0: any number */
    int n_skipped;           /* first columns that are neither features nor the label */
    int is_test;             /* the test rows of an NPZ file */
    const kg_dataset *known; /* training rows: classes and number of features must be these */
    const char *name;        /* of the data set; NULL: path */
    const char *sha256;      /* known SHA-256 of the file; NULL if none is */
} kgi_table_request;

/* Rows of the file. *out may be NULL with KG_OK for is_test: the file has no test rows of its own. */
kg_status kgi_table_read(kg_dataset **out, const kgi_table_request *request, kg_error *err);

/* The same with the file read first; request->bytes is not used. */
kg_status kgi_table_load(kg_dataset **out, const kgi_table_request *request, kg_error *err);

/* By kind of file; kgi_table_read() chooses. */
kg_status kgi_table_read_csv(kg_dataset **out, const kgi_table_request *request, kg_error *err);
kg_status kgi_table_read_npy(kg_dataset **out, const kgi_table_request *request, kg_error *err);
kg_status kgi_table_read_npz(kg_dataset **out, const kgi_table_request *request, kg_error *err);

/* Number of features must be that of request->known. Errors: KG_ERR_SHAPE. */
kg_status kgi_table_check_width(const kgi_table_request *request, int n_features, kg_error *err);

/* The column that request->label means without a header, -1 for none. Errors: KG_ERR_ARGUMENT. */
kg_status kgi_table_label_by_place(const kgi_table_request *request, int n_columns, int *column,
                                   kg_error *err);

#endif
