/* SPDX-License-Identifier: Apache-2.0 */
/* The one form of a fitted transform: y = W (x - mean), perhaps clipped.
 *
 * Every sum runs over the inputs in order, so the result of a row does not depend on the rows beside
 * it (a matrix product in a library would sum edge rows in another order). */
#ifndef DATA_AFFINE_H
#define DATA_AFFINE_H

#include "base/status.h"

enum { KGI_AFFINE_TAPS = 4 };

typedef enum kgi_affine_kind {
    KGI_AFFINE_UNIFORM, /* y[i] = weight[0] (x[i] - mean[0]) */
    KGI_AFFINE_EACH,    /* y[i] = weight[i] (x[i] - mean[i]) */
    KGI_AFFINE_TAPPED,  /* y[i] = sum of four weight[i][t] x[tap[i][t]]: resizing */
    KGI_AFFINE_DENSE    /* y[o] = sum_i weight[i][o] (x[i] - mean[i]) */
} kgi_affine_kind;

typedef struct kgi_affine {
    kgi_affine_kind kind;
    int n_in;
    int n_out;
    double *weight; /* [1], [n_in], [n_out][4] or [n_in][n_out]: the dense form lies transposed */
    double *mean;   /* [1], [n_in], NULL or [n_in] */
    int *tap;       /* [n_out][4] of a tapped form */
    int is_clipped;
    double lo; /* bounds of y if it is clipped */
    double hi;
} kgi_affine;

/* Memory for a form; the caller fills it. On failure nothing is held. */
kg_status kgi_affine_init(kgi_affine *map, kgi_affine_kind kind, int n_in, int n_out,
                          kg_error *err);
void kgi_affine_clear(kgi_affine *map);

/* Resizing of an image [height][width] to [to_height][to_width] into a tapped form: bilinear,
 * half-pixel centres, no antialiasing. */
kg_status kgi_affine_resize(kgi_affine *map, int height, int width, int to_height, int to_width,
                            kg_error *err);

/* y [n_rows][n_out] of x [n_rows][n_in]; y may be x if the form is uniform or each. */
void kgi_affine_apply(const kgi_affine *map, const double *x, int n_rows, double *y);

#endif
