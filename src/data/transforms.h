/* SPDX-License-Identifier: Apache-2.0 */
/* The table of transforms: what a step of a pipeline can be, and how each is built, fitted, stored. */
#ifndef DATA_TRANSFORMS_H
#define DATA_TRANSFORMS_H

#include <ketgrad/data.h>

#include "base/safetensors.h"
#include "data/affine.h"

/* Features of a row, and its size as an image (0 if it is none). */
typedef struct kgi_row_shape {
    int n_features;
    int height;
    int width;
} kgi_row_shape;

typedef struct kgi_transform kgi_transform;

/* One step of a pipeline. */
typedef struct kgi_step {
    const kgi_transform *transform;
    char *text;   /* as it was given: "pca:8" */
    int argument; /* the number after the colon, 0 if there is none */
    int own;      /* angle-range:own */
    int each;     /* angle-range:each */
    kgi_row_shape in;
    kgi_row_shape out;
    kgi_affine map;
    double *explained; /* [out.n_features] of pca */
    double range[2];   /* of angle-range */
} kgi_step;

struct kgi_transform {
    kg_transform_info info;
    int lo; /* range of the argument; 0, 0 if there is none */
    int hi;
    /* Sets out, and the map if it does not depend on data. */
    kg_status (*shape)(kgi_step *step, kg_error *err);
    /* Fits the map to x [n_rows][in]; NULL if nothing is fitted. */
    kg_status (*fit)(kgi_step *step, const double *x, int n_rows, kg_error *err);
    /* Puts what was fitted into tensors "<prefix>...", and takes it out; NULL if nothing is. */
    kg_status (*save)(const kgi_step *step, const char *prefix, kgi_container *container,
                      kg_error *err);
    kg_status (*load)(kgi_step *step, const char *prefix, const kgi_container *container,
                      kg_error *err);
};

/* Reads "name" or "name:argument" and finds the shape behind it; `in` is the shape before it.
 * Messages begin with the step. On failure nothing is held. */
kg_status kgi_step_init(kgi_step *step, const char *text, kgi_row_shape in, kg_error *err);
void kgi_step_clear(kgi_step *step);

/* Sets the map of an angle-range step from its range; KG_ERR_NUMERIC if that is empty. */
kg_status kgi_step_set_range(kgi_step *step, double lo, double hi, kg_error *err);

/* Smallest and largest of n numbers. */
void kgi_find_range(const double *x, size_t n, double range[2]);

/* angle-range:each and standardise (columns.c): a map for each feature. */
kg_status kgi_columns_shape(kgi_step *step, kg_error *err);
kg_status kgi_columns_fit_range(kgi_step *step, const double *x, int n_rows, kg_error *err);
kg_status kgi_columns_save_range(const kgi_step *step, const char *prefix, kgi_container *container,
                                 kg_error *err);
kg_status kgi_columns_load_range(kgi_step *step, const char *prefix, const kgi_container *container,
                                 kg_error *err);
kg_status kgi_standardise_fit(kgi_step *step, const double *x, int n_rows, kg_error *err);
kg_status kgi_standardise_save(const kgi_step *step, const char *prefix, kgi_container *container,
                               kg_error *err);
kg_status kgi_standardise_load(kgi_step *step, const char *prefix, const kgi_container *container,
                               kg_error *err);

/* Principal components (pca.c). */
kg_status kgi_pca_shape(kgi_step *step, kg_error *err);
kg_status kgi_pca_fit(kgi_step *step, const double *x, int n_rows, kg_error *err);
/* Bytes that fitting takes beside its rows. */
size_t kgi_pca_scratch_bytes(const kgi_step *step);
kg_status kgi_pca_save(const kgi_step *step, const char *prefix, kgi_container *container,
                       kg_error *err);
kg_status kgi_pca_load(kgi_step *step, const char *prefix, const kgi_container *container,
                       kg_error *err);

#endif
