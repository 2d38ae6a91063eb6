/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: alignment, empty cells, characters of more than one byte. */
#include <ketgrad/report.h>

#include <string.h>

#include "near.h"

static void columns_are_aligned(void **state)
{
    (void)state;
    static const char *const titles[] = {"name", "n", ""};
    static const char *const first[] = {"a", "1", "<- best"};
    static const char *const second[] = {"longer name", "1000", NULL};
    kg_table *table = NULL;
    char *text = NULL;
    assert_int_equal(kg_table_create(&table, "lrl", titles, NULL), KG_OK);
    kg_table_add(table, first);
    kg_table_add(table, second);
    assert_int_equal(kg_table_format(&text, table, NULL), KG_OK);
    assert_string_equal(text, "name            n\n"
                              "a               1  <- best\n"
                              "longer name  1000\n");
    kg_free(text);
    kg_table_destroy(table);
}

/* Two bytes, one column. */
static void widths_count_characters(void **state)
{
    (void)state;
    static const char *const first[] = {"\xc3\xa4\xc3\xb6", "x"};
    static const char *const second[] = {"abc", "y"};
    kg_table *table = NULL;
    char *text = NULL;
    assert_int_equal(kg_table_create(&table, "ll", NULL, NULL), KG_OK);
    kg_table_add(table, first);
    kg_table_add(table, second);
    assert_int_equal(kg_table_format(&text, table, NULL), KG_OK);
    assert_string_equal(text, "\xc3\xa4\xc3\xb6   x\nabc  y\n");
    kg_free(text);
    kg_table_destroy(table);
}

static void many_rows_and_none(void **state)
{
    (void)state;
    static const char *const row[] = {"x"};
    kg_table *table = NULL;
    char *text = NULL;
    assert_int_equal(kg_table_create(&table, "r", NULL, NULL), KG_OK);
    assert_int_equal(kg_table_format(&text, table, NULL), KG_OK);
    assert_string_equal(text, "");
    kg_free(text);
    for (int i = 0; i < 1000; i++) {
        kg_table_add(table, row);
    }
    assert_int_equal(kg_table_format(&text, table, NULL), KG_OK);
    assert_int_equal(strlen(text), 2000);
    kg_free(text);
    kg_table_destroy(table);
    kg_table_destroy(NULL);
}

static void bad_alignments_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "lc", "lrlrlrlrlrlrlrlrlrlrlrlrlrlrlrlrl"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kg_error err = {0};
        kg_table *table = NULL;
        assert_int_equal(kg_table_create(&table, bad[i], NULL, &err), KG_ERR_ARGUMENT);
        assert_null(table);
        assert_non_null(strstr(err.message, "not 1 to 32 letters of l (left) and r (right)"));
    }
}

static void confusion_has_names(void **state)
{
    (void)state;
    static const int matrix[] = {5, 1, 0, 94};
    static const char *const names[] = {"cat", "dog"};
    kg_error err = {0};
    char *text = NULL;
    assert_int_equal(kg_confusion_table(&text, 2, matrix, names, NULL), KG_OK);
    assert_string_equal(text, "true \\ predicted  cat  dog\n"
                              "cat                 5    1\n"
                              "dog                 0   94\n");
    kg_free(text);
    assert_int_equal(kg_confusion_table(&text, 31, matrix, names, &err), KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "a confusion table of 31 classes, not in [1, 30]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned), cmocka_unit_test(widths_count_characters),
        cmocka_unit_test(many_rows_and_none),  cmocka_unit_test(bad_alignments_are_refused),
        cmocka_unit_test(confusion_has_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
