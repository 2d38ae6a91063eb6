/* SPDX-License-Identifier: Apache-2.0 */
/* The table of layers that a definition may name. */
#include "layer/layer.h"

#include <string.h>

static const kgi_layer_info *const kinds[] = {
    /* clang-format off */
    &kgi_layer_dense,
    &kgi_layer_conv1d, &kgi_layer_conv2d,
    &kgi_layer_maxpool1d, &kgi_layer_maxpool2d, &kgi_layer_avgpool1d, &kgi_layer_avgpool2d,
    &kgi_layer_relu, &kgi_layer_tanh, &kgi_layer_sigmoid, &kgi_layer_softmax,
    &kgi_layer_flatten, &kgi_layer_concat, &kgi_layer_add,
    &kgi_layer_dropout,
    &kgi_layer_quantum, &kgi_layer_patch,
    /* clang-format on */
};

/* NOLINTNEXTLINE(bugprone-sizeof-expression): the rows are pointers to what their files define */
enum { N_KINDS = sizeof kinds / sizeof *kinds };

const kgi_layer_info *kgi_layer_kind_get(int i)
{
    return i >= 0 && i < N_KINDS ? kinds[i] : NULL;
}

const kgi_layer_info *kgi_layer_kind_find(const char *name)
{
    for (int i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

void kgi_layer_options_init(kgi_layer_options *options, const kgi_layer_info *kind)
{
    *options = (kgi_layer_options){.n_inputs = 1};
    for (int i = 0; i < kind->n_options; i++) {
        const kg_option *row = &kind->options[i];
        if (row->default_text) {
            const kg_status status = kg_option_set(row, options, row->default_text, NULL);
            KGI_ASSERT(!status);
            (void)status;
        }
        if (row->type == KG_OPTION_INT && kgi_layer_option_is_pair(row)) {
            int *pair = (int *)(void *)((char *)options + row->offset);
            pair[1] = pair[0];
        }
    }
}

int kgi_layer_option_is_pair(const kg_option *row)
{
    return row->offset == offsetof(kgi_layer_options, size[0]) ||
           row->offset == offsetof(kgi_layer_options, stride[0]) ||
           row->offset == offsetof(kgi_layer_options, padding[0]);
}

kg_status kgi_layer_create(kgi_layer **out, const kgi_layer_info *kind,
                           const kgi_layer_options *options, kg_error *err)
{
    *out = NULL;
    return kind->create(out, options, err);
}
