/* SPDX-License-Identifier: Apache-2.0 */
/* Transforms of each feature by itself, for tables whose columns have units of their own: the range of
 * angles by feature, and mean 0 with standard deviation 1.
 *
 * A feature that is constant on the training rows says nothing, and dividing by its spread would make
 * noise of rounding errors: its weight is 0, so it becomes 0 everywhere. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "data/transforms.h"

#define PI 3.14159265358979323846

enum { NAME_BYTES = 64 };

kg_status kgi_columns_shape(kgi_step *step, kg_error *err)
{
    const int n = step->in.n_features;
    step->out = step->in;
    return kgi_affine_init(&step->map, KGI_AFFINE_EACH, n, n, err);
}

/* x / width; 0 if that is no number, because the width is none. */
static double inverse(double width, double x)
{
    return width > 0.0 && isfinite(x / width) ? x / width : 0.0;
}

/* lo[i], hi[i] of each feature. */
static void find_ranges(const double *x, int n_rows, int n, double *lo, double *hi)
{
    memcpy(lo, x, (size_t)n * sizeof *lo);
    memcpy(hi, x, (size_t)n * sizeof *hi);
    for (int r = 1; r < n_rows; r++) {
        const double *row = x + (size_t)r * (size_t)n;
        for (int i = 0; i < n; i++) {
            lo[i] = row[i] < lo[i] ? row[i] : lo[i];
            hi[i] = row[i] > hi[i] ? row[i] : hi[i];
        }
    }
}

/* ---- angle-range:each: weight is pi / (hi - lo), or 0; mean is lo ---- */

static void set_ranges(kgi_step *step, const double *lo, const double *hi)
{
    for (int i = 0; i < step->in.n_features; i++) {
        const double width = hi[i] - lo[i];
        step->map.weight[i] = inverse(width, PI);
        step->map.mean[i] = lo[i];
    }
    step->map.is_clipped = 1;
    step->map.lo = 0.0;
    step->map.hi = PI;
}

/* The first feature whose range is too wide for a double, -1 if there is none. */
static int overflowing(const double *lo, const double *hi, int n)
{
    for (int i = 0; i < n; i++) {
        if (!isfinite(hi[i] - lo[i])) {
            return i;
        }
    }
    return -1;
}

/* Room for lo [n], and hi [n] after it; released with free(*lo). */
static kg_status alloc_ranges(double **lo, double **hi, int n, kg_error *err)
{
    *lo = kgi_alloc(2 * (size_t)n, sizeof **lo);
    *hi = *lo ? *lo + n : NULL;
    return *lo ? KG_OK : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate ranges of %d features", n);
}

kg_status kgi_columns_fit_range(kgi_step *step, const double *x, int n_rows, kg_error *err)
{
    const int n = step->in.n_features;
    double *lo = NULL, *hi = NULL;
    kg_status status = alloc_ranges(&lo, &hi, n, err);
    if (status) {
        return status;
    }
    find_ranges(x, n_rows, n, lo, hi);
    const int wide = overflowing(lo, hi, n);
    if (wide >= 0) {
        status =
            kgi_fail(err, KG_ERR_NUMERIC, "feature %d goes from %g to %g: no double is so wide",
                     wide, lo[wide], hi[wide]);
    } else if (!memcmp(lo, hi, (size_t)n * sizeof *lo)) {
        status =
            kgi_fail(err, KG_ERR_NUMERIC, "every feature is constant: there is no range to scale");
    } else {
        set_ranges(step, lo, hi);
    }
    free(lo);
    return status;
}

/* The tensor "<prefix><what>" [2][n]: means, then weights. */
static kg_status save_maps(const kgi_step *step, const char *prefix, const char *what,
                           kgi_container *container, kg_error *err)
{
    char name[NAME_BYTES];
    const size_t n = (size_t)step->in.n_features;
    const size_t shape[2] = {2, n};
    double *maps = kgi_alloc(2 * n, sizeof *maps);
    if (!maps) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the maps of %zu features", n);
    }
    memcpy(maps, step->map.mean, n * sizeof *maps);
    memcpy(maps + n, step->map.weight, n * sizeof *maps);
    (void)snprintf(name, sizeof name, "%s%s", prefix, what);
    const kg_status status = kgi_container_add(container, name, 2, shape, maps, err);
    free(maps);
    return status;
}

kg_status kgi_columns_save_range(const kgi_step *step, const char *prefix, kgi_container *container,
                                 kg_error *err)
{
    return save_maps(step, prefix, "ranges", container, err);
}

/* What save_maps() saved; weights are not negative. */
static kg_status load_maps(kgi_step *step, const char *name, const kgi_container *container,
                           kg_error *err)
{
    const size_t n = (size_t)step->in.n_features;
    const size_t shape[2] = {2, n};
    const double *maps = NULL;
    const kg_status status = kgi_container_need(container, name, 2, shape, &maps, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        step->map.mean[i] = maps[i];
        step->map.weight[i] = maps[n + i];
        if (!(maps[n + i] >= 0.0)) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "%s: tensor '%s': weight %zu is %g, must be at least 0",
                            kgi_container_path(container), name, i, maps[n + i]);
        }
    }
    return KG_OK;
}

kg_status kgi_columns_load_range(kgi_step *step, const char *prefix, const kgi_container *container,
                                 kg_error *err)
{
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof name, "%sranges", prefix);
    step->map.is_clipped = 1;
    step->map.lo = 0.0;
    step->map.hi = PI;
    return load_maps(step, name, container, err);
}

/* ---- standardise: weight is 1 / standard deviation, or 0 ---- */

/* Two passes: the second sums squares of what is left without the mean. */
static void find_moments(const double *x, int n_rows, int n, double *mean, double *variance)
{
    memset(mean, 0, (size_t)n * sizeof *mean);
    memset(variance, 0, (size_t)n * sizeof *variance);
    for (int r = 0; r < n_rows; r++) {
        for (int i = 0; i < n; i++) {
            mean[i] += x[(size_t)r * (size_t)n + (size_t)i];
        }
    }
    for (int i = 0; i < n; i++) {
        mean[i] /= n_rows;
    }
    for (int r = 0; r < n_rows; r++) {
        for (int i = 0; i < n; i++) {
            const double d = x[(size_t)r * (size_t)n + (size_t)i] - mean[i];
            variance[i] += d * d;
        }
    }
    for (int i = 0; i < n; i++) {
        variance[i] /= n_rows;
    }
}

kg_status kgi_standardise_fit(kgi_step *step, const double *x, int n_rows, kg_error *err)
{
    const int n = step->in.n_features;
    double *lo = NULL, *hi = NULL;
    kg_status status = alloc_ranges(&lo, &hi, n, err);
    if (status) {
        return status;
    }
    find_ranges(x, n_rows, n, lo, hi);
    find_moments(x, n_rows, n, step->map.mean, step->map.weight);
    for (int i = 0; i < n && !status; i++) {
        const double deviation = sqrt(step->map.weight[i]);
        if (!isfinite(deviation)) {
            status = kgi_fail(err, KG_ERR_NUMERIC, "feature %d is too large to square: up to %g", i,
                              fmax(fabs(lo[i]), fabs(hi[i])));
        }
        /* by the range: the sum of rounding errors of a constant is no deviation */
        step->map.weight[i] = hi[i] > lo[i] ? inverse(deviation, 1.0) : 0.0;
    }
    free(lo);
    return status;
}

kg_status kgi_standardise_save(const kgi_step *step, const char *prefix, kgi_container *container,
                               kg_error *err)
{
    return save_maps(step, prefix, "moments", container, err);
}

kg_status kgi_standardise_load(kgi_step *step, const char *prefix, const kgi_container *container,
                               kg_error *err)
{
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof name, "%smoments", prefix);
    return load_maps(step, name, container, err);
}
