/* SPDX-License-Identifier: Apache-2.0 */
/* The small tables, as they were published: rows, classes, first values, and how they are split. Needs
 * KETGRAD_DATA with tabular/, and skips without it. */
#include <ketgrad/data.h>

#include "refused.h"

typedef struct set {
    const char *name;
    int n_features;
    int n_classes;
    const char *classes[3];
    int n_train[3]; /* of the first classes, with the default fraction of 0.3 */
    int n_test[3];
    double sum; /* of all features of all rows, found with awk over the file */
} set;

/* Class counts are those of the descriptions that come with the files: wine 59, 71, 48; wdbc 357 benign,
 * 212 malignant; iris 50 each; optdigits 376, 389, 380 and 178, 182, 177. */
static const set sets[] = {
    {"wine", 13, 3, {"1", "2", "3"}, {41, 50, 34}, {18, 21, 14}, 159975.295999},
    {"wdbc", 30, 2, {"B", "M"}, {250, 148}, {107, 64}, 1056474.459636},
    {"iris",
     4,
     3,
     {"Iris-setosa", "Iris-versicolor", "Iris-virginica"},
     {35, 35, 35},
     {15, 15, 15},
     2078.2},
    {"optdigits", 64, 10, {"0", "1", "2"}, {376, 389, 380}, {178, 182, 177}, 1766476},
};

static const char *folder_or_skip(void)
{
    const char *folder = getenv("KETGRAD_DATA");
    char path[2 * SCRATCH_BYTES];
    snprintf(path, sizeof path, "%.500s/tabular/wine.data", folder ? folder : "");
    if (!folder || access(path, R_OK)) {
        print_message("skipped: KETGRAD_DATA has no tabular/wine.data\n");
        if (getenv("KETGRAD_REQUIRE_DATA")) {
            fail_msg("KETGRAD_REQUIRE_DATA is set");
        }
        skip();
    }
    return folder;
}

static double sum_of(const kg_dataset *data)
{
    double sum = 0.0;
    for (int i = 0; i < kg_dataset_n_rows(data) * kg_dataset_n_features(data); i++) {
        sum += kg_dataset_features(data)[i];
    }
    return sum;
}

static void tables_are_as_they_were_published(void **state)
{
    (void)state;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    options.folder = folder_or_skip();
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const set *s = &sets[i];
        const kg_dataset_info *info = kg_dataset_info_find(s->name);
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        kg_error err;
        if (kg_dataset_load(&train, &test, s->name, &options, &err)) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(kg_dataset_name(train), s->name);
        assert_int_equal(kg_dataset_n_features(train), s->n_features);
        assert_int_equal(kg_dataset_n_classes(test), s->n_classes);
        assert_int_equal(kg_dataset_n_rows(train) + (info->n_test ? 0 : kg_dataset_n_rows(test)),
                         info->n_train);
        assert_int_equal(kg_dataset_height(test), info->height);
        assert_int_equal(kg_dataset_source(train, 0)->known, 1);
        assert_int_equal(kg_dataset_source(test, 0)->known, 1);
        for (int c = 0; c < 3 && s->classes[c]; c++) {
            int n[2] = {0, 0};
            for (int r = 0; r < kg_dataset_n_rows(train); r++) {
                n[0] += kg_dataset_labels(train)[r] == c;
            }
            for (int r = 0; r < kg_dataset_n_rows(test); r++) {
                n[1] += kg_dataset_labels(test)[r] == c;
            }
            assert_string_equal(kg_dataset_class_name(train, c), s->classes[c]);
            assert_int_equal(n[0], s->n_train[c]);
            assert_int_equal(n[1], s->n_test[c]);
        }
        /* decimals of at most 6 digits, summed in another order: far below 1e-6 of the sum */
        assert_near(sum_of(train) + sum_of(test), s->sum, 1e-6 * s->sum);
        kg_dataset_destroy(train);
        kg_dataset_destroy(test);
    }
}

static void files_are_known_by_their_hash(void **state)
{
    (void)state;
    const char *folder = folder_or_skip();
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (int f = 0; kg_dataset_file_get(kg_dataset_info_find(sets[i].name), f); f++) {
            kg_file_state found = KG_FILE_MISSING;
            assert_int_equal(kg_dataset_check_file(&found, folder, sets[i].name, f, NULL), KG_OK);
            assert_int_equal(found, KG_FILE_RIGHT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_as_they_were_published),
        cmocka_unit_test(files_are_known_by_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
