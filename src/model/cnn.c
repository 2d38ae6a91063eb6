/* SPDX-License-Identifier: Apache-2.0 */
/* The small convolutional network that Hur, Kim, Park (arXiv:2108.00661) compare theirs with:
 *
 *   conv1d (1 -> f, size 2, padding 1), relu, maxpool 2
 *   conv1d (f -> f, size 2, padding 1), relu, maxpool 2
 *   dense, one logit per class
 *
 * For L features, f filters and C classes: 3 f + 2 f^2 + f + C (f L'' + 1) parameters, where each of the
 * two stages makes L' = floor((L + 1) / 2) of L: 26 for f = 2, L = 8, C = 2; 34 for L = 16; 44 and 56
 * for f = 3. */
#include "model/model.h"

#include <stdio.h>

enum { DEFAULT_FILTERS = 2, MAX_FILTERS = 4096 };

static kg_status cnn_create(kg_model *model, kg_error *err)
{
    return kgi_model_choose_loss(model, KGI_OUTPUT_LOGITS, err);
}

static long long count_params(const kg_model *model, int filters)
{
    const long long f = filters, classes = model->n_classes;
    const long long width = ((model->n_features + 1) / 2 + 1) / 2;
    return 3 * f + 2 * f * f + f + classes * (f * width + 1);
}

/* Makes a layer that reads the last one and is called name. */
static kg_status add(kg_model *model, const char *name, const kgi_layer_info *kind,
                     kgi_layer_options *options, kg_error *err)
{
    const int last = model->n_layers - 1;
    const kgi_shape in = last < 0 ? (kgi_shape){1, 1, model->n_features} : model->layers[last]->out;
    kgi_layer *layer = NULL;
    options->in = &in;
    const kg_status status = kgi_layer_create(&layer, kind, options, err);
    if (!status) {
        kgi_model_push_node(model, layer, name, 1, &last); /* the first reads -1: the features */
        kgi_model_push_segments(model);
    }
    return status;
}

static kg_status add_stage(kg_model *model, int stage, int filters, kg_error *err)
{
    static const char *const names[2][3] = {{"conv1", "relu1", "pool1"},
                                            {"conv2", "relu2", "pool2"}};
    kgi_layer_options options;
    kgi_layer_options_init(&options, &kgi_layer_conv1d);
    options.filters = filters;
    options.size[1] = 2;
    options.padding[1] = 1;
    kg_status status = add(model, names[stage][0], &kgi_layer_conv1d, &options, err);
    if (!status) {
        status = add(model, names[stage][1], &kgi_layer_relu, &options, err);
    }
    if (!status) {
        kgi_layer_options_init(&options, &kgi_layer_maxpool1d);
        status = add(model, names[stage][2], &kgi_layer_maxpool1d, &options, err);
    }
    return status;
}

static kg_status cnn_build(kg_model *model, kg_error *err)
{
    const int given = model->options.filters ? model->options.filters : DEFAULT_FILTERS;
    const int filters = kgi_model_choose_size(model, count_params, given, MAX_FILTERS);
    kg_status status = add_stage(model, 0, filters, err);
    if (!status) {
        status = add_stage(model, 1, filters, err);
    }
    if (!status) {
        kgi_layer_options options;
        kgi_layer_options_init(&options, &kgi_layer_dense);
        options.units = model->n_classes;
        status = add(model, "dense", &kgi_layer_dense, &options, err);
    }
    return status;
}

static void cnn_output_name(const kg_model *model, int i, char *text)
{
    (void)model;
    (void)snprintf(text, KGI_OUTPUT_NAME, "logit %d", i);
}

const kgi_model_row kgi_model_cnn = {
    .name = "cnn",
    .help = "convolutional network on rows of features: two stages of filters, one dense layer",
    .loss = "ce",
    .init = "fan-in",
    .has_filters = 1,
    .create = cnn_create,
    .build = cnn_build,
    .output_name = cnn_output_name,
};
