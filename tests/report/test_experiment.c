/* SPDX-License-Identifier: Apache-2.0 */
/* An experiment as JSON with the promised names, and as a table that marks the best. */
#include <ketgrad/report.h>

#include <jansson.h>
#include <string.h>

#include "near.h"

static kg_seed_result seeds[] = {{1, 0.9, 0.75, 0.5, 1.5, KG_STOP_STEPS, 200},
                                 {2, 0.8, 0.85, 0.1, 2.5, KG_STOP_STEPS, 200}};
static kg_baseline_result baselines[] = {
    {"logistic", 9, {2, 0.97, 0.01, 0.96, 0.98, 0.95, 1.02}, 0.25},
    {"majority", 0, {2, 0.5, 0, 0.5, 0.5, 0.5, 0.5}, 0.0}};

static kg_experiment sample(void)
{
    kg_experiment e = {.model = "qcnn", .params = 51, .n_features = 8, .n_classes = 2};
    e.n_train = 100;
    e.n_test = 40;
    e.n_seeds = 2;
    e.seeds = seeds;
    e.test_accuracy = (kg_stats){2, 0.8, 0.0707, 0.75, 0.85, 0.165, 1.435};
    e.train_accuracy = (kg_stats){2, 0.85, 0.0707, 0.8, 0.9, 0.2, 1.5};
    e.n_baselines = 2;
    e.baselines = baselines;
    e.seconds = 1.0 / 3;
    return e;
}

static double real(const json_t *value, const char *key)
{
    value = json_object_get(value, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void json_has_the_promised_names(void **state)
{
    (void)state;
    const kg_experiment e = sample();
    char *text = NULL;
    assert_int_equal(kg_experiment_format(&text, &e, NULL), KG_OK);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "model")), "qcnn");
    assert_int_equal(json_integer_value(json_object_get(json, "params")), 51);
    const json_t *list = json_object_get(json, "seeds");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *seed = json_array_get(list, i);
        assert_int_equal(json_integer_value(json_object_get(seed, "seed")), seeds[i].seed);
        assert_near(real(seed, "train_accuracy"), seeds[i].train_accuracy, 0);
        assert_near(real(seed, "test_accuracy"), seeds[i].test_accuracy, 0);
        assert_near(real(seed, "loss"), seeds[i].loss, 0);
        assert_near(real(seed, "seconds"), seeds[i].seconds, 0);
    }
    const json_t *stats = json_object_get(json, "test_accuracy");
    assert_near(real(stats, "mean"), 0.8, 0);
    assert_near(real(stats, "sd"), 0.0707, 0);
    assert_near(real(stats, "min"), 0.75, 0);
    assert_near(real(stats, "max"), 0.85, 0);
    assert_int_equal(json_integer_value(json_object_get(stats, "n")), 2);
    const json_t *first = json_array_get(json_object_get(json, "baselines"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "logistic");
    assert_int_equal(json_integer_value(json_object_get(first, "params")), 9);
    assert_near(real(first, "test_accuracy"), 0.97, 0);
    assert_near(real(json, "seconds"), 1.0 / 3, 0); /* reads back to the same bits */
    json_decref(json);
    kg_free(text);
}

/* A number that is none is null, and lists may be empty. */
static void json_survives_nan_and_nothing(void **state)
{
    (void)state;
    kg_experiment e = sample();
    e.n_seeds = 0;
    e.n_baselines = 0;
    e.test_accuracy.mean = NAN;
    char *text = NULL;
    assert_int_equal(kg_experiment_format(&text, &e, NULL), KG_OK);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_int_equal(json_array_size(json_object_get(json, "seeds")), 0);
    assert_true(json_is_null(json_object_get(json_object_get(json, "test_accuracy"), "mean")));
    json_decref(json);
    kg_free(text);
}

static void table_marks_the_best(void **state)
{
    (void)state;
    kg_experiment e = sample();
    char *text = NULL;
    assert_int_equal(kg_experiment_table(&text, &e, NULL), KG_OK);
    assert_string_equal(text,
                        "model     parameters  test accuracy (95 % CI)  seeds    time\n"
                        "qcnn              51  0.8000 [0.1650, 1.0000]      2  4.00 s\n"
                        "logistic           9  0.9700 [0.9500, 1.0000]      2  0.25 s  <- best\n"
                        "majority           0  0.5000                       2  0.00 s\n");
    kg_free(text);
    e.n_baselines = 0; /* alone it is the best of nothing */
    assert_int_equal(kg_experiment_table(&text, &e, NULL), KG_OK);
    assert_string_equal(text, "model  parameters  test accuracy (95 % CI)  seeds    time\n"
                              "qcnn           51  0.8000 [0.1650, 1.0000]      2  4.00 s\n");
    kg_free(text);
}

static void saving_names_the_folder(void **state)
{
    (void)state;
    const kg_experiment e = sample();
    kg_error err = {0};
    assert_int_equal(kg_experiment_save(&e, "/nonexistent/folder", &err), KG_ERR_IO);
    assert_non_null(strstr(err.message, "/nonexistent/folder/experiment.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_promised_names),
        cmocka_unit_test(json_survives_nan_and_nothing),
        cmocka_unit_test(table_marks_the_best),
        cmocka_unit_test(saving_names_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
