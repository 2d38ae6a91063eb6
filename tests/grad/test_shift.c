/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter-shift rule against closed forms, against the reference's adjoint, and its errors. */
#include <ketgrad/grad.h>

#include "grad/spellings.h"
#include "sim/reference.h"
#include "twin.h"

/* ---- the test that sees a wrong rule -------------------------------------------------------------- */

/* H on the control, then CRX(theta): <X_c> = cos(theta/2), <Z_t> = (1 + cos theta)/2, <Y_t> =
 * -sin(theta)/2. The two-term rule, wrong here, is right for both expectation values of the target
 * and sqrt 2 too large for the control: at 1.1 it gives -0.3695956840 instead of -0.2613436145. Ten
 * roundings of 1.1e-16 per value, four values: 5e-15. */
static void controlled_rotation_is_seen_at_its_control(void **state)
{
    (void)state;
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, 2, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, "X0", err));
    assert_ok(kg_observable_add(observable, 1, 1.0, "Z1", err));
    assert_ok(kg_observable_add(observable, 2, 1.0, "Y1", err));
    for (int s = 0; s < N_SPELLINGS; s++) {
        const double theta = 1.1;
        double slope[3], adjoint[3] = {0.0, 0.0, 0.0};
        twin *t = twin_create(2);
        twin_fixed(t, KG_GATE_H, 0, 0);
        spelling_get(s)(t);
        assert_ok(
            kg_grad_shift(t->circuit, observable, &theta, NULL, NULL, NULL, slope, NULL, err));
        for (int k = 0; k < 3; k++) {
            double unit[3] = {0.0, 0.0, 0.0};
            unit[k] = 1.0;
            assert_ok(kgi_reference_backward(t->circuit, observable, &theta, NULL, unit,
                                             &adjoint[k], NULL, err));
        }
        const double expected[3] = {-0.5 * sin(0.55), -0.5 * sin(1.1), -0.5 * cos(1.1)};
        assert_near(expected[0], -0.2613436145, 5e-11);
        for (int k = 0; k < 3; k++) {
            assert_near(slope[k], expected[k], 5e-15);
            assert_near(adjoint[k], expected[k], 5e-15);
        }
        twin_destroy(t);
    }
    kg_observable_destroy(observable);
}

/* ---- against the adjoint ---------------------------------------------------------------------------- */

enum { MAX_OUTPUTS = 8, MAX_PARAMS = 8 };

static kg_observable *random_observable(twin_rng *rng, int n, int n_outputs)
{
    kg_observable *observable = NULL;
    char letters[TWIN_MAX_QUBITS + 1];
    assert_ok(kg_observable_create(&observable, n, err));
    for (int k = 0; k < n_outputs; k++) {
        for (int w = 0; w < 2; w++) {
            twin_random_letters(rng, n, letters);
            twin_observe(observable, k, twin_uniform(rng, -0.5, 0.5), letters);
        }
    }
    return observable;
}

/* The bar for exact derivatives: 1e-12. Values are sums of 2^n <= 32 products of norm 1 with an error
 * of some 30 eps, weighted by at most 2 * 0.43 + 2 * 0.07, so that 1e-14 is what one sees. */
static void check_against_adjoint(const twin *t, const kg_observable *observable,
                                  const double *params, const double *inputs)
{
    const int n_out = kg_observable_n_outputs(observable);
    const int p = kg_circuit_n_params(t->circuit), m = kg_circuit_n_inputs(t->circuit);
    double jacobian[MAX_OUTPUTS * MAX_PARAMS], d_inputs[MAX_OUTPUTS * MAX_PARAMS];
    assert_true(p <= MAX_PARAMS && m <= MAX_PARAMS && n_out <= MAX_OUTPUTS);
    assert_ok(
        kg_grad_shift(t->circuit, observable, params, inputs, NULL, NULL, jacobian, d_inputs, err));
    for (int k = 0; k < n_out; k++) {
        double unit[MAX_OUTPUTS] = {0.0}, row[MAX_PARAMS] = {0.0}, d_row[MAX_PARAMS] = {0.0};
        unit[k] = 1.0;
        assert_ok(
            kgi_reference_backward(t->circuit, observable, params, inputs, unit, row, d_row, err));
        for (int i = 0; i < p; i++) {
            assert_near(jacobian[k * p + i], row[i], 1e-12);
        }
        for (int i = 0; i < m; i++) {
            assert_near(d_inputs[k * m + i], d_row[i], 1e-12);
        }
    }
}

/* Every gate with angles on five qubits between random gates, with 0, 1 or 2 extra controls. */
static void every_gate_with_controls(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const twin_shape around = {.n_ops = 8, .max_controls = 2, .unitaries = 1};
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        for (int n_controls = 0; n_controls <= 2 && kg_gate_n_params(gate); n_controls++) {
            int order[5];
            double params[3];
            const kg_slot slots[3] = {KG_SLOT_OF_PARAM(0), KG_SLOT_OF_PARAM(1),
                                      KG_SLOT_OF_PARAM(2)};
            twin *t = twin_random(&rng, 5, &around);
            twin_shuffle(&rng, order, 5);
            const int values[2] = {0, 1};
            twin_controlled(t, (kg_gate)gate, order, slots, n_controls,
                            order + kg_gate_n_qubits(gate), values);
            for (int i = 0; i < 8; i++) {
                twin_random_op(t, &rng, &around);
            }
            kg_observable *observable = random_observable(&rng, 5, MAX_OUTPUTS);
            twin_fill(&rng, params, 3, -3, 3);
            check_against_adjoint(t, observable, params, NULL);
            kg_observable_destroy(observable);
            twin_destroy(t);
        }
    }
}

/* Shared parameters with scale and offset, features in angles, everything random; k != p. */
static void random_circuits(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    const twin_shape shape = {
        .n_ops = 25, .n_params = 6, .n_inputs = 4, .unitaries = 1, .max_controls = 2};
    for (int repeat = 0; repeat < 25; repeat++) {
        double params[6], inputs[4];
        twin *t = twin_random(&rng, 1 + repeat % 5, &shape);
        kg_observable *observable = random_observable(&rng, t->n_qubits, 3);
        twin_fill(&rng, params, 6, -3, 3);
        twin_fill(&rng, inputs, 4, -3, 3);
        check_against_adjoint(t, observable, params, inputs);
        kg_observable_destroy(observable);
        twin_destroy(t);
    }
}

/* <Z> after RX(a t + b) RX(t) is cos((a + 1) t + b); at the angles where sines and cosines vanish.
 * Angles near 1e6 are known to 1e6 eps = 1e-10 only. */
static void special_angles_and_unused_parameters(void **state)
{
    (void)state;
    const double angles[] = {0.0,        M_PI / 2, -M_PI / 2, M_PI, -M_PI,
                             2.0 * M_PI, 4 * M_PI, 1e6,       1e-9};
    const int q = 0;
    const kg_slot scaled = {KG_SLOT_PARAM, 1, -2.5, 0.3};
    kg_observable *z = NULL;
    twin *t = twin_create(1);
    twin_gate(t, KG_GATE_RX, &q, &scaled);
    twin_param(t, KG_GATE_RX, 0, 0, 1);
    assert_ok(kg_observable_create(&z, 1, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z0", err));
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
        const double params[2] = {99.0, angles[i]};
        double jacobian[2] = {5.0, 5.0};
        assert_ok(kg_grad_shift(t->circuit, z, params, NULL, NULL, NULL, jacobian, NULL, err));
        assert_true(jacobian[0] == 0.0); /* parameter 0 occurs nowhere: exactly 0 */
        assert_near(jacobian[1], 1.5 * sin(-1.5 * angles[i] + 0.3),
                    1e-14 + 2e-16 * fabs(angles[i]) * 4.0);
    }
    kg_observable_destroy(z);
    twin_destroy(t);
}

/* ---- evaluators ------------------------------------------------------------------------------------ */

typedef struct counting {
    const kg_circuit *expanded;
    const kg_observable *observable;
    int calls;
    int refuse_at; /* call that gives up, -1: none */
} counting;

static int evaluate(const double *angles, double *out, void *user)
{
    counting *c = user;
    if (c->calls++ == c->refuse_at) {
        return 3;
    }
    return kgi_reference_forward(c->expanded, c->observable, angles, NULL, out, NULL) != KG_OK;
}

static void evaluator_is_called_two_or_four_times_per_occurrence(void **state)
{
    (void)state;
    const double params[2] = {0.4, -1.2};
    const int target = 0, control = 1, both[2] = {0, 1};
    const kg_slot first = KG_SLOT_OF_PARAM(0), second = KG_SLOT_OF_PARAM(1);
    twin *t = twin_create(2);
    twin_fixed(t, KG_GATE_H, 1, 0);
    twin_fixed(t, KG_GATE_H, 0, 0);
    twin_gate(t, KG_GATE_RY, &target, &first);                           /* 2 */
    twin_gate(t, KG_GATE_CP, both, &second);                             /* 2 */
    twin_controlled(t, KG_GATE_P, &target, &first, 1, &control, NULL);   /* 2 */
    twin_gate(t, KG_GATE_RZZ, both, &first);                             /* 2 */
    twin_gate(t, KG_GATE_CRY, both, &second);                            /* 4 */
    twin_controlled(t, KG_GATE_RX, &target, &second, 1, &control, NULL); /* 4 */
    twin_rng rng = {5};
    kg_observable *observable = random_observable(&rng, 2, 3);
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = 0;
    assert_ok(kg_circuit_expand(&expanded, t->circuit, &slots, &n_slots, err));
    assert_int_equal(n_slots, 6);
    counting c = {expanded, observable, 0, -1};
    double mine[6], theirs[6];
    assert_ok(kg_grad_shift(t->circuit, observable, params, NULL, evaluate, &c, mine, NULL, err));
    assert_int_equal(c.calls, 16);
    assert_ok(kg_grad_shift(t->circuit, observable, params, NULL, NULL, NULL, theirs, NULL, err));
    assert_memory_equal(mine, theirs, sizeof mine);

    kg_error err = {KG_OK, ""};
    c = (counting){expanded, observable, 0, 5};
    assert_int_equal(
        kg_grad_shift(t->circuit, observable, params, NULL, evaluate, &c, mine, NULL, &err),
        KG_ERR_NUMERIC);
    assert_string_equal(err.message, "the evaluator returned 3 at occurrence 2 of 6, expected 0");
    kg_free(slots);
    kg_circuit_destroy(expanded);
    kg_observable_destroy(observable);
    twin_destroy(t);
}

/* ---- errors ------------------------------------------------------------------------------------------ */

static void check_refused(const kg_circuit *circuit, const kg_observable *observable,
                          const double *params, const double *inputs, double *d_inputs,
                          kg_status status, const char *message)
{
    kg_error err = {KG_OK, ""};
    double jacobian[16];
    assert_int_equal(
        kg_grad_shift(circuit, observable, params, inputs, NULL, NULL, jacobian, d_inputs, &err),
        status);
    assert_int_equal(err.status, status);
    assert_string_equal(err.message, message);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const double theta = 0.5, x[4] = {1, 2, 3, 4};
    const int qubits[2] = {0, 1};
    double d_inputs[4];
    kg_observable *z = NULL, *none = NULL, *wide = NULL;
    assert_ok(kg_observable_create(&z, 2, err));
    assert_ok(kg_observable_create(&none, 2, err));
    assert_ok(kg_observable_create(&wide, 3, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z0", err));
    assert_ok(kg_observable_add(wide, 0, 1.0, "Z0", err));
    twin *t = twin_create(2);
    twin_amplitudes(t, 2, qubits, 0);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    check_refused(t->circuit, none, &theta, x, NULL, KG_ERR_ARGUMENT,
                  "the observable has no output, needs at least 1");
    check_refused(t->circuit, wide, &theta, x, NULL, KG_ERR_SHAPE,
                  "the observable has 3 qubits, the circuit has 2");
    check_refused(t->circuit, z, NULL, x, NULL, KG_ERR_ARGUMENT,
                  "params is NULL, expected an array of 1");
    check_refused(t->circuit, z, &theta, NULL, NULL, KG_ERR_ARGUMENT,
                  "inputs is NULL, expected an array of 4");
    check_refused(t->circuit, z, &theta, x, d_inputs, KG_ERR_UNSUPPORTED,
                  "operation 0 is an amplitude encoding, whose inputs are no angles and have no "
                  "shift rule");
    kg_observable_destroy(z);
    kg_observable_destroy(none);
    kg_observable_destroy(wide);
    twin_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controlled_rotation_is_seen_at_its_control),
        cmocka_unit_test(every_gate_with_controls),
        cmocka_unit_test(random_circuits),
        cmocka_unit_test(special_angles_and_unused_parameters),
        cmocka_unit_test(evaluator_is_called_two_or_four_times_per_occurrence),
        cmocka_unit_test(refuses_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
