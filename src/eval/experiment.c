/* SPDX-License-Identifier: Apache-2.0 */
/* One model, many seeds, and the baselines beside it.
 *
 *   fit the pipeline once on training rows -> prepare both sets once
 *     -> per seed: train, score training and test rows, call back
 *     -> per baseline: the same loop on the same prepared features
 *
 * The pipeline depends on no seed, and initial parameters and mini-batches depend on nothing but the
 * seed, so a seed gives the same bits alone and among others. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ketgrad/eval.h>

#include "base/options.h"
#include "model/model.h"

/* What all runs of an experiment share. */
typedef struct bench {
    const kg_dataset *train; /* prepared */
    const kg_dataset *test;  /* prepared */
    kg_train_options training;
    kg_experiment_options options;
    int *predicted; /* [largest set] */
} bench;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- options --------------------------------------------------------------------------------------- */

static const kgi_option rows[] = {
    /* clang-format off */
    KGI_OPTION(kg_experiment_options, 'i', seeds, 1, 100000, "1", "runs, with seeds seed, seed + 1, ..."),
    KGI_OPTION(kg_experiment_options, 'b', baselines, 0, 1, "true", "train majority and logistic regression on the same features"),
    /* clang-format on */
};

const kg_option_table *kg_experiment_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("experiment", rows);
    return &table;
}

/* ---- one seed -------------------------------------------------------------------------------------- */

static kg_status score(kg_model *model, const kg_dataset *data, bench *b, double *accuracy,
                       double *loss, kg_error *err)
{
    const int n = kg_dataset_n_rows(data);
    const int *labels = kg_dataset_labels(data);
    const kg_status status =
        kg_model_score(model, n, kg_dataset_features(data), labels, b->predicted, NULL, loss, err);
    if (!status) {
        *accuracy = kg_accuracy(n, labels, b->predicted);
    }
    return status;
}

/* Trains and scores; b->predicted then holds the predictions of the test rows. */
static kg_status run_seed(kg_model *model, bench *b, uint64_t seed, kg_seed_result *result,
                          kg_error *err)
{
    const double begin = now();
    kg_train_options training = b->training;
    kg_train_report report = {0};
    training.seed = seed;
    kg_status status =
        kg_train_run(model, kg_dataset_n_rows(b->train), kg_dataset_features(b->train),
                     kg_dataset_labels(b->train), &training, &report, err);
    *result = (kg_seed_result){.seed = seed, .stop = report.stop, .steps = report.steps};
    if (!status) {
        status = score(model, b->train, b, &result->train_accuracy, &result->loss, err);
    }
    if (!status) {
        status = score(model, b->test, b, &result->test_accuracy, NULL, err);
    }
    result->seconds = now() - begin;
    if (status && b->options.seeds > 1) {
        return kgi_fail_in(err, status, "seed %llu: ", (unsigned long long)seed);
    }
    return status;
}

/* ---- the model ------------------------------------------------------------------------------------- */

static void summarise(kg_experiment *e, double *numbers)
{
    if (e->n_seeds < 1) {
        return;
    }
    for (int i = 0; i < e->n_seeds; i++) {
        numbers[i] = e->seeds[i].train_accuracy;
    }
    kg_stats_compute(e->n_seeds, numbers, e->population, &e->train_accuracy);
    for (int i = 0; i < e->n_seeds; i++) {
        numbers[i] = e->seeds[i].test_accuracy;
    }
    kg_stats_compute(e->n_seeds, numbers, e->population, &e->test_accuracy);
}

static kg_status run_seeds(kg_experiment *e, kg_model *model, bench *b, kg_error *err)
{
    for (int i = 0; i < b->options.seeds; i++) {
        kg_seed_result *result = &e->seeds[i];
        kg_status status = run_seed(model, b, b->training.seed + (uint64_t)i, result, err);
        if (status) {
            return status;
        }
        e->stop = result->stop;
        e->n_seeds = i + 1;
        kg_confusion(kg_dataset_n_rows(b->test), kg_dataset_labels(b->test), b->predicted,
                     e->n_classes, e->confusion);
        if (b->options.on_seed) {
            status = b->options.on_seed(model, result, b->options.user, err);
        }
        if (status || result->stop == KG_STOP_CALLBACK) {
            return status;
        }
    }
    return KG_OK;
}

/* ---- baselines ------------------------------------------------------------------------------------- */

/* All seeds of one baseline; *done is 0 if a callback stopped it. */
static kg_status run_baseline(const kg_experiment *e, kg_model *model, bench *b, double *numbers,
                              kg_baseline_result *baseline, int *done, kg_error *err)
{
    const double begin = now();
    *done = 0;
    for (int i = 0; i < b->options.seeds; i++) {
        kg_seed_result result;
        const kg_status status = run_seed(model, b, b->training.seed + (uint64_t)i, &result, err);
        if (status || result.stop == KG_STOP_CALLBACK) {
            return status;
        }
        numbers[i] = result.test_accuracy;
    }
    baseline->name = kg_model_name(model);
    baseline->params = kg_model_n_params(model);
    kg_stats_compute(b->options.seeds, numbers, e->population, &baseline->test_accuracy);
    baseline->seconds = now() - begin;
    *done = 1;
    return KG_OK;
}

/* A baseline with the main model's quirks, on the features that are prepared already. */
static kg_status create_baseline(kg_model **out, const char *name, const kg_model *main_model,
                                 kg_error *err)
{
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    options.compat = kg_model_get_options(main_model)->compat;
    const kg_status status = kg_model_create(out, name, &options, err);
    return status ? status
                  : kg_model_build(*out, main_model->n_features, main_model->n_classes,
                                   (const char *const *)main_model->classes, err);
}

static kg_status run_baselines(kg_experiment *e, const kg_model *main_model, bench *b,
                               double *numbers, kg_error *err)
{
    b->training.on_step = NULL; /* steps that are told are those of the model */
    for (int i = 0; kgi_model_row_get(i); i++) {
        const kgi_model_row *row = kgi_model_row_get(i);
        kg_baseline_result *baseline = &e->baselines[e->n_baselines];
        kg_model *model = NULL;
        int done = 0;
        if (!row->is_baseline || strcmp(row->name, kg_model_name(main_model)) == 0) {
            continue;
        }
        kg_status status = create_baseline(&model, row->name, main_model, err);
        if (!status) {
            status = run_baseline(e, model, b, numbers, baseline, &done, err);
        }
        kg_model_destroy(model);
        if (status) {
            return kgi_fail_in(err, status, "baseline %s: ", row->name);
        }
        if (!done) {
            return KG_OK;
        }
        e->n_baselines++;
        if (b->options.on_baseline) {
            b->options.on_baseline(baseline, b->options.user);
        }
    }
    return KG_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static kg_status check_sets(const kg_dataset *train, const kg_dataset *test, kg_error *err)
{
    if (kg_dataset_n_features(train) != kg_dataset_n_features(test)) {
        return kgi_fail(err, KG_ERR_SHAPE, "training rows have %d features, test rows %d",
                        kg_dataset_n_features(train), kg_dataset_n_features(test));
    }
    if (kg_dataset_n_classes(train) != kg_dataset_n_classes(test)) {
        return kgi_fail(err, KG_ERR_SHAPE, "training rows have %d classes, test rows %d",
                        kg_dataset_n_classes(train), kg_dataset_n_classes(test));
    }
    return KG_OK;
}

/* The largest of seeds and rows are known now; so all memory is taken here. */
static kg_status allocate(kg_experiment *e, bench *b, double **numbers, kg_error *err)
{
    const int n_rows = e->n_train > e->n_test ? e->n_train : e->n_test;
    int n_models = 1; /* the registry has rows */
    while (kgi_model_row_get(n_models)) {
        n_models++;
    }
    e->seeds = calloc((size_t)b->options.seeds, sizeof *e->seeds);
    e->baselines = calloc((size_t)n_models, sizeof *e->baselines);
    e->confusion = calloc((size_t)e->n_classes * (size_t)e->n_classes, sizeof *e->confusion);
    b->predicted = calloc((size_t)n_rows, sizeof *b->predicted);
    *numbers = calloc((size_t)b->options.seeds, sizeof **numbers);
    if (!e->seeds || !e->baselines || !e->confusion || !b->predicted || !*numbers) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate an experiment of %d seeds, %d rows",
                        b->options.seeds, n_rows);
    }
    return KG_OK;
}

/* Fits the pipeline and prepares both sets. */
static kg_status prepare(kg_experiment *e, kg_model *model, const kg_dataset *train,
                         const kg_dataset *test, kg_dataset **own_train, kg_dataset **own_test,
                         kg_error *err)
{
    const double begin = now();
    kg_status status = kg_model_fit(model, train, err);
    if (!status) {
        status = kg_pipeline_apply(own_train, kg_model_pipeline(model), train, err);
    }
    if (!status) {
        status = kg_pipeline_apply(own_test, kg_model_pipeline(model), test, err);
    }
    if (status) {
        return status;
    }
    e->fit_seconds = now() - begin;
    e->model = kg_model_name(model);
    e->params = kg_model_n_params(model);
    e->n_features = kg_model_n_features(model);
    e->n_classes = kg_model_n_classes(model);
    e->n_train = kg_dataset_n_rows(train);
    e->n_test = kg_dataset_n_rows(test);
    e->population = model->compat->population;
    return KG_OK;
}

static kg_status run_all(kg_experiment *e, kg_model *model, const kg_dataset *train,
                         const kg_dataset *test, bench *b, kg_error *err)
{
    kg_dataset *own_train = NULL, *own_test = NULL;
    double *numbers = NULL;
    kg_status status = prepare(e, model, train, test, &own_train, &own_test, err);
    if (!status) {
        b->train = own_train;
        b->test = own_test;
        status = allocate(e, b, &numbers, err);
    }
    if (!status) {
        status = run_seeds(e, model, b, err);
    }
    if (!status) {
        summarise(e, numbers);
        if (b->options.baselines && e->stop != KG_STOP_CALLBACK) {
            status = run_baselines(e, model, b, numbers, err);
        }
    }
    free(numbers);
    free(b->predicted);
    kg_dataset_destroy(own_train);
    kg_dataset_destroy(own_test);
    return status;
}

kg_status kg_experiment_run(kg_experiment **out, kg_model *model, const kg_dataset *train,
                            const kg_dataset *test, const kg_train_options *training,
                            const kg_experiment_options *options, kg_error *err)
{
    const double begin = now();
    bench b = {.training = KG_TRAIN_OPTIONS_INIT, .options = KG_EXPERIMENT_OPTIONS_INIT};
    *out = NULL;
    kg_status status =
        kgi_options_take(kg_experiment_options_table(), &b.options, sizeof b.options, options, err);
    if (!status) {
        status = kgi_options_take(kg_train_options_table(), &b.training, sizeof b.training,
                                  training, err);
    }
    if (!status) {
        status = check_sets(train, test, err);
    }
    if (status) {
        return status;
    }
    kg_experiment *e = calloc(1, sizeof *e);
    if (!e) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate an experiment");
    }
    status = run_all(e, model, train, test, &b, err);
    if (status) {
        kg_experiment_destroy(e);
        return status;
    }
    e->seconds = now() - begin;
    *out = e;
    return KG_OK;
}

void kg_experiment_destroy(kg_experiment *experiment)
{
    if (experiment) {
        free(experiment->seeds);
        free(experiment->baselines);
        free(experiment->confusion);
        free(experiment);
    }
}
