/* SPDX-License-Identifier: Apache-2.0 */
/* A window that moves over an image: what convolutions, poolings and patches have in common. */
#ifndef LAYER_WINDOW_H
#define LAYER_WINDOW_H

#include "layer/layer.h"

typedef struct kgi_window {
    kgi_shape in;
    int size[2]; /* height, width */
    int stride[2];
    int padding[2]; /* zeros on each side */
    int out_height; /* places */
    int out_width;
    int n_places;
    int n_values; /* that the window shows: channels * size[0] * size[1] */
} kgi_window;

/* The window of options.size, stride and padding over options.in; with one dimension the input has
 * height 1, and only size[1] ... count. KG_ERR_SHAPE if it does not fit or shows nothing but zeros. */
kg_status kgi_window_init(kgi_window *window, const kgi_layer_options *options, int dimensions,
                          kg_error *err);

/* views[place][channel][row][column] of one sample, the rows `ld` apart: as a matrix, the patches that
 * a convolution multiplies with its filters (im2col). */
void kgi_window_gather(const kgi_window *window, const double *x, double *views, int ld);
/* d_x += what each view says about the numbers that it shows. */
void kgi_window_scatter(const kgi_window *window, const double *d_views, int ld, double *d_x);

#endif
