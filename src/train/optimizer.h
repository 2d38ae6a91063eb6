/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers, initialisers and schedules: rows of tables. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include <ketgrad/train.h>

/* An optimizer. n parameters theta, gradient g, and one array of state that begins as zeros. To add
 * one: its functions and a row. */
typedef struct kgi_optimizer {
    const char *name;
    int n_state; /* numbers of state per parameter */
    /* where the gradient is wanted, written to point[n]; NULL: at theta itself */
    void (*look_ahead)(const kg_train_options *options, int n, const double *theta,
                       const double *state, double *point);
    /* step t = 1, 2, ... of size lr: updates theta and state */
    void (*step)(const kg_train_options *options, double lr, int t, int n, const double *g,
                 double *state, double *theta);
    const char *help;
} kgi_optimizer;

const kgi_optimizer *kgi_optimizer_get(int i);
const kgi_optimizer *kgi_optimizer_find(const char *name);

/* An initialiser: the value of parameter i is a function of the model, the seed and i alone. */
typedef struct kgi_init {
    const char *name;
    double (*value)(const kg_model *model, double scale, uint64_t seed, uint64_t i);
    /* what init_scale is multiplied by, 0 if the model has none; NULL: 1 */
    double (*scale)(const kg_model *model);
    const char *help;
} kgi_init;

const kgi_init *kgi_init_get(int i);
const kgi_init *kgi_init_find(const char *name);

/* A schedule: the step size when u >= 0 steps after the warm-up are done. */
typedef struct kgi_schedule {
    const char *name;
    double (*lr)(const kg_train_options *options, double u);
    const char *help;
} kgi_schedule;

const kgi_schedule *kgi_schedule_find(const char *name);

#endif
