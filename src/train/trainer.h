/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a trainer: what it reads, the run so far, scratch. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "base/hash.h"
#include "base/json.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "train/train.h"

/* Means over steps. */
typedef struct kgi_window {
    int n;
    double loss;
    double accuracy;
    double grad_norm;
} kgi_window;

/* What looks over the shoulder of a run (doctor.c). Of all this only peak, window and said change. */
typedef struct kgi_doctor {
    int on;
    double chance_loss;  /* of guessing the class frequencies; 0: not known for this loss */
    double majority;     /* share of the largest class */
    unsigned char *live; /* [n_params] 1 if it can move the loss at all */
    double *peak;        /* [n_params] largest |d loss| of the steps in n_peak */
    int n_peak;
    kgi_window window; /* the second half of the first third of the run */
    unsigned said;     /* bit i: warning i was given */
    char what[256];
    char remedy[192];
} kgi_doctor;

/* SHA-256 of the rows. */
typedef struct kgi_identity {
    int is_made; /* when it was first asked for */
    char train[KGI_SHA256_DIGITS + 1];
    char val[KGI_SHA256_DIGITS + 1]; /* "" without validation rows */
} kgi_identity;

struct kg_trainer {
    kgi_train_choice choice;
    kg_model *model;
    kg_rows train;
    kg_rows val; /* n = 0: none */
    int batch;
    int n_params;
    double began_s; /* by the clock */
    double saved_s;
    kgi_identity *identity;

    /* the run so far: all of it goes into a checkpoint */
    int n_steps;       /* done */
    int has_ended;     /* `stop` says why; not in a checkpoint */
    int stop;          /* kg_stop */
    uint64_t epoch;    /* of the shuffle */
    int position;      /* in order, of the next row */
    int *order;        /* [train.n] permutation */
    double *state;     /* of the optimizer */
    double last_loss;  /* of the last mini-batch */
    kgi_window window; /* since the last line of an epoch */
    int n_looks;       /* at the validation rows */
    int n_worse;       /* of them, since the best */
    int best_step;     /* 0: none yet */
    int best_epoch;
    double best_loss;
    double best_accuracy;
    double *best; /* [n_params], NULL without validation rows */
    kgi_doctor doctor;

    /* scratch */
    double *x;        /* [batch][n_features] */
    int *y;           /* [batch] */
    double *point;    /* [n_params] where the gradient is taken */
    double *gradient; /* [n_params] */
    double *previous; /* [n_params] parameters before the step */
};

/* Validation rows that are run at once. */
int kgi_val_chunk(const kg_trainer *trainer);

/* Seconds by the clock. */
double kgi_train_now(void);

/* Loss (sum) and gradient of the mini-batch in x and y, at parameters `at`. */
double kgi_trainer_gradient(kg_trainer *trainer, const double *at, int *n_correct);

void kgi_window_add(kgi_window *window, const kg_step *step);

/* ---- the doctor: all harmless if nobody listens ------------------------------------------------------ */

kg_status kgi_doctor_create(kg_trainer *trainer, kg_error *err);
void kgi_doctor_clear(kgi_doctor *doctor);
/* Looks at the inputs, which are there before the first step. */
void kgi_doctor_inputs(kg_trainer *trainer);
/* After a step. */
void kgi_doctor_step(kg_trainer *trainer, const kg_step *step);
/* After a pass over the training rows, and at the end. */
void kgi_doctor_epoch(kg_trainer *trainer);
/* The loss of a step is not finite. */
void kgi_doctor_numeric(kg_trainer *trainer, const kg_step *step);

/* ---- checkpoints, for rooms that put more beside it ---------------------------------------------------- */

kg_status kgi_trainer_put(const kg_trainer *trainer, kgi_container *container, kg_error *err);
kg_status kgi_trainer_take(kg_trainer *trainer, const kgi_container *container, kg_error *err);
/* Steps done, last loss and best validation of a checkpoint, whatever it belongs to. */
kg_status kgi_checkpoint_look(const char *path, kg_train_report *report, kg_error *err);

/* ---- what a checkpoint belongs to (identity.c) ----------------------------------------------------------- */

/* Fills trainer->identity. */
kg_status kgi_identity_make(const kg_trainer *trainer, kg_error *err);
/* The options of a table that count, as a JSON object of texts. */
void kgi_options_put(kgi_text *text, const kg_option_table *table, const void *options);
/* KG_ERR_ARGUMENT with what differs, if ketgrad.checkpoint (`root`) belongs to another run. */
kg_status kgi_identity_check(const kg_trainer *trainer, const kgi_container *container,
                             const json_t *root, kg_error *err);

#endif
