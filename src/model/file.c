/* SPDX-License-Identifier: Apache-2.0 */
/* Models as files: one safetensors container.
 *
 *   ketgrad.model          JSON: format, model, features, classes, options, definition
 *   ketgrad.preprocessing  and pipeline.*: the pipeline (data room), if there is one
 *   <model>.<segment>      parameters by segment
 *   <model>.state<layer>   what a layer has fitted
 *
 * Nothing in it depends on time, host or threads: the same model gives the same bytes. */
#include "model/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/options.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "data/pipeline.h"
#include "model/definition.h"
#include "model/model.h"

enum { FORMAT = 1, TENSOR_NAME = 96 };

/* ---- saving ---------------------------------------------------------------------------------------- */

/* All options but those of the machine. */
static kg_status add_options(json_t *object, const kg_model *model, kg_error *err)
{
    const kg_option_table *table = kg_model_options_table();
    for (int i = 0; i < table->n_rows; i++) {
        const kg_option *row = &table->rows[i];
        char *text = NULL;
        if (strcmp(row->name, "threads") == 0) {
            continue;
        }
        const kg_status status = kg_option_format(&text, row, &model->options, err);
        if (status) {
            return status;
        }
        (void)json_object_set_new(object, row->name,
                                  row->type == KG_OPTION_INT ? json_integer(strtoll(text, NULL, 10))
                                                             : json_string(text));
        free(text);
    }
    return KG_OK;
}

/* The description as text. Jansson's setters take NULL for an answer: what could not be added is
 * missing, and is counted at the end. */
static kg_status describe(char **out, const kg_model *model, kg_error *err)
{
    for (int c = 0; c < model->n_classes; c++) {
        if (!kgi_utf8_check(model->classes[c])) {
            return kgi_fail(err, KG_ERR_FORMAT, "a class name is not UTF-8 text");
        }
    }
    json_t *root = json_object(), *classes = json_array(), *options = json_object();
    (void)json_object_set_new(root, "format", json_integer(FORMAT));
    (void)json_object_set_new(root, "model", json_string(model->row->name));
    (void)json_object_set_new(root, "features", json_integer(model->n_features));
    for (int c = 0; c < model->n_classes; c++) {
        (void)json_array_append_new(classes, json_string(model->classes[c]));
    }
    kg_status status = add_options(options, model, err);
    const int complete = json_array_size(classes) == (size_t)model->n_classes &&
                         json_object_size(options) + 1 == (size_t)kg_model_options_table()->n_rows;
    (void)json_object_set_new(root, "classes", classes);
    (void)json_object_set_new(root, "options", options);
    if (model->definition) {
        (void)json_object_set_new(root, "definition", json_string(model->definition->text));
    }
    const size_t n_keys = model->definition ? 6 : 5;
    if (!status && (!complete || json_object_size(root) != n_keys)) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the description of a model");
    }
    if (!status) {
        status = kgi_json_format(out, root, KGI_JSON_LINE, err);
    }
    json_decref(root);
    return status;
}

static kg_status add_numbers(kgi_container *container, const kg_model *model, kg_error *err)
{
    char name[TENSOR_NAME];
    kg_status status = KG_OK;
    for (int i = 0; i < model->n_segments && !status; i++) {
        const kg_segment *segment = &model->segments[i];
        const size_t shape = (size_t)segment->n;
        (void)snprintf(name, sizeof name, "%s.%s", model->row->name, segment->name);
        status = kgi_container_add(container, name, 1, &shape, model->params + segment->first, err);
    }
    for (int l = 0; l < model->n_layers && !status; l++) {
        const size_t shape = (size_t)model->layers[l]->n_state;
        if (shape) {
            (void)snprintf(name, sizeof name, "%s.state%d", model->row->name, l);
            status = kgi_container_add(container, name, 1, &shape, model->layers[l]->state, err);
        }
    }
    return status;
}

kg_status kgi_model_put(const kg_model *model, kgi_container *container, kg_error *err)
{
    char *text = NULL;
    kg_status status = kgi_model_need_built(model, err);
    if (!status) {
        status = describe(&text, model, err);
    }
    if (!status) {
        status = kgi_container_set_text(container, "ketgrad.model", text, err);
    }
    if (!status && model->pipeline) {
        status = kgi_pipeline_save(model->pipeline, container, err);
    }
    if (!status) {
        status = add_numbers(container, model, err);
    }
    free(text);
    return status;
}

kg_status kg_model_save(const kg_model *model, const char *path, kg_error *err)
{
    kgi_container *container = NULL;
    kg_status status = kgi_container_create(&container, err);
    if (!status) {
        status = kgi_model_put(model, container, err);
    }
    if (!status) {
        status = kgi_container_save(container, path, err);
    }
    kgi_container_destroy(container);
    return status;
}

/* ---- loading --------------------------------------------------------------------------------------- */

/* What ketgrad.model says; strings are borrowed from root. */
typedef struct description {
    json_t *root;
    const char *name;
    int n_features;
    int n_classes;
    const char **classes;
    kg_model_options options;
} description;

static kg_status bad(const kgi_container *container, const char *what, kg_error *err)
{
    return kgi_fail(err, KG_ERR_FORMAT, "%s: ketgrad.model: %s", kgi_container_path(container),
                    what);
}

static kg_status read_options(description *d, json_t *object, int threads, kg_error *err)
{
    const kg_model_options defaults = KG_MODEL_OPTIONS_INIT;
    d->options = defaults;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value)
    {
        char number[32] = "";
        if (json_is_integer(value)) {
            (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                           json_integer_value(value));
        }
        const char *text = json_is_string(value) ? json_string_value(value) : number;
        const kg_status status =
            *number || json_is_string(value)
                ? kg_options_set(kg_model_options_table(), &d->options, key, text, err)
                : kgi_fail(err, KG_ERR_FORMAT, "option %.40s is neither a text nor a whole number",
                           key);
        if (status) {
            return status;
        }
    }
    const json_t *definition = json_object_get(d->root, "definition");
    d->options.definition = json_string_value(definition); /* NULL: a model of the registry */
    d->options.threads = threads;
    return KG_OK;
}

static kg_status read_classes(description *d, const kgi_container *container, const json_t *classes,
                              kg_error *err)
{
    const size_t n = json_array_size(classes);
    if (n < 2 || n > KGI_MAX_CLASSES) {
        return bad(container, "classes is not a list of 2 to 1024 names", err);
    }
    d->classes = calloc(n, sizeof *d->classes);
    if (!d->classes) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the names of %zu classes", n);
    }
    d->n_classes = (int)n;
    for (size_t c = 0; c < n; c++) {
        d->classes[c] = json_string_value(json_array_get(classes, c));
        if (!d->classes[c]) {
            return bad(container, "a class name is not text", err);
        }
    }
    return KG_OK;
}

static kg_status read_description(description *d, const kgi_container *container, int threads,
                                  kg_error *err)
{
    const char *path = kgi_container_path(container);
    const char *text = kgi_container_text(container, "ketgrad.model");
    if (!text) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: not a ketgrad model: it has no ketgrad.model",
                        path);
    }
    kg_status status = kgi_json_parse(&d->root, "ketgrad.model", text, strlen(text), err);
    if (status) { /* line and column are of that text, not of the file */
        return kgi_fail_in(err, status, "%s: ", path);
    }
    const json_t *format = json_object_get(d->root, "format");
    const json_t *features = json_object_get(d->root, "features");
    d->name = json_string_value(json_object_get(d->root, "model"));
    if (!json_is_integer(format) || json_integer_value(format) < 1) {
        return bad(container, "format is not a positive whole number", err);
    }
    if (json_integer_value(format) > FORMAT) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "%s: model format %" JSON_INTEGER_FORMAT
                        ", but this version reads up to %d",
                        path, json_integer_value(format), FORMAT);
    }
    if (!d->name || !json_is_integer(features) || json_integer_value(features) < 1 ||
        json_integer_value(features) > (1 << 24)) {
        return bad(container, "model or features is missing or not what it should be", err);
    }
    d->n_features = (int)json_integer_value(features);
    status = read_classes(d, container, json_object_get(d->root, "classes"), err);
    if (!status && read_options(d, json_object_get(d->root, "options"), threads, err)) {
        status = kgi_fail_in(err, KG_ERR_FORMAT, "%s: ketgrad.model: ", path);
    }
    return status;
}

/* Finds all numbers of a built model; writes them if `write`. */
static kg_status read_numbers(kg_model *model, const kgi_container *container, int write,
                              kg_error *err)
{
    char name[TENSOR_NAME];
    const double *data = NULL;
    for (int i = 0; i < model->n_segments; i++) {
        const kg_segment *segment = &model->segments[i];
        const size_t shape = (size_t)segment->n;
        (void)snprintf(name, sizeof name, "%s.%s", model->row->name, segment->name);
        const kg_status status = kgi_container_need(container, name, 1, &shape, &data, err);
        if (status) {
            return status;
        }
        if (write) {
            memcpy(model->params + segment->first, data, shape * sizeof *data);
        }
    }
    for (int l = 0; l < model->n_layers; l++) {
        const size_t shape = (size_t)model->layers[l]->n_state;
        if (!shape) {
            continue;
        }
        (void)snprintf(name, sizeof name, "%s.state%d", model->row->name, l);
        const kg_status status = kgi_container_need(container, name, 1, &shape, &data, err);
        if (status) {
            return status;
        }
        if (write) {
            memcpy(model->layers[l]->state, data, shape * sizeof *data);
        }
    }
    return KG_OK;
}

kg_status kgi_model_take(kg_model *model, const kgi_container *container, kg_error *err)
{
    const kg_status status = read_numbers(model, container, 0, err);
    return status ? status : read_numbers(model, container, 1, err);
}

/* The pipeline of the file, if it has one; what it puts out must be what the layers take. */
static kg_status read_pipeline(kg_model *model, const kgi_container *container, int n_features,
                               kg_error *err)
{
    if (!kgi_container_text(container, "ketgrad.preprocessing")) {
        return KG_OK;
    }
    const kg_status status = kgi_pipeline_load(&model->pipeline, container, err);
    if (!status && kg_pipeline_n_outputs(model->pipeline) != n_features) {
        return kgi_fail(
            err, KG_ERR_FORMAT, "%s: the pipeline makes %d features, but the model takes %d",
            kgi_container_path(container), kg_pipeline_n_outputs(model->pipeline), n_features);
    }
    return status;
}

/* What the file says is at fault, unless there is no memory. */
static kg_status blame_file(const char *path, kg_status status, kg_error *err)
{
    return kgi_fail_in(err, status == KG_ERR_MEMORY ? status : KG_ERR_FORMAT, "%s: ", path);
}

static kg_status load_parts(kg_model **out, const kgi_container *container, const description *d,
                            kg_error *err)
{
    const char *path = kgi_container_path(container);
    if (!kgi_model_row_find(d->name)) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "%s: model \"%.60s\" is not in this version", path,
                        d->name);
    }
    kg_status status = kg_model_create(out, d->name, &d->options, err);
    if (status) {
        return blame_file(path, status, err);
    }
    status =
        read_pipeline(*out, container, d->n_features, err); /* images give layers their shape */
    if (status) {
        return status;
    }
    status = kg_model_build(*out, d->n_features, d->n_classes, d->classes, err);
    return status ? blame_file(path, status, err) : read_numbers(*out, container, 1, err);
}

kg_status kg_model_load(kg_model **out, const char *path, int threads, kg_error *err)
{
    *out = NULL;
    kgi_container *container = NULL;
    description d = {0};
    kg_model *model = NULL;
    const kg_option *row = kg_option_find(kg_model_options_table(), "threads");
    if ((double)threads < row->lo || (double)threads > row->hi) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "threads is %d, not in [%g, %g]", threads, row->lo,
                        row->hi);
    }
    kg_status status = kgi_container_load(&container, path, err);
    if (!status) {
        status = read_description(&d, container, threads, err);
    }
    if (!status) {
        status = load_parts(&model, container, &d, err);
    }
    json_decref(d.root);
    free(d.classes);
    kgi_container_destroy(container);
    if (status) {
        kg_model_destroy(model);
        return status;
    }
    *out = model;
    return KG_OK;
}
