/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions: finding circuits and layers in the text; what must hold for all of them together. A row of
 * the table of layers is read in defined_layer.c.
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

/* ---- the table of layers --------------------------------------------------------------------------- */

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
        status = kgi_defined_layer_read(d, item, err);
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
