/* SPDX-License-Identifier: Apache-2.0 */
/* What a run will take, against the run itself: the same counts, a model that stays as it was, the errors
 * that the run would end with, and refusals that say what would fit. That the bytes are those of a real
 * process is tested on the command line. */
#include <ketgrad/preflight.h>

#include "fixture.h"
#include "refused.h"

typedef struct setting {
    kg_model *model;
    kg_dataset *train;
    kg_dataset *test;
    kg_train_options training;
    kg_experiment_options options;
} setting;

static setting make(const char *model)
{
    setting s = {.train = fixture_bars(60, 2, 1, 1), .test = fixture_bars(30, 2, 2, 1)};
    s.training = (kg_train_options)KG_TRAIN_OPTIONS_INIT;
    s.training.steps = 7;
    s.options = (kg_experiment_options)KG_EXPERIMENT_OPTIONS_INIT;
    s.options.seeds = 2;
    s.options.val_rows = 12;
    s.options.baselines = "none";
    assert_int_equal(kg_model_create(&s.model, model, NULL, NULL), KG_OK);
    return s;
}

static void clear(setting *s)
{
    kg_model_destroy(s->model);
    kg_dataset_destroy(s->train);
    kg_dataset_destroy(s->test);
}

static void counts_are_those_of_the_run(void **state)
{
    (void)state;
    static const char *const models[] = {"qcnn", "logistic", "mlp"};
    for (int i = 0; i < 3; i++) {
        setting s = make(models[i]);
        kg_preflight f;
        kg_experiment *e = NULL;
        assert_int_equal(
            kg_preflight_estimate(&f, s.model, s.train, s.test, &s.training, &s.options, 0, NULL),
            KG_OK);
        assert_int_equal(kg_model_n_params(s.model), 0); /* not built */
        assert_int_equal(
            kg_experiment_run(&e, s.model, s.train, s.test, &s.training, &s.options, NULL), KG_OK);
        assert_int_equal(f.n_train, e->n_train);
        assert_int_equal(f.n_val, e->n_val);
        assert_int_equal(f.n_test, e->n_test);
        assert_int_equal(f.n_columns, FIXTURE_PIXELS);
        assert_int_equal(f.n_features, e->n_features);
        assert_int_equal(f.n_classes, e->n_classes);
        assert_int_equal(f.n_params, e->params);
        assert_int_equal(f.n_steps, 7);
        assert_int_equal(f.n_seeds, 2);
        assert_int_equal(f.has_plan, i == 0);
        assert_true(f.peak_bytes > f.resident_bytes);
        assert_near(f.seconds, 0.0, 0.0); /* nobody asked */
        kg_experiment_destroy(e);
        clear(&s);
    }
}

static void time_is_told_if_it_is_asked_for(void **state)
{
    (void)state;
    setting s = make("qcnn");
    kg_preflight f;
    assert_int_equal(
        kg_preflight_estimate(&f, s.model, s.train, s.test, &s.training, &s.options, 1, NULL),
        KG_OK);
    assert_true(f.step_seconds > 0.0);
    assert_true(f.seconds >= f.n_seeds * f.n_steps * f.step_seconds);
    clear(&s);
}

static void the_errors_are_those_of_the_run(void **state)
{
    (void)state;
    setting s = make("qcnn");
    kg_preflight f;
    kg_error err = {KG_OK, ""}, of_run = {KG_OK, ""};
    kg_experiment *e = NULL;
    s.options.val_rows = 60;
    assert_int_equal(
        kg_experiment_run(&e, s.model, s.train, s.test, &s.training, &s.options, &of_run),
        KG_ERR_ARGUMENT);
    assert_refused(
        kg_preflight_estimate(&f, s.model, s.train, s.test, &s.training, &s.options, 0, &err), err,
        KG_ERR_ARGUMENT, of_run.message);
    clear(&s);
}

static void too_much_is_refused_with_what_would_fit(void **state)
{
    (void)state;
    kg_error err = {KG_OK, ""};
    kg_preflight f = {.n_train = 1000,
                      .n_val = 24,
                      .resident_bytes = 100000000,
                      .peak_bytes = 300000000,
                      .row_bytes = 1000000,
                      .available_bytes = SIZE_MAX};
    assert_int_equal(kg_preflight_check(&f, 0, &err), KG_OK);
    assert_int_equal(kg_preflight_check(&f, 300000000, &err), KG_OK);
    assert_refused(kg_preflight_check(&f, 299999999, &err), err, KG_ERR_MEMORY,
                   "this run needs about 300000000 bytes at its peak, 299999999 are allowed; with "
                   "at most ");
    f.available_bytes = 150000000;
    assert_refused(kg_preflight_check(&f, 0, &err), err, KG_ERR_MEMORY, "250000000 are available");
    f.row_bytes = 8;
    assert_refused(kg_preflight_check(&f, 100000001, &err), err, KG_ERR_MEMORY,
                   "100000001 are allowed; fewer rows alone do not help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_run),
        cmocka_unit_test(time_is_told_if_it_is_asked_for),
        cmocka_unit_test(the_errors_are_those_of_the_run),
        cmocka_unit_test(too_much_is_refused_with_what_would_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
