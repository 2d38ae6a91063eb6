/* SPDX-License-Identifier: Apache-2.0 */
/* One model, many seeds, and the baselines beside it.
 *
 *   take validation rows out of the training rows -> fit the pipeline once on what is left -> prepare all
 *   sets once
 *     -> per seed: train, score training and test rows, call back
 *     -> per baseline: the same loop on the same prepared features
 *
 * Pipeline and validation rows depend on no seed of a run, and initial parameters and mini-batches depend
 * on nothing but it, so a seed gives the same bits alone and among others. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "eval/bench.h"

double kgi_bench_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- options --------------------------------------------------------------------------------------- */

#define OPT(t, field, lo, hi, text, help)                                                          \
    KGI_OPTION(kg_experiment_options, t, field, lo, hi, text, help)

static const kgi_option rows[] = {
    /* clang-format off */
    OPT('i', seeds, 1, 100000, "1", "runs, with seeds seed, seed + 1, ..."),
    OPT('s', baselines, 0, 0, "logistic,majority", "models to train on the same features, names with commas between; or none"),
    OPT('i', val_rows, 0, 1e9, "0", "rows to validate on, drawn from the training rows"),
    OPT('d', val_fraction, 0, 0.9, "0", "the same as a part of the training rows"),
    OPT('u', split_seed, 0, 18446744073709551615.0, "1", "seed of that draw, the same for all runs"),
    /* clang-format on */
};

const kg_option_table *kg_experiment_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("experiment", rows);
    return &table;
}

/* ---- one seed -------------------------------------------------------------------------------------- */

static kg_rows rows_of(const kg_dataset *data)
{
    return (kg_rows){kg_dataset_n_rows(data), kg_dataset_features(data), kg_dataset_labels(data)};
}

static kg_status train(kgi_bench *b, kg_model *model, const kg_train_options *training,
                       int callbacks, kg_seed_result *result, kg_error *err)
{
    const kg_rows train_rows = rows_of(b->train);
    kg_rows val_rows = {0};
    kg_trainer *trainer = NULL;
    kg_train_report report = {0};
    int running = 1;
    if (b->val) {
        val_rows = rows_of(b->val);
    }
    kg_status status =
        kg_trainer_create(&trainer, model, &train_rows, b->val ? &val_rows : NULL, training, err);
    if (!status && callbacks && b->options.on_trainer) {
        status = b->options.on_trainer(trainer, training->seed, b->options.user, err);
    }
    while (!status && running) {
        status = kg_trainer_step(trainer, &running, err);
    }
    if (trainer) {
        kg_trainer_finish(trainer, &report);
    }
    kg_trainer_destroy(trainer);
    *result = (kg_seed_result){.seed = training->seed,
                               .stop = report.stop,
                               .steps = report.steps,
                               .has_val = report.has_val,
                               .best_step = report.best_step,
                               .best_epoch = report.best_epoch,
                               .val_loss = report.val_loss,
                               .val_accuracy = report.val_accuracy};
    return status;
}

/* Training rows, then test rows with all there is to say about them. */
static kg_status score(kgi_bench *b, kg_model *model, kg_seed_result *result, kg_error *err)
{
    const kg_rows on_train = rows_of(b->train), on_test = rows_of(b->test);
    kg_status status = kg_model_score(model, on_train.n, on_train.features, on_train.labels,
                                      b->predicted, NULL, &result->loss, err);
    if (!status) {
        result->train_accuracy = kg_accuracy(on_train.n, on_train.labels, b->predicted);
        status = kg_model_score(model, on_test.n, on_test.features, on_test.labels, b->predicted,
                                b->scores, NULL, err);
    }
    if (!status) {
        status = kg_metrics_compute(on_test.n, on_test.labels, b->predicted, b->scores,
                                    kg_model_n_classes(model), &result->test, err);
        result->test_accuracy = result->test.accuracy;
    }
    return status;
}

kg_status kgi_bench_seed(kgi_bench *b, kg_model *model, uint64_t seed, int callbacks,
                         kg_seed_result *result, kg_error *err)
{
    const double begin = kgi_bench_now();
    kg_train_options training = b->training;
    int found = 0;
    kg_status status = KG_OK;
    training.seed = seed;
    *result = (kg_seed_result){.seed = seed};
    if (callbacks && b->options.find_seed) {
        status = b->options.find_seed(model, seed, result, &found, b->options.user, err);
    }
    if (!status && !found) {
        status = train(b, model, &training, callbacks, result, err);
    }
    const double seconds_before = found ? result->seconds : 0.0;
    if (!status) {
        status = score(b, model, result, err);
    }
    result->seconds = found ? seconds_before : kgi_bench_now() - begin;
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

/* The callback sees the test rows; the result that stays does not. */
static kg_status tell(kgi_bench *b, kg_model *model, kg_seed_result *result, kg_error *err)
{
    if (!b->options.on_seed) {
        return KG_OK;
    }
    kg_seed_result shown = *result;
    shown.n_test = kg_dataset_n_rows(b->test);
    shown.labels = kg_dataset_labels(b->test);
    shown.predicted = b->predicted;
    shown.scores = b->scores;
    return b->options.on_seed(model, &shown, b->options.user, err);
}

static kg_status run_seeds(kg_experiment *e, kg_model *model, kgi_bench *b, kg_error *err)
{
    for (int i = 0; i < b->options.seeds; i++) {
        kg_seed_result *result = &e->seeds[i];
        kg_status status = kgi_bench_seed(b, model, b->training.seed + (uint64_t)i, 1, result, err);
        if (status) {
            return status;
        }
        e->stop = result->stop;
        e->n_seeds = i + 1;
        kg_confusion(kg_dataset_n_rows(b->test), kg_dataset_labels(b->test), b->predicted,
                     e->n_classes, e->confusion);
        status = tell(b, model, result, err);
        if (status || result->stop == KG_STOP_CALLBACK) {
            return status;
        }
    }
    return KG_OK;
}

/* ---- before it begins ---------------------------------------------------------------------------------- */

kg_status kgi_experiment_check(const kg_experiment_options *options, const kg_dataset *train,
                               const kg_dataset *test, int *n_val, kg_error *err)
{
    const int n_rows = kg_dataset_n_rows(train);
    if (kg_dataset_n_features(train) != kg_dataset_n_features(test)) {
        return kgi_fail(err, KG_ERR_SHAPE, "training rows have %d features, test rows %d",
                        kg_dataset_n_features(train), kg_dataset_n_features(test));
    }
    if (kg_dataset_n_classes(train) != kg_dataset_n_classes(test)) {
        return kgi_fail(err, KG_ERR_SHAPE, "training rows have %d classes, test rows %d",
                        kg_dataset_n_classes(train), kg_dataset_n_classes(test));
    }
    if (options->val_rows && options->val_fraction > 0.0) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "val_rows is %d and val_fraction %g: give one of them", options->val_rows,
                        options->val_fraction);
    }
    *n_val = options->val_rows ? options->val_rows : (int)(options->val_fraction * n_rows + 0.5);
    if (*n_val >= n_rows) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "%d validation rows of %d training rows leave none to train on", *n_val,
                        n_rows);
    }
    return KG_OK;
}

/* The largest of seeds and rows are known now; so all memory is taken here. */
static kg_status allocate(kg_experiment *e, kgi_bench *b, kg_error *err)
{
    const int n_rows = e->n_train > e->n_test ? e->n_train : e->n_test;
    e->seeds = calloc((size_t)b->options.seeds, sizeof *e->seeds);
    e->baselines = calloc(KGI_MAX_BASELINES, sizeof *e->baselines);
    e->confusion = calloc((size_t)e->n_classes * (size_t)e->n_classes, sizeof *e->confusion);
    b->predicted = calloc((size_t)n_rows, sizeof *b->predicted);
    b->scores = calloc((size_t)e->n_test * (size_t)e->n_classes, sizeof *b->scores);
    b->numbers = calloc((size_t)b->options.seeds, sizeof *b->numbers);
    if (!e->seeds || !e->baselines || !e->confusion || !b->predicted || !b->scores || !b->numbers) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate an experiment of %d seeds, %d rows",
                        b->options.seeds, n_rows);
    }
    return KG_OK;
}

/* Fits the pipeline on the rows that are trained on, and prepares all sets. */
static kg_status fit(kgi_bench *b, kg_model *model, const kg_dataset *train_rows,
                     const kg_dataset *val_rows, const kg_dataset *test, kg_error *err)
{
    kg_status status = kg_model_fit(model, train_rows, err);
    if (!status) {
        status = kg_pipeline_apply(&b->train, kg_model_pipeline(model), train_rows, err);
    }
    if (!status && val_rows) {
        status = kg_pipeline_apply(&b->val, kg_model_pipeline(model), val_rows, err);
    }
    if (!status) {
        status = kg_pipeline_apply(&b->test, kg_model_pipeline(model), test, err);
    }
    return status;
}

static kg_status prepare(kg_experiment *e, kg_model *model, const kg_dataset *train_rows,
                         const kg_dataset *test, kgi_bench *b, kg_error *err)
{
    const double begin = kgi_bench_now();
    kg_dataset *kept = NULL, *val = NULL;
    const int n_rows = kg_dataset_n_rows(train_rows);
    const int n_val = e->n_val;
    kg_status status = KG_OK;
    if (n_val) { /* ~: another key than that of the shuffles of the runs */
        status =
            kg_dataset_split(&kept, &val, train_rows, n_rows - n_val, ~b->options.split_seed, err);
    }
    if (!status) {
        status = fit(b, model, kept ? kept : train_rows, val, test, err);
    }
    kg_dataset_destroy(kept);
    kg_dataset_destroy(val);
    if (status) {
        return status;
    }
    e->fit_seconds = kgi_bench_now() - begin;
    e->model = kg_model_name(model);
    e->params = kg_model_n_params(model);
    e->n_features = kg_model_n_features(model);
    e->n_classes = kg_model_n_classes(model);
    e->n_train = n_rows - n_val;
    e->n_test = kg_dataset_n_rows(test);
    e->population = model->compat->population;
    return KG_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static kg_status run_all(kg_experiment *e, kg_model *model, const kg_dataset *train_rows,
                         const kg_dataset *test, kgi_bench *b, kg_error *err)
{
    const char *names[KGI_MAX_BASELINES];
    int n_names = 0; /* what is wrong with them is found before an hour is spent */
    kg_status status = kgi_baselines_parse(b->options.baselines, names, &n_names, err);
    if (!status) {
        status = prepare(e, model, train_rows, test, b, err);
    }
    if (!status) {
        status = kgi_baselines_check(b->options.baselines, model, err);
    }
    if (!status) {
        status = allocate(e, b, err);
    }
    if (!status) {
        status = run_seeds(e, model, b, err);
    }
    if (!status) {
        summarise(e, b->numbers);
        if (e->stop != KG_STOP_CALLBACK) {
            status = kgi_baselines_run(e, model, b, err);
        }
    }
    free(b->numbers);
    free(b->predicted);
    free(b->scores);
    kg_dataset_destroy(b->train);
    kg_dataset_destroy(b->val);
    kg_dataset_destroy(b->test);
    return status;
}

kg_status kg_experiment_run(kg_experiment **out, kg_model *model, const kg_dataset *train_rows,
                            const kg_dataset *test, const kg_train_options *training,
                            const kg_experiment_options *options, kg_error *err)
{
    const double begin = kgi_bench_now();
    kgi_bench b = {.training = KG_TRAIN_OPTIONS_INIT, .options = KG_EXPERIMENT_OPTIONS_INIT};
    int n_val = 0;
    *out = NULL;
    kg_status status =
        kgi_options_take(kg_experiment_options_table(), &b.options, sizeof b.options, options, err);
    if (!status) {
        status = kgi_options_take(kg_train_options_table(), &b.training, sizeof b.training,
                                  training, err);
    }
    if (!status) {
        status = kgi_experiment_check(&b.options, train_rows, test, &n_val, err);
    }
    if (status) {
        return status;
    }
    kg_experiment *e = calloc(1, sizeof *e);
    if (!e) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate an experiment");
    }
    e->n_val = n_val;
    status = run_all(e, model, train_rows, test, &b, err);
    if (status) {
        kg_experiment_destroy(e);
        return status;
    }
    e->seconds = kgi_bench_now() - begin;
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
