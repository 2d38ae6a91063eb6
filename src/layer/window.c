/* SPDX-License-Identifier: Apache-2.0 */
/* Windows: n_out = floor((n_in + 2 padding - size) / stride) + 1 places in each direction. */
#include "layer/window.h"

#include <stdint.h>

enum { MAX_VIEWS = 1 << 26 }; /* numbers in all views of a sample */

static kg_status check_fit(const kgi_window *w, kg_error *err)
{
    const int sides[2] = {w->in.height, w->in.width};
    char shape[KGI_SHAPE_TEXT];
    kgi_shape_format(w->in, shape);
    for (int d = 0; d < 2; d++) {
        if (w->padding[d] >= w->size[d]) {
            return kgi_fail(err, KG_ERR_SHAPE,
                            "padding is %d, but a window of %d then shows zeros only",
                            w->padding[d], w->size[d]);
        }
        if (w->size[d] > sides[d] + 2 * w->padding[d]) {
            return kgi_fail(err, KG_ERR_SHAPE,
                            "a window of %d x %d with padding %d x %d does not fit into %s",
                            w->size[0], w->size[1], w->padding[0], w->padding[1], shape);
        }
    }
    return KG_OK;
}

kg_status kgi_window_init(kgi_window *w, const kgi_layer_options *options, int dimensions,
                          kg_error *err)
{
    *w = (kgi_window){.in = options->in[0], .size = {1, 1}, .stride = {1, 1}};
    char shape[KGI_SHAPE_TEXT];
    kgi_shape_format(w->in, shape);
    if (dimensions == 1 && w->in.height != 1) {
        return kgi_fail(err, KG_ERR_SHAPE, "takes channels x 1 x width, got %s", shape);
    }
    for (int d = 2 - dimensions; d < 2; d++) {
        w->size[d] = options->size[d];
        w->stride[d] = options->stride[d] ? options->stride[d] : options->size[d];
        w->padding[d] = options->padding[d];
    }
    const kg_status status = check_fit(w, err);
    if (status) {
        return status;
    }
    w->out_height = (w->in.height + 2 * w->padding[0] - w->size[0]) / w->stride[0] + 1;
    w->out_width = (w->in.width + 2 * w->padding[1] - w->size[1]) / w->stride[1] + 1;
    const int64_t n_values = (int64_t)w->size[0] * w->size[1] * w->in.channels; /* <= 2^20 2^24 */
    const int64_t n_places = (int64_t)w->out_height * w->out_width;
    if (n_values > MAX_VIEWS || n_places > MAX_VIEWS || n_values * n_places > MAX_VIEWS) {
        return kgi_fail(
            err, KG_ERR_SHAPE, "windows of %d x %d on %s are %lld times %lld numbers, more than %d",
            w->size[0], w->size[1], shape, (long long)n_places, (long long)n_values, MAX_VIEWS);
    }
    w->n_values = (int)n_values;
    w->n_places = (int)n_places;
    return KG_OK;
}

/* Columns [*from, *to) of a window whose left end is at `left` lie inside a row of `width`. */
static void clip(int left, int size, int width, int *from, int *to)
{
    *from = left < 0 ? -left : 0;
    *to = left + size > width ? width - left : size;
}

void kgi_window_gather(const kgi_window *w, const double *x, double *views, int ld)
{
    for (int place = 0; place < w->n_places; place++) {
        const int top = place / w->out_width * w->stride[0] - w->padding[0];
        const int left = place % w->out_width * w->stride[1] - w->padding[1];
        double *view = views + (size_t)place * (size_t)ld;
        int from = 0, to = 0;
        clip(left, w->size[1], w->in.width, &from, &to);
        for (int line = 0; line < w->in.channels * w->size[0]; line++) {
            const int row = top + line % w->size[0];
            const int channel = line / w->size[0];
            const int inside = row >= 0 && row < w->in.height;
            const double *source =
                x + ((ptrdiff_t)channel * w->in.height + row) * w->in.width + left;
            for (int column = 0; column < w->size[1]; column++) {
                *view++ = inside && column >= from && column < to ? source[column] : 0.0;
            }
        }
    }
}

void kgi_window_scatter(const kgi_window *w, const double *d_views, int ld, double *d_x)
{
    for (int place = 0; place < w->n_places; place++) {
        const int top = place / w->out_width * w->stride[0] - w->padding[0];
        const int left = place % w->out_width * w->stride[1] - w->padding[1];
        const double *view = d_views + (size_t)place * (size_t)ld;
        int from = 0, to = 0;
        clip(left, w->size[1], w->in.width, &from, &to);
        for (int line = 0; line < w->in.channels * w->size[0]; line++, view += w->size[1]) {
            const int row = top + line % w->size[0];
            const int channel = line / w->size[0];
            if (row < 0 || row >= w->in.height) {
                continue;
            }
            double *target = d_x + ((ptrdiff_t)channel * w->in.height + row) * w->in.width;
            for (int column = from; column < to; column++) {
                target[left + column] += view[column];
            }
        }
    }
}
