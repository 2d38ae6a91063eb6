/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the table of layers: the features that come in, or a layer with its kind, its options, its
 * name and what it reads. Options come from the table of the layer's kind. */
#include <stdio.h>
#include <string.h>

#include "model/definition.h"

enum { MAX_KEYS = 16, MAX_KINDS = 64 };

static const char features_name[] = "features";
static const char input_kind[] = "input";

/* ---- the features ---------------------------------------------------------------------------------- */

static kg_status read_shape(kgi_shape *shape, const kgi_yaml_node *list, kg_error *err)
{
    int *const sides[] = {&shape->channels, &shape->height, &shape->width};
    kg_status status = kgi_yaml_check_kind(list, KGI_YAML_LIST, "shape", err);
    if (!status && list->n != 3) {
        status = kgi_yaml_fail(list, err, "shape has %d numbers, not channels, height and width",
                               list->n);
    }
    const kgi_yaml_node *item = !status ? list->first : NULL;
    for (int i = 0; item && !status; item = item->next, i++) {
        status = kgi_yaml_int(item, "shape", 1, KGI_MAX_LAYER_VALUES, sides[i], err);
    }
    if (!status && !kgi_shape_size(*shape)) {
        status = kgi_yaml_fail(list, err, "shape has more than %d numbers", KGI_MAX_LAYER_VALUES);
    }
    return status;
}

static kg_status read_input(kgi_definition *d, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"kind", "shape", "range"};
    static const char *const ranges[] = {"auto", "angles", "plain"};
    const kgi_yaml_node *shape = kgi_yaml_get(node, "shape");
    const kgi_yaml_node *range = kgi_yaml_get(node, "range");
    const char *text = ranges[KGI_RANGE_AUTO];
    d->input.node = node;
    kg_status status = kgi_yaml_check_keys(node, "input", keys, 3, sizeof *keys, err);
    if (!status && shape) {
        status = read_shape(&d->input.shape, shape, err);
    }
    if (!status && range) {
        status = kgi_yaml_text(range, "range", &text, err);
    }
    int i = 0;
    while (!status && i < 3 && strcmp(ranges[i], text) != 0) {
        i++;
    }
    d->input.range = (kgi_range)(i < 3 ? i : 0);
    return status || i < 3 ? status : kgi_defined_unknown(range, "range", text, ranges, 3, err);
}

/* ---- one layer ------------------------------------------------------------------------------------- */

static kg_status find_kind(kgi_defined_layer *layer, const char *text, const kgi_yaml_node *node,
                           kg_error *err)
{
    const char *names[MAX_KINDS];
    int n = 0;
    layer->kind = kgi_layer_kind_find(text);
    if (layer->kind) {
        kgi_layer_options_init(&layer->options, layer->kind);
        return KG_OK;
    }
    if (strcmp(text, input_kind) == 0) {
        return kgi_yaml_fail(node, err, "input is not the first of the layers");
    }
    for (; n < MAX_KINDS && kgi_layer_kind_get(n); n++) {
        names[n] = kgi_layer_kind_get(n)->name;
    }
    return kgi_defined_unknown(node, "kind", text, names, n, err);
}

/* A field of the options from a scalar. */
static kg_status set_number(kgi_defined_layer *layer, const kg_option *row, size_t offset,
                            const kgi_yaml_node *node, kg_error *err)
{
    void *field = (char *)&layer->options + row->offset + offset;
    if (row->type == KG_OPTION_DOUBLE) {
        return kgi_yaml_double(node, row->name, row->lo, row->hi, field, err);
    }
    return kgi_yaml_int(node, row->name, (int)row->lo, (int)row->hi, field, err);
}

static kg_status set_option(kgi_definition *d, kgi_defined_layer *layer, const kg_option *row,
                            const kgi_yaml_node *node, kg_error *err)
{
    if (row->type == KG_OPTION_TEXT) { /* the only texts are names of circuits */
        const char *names[KGI_MAX_CIRCUITS];
        const char *text = NULL;
        const kg_status status = kgi_yaml_text(node, row->name, &text, err);
        for (int i = 0; i < d->n_circuits && !status; i++) {
            names[i] = d->circuits[i].name;
            if (strcmp(names[i], text) == 0) {
                layer->circuit = i;
                return KG_OK;
            }
        }
        return status ? status
                      : kgi_defined_unknown(node, row->name, text, names, d->n_circuits, err);
    }
    if (strcmp(row->name, "units") == 0 && node->kind == KGI_YAML_SCALAR &&
        strcmp(node->text, "classes") == 0) {
        layer->units_are_classes = 1;
        return KG_OK;
    }
    if (!kgi_layer_option_is_pair(row)) {
        return set_number(layer, row, 0, node, err);
    }
    if (node->kind == KGI_YAML_LIST && node->n != 2) {
        return kgi_yaml_fail(node, err, "%s has %d numbers, not height and width", row->name,
                             node->n);
    }
    const int is_list = node->kind == KGI_YAML_LIST;
    const kg_status status = set_number(layer, row, 0, is_list ? node->first : node, err);
    return status ? status
                  : set_number(layer, row, sizeof(int), is_list ? node->first->next : node, err);
}

/* The circuit of a quantum or patch layer that names none: the only one. */
static kg_status choose_circuit(kgi_definition *d, kgi_defined_layer *layer, kg_error *err)
{
    if (layer->circuit < 0 && d->n_circuits != 1) {
        return kgi_yaml_fail(layer->node, err,
                             d->n_circuits ? "a %s layer needs circuit: there are %d"
                                           : "a %s layer needs a circuit: there are %d",
                             layer->kind->name, d->n_circuits);
    }
    layer->circuit = layer->circuit < 0 ? 0 : layer->circuit;
    d->circuits[layer->circuit].is_used = 1;
    return KG_OK;
}

static kg_status read_options(kgi_definition *d, kgi_defined_layer *layer, kg_error *err)
{
    const char *keys[MAX_KEYS] = {"kind", "name", "from"};
    const kgi_layer_info *kind = layer->kind;
    KGI_ASSERT(kind->n_options + 3 <= MAX_KEYS);
    for (int i = 0; i < kind->n_options; i++) {
        keys[3 + i] = kind->options[i].name;
    }
    kg_status status = KG_OK;
    if (layer->node->kind == KGI_YAML_MAP) {
        status = kgi_yaml_check_keys(layer->node, kind->name, keys, 3 + kind->n_options,
                                     sizeof *keys, err);
    }
    for (int i = 0; i < kind->n_options && !status; i++) {
        const kg_option *row = &kind->options[i];
        const kgi_yaml_node *value = kgi_yaml_get(layer->node, row->name);
        if (value) {
            status = set_option(d, layer, row, value, err);
        } else if (!row->default_text) {
            status = kgi_yaml_fail(layer->node, err, "a %s layer needs %s: %s", kind->name,
                                   row->name, row->help);
        } else if (row->type == KG_OPTION_TEXT) {
            status = choose_circuit(d, layer, err);
        }
    }
    if (!status && layer->circuit >= 0) {
        status = choose_circuit(d, layer, err);
    }
    return status;
}

/* Letters, digits, _ and -; names of tensors in files are made of it. */
static kg_status read_name(const kgi_definition *d, kgi_defined_layer *layer, kg_error *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const kgi_yaml_node *node = kgi_yaml_get(layer->node, "name");
    const char *text = NULL;
    int same = 1;
    for (int i = 0; i < d->n_layers; i++) {
        same += d->layers[i].kind == layer->kind;
    }
    (void)snprintf(layer->name, sizeof layer->name, "%.9s_%d", layer->kind->name, same);
    kg_status status = node ? kgi_yaml_text(node, "name", &text, err) : KG_OK;
    if (!status && text) {
        const size_t length = strlen(text);
        if (length >= sizeof layer->name || strspn(text, letters) != length ||
            strcmp(text, features_name) == 0) {
            return kgi_yaml_fail(node, err,
                                 "name is \"%.40s\", not 1 to %d letters, digits, _ or - (and not "
                                 "features)",
                                 text, KGI_LAYER_NAME - 1);
        }
        (void)snprintf(layer->name, sizeof layer->name, "%s", text);
    }
    for (int i = 0; i < d->n_layers && !status; i++) {
        if (strcmp(d->layers[i].name, layer->name) == 0) {
            status = kgi_yaml_fail(node ? node : layer->node, err,
                                   "there is a layer \"%s\" already, in line %d", layer->name,
                                   d->layers[i].node->line);
        }
    }
    return status;
}

/* ---- what a layer reads ---------------------------------------------------------------------------- */

static kg_status read_from(kgi_definition *d, kgi_defined_layer *layer, const kgi_yaml_node *node,
                           kg_error *err)
{
    const char *names[KGI_MAX_LAYERS + 1];
    const char *text = NULL;
    int n = 0;
    kg_status status = kgi_yaml_text(node, "from", &text, err);
    if (status) {
        return status;
    }
    if (layer->n_inputs == KGI_MAX_LAYER_INPUTS) {
        return kgi_yaml_fail(node, err, "from has more than %d layers", KGI_MAX_LAYER_INPUTS);
    }
    if (strcmp(text, features_name) == 0) {
        layer->inputs[layer->n_inputs++] = KGI_FEATURES;
        return KG_OK;
    }
    names[n++] = features_name;
    for (int i = 0; i < d->n_layers; i++) {
        names[n++] = d->layers[i].name;
        if (strcmp(d->layers[i].name, text) == 0) {
            layer->inputs[layer->n_inputs++] = i;
            return KG_OK;
        }
    }
    return kgi_defined_unknown(node, "from", text, names, n, err);
}

/* Without from, the layer before it; the features for the first. */
static kg_status read_inputs(kgi_definition *d, kgi_defined_layer *layer, kg_error *err)
{
    const kgi_yaml_node *from = kgi_yaml_get(layer->node, "from");
    kg_status status = KG_OK;
    if (!from) {
        layer->inputs[layer->n_inputs++] = d->n_layers - 1;
    } else if (from->kind != KGI_YAML_LIST) {
        status = read_from(d, layer, from, err);
    } else if (!from->first || (from->n > 1 && !layer->kind->joins)) {
        status = kgi_yaml_fail(from, err, "from has %d layers, but %s takes %s", from->n,
                               layer->kind->name, layer->kind->joins ? "at least one" : "one");
    } else {
        for (const kgi_yaml_node *i = from->first; i && !status; i = i->next) {
            status = read_from(d, layer, i, err);
        }
    }
    for (int i = 0; i < layer->n_inputs && !status; i++) {
        if (layer->inputs[i] != KGI_FEATURES) {
            d->layers[layer->inputs[i]].is_read = 1;
        }
    }
    layer->options.n_inputs = layer->n_inputs;
    return status;
}

/* ---- a row ------------------------------------------------------------------------------------------------ */

kg_status kgi_defined_layer_read(kgi_definition *d, const kgi_yaml_node *node, kg_error *err)
{
    kgi_defined_layer *layer = &d->layers[d->n_layers];
    const kgi_yaml_node *kind = node->kind == KGI_YAML_SCALAR ? node : kgi_yaml_get(node, "kind");
    const char *text = NULL;
    *layer = (kgi_defined_layer){.node = node, .circuit = -1};
    if (node->kind == KGI_YAML_LIST || !kind) {
        return kgi_yaml_fail(node, err, "a layer is a kind, or a map with kind");
    }
    kg_status status = kgi_yaml_text(kind, "kind", &text, err);
    if (!status && node->kind == KGI_YAML_MAP && strcmp(text, input_kind) == 0 && !d->n_layers &&
        !d->input.node) {
        return read_input(d, node, err);
    }
    if (!status) {
        status = find_kind(layer, text, kind, err);
    }
    if (!status) {
        status = read_options(d, layer, err);
    }
    if (!status) {
        status = read_name(d, layer, err);
    }
    if (!status) {
        status = read_inputs(d, layer, err);
    }
    d->n_layers += !status;
    return status;
}
