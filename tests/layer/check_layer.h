/* SPDX-License-Identifier: Apache-2.0 */
/* What every layer must satisfy: backward is the derivative of forward, and adds. */
#ifndef TESTS_LAYER_CHECK_LAYER_H
#define TESTS_LAYER_CHECK_LAYER_H

#include <string.h>

#include <ketgrad/rng.h>

#include "layer/layer.h"
#include "near.h"

enum { CHECK_MAX = 4096 };

/* sum_b,o weight[b][o] y[b][o], a number whose derivatives are what backward gives for d_y = weight */
static double check_scalar(const kgi_layer *layer, int batch, const double *params, const double *x,
                           const double *weight)
{
    static double y[CHECK_MAX];
    double sum = 0.0;
    kgi_layer_forward(layer, batch, params, x, y);
    for (int i = 0; i < batch * layer->n_out; i++) {
        sum += weight[i] * y[i];
    }
    return sum;
}

/* Compares with central differences of step h; d_ arrays start at 1, because backward adds. x_scale
 * spreads the inputs. */
static void check_layer(const kgi_layer *layer, int batch, double h, double tolerance)
{
    static double params[CHECK_MAX], x[CHECK_MAX], weight[CHECK_MAX], d_params[CHECK_MAX],
        d_x[CHECK_MAX];
    const uint64_t seed = near_seed(5);
    const int n_x = batch * layer->n_in, n_y = batch * layer->n_out;
    assert_true(n_x <= CHECK_MAX && n_y <= CHECK_MAX && layer->n_params <= CHECK_MAX);
    for (int i = 0; i < CHECK_MAX; i++) {
        params[i] = kg_random_normal(seed, KG_STREAM_TEST, 0, (uint64_t)i);
        x[i] = kg_random_normal(seed, KG_STREAM_TEST, 1, (uint64_t)i);
        weight[i] = kg_random_normal(seed, KG_STREAM_TEST, 2, (uint64_t)i);
        d_params[i] = d_x[i] = 1.0;
    }
    kgi_layer_backward(layer, batch, params, x, weight, d_params, d_x);
    for (int i = 0; i < layer->n_params + n_x; i++) {
        double *at = i < layer->n_params ? &params[i] : &x[i - layer->n_params];
        const double got = i < layer->n_params ? d_params[i] : d_x[i - layer->n_params];
        const double value = *at;
        *at = value + h;
        const double up = check_scalar(layer, batch, params, x, weight);
        *at = value - h;
        const double down = check_scalar(layer, batch, params, x, weight);
        *at = value;
        assert_near(got, 1.0 + (up - down) / (2 * h), tolerance);
    }
    /* without d_x and without d_params: the other is the same to the bit */
    static double again[CHECK_MAX];
    for (int i = 0; i < CHECK_MAX; i++) {
        again[i] = 1.0;
    }
    kgi_layer_backward(layer, batch, params, x, weight, again, NULL);
    assert_memory_equal(again, d_params, (size_t)layer->n_params * sizeof *again);
    for (int i = 0; i < CHECK_MAX; i++) {
        again[i] = 1.0;
    }
    kgi_layer_backward(layer, batch, params, x, weight, NULL, again);
    assert_memory_equal(again, d_x, (size_t)n_x * sizeof *again);
}

#endif
