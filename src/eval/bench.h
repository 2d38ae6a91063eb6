/* SPDX-License-Identifier: Apache-2.0 */
/* What the runs of an experiment share. */
#ifndef EVAL_BENCH_H
#define EVAL_BENCH_H

#include <ketgrad/eval.h>

#include "base/status.h"
#include "model/model.h"

typedef struct kgi_bench {
    kg_dataset *train; /* prepared; what is left of the training rows */
    kg_dataset *val;   /* prepared; NULL: none */
    kg_dataset *test;  /* prepared */
    kg_train_options training;
    kg_experiment_options options;
    int *predicted;  /* [largest set] */
    double *scores;  /* [test rows][n_classes] */
    double *numbers; /* [seeds] */
} kgi_bench;

/* Trains and scores one seed; bench->predicted and ->scores are then those of the test rows. `callbacks`:
 * find_seed and on_trainer are asked. */
kg_status kgi_bench_seed(kgi_bench *bench, kg_model *model, uint64_t seed, int callbacks,
                         kg_seed_result *result, kg_error *err);

double kgi_bench_now(void);

/* Sets that belong together, and rows left to train on; *n_val: how many validation rows the options ask
 * for. Errors: KG_ERR_SHAPE, KG_ERR_ARGUMENT. */
kg_status kgi_experiment_check(const kg_experiment_options *options, const kg_dataset *train,
                               const kg_dataset *test, int *n_val, kg_error *err);

/* Models that options.baselines names, in its order and each once: *n of them in names[capacity], rows of
 * the registry. Errors: KG_ERR_ARGUMENT (unknown, custom). */
enum { KGI_MAX_BASELINES = 16 };
kg_status kgi_baselines_parse(const char *text, const char *names[KGI_MAX_BASELINES], int *n,
                              kg_error *err);

/* Builds each of them once beside a built model: one that cannot be (too many classes for it, say) is found
 * before anything is trained. Errors: as above, and those of kg_model_build() with "baseline NAME: ". */
kg_status kgi_baselines_check(const char *text, const kg_model *main_model, kg_error *err);

/* All of them but the main model itself, one after the other, into experiment->baselines. */
kg_status kgi_baselines_run(kg_experiment *experiment, const kg_model *main_model, kgi_bench *bench,
                            kg_error *err);

#endif
