/* SPDX-License-Identifier: Apache-2.0 */
/* The adjoint sweep of every engine against parameter shift and finite differences, for every gate,
 * several spellings of the same gate, and every ansatz, pooling and encoding. */
#include <ketgrad/grad.h>

#include "engines.h"
#include "grad/jacobians.h"
#include "grad/spellings.h"

/* ---- gates ---------------------------------------------------------------------------------------------- */

/* Words with all letters, a sum, the identity, and probabilities of two qubits. */
static kg_observable *several_observables(int n)
{
    kg_observable *observable = NULL;
    const int qubits[2] = {n - 1, 0};
    assert_ok(kg_observable_create(&observable, n, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, "Z1", err));
    assert_ok(kg_observable_add(observable, 1, 0.6, "X0 Y1 Z2", err));
    assert_ok(kg_observable_add(observable, 1, -0.4, "Y0", err));
    assert_ok(kg_observable_add(observable, 1, 0.2, "I", err));
    assert_ok(kg_observable_add(observable, 2, 1.0, "X1 X2", err));
    assert_ok(kg_observable_add(observable, 3, 1.0, "I", err));
    assert_ok(kg_observable_add_probs(observable, 2, qubits, err));
    return observable;
}

/* Every gate with angles, its angles once parameters and once features, with 0, 1 or 2 controls, between
 * random gates on four qubits. */
static void every_gate(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const engine_list engines = engines_all();
    const twin_shape around = {
        .n_ops = 6, .n_params = 2, .n_inputs = 2, .unitaries = 1, .max_controls = 2};
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const int n_controls_max = 4 - kg_gate_n_qubits(gate) < 2 ? 4 - kg_gate_n_qubits(gate) : 2;
        for (int n_controls = 0; kg_gate_n_params(gate) && n_controls <= n_controls_max;
             n_controls++) {
            twin *t = twin_random(&rng, 4, &around);
            int order[4];
            const int values[2] = {1, 0};
            kg_slot slots[3], features[3];
            for (int i = 0; i < 3; i++) {
                slots[i] = (kg_slot){KG_SLOT_PARAM, 2 + i, 1.0, 0.1};
                features[i] = (kg_slot){KG_SLOT_INPUT, 2 + i, -0.7, 0.0};
            }
            twin_shuffle(&rng, order, 4);
            const int *controls = order + kg_gate_n_qubits(gate);
            twin_controlled(t, (kg_gate)gate, order, slots, n_controls, controls, values);
            twin_random_op(t, &rng, &around);
            twin_controlled(t, (kg_gate)gate, order, features, n_controls, controls, values);
            for (int i = 0; i < 4; i++) {
                twin_random_op(t, &rng, &around);
            }
            double params[5], inputs[5];
            twin_fill(&rng, params, 5, -3, 3);
            twin_fill(&rng, inputs, 5, -3, 3);
            kg_observable *observable = several_observables(4);
            jacobians j = jacobians_create(t->circuit, observable, params, inputs, 0);
            for (int e = 0; e < engines.n; e++) {
                jacobians_check(&j, &engines.config[e]);
            }
            jacobians_destroy(&j);
            kg_observable_destroy(observable);
            twin_destroy(t);
        }
    }
}

/* After H on the control, <X> of the control is cos(theta/2), <Z> of the target (1 + cos theta)/2 and <Y>
 * of the target -sin(theta)/2. Only the control sees a controlled rotation treated like a plain one. */
static void every_spelling_of_a_controlled_rotation(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, 2, err));
    assert_ok(kg_observable_add(observable, 0, 1.0, "X0", err));
    assert_ok(kg_observable_add(observable, 1, 1.0, "Z1", err));
    assert_ok(kg_observable_add(observable, 2, 1.0, "Y1", err));
    for (int s = 0; s < N_SPELLINGS; s++) {
        const double theta = 1.1;
        const double expected[3] = {-0.5 * sin(0.55), -0.5 * sin(1.1), -0.5 * cos(1.1)};
        twin *t = twin_create(2);
        twin_fixed(t, KG_GATE_H, 0, 0);
        spelling_get(s)(t);
        for (int e = 0; e < engines.n; e++) {
            const engine_config *config = &engines.config[e];
            twin_plan p = engines_plan(config, t->circuit, observable);
            for (int k = 0; k < 3; k++) {
                double d_out[3] = {0.0, 0.0, 0.0}, slope = 0.0;
                d_out[k] = 1.0;
                kg_plan_backward(p.plan, &theta, 1, NULL, d_out, &slope, NULL, p.ws);
                engines_near(config, "slope", slope, expected[k],
                             engines_is_f64(config) ? 5e-15 : 1e-6);
            }
            twin_plan_destroy(&p);
        }
        twin_destroy(t);
    }
    kg_observable_destroy(observable);
}

/* Angles at which sines, cosines or whole derivatives vanish, one parameter used four times. At 1e6 the
 * angle itself is known to 1e6 eps = 1e-10, in f32 plans too because angles are doubles at the door. */
static void special_angles(void **state)
{
    (void)state;
    const double angles[] = {0.0, M_PI / 2, -M_PI / 2, M_PI, -M_PI, 2 * M_PI, 4 * M_PI, 1e6};
    const engine_list engines = engines_of_networks();
    const int qubits[2] = {0, 1};
    const kg_slot twice = {KG_SLOT_PARAM, 1, 2.0, -0.25};
    twin *t = twin_create(3);
    twin_param(t, KG_GATE_RY, 0, 0, 1);
    twin_gate(t, KG_GATE_CRX, qubits, &twice);
    twin_param(t, KG_GATE_RZZ, 1, 2, 1);
    twin_param(t, KG_GATE_CP, 2, 0, 1);
    twin_fixed(t, KG_GATE_H, 1, 0);
    kg_observable *observable = several_observables(3);
    for (size_t a = 0; a < sizeof angles / sizeof *angles; a++) {
        const double params[2] = {7.0, angles[a]};
        jacobians j = jacobians_create(t->circuit, observable, params, NULL, 0);
        for (int k = 0; k < j.k; k++) {
            assert_true(j.shift[2 * k] == 0.0); /* parameter 0 occurs nowhere */
        }
        for (int e = 0; e < engines.n; e++) {
            engine_config config = engines.config[e];
            config.gradient_tolerance += 1e-15 * fabs(angles[a]);
            if (fabs(angles[a]) < 1e3) { /* h = 1e-3 of 1e6 + h has 7 digits only */
                jacobians_check(&j, &config);
            } else {
                double d_params[2] = {0.0, 0.0}, d_out[MAX_OUTPUTS] = {1.0};
                twin_plan p = engines_plan(&config, t->circuit, observable);
                kg_plan_backward(p.plan, params, 1, NULL, d_out, d_params, NULL, p.ws);
                assert_true(d_params[0] == 0.0);
                engines_near(&config, "adjoint - shift at 1e6", d_params[1], j.shift[1],
                             config.gradient_tolerance);
                twin_plan_destroy(&p);
            }
        }
        jacobians_destroy(&j);
    }
    kg_observable_destroy(observable);
    twin_destroy(t);
}

/* An amplitude encoding of three of four qubits after gates on the fourth, then random gates; features
 * in angles too. Norms 0.03, 3 and 300. */
static void amplitude_inputs(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    const engine_list engines = engines_all();
    const twin_shape after = {
        .n_ops = 20, .n_params = 4, .n_inputs = 2, .unitaries = 1, .max_controls = 2};
    const int encoded[3] = {2, 0, 3};
    const double scales[] = {1.0, 0.01, 100.0};
    for (int repeat = 0; repeat < 6; repeat++) {
        double params[4], inputs[10];
        twin *t = twin_create(4);
        twin_param(t, KG_GATE_RX, 1, 0, 0);
        twin_amplitudes(t, 3, encoded, 2);
        for (int i = 0; i < after.n_ops; i++) {
            twin_random_op(t, &rng, &after);
        }
        twin_fill(&rng, params, 4, -3, 3);
        twin_fill(&rng, inputs, 2, -3, 3);
        twin_fill(&rng, inputs + 2, 8, -2.0 * scales[repeat % 3], 2.0 * scales[repeat % 3]);
        kg_observable *observable = several_observables(4);
        jacobians j = jacobians_create(t->circuit, observable, params, inputs, 1);
        for (int e = 0; e < engines.n; e++) {
            /* derivatives by numbers near 0.01 are 100 times larger, too large for the bar of f32 */
            if (repeat % 3 != 1 || engines_is_f64(&engines.config[e])) {
                jacobians_check(&j, &engines.config[e]);
            }
        }
        jacobians_destroy(&j);
        kg_observable_destroy(observable);
        twin_destroy(t);
    }
}

/* ---- models ---------------------------------------------------------------------------------------- */

static void every_ansatz_pooling_and_encoding(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(3)};
    const engine_list engines = engines_of_networks();
    int n_models = 0;
    for (int a = 0; kg_ansatz_get(a); a++) {
        for (int p = 0; kg_pooling_get(p); p++) {
            for (int e = 0; kg_encoding_get(e); e++) {
                check_qcnn(4, kg_encoding_get(e), kg_wiring_find("ring"), kg_ansatz_get(a),
                           kg_pooling_get(p), &engines, 3, &rng);
                n_models++;
            }
        }
    }
    assert_true(n_models >= 9 * 3 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gate),
        cmocka_unit_test(every_spelling_of_a_controlled_rotation),
        cmocka_unit_test(special_angles),
        cmocka_unit_test(amplitude_inputs),
        cmocka_unit_test(every_ansatz_pooling_and_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
