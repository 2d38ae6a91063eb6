/* SPDX-License-Identifier: Apache-2.0 */
/* The growing string, and names that are near. */
#include "base/text.h"

#include "refused.h"

static void pieces_add_up(void **state)
{
    (void)state;
    kg_error err;
    kgi_text text = {0};
    char *out = NULL;
    kgi_text_printf(&text, "%d-%s", 42, "x");
    kgi_text_repeat(&text, "ab", 3);
    kgi_text_repeat(&text, "ab", 0);
    kgi_text_add(&text, "zzz", 1);
    assert_int_equal(text.length, strlen("42-xabababz"));
    assert_int_equal(kgi_text_finish(&text, &out, &err), KG_OK);
    assert_string_equal(out, "42-xabababz");
    assert_null(text.data);
    free(out);
}

static void nothing_is_the_empty_text(void **state)
{
    (void)state;
    kg_error err;
    kgi_text text = {0};
    char *out = NULL;
    assert_int_equal(kgi_text_finish(&text, &out, &err), KG_OK);
    assert_string_equal(out, "");
    free(out);
}

static void it_grows(void **state)
{
    (void)state;
    kg_error err;
    kgi_text text = {0};
    char *out = NULL;
    for (int i = 0; i < 10000; i++) {
        kgi_text_printf(&text, "%04d", i);
    }
    assert_int_equal(kgi_text_finish(&text, &out, &err), KG_OK);
    assert_int_equal(strlen(out), 40000);
    assert_memory_equal(out + 4 * 1234, "1234", 4);
    free(out);
}

static void a_failure_sticks_and_is_told_once(void **state)
{
    (void)state;
    kg_error err;
    kgi_text text = {.failed = 1};
    char *out = (char *)&err;
    kgi_text_printf(&text, "lost");
    assert_refused(kgi_text_finish(&text, &out, &err), err, KG_ERR_MEMORY,
                   "cannot allocate memory for text");
    assert_null(out);
    assert_false(text.failed);
}

static void near_names_are_found(void **state)
{
    (void)state;
    const char *names[] = {"epochs", "lr", "batch", "seeds", "precision"};
    assert_string_equal(kgi_text_nearest("epoch", names, 5, sizeof names[0]), "epochs");
    assert_string_equal(kgi_text_nearest("precison", names, 5, sizeof names[0]), "precision");
    assert_string_equal(kgi_text_nearest("seed", names, 5, sizeof names[0]), "seeds");
    assert_null(kgi_text_nearest("wavelength", names, 5, sizeof names[0]));
    assert_null(kgi_text_nearest("epoch", names, 0, sizeof names[0]));
    char endless[300];
    memset(endless, 'e', sizeof endless);
    endless[299] = '\0';
    assert_null(kgi_text_nearest(endless, names, 5, sizeof names[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(nothing_is_the_empty_text),
        cmocka_unit_test(it_grows),
        cmocka_unit_test(a_failure_sticks_and_is_told_once),
        cmocka_unit_test(near_names_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
