/* SPDX-License-Identifier: Apache-2.0 */
/* The table of initialisers, and setting a model's first parameters with one. */
#include "train/train.h"

#include <string.h>

#include <ketgrad/rng.h>

static const double two_pi = 6.283185307179586;

static double normal(double scale, uint64_t seed, uint64_t i)
{
    return scale * kg_random_normal(seed, KG_STREAM_INIT, 0, i);
}

static double uniform(double scale, uint64_t seed, uint64_t i)
{
    return scale * two_pi * kg_random_uniform(seed, KG_STREAM_INIT, 0, i);
}

static double zero(double scale, uint64_t seed, uint64_t i)
{
    (void)scale;
    (void)seed;
    (void)i;
    return 0.0;
}

static const kgi_init inits[] = {
    /* clang-format off */
    {"normal",  normal,  "normal, mean 0, standard deviation init_scale"},
    {"uniform", uniform, "uniform in [0, 2 pi init_scale)"},
    {"zero",    zero,    "all 0"},
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

void kgi_train_init(const kgi_train_choice *choice, int n, double *params)
{
    for (int i = 0; i < n; i++) {
        params[i] =
            choice->init->value(choice->options.init_scale, choice->options.seed, (uint64_t)i);
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
        kgi_train_init(&choice, model->n_params, kgi_model_mutable_params(model));
    }
    return status;
}
