/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum convolutional network of Hur, Kim, Park (arXiv:2108.00661): features are encoded into
 * qubits, stages of convolution (one shared two-qubit block each) and pooling leave one qubit, and that
 * one is read out: its <Z> for mse, the probabilities of its outcomes for ce.
 *
 * The paper counts wires from the left; wire w is our qubit w, and only the amplitude encoding has to
 * be told (it is, in the circuit room). Parameters are [conv1 | conv2 | ... | pool1 | pool2 | ...]. */
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/circuit.h"

/* ---- what does not depend on data ------------------------------------------------------------------ */

static kg_status make_circuit(kg_model *model, kg_error *err)
{
    const kg_model_options *options = &model->options;
    kg_status status = kg_circuit_create(&model->circuit, options->qubits, err);
    if (!status) {
        status = kg_circuit_add_encoding(model->circuit, kg_encoding_find(options->encoding), err);
    }
    if (!status) {
        status = kg_circuit_add_qcnn(model->circuit, kg_wiring_find(options->wiring),
                                     kg_ansatz_find(options->ansatz),
                                     kg_pooling_find(options->pooling), &model->readout, err);
    }
    return status;
}

static kg_status make_observable(kg_model *model, int probs, kg_error *err)
{
    kg_status status = kg_observable_create(&model->observable, model->options.qubits, err);
    if (!status && probs) {
        status = kg_observable_add_probs(model->observable, 1, &model->readout, err);
    } else if (!status) {
        char word[16];
        (void)snprintf(word, sizeof word, "Z%d", model->readout);
        status = kg_observable_add(model->observable, 0, 1.0, word, err);
    }
    return status;
}

static kg_status qcnn_create(kg_model *model, kg_error *err)
{
    const kg_model_options *options = &model->options;
    const kg_block *ansatz = kg_ansatz_find(options->ansatz);
    if (options->params_per_block > 0 && options->params_per_block != ansatz->n_params) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "params_per_block is %d, but ansatz \"%s\" has %d parameters per block",
                        options->params_per_block, ansatz->name, ansatz->n_params);
    }
    const int probs = strcmp(options->loss, "ce") == 0;
    kgi_output output = KGI_OUTPUT_EXPVAL;
    if (probs) {
        output = model->compat->reversed_ce ? KGI_OUTPUT_PROBS_REVERSED : KGI_OUTPUT_PROBS;
    }
    kg_status status = kgi_model_choose_loss(model, output, err);
    if (!status) {
        status = make_circuit(model, err);
    }
    if (!status) {
        status = make_observable(model, probs, err);
    }
    return status;
}

/* ---- layers ---------------------------------------------------------------------------------------- */

/* layer_of[p] = the circuit's layer in which parameter p occurs first. */
static void find_layers(const kg_circuit *circuit, int *layer_of)
{
    for (int p = 0; p < circuit->n_params; p++) {
        layer_of[p] = -1;
    }
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const kg_slot *slots = op->kind == KGI_OP_GATE ? kgi_op_slots(circuit, op) : NULL;
        for (int s = 0; slots && s < kg_gate_n_params((int)op->gate); s++) {
            if (slots[s].kind == KG_SLOT_PARAM && layer_of[slots[s].index] < 0) {
                layer_of[slots[s].index] = op->layer;
            }
        }
    }
}

/* "conv 1" as the name of a tensor: "conv1" */
static void without_blanks(char name[KGI_SEGMENT_NAME], const char *text)
{
    int n = 0;
    for (; *text && n < KGI_SEGMENT_NAME - 1; text++) {
        if (*text != ' ') {
            name[n++] = *text;
        }
    }
    name[n] = '\0';
}

/* One segment per run of parameters that a layer of the circuit introduces, by its name. */
static kg_status push_segments(kg_model *model, kg_error *err)
{
    const kg_circuit *circuit = model->circuit;
    int *layer_of = calloc((size_t)circuit->n_params + 1, sizeof *layer_of);
    if (!layer_of) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the parameters' names");
    }
    find_layers(circuit, layer_of);
    for (int first = 0; first < circuit->n_params;) {
        int end = first + 1;
        while (end < circuit->n_params && layer_of[end] == layer_of[first]) {
            end++;
        }
        const int layer = layer_of[first];
        char name[KGI_SEGMENT_NAME];
        without_blanks(name, layer < 0 ? "params" : circuit->layers[layer]);
        kgi_model_push_segment(model, name, end - first);
        first = end;
    }
    free(layer_of);
    return KG_OK;
}

static kg_status qcnn_build(kg_model *model, kg_error *err)
{
    const kg_model_options *options = &model->options;
    if (model->n_classes != 2) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "model \"qcnn\" tells 2 classes apart, the data have %d: choose 2 of them",
                        model->n_classes);
    }
    const int n_inputs = kgi_model_encoding_inputs(model);
    if (model->n_features > n_inputs) {
        return kgi_fail(err, KG_ERR_SHAPE,
                        "%d features, but encoding \"%s\" takes at most %d on %d qubits",
                        model->n_features, options->encoding, n_inputs, options->qubits);
    }
    kg_plan_options plan_options = KG_PLAN_OPTIONS_INIT;
    plan_options.precision = options->precision;
    plan_options.threads = options->threads;
    kgi_layer *layer = NULL;
    kg_status status = kgi_quantum_create(&layer, model->circuit, model->observable,
                                          model->n_features, &plan_options, err);
    if (status) {
        return status;
    }
    kgi_model_push_layer(model, layer);
    return push_segments(model, err);
}

static void qcnn_output_name(const kg_model *model, int i, char *text)
{
    if (model->loss->output == KGI_OUTPUT_EXPVAL) {
        (void)snprintf(text, KGI_OUTPUT_NAME, "<Z%d>", model->readout);
    } else {
        (void)snprintf(text, KGI_OUTPUT_NAME, "p(q%d=%d)", model->readout, i);
    }
}

const kgi_model_row kgi_model_qcnn = {
    .name = "qcnn",
    .help = "quantum convolutional network of two-qubit blocks, 8 qubits (Hur, Kim, Park 2022)",
    .loss = "mse",
    .init = "normal",
    .has_circuit = 1,
    .create = qcnn_create,
    .build = qcnn_build,
    .output_name = qcnn_output_name,
};
