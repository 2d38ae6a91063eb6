/* SPDX-License-Identifier: Apache-2.0 */
/* The error record: filled on failure, one visible line, never overrun. */
#include "base/status.h"

#include "refused.h"

static void every_status_has_a_text_and_its_number(void **state)
{
    (void)state;
#define CHECK_ROW(name, value, text)                                                               \
    assert_int_equal(name, value);                                                                 \
    assert_string_equal(kg_status_text(name), text);
    KG_STATUS_LIST(CHECK_ROW)
#undef CHECK_ROW
    assert_string_equal(kg_status_text((kg_status)1), "unknown status");
    assert_string_equal(kg_status_text((kg_status)-1), "unknown status");
}

static void failing_fills_the_record(void **state)
{
    (void)state;
    kg_error err;
    assert_refused(kgi_fail(&err, KG_ERR_SHAPE, "%d is not %s", 3, "four"), err, KG_ERR_SHAPE,
                   "3 is not four");
    assert_string_equal(err.message, "3 is not four");
    assert_int_equal(kgi_fail(NULL, KG_ERR_IO, "%s", "nobody listens"), KG_ERR_IO);
    assert_refused(kgi_fail_in(&err, KG_ERR_FORMAT, "fold %d: ", 7), err, KG_ERR_FORMAT,
                   "fold 7: 3 is not four");
    assert_int_equal(kgi_fail_in(NULL, KG_ERR_IO, "x"), KG_ERR_IO);
}

static void control_characters_are_shown(void **state)
{
    (void)state;
    kg_error err;
    (void)kgi_fail(&err, KG_ERR_IO, "%s", "a\nb\x1b[31mc\x7f");
    assert_string_equal(err.message, "a\\x0ab\\x1b[31mc\\x7f");
    /* what is no UTF-8, control characters of two bytes, marks that turn the direction of writing */
    (void)kgi_fail(&err, KG_ERR_IO, "%s", "\xc3\xa9\xff \xc2\x9b[2J \xe2\x80\xae \xe2\x82");
    assert_string_equal(err.message, "\xc3\xa9\\xff \\xc2\\x9b[2J \\xe2\\x80\\xae \\xe2\\x82");
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    kg_error err;
    char text[1000];
    for (size_t n = 230; n < 260; n++) {
        memset(text, 'x', n);
        text[n] = '\0';
        text[n / 2] = '\n'; /* takes four places */
        (void)kgi_fail(&err, KG_ERR_IO, "%s", text);
        assert_true(strlen(err.message) < sizeof err.message);
        (void)kgi_fail_in(&err, KG_ERR_IO, "%s", text);
        assert_true(strlen(err.message) < sizeof err.message);
    }
}

static void the_version_has_three_numbers(void **state)
{
    (void)state;
    int a = -1;
    int b = -1;
    int c = -1;
    char rest = 0;
    assert_int_equal(sscanf(kg_version(), "%d.%d.%d%c", &a, &b, &c, &rest), 3);
    kg_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text_and_its_number),
        cmocka_unit_test(failing_fills_the_record),
        cmocka_unit_test(control_characters_are_shown),
        cmocka_unit_test(long_messages_are_cut),
        cmocka_unit_test(the_version_has_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
