/* SPDX-License-Identifier: Apache-2.0 */
/* The QCNN with every encoding, arrangement, wiring and size against circuits that are written down here
 * once more, from the paper's drawings and formulas, and run by the oracle. */
#include "engines.h"

#include <ketgrad/grad.h>

enum { MAX_QUBITS = 16, MAX_INPUTS = 256, MAX_PARAMS = 128 };

/* A state under the oracle's hands. */
typedef struct oracle {
    double complex *psi;
    int n;
    const double *params;
} oracle;

static void gate1(oracle *o, const char *name, int q, double angle)
{
    ref_apply(o->psi, o->n, name, &q, &angle, 0, 0);
}

static void gate2(oracle *o, const char *name, int a, int b, double angle)
{
    const int qubits[2] = {a, b};
    ref_apply(o->psi, o->n, name, qubits, &angle, 0, 0);
}

/* ---- encodings ------------------------------------------------------------------------------------- */

/* Blocks as the paper numbers its arrangements, first wire first. */
static const int fours[4][2][4] = {{{0, 1, 2, 3}, {4, 5, 6, 7}},
                                   {{0, 2, 4, 6}, {1, 3, 5, 7}},
                                   {{0, 1, 6, 7}, {2, 3, 4, 5}},
                                   {{0, 3, 4, 7}, {1, 2, 5, 6}}};
static const int pairs[4][4][2] = {{{0, 1}, {2, 3}, {4, 5}, {6, 7}},
                                   {{0, 4}, {1, 5}, {2, 6}, {3, 7}},
                                   {{0, 7}, {1, 6}, {2, 5}, {3, 4}},
                                   {{0, 2}, {1, 3}, {4, 6}, {5, 7}}};

/* |x> / |x|, the first wire being the most significant bit of the feature's number. */
static void encode_amplitudes(oracle *o, int m, const int *wires, const double *x)
{
    int reversed[4];
    for (int i = 0; i < m; i++) {
        reversed[i] = wires[m - 1 - i];
    }
    ref_amplitudes(o->psi, o->n, m, reversed, x);
}

static void encode_angle_pair(oracle *o, const int *w, const double *x)
{
    gate1(o, "ry", w[0], x[0]);
    gate1(o, "x", w[0], 0);
    gate2(o, "cry", w[0], w[1], x[1]);
    gate1(o, "x", w[0], 0);
    gate2(o, "cry", w[0], w[1], x[2]);
}

static void encode_angle_four(oracle *o, const int *w, const double *x)
{
    const int third[4] = {1, 0, 1, 0};
    const int fourth[8] = {2, 1, 2, 0, 2, 1, 2, 0};
    encode_angle_pair(o, w, x);
    for (int j = 0; j < 4; j++) {
        gate1(o, "ry", w[2], x[3 + j]);
        gate2(o, "cx", w[third[j]], w[2], 0);
    }
    for (int j = 0; j < 8; j++) {
        gate1(o, "ry", w[3], x[7 + j]);
        gate2(o, "cx", w[fourth[j]], w[3], 0);
    }
}

/* Wires of block b in an arrangement; sizes other than eight have the first one only. */
static void block_wires(int n, int size, int arrangement, int b, int *wires)
{
    for (int i = 0; i < size; i++) {
        wires[i] = n != 8      ? size * b + i
                   : size == 4 ? fours[arrangement - 1][b][i]
                               : pairs[arrangement - 1][b][i];
    }
}

static void encode(oracle *o, const char *encoding, int arrangement, const double *x)
{
    const int is_amplitude = encoding[1] == 'd';
    int wires[4];
    if (strchr(encoding, ':')) {
        const int size = encoding[4] - '0';
        for (int b = 0; b < o->n / size; b++) {
            block_wires(o->n, size, arrangement, b, wires);
            if (is_amplitude) {
                encode_amplitudes(o, size, wires, x + (b << size));
            } else if (size == 2) {
                encode_angle_pair(o, wires, x + 3 * b);
            } else {
                encode_angle_four(o, wires, x + 15 * b);
            }
        }
        return;
    }
    for (int q = 0; q < o->n; q++) {
        gate1(o, "ry", q, x[q]);
    }
}

/* ---- circuits -------------------------------------------------------------------------------------- */

static void block_ttn(oracle *o, int a, int b, int p)
{
    gate1(o, "ry", a, o->params[p]);
    gate1(o, "ry", b, o->params[p + 1]);
    gate2(o, "cx", a, b, 0);
}

static void block_u14(oracle *o, int a, int b, int p)
{
    const double *t = o->params + p;
    gate1(o, "ry", a, t[0]);
    gate1(o, "ry", b, t[1]);
    gate2(o, "crx", b, a, t[2]);
    gate1(o, "ry", a, t[3]);
    gate1(o, "ry", b, t[4]);
    gate2(o, "crx", a, b, t[5]);
}

static void block_su4(oracle *o, int a, int b, int p)
{
    const double *t = o->params + p;
    const int qubits[2] = {a, b};
    ref_apply(o->psi, o->n, "u", &qubits[0], t, 0, 0);
    ref_apply(o->psi, o->n, "u", &qubits[1], t + 3, 0, 0);
    gate2(o, "cx", a, b, 0);
    gate1(o, "ry", a, t[6]);
    gate1(o, "rz", b, t[7]);
    gate2(o, "cx", b, a, 0);
    gate1(o, "ry", a, t[8]);
    gate2(o, "cx", a, b, 0);
    ref_apply(o->psi, o->n, "u", &qubits[0], t + 9, 0, 0);
    ref_apply(o->psi, o->n, "u", &qubits[1], t + 12, 0, 0);
}

typedef void (*block)(oracle *o, int a, int b, int p);

/* Pooling of the paper: RZ of the kept qubit where the other is 1, RX where it is 0. The flip of the
 * discarded qubit, which nobody sees, is left out. */
static void pool_zx(oracle *o, int discarded, int kept, int p)
{
    const uint64_t on = (uint64_t)1 << discarded;
    ref_apply(o->psi, o->n, "rz", &kept, &o->params[p], on, on);
    ref_apply(o->psi, o->n, "rx", &kept, &o->params[p + 1], on, 0);
}

/* The ring with its qubits listed; returns the qubit that is read out. k: parameters of a block. */
static int run_ring(oracle *o, block conv, int k, int is_open)
{
    int list[MAX_QUBITS];
    int n = o->n;
    int n_stages = 0;
    for (int i = 0; i < n; i++) {
        list[i] = i;
    }
    for (int m = n; m > 1; m = (m + 1) / 2) {
        n_stages++;
    }
    for (int stage = 0; n > 1; stage++) {
        int kept[MAX_QUBITS];
        int n_kept = 0;
        const int p = k * n_stages + 2 * stage;
        if (n > 2 && !is_open) {
            conv(o, list[0], list[n - 1], k * stage);
        }
        for (int i = 0; i + 1 < n; i += 2) {
            conv(o, list[i], list[i + 1], k * stage);
        }
        for (int i = 1; i + 1 < n; i += 2) {
            conv(o, list[i], list[i + 1], k * stage);
        }
        if (n == 2) {
            pool_zx(o, list[0], list[1], p);
            return list[1];
        }
        for (int i = 0; i < n; i += 2) {
            if (i + 1 < n) {
                pool_zx(o, list[i + 1], list[i], p);
            }
            kept[n_kept++] = list[i];
        }
        memcpy(list, kept, sizeof kept);
        n = n_kept;
    }
    return list[0];
}

/* For eight qubits, written out. */
static int run_chain8(oracle *o, block conv, int k)
{
    const int rows[][3] = {{0, 1, 0}, {2, 3, 0}, {4, 5, 0}, {6, 7, 0}, {1, 2, 0},
                           {3, 4, 0}, {5, 6, 0}, {2, 3, 1}, {4, 5, 1}, {3, 4, 2}};
    for (int i = 0; i < 10; i++) {
        conv(o, rows[i][0], rows[i][1], k * rows[i][2]);
    }
    return 4;
}

static int run_tree8(oracle *o, block conv, int k)
{
    const int rows[][2] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {1, 3}, {5, 7}, {3, 7}};
    for (int i = 0; i < 7; i++) {
        conv(o, rows[i][0], rows[i][1], k * i);
    }
    return 7;
}

/* ---- comparing ------------------------------------------------------------------------------------- */

typedef struct setup {
    int n;
    const char *encoding;
    int arrangement;
    const char *wiring;
    const char *ansatz;
} setup;

static double oracle_value(const setup *s, const double *params, const double *x, int *readout)
{
    oracle o = {calloc((size_t)1 << s->n, sizeof *o.psi), s->n, params};
    char letters[MAX_QUBITS + 1];
    const block conv = strcmp(s->ansatz, "su4") == 0   ? block_su4
                       : strcmp(s->ansatz, "u14") == 0 ? block_u14
                                                       : block_ttn;
    const int k = conv == block_su4 ? 15 : conv == block_u14 ? 6 : 2;
    assert_non_null(o.psi);
    ref_zero(o.psi, s->n);
    encode(&o, s->encoding, s->arrangement, x);
    *readout = strcmp(s->wiring, "chain") == 0  ? run_chain8(&o, conv, k)
               : strcmp(s->wiring, "tree") == 0 ? run_tree8(&o, conv, k)
                                                : run_ring(&o, conv, k, s->wiring[0] == 'o');
    memset(letters, 'I', (size_t)s->n);
    letters[s->n] = '\0';
    letters[*readout] = 'Z';
    const double value = ref_pauli(o.psi, s->n, letters);
    free(o.psi);
    return value;
}

static kg_circuit *make_circuit(const setup *s, kg_observable **z, int *readout)
{
    kg_circuit *circuit = NULL;
    char word[8];
    const kg_wiring *wiring = kg_wiring_find(s->wiring);
    assert_ok(kg_circuit_create(&circuit, s->n, err));
    assert_ok(kg_circuit_add_arranged(circuit, kg_encoding_find(s->encoding), s->arrangement, err));
    assert_ok(kg_circuit_add_qcnn(circuit, wiring, kg_ansatz_find(s->ansatz),
                                  kg_wiring_pools(wiring) ? kg_pooling_find("zx") : NULL, readout,
                                  err));
    snprintf(word, sizeof word, "Z%d", *readout);
    assert_ok(kg_observable_create(z, s->n, err));
    assert_ok(kg_observable_add(*z, 0, 1.0, word, err));
    return circuit;
}

/* Derivatives by parameters and by inputs: parameter shift is exact where inputs are angles; five-point
 * differences with h = 1e-3 leave 1e-11 where they are amplitudes. */
static void check_gradients(const engine_config *config, const setup *s, const kg_circuit *circuit,
                            const kg_observable *z, const double *params, const double *x)
{
    double d_params[MAX_PARAMS] = {0};
    double d_inputs[MAX_INPUTS] = {0};
    double shifted[MAX_PARAMS];
    double other[MAX_INPUTS];
    const double one = 1;
    const int is_angle = kg_encoding_takes_angles(kg_encoding_find(s->encoding));
    twin_plan p = engines_plan(config, circuit, z);
    kg_plan_backward(p.plan, params, 1, x, &one, d_params, d_inputs, p.ws);
    assert_ok(
        kg_grad_shift(circuit, z, params, x, NULL, NULL, shifted, is_angle ? other : NULL, err));
    if (!is_angle) {
        assert_ok(kg_grad_differences(circuit, z, params, x, 0, NULL, other, err));
    }
    for (int i = 0; i < kg_circuit_n_params(circuit); i++) {
        engines_near(config, s->encoding, d_params[i], shifted[i], 1e-12);
    }
    for (int i = 0; i < kg_circuit_n_inputs(circuit); i++) {
        engines_near(config, s->encoding, d_inputs[i], other[i], is_angle ? 1e-12 : 1e-10);
    }
    twin_plan_destroy(&p);
}

static void check(const setup *s, const engine_list *engines, int with_gradients)
{
    double params[MAX_PARAMS];
    double x[MAX_INPUTS];
    int expected_readout = -1;
    int readout = -1;
    kg_observable *z = NULL;
    for (int i = 0; i < MAX_PARAMS; i++) {
        params[i] = 0.1 * (i + 1) + 0.05 * sin(i);
    }
    for (int i = 0; i < MAX_INPUTS; i++) {
        x[i] = cos(1.3 * i + 0.2) + 0.1; /* amplitudes of both signs */
    }
    kg_circuit *circuit = make_circuit(s, &z, &readout);
    const double expected = oracle_value(s, params, x, &expected_readout);
    assert_int_equal(readout, expected_readout);
    assert_true(kg_circuit_n_params(circuit) <= MAX_PARAMS);
    assert_true(kg_circuit_n_inputs(circuit) <= MAX_INPUTS);
    assert_true(fabs(expected) > 1e-6); /* else nothing would be compared */
    for (int e = 0; e < engines->n; e++) {
        const engine_config *config = &engines->config[e];
        double out = 0;
        twin_plan p = engines_plan(config, circuit, z);
        kg_plan_forward(p.plan, params, 1, x, &out, p.ws);
        engines_near(config, s->encoding, out, expected, engines_is_f64(config) ? 1e-12 : 2e-6);
        twin_plan_destroy(&p);
        if (with_gradients && engines_is_f64(config) && config->options.fuse) {
            check_gradients(config, s, circuit, z, params, x);
        }
    }
    kg_observable_destroy(z);
    kg_circuit_destroy(circuit);
}

static void every_arrangement_is_the_papers(void **state)
{
    (void)state;
    const char *const encodings[] = {"hde:2", "hde:4", "hae:2", "hae:4"};
    const engine_list engines = engines_of_networks();
    for (int e = 0; e < 4; e++) {
        for (int a = 1; a <= 4; a++) {
            const setup s = {8, encodings[e], a, "ring", "su4"};
            check(&s, &engines, a == 1 || a == 3);
        }
    }
}

static void every_wiring_is_the_papers(void **state)
{
    (void)state;
    const char *const encodings[] = {"angle", "hae:4", "hde:2"};
    const char *const wirings[] = {"ring", "open", "chain", "tree"};
    const engine_list engines = engines_of_networks();
    for (int e = 0; e < 3; e++) {
        for (int w = 0; w < 4; w++) {
            const setup s = {8, encodings[e], 1, wirings[w], w == 1 ? "ttn" : "u14"};
            check(&s, &engines, 1);
        }
    }
}

/* The reference is slow on many qubits, and one kernel set is enough. */
static void other_sizes_follow_the_rule(void **state)
{
    (void)state;
    const setup setups[] = {
        {4, "hae:4", 1, "ring", "u14"},  {4, "hde:2", 1, "open", "su4"},
        {6, "hae:2", 1, "ring", "ttn"},  {10, "hde:2", 1, "open", "ttn"},
        {12, "hde:4", 1, "ring", "u14"}, {12, "hae:4", 1, "ring", "ttn"},
        {12, "angle", 1, "open", "ttn"}, {16, "hae:4", 1, "ring", "ttn"},
        {16, "hde:4", 1, "open", "ttn"},
    };
    engine_list one = {0};
    engines_add(&one, "tile", NULL, KG_PRECISION_F64, 1);
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++) {
        check(&setups[i], &one, setups[i].n <= 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_arrangement_is_the_papers),
        cmocka_unit_test(every_wiring_is_the_papers),
        cmocka_unit_test(other_sizes_follow_the_rule),
    };
    return cmocka_run_group_tests_name("grad/hybrid", tests, NULL, NULL);
}
