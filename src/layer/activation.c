/* SPDX-License-Identifier: Apache-2.0 */
/* Activations: number by number, but for softmax, which makes one sample's numbers probabilities. The
 * shape stays, and there are no parameters. Backward computes again what it needs of forward: an
 * exponential costs less than remembering where it was put. */
#include <math.h>

#include "layer/layer.h"

/* ---- number by number ------------------------------------------------------------------------------ */

static size_t count(const kgi_layer *layer, int batch)
{
    return (size_t)batch * (size_t)layer->n_out;
}

static void relu_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         double *y)
{
    (void)params;
    for (size_t i = 0; i < count(layer, batch); i++) {
        y[i] = x[i] > 0.0 || isnan(x[i]) ? x[i] : 0.0; /* what is no number stays visible */
    }
}

/* the derivative at 0 is 0 */
static void relu_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    for (size_t i = 0; d_x && i < count(layer, batch); i++) {
        d_x[i] += x[i] > 0.0 ? d_y[i] : 0.0;
    }
}

static void tanh_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         double *y)
{
    (void)params;
    for (size_t i = 0; i < count(layer, batch); i++) {
        y[i] = tanh(x[i]);
    }
}

/* tanh' = 1 - tanh^2 */
static void tanh_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    for (size_t i = 0; d_x && i < count(layer, batch); i++) {
        const double t = tanh(x[i]);
        d_x[i] += d_y[i] * (1.0 - t * t);
    }
}

static double sigmoid(double x)
{
    return x >= 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static void sigmoid_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    (void)params;
    for (size_t i = 0; i < count(layer, batch); i++) {
        y[i] = sigmoid(x[i]);
    }
}

/* s' = s (1 - s) */
static void sigmoid_backward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    for (size_t i = 0; d_x && i < count(layer, batch); i++) {
        const double s = sigmoid(x[i]);
        d_x[i] += d_y[i] * s * (1.0 - s);
    }
}

/* ---- softmax --------------------------------------------------------------------------------------- */

/* sum_i exp(x_i - top), where top is the largest: no overflow. */
static double find_sum(int n, const double *x, double *top)
{
    double sum = 0.0;
    *top = x[0];
    for (int i = 1; i < n; i++) {
        *top = x[i] > *top ? x[i] : *top;
    }
    for (int i = 0; i < n; i++) {
        sum += exp(x[i] - *top);
    }
    return sum;
}

/* y_i = exp(x_i) / sum_j exp(x_j) */
static void softmax_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    (void)params;
    const int n = layer->n_out;
    for (int b = 0; b < batch; b++, x += n, y += n) {
        double top = 0.0;
        const double sum = find_sum(n, x, &top);
        for (int i = 0; i < n; i++) {
            y[i] = exp(x[i] - top) / sum;
        }
    }
}

/* d_x_i += y_i (d_y_i - sum_j y_j d_y_j) */
static void softmax_backward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)d_params;
    const size_t n = (size_t)layer->n_out;
    for (size_t b = 0; d_x && b < (size_t)batch; b++) {
        const double *row = x + b * n, *d = d_y + b * n;
        double top = 0.0, mean = 0.0;
        const double sum = find_sum(layer->n_out, row, &top);
        for (size_t i = 0; i < n; i++) {
            mean += exp(row[i] - top) / sum * d[i];
        }
        for (size_t i = 0; i < n; i++) {
            d_x[b * n + i] += exp(row[i] - top) / sum * (d[i] - mean);
        }
    }
}

/* ---- the rows -------------------------------------------------------------------------------------- */

static kg_status same_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    (void)err;
    *out = options->in[0];
    return KG_OK;
}

#define ACTIVATION(kind, text)                                                                     \
    static kg_status kind##_create(kgi_layer **out, const kgi_layer_options *options,              \
                                   kg_error *err)                                                  \
    {                                                                                              \
        const kgi_shape shape = options->in[0];                                                    \
        return kgi_layer_allocate(out, sizeof(kgi_layer), &kgi_layer_##kind,                       \
                                  kgi_shape_size(shape), shape, err);                              \
    }                                                                                              \
    const kgi_layer_info kgi_layer_##kind = {                                                      \
        .name = #kind,                                                                             \
        .help = text,                                                                              \
        .shape = same_shape,                                                                       \
        .create = kind##_create,                                                                   \
        .forward = kind##_forward,                                                                 \
        .backward = kind##_backward,                                                               \
        .destroy = kgi_layer_free,                                                                 \
    }

ACTIVATION(relu, "numbers below 0 become 0");
ACTIVATION(tanh, "the hyperbolic tangent: into (-1, 1)");
ACTIVATION(sigmoid, "1 / (1 + exp(-x)): into (0, 1)");
ACTIVATION(softmax, "all numbers of a sample become probabilities");
