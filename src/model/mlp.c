/* SPDX-License-Identifier: Apache-2.0 */
/* A multilayer perceptron: one hidden layer with tanh, then a logit (two classes) or one per class. For n
 * features, h hidden units and k logits: h (n + 1) + k (h + 1) parameters. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>

enum { MAX_HIDDEN = 65536 };

static int count_outputs(const kg_model *model)
{
    return model->n_classes == 2 ? 1 : model->n_classes;
}

static long long count_params(const kg_model *model, int hidden)
{
    const long long h = hidden, k = count_outputs(model);
    return h * (model->n_features + 1) + k * (h + 1);
}

static kg_status mlp_create(kg_model *model, kg_error *err)
{
    return kgi_model_choose_loss(model, KGI_OUTPUT_LOGITS, err);
}

static kg_status add_dense(kg_model *model, const char *name, int n_in, int n_out, kg_error *err)
{
    const int last = model->n_layers - 1;
    kgi_layer *layer = NULL;
    const kg_status status = kgi_dense_create(&layer, n_in, n_out, err);
    if (!status) {
        kgi_model_push_node(model, layer, name, 1, &last);
        kgi_model_push_segments(model);
    }
    return status;
}

static kg_status mlp_build(kg_model *model, kg_error *err)
{
    const double mean = sqrt((double)model->n_features * (double)model->n_classes);
    const int own = mean < MAX_HIDDEN ? (int)lround(mean) : MAX_HIDDEN;
    const int given = model->options.hidden ? model->options.hidden : own;
    const int hidden = kgi_model_choose_size(model, count_params, given, MAX_HIDDEN);
    const kgi_shape shape = {1, 1, hidden};
    const kgi_layer_options options = {.n_inputs = 1, .in = &shape};
    kgi_layer *layer = NULL;
    kg_status status = add_dense(model, "hidden", model->n_features, hidden, err);
    if (!status) {
        status = kgi_layer_create(&layer, &kgi_layer_tanh, &options, err);
    }
    if (!status) {
        kgi_model_push_layer(model, layer);
        status = add_dense(model, "output", hidden, count_outputs(model), err);
    }
    return status;
}

static void mlp_output_name(const kg_model *model, int i, char *text)
{
    (void)snprintf(text, KGI_OUTPUT_NAME, "logit %d", model->n_outputs == 1 ? 1 : i);
}

const kgi_model_row kgi_model_mlp = {
    .name = "mlp",
    .help = "multilayer perceptron: one hidden layer with tanh",
    .loss = "ce",
    .init = "fan-in",
    .has_hidden = 1,
    .create = mlp_create,
    .build = mlp_build,
    .output_name = mlp_output_name,
};
