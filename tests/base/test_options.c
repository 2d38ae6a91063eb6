/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables: fields from text and back, ranges, messages, JSON. */
#include "base/options.h"

#include <string.h>

#include "near.h"

typedef struct sample_options {
    size_t struct_size;
    int epochs;
    double lr;
    uint64_t seed;
    size_t memory;
    int fuse;
    int optimizer;
    const char *reduce;
    const char *ansatz;
} sample_options;

#define SAMPLE_INIT                                                                                \
    {                                                                                              \
        sizeof(sample_options), 10, 0.01, 1, 0, 1, 1, NULL, "su4"                                  \
    }

static const char *optimizer_name(int i)
{
    static const char *const names[] = {"sgd", "nesterov", "adam"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

static const char *ansatz_name(int i)
{
    static const char *const names[] = {"so4", "su4"};
    return i >= 0 && i < 2 ? names[i] : NULL;
}

static const kgi_option rows[] = {
    /* clang-format off */
    KGI_OPTION(sample_options, 'i', epochs, 1, 1e6, "10", "passes"),
    KGI_OPTION(sample_options, 'd', lr, 1e-12, 10, "0.01", "step size"),
    KGI_OPTION(sample_options, 'u', seed, 0, 1.8446744073709552e19, "1", "seed"),
    KGI_OPTION(sample_options, 'z', memory, 0, 1e15, "0", "bytes"),
    KGI_OPTION(sample_options, 'b', fuse, 0, 1, "true", "fuse"),
    KGI_OPTION_NAMES(sample_options, 'e', optimizer, "nesterov", "rule", optimizer_name),
    KGI_OPTION(sample_options, 's', reduce, 0, 0, NULL, "pca:K"),
    KGI_OPTION_NAMES(sample_options, 's', ansatz, "su4", "block", ansatz_name),
    /* clang-format on */
};
static const kg_option_table table = KGI_OPTION_TABLE("sample", rows);

static void fields_are_set_from_text(void **state)
{
    (void)state;
    kg_error err = {0};
    sample_options o = SAMPLE_INIT;
    assert_int_equal(kg_options_set(&table, &o, "epochs", "25", &err), KG_OK);
    assert_int_equal(o.epochs, 25);
    assert_int_equal(kg_options_set(&table, &o, "lr", "1e-3", &err), KG_OK);
    assert_near(o.lr, 1e-3, 0);
    assert_int_equal(kg_options_set(&table, &o, "seed", "18446744073709551615", &err), KG_OK);
    assert_true(o.seed == UINT64_MAX);
    assert_int_equal(kg_options_set(&table, &o, "memory", "4096", &err), KG_OK);
    assert_true(o.memory == 4096);
    static const struct {
        const char *text;
        size_t bytes;
    } sizes[] = {{"0K", 0},       {"3K", 3 << 10},         {"3k", 3 << 10},
                 {"5M", 5 << 20}, {"2G", (size_t)2 << 30}, {"1T", (size_t)1 << 40}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(kg_options_set(&table, &o, "memory", sizes[i].text, &err), KG_OK);
        assert_true(o.memory == sizes[i].bytes);
    }
    static const char *const no_sizes[] = {
        "K", "1KB", "1.5G", "-1K", "1P", "16777216T", "18446744073709551615K"};
    for (size_t i = 0; i < sizeof no_sizes / sizeof no_sizes[0]; i++) {
        assert_int_equal(kg_options_set(&table, &o, "memory", no_sizes[i], &err), KG_ERR_ARGUMENT);
    }
    assert_int_equal(kg_options_set(&table, &o, "epochs", "1K", &err), KG_ERR_ARGUMENT);
    assert_int_equal(kg_options_set(&table, &o, "fuse", "no", &err), KG_OK);
    assert_int_equal(o.fuse, 0);
    assert_int_equal(kg_options_set(&table, &o, "optimizer", "adam", &err), KG_OK);
    assert_int_equal(o.optimizer, 2);
    assert_int_equal(kg_options_set(&table, &o, "reduce", "pca:8", &err), KG_OK);
    assert_string_equal(o.reduce, "pca:8");
    assert_int_equal(kg_options_set(&table, &o, "ansatz", "so4", &err), KG_OK);
    assert_ptr_equal(o.ansatz, ansatz_name(0)); /* the list's own text, not the caller's */
}

static void dash_and_underscore_are_one(void **state)
{
    (void)state;
    static const kgi_option row = {"loss_reduction", 'i', 0, 0, 1, "0", "", NULL};
    const kg_option_table one = {"x", &row, 1};
    assert_ptr_equal(kg_option_find(&one, "loss-reduction"), &row);
    assert_ptr_equal(kg_option_find(&one, "loss_reduction"), &row);
    assert_null(kg_option_find(&one, "loss-reduction-x"));
    assert_null(kg_option_find(&one, "loss"));
}

typedef struct refusal {
    const char *name, *text, *message;
} refusal;

/* Each refusal leaves the struct as it was. */
static void messages_say_what_got_allowed(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        {"epochs", "0", "epochs is 0, not a whole number in [1, 1000000]"},
        {"epochs", "1.5", "epochs is 1.5, not a whole number in [1, 1000000]"},
        {"epochs", "-3", "epochs is -3, not a whole number in [1, 1000000]"},
        {"epochs", "", "epochs is \"\", not a whole number in [1, 1000000]"},
        {"epochs", "99999999999999999999",
         "epochs is 99999999999999999999, not a whole number in "
         "[1, 1000000]"},
        {"lr", "nan", "lr is nan, not a number in [1e-12, 10]"},
        {"lr", "11", "lr is 11, not a number in [1e-12, 10]"},
        {"lr", "0,5", "lr is 0,5, not a number in [1e-12, 10]"},
        {"lr", " 1", "lr is  1, not a number in [1e-12, 10]"},
        {"seed", "-1", "seed is -1, not a whole number in [0, 18446744073709551615]"},
        {"fuse", "maybe", "fuse is \"maybe\", not true or false"},
        {"optimizer", "nesterof",
         "optimizer is \"nesterof\", did you mean \"nesterov\"? Allowed: "
         "sgd, nesterov, adam"},
        {"optimizer", "lbfgs-b", "optimizer is \"lbfgs-b\", not one of: sgd, nesterov, adam"},
        {"ansatz", "su5", "ansatz is \"su5\", did you mean \"su4\"? Allowed: so4, su4"},
        {"epoch", "1", "sample has no option \"epoch\", did you mean \"epochs\"?"},
        {"colour", "1", "sample has no option \"colour\""},
    };
    const kgi_option *row = NULL;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        kg_error err = {0};
        sample_options o = SAMPLE_INIT;
        assert_int_equal(kg_options_set(&table, &o, refusals[i].name, refusals[i].text, &err),
                         KG_ERR_ARGUMENT);
        assert_string_equal(err.message, refusals[i].message);
        assert_int_equal(err.status, KG_ERR_ARGUMENT);
        assert_true(kgi_options_agree(&table, &o, &row));
    }
}

static void given_structs_are_checked(void **state)
{
    (void)state;
    kg_error err = {0};
    sample_options own = SAMPLE_INIT;
    sample_options given = SAMPLE_INIT;
    given.epochs = 7;
    given.struct_size = offsetof(sample_options, lr); /* a caller from before lr existed */
    given.lr = 1e9;
    assert_int_equal(kgi_options_take(&table, &own, sizeof own, &given, &err), KG_OK);
    assert_int_equal(own.epochs, 7);
    assert_near(own.lr, 0.01, 0);
    assert_true(own.struct_size == sizeof own);
    assert_int_equal(kgi_options_take(&table, &own, sizeof own, NULL, &err), KG_OK);

    given.struct_size = sizeof given;
    assert_int_equal(kgi_options_take(&table, &own, sizeof own, &given, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "lr is 1000000000, not a number in [1e-12, 10]");
    given.lr = NAN;
    assert_int_equal(kg_options_check(&table, &given, &err), KG_ERR_ARGUMENT);
    given.lr = 1;
    given.optimizer = 3;
    assert_int_equal(kg_options_check(&table, &given, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "optimizer is 3, not in [0, 2]");
    given.optimizer = 0;
    given.fuse = 2;
    assert_int_equal(kg_options_check(&table, &given, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "fuse is 2, not in [0, 1]");
    given.fuse = 0;
    given.ansatz = "sv4";
    assert_int_equal(kg_options_check(&table, &given, &err), KG_ERR_ARGUMENT);
    given.ansatz = NULL;
    assert_int_equal(kg_options_check(&table, &given, &err), KG_OK);
    given.struct_size = sizeof given + 1;
    assert_int_equal(kgi_options_take(&table, &own, sizeof own, &given, &err), KG_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "struct_size of the sample options is"));
}

static void near_names_are_suggested(void **state)
{
    (void)state;
    static const char *const names[] = {"adam", "nesterov", "sgd"};
    assert_ptr_equal(kg_name_nearest("nestorov", names, 3), names[1]);
    assert_ptr_equal(kg_name_nearest("adma", names, 3), names[0]);
    assert_null(kg_name_nearest("lbfgs", names, 3));
    assert_null(kg_name_nearest("adam", names, 0));
}

static void defaults_agree_with_init(void **state)
{
    (void)state;
    const kgi_option *row = NULL;
    sample_options o = SAMPLE_INIT;
    assert_true(kgi_options_agree(&table, &o, &row));
    o.lr = 0.02;
    assert_false(kgi_options_agree(&table, &o, &row));
    assert_string_equal(row->name, "lr");
    kg_options_reset(&table, &o);
    assert_true(kgi_options_agree(&table, &o, &row));
}

static void json_reads_back(void **state)
{
    (void)state;
    sample_options o = SAMPLE_INIT;
    o.lr = 0.1;
    o.reduce = "a\"b\\c\n\xff\xc3\xa4";
    char *json = NULL;
    assert_int_equal(kg_options_format(&json, &table, &o, NULL), KG_OK);
    assert_string_equal(json, "{\"epochs\": 10, \"lr\": 0.1, \"seed\": 1, \"memory\": 0, "
                              "\"fuse\": true, \"optimizer\": \"nesterov\", \"reduce\": "
                              "\"a\\\"b\\\\c\\u000a\\ufffd\xc3\xa4\", \"ansatz\": \"su4\"}");
    kg_free(json);
    o.reduce = NULL;
    assert_int_equal(kg_option_format(&json, kg_option_find(&table, "reduce"), &o, NULL), KG_OK);
    assert_string_equal(json, "");
    kg_free(json);
}

static void json_numbers_are_shortest(void **state)
{
    (void)state;
    kgi_text text = {0};
    kgi_text_json_number(&text, 0.1);
    kgi_text_json_number(&text, NAN);
    kgi_text_json_whole(&text, INT64_MAX);
    kgi_text_json_whole(&text, UINT64_MAX);
    assert_string_equal(text.data, "0.1null9223372036854775807\"18446744073709551615\"");
    kgi_text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_set_from_text),
        cmocka_unit_test(dash_and_underscore_are_one),
        cmocka_unit_test(messages_say_what_got_allowed),
        cmocka_unit_test(given_structs_are_checked),
        cmocka_unit_test(near_names_are_suggested),
        cmocka_unit_test(defaults_agree_with_init),
        cmocka_unit_test(json_reads_back),
        cmocka_unit_test(json_numbers_are_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
