/* SPDX-License-Identifier: Apache-2.0 */
/* The constant layer: the same answer for every row, fitted once and never trained. */
#include "layer/layer.h"

#include <stdlib.h>
#include <string.h>

/* y[b][o] = state[o] */
static void constant_forward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, double *y)
{
    (void)params;
    (void)x;
    for (size_t b = 0; b < (size_t)batch; b++) {
        memcpy(y + b * (size_t)layer->n_out, layer->state, (size_t)layer->n_out * sizeof *y);
    }
}

/* Nothing depends on x, and there are no parameters. */
static void constant_backward(const kgi_layer *layer, int batch, const double *params,
                              const double *x, const double *d_y, double *d_params, double *d_x)
{
    (void)layer;
    (void)batch;
    (void)params;
    (void)x;
    (void)d_y;
    (void)d_params;
    (void)d_x;
}

static void constant_destroy(kgi_layer *layer)
{
    free(layer->state);
    free(layer);
}

/* No row of the kinds: what it says is fitted, and only a model can do that. */
static const kgi_layer_info constant_info = {
    .name = "constant",
    .help = "the same answer for every row",
    .forward = constant_forward,
    .backward = constant_backward,
    .destroy = constant_destroy,
};

kg_status kgi_constant_create(kgi_layer **out, int n_in, int n_out, kg_error *err)
{
    *out = NULL;
    if (n_in < 0 || n_out < 1 || n_out > KGI_MAX_LAYER_VALUES) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "a constant layer of %d inputs and %d outputs", n_in,
                        n_out);
    }
    kgi_layer *layer = NULL;
    const kg_status status = kgi_layer_allocate(&layer, sizeof *layer, &constant_info, n_in,
                                                (kgi_shape){1, 1, n_out}, err);
    if (status) {
        return status;
    }
    layer->n_state = n_out;
    layer->state = calloc((size_t)n_out, sizeof *layer->state);
    if (!layer->state) {
        kgi_layer_free(layer);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a constant layer");
    }
    *out = layer;
    return KG_OK;
}
