/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets in memory: copies, checks, chosen rows, splits. */
#include <ketgrad/data.h>

#include "refused.h"

enum { ROWS = 5, FEATURES = 4, CLASSES = 3 };
static const int labels[ROWS] = {2, 0, 1, 1, 2};

static kg_dataset *example(void)
{
    kg_error err;
    kg_dataset *data = NULL;
    double x[ROWS * FEATURES];
    for (int i = 0; i < ROWS * FEATURES; i++) {
        x[i] = i;
    }
    assert_int_equal(
        kg_dataset_create(&data, "rows", ROWS, FEATURES, x, CLASSES, labels, NULL, &err), KG_OK);
    x[0] = 77.0; /* it has its own copy */
    return data;
}

static void what_is_given_is_copied(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = example();
    assert_string_equal(kg_dataset_name(data), "rows");
    assert_int_equal(kg_dataset_n_rows(data), ROWS);
    assert_int_equal(kg_dataset_n_features(data), FEATURES);
    assert_int_equal(kg_dataset_n_classes(data), CLASSES);
    assert_int_equal(kg_dataset_height(data), 0);
    for (int i = 0; i < ROWS * FEATURES; i++) {
        assert_true(kg_dataset_features(data)[i] == i);
    }
    assert_memory_equal(kg_dataset_labels(data), labels, sizeof labels);
    assert_string_equal(kg_dataset_class_name(data, 2), "2");
    assert_null(kg_dataset_class_name(data, 3));
    assert_null(kg_dataset_class_name(data, -1));
    assert_int_equal(kg_dataset_n_sources(data), 0);
    assert_null(kg_dataset_source(data, 0));
    assert_int_equal(kg_dataset_set_image(data, 2, 2, &err), KG_OK);
    assert_int_equal(kg_dataset_height(data), 2);
    assert_int_equal(kg_dataset_width(data), 2);
    assert_refused(kg_dataset_set_image(data, 2, 3, &err), err, KG_ERR_SHAPE,
                   "rows: images of 2 x 3 do not have 4 features");
    assert_refused(kg_dataset_set_image(data, -2, -2, &err), err, KG_ERR_SHAPE, "rows: images");
    kg_dataset_destroy(data);
    kg_dataset_destroy(NULL);
}

static void rows_without_labels_and_named_classes(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = NULL;
    const double x[2] = {1, 2};
    const int label[2] = {1, 0};
    const char *names[2] = {"cat", "dog"};
    assert_int_equal(kg_dataset_create(&data, NULL, 2, 1, x, 0, NULL, NULL, &err), KG_OK);
    assert_string_equal(kg_dataset_name(data), "data");
    assert_null(kg_dataset_labels(data));
    assert_null(kg_dataset_class_name(data, 0));
    kg_dataset_destroy(data);
    assert_int_equal(kg_dataset_create(&data, NULL, 2, 1, x, 2, label, names, &err), KG_OK);
    assert_string_equal(kg_dataset_class_name(data, 1), "dog");
    kg_dataset_destroy(data);
}

static void bad_rows_are_refused(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = (kg_dataset *)&err;
    const double x[4] = {1, 2, NAN, 4};
    const int good[2] = {0, 1};
    const int bad[2] = {0, 2};
    assert_refused(kg_dataset_create(&data, "d", 0, 2, x, 2, good, NULL, &err), err,
                   KG_ERR_ARGUMENT, "d: 0 rows, must be at least 1");
    assert_null(data);
    assert_refused(kg_dataset_create(&data, "d", 2, 0, x, 2, good, NULL, &err), err,
                   KG_ERR_ARGUMENT, "d: 0 features, not in [1, 16777216]");
    assert_refused(kg_dataset_create(&data, "d", 2, 2, x, -1, good, NULL, &err), err,
                   KG_ERR_ARGUMENT, "d: -1 classes, not in [0, 65536]");
    assert_refused(kg_dataset_create(&data, "d", 2, 2, x, 2, good, NULL, &err), err, KG_ERR_NUMERIC,
                   "d: row 1, feature 0 is not finite");
    assert_refused(kg_dataset_create(&data, "d", 2, 1, x, 2, bad, NULL, &err), err, KG_ERR_ARGUMENT,
                   "d: row 1 has label 2, not in [0, 1]");
    assert_refused(kg_dataset_create(&data, "d", INT32_MAX, 1 << 24, x, 2, good, NULL, &err), err,
                   KG_ERR_MEMORY,
                   "d: 2147483647 rows of 16777216 features need 288230376017494016 bytes, ");
    assert_null(data);
}

static void rows_can_be_chosen(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = example();
    kg_dataset *some = NULL;
    const int rows[3] = {4, 0, 4};
    const int bad[1] = {5};
    assert_int_equal(kg_dataset_set_image(data, 1, 4, &err), KG_OK);
    assert_int_equal(kg_dataset_subset(&some, data, rows, 3, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(some), 3);
    assert_int_equal(kg_dataset_width(some), 4);
    for (int r = 0; r < 3; r++) {
        assert_int_equal(kg_dataset_labels(some)[r], labels[rows[r]]);
        assert_true(kg_dataset_features(some)[r * FEATURES + 1] == rows[r] * FEATURES + 1);
    }
    kg_dataset_destroy(some);
    assert_refused(kg_dataset_subset(&some, data, bad, 1, &err), err, KG_ERR_ARGUMENT,
                   "rows: row 5 does not exist, it has 0 to 4");
    assert_refused(kg_dataset_subset(&some, data, rows, 0, &err), err, KG_ERR_ARGUMENT,
                   "rows: 0 rows, must be at least 1");
    assert_null(some);
    kg_dataset_destroy(data);
}

/* Every row is in one part, in order, and each of 10 rows is chosen 3 times in 10: over 4000 seeds
 * 1200 times with a standard deviation of 29, so 5 sigma is 145. */
static void splits_are_fair_and_complete(void **state)
{
    (void)state;
    enum { N = 10, FIRST = 3, SEEDS = 4000 };
    kg_error err;
    kg_dataset *data = NULL;
    double x[N];
    int count[N] = {0};
    for (int i = 0; i < N; i++) {
        x[i] = i;
    }
    assert_int_equal(kg_dataset_create(&data, "d", N, 1, x, 0, NULL, NULL, &err), KG_OK);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        kg_dataset *part[2] = {NULL, NULL};
        int seen[N] = {0};
        assert_int_equal(kg_dataset_split(&part[0], &part[1], data, FIRST, seed, &err), KG_OK);
        assert_int_equal(kg_dataset_n_rows(part[0]), FIRST);
        assert_int_equal(kg_dataset_n_rows(part[1]), N - FIRST);
        for (int p = 0; p < 2; p++) {
            for (int r = 0; r < kg_dataset_n_rows(part[p]); r++) {
                const int row = (int)kg_dataset_features(part[p])[r];
                seen[row]++;
                count[row] += p == 0;
                assert_true(r == 0 || kg_dataset_features(part[p])[r - 1] < row);
            }
            kg_dataset_destroy(part[p]);
        }
        for (int i = 0; i < N; i++) {
            assert_int_equal(seen[i], 1);
        }
    }
    for (int i = 0; i < N; i++) {
        assert_near(count[i], 0.3 * SEEDS, 145.0);
    }
    kg_dataset *a = (kg_dataset *)&err;
    kg_dataset *b = a;
    assert_refused(kg_dataset_split(&a, &b, data, N, 1, &err), err, KG_ERR_ARGUMENT,
                   "d: 10 rows for the first part, not in [1, 9]");
    assert_null(a);
    assert_null(b);
    kg_dataset_destroy(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_copied),
        cmocka_unit_test(rows_without_labels_and_named_classes),
        cmocka_unit_test(bad_rows_are_refused),
        cmocka_unit_test(rows_can_be_chosen),
        cmocka_unit_test(splits_are_fair_and_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
