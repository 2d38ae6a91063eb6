/* SPDX-License-Identifier: Apache-2.0 */
/* The state engine in cache blocks so small that few qubits take every path: gathered rows, predicates
 * outside the block, lanes that change places, gates the plain way. Against the oracle and reference. */
#include "sim/random.h"
#include "sim/state.h"
#include "sim/tuples.h"

/* Blocks of 5 to 11 bits; the engine itself takes at least what a stage needs. */
static const kgi_state_shape shapes[] = {{1, 1, 0}, {5, 6, 1}, {6, 7, 0}, {7, 8, 2}, {8, 11, 1}};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static twin_plan shaped_plan(const sample_case *c, const char *kernels, int precision, int fuse,
                             int threads, kgi_state_shape shape)
{
    twin_plan p = {.n_params = c->n_params, .n_inputs = c->n_inputs, .n_outputs = c->n_outputs};
    kg_plan_options options = twin_options("state", kernels, precision);
    options.fuse = fuse;
    options.threads = threads;
    assert_ok(kg_plan_create(&p.plan, c->t->circuit, c->observable, &options, err));
    assert_ok(kgi_state_reshape(p.plan, shape, err));
    assert_ok(kg_workspace_create(&p.ws, p.plan, err));
    return p;
}

static void check_near(const sample_case *c, const char *what, double value_bar, double bar)
{
    const double values = twin_difference(c->got, c->values, BATCH * c->n_outputs);
    const double params = twin_difference(c->got_params, c->d_params, N_PARAMS);
    const double inputs = twin_difference(c->got_inputs, c->d_inputs, BATCH * c->n_inputs);
    if (!(values <= value_bar) || !(params <= bar) || !(inputs <= bar)) {
        print_error("%s, %d qubits: values %g, d_params %g, d_inputs %g\n", what, c->t->n_qubits,
                    values, params, inputs);
        fail();
    }
}

/* The bars of test_random.c, where they are derived; a circuit of 8 qubits has 2^8 amplitudes, so 1, 2 or
 * 3 of its bits lie outside the smallest blocks. */
static void small_blocks_agree_with_oracle(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(11)};
    for (int repeat = 0; repeat < 24; repeat++) {
        const int n = 1 + repeat % 8;
        sample_case c = case_create(&rng, n, 10 + twin_below(&rng, 60), repeat % 3 == 0);
        case_expect(&c);
        for (int k = 0; kg_kernels_get(k); k++) {
            for (int s = 0; s < N_SHAPES; s++) {
                const int precision = twin_below(&rng, 2) ? KG_PRECISION_F32 : KG_PRECISION_F64;
                const int f64 = precision == KG_PRECISION_F64;
                twin_plan p = shaped_plan(&c, kg_kernels_get(k), precision, twin_below(&rng, 2),
                                          1 + twin_below(&rng, 3), shapes[s]);
                case_run(&c, p.plan, p.ws);
                check_near(&c, kg_kernels_get(k), f64 ? 1e-14 * sqrt(1 << n) : 2e-6,
                           f64 ? 1e-12 : 2e-5);
                twin_plan_destroy(&p);
            }
        }
        case_destroy(&c);
    }
}

/* On 9 to 12 qubits, where the oracle is slow, against the tile engine: both have passed the smaller
 * circuits. Rounding of 2^12 products adds up to 1e-14 sqrt(2^12) = 6e-13. */
static void small_blocks_agree_with_tiles(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(12)};
    for (int repeat = 0; repeat < 8; repeat++) {
        const int n = 9 + repeat % 4;
        sample_case c = case_create(&rng, n, 80, repeat % 3 == 0);
        kg_plan_options options = twin_options("tile", NULL, KG_PRECISION_F64);
        twin_plan tile = twin_plan_create(c.t->circuit, c.observable, &options);
        case_run(&c, tile.plan, tile.ws);
        twin_plan_destroy(&tile);
        memcpy(c.values, c.got, (size_t)(BATCH * c.n_outputs) * sizeof(double));
        memcpy(c.d_params, c.got_params, N_PARAMS * sizeof(double));
        memcpy(c.d_inputs, c.got_inputs, (size_t)(BATCH * c.n_inputs) * sizeof(double));
        for (int k = 0; kg_kernels_get(k); k++) {
            twin_plan p = shaped_plan(&c, kg_kernels_get(k), KG_PRECISION_F64, 1, 2,
                                      shapes[twin_below(&rng, N_SHAPES)]);
            case_run(&c, p.plan, p.ws);
            check_near(&c, kg_kernels_get(k), 6e-13, 2e-12);
            twin_plan_destroy(&p);
        }
        case_destroy(&c);
    }
}

/* 1, 2, 3 and 8 threads: the same bits, of values and of all derivatives. */
static void threads_move_no_bit(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    twin_rng rng = {near_seed(13)};
    for (int n = 2; n <= 12; n += 2) {
        sample_case c = case_create(&rng, n, 60, n % 4 == 0);
        for (int k = 0; kg_kernels_get(k); k++) {
            const int precision = n % 4 ? KG_PRECISION_F64 : KG_PRECISION_F32;
            for (int t = 0; t < 4; t++) {
                twin_plan p =
                    shaped_plan(&c, kg_kernels_get(k), precision, 1, threads[t], shapes[1]);
                case_run(&c, p.plan, p.ws);
                if (t > 0) {
                    check_near(&c, kg_kernels_get(k), 0, 0);
                }
                memcpy(c.values, c.got, (size_t)(BATCH * c.n_outputs) * sizeof(double));
                memcpy(c.d_params, c.got_params, N_PARAMS * sizeof(double));
                memcpy(c.d_inputs, c.got_inputs, (size_t)(BATCH * c.n_inputs) * sizeof(double));
                twin_plan_destroy(&p);
            }
        }
        case_destroy(&c);
    }
}

typedef struct tuple_sweep {
    twin_rng rng;
    kg_observable *observable;
    int n_words;
    char letters[64][TWIN_MAX_QUBITS + 1];
    double params[3];
    double inputs[64];
    double d_out[64];
} tuple_sweep;

/* One gate with its controls on a state without symmetry: 64 words, or as many as there are, and the
 * gradient by the gate's angles, in f64 with the smallest blocks. Bars as above. */
static void check_tuple(const tuple_case *c, void *user)
{
    tuple_sweep *s = user;
    twin *t = tuples_circuit(c);
    double complex psi[64];
    double got[64], d_params[3] = {0}, expected[3] = {0}, d_inputs[64] = {0},
                    by_reference[64] = {0};
    sample_case plan_of = {.t = t, .observable = s->observable, .n_outputs = s->n_words};
    const int kernels = twin_below(&s->rng, 3) % (kg_kernels_get(2)   ? 3
                                                  : kg_kernels_get(1) ? 2
                                                                      : 1);
    twin_plan p = shaped_plan(&plan_of, kg_kernels_get(kernels), KG_PRECISION_F64,
                              twin_below(&s->rng, 2), 1, shapes[twin_below(&s->rng, 2)]);
    twin_state(t, s->params, s->inputs, psi);
    kg_plan_forward(p.plan, s->params, 1, s->inputs, got, p.ws);
    for (int w = 0; w < s->n_words; w++) {
        assert_near(got[w], ref_pauli(psi, c->n_qubits, s->letters[w]), 1e-13);
    }
    assert_ok(kgi_reference_backward(t->circuit, s->observable, s->params, s->inputs, s->d_out,
                                     expected, by_reference, err));
    kg_plan_backward(p.plan, s->params, 1, s->inputs, s->d_out, d_params, d_inputs, p.ws);
    assert_near(twin_difference(d_params, expected, kg_gate_n_params((int)c->gate)), 0, 1e-12);
    assert_near(twin_difference(d_inputs, by_reference, 1 << c->n_qubits), 0, 1e-12);
    twin_plan_destroy(&p);
    twin_destroy(t);
}

static void every_gate_on_every_tuple(void **state)
{
    (void)state;
    tuple_sweep s = {.rng = {near_seed(14)}};
    for (int n = 1; n <= 4; n++) {
        assert_ok(kg_observable_create(&s.observable, n, err));
        s.n_words = n <= 3 ? 1 << 2 * n : 64;
        for (int w = 0; w < s.n_words; w++) {
            if (n <= 3) {
                twin_letters((uint64_t)w, n, s.letters[w]);
            } else {
                twin_random_letters(&s.rng, n, s.letters[w]);
            }
            twin_observe(s.observable, w, 1.0, s.letters[w]);
        }
        twin_fill(&s.rng, s.params, 3, -4, 4);
        twin_fill(&s.rng, s.inputs, 64, -1, 1);
        twin_fill(&s.rng, s.d_out, 64, -1, 1);
        assert_int_equal(tuples_visit(n, check_tuple, &s), tuples_expected(n));
        kg_observable_destroy(s.observable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_blocks_agree_with_oracle),
        cmocka_unit_test(small_blocks_agree_with_tiles),
        cmocka_unit_test(threads_move_no_bit),
        cmocka_unit_test(every_gate_on_every_tuple),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
