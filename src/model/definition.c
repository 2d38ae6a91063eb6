/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: finding circuits and layers in the text, and reading the table of layers.
 *
 *   circuits: {main: {...}, other: {...}}      or circuit: {qubits: ...}, a single one
 *   layers:
 *     - {kind: input, shape: [1, 8, 8]}        may be missing
 *     - {kind: conv2d, filters: 4, size: 3}
 *     - relu                                   a kind without options
 *     - {name: left, kind: dense, units: 2}
 *     - {kind: concat, from: [left, features]}
 *
 * What is read here does not depend on data: shapes follow when the model is built (custom.c). */
#include "model/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_KEYS = 16, MAX_KINDS = 64 };

static const char features_name[] = "features";
static const char input_kind[] = "input";

/* ---- circuits -------------------------------------------------------------------------------------- */

static kg_status read_circuit(kgi_definition *d, const kgi_yaml_node *node, const char *name,
                              kg_error *err)
{
    if (d->n_circuits == KGI_MAX_CIRCUITS) {
        return kgi_yaml_fail(node, err, "more than %d circuits", KGI_MAX_CIRCUITS);
    }
    kgi_defined_circuit *circuit = &d->circuits[d->n_circuits++];
    circuit->name = name;
    return kgi_defined_circuit_read(circuit, node, err);
}

/* A map of circuits by name; a map with qubits is a circuit itself, called main. */
static kg_status read_circuits(kgi_definition *d, const kgi_yaml_node *map, kg_error *err)
{
    kg_status status = map ? kgi_yaml_check_kind(map, KGI_YAML_MAP, "circuit", err) : KG_OK;
    if (status || !map) {
        return status;
    }
    if (kgi_yaml_get(map, "qubits") || kgi_yaml_get(map, "ops")) {
        return read_circuit(d, map, "main", err);
    }
    for (const kgi_yaml_node *item = map->first; item && !status; item = item->next) {
        status = read_circuit(d, item, item->key, err);
    }
    return status;
}

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

/* ---- the table of layers --------------------------------------------------------------------------- */

static kg_status read_layer(kgi_definition *d, const kgi_yaml_node *node, kg_error *err)
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

/* A circuit alone is a model: one quantum layer on the features. */
static kg_status add_circuit_layer(kgi_definition *d, const kgi_yaml_node *circuit, kg_error *err)
{
    kgi_defined_layer *layer = &d->layers[0];
    if (d->n_circuits != 1) {
        return kgi_yaml_fail(circuit, err, "%d circuits, and no layers that use them",
                             d->n_circuits);
    }
    *layer = (kgi_defined_layer){.node = circuit, .kind = &kgi_layer_quantum, .n_inputs = 1};
    kgi_layer_options_init(&layer->options, layer->kind);
    layer->inputs[0] = KGI_FEATURES;
    (void)snprintf(layer->name, sizeof layer->name, "circuit");
    d->circuits[0].is_used = 1;
    d->n_layers = 1;
    return KG_OK;
}

static kg_status read_layers(kgi_definition *d, const kgi_yaml_node *list,
                             const kgi_yaml_node *circuit, kg_error *err)
{
    kg_status status = list ? kgi_yaml_check_kind(list, KGI_YAML_LIST, "layers", err) : KG_OK;
    if (!status && list && list->n > KGI_MAX_LAYERS) {
        status = kgi_yaml_fail(list, err, "%d layers, not at most %d", list->n, KGI_MAX_LAYERS);
    }
    if (!status) {
        d->layers = calloc(KGI_MAX_LAYERS, sizeof *d->layers);
        status = d->layers ? KG_OK : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate layers");
    }
    if (!status && !list) {
        return add_circuit_layer(d, circuit, err);
    }
    const kgi_yaml_node *item = !status ? list->first : NULL;
    for (; item && !status; item = item->next) {
        status = read_layer(d, item, err);
    }
    if (!status && !d->n_layers) {
        status = kgi_yaml_fail(list, err, "there are no layers");
    }
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static kg_status check_used(const kgi_definition *d, kg_error *err)
{
    for (int i = 0; i < d->n_layers - 1; i++) {
        if (!d->layers[i].is_read) {
            return kgi_yaml_fail(d->layers[i].node, err, "layer \"%s\" is read by no other layer",
                                 d->layers[i].name);
        }
    }
    for (int i = 0; i < d->n_circuits; i++) {
        if (!d->circuits[i].is_used) {
            return kgi_yaml_fail(d->circuits[i].node, err, "circuit \"%s\" is used by no layer",
                                 d->circuits[i].name);
        }
    }
    return KG_OK;
}

/* Angles, unless a circuit that reads the features takes them as amplitudes. */
static void choose_range(kgi_definition *d)
{
    int amplitudes = 0;
    for (int i = 0; i < d->n_layers; i++) {
        for (int j = 0; j < d->layers[i].n_inputs && d->layers[i].circuit >= 0; j++) {
            amplitudes |= d->layers[i].inputs[j] == KGI_FEATURES &&
                          d->circuits[d->layers[i].circuit].has_amplitudes;
        }
    }
    if (d->input.range == KGI_RANGE_AUTO) {
        d->input.range = amplitudes ? KGI_RANGE_PLAIN : KGI_RANGE_ANGLES;
    }
}

/* The definition without what stands around it, nor comments and layout. */
static kg_status write_text(kgi_definition *d, const kgi_yaml_node *circuit,
                            const kgi_yaml_node *layers, kg_error *err)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "{");
    if (circuit) {
        kgi_text_printf(&text, "\"circuit\": ");
        kgi_yaml_json(circuit, &text);
    }
    if (layers) {
        kgi_text_printf(&text, "%s\"layers\": ", circuit ? ", " : "");
        kgi_yaml_json(layers, &text);
    }
    kgi_text_printf(&text, "}");
    return kgi_text_finish(&text, &d->text, err);
}

static kg_status parse(kgi_definition *d, kg_error *err)
{
    const kgi_yaml_node *root = kgi_yaml_root(d->file);
    const kgi_yaml_node *model = kgi_yaml_get(root, "model");
    const kgi_yaml_node *at =
        model && (kgi_yaml_get(model, "layers") || kgi_yaml_get(model, "circuit") ||
                  kgi_yaml_get(model, "circuits"))
            ? model
            : root;
    const kgi_yaml_node *layers = kgi_yaml_get(at, "layers");
    const kgi_yaml_node *circuit = kgi_yaml_get(at, "circuit");
    const kgi_yaml_node *circuits = kgi_yaml_get(at, "circuits");
    if (circuit && circuits) {
        return kgi_yaml_fail_key(circuits, err, "circuits stands beside circuit: one is enough");
    }
    circuit = circuit ? circuit : circuits;
    if (!layers && !circuit) {
        return kgi_yaml_fail(root, err, "no layers and no circuit, at the top or under model");
    }
    kg_status status = read_circuits(d, circuit, err);
    if (!status) {
        status = read_layers(d, layers, circuit, err);
    }
    if (!status) {
        status = check_used(d, err);
    }
    if (!status) {
        choose_range(d);
        status = write_text(d, circuit, layers, err);
    }
    return status;
}

kg_status kgi_definition_parse(kgi_definition **out, const char *name, const char *text,
                               kg_error *err)
{
    *out = NULL;
    kgi_definition *d = calloc(1, sizeof *d);
    if (!d) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a definition");
    }
    d->source = strdup(text);
    kg_status status = d->source ? kgi_yaml_parse(&d->file, name, text, strlen(text), err)
                                 : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a definition");
    if (!status) {
        status = parse(d, err);
    }
    if (status) {
        kgi_definition_destroy(d);
        return status;
    }
    *out = d;
    return KG_OK;
}

int kgi_definition_classes(const kgi_definition *d)
{
    const kgi_defined_layer *last = &d->layers[d->n_layers - 1];
    int n = 0;
    if (last->kind == &kgi_layer_softmax && last->inputs[0] != KGI_FEATURES) {
        last = &d->layers[last->inputs[0]];
    }
    if (last->kind == &kgi_layer_dense && !last->units_are_classes) {
        n = last->options.units;
    } else if (last->kind == &kgi_layer_quantum) {
        n = d->circuits[last->circuit].n_outputs;
    }
    return n > 2 ? n : 2;
}

void kgi_definition_destroy(kgi_definition *d)
{
    if (!d) {
        return;
    }
    for (int i = 0; i < d->n_circuits; i++) {
        kgi_defined_circuit_clear(&d->circuits[i]);
    }
    kgi_yaml_destroy(d->file);
    free(d->layers);
    free(d->source);
    free(d->text);
    free(d);
}
