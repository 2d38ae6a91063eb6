/* SPDX-License-Identifier: Apache-2.0 */
/* Files as data sets: the split of each class, given test rows, classes, limits. And the generated bars
 * and stripes. */
#include <ketgrad/data.h>

#include "base/npz.h"
#include "refused.h"

/* "x,y,class": 40 rows of a, 20 of b, 10 of c, each with a number of its own, sorted by class. */
static void write_table(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("x,y,class\n", file);
    for (int i = 0; i < 70; i++) {
        fprintf(file, "%d,%d,%s\n", i, 100 - i, i < 40 ? "a" : i < 60 ? "b" : "c");
    }
    assert_int_equal(fclose(file), 0);
}

static int count(const kg_dataset *data, int label)
{
    int n = 0;
    for (int r = 0; r < kg_dataset_n_rows(data); r++) {
        n += kg_dataset_labels(data)[r] == label;
    }
    return n;
}

static void each_class_is_split_in_proportion(void **state)
{
    (void)state;
    static const struct {
        double fraction;
        int n_test[3];
    } rows[] = {{0.3, {12, 6, 3}}, {0.5, {20, 10, 5}}, {0.01, {1, 1, 1}}, {0.9, {36, 18, 9}}};
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    const char *path = scratch_path(folder, "t.csv");
    write_table(path);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
        kg_dataset *halves[2];
        kg_error err;
        unsigned char seen[70] = {0};
        options.test_fraction = rows[i].fraction;
        if (kg_dataset_load(&halves[0], &halves[1], path, &options, &err)) {
            fail_msg("%s", err.message);
        }
        for (int c = 0; c < 3; c++) {
            assert_int_equal(count(halves[1], c), rows[i].n_test[c]);
            assert_int_equal(count(halves[0], c), (c == 0   ? 40
                                                   : c == 1 ? 20
                                                            : 10) -
                                                      rows[i].n_test[c]);
        }
        for (int h = 0; h < 2; h++) { /* every row once, with its label */
            for (int r = 0; r < kg_dataset_n_rows(halves[h]); r++) {
                const int x = (int)kg_dataset_features(halves[h])[2 * r];
                assert_int_equal(seen[x]++, 0);
                assert_int_equal(kg_dataset_labels(halves[h])[r], (x >= 40) + (x >= 60));
            }
            assert_int_equal(kg_dataset_n_sources(halves[h]), 1);
            kg_dataset_destroy(halves[h]);
        }
    }
    scratch_remove(folder);
}

static kg_dataset *load(const char *path, uint64_t seed, int n_train)
{
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    kg_dataset *train = NULL;
    options.seed = seed;
    options.n_train = n_train;
    assert_int_equal(kg_dataset_load(&train, NULL, path, &options, NULL), KG_OK);
    return train;
}

/* The seed decides which rows and their order; the first rows are a part of all rows. */
static void the_seed_decides(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    const char *path = scratch_path(folder, "t.csv");
    write_table(path);
    kg_dataset *a = load(path, 5, 0);
    kg_dataset *same = load(path, 5, 0);
    kg_dataset *first = load(path, 5, 20);
    kg_dataset *other = load(path, 6, 0);
    const size_t bytes = 2 * (size_t)kg_dataset_n_rows(a) * sizeof(double);
    assert_memory_equal(kg_dataset_features(a), kg_dataset_features(same), bytes);
    assert_memory_not_equal(kg_dataset_features(a), kg_dataset_features(other), bytes);
    assert_int_equal(kg_dataset_n_rows(first), 20);
    assert_memory_equal(kg_dataset_features(a), kg_dataset_features(first), 40 * sizeof(double));
    /* 20 of 49 rows at random hold 8 or so of the 21 rows of b and c; in the file's order it were none */
    assert_true(count(first, 1) + count(first, 2) > 0);
    kg_dataset_destroy(a);
    kg_dataset_destroy(same);
    kg_dataset_destroy(first);
    kg_dataset_destroy(other);
    scratch_remove(folder);
}

static void classes_are_chosen_by_name_or_number(void **state)
{
    (void)state;
    static const char *const names[] = {"c", "a"};
    static const char *const numbers[] = {"2", "0"};
    static const char *const mixed[] = {"c", "0"};
    const int places[] = {2, 0};
    char folder[SCRATCH_BYTES];
    kg_error err;
    scratch_make(folder);
    const char *path = scratch_path(folder, "t.csv");
    write_table(path);
    for (int way = 0; way < 3; way++) {
        kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        options.n_classes = 2;
        options.class_names = way == 0 ? names : way == 1 ? numbers : NULL;
        options.classes = way == 2 ? places : NULL;
        assert_int_equal(kg_dataset_load(&train, &test, path, &options, &err), KG_OK);
        assert_int_equal(kg_dataset_n_classes(train), 2);
        assert_string_equal(kg_dataset_class_name(train, 0), "c");
        assert_string_equal(kg_dataset_class_name(test, 1), "a");
        assert_int_equal(count(train, 0), 7);
        assert_int_equal(count(test, 1), 12);
        kg_dataset_destroy(train);
        kg_dataset_destroy(test);
    }
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    kg_dataset *train = NULL;
    options.n_classes = 2;
    options.class_names = mixed;
    assert_refused(kg_dataset_load(&train, NULL, path, &options, &err), err, KG_ERR_ARGUMENT,
                   "class 0 does not exist in ");
    assert_non_null(strstr(err.message, "t.csv, it has a, b, c"));
    scratch_remove(folder);
}

static void test_rows_can_be_given(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    kg_error err;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    scratch_make(folder);
    const char *path = scratch_path(folder, "t.csv");
    const char *test_path = scratch_path(folder, "u.csv");
    write_table(path);
    options.test = test_path;
    scratch_write(test_path, "1,2,c\n3,4,a\n", 12);
    assert_int_equal(kg_dataset_load(&train, &test, path, &options, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(train),
                     70); /* nothing is split off, the order is the file's */
    assert_true(kg_dataset_features(train)[0] == 0 && kg_dataset_features(train)[2] == 1);
    assert_int_equal(kg_dataset_n_rows(test), 2);
    assert_int_equal(kg_dataset_labels(test)[0], 2);
    assert_int_equal(kg_dataset_n_classes(test), 3);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    scratch_write(test_path, "1,2,c\n3,4,d\n", 12);
    assert_refused(kg_dataset_load(&train, &test, path, &options, &err), err, KG_ERR_FORMAT,
                   "u.csv:2:3: 'd' is no class of the training rows");
    scratch_write(test_path, "1,2,3,c\n", 8);
    assert_refused(kg_dataset_load(&train, &test, path, &options, &err), err, KG_ERR_SHAPE,
                   "u.csv: 3 features, the training rows have 2");
    assert_null(train);
    assert_null(test);
    options.test = scratch_path(folder, "none.csv");
    assert_refused(kg_dataset_load(&train, &test, path, &options, &err), err, KG_ERR_IO,
                   "none.csv: cannot open");
    options.folder = folder;
    assert_refused(kg_dataset_load(&train, &test, "iris", &options, &err), err, KG_ERR_ARGUMENT,
                   "but iris is a data set by name: only files take other test rows");
    scratch_remove(folder);
}

/* x_train ... y_test, as Keras saves them. */
static void an_npz_file_brings_its_test_rows(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    kg_error err;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    const double x[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const double y[3] = {7, 2, 7};
    const kg_array arrays[4] = {{"x_train", 3, {3, 2, 2}, x},
                                {"y_train", 1, {3}, y},
                                {"x_test", 3, {1, 2, 2}, x + 12},
                                {"y_test", 1, {1}, y + 1}};
    scratch_make(folder);
    const char *path = scratch_path(folder, "k.npz");
    assert_int_equal(kg_npz_save(4, arrays, path, &err), KG_OK);
    assert_int_equal(kg_dataset_load(&train, &test, path, NULL, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(train), 3);
    assert_int_equal(kg_dataset_height(test), 2);
    assert_int_equal(kg_dataset_labels(test)[0], 0);
    assert_string_equal(kg_dataset_class_name(test, 0), "2");
    assert_true(kg_dataset_features(test)[0] == 12);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    scratch_remove(folder);
}

static void what_cannot_be_learned_is_refused(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    kg_error err;
    kg_dataset *train = NULL;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    scratch_make(folder);
    const char *path = scratch_path(folder, "t.csv");
    scratch_write(path, "1,a\n2,a\n3,b\n", 12);
    assert_refused(kg_dataset_load(&train, NULL, path, NULL, &err), err, KG_ERR_ARGUMENT,
                   "class b has a single row, which cannot be in both parts");
    scratch_write(path, "1,2\n3,4\n5,6\n", 12);
    options.label = "none";
    assert_refused(kg_dataset_load(&train, NULL, path, &options, &err), err, KG_ERR_ARGUMENT,
                   "has no labels to learn: label is 'none'");
    options.label = NULL;
    options.test_fraction = 1.0;
    assert_refused(kg_dataset_load(&train, NULL, path, &options, &err), err, KG_ERR_ARGUMENT,
                   "test_fraction is 1, not a number in [0.01, 0.9]");
    assert_null(train);
    scratch_remove(folder);
}

/* kg_dataset_split_classes() by itself: order stays, data without classes count as one class. */
static void split_classes_keeps_order_and_refuses_nonsense(void **state)
{
    (void)state;
    const double x[6] = {0, 1, 2, 3, 4, 5};
    const int labels[6] = {0, 1, 0, 1, 0, 1};
    kg_dataset *data = NULL;
    kg_dataset *a = NULL;
    kg_dataset *b = NULL;
    kg_error err;
    for (int with = 0; with < 2; with++) {
        assert_int_equal(
            kg_dataset_create(&data, "d", 6, 1, x, with ? 2 : 0, with ? labels : NULL, NULL, &err),
            KG_OK);
        for (uint64_t seed = 0; seed < 20; seed++) {
            assert_int_equal(kg_dataset_split_classes(&a, &b, data, 1.0 / 3, seed, &err), KG_OK);
            assert_int_equal(kg_dataset_n_rows(a), 4);
            assert_int_equal(kg_dataset_n_rows(b), 2);
            assert_true(kg_dataset_features(b)[0] < kg_dataset_features(b)[1]);
            assert_true(!with || kg_dataset_labels(b)[0] != kg_dataset_labels(b)[1]);
            kg_dataset_destroy(a);
            kg_dataset_destroy(b);
        }
        static const double bad[] = {0.0, 1.0, -0.5, NAN};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            assert_refused(kg_dataset_split_classes(&a, &b, data, bad[i], 1, &err), err,
                           KG_ERR_ARGUMENT, "for the second part, not in (0, 1)");
            assert_null(a);
            assert_null(b);
        }
        kg_dataset_destroy(data);
    }
}

/* ---- bars and stripes ---- */

/* Means of rows and of columns: over the noise-free image one kind is constant within lines. The noise of
 * a mean of 4 pixels has deviation 1/4; +-1 is told apart at 4 sigma, so the rule "lines that vary more"
 * is right in nearly all images. */
static void bars_stand_and_stripes_lie(void **state)
{
    (void)state;
    kg_dataset *data = NULL;
    int n_right = 0;
    double sum = 0.0;
    double squares = 0.0;
    assert_int_equal(kg_dataset_load(&data, NULL, "bars-and-stripes", NULL, NULL), KG_OK);
    const int n = kg_dataset_n_rows(data);
    assert_int_equal(n, 1000);
    for (int r = 0; r < n; r++) {
        const double *x = kg_dataset_features(data) + (size_t)16 * (size_t)r;
        double between[2] = {0, 0}; /* spread of the means of columns, of rows */
        for (int way = 0; way < 2; way++) {
            double means[4] = {0};
            double mean = 0.0;
            for (int i = 0; i < 16; i++) {
                means[way ? i / 4 : i % 4] += x[i] / 4;
                mean += x[i] / 16;
            }
            for (int l = 0; l < 4; l++) {
                between[way] += (means[l] - mean) * (means[l] - mean);
            }
        }
        const int label = kg_dataset_labels(data)[r];
        n_right += (between[1] > between[0]) == label;
        assert_int_equal(label, r % 2);
        for (int i = 0; i < 16; i++) { /* the noise, with the nearer of -1 and 1 taken off */
            const double d = fabs(x[i]) - 1.0;
            sum += x[i];
            squares += d * d;
        }
    }
    assert_string_equal(kg_dataset_class_name(data, 0), "bars");
    assert_string_equal(kg_dataset_class_name(data, 1), "stripes");
    print_message("%d of %d right\n", n_right, n);
    assert_true(n_right > 950);
    /* lines are 1 or -1 equally often: 4000 lines of 4 pixels, 5 sigma of the mean is 5 / sqrt(4000) */
    assert_near(sum / (16.0 * n), 0.0, 5.0 / sqrt(4000.0));
    /* the integral of (|1 + z/2| - 1)^2 over the normal density is 0.2330; the standard error is below
     * sqrt(2) / 4 / sqrt(16000) = 0.0028 */
    assert_near(squares / (16.0 * n), 0.2330, 5 * 0.0028);
    kg_dataset_destroy(data);
}

static void images_depend_on_seed_half_and_place_only(void **state)
{
    (void)state;
    const int stripes[1] = {1};
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    kg_dataset *all = NULL;
    kg_dataset *test = NULL;
    kg_dataset *one = NULL;
    kg_dataset *other = NULL;
    assert_int_equal(kg_dataset_load(&all, &test, "bars-and-stripes", NULL, NULL), KG_OK);
    options.classes = stripes;
    options.n_classes = 1;
    options.n_train = 3;
    assert_int_equal(kg_dataset_load(&one, NULL, "bars-and-stripes", &options, NULL), KG_OK);
    options.seed = 2;
    assert_int_equal(kg_dataset_load(&other, NULL, "bars-and-stripes", &options, NULL), KG_OK);
    assert_int_equal(kg_dataset_n_rows(one), 3);
    assert_memory_equal(kg_dataset_features(one) + 32, kg_dataset_features(all) + 5 * 16,
                        16 * sizeof(double)); /* the third image of stripes */
    assert_memory_not_equal(kg_dataset_features(one), kg_dataset_features(other),
                            16 * sizeof(double));
    assert_memory_not_equal(kg_dataset_features(all), kg_dataset_features(test),
                            16 * sizeof(double));
    kg_dataset_destroy(all);
    kg_dataset_destroy(test);
    kg_dataset_destroy(one);
    kg_dataset_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_is_split_in_proportion),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(classes_are_chosen_by_name_or_number),
        cmocka_unit_test(test_rows_can_be_given),
        cmocka_unit_test(an_npz_file_brings_its_test_rows),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
        cmocka_unit_test(split_classes_keeps_order_and_refuses_nonsense),
        cmocka_unit_test(bars_stand_and_stripes_lie),
        cmocka_unit_test(images_depend_on_seed_half_and_place_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
