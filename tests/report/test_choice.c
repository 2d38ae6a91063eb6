/* SPDX-License-Identifier: Apache-2.0 */
/* Which data, in words: documented defaults, classes, refusals. */
#include <ketgrad/report.h>

#include <string.h>

#include "base/options.h"
#include "near.h"

static void defaults_are_the_documented_ones(void **state)
{
    (void)state;
    const kgi_option *row = NULL;
    const kg_run_data data = KG_RUN_DATA_INIT;
    assert_true(kgi_options_agree(kg_run_data_table(), &data, &row));
    assert_string_equal(data.data, "strokes");
    assert_string_equal(data.classes, "0,1");
    assert_int_equal(data.train_rows, 0);
    assert_int_equal(data.test_rows, 0);
    assert_null(data.data_folder);
    assert_int_equal(data.data_seed, 1);
}

static void classes_are_chosen(void **state)
{
    (void)state;
    kg_run_data data = KG_RUN_DATA_INIT;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    data.classes = "7,3";
    data.train_rows = 20;
    data.test_rows = 10;
    assert_int_equal(kg_run_data_load(&train, &test, &data, NULL), KG_OK);
    assert_int_equal(kg_dataset_n_rows(train), 20);
    assert_int_equal(kg_dataset_n_rows(test), 10);
    assert_int_equal(kg_dataset_n_classes(train), 2);
    assert_string_equal(kg_dataset_class_name(train, 0), "7");
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    data.classes = "all";
    assert_int_equal(kg_run_data_load(&train, &test, &data, NULL), KG_OK);
    assert_int_equal(kg_dataset_n_classes(test), 10);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

static void bad_classes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "0,", ",1", "0 1", "a", "-1", "0,99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kg_run_data data = KG_RUN_DATA_INIT;
        kg_error err = {0};
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        char expected[160];
        data.classes = bad[i];
        assert_int_equal(kg_run_data_load(&train, &test, &data, &err), KG_ERR_ARGUMENT);
        (void)snprintf(expected, sizeof expected,
                       "classes is \"%s\", not numbers with commas between (\"0,1\"), or all",
                       bad[i]);
        assert_string_equal(err.message, expected);
        assert_null(train);
    }
}

static void ranges_are_checked(void **state)
{
    (void)state;
    kg_run_data data = KG_RUN_DATA_INIT;
    kg_error err = {0};
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    data.train_rows = -1;
    assert_int_equal(kg_run_data_load(&train, &test, &data, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "train_rows is -1, not a whole number in [0, 1000000000]");
    data.train_rows = 0;
    data.data = "minst";
    assert_int_equal(kg_run_data_load(&train, &test, &data, &err), KG_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "did you mean \"mnist\"?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_documented_ones),
        cmocka_unit_test(classes_are_chosen),
        cmocka_unit_test(bad_classes_are_refused),
        cmocka_unit_test(ranges_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
