/* SPDX-License-Identifier: Apache-2.0 */
/* What plan, workspace and batch promise: layouts, sums, bits that repeat, memory that stays its own. */
#include "alloc.h"
#include "engines.h"

/* ---- a circuit with everything ----------------------------------------------------------------------- */

enum { N_QUBITS = 5, N_PARAMS = 7, N_FEATURES = 3, N_INPUTS = N_FEATURES + 32, N_OUTPUTS = 6 };

typedef struct fixture {
    twin *t;
    kg_observable *observable;
    double params[N_PARAMS];
} fixture;

/* Amplitudes and features first, and few controls behind them, so that every engine can run it. */
static fixture fixture_create(uint64_t seed)
{
    twin_rng rng = {seed};
    const twin_shape shape = {
        .n_ops = 25, .n_inputs = N_FEATURES, .amplitudes = 1, .unitaries = 1, .max_controls = 2};
    const twin_shape behind = {.n_params = N_PARAMS,
                               .unitaries = 1,
                               .without = 1u << KG_GATE_CCX | 1u << KG_GATE_CSWAP,
                               .max_controls = 1};
    const int qubits[1] = {3};
    fixture fix = {.t = twin_random(&rng, N_QUBITS, &shape)};
    for (int i = 0; i < 40; i++) {
        twin_random_op(fix.t, &rng, &behind);
    }
    assert_int_equal(kg_circuit_n_params(fix.t->circuit), N_PARAMS);
    assert_int_equal(kg_circuit_n_inputs(fix.t->circuit), N_INPUTS);
    assert_ok(kg_observable_create(&fix.observable, N_QUBITS, err));
    for (int k = 0; k < N_OUTPUTS - 2; k++) {
        char letters[TWIN_MAX_QUBITS + 1];
        twin_random_letters(&rng, N_QUBITS, letters);
        twin_observe(fix.observable, k, 0.7, letters);
    }
    assert_ok(kg_observable_add_probs(fix.observable, 1, qubits, err));
    twin_fill(&rng, fix.params, N_PARAMS, -3, 3);
    return fix;
}

static void fixture_destroy(fixture *fix)
{
    kg_observable_destroy(fix->observable);
    twin_destroy(fix->t);
}

/* Numbers for n samples, and room for what comes out. */
typedef struct samples {
    int n;
    double *inputs, *d_out, *out, *d_inputs, d_params[N_PARAMS];
} samples;

static samples samples_create(uint64_t seed, int n)
{
    twin_rng rng = {seed};
    samples s = {.n = n,
                 .inputs = twin_zeros(n * N_INPUTS),
                 .d_out = twin_zeros(n * N_OUTPUTS),
                 .out = twin_zeros(n * N_OUTPUTS),
                 .d_inputs = twin_zeros(n * N_INPUTS)};
    twin_fill(&rng, s.inputs, n * N_INPUTS, 0.1, 2);
    twin_fill(&rng, s.d_out, n * N_OUTPUTS, -1, 1);
    return s;
}

static void samples_destroy(samples *s)
{
    free(s->inputs);
    free(s->d_out);
    free(s->out);
    free(s->d_inputs);
}

static void samples_run(samples *s, const fixture *fix, const kg_plan *plan, kg_workspace *ws)
{
    memset(s->d_params, 0, sizeof s->d_params);
    memset(s->d_inputs, 0, (size_t)(s->n * N_INPUTS) * sizeof(double));
    memset(s->out, 0xff, (size_t)(s->n * N_OUTPUTS) * sizeof(double));
    kg_plan_forward(plan, fix->params, s->n, s->inputs, s->out, ws);
    kg_plan_backward(plan, fix->params, s->n, s->inputs, s->d_out, s->d_params, s->d_inputs, ws);
}

static void assert_same_bits(const samples *a, const samples *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->out, b->out, (size_t)(a->n * N_OUTPUTS) * sizeof(double));
    assert_memory_equal(a->d_inputs, b->d_inputs, (size_t)(a->n * N_INPUTS) * sizeof(double));
    assert_memory_equal(a->d_params, b->d_params, sizeof a->d_params);
}

/* ---- layouts ----------------------------------------------------------------------------------------- */

/* out[k] = sum_i c_ki Z_i after RY(theta_i) on qubit i, so that dout[k]/dtheta_i = -c_ki sin theta_i:
 * three outputs, four parameters, all entries different; the same for four features and two samples.
 * Twelve products of a few eps; f32 values of size 10 have eps = 6e-7. */
static void jacobian_entries_are_where_they_belong(void **state)
{
    (void)state;
    const engine_list engines = engines_all();
    const double params[4] = {0.3, 0.8, 1.3, 1.8};
    const double inputs[8] = {0.2, 0.5, 0.9, 1.2, 0.4, 0.7, 1.1, 1.5};
    twin *t = twin_create(4);
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, 4, err));
    for (int i = 0; i < 4; i++) {
        const kg_slot slot = KG_SLOT_OF_INPUT(i);
        twin_param(t, KG_GATE_RY, i, 0, i);
        twin_gate(t, KG_GATE_RY, &i, &slot);
    }
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 4; i++) {
            char word[8];
            snprintf(word, sizeof word, "Z%d", i);
            assert_ok(kg_observable_add(observable, k, 1.0 + 4.0 * k + i, word, err));
        }
    }
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const double tolerance = engines_is_f64(config) ? 1e-13 : 2e-5;
        twin_plan p = engines_plan(config, t->circuit, observable);
        for (int b = 0; b < 2; b++) {
            for (int k = 0; k < 3; k++) {
                double d_out[6] = {0.0}, d_params[4] = {0.0}, d_inputs[8] = {0.0};
                d_out[3 * b + k] = 1.0;
                kg_plan_backward(p.plan, params, 2, inputs, d_out, d_params, d_inputs, p.ws);
                for (int i = 0; i < 4; i++) {
                    const double slope = -(1.0 + 4.0 * k + i) * sin(params[i] + inputs[4 * b + i]);
                    engines_near(config, "d_params", d_params[i], slope, tolerance);
                    engines_near(config, "d_inputs", d_inputs[4 * b + i], slope, tolerance);
                    assert_true(d_inputs[4 * (1 - b) + i] == 0.0);
                }
            }
        }
        twin_plan_destroy(&p);
    }
    kg_observable_destroy(observable);
    twin_destroy(t);
}

/* A parameter that no gate has, and one behind the light cone of what is measured, get exactly 0, and
 * NULL for a derivative that is not wanted is respected. */
static void unused_parameters_get_exactly_nothing(void **state)
{
    (void)state;
    const engine_list engines = engines_all();
    const double params[4] = {0.3, 0.8, 1.3, 1.8}, x = 0.6, one = 1.0;
    const int late = 2;
    const kg_slot slot = KG_SLOT_OF_INPUT(0);
    twin *t = twin_create(3);
    twin_param(t, KG_GATE_RX, 0, 0, 0);
    twin_fixed(t, KG_GATE_CX, 0, 1);
    twin_param(t, KG_GATE_RY, 1, 0, 3);
    twin_param(t, KG_GATE_RX, 2, 0, 2);
    twin_gate(t, KG_GATE_RY, &late, &slot);
    kg_observable *z = NULL;
    assert_ok(kg_observable_create(&z, 3, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z1", err));
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const double tolerance = engines_is_f64(config) ? 1e-14 : 2e-6;
        double d_params[4] = {0.0, 0.0, 0.0, 0.0}, d_x = 0.0;
        twin_plan p = engines_plan(config, t->circuit, z);
        assert_int_equal(p.n_params, 4);
        assert_int_equal(p.n_inputs, 1);
        kg_plan_backward(p.plan, params, 1, &x, &one, d_params, &d_x, p.ws);
        engines_near(config, "d0", d_params[0], -sin(0.3) * cos(1.8), tolerance);
        engines_near(config, "d3", d_params[3], -cos(0.3) * sin(1.8), tolerance);
        assert_true(d_params[1] == 0.0);
        if (config->options.fuse && strcmp(config->options.engine, "tile") == 0) {
            assert_true(d_params[2] == 0.0 && d_x == 0.0); /* cut, so not even rounding is left */
        } else {
            engines_near(config, "d2", d_params[2], 0.0, tolerance);
            engines_near(config, "d_x", d_x, 0.0, tolerance);
        }
        const double before[2] = {d_params[0], d_x};
        kg_plan_backward(p.plan, params, 1, &x, &one, d_params, NULL, p.ws); /* adds */
        assert_true(d_params[0] == 2.0 * before[0] && d_x == before[1]);
        kg_plan_backward(p.plan, params, 1, &x, &one, NULL, &d_x, p.ws);
        kg_plan_backward(p.plan, params, 1, &x, &one, NULL, NULL, p.ws);
        assert_true(d_params[0] == 2.0 * before[0]);
        twin_plan_destroy(&p);
    }
    kg_observable_destroy(z);
    twin_destroy(t);
}

/* ---- batches ------------------------------------------------------------------------------------------- */

/* A batch gives what its samples give one by one: values and d_inputs per sample, d_params as their
 * sum in order. The lanes of a tile do the same operations on their own numbers; the sum of up to 33
 * terms below 10 has an error of 33 * 10 * eps = 4e-14, hence 1e-13. f32: the sum itself is in f32
 * over a tile of 16 at most, 16 * 10 * 6e-8 = 1e-5. */
static void batch_is_the_ordered_sum_of_its_samples(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    const int sizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 32, 33};
    fixture fix = fixture_create(11);
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const int f64 = engines_is_f64(config);
        twin_plan p = engines_plan(config, fix.t->circuit, fix.observable);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            samples batch = samples_create(5, sizes[i]);
            samples_run(&batch, &fix, p.plan, p.ws);
            double sum[N_PARAMS] = {0.0};
            for (int b = 0; b < batch.n; b++) {
                samples one = samples_create(5, 1);
                memcpy(one.inputs, batch.inputs + (ptrdiff_t)b * N_INPUTS,
                       N_INPUTS * sizeof(double));
                memcpy(one.d_out, batch.d_out + (ptrdiff_t)b * N_OUTPUTS,
                       N_OUTPUTS * sizeof(double));
                samples_run(&one, &fix, p.plan, p.ws);
                engines_near(
                    config, "a value of the batch against its sample",
                    twin_difference(one.out, batch.out + (ptrdiff_t)b * N_OUTPUTS, N_OUTPUTS), 0.0,
                    f64 ? 1e-14 : 2e-6);
                engines_near(config, "d_inputs of the batch against its sample",
                             twin_difference(one.d_inputs, batch.d_inputs + (ptrdiff_t)b * N_INPUTS,
                                             N_INPUTS),
                             0.0, f64 ? 1e-14 : 5e-6);
                for (int q = 0; q < N_PARAMS; q++) {
                    sum[q] += one.d_params[q];
                }
                samples_destroy(&one);
            }
            engines_near(config, "d_params of the batch against the sum",
                         twin_difference(sum, batch.d_params, N_PARAMS), 0.0, f64 ? 1e-13 : 1e-5);
            samples_destroy(&batch);
        }
        twin_plan_destroy(&p);
    }
    fixture_destroy(&fix);
}

/* Samples in reverse order: outputs in reverse order, sums equal up to their order. */
static void permuted_samples(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    enum { N = 37 };
    fixture fix = fixture_create(11);
    samples a = samples_create(7, N), b = samples_create(7, N);
    for (int i = 0; i < N; i++) {
        memcpy(b.inputs + (ptrdiff_t)i * N_INPUTS, a.inputs + (ptrdiff_t)(N - 1 - i) * N_INPUTS,
               N_INPUTS * sizeof(double));
        memcpy(b.d_out + (ptrdiff_t)i * N_OUTPUTS, a.d_out + (ptrdiff_t)(N - 1 - i) * N_OUTPUTS,
               N_OUTPUTS * sizeof(double));
    }
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const int f64 = engines_is_f64(config);
        twin_plan p = engines_plan(config, fix.t->circuit, fix.observable);
        samples_run(&a, &fix, p.plan, p.ws);
        samples_run(&b, &fix, p.plan, p.ws);
        for (int i = 0; i < N; i++) {
            engines_near(config, "value",
                         twin_difference(a.out + (ptrdiff_t)i * N_OUTPUTS,
                                         b.out + (ptrdiff_t)(N - 1 - i) * N_OUTPUTS, N_OUTPUTS),
                         0.0, f64 ? 1e-14 : 2e-6);
        }
        engines_near(config, "d_params", twin_difference(a.d_params, b.d_params, N_PARAMS), 0.0,
                     f64 ? 1e-13 : 1e-5);
        twin_plan_destroy(&p);
    }
    samples_destroy(&a);
    samples_destroy(&b);
    fixture_destroy(&fix);
}

/* ---- the same bits again ------------------------------------------------------------------------------- */

static void run_twice_in_turn_and_on_many_threads(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    fixture first = fixture_create(11), second = fixture_create(13);
    for (int e = 0; e < engines.n; e++) {
        engine_config config = engines.config[e];
        twin_plan p = engines_plan(&config, first.t->circuit, first.observable);
        twin_plan other = engines_plan(&config, second.t->circuit, second.observable);
        samples a = samples_create(3, 50), b = samples_create(3, 50), c = samples_create(4, 20);
        samples_run(&a, &first, p.plan, p.ws);
        samples_run(&c, &second, other.plan, other.ws);
        samples_run(&b, &first, p.plan, p.ws);
        assert_same_bits(&a, &b);
        for (int threads = 2; threads <= 8; threads++) {
            config.options.threads = threads;
            twin_plan many = engines_plan(&config, first.t->circuit, first.observable);
            samples_run(&b, &first, many.plan, many.ws);
            assert_same_bits(&a, &b);
            twin_plan_destroy(&many);
        }
        samples_destroy(&a);
        samples_destroy(&b);
        samples_destroy(&c);
        twin_plan_destroy(&p);
        twin_plan_destroy(&other);
    }
    fixture_destroy(&first);
    fixture_destroy(&second);
}

/* A workspace in memory of odd alignment, filled with NaN before, between guard bytes; then the memory
 * serves another plan, and then the first again. */
static void workspace_in_memory_of_the_caller(void **state)
{
    (void)state;
    enum { GUARD = 256 };
    const engine_list engines = engines_of_networks();
    fixture first = fixture_create(11), second = fixture_create(13);
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        twin_plan p = engines_plan(config, first.t->circuit, first.observable);
        twin_plan other = engines_plan(config, second.t->circuit, second.observable);
        samples a = samples_create(3, 20), b = samples_create(3, 20);
        samples_run(&a, &first, p.plan, p.ws);
        const size_t mine = kg_plan_workspace_bytes(p.plan);
        const size_t theirs = kg_plan_workspace_bytes(other.plan);
        const size_t bytes = mine > theirs ? mine : theirs;
        for (size_t odd = 1; odd < 64; odd += 7) {
            unsigned char *memory = malloc(odd + bytes + (size_t)2 * GUARD);
            assert_non_null(memory);
            memset(memory, 0xff, odd + bytes + (size_t)2 * GUARD);
            for (int turn = 0; turn < 3; turn++) {
                kg_workspace *ws = NULL;
                const twin_plan *now = turn == 1 ? &other : &p;
                assert_ok(kg_workspace_init(&ws, now->plan, memory + odd + GUARD,
                                            turn == 1 ? theirs : mine, err));
                samples_run(&b, turn == 1 ? &second : &first, now->plan, ws);
                if (turn != 1) {
                    assert_same_bits(&a, &b);
                }
                kg_workspace_destroy(ws);
            }
            for (size_t i = 0; i < GUARD; i++) {
                assert_int_equal(memory[odd + i], 0xff);
                assert_int_equal(memory[odd + GUARD + bytes + i], 0xff);
            }
            free(memory);
        }
        samples_destroy(&a);
        samples_destroy(&b);
        twin_plan_destroy(&p);
        twin_plan_destroy(&other);
    }
    fixture_destroy(&first);
    fixture_destroy(&second);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    fixture fix = fixture_create(11);
    for (int e = 0; e < engines.n; e++) {
        twin_plan p = engines_plan(&engines.config[e], fix.t->circuit, fix.observable);
        samples s = samples_create(3, 40);
        samples_run(&s, &fix, p.plan, p.ws);
        const long before = alloc_count();
        for (int step = 0; step < 10; step++) {
            samples_run(&s, &fix, p.plan, p.ws);
        }
        assert_int_equal(alloc_count() - before, 0);
        samples_destroy(&s);
        twin_plan_destroy(&p);
    }
    assert_true(alloc_count() > 0); /* the counter counts */
    fixture_destroy(&fix);
}

/* A sample whose amplitudes are all zero or not finite gives NaN and leaves its neighbours alone. */
static void bad_amplitudes_stay_in_their_sample(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    fixture fix = fixture_create(11);
    for (int e = 0; e < engines.n; e++) {
        twin_plan p = engines_plan(&engines.config[e], fix.t->circuit, fix.observable);
        samples good = samples_create(3, 20), bad = samples_create(3, 20);
        for (int i = 0; i < 32; i++) {
            bad.inputs[4 * N_INPUTS + N_FEATURES + i] = 0.0;
        }
        bad.inputs[9 * N_INPUTS + N_FEATURES + 5] = INFINITY;
        kg_plan_forward(p.plan, fix.params, 20, good.inputs, good.out, p.ws);
        kg_plan_forward(p.plan, fix.params, 20, bad.inputs, bad.out, p.ws);
        for (int b = 0; b < 20; b++) {
            for (int k = 0; k < N_OUTPUTS; k++) {
                const double out = bad.out[b * N_OUTPUTS + k];
                assert_true(b == 4 || b == 9 ? isnan(out) : out == good.out[b * N_OUTPUTS + k]);
            }
        }
        samples_destroy(&good);
        samples_destroy(&bad);
        twin_plan_destroy(&p);
    }
    fixture_destroy(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jacobian_entries_are_where_they_belong),
        cmocka_unit_test(unused_parameters_get_exactly_nothing),
        cmocka_unit_test(batch_is_the_ordered_sum_of_its_samples),
        cmocka_unit_test(permuted_samples),
        cmocka_unit_test(run_twice_in_turn_and_on_many_threads),
        cmocka_unit_test(workspace_in_memory_of_the_caller),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(bad_amplitudes_stay_in_their_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
