/* SPDX-License-Identifier: Apache-2.0 */
/* Calls through a layer's row. */
#include "layer/layer.h"

void kgi_layer_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                       double *y)
{
    layer->info->forward(layer, batch, params, x, y);
}

void kgi_layer_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                        const double *d_y, double *d_params, double *d_x)
{
    layer->info->backward(layer, batch, params, x, d_y, d_params, d_x);
}

void kgi_layer_destroy(kgi_layer *layer)
{
    if (layer) {
        layer->info->destroy(layer);
    }
}
