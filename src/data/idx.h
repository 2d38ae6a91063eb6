/* SPDX-License-Identifier: Apache-2.0 */
/* Reading pairs of IDX files, keeping only the rows that are wanted. */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include "base/status.h"
#include "data/dataset.h"

typedef struct kgi_idx_request {
    const char *name; /* of the data set */
    const char *images_path;
    const char *labels_path; /* NULL: images without labels */
    int n_classes;           /* labels in the file are below this; 0 without labels */
    const int *chosen;       /* [n_chosen] classes to keep, label i is chosen[i]; NULL: all */
    int n_chosen;
    const char *const *class_names; /* of the kept classes; NULL: numbers */
    int limit;                      /* keep at most so many rows; 0: all */
    const char *images_sha256;      /* known SHA-256 of the files, NULL if none is */
    const char *labels_sha256;
} kgi_idx_request;

/* Both files are read to their end and checked, whatever is kept of them. */
kg_status kgi_idx_load(kg_dataset **out, const kgi_idx_request *request, kg_error *err);

#endif
