/* SPDX-License-Identifier: Apache-2.0 */
/* Logistic regression: one dense layer from features to a logit (two classes) or to one per class. The
 * model that a quantum one has to beat: 9 parameters for 8 features. */
#include "model/model.h"

#include <stdio.h>

static kg_status logistic_create(kg_model *model, kg_error *err)
{
    return kgi_model_choose_loss(model, KGI_OUTPUT_LOGITS, err);
}

static kg_status logistic_build(kg_model *model, kg_error *err)
{
    const int n_out = model->n_classes == 2 ? 1 : model->n_classes;
    kgi_layer *layer = NULL;
    kg_status status = kgi_dense_create(&layer, model->n_features, n_out, err);
    if (status) {
        return status;
    }
    kgi_model_push_layer(model, layer);
    kgi_model_push_weights(model, "weights", model->n_features * n_out, model->n_features);
    kgi_model_push_weights(model, "bias", n_out, model->n_features);
    return KG_OK;
}

static void logistic_output_name(const kg_model *model, int i, char *text)
{
    (void)snprintf(text, KGI_OUTPUT_NAME, "logit %d", model->n_outputs == 1 ? 1 : i);
}

const kgi_model_row kgi_model_logistic = {
    .name = "logistic",
    .help = "logistic regression on the same features, one layer of weights",
    .loss = "ce",
    .init = "zero", /* the problem is convex; nothing has to break a symmetry */
    .is_baseline = 1,
    .create = logistic_create,
    .build = logistic_build,
    .output_name = logistic_output_name,
};
