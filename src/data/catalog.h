/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of data sets knows beyond its public rows. */
#ifndef DATA_CATALOG_H
#define DATA_CATALOG_H

#include <ketgrad/data.h>

enum { KGI_MAX_DATASET_FILES = 4 };

typedef enum kgi_dataset_kind {
    KGI_DATASET_STROKES,
    KGI_DATASET_BARS,
    KGI_DATASET_IDX,  /* files: training images, training labels, test images, test labels */
    KGI_DATASET_TABLE /* files: training rows, test rows (or none: split) */
} kgi_dataset_kind;

typedef struct kgi_dataset_row {
    kg_dataset_info info;
    kgi_dataset_kind kind;
    const char *const *class_names; /* [n_classes]; NULL: numbers, or as the file says */
    const char *label;              /* of tables: its column */
    int n_skipped;                  /* of tables: first columns that are no features */
    kg_dataset_file files[KGI_MAX_DATASET_FILES]; /* name NULL past the last */
} kgi_dataset_row;

/* The row of that name, or NULL. */
const kgi_dataset_row *kgi_dataset_row_find(const char *name);

/* KG_ERR_ARGUMENT: there is no set of that name, with the nearest. */
kg_status kgi_dataset_unknown(const char *name, kg_error *err);

#endif
