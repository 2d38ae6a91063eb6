/* SPDX-License-Identifier: Apache-2.0 */
/* The registry: which models there are. */
#include "model/model.h"

#include <string.h>

static const kgi_model_row *const registry[] = {
    &kgi_model_qcnn, &kgi_model_logistic,     &kgi_model_majority, &kgi_model_cnn,
    &kgi_model_mlp,  &kgi_model_hierarchical, &kgi_model_custom,
};

/* NOLINTNEXTLINE(bugprone-sizeof-expression): the rows are pointers to what their files define */
enum { N_MODELS = sizeof registry / sizeof *registry };

const kgi_model_row *kgi_model_row_get(int i)
{
    return i >= 0 && i < N_MODELS ? registry[i] : NULL;
}

const kgi_model_row *kgi_model_row_find(const char *name)
{
    for (int i = 0; i < N_MODELS; i++) {
        if (strcmp(registry[i]->name, name) == 0) {
            return registry[i];
        }
    }
    return NULL;
}

const char *kg_model_kind_get(int i)
{
    const kgi_model_row *row = kgi_model_row_get(i);
    return row ? row->name : NULL;
}

const char *kg_model_kind_help(int i)
{
    const kgi_model_row *row = kgi_model_row_get(i);
    return row ? row->help : NULL;
}
