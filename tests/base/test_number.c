/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text: digits, round trips, what is no number, and other locales. */
#include "base/number.h"

#include <float.h>
#include <locale.h>

#include <ketgrad/rng.h>

#include "refused.h"

static void digits_are_as_asked(void **state)
{
    (void)state;
    char text[KGI_NUMBER_SIZE];
    const struct {
        double x;
        int digits;
        const char *text;
    } rows[] = {
        {0.1, 0, "0.1"},
        {0.1, 17, "0.10000000000000001"},
        {1.0 / 3.0, 0, "0.3333333333333333"},
        {5e-324, 0, "4.94065645841247e-324"}, /* 15 digits are enough to read it back */
        {1e300, 3, "1e+300"},
        {-0.0, 0, "-0"},
        {1234567.0, 0, "1234567"},
        {NAN, 0, "nan"},
        {INFINITY, 17, "inf"},
        {-INFINITY, 0, "-inf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(kgi_number_format(text, rows[i].x, rows[i].digits), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
}

static void check_round_trips(uint64_t seed)
{
    char text[KGI_NUMBER_SIZE];
    for (uint64_t i = 0; i < 20000; i++) { /* any bits that are a finite number */
        const double high = kg_random_uniform(seed, KG_STREAM_TEST, 0, 2 * i);
        const double low = kg_random_uniform(seed, KG_STREAM_TEST, 0, 2 * i + 1);
        const uint64_t bits = (uint64_t)(high * 0x1p32) << 32 | (uint64_t)(low * 0x1p32);
        double x = 0.0;
        double back = 0.0;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x)) {
            continue;
        }
        for (int digits = 0; digits <= 17; digits += 17) {
            const int length = kgi_number_format(text, x, digits);
            assert_true(length < KGI_NUMBER_SIZE);
            assert_null(kgi_number_parse(text, (size_t)length, &back));
            assert_memory_equal(&back, &x, sizeof x);
        }
    }
}

static void all_doubles_come_back(void **state)
{
    (void)state;
    check_round_trips(near_seed(11));
}

/* Needs a locale with a decimal comma; without one the "C" locale is tested twice. */
static void a_decimal_comma_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++) {
        found = setlocale(LC_ALL, names[i]);
    }
    print_message("locale: %s\n", found ? found : "C (none with a comma is installed)");
    char text[KGI_NUMBER_SIZE];
    double x = 0.0;
    kgi_number_format(text, 1234.5, 17);
    assert_string_equal(text, "1234.5");
    assert_null(kgi_number_parse("0.5", 3, &x));
    assert_true(x == 0.5);
    assert_string_equal(kgi_number_parse("0,5", 3, &x), "is not a number");
    check_round_trips(12);
    setlocale(LC_ALL, "C");
}

static void only_decimal_numbers_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "+1", "1.", ".5", "1e5", "1E-5", "-1.25e+3"};
    static const char *const bad[] = {"",    " 1",  "1 ", "0x1p3", "1,5", "--1",
                                      "+",   ".",   "e5", "1e",    "1e+", "1.2.3",
                                      "one", "1_0", "1f", "nano",  "infi"};
    static const char *const infinite[] = {"nan",       "NaN",   "-nan",  "inf",
                                           "+Infinity", "1e999", "-1e999"};
    double x = 7.0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(kgi_number_parse(good[i], strlen(good[i]), &x));
        assert_true(x == strtod(good[i], NULL));
    }
    x = 7.0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *reason = kgi_number_parse(bad[i], strlen(bad[i]), &x);
        assert_string_equal(reason ? reason : bad[i], "is not a number");
    }
    for (size_t i = 0; i < sizeof infinite / sizeof infinite[0]; i++) {
        const char *reason = kgi_number_parse(infinite[i], strlen(infinite[i]), &x);
        assert_string_equal(reason ? reason : infinite[i], "is not finite");
    }
    assert_true(x == 7.0);                        /* untouched */
    assert_null(kgi_number_parse("1234", 2, &x)); /* only as much as given */
    assert_true(x == 12.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_as_asked),
        cmocka_unit_test(all_doubles_come_back),
        cmocka_unit_test(a_decimal_comma_changes_nothing),
        cmocka_unit_test(only_decimal_numbers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
