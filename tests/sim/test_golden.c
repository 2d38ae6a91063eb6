/* SPDX-License-Identifier: Apache-2.0 */
/* Published numbers: the 8-qubit QCNN of Hur, Kim, Park (arXiv:2108.00661) with parameters 0.1, 0.2,
 * ..., computed once by two independent programs in other languages. The output is <Z> of qubit 4. */
#include "engines.h"

enum { N_QUBITS = 8, MAX_PARAMS = 64, MAX_INPUTS = 256 };

typedef struct golden {
    const char *ansatz, *pooling;
    double amplitude, angle, dense;
    double hde;   /* hde:4; NAN where not published */
    double slope; /* d<Z>/d(parameter 0) for the amplitude encoding; NAN where not published */
    int n_params;
} golden;

static const golden rows[] = {
    /* clang-format off */
    {"ttn", "zx",    0.203874330027,  0.148328164770,  0.098565368299,  0.166597980799, -0.296752537, 12},
    {"u9",  "zx",    0.026250331834, -0.039931523699, -0.055706715539,  0.007784811444, -0.090378165, 12},
    {"u15", "zx",   -0.000306089111,  0.038674163018,  0.040069474698,  0.030957284426,  0.290337594, 18},
    {"u13", "zx",    0.072064098117,  0.038379805581, -0.161142359487,  0.013039635894,  0.147211194, 24},
    {"u14", "zx",    0.070787379357, -0.233365152582, -0.308681209898,  0.130177720756,  0.451810513, 24},
    {"so4", "zx",   -0.208369657684, -0.376187574678, -0.183205374592, -0.227838351483, -0.466358417, 24},
    {"u5",  "zx",    0.130475722445, -0.005884332624, -0.022926081997,  0.127024514537,  0.278341004, 36},
    {"u6",  "zx",    0.030722502740, -0.122975051404, -0.113780713181, -0.008828801119,  0.252028519, 36},
    {"su4", "zx",   -0.175345993067, -0.043379470191, -0.085035569735, -0.156841909875,  0.120837700, 51},
    {"su4", "none",  0.055314203540,  0.192609306753,  0.162275529199,     (double)NAN,  (double)NAN, 45},
    {"ttn", "none",  0.367985392144, -0.012387531478,  0.179597963801,     (double)NAN,  (double)NAN, 6},
    /* clang-format on */
};

/* Half a unit of the last printed digit, and what rounding adds: 250 gates of a few eps. In f32 33
 * fused blocks of eps = 6e-8 each, as a random walk and with room: 2e-6, gradients 1e-5. */
static void check_row(const engine_config *config, const golden *row, const char *encoding,
                      double expected, double slope)
{
    double params[MAX_PARAMS], inputs[MAX_INPUTS], out, one = 1.0, d_params[MAX_PARAMS] = {0.0};
    const kg_encoding *enc = kg_encoding_find(encoding);
    kg_circuit *circuit = NULL;
    kg_observable *z = NULL;
    int readout = -1;
    assert_ok(kg_circuit_create(&circuit, N_QUBITS, err));
    assert_ok(kg_circuit_add_encoding(circuit, enc, err));
    assert_ok(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find(row->ansatz),
                                  kg_pooling_find(row->pooling), &readout, err));
    assert_int_equal(readout, 4);
    assert_int_equal(kg_circuit_n_params(circuit), row->n_params);
    for (int i = 0; i < MAX_PARAMS; i++) {
        params[i] = 0.1 * (i + 1);
    }
    for (int i = 0; i < MAX_INPUTS; i++) {
        inputs[i] = 0.1 * (i + 1); /* the scale of amplitudes does not count */
    }
    assert_ok(kg_observable_create(&z, N_QUBITS, err));
    assert_ok(kg_observable_add(z, 0, 1.0, "Z4", err));
    twin_plan p = engines_plan(config, circuit, z);
    kg_plan_forward(p.plan, params, 1, inputs, &out, p.ws);
    const int f64 = engines_is_f64(config);
    engines_near(config, row->ansatz, out, expected, f64 ? 5e-13 + 1e-14 : 2e-6);
    if (!isnan(slope)) {
        kg_plan_backward(p.plan, params, 1, inputs, &one, d_params, NULL, p.ws);
        engines_near(config, row->ansatz, d_params[0], slope, f64 ? 5e-10 + 1e-14 : 1e-5);
    }
    twin_plan_destroy(&p);
    kg_observable_destroy(z);
    kg_circuit_destroy(circuit);
}

static void check_values_of_the_qcnn(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    for (int e = 0; e < engines.n; e++) {
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            check_row(&engines.config[e], &rows[r], "amplitude", rows[r].amplitude, rows[r].slope);
            check_row(&engines.config[e], &rows[r], "angle", rows[r].angle, (double)NAN);
            check_row(&engines.config[e], &rows[r], "dense", rows[r].dense, (double)NAN);
            if (!isnan(rows[r].hde)) {
                check_row(&engines.config[e], &rows[r], "hde:4", rows[r].hde, (double)NAN);
            }
        }
    }
}

/* The zx pooling block alone: RY(0.7) on the control, RY(1.1) on the target, then the block with 0.4
 * and 0.9; by its gates and by its row in the table. */
static void pooling_block(void **state)
{
    (void)state;
    const engine_list engines = engines_of_networks();
    const int qubits[2] = {0, 1};
    for (int by_row = 0; by_row < 2; by_row++) {
        const double params[4] = {0.4, 0.9, 0.7, 1.1};
        twin *t = twin_create(2);
        twin_param(t, KG_GATE_RY, 0, 0, 2);
        twin_param(t, KG_GATE_RY, 1, 0, 3);
        if (by_row) {
            assert_ok(kg_circuit_add_block(t->circuit, kg_pooling_find("zx"), qubits, 0, err));
        } else {
            twin_param(t, KG_GATE_CRZ, 0, 1, 0);
            twin_fixed(t, KG_GATE_X, 0, 0);
            twin_param(t, KG_GATE_CRX, 0, 1, 1);
        }
        kg_observable *z = NULL;
        assert_ok(kg_observable_create(&z, 2, err));
        assert_ok(kg_observable_add(z, 0, 1.0, "Z1", err));
        for (int e = 0; e < engines.n; e++) {
            const engine_config *config = &engines.config[e];
            double out;
            twin_plan p = engines_plan(config, t->circuit, z);
            kg_plan_forward(p.plan, params, 1, NULL, &out, p.ws);
            engines_near(config, "<Z_target>", out, 0.302140673305,
                         engines_is_f64(config) ? 5e-13 + 1e-15 : 5e-7);
            twin_plan_destroy(&p);
        }
        kg_observable_destroy(z);
        twin_destroy(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_values_of_the_qcnn),
        cmocka_unit_test(pooling_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
