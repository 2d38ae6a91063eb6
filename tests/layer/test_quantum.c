/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum layer: it is its plan, derivatives included, and missing features are zeros. */
#include "check_layer.h"

/* Three qubits: two inputs each by an angle encoding of three, two shared parameters, two outputs. */
static void make_circuit(kg_circuit **circuit, kg_observable **observable)
{
    const int pairs[3][2] = {{0, 1}, {1, 2}, {2, 0}};
    assert_int_equal(kg_circuit_create(circuit, 3, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_encoding(*circuit, kg_encoding_find("angle"), NULL), KG_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            kg_circuit_add_block(*circuit, kg_ansatz_find("su4"), pairs[i], i % 2 * 15, NULL),
            KG_OK);
    }
    assert_int_equal(kg_observable_create(observable, 3, NULL), KG_OK);
    assert_int_equal(kg_observable_add(*observable, 0, 1.0, "Z2", NULL), KG_OK);
    assert_int_equal(kg_observable_add(*observable, 1, 0.5, "X0 Y1", NULL), KG_OK);
}

static kgi_layer *make_layer(int n_in)
{
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kgi_layer *layer = NULL;
    make_circuit(&circuit, &observable);
    assert_int_equal(kgi_quantum_create(&layer, circuit, observable, n_in, NULL, NULL), KG_OK);
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
    return layer;
}

/* Central differences, h = 1e-4: a parameter occurs at most six times, so |f'''| <= 6^3 and the
 * truncation h^2 / 6 * 216 * |weights| is below 4e-6 of a sum of some ten weights; 1e-5 leaves two. */
static void backward_is_the_derivative(void **state)
{
    (void)state;
    kgi_layer *layer = make_layer(3);
    assert_int_equal(layer->n_params, 30);
    assert_int_equal(layer->n_out, 2);
    check_layer(layer, 3, 1e-4, 1e-5);
    kgi_layer_destroy(layer);
    layer = make_layer(2);
    check_layer(layer, 3, 1e-4, 1e-5);
    kgi_layer_destroy(layer);
}

/* 600 rows, so that padding works in three pieces. */
static void missing_features_are_zeros(void **state)
{
    (void)state;
    enum { ROWS = 600 };
    static double full[ROWS][3], part[ROWS][2], y_full[ROWS][2], y_part[ROWS][2], params[30];
    kgi_layer *three = make_layer(3), *two = make_layer(2);
    for (int b = 0; b < ROWS; b++) {
        for (int i = 0; i < 2; i++) {
            part[b][i] = full[b][i] = kg_random_normal(3, KG_STREAM_TEST, (uint32_t)b, (uint64_t)i);
        }
    }
    for (int i = 0; i < 30; i++) {
        params[i] = 0.1 * i;
    }
    kgi_layer_forward(three, ROWS, params, full[0], y_full[0]);
    kgi_layer_forward(two, ROWS, params, part[0], y_part[0]);
    for (int b = 0; b < ROWS; b++) {
        assert_near(y_part[b][0], y_full[b][0], 1e-14);
        assert_near(y_part[b][1], y_full[b][1], 1e-14);
    }
    assert_true(fabs(y_full[0][0] - y_full[599][0]) > 1e-3); /* rows do differ */
    kgi_layer_destroy(three);
    kgi_layer_destroy(two);
}

static void too_many_features_are_refused(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    kgi_layer *layer = NULL;
    kg_error err;
    make_circuit(&circuit, &observable);
    assert_int_equal(kgi_quantum_create(&layer, circuit, observable, 4, NULL, &err), KG_ERR_SHAPE);
    assert_string_equal(err.message, "4 features, but the circuit takes 3");
    assert_null(layer);
    kg_circuit_destroy(circuit);
    kg_observable_destroy(observable);
}

static void only_quantum_layers_have_a_plan(void **state)
{
    (void)state;
    kgi_layer *quantum = make_layer(3), *dense = NULL;
    assert_int_equal(kgi_dense_create(&dense, 1, 1, NULL), KG_OK);
    assert_int_equal(kg_plan_n_inputs(kgi_quantum_plan(quantum)), 3);
    assert_null(kgi_quantum_plan(dense));
    kgi_layer_destroy(quantum);
    kgi_layer_destroy(dense);
}

/* The bits of a plan that was made for `hint` rows. */
static void values_of_hint(kg_circuit *circuit, kg_observable *observable, int hint,
                           const double *params, int n, const double *x, double *y)
{
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    kg_plan *plan = NULL;
    kg_workspace *ws = NULL;
    options.batch_hint = hint;
    assert_int_equal(kg_plan_create(&plan, circuit, observable, &options, NULL), KG_OK);
    assert_int_equal(kg_workspace_create(&ws, plan, NULL), KG_OK);
    kg_plan_forward(plan, params, n, x, y, ws);
    kg_workspace_destroy(ws);
    kg_plan_destroy(plan);
}

/* A network of eight qubits: steps of one sample run on another engine than scoring, each with the bits of
 * a plan for just that, whatever the size of the call. */
static void steps_and_scores_have_plans_of_their_own(void **state)
{
    (void)state;
    enum { ROWS = 40, SCORED = 1024 };
    static double x[ROWS][8], y[ROWS], expected[ROWS], params[51];
    kg_circuit *circuit = NULL;
    kg_observable *z = NULL;
    kgi_layer *layer = NULL;
    kgi_draw draw = {0};
    kg_plan_report scoring, training;
    int readout = 0;
    for (int b = 0; b < ROWS; b++) {
        for (int i = 0; i < 8; i++) {
            x[b][i] = kg_random_normal(5, KG_STREAM_TEST, (uint32_t)b, (uint64_t)i);
        }
    }
    for (int i = 0; i < 51; i++) {
        params[i] = 0.1 * i;
    }
    assert_int_equal(kg_circuit_create(&circuit, 8, NULL), KG_OK);
    assert_int_equal(kg_circuit_add_encoding(circuit, kg_encoding_find("angle"), NULL), KG_OK);
    assert_int_equal(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                         kg_pooling_find("zx"), &readout, NULL),
                     KG_OK);
    assert_int_equal(kg_observable_create(&z, 8, NULL), KG_OK);
    assert_int_equal(kg_observable_add(z, 0, 1.0, "Z4", NULL), KG_OK);
    assert_int_equal(kgi_quantum_create(&layer, circuit, z, 8, NULL, NULL), KG_OK);
    layer->draw = &draw;
    kg_plan_get_report(kgi_quantum_plan(layer), &scoring);
    assert_string_equal(scoring.engine, "pauli");
    for (int batch = 1; batch <= 3; batch += 2) { /* expected twice: the last one counts */
        assert_int_equal(kgi_layer_expect(layer, batch, NULL), KG_OK);
    }
    kg_plan_get_report(kgi_quantum_plan(layer), &training);
    assert_string_equal(training.engine, "tile");
    for (draw.training = 0; draw.training < 2; draw.training++) {
        values_of_hint(circuit, z, draw.training ? 3 : SCORED, params, ROWS, &x[0][0], expected);
        kgi_layer_forward(layer, ROWS, params, &x[0][0], y);
        assert_memory_equal(y, expected, sizeof y);
    }
    draw.training = 0;
    assert_int_equal(kgi_layer_expect(layer, 100000, NULL), KG_OK); /* as scoring: one plan */
    kg_plan_get_report(kgi_quantum_plan(layer), &training);
    assert_string_equal(training.engine, "pauli");
    kgi_layer_destroy(layer);
    kg_circuit_destroy(circuit);
    kg_observable_destroy(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backward_is_the_derivative),
        cmocka_unit_test(missing_features_are_zeros),
        cmocka_unit_test(too_many_features_are_refused),
        cmocka_unit_test(only_quantum_layers_have_a_plan),
        cmocka_unit_test(steps_and_scores_have_plans_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
