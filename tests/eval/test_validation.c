/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments with validation rows, chosen baselines, and seeds that are done already. */
#include "bench.h"
#include "refused.h"

static void on_step(const kg_step *step, void *user)
{
    (void)step;
    ((bench *)user)->n_steps++;
}

static void on_epoch(const kg_epoch *epoch, void *user)
{
    bench *b = user;
    if (epoch->epoch == 1) {
        b->first_val_loss[b->n_seeds] = epoch->val_loss;
    }
}

static kg_status on_trainer(kg_trainer *trainer, uint64_t seed, void *user, kg_error *err)
{
    (void)seed;
    (void)err;
    assert_int_equal(kg_trainer_n_steps(trainer), 0);
    ((bench *)user)->n_trainers++;
    return KG_OK;
}

static kg_status on_seed(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    bench *b = user;
    int n_correct = 0;
    (void)err;
    memcpy(b->params[b->n_seeds++], kg_model_params(model),
           (size_t)kg_model_n_params(model) * sizeof(double));
    for (int i = 0; i < result->n_test; i++) { /* what is lent is what was measured */
        n_correct += result->labels[i] == result->predicted[i];
        assert_near(result->scores[2 * i] + result->scores[2 * i + 1], 1.0, 1e-12);
    }
    assert_int_equal(result->n_test, 30);
    assert_near((double)n_correct / 30, result->test_accuracy, 1e-15);
    assert_near(result->test.accuracy, result->test_accuracy, 0.0);
    return KG_OK;
}

static kg_status find_seed(kg_model *model, uint64_t seed, kg_seed_result *result, int *found,
                           void *user, kg_error *err)
{
    bench *b = user;
    if (seed != b->done) {
        return KG_OK;
    }
    *found = 1;
    result->steps = 77;
    result->seconds = 5.0;
    return kg_model_set_params(model, kg_model_n_params(model), b->given, err);
}

static void make(bench *b, const char *model, int seeds)
{
    bench_make(b, model, seeds, 24);
    b->training.batch = 10;
    b->training.on_step = on_step;
    b->training.on_epoch = on_epoch;
    b->options.baselines = "none";
    b->options.on_seed = on_seed;
    b->options.on_trainer = on_trainer;
    b->options.find_seed = find_seed;
}

/* ---- validation -------------------------------------------------------------------------------------------- */

static void validation_rows_are_taken_out(void **state)
{
    (void)state;
    static bench b, again;
    make(&b, "qcnn", 2);
    b.options.val_rows = 15;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_train, 45);
    assert_int_equal(b.e->n_val, 15);
    assert_int_equal(kg_pipeline_n_fit_rows(kg_model_pipeline(b.model)), 45);
    assert_true(b.e->seeds[0].has_val);
    assert_in_range(b.e->seeds[0].best_step, 1, 24);
    assert_in_range((int)(b.e->seeds[0].val_accuracy * 15 + 0.5), 0, 15);
    make(&again, "qcnn", 1); /* the second seed alone sees the same rows */
    again.options.val_fraction = 0.25;
    again.training.seed = 2;
    assert_int_equal(bench_run(&again, NULL), KG_OK);
    assert_int_equal(again.e->n_val, 15);
    assert_memory_equal(again.params[0], b.params[1],
                        (size_t)kg_model_n_params(b.model) * sizeof(double));
    assert_near(again.e->seeds[0].val_loss, b.e->seeds[1].val_loss, 0.0);
    bench_clear(&again);
    make(&again, "qcnn", 1); /* other rows by another split */
    again.options.val_rows = 15;
    again.options.split_seed = 2;
    assert_int_equal(bench_run(&again, NULL), KG_OK);
    assert_true(again.first_val_loss[0] != b.first_val_loss[0]);
    bench_clear(&again);
    bench_clear(&b);
}

/* The parts of a set, put together again, are the set: what the pipeline is fitted on has no validation row.
 * Their features are moved far away, and nothing fitted moves. */
static void no_fitted_value_sees_them(void **state)
{
    (void)state;
    static bench b, moved;
    kg_dataset *kept = NULL, *val = NULL, *changed = NULL;
    enum { ROWS = 60 };
    make(&b, "qcnn", 1);
    b.options.val_rows = 15;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(kg_dataset_split(&kept, &val, b.train, 45, ~(uint64_t)1, NULL), KG_OK);
    double *x = calloc((size_t)ROWS * FIXTURE_PIXELS, sizeof *x);
    assert_non_null(x);
    memcpy(x, kg_dataset_features(b.train), (size_t)ROWS * FIXTURE_PIXELS * sizeof *x);
    int n_moved = 0;
    for (int i = 0; i < ROWS; i++) { /* rows of the fixture are all different */
        double *row = x + (size_t)i * FIXTURE_PIXELS;
        for (int v = 0; v < 15; v++) {
            const double *other = kg_dataset_features(val) + (size_t)v * FIXTURE_PIXELS;
            if (memcmp(row, other, FIXTURE_PIXELS * sizeof *row) == 0) {
                for (int p = 0; p < FIXTURE_PIXELS; p++) {
                    row[p] = 255.0 - row[p];
                }
                n_moved++;
                break;
            }
        }
    }
    assert_int_equal(n_moved, 15);
    assert_int_equal(kg_dataset_create(&changed, "bars", ROWS, FIXTURE_PIXELS, x, 2,
                                       kg_dataset_labels(b.train), NULL, NULL),
                     KG_OK);
    assert_int_equal(kg_dataset_set_image(changed, FIXTURE_SIDE, FIXTURE_SIDE, NULL), KG_OK);
    make(&moved, "qcnn", 1);
    kg_dataset_destroy(moved.train);
    moved.train = changed;
    moved.options.val_rows = 15;
    moved.training.steps = b.training.steps;
    moved.training.val_every = 1000; /* only one look, at the end: both keep the last parameters */
    assert_int_equal(bench_run(&moved, NULL), KG_OK);
    bench_clear(&b);
    make(&b, "qcnn", 1);
    b.options.val_rows = 15;
    b.training.val_every = 1000;
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_memory_equal(moved.params[0], b.params[0],
                        (size_t)kg_model_n_params(b.model) * sizeof(double));
    assert_true(moved.e->seeds[0].val_loss != b.e->seeds[0].val_loss);
    free(x);
    kg_dataset_destroy(kept);
    kg_dataset_destroy(val);
    bench_clear(&moved);
    bench_clear(&b);
}

static void impossible_splits_are_refused(void **state)
{
    (void)state;
    static bench b;
    kg_error err = {0};
    make(&b, "qcnn", 1);
    b.options.val_rows = 60;
    assert_refused(bench_run(&b, &err), err, KG_ERR_ARGUMENT,
                   "60 validation rows of 60 training rows leave none to train on");
    b.options.val_fraction = 0.5;
    assert_refused(bench_run(&b, &err), err, KG_ERR_ARGUMENT,
                   "val_rows is 60 and val_fraction 0.5: give one of them");
    b.options.val_rows = 0;
    b.options.val_fraction = 0.95;
    assert_refused(bench_run(&b, &err), err, KG_ERR_ARGUMENT,
                   "val_fraction is 0.95, not a number in [0, 0.9]");
    b.options.val_fraction = 0;
    b.training.patience = 3;
    assert_refused(bench_run(&b, &err), err, KG_ERR_ARGUMENT,
                   "patience is 3, but there are no validation rows");
    bench_clear(&b);
}

/* ---- baselines --------------------------------------------------------------------------------------------- */

static void baselines_are_named(void **state)
{
    (void)state;
    static bench b;
    kg_error err = {0};
    make(&b, "qcnn", 1);
    b.options.baselines = "mlp,majority,mlp,cnn";
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 3);
    assert_string_equal(b.e->baselines[0].name, "mlp");
    assert_string_equal(b.e->baselines[1].name, "majority");
    assert_string_equal(b.e->baselines[2].name, "cnn");
    /* 8 features, h hidden units, one logit: 10 h + 1, nearest to 51: h = 5 */
    assert_int_equal(b.e->params, 51);
    assert_int_equal(b.e->baselines[0].params, 51);
    assert_in_range(b.e->baselines[2].params, 35, 70);
    bench_clear(&b);
    make(&b, "qcnn", 1);
    b.options.baselines = "true";
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 2);
    assert_string_equal(b.e->baselines[0].name, "logistic");
    bench_clear(&b);
    make(&b, "qcnn", 1);
    b.options.baselines = "logistic,majoriti";
    assert_refused(
        bench_run(&b, &err), err, KG_ERR_ARGUMENT,
        "baselines: \"majoriti\" is not a model, did you mean \"majority\"?; write names "
        "with commas between, or none");
    b.options.baselines = "custom";
    assert_refused(bench_run(&b, &err), err, KG_ERR_ARGUMENT, "needs a definition");
    assert_int_equal(b.n_steps, 0); /* found before anything was trained */
    bench_clear(&b);
}

/* An initialiser of circuits does not end an experiment at its baselines. */
static void baselines_have_initialisers_of_their_own(void **state)
{
    (void)state;
    static bench b;
    make(&b, "qcnn", 1);
    b.options.baselines = "logistic";
    b.training.init = "small-angle";
    assert_int_equal(bench_run(&b, NULL), KG_OK);
    assert_int_equal(b.e->n_baselines, 1);
    bench_clear(&b);
}

/* ---- seeds that are done -------------------------------------------------------------------------------------- */

static void finished_seeds_are_not_trained_again(void **state)
{
    (void)state;
    static bench whole, rest;
    make(&whole, "qcnn", 3);
    assert_int_equal(bench_run(&whole, NULL), KG_OK);
    assert_int_equal(whole.n_trainers, 3);
    make(&rest, "qcnn", 3);
    rest.done = 2;
    rest.given = whole.params[1];
    assert_int_equal(bench_run(&rest, NULL), KG_OK);
    assert_int_equal(rest.n_trainers, 2);
    assert_int_equal(rest.n_steps, 48);
    assert_int_equal(rest.n_seeds, 3);
    assert_int_equal(rest.e->seeds[1].steps, 77);
    assert_near(rest.e->seeds[1].seconds, 5.0, 0.0);
    for (int i = 0; i < 3; i++) {
        assert_near(rest.e->seeds[i].test_accuracy, whole.e->seeds[i].test_accuracy, 0.0);
        assert_near(rest.e->seeds[i].test.auc, whole.e->seeds[i].test.auc, 0.0);
        assert_near(rest.e->seeds[i].loss, whole.e->seeds[i].loss, 0.0);
    }
    assert_near(rest.e->test_accuracy.mean, whole.e->test_accuracy.mean, 0.0);
    bench_clear(&rest);
    bench_clear(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation_rows_are_taken_out),
        cmocka_unit_test(no_fitted_value_sees_them),
        cmocka_unit_test(impossible_splits_are_refused),
        cmocka_unit_test(baselines_are_named),
        cmocka_unit_test(baselines_have_initialisers_of_their_own),
        cmocka_unit_test(finished_seeds_are_not_trained_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
