/* SPDX-License-Identifier: Apache-2.0 */
/* Many runs: metrics, seeds with their spread, and baselines beside every accuracy. */
#ifndef KETGRAD_EVAL_H
#define KETGRAD_EVAL_H

#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "export.h"
#include "model.h"
#include "options.h"
#include "status.h"
#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- metrics ---------------------------------------------------------------------------------- */

/** Share of rows whose predicted class is their label; n at least 1. */
KG_API double kg_accuracy(int n, const int *labels, const int *predicted);
/** matrix[t][p] = rows of class t that were predicted as p: [n_classes][n_classes], overwritten. */
KG_API void kg_confusion(int n, const int *labels, const int *predicted, int n_classes,
                         int *matrix);

/* What there is to say about predictions. A class without rows, or one that is never predicted, makes no
 * number undefined: */
typedef struct kg_metrics {
    int n;
    int n_classes;
    double accuracy;
    double balanced_accuracy; /* mean recall of the classes that have rows */
    double precision; /* mean over the classes that have rows or were predicted; 0 for one that
                                   was never predicted */
    double recall;    /* mean over the same classes; 0 for one without rows */
    double f1;        /* the same of 2 TP / (2 TP + FP + FN) */
    double mcc; /* Matthews' correlation, for many classes that of Gorodkin (2004); 0 if labels or
                         predictions are all of one class */
    double auc; /* probability that a row of a class has a higher score for it than a row of another
                         class, ties counted half; mean over the classes that have rows and lack some,
                         0.5 if there is none. Two classes: the usual area under the curve */
    double log_loss; /* mean of -log of the label's probability, which counts as at least 2.2e-16 */
} kg_metrics;

/**
 * All metrics of a prediction.
 *
 * @param[in] n          rows, at least 1
 * @param[in] labels     [n] class indices
 * @param[in] predicted  [n] class indices
 * @param[in] scores     [n][n_classes] probabilities
 * Errors: KG_ERR_ARGUMENT (n, n_classes, an index out of range), KG_ERR_NUMERIC (a score is not a
 * number), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_metrics_compute(int n, const int *labels, const int *predicted,
                                                  const double *scores, int n_classes,
                                                  kg_metrics *metrics, kg_error *err);
/** Name of metric i ("accuracy", ...), NULL past the end; its line of help; its value. */
KG_API const char *kg_metric_get(int i);
KG_API const char *kg_metric_help(int i);
KG_API double kg_metric_value(const kg_metrics *metrics, int i);

/* Of a number measured n times. */
typedef struct kg_stats {
    int n;
    double mean;
    double sd; /* sample standard deviation (n - 1); population (n) where asked; 0 for n = 1 */
    double min;
    double max;
    double ci_low;  /* 95 % confidence interval of the mean, Student's t with n - 1 degrees of */
    double ci_high; /* freedom and the sample sd; the mean itself for n = 1 */
} kg_stats;

/** @param[in] population  nonzero divides by n instead of n - 1 in sd (published tables do) */
KG_API void kg_stats_compute(int n, const double *x, int population, kg_stats *stats);

/* ---- experiments: one model, many seeds ---------------------------------------------------------- */

typedef struct kg_seed_result {
    uint64_t seed;
    double train_accuracy;
    double test_accuracy;
    double loss;    /* of all training rows, mean per sample, after training */
    double seconds; /* training and evaluation */
    int stop;       /* kg_stop */
    int steps;      /* steps done */
    int has_val;    /* 1 if there were validation rows; else the next four are 0 */
    int best_step; /* the parameters are those of the lowest validation loss, found after this step */
    int best_epoch;
    double val_loss; /* there */
    double val_accuracy;
    kg_metrics test; /* of the test rows */
    int n_test; /* rows of the next three, which are borrowed while on_seed() runs, else NULL */
    const int *labels;
    const int *predicted;
    const double *scores; /* [n_test][n_classes] */
} kg_seed_result;

typedef struct kg_baseline_result {
    const char *name; /* of the model */
    int params;
    kg_stats test_accuracy;
    double seconds;
} kg_baseline_result;

typedef struct kg_experiment_options {
    size_t struct_size;
    int seeds; /* runs with seeds seed, seed + 1, ... of the training options; 1 .. 100000;
                       default 1 */
    const char *baselines; /* names of models with commas between, or "none"; default
                                "logistic,majority". "true" and "false" mean the default and none.
                                Models that have a size get the one whose number of parameters is
                                nearest to the model's */
    void (*on_baseline)(const kg_baseline_result *baseline, void *user); /* as each is done */
    /* After each seed, with its trained model, for saving and predicting; not kg_model_destroy().
     * Anything but KG_OK ends the experiment with that status. */
    kg_status (*on_seed)(kg_model *model, const kg_seed_result *result, void *user, kg_error *err);
    void *user;
    int val_rows;        /* rows that are drawn from the training rows to validate on; default 0 */
    double val_fraction; /* the same as a part of the training rows, 0 .. 0.9; default 0 */
    uint64_t split_seed; /* of that draw, the same for all seeds of the experiment; default 1 */
    /* Whether a seed is done already: then it sets the (built) model's numbers and the result up to
     * has_val, and *found = 1; test rows are scored again. NULL: no seed is. */
    kg_status (*find_seed)(kg_model *model, uint64_t seed, kg_seed_result *result, int *found,
                           void *user, kg_error *err);
    /* A new trainer of a seed, before its first step: the place to go on from a checkpoint. */
    kg_status (*on_trainer)(kg_trainer *trainer, uint64_t seed, void *user, kg_error *err);
} kg_experiment_options;

#define KG_EXPERIMENT_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(kg_experiment_options), 1, "logistic,majority", NULL, NULL, NULL, 0, 0.0, 1, NULL,  \
            NULL                                                                                   \
    }

/** A row per option but for the callbacks. */
KG_API const kg_option_table *kg_experiment_options_table(void);

/* All that there is to say about an experiment. */
typedef struct kg_experiment {
    const char *model; /* name */
    int params;
    int n_features;
    int n_classes;
    int n_train;
    int n_test;
    int n_seeds; /* finished; fewer than asked if a callback stopped the run */
    kg_seed_result *seeds;
    kg_stats train_accuracy;
    kg_stats test_accuracy;
    int n_baselines;
    kg_baseline_result *baselines;
    int *confusion;     /* [n_classes][n_classes] of the last seed on the test rows */
    int population;     /* nonzero: sd is that of the population (compat) */
    int stop;           /* kg_stop of the last seed */
    double fit_seconds; /* of the pipeline */
    double seconds;     /* of everything */
    int n_val;          /* validation rows, not counted in n_train */
} kg_experiment;

/**
 * Fits the pipeline once on the training rows, prepares both sets once, then trains and tests the model
 * with each seed, and the baselines on the same features with the same optimizer, steps, batches, seeds
 * and validation rows. Validation rows are taken out before anything is fitted.
 *
 * @param[in,out] model   created, not built; afterwards it is the model of the last seed
 * @param[in]     train   training rows
 * @param[in]     test    test rows; no fitted value depends on them
 * @param[in]     training  NULL for the defaults; its seed is the first one
 * @param[in]     options   NULL for the defaults
 * @param[out]    out     release with kg_experiment_destroy()
 *
 * If should_stop() of the training options ends a seed, the experiment ends with KG_OK and what it has:
 * that seed is the last, and on_seed sees it; baselines that are not done are left out.
 * Errors: KG_ERR_ARGUMENT (options, an unknown baseline, more validation rows than there are),
 * KG_ERR_SHAPE (sets differ in columns or classes), and those of kg_model_fit(),
 * kg_train_run() (with "seed 3: " before the message) and the callbacks.
 */
KG_API KG_MUST_CHECK kg_status kg_experiment_run(kg_experiment **out, kg_model *model,
                                                 const kg_dataset *train, const kg_dataset *test,
                                                 const kg_train_options *training,
                                                 const kg_experiment_options *options,
                                                 kg_error *err);
KG_API void kg_experiment_destroy(kg_experiment *experiment);

/**
 * Tests a trained model on raw rows.
 *
 * @param[out] predicted  [rows] class indices; NULL if not wanted
 * @param[out] confusion  [n_classes][n_classes]; NULL if not wanted
 */
KG_API KG_MUST_CHECK kg_status kg_eval_dataset(kg_model *model, const kg_dataset *test,
                                               double *accuracy, double *loss, int *predicted,
                                               int *confusion, kg_error *err);
/** The same with all metrics. @param[out] scores  [rows][n_classes]; NULL if not wanted */
KG_API KG_MUST_CHECK kg_status kg_eval_metrics(kg_model *model, const kg_dataset *test,
                                               kg_metrics *metrics, double *loss, int *predicted,
                                               double *scores, int *confusion, kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
