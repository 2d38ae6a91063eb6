/* SPDX-License-Identifier: Apache-2.0 */
/* The QCNN with more than two classes: probabilities of several readout qubits, losses, decisions, names,
 * files; and rows whose amplitudes have no state. */
#include <string.h>

#include <ketgrad/grad.h>
#include <ketgrad/model.h>

#include "circuit/support.h"
#include "refused.h"

/* A model with parameters 0.1, 0.2, ... */
static kg_model *make_model(const char *name, const kg_model_options *options, int n_classes)
{
    kg_model *model = NULL;
    assert_ok(kg_model_create(&model, name, options, err));
    assert_ok(kg_model_build(model, 0, n_classes, NULL, err));
    double *params = calloc((size_t)kg_model_n_params(model), sizeof *params);
    assert_non_null(params);
    for (int i = 0; i < kg_model_n_params(model); i++) {
        params[i] = 0.1 * (i + 1);
    }
    assert_ok(kg_model_set_params(model, kg_model_n_params(model), params, err));
    free(params);
    return model;
}

static void fill(double *x, int n)
{
    for (int i = 0; i < n; i++) {
        x[i] = 0.3 + 0.17 * i;
    }
}

/* Outputs are the joint probabilities that the oracle finds for the model's own circuit. */
static void outputs_are_joint_probabilities(void **state)
{
    (void)state;
    static const struct {
        const char *wiring, *encoding;
        int n_classes, n_readouts;
        int readouts[4];
        int n_params;
        const char *first, *second, *last; /* names of outputs */
    } cases[] = {
        {"ring", "angle", 3, 2, {0, 4}, 49, "p(q4 q0=00)", "p(q4 q0=01)", "p(q4 q0=11)"},
        {"ring", "angle", 4, 2, {0, 4}, 49, "p(q4 q0=00)", "p(q4 q0=01)", "p(q4 q0=11)"},
        {"open", "hae:4", 4, 2, {0, 4}, 49, "p(q4 q0=00)", "p(q4 q0=01)", "p(q4 q0=11)"},
        {"ring",
         "hde:2",
         7,
         3,
         {0, 4, 6},
         49,
         "p(q6 q4 q0=000)",
         "p(q6 q4 q0=001)",
         "p(q6 q4 q0=111)"},
        {"ring",
         "angle",
         10,
         4,
         {0, 2, 4, 6},
         32,
         "p(q6 q4 q2 q0=0000)",
         "p(q6 q4 q2 q0=0001)",
         "p(q6 q4 q2 q0=1111)"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        kg_model_options options = KG_MODEL_OPTIONS_INIT;
        double x[32];
        double out[16];
        static double complex psi[256];
        options.wiring = cases[c].wiring;
        options.encoding = cases[c].encoding;
        kg_model *model = make_model("qcnn", &options, cases[c].n_classes);
        const int n_out = 1 << cases[c].n_readouts;
        fill(x, kg_model_n_features(model));
        assert_int_equal(kg_model_n_params(model), cases[c].n_params);
        assert_int_equal(kg_model_n_outputs(model), n_out);
        assert_string_equal(kg_model_get_options(model)->loss, "ce");
        assert_string_equal(kg_model_output_name(model, 0), cases[c].first);
        assert_string_equal(kg_model_output_name(model, 1), cases[c].second);
        assert_string_equal(kg_model_output_name(model, n_out - 1), cases[c].last);
        assert_ok(kg_model_forward(model, 1, x, out, err));
        simulate(kg_model_circuit(model), kg_model_params(model), x, psi);
        for (int k = 0; k < n_out; k++) {
            assert_near(out[k],
                        ref_probability(psi, 8, cases[c].n_readouts, cases[c].readouts, (size_t)k),
                        1e-14);
        }
        kg_model_destroy(model);
    }
}

/* Three classes on four outcomes: the fourth is nobody's. */
static void losses_and_scores(void **state)
{
    (void)state;
    for (int brier = 0; brier < 2; brier++) {
        kg_model_options options = KG_MODEL_OPTIONS_INIT;
        double x[8];
        double p[4];
        double scores[3];
        int predicted = -1;
        options.loss = brier ? "mse" : "auto";
        kg_model *model = make_model("qcnn", &options, 3);
        fill(x, 8);
        assert_ok(kg_model_forward(model, 1, x, p, err));
        assert_true(p[3] > 0.01);
        for (int label = 0; label < 3; label++) {
            double loss = 0;
            double expected = brier ? 0 : -log(p[label]);
            for (int k = 0; brier && k < 4; k++) {
                expected += pow(p[k] - (k == label), 2);
            }
            assert_ok(kg_model_score(model, 1, x, &label, &predicted, scores, &loss, err));
            assert_near(loss, expected, 1e-14);
        }
        const int best = p[0] >= p[1] && p[0] >= p[2] ? 0 : p[1] >= p[2] ? 1 : 2;
        assert_int_equal(predicted, best);
        for (int c = 0; c < 3; c++) {
            assert_near(scores[c], p[c] / (p[0] + p[1] + p[2]), 1e-15);
        }
        kg_model_destroy(model);
    }
}

static void gradients_of_ten_classes(void **state)
{
    (void)state;
    const char *const poolings[] = {"zx", "weak"};
    for (int i = 0; i < 2; i++) {
        kg_model_options options = KG_MODEL_OPTIONS_INIT;
        kg_gradcheck report;
        double x[8];
        options.pooling = poolings[i];
        kg_model *model = make_model("qcnn", &options, 10);
        fill(x, 8);
        assert_ok(kg_grad_check(kg_model_circuit(model), kg_model_observable(model), NULL,
                                kg_model_params(model), x, &report, err));
        assert_int_equal(report.n_outputs, 16);
        assert_near(report.value, 0, 1e-14);
        assert_near(report.adjoint_shift, 0, 1e-12);
        assert_near(report.inputs_differences, 0, 1e-10);
        kg_model_destroy(model);
    }
}

/* Building again for two classes is the two-class model again, whatever came between. */
static void classes_may_change(void **state)
{
    (void)state;
    double x[8];
    double before = 0;
    double after = 1;
    fill(x, 8);
    kg_model *model = make_model("qcnn", NULL, 2);
    const kg_circuit *circuit = kg_model_circuit(model);
    assert_ok(kg_model_forward(model, 1, x, &before, err));
    assert_ok(kg_model_build(model, 0, 2, NULL, err));
    assert_ptr_equal(kg_model_circuit(model), circuit); /* it stays if it can */
    assert_ok(kg_model_build(model, 0, 10, NULL, err));
    assert_int_equal(kg_model_n_outputs(model), 16);
    kg_error refusal = {KG_OK, ""};
    assert_refused(kg_model_build(model, 0, 300, NULL, &refusal), refusal, KG_ERR_UNSUPPORTED,
                   "300 classes need 9 qubits to read out, but qubits is 8");
    assert_ok(kg_model_build(model, 0, 2, NULL, err));
    assert_string_equal(kg_model_get_options(model)->loss, "mse");
    assert_string_equal(kg_model_output_name(model, 0), "<Z4>");
    double params[51];
    for (int i = 0; i < 51; i++) {
        params[i] = 0.1 * (i + 1);
    }
    assert_ok(kg_model_set_params(model, 51, params, err));
    assert_ok(kg_model_forward(model, 1, x, &after, err));
    assert_true(after == before);
    kg_model_destroy(model);
}

/* One file for each combination that a new option or wiring could break. */
static void files_keep_everything(void **state)
{
    (void)state;
    static const struct {
        const char *model, *wiring, *pooling, *encoding;
        int arrangement, n_classes;
    } cases[] = {
        {"qcnn", "auto", "auto", "hde:4", 3, 2},
        {"qcnn", "open", "weak", "hae:2", 4, 2},
        {"qcnn", "chain", "auto", "angle", 1, 2},
        {"hierarchical", "auto", "auto", "dense", 1, 2},
        {"qcnn", "ring", "measure", "hae:4", 2, 10},
    };
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        kg_model_options options = KG_MODEL_OPTIONS_INIT;
        kg_model *loaded = NULL;
        double x[64];
        double out[2][16];
        options.wiring = cases[c].wiring;
        options.pooling = cases[c].pooling;
        options.encoding = cases[c].encoding;
        options.arrangement = cases[c].arrangement;
        kg_model *model = make_model(cases[c].model, &options, cases[c].n_classes);
        const char *path = scratch_path(folder, "m.safetensors");
        fill(x, kg_model_n_features(model));
        assert_ok(kg_model_save(model, path, err));
        assert_ok(kg_model_load(&loaded, path, 1, err));
        assert_int_equal(kg_model_get_options(loaded)->arrangement, cases[c].arrangement);
        assert_string_equal(kg_model_get_options(loaded)->wiring,
                            kg_model_get_options(model)->wiring);
        assert_string_equal(kg_model_get_options(loaded)->pooling,
                            kg_model_get_options(model)->pooling);
        assert_int_equal(kg_model_n_outputs(loaded), kg_model_n_outputs(model));
        assert_ok(kg_model_forward(model, 1, x, out[0], err));
        assert_ok(kg_model_forward(loaded, 1, x, out[1], err));
        assert_memory_equal(out[0], out[1], sizeof(double) * (size_t)kg_model_n_outputs(model));
        kg_model_destroy(model);
        kg_model_destroy(loaded);
    }
    scratch_remove(folder);
}

static void the_tree_has_its_parameters(void **state)
{
    (void)state;
    kg_segment segment;
    const kg_segment expected[3] = {{"conv1", 0, 60}, {"conv2", 60, 30}, {"conv3", 90, 15}};
    kg_model *model = make_model("hierarchical", NULL, 2);
    assert_int_equal(kg_model_n_params(model), 105);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kg_model_get_segment(model, i, &segment), 1);
        assert_string_equal(segment.name, expected[i].name);
        assert_int_equal(segment.first, expected[i].first);
        assert_int_equal(segment.n, expected[i].n);
    }
    assert_int_equal(kg_model_get_segment(model, 3, &segment), 0);
    assert_string_equal(kg_model_output_name(model, 0), "<Z7>");
    assert_string_equal(kg_model_get_options(model)->wiring, "tree");
    assert_string_equal(kg_model_get_options(model)->pooling, "none");
    kg_model_destroy(model);
}

/* ---- amplitudes without a state -------------------------------------------------------------------- */

static void rows_without_a_state_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *encoding;
        int n_features, first, n; /* features that are 0 in row 2 */
        const char *message;
    } cases[] = {
        {"amplitude", 256, 0, 256,
         "row 2: features 0 to 255 have norm 0, so block 1 of encoding \"amplitude\" has no state"},
        {"amplitude", 5, 0, 5,
         "row 2: features 0 to 4 have norm 0, so block 1 of encoding \"amplitude\" has no state"},
        {"hde:4", 32, 16, 16,
         "row 2: features 16 to 31 have norm 0, so block 2 of encoding \"hde:4\" has no state"},
        {"hde:4", 20, 16, 4,
         "row 2: features 16 to 19 have norm 0, so block 2 of encoding \"hde:4\" has no state"},
        {"hde:2", 16, 8, 4,
         "row 2: features 8 to 11 have norm 0, so block 3 of encoding \"hde:2\" has no state"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        kg_model_options options = KG_MODEL_OPTIONS_INIT;
        kg_error refusal = {KG_OK, ""};
        kg_model *model = NULL;
        const int n = cases[c].n_features;
        const int labels[3] = {0, 1, 0};
        double x[3 * 256];
        double out[3 * 256];
        options.encoding = cases[c].encoding;
        assert_ok(kg_model_create(&model, "qcnn", &options, err));
        assert_ok(kg_model_build(model, n, 2, NULL, err));
        fill(x, 3 * n);
        assert_ok(kg_model_forward(model, 3, x, out, err));
        memset(x + 2 * n + cases[c].first, 0, sizeof(double) * (size_t)cases[c].n);
        assert_refused(kg_model_forward(model, 3, x, out, &refusal), refusal, KG_ERR_NUMERIC,
                       cases[c].message);
        assert_refused(kg_model_jacobian(model, 3, x, NULL, out, &refusal), refusal, KG_ERR_NUMERIC,
                       cases[c].message);
        assert_refused(kg_model_score(model, 3, x, labels, NULL, NULL, NULL, &refusal), refusal,
                       KG_ERR_NUMERIC, cases[c].message);
        kg_model_destroy(model);
    }
}

/* A block that no feature reaches is empty in every row. */
static void empty_blocks_are_refused_when_built(void **state)
{
    (void)state;
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    kg_error refusal = {KG_OK, ""};
    kg_model *model = NULL;
    options.encoding = "hde:4";
    assert_ok(kg_model_create(&model, "qcnn", &options, err));
    assert_refused(
        kg_model_build(model, 16, 2, NULL, &refusal), refusal, KG_ERR_SHAPE,
        "16 features leave block 2 of encoding \"hde:4\" empty: on 8 qubits it needs more "
        "than 16");
    assert_ok(kg_model_build(model, 17, 2, NULL, err));
    kg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_joint_probabilities),
        cmocka_unit_test(losses_and_scores),
        cmocka_unit_test(gradients_of_ten_classes),
        cmocka_unit_test(classes_may_change),
        cmocka_unit_test(files_keep_everything),
        cmocka_unit_test(the_tree_has_its_parameters),
        cmocka_unit_test(rows_without_a_state_are_named),
        cmocka_unit_test(empty_blocks_are_refused_when_built),
    };
    return cmocka_run_group_tests_name("model/classes", tests, NULL, NULL);
}
