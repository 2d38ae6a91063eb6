/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a training run: its options with every "auto" resolved. */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "model/model.h"
#include "train/optimizer.h"

typedef struct kgi_train_choice {
    kg_train_options options; /* checked, no NULL */
    const kgi_optimizer *optimizer;
    const kgi_init *init;
    const kgi_schedule *schedule;
    int sum;     /* the loss is summed over the mini-batch, not averaged */
    int replace; /* mini-batches are drawn with replacement */
} kgi_train_choice;

/* Checks options (NULL: defaults) and resolves them for a model and its compat. */
kg_status kgi_train_choose(kgi_train_choice *choice, const kg_model *model,
                           const kg_train_options *options, kg_error *err);

/* KG_ERR_UNSUPPORTED if the initialiser needs what the (built) model has not got. */
kg_status kgi_init_check(const kgi_init *init, const kg_model *model, kg_error *err);

/* Writes initial parameters. */
void kgi_train_init(const kgi_train_choice *choice, kg_model *model);

/* The step size of step t = 1, 2, ... */
double kgi_train_lr(const kgi_train_choice *choice, int t);

#endif
