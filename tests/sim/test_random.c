/* SPDX-License-Identifier: Apache-2.0 */
/* Random circuits: engines against the oracle, the reference and each other. */
#include "sim/random.h"

/* f64: the bars of 1e-14 sqrt(2^n) for values and 1e-12 for derivatives. d_out adds at most eight
 * outputs of weight <= 1 and the batch adds BATCH = 19 samples: 19 * 8 * 60 operations * eps, all of
 * one sign, would be 1e-12. f32 (eps = 6e-8): 70 operations as a random walk give 5e-7 per value and
 * the weighted sums over 19 samples sqrt(19 * 8) times that, 6e-6: 2e-5. */
static void engines_agree_with_oracle_and_reference(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    const engine_list engines = engines_all();
    for (int repeat = 0; repeat < 32; repeat++) {
        const int n = 1 + repeat % 8;
        sample_case c = case_create(&rng, n, 10 + twin_below(&rng, 60), repeat % 3 == 0);
        case_expect(&c);
        for (int e = 0; e < engines.n; e++) {
            const engine_config *config = &engines.config[e];
            const int f64 = engines_is_f64(config);
            twin_plan p = engines_plan(config, c.t->circuit, c.observable);
            case_run(&c, p.plan, p.ws);
            engines_near(config, "largest error of a value",
                         twin_difference(c.got, c.values, BATCH * c.n_outputs), 0.0,
                         f64 ? 1e-14 * sqrt(1 << n) : 2e-6);
            engines_near(config, "largest error of d_params",
                         twin_difference(c.got_params, c.d_params, N_PARAMS), 0.0,
                         f64 ? 1e-12 : 2e-5);
            engines_near(config, "largest error of d_inputs",
                         twin_difference(c.got_inputs, c.d_inputs, BATCH * c.n_inputs), 0.0,
                         f64 ? 1e-12 : 2e-5);
            twin_plan_destroy(&p);
        }
        case_destroy(&c);
    }
}

static void fusion_changes_nothing(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    check_fusion(&rng, 150);
}

static void inverse_undoes(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(3)};
    check_inverse(&rng, 60, 10);
}

/* Kernel sets differ by fused multiply-adds and the order of four products only: about eps = 1.1e-16
 * per amplitude and block, 50 blocks, and the value is quadratic in the state: at most
 * 2 * 50 * 4 eps = 4e-14, as a random walk 6e-15. Derivatives sum 19 * 8 of these. f32: eps = 6e-8.
 * The number of threads must not change a bit, and a batch of 19 does not fill the last tile. */
static void kernel_sets_and_threads(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(4)};
    for (int n = 1; n <= 12; n++) {
        sample_case c = case_create(&rng, n, 50, n % 2);
        const size_t value_bytes = (size_t)(BATCH * c.n_outputs) * sizeof(double);
        const size_t input_bytes = (size_t)(BATCH * c.n_inputs) * sizeof(double);
        for (int precision = KG_PRECISION_F64; precision <= KG_PRECISION_F32; precision++) {
            const double eps = precision == KG_PRECISION_F64 ? 1.1e-16 : 6e-8;
            for (int k = 0; kg_kernels_get(k); k++) {
                for (int threads = 1; threads <= 3; threads++) {
                    kg_plan_options options = twin_options("tile", kg_kernels_get(k), precision);
                    options.threads = threads;
                    twin_plan p = twin_plan_create(c.t->circuit, c.observable, &options);
                    case_run(&c, p.plan, p.ws);
                    if (threads > 1) {
                        assert_memory_equal(c.got, c.values, value_bytes);
                        assert_memory_equal(c.got_params, c.d_params, N_PARAMS * sizeof(double));
                        assert_memory_equal(c.got_inputs, c.d_inputs, input_bytes);
                    } else if (k > 0) {
                        const int n_out = BATCH * c.n_outputs;
                        assert_near(twin_difference(c.got, c.values, n_out), 0.0, 60.0 * eps);
                        assert_near(twin_difference(c.got_params, c.d_params, N_PARAMS), 0.0,
                                    2000.0 * eps);
                    }
                    memcpy(c.values, c.got, value_bytes);
                    memcpy(c.d_params, c.got_params, N_PARAMS * sizeof(double));
                    memcpy(c.d_inputs, c.got_inputs, input_bytes);
                    twin_plan_destroy(&p);
                }
            }
        }
        case_destroy(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engines_agree_with_oracle_and_reference),
        cmocka_unit_test(fusion_changes_nothing),
        cmocka_unit_test(inverse_undoes),
        cmocka_unit_test(kernel_sets_and_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
