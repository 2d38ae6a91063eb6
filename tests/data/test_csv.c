/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: what is a matrix, and where the fault is in what is none. */
#include <ketgrad/data.h>

#include "comma.h"
#include "refused.h"

typedef struct good {
    const char *text;
    int n_rows;
    int n_columns;
    int header;
    double values[6];
} good;

static const good good_texts[] = {
    {"1,2,3\n4,5,6\n", 2, 3, 0, {1, 2, 3, 4, 5, 6}},
    {"1,2,3\r\n4,5,6", 2, 3, 0, {1, 2, 3, 4, 5, 6}},
    {"\xef\xbb\xbf-1.5e-3\n+2\n\n\r\n", 2, 1, 0, {-1.5e-3, 2}},
    {"a,b\n1,2\n", 1, 2, 1, {1, 2}},
    {"\"x, y\",\"z \"\"q\"\"\"\n\"1\", 2 \n", 1, 2, 1, {1, 2}},
    {"\"x\ny\",b\n3,4\n", 1, 2, 1, {3, 4}},
    {"-0,0.1\n", 1, 2, 0, {-0.0, 0.1}},
    {"1", 1, 1, 0, {1}},
};

static void check_good_texts(void)
{
    for (size_t i = 0; i < sizeof good_texts / sizeof good_texts[0]; i++) {
        const good *row = &good_texts[i];
        kg_error err;
        double *values = NULL;
        int n_rows = 0;
        int n_columns = 0;
        int header = -1;
        if (kg_csv_parse(&values, &n_rows, &n_columns, &header, "f.csv", row->text,
                         strlen(row->text), &err)) {
            fail_msg("%zu: %s", i, err.message);
        }
        assert_int_equal(n_rows, row->n_rows);
        assert_int_equal(n_columns, row->n_columns);
        assert_int_equal(header, row->header);
        assert_memory_equal(values, row->values, (size_t)(n_rows * n_columns) * sizeof *values);
        kg_free(values);
    }
}

static void matrices_are_read(void **state)
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
    kg_status status;
    const char *message;
} bad;

static const bad bad_texts[] = {
    {"", KG_ERR_FORMAT, "f.csv:1:1: there is no row of numbers"},
    {"\n\n", KG_ERR_FORMAT, "f.csv:1:1: there is no row of numbers"},
    {"a,b\n", KG_ERR_FORMAT, "f.csv:2:1: there is no row of numbers"},
    {"1,2\n3\n", KG_ERR_FORMAT, "f.csv:2:1: the line ends after 1 columns of 2"},
    {"1,2\n3,4,5\n", KG_ERR_FORMAT, "f.csv:2:3: more than 2 columns, as the first line has"},
    {"a,b\n1,2,3\n", KG_ERR_FORMAT, "f.csv:2:3: more than 2 columns, as the first line has"},
    {"1,2\n\n3,4\n", KG_ERR_FORMAT, "f.csv:2:1: '' is not a number"},
    {"1,\n", KG_ERR_FORMAT, "f.csv:1:2: '' is not a number"},
    {"1,x\n", KG_ERR_FORMAT, "f.csv:1:2: 'x' is not a number"},
    {"a,b\n1,2\nc,4\n", KG_ERR_FORMAT, "f.csv:3:1: 'c' is not a number"},
    {"1,2\n3,0x1p3\n", KG_ERR_FORMAT, "f.csv:2:2: '0x1p3' is not a number"},
    {"1;2\n3;4\n", KG_ERR_FORMAT, "f.csv:2:1: '3;4' is not a number"},
    {"1,2\n3,nan\n", KG_ERR_FORMAT, "f.csv:2:2: 'nan' is not finite"},
    {"nan,2\n", KG_ERR_FORMAT, "f.csv:1:1: 'nan' is not finite"},
    {"nan,inf\n1,2\n", KG_ERR_FORMAT, "f.csv:1:1: 'nan' is not finite"},
    {"1,-Infinity\n", KG_ERR_FORMAT, "f.csv:1:2: '-Infinity' is not finite"},
    {"1\n1e999\n", KG_ERR_FORMAT, "f.csv:2:1: '1e999' is not finite"},
    {"1\n\"2\n", KG_ERR_FORMAT, "f.csv:2:1: the quote is not closed"},
    {"1\n\"2\"3\n", KG_ERR_FORMAT, "f.csv:2:1: text after the closing quote"},
    {"1\r2\n", KG_ERR_FORMAT, "f.csv:1:1: carriage return in a line"},
    {"1\n12345678901234567890123456789x\n", KG_ERR_FORMAT,
     "f.csv:2:1: '123456789012345678901234' is not a number"},
    {"\xff\xfe"
     "1\n",
     KG_ERR_FORMAT, "f.csv:1:1: the text is UTF-16, allowed is UTF-8"},
};

static void broken_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        kg_error err;
        double *values = (double *)&err;
        int n_rows = 7;
        int n_columns = 7;
        assert_refused(kg_csv_parse(&values, &n_rows, &n_columns, NULL, "f.csv", bad_texts[i].text,
                                    strlen(bad_texts[i].text), &err),
                       err, bad_texts[i].status, bad_texts[i].message);
        assert_null(values);
        assert_int_equal(n_rows, 0);
    }
    kg_error err;
    double *values = NULL;
    int n = 0;
    assert_refused(kg_csv_parse(&values, &n, &n, NULL, "f.csv", "1,\0", 3, &err), err,
                   KG_ERR_FORMAT, "f.csv: byte 2: a NUL, allowed is text");
}

static kg_status parse_repeated(const char *piece, size_t times, int *n_columns, kg_error *err)
{
    const size_t length = strlen(piece);
    double *values = NULL;
    int n_rows = 0;
    char *text = malloc(length * times + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * length, piece, length);
    }
    text[length * times] = '1'; /* the last cell */
    const kg_status status =
        kg_csv_parse(&values, &n_rows, n_columns, NULL, "f.csv", text, length * times + 1, err);
    kg_free(values);
    free(text);
    return status;
}

static void columns_and_lines_have_limits(void **state)
{
    (void)state;
    kg_error err;
    int n_columns = 0;
    assert_int_equal(parse_repeated("1,", 65535, &n_columns, &err), KG_OK);
    assert_int_equal(n_columns, 65536);
    assert_refused(parse_repeated("1,", 65536, &n_columns, &err), err, KG_ERR_FORMAT,
                   "f.csv:1:65537: more than 65536 columns");
    assert_int_equal(
        parse_repeated("0.0000000000000000000001234567890,", 1048576 / 34, &n_columns, &err),
        KG_OK); /* just below 1 MiB */
    assert_refused(
        parse_repeated("0.0000000000000000000001234567890,", 1048576 / 34 + 1, &n_columns, &err),
        err, KG_ERR_FORMAT, "f.csv:1:1: a line of 1048595 bytes, allowed are 1048576");
}

static void files_are_read(void **state)
{
    (void)state;
    kg_error err;
    double *values = NULL;
    int n_rows = 0;
    int n_columns = 0;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    const char *path = scratch_path(folder, "x.csv");
    scratch_write(path, "1,2\n3,4\n", 8);
    assert_int_equal(kg_csv_load(&values, &n_rows, &n_columns, NULL, path, &err), KG_OK);
    assert_int_equal(n_rows * n_columns, 4);
    assert_true(values[3] == 4.0);
    kg_free(values);
    scratch_write(path, "1,2\n3,NaN\n", 10);
    assert_refused(kg_csv_load(&values, &n_rows, &n_columns, NULL, path, &err), err, KG_ERR_FORMAT,
                   "x.csv:2:2: 'NaN' is not finite");
    assert_refused(kg_csv_load(&values, &n_rows, &n_columns, NULL, "no.csv", &err), err, KG_ERR_IO,
                   "no.csv: cannot open: No such file or directory");
    assert_null(values);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_are_read),
        cmocka_unit_test(a_decimal_comma_in_the_locale_changes_nothing),
        cmocka_unit_test(broken_texts_are_refused),
        cmocka_unit_test(columns_and_lines_have_limits),
        cmocka_unit_test(files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
