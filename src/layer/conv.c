/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions (as networks have them: cross-correlations), through BLAS.
 *
 *   y[f][p] = bias[f] + sum_v W[f][v] view_p[v],   params = W [filters][n_values], then bias [filters]
 *
 * where view_p are the numbers that the window shows at place p (channels, then rows, then columns). The
 * views of one sample are gathered into a matrix [n_places][n_values], and three products of matrices do
 * the rest. One sample after the other: the matrix stays in the cache, and the sums of d_params have one
 * order whatever the batch. One dimension is an image of height 1. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/linalg.h"
#include "layer/window.h"

typedef struct conv {
    kgi_layer base; /* first: a kgi_layer * is a conv * */
    kgi_window window;
    int filters;
    double *views;   /* [n_places][n_values] of one sample */
    double *d_views; /* the same */
} conv;

static const conv *as_conv(const kgi_layer *layer)
{
    return (const conv *)(const void *)layer;
}

/* y = bias + W views^T, for each sample */
static void conv_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         double *y)
{
    const conv *c = as_conv(layer);
    const int n_values = c->window.n_values, n_places = c->window.n_places;
    const double *bias = params + (size_t)c->filters * (size_t)n_values;
    for (int b = 0; b < batch; b++) {
        kgi_window_gather(&c->window, x, c->views, n_values);
        for (int i = 0; i < layer->n_out; i++) {
            y[i] = bias[i / n_places];
        }
        kgi_gemm(KGI_PLAIN, KGI_TRANSPOSED, c->filters, n_places, n_values, 1.0, params, n_values,
                 c->views, n_values, 1.0, y, n_places);
        x += layer->n_in;
        y += layer->n_out;
    }
}

/* d_W += d_y views,  d_bias[f] += sum_p d_y[f][p],  d_views = d_y^T W, and back to where they are from */
static void conv_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          const double *d_y, double *d_params, double *d_x)
{
    const conv *c = as_conv(layer);
    const int n_values = c->window.n_values, n_places = c->window.n_places;
    for (size_t b = 0; b < (size_t)batch; b++) {
        const double *d = d_y + b * (size_t)layer->n_out;
        if (d_params) {
            double *d_bias = d_params + (size_t)c->filters * (size_t)n_values;
            kgi_window_gather(&c->window, x + b * (size_t)layer->n_in, c->views, n_values);
            kgi_gemm(KGI_PLAIN, KGI_PLAIN, c->filters, n_values, n_places, 1.0, d, n_places,
                     c->views, n_values, 1.0, d_params, n_values);
            for (int i = 0; i < layer->n_out; i++) {
                d_bias[i / n_places] += d[i];
            }
        }
        if (d_x) {
            kgi_gemm(KGI_TRANSPOSED, KGI_PLAIN, n_places, n_values, c->filters, 1.0, d, n_places,
                     params, n_values, 0.0, c->d_views, n_values);
            kgi_window_scatter(&c->window, c->d_views, n_values, d_x + b * (size_t)layer->n_in);
        }
    }
}

static void conv_destroy(kgi_layer *layer)
{
    conv *c = (conv *)(void *)layer;
    free(c->views);
    free(c->d_views);
    kgi_layer_free(layer);
}

/* ---- making ---------------------------------------------------------------------------------------- */

static kg_status conv_shape(const kgi_layer_options *options, int dimensions, kgi_window *window,
                            kgi_shape *out, kg_error *err)
{
    const kg_status status = kgi_window_init(window, options, dimensions, err);
    if (status) {
        return status;
    }
    *out = (kgi_shape){options->filters, window->out_height, window->out_width};
    if (!kgi_shape_size(*out) ||
        (long long)options->filters * (window->n_values + 1) > KGI_MAX_LAYER_PARAMS) {
        return kgi_fail(err, KG_ERR_SHAPE,
                        "%d filters of %d numbers at %d places are more than a layer may have",
                        options->filters, window->n_values, window->n_places);
    }
    return KG_OK;
}

static kg_status conv_create(kgi_layer **out, const kgi_layer_info *info, int dimensions,
                             const kgi_layer_options *options, kg_error *err)
{
    kgi_window window;
    kgi_shape shape;
    kgi_layer *layer = NULL;
    kg_status status = conv_shape(options, dimensions, &window, &shape, err);
    if (!status) {
        status = kgi_layer_allocate(&layer, sizeof(conv), info, kgi_shape_size(options->in[0]),
                                    shape, err);
    }
    if (status) {
        return status;
    }
    conv *c = (conv *)(void *)layer;
    const size_t n_views = (size_t)window.n_places * (size_t)window.n_values;
    c->window = window;
    c->filters = options->filters;
    c->views = kgi_alloc(n_views, sizeof *c->views);
    c->d_views = kgi_alloc(n_views, sizeof *c->d_views);
    if (!c->views || !c->d_views) {
        conv_destroy(layer);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes for a %s layer",
                        2 * n_views * sizeof(double), info->name);
    }
    kgi_layer_add_segment(layer, "weights", c->filters * window.n_values, window.n_values);
    kgi_layer_add_segment(layer, "bias", c->filters, window.n_values);
    *out = layer;
    return KG_OK;
}

static kg_status conv1d_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    kgi_window window;
    return conv_shape(options, 1, &window, out, err);
}

static kg_status conv1d_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return conv_create(out, &kgi_layer_conv1d, 1, options, err);
}

static kg_status conv2d_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    kgi_window window;
    return conv_shape(options, 2, &window, out, err);
}

static kg_status conv2d_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return conv_create(out, &kgi_layer_conv2d, 2, options, err);
}

static const kg_option conv1d_options[] = {
    /* clang-format off */
    KGI_LAYER_OPTION('i', "filters", filters,    1, 4096, NULL, "channels that come out"),
    KGI_LAYER_OPTION('i', "size",    size[1],    1, 4096, "3",  "width of the window"),
    KGI_LAYER_OPTION('i', "stride",  stride[1],  1, 4096, "1",  "how far the window moves"),
    KGI_LAYER_OPTION('i', "padding", padding[1], 0, 4095, "0",  "zeros on both sides"),
    /* clang-format on */
};

static const kg_option conv2d_options[] = {
    /* clang-format off */
    KGI_LAYER_OPTION('i', "filters", filters,    1, 4096, NULL, "channels that come out"),
    KGI_LAYER_OPTION('i', "size",    size[0],    1, 1024, "3",  "of the window: one number or [height, width]"),
    KGI_LAYER_OPTION('i', "stride",  stride[0],  1, 1024, "1",  "how far the window moves, one number or two"),
    KGI_LAYER_OPTION('i', "padding", padding[0], 0, 1023, "0",  "zeros on all sides, one number or two"),
    /* clang-format on */
};

const kgi_layer_info kgi_layer_conv1d = {
    .name = "conv1d",
    .help = "filters that slide over channels x 1 x width; weights and a bias each",
    KGI_LAYER_OPTIONS(conv1d_options),
    .shape = conv1d_shape,
    .create = conv1d_create,
    .forward = conv_forward,
    .backward = conv_backward,
    .destroy = conv_destroy,
};

const kgi_layer_info kgi_layer_conv2d = {
    .name = "conv2d",
    .help = "filters that slide over channels x height x width; weights and a bias each",
    KGI_LAYER_OPTIONS(conv2d_options),
    .shape = conv2d_shape,
    .create = conv2d_create,
    .forward = conv_forward,
    .backward = conv_backward,
    .destroy = conv_destroy,
};
