/* SPDX-License-Identifier: Apache-2.0 */
/* From options to pipelines: which steps, for which data, with and without published quirks. */
#include <string.h>

#include <ketgrad/model.h>

#include "fixture.h"

typedef struct preparation {
    const char *encoding;
    const char *reduce;
    const char *compat;
    int images;     /* 64 pixels, else the same 64 numbers as plain columns */
    int n_features; /* of the model */
    const char *used;
    const char *steps; /* joined by commas */
} preparation;

/* 64 columns; angle on 8 qubits takes 8, dense 16, amplitude 256. */
static const preparation preparations[] = {
    /* clang-format off */
    {"angle",     "auto",     "none", 1,  8, "pca:8",    "scale,pca:8,angle-range"},
    {"dense",     "auto",     "none", 1, 16, "pca:16",   "scale,pca:16,angle-range"},
    {"amplitude", "auto",     "none", 1, 64, "none",     "scale"},
    {"amplitude", "resize:6", "none", 1, 36, "resize:6", "scale,resize:6"},
    {"amplitude", "pca:20",   "none", 1, 20, "pca:20",   "scale,pca:20"},
    {"angle",     "pca:5",    "none", 1,  5, "pca:5",    "scale,pca:5,angle-range"},
    {"angle",     "resize:2", "none", 1,  4, "resize:2", "scale,resize:2,angle-range"},
    {"angle",     "auto",     "none", 0,  8, "pca:8",    "standardise,pca:8,angle-range:each"},
    {"amplitude", "auto",     "none", 0, 64, "none",     "standardise"},
    {"angle",     "auto",     "hur",  1,  8, "pca:8",    "scale,column:64,pca:8,angle-range:own"},
    {"amplitude", "resize:16","hur",  1, 256,"resize:16","scale,column:256"},
    {"hde:4",     "auto",     "none", 1, 32, "pca:32",   "scale,pca:32"},
    {"hde:2",     "auto",     "none", 1, 16, "pca:16",   "scale,pca:16"},
    {"hae:4",     "auto",     "none", 1, 30, "pca:30",   "scale,pca:30,angle-range"},
    {"hae:2",     "auto",     "none", 1, 12, "pca:12",   "scale,pca:12,angle-range"},
    {"hde:4",     "auto",     "hur",  1, 32, "pca:32",   "scale,column:64,pca:32"},
    {"angle",     "auto",     "hur",  0,  8, "pca:8",    "pca:8,angle-range:own"},
    /* clang-format on */
};

static kg_dataset *make_data(int images)
{
    kg_dataset *bars = fixture_bars(40, 2, 1, 0), *plain = NULL;
    if (images) {
        return bars;
    }
    assert_int_equal(kg_dataset_create(&plain, "plain", 40, FIXTURE_PIXELS,
                                       kg_dataset_features(bars), 2, kg_dataset_labels(bars), NULL,
                                       NULL),
                     KG_OK);
    kg_dataset_destroy(bars);
    return plain;
}

static void assert_steps(const kg_model *model, const char *expected)
{
    char joined[256] = "";
    const kg_pipeline *pipeline = kg_model_pipeline(model);
    for (int i = 0; i < kg_pipeline_n_steps(pipeline); i++) {
        const size_t used = strlen(joined);
        snprintf(joined + used, sizeof joined - used, "%s%s", i ? "," : "",
                 kg_pipeline_step(pipeline, i));
    }
    assert_string_equal(joined, expected);
}

static void steps_follow_from_options_and_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof preparations / sizeof *preparations; i++) {
        const preparation *p = &preparations[i];
        const char *const models[] = {"qcnn", "logistic"};
        kg_dataset *data = make_data(p->images);
        for (int m = 0; m < 2; m++) {
            kg_model_options o = KG_MODEL_OPTIONS_INIT;
            kg_model *model = NULL;
            kg_error err = {0};
            o.encoding = p->encoding;
            o.reduce = p->reduce;
            o.compat = p->compat;
            assert_int_equal(kg_model_create(&model, models[m], &o, NULL), KG_OK);
            if (kg_model_fit(model, data, &err)) {
                fail_msg("%s, %s: %s", p->encoding, p->reduce, err.message);
            }
            assert_steps(model, p->steps);
            assert_int_equal(kg_model_n_features(model), p->n_features);
            assert_string_equal(kg_model_get_options(model)->reduce, p->used);
            kg_model_destroy(model);
        }
        kg_dataset_destroy(data);
    }
}

/* Images of 64 pixels on 4 qubits: 16 amplitudes, so 4 x 4 pixels; on 5 qubits 32, so 5 x 5. */
static void images_shrink_to_the_amplitudes_there_are(void **state)
{
    (void)state;
    const struct {
        int qubits, n_features;
        const char *reduce;
    } cases[] = {{4, 16, "resize:4"}, {2, 4, "resize:2"}};
    kg_dataset *data = make_data(1);
    for (int i = 0; i < 2; i++) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_model *model = NULL;
        o.encoding = "amplitude";
        o.qubits = cases[i].qubits;
        assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
        assert_int_equal(kg_model_fit(model, data, NULL), KG_OK);
        assert_int_equal(kg_model_n_features(model), cases[i].n_features);
        assert_string_equal(kg_model_get_options(model)->reduce, cases[i].reduce);
        kg_model_destroy(model);
    }
    kg_dataset_destroy(data);
}

/* "auto" is resolved anew for every fit. */
static void a_model_can_be_fitted_again(void **state)
{
    (void)state;
    kg_dataset *images = make_data(1), *small = NULL;
    kg_model *model = NULL;
    const double x[] = {1, 2, 3, 4, 5, 6};
    const int labels[] = {0, 1, 1};
    const char *const names[] = {"no", "yes"};
    assert_int_equal(kg_dataset_create(&small, NULL, 3, 2, x, 2, labels, names, NULL), KG_OK);
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_fit(model, images, NULL), KG_OK);
    assert_string_equal(kg_model_get_options(model)->reduce, "pca:8");
    assert_string_equal(kg_model_class(model, 1), "1");
    assert_int_equal(kg_model_fit(model, small, NULL), KG_OK);
    assert_string_equal(kg_model_get_options(model)->reduce, "none");
    assert_int_equal(kg_model_n_features(model), 2);
    assert_string_equal(kg_model_class(model, 1), "yes");
    assert_null(kg_model_class(model, 2));
    kg_model_destroy(model);
    kg_dataset_destroy(images);
    kg_dataset_destroy(small);
}

static void data_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    kg_dataset *bars = make_data(1), *unlabelled = NULL, *many = fixture_bars(40, 3, 1, 0);
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    o.reduce = "none";
    assert_int_equal(kg_dataset_create(&unlabelled, "bare", 3, 2, kg_dataset_features(bars), 0,
                                       NULL, NULL, NULL),
                     KG_OK);
    assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
    assert_int_equal(kg_model_fit(model, bars, &err), KG_ERR_SHAPE);
    assert_string_equal(err.message,
                        "64 features, but encoding \"angle\" takes at most 8 on 8 qubits");
    assert_int_equal(kg_model_fit(model, unlabelled, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "data set \"bare\" has no labels to learn");
    kg_model_destroy(model);
    assert_int_equal(kg_model_create(&model, "hierarchical", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_fit(model, many, &err), KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message,
                        "3 classes: wiring \"tree\" leaves 1 qubit to read out, not 2");
    kg_model_destroy(model);
    kg_dataset_destroy(bars);
    kg_dataset_destroy(unlabelled);
    kg_dataset_destroy(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_from_options_and_data),
        cmocka_unit_test(images_shrink_to_the_amplitudes_there_are),
        cmocka_unit_test(a_model_can_be_fitted_again),
        cmocka_unit_test(data_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
