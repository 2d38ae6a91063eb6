/* SPDX-License-Identifier: Apache-2.0 */
/* The option table of models, and the lists of names in it. */
#include "model/model.h"

#include <string.h>

#include "base/options.h"

/* Losses have a row for each kind of outputs; users see each name once. */
static const kgi_loss *loss_by_name(int i)
{
    int seen = 0;
    for (int r = 0; kgi_loss_get(r); r++) {
        int first = 1;
        for (int s = 0; s < r; s++) {
            first = first && strcmp(kgi_loss_get(s)->name, kgi_loss_get(r)->name) != 0;
        }
        if (first && seen++ == i) {
            return kgi_loss_get(r);
        }
    }
    return NULL;
}

const char *kg_loss_get(int i)
{
    const kgi_loss *loss = loss_by_name(i);
    return loss ? loss->name : NULL;
}

const char *kg_loss_help(int i)
{
    const kgi_loss *loss = loss_by_name(i);
    return loss ? loss->help : NULL;
}

const char *kg_layer_kind_get(int i)
{
    const kgi_layer_info *kind = kgi_layer_kind_get(i);
    return kind ? kind->name : NULL;
}

const char *kg_layer_kind_help(int i)
{
    const kgi_layer_info *kind = kgi_layer_kind_get(i);
    return kind ? kind->help : NULL;
}

const kg_option *kg_layer_kind_option(int i, int j)
{
    const kgi_layer_info *kind = kgi_layer_kind_get(i);
    return kind && j >= 0 && j < kind->n_options ? &kind->options[j] : NULL;
}

static const char *loss_choice(int i)
{
    return i == 0 ? "auto" : kg_loss_get(i - 1);
}

static const char *ansatz_choice(int i)
{
    const kg_block *block = kg_ansatz_get(i);
    return block ? block->name : NULL;
}

static const char *pooling_choice(int i)
{
    const kg_block *block = kg_pooling_get(i - 1);
    return i == 0 ? "auto" : block ? block->name : NULL;
}

static const char *wiring_choice(int i)
{
    const kg_wiring *wiring = kg_wiring_get(i - 1);
    return i == 0 ? "auto" : wiring ? kg_wiring_name(wiring) : NULL;
}

static const char *encoding_choice(int i)
{
    const kg_encoding *encoding = kg_encoding_get(i);
    return encoding ? kg_encoding_name(encoding) : NULL;
}

static const char *precision_choice(int i)
{
    static const char *const names[] = {[KG_PRECISION_F64] = "f64", [KG_PRECISION_F32] = "f32"};
    return i >= 0 && i < (int)(sizeof names / sizeof *names) ? names[i] : NULL;
}

#define OPT(t, field, lo, hi, text, help) KGI_OPTION(kg_model_options, t, field, lo, hi, text, help)
#define NAMES(t, field, text, help, names)                                                         \
    KGI_OPTION_NAMES(kg_model_options, t, field, text, help, names)

static const kgi_option rows[] = {
    /* clang-format off */
    NAMES('s', ansatz, "su4", "two-qubit block of the convolutions", ansatz_choice),
    NAMES('s', pooling, "auto", "two-qubit block of the pooling; auto is zx where the wiring pools", pooling_choice),
    NAMES('s', wiring, "auto", "which pairs of qubits are convolved and pooled; auto is ring, for hierarchical tree", wiring_choice),
    NAMES('s', encoding, "angle", "how features enter the qubits; decides how they are prepared", encoding_choice),
    OPT('i', qubits, 2, 16, "8", "number of qubits: even for ring and open, a power of 2 for chain and tree"),
    OPT('i', params_per_block, 0, 1e6, "0", "assert that the ansatz has so many parameters; 0 asserts nothing"),
    OPT('s', reduce, 0, 0, "auto", "features from rows: none, pca:K, resize:N, or auto, what the encoding takes"),
    NAMES('s', loss, "auto", "what is minimised; auto is mse for qcnn and hierarchical with 2 classes, else ce", loss_choice),
    NAMES('s', compat, "none", "reproduce the quirks of a publication", kg_compat_get),
    NAMES('e', precision, "f64", "floating point numbers of quantum states", precision_choice),
    OPT('i', threads, 1, 256, "1", "threads; results do not depend on it"),
    OPT('i', filters, 0, 4096, "0", "cnn: filters of each convolution; 0: 2"),
    OPT('i', hidden, 0, 65536, "0", "mlp: units of the hidden layer; 0: geometric mean of features and classes"),
    OPT('i', target_params, 0, 1e8, "0", "cnn, mlp: choose filters or hidden such that there are about so many parameters"),
    OPT('i', arrangement, 1, 4, "1", "hde, hae: which qubits make a block; 2 to 4 on 8 qubits only"),
    /* clang-format on */
};

const kg_option_table *kg_model_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("model", rows);
    return &table;
}
