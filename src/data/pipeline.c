/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines: fitting step by step, applying in blocks of rows, storing in a model file.
 *
 * Fitting keeps the training rows as the steps so far leave them, because the next step is fitted to
 * those. Applying pushes a block of rows through all steps, so that it needs little memory. */
#include "data/pipeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "data/dataset.h"
#include "data/transforms.h"

enum {
    MAX_STEPS = 16,
    BLOCK_NUMBERS = 1 << 16, /* features that go through the steps together, half a MiB */
    PREFIX_BYTES = 32
};

static const char metadata_key[] = "ketgrad.preprocessing";

struct kg_pipeline {
    kgi_row_shape in;
    int n_fit_rows;
    int n_steps;
    kgi_step steps[MAX_STEPS];
};

void kg_pipeline_destroy(kg_pipeline *pipeline)
{
    for (int i = 0; pipeline && i < pipeline->n_steps; i++) {
        kgi_step_clear(&pipeline->steps[i]);
    }
    free(pipeline);
}

static kgi_row_shape shape_after(const kg_pipeline *pipeline, int n_steps)
{
    return n_steps > 0 ? pipeline->steps[n_steps - 1].out : pipeline->in;
}

static int is_own(const kg_pipeline *pipeline)
{
    return pipeline->n_steps && pipeline->steps[pipeline->n_steps - 1].own;
}

/* Appends a step that is not fitted yet. */
static kg_status add_step(kg_pipeline *pipeline, const char *text, kg_error *err)
{
    if (pipeline->n_steps == MAX_STEPS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "more than %d steps", MAX_STEPS);
    }
    if (is_own(pipeline)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: no step may follow angle-range:own", text);
    }
    const kg_status status = kgi_step_init(&pipeline->steps[pipeline->n_steps], text,
                                           shape_after(pipeline, pipeline->n_steps), err);
    pipeline->n_steps += !status;
    return status;
}

/* Adds and fits a step; *x, the training rows before it, becomes the rows after it. `own` is the
 * memory of *x if it is ours, else NULL. */
static kg_status fit_step(kg_pipeline *pipeline, const char *text, const double **x, double **own,
                          kg_error *err)
{
    kg_status status = add_step(pipeline, text, err);
    if (status) {
        return status;
    }
    kgi_step *step = &pipeline->steps[pipeline->n_steps - 1];
    if (step->transform->fit) {
        status = step->transform->fit(step, *x, pipeline->n_fit_rows, err);
    }
    if (status) {
        return kgi_fail_in(err, status, "%s: ", text);
    }
    const int in_place =
        *own && (step->map.kind == KGI_AFFINE_UNIFORM || step->map.kind == KGI_AFFINE_EACH);
    double *y = in_place ? *own
                         : kgi_alloc((size_t)pipeline->n_fit_rows * (size_t)step->out.n_features,
                                     sizeof *y);
    if (!y) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d rows of %d features", text,
                        pipeline->n_fit_rows, step->out.n_features);
    }
    kgi_affine_apply(&step->map, *x, pipeline->n_fit_rows, y);
    if (!in_place) {
        free(*own);
    }
    *own = y;
    *x = y;
    return KG_OK;
}

static kg_pipeline *new_pipeline(kgi_row_shape in, int n_fit_rows)
{
    kg_pipeline *pipeline = calloc(1, sizeof *pipeline);
    if (pipeline) {
        pipeline->in = in;
        pipeline->n_fit_rows = n_fit_rows;
    }
    return pipeline;
}

kg_status kg_pipeline_fit(kg_pipeline **out, const char *const *steps, int n_steps,
                          const kg_dataset *train, kg_error *err)
{
    const kgi_row_shape in = {train->n_features, train->height, train->width};
    kg_pipeline *pipeline = new_pipeline(in, train->n_rows);
    const double *x = train->features;
    double *own = NULL;
    *out = NULL;
    if (!pipeline) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a pipeline");
    }
    kg_status status = KG_OK;
    for (int i = 0; i < n_steps && !status; i++) {
        status = fit_step(pipeline, steps[i], &x, &own, err);
    }
    free(own);
    if (status) {
        kg_pipeline_destroy(pipeline);
        return status;
    }
    *out = pipeline;
    return KG_OK;
}

/* Scratch and work of fitting one step; of all steps only pca has any to speak of. */
static size_t step_scratch(const kgi_step *step, double n_rows, kgi_pipeline_cost *cost)
{
    const double n = step->in.n_features;
    const double k = step->out.n_features;
    cost->passes += n_rows * (n + k);
    if (step->transform->fit != kgi_pca_fit) {
        return 0;
    }
    cost->passes += 3.0 * n_rows * n;
    cost->flops += n_rows * n * n + 4.0 / 3.0 * n * n * n + 4.0 * n_rows * n * k;
    return kgi_pca_scratch_bytes(step);
}

kg_status kgi_pipeline_preview(kgi_pipeline_cost *cost, const char *const *steps, int n_steps,
                               const kg_dataset *train, int n_rows, kg_error *err)
{
    const kgi_row_shape in = {train->n_features, train->height, train->width};
    kg_pipeline *pipeline = new_pipeline(in, n_rows);
    size_t own = 0;
    *cost =
        (kgi_pipeline_cost){.n_features = in.n_features, .height = in.height, .width = in.width};
    if (!pipeline) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a pipeline");
    }
    kg_status status = KG_OK;
    for (int i = 0; i < n_steps && !status; i++) { /* as fit_step() does it */
        status = add_step(pipeline, steps[i], err);
        if (status) {
            break;
        }
        const kgi_step *step = &pipeline->steps[i];
        const int in_place =
            own && step->map.kind != KGI_AFFINE_TAPPED && step->map.kind != KGI_AFFINE_DENSE;
        const size_t rows =
            in_place ? 0 : (size_t)n_rows * (size_t)step->out.n_features * sizeof(double);
        const size_t scratch = step_scratch(step, n_rows, cost);
        const size_t peak = own + (rows > scratch ? rows : scratch);
        cost->fit_bytes = peak > cost->fit_bytes ? peak : cost->fit_bytes;
        own = in_place ? own : rows;
        cost->n_features = step->out.n_features;
        cost->height = step->out.height;
        cost->width = step->out.width;
    }
    kg_pipeline_destroy(pipeline);
    return status;
}

int kg_pipeline_n_features(const kg_pipeline *pipeline, int n_steps)
{
    return n_steps >= 0 && n_steps <= pipeline->n_steps ? shape_after(pipeline, n_steps).n_features
                                                        : 0;
}

int kg_pipeline_n_inputs(const kg_pipeline *pipeline)
{
    return pipeline->in.n_features;
}

int kg_pipeline_n_outputs(const kg_pipeline *pipeline)
{
    return shape_after(pipeline, pipeline->n_steps).n_features;
}

int kg_pipeline_n_steps(const kg_pipeline *pipeline)
{
    return pipeline->n_steps;
}

static const kgi_step *step_at(const kg_pipeline *pipeline, int i)
{
    return i >= 0 && i < pipeline->n_steps ? &pipeline->steps[i] : NULL;
}

const char *kg_pipeline_step(const kg_pipeline *pipeline, int i)
{
    const kgi_step *step = step_at(pipeline, i);
    return step ? step->text : NULL;
}

int kg_pipeline_n_fit_rows(const kg_pipeline *pipeline)
{
    return pipeline->n_fit_rows;
}

const double *kg_pipeline_explained(const kg_pipeline *pipeline, int i)
{
    const kgi_step *step = step_at(pipeline, i);
    return step ? step->explained : NULL;
}

const double *kg_pipeline_range(const kg_pipeline *pipeline, int i)
{
    const kgi_step *step = step_at(pipeline, i);
    return step && step->range[1] > step->range[0] ? step->range : NULL;
}

/* ---- applying ---- */

/* Pushes some rows through n_steps steps; scratch is two blocks for the widest of them. */
static void run_block(const kg_pipeline *pipeline, int n_steps, const double *x, int n_rows,
                      double *out, double *const scratch[2])
{
    const double *from = x;
    for (int i = 0; i < n_steps; i++) {
        double *to = i == n_steps - 1 ? out : scratch[i % 2];
        kgi_affine_apply(&pipeline->steps[i].map, from, n_rows, to);
        from = to;
    }
    if (!n_steps) {
        memcpy(out, x, (size_t)n_rows * (size_t)pipeline->in.n_features * sizeof *out);
    }
}

/* The published quirk: the range comes from the rows at hand, not from training. */
static kg_status scale_by_own_range(const kgi_step *fitted, double *x, int n_rows, kg_error *err)
{
    double range[2];
    double weight = 0.0;
    double mean = 0.0;
    kgi_step step = *fitted; /* a shallow copy with a map of its own */
    step.map.weight = &weight;
    step.map.mean = &mean;
    kgi_find_range(x, (size_t)n_rows * (size_t)step.in.n_features, range);
    const kg_status status = kgi_step_set_range(&step, range[0], range[1], err);
    if (status) {
        return kgi_fail_in(err, status, "%s: ", step.text);
    }
    kgi_affine_apply(&step.map, x, n_rows, x);
    return KG_OK;
}

kg_status kg_pipeline_run(const kg_pipeline *pipeline, const double *x, int n_rows, double *out,
                          kg_error *err)
{
    const size_t n_in = (size_t)pipeline->in.n_features;
    const size_t n_out = (size_t)kg_pipeline_n_outputs(pipeline);
    if (n_rows < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d rows, must be at least 1", n_rows);
    }
    for (size_t i = 0; i < (size_t)n_rows * n_in; i++) {
        if (!isfinite(x[i])) {
            return kgi_fail(err, KG_ERR_NUMERIC, "row %zu, feature %zu is not finite", i / n_in,
                            i % n_in);
        }
    }
    size_t widest = n_in;
    for (int i = 0; i < pipeline->n_steps; i++) {
        const size_t n = (size_t)pipeline->steps[i].out.n_features;
        widest = n > widest ? n : widest;
    }
    const int block = widest < BLOCK_NUMBERS ? (int)(BLOCK_NUMBERS / widest) : 1;
    const size_t block_numbers = (size_t)block * widest;
    double *memory = kgi_alloc(2 * block_numbers, sizeof *memory);
    if (!memory) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a block of %d rows", block);
    }
    double *const scratch[2] = {memory, memory + block_numbers};
    const int n_steps = pipeline->n_steps - is_own(pipeline);
    for (int first = 0; first < n_rows; first += block) {
        const int rows = n_rows - first < block ? n_rows - first : block;
        run_block(pipeline, n_steps, x + (size_t)first * n_in, rows, out + (size_t)first * n_out,
                  scratch);
    }
    free(memory);
    return is_own(pipeline) ? scale_by_own_range(&pipeline->steps[n_steps], out, n_rows, err)
                            : KG_OK;
}

kg_status kg_pipeline_apply(kg_dataset **out, const kg_pipeline *pipeline, const kg_dataset *data,
                            kg_error *err)
{
    const kgi_row_shape shape = shape_after(pipeline, pipeline->n_steps);
    kg_dataset *result = NULL;
    *out = NULL;
    if (data->n_features != pipeline->in.n_features) {
        return kgi_fail(err, KG_ERR_SHAPE, "%s: %d features, the pipeline was fitted on %d",
                        data->name, data->n_features, pipeline->in.n_features);
    }
    kg_status status = kgi_dataset_like(&result, data, NULL, data->n_rows, shape.n_features, err);
    if (status) {
        return status;
    }
    status = kg_pipeline_run(pipeline, data->features, data->n_rows, result->features, err);
    if (status) {
        kg_dataset_destroy(result);
        return kgi_fail_in(err, status, "%s: ", data->name);
    }
    result->height = shape.height;
    result->width = shape.width;
    *out = result;
    return KG_OK;
}

void kgi_pipeline_image(const kg_pipeline *pipeline, int *height, int *width)
{
    const kgi_row_shape shape = shape_after(pipeline, pipeline->n_steps);
    *height = shape.height;
    *width = shape.width;
}

/* ---- in a model file ---- */

/* The text "ketgrad.preprocessing". */
static kg_status format_metadata(const kg_pipeline *pipeline, char **text, kg_error *err)
{
    json_t *steps = json_array();
    for (int i = 0; i < pipeline->n_steps; i++) {
        if (json_array_append_new(steps, json_string(pipeline->steps[i].text))) {
            json_decref(steps);
            steps = NULL;
            break;
        }
    }
    json_t *root = json_pack("{s:i, s:i, s:i, s:i, s:o}", "n_inputs", pipeline->in.n_features,
                             "height", pipeline->in.height, "width", pipeline->in.width,
                             "n_fit_rows", pipeline->n_fit_rows, "steps", steps);
    if (!root) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the text of a pipeline");
    }
    const kg_status status = kgi_json_format(text, root, KGI_JSON_COMPACT, err);
    json_decref(root);
    return status;
}

kg_status kgi_pipeline_save(const kg_pipeline *pipeline, kgi_container *container, kg_error *err)
{
    char *text = NULL;
    kg_status status = format_metadata(pipeline, &text, err);
    if (!status) {
        status = kgi_container_set_text(container, metadata_key, text, err);
    }
    free(text);
    for (int i = 0; i < pipeline->n_steps && !status; i++) {
        const kgi_step *step = &pipeline->steps[i];
        char prefix[PREFIX_BYTES];
        (void)snprintf(prefix, sizeof prefix, "pipeline.%d.", i);
        status =
            step->transform->save ? step->transform->save(step, prefix, container, err) : KG_OK;
    }
    return status;
}

static int get_int(const json_t *root, const char *key, int lo, int hi, int *value)
{
    const json_t *number = json_object_get(root, key);
    if (!json_is_integer(number) || json_integer_value(number) < lo ||
        json_integer_value(number) > hi) {
        return 0;
    }
    *value = (int)json_integer_value(number);
    return 1;
}

static kg_status load_step(kg_pipeline *pipeline, const json_t *text,
                           const kgi_container *container, kg_error *err)
{
    const int i = pipeline->n_steps;
    char prefix[PREFIX_BYTES];
    if (!json_is_string(text)) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: %s: step %d is not a text",
                        kgi_container_path(container), metadata_key, i);
    }
    kg_status status = add_step(pipeline, json_string_value(text), err);
    if (status) {
        return kgi_fail_in(err, status == KG_ERR_MEMORY ? status : KG_ERR_FORMAT,
                           "%s: %s: ", kgi_container_path(container), metadata_key);
    }
    kgi_step *step = &pipeline->steps[i];
    (void)snprintf(prefix, sizeof prefix, "pipeline.%d.", i);
    return step->transform->load ? step->transform->load(step, prefix, container, err) : KG_OK;
}

static kg_status load_pipeline(kg_pipeline **out, const json_t *root,
                               const kgi_container *container, kg_error *err)
{
    kgi_row_shape in = {0};
    int n_fit_rows = 0;
    const json_t *steps = json_object_get(root, "steps");
    if (!get_int(root, "n_inputs", 1, KGI_MAX_FEATURES, &in.n_features) ||
        !get_int(root, "height", 0, KGI_MAX_FEATURES, &in.height) ||
        !get_int(root, "width", 0, KGI_MAX_FEATURES, &in.width) ||
        !get_int(root, "n_fit_rows", 1, INT32_MAX, &n_fit_rows) || !json_is_array(steps) ||
        ((in.height || in.width) && (int64_t)in.height * in.width != in.n_features)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: %s must hold n_inputs, height, width, n_fit_rows and a list of steps",
                        kgi_container_path(container), metadata_key);
    }
    kg_pipeline *pipeline = new_pipeline(in, n_fit_rows);
    if (!pipeline) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a pipeline");
    }
    kg_status status = KG_OK;
    for (size_t i = 0; i < json_array_size(steps) && !status; i++) {
        status = load_step(pipeline, json_array_get(steps, i), container, err);
    }
    if (status) {
        kg_pipeline_destroy(pipeline);
        return status;
    }
    *out = pipeline;
    return KG_OK;
}

kg_status kgi_pipeline_load(kg_pipeline **out, const kgi_container *container, kg_error *err)
{
    const char *text = NULL;
    json_t *root = NULL;
    *out = NULL;
    kg_status status = kgi_container_need_text(container, metadata_key, &text, err);
    if (!status) {
        status = kgi_json_parse(&root, metadata_key, text, strlen(text), err);
        status = status ? kgi_fail_in(err, status, "%s: ", kgi_container_path(container)) : KG_OK;
    }
    if (!status) {
        status = load_pipeline(out, root, container, err);
    }
    json_decref(root);
    return status;
}
