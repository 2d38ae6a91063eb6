/* SPDX-License-Identifier: Apache-2.0 */
/* A million gates in a row. */
#include "engines.h"

/* The norm after a million gates on ten qubits: 2e4 different ones, 50 times. Each of 1.3e4 different
 * fused blocks changes the norm by half an eps = 1.1e-16 with its own sign, the same each time:
 * 50 sqrt(1.3e4) eps / 2 = 3e-13, against the bar of 1e-12. f32: eps = 6e-8 gives 1.7e-4 by this
 * pessimistic count; the bar is 1e-4.
 * What has a bias of its own stays out: the double nearest to sqrt(1/2), which h, t, tdg and ch contain,
 * is too large by 7e-17, so that h multiplies the norm by 1 + 1.4e-16 every time, in any engine; and
 * given unitaries, which are only as unitary as they were made. */
static void norm_after_a_million_gates(void **state)
{
    (void)state;
    enum { N = 10, PIECES = 20, GATES = 1000, TIMES = 50 };
    twin_rng rng = {near_seed(3)};
    const uint64_t with_root = (uint64_t)1 << KG_GATE_H | (uint64_t)1 << KG_GATE_T |
                               (uint64_t)1 << KG_GATE_TDG | (uint64_t)1 << KG_GATE_CH;
    const twin_shape shape = {.n_ops = GATES, .max_controls = 2, .without = with_root};
    static const int all[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    kg_circuit *piece = NULL, *circuit = NULL;
    kg_observable *observable = NULL;
    assert_ok(kg_circuit_create(&piece, N, err));
    assert_ok(kg_circuit_create(&circuit, N, err));
    for (int i = 0; i < PIECES; i++) {
        twin *t = twin_random(&rng, N, &shape);
        assert_ok(kg_circuit_append(piece, t->circuit, all, 0, 0, err));
        twin_destroy(t);
    }
    for (int i = 0; i < TIMES; i++) {
        assert_ok(kg_circuit_append(circuit, piece, all, 0, 0, err));
    }
    assert_int_equal(kg_circuit_n_ops(circuit), PIECES * GATES * TIMES);
    assert_ok(kg_observable_create(&observable, N, err));
    assert_ok(kg_observable_add_probs(observable, N, all, err));
    for (int precision = KG_PRECISION_F64; precision <= KG_PRECISION_F32; precision++) {
        double out[1 << N], norm = 0.0;
        const kg_plan_options options = twin_options("tile", NULL, precision);
        twin_plan p = twin_plan_create(circuit, observable, &options);
        kg_plan_forward(p.plan, NULL, 1, NULL, out, p.ws);
        for (int i = 0; i < 1 << N; i++) {
            norm += out[i];
        }
        print_message("norm - 1 = %.3g\n", norm - 1.0);
        assert_near(norm, 1.0, precision == KG_PRECISION_F64 ? 1e-12 : 1e-4);
        twin_plan_destroy(&p);
    }
    kg_observable_destroy(observable);
    kg_circuit_destroy(piece);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norm_after_a_million_gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
