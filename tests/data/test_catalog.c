/* SPDX-License-Identifier: Apache-2.0 */
/* The table of data sets: every row, its options, and what a caller can get wrong. No real data is
 * needed: a folder with small files stands for it. */
#include <ketgrad/data.h>

#include "base/file.h"
#include "base/options.h"
#include "refused.h"

/* Addresses are https and end with the name of the file; hashes are 64 digits; sizes are there. */
static void check_files(const kg_dataset_info *info)
{
    int i = 0;
    for (; kg_dataset_file_get(info, i); i++) {
        const kg_dataset_file *file = kg_dataset_file_get(info, i);
        assert_int_equal(strlen(file->sha256), 64);
        assert_int_equal(strspn(file->sha256, "0123456789abcdef"), 64);
        assert_true(file->n_bytes > 1000);
        assert_null(strchr(file->name, '/'));
        if (file->url) {
            const size_t tail = strlen(file->url) - strlen(file->name);
            assert_int_equal(strncmp(file->url, "https://", 8), 0);
            assert_string_equal(file->url + tail, file->name);
        }
    }
    assert_null(kg_dataset_file_get(info, -1));
    assert_true(i == 0 || i == 1 || i == 2 || i == 4);
}

static void every_row_is_complete(void **state)
{
    (void)state;
    int n = 0;
    for (; kg_dataset_info_get(n); n++) {
        const kg_dataset_info *info = kg_dataset_info_get(n);
        assert_ptr_equal(kg_dataset_info_find(info->name), info);
        assert_true(strlen(info->help) > 10 && strlen(info->licence) > 2 &&
                    strlen(info->source) > 5);
        assert_true(info->n_classes > 1 && info->n_features > 1 && info->classes);
        assert_true(info->height * info->width == (info->height ? info->n_features : 0));
        assert_true(info->n_train > info->n_test);
        assert_true(info->needs_folder == (info->files_in != NULL));
        assert_true(info->needs_folder == (kg_dataset_file_get(info, 0) != NULL));
        check_files(info);
    }
    assert_int_equal(n, 8);
    assert_null(kg_dataset_info_get(-1));
    assert_null(kg_dataset_info_find("nothing"));
}

static void defaults_are_as_documented(void **state)
{
    (void)state;
    const kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    const kg_option *row = NULL;
    if (!kgi_options_agree(kg_dataset_options_table(), &options, &row)) {
        fail_msg("%s", row->name);
    }
    assert_int_equal(options.n_train, 0);
    assert_int_equal(options.n_test, 0);
    assert_int_equal(options.seed, 1);
    assert_null(options.folder);
    assert_null(options.classes);
}

static void built_in_sets_match_their_row(void **state)
{
    (void)state;
    kg_error err;
    for (int i = 0; kg_dataset_info_get(i); i++) {
        const kg_dataset_info *info = kg_dataset_info_get(i);
        kg_dataset *train = NULL;
        kg_dataset *test = NULL;
        if (info->needs_folder) {
            continue;
        }
        assert_int_equal(kg_dataset_load(&train, &test, info->name, NULL, &err), KG_OK);
        assert_string_equal(kg_dataset_name(train), info->name);
        assert_int_equal(kg_dataset_n_rows(train), info->n_train);
        assert_int_equal(kg_dataset_n_rows(test), info->n_test);
        assert_int_equal(kg_dataset_n_classes(test), info->n_classes);
        assert_int_equal(kg_dataset_height(test), info->height);
        assert_int_equal(kg_dataset_width(train), info->width);
        assert_int_equal(kg_dataset_n_sources(train), 0);
        kg_dataset_destroy(train);
        kg_dataset_destroy(test);
    }
}

static void options_choose_rows(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    kg_dataset *other = NULL;
    const int classes[2] = {8, 3};
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    options.classes = classes;
    options.n_classes = 2;
    options.n_train = 11;
    options.n_test = 4;
    assert_int_equal(kg_dataset_load(&train, &test, "strokes", &options, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(train), 11);
    assert_int_equal(kg_dataset_n_rows(test), 4);
    assert_string_equal(kg_dataset_class_name(train, 0), "8");
    kg_dataset_destroy(test);
    options.seed = 2;
    assert_int_equal(kg_dataset_load(&other, NULL, "strokes", &options, &err), KG_OK);
    assert_memory_not_equal(kg_dataset_features(train), kg_dataset_features(other),
                            784 * sizeof(double));
    kg_dataset_destroy(train);
    kg_dataset_destroy(other);
    assert_int_equal(kg_dataset_load(NULL, &test, "strokes", &options, &err), KG_OK);
    kg_dataset_destroy(test);
}

/* Three 1 x 2 images of classes 1, 0, 1 for training, one of class 1 for testing, not packed. */
static void a_folder_of_files_is_read(void **state)
{
    (void)state;
    static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0,
                                           1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6};
    static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 1};
    static const unsigned char test_images[] = {0, 0, 8, 3, 0, 0, 0, 1, 0,
                                                0, 0, 1, 0, 0, 0, 2, 7, 8};
    static const unsigned char test_labels[] = {0, 0, 8, 1, 0, 0, 0, 1, 1};
    kg_error err;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    char folder[SCRATCH_BYTES];
    const int classes[1] = {1};
    const int shirt[1] = {6};
    scratch_make(folder);
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    options.folder = folder;
    options.classes = classes;
    options.n_classes = 1;
    assert_refused(kg_dataset_load(&train, &test, "fashion-mnist", &options, &err), err, KG_ERR_IO,
                   "fashion-mnist/train-labels-idx1-ubyte.gz: cannot open: No such file");
    assert_int_equal(kgi_folder_create(scratch_path(folder, "fashion-mnist"), &err), KG_OK);
    scratch_write(scratch_path(folder, "fashion-mnist/train-images-idx3-ubyte"), images,
                  sizeof images);
    scratch_write(scratch_path(folder, "fashion-mnist/train-labels-idx1-ubyte"), labels,
                  sizeof labels);
    assert_refused(kg_dataset_load(&train, &test, "fashion-mnist", &options, &err), err, KG_ERR_IO,
                   "fashion-mnist/t10k-labels-idx1-ubyte.gz: cannot open: No such file");
    assert_null(train); /* though it was read */
    assert_null(test);
    scratch_write(scratch_path(folder, "fashion-mnist/t10k-images-idx3-ubyte"), test_images,
                  sizeof test_images);
    scratch_write(scratch_path(folder, "fashion-mnist/t10k-labels-idx1-ubyte"), test_labels,
                  sizeof test_labels);
    assert_int_equal(kg_dataset_load(&train, &test, "fashion-mnist", &options, &err), KG_OK);
    assert_int_equal(kg_dataset_n_rows(train), 2);
    assert_int_equal(kg_dataset_n_rows(test), 1);
    assert_string_equal(kg_dataset_class_name(train, 0), "Trouser");
    assert_true(kg_dataset_features(train)[3] == 6.0);
    assert_true(kg_dataset_features(test)[0] == 7.0);
    assert_int_equal(kg_dataset_n_sources(train), 2);
    assert_int_equal(kg_dataset_source(train, 0)->known, 0);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    options.classes = shirt;
    assert_refused(kg_dataset_load(&train, NULL, "fashion-mnist", &options, &err), err,
                   KG_ERR_FORMAT, "no row has one of the chosen classes");
    scratch_remove(folder);
}

static void wrong_requests_are_refused(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = (kg_dataset *)&err;
    const int absent[2] = {3, 12};
    const int negative[1] = {-1};
    const int twice[3] = {3, 4, 3};
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    assert_refused(
        kg_dataset_load(&train, NULL, "stroke", NULL, &err), err, KG_ERR_ARGUMENT,
        "unknown data set 'stroke', did you mean strokes?, allowed are strokes, "
        "bars-and-stripes, mnist, fashion-mnist, wine, wdbc, iris, optdigits, and files");
    assert_null(train);
    assert_refused(kg_dataset_load(&train, NULL, "imagenet-22k", NULL, &err), err, KG_ERR_ARGUMENT,
                   "unknown data set 'imagenet-22k', allowed are strokes");
    assert_refused(kg_dataset_load(&train, NULL, "mnist", NULL, &err), err, KG_ERR_ARGUMENT,
                   "data set mnist is not built in: name the folder that holds "
                   "mnist/train-images-idx3-ubyte.gz (the program reads KETGRAD_DATA)");
    options.folder = "/no/such/folder";
    options.classes = absent;
    options.n_classes = 2;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_ARGUMENT,
                   "class 12 does not exist in mnist, it has 0 to 9");
    options.classes = negative;
    options.n_classes = 1;
    assert_refused(kg_dataset_load(&train, NULL, "strokes", &options, &err), err, KG_ERR_ARGUMENT,
                   "class -1 does not exist in strokes, it has 0 to 9");
    options.classes = twice;
    options.n_classes = 3;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_ARGUMENT,
                   "class 3 is chosen twice");
    options.n_classes = -1;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_ARGUMENT,
                   "n_classes is -1 without a list of classes");
    options.n_classes = 0;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_IO,
                   "/no/such/folder/mnist/train-labels-idx1-ubyte.gz: cannot open: No such file");
    options.n_train = -1;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_ARGUMENT,
                   "-1");
    options.n_train = 0;
    options.struct_size = 1000;
    assert_refused(kg_dataset_load(&train, NULL, "mnist", &options, &err), err, KG_ERR_ARGUMENT,
                   "struct_size of the data options is 1000");
    assert_null(train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(built_in_sets_match_their_row),
        cmocka_unit_test(options_choose_rows),
        cmocka_unit_test(a_folder_of_files_is_read),
        cmocka_unit_test(wrong_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
