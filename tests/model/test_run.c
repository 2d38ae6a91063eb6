/* SPDX-License-Identifier: Apache-2.0 */
/* Running models: derivatives of every model against differences, predictions from raw rows, and the
 * refusals of the public door. */
#include <string.h>

#include <ketgrad/model.h>

#include "fixture.h"

/* A built model with random parameters, for 4 features and 2 or 3 classes. */
static kg_model *create(const char *name, const char *loss, int n_classes, uint64_t seed)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    double params[64];
    o.loss = loss;
    o.qubits = 4;
    assert_int_equal(kg_model_create(&model, name, &o, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 4, n_classes, NULL, NULL), KG_OK);
    assert_true(kg_model_n_params(model) <= 64);
    for (int i = 0; i < kg_model_n_params(model); i++) {
        params[i] = kg_random_normal(seed, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    assert_int_equal(kg_model_set_params(model, kg_model_n_params(model), params, NULL), KG_OK);
    return model;
}

static const struct {
    const char *name;
    const char *loss;
    int n_classes;
    int n_params;
    int n_outputs;
    const char *first_output;
} models[] = {
    {"qcnn", "mse", 2, 34, 1, "<Z2>"},         {"qcnn", "ce", 2, 34, 2, "p(q2=0)"},
    {"logistic", "ce", 2, 5, 1, "logit 1"},    {"logistic", "ce", 3, 15, 3, "logit 0"},
    {"majority", "ce", 2, 0, 2, "p(class 0)"}, {"cnn", "ce", 2, 22, 2, "logit 0"},
    {"cnn", "ce", 3, 25, 3, "logit 0"},        {"mlp", "ce", 2, 19, 1, "logit 1"},
    {"mlp", "ce", 3, 27, 3, "logit 0"},
};

enum { N_MODELS = sizeof models / sizeof *models, ROWS = 3 };

static double output(kg_model *model, const double *x, int row, int o)
{
    double out[3];
    assert_int_equal(kg_model_forward(model, 1, x + row * 4, out, NULL), KG_OK);
    return out[o];
}

/* Central differences, h = 1e-4; outputs are in [-1, 1] and a parameter of the four-qubit network occurs
 * at most four times, so truncation is below h^2 / 6 * 4^3 = 1.1e-7; logits of logistic regression are
 * linear, those of the other networks have third derivatives of order 10. */
static void jacobians_match_differences(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(21);
    for (int m = 0; m < N_MODELS; m++) {
        static double grad[ROWS * 3 * 64], grad_inputs[ROWS * 3 * 4];
        double x[ROWS * 4], params[64];
        kg_model *model = create(models[m].name, models[m].loss, models[m].n_classes, seed);
        const int n_params = kg_model_n_params(model), n_out = kg_model_n_outputs(model);
        assert_int_equal(n_params, models[m].n_params);
        assert_int_equal(n_out, models[m].n_outputs);
        assert_string_equal(kg_model_output_name(model, 0), models[m].first_output);
        for (int i = 0; i < ROWS * 4; i++) {
            x[i] = kg_random_normal(seed, KG_STREAM_TEST, 1, (uint64_t)i);
        }
        assert_int_equal(kg_model_jacobian(model, ROWS, x, grad, grad_inputs, NULL), KG_OK);
        memcpy(params, kg_model_params(model), (size_t)n_params * sizeof *params);
        for (int i = 0; i < ROWS * n_out * (n_params + 4); i++) {
            const int at = i % (n_params + 4), o = i / (n_params + 4) % n_out;
            const int row = i / (n_params + 4) / n_out, is_param = at < n_params;
            double *number = is_param ? &params[at] : &x[row * 4 + at - n_params];
            const double value = *number, h = 1e-4;
            *number = value + h;
            assert_int_equal(kg_model_set_params(model, n_params, params, NULL), KG_OK);
            const double up = output(model, x, row, o);
            *number = value - h;
            assert_int_equal(kg_model_set_params(model, n_params, params, NULL), KG_OK);
            const double down = output(model, x, row, o);
            *number = value;
            const int slot = row * n_out + o;
            assert_near(is_param ? grad[slot * n_params + at]
                                 : grad_inputs[slot * 4 + at - n_params],
                        (up - down) / (2 * h), 2e-7);
        }
        kg_model_destroy(model);
    }
}

/* Rows in one call or one by one; predictions by pipeline and layers, or by the model. */
static void prediction_is_pipeline_then_layers(void **state)
{
    (void)state;
    kg_dataset *data = fixture_bars(60, 2, 4, 0), *prepared = NULL;
    const char *const names[] = {"qcnn", "logistic"};
    for (int m = 0; m < 2; m++) {
        kg_model *model = NULL;
        double params[64], scores[60][2], again[60][2], one[2], loss = -1.0;
        int predicted[60], classes[60], single = -1;
        assert_int_equal(kg_model_create(&model, names[m], NULL, NULL), KG_OK);
        assert_int_equal(kg_model_fit(model, data, NULL), KG_OK);
        for (int i = 0; i < kg_model_n_params(model); i++) {
            params[i] = kg_random_normal(9, KG_STREAM_TEST, 0, (uint64_t)i);
        }
        assert_int_equal(kg_model_set_params(model, kg_model_n_params(model), params, NULL), KG_OK);
        assert_int_equal(kg_model_predict(model, 60, kg_dataset_features(data), FIXTURE_PIXELS,
                                          predicted, scores[0], NULL),
                         KG_OK);
        assert_int_equal(kg_pipeline_apply(&prepared, kg_model_pipeline(model), data, NULL), KG_OK);
        assert_int_equal(kg_model_score(model, 60, kg_dataset_features(prepared),
                                        kg_dataset_labels(data), classes, again[0], &loss, NULL),
                         KG_OK);
        assert_memory_equal(predicted, classes, sizeof predicted);
        assert_memory_equal(scores, again, sizeof scores);
        assert_true(loss > 0.0);
        for (int i = 0; i < 60; i++) {
            assert_near(scores[i][0] + scores[i][1], 1.0, 1e-12);
            assert_int_equal(predicted[i], scores[i][1] > scores[i][0]);
            assert_int_equal(kg_model_predict(model, 1,
                                              kg_dataset_features(data) + i * FIXTURE_PIXELS,
                                              FIXTURE_PIXELS, &single, one, NULL),
                             KG_OK);
            assert_near(one[0], scores[i][0], 1e-12);
        }
        kg_dataset_destroy(prepared);
        kg_model_destroy(model);
    }
    kg_dataset_destroy(data);
}

static void refusals_have_their_text(void **state)
{
    (void)state;
    kg_model *model = NULL;
    kg_error err = {0};
    double x[4] = {0.1, 0.2, 0.3, 0.4}, out[3];
    const int bad_label = 2;
    int predicted = 0;
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_forward(model, 1, x, out, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message,
                        "model \"logistic\" is not built: fit, build or load it first");
    assert_int_equal(kg_model_predict(model, 1, x, 4, &predicted, NULL, &err), KG_ERR_ARGUMENT);
    assert_int_equal(kg_model_set_params(model, 0, x, &err), KG_ERR_ARGUMENT);
    assert_int_equal(kg_model_build(model, 4, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_model_forward(model, 0, x, out, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "number of rows is 0, not at least 1");
    assert_int_equal(kg_model_predict(model, 0, x, 4, &predicted, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "number of rows is 0, not at least 1");
    assert_int_equal(kg_model_predict(model, 1, x, 3, &predicted, NULL, &err), KG_ERR_SHAPE);
    assert_string_equal(err.message, "rows have 3 columns, but the model takes 4");
    assert_int_equal(kg_model_set_params(model, 4, x, &err), KG_ERR_SHAPE);
    assert_string_equal(err.message, "4 parameters given, but model \"logistic\" has 5");
    const double infinite[5] = {0, 0, 0, INFINITY, 0};
    assert_int_equal(kg_model_set_params(model, 5, infinite, &err), KG_ERR_NUMERIC);
    assert_string_equal(err.message, "parameter 3 is not finite");
    assert_int_equal(kg_model_score(model, 1, x, &bad_label, NULL, NULL, out, &err),
                     KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "label of row 0 is 2, not in [0, 1]");
    x[2] = NAN;
    assert_int_equal(kg_model_forward(model, 1, x, out, &err), KG_ERR_NUMERIC);
    assert_string_equal(err.message, "output logit 1 of row 0 is not finite");
    kg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jacobians_match_differences),
        cmocka_unit_test(prediction_is_pipeline_then_layers),
        cmocka_unit_test(refusals_have_their_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
