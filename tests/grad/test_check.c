/* SPDX-License-Identifier: Apache-2.0 */
/* The check of gradients itself: its report, what it does with bad numbers, and its errors. */
#include <ketgrad/grad.h>

#include "engines.h"

/* The bars of the other tests hold for what the report says. */
static void report_of_a_good_engine(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const engine_list engines = engines_all();
    const twin_shape shape = {
        .n_ops = 30, .n_params = 5, .n_inputs = 3, .amplitudes = 1, .max_controls = 2};
    double params[5], inputs[3 + 8];
    const int qubit = 2;
    twin *t = twin_random(&rng, 3, &shape);
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, 3, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, "X0 Z2", err));
    assert_ok(kg_observable_add_probs(observable, 1, &qubit, err));
    twin_fill(&rng, params, 5, -3, 3);
    twin_fill(&rng, inputs, 3 + 8, 0.5, 2);
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const int f64 = engines_is_f64(config);
        kg_gradcheck report;
        memset(&report, 0xff, sizeof report);
        assert_ok(
            kg_grad_check(t->circuit, observable, &config->options, params, inputs, &report, err));
        assert_int_equal(report.n_params, 5);
        assert_int_equal(report.n_inputs, 3 + 8);
        assert_int_equal(report.n_outputs, 3);
        engines_near(config, "value", report.value, 0.0, f64 ? 1e-14 : 2e-6);
        engines_near(config, "adjoint_shift", report.adjoint_shift, 0.0, f64 ? 1e-12 : 1e-5);
        engines_near(config, "adjoint_differences", report.adjoint_differences, 0.0,
                     f64 ? 1e-10 : 1e-5);
        engines_near(config, "inputs_differences", report.inputs_differences, 0.0,
                     f64 ? 1e-9 : 1e-5);
        if (!f64) { /* a report of zeros would pass everything above */
            assert_true(report.value > 0.0 && report.adjoint_shift > 0.0);
            assert_true(report.adjoint_differences > 0.0 && report.inputs_differences > 0.0);
        }
    }
    kg_gradcheck report;
    assert_ok(kg_grad_check(t->circuit, observable, NULL, params, inputs, &report, err));
    engines_near(&engines.config[0], "default options", report.adjoint_shift, 0.0, 1e-12);
    kg_observable_destroy(observable);
    twin_destroy(t);
}

/* Neither parameters nor inputs: only the value is left to compare. */
static void nothing_to_differentiate(void **state)
{
    (void)state;
    twin *t = twin_create(2);
    twin_fixed(t, KG_GATE_H, 0, 0);
    kg_observable *x = NULL;
    kg_gradcheck report;
    assert_ok(kg_observable_create(&x, 2, err));
    assert_ok(kg_observable_add(x, 0, 1.0, "X0", err));
    assert_ok(kg_grad_check(t->circuit, x, NULL, NULL, NULL, &report, err));
    assert_int_equal(report.n_params, 0);
    assert_int_equal(report.n_inputs, 0);
    assert_near(report.value, 0.0, 1e-15);
    assert_true(report.adjoint_shift == 0.0 && report.adjoint_differences == 0.0);
    kg_observable_destroy(x);
    twin_destroy(t);
}

/* A NaN among the numbers is reported as NaN, not swallowed by a maximum. */
static void nan_is_not_hidden(void **state)
{
    (void)state;
    const int qubits[2] = {0, 1};
    const double theta = 0.3, zeros[4] = {0.0, 0.0, 0.0, 0.0};
    twin *t = twin_create(2);
    twin_amplitudes(t, 2, qubits, 0);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    kg_observable *z = NULL;
    kg_gradcheck report;
    assert_ok(kg_observable_create(&z, 2, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z0", err));
    assert_ok(kg_grad_check(t->circuit, z, NULL, &theta, zeros, &report, err));
    assert_true(isnan(report.value));
    assert_true(isnan(report.adjoint_shift));
    assert_true(isnan(report.adjoint_differences));
    kg_observable_destroy(z);
    twin_destroy(t);
}

static void check_refused(const kg_circuit *circuit, const kg_observable *observable,
                          const kg_plan_options *options, const double *params, kg_status status,
                          const char *message)
{
    kg_error err = {KG_OK, ""};
    kg_gradcheck report;
    assert_int_equal(kg_grad_check(circuit, observable, options, params, NULL, &report, &err),
                     status);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const double theta = 0.3;
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    twin *t = twin_create(2);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    kg_observable *none = NULL, *wide = NULL, *z = NULL;
    assert_ok(kg_observable_create(&none, 2, err));
    assert_ok(kg_observable_create(&wide, 3, err));
    assert_ok(kg_observable_create(&z, 2, err));
    assert_ok(kg_observable_add(wide, 0, 1.0, "Z0", err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z0", err));
    check_refused(t->circuit, none, NULL, &theta, KG_ERR_ARGUMENT,
                  "the observable has no output, needs at least 1");
    check_refused(t->circuit, wide, NULL, &theta, KG_ERR_SHAPE,
                  "the observable has 3 qubits, the circuit has 2");
    check_refused(t->circuit, z, NULL, NULL, KG_ERR_ARGUMENT,
                  "params is NULL, expected an array of 1");
    options.engine = "abacus"; /* the error of the plan comes up unchanged */
    char message[200];
    int used = snprintf(message, sizeof message, "engine is \"abacus\", not one of:");
    for (int i = 0; kg_engine_get(i); i++) {
        used += snprintf(message + used, sizeof message - (size_t)used, "%s %s", i ? "," : "",
                         kg_engine_get(i));
    }
    check_refused(t->circuit, z, &options, &theta, KG_ERR_ARGUMENT, message);
    kg_observable_destroy(none);
    kg_observable_destroy(wide);
    kg_observable_destroy(z);
    twin_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_of_a_good_engine),
        cmocka_unit_test(nothing_to_differentiate),
        cmocka_unit_test(nan_is_not_hidden),
        cmocka_unit_test(refuses_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
