/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum convolutional network: sizes, names and values. The expected numbers were computed by two
 * independent programs (C and Python) for parameters theta_i = 0.1 (i + 1). */
#include <string.h>

#include <ketgrad/model.h>

#include "near.h"

static kg_model *create(const char *ansatz, const char *pooling, const char *encoding,
                        const char *loss)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    o.ansatz = ansatz;
    o.pooling = pooling;
    o.encoding = encoding;
    o.loss = loss;
    if (kg_model_create(&model, "qcnn", &o, &err) || kg_model_build(model, 0, 2, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    double *params = calloc((size_t)kg_model_n_params(model), sizeof *params);
    for (int i = 0; i < kg_model_n_params(model); i++) {
        params[i] = 0.1 * (i + 1);
    }
    assert_int_equal(kg_model_set_params(model, kg_model_n_params(model), params, NULL), KG_OK);
    free(params);
    return model;
}

/* x_i = i + 1 for amplitudes, 0.1 (i + 1) for angles. */
static void fill_inputs(const kg_model *model, const char *encoding, double *x)
{
    const double scale = strcmp(encoding, "amplitude") == 0 ? 1.0 : 0.1;
    for (int i = 0; i < kg_model_n_features(model); i++) {
        x[i] = scale * (i + 1);
    }
}

/* ---- values ------------------------------------------------------------------------------------------ */

static const char *const encodings[4] = {"amplitude", "angle", "dense", "hde:4"};

static const struct {
    const char *ansatz;
    const char *pooling;
    int n_params;
    double value[4]; /* <Z4> for the four encodings */
    double gradient; /* d<Z4> / d theta_0 for the amplitude encoding */
} expected[] = {
    /* clang-format off */
    {"ttn", "zx", 12, { 0.203874330027,  0.148328164770,  0.098565368299,  0.166597980799}, -0.296752537},
    {"u9",  "zx", 12, { 0.026250331834, -0.039931523699, -0.055706715539,  0.007784811444}, -0.090378165},
    {"u15", "zx", 18, {-0.000306089111,  0.038674163018,  0.040069474698,  0.030957284426},  0.290337594},
    {"u13", "zx", 24, { 0.072064098117,  0.038379805581, -0.161142359487,  0.013039635894},  0.147211194},
    {"u14", "zx", 24, { 0.070787379357, -0.233365152582, -0.308681209898,  0.130177720756},  0.451810513},
    {"so4", "zx", 24, {-0.208369657684, -0.376187574678, -0.183205374592, -0.227838351483}, -0.466358417},
    {"u5",  "zx", 36, { 0.130475722445, -0.005884332624, -0.022926081997,  0.127024514537},  0.278341004},
    {"u6",  "zx", 36, { 0.030722502740, -0.122975051404, -0.113780713181, -0.008828801119},  0.252028519},
    {"su4", "zx", 51, {-0.175345993067, -0.043379470191, -0.085035569735, -0.156841909875},  0.120837700},
    {"su4", "none", 45, {0.055314203540, 0.192609306753,  0.162275529199, NAN},  NAN},
    {"ttn", "none",  6, {0.367985392144, -0.012387531478, 0.179597963801, NAN},  NAN},
    /* clang-format on */
};

/* Half a unit of the last printed digit: 12 decimals for values, 9 for the gradient. */
static void values_and_gradients_are_the_published_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        for (int e = 0; e < 4 && !isnan(expected[i].value[e]); e++) {
            double x[256], out = 0.0, grad[64];
            kg_model *model = create(expected[i].ansatz, expected[i].pooling, encodings[e], "mse");
            fill_inputs(model, encodings[e], x);
            assert_int_equal(kg_model_n_params(model), expected[i].n_params);
            assert_int_equal(kg_model_forward(model, 1, x, &out, NULL), KG_OK);
            assert_near(out, expected[i].value[e], 5.1e-13);
            assert_int_equal(kg_model_jacobian(model, 1, x, grad, NULL, NULL), KG_OK);
            if (e == 0 && !isnan(expected[i].gradient)) {
                assert_near(grad[0], expected[i].gradient, 5.1e-10);
            }
            kg_model_destroy(model);
        }
    }
}

/* The observable follows the loss: p = (1 +- <Z>) / 2, of the same qubit. */
static void probabilities_are_those_of_the_readout_qubit(void **state)
{
    (void)state;
    double x[8], value = 0.0, probs[2];
    kg_model *mse = create("su4", "zx", "angle", "mse"), *ce = create("su4", "zx", "angle", "ce");
    fill_inputs(mse, "angle", x);
    assert_int_equal(kg_model_forward(mse, 1, x, &value, NULL), KG_OK);
    assert_int_equal(kg_model_forward(ce, 1, x, probs, NULL), KG_OK);
    assert_int_equal(kg_model_n_outputs(mse), 1);
    assert_int_equal(kg_model_n_outputs(ce), 2);
    assert_near(probs[0], (1 + value) / 2, 1e-14);
    assert_near(probs[1], (1 - value) / 2, 1e-14);
    assert_string_equal(kg_model_output_name(mse, 0), "<Z4>");
    assert_string_equal(kg_model_output_name(ce, 0), "p(q4=0)");
    assert_string_equal(kg_model_output_name(ce, 1), "p(q4=1)");
    assert_null(kg_model_output_name(ce, 2));
    kg_model_destroy(mse);
    kg_model_destroy(ce);
}

/* Which class an outcome means. Ours: class 0 is the outcome 0 for both losses. Published (compat hur):
 * class 0 has the label 1, which is <Z> = +1 for mse but the outcome 1 for ce. */
static void classes_are_mapped_as_documented(void **state)
{
    (void)state;
    const struct {
        const char *loss, *compat;
        int reversed;
    } cases[] = {{"mse", "none", 0}, {"ce", "none", 0}, {"mse", "hur", 0}, {"ce", "hur", 1}};
    for (int i = 0; i < 4; i++) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_model *model = NULL;
        double x[8], params[51], scores[2], out[2];
        const int label = 0;
        double loss = 0.0;
        o.loss = cases[i].loss;
        o.compat = cases[i].compat;
        assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
        assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
        for (int p = 0; p < 51; p++) {
            params[p] = 0.1 * (p + 1);
        }
        assert_int_equal(kg_model_set_params(model, 51, params, NULL), KG_OK);
        fill_inputs(model, "angle", x);
        assert_int_equal(kg_model_forward(model, 1, x, out, NULL), KG_OK);
        assert_int_equal(kg_model_score(model, 1, x, &label, NULL, scores, &loss, NULL), KG_OK);
        const double p0 = (1 - 0.043379470191) / 2; /* of the outcome 0 */
        assert_near(scores[0], cases[i].reversed ? 1 - p0 : p0, 1e-12);
        assert_near(scores[0] + scores[1], 1.0, 1e-14);
        assert_near(loss,
                    strcmp(cases[i].loss, "ce") == 0 ? -log(scores[0]) : pow(1 + 0.043379470191, 2),
                    1e-11);
        kg_model_destroy(model);
    }
}

/* ---- names and shapes ---------------------------------------------------------------------------------- */

static void assert_segments(const kg_model *model, int n, const kg_segment *segments)
{
    kg_segment got;
    for (int i = 0; i < n; i++) {
        assert_int_equal(kg_model_get_segment(model, i, &got), 1);
        assert_string_equal(got.name, segments[i].name);
        assert_int_equal(got.first, segments[i].first);
        assert_int_equal(got.n, segments[i].n);
    }
    assert_int_equal(kg_model_get_segment(model, n, &got), 0);
    assert_int_equal(kg_model_get_segment(model, -1, &got), 0);
}

static void parameters_are_named_by_stage(void **state)
{
    (void)state;
    const kg_segment zx[] = {{"conv1", 0, 15}, {"conv2", 15, 15}, {"conv3", 30, 15},
                             {"pool1", 45, 2}, {"pool2", 47, 2},  {"pool3", 49, 2}};
    const kg_segment none[] = {{"conv1", 0, 15}, {"conv2", 15, 15}, {"conv3", 30, 15}};
    const kg_segment generalised[] = {{"conv1", 0, 15}, {"conv2", 15, 15}, {"conv3", 30, 15},
                                      {"pool1", 45, 3}, {"pool2", 48, 3},  {"pool3", 51, 3}};
    kg_model *model = create("su4", "zx", "angle", "mse");
    assert_segments(model, 6, zx);
    kg_model_destroy(model);
    model = create("su4", "none", "angle", "mse");
    assert_segments(model, 3, none);
    kg_model_destroy(model);
    model = create("su4", "generalised", "angle", "mse");
    assert_segments(model, 6, generalised);
    kg_model_destroy(model);
}

/* Fewer features than inputs are padded by zeros; more, or more classes, are refused. */
static void shapes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    kg_model *model = NULL;
    kg_error err = {0};
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 9, 2, NULL, &err), KG_ERR_SHAPE);
    assert_string_equal(err.message,
                        "9 features, but encoding \"angle\" takes at most 8 on 8 qubits");
    assert_int_equal(kg_model_n_params(model), 0);
    assert_int_equal(kg_model_build(model, 8, 257, NULL, &err), KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message, "257 classes need 9 qubits to read out, but qubits is 8");
    assert_int_equal(kg_model_build(model, 8, 1, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "1 class: a model tells 2 to 1024 classes apart");
    assert_int_equal(kg_model_build(model, -1, 2, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "n_features is -1, not in [0, 16777216]");
    assert_int_equal(kg_model_build(model, 3, 2, NULL, &err), KG_OK);
    const double x[] = {0.1, 0.2, 0.3}, padded[8] = {0.1, 0.2, 0.3};
    double a = 0.0, b = 0.0, params[51];
    for (int p = 0; p < 51; p++) {
        params[p] = 0.3 * p;
    }
    assert_int_equal(kg_model_set_params(model, 51, params, NULL), KG_OK);
    assert_int_equal(kg_model_forward(model, 1, x, &a, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 8, 2, NULL, &err), KG_OK);
    assert_int_equal(kg_model_set_params(model, 51, params, NULL), KG_OK);
    assert_int_equal(kg_model_forward(model, 1, padded, &b, NULL), KG_OK);
    assert_near(a, b, 1e-14);
    kg_model_destroy(model);
}

static void circuit_and_observable_are_there_at_once(void **state)
{
    (void)state;
    kg_model *model = NULL;
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_circuit_n_params(kg_model_circuit(model)), 51);
    assert_int_equal(kg_observable_n_outputs(kg_model_observable(model)), 1);
    assert_null(kg_model_plan(model));
    assert_null(kg_model_params(model));
    assert_null(kg_model_pipeline(model));
    assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_plan_n_params(kg_model_plan(model)), 51);
    kg_model_destroy(model);
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_null(kg_model_circuit(model));
    assert_null(kg_model_observable(model));
    kg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_gradients_are_the_published_checks),
        cmocka_unit_test(probabilities_are_those_of_the_readout_qubit),
        cmocka_unit_test(classes_are_mapped_as_documented),
        cmocka_unit_test(parameters_are_named_by_stage),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(circuit_and_observable_are_there_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
