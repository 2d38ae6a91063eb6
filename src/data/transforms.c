/* SPDX-License-Identifier: Apache-2.0 */
/* The table of transforms, and the small ones: pixel scale, resizing, the range of angles.
 *
 * To add a transform: a row, nothing else; tests and help read the table. */
#include "data/transforms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PI 3.14159265358979323846

enum {
    MAX_SIDE = 1024,    /* of a resized image */
    MAX_COLUMN = 65536, /* rows of a column */
    MAX_COMPONENTS = 8192,
    NAME_BYTES = 64
};

static kg_status scale_shape(kgi_step *step, kg_error *err)
{
    const int n = step->in.n_features;
    step->out = step->in;
    const kg_status status = kgi_affine_init(&step->map, KGI_AFFINE_UNIFORM, n, n, err);
    if (!status) {
        step->map.weight[0] = 1.0 / 255.0;
        step->map.mean[0] = 0.0;
    }
    return status;
}

static kg_status resize_to(kgi_step *step, int height, int width, kg_error *err)
{
    if (!step->in.height) {
        return kgi_fail(err, KG_ERR_SHAPE, "rows of %d features are not images",
                        step->in.n_features);
    }
    step->out = (kgi_row_shape){height * width, height, width};
    return kgi_affine_resize(&step->map, step->in.height, step->in.width, height, width, err);
}

static kg_status resize_shape(kgi_step *step, kg_error *err)
{
    return resize_to(step, step->argument, step->argument, err);
}

static kg_status column_shape(kgi_step *step, kg_error *err)
{
    return resize_to(step, step->argument, 1, err);
}

static kg_status range_shape(kgi_step *step, kg_error *err)
{
    const int n = step->in.n_features;
    step->out = step->in;
    return step->each ? kgi_columns_shape(step, err)
                      : kgi_affine_init(&step->map, KGI_AFFINE_UNIFORM, n, n, err);
}

void kgi_find_range(const double *x, size_t n, double range[2])
{
    range[0] = x[0];
    range[1] = x[0];
    for (size_t i = 1; i < n; i++) {
        range[0] = x[i] < range[0] ? x[i] : range[0];
        range[1] = x[i] > range[1] ? x[i] : range[1];
    }
}

kg_status kgi_step_set_range(kgi_step *step, double lo, double hi, kg_error *err)
{
    if (!(hi > lo)) {
        return kgi_fail(err, KG_ERR_NUMERIC,
                        "all features of all rows are %g: there is no range to scale", lo);
    }
    step->range[0] = lo;
    step->range[1] = hi;
    step->map.weight[0] = PI / (hi - lo);
    step->map.mean[0] = lo;
    step->map.is_clipped = 1;
    step->map.lo = 0.0;
    step->map.hi = PI;
    return KG_OK;
}

static kg_status range_fit(kgi_step *step, const double *x, int n_rows, kg_error *err)
{
    double range[2];
    if (step->each) {
        return kgi_columns_fit_range(step, x, n_rows, err);
    }
    kgi_find_range(x, (size_t)n_rows * (size_t)step->in.n_features, range);
    return kgi_step_set_range(step, range[0], range[1], err);
}

static kg_status range_save(const kgi_step *step, const char *prefix, kgi_container *container,
                            kg_error *err)
{
    char name[NAME_BYTES];
    const size_t shape[1] = {2};
    if (step->each) {
        return kgi_columns_save_range(step, prefix, container, err);
    }
    (void)snprintf(name, sizeof name, "%srange", prefix);
    return kgi_container_add(container, name, 1, shape, step->range, err);
}

static kg_status range_load(kgi_step *step, const char *prefix, const kgi_container *container,
                            kg_error *err)
{
    char name[NAME_BYTES];
    const size_t shape[1] = {2};
    const double *range = NULL;
    if (step->each) {
        return kgi_columns_load_range(step, prefix, container, err);
    }
    (void)snprintf(name, sizeof name, "%srange", prefix);
    const kg_status status = kgi_container_need(container, name, 1, shape, &range, err);
    return status ? status : kgi_step_set_range(step, range[0], range[1], err);
}

static const kgi_transform transforms[] = {
    /* clang-format off */
    {{"scale", "", "pixels 0 .. 255 to 0 .. 1"},
     0, 0, scale_shape, NULL, NULL, NULL},
    {{"resize", "N", "images to N x N, bilinear with half-pixel centres"},
     1, MAX_SIDE, resize_shape, NULL, NULL, NULL},
    {{"column", "K", "images to one column of K rows (published quirk)"},
     1, MAX_COLUMN, column_shape, NULL, NULL, NULL},
    {{"pca", "K", "K principal components of the training rows, not whitened"},
     1, MAX_COMPONENTS, kgi_pca_shape, kgi_pca_fit, kgi_pca_save, kgi_pca_load},
    {{"angle-range", "[each|own]", "to [0, pi] by the training rows' minimum and maximum; each: of each feature; own: by each set's (published quirk)"},
     0, 0, range_shape, range_fit, range_save, range_load},
    {{"standardise", "", "each feature to mean 0 and standard deviation 1 on the training rows"},
     0, 0, kgi_columns_shape, kgi_standardise_fit, kgi_standardise_save, kgi_standardise_load},
    /* clang-format on */
};
enum { N_TRANSFORMS = sizeof transforms / sizeof transforms[0] };

const kg_transform_info *kg_transform_info_get(int i)
{
    return i >= 0 && i < N_TRANSFORMS ? &transforms[i].info : NULL;
}

static kg_status unknown_transform(const char *name, kg_error *err)
{
    const char *nearest =
        kgi_text_nearest(name, &transforms[0].info.name, N_TRANSFORMS, sizeof transforms[0]);
    return kgi_fail(err, KG_ERR_ARGUMENT,
                    "unknown transform '%.40s'%s%s%s, allowed are scale, resize:N, column:K, "
                    "pca:K, angle-range[:each|:own], standardise",
                    name, nearest ? ", did you mean " : "", nearest ? nearest : "",
                    nearest ? "?" : "");
}

/* Finds the row and reads the argument of "name:argument". */
static kg_status parse_step(kgi_step *step, const char *text, kg_error *err)
{
    char name[NAME_BYTES];
    const size_t length = strcspn(text, ":");
    const char *argument = text[length] ? text + length + 1 : "";
    (void)snprintf(name, sizeof name, "%.*s", length < NAME_BYTES ? (int)length : NAME_BYTES - 1,
                   text);
    for (int i = 0; i < N_TRANSFORMS && !step->transform; i++) {
        step->transform = strcmp(transforms[i].info.name, name) ? NULL : &transforms[i];
    }
    if (!step->transform) {
        return unknown_transform(name, err);
    }
    if (step->transform->hi) {
        const size_t n_digits = strspn(argument, "0123456789");
        const long value = n_digits && n_digits < 10 ? strtol(argument, NULL, 10) : 0;
        if (argument[n_digits] || value < step->transform->lo || value > step->transform->hi) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s: '%.20s' is not a whole number in [%d, %d]",
                            name, argument, step->transform->lo, step->transform->hi);
        }
        step->argument = (int)value;
        return KG_OK;
    }
    step->own = step->transform->fit == range_fit && !strcmp(argument, "own");
    step->each = step->transform->fit == range_fit && !strcmp(argument, "each");
    if (text[length] && !step->own && !step->each) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: '%.20s' follows the colon, allowed is %s", name,
                        argument, step->transform->fit == range_fit ? "each or own" : "nothing");
    }
    return KG_OK;
}

kg_status kgi_step_init(kgi_step *step, const char *text, kgi_row_shape in, kg_error *err)
{
    *step = (kgi_step){.in = in};
    kg_status status = parse_step(step, text, err);
    if (status) {
        return status;
    }
    step->text = malloc(strlen(text) + 1);
    if (!step->text) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a step", text);
    }
    memcpy(step->text, text, strlen(text) + 1);
    status = step->transform->shape(step, err);
    if (status) {
        status = kgi_fail_in(err, status, "%s: ", text);
        kgi_step_clear(step);
    }
    return status;
}

void kgi_step_clear(kgi_step *step)
{
    kgi_affine_clear(&step->map);
    free(step->explained);
    free(step->text);
    *step = (kgi_step){0};
}
