/* SPDX-License-Identifier: Apache-2.0 */
/* Making models: options, registry row, pipeline, layers; and what there is to ask about one. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/options.h"
#include "model/definition.h"

/* ---- options --------------------------------------------------------------------------------------- */

/* The model's own copy: defaults for NULL, and strings that live as long as the tables or the model. */
static kg_status take_options(kg_model *model, const kg_model_options *given, kg_error *err)
{
    const kg_option_table *table = kg_model_options_table();
    const kg_model_options defaults = KG_MODEL_OPTIONS_INIT;
    model->options = defaults;
    kg_status status = kgi_options_take(table, &model->options, sizeof model->options, given, err);
    for (int i = 0; i < table->n_rows && !status; i++) {
        const kg_option *row = &table->rows[i];
        if (row->type == KG_OPTION_TEXT) {
            const char *text = NULL;
            memcpy(&text, (const char *)&model->options + row->offset, sizeof text);
            status = kg_option_set(row, &model->options, text ? text : row->default_text, err);
        }
    }
    if (status) {
        return status;
    }
    (void)snprintf(model->given_reduce, sizeof model->given_reduce, "%s", model->options.reduce);
    (void)snprintf(model->reduce, sizeof model->reduce, "%s", model->options.reduce);
    const int complete = strlen(model->options.reduce) < sizeof model->reduce;
    model->options.reduce = model->reduce;
    if (!complete) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "reduce is \"%s...\", not auto, none, pca:K or resize:N", model->reduce);
    }
    model->compat = kgi_compat_find(model->options.compat);
    model->given_loss = model->options.loss;
    if (strcmp(model->options.loss, "auto") == 0) {
        model->options.loss = model->row->loss;
    }
    return KG_OK;
}

/* Options of some models only. */
typedef struct special {
    const char *option;
    int (*has)(const kgi_model_row *row);
    const char *why; /* a model has not got the option */
} special;

static int has_circuit(const kgi_model_row *row)
{
    return row->has_circuit;
}

static int has_filters(const kgi_model_row *row)
{
    return row->has_filters;
}

static int has_hidden(const kgi_model_row *row)
{
    return row->has_hidden;
}

static int has_size(const kgi_model_row *row)
{
    return row->has_filters || row->has_hidden;
}

static int has_encoding(const kgi_model_row *row)
{
    return !row->is_defined;
}

/* An option that a model does not use is refused: it would be ignored in silence. */
static kg_status refuse_unused(const kg_model *model, kg_error *err)
{
    static const char from_file[] = "takes its layers and circuits from its file";
    static const special specials[] = {
        /* clang-format off */
        {"ansatz",           has_circuit,  "has no circuit"},
        {"pooling",          has_circuit,  "has no circuit"},
        {"wiring",           has_circuit,  "has no circuit"},
        {"params_per_block", has_circuit,  "has no circuit"},
        {"arrangement",      has_circuit,  "has no circuit"},
        {"filters",          has_filters,  "has no filters"},
        {"hidden",           has_hidden,   "has no hidden layer"},
        {"target_params",    has_size,     "has one size"},
        {"encoding",         has_encoding, from_file},
        {"qubits",           has_encoding, from_file},
        /* clang-format on */
    };
    const kg_option_table *table = kg_model_options_table();
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        const kg_option *row = kg_option_find(table, specials[i].option);
        char *text = NULL;
        const kg_status status = kg_option_format(&text, row, &model->options, err);
        if (status) {
            return status;
        }
        const int is_default = strcmp(text, row->default_text) == 0;
        free(text);
        if (!is_default && !specials[i].has(model->row)) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "model \"%s\" %s, so no option %s",
                            model->row->name, model->row->is_defined ? from_file : specials[i].why,
                            row->name);
        }
    }
    if (model->options.target_params && (model->options.filters || model->options.hidden)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "target_params chooses %s, so it cannot be given too",
                        model->row->has_filters ? "filters" : "hidden");
    }
    if (model->options.definition && !model->row->is_defined) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "model \"%s\" is not made from a definition",
                        model->row->name);
    }
    return KG_OK;
}

int kgi_model_encoding_inputs(const kg_model *model)
{
    if (model->row->is_defined) {
        return model->wants_features;
    }
    return kg_encoding_n_inputs(kg_encoding_find(model->options.encoding), model->options.qubits);
}

static kg_status check_encoding(const kg_model *model, kg_error *err)
{
    if (!model->row->is_defined && kgi_model_encoding_inputs(model) < 1) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "encoding \"%s\" is defined for multiples of %d qubits, not for %d",
                        model->options.encoding,
                        kg_encoding_block_qubits(kg_encoding_find(model->options.encoding)),
                        model->options.qubits);
    }
    return kgi_reduce_check(model, err);
}

/* ---- create and destroy ---------------------------------------------------------------------------- */

static kg_status unknown_model(const char *name, kg_error *err)
{
    const char *names[64];
    kgi_text list = {0};
    int n = 0;
    for (; n < 64 && kg_model_kind_get(n); n++) {
        names[n] = kg_model_kind_get(n);
        kgi_text_printf(&list, "%s%s", n ? ", " : "", names[n]);
    }
    char *allowed = NULL;
    const kg_status status = kgi_text_finish(&list, &allowed, err);
    if (status) {
        return status;
    }
    const char *nearest = kg_name_nearest(name, names, n);
    if (nearest) {
        (void)kgi_fail(err, KG_ERR_ARGUMENT, "model is \"%.60s\", did you mean \"%s\"? Allowed: %s",
                       name, nearest, allowed);
    } else {
        (void)kgi_fail(err, KG_ERR_ARGUMENT, "model is \"%.60s\", not one of: %s", name, allowed);
    }
    free(allowed);
    return KG_ERR_ARGUMENT;
}

static kg_status create_parts(kg_model *model, const kg_model_options *options, kg_error *err)
{
    kg_status status = take_options(model, options, err);
    if (!status) {
        status = refuse_unused(model, err);
    }
    if (!status) {
        status = check_encoding(model, err);
    }
    return status ? status : model->row->create(model, err);
}

kg_status kg_model_create(kg_model **out, const char *name, const kg_model_options *options,
                          kg_error *err)
{
    *out = NULL;
    const kgi_model_row *row = kgi_model_row_find(name);
    if (!row) {
        return unknown_model(name, err);
    }
    kg_model *model = calloc(1, sizeof *model);
    if (!model) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a model");
    }
    model->row = row;
    const kg_status status = create_parts(model, options, err);
    if (status) {
        kg_model_destroy(model);
        return status;
    }
    *out = model;
    return KG_OK;
}

/* Back to what kg_model_create() left. */
static void unbuild(kg_model *model)
{
    for (int l = 0; l < model->n_layers; l++) {
        kgi_layer_destroy(model->layers[l]);
        free(model->nodes[l].y);
        free(model->nodes[l].d_y);
        free(model->nodes[l].x);
        free(model->nodes[l].d_x);
        model->nodes[l] = (kgi_node){0};
    }
    for (int c = 0; model->classes && c < model->n_classes; c++) {
        free(model->classes[c]);
    }
    free(model->classes);
    free(model->output_names);
    free(model->params);
    kg_pipeline_destroy(model->pipeline);
    model->pipeline = NULL;
    model->classes = NULL;
    model->output_names = NULL;
    model->params = NULL;
    model->n_layers = model->n_segments = model->n_params = model->n_outputs = 0;
    model->n_features = model->n_classes = model->capacity = model->d_capacity = 0;
    memcpy(model->reduce, model->given_reduce, sizeof model->reduce);
}

void kg_model_destroy(kg_model *model)
{
    if (!model) {
        return;
    }
    unbuild(model);
    kg_circuit_destroy(model->circuit);
    kg_observable_destroy(model->observable);
    kgi_definition_destroy(model->definition);
    free(model);
}

/* ---- building -------------------------------------------------------------------------------------- */

void kgi_model_push_node(kg_model *model, kgi_layer *layer, const char *name, int n_inputs,
                         const int *inputs)
{
    const int l = model->n_layers;
    kgi_node *node = &model->nodes[l];
    KGI_ASSERT(l < KGI_MAX_LAYERS && n_inputs <= KGI_MAX_LAYER_INPUTS);
    *node = (kgi_node){
        .n_inputs = n_inputs, .first_param = model->n_params, .trains = layer->n_params > 0};
    (void)snprintf(node->name, sizeof node->name, "%s", name);
    for (int i = 0; i < n_inputs; i++) {
        node->inputs[i] = inputs[i];
        node->trains |= inputs[i] != KGI_FEATURES && model->nodes[inputs[i]].trains;
    }
    layer->draw = &model->draw;
    layer->place = (uint32_t)l;
    model->layers[l] = layer;
    model->n_layers = l + 1;
    model->n_outputs = layer->n_out;
    model->n_params += layer->n_params;
}

void kgi_model_push_layer(kg_model *model, kgi_layer *layer)
{
    char name[KGI_SEGMENT_NAME];
    const int before = model->n_layers ? model->n_layers - 1 : KGI_FEATURES;
    (void)snprintf(name, sizeof name, "%s%d", layer->info->name, model->n_layers + 1);
    kgi_model_push_node(model, layer, name, 1, &before);
}

void kgi_model_push_weights(kg_model *model, const char *name, int n, int fan_in)
{
    const int i = model->n_segments;
    const int first = i ? model->segments[i - 1].first + model->segments[i - 1].n : 0;
    if (n < 1) {
        return;
    }
    KGI_ASSERT(i < KGI_MAX_SEGMENTS);
    (void)snprintf(model->segment_names[i], KGI_SEGMENT_NAME, "%s", name);
    model->segments[i] = (kg_segment){model->segment_names[i], first, n};
    model->fan_in[i] = fan_in;
    model->n_segments++;
}

void kgi_model_push_segment(kg_model *model, const char *name, int n)
{
    kgi_model_push_weights(model, name, n, 0);
}

void kgi_model_push_segments(kg_model *model)
{
    const int last = model->n_layers - 1;
    const kgi_layer *layer = model->layers[last];
    for (int i = 0; i < layer->n_segments; i++) {
        char name[KGI_SEGMENT_NAME];
        (void)snprintf(name, sizeof name, "%.20s.%.10s", model->nodes[last].name,
                       layer->segments[i].name);
        kgi_model_push_weights(model, name, layer->segments[i].n, layer->segments[i].fan_in);
    }
}

int kgi_model_fan_in(const kg_model *model, int p)
{
    int lo = 0, hi = model->n_segments; /* the segment is in [lo, hi) */
    while (hi - lo > 1) {
        const int middle = lo + (hi - lo) / 2;
        if (p < model->segments[middle].first) {
            hi = middle;
        } else {
            lo = middle;
        }
    }
    return hi > lo ? model->fan_in[lo] : 0;
}

kg_status kgi_model_choose_loss(kg_model *model, kgi_output output, kg_error *err)
{
    model->loss = kgi_loss_find(model->options.loss, output);
    if (!model->loss) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "model \"%s\" has no loss \"%s\", only \"%s\"",
                        model->row->name, model->options.loss, model->row->loss);
    }
    return KG_OK;
}

int kgi_model_choose_size(const kg_model *model,
                          long long (*count)(const kg_model *model, int size), int given, int max)
{
    const long long target = model->options.target_params;
    if (target < 1) {
        return given;
    }
    int lo = 1, hi = max; /* the first size with at least so many parameters, or max */
    while (lo < hi) {
        const int middle = lo + (hi - lo) / 2;
        if (count(model, middle) < target) {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    const int below = lo > 1 ? lo - 1 : lo;
    return target - count(model, below) <= count(model, lo) - target ? below : lo;
}

static kg_status copy_classes(kg_model *model, const char *const *classes, kg_error *err)
{
    model->classes = calloc((size_t)model->n_classes, sizeof *model->classes);
    for (int c = 0; model->classes && c < model->n_classes; c++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", c);
        model->classes[c] = strdup(classes ? classes[c] : number);
        if (!model->classes[c]) {
            break;
        }
    }
    if (!model->classes || !model->classes[model->n_classes - 1]) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the names of %d classes",
                        model->n_classes);
    }
    return KG_OK;
}

static kg_status build_parts(kg_model *model, const char *const *classes, kg_error *err)
{
    kg_status status = copy_classes(model, classes, err);
    if (!status) {
        status = model->row->build(model, err);
    }
    if (status) {
        return status;
    }
    model->params = kgi_alloc((size_t)model->n_params + 1, sizeof *model->params);
    model->output_names = calloc((size_t)model->n_outputs, sizeof *model->output_names);
    if (!model->params || !model->output_names) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d parameters", model->n_params);
    }
    memset(model->params, 0, ((size_t)model->n_params + 1) * sizeof *model->params);
    for (int i = 0; i < model->n_outputs; i++) {
        model->row->output_name(model, i, model->output_names[i]);
    }
    return KG_OK;
}

kg_status kg_model_build(kg_model *model, int n_features, int n_classes, const char *const *classes,
                         kg_error *err)
{
    kg_pipeline *pipeline = model->pipeline; /* stays if kg_model_fit() calls */
    model->pipeline = NULL;
    char reduce[KGI_REDUCE_TEXT];
    memcpy(reduce, model->reduce, sizeof reduce);
    unbuild(model);
    model->pipeline = pipeline;
    memcpy(model->reduce, reduce, sizeof reduce);
    if (n_features < 0 || n_features > (1 << 24)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_features is %d, not in [0, %d]", n_features,
                        1 << 24);
    }
    if (n_classes == 0) {
        n_classes = model->definition ? kgi_definition_classes(model->definition) : 2;
    }
    if (n_classes < 2 || n_classes > KGI_MAX_CLASSES) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d class%s: a model tells 2 to %d classes apart",
                        n_classes, n_classes == 1 ? "" : "es", KGI_MAX_CLASSES);
    }
    model->n_features = n_features ? n_features : kgi_model_encoding_inputs(model);
    model->n_classes = n_classes;
    const kg_status status = build_parts(model, classes, err);
    if (status) {
        unbuild(model);
    }
    return status;
}

kg_status kg_model_fit(kg_model *model, const kg_dataset *train, kg_error *err)
{
    unbuild(model);
    const int n_classes = kg_dataset_n_classes(train);
    if (n_classes < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "data set \"%s\" has no labels to learn",
                        kg_dataset_name(train));
    }
    const char **names = calloc((size_t)n_classes, sizeof *names);
    if (!names) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the names of %d classes", n_classes);
    }
    for (int c = 0; c < n_classes; c++) {
        names[c] = kg_dataset_class_name(train, c);
    }
    kg_status status = kgi_pipeline_prepare(model, train, err);
    if (!status) {
        status =
            kg_model_build(model, kg_pipeline_n_outputs(model->pipeline), n_classes, names, err);
    }
    free(names);
    return status;
}
