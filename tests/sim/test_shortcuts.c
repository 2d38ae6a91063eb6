/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiler may leave out or move: qubits outside the light cone, product starts, blocks folded into
 * the observable, multiplexers, real circuits. Funnels like a QCNN, with measurements of one or two qubits,
 * compiled for small and huge batches, against the oracle and the reference. */
#include "engines.h"
#include "sim/reference.h"

enum { N_PARAMS = 8, MAX_INPUTS = 64, BATCH = 18, MAX_AMPS = 256, MAX_WORDS = 3 };

typedef struct funnel {
    twin *t;
    kg_observable *observable;
    int n_words;
    char letters[MAX_WORDS][TWIN_MAX_QUBITS + 1];
    double params[N_PARAMS];
    int n_inputs;
    double *inputs, *d_out;
    double *values, *d_params, *d_inputs;
    double *got, *got_params, *got_inputs;
} funnel;

/* ---- circuits that narrow --------------------------------------------------------------------------------- */

static int add_angle_encoding(twin *t, twin_rng *rng, int dense)
{
    static const kg_gate gates[] = {KG_GATE_RX, KG_GATE_RY, KG_GATE_RZ, KG_GATE_P};
    int n_inputs = 0;
    for (int q = 0; q < t->n_qubits; q++) {
        if (twin_below(rng, 3) == 0) {
            twin_fixed(t, KG_GATE_H, q, 0);
        }
        for (int r = 0; r <= dense; r++) {
            const kg_slot slot = {KG_SLOT_INPUT, n_inputs++, twin_uniform(rng, 0.5, 1.5),
                                  twin_below(rng, 2) * 0.3};
            twin_gate(t, gates[twin_below(rng, 4)], &q, &slot);
        }
    }
    return n_inputs;
}

/* All qubits at once, or two registers of a random choice of qubits, or one that leaves qubits out. */
static int add_amplitude_encoding(twin *t, twin_rng *rng)
{
    int order[TWIN_MAX_QUBITS];
    const int n = t->n_qubits, style = twin_below(rng, 3);
    const int first = style == 0 || n < 2 ? (n < 5 ? n : 5) : 1 + twin_below(rng, n / 2);
    twin_shuffle(rng, order, n);
    twin_amplitudes(t, first, order, 0);
    int n_inputs = 1 << first;
    if (style == 1 && n - first >= 1 && n - first <= 4) {
        twin_amplitudes(t, n - first, order + first, n_inputs);
        n_inputs += 1 << (n - first);
    }
    return n_inputs;
}

/* What happens to two neighbours before one of them is dropped: gates chosen by the dropped one. */
static void add_pooling(twin *t, twin_rng *rng, const twin_shape *shape, int dropped, int kept)
{
    static const kg_gate gates[] = {KG_GATE_CRZ, KG_GATE_CRX, KG_GATE_CRY, KG_GATE_CROT,
                                    KG_GATE_CP,  KG_GATE_CX,  KG_GATE_CH};
    const int pair[2] = {dropped, kept};
    for (int i = twin_below(rng, 4); i > 0; i--) {
        kg_slot slots[3];
        for (int j = 0; j < 3; j++) {
            slots[j] = twin_random_slot(rng, shape);
        }
        int gate = gates[twin_below(rng, 7)];
        if (shape->real && !twin_is_real(gate)) {
            gate = KG_GATE_CRY;
        }
        if (twin_below(rng, 3) == 0) {
            twin_fixed(t, KG_GATE_X, dropped, 0);
        } else if (twin_below(rng, 4) == 0) {
            const int zero = 0;
            twin_controlled(t, KG_GATE_RY, &kept, slots, 1, &dropped, &zero);
        } else {
            twin_gate(t, (kg_gate)gate, pair, slots);
        }
    }
}

static void add_layers(twin *t, twin_rng *rng, const twin_shape *shape, int *left, int *n_left)
{
    int n = t->n_qubits, live[TWIN_MAX_QUBITS];
    twin_shuffle(rng, live, n);
    while (n > 2 || (n == 2 && twin_below(rng, 2))) {
        for (int i = 0; i + 1 < n + (n > 2); i++) {
            const int pair[2] = {live[i % n], live[(i + 1) % n]};
            for (int g = twin_below(rng, 5); g >= 0; g--) {
                twin_random_op_on(t, rng, shape, pair, 2);
            }
        }
        int kept = 0;
        for (int i = 0; i < n; i += 2) {
            const int a = live[i];
            if (i + 1 < n) {
                add_pooling(t, rng, shape, live[i + 1], a);
            }
            live[kept++] = a;
        }
        n = kept;
        if (n == 1) {
            break;
        }
    }
    memcpy(left, live, (size_t)n * sizeof *left);
    *n_left = n;
}

/* ---- one funnel -------------------------------------------------------------------------------------------- */

static void funnel_observe(funnel *f, twin_rng *rng, const int *left, int n_left)
{
    const int n = f->t->n_qubits;
    assert_ok(kg_observable_create(&f->observable, n, err));
    f->n_words = 1 + twin_below(rng, MAX_WORDS);
    for (int w = 0; w < f->n_words; w++) {
        memset(f->letters[w], 'I', (size_t)n);
        for (int i = 0; i < n_left; i++) {
            f->letters[w][left[i]] = "XYZI"[twin_below(rng, 4)];
        }
        if (w == 0) {
            f->letters[w][left[0]] = 'Z';
        }
        twin_observe(f->observable, w, 0.8, f->letters[w]);
    }
}

static void funnel_expect(funnel *f)
{
    for (int b = 0; b < BATCH; b++) {
        double complex psi[MAX_AMPS];
        const double *x = f->inputs + (ptrdiff_t)b * f->n_inputs;
        twin_state(f->t, f->params, x, psi);
        for (int w = 0; w < f->n_words; w++) {
            f->values[b * f->n_words + w] = 0.8 * ref_pauli(psi, f->t->n_qubits, f->letters[w]);
        }
        assert_ok(kgi_reference_backward(f->t->circuit, f->observable, f->params, x,
                                         f->d_out + (ptrdiff_t)b * f->n_words, f->d_params,
                                         f->d_inputs + (ptrdiff_t)b * f->n_inputs, err));
    }
}

static funnel funnel_create(twin_rng *rng, int n, int real)
{
    const int encoding = twin_below(rng, 4);
    funnel f = {.t = twin_create(n)};
    int n_features = 0, left[TWIN_MAX_QUBITS], n_left;
    if (encoding == 1 || encoding == 2) {
        n_features = add_angle_encoding(f.t, rng, encoding == 2);
    } else if (encoding == 3) {
        (void)add_amplitude_encoding(f.t, rng);
    }
    const twin_shape shape = {.n_params = N_PARAMS,
                              .n_inputs = twin_below(rng, 3) ? 0 : n_features,
                              .unitaries = !real,
                              .real = real,
                              .max_controls = 1};
    add_layers(f.t, rng, &shape, left, &n_left);
    funnel_observe(&f, rng, left, n_left);
    f.n_inputs = kg_circuit_n_inputs(f.t->circuit);
    assert_true(f.n_inputs <= MAX_INPUTS);
    twin_fill(rng, f.params, N_PARAMS, -3, 3);
    f.inputs = twin_zeros(BATCH * f.n_inputs);
    f.d_out = twin_zeros(BATCH * f.n_words);
    twin_fill(rng, f.inputs, BATCH * f.n_inputs, -2, 2);
    twin_fill(rng, f.d_out, BATCH * f.n_words, -1, 1);
    f.values = twin_zeros(BATCH * f.n_words);
    f.d_params = twin_zeros(N_PARAMS);
    f.d_inputs = twin_zeros(BATCH * f.n_inputs);
    f.got = twin_zeros(BATCH * f.n_words);
    f.got_params = twin_zeros(N_PARAMS);
    f.got_inputs = twin_zeros(BATCH * f.n_inputs);
    funnel_expect(&f);
    return f;
}

static void funnel_destroy(funnel *f)
{
    double *arrays[] = {f->inputs,   f->d_out, f->values,     f->d_params,
                        f->d_inputs, f->got,   f->got_params, f->got_inputs};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        free(arrays[i]);
    }
    kg_observable_destroy(f->observable);
    twin_destroy(f->t);
}

/* What the compiler did, to know that the shortcuts were taken. */
typedef struct taken {
    int plans, cut, folded, folded_whole, unfolded;
} taken;

/* Bars as for all engines: f64 1e-14 sqrt(2^n) and 1e-12, f32 2e-6 and 2e-5 (18 samples of up to three
 * outputs). Derivatives by amplitudes fall with ||x||, which is near 1.6 at least here. */
static void funnel_check(funnel *f, const engine_config *config, int hint, taken *count)
{
    engine_config here = *config;
    here.options.batch_hint = hint;
    const int f64 = engines_is_f64(config);
    kg_plan_report report;
    twin_plan p = engines_plan(&here, f->t->circuit, f->observable);
    kg_plan_get_report(p.plan, &report);
    memset(f->got_params, 0, N_PARAMS * sizeof(double));
    memset(f->got_inputs, 0, (size_t)(BATCH * f->n_inputs) * sizeof(double));
    kg_plan_forward(p.plan, f->params, BATCH, f->inputs, f->got, p.ws);
    kg_plan_backward(p.plan, f->params, BATCH, f->inputs, f->d_out, f->got_params, f->got_inputs,
                     p.ws);
    engines_near(config, "largest error of a value",
                 twin_difference(f->got, f->values, BATCH * f->n_words), 0.0,
                 f64 ? 1e-14 * sqrt(1 << f->t->n_qubits) : 2e-6);
    engines_near(config, "largest error of d_params",
                 twin_difference(f->got_params, f->d_params, N_PARAMS), 0.0, f64 ? 1e-12 : 2e-5);
    engines_near(config, "largest error of d_inputs",
                 twin_difference(f->got_inputs, f->d_inputs, BATCH * f->n_inputs), 0.0,
                 f64 ? 1e-12 : 2e-5);
    count->plans++;
    count->cut += report.n_active < report.n_qubits;
    count->folded += report.n_tail > 0 && report.n_tail < report.n_blocks;
    count->folded_whole += report.n_tail > 0 && report.n_tail == report.n_blocks;
    count->unfolded += report.n_tail == 0;
    twin_plan_destroy(&p);
}

static void run_funnels(twin_rng *rng, int n_funnels, int real)
{
    static const int hints[] = {1, 20, 256, 100000};
    taken count = {0};
    for (int i = 0; i < n_funnels; i++) {
        funnel f = funnel_create(rng, 1 + i % 8, real);
        const engine_list engines = engines_for(f.t->circuit, f.observable);
        for (int e = twin_below(rng, 3); e < engines.n; e += 3) {
            for (int h = 0; h < 4; h++) {
                funnel_check(&f, &engines.config[e], hints[h], &count);
            }
        }
        funnel_destroy(&f);
    }
    print_message("%d plans: %d cut to the light cone, %d with a tail, %d all tail, %d without\n",
                  count.plans, count.cut, count.folded, count.folded_whole, count.unfolded);
    assert_true(count.cut > 0 && count.folded > 0 && count.unfolded > 0);
}

static void funnels_of_all_gates(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(1)};
    run_funnels(&rng, 240, 0);
}

static void funnels_of_real_gates(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(2)};
    run_funnels(&rng, 120, 1);
}

/* ---- the corners -------------------------------------------------------------------------------------------- */

static void check_one(twin *t, const char *letters, const double *params, const double *inputs)
{
    double complex psi[MAX_AMPS];
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, t->n_qubits, err));
    twin_observe(observable, 0, 1.0, letters);
    const engine_list engines = engines_for(t->circuit, observable);
    twin_state(t, params, inputs, psi);
    const double expected = ref_pauli(psi, t->n_qubits, letters), one = 1.0;
    double d_params[4] = {0.0}, d_inputs[16] = {0.0};
    assert_ok(kgi_reference_backward(t->circuit, observable, params, inputs, &one, d_params,
                                     d_inputs, err));
    for (int e = 0; e < engines.n; e++) {
        const engine_config *config = &engines.config[e];
        const double tolerance = engines_is_f64(config) ? 1e-13 : 2e-6;
        double out, got_params[4] = {0.0}, got_inputs[16] = {0.0};
        twin_plan p = engines_plan(config, t->circuit, observable);
        kg_plan_forward(p.plan, params, 1, inputs, &out, p.ws);
        kg_plan_backward(p.plan, params, 1, inputs, &one, got_params, got_inputs, p.ws);
        engines_near(config, letters, out, expected, tolerance);
        engines_near(config, "d_params", twin_difference(got_params, d_params, 4), 0.0, tolerance);
        engines_near(config, "d_inputs", twin_difference(got_inputs, d_inputs, 16), 0.0, tolerance);
        twin_plan_destroy(&p);
    }
    kg_observable_destroy(observable);
    twin_destroy(t);
}

/* Three qubits encoded together, one measured: the other two may not be cut away. */
static void part_of_an_encoding(void **state)
{
    (void)state;
    const int qubits[3] = {3, 0, 2};
    const double x[8] = {0.3, -0.8, 0.5, 1.2, -0.4, 0.9, 0.1, -0.6}, theta = 0.4;
    static const char *const words[] = {"ZIII", "IIIX", "IIZI", "IZII", "IIII"};
    for (int w = 0; w < 5; w++) {
        twin *t = twin_create(4);
        twin_amplitudes(t, 3, qubits, 0);
        twin_param(t, KG_GATE_RY, 2, 0, 0);
        twin_fixed(t, KG_GATE_H, 1, 0);
        check_one(t, words[w], &theta, x);
    }
}

/* No gate at all, or none that matters. */
static void nothing_to_do(void **state)
{
    (void)state;
    const double theta = 0.4;
    check_one(twin_create(1), "Z", NULL, NULL);
    check_one(twin_create(3), "IXI", NULL, NULL);
    check_one(twin_create(2), "II", NULL, NULL);
    twin *t = twin_create(2);
    twin_param(t, KG_GATE_RX, 1, 0, 0);
    check_one(t, "ZI", &theta, NULL);
    t = twin_create(2);
    twin_param(t, KG_GATE_RX, 1, 0, 0);
    check_one(t, "II", &theta, NULL);
}

/* A qubit that only chooses, flipped between and after its uses; swaps; a gate and its inverse. */
static void choosers_flips_and_swaps(void **state)
{
    (void)state;
    const double params[2] = {0.7, -1.3};
    const int zero = 0;
    static const char *const words[] = {"IZII", "IXII", "IYII", "ZZII", "IZIZ", "XYII"};
    for (int w = 0; w < 6; w++) {
        twin *t = twin_create(4);
        for (int q = 0; q < 4; q++) {
            const kg_slot slot = KG_SLOT_OF_ANGLE(0.4 + 0.3 * q);
            twin_gate(t, KG_GATE_RY, &q, &slot);
        }
        twin_param(t, KG_GATE_RXX, 2, 3, 1);
        const int target = 1, chooser = 2;
        const kg_slot slot = KG_SLOT_OF_PARAM(1);
        twin_param(t, KG_GATE_CRZ, 2, 1, 0);
        twin_fixed(t, KG_GATE_X, 2, 0);
        twin_param(t, KG_GATE_CRX, 2, 1, 1);
        twin_fixed(t, KG_GATE_SWAP, 2, 3);
        twin_controlled(t, KG_GATE_RY, &target, &slot, 1, &chooser, &zero);
        twin_fixed(t, KG_GATE_SWAP, 1, 0);
        twin_fixed(t, KG_GATE_CZ, 3, 0);
        twin_fixed(t, KG_GATE_Y, 3, 0);
        twin_param(t, KG_GATE_CRY, 3, 1, 0);
        twin_fixed(t, KG_GATE_S, 1, 0);
        twin_fixed(t, KG_GATE_SDG, 1, 0);
        check_one(t, words[w], params, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(funnels_of_all_gates),     cmocka_unit_test(funnels_of_real_gates),
        cmocka_unit_test(part_of_an_encoding),      cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(choosers_flips_and_swaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
