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

static const kgi_layer_info constant_info = {"constant", constant_forward, constant_backward,
                                             constant_destroy};

kg_status kgi_constant_create(kgi_layer **out, int n_in, int n_out, kg_error *err)
{
    *out = NULL;
    if (n_in < 0 || n_out < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "a constant layer of %d inputs and %d outputs", n_in,
                        n_out);
    }
    kgi_layer *layer = calloc(1, sizeof *layer);
    double *state = calloc((size_t)n_out, sizeof *state);
    if (!layer || !state) {
        free(layer);
        free(state);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a constant layer");
    }
    *layer = (kgi_layer){&constant_info, n_in, n_out, 0, state, n_out};
    *out = layer;
    return KG_OK;
}
