/* SPDX-License-Identifier: Apache-2.0 */
/* Applying affine transforms; the weights of resizing. */
#include "data/affine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

kg_status kgi_affine_init(kgi_affine *map, kgi_affine_kind kind, int n_in, int n_out, kg_error *err)
{
    const size_t in = (size_t)n_in;
    const size_t out = (size_t)n_out;
    const size_t n_weights = kind == KGI_AFFINE_UNIFORM  ? 1
                             : kind == KGI_AFFINE_EACH   ? in
                             : kind == KGI_AFFINE_TAPPED ? KGI_AFFINE_TAPS * out
                                                         : in * out;
    *map = (kgi_affine){.kind = kind, .n_in = n_in, .n_out = n_out};
    map->weight = kgi_alloc(n_weights, sizeof *map->weight);
    if (map->weight && kind == KGI_AFFINE_TAPPED) {
        map->tap = kgi_alloc(n_weights, sizeof *map->tap);
    } else if (map->weight) {
        map->mean = kgi_alloc(kind == KGI_AFFINE_UNIFORM ? 1 : in, sizeof *map->mean);
    }
    if (!map->tap && !map->mean) {
        kgi_affine_clear(map);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a transform of %d to %d features",
                        n_in, n_out);
    }
    return KG_OK;
}

void kgi_affine_clear(kgi_affine *map)
{
    free(map->weight);
    free(map->mean);
    free(map->tap);
    *map = (kgi_affine){0};
}

/* Neighbours and weights of output pixel `out` along one axis of `from` pixels resized to `to`. */
static void interpolate(int out, int from, int to, int index[2], double weight[2])
{
    const double in = (out + 0.5) * from / to - 0.5;
    const double below = floor(in);
    const double t = in - below;
    index[0] = below > 0.0 ? (int)below : 0;
    index[1] = ceil(in) < from - 1 ? (int)ceil(in) : from - 1;
    weight[0] = 1.0 - t;
    weight[1] = t;
}

kg_status kgi_affine_resize(kgi_affine *map, int height, int width, int to_height, int to_width,
                            kg_error *err)
{
    const kg_status status =
        kgi_affine_init(map, KGI_AFFINE_TAPPED, height * width, to_height * to_width, err);
    if (status) {
        return status;
    }
    for (int r = 0; r < to_height; r++) {
        int row[2];
        double row_weight[2];
        interpolate(r, height, to_height, row, row_weight);
        for (int c = 0; c < to_width; c++) {
            int column[2];
            double column_weight[2];
            interpolate(c, width, to_width, column, column_weight);
            const size_t first = ((size_t)r * (size_t)to_width + (size_t)c) * KGI_AFFINE_TAPS;
            for (int t = 0; t < KGI_AFFINE_TAPS; t++) {
                map->tap[first + (size_t)t] = row[t / 2] * width + column[t % 2];
                map->weight[first + (size_t)t] = row_weight[t / 2] * column_weight[t % 2];
            }
        }
    }
    return KG_OK;
}

static void apply_tapped(const kgi_affine *map, const double *x, double *y)
{
    for (int o = 0; o < map->n_out; o++) {
        const int *tap = map->tap + (size_t)o * KGI_AFFINE_TAPS;
        const double *weight = map->weight + (size_t)o * KGI_AFFINE_TAPS;
        y[o] = weight[0] * x[tap[0]] + weight[1] * x[tap[1]] + weight[2] * x[tap[2]] +
               weight[3] * x[tap[3]];
    }
}

/* The inner loop runs over outputs: it is vectorised without changing the order of any sum. */
static void apply_dense(const kgi_affine *map, const double *x, double *restrict y)
{
    const size_t n_out = (size_t)map->n_out;
    memset(y, 0, n_out * sizeof *y);
    for (int i = 0; i < map->n_in; i++) {
        const double centred = x[i] - map->mean[i];
        const double *restrict row = map->weight + (size_t)i * n_out;
        for (size_t o = 0; o < n_out; o++) {
            y[o] += centred * row[o];
        }
    }
}

void kgi_affine_apply(const kgi_affine *map, const double *x, int n_rows, double *y)
{
    for (int r = 0; r < n_rows; r++) {
        const double *x_row = x + (size_t)r * (size_t)map->n_in;
        double *y_row = y + (size_t)r * (size_t)map->n_out;
        if (map->kind == KGI_AFFINE_DENSE) {
            apply_dense(map, x_row, y_row);
        } else if (map->kind == KGI_AFFINE_TAPPED) {
            apply_tapped(map, x_row, y_row);
        } else if (map->kind == KGI_AFFINE_EACH) {
            for (int i = 0; i < map->n_out; i++) {
                y_row[i] = map->weight[i] * (x_row[i] - map->mean[i]);
            }
        } else {
            for (int i = 0; i < map->n_out; i++) {
                y_row[i] = map->weight[0] * (x_row[i] - map->mean[0]);
            }
        }
        for (int i = 0; i < map->n_out && map->is_clipped; i++) {
            y_row[i] = y_row[i] < map->lo ? map->lo : y_row[i] > map->hi ? map->hi : y_row[i];
        }
    }
}
