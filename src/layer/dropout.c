/* SPDX-License-Identifier: Apache-2.0 */
/* Dropout: in a training step every number is dropped with probability p = rate, and those that stay are
 * divided by 1 - p, so that the mean stays; otherwise y = x (Srivastava and others, JMLR 15, 2014).
 *
 * Whether a number stays is drawn at (seed, KG_STREAM_DROPOUT, step, index of the number in its batch and
 * layer): forward and backward ask for the same draw, and nothing has to be remembered. */
#include <string.h>

#include <ketgrad/rng.h>

#include "layer/layer.h"

enum { PLACE_SHIFT = 48 }; /* a batch has fewer than 2^48 numbers in a layer, a model 2^16 layers */

typedef struct dropout {
    kgi_layer base; /* first: a kgi_layer * is a dropout * */
    double rate;
} dropout;

/* What number i of the batch is multiplied with. */
static double factor(const kgi_layer *layer, size_t i)
{
    const double rate = ((const dropout *)(const void *)layer)->rate;
    const uint64_t index = (uint64_t)layer->place << PLACE_SHIFT | (uint64_t)i;
    const double u =
        kg_random_uniform(layer->draw->seed, KG_STREAM_DROPOUT, layer->draw->step, index);
    return u < rate ? 0.0 : 1.0 / (1.0 - rate);
}

static int is_off(const kgi_layer *layer)
{
    return !layer->draw || !layer->draw->training;
}

static void dropout_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    (void)params;
    const size_t n = (size_t)batch * (size_t)layer->n_out;
    if (is_off(layer)) {
        memcpy(y, x, n * sizeof *y);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i] * factor(layer, i);
    }
}

static void dropout_backward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)x;
    (void)d_params;
    const int off = is_off(layer);
    for (size_t i = 0; d_x && i < (size_t)batch * (size_t)layer->n_out; i++) {
        d_x[i] += off ? d_y[i] : d_y[i] * factor(layer, i);
    }
}

static kg_status dropout_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    (void)err;
    *out = options->in[0];
    return KG_OK;
}

static kg_status dropout_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    const kg_status status =
        kgi_layer_allocate(out, sizeof(dropout), &kgi_layer_dropout, kgi_shape_size(options->in[0]),
                           options->in[0], err);
    if (!status) {
        ((dropout *)(void *)*out)->rate = options->rate;
    }
    return status;
}

static const kg_option dropout_options[] = {
    KGI_LAYER_OPTION('d', "rate", rate, 0, 0.99, "0.5", "probability that a number is dropped"),
};

const kgi_layer_info kgi_layer_dropout = {
    .name = "dropout",
    .help = "drops random numbers in training steps, and is not there when scoring",
    KGI_LAYER_OPTIONS(dropout_options),
    .shape = dropout_shape,
    .create = dropout_create,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .destroy = kgi_layer_free,
};
