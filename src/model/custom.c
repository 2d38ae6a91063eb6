/* SPDX-License-Identifier: Apache-2.0 */
/* A model from a definition: what definition.c has read becomes layers, once the number of features and
 * classes is known. Messages name the layer and its line.
 *
 * What the outputs are follows from the last layer:
 *   softmax, probabilities of a circuit    probabilities: loss ce (auto) or mse
 *   one expectation value of a circuit     +1 is class 0, -1 is class 1: loss mse (auto)
 *   anything else                          logits: loss ce */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/definition.h"

/* ---- what does not depend on data ------------------------------------------------------------------ */

static const kgi_defined_layer *last_layer(const kg_model *model)
{
    return &model->definition->layers[model->definition->n_layers - 1];
}

/* What the last layer measures, if it is a quantum layer; else NULL. */
static const kgi_defined_circuit *last_circuit(const kg_model *model)
{
    const kgi_defined_layer *last = last_layer(model);
    return last->kind == &kgi_layer_quantum ? &model->definition->circuits[last->circuit] : NULL;
}

static int puts_out_probs(const kg_model *model)
{
    const kgi_defined_circuit *circuit = last_circuit(model);
    return circuit ? circuit->is_probs : last_layer(model)->kind == &kgi_layer_softmax;
}

static kg_status choose_loss(kg_model *model, kg_error *err)
{
    const kgi_defined_circuit *circuit = last_circuit(model);
    const int is_expval = circuit && !circuit->is_probs && circuit->n_outputs == 1;
    const int is_auto = strcmp(model->given_loss, "auto") == 0;
    model->options.loss = is_auto ? (is_expval ? "mse" : "ce") : model->given_loss;
    kgi_output output = puts_out_probs(model) ? KGI_OUTPUT_JOINT : KGI_OUTPUT_LOGITS;
    if (is_expval && strcmp(model->options.loss, "mse") == 0) {
        output = KGI_OUTPUT_EXPVAL;
    }
    model->loss = kgi_loss_find(model->options.loss, output);
    if (!model->loss) {
        return kgi_yaml_fail(last_layer(model)->node, err,
                             "loss \"%s\" takes probabilities or one expectation value, but layer "
                             "\"%s\" puts out others",
                             model->options.loss, last_layer(model)->name);
    }
    return KG_OK;
}

/* The features that the definition asks for: those of the shape, or the inputs of the circuits that read
 * them. */
static void find_wanted(kg_model *model)
{
    const kgi_definition *d = model->definition;
    const kgi_shape shape = d->input.shape;
    int all_circuits = 1, n = 0;
    for (int i = 0; i < d->n_layers; i++) {
        const kgi_defined_layer *layer = &d->layers[i];
        for (int j = 0; j < layer->n_inputs; j++) {
            if (layer->inputs[j] == KGI_FEATURES && layer->kind == &kgi_layer_quantum) {
                const int inputs = kg_circuit_n_inputs(d->circuits[layer->circuit].circuit);
                n = n == 0 || inputs < n ? inputs : n; /* what all of them can take */
            } else if (layer->inputs[j] == KGI_FEATURES) {
                all_circuits = 0;
            }
        }
    }
    model->wants_angles = d->input.range == KGI_RANGE_ANGLES;
    model->wants_features = shape.width ? kgi_shape_size(shape) : all_circuits ? n : 0;
    model->wants_image = shape.width ? shape.height > 1 && shape.height == shape.width
                                     : all_circuits && !model->wants_angles;
}

static kg_status custom_create(kg_model *model, kg_error *err)
{
    const char *text = model->options.definition;
    const char *name = model->options.definition_name;
    model->options.definition = model->options.definition_name = NULL; /* not ours to keep */
    if (!text) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "model \"custom\" is made from a definition: a YAML file with layers or a "
                        "circuit");
    }
    kg_status status =
        kgi_definition_parse(&model->definition, name ? name : "definition", text, err);
    if (!status) {
        model->options.definition = model->definition->source;
        model->options.definition_name = kgi_yaml_root(model->definition->file)->path;
        find_wanted(model);
        status = choose_loss(model, err);
    }
    return status;
}

/* ---- layers ---------------------------------------------------------------------------------------- */

/* What went wrong with a layer, with its place in front. */
static kg_status fail_at(const kgi_defined_layer *layer, const kg_error *said, kg_error *err)
{
    return said->status == KG_ERR_MEMORY
               ? kgi_fail(err, KG_ERR_MEMORY, "layer \"%s\": %s", layer->name, said->message)
               : kgi_yaml_fail(layer->node, err, "layer \"%s\": %s", layer->name, said->message);
}

/* The shape in which the first layers see the features. */
static kg_status find_shape(kg_model *model, kg_error *err)
{
    const kgi_defined_input *input = &model->definition->input;
    int height = model->image[0], width = model->image[1];
    if (!input->shape.width) {
        if (model->pipeline) {
            kgi_pipeline_image(model->pipeline, &height, &width);
        }
        model->shape =
            height ? (kgi_shape){1, height, width} : (kgi_shape){1, 1, model->n_features};
        return KG_OK;
    }
    model->shape = input->shape;
    if (kgi_shape_size(input->shape) != model->n_features) {
        char text[KGI_SHAPE_TEXT];
        kgi_shape_format(input->shape, text);
        return kgi_yaml_fail(input->node, err, "shape is %s, but there are %d features", text,
                             model->n_features);
    }
    return KG_OK;
}

static kg_status add_layer(kg_model *model, const kgi_defined_layer *layer, kg_error *err)
{
    const kgi_definition *d = model->definition;
    kgi_shape in[KGI_MAX_LAYER_INPUTS];
    kgi_layer_options options = layer->options;
    kg_plan_options plan = KG_PLAN_OPTIONS_INIT;
    kgi_layer *built = NULL;
    kg_error said = {0};
    for (int i = 0; i < layer->n_inputs; i++) {
        in[i] =
            layer->inputs[i] == KGI_FEATURES ? model->shape : model->layers[layer->inputs[i]]->out;
    }
    options.in = in;
    options.units = layer->units_are_classes ? model->n_classes : options.units;
    plan.precision = model->options.precision;
    plan.threads = model->options.threads;
    options.plan = &plan;
    if (layer->circuit >= 0) {
        options.gates = d->circuits[layer->circuit].circuit;
        options.observable = d->circuits[layer->circuit].observable;
    }
    if (kgi_layer_create(&built, layer->kind, &options, &said)) {
        return fail_at(layer, &said, err);
    }
    if (built->n_params > KGI_MAX_MODEL_PARAMS - model->n_params) {
        kgi_layer_destroy(built);
        return kgi_yaml_fail(layer->node, err, "layer \"%s\": more than %d parameters in all",
                             layer->name, KGI_MAX_MODEL_PARAMS);
    }
    kgi_model_push_node(model, built, layer->name, layer->n_inputs, layer->inputs);
    kgi_model_push_segments(model);
    return KG_OK;
}

/* The outputs must be what the loss makes of them, for so many classes. */
static kg_status check_outputs(const kg_model *model, kg_error *err)
{
    const int n = model->n_outputs, n_classes = model->n_classes;
    const int is_joint = last_circuit(model) && model->loss->output == KGI_OUTPUT_JOINT;
    const int fits = model->loss->output == KGI_OUTPUT_EXPVAL ? n_classes == 2
                     : is_joint                               ? n >= n_classes
                     : n == 1 ? n_classes == 2 && model->loss->output == KGI_OUTPUT_LOGITS
                              : n == n_classes;
    return fits ? KG_OK
                : kgi_yaml_fail(last_layer(model)->node, err,
                                "layer \"%s\", the last, puts out %d number%s, but there are %d "
                                "classes",
                                last_layer(model)->name, n, n == 1 ? "" : "s", n_classes);
}

static kg_status custom_build(kg_model *model, kg_error *err)
{
    const kgi_definition *d = model->definition;
    if (model->n_features < 1) {
        return kgi_yaml_fail(d->layers[0].node, err,
                             "the definition takes any number of features: begin layers with "
                             "{kind: input, shape: [channels, height, width]}, or give data");
    }
    kg_status status = find_shape(model, err);
    for (int i = 0; i < d->n_layers && !status; i++) {
        status = add_layer(model, &d->layers[i], err);
    }
    return status ? status : check_outputs(model, err);
}

static void custom_output_name(const kg_model *model, int i, char *text)
{
    const kgi_defined_circuit *circuit = last_circuit(model);
    if (circuit) {
        (void)snprintf(text, KGI_OUTPUT_NAME, "%s", circuit->outputs[i]);
    } else if (puts_out_probs(model)) {
        (void)snprintf(text, KGI_OUTPUT_NAME, "p(class %d)", i);
    } else {
        (void)snprintf(text, KGI_OUTPUT_NAME, "logit %d", model->n_outputs == 1 ? 1 : i);
    }
}

const kgi_model_row kgi_model_custom = {
    .name = "custom",
    .help = "layers and circuits of your own, from a YAML file",
    .loss = "ce",
    .init = "fan-in",
    .is_defined = 1,
    .create = custom_create,
    .build = custom_build,
    .output_name = custom_output_name,
};
