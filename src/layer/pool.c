/* SPDX-License-Identifier: Apache-2.0 */
/* Poolings: the largest number, or the mean, of what a window shows, channel by channel. Windows that
 * would reach over the edge are left out. No parameters.
 *
 *   max      y[c][p] = max_v view_p[c][v]     the gradient goes to the first largest
 *   average  y[c][p] = sum_v view_p[c][v] / n */
#include "layer/window.h"

typedef struct pool {
    kgi_layer base; /* first: a kgi_layer * is a pool * */
    kgi_window window;
} pool;

/* Calls at(context, corner of the view in x, index of the output) in order; the view's number (i, j) is
 * i * width + j behind its corner. */
typedef void visit(const kgi_window *w, const double *x, double *y, const double *d_y, double *d_x,
                   size_t corner, size_t out);

static void for_each(const kgi_layer *layer, int batch, visit *at, const double *x, double *y,
                     const double *d_y, double *d_x)
{
    const kgi_window *w = &((const pool *)(const void *)layer)->window;
    const size_t width = (size_t)w->in.width, plane = (size_t)w->in.height * width;
    size_t out = 0;
    for (size_t image = 0; image < (size_t)batch * (size_t)w->in.channels; image++) {
        for (int i = 0; i < w->out_height; i++) {
            for (int j = 0; j < w->out_width; j++) {
                const size_t top = (size_t)(i * w->stride[0]), left = (size_t)(j * w->stride[1]);
                at(w, x, y, d_y, d_x, image * plane + top * width + left, out++);
            }
        }
    }
}

/* ---- the largest ----------------------------------------------------------------------------------- */

static size_t find_largest(const kgi_window *w, const double *x, size_t corner)
{
    size_t best = corner;
    for (int i = 0; i < w->size[0]; i++) {
        for (int j = 0; j < w->size[1]; j++) {
            const size_t at = corner + (size_t)i * (size_t)w->in.width + (size_t)j;
            best = x[at] > x[best] ? at : best;
        }
    }
    return best;
}

static void max_at(const kgi_window *w, const double *x, double *y, const double *d_y, double *d_x,
                   size_t corner, size_t out)
{
    (void)d_y;
    (void)d_x;
    y[out] = x[find_largest(w, x, corner)];
}

static void d_max_at(const kgi_window *w, const double *x, double *y, const double *d_y,
                     double *d_x, size_t corner, size_t out)
{
    (void)y;
    d_x[find_largest(w, x, corner)] += d_y[out];
}

static void max_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                        double *y)
{
    (void)params;
    for_each(layer, batch, max_at, x, y, NULL, NULL);
}

static void max_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    if (d_x) {
        for_each(layer, batch, d_max_at, x, NULL, d_y, d_x);
    }
}

/* ---- the mean -------------------------------------------------------------------------------------- */

static void mean_at(const kgi_window *w, const double *x, double *y, const double *d_y, double *d_x,
                    size_t corner, size_t out)
{
    (void)d_y;
    (void)d_x;
    double sum = 0.0;
    for (int i = 0; i < w->size[0]; i++) {
        for (int j = 0; j < w->size[1]; j++) {
            sum += x[corner + (size_t)i * (size_t)w->in.width + (size_t)j];
        }
    }
    y[out] = sum / (double)(w->size[0] * w->size[1]);
}

static void d_mean_at(const kgi_window *w, const double *x, double *y, const double *d_y,
                      double *d_x, size_t corner, size_t out)
{
    (void)x;
    (void)y;
    const double share = d_y[out] / (double)(w->size[0] * w->size[1]);
    for (int i = 0; i < w->size[0]; i++) {
        for (int j = 0; j < w->size[1]; j++) {
            d_x[corner + (size_t)i * (size_t)w->in.width + (size_t)j] += share;
        }
    }
}

static void average_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    (void)params;
    for_each(layer, batch, mean_at, x, y, NULL, NULL);
}

static void average_backward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    if (d_x) {
        for_each(layer, batch, d_mean_at, x, NULL, d_y, d_x);
    }
}

/* ---- making ---------------------------------------------------------------------------------------- */

static kg_status pool_shape(const kgi_layer_options *options, int dimensions, kgi_window *window,
                            kgi_shape *out, kg_error *err)
{
    const kg_status status = kgi_window_init(window, options, dimensions, err);
    if (!status) {
        *out = (kgi_shape){window->in.channels, window->out_height, window->out_width};
    }
    return status;
}

static kg_status pool_create(kgi_layer **out, const kgi_layer_info *info, int dimensions,
                             const kgi_layer_options *options, kg_error *err)
{
    kgi_window window;
    kgi_shape shape;
    kg_status status = pool_shape(options, dimensions, &window, &shape, err);
    if (!status) {
        status =
            kgi_layer_allocate(out, sizeof(pool), info, kgi_shape_size(options->in[0]), shape, err);
    }
    if (!status) {
        ((pool *)(void *)*out)->window = window;
    }
    return status;
}

static const kg_option pool1d_options[] = {
    /* clang-format off */
    KGI_LAYER_OPTION('i', "size",   size[1],   1, 4096, "2", "width of the window"),
    KGI_LAYER_OPTION('i', "stride", stride[1], 0, 4096, "0", "how far the window moves; 0: by its size"),
    /* clang-format on */
};

static const kg_option pool2d_options[] = {
    /* clang-format off */
    KGI_LAYER_OPTION('i', "size",   size[0],   1, 1024, "2", "of the window: one number or [height, width]"),
    KGI_LAYER_OPTION('i', "stride", stride[0], 0, 1024, "0", "how far the window moves, one number or two; 0: by its size"),
    /* clang-format on */
};

#define POOL(kind, d, operation, text)                                                             \
    static kg_status kind##_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err) \
    {                                                                                              \
        kgi_window window;                                                                         \
        return pool_shape(options, d, &window, out, err);                                          \
    }                                                                                              \
    static kg_status kind##_create(kgi_layer **out, const kgi_layer_options *options,              \
                                   kg_error *err)                                                  \
    {                                                                                              \
        return pool_create(out, &kgi_layer_##kind, d, options, err);                               \
    }                                                                                              \
    const kgi_layer_info kgi_layer_##kind = {                                                      \
        .name = #kind,                                                                             \
        .help = text,                                                                              \
        KGI_LAYER_OPTIONS(pool##d##d_options),                                                     \
        .shape = kind##_shape,                                                                     \
        .create = kind##_create,                                                                   \
        .forward = operation##_forward,                                                            \
        .backward = operation##_backward,                                                          \
        .destroy = kgi_layer_free,                                                                 \
    }

POOL(maxpool1d, 1, max, "the largest of neighbours in channels x 1 x width");
POOL(maxpool2d, 2, max, "the largest of neighbours in channels x height x width");
POOL(avgpool1d, 1, average, "the mean of neighbours in channels x 1 x width");
POOL(avgpool2d, 2, average, "the mean of neighbours in channels x height x width");
