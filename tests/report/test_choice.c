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
    assert_string_equal(data.classes, "auto");
    assert_int_equal(data.train_rows, 0);
    assert_int_equal(data.test_rows, 0);
    assert_null(data.data_folder);
    assert_int_equal(data.data_seed, 1);
    assert_string_equal(data.label, "last");
    assert_null(data.test);
    assert_true(data.test_fraction == 0.3);
}

/* Two digits of the large sets of images, all classes of the others. */
static void auto_is_what_the_table_says(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        int n_classes;
        const char *last;
    } sets[] = {{"strokes", 2, "1"}, {"bars-and-stripes", 2, "stripes"}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        kg_run_data data = KG_RUN_DATA_INIT;
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        data.data = sets[i].data;
        data.train_rows = 4;
        assert_int_equal(kg_run_data_load(&train, &test, &data, NULL), KG_OK);
        assert_int_equal(kg_dataset_n_classes(train), sets[i].n_classes);
        assert_string_equal(kg_dataset_class_name(test, 1), sets[i].last);
        kg_dataset_destroy(train);
        kg_dataset_destroy(test);
    }
}

/* By name if all are names, else all by number; "stripes,bars" turns the labels around. */
static void classes_have_names(void **state)
{
    (void)state;
    static const char *const choices[] = {"stripes,bars", "1,0"};
    for (size_t i = 0; i < 2; i++) {
        kg_run_data data = KG_RUN_DATA_INIT;
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        data.data = "bars-and-stripes";
        data.classes = choices[i];
        assert_int_equal(kg_run_data_load(&train, &test, &data, NULL), KG_OK);
        assert_string_equal(kg_dataset_class_name(train, 0), "stripes");
        assert_string_equal(kg_dataset_class_name(train, 1), "bars");
        kg_dataset_destroy(train);
        kg_dataset_destroy(test);
    }
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
    static const struct {
        const char *classes;
        const char *message;
    } bad[] = {
        {"", "classes is \"\", not names or numbers with commas between (\"0,1\"), all or auto"},
        {"0,", "classes is \"0,\", not names or numbers"},
        {",1", "classes is \",1\", not names or numbers"},
        {"0 1", "class 0 1 does not exist in strokes, it has 0 to 9"},
        {"a", "class a does not exist in strokes, it has 0 to 9"},
        {"-1", "class -1 does not exist in strokes, it has 0 to 9"},
        {"0,10", "class 10 does not exist in strokes, it has 0 to 9"},
        {"3,3", "class 3 is chosen twice"},
        {"0,99999999999999999999", "class 99999999999999999999 does not exist in strokes"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kg_run_data data = KG_RUN_DATA_INIT;
        kg_error err = {0};
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        data.classes = bad[i].classes;
        assert_int_equal(kg_run_data_load(&train, &test, &data, &err), KG_ERR_ARGUMENT);
        if (!strstr(err.message, bad[i].message)) {
            fail_msg("%s: %s", bad[i].classes, err.message);
        }
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
    assert_non_null(strstr(err.message, "did you mean mnist?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_documented_ones), cmocka_unit_test(classes_are_chosen),
        cmocka_unit_test(auto_is_what_the_table_says),      cmocka_unit_test(classes_have_names),
        cmocka_unit_test(bad_classes_are_refused),          cmocka_unit_test(ranges_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
