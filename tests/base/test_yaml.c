/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: what is read, what is refused and where, limits at the limit and one above, JSON and back. */
#include "base/yaml.h"

#include "refused.h"

static kg_status parse(kgi_yaml **out, const char *text, kg_error *err)
{
    return kgi_yaml_parse(out, "f.yaml", text, strlen(text), err);
}

static kgi_yaml *read_good(const char *text)
{
    kg_error err = {KG_OK, ""};
    kgi_yaml *file = NULL;
    if (parse(&file, text, &err)) {
        fail_msg("%s", err.message);
    }
    return file;
}

static void a_file_becomes_a_tree(void **state)
{
    (void)state;
    kgi_yaml *file = read_good("# a comment\n"
                               "model:\n"
                               "  name: qcnn   # the paper's\n"
                               "  reduce: \"pca:8\"\n"
                               "layers:\n"
                               "  - {dense: 4, act: 'no'}\n"
                               "  - relu\n"
                               "\xc3\xa4: 1\n");
    const kgi_yaml_node *root = kgi_yaml_root(file);
    assert_int_equal(root->kind, KGI_YAML_MAP);
    assert_int_equal(root->n, 3);
    assert_null(root->key);
    const kgi_yaml_node *model = root->first;
    assert_string_equal(model->key, "model");
    assert_int_equal(model->key_line, 2);
    assert_int_equal(model->key_column, 1);
    const kgi_yaml_node *reduce = kgi_yaml_get(model, "reduce");
    assert_string_equal(reduce->text, "pca:8");
    assert_int_equal(reduce->plain, 0);
    assert_int_equal(reduce->line, 4);
    assert_int_equal(reduce->column, 11);
    assert_int_equal(kgi_yaml_get(model, "name")->plain, 1);
    assert_null(kgi_yaml_get(model, "nome"));
    assert_null(kgi_yaml_get(reduce, "x"));
    assert_null(kgi_yaml_get(NULL, "x"));
    const kgi_yaml_node *layers = model->next;
    assert_int_equal(layers->kind, KGI_YAML_LIST);
    assert_int_equal(layers->n, 2);
    assert_string_equal(kgi_yaml_get(layers->first, "act")->text, "no");
    assert_string_equal(layers->first->next->text, "relu");
    assert_null(layers->first->next->next);
    assert_string_equal(layers->next->key, "\xc3\xa4");
    assert_int_equal(layers->next->column, 4); /* characters, not bytes */
    kgi_yaml_destroy(file);
    kgi_yaml_destroy(NULL);
}

static void nothing_is_an_empty_map(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "# only a comment\n", "---\n...\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        kgi_yaml *file = read_good(texts[i]);
        assert_int_equal(kgi_yaml_root(file)->n, 0);
        assert_int_equal(kgi_yaml_root(file)->kind, KGI_YAML_MAP);
        kgi_yaml_destroy(file);
    }
}

static void what_is_not_plain_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"a: &x 1\nb: 2\n", "f.yaml:1:4: an anchor"},
        {"a: 1\nb: *x\n", "f.yaml:2:4: an alias"},
        {"a: &x [1]\n", "f.yaml:1:4: an anchor"},
        {"a: &x {b: 1}\n", "f.yaml:1:4: an anchor"},
        {"a: !!int 3\n", "f.yaml:1:4: a tag"},
        {"a: ! 3\n", "f.yaml:1:4: a tag"},
        {"a: !local {b: 1}\n", "f.yaml:1:4: a tag"},
        {"a: !!seq [1]\n", "f.yaml:1:4: a tag"},
        {"!!python/object: 1\n", "f.yaml:1:1: a tag"},
        {"<<: {a: 1}\n", "f.yaml:1:1: a merge key"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document"},
        {"%YAML 1.1\n---\na: 1\n", "f.yaml:1:1: a directive"},
        {"%TAG ! tag:x,2000:\n---\na: 1\n", "f.yaml:1:1: a directive"},
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key \"a\", first in line 1"},
        {"{a: 1, 'a': 2}", "f.yaml:1:8: duplicate key \"a\", first in line 1"},
        {"b: 1\na: 1\na: 2\nb: 2\n", "f.yaml:3:1: duplicate key \"a\", first in line 2"},
        {"a-b: 1\na_b: 2\n", "f.yaml:2:1: duplicate key \"a_b\", first in line 1"},
        {"? [a]\n: 1\n", "f.yaml:1:3: a key is a text, not a list"},
        {"? {a: b}\n: 1\n", "f.yaml:1:3: a key is a text, not a map"},
        {"'': 1\n", "f.yaml:1:1: an empty key"},
        {"a:\t1\n", "f.yaml:1:3: a tab outside of quotes"},
        {"a: 1 # x\ty\n", "f.yaml:1:9: a tab outside of quotes"},
        {"a: 1\n\n\t\n", "f.yaml:3:1: a tab outside of quotes"},
        {"a:\n\tb: 1\n", "f.yaml:2:1: a tab outside of quotes; indent with blanks"},
        {"a: [1, 2\n",
         "f.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence"},
        {"a: 1\n b: 2\n", "f.yaml:2:3: mapping values are not allowed in this context"},
        {"a: \"x\n", "f.yaml:2:1: found unexpected end of stream while scanning a quoted scalar"},
        {"a: @x\n", "f.yaml:1:4: found character that cannot start any token"},
        {"a: \"\\0\"\n", "f.yaml:1:4: a NUL in a text"},
        {"a: \"\\ud800\"\n", "f.yaml:1:7: found invalid Unicode character escape code"},
        {"a: 1\nb: \x01\n", "f.yaml:2:4: control characters are not allowed"},
        {"a: \xff\n", "f.yaml:1:4: invalid leading UTF-8 octet"},
        {"a: \xc0\x80\n", "f.yaml:1:4: "},
        {"\xff\xfe"
         "a",
         "f.yaml:1:1: UTF-16"},
        {"\xfe\xff", "f.yaml:1:1: UTF-16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kg_error err = {KG_OK, ""};
        kgi_yaml *file = (kgi_yaml *)&err;
        assert_refused(parse(&file, rows[i].text, &err), err, KG_ERR_FORMAT, rows[i].message);
        assert_null(file);
    }
    kg_error err = {KG_OK, ""};
    kgi_yaml *file = NULL;
    assert_refused(kgi_yaml_parse(&file, "f.yaml", "a: 1\nb\0: 2\n", 11, &err), err, KG_ERR_FORMAT,
                   "f.yaml:2:2: a NUL byte");
    /* UTF-16 without its mark is full of NULs */
    assert_refused(kgi_yaml_parse(&file, "f.yaml", "a\0:\0 \0", 6, &err), err, KG_ERR_FORMAT,
                   "f.yaml:1:2: a NUL byte");
}

static void tabs_stand_in_quotes_and_in_json(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a: \"x\ty\"\nb: 'x\ty'\n",
        "\n {\t\"a\":\t1,\r\n\t\"b\": [\n\t1]}\t\n",
        "a: |\n  x\ty\nb: 1\n",
        "\xc3\xa4\xc3\xa4: \"\t\"\r\nb: '\t'\rc: \"\t\"\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        kgi_yaml_destroy(read_good(good[i]));
    }
    kg_error err = {KG_OK, ""};
    kgi_yaml *file = NULL;
    assert_refused(parse(&file, "\xc3\xa4: \"\t\"\nb: \"\t\"\t\n", &err), err, KG_ERR_FORMAT,
                   "f.yaml:2:7: a tab outside of quotes");
}

static void limits_hold_to_the_number(void **state)
{
    (void)state;
    enum { BIG = KGI_YAML_MAX_BYTES + 2 };
    char *text = malloc(BIG);
    kg_error err = {KG_OK, ""};
    kgi_yaml *file = NULL;
    assert_non_null(text);

    memset(text, '[', BIG); /* nesting, and a hundred thousand brackets */
    memset(text + KGI_YAML_MAX_DEPTH, ']', KGI_YAML_MAX_DEPTH);
    assert_int_equal(kgi_yaml_parse(&file, "f", text, 2 * KGI_YAML_MAX_DEPTH, &err), KG_OK);
    kgi_yaml_destroy(file);
    memset(text + KGI_YAML_MAX_DEPTH, '[', KGI_YAML_MAX_DEPTH);
    assert_refused(kgi_yaml_parse(&file, "f", text, 100000, &err), err, KG_ERR_FORMAT,
                   "f:1:17: nesting deeper than 16");

    text[0] = '['; /* nodes: the list and n - 1 scalars */
    for (int i = 0; i < KGI_YAML_MAX_NODES; i++) {
        text[1 + 2 * i] = '1';
        text[2 + 2 * i] = ',';
    }
    text[2 * KGI_YAML_MAX_NODES - 2] = ']';
    assert_int_equal(kgi_yaml_parse(&file, "f", text, 2 * KGI_YAML_MAX_NODES - 1, &err), KG_OK);
    assert_int_equal(kgi_yaml_root(file)->n, KGI_YAML_MAX_NODES - 1);
    kgi_yaml_destroy(file);
    text[2 * KGI_YAML_MAX_NODES - 2] = ',';
    text[2 * KGI_YAML_MAX_NODES] = ']';
    assert_refused(kgi_yaml_parse(&file, "f", text, 2 * KGI_YAML_MAX_NODES + 1, &err), err,
                   KG_ERR_FORMAT, "more than 100000 nodes");

    memset(text, 'a', BIG); /* a key */
    memcpy(text + KGI_YAML_MAX_KEY, ": 1", 3);
    assert_int_equal(kgi_yaml_parse(&file, "f", text, KGI_YAML_MAX_KEY + 3, &err), KG_OK);
    kgi_yaml_destroy(file);
    memcpy(text + KGI_YAML_MAX_KEY, "a: 1", 4);
    assert_refused(kgi_yaml_parse(&file, "f", text, KGI_YAML_MAX_KEY + 4, &err), err, KG_ERR_FORMAT,
                   "f:1:1: a key of 129 bytes, at most 128");

    memcpy(text, "a: ", 3); /* bytes */
    memset(text + 3, 'x', BIG - 3);
    assert_int_equal(kgi_yaml_parse(&file, "f", text, KGI_YAML_MAX_BYTES, &err), KG_OK);
    assert_int_equal(strlen(kgi_yaml_get(kgi_yaml_root(file), "a")->text), KGI_YAML_MAX_BYTES - 3);
    kgi_yaml_destroy(file);
    assert_refused(kgi_yaml_parse(&file, "f", text, KGI_YAML_MAX_BYTES + 1, &err), err,
                   KG_ERR_FORMAT, "f:1:1: 1048577 bytes of YAML, at most 1048576");

    char folder[SCRATCH_BYTES]; /* and the same of a file */
    scratch_make(folder);
    const char *path = scratch_path(folder, "big.yaml");
    scratch_write(path, text, KGI_YAML_MAX_BYTES);
    assert_int_equal(kgi_yaml_load(&file, path, &err), KG_OK);
    kgi_yaml_destroy(file);
    scratch_write(path, text, KGI_YAML_MAX_BYTES + 1);
    assert_refused(kgi_yaml_load(&file, path, &err), err, KG_ERR_FORMAT,
                   "big.yaml:1:1: more than 1048576 bytes of YAML");
    assert_refused(kgi_yaml_load(&file, scratch_path(folder, "none"), &err), err, KG_ERR_IO,
                   "none");
    scratch_remove(folder);
    free(text);
}

static void scalars_are_what_is_asked_for(void **state)
{
    (void)state;
    kgi_yaml *file =
        read_good("whole: 12\nneg: -3\nreal: 1e-3\npoint: .5\nno: no\non: true\noff: false\n"
                  "time: 1:30\noctal: 010\nunder: 1_000\nhex: 0x1p3\ncomma: 1,5\n"
                  "big: 2147483648\nhuge: 99999999999999999999\nnan: nan\ninf: 1e999\n"
                  "empty:\nlist: [1]\nquoted: '7'\nplus: +5\nfive: 5.0\n");
    const kgi_yaml_node *root = kgi_yaml_root(file);
    kg_error err = {KG_OK, ""};
    int i = 0;
    double x = 0;
    const char *text = NULL;
    assert_int_equal(kgi_yaml_int(kgi_yaml_get(root, "whole"), "whole", 1, 12, &i, &err), KG_OK);
    assert_int_equal(i, 12);
    assert_int_equal(kgi_yaml_int(kgi_yaml_get(root, "neg"), "neg", -3, 12, &i, &err), KG_OK);
    assert_int_equal(i, -3);
    assert_int_equal(kgi_yaml_int(kgi_yaml_get(root, "quoted"), "q", 0, 12, &i, &err), KG_OK);
    assert_int_equal(i, 7);
    assert_int_equal(kgi_yaml_double(kgi_yaml_get(root, "real"), "real", 0, 1, &x, &err), KG_OK);
    assert_true(x == 1e-3);
    assert_int_equal(kgi_yaml_double(kgi_yaml_get(root, "point"), "p", 0, 1, &x, &err), KG_OK);
    assert_true(x == 0.5);
    assert_int_equal(kgi_yaml_double(kgi_yaml_get(root, "whole"), "w", 0, 12, &x, &err), KG_OK);
    assert_true(x == 12);
    assert_int_equal(kgi_yaml_bool(kgi_yaml_get(root, "on"), "on", &i, &err), KG_OK);
    assert_int_equal(i, 1);
    assert_int_equal(kgi_yaml_bool(kgi_yaml_get(root, "off"), "off", &i, &err), KG_OK);
    assert_int_equal(i, 0);
    assert_int_equal(kgi_yaml_text(kgi_yaml_get(root, "no"), "no", &text, &err), KG_OK);
    assert_string_equal(text, "no");

    i = 77;
    x = 77;
    static const char *const not_whole[] = {"real", "no",   "time", "octal", "under", "hex",
                                            "big",  "huge", "nan",  "empty", "plus",  "five"};
    for (size_t k = 0; k < sizeof not_whole / sizeof not_whole[0]; k++) {
        assert_refused(
            kgi_yaml_int(kgi_yaml_get(root, not_whole[k]), "units", -9, 2147483647, &i, &err), err,
            KG_ERR_FORMAT, "not a whole number in [-9, 2147483647]");
    }
    assert_refused(kgi_yaml_int(kgi_yaml_get(root, "whole"), "units", 0, 11, &i, &err), err,
                   KG_ERR_FORMAT, "f.yaml:1:8: units is \"12\", not a whole number in [0, 11]");
    static const char *const not_real[] = {"no",  "time", "under", "hex",  "comma",
                                           "nan", "inf",  "empty", "huge", "on"};
    for (size_t k = 0; k < sizeof not_real / sizeof not_real[0]; k++) {
        assert_refused(kgi_yaml_double(kgi_yaml_get(root, not_real[k]), "rate", 0, 1e9, &x, &err),
                       err, KG_ERR_FORMAT, "not a number in [0, 1000000000]");
    }
    assert_refused(kgi_yaml_bool(kgi_yaml_get(root, "no"), "bias", &i, &err), err, KG_ERR_FORMAT,
                   "f.yaml:5:5: bias is \"no\", not true or false");
    assert_refused(kgi_yaml_text(kgi_yaml_get(root, "empty"), "act", &text, &err), err,
                   KG_ERR_FORMAT, "act is empty");
    assert_refused(kgi_yaml_int(kgi_yaml_get(root, "list"), "units", 0, 9, &i, &err), err,
                   KG_ERR_FORMAT, "f.yaml:18:7: units is a list, not a single value");
    assert_refused(kgi_yaml_check_kind(root, KGI_YAML_LIST, "layers", &err), err, KG_ERR_FORMAT,
                   "f.yaml:1:1: layers is a map, not a list");
    assert_int_equal(i, 77);
    assert_true(x == 77);
    kgi_yaml_destroy(file);
}

static void unknown_keys_have_a_nearest_name(void **state)
{
    (void)state;
    static const char *const names[] = {"units", "act", "keep_rate"};
    kgi_yaml *file = read_good("units: 3\nkeep-rate: 1\n");
    kg_error err = {KG_OK, ""};
    assert_int_equal(
        kgi_yaml_check_keys(kgi_yaml_root(file), "dense", names, 3, sizeof *names, &err), KG_OK);
    assert_non_null(kgi_yaml_get(kgi_yaml_root(file), "keep_rate"));
    kgi_yaml_destroy(file);
    file = read_good("act: relu\nunit: 3\n");
    assert_refused(kgi_yaml_check_keys(kgi_yaml_root(file), "dense", names, 3, sizeof *names, &err),
                   err, KG_ERR_FORMAT,
                   "f.yaml:2:1: dense has no key \"unit\", did you mean \"units\"?");
    kgi_yaml_destroy(file);
    file = read_good("\"zz\\ez\": 3\n"); /* control characters are shown, not sent */
    assert_refused(kgi_yaml_check_keys(kgi_yaml_root(file), "dense", names, 3, sizeof *names, &err),
                   err, KG_ERR_FORMAT, "f.yaml:1:1: dense has no key \"zz\\x1bz\"");
    kgi_yaml_destroy(file);
}

static char *as_json(const kgi_yaml *file)
{
    kgi_text text = {0};
    char *json = NULL;
    kgi_yaml_json(kgi_yaml_root(file), &text);
    assert_int_equal(kgi_text_finish(&text, &json, NULL), KG_OK);
    return json;
}

/* print(parse(x)) is a fixed point. */
static void json_reads_back(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        const char *json;
    } rows[] = {
        {"", "{}"},
        {"[]", "[]"},
        {"b: 1\na: [x, 'y', -0.5, 1e-3, true, null, ~]\n",
         "{\"b\": 1, \"a\": [\"x\", \"y\", -0.5, 1e-3, true, null, \"~\"]}"},
        {"[010, +1, .5, 1., 1_0, 0x1, 1e999, '1', -, no]",
         "[\"010\", \"+1\", \".5\", \"1.\", \"1_0\", \"0x1\", \"1e999\", \"1\", \"-\", \"no\"]"},
        {"{\"a\":{\"b\":[1,2,{\"c\":\"\\u00e9\\n\\\"\\/\"}]}}",
         "{\"a\": {\"b\": [1, 2, {\"c\": \"\xc3\xa9\\u000a\\\"/\"}]}}"},
        {"a: >\n  folded\n  text\n", "{\"a\": \"folded text\\u000a\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kgi_yaml *file = read_good(rows[i].yaml);
        char *once = as_json(file);
        kgi_yaml_destroy(file);
        assert_string_equal(once, rows[i].json);
        file = read_good(once);
        char *twice = as_json(file);
        kgi_yaml_destroy(file);
        assert_string_equal(twice, once);
        free(once);
        free(twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_becomes_a_tree),
        cmocka_unit_test(nothing_is_an_empty_map),
        cmocka_unit_test(what_is_not_plain_is_refused),
        cmocka_unit_test(tabs_stand_in_quotes_and_in_json),
        cmocka_unit_test(limits_hold_to_the_number),
        cmocka_unit_test(scalars_are_what_is_asked_for),
        cmocka_unit_test(unknown_keys_have_a_nearest_name),
        cmocka_unit_test(json_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
