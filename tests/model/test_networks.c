/* SPDX-License-Identifier: Apache-2.0 */
/* The classical networks beside the quantum ones: sizes as published, sizes that are asked for. */
#include <string.h>

#include <ketgrad/model.h>

#include "model/model.h"
#include "near.h"

static kg_model *make(const char *name, int n_features, int n_classes, int size, int target)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    o.filters = strcmp(name, "cnn") ? 0 : size;
    o.hidden = strcmp(name, "mlp") ? 0 : size;
    o.target_params = target;
    if (kg_model_create(&model, name, &o, &err) ||
        kg_model_build(model, n_features, n_classes, NULL, &err)) {
        fail_msg("%s: %s", name, err.message);
    }
    return model;
}

static int count(const char *name, int n_features, int n_classes, int size, int target)
{
    kg_model *model = make(name, n_features, n_classes, size, target);
    const int n = kg_model_n_params(model);
    kg_model_destroy(model);
    return n;
}

/* The four sizes that Hur, Kim, Park give for two classes, and others by the formula. */
static void cnn_has_as_many_parameters_as_published(void **state)
{
    (void)state;
    assert_int_equal(count("cnn", 8, 2, 0, 0), 26);
    assert_int_equal(count("cnn", 16, 2, 2, 0), 34);
    assert_int_equal(count("cnn", 8, 2, 3, 0), 44);
    assert_int_equal(count("cnn", 16, 2, 3, 0), 56);
    assert_int_equal(count("cnn", 8, 10, 2, 0), 16 + 10 * 5);
    assert_int_equal(count("cnn", 1, 2, 1, 0), 3 + 3 + 2 * 2);
    assert_int_equal(count("cnn", 30, 3, 2, 0), 16 + 3 * (2 * 8 + 1)); /* 30 -> 15 -> 8 */
}

static void mlp_has_a_hidden_layer(void **state)
{
    (void)state;
    assert_int_equal(count("mlp", 8, 2, 5, 0), 5 * 9 + 6);
    assert_int_equal(count("mlp", 8, 2, 0, 0), 4 * 9 + 5); /* sqrt(8 * 2) */
    assert_int_equal(count("mlp", 13, 3, 0, 0), 6 * 14 + 3 * 7);
}

/* Beside a network of 51 parameters: the nearest of all sizes, and the smaller of two. */
static void a_target_chooses_the_nearest_size(void **state)
{
    (void)state;
    const char *const names[] = {"cnn", "mlp"};
    for (int m = 0; m < 2; m++) {
        for (int target = 1; target < 200; target++) {
            int best = 1;
            for (int size = 1; size < 30; size++) {
                const int distance = abs(count(names[m], 8, 3, size, 0) - target);
                best = distance < abs(count(names[m], 8, 3, best, 0) - target) ? size : best;
            }
            assert_int_equal(count(names[m], 8, 3, 0, target), count(names[m], 8, 3, best, 0));
        }
    }
    assert_int_equal(count("cnn", 8, 2, 0, 51), 44);                       /* f = 3; f = 4 has 66 */
    assert_int_equal(count("mlp", 8, 2, 0, 51), 51);                       /* h = 5 */
    assert_int_equal(count("mlp", 8, 2, 0, 100000000), 65536 * 9 + 65537); /* all there is */
}

static void layers_are_listed_with_their_shapes(void **state)
{
    (void)state;
    kg_model *model = make("cnn", 8, 3, 2, 0);
    static const kg_model_layer expected[] = {
        {"conv1", "conv1d", 2, 1, 9, 6},    {"relu1", "relu", 2, 1, 9, 0},
        {"pool1", "maxpool1d", 2, 1, 4, 0}, {"conv2", "conv1d", 2, 1, 5, 10},
        {"relu2", "relu", 2, 1, 5, 0},      {"pool2", "maxpool1d", 2, 1, 2, 0},
        {"dense", "dense", 1, 1, 3, 15},
    };
    kg_model_layer layer;
    kg_segment segment;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(kg_model_get_layer(model, i, &layer), 1);
        assert_string_equal(layer.name, expected[i].name);
        assert_string_equal(layer.kind, expected[i].kind);
        assert_int_equal(layer.channels, expected[i].channels);
        assert_int_equal(layer.height, expected[i].height);
        assert_int_equal(layer.width, expected[i].width);
        assert_int_equal(layer.n_params, expected[i].n_params);
    }
    assert_int_equal(kg_model_get_layer(model, 7, &layer), 0);
    assert_int_equal(kg_model_get_layer(model, -1, &layer), 0);
    assert_int_equal(kg_model_get_segment(model, 5, &segment), 1);
    assert_string_equal(segment.name, "dense.bias");
    assert_int_equal(segment.n, 3);
    assert_int_equal(kgi_model_fan_in(model, 0), 2);
    assert_int_equal(kgi_model_fan_in(model, 6), 4);  /* conv2: two channels, two numbers each */
    assert_int_equal(kgi_model_fan_in(model, 30), 4); /* a bias has the inputs of its weights */
    kg_model_destroy(model);
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_get_layer(model, 0, &layer), 0); /* not built */
    assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_model_get_layer(model, 0, &layer), 1);
    assert_string_equal(layer.kind, "quantum");
    assert_int_equal(layer.width, 1);
    assert_int_equal(kgi_model_fan_in(model, 50), 0);
    kg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cnn_has_as_many_parameters_as_published),
        cmocka_unit_test(mlp_has_a_hidden_layer),
        cmocka_unit_test(a_target_chooses_the_nearest_size),
        cmocka_unit_test(layers_are_listed_with_their_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
