/* SPDX-License-Identifier: Apache-2.0 */
/* The dense layer: y[b][o] = bias[o] + sum_i W[o][i] x[b][i]; params = W [n_out][n_in], then bias. */
#include "layer/layer.h"

#include <stdlib.h>
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

static void dense_destroy(kgi_layer *layer)
{
    free(layer);
}

static const kgi_layer_info dense_info = {"dense", dense_forward, dense_backward, dense_destroy};

kg_status kgi_dense_create(kgi_layer **out, int n_in, int n_out, kg_error *err)
{
    *out = NULL;
    if (n_in < 1 || n_out < 1 || n_out > (1 << 30) / (n_in + 1)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "a dense layer of %d inputs and %d outputs", n_in,
                        n_out);
    }
    kgi_layer *layer = calloc(1, sizeof *layer);
    if (!layer) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a dense layer");
    }
    *layer = (kgi_layer){&dense_info, n_in, n_out, n_out * (n_in + 1), NULL, 0};
    *out = layer;
    return KG_OK;
}
