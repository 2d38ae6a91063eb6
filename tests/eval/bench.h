/* SPDX-License-Identifier: Apache-2.0 */
/* An experiment on bars: 60 training rows, 30 test rows, short runs, and what callbacks saw. */
#ifndef TESTS_EVAL_BENCH_H
#define TESTS_EVAL_BENCH_H

#include <string.h>

#include <ketgrad/eval.h>

#include "fixture.h"

typedef struct bench {
    kg_model *model;
    kg_dataset *train;
    kg_dataset *test;
    kg_train_options training;
    kg_experiment_options options;
    kg_experiment *e;
    /* for callbacks, whose `user` this is */
    int n_steps;
    int n_seeds;
    int n_trainers;
    int n_baselines;
    int stop_after; /* steps, 0: never */
    int asked;
    double params[8][64];     /* of each seed */
    double first_val_loss[8]; /* of its initial epoch */
    uint64_t done;            /* this seed is found, with the parameters of `given` */
    const double *given;
} bench;

static inline void bench_make(bench *b, const char *model, int seeds, int steps)
{
    memset(b, 0, sizeof *b);
    b->training = (kg_train_options)KG_TRAIN_OPTIONS_INIT;
    b->training.steps = steps;
    b->training.user = b;
    b->options = (kg_experiment_options)KG_EXPERIMENT_OPTIONS_INIT;
    b->options.seeds = seeds;
    b->options.user = b;
    b->train = fixture_bars(60, 2, 1, 1);
    b->test = fixture_bars(30, 2, 2, 1);
    assert_int_equal(kg_model_create(&b->model, model, NULL, NULL), KG_OK);
}

static inline kg_status bench_run(bench *b, kg_error *err)
{
    return kg_experiment_run(&b->e, b->model, b->train, b->test, &b->training, &b->options, err);
}

static inline void bench_clear(bench *b)
{
    kg_experiment_destroy(b->e);
    kg_model_destroy(b->model);
    kg_dataset_destroy(b->train);
    kg_dataset_destroy(b->test);
}

#endif
