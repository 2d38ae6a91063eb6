/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of a state of 22 qubits, 64 MB in f64, against the parameter-shift rule. */
#include "near.h"
#include "twin.h"

enum { N = 22, LAYERS = 2, N_PARAMS = 2 * LAYERS * N };

/* Rotations about Y and Z, then a ladder of CX. */
static kg_circuit *layered(void)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, N, err));
    int p = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
        for (int q = 0; q < N; q++) {
            const kg_slot y = KG_SLOT_OF_PARAM(p);
            const kg_slot z = KG_SLOT_OF_PARAM(p + 1);
            assert_ok(kg_circuit_add_gate(circuit, KG_GATE_RY, &q, &y, err));
            assert_ok(kg_circuit_add_gate(circuit, KG_GATE_RZ, &q, &z, err));
            p += 2;
        }
        for (int q = 0; q + 1 < N; q++) {
            const int pair[2] = {q, q + 1};
            assert_ok(kg_circuit_add_gate(circuit, KG_GATE_CX, pair, NULL, err));
        }
    }
    return circuit;
}

/* dL/dt = (L(t + pi/2) - L(t - pi/2)) / 2, exact for RY and RZ. Rounding: the values add 2^22 products of
 * amplitudes that some 40 stages have rounded; errors of both signs are below 1e-13. */
static void gradient_is_that_of_the_shift_rule(void **state)
{
    (void)state;
    static const int shifted[] = {0, 3, 20, 43, 46, 61, 80, 86, 87};
    twin_rng rng = {near_seed(22)};
    double params[N_PARAMS], d_params[N_PARAMS] = {0}, f32[N_PARAMS] = {0}, out;
    const double one = 1;
    kg_circuit *circuit = layered();
    kg_observable *observable = NULL;
    twin_fill(&rng, params, N_PARAMS, -0.6, 0.6); /* small angles: gradients are not */
    assert_ok(kg_observable_create(&observable, N, err));
    assert_ok(kg_observable_add(observable, 0, 0.7, "Z4", err));
    assert_ok(kg_observable_add(observable, 0, -0.4, "X20 X21", err));
    assert_ok(kg_observable_add(observable, 0, 0.5, "Y12 Z13", err));
    kg_plan_options options = twin_options(NULL, NULL, KG_PRECISION_F64);
    options.batch_hint = 1;
    options.threads = 2;
    twin_plan p = twin_plan_create(circuit, observable, &options);
    kg_plan_backward(p.plan, params, 1, NULL, &one, d_params, NULL, p.ws);
    double largest = 0;
    for (size_t i = 0; i < sizeof shifted / sizeof *shifted; i++) {
        const double angle = params[shifted[i]];
        double shift = 0;
        for (int side = -1; side <= 1; side += 2) {
            params[shifted[i]] = angle + side * 1.5707963267948966;
            kg_plan_forward(p.plan, params, 1, NULL, &out, p.ws);
            shift += 0.5 * side * out;
        }
        params[shifted[i]] = angle;
        assert_near(d_params[shifted[i]], shift, 1e-12);
        largest = fmax(largest, fabs(shift));
    }
    assert_true(largest > 0.01); /* the rule has seen more than zeros */
    twin_plan_destroy(&p);
    options.precision = KG_PRECISION_F32;
    p = twin_plan_create(circuit, observable, &options);
    kg_plan_backward(p.plan, params, 1, NULL, &one, f32, NULL, p.ws);
    assert_near(twin_difference(f32, d_params, N_PARAMS), 0, 1e-5);
    twin_plan_destroy(&p);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_is_that_of_the_shift_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
