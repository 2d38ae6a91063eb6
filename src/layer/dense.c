/* SPDX-License-Identifier: Apache-2.0 */
/* The dense layer: y[b][o] = bias[o] + sum_i W[o][i] x[b][i]; params = W [n_out][n_in], then bias. */
#include "layer/layer.h"

#include <string.h>

#include "base/linalg.h"

/* Y = bias (in every row) + X W^T */
static void dense_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          double *y)
{
    const int n_in = layer->n_in, n_out = layer->n_out;
    const double *bias = params + (size_t)n_out * (size_t)n_in;
    for (size_t b = 0; b < (size_t)batch; b++) {
        memcpy(y + b * (size_t)n_out, bias, (size_t)n_out * sizeof *y);
    }
    kgi_gemm(KGI_PLAIN, KGI_TRANSPOSED, batch, n_out, n_in, 1.0, x, n_in, params, n_in, 1.0, y,
             n_out);
}

/* d_x += d_y W,  d_W += d_y^T x,  d_bias += column sums of d_y */
static void dense_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                           const double *d_y, double *d_params, double *d_x)
{
    const int n_in = layer->n_in, n_out = layer->n_out;
    if (d_params) {
        double *d_bias = d_params + (size_t)n_out * (size_t)n_in;
        kgi_gemm(KGI_TRANSPOSED, KGI_PLAIN, n_out, n_in, batch, 1.0, d_y, n_out, x, n_in, 1.0,
                 d_params, n_in);
        for (size_t i = 0; i < (size_t)batch * (size_t)n_out; i++) {
            d_bias[i % (size_t)n_out] += d_y[i];
        }
    }
    if (d_x) {
        kgi_gemm(KGI_PLAIN, KGI_PLAIN, batch, n_in, n_out, 1.0, d_y, n_out, params, n_in, 1.0, d_x,
                 n_in);
    }
}

static kg_status dense_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    const int n_in = kgi_shape_size(options->in[0]);
    if (n_in < 1 || options->units < 1 ||
        (long long)options->units * (n_in + 1) > KGI_MAX_LAYER_PARAMS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "a dense layer of %d inputs and %d outputs", n_in,
                        options->units);
    }
    *out = (kgi_shape){1, 1, options->units};
    return KG_OK;
}

static kg_status dense_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    kgi_shape shape;
    kg_status status = dense_shape(options, &shape, err);
    const int n_in = kgi_shape_size(options->in[0]);
    if (!status) {
        status = kgi_layer_allocate(out, sizeof(kgi_layer), &kgi_layer_dense, n_in, shape, err);
    }
    if (!status) {
        kgi_layer_add_segment(*out, "weights", options->units * n_in, n_in);
        kgi_layer_add_segment(*out, "bias", options->units, n_in);
    }
    return status;
}

static const kg_option dense_options[] = {
    KGI_LAYER_OPTION('i', "units", units, 1, 65536, NULL,
                     "numbers that come out; the word classes: one per class"),
};

const kgi_layer_info kgi_layer_dense = {
    .name = "dense",
    .help = "every output is a weighted sum of all inputs, and a bias",
    KGI_LAYER_OPTIONS(dense_options),
    .shape = dense_shape,
    .create = dense_create,
    .forward = dense_forward,
    .backward = dense_backward,
    .destroy = kgi_layer_free,
};

kg_status kgi_dense_create(kgi_layer **out, int n_in, int n_out, kg_error *err)
{
    const kgi_shape in = {1, 1, n_in};
    const kgi_layer_options options = {.n_inputs = 1, .in = &in, .units = n_out};
    *out = NULL;
    return dense_create(out, &options, err);
}
