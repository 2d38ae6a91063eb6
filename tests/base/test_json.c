/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is refused and where, the limits, order, digits and styles. */
#include "base/json.h"

#include "refused.h"

static kg_status parse(const char *text, json_t **out, kg_error *err)
{
    return kgi_json_parse(out, "f.json", text, strlen(text), err);
}

static void broken_text_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"", "f.json:1:1: the text ends, allowed is '{' or '['"},
        {"{", "f.json:1:2: the text ends, allowed is a key in quotes"},
        {"7", "f.json:1:1: got '7', allowed is '{' or '['"},
        {"{\"a\": 1,\n \"a\": 2}", "f.json:2:2: this key was there before, allowed is once"},
        {"{\"a\" 1}", "f.json:1:6: got '1', allowed is ':'"},
        {"{\"a\": 1,}", "f.json:1:9: got '}', allowed is a key in quotes"},
        {"[1] x", "f.json:1:5: got 'x', allowed is the end of the text"},
        {"[1 2]", "f.json:1:4: got '2', allowed is ',' or ']'"},
        {"[1,\n2,\n]", "f.json:3:1: got ']', allowed is a value"},
        {"[01]", "f.json:1:3: got '1', allowed is ',' or ']'"},
        {"[-]", "f.json:1:3: got ']', allowed is a digit"},
        {"[1e999]", "f.json:1:2: a number that a double does not hold"},
        {"[9223372036854775808]", "f.json:1:2: a whole number that 64 bits do not hold"},
        {"[-9223372036854775809]", "f.json:1:2: a whole number that 64 bits do not hold"},
        {"[\"\\u0000\"]", "f.json:1:3: \\u0000, allowed is text without NUL"},
        {"[\"\\ud800\"]", "f.json:1:3: half of a surrogate pair, allowed are both or none"},
        {"[\"\\ude00\"]", "f.json:1:3: half of a surrogate pair, allowed are both or none"},
        {"[\"\\u12g4\"]", "f.json:1:7: got 'g', allowed is four hexadecimal digits after \\u"},
        {"[\"\\x\"]", "f.json:1:4: got 'x', allowed is one of \" \\ / b f n r t u after \\"},
        {"[\"\xff\"]", "f.json:1:3: got byte 0xff, allowed is UTF-8"},
        {"[\"\xe2\x82", "f.json:1:3: got byte 0xe2, allowed is UTF-8"},
        {"[\"a\nb\"]", "f.json:1:4: got byte 0x0a, allowed is an escape"},
        {"[\"abc", "f.json:1:2: the text ends inside this string"},
        {"[NaN]", "f.json:1:2: got 'N', allowed is a value"},
        {"[1,5.]", "f.json:1:6: got ']', allowed is a digit after the point"},
        {"[1e+]", "f.json:1:5: got ']', allowed is a digit in the exponent"},
        {"['a']", "f.json:1:2: got ''', allowed is a value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kg_error err;
        json_t *value = (json_t *)&err;
        assert_refused(parse(rows[i].text, &value, &err), err, KG_ERR_FORMAT, rows[i].message);
        assert_null(value);
    }
}

static void good_text_is_what_it_says(void **state)
{
    (void)state;
    kg_error err;
    json_t *value = NULL;
    assert_int_equal(parse(" [ -9223372036854775808, 9223372036854775807, -0.0, 1E2, 0,\t{ }, [ ],"
                           "\"\\ud83d\\ude00 \\u00e9\\u20ac\\/\\b\xc3\xa9\", true ]\r\n",
                           &value, &err),
                     KG_OK);
    assert_int_equal(json_array_size(value), 9);
    assert_true(json_integer_value(json_array_get(value, 0)) == INT64_MIN);
    assert_true(json_integer_value(json_array_get(value, 1)) == INT64_MAX);
    assert_true(signbit(json_real_value(json_array_get(value, 2))));
    assert_true(json_real_value(json_array_get(value, 3)) == 100.0);
    assert_string_equal(json_string_value(json_array_get(value, 7)),
                        "\xf0\x9f\x98\x80 \xc3\xa9\xe2\x82\xac/\b\xc3\xa9");
    json_decref(value);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    kg_error err;
    json_t *value = NULL;
    char text[2 * KGI_JSON_MAX_DEPTH + 8] = "";
    memset(text, '[', KGI_JSON_MAX_DEPTH);
    memset(text + KGI_JSON_MAX_DEPTH, ']', KGI_JSON_MAX_DEPTH);
    assert_int_equal(parse(text, &value, &err), KG_OK);
    json_decref(value);
    memset(text, '[', KGI_JSON_MAX_DEPTH + 1);
    memset(text + KGI_JSON_MAX_DEPTH + 1, ']', KGI_JSON_MAX_DEPTH + 1);
    assert_refused(parse(text, &value, &err), err, KG_ERR_FORMAT,
                   "f.json:1:33: nesting deeper than 32");
    /* brackets inside a text do not nest */
    assert_int_equal(parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"]", &value, &err),
                     KG_OK);
    json_decref(value);
}

static void size_has_a_limit(void **state)
{
    (void)state;
    kg_error err;
    json_t *value = NULL;
    const size_t n = (size_t)KGI_JSON_MAX_BYTES + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, ' ', n);
    memcpy(text, "[1]", 3);
    assert_int_equal(kgi_json_parse(&value, "f.json", text, n - 1, &err), KG_OK);
    json_decref(value);
    assert_refused(kgi_json_parse(&value, "f.json", text, n, &err), err, KG_ERR_FORMAT,
                   "f.json: 16777217 bytes of JSON, at most 16777216");
    free(text);
}

static void check_format(const char *text, int style, const char *expected)
{
    kg_error err;
    json_t *value = NULL;
    char *out = NULL;
    assert_int_equal(parse(text, &value, &err), KG_OK);
    assert_int_equal(kgi_json_format(&out, value, style, &err), KG_OK);
    assert_string_equal(out, expected);
    free(out);
    json_decref(value);
}

static void styles_keep_order_and_digits(void **state)
{
    (void)state;
    const char *text = "{\"z\": [1, 0.1, null], \"a\": {\"t\": true, \"f\": false}, \"e\": {}, "
                       "\"l\": [], \"s\": \"q\\\"\\\\\\n\\u00e9\", \"o\": [{\"x\": 1e300}]}";
    check_format(text, KGI_JSON_LINE,
                 "{\"z\": [1, 0.1, null], \"a\": {\"t\": true, \"f\": false}, \"e\": {}, \"l\": "
                 "[], \"s\": \"q\\\"\\\\\\u000a\xc3\xa9\", \"o\": [{\"x\": 1e+300}]}");
    check_format(text, KGI_JSON_COMPACT | KGI_JSON_EXACT,
                 "{\"z\":[1,0.10000000000000001,null],\"a\":{\"t\":true,\"f\":false},\"e\":{},"
                 "\"l\":[],\"s\":\"q\\\"\\\\\\u000a\xc3\xa9\",\"o\":[{\"x\":1.0000000000000001e+"
                 "300}]}");
    check_format("{\"z\": [1, 2.0], \"o\": [{\"x\": -0.0}], \"e\": {}}", KGI_JSON_INDENT,
                 "{\n  \"z\": [1, 2.0],\n  \"o\": [\n    {\n      \"x\": -0.0\n    }\n  ],\n  "
                 "\"e\": {}\n}\n");
}

static void numbers_that_are_none_become_null(void **state)
{
    (void)state;
    kg_error err;
    char *out = NULL;
    json_t *array = json_pack("[f, n, f]", 1.5, 0.1);
    assert_int_equal(kgi_json_format(&out, array, KGI_JSON_LINE, &err), KG_OK);
    assert_string_equal(out, "[1.5, null, 0.1]");
    free(out);
    json_decref(array);
    out = (char *)&err;
    assert_refused(kgi_json_format(&out, NULL, KGI_JSON_LINE, &err), err, KG_ERR_ARGUMENT,
                   "there is no JSON value to write");
    assert_null(out);
}

static void files_are_read(void **state)
{
    (void)state;
    kg_error err;
    json_t *value = NULL;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    const char *path = scratch_path(folder, "a.json");
    scratch_write(path, "{\"n\": 3}\n", 9);
    assert_int_equal(kgi_json_load(&value, path, &err), KG_OK);
    assert_int_equal(json_integer_value(json_object_get(value, "n")), 3);
    json_decref(value);
    scratch_write(path, "{\"n\": }\n", 8);
    assert_refused(kgi_json_load(&value, path, &err), err, KG_ERR_FORMAT,
                   "a.json:1:7: got '}', allowed is a value");
    assert_refused(kgi_json_load(&value, folder, &err), err, KG_ERR_IO, ": is a folder");
    assert_null(value);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_text_is_refused),
        cmocka_unit_test(good_text_is_what_it_says),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(size_has_a_limit),
        cmocka_unit_test(styles_keep_order_and_digits),
        cmocka_unit_test(numbers_that_are_none_become_null),
        cmocka_unit_test(files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
