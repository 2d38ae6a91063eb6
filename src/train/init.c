/* SPDX-License-Identifier: Apache-2.0 */
/* The table of initialisers, and setting a model's first parameters with one.
 *
 * small-angle is the Gaussian of Zhang, Liu, Hsieh, Tao, arXiv:2203.09376: angles with mean 0 and variance
 * gamma^2 = 1 / (4 S (L + 2)) for an observable on S qubits and a circuit of L layers, of which each
 * turns every qubit by one trained angle; then the gradient shrinks no faster than a polynomial of the
 * depth. From a model's circuit we take
 *
 *   S = the largest number of qubits in one measured Pauli word or list of probabilities,
 *   L = the largest number of trained angles in gates on one qubit, a shared one counted at each use.
 *
 * QCNN blocks are deeper than their layers are many, so the deepest qubit is the honest L. */
#include "train/train.h"

#include <string.h>

#include <math.h>

#include <ketgrad/rng.h>

#include "circuit/circuit.h"

static const double two_pi = 6.283185307179586;

static double normal(const kg_model *model, double scale, uint64_t seed, uint64_t i)
{
    (void)model;
    return scale * kg_random_normal(seed, KG_STREAM_INIT, 0, i);
}

static double uniform(const kg_model *model, double scale, uint64_t seed, uint64_t i)
{
    (void)model;
    return scale * two_pi * kg_random_uniform(seed, KG_STREAM_INIT, 0, i);
}

static double zero(const kg_model *model, double scale, uint64_t seed, uint64_t i)
{
    (void)model;
    (void)scale;
    (void)seed;
    (void)i;
    return 0.0;
}

/* Weights and biases uniform in +-1 / sqrt(inputs that come together): their sum keeps its size (LeCun,
 * Bottou, Orr, Mueller, Efficient BackProp, 1998; the bounds are PyTorch's). Angles of circuits normal. */
static double fan_in(const kg_model *model, double scale, uint64_t seed, uint64_t i)
{
    const int n = kgi_model_fan_in(model, (int)i);
    if (n < 1) {
        return normal(model, scale, seed, i);
    }
    const double u = kg_random_uniform(seed, KG_STREAM_INIT, 0, i);
    return scale * (2.0 * u - 1.0) / sqrt((double)n);
}

/* ---- small angles ---------------------------------------------------------------------------------- */

static int largest_word(const kg_observable *observable)
{
    int largest = 1;
    for (int i = 0; i < observable->n_measured; i++) {
        const kgi_measured *measured = &observable->measured[i];
        largest = measured->m > largest ? measured->m : largest;
        for (int w = 0; w < measured->n_words; w++) {
            const uint64_t mask = measured->words[w].x | measured->words[w].z;
            const int n = __builtin_popcountll(mask);
            largest = n > largest ? n : largest;
        }
    }
    return largest;
}

static int most_angles(const kg_circuit *circuit)
{
    int angles[KG_MAX_QUBITS] = {0};
    int most = 0;
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const int n_slots = op->kind == KGI_OP_GATE ? kgi_gate_get(op->gate)->n_params : 0;
        for (int s = 0; s < n_slots; s++) {
            const int trained = kgi_op_slots(circuit, op)[s].kind == KG_SLOT_PARAM;
            for (int q = 0; trained && q < op->n_qubits; q++) {
                const int n = ++angles[kgi_op_qubits(circuit, op)[q]];
                most = n > most ? n : most;
            }
        }
    }
    return most;
}

static double small_angle_scale(const kg_model *model)
{
    const kg_circuit *circuit = kg_model_circuit(model);
    const kg_observable *observable = kg_model_observable(model);
    if (!circuit || !observable) {
        return 0.0;
    }
    return sqrt(1.0 / (4.0 * largest_word(observable) * (most_angles(circuit) + 2)));
}

/* ---- the table ------------------------------------------------------------------------------------- */

static const kgi_init inits[] = {
    /* clang-format off */
    {"normal",      normal,  NULL,              "normal, mean 0, standard deviation init_scale"},
    {"uniform",     uniform, NULL,              "uniform in [0, 2 pi init_scale)"},
    {"zero",        zero,    NULL,              "all 0"},
    {"fan-in",      fan_in,  NULL,              "weights uniform in +-1/sqrt(their inputs), angles normal"},
    {"small-angle", normal,  small_angle_scale, "normal, as narrow as the depth of the circuit asks"},
    /* clang-format on */
};

enum { N_INITS = sizeof inits / sizeof *inits };

const kgi_init *kgi_init_get(int i)
{
    return i >= 0 && i < N_INITS ? &inits[i] : NULL;
}

const kgi_init *kgi_init_find(const char *name)
{
    for (int i = 0; i < N_INITS; i++) {
        if (strcmp(inits[i].name, name) == 0) {
            return &inits[i];
        }
    }
    return NULL;
}

const char *kg_init_get(int i)
{
    const kgi_init *init = kgi_init_get(i);
    return init ? init->name : NULL;
}

const char *kg_init_help(int i)
{
    const kgi_init *init = kgi_init_get(i);
    return init ? init->help : NULL;
}

kg_status kgi_init_check(const kgi_init *init, const kg_model *model, kg_error *err)
{
    if (init->scale && init->scale(model) <= 0.0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "init \"%s\" needs a circuit, model \"%s\" has none", init->name,
                        model->row->name);
    }
    return KG_OK;
}

void kgi_train_init(const kgi_train_choice *choice, kg_model *model)
{
    const double factor = choice->init->scale ? choice->init->scale(model) : 1.0;
    for (int i = 0; i < model->n_params; i++) {
        model->params[i] = choice->init->value(model, factor * choice->options.init_scale,
                                               choice->options.seed, (uint64_t)i);
    }
}

kg_status kg_train_init(kg_model *model, const kg_train_options *options, kg_error *err)
{
    kgi_train_choice choice;
    kg_status status = kgi_model_need_built(model, err);
    if (!status) {
        status = kgi_train_choose(&choice, model, options, err);
    }
    if (!status) {
        status = kgi_init_check(choice.init, model, err);
    }
    if (!status) {
        kgi_train_init(&choice, model);
    }
    return status;
}
