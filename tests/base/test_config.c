/* SPDX-License-Identifier: Apache-2.0 */
/* Experiment files: values by option, texts and paths, what is refused and where. */
#include <ketgrad/config.h>

#include <stddef.h>

#include "base/options.h"
#include "base/yaml.h"
#include "refused.h"

typedef struct settings {
    int steps;
    double lr;
    uint64_t seed;
    size_t memory;
    int mean;
    int kind;
    const char *data;
    const char *list;
    const char *folder;
    const char *source;
} settings;

static const char *kind_name(int i)
{
    static const char *const names[] = {"sgd", "nesterov", "no"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

#define OPT(t, field, lo, hi, text) KGI_OPTION(settings, t, field, lo, hi, text, "help")
static const kgi_option rows[] = {
    OPT('i', steps, 0, 1000, "200"),
    OPT('d', lr, 1e-12, 10, "0.01"),
    OPT('u', seed, 0, 18446744073709551615.0, "1"),
    OPT('z', memory, 0, 1e15, "0"),
    OPT('b', mean, 0, 1, "true"),
    KGI_OPTION_NAMES(settings, 'e', kind, "sgd", "help", kind_name),
    OPT('s', data, 0, 0, "strokes"),
    OPT('s', list, 0, 0, NULL),
    OPT('p', folder, 0, 0, NULL),
    KGI_OPTION_NAMES(settings, 'p', source, "sgd", "help", kind_name),
};
static const kg_option_table table = KGI_OPTION_TABLE("data", rows);

static const char *const others[] = {"title", "layers"};
static settings values;
static const kg_config_section sections[] = {{"data", &table, &values, others, 2},
                                             {"train", &table, NULL, NULL, 0},
                                             {"free", NULL, NULL, NULL, 0}};

static kg_status apply(const char *path, const char *text, kg_config **config, kg_error *err)
{
    kg_options_reset(&table, &values);
    kg_status status = kg_config_parse(config, path, text, strlen(text), err);
    return status ? status : kg_config_apply(*config, 3, sections, err);
}

static kg_config *apply_good(const char *path, const char *text)
{
    kg_error err = {KG_OK, ""};
    kg_config *config = NULL;
    if (apply(path, text, &config, &err)) {
        fail_msg("%s", err.message);
    }
    return config;
}

static void values_have_the_type_of_their_option(void **state)
{
    (void)state;
    kg_config *config = apply_good("dir/f.yaml", "data:\n"
                                                 "  steps: 50\n  lr: 5e-2\n"
                                                 "  seed: 18446744073709551615\n  memory: 2G\n"
                                                 "  mean: false\n  kind: no\n  name: mnist\n"
                                                 "  list: [3, '5', x]\n  folder: sets/big\n"
                                                 "  title: a title\n  layers: [{x: 1}]\n"
                                                 "train:\n  steps: 7\n"
                                                 "free: {what: [ever, {this: is}]}\n");
    assert_int_equal(values.steps, 50);
    assert_true(values.lr == 0.05);
    assert_true(values.seed == UINT64_MAX);
    assert_true(values.memory == (size_t)2 << 30);
    assert_int_equal(values.mean, 0);
    assert_int_equal(values.kind, 2);
    assert_string_equal(values.data, "mnist");
    assert_string_equal(values.list, "3,5,x");
    assert_string_equal(values.folder, "dir/sets/big");
    int line = 0;
    int column = 0;
    assert_string_equal(kg_config_get(config, "data", "title"), "a title");
    assert_null(kg_config_get(config, "data", "layers"));
    assert_null(kg_config_get(config, "data", "nothing"));
    assert_null(kg_config_get(config, NULL, "data"));
    assert_int_equal(kg_config_find(config, "data", "layers", &line, &column), 1);
    assert_int_equal(line, 12);
    assert_int_equal(kg_config_find(config, "data", "data", &line, &column), 1);
    assert_int_equal(line, 8);
    assert_int_equal(column, 9);
    assert_int_equal(kg_config_find(config, NULL, "free", &line, &column), 1);
    assert_int_equal(kg_config_find(config, "none", "free", &line, &column), 0);
    assert_string_equal(kg_config_path(config), "dir/f.yaml");
    assert_int_equal(strncmp(kg_config_text(config), "data:\n", 6), 0);
    kg_config_destroy(config);
    kg_config_destroy(NULL);
}

static void what_is_not_named_stays(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "data:\n", "{\"data\": {\"steps\": 200}}"};
    for (int i = 0; i < 3; i++) {
        kg_config *config = apply_good("f.yaml", texts[i]);
        const kgi_option *row = NULL;
        assert_int_equal(kgi_options_agree(&table, &values, &row), 1);
        kg_config_destroy(config);
    }
}

static void paths_are_relative_to_the_file(void **state)
{
    (void)state;
    kg_config *config = apply_good("f.yaml", "data: {folder: sets}\n");
    assert_string_equal(values.folder, "sets");
    kg_config_destroy(config);
    config = apply_good("/a/b/f.yaml", "data: {folder: ../sets}\n");
    assert_string_equal(values.folder, "/a/b/../sets");
    kg_config_destroy(config);
    config = apply_good("/a/b/f.yaml", "data: {source: nesterov}\n");
    assert_string_equal(values.source, "nesterov"); /* a name, not a path */
    kg_config_destroy(config);
    config = apply_good("/a/b/f.yaml", "data: {source: my.csv}\n");
    assert_string_equal(values.source, "/a/b/my.csv");
    kg_config_destroy(config);
    config = apply_good("/a/b/f.yaml", "data: {folder: /sets}\n");
    assert_string_equal(values.folder, "/sets");
    kg_config_destroy(config);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"[1]", "f.yaml:1:1: an experiment file is a list, not a map"},
        {"text", "f.yaml:1:1: an experiment file is a single value, not a map"},
        {"dta: {steps: 1}", "f.yaml:1:1: no section \"dta\", did you mean \"data\"?"},
        {"noise: {}", "f.yaml:1:1: no section \"noise\""},
        {"data: 3", "f.yaml:1:7: data is a single value, not a map"},
        {"data: {stps: 1}", "f.yaml:1:8: data has no key \"stps\", did you mean \"steps\"?"},
        {"data:\n  titel: x", "f.yaml:2:3: data has no key \"titel\", did you mean \"title\"?"},
        {"train: {title: x}", "f.yaml:1:9: train has no key \"title\""},
        {"train: {name: x}", "f.yaml:1:9: train has no key \"name\""},
        {"data:\n  steps: 1001\n", "f.yaml:2:10: steps is 1001, not a whole number in [0, 1000]"},
        {"train: {steps: 1.5}", "f.yaml:1:16: steps is 1.5, not a whole number in [0, 1000]"},
        {"train: {steps: 1_0}", "f.yaml:1:16: steps is 1_0, not a whole number"},
        {"train: {steps: 1:30}", "f.yaml:1:16: steps is 1:30, not a whole number"},
        {"train: {steps: 010}", "f.yaml:1:16: steps is \"010\", a number with a leading zero"},
        {"train: {lr: 01.5}", "f.yaml:1:13: lr is \"01.5\", a number with a leading zero"},
        {"train: {lr: 1,5}", "f.yaml:1:15: train has no key \"5\""},
        {"train: {lr: nan}", "f.yaml:1:13: lr is nan, not a number in [1e-12, 10]"},
        {"train: {lr: 0x1p3}", "f.yaml:1:13: lr is 0x1p3, not a number"},
        {"train: {memory: 1X}", "f.yaml:1:17: memory is 1X, not a number of bytes"},
        {"train: {memory: 16777216T}", "f.yaml:1:17: memory is 16777216T, not a number of bytes"},
        {"train: {mean: no}", "f.yaml:1:15: mean is \"no\", not true or false"},
        {"train: {mean: 1}", "f.yaml:1:15: mean is \"1\", not true or false"},
        {"train: {kind: sdg}", "f.yaml:1:15: kind is \"sdg\", did you mean \"sgd\"?"},
        {"train: {lr: [1]}", "f.yaml:1:13: lr is a list, not a single value"},
        {"train: {list: [[1]]}", "f.yaml:1:16: an item of list is not a single value"},
        {"train: {list: ['1,2']}", "f.yaml:1:16: an item of list is not a single value"},
        {"train: {list: {a: 1}}", "f.yaml:1:15: list is a map, not a single value"},
        {"train: {lr: }", "f.yaml:1:13: lr has no value"},
        {"train: {list: []}", "f.yaml:1:15: list has no value"},
        {"train: {steps: 1, steps: 2}", "f.yaml:1:19: duplicate key \"steps\""},
        {"train: {steps: &a 1}", "f.yaml:1:16: an anchor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        kg_error err = {KG_OK, ""};
        kg_config *config = NULL;
        assert_refused(apply("f.yaml", cases[i].text, &config, &err), err, KG_ERR_FORMAT,
                       cases[i].message);
        kg_config_destroy(config);
    }
}

static void files_are_read(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    kg_error err = {KG_OK, ""};
    kg_config *config = NULL;
    scratch_make(folder);
    const char *path = scratch_path(folder, "f.yaml");
    scratch_write(path, "data: {steps: 3, folder: x}\n", 28);
    kg_options_reset(&table, &values);
    assert_int_equal(kg_config_load(&config, path, &err), KG_OK);
    assert_int_equal(kg_config_apply(config, 3, sections, &err), KG_OK);
    assert_int_equal(values.steps, 3);
    assert_string_equal(values.folder, scratch_path(folder, "x"));
    kg_config_destroy(config);
    assert_refused(kg_config_load(&config, scratch_path(folder, "none"), &err), err, KG_ERR_IO,
                   "none");
    assert_null(config);
    assert_refused(kg_config_load(&config, folder, &err), err, KG_ERR_IO, folder);
    char *big = calloc(1, KGI_YAML_MAX_BYTES + 1);
    assert_non_null(big);
    memset(big, '#', KGI_YAML_MAX_BYTES + 1);
    scratch_write(path, big, KGI_YAML_MAX_BYTES);
    assert_int_equal(kg_config_load(&config, path, &err), KG_OK);
    kg_config_destroy(config);
    scratch_write(path, big, KGI_YAML_MAX_BYTES + 1);
    assert_refused(kg_config_load(&config, path, &err), err, KG_ERR_FORMAT,
                   "f.yaml:1:1: more than 1048576 bytes of YAML");
    free(big);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_the_type_of_their_option),
        cmocka_unit_test(what_is_not_named_stays),
        cmocka_unit_test(paths_are_relative_to_the_file),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
