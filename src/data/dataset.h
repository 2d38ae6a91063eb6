/* SPDX-License-Identifier: Apache-2.0 */
/* How the readers and generators of this room fill a data set. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <ketgrad/data.h>

#include "base/status.h"

struct kg_dataset {
    char *name;
    int n_rows;
    int n_features;
    int n_classes; /* 0: no labels */
    int height;    /* 0: rows are not images */
    int width;
    double *features; /* [n_rows][n_features] finite */
    int *labels;      /* [n_rows], NULL without classes */
    char **class_names;
    kg_data_source *sources; /* their texts are owned */
    int n_sources;
};

enum { KGI_MAX_FEATURES = 1 << 24 };

/* A data set with room for its rows, which the caller fills before anybody sees it. class_names NULL
 * means "0", "1", ... Errors: KG_ERR_ARGUMENT (counts), KG_ERR_MEMORY. */
kg_status kgi_dataset_alloc(kg_dataset **out, const char *name, int n_rows, int n_features,
                            int n_classes, const char *const *class_names, kg_error *err);

/* Gives classes to data that has none; its labels must be there. */
kg_status kgi_dataset_set_classes(kg_dataset *data, int n_classes, const char *const *class_names,
                                  kg_error *err);

/* Puts other classes in the place of those it has; labels are renumbered by the caller. */
kg_status kgi_dataset_replace_classes(kg_dataset *data, int n_classes,
                                      const char *const *class_names, kg_error *err);

/* Remembers a file that rows came from. */
kg_status kgi_dataset_add_source(kg_dataset *data, const char *path, const char *sha256, int known,
                                 kg_error *err);

/* A data set with other features and the labels, classes, name and sources of `like` (rows[i] of it,
 * or row i if rows is NULL). Features are left to the caller. */
kg_status kgi_dataset_like(kg_dataset **out, const kg_dataset *like, const int *rows, int n_rows,
                           int n_features, kg_error *err);

/* One generated image, a function of its arguments only; index counts the images of a class. */
typedef void kgi_draw(uint64_t seed, int is_test, int class, int index, double *pixels);

/* n_rows square images with the given classes in turn; classes [n_classes], NULL for 0 .. n_classes - 1;
 * label i is classes[i] and class_names[i]. */
kg_status kgi_dataset_draw(kg_dataset **out, const char *name, kgi_draw *draw, int side,
                           uint64_t seed, int is_test, const int *classes, int n_classes,
                           int n_rows, const char *const *class_names, kg_error *err);

#endif
