/* SPDX-License-Identifier: Apache-2.0 */
/* One training run: initial parameters, mini-batches, an optimizer. */
#ifndef KETGRAD_TRAIN_H
#define KETGRAD_TRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"
#include "model.h"
#include "options.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Name of optimizer i ("sgd", "nesterov", "adam"), NULL past the end; its line of help. */
KG_API const char *kg_optimizer_get(int i);
KG_API const char *kg_optimizer_help(int i);
/** Name of initialiser i ("normal", "uniform", "zero"), NULL past the end; its line of help. */
KG_API const char *kg_init_get(int i);
KG_API const char *kg_init_help(int i);

/* What one step did; one line of metrics.jsonl. */
typedef struct kg_step {
    uint64_t seed;
    int step;         /* 1 .. steps */
    int steps;        /* of the whole run */
    double loss;      /* of the mini-batch, mean per sample, before the step */
    double accuracy;  /* of the mini-batch, before the step */
    double grad_norm; /* Euclidean norm of the gradient that the optimizer saw */
    double lr;
} kg_step;

typedef struct kg_train_options {
    size_t struct_size;
    const char *optimizer;      /* kg_optimizer_get(); default "nesterov" */
    double lr;                  /* step size, 1e-12 .. 10; default 0.01 */
    double momentum;            /* of nesterov, 0 .. 1; default 0.9 */
    double beta1;               /* of adam, 0 .. 0.999999999; default 0.9 */
    double beta2;               /* of adam, 0 .. 0.999999999; default 0.999 */
    double eps;                 /* of adam, 1e-300 .. 1; default 1e-8 */
    int batch;                  /* samples per step, 1 .. 1000000; default 25 (at most the rows) */
    int steps;                  /* 0 .. 100000000; default 200 */
    const char *loss_reduction; /* over the mini-batch: "mean", "sum", or "auto", the default: mean
                                   unless the model's compat says otherwise */
    const char *sampling; /* of mini-batches: "shuffle" (every row once per epoch), "replace", or
                                   "auto", the default: shuffle unless compat says otherwise */
    const char *init;     /* kg_init_get(), or "auto", the default: qcnn normal, logistic zero */
    double init_scale;    /* of normal: standard deviation; uniform: in [0, 2 pi init_scale);
                                   0 .. 1000; default 1 */
    uint64_t seed;        /* of every random stream of the run; default 1 */
    int log_every; /* >= 1: steps between calls of on_step, the last step always; default 1 */
    void (*on_step)(const kg_step *step, void *user); /* NULL: not wanted */
    int (*should_stop)(void *user); /* asked before every step; nonzero ends the run with KG_OK */
    void *user;
} kg_train_options;

#define KG_TRAIN_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(kg_train_options), "nesterov", 0.01, 0.9, 0.9, 0.999, 1e-8, 25, 200, "auto",        \
            "auto", "auto", 1.0, 1, 1, NULL, NULL, NULL                                            \
    }

/** One row per option that has a text: all but the callbacks. */
KG_API const kg_option_table *kg_train_options_table(void);

/* Why a run ended. */
typedef enum kg_stop {
    KG_STOP_STEPS,    /* all steps done */
    KG_STOP_CALLBACK, /* should_stop() said so; the model is usable */
    KG_STOP_FIT,      /* the model was fitted directly (majority): no steps */
    KG_STOP_NUMERIC   /* loss or gradient not finite; the model has its last finite parameters */
} kg_stop;

typedef struct kg_train_report {
    int stop;       /* kg_stop */
    int steps;      /* steps done */
    double loss;    /* of the last mini-batch, mean per sample; 0 without steps */
    double seconds; /* of the loop */
} kg_train_report;

/**
 * Trains a built model on prepared features, from initial parameters of the seed.
 *
 * @param[in]  features  [n_rows][kg_model_n_features()]
 * @param[in]  labels    [n_rows] class indices in [0, kg_model_n_classes())
 * @param[in]  options   NULL for the defaults
 * @param[out] report    filled on failure too; may be NULL
 *
 * The same bits for any number of threads. Nothing is allocated inside a step.
 * Errors: KG_ERR_ARGUMENT (options, labels, not built), KG_ERR_NUMERIC (loss or gradient not finite;
 * the model keeps its last finite parameters), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_train_run(kg_model *model, int n_rows, const double *features,
                                            const int *labels, const kg_train_options *options,
                                            kg_train_report *report, kg_error *err);

/** Sets the initial parameters that kg_train_run() starts from; of options init, init_scale, seed. */
KG_API KG_MUST_CHECK kg_status kg_train_init(kg_model *model, const kg_train_options *options,
                                             kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
