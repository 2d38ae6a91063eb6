/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits that measure, reset and act on outcomes: plans, parameter shift, differences and shots see
 * the deferred form; the oracle follows every sequence of outcomes. */
#include "engines.h"

#include <ketgrad/grad.h>

enum { MAX_QUBITS = 4, MAX_STEPS = 40, MAX_ANGLES = 3 * MAX_STEPS, N_OUTPUTS = 4 };

/* A program in both forms. Angle j of step i is params[first[i] + j]; all of them are parameters. */
typedef struct program {
    kg_circuit *circuit;
    int n;
    int n_steps;
    ref_step steps[MAX_STEPS];
    int first[MAX_STEPS];
    int n_params;
    double params[MAX_ANGLES];
} program;

static program *program_create(int n)
{
    program *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->n = n;
    assert_ok(kg_circuit_create(&p->circuit, n, err));
    return p;
}

static void program_destroy(program *p)
{
    kg_circuit_destroy(p->circuit);
    free(p);
}

static ref_step *next_step(program *p, const char *what, const int *qubits, int n_qubits,
                           const int condition[2])
{
    assert_true(p->n_steps < MAX_STEPS);
    p->first[p->n_steps] = p->n_params;
    ref_step *step = &p->steps[p->n_steps++];
    *step = (ref_step){.what = what, .condition_bit = condition ? condition[0] : -1};
    step->condition_value = condition ? condition[1] : 0;
    memcpy(step->qubits, qubits, (size_t)n_qubits * sizeof *qubits);
    assert_ok(
        kg_circuit_set_condition(p->circuit, step->condition_bit, step->condition_value, err));
    return step;
}

static void add_gate(program *p, kg_gate gate, const int *qubits, const double *angles,
                     uint64_t controls, uint64_t values, const int condition[2])
{
    const int k = kg_gate_n_params((int)gate);
    int list[MAX_QUBITS];
    int on[MAX_QUBITS];
    int n_controls = 0;
    kg_slot slots[KG_MAX_GATE_PARAMS];
    ref_step *step =
        next_step(p, kg_gate_name((int)gate), qubits, kg_gate_n_qubits((int)gate), condition);
    step->controls = controls;
    step->values = values;
    for (int q = 0; q < p->n; q++) {
        if (controls >> q & 1) {
            list[n_controls] = q;
            on[n_controls++] = (int)(values >> q & 1);
        }
    }
    for (int j = 0; j < k; j++) {
        slots[j] = (kg_slot)KG_SLOT_OF_PARAM(p->n_params);
        p->params[p->n_params++] = step->angles[j] = angles[j];
    }
    assert_ok(
        kg_circuit_add_controlled(p->circuit, gate, qubits, slots, n_controls, list, on, err));
}

static void add_measure(program *p, int qubit, int bit)
{
    next_step(p, "measure", &qubit, 1, NULL)->bit = bit;
    assert_ok(kg_circuit_add_measure(p->circuit, qubit, bit, err));
}

static void add_reset(program *p, int qubit, const int condition[2])
{
    (void)next_step(p, "reset", &qubit, 1, condition);
    assert_ok(kg_circuit_add_reset(p->circuit, qubit, err));
}

static double oracle(const program *p, const char *letters)
{
    double complex psi[1 << MAX_QUBITS];
    ref_zero(psi, p->n);
    return ref_branches_pauli(psi, p->n, p->n_steps, p->steps, letters);
}

/* d<P>/d(angle j of step i): every gate of the table turns with frequencies 1/2 and 1 only, under
 * controls and conditions too, for which these four terms are exact. */
static double oracle_slope(program *p, int i, int j, const char *letters)
{
    const double sum = (sqrt(2) + 1) / (4 * sqrt(2)), difference = (sqrt(2) - 1) / (4 * sqrt(2));
    const double terms[4][2] = {{M_PI / 2, sum},
                                {-M_PI / 2, -sum},
                                {3 * M_PI / 2, -difference},
                                {-3 * M_PI / 2, difference}};
    double slope = 0;
    for (int t = 0; t < 4; t++) {
        const double angle = p->steps[i].angles[j];
        p->steps[i].angles[j] = angle + terms[t][0];
        slope += terms[t][1] * oracle(p, letters);
        p->steps[i].angles[j] = angle;
    }
    return slope;
}

/* ---- random programs ----------------------------------------------------------------------------- */

static void add_random(program *p, twin_rng *rng, int *n_splits)
{
    int qubits[MAX_QUBITS];
    int condition[2] = {twin_below(rng, 4), twin_below(rng, 2)};
    const int *maybe = twin_below(rng, 3) ? NULL : condition;
    const int kind = twin_below(rng, 8);
    twin_shuffle(rng, qubits, p->n);
    if (kind < 2 && *n_splits < 6) {
        (*n_splits)++;
        if (kind == 0) {
            add_measure(p, qubits[0], twin_below(rng, 4));
        } else {
            add_reset(p, qubits[0], maybe);
        }
        return;
    }
    kg_gate gate = (kg_gate)twin_below(rng, KG_GATE_COUNT);
    while (kg_gate_n_qubits((int)gate) > p->n) {
        gate = (kg_gate)twin_below(rng, KG_GATE_COUNT);
    }
    double angles[3];
    uint64_t controls = 0;
    uint64_t values = 0;
    twin_fill(rng, angles, 3, -3, 3);
    for (int k = kg_gate_n_qubits((int)gate); k < p->n; k++) {
        const uint64_t bit = (uint64_t)!twin_below(rng, 4) << qubits[k];
        controls |= bit;
        values |= twin_below(rng, 2) ? bit : 0;
    }
    add_gate(p, gate, qubits, angles, controls, values, maybe);
}

/* Outputs: a word with all letters, Z of one qubit, X of another, and the probability of a 1. */
static kg_observable *observe(int n, char letters[N_OUTPUTS][MAX_QUBITS + 1], twin_rng *rng)
{
    kg_observable *observable = NULL;
    assert_ok(kg_observable_create(&observable, n, err));
    for (int k = 0; k < N_OUTPUTS; k++) {
        char word[40] = "";
        memset(letters[k], 'I', (size_t)n);
        letters[k][n] = '\0';
        for (int q = 0; q < n; q++) {
            const int chosen = k == 0 || twin_below(rng, n) == 0 || q == k % n;
            letters[k][q] = chosen ? "XYZ"[k == 1 || k == 3 ? 2 : twin_below(rng, 3)] : 'I';
            if (chosen) {
                const size_t used = strlen(word);
                snprintf(word + used, sizeof word - used, "%s%c%d", used ? " " : "", letters[k][q],
                         q);
            }
        }
        assert_ok(kg_observable_add(observable, k, 1.0, word, err));
    }
    return observable;
}

/* Values and all derivatives of one engine against the oracle's, and the library's other two rules. */
static void check_program(program *p, const kg_observable *observable,
                          char letters[N_OUTPUTS][MAX_QUBITS + 1], const engine_list *engines)
{
    double values[N_OUTPUTS];
    double slopes[N_OUTPUTS][MAX_ANGLES];
    const int n_params = p->n_params;
    for (int k = 0; k < N_OUTPUTS; k++) {
        values[k] = oracle(p, letters[k]);
        for (int i = 0; i < p->n_steps; i++) {
            const int last = i + 1 < p->n_steps ? p->first[i + 1] : n_params;
            for (int j = 0; p->first[i] + j < last; j++) {
                slopes[k][p->first[i] + j] = oracle_slope(p, i, j, letters[k]);
            }
        }
    }
    for (int e = 0; e < engines->n; e++) {
        const engine_config *config = &engines->config[e];
        double out[N_OUTPUTS];
        twin_plan plan = engines_plan(config, p->circuit, observable);
        assert_int_equal(kg_plan_n_params(plan.plan), n_params);
        kg_plan_forward(plan.plan, p->params, 1, NULL, out, plan.ws);
        for (int k = 0; k < N_OUTPUTS; k++) {
            double d_out[N_OUTPUTS] = {0};
            double d_params[MAX_ANGLES] = {0};
            d_out[k] = 1;
            engines_near(config, letters[k], out[k], values[k], 1e-12);
            kg_plan_backward(plan.plan, p->params, 1, NULL, d_out, d_params, NULL, plan.ws);
            for (int a = 0; a < n_params; a++) {
                engines_near(config, letters[k], d_params[a], slopes[k][a], 1e-12);
            }
        }
        twin_plan_destroy(&plan);
    }
    double *shifted = calloc((size_t)N_OUTPUTS * MAX_ANGLES, sizeof *shifted);
    assert_non_null(shifted);
    assert_ok(
        kg_grad_shift(p->circuit, observable, p->params, NULL, NULL, NULL, shifted, NULL, err));
    for (int k = 0; k < N_OUTPUTS; k++) {
        for (int a = 0; a < n_params; a++) {
            assert_near(shifted[k * n_params + a], slopes[k][a], 1e-12);
        }
    }
    free(shifted);
}

/* f64 engines only: what deferring does is the same in f32. */
static engine_list exact_engines(void)
{
    const engine_list all = engines_all();
    engine_list exact = {0};
    for (int e = 0; e < all.n; e++) {
        if (engines_is_f64(&all.config[e])) {
            exact.config[exact.n++] = all.config[e];
        }
    }
    return exact;
}

static void random_programs_agree_with_the_branches(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(20260114)};
    const engine_list engines = exact_engines();
    for (int c = 0; c < 150; c++) {
        const int n = 1 + c % MAX_QUBITS;
        char letters[N_OUTPUTS][MAX_QUBITS + 1];
        int n_splits = 0;
        program *p = program_create(n);
        for (int i = 0; i < 8 + c % 10; i++) {
            add_random(p, &rng, &n_splits);
        }
        kg_observable *observable = observe(n, letters, &rng);
        check_program(p, observable, letters, &engines);
        kg_observable_destroy(observable);
        program_destroy(p);
    }
}

/* ---- cases worth a name -------------------------------------------------------------------------- */

static int deferred_width(const kg_circuit *circuit, uint64_t off_diagonal)
{
    kg_circuit *deferred = NULL;
    assert_ok(kg_circuit_defer(&deferred, circuit, off_diagonal, err));
    const int n = kg_circuit_n_qubits(deferred);
    kg_circuit_destroy(deferred);
    return n;
}

/* No qubit is spent on what needs none: reading a bit as a control, measuring twice, a reset that
 * nothing precedes is a life of its own. */
static void fresh_qubits_are_few(void **state)
{
    (void)state;
    const double angle = 0.3;
    const int one[2] = {0, 1};
    const int a = 0;
    const int b = 1;
    program *p = program_create(2);
    add_gate(p, KG_GATE_RX, &a, &angle, 0, 0, NULL);
    add_measure(p, 0, 0);
    add_gate(p, KG_GATE_RX, &b, &angle, 0, 0, one);
    add_gate(p, KG_GATE_RZ, &a, &angle, 0, 0, NULL);
    add_measure(p, 0, 1);
    assert_int_equal(deferred_width(p->circuit, 0), 2);
    assert_int_equal(deferred_width(p->circuit, 1), 3); /* X of qubit 0 sees the measurement */
    assert_int_equal(deferred_width(p->circuit, 2), 2);
    add_gate(p, KG_GATE_X, &a, NULL, 0, 0, one); /* acts on what it depends on */
    assert_int_equal(deferred_width(p->circuit, 0), 4);
    add_reset(p, 0, NULL);
    assert_int_equal(deferred_width(p->circuit, 0), 5);
    program_destroy(p);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    kg_circuit *circuit = NULL;
    kg_circuit *deferred = NULL;
    kg_error record = {KG_OK, ""};
    const int q = 63;
    assert_ok(kg_circuit_create(&circuit, 64, err));
    assert_ok(kg_circuit_add_gate(circuit, KG_GATE_H, &q, NULL, err));
    assert_ok(kg_circuit_add_measure(circuit, q, 5, err));
    assert_ok(kg_circuit_defer(&deferred, circuit, 0, err));
    assert_int_equal(kg_circuit_n_qubits(deferred), 64);
    assert_int_equal(kg_circuit_n_ops(deferred), 1);
    kg_circuit_destroy(deferred);
    assert_ok(kg_circuit_add_reset(circuit, q, err));
    assert_int_equal(kg_circuit_defer(&deferred, circuit, 0, &record), KG_ERR_UNSUPPORTED);
    assert_string_equal(record.message,
                        "measurements and resets need more than 64 qubits when they "
                        "are deferred");
    assert_null(deferred);
    kg_circuit_destroy(circuit);
}

/* A qubit is measured and turned back where it was 1: after that every shot is a 0, and the measured
 * state of H, 0 or 1 with equal chances, has lost its X. */
static void shots_and_coherence(void **state)
{
    (void)state;
    uint32_t outcomes[64];
    const int q = 0;
    const int one[2] = {3, 1};
    kg_observable *x = NULL;
    program *p = program_create(1);
    assert_ok(kg_observable_create(&x, 1, err));
    assert_ok(kg_observable_add(x, 0, 1.0, "X0", err));
    add_gate(p, KG_GATE_H, &q, NULL, 0, 0, NULL);
    add_measure(p, 0, 3);
    kg_gradcheck report;
    double out = 1;
    const kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    twin_plan plan = twin_plan_create(p->circuit, x, &options);
    kg_plan_forward(plan.plan, NULL, 1, NULL, &out, plan.ws);
    assert_near(out, 0, 1e-15);
    twin_plan_destroy(&plan);
    add_gate(p, KG_GATE_X, &q, NULL, 0, 0, one);
    assert_ok(kg_circuit_sample(p->circuit, NULL, 1, NULL, 1, &q, 64, 7, outcomes, err));
    for (int s = 0; s < 64; s++) {
        assert_int_equal(outcomes[s], 0);
    }
    assert_ok(kg_grad_check(p->circuit, x, NULL, NULL, NULL, &report, err));
    assert_near(report.value, 0, 1e-15);
    kg_observable_destroy(x);
    program_destroy(p);
}

/* ---- pooling ------------------------------------------------------------------------------------- */

/* A QCNN with the given pooling; its outputs are <Z> and <X> of the readout qubit. */
static void pooled(const char *pooling, int n, const double *params, const double *inputs,
                   double out[2], double d_params[2][64])
{
    kg_circuit *circuit = NULL;
    kg_observable *observable = NULL;
    char word[8];
    int readout = -1;
    assert_ok(kg_circuit_create(&circuit, n, err));
    assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find("angle"), err));
    assert_ok(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("u14"),
                                  kg_pooling_find(pooling), &readout, err));
    assert_ok(kg_observable_create(&observable, n, err));
    for (int k = 0; k < 2; k++) {
        snprintf(word, sizeof word, "%c%d", k ? 'X' : 'Z', readout);
        assert_ok(kg_observable_add(observable, k, 1.0, word, err));
    }
    assert_int_equal(deferred_width(circuit, (uint64_t)1 << readout), n);
    const kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    twin_plan plan = twin_plan_create(circuit, observable, &options);
    kg_plan_forward(plan.plan, params, 1, inputs, out, plan.ws);
    for (int k = 0; k < 2; k++) {
        const double d_out[2] = {k == 0, k == 1};
        memset(d_params[k], 0, sizeof d_params[k]);
        kg_plan_backward(plan.plan, params, 1, inputs, d_out, d_params[k], NULL, plan.ws);
    }
    twin_plan_destroy(&plan);
    kg_observable_destroy(observable);
    kg_circuit_destroy(circuit);
}

/* Measured pooling is deferred zx pooling; the other two are measured pooling where their first angle
 * is 0, which they have in front of its two. */
static void measured_poolings_meet_zx(void **state)
{
    (void)state;
    const char *const others[] = {"measure-entangle", "weak"};
    twin_rng rng = {near_seed(77)};
    for (int n = 2; n <= 8; n += 2) {
        double inputs[8];
        double zx[64];
        double three[64];
        double out[3][2];
        double slopes[3][2][64];
        const int n_stages = n > 4 ? 3 : n / 2;
        const int n_conv = 6 * n_stages;
        twin_fill(&rng, inputs, n, 0, 3);
        twin_fill(&rng, zx, n_conv + 2 * n_stages, -3, 3);
        memcpy(three, zx, sizeof three);
        for (int s = 0; s < n_stages; s++) {
            three[n_conv + 3 * s] = 0;
            three[n_conv + 3 * s + 1] = zx[n_conv + 2 * s];
            three[n_conv + 3 * s + 2] = zx[n_conv + 2 * s + 1];
        }
        pooled("zx", n, zx, inputs, out[0], slopes[0]);
        pooled("measure", n, zx, inputs, out[1], slopes[1]);
        for (int k = 0; k < 2; k++) {
            assert_near(out[1][k], out[0][k], 1e-12);
            for (int i = 0; i < n_conv + 2 * n_stages; i++) {
                assert_near(slopes[1][k][i], slopes[0][k][i], 1e-12);
            }
        }
        for (int o = 0; o < 2; o++) {
            pooled(others[o], n, three, inputs, out[2], slopes[2]);
            double strength = 0;
            for (int k = 0; k < 2; k++) {
                assert_near(out[2][k], out[0][k], 1e-12);
                for (int i = 0; i < n_conv; i++) {
                    assert_near(slopes[2][k][i], slopes[0][k][i], 1e-12);
                }
                strength = fmax(strength, fabs(slopes[2][k][n_conv]));
            }
            assert_true(strength > 1e-3); /* the first angle does something */
        }
    }
}

/* All measured rows alone, on two qubits in a general state, gate by gate from their text. */
static void measured_rows_agree_with_the_branches(void **state)
{
    (void)state;
    twin_rng rng = {near_seed(5)};
    const engine_list engines = exact_engines();
    const char *const rows[] = {"measure", "measure-entangle", "weak"};
    for (int r = 0; r < 3; r++) {
        char letters[N_OUTPUTS][MAX_QUBITS + 1];
        const int pair[2] = {0, 1};
        const int swapped[2] = {1, 0};
        const int a = 0;
        const int b = 1;
        const int one[2] = {0, 1};
        const int zero[2] = {0, 0};
        double angles[3];
        program *p = program_create(2);
        for (int q = 0; q < 2; q++) {
            twin_fill(&rng, angles, 3, -3, 3);
            add_gate(p, KG_GATE_U, &q, angles, 0, 0, NULL);
        }
        add_gate(p, KG_GATE_CRX, swapped, angles, 0, 0, NULL);
        twin_fill(&rng, angles, 3, -3, 3);
        if (r == 1) {
            add_gate(p, KG_GATE_RXX, pair, angles, 0, 0, NULL);
        } else if (r == 2) {
            add_gate(p, KG_GATE_CRY, swapped, angles, 0, 0, NULL);
        }
        add_measure(p, 0, 0);
        add_gate(p, KG_GATE_RZ, &b, angles + 1, 0, 0, one);
        add_gate(p, KG_GATE_RX, &b, angles + 2, 0, 0, zero);
        /* the same circuit by the row instead of its gates */
        kg_circuit *by_row = NULL;
        assert_ok(kg_circuit_create(&by_row, 2, err));
        const kg_slot u[3] = {KG_SLOT_OF_PARAM(0), KG_SLOT_OF_PARAM(1), KG_SLOT_OF_PARAM(2)};
        const kg_slot v[3] = {KG_SLOT_OF_PARAM(3), KG_SLOT_OF_PARAM(4), KG_SLOT_OF_PARAM(5)};
        const kg_slot w = KG_SLOT_OF_PARAM(6);
        assert_ok(kg_circuit_add_gate(by_row, KG_GATE_U, &a, u, err));
        assert_ok(kg_circuit_add_gate(by_row, KG_GATE_U, &b, v, err));
        assert_ok(kg_circuit_add_gate(by_row, KG_GATE_CRX, swapped, &w, err));
        assert_ok(kg_circuit_add_block(by_row, kg_pooling_find(rows[r]), pair, 7, err));
        kg_circuit_destroy(p->circuit);
        p->circuit = by_row;
        kg_observable *observable = observe(2, letters, &rng);
        check_program(p, observable, letters, &engines);
        kg_observable_destroy(observable);
        program_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs_agree_with_the_branches),
        cmocka_unit_test(fresh_qubits_are_few),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(shots_and_coherence),
        cmocka_unit_test(measured_poolings_meet_zx),
        cmocka_unit_test(measured_rows_agree_with_the_branches),
    };
    return cmocka_run_group_tests_name("grad/deferred", tests, NULL, NULL);
}
