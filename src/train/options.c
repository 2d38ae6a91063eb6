/* SPDX-License-Identifier: Apache-2.0 */
/* The option table of training runs, and what "auto" means for a model. */
#include "train/train.h"

#include <string.h>

#include "base/options.h"

static const char *reduction_choice(int i)
{
    static const char *const names[] = {"auto", "mean", "sum"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

static const char *sampling_choice(int i)
{
    static const char *const names[] = {"auto", "shuffle", "replace"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

static const char *init_choice(int i)
{
    return i == 0 ? "auto" : kg_init_get(i - 1);
}

#define OPT(t, field, lo, hi, text, help) KGI_OPTION(kg_train_options, t, field, lo, hi, text, help)
#define NAMES(t, field, text, help, names)                                                         \
    KGI_OPTION_NAMES(kg_train_options, t, field, text, help, names)

static const kgi_option rows[] = {
    /* clang-format off */
    NAMES('s', optimizer, "nesterov", "update rule", kg_optimizer_get),
    OPT('d', lr, 1e-12, 10, "0.01", "step size of the optimizer"),
    OPT('d', momentum, 0, 1, "0.9", "of nesterov and momentum"),
    OPT('d', beta1, 0, 0.999999999, "0.9", "decay of adam's first moment"),
    OPT('d', beta2, 0, 0.999999999, "0.999", "decay of adam's second moment"),
    OPT('d', eps, 1e-300, 1, "1e-08", "of adam, rmsprop, adagrad: guard against division by zero"),
    OPT('i', batch, 1, 1e6, "25", "samples per step, at most all"),
    OPT('i', steps, 0, 1e8, "200", "steps of the optimizer"),
    NAMES('s', loss_reduction, "auto", "of the loss over a mini-batch; auto is mean unless compat says otherwise", reduction_choice),
    NAMES('s', sampling, "auto", "of mini-batches; auto is shuffle, every row once per epoch, unless compat says otherwise", sampling_choice),
    NAMES('s', init, "auto", "initial parameters; auto is normal for circuits, fan-in for networks, zero for logistic", init_choice),
    OPT('d', init_scale, 0, 1000, "1", "standard deviation of normal; uniform is in [0, 2 pi init_scale); factor of small-angle"),
    OPT('u', seed, 0, 18446744073709551616.0, "1", "seed of every random stream of the run"),
    OPT('i', log_every, 1, 1e8, "1", "steps between two lines of metrics"),
    OPT('d', rho, 0, 0.999999999, "0.9", "of rmsprop: decay of the mean square"),
    NAMES('s', schedule, "constant", "of the step size", kg_schedule_get),
    OPT('d', lr_decay, 1e-6, 1, "0.5", "of schedules step and exponential: factor per lr_every steps"),
    OPT('i', lr_every, 1, 1e8, "100", "of schedules step and exponential: steps per factor"),
    OPT('d', lr_end, 0, 10, "0", "of schedule cosine: step size at its end"),
    OPT('i', warmup, 0, 1e8, "0", "first steps, over which the step size grows from 0"),
    OPT('i', val_every, 0, 1e8, "0", "steps between two looks at the validation rows; 0: every epoch"),
    OPT('i', patience, 0, 1e8, "0", "looks without a lower validation loss that end the run; 0: never"),
    OPT('d', min_delta, 0, 1000, "0", "a validation loss lower by more than this counts"),
    OPT('i', checkpoint_every, 0, 1e8, "0", "steps between two checkpoints; 0: by time only"),
    OPT('d', checkpoint_seconds, 0, 1e6, "10", "seconds between two checkpoints; 0: by steps only"),
    /* clang-format on */
};

const kg_option_table *kg_train_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("train", rows);
    return &table;
}

/* A NULL text stands for its default. */
static kg_status fill_texts(kg_train_options *options, kg_error *err)
{
    const kg_option_table *table = kg_train_options_table();
    kg_status status = KG_OK;
    for (int i = 0; i < table->n_rows && !status; i++) {
        const kg_option *row = &table->rows[i];
        const char *text = NULL;
        if (row->type == KG_OPTION_TEXT) {
            memcpy(&text, (const char *)options + row->offset, sizeof text);
            status = kg_option_set(row, options, text ? text : row->default_text, err);
        }
    }
    return status;
}

kg_status kgi_train_choose(kgi_train_choice *choice, const kg_model *model,
                           const kg_train_options *options, kg_error *err)
{
    const kg_train_options defaults = KG_TRAIN_OPTIONS_INIT;
    kg_train_options *own = &choice->options;
    *own = defaults;
    kg_status status = kgi_options_take(kg_train_options_table(), own, sizeof *own, options, err);
    if (!status) {
        status = fill_texts(own, err);
    }
    if (status) {
        return status;
    }
    const kgi_compat *compat = model->compat;
    const int auto_sum = compat->sum_ce && strcmp(model->loss->name, "ce") == 0;
    const int auto_replace = compat->replace;
    choice->optimizer = kgi_optimizer_find(own->optimizer);
    choice->init = kgi_init_find(strcmp(own->init, "auto") == 0 ? model->row->init : own->init);
    choice->schedule = kgi_schedule_find(own->schedule);
    choice->sum = strcmp(own->loss_reduction, "auto") == 0
                      ? auto_sum
                      : strcmp(own->loss_reduction, "sum") == 0;
    choice->replace =
        strcmp(own->sampling, "auto") == 0 ? auto_replace : strcmp(own->sampling, "replace") == 0;
    return KG_OK;
}
