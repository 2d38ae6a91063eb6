/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments: seeds and baselines, what each one saw, how they stop, and what is refused. */
#include "base/options.h"
#include "bench.h"

static void on_step(const kg_step *step, void *user)
{
    bench *b = user;
    assert_int_equal(step->seed, b->training.seed + (uint64_t)b->n_seeds);
    b->n_steps++;
}

static int should_stop(void *user)
{
    bench *b = user;
    return b->stop_after && ++b->asked > b->stop_after;
}

static kg_status on_seed(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    bench *b = user;
    (void)err;
    assert_int_equal(result->seed, b->training.seed + (uint64_t)b->n_seeds);
    assert_true(b->n_seeds < 8 && kg_model_n_params(model) <= 64);
    memcpy(b->params[b->n_seeds++], kg_model_params(model),
           (size_t)kg_model_n_params(model) * sizeof(double));
    return KG_OK;
}

static void on_baseline(const kg_baseline_result *baseline, void *user)
{
    (void)baseline;
    ((bench *)user)->n_baselines++;
}

static void make(bench *b, const char *model, int seeds)
{
    bench_make(b, model, seeds, 20);
    b->training.seed = 40;
    b->training.on_step = on_step;
    b->training.should_stop = should_stop;
    b->options.on_seed = on_seed;
    b->options.on_baseline = on_baseline;
}

/* ---- defaults ------------------------------------------------------------------------------------------- */

static void defaults_are_as_documented(void **state)
{
    (void)state;
    const kg_experiment_options o = KG_EXPERIMENT_OPTIONS_INIT;
    const kgi_option *row = NULL;
    assert_int_equal(o.struct_size, sizeof o);
    assert_int_equal(o.seeds, 1);
    assert_string_equal(o.baselines, "logistic,majority");
    assert_int_equal(o.val_rows, 0);
    assert_near(o.val_fraction, 0.0, 0.0);
    assert_int_equal(o.split_seed, 1);
    assert_null(o.find_seed);
    assert_null(o.on_trainer);
    assert_null(o.on_baseline);
    assert_null(o.on_seed);
    assert_null(o.user);
    assert_true(kgi_options_agree(kg_experiment_options_table(), &o, &row));
}

/* ---- what is in a report -------------------------------------------------------------------------------- */

static void seeds_are_run_and_summarised(void **state)
{
    (void)state;
    static bench b;
    make(&b, "qcnn", 3);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    const kg_experiment *e = b.e;
    double mean = 0.0;
    assert_string_equal(e->model, "qcnn");
    assert_int_equal(e->params, 51);
    assert_int_equal(e->n_features, 8);
    assert_int_equal(e->n_classes, 2);
    assert_int_equal(e->n_train, 60);
    assert_int_equal(e->n_test, 30);
    assert_int_equal(e->n_seeds, 3);
    assert_int_equal(e->stop, KG_STOP_STEPS);
    assert_int_equal(b.n_steps, 60); /* baselines tell no steps */
    assert_int_equal(b.n_seeds, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(e->seeds[i].seed, 40 + i);
        assert_int_equal(e->seeds[i].steps, 20);
        assert_true(e->seeds[i].loss > 0.0);
        assert_true(e->seeds[i].seconds > 0.0);
        mean += e->seeds[i].test_accuracy / 3;
    }
    assert_near(e->test_accuracy.mean, mean, 1e-15);
    assert_int_equal(e->test_accuracy.n, 3);
    assert_int_equal(e->train_accuracy.n, 3);
    /* the confusion matrix is that of the last seed: 10 rows of class 0, 20 of class 1 */
    assert_int_equal(e->confusion[0] + e->confusion[1], 10);
    assert_int_equal(e->confusion[2] + e->confusion[3], 20);
    assert_near((e->confusion[0] + e->confusion[3]) / 30.0, e->seeds[2].test_accuracy, 1e-15);
    bench_clear(&b);
}

static void baselines_stand_beside(void **state)
{
    (void)state;
    static bench b;
    make(&b, "qcnn", 3);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 2);
    assert_int_equal(b.n_baselines, 2);
    assert_string_equal(b.e->baselines[0].name, "logistic");
    assert_int_equal(b.e->baselines[0].params, 9);
    assert_int_equal(b.e->baselines[0].test_accuracy.n, 3);
    assert_string_equal(b.e->baselines[1].name, "majority");
    assert_int_equal(b.e->baselines[1].params, 0);
    assert_near(b.e->baselines[1].test_accuracy.mean, 20.0 / 30, 1e-15);
    assert_near(b.e->baselines[1].test_accuracy.sd, 0.0, 0.0);
    bench_clear(&b);
    make(&b, "logistic", 1); /* it is not its own baseline */
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 1);
    assert_string_equal(b.e->baselines[0].name, "majority");
    bench_clear(&b);
    make(&b, "majority", 1);
    b.options.baselines = "none";
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 0);
    assert_int_equal(b.e->stop, KG_STOP_FIT);
    assert_near(b.e->seeds[0].test_accuracy, 20.0 / 30, 1e-15);
    bench_clear(&b);
}

/* The baseline is what the model of that name gives alone: same features, budget and seeds. */
static void a_baseline_is_an_experiment_of_its_own(void **state)
{
    (void)state;
    static bench b, alone;
    make(&b, "qcnn", 2);
    make(&alone, "logistic", 2);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(bench_run(&alone, NULL), KG_OK);
    assert_near(b.e->baselines[0].test_accuracy.mean, alone.e->test_accuracy.mean, 0.0);
    assert_near(b.e->baselines[0].test_accuracy.sd, alone.e->test_accuracy.sd, 0.0);
    bench_clear(&b);
    bench_clear(&alone);
}

/* Seed 41 alone and as the second of three: the same parameters to the bit. */
static void a_seed_is_the_same_alone(void **state)
{
    (void)state;
    static bench b, alone;
    make(&b, "qcnn", 3);
    make(&alone, "qcnn", 1);
    alone.training.seed = 41;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(bench_run(&alone, NULL), KG_OK);
    assert_memory_equal(b.params[1], alone.params[0], 51 * sizeof(double));
    assert_memory_not_equal(b.params[0], b.params[1], 51 * sizeof(double));
    assert_near(b.e->seeds[1].test_accuracy, alone.e->seeds[0].test_accuracy, 0.0);
    bench_clear(&b);
    bench_clear(&alone);
}

/* Published tables print the population sd: sqrt((n - 1) / n) of the sample's. */
static void compat_prints_the_population_sd(void **state)
{
    (void)state;
    static bench b;
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    double accuracies[3];
    kg_stats sample;
    make(&b, "qcnn", 3);
    kg_model_destroy(b.model);
    o.compat = "hur";
    o.loss = "ce";
    assert_int_equal(kg_model_create(&b.model, "qcnn", &o, NULL), KG_OK);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    for (int i = 0; i < 3; i++) {
        accuracies[i] = b.e->seeds[i].test_accuracy;
    }
    kg_stats_compute(3, accuracies, 0, &sample);
    assert_true(sample.sd > 0.0);
    assert_int_equal(b.e->population, 1);
    assert_near(b.e->test_accuracy.sd, sample.sd * sqrt(2.0 / 3), 1e-15);
    bench_clear(&b);
}

/* ---- no leak ---------------------------------------------------------------------------------------------- */

/* Another test set: the same parameters and the same pipeline, to the bit. */
static void test_rows_change_no_fitted_value(void **state)
{
    (void)state;
    static bench b, other;
    make(&b, "qcnn", 1);
    make(&other, "qcnn", 1);
    kg_dataset_destroy(other.test);
    other.test = fixture_bars(25, 2, 99, 1);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(bench_run(&other, NULL), KG_OK);
    assert_memory_equal(b.params[0], other.params[0], 51 * sizeof(double));
    assert_int_equal(kg_pipeline_n_fit_rows(kg_model_pipeline(b.model)), 60);
    for (int i = 0; i < kg_pipeline_n_steps(kg_model_pipeline(b.model)); i++) {
        const double *range = kg_pipeline_range(kg_model_pipeline(b.model), i);
        if (range) {
            assert_memory_equal(range, kg_pipeline_range(kg_model_pipeline(other.model), i),
                                2 * sizeof *range);
        }
    }
    static double x[30][8], y[30][8];
    assert_int_equal(
        kg_pipeline_run(kg_model_pipeline(b.model), kg_dataset_features(b.test), 30, x[0], NULL),
        KG_OK);
    assert_int_equal(kg_pipeline_run(kg_model_pipeline(other.model), kg_dataset_features(b.test),
                                     30, y[0], NULL),
                     KG_OK);
    assert_memory_equal(x, y, sizeof x);
    bench_clear(&b);
    bench_clear(&other);
}

/* ---- testing a trained model -------------------------------------------------------------------------------- */

static void a_trained_model_is_tested_on_raw_rows(void **state)
{
    (void)state;
    static bench b;
    double accuracy = 0.0, loss = 0.0;
    int predicted[30], confusion[4];
    make(&b, "qcnn", 1);
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(kg_eval_dataset(b.model, b.test, &accuracy, &loss, predicted, confusion, NULL),
                     KG_OK);
    assert_near(accuracy, b.e->seeds[0].test_accuracy, 0.0);
    assert_memory_equal(confusion, b.e->confusion, sizeof confusion);
    assert_near(kg_accuracy(30, kg_dataset_labels(b.test), predicted), accuracy, 0.0);
    assert_true(loss > 0.0);
    bench_clear(&b);
}

static void sets_of_another_kind_are_refused(void **state)
{
    (void)state;
    static bench b;
    kg_error err = {0};
    double accuracy = 0.0;
    kg_dataset *three = fixture_bars(30, 3, 2, 0), *narrow = NULL, *renamed = NULL;
    const char *const names[] = {"cat", "dog"};
    make(&b, "qcnn", 1);
    assert_int_equal(kg_dataset_create(&narrow, "narrow", 4, 5, kg_dataset_features(three), 2,
                                       kg_dataset_labels(b.test), NULL, NULL),
                     KG_OK);
    assert_int_equal(kg_dataset_create(&renamed, "pets", 4, 64, kg_dataset_features(three), 2,
                                       kg_dataset_labels(b.test), names, NULL),
                     KG_OK);
    assert_int_equal(kg_eval_dataset(b.model, b.test, &accuracy, NULL, NULL, NULL, &err),
                     KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "model \"qcnn\" is not built: fit, build or load it first");
    assert_int_equal(kg_model_fit(b.model, b.train, NULL), KG_OK);
    assert_int_equal(kg_eval_dataset(b.model, three, &accuracy, NULL, NULL, NULL, &err),
                     KG_ERR_SHAPE);
    assert_string_equal(err.message, "data set \"bars\" has 3 classes, but the model 2");
    assert_int_equal(kg_eval_dataset(b.model, narrow, &accuracy, NULL, NULL, NULL, &err),
                     KG_ERR_SHAPE);
    assert_string_equal(err.message, "data set \"narrow\" has 5 features, but the model takes 64");
    assert_int_equal(kg_eval_dataset(b.model, renamed, &accuracy, NULL, NULL, NULL, &err),
                     KG_ERR_SHAPE);
    assert_string_equal(err.message,
                        "class 0 of data set \"pets\" is \"cat\", but the model's is \"0\"");
    kg_experiment *e = NULL;
    assert_int_equal(kg_experiment_run(&e, b.model, b.train, three, NULL, NULL, &err),
                     KG_ERR_SHAPE);
    assert_string_equal(err.message, "training rows have 2 classes, test rows 3");
    assert_int_equal(kg_experiment_run(&e, b.model, b.train, narrow, NULL, NULL, &err),
                     KG_ERR_SHAPE);
    assert_string_equal(err.message, "training rows have 64 features, test rows 5");
    assert_null(e);
    kg_dataset_destroy(three);
    kg_dataset_destroy(narrow);
    kg_dataset_destroy(renamed);
    bench_clear(&b);
}

/* ---- ends and failures ---------------------------------------------------------------------------------------- */

/* Stopped in the second seed: that one is the last, it is called back, and baselines are left out. */
static void an_experiment_can_be_stopped(void **state)
{
    (void)state;
    static bench b;
    make(&b, "qcnn", 5);
    b.stop_after = 27;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_seeds, 2);
    assert_int_equal(b.e->stop, KG_STOP_CALLBACK);
    assert_int_equal(b.e->seeds[1].stop, KG_STOP_CALLBACK);
    assert_int_equal(b.e->seeds[1].steps, 7);
    assert_int_equal(b.n_seeds, 2);
    assert_int_equal(b.e->n_baselines, 0);
    assert_int_equal(b.e->test_accuracy.n, 2);
    bench_clear(&b);
    make(&b, "qcnn", 1); /* stopped in a baseline: the model's results stay */
    b.stop_after = 30;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->stop, KG_STOP_STEPS);
    assert_int_equal(b.e->n_seeds, 1);
    assert_int_equal(b.e->n_baselines, 0);
    bench_clear(&b);
}

static kg_status refuse(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    (void)model;
    (void)result;
    (void)user;
    if (err) {
        err->status = KG_ERR_IO;
        snprintf(err->message, sizeof err->message, "the disk is full");
    }
    return KG_ERR_IO;
}

static void failures_end_it(void **state)
{
    (void)state;
    static bench b;
    kg_error err = {0};
    make(&b, "qcnn", 2);
    b.options.on_seed = refuse;
    assert_int_equal(bench_run(&b, &err), KG_ERR_IO);
    assert_string_equal(err.message, "the disk is full");
    assert_null(b.e);
    bench_clear(&b);
    make(&b, "qcnn", 2);
    b.training.optimizer = "newton";
    assert_int_equal(bench_run(&b, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "optimizer is \"newton\", not one of: nesterov, sgd, adam, "
                                     "momentum, rmsprop, adagrad");
    b.training.optimizer = "sgd";
    b.options.seeds = 0;
    assert_int_equal(bench_run(&b, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "seeds is 0, not a whole number in [1, 100000]");
    bench_clear(&b);
    kg_experiment_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(seeds_are_run_and_summarised),
        cmocka_unit_test(baselines_stand_beside),
        cmocka_unit_test(a_baseline_is_an_experiment_of_its_own),
        cmocka_unit_test(a_seed_is_the_same_alone),
        cmocka_unit_test(compat_prints_the_population_sd),
        cmocka_unit_test(test_rows_change_no_fitted_value),
        cmocka_unit_test(a_trained_model_is_tested_on_raw_rows),
        cmocka_unit_test(sets_of_another_kind_are_refused),
        cmocka_unit_test(an_experiment_can_be_stopped),
        cmocka_unit_test(failures_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
