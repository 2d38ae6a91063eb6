/* SPDX-License-Identifier: Apache-2.0 */
/* One training run: initial parameters, mini-batches, an optimizer; validation, schedules, early
 * stopping; checkpoints from which a run goes on as if nothing had happened.
 *
 *     kg_train_run(model, n_rows, features, labels, &options, &report, &err);   the short way
 *
 *     kg_trainer_create(&trainer, model, &train, &val, &options, &err);         step by step
 *     while (!(status = kg_trainer_step(trainer, &running, &err)) && running) {
 *         kg_trainer_save(trainer, "checkpoint.safetensors", &err);             whenever you like
 *     }
 *     kg_trainer_finish(trainer, &report);                                      best parameters
 *     kg_trainer_destroy(trainer); */
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

/** Name of optimizer i ("nesterov", "sgd", "adam", ...), NULL past the end; its line of help. */
KG_API const char *kg_optimizer_get(int i);
KG_API const char *kg_optimizer_help(int i);
/** Name of initialiser i ("normal", "uniform", "zero", ...), NULL past the end; its line of help. */
KG_API const char *kg_init_get(int i);
KG_API const char *kg_init_help(int i);
/** Name of schedule i ("constant", "step", ...) of the step size, NULL past the end; its help. */
KG_API const char *kg_schedule_get(int i);
KG_API const char *kg_schedule_help(int i);

/* Prepared rows, borrowed. */
typedef struct kg_rows {
    int n;
    const double *features; /* [n][kg_model_n_features()] */
    const int *labels;      /* [n] class indices in [0, kg_model_n_classes()) */
} kg_rows;

/* What one step did; one line of metrics.jsonl. */
typedef struct kg_step {
    uint64_t seed;
    int step;         /* 1 .. steps */
    int steps;        /* of the whole run */
    double loss;      /* of the mini-batch, mean per sample, before the step */
    double accuracy;  /* of the mini-batch, before the step */
    double grad_norm; /* Euclidean norm of the gradient that the optimizer saw */
    double lr;        /* of this step, as the schedule says */
} kg_step;

/* What an epoch did; one line of metrics.jsonl. There is one after each pass over the training rows, and
 * whenever validation rows were looked at. */
typedef struct kg_epoch {
    uint64_t seed;
    int epoch;           /* the pass that this line belongs to: 1, 2, ... */
    int step;            /* steps done */
    int steps;           /* of the whole run */
    double loss;         /* mean of the mini-batches since the line before */
    double accuracy;     /* the same */
    double grad_norm;    /* the same */
    double lr;           /* of the last step */
    int has_val;         /* 1 if validation rows were looked at; else the next five are 0 */
    double val_loss;     /* mean per sample */
    double val_accuracy; /* share of validation rows */
    int is_best;         /* 1 if val_loss is the lowest so far */
    int best_epoch;      /* where it was lowest */
    double best_loss;
} kg_epoch;

/* Something that keeps a run from learning, said once per run and name. */
typedef struct kg_warning {
    uint64_t seed;
    int epoch;          /* when it was seen; 0: before the first step */
    int step;           /* the same */
    const char *name;   /* "chance", "saturated", "constant", "dead", "exploding" */
    const char *what;   /* one line: what is wrong, with numbers */
    const char *remedy; /* one line: what to try */
} kg_warning;

typedef struct kg_trainer kg_trainer;

typedef struct kg_train_options {
    size_t struct_size;
    const char *optimizer;      /* kg_optimizer_get(); default "nesterov" */
    double lr;                  /* step size, 1e-12 .. 10; default 0.01 */
    double momentum;            /* of nesterov and momentum, 0 .. 1; default 0.9 */
    double beta1;               /* of adam, 0 .. 0.999999999; default 0.9 */
    double beta2;               /* of adam, 0 .. 0.999999999; default 0.999 */
    double eps;                 /* of adam, rmsprop, adagrad, 1e-300 .. 1; default 1e-8 */
    int batch;                  /* samples per step, 1 .. 1000000; default 25 (at most the rows) */
    int steps;                  /* 0 .. 100000000; default 200 */
    const char *loss_reduction; /* over the mini-batch: "mean", "sum", or "auto", the default: mean
                                   unless the model's compat says otherwise */
    const char *sampling; /* of mini-batches: "shuffle" (every row once per epoch), "replace", or
                                   "auto", the default: shuffle unless compat says otherwise */
    const char *init;     /* kg_init_get(), or "auto", the default: qcnn normal, logistic zero,
                             others fan-in */
    double init_scale;    /* of normal: standard deviation; uniform: in [0, 2 pi init_scale);
                                   small-angle: factor of its deviation; 0 .. 1000; default 1 */
    uint64_t seed;        /* of every random stream of the run; default 1 */
    int log_every; /* >= 1: steps between calls of on_step, the last step always; default 1 */
    void (*on_step)(const kg_step *step, void *user); /* NULL: not wanted */
    int (*should_stop)(void *user); /* asked before every step; nonzero ends the run with KG_OK */
    void *user;
    double rho;           /* of rmsprop: decay of the mean square, 0 .. 0.999999999; default 0.9 */
    const char *schedule; /* of the step size, kg_schedule_get(); default "constant" */
    double lr_decay;      /* of step and exponential: factor per lr_every steps, 1e-6 .. 1;
                                   default 0.5 */
    int lr_every;         /* of step and exponential, 1 .. 100000000; default 100 */
    double lr_end;        /* of cosine: step size at its end, 0 .. 10; default 0 */
    int warmup;           /* first steps, over which the step size grows from 0; 0 .. 100000000;
                                   default 0 */
    int val_every;        /* steps between two looks at the validation rows; 0, the default: after
                                   every epoch */
    int patience;         /* looks without a lower validation loss after which the run ends;
                                   0, the default: never */
    double min_delta;     /* lower by more than this counts, 0 .. 1000; default 0 */
    int checkpoint_every; /* steps between calls of on_checkpoint; 0, the default: by time */
    double checkpoint_seconds; /* the same in seconds, 0: never by time; 0 .. 1e6; default 10 */
    void (*on_epoch)(const kg_epoch *epoch, void *user);       /* NULL: not wanted */
    void (*on_warning)(const kg_warning *warning, void *user); /* NULL: nothing is looked for */
    /* To save the trainer: every checkpoint_every steps or checkpoint_seconds, and when should_stop()
     * ends the run. Anything but KG_OK ends the run with that status. */
    kg_status (*on_checkpoint)(const kg_trainer *trainer, void *user, kg_error *err);
} kg_train_options;

#define KG_TRAIN_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(kg_train_options), "nesterov", 0.01, 0.9, 0.9, 0.999, 1e-8, 25, 200, "auto",        \
            "auto", "auto", 1.0, 1, 1, NULL, NULL, NULL, 0.9, "constant", 0.5, 100, 0.0, 0, 0, 0,  \
            0.0, 0, 10.0, NULL, NULL, NULL                                                         \
    }

/** One row per option that has a text: all but the callbacks. */
KG_API const kg_option_table *kg_train_options_table(void);

/* Why a run ended. */
typedef enum kg_stop {
    KG_STOP_STEPS,    /* all steps done */
    KG_STOP_CALLBACK, /* should_stop() said so; the model is usable */
    KG_STOP_FIT,      /* the model was fitted directly (majority): no steps */
    KG_STOP_NUMERIC,  /* loss or gradient not finite; the model has its last finite parameters */
    KG_STOP_PATIENCE  /* the validation loss has not become lower for `patience` looks */
} kg_stop;

typedef struct kg_train_report {
    int stop;       /* kg_stop */
    int steps;      /* steps done */
    double loss;    /* of the last mini-batch, mean per sample; 0 without steps */
    double seconds; /* of the loop; of this process, if it was resumed */
    int has_val;    /* 1 if validation rows were looked at; else the next four are 0 */
    int best_step;  /* steps after which the validation loss was lowest: the model's parameters */
    int best_epoch;
    double val_loss; /* there */
    double val_accuracy;
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

/**
 * A run that is taken step by step. The model gets its initial parameters; model, rows and what options
 * point to are borrowed until kg_trainer_destroy(), and nobody else may run the model meanwhile.
 *
 * @param[in] train    training rows
 * @param[in] val      validation rows; NULL: none. With them, kg_trainer_finish() leaves the model with
 *                     the parameters of the lowest validation loss
 * @param[in] options  NULL for the defaults
 * Errors: KG_ERR_ARGUMENT (options, labels, not built, patience without validation rows),
 * KG_ERR_UNSUPPORTED (small-angle for a model without a circuit), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_trainer_create(kg_trainer **out, kg_model *model,
                                                 const kg_rows *train, const kg_rows *val,
                                                 const kg_train_options *options, kg_error *err);
KG_API void kg_trainer_destroy(kg_trainer *trainer);

/**
 * Takes one step, unless the run has ended: by its number of steps, patience, or should_stop().
 *
 * @param[out] running  0 if it has ended, and then no step was taken
 * Errors: KG_ERR_NUMERIC (loss or gradient not finite; the model keeps the parameters before), and
 * those of on_checkpoint(). Nothing is allocated here, whatever callbacks do.
 */
KG_API KG_MUST_CHECK kg_status kg_trainer_step(kg_trainer *trainer, int *running, kg_error *err);
/** Steps done, those before a checkpoint included. */
KG_API int kg_trainer_n_steps(const kg_trainer *trainer);
/** Ends the run: the model has the best parameters if there are validation rows, else the last ones.
 * @param[out] report  may be NULL */
KG_API void kg_trainer_finish(kg_trainer *trainer, kg_train_report *report);

/**
 * Writes all that the rest of the run depends on: parameters, the optimizer's state, the order of rows
 * and the place in it, the best parameters, counters; and what it belongs to: options, model, hashes of
 * the rows. The same run at the same step gives the same bytes. Random numbers are drawn by address, so
 * they have no state. Written under a temporary name, synced, renamed.
 * Errors: KG_ERR_IO, KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_trainer_save(const kg_trainer *trainer, const char *path,
                                               kg_error *err);
/**
 * Goes on from such a file: every later step has the bits that it would have had without the
 * interruption. The trainer must be new, with the same model, rows and options (callbacks and
 * checkpoint_* may differ).
 * Errors: KG_ERR_IO, KG_ERR_FORMAT (damaged, not a checkpoint), KG_ERR_ARGUMENT (it belongs to another
 * run: the message says what differs), KG_ERR_UNSUPPORTED (of a newer format), KG_ERR_MEMORY. After
 * an error the trainer is as it was.
 */
KG_API KG_MUST_CHECK kg_status kg_trainer_load(kg_trainer *trainer, const char *path,
                                               kg_error *err);

/** Sets the initial parameters that kg_train_run() starts from; of options init, init_scale, seed. */
KG_API KG_MUST_CHECK kg_status kg_train_init(kg_model *model, const kg_train_options *options,
                                             kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
