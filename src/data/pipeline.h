/* SPDX-License-Identifier: Apache-2.0 */
/* A fitted pipeline as part of a model file. */
#ifndef DATA_PIPELINE_H
#define DATA_PIPELINE_H

#include <ketgrad/data.h>

#include "base/safetensors.h"

/* Puts the pipeline into a container: the text "ketgrad.preprocessing" (JSON: sizes, rows seen, the
 * steps) and tensors "pipeline.<step>.<name>". */
kg_status kgi_pipeline_save(const kg_pipeline *pipeline, kgi_container *container, kg_error *err);

/* Takes it out again; applies with the same bits. Errors: KG_ERR_FORMAT, KG_ERR_NUMERIC,
 * KG_ERR_MEMORY, each with the container's path. */
kg_status kgi_pipeline_load(kg_pipeline **out, const kgi_container *container, kg_error *err);

/* Size of the images that come out, 0 if rows are none. */
void kgi_pipeline_image(const kg_pipeline *pipeline, int *height, int *width);

/* What fitting would take, found without fitting. */
typedef struct kgi_pipeline_cost {
    int n_features; /* that come out */
    int height;     /* of the images that come out, 0 if rows are none */
    int width;
    size_t fit_bytes; /* at its peak, beside the training rows */
    double flops;     /* of fitting */
    double passes;    /* numbers read or written on the way */
} kgi_pipeline_cost;

/* Errors: those of kg_pipeline_fit() that do not depend on the numbers in the rows. */
kg_status kgi_pipeline_preview(kgi_pipeline_cost *cost, const char *const *steps, int n_steps,
                               const kg_dataset *train, int n_rows, kg_error *err);

#endif
