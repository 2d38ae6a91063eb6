/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that arrange numbers: flatten, concat and add.
 *
 * A layer with several inputs gets them side by side, sample by sample: [batch][sum of their sizes].
 * That is the concatenation of their channels already, and add sums its equal parts. */
#include <string.h>

#include "layer/layer.h"

/* y = x */
static void copy_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         double *y)
{
    (void)params;
    memcpy(y, x, (size_t)batch * (size_t)layer->n_out * sizeof *y);
}

/* d_x += d_y */
static void copy_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)x;
    (void)d_params;
    for (size_t i = 0; d_x && i < (size_t)batch * (size_t)layer->n_out; i++) {
        d_x[i] += d_y[i];
    }
}

/* y[i] = sum_k x[k][i] over the parts k */
static void add_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                        double *y)
{
    (void)params;
    const size_t n = (size_t)layer->n_out, n_in = (size_t)layer->n_in;
    for (size_t b = 0; b < (size_t)batch; b++) {
        memcpy(y + b * n, x + b * n_in, n * sizeof *y);
        for (size_t i = n; i < n_in; i++) {
            y[b * n + i % n] += x[b * n_in + i];
        }
    }
}

/* d_x[k][i] += d_y[i] */
static void add_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                         const double *d_y, double *d_params, double *d_x)
{
    (void)params;
    (void)x;
    (void)d_params;
    const size_t n = (size_t)layer->n_out, n_in = (size_t)layer->n_in;
    for (size_t b = 0; d_x && b < (size_t)batch; b++) {
        for (size_t i = 0; i < n_in; i++) {
            d_x[b * n_in + i] += d_y[b * n + i % n];
        }
    }
}

/* ---- shapes ---------------------------------------------------------------------------------------- */

static int total(const kgi_layer_options *options)
{
    int n = 0; /* at most 16 times 2^24 */
    for (int i = 0; i < options->n_inputs; i++) {
        n += kgi_shape_size(options->in[i]);
    }
    return n;
}

static kg_status flatten_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    (void)err;
    *out = (kgi_shape){1, 1, total(options)};
    return KG_OK;
}

static kg_status different(const kgi_layer_options *options, int i, const char *rule, kg_error *err)
{
    char first[KGI_SHAPE_TEXT], other[KGI_SHAPE_TEXT];
    kgi_shape_format(options->in[0], first);
    kgi_shape_format(options->in[i], other);
    return kgi_fail(err, KG_ERR_SHAPE, "input 1 is %s, input %d is %s: %s", first, i + 1, other,
                    rule);
}

/* Rows of features are put end to end; images of one size get the channels of all. */
static kg_status concat_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    int rows = 1, channels = 0;
    for (int i = 0; i < options->n_inputs; i++) {
        rows = rows && options->in[i].channels == 1 && options->in[i].height == 1;
        channels += options->in[i].channels;
    }
    *out = (kgi_shape){channels, options->in[0].height, options->in[0].width};
    for (int i = 1; i < options->n_inputs && !rows; i++) {
        if (options->in[i].height != out->height || options->in[i].width != out->width) {
            return different(options, i, "height and width must be the same, or flatten them", err);
        }
    }
    *out = rows ? (kgi_shape){1, 1, total(options)} : *out;
    if (!kgi_shape_size(*out)) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d numbers come together, not at most %d",
                        total(options), KGI_MAX_LAYER_VALUES);
    }
    return KG_OK;
}

static kg_status add_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    *out = options->in[0];
    for (int i = 1; i < options->n_inputs; i++) {
        if (memcmp(&options->in[i], out, sizeof *out) != 0) {
            return different(options, i, "only equal shapes add", err);
        }
    }
    return KG_OK;
}

/* ---- the rows -------------------------------------------------------------------------------------- */

static kg_status create(kgi_layer **out, const kgi_layer_info *info,
                        const kgi_layer_options *options, kg_error *err)
{
    kgi_shape shape;
    const kg_status status = info->shape(options, &shape, err);
    return status ? status
                  : kgi_layer_allocate(out, sizeof(kgi_layer), info, total(options), shape, err);
}

static kg_status flatten_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return create(out, &kgi_layer_flatten, options, err);
}

static kg_status concat_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return create(out, &kgi_layer_concat, options, err);
}

static kg_status add_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return create(out, &kgi_layer_add, options, err);
}

const kgi_layer_info kgi_layer_flatten = {
    .name = "flatten",
    .help = "channels x height x width as one row of features",
    .shape = flatten_shape,
    .create = flatten_create,
    .forward = copy_forward,
    .backward = copy_backward,
    .destroy = kgi_layer_free,
};

const kgi_layer_info kgi_layer_concat = {
    .name = "concat",
    .help = "the features, or the channels, of all layers that `from` names, one after the other",
    .joins = 1,
    .shape = concat_shape,
    .create = concat_create,
    .forward = copy_forward,
    .backward = copy_backward,
    .destroy = kgi_layer_free,
};

const kgi_layer_info kgi_layer_add = {
    .name = "add",
    .help = "the sum of all layers that `from` names, number by number",
    .joins = 1,
    .shape = add_shape,
    .create = add_create,
    .forward = add_forward,
    .backward = add_backward,
    .destroy = kgi_layer_free,
};
