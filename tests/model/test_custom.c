/* SPDX-License-Identifier: Apache-2.0 */
/* Custom models: branches and joins with their derivatives, shapes that do not fit, files, bits. */
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "model/definition.h"
#include "refused.h"

/* Everything at once: features read three times, a shared circuit, patches, branches that meet twice. */
static const char graph[] =
    "circuits:\n"
    "  small: {qubits: 2, ops: [ry * x, rx * p, cx 0 1, ry 1 p0], measure: [Z1, X0 Z1]}\n"
    "  probs: {qubits: 2, ops: [{encode: dense}, {block: u13, on: [1, 0]}], measure: {probs: [0, "
    "1]}}\n"
    "layers:\n"
    "  - {kind: input, shape: [1, 2, 6]}\n"
    "  - {name: eyes, kind: patch, circuit: small, size: [1, 2], stride: [1, 2]}\n"
    "  - {name: mean, kind: avgpool2d, size: [1, 2], from: features}\n"
    "  - {name: both, kind: concat, from: [eyes, mean]}\n"
    "  - {kind: conv2d, filters: 2, size: 2}\n"
    "  - tanh\n"
    "  - {name: narrow, kind: dense, units: 4}\n"
    "  - {name: measured, kind: quantum, circuit: probs}\n"
    "  - {name: skip, kind: add, from: [narrow, measured]}\n"
    "  - {kind: dropout, rate: 0.4}\n"
    "  - {kind: dense, units: 4, from: features}\n"
    "  - {kind: sigmoid}\n"
    "  - {kind: add, from: [dropout_1, sigmoid_1, narrow]}\n"
    "  - {kind: dense, units: classes}\n";

enum { FEATURES = 12, CLASSES = 3, ROWS = 5 };

static kg_model *make(const char *definition, int n_features, int n_classes, int threads)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    o.definition = definition;
    o.threads = threads;
    if (kg_model_create(&model, "custom", &o, &err) ||
        kg_model_build(model, n_features, n_classes, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    return model;
}

static void randomise(kg_model *model, double *params, double *x, int n_x)
{
    for (int i = 0; i < kg_model_n_params(model); i++) {
        params[i] = 0.7 * kg_random_normal(5, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    for (int i = 0; i < n_x; i++) {
        x[i] = kg_random_normal(5, KG_STREAM_TEST, 1, (uint64_t)i);
    }
    assert_int_equal(kg_model_set_params(model, kg_model_n_params(model), params, NULL), KG_OK);
}

/* The loss of a training step, dropout included: its draws stay while seed and step do. */
static double loss_at(kg_model *model, const double *params, const double *x, const int *labels,
                      double *d_params)
{
    static double ignored[1024];
    int n_correct = 0;
    return kgi_model_gradient(model, params, ROWS, x, labels, 1.0, d_params ? d_params : ignored,
                              &n_correct);
}

/* Central differences, h = 1e-5; third derivatives of order 100 at most, so h^2 / 6 * 100 = 2e-9, and
 * rounding eps * 10 / h = 2e-10. */
static void gradients_of_a_graph_match_differences(void **state)
{
    (void)state;
    kg_model *model = make(graph, FEATURES, CLASSES, 1);
    double params[256], x[ROWS * FEATURES], d_params[256] = {0};
    const int labels[ROWS] = {2, 0, 1, 1, 0}, n = kg_model_n_params(model);
    const double h = 1e-5;
    assert_true(n < 256);
    randomise(model, params, x, ROWS * FEATURES);
    assert_int_equal(kgi_model_reserve(model, ROWS, NULL), KG_OK);
    kgi_model_set_step(model, 9, 4);
    (void)loss_at(model, params, x, labels, d_params);
    for (int i = 0; i < n; i++) {
        const double value = params[i];
        params[i] = value + h;
        const double up = loss_at(model, params, x, labels, NULL);
        params[i] = value - h;
        const double down = loss_at(model, params, x, labels, NULL);
        params[i] = value;
        assert_near(d_params[i], (up - down) / (2 * h), 1e-8);
    }
    kg_model_destroy(model);
}

/* Derivatives of the outputs, of features too, which three layers read; without dropout. */
static void jacobians_of_a_graph_match_differences(void **state)
{
    (void)state;
    kg_model *model = make(graph, FEATURES, CLASSES, 1);
    static double grad[CLASSES * 256];
    double params[256], x[FEATURES], grad_inputs[CLASSES * FEATURES];
    double up[CLASSES], down[CLASSES];
    const double h = 1e-5;
    randomise(model, params, x, FEATURES);
    assert_int_equal(kg_model_jacobian(model, 1, x, grad, grad_inputs, NULL), KG_OK);
    for (int i = 0; i < FEATURES; i++) {
        const double value = x[i];
        x[i] = value + h;
        assert_int_equal(kg_model_forward(model, 1, x, up, NULL), KG_OK);
        x[i] = value - h;
        assert_int_equal(kg_model_forward(model, 1, x, down, NULL), KG_OK);
        x[i] = value;
        for (int k = 0; k < CLASSES; k++) {
            assert_near(grad_inputs[k * FEATURES + i], (up[k] - down[k]) / (2 * h), 1e-8);
        }
    }
    kg_model_destroy(model);
}

/* Loss and gradient of steps 1 and 2, and the outputs when scoring. */
static void run(int threads, double *results)
{
    kg_model *model = make(graph, FEATURES, CLASSES, threads);
    double params[256], x[ROWS * FEATURES];
    const int labels[ROWS] = {2, 0, 1, 1, 0};
    randomise(model, params, x, ROWS * FEATURES);
    assert_int_equal(kgi_model_reserve(model, ROWS, NULL), KG_OK);
    memset(results, 0, 600 * sizeof *results);
    for (int step = 1; step <= 2; step++) {
        kgi_model_set_step(model, 9, step);
        results[step - 1] = loss_at(model, params, x, labels, results + 2 + (step - 1) * 256);
    }
    assert_int_equal(kg_model_forward(model, ROWS, x, results + 514, NULL), KG_OK);
    kg_model_destroy(model);
}

static void the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    const int threads[] = {2, 3, 8};
    double one[600], many[600];
    run(1, one);
    assert_true(one[0] != one[1]); /* another step drops others */
    for (int t = 0; t < 3; t++) {
        run(threads[t], many);
        assert_memory_equal(one, many, sizeof one);
    }
}

/* More rows than fit into the pieces of a run: the same numbers, row by row. */
static void long_tables_are_run_in_pieces(void **state)
{
    (void)state;
    enum { LONG = 700 };
    kg_model *model =
        make("layers: [{kind: dense, units: 40000}, {kind: dense, units: 2}]", 3, 2, 1);
    const size_t n = (size_t)kg_model_n_params(model);
    double *params = calloc(n, sizeof *params), *x = calloc(LONG * 3, sizeof *x);
    double *out = calloc(LONG * 2, sizeof *out), one[2], loss = 0, again = 0;
    int *labels = calloc(LONG, sizeof *labels);
    assert_true(params && x && out && labels);
    randomise(model, params, x, LONG * 3);
    assert_int_equal(kg_model_forward(model, LONG, x, out, NULL), KG_OK);
    assert_true(model->capacity < LONG);
    for (int row = 0; row < LONG; row += 53) {
        assert_int_equal(kg_model_forward(model, 1, x + row * 3, one, NULL), KG_OK);
        assert_near(one[0], out[2 * row], 1e-9);
        assert_near(one[1], out[2 * row + 1], 1e-9);
    }
    assert_int_equal(kg_model_score(model, LONG, x, labels, NULL, NULL, &loss, NULL), KG_OK);
    for (int row = 0; row < LONG; row++) {
        double part = 0;
        assert_int_equal(kg_model_score(model, 1, x + row * 3, labels, NULL, NULL, &part, NULL),
                         KG_OK);
        again += part / LONG;
    }
    assert_near(loss, again, 1e-9 * fabs(loss));
    free(params);
    free(x);
    free(out);
    free(labels);
    kg_model_destroy(model);
}

/* ---- what does not fit ----------------------------------------------------------------------------- */

#define PROBS "circuit: {qubits: 1, ops: [ry 0 x], measure: {probs: [0]}}"
#define EXPVAL "circuit: {qubits: 1, ops: [ry 0 x], measure: Z0}"

static const struct {
    const char *definition;
    const char *loss;
    int n_features;
    int n_classes;
    const char *message;
} misfits[] = {
    {"layers:\n- {kind: dense, units: 3}", "auto", 4, 2,
     "definition:2:3: layer \"dense_1\", the last, puts out 3 numbers, but there are 2 classes"},
    {"layers:\n- {kind: dense, units: 1}", "auto", 4, 3,
     "definition:2:3: layer \"dense_1\", the last, puts out 1 number, but there are 3 classes"},
    {EXPVAL, "auto", 1, 3,
     "definition:1:10: layer \"circuit\", the last, puts out 1 number, but there are 3 classes"},
    {PROBS, "auto", 1, 3,
     "definition:1:10: layer \"circuit\", the last, puts out 2 numbers, but there are 3 classes"},
    {PROBS, "auto", 2, 2,
     "definition:1:10: layer \"circuit\": 2 features, but the circuit takes 1"},
    {"layers:\n- relu\n- {kind: conv2d, filters: 1}", "auto", 8, 2,
     "definition:3:3: layer \"conv2d_1\": a window of 3 x 3 with padding 0 x 0 does not fit into "
     "8"},
    {"layers:\n- {kind: input, shape: [1, 3, 3]}\n- {kind: dense, units: 2}", "auto", 8, 2,
     "definition:2:3: shape is 1 x 3 x 3, but there are 8 features"},
    {"layers:\n- {kind: dense, units: 2}", "auto", 0, 2,
     "definition:2:3: the definition takes any number of features: begin layers with {kind: input"},
    {"layers:\n- {kind: dense, units: 65536}\n- {kind: dense, units: 65536}", "auto", 4, 2,
     "definition:3:3: layer \"dense_2\": a dense layer of 65536 inputs and 65536 outputs"},
    {"layers:\n- {kind: dense, units: 2}", "mse", 4, 2,
     "definition:2:3: loss \"mse\" takes probabilities or one expectation value, but layer"},
};

static void what_does_not_fit_names_its_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_model *model = NULL;
        kg_error err = {0};
        o.definition = misfits[i].definition;
        o.loss = misfits[i].loss;
        print_message("%s\n", misfits[i].message);
        kg_status status = kg_model_create(&model, "custom", &o, &err);
        if (!status) {
            status = kg_model_build(model, misfits[i].n_features, misfits[i].n_classes, NULL, &err);
        }
        assert_refused(status, err, KG_ERR_FORMAT, misfits[i].message);
        kg_model_destroy(model);
    }
}

static void options_of_other_models_are_refused(void **state)
{
    (void)state;
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    assert_refused(kg_model_create(&model, "custom", &o, &err), err, KG_ERR_ARGUMENT,
                   "model \"custom\" is made from a definition: a YAML file");
    o.definition = EXPVAL;
    assert_refused(kg_model_create(&model, "mlp", &o, &err), err, KG_ERR_ARGUMENT,
                   "model \"mlp\" is not made from a definition");
    o.qubits = 4;
    assert_refused(
        kg_model_create(&model, "custom", &o, &err), err, KG_ERR_ARGUMENT,
        "model \"custom\" takes its layers and circuits from its file, so no option qubits");
    o.qubits = 8;
    o.definition = "layers: [relu";
    o.definition_name = "my.yaml";
    assert_refused(kg_model_create(&model, "custom", &o, &err), err, KG_ERR_FORMAT,
                   "my.yaml:2:1: ");
    assert_null(model);
}

/* ---- what the outputs are -------------------------------------------------------------------------- */

static void the_last_layer_says_what_the_outputs_are(void **state)
{
    (void)state;
    static const struct {
        const char *definition, *loss, *output;
        int n_classes;
    } rows[] = {
        {EXPVAL, "mse", "<Z0>", 2},
        {PROBS, "ce", "p(0)", 2},
        {"layers: [{kind: dense, units: classes}]", "ce", "logit 0", 3},
        {"layers: [{kind: dense, units: 1}]", "ce", "logit 1", 2},
        {"layers: [{kind: dense, units: classes}, softmax]", "ce", "p(class 0)", 3},
        {"circuit: {qubits: 3, ops: [ry * x], measure: Z*}", "ce", "<Z0>", 3},
        {"circuit: {qubits: 2, ops: [ry * x], measure: {probs: [1, 0]}}", "ce", "p(0)", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_model *model = make(rows[i].definition, 1, rows[i].n_classes, 1);
        const double x = 0.3;
        double scores[3], sum = 0;
        int predicted = -1;
        assert_string_equal(kg_model_get_options(model)->loss, rows[i].loss);
        assert_string_equal(kg_model_output_name(model, 0), rows[i].output);
        assert_int_equal(kg_model_score(model, 1, &x, NULL, &predicted, scores, NULL, NULL), KG_OK);
        for (int c = 0; c < rows[i].n_classes; c++) {
            sum += scores[c];
        }
        assert_near(sum, 1.0, 1e-12);
        assert_int_equal(kg_model_circuit(model) != NULL, rows[i].definition[0] == 'c');
        kg_model_destroy(model);
    }
}

/* ---- data and files -------------------------------------------------------------------------------- */

static const char on_images[] = "# comments are not saved\n"
                                "layers:\n"
                                "  - {kind: conv2d, filters: 2, size: 3, stride: 2}\n"
                                "  - relu\n"
                                "  - {kind: dense, units: classes}\n";

/* Images keep their shape through the pipeline, and through the file; the same model, the same bytes. */
static void a_loaded_model_is_the_saved_one(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], a[SCRATCH_BYTES + 8], b[SCRATCH_BYTES + 8];
    kg_dataset *data = fixture_bars(40, 3, 8, 0);
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL, *loaded = NULL;
    kg_model_layer layer;
    kg_error err = {0};
    double params[256], x[1], scores[40][3], again[40][3];
    scratch_make(folder);
    (void)snprintf(a, sizeof a, "%s/a", folder);
    (void)snprintf(b, sizeof b, "%s/b", folder);
    o.definition = on_images;
    o.definition_name = "some/where.yaml";
    assert_int_equal(kg_model_create(&model, "custom", &o, &err), KG_OK);
    assert_int_equal(kg_model_fit(model, data, &err), KG_OK);
    assert_string_equal(kg_model_get_options(model)->reduce, "none");
    assert_int_equal(kg_model_get_layer(model, 0, &layer), 1);
    assert_int_equal(layer.height, 3);
    randomise(model, params, x, 0);
    assert_int_equal(kg_model_save(model, a, NULL), KG_OK);
    if (kg_model_load(&loaded, a, 3, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(kg_model_save(loaded, b, NULL), KG_OK);
    fixture_assert_same_files(a, b);
    assert_int_equal(kg_model_predict(model, 40, kg_dataset_features(data), FIXTURE_PIXELS, NULL,
                                      scores[0], NULL),
                     KG_OK);
    assert_int_equal(kg_model_predict(loaded, 40, kg_dataset_features(data), FIXTURE_PIXELS, NULL,
                                      again[0], NULL),
                     KG_OK);
    assert_memory_equal(scores, again, sizeof scores);
    kg_model_destroy(loaded);
    kg_model_destroy(model);
    kg_dataset_destroy(data);
    scratch_remove(folder);
}

/* What "auto" makes of 64 pixels: what the first layers ask for. */
static void features_are_prepared_for_the_first_layers(void **state)
{
    (void)state;
    static const struct {
        const char *definition, *reduce;
        int n_features, is_angle;
    } rows[] = {
        {"layers: [{kind: dense, units: classes}]", "none", 64, 1},
        {"layers: [{kind: input, range: plain}, {kind: dense, units: classes}]", "none", 64, 0},
        {"layers: [{kind: input, shape: [1, 4, 4]}, {kind: dense, units: classes}]", "resize:4", 16,
         1},
        {"layers: [{kind: input, shape: [1, 1, 5]}, {kind: dense, units: classes}]", "pca:5", 5, 1},
        {"circuit: {qubits: 3, ops: [ry * x], measure: Z0}", "pca:3", 3, 1},
        {"circuit: {qubits: 4, ops: [{encode: amplitude}], measure: Z0}", "resize:4", 16, 0},
    };
    kg_dataset *data = fixture_bars(40, 2, 8, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_model_options o = KG_MODEL_OPTIONS_INIT;
        kg_model *model = NULL;
        kg_dataset *prepared = NULL;
        kg_error err = {0};
        double top = 0;
        o.definition = rows[i].definition;
        if (kg_model_create(&model, "custom", &o, &err) || kg_model_fit(model, data, &err)) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(kg_model_get_options(model)->reduce, rows[i].reduce);
        assert_int_equal(kg_model_n_features(model), rows[i].n_features);
        assert_int_equal(kg_pipeline_apply(&prepared, kg_model_pipeline(model), data, NULL), KG_OK);
        for (int k = 0; k < 40 * rows[i].n_features; k++) {
            top = fmax(top, kg_dataset_features(prepared)[k]);
        }
        assert_int_equal(top > 3.14, rows[i].is_angle);
        kg_dataset_destroy(prepared);
        kg_model_destroy(model);
    }
    kg_dataset_destroy(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_a_graph_match_differences),
        cmocka_unit_test(jacobians_of_a_graph_match_differences),
        cmocka_unit_test(the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(long_tables_are_run_in_pieces),
        cmocka_unit_test(what_does_not_fit_names_its_layer),
        cmocka_unit_test(options_of_other_models_are_refused),
        cmocka_unit_test(the_last_layer_says_what_the_outputs_are),
        cmocka_unit_test(a_loaded_model_is_the_saved_one),
        cmocka_unit_test(features_are_prepared_for_the_first_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
