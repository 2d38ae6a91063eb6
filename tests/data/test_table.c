/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with labels from CSV, NPY and NPZ: which column is the label, how classes are sorted, what is
 * refused and where. */
#include <ketgrad/data.h>

#include "base/npz.h"
#include "comma.h"
#include "refused.h"

typedef struct good {
    const char *text;
    const char *label;
    int n_rows;
    int n_features;
    double features[8];
    const char *classes; /* joined by | in their order; NULL: none */
    int labels[4];
} good;

static const good good_texts[] = {
    /* clang-format off */
    {"1,2,x\n3,4,y\n", NULL, 2, 2, {1, 2, 3, 4}, "x|y", {0, 1}},
    {"1,2,y\r\n3,4,x\r\n", "last", 2, 2, {1, 2, 3, 4}, "x|y", {1, 0}},
    {"a,b,kind\n1,2,x\n3,4,x", NULL, 2, 2, {1, 2, 3, 4}, "x", {0, 0}},
    {"kind,a,b\nx,1,2\n", "kind", 1, 2, {1, 2}, "x", {0}},
    {"kind,a,b\nx,1,2\n", "first", 1, 2, {1, 2}, "x", {0}},
    {"a,kind,b\n1,x,2\n", "2", 1, 2, {1, 2}, "x", {0}},
    {"1,2\n3,4\n", "none", 2, 2, {1, 2, 3, 4}, NULL, {0}},
    {"5,10\n6,9\n7,-1\n", NULL, 3, 1, {5, 6, 7}, "-1|9|10", {2, 1, 0}}, /* as numbers */
    {"5,10\n6,9\n7,b\n", NULL, 3, 1, {5, 6, 7}, "10|9|b", {0, 1, 2}},  /* by bytes */
    {"5,1.0\n6,1\n7,+1e0\n8,-0\n", NULL, 4, 1, {5, 6, 7, 8}, "0|1", {1, 1, 1, 0}},
    {"\xef\xbb\xbf" "a,b\n1,\"my, class\"\n", NULL, 1, 1, {1}, "my, class", {0}},
    {"a,\"line\nbreak\"\n1,x\n", "line\nbreak", 1, 1, {1}, "x", {0}},
    {"1,\xc3\xa4\n2,z\n", NULL, 2, 1, {1, 2}, "z|\xc3\xa4", {1, 0}},
    {"1,Inferno\n2,nano\n", NULL, 2, 1, {1, 2}, "Inferno|nano", {0, 1}},
    /* clang-format on */
};

static void check_good_texts(void)
{
    for (size_t i = 0; i < sizeof good_texts / sizeof *good_texts; i++) {
        const good *row = &good_texts[i];
        kg_dataset *data = NULL;
        kg_error err;
        char joined[200] = "";
        if (kg_dataset_read_file(&data, "f.csv", row->text, strlen(row->text), row->label, &err)) {
            fail_msg("%zu: %s", i, err.message);
        }
        assert_int_equal(kg_dataset_n_rows(data), row->n_rows);
        assert_int_equal(kg_dataset_n_features(data), row->n_features);
        assert_memory_equal(kg_dataset_features(data), row->features,
                            (size_t)(row->n_rows * row->n_features) * sizeof(double));
        for (int c = 0; c < kg_dataset_n_classes(data); c++) {
            const size_t used = strlen(joined);
            snprintf(joined + used, sizeof joined - used, "%s%s", c ? "|" : "",
                     kg_dataset_class_name(data, c));
        }
        assert_string_equal(joined, row->classes ? row->classes : "");
        for (int r = 0; r < row->n_rows && row->classes; r++) {
            assert_int_equal(kg_dataset_labels(data)[r], row->labels[r]);
        }
        assert_int_equal(kg_dataset_n_sources(data), 1);
        assert_int_equal(kg_dataset_source(data, 0)->known, 0);
        kg_dataset_destroy(data);
    }
}

static void tables_are_read(void **state)
{
    (void)state;
    check_good_texts();
}

static void a_decimal_comma_in_the_locale_changes_nothing(void **state)
{
    (void)state;
    with_decimal_comma(check_good_texts);
}

typedef struct bad {
    const char *text;
    const char *label;
    kg_status status;
    const char *message;
} bad;

static const bad bad_texts[] = {
    /* clang-format off */
    {"", NULL, KG_ERR_FORMAT, "f.csv:1:1: there is no row of numbers"},
    {"a,b\n", NULL, KG_ERR_FORMAT, "f.csv:2:1: there is no row of numbers"},
    {"1,2,x\n3,,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '' is a missing value: fill it in or leave the row out"},
    {"age,b,c\n1,2,x\nNA,4,y\n", NULL, KG_ERR_FORMAT, "f.csv:3:1: 'NA' in column 'age' is a missing value: fill it in or leave the row out"},
    {"age,b,c\n1,2,x\n?,4,y\n", NULL, KG_ERR_FORMAT, "f.csv:3:1: '?' in column 'age' is a missing value"},
    {"1,2,x\n3,null,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: 'null' is a missing value"},
    {"1,2,x\n3,nan,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: 'nan' is not finite"},
    {"1,2,x\n3,-inf,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '-inf' is not finite"},
    {"1,2,x\n3,1e999,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '1e999' is not finite"},
    {"1,2,x\n3,0x1p3,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '0x1p3' is not a number"},
    {"1,2,x\n3,\"1,5\",y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '1,5' is not a number"},
    {"1,2,x\n3,\"4\n\",y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '4\\x0a' is not a number"},
    {"1,2,x\n3,1_000,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: '1_000' is not a number"},
    {"1,2,\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: '' is a missing value"},
    {"1,2,?\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: '?' is a missing value"},
    {"1,2,nan\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: 'nan' is not finite"},
    {"1,2,0.5\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: '0.5' is a fraction, allowed as a label are whole numbers and words"},
    {"1,2,-1.5\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: '-1.5' is a fraction"},
    {"1,2,1e300\n", NULL, KG_ERR_FORMAT, "f.csv:1:3: '1e300' is a fraction"},
    {"1,2,x\n3,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:2: the line ends after 2 columns of 3"},
    {"1,2,x\n3\n", NULL, KG_ERR_FORMAT, "f.csv:2:1: the line ends after 1 columns of 3"},
    {"1,2,x\n3,4,y,5\n", NULL, KG_ERR_FORMAT, "f.csv:2:4: more than 3 columns, as the first line has"},
    {"1,2,x\n\n3,4,y\n", NULL, KG_ERR_FORMAT, "f.csv:2:1: an empty line, allowed only at the end"},
    {"a,2,b\n1,2,3\n", "2", KG_ERR_FORMAT, "f.csv:1:1: 'a' is not a number (the first line is no header, it has numbers)"},
    {"x\ny\n", NULL, KG_ERR_FORMAT, "f.csv:1:1: there is no column of features beside the label"},
    {"a,b\n1,2\n", "c", KG_ERR_ARGUMENT, "label is 'c', no column of f.csv: allowed are a name in its header, 1 to 2, first, last, none"},
    {"1,2\n", "3", KG_ERR_ARGUMENT, "label is '3', no column of f.csv"},
    {"1,2\n", "0", KG_ERR_ARGUMENT, "label is '0', no column of f.csv"},
    {"1,2\n", "-1", KG_ERR_ARGUMENT, "label is '-1', no column of f.csv"},
    {"a,a,b\n1,2,3\n", "a", KG_ERR_FORMAT, "f.csv:1:1: 2 columns are called 'a'"},
    {"1,\"x\n", NULL, KG_ERR_FORMAT, "f.csv:1:2: the quote is not closed"},
    {"1,\"x\"y\n", NULL, KG_ERR_FORMAT, "f.csv:1:2: text after the closing quote"},
    {"1\r2,x\n", NULL, KG_ERR_FORMAT, "f.csv:1:1: carriage return in a line"},
    {"\xfe\xff\0a", NULL, KG_ERR_FORMAT, "f.csv:1:1: the text is UTF-16, allowed is UTF-8"},
    /* clang-format on */
};

static void broken_tables_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++) {
        kg_error err;
        kg_dataset *data = (kg_dataset *)&err;
        assert_refused(kg_dataset_read_file(&data, "f.csv", bad_texts[i].text,
                                            strlen(bad_texts[i].text), bad_texts[i].label, &err),
                       err, bad_texts[i].status, bad_texts[i].message);
        assert_null(data);
    }
}

/* 10 MiB in a line, 10^6 columns, a quote over everything, too many classes: an answer at once. */
static void large_nonsense_is_refused(void **state)
{
    (void)state;
    const size_t n = 10 << 20;
    char *text = malloc(n);
    kg_error err;
    kg_dataset *data = NULL;
    assert_non_null(text);
    memset(text, '7', n);
    assert_refused(kg_dataset_read_file(&data, "f.csv", text, n, NULL, &err), err, KG_ERR_FORMAT,
                   "f.csv:1:1: a line of 10485760 bytes, allowed are 1048576");
    text[0] = '"';
    assert_refused(kg_dataset_read_file(&data, "f.csv", text, n, NULL, &err), err, KG_ERR_FORMAT,
                   "f.csv:1:1: a line of 10485760 bytes, allowed are 1048576");
    for (size_t i = 0; i < n; i++) {
        text[i] = i % 2 ? ',' : '1';
    }
    assert_refused(kg_dataset_read_file(&data, "f.csv", text, 2000000, NULL, &err), err,
                   KG_ERR_FORMAT, "f.csv:1:65537: more than 65536 columns");
    size_t used = 0;
    for (int c = 0; c <= 4096; c++) {
        used += (size_t)snprintf(text + used, n - used, "1,class%d\n", c);
    }
    assert_refused(kg_dataset_read_file(&data, "f.csv", text, used, NULL, &err), err, KG_ERR_FORMAT,
                   "f.csv:4097:2: 'class4096' is one class too many, allowed are 4096");
    memset(text, 'x', n);
    text[0] = '1';
    text[1] = ',';
    assert_refused(kg_dataset_read_file(&data, "f.csv", text, 300, NULL, &err), err, KG_ERR_FORMAT,
                   "is a label of more than 256 bytes");
    assert_null(data);
    free(text);
}

/* Rows to predict: all columns, and one more only if the header says that it is the label. */
static void rows_to_predict_have_the_features_of_the_model(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n_features;
        const char *label;
        double second; /* feature; NAN: refused */
        const char *message;
    } rows[] = {
        /* clang-format off */
        {"1,2\n", 2, NULL, 2, NULL},
        {"1,2\n", 0, NULL, 2, NULL},
        {"a,label\n1,2\n", 2, NULL, 2, NULL}, /* as many as the model takes */
        {"a,b,Label\n1,2,x\n", 2, NULL, 2, NULL},
        {"a,class,b\n1,x,2\n", 2, NULL, 2, NULL},
        {"a,kind,b\n1,x,2\n", 2, "kind", 2, NULL},
        {"a,kind,b\n1,x,2\n", 0, "kind", 2, NULL},
        {"target,a,b\nx,1,2\n", 2, "kind", 2, NULL},
        {"1,2,3\n", 2, NULL, NAN, "f.csv: rows have 3 columns, but the model takes 2; a label beside them needs a header that names it label, class or target, or the option label"},
        {"a,b,c\n1,2,3\n", 2, NULL, NAN, "f.csv: rows have 3 columns, but the model takes 2; a label"},
        {"1\n", 2, NULL, NAN, "f.csv: rows have 1 columns, but the model takes 2"},
        {"a,b,c,label\n1,2,3,x\n", 2, NULL, NAN, "f.csv: rows have 4 columns, but the model takes 2"},
        /* clang-format on */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_error err;
        kg_dataset *data = NULL;
        const kg_status status =
            kg_dataset_read_rows(&data, "f.csv", rows[i].text, strlen(rows[i].text),
                                 rows[i].n_features, rows[i].label, &err);
        if (rows[i].message) {
            assert_refused(status, err, KG_ERR_SHAPE, rows[i].message);
            assert_null(data);
            continue;
        }
        assert_int_equal(status, KG_OK);
        assert_int_equal(kg_dataset_n_features(data), 2);
        assert_int_equal(kg_dataset_n_classes(data), 0);
        assert_true(kg_dataset_features(data)[0] == 1 &&
                    kg_dataset_features(data)[1] == rows[i].second);
        kg_dataset_destroy(data);
    }
}

/* ---- arrays ---- */

static void a_matrix_with_a_column_of_labels_is_read(void **state)
{
    (void)state;
    const double values[6] = {1, 2, 7, 3, 4, -7};
    const double fraction[3] = {1, 2, 0.5};
    const size_t shape[2] = {2, 3};
    const size_t one[2] = {1, 3};
    unsigned char *bytes = NULL;
    size_t n = 0;
    kg_dataset *data = NULL;
    kg_error err;
    assert_int_equal(kgi_npy_format(&bytes, &n, 2, shape, values, NULL), KG_OK);
    assert_int_equal(kg_dataset_read_file(&data, "f.npy", bytes, n, NULL, &err), KG_OK);
    assert_int_equal(kg_dataset_n_features(data), 2);
    assert_string_equal(kg_dataset_class_name(data, 0), "-7");
    assert_int_equal(kg_dataset_labels(data)[0], 1);
    assert_true(kg_dataset_features(data)[3] == 4);
    kg_dataset_destroy(data);
    assert_int_equal(kg_dataset_read_file(&data, "f.npy", bytes, n, "none", &err), KG_OK);
    assert_int_equal(kg_dataset_n_features(data), 3);
    kg_dataset_destroy(data);
    assert_int_equal(kg_dataset_read_rows(&data, "f.npy", bytes, n, 3, NULL, &err), KG_OK);
    kg_dataset_destroy(data);
    assert_refused(kg_dataset_read_rows(&data, "f.npy", bytes, n, 2, NULL, &err), err, KG_ERR_SHAPE,
                   "f.npy: rows have 3 columns, but the model takes 2");
    free(bytes);
    assert_int_equal(kgi_npy_format(&bytes, &n, 2, one, fraction, NULL), KG_OK);
    assert_refused(kg_dataset_read_file(&data, "f.npy", bytes, n, NULL, &err), err, KG_ERR_FORMAT,
                   "f.npy: byte 144: label 0.5 is a fraction");
    free(bytes);
}

/* An NPZ file with X of the given shape and y, under these names. */
static unsigned char *pack(size_t *n, const char *x_name, int n_dims, const size_t *shape,
                           const char *y_name, int y_dims, const size_t *y_shape)
{
    static const double x[24] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const double y[24] = {3, 1, 3};
    unsigned char *bytes = NULL;
    const kgi_npz_array arrays[2] = {{x_name, n_dims, shape, x}, {y_name, y_dims, y_shape, y}};
    assert_int_equal(kgi_npz_format(&bytes, n, y_name ? 2 : 1, arrays, NULL), KG_OK);
    return bytes;
}

static void pairs_of_arrays_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *x;
        const char *y;
        int n_dims;
        size_t shape[4];
        int y_dims;
        size_t y_shape[2];
        int height;
        int width;
    } rows[] = {
        {"X", "y", 2, {3, 4}, 1, {3}, 0, 0},
        {"x_train", "y_train", 3, {3, 2, 2}, 1, {3}, 2, 2},
        {"features", "labels", 4, {3, 2, 2, 1}, 2, {3, 1}, 2, 2},
        {"data", "target", 4, {3, 1, 4, 1}, 1, {3}, 0, 0},
        {"data", "target", 4, {3, 1, 2, 2}, 1, {3}, 2, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        kg_dataset *data = NULL;
        kg_error err;
        unsigned char *bytes = pack(&n, rows[i].x, rows[i].n_dims, rows[i].shape, rows[i].y,
                                    rows[i].y_dims, rows[i].y_shape);
        if (kg_dataset_read_file(&data, "f.npz", bytes, n, NULL, &err)) {
            fail_msg("%s: %s", rows[i].x, err.message);
        }
        assert_int_equal(kg_dataset_n_rows(data), 3);
        assert_int_equal(kg_dataset_n_features(data), 4);
        assert_int_equal(kg_dataset_height(data), rows[i].height);
        assert_int_equal(kg_dataset_width(data), rows[i].width);
        assert_string_equal(kg_dataset_class_name(data, 1), "3");
        assert_int_equal(kg_dataset_labels(data)[0], 1);
        kg_dataset_destroy(data);
        assert_int_equal(kg_dataset_read_file(&data, "f.npz", bytes, n, "none", &err), KG_OK);
        assert_int_equal(kg_dataset_n_classes(data), 0);
        kg_dataset_destroy(data);
        free(bytes);
    }
}

static void other_arrays_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *x;
        const char *y;
        int n_dims;
        size_t shape[5];
        int y_dims;
        size_t y_shape[2];
        const char *message;
    } rows[] = {
        /* clang-format off */
        {"foo", "y", 2, {3, 4}, 1, {3}, "f.npz: byte 0: no array of rows, allowed are the names x_train, X, features, data"},
        {"X", NULL, 2, {3, 4}, 0, {0}, "f.npz: byte 0: there is no array y with the labels of the rows"},
        {"X", "y", 2, {3, 4}, 1, {2}, "f.npz: y.npy: byte 0: 2 labels for 3 rows"},
        {"X", "y", 2, {3, 4}, 2, {3, 2}, "f.npz: y.npy: byte 0: 6 labels in 2 dimensions, allowed is one number for each row"},
        {"X", "y", 1, {3}, 1, {3}, "f.npz: X.npy: byte 0: 1 dimensions, allowed are 2 (rows, columns), 3 (grey images)"},
        {"X", "y", 4, {2, 2, 2, 3}, 1, {2}, "f.npz: X.npy: byte 0: 4 dimensions, allowed are 2"},
        {"X", "y", 0, {0}, 1, {2}, "f.npz: X.npy: byte 0: 0 dimensions, allowed are 2"},
        /* clang-format on */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        kg_dataset *data = NULL;
        kg_error err;
        unsigned char *bytes = pack(&n, rows[i].x, rows[i].n_dims, rows[i].shape, rows[i].y,
                                    rows[i].y_dims, rows[i].y_shape);
        assert_refused(kg_dataset_read_file(&data, "f.npz", bytes, n, NULL, &err), err,
                       KG_ERR_FORMAT, rows[i].message);
        assert_null(data);
        free(bytes);
    }
}

/* The public way: arrays to a file and back. */
static void arrays_are_saved_and_loaded(void **state)
{
    (void)state;
    const double values[6] = {1, 2, 3, 4, 5, 6};
    const kg_array arrays[2] = {{"y", 1, {3}, values}, {"X", 2, {3, 2}, values}};
    kg_array array;
    kg_npz *npz = NULL;
    kg_error err;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    const char *npy_path = scratch_path(folder, "a.npy");
    const char *npz_path = scratch_path(folder, "a.npz");
    assert_int_equal(kg_npy_save(&arrays[1], npy_path, &err), KG_OK);
    assert_int_equal(kg_npy_load(&array, npy_path, &err), KG_OK);
    assert_int_equal(array.n_dims, 2);
    assert_true(array.shape[0] == 3 && array.shape[1] == 2 && !array.name);
    assert_memory_equal(array.values, values, sizeof values);
    kg_free((void *)array.values);
    assert_int_equal(kg_npz_save(2, arrays, npz_path, &err), KG_OK);
    assert_int_equal(kg_npz_load(&npz, npz_path, &err), KG_OK);
    assert_string_equal(kg_npz_get(npz, 0)->name, "X");
    assert_null(kg_npz_get(npz, 2));
    assert_null(kg_npz_find(npz, "z"));
    assert_int_equal(kg_npz_find(npz, "y")->shape[0], 3);
    assert_memory_equal(kg_npz_find(npz, "X")->values, values, sizeof values);
    kg_npz_destroy(npz);
    assert_refused(kg_npy_load(&array, npz_path, &err), err, KG_ERR_FORMAT,
                   "a.npz: byte 0: no NPY");
    assert_null(array.values);
    assert_refused(kg_npz_load(&npz, npy_path, &err), err, KG_ERR_FORMAT, "a.npy: byte 0: no NPZ");
    assert_null(npz);
    assert_refused(kg_npy_load(&array, "no.npy", &err), err, KG_ERR_IO, "no.npy: cannot open");
    assert_refused(kg_npz_save(1, &(kg_array){NULL, 0, {0}, values}, npz_path, &err), err,
                   KG_ERR_ARGUMENT, "array 0 has no name");
    assert_int_equal(scratch_count(folder), 2);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(a_decimal_comma_in_the_locale_changes_nothing),
        cmocka_unit_test(broken_tables_are_refused),
        cmocka_unit_test(large_nonsense_is_refused),
        cmocka_unit_test(rows_to_predict_have_the_features_of_the_model),
        cmocka_unit_test(a_matrix_with_a_column_of_labels_is_read),
        cmocka_unit_test(pairs_of_arrays_are_read),
        cmocka_unit_test(other_arrays_are_refused),
        cmocka_unit_test(arrays_are_saved_and_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
