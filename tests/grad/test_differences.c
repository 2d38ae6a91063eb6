/* SPDX-License-Identifier: Apache-2.0 */
/* Finite differences: how exact they are, what they do with amplitudes of any scale, their errors. */
#include <ketgrad/grad.h>

#include "sim/reference.h"
#include "twin.h"

static kg_observable *single(int n, const char *word)
{
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, n, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, word, err));
    return observable;
}

/* <Z> after RX(3 t) is cos(3 t). Truncation h^4/30 * 3^5 = 8e-12 at h = 1e-3; rounding
 * 1.5 eps / h = 3e-13. */
static void five_points_of_a_cosine(void **state)
{
    (void)state;
    const int q = 0;
    const kg_slot slot = {KG_SLOT_PARAM, 0, 3.0, 0.0};
    twin *t = twin_create(1);
    twin_gate(t, KG_GATE_RX, &q, &slot);
    kg_observable *z = single(1, "Z0");
    for (int i = -5; i <= 5; i++) {
        const double theta = 0.7 * i;
        double d = 99.0;
        assert_ok(kg_grad_differences(t->circuit, z, &theta, NULL, 0.0, &d, NULL, err));
        assert_near(d, -3.0 * sin(3.0 * theta), 1e-11);
        /* a step of 0.1 shows its error -4 h^4/120 f^(5) = 8.1e-4 sin, so h is used */
        assert_ok(kg_grad_differences(t->circuit, z, &theta, NULL, 0.1, &d, NULL, err));
        assert_near(d, -3.0 * sin(3.0 * theta) + 1e-4 / 30.0 * 243.0 * sin(3.0 * theta), 2e-5);
    }
    kg_observable_destroy(z);
    twin_destroy(t);
}

/* Random circuits with an amplitude encoding; 1e-10 is the bar for derivatives that know no rule.
 * Parameters occur about twice, |f^(5)| <= 2^5..3^5, hence truncation up to 8e-12 and rounding
 * 1.5 eps / h = 3e-13. Amplitudes: step h max|x|, curvature in units of 1 / ||x|| <= 1 / max|x|. */
static void agree_with_the_adjoint(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const twin_shape shape = {.n_ops = 16,
                              .n_params = 6,
                              .n_inputs = 4,
                              .amplitudes = 1,
                              .unitaries = 1,
                              .max_controls = 2};
    const double scales[] = {1.0, 1e-6, 1e6};
    for (int repeat = 0; repeat < 24; repeat++) {
        const int n = 2 + repeat % 3;
        const double scale = scales[repeat % 3], one = 1.0;
        double params[6], inputs[4 + 16], jacobian[6], d_inputs[20];
        double row[6] = {0.0}, d_row[20] = {0.0};
        twin *t = twin_random(&rng, n, &shape);
        char letters[TWIN_MAX_QUBITS + 1], word[64];
        twin_random_letters(&rng, n, letters);
        twin_word(letters, word);
        kg_observable *observable = single(n, word);
        twin_fill(&rng, params, 6, -3, 3);
        twin_fill(&rng, inputs, 4, -3, 3);
        twin_fill(&rng, inputs + 4, 1 << n, 0.5 * scale, scale);
        assert_ok(kg_grad_differences(t->circuit, observable, params, inputs, 0.0, jacobian,
                                      d_inputs, err));
        assert_ok(
            kgi_reference_backward(t->circuit, observable, params, inputs, &one, row, d_row, err));
        for (int p = 0; p < kg_circuit_n_params(t->circuit); p++) {
            assert_near(jacobian[p], row[p], 1e-10);
        }
        for (int i = 0; i < 4 + (1 << n); i++) {
            assert_near(d_inputs[i], d_row[i], 1e-10 / (i < 4 ? 1.0 : scale));
        }
        kg_observable_destroy(observable);
        twin_destroy(t);
    }
}

static void check_refused(const kg_circuit *circuit, const kg_observable *observable, double h,
                          kg_status status, const char *message)
{
    kg_error err = {KG_OK, ""};
    const double theta = 0.5;
    double jacobian[4];
    assert_int_equal(
        kg_grad_differences(circuit, observable, &theta, NULL, h, jacobian, NULL, &err), status);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    twin *t = twin_create(2);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    kg_observable *z = single(2, "Z1"), *none = NULL;
    assert_ok(kg_observable_create(&none, 2, err));
    check_refused(t->circuit, none, 0.0, KG_ERR_ARGUMENT,
                  "the observable has no output, needs at least 1");
    check_refused(t->circuit, z, -1e-3, KG_ERR_ARGUMENT, "step h is -0.001, not 0 or in [1e-8, 1]");
    check_refused(t->circuit, z, 1e-9, KG_ERR_ARGUMENT, "step h is 1e-09, not 0 or in [1e-8, 1]");
    check_refused(t->circuit, z, 1.5, KG_ERR_ARGUMENT, "step h is 1.5, not 0 or in [1e-8, 1]");
    check_refused(t->circuit, z, (double)NAN, KG_ERR_ARGUMENT,
                  "step h is nan, not 0 or in [1e-8, 1]");
    kg_observable_destroy(z);
    kg_observable_destroy(none);
    twin_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_points_of_a_cosine),
        cmocka_unit_test(agree_with_the_adjoint),
        cmocka_unit_test(refuses_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
