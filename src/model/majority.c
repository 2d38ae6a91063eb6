/* SPDX-License-Identifier: Apache-2.0 */
/* The majority class: says the training set's class frequencies whatever the row is. No parameters, no
 * descent; any accuracy below it is a bug. */
#include "model/model.h"

#include <stdio.h>
#include <string.h>

static kg_status majority_create(kg_model *model, kg_error *err)
{
    return kgi_model_choose_loss(model, KGI_OUTPUT_PROBS, err);
}

static kg_status majority_build(kg_model *model, kg_error *err)
{
    kgi_layer *layer = NULL;
    kg_status status = kgi_constant_create(&layer, model->n_features, model->n_classes, err);
    if (!status) {
        kgi_model_push_layer(model, layer);
    }
    return status;
}

static void majority_fit(kg_model *model, int n_rows, const double *features, const int *labels)
{
    (void)features;
    kgi_layer *layer = model->layers[0];
    memset(layer->state, 0, (size_t)layer->n_state * sizeof *layer->state);
    for (int i = 0; i < n_rows; i++) {
        layer->state[labels[i]] += 1.0;
    }
    for (int c = 0; c < layer->n_state; c++) {
        layer->state[c] /= (double)n_rows;
    }
}

static void majority_output_name(const kg_model *model, int i, char *text)
{
    (void)model;
    (void)snprintf(text, KGI_OUTPUT_NAME, "p(class %d)", i);
}

const kgi_model_row kgi_model_majority = {
    .name = "majority",
    .help = "the most frequent class of the training rows, whatever the row",
    .loss = "ce",
    .init = "zero",
    .is_baseline = 1,
    .create = majority_create,
    .build = majority_build,
    .fit = majority_fit,
    .output_name = majority_output_name,
};
