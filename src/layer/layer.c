/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes, and calls through a layer's row. */
#include "layer/layer.h"

#include <stdio.h>
#include <stdlib.h>

int kgi_shape_size(kgi_shape shape)
{
    if (shape.channels < 1 || shape.height < 1 || shape.width < 1) {
        return 0;
    }
    const long long plane = (long long)shape.height * shape.width; /* below 2^62 */
    if (plane > KGI_MAX_LAYER_VALUES || plane * shape.channels > KGI_MAX_LAYER_VALUES) {
        return 0;
    }
    return (int)plane * shape.channels;
}

void kgi_shape_format(kgi_shape shape, char text[KGI_SHAPE_TEXT])
{
    if (shape.channels == 1 && shape.height == 1) {
        (void)snprintf(text, KGI_SHAPE_TEXT, "%d", shape.width);
    } else {
        (void)snprintf(text, KGI_SHAPE_TEXT, "%d x %d x %d", shape.channels, shape.height,
                       shape.width);
    }
}

kg_status kgi_layer_allocate(kgi_layer **out, size_t bytes, const kgi_layer_info *info, int n_in,
                             kgi_shape shape, kg_error *err)
{
    kgi_layer *layer = calloc(1, bytes);
    if (!layer) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a %s layer", info->name);
    }
    layer->info = info;
    layer->n_in = n_in;
    layer->out = shape;
    layer->n_out = kgi_shape_size(shape);
    *out = layer;
    return KG_OK;
}

void kgi_layer_free(kgi_layer *layer)
{
    free(layer);
}

void kgi_layer_add_segment(kgi_layer *layer, const char *name, int n, int fan_in)
{
    KGI_ASSERT(layer->n_segments < KGI_MAX_LAYER_SEGMENTS);
    layer->segments[layer->n_segments++] = (kgi_layer_segment){name, n, fan_in};
    layer->n_params += n;
}

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

kg_status kgi_layer_expect(kgi_layer *layer, int batch, kg_error *err)
{
    return layer->info->expect ? layer->info->expect(layer, batch, err) : KG_OK;
}

void kgi_layer_destroy(kgi_layer *layer)
{
    if (layer) {
        layer->info->destroy(layer);
    }
}
