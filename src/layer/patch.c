/* SPDX-License-Identifier: Apache-2.0 */
/* The patch layer (quanvolution): one circuit, with one set of parameters, looks at every patch of an
 * image, and what it measures becomes channels (Henderson and others, arXiv:1904.04767).
 *
 *   y[k][p] = <H_k> of the circuit with the numbers of patch p (channels, rows, columns) as its inputs
 *
 * All patches of a few samples are one batch of the plan. Their number is fixed when the layer is made, so
 * a run allocates nothing, and its bits do not depend on threads. A circuit may take more inputs than a
 * patch has numbers: the missing ones are 0. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "layer/window.h"

enum { PIECE = 1024 }; /* patches in one batch, if a sample does not have more */

typedef struct patch {
    kgi_layer base; /* first: a kgi_layer * is a patch * */
    kgi_window window;
    kg_plan *plan;
    kg_workspace *ws;
    int n_samples;   /* in one batch */
    double *views;   /* [n_samples n_places][inputs of the plan] */
    double *d_views; /* the same */
    double *out;     /* [n_samples n_places][outputs of the plan] */
} patch;

static const patch *as_patch(const kgi_layer *layer)
{
    return (const patch *)(const void *)layer;
}

/* The views of n samples; what a view has not got was set to 0 when the buffer was made. */
static void gather(const patch *p, int n, const double *x)
{
    const int width = kg_plan_n_inputs(p->plan);
    for (size_t b = 0; b < (size_t)n; b++) {
        double *views = p->views + b * (size_t)p->window.n_places * (size_t)width;
        kgi_window_gather(&p->window, x + b * (size_t)p->base.n_in, views, width);
    }
}

/* Index in y[sample][k][place] of number i in out[sample][place][k]. */
static size_t channel_first(const patch *p, size_t i)
{
    const size_t n_channels = (size_t)kg_plan_n_outputs(p->plan);
    const size_t n_places = (size_t)p->window.n_places;
    const size_t sample = i / (n_places * n_channels);
    return (sample * n_channels + i % n_channels) * n_places + i / n_channels % n_places;
}

static void patch_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                          double *y)
{
    const patch *p = as_patch(layer);
    for (int b = 0; b < batch; b += p->n_samples) {
        const int n = batch - b < p->n_samples ? batch - b : p->n_samples;
        double *piece = y + (size_t)b * (size_t)layer->n_out;
        gather(p, n, x + (size_t)b * (size_t)layer->n_in);
        kg_plan_forward(p->plan, params, n * p->window.n_places, p->views, p->out, p->ws);
        for (size_t i = 0; i < (size_t)n * (size_t)layer->n_out; i++) {
            piece[channel_first(p, i)] = p->out[i];
        }
    }
}

/* The plan's backward; d_x += what the patches say about the numbers that they share */
static void patch_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                           const double *d_y, double *d_params, double *d_x)
{
    const patch *p = as_patch(layer);
    const int width = kg_plan_n_inputs(p->plan);
    const size_t n_views = (size_t)p->window.n_places * (size_t)width; /* numbers, of a sample */
    for (int b = 0; b < batch; b += p->n_samples) {
        const int n = batch - b < p->n_samples ? batch - b : p->n_samples;
        const double *piece = d_y + (size_t)b * (size_t)layer->n_out;
        gather(p, n, x + (size_t)b * (size_t)layer->n_in);
        for (size_t i = 0; i < (size_t)n * (size_t)layer->n_out; i++) {
            p->out[i] = piece[channel_first(p, i)];
        }
        if (d_x) {
            memset(p->d_views, 0, (size_t)n * n_views * sizeof *p->d_views);
        }
        kg_plan_backward(p->plan, params, n * p->window.n_places, p->views, p->out, d_params,
                         d_x ? p->d_views : NULL, p->ws);
        for (size_t s = 0; d_x && s < (size_t)n; s++) {
            kgi_window_scatter(&p->window, p->d_views + s * n_views, width,
                               d_x + ((size_t)b + s) * (size_t)layer->n_in);
        }
    }
}

static void patch_destroy(kgi_layer *layer)
{
    patch *p = (patch *)(void *)layer;
    kg_workspace_destroy(p->ws);
    kg_plan_destroy(p->plan);
    free(p->views);
    free(p->d_views);
    free(p->out);
    kgi_layer_free(layer);
}

/* ---- making ---------------------------------------------------------------------------------------- */

static kg_status find_shape(const kgi_layer_options *options, kgi_window *window, kgi_shape *out,
                            kg_error *err)
{
    const kg_status status = kgi_window_init(window, options, 2, err);
    if (status) {
        return status;
    }
    const int n_inputs = kg_circuit_n_inputs(options->gates);
    if (window->n_values > n_inputs) {
        return kgi_fail(err, KG_ERR_SHAPE, "a patch has %d numbers, but the circuit takes %d",
                        window->n_values, n_inputs);
    }
    *out = (kgi_shape){kg_observable_n_outputs(options->observable), window->out_height,
                       window->out_width};
    if (!kgi_shape_size(*out)) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d outputs at %d places, more than %d numbers",
                        out->channels, window->n_places, KGI_MAX_LAYER_VALUES);
    }
    return KG_OK;
}

static kg_status patch_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    kgi_window window;
    return find_shape(options, &window, out, err);
}

static kg_status create_buffers(patch *p, kg_error *err)
{
    const size_t n = (size_t)p->n_samples * (size_t)p->window.n_places;
    const size_t width = (size_t)kg_plan_n_inputs(p->plan);
    p->views = kgi_alloc(n * width, sizeof *p->views);
    p->d_views = kgi_alloc(n * width, sizeof *p->d_views);
    p->out = kgi_alloc(n * (size_t)kg_plan_n_outputs(p->plan), sizeof *p->out);
    if (!p->views || !p->d_views || !p->out) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes for patches",
                        2 * n * width * sizeof(double));
    }
    memset(p->views, 0, n * width * sizeof *p->views);
    return KG_OK;
}

static kg_status patch_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    kgi_window window;
    kgi_shape shape;
    kgi_layer *layer = NULL;
    kg_status status = find_shape(options, &window, &shape, err);
    if (!status) {
        status = kgi_layer_allocate(&layer, sizeof(patch), &kgi_layer_patch,
                                    kgi_shape_size(options->in[0]), shape, err);
    }
    if (status) {
        return status;
    }
    patch *p = (patch *)(void *)layer;
    p->window = window;
    p->n_samples = window.n_places < PIECE ? PIECE / window.n_places : 1;
    kg_plan_options plan_options = KG_PLAN_OPTIONS_INIT;
    if (options->plan) {
        plan_options = *options->plan;
    }
    plan_options.batch_hint = p->n_samples * window.n_places; /* of a call */
    status = kg_plan_create(&p->plan, options->gates, options->observable, &plan_options, err);
    if (!status) {
        status = kg_workspace_create(&p->ws, p->plan, err);
    }
    if (!status) {
        kgi_layer_add_segment(layer, "angles", kg_plan_n_params(p->plan), 0);
        status = create_buffers(p, err);
    }
    if (status) {
        patch_destroy(layer);
        return status;
    }
    *out = layer;
    return KG_OK;
}

const kg_plan *kgi_patch_plan(const kgi_layer *layer)
{
    return layer->info == &kgi_layer_patch ? as_patch(layer)->plan : NULL;
}

static const kg_option patch_options[] = {
    /* clang-format off */
    KGI_LAYER_OPTION('s', "circuit", circuit,    0, 0,    "",  "name of the circuit, if there are several"),
    KGI_LAYER_OPTION('i', "size",    size[0],    1, 1024, "2", "of a patch: one number or [height, width]"),
    KGI_LAYER_OPTION('i', "stride",  stride[0],  0, 1024, "0", "from patch to patch, one number or two; 0: by its size"),
    KGI_LAYER_OPTION('i', "padding", padding[0], 0, 1023, "0", "zeros on all sides, one number or two"),
    /* clang-format on */
};

const kgi_layer_info kgi_layer_patch = {
    .name = "patch",
    .help = "what a circuit measures at every patch of channels x height x width, as channels",
    KGI_LAYER_OPTIONS(patch_options),
    .shape = patch_shape,
    .create = patch_create,
    .forward = patch_forward,
    .backward = patch_backward,
    .destroy = patch_destroy,
};
