/* SPDX-License-Identifier: Apache-2.0 */
/* Before an experiment: how much memory and time it will take, without taking it.
 *
 *     kg_preflight_estimate(&flight, model, train, test, &training, &options, 0, &err);
 *     kg_preflight_check(&flight, max_bytes, &err);        KG_ERR_MEMORY before anything long begins
 *     kg_experiment_run(&experiment, model, train, test, &training, &options, &err);
 *
 * The data are in memory already, so what the process holds is read from the system; what comes on top
 * of it is computed: copies of rows while the pipeline is fitted, prepared rows, states and layers,
 * parameters and what optimizers keep beside them. */
#ifndef KETGRAD_PREFLIGHT_H
#define KETGRAD_PREFLIGHT_H

#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "eval.h"
#include "export.h"
#include "model.h"
#include "sim.h"
#include "status.h"
#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kg_preflight {
    int n_train; /* rows that are trained on */
    int n_val;
    int n_test;
    int n_columns;  /* of the data */
    int n_features; /* after preparing */
    int n_classes;
    int n_params;
    int n_outputs;
    int n_steps; /* of one seed; 0: the model is fitted directly */
    int n_seeds;
    int has_plan;        /* the model has a quantum layer: */
    kg_plan_report plan; /* of that */
    int n_ops;           /* of its circuit, and the three that follow */
    int depth;
    int n_entangling;
    size_t resident_bytes;  /* what the process holds now, the data included */
    size_t fit_bytes;       /* on top of it while the pipeline is fitted, at most */
    size_t prepared_bytes;  /* on top of it from then on: prepared rows */
    size_t train_bytes;     /* and while it trains and scores, at most */
    size_t peak_bytes;      /* of the process until the end */
    size_t available_bytes; /* that it may still take: of the system, of its control group */
    size_t row_bytes;       /* of peak_bytes that a training row takes */
    double fit_seconds;     /* 0 unless time was asked for, as the next two */
    double step_seconds;
    double seconds; /* of everything that comes, baselines included */
} kg_preflight;

/**
 * Estimates kg_experiment_run() with the same arguments. If a step is cheap (a tenth of a second), two
 * are done with a copy of the model on random features, to see what they take.
 *
 * @param[in] model     created, not built; it stays as it is
 * @param[in] training  NULL for the defaults
 * @param[in] options   NULL for the defaults
 * @param[in] time      nonzero: also how long it takes (50 ms more, to measure this machine)
 * Errors: those that kg_experiment_run() would find before it trains.
 */
KG_API KG_MUST_CHECK kg_status kg_preflight_estimate(kg_preflight *out, const kg_model *model,
                                                     const kg_dataset *train,
                                                     const kg_dataset *test,
                                                     const kg_train_options *training,
                                                     const kg_experiment_options *options, int time,
                                                     kg_error *err);

/**
 * KG_ERR_MEMORY if peak_bytes is more than max_bytes (0: no limit), or what is still to be taken more
 * than what is available; the message has bytes needed and allowed, and a number of training rows
 * that would fit if there is one.
 */
KG_API KG_MUST_CHECK kg_status kg_preflight_check(const kg_preflight *flight, size_t max_bytes,
                                                  kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
