/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum convolutional network of Hur, Kim, Park (arXiv:2108.00661): features are encoded into
 * qubits, stages of convolution (one shared two-qubit block each) and pooling leave one qubit, and that
 * one is read out: its <Z> for mse, the probabilities of its outcomes for ce.
 *
 * More than two classes are ours: pooling stops at m = ceil(log2 classes) qubits, which are convolved once
 * more, and class c is the outcome c of their joint measurement, the first of them being its least
 * significant bit. The last 2^m - classes outcomes are nobody's.
 *
 * The hierarchical classifier of Grant et al. (arXiv:1804.03680) is the same with the wiring "tree".
 *
 * The paper counts wires from the left; wire w is our qubit w, and only the amplitude encoding has to
 * be told (it is, in the circuit room). Parameters are [conv1 | conv2 | ... | pool1 | pool2 | ...]. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/circuit.h"

/* ---- circuit, observable and loss for a number of classes ------------------------------------------ */

static kg_status make_circuit(kg_circuit **out, const kg_model *model, int n_left, int *readouts,
                              kg_error *err)
{
    const kg_model_options *options = &model->options;
    kg_status status = kg_circuit_create(out, options->qubits, err);
    if (!status) {
        status = kg_circuit_add_arranged(*out, kg_encoding_find(options->encoding),
                                         options->arrangement, err);
    }
    if (!status) {
        status = kg_circuit_add_qcnn_to(*out, kg_wiring_find(options->wiring),
                                        kg_ansatz_find(options->ansatz),
                                        kg_pooling_find(options->pooling), n_left, readouts, err);
    }
    return status;
}

static kg_status make_observable(kg_observable **out, int n_qubits, int probs, int n_readouts,
                                 const int *readouts, kg_error *err)
{
    kg_status status = kg_observable_create(out, n_qubits, err);
    if (!status && probs) {
        status = kg_observable_add_probs(*out, n_readouts, readouts, err);
    } else if (!status) {
        char word[16];
        (void)snprintf(word, sizeof word, "Z%d", readouts[0]);
        status = kg_observable_add(*out, 0, 1.0, word, err);
    }
    return status;
}

/* Qubits whose outcomes are as many as the classes, or a few more. */
static int count_readouts(int n_classes)
{
    int m = 1;
    while (1 << m < n_classes) {
        m++;
    }
    return m;
}

static kg_status choose_loss(kg_model *model, int n_readouts, kg_error *err)
{
    const char *given = model->given_loss;
    if (strcmp(given, "auto") == 0) {
        given = n_readouts > 1 ? "ce" : model->row->loss;
    }
    model->options.loss = given;
    kgi_output output = n_readouts > 1 ? KGI_OUTPUT_JOINT : KGI_OUTPUT_EXPVAL;
    if (n_readouts == 1 && strcmp(given, "ce") == 0) {
        output = model->compat->reversed_ce ? KGI_OUTPUT_PROBS_REVERSED : KGI_OUTPUT_PROBS;
    }
    return kgi_model_choose_loss(model, output, err);
}

/* What the model has of it stays if it fits. */
static kg_status read_out(kg_model *model, int n_classes, kg_error *err)
{
    const int m = count_readouts(n_classes);
    const int n_qubits = model->options.qubits;
    int readouts[KG_MAX_QUBITS];
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    if (m == model->n_readouts) {
        return KG_OK;
    }
    if (m > n_qubits) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "%d classes need %d qubits to read out, but qubits is %d", n_classes, m,
                        n_qubits);
    }
    kg_status status = make_circuit(&circuit, model, m, readouts, err);
    if (status && m > 1) {
        status = kgi_fail_in(err, status, "%d classes: ", n_classes);
    }
    if (!status) {
        status = choose_loss(model, m, err);
    }
    if (!status) {
        const int probs = m > 1 || strcmp(model->options.loss, "ce") == 0;
        status = make_observable(&observable, n_qubits, probs, m, readouts, err);
    }
    if (status) {
        kg_circuit_destroy(circuit);
        kg_observable_destroy(observable);
        return status;
    }
    kg_circuit_destroy(model->circuit);
    kg_observable_destroy(model->observable);
    model->circuit = circuit;
    model->observable = observable;
    model->n_readouts = m;
    memcpy(model->readouts, readouts, (size_t)m * sizeof *readouts);
    return KG_OK;
}

/* ---- what does not depend on data ------------------------------------------------------------------ */

/* "auto" resolved; wiring is what the model takes it for. */
static kg_status create_wired(kg_model *model, const char *wiring, kg_error *err)
{
    kg_model_options *options = &model->options;
    const kg_block *ansatz = kg_ansatz_find(options->ansatz);
    if (options->params_per_block > 0 && options->params_per_block != ansatz->n_params) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "params_per_block is %d, but ansatz \"%s\" has %d parameters per block",
                        options->params_per_block, ansatz->name, ansatz->n_params);
    }
    if (strcmp(options->wiring, "auto") == 0) {
        options->wiring = wiring;
    }
    if (strcmp(options->pooling, "auto") == 0) {
        options->pooling = kg_wiring_pools(kg_wiring_find(options->wiring)) ? "zx" : "none";
    }
    return read_out(model, 2, err);
}

static kg_status qcnn_create(kg_model *model, kg_error *err)
{
    return create_wired(model, "ring", err);
}

static kg_status hierarchical_create(kg_model *model, kg_error *err)
{
    const char *wiring = model->options.wiring;
    if (strcmp(wiring, "auto") != 0 && strcmp(wiring, "tree") != 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "model \"hierarchical\" is a tree, so wiring cannot be \"%s\"", wiring);
    }
    return create_wired(model, "tree", err);
}

/* ---- rows ------------------------------------------------------------------------------------------ */

/* The amplitudes that an operation takes from the features, as far as there are some. */
static int n_amplitudes(const kg_model *model, const kgi_op *op)
{
    const int n = 1 << op->n_qubits;
    const int left = model->n_features - op->first_input;
    return op->kind != KGI_OP_AMPLITUDES ? 0 : left < n ? left : n;
}

/* Every block of amplitudes needs a feature, because missing ones are 0. */
static kg_status check_blocks(const kg_model *model, kg_error *err)
{
    int block = 0;
    for (int i = 0; i < model->circuit->n_ops; i++) {
        const kgi_op *op = &model->circuit->ops[i];
        if (op->kind != KGI_OP_AMPLITUDES) {
            continue;
        }
        block++;
        if (op->first_input >= model->n_features) {
            return kgi_fail(err, KG_ERR_SHAPE,
                            "%d features leave block %d of encoding \"%s\" empty: on %d qubits it "
                            "needs more than %d",
                            model->n_features, block, model->options.encoding,
                            model->options.qubits, op->first_input);
        }
    }
    return KG_OK;
}

kg_status kgi_model_check_rows(const kg_model *model, int n, const double *features, kg_error *err)
{
    if (!model->row->has_circuit) {
        return KG_OK;
    }
    int block = 0;
    for (int i = 0; i < model->circuit->n_ops; i++) {
        const kgi_op *op = &model->circuit->ops[i];
        const int n_of_block = n_amplitudes(model, op);
        block += n_of_block > 0;
        for (int b = 0; n_of_block > 0 && b < n; b++) {
            const double *x = features + (size_t)b * (size_t)model->n_features + op->first_input;
            double square = 0.0;
            for (int k = 0; k < n_of_block; k++) {
                square += x[k] * x[k];
            }
            if (!(square > 0.0 && isfinite(square))) {
                return kgi_fail(err, KG_ERR_NUMERIC,
                                "row %d: features %d to %d have norm %g, so block %d of encoding "
                                "\"%s\" has no state",
                                b, op->first_input, op->first_input + n_of_block - 1, sqrt(square),
                                block, model->options.encoding);
            }
        }
    }
    return KG_OK;
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
    const int n_inputs = kgi_model_encoding_inputs(model);
    if (model->n_features > n_inputs) {
        return kgi_fail(err, KG_ERR_SHAPE,
                        "%d features, but encoding \"%s\" takes at most %d on %d qubits",
                        model->n_features, options->encoding, n_inputs, options->qubits);
    }
    kg_status status = read_out(model, model->n_classes, err);
    if (!status) {
        status = check_blocks(model, err);
    }
    if (status) {
        return status;
    }
    kg_plan_options plan_options = KG_PLAN_OPTIONS_INIT;
    plan_options.precision = options->precision;
    plan_options.threads = options->threads;
    kgi_layer *layer = NULL;
    status = kgi_quantum_create(&layer, model->circuit, model->observable, model->n_features,
                                &plan_options, err);
    if (status) {
        return status;
    }
    kgi_model_push_layer(model, layer);
    return push_segments(model, err);
}

/* "p(q4 q0=01)" for outcome 1: most significant qubit first, as in a ket. */
static void joint_name(const kg_model *model, int i, char *text)
{
    char qubits[4 * KG_MAX_QUBITS] = "";
    char bits[KG_MAX_QUBITS + 1] = "";
    size_t used = 0;
    for (int k = model->n_readouts - 1; k >= 0; k--) {
        bits[model->n_readouts - 1 - k] = (char)('0' + (i >> k & 1));
        used += (size_t)snprintf(qubits + used, sizeof qubits - used, "%sq%d", used ? " " : "",
                                 model->readouts[k]);
    }
    if (used <= 18 && model->n_readouts <= 8) { /* it fits */
        (void)snprintf(text, KGI_OUTPUT_NAME, "p(%.18s=%.8s)", qubits, bits);
    } else {
        (void)snprintf(text, KGI_OUTPUT_NAME, "p(outcome %d)", i);
    }
}

static void qcnn_output_name(const kg_model *model, int i, char *text)
{
    if (model->loss->output == KGI_OUTPUT_EXPVAL) {
        (void)snprintf(text, KGI_OUTPUT_NAME, "<Z%d>", model->readouts[0]);
    } else {
        joint_name(model, i, text);
    }
}

const kgi_model_row kgi_model_qcnn = {
    .name = "qcnn",
    .help = "quantum convolutional network of two-qubit blocks (Hur, Kim, Park 2022)",
    .loss = "mse",
    .init = "normal",
    .has_circuit = 1,
    .create = qcnn_create,
    .build = qcnn_build,
    .output_name = qcnn_output_name,
};

const kgi_model_row kgi_model_hierarchical = {
    .name = "hierarchical",
    .help = "hierarchical quantum classifier: a tree of two-qubit blocks (Grant et al. 2018)",
    .loss = "mse",
    .init = "normal",
    .has_circuit = 1,
    .create = hierarchical_create,
    .build = qcnn_build,
    .output_name = qcnn_output_name,
};
