/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector engine on networks: every ansatz with every encoding, every pooling with every wiring,
 * against the tile engine and the naive reference, with which it shares no formula for values.
 *
 * Bars: f64 1e-12, f32 1e-5 per sample. Coefficients are sums of at most some thousand products of
 * numbers below 1, rounded at 1e-16 (f64) or, as features and matrix, at 6e-8 (f32). */
#include "pauli_case.h"

static const double f64_bar = 1e-12;
static const double f32_bar = 1e-5;

typedef struct network {
    char name[160];
    kg_circuit *circuit;
    kg_observable *observable;
} network;

/* 0 if the tables do not allow the combination. */
static int network_create(network *net, int n, const kg_encoding *encoding, int arrangement,
                          const kg_wiring *wiring, const kg_block *ansatz, const kg_block *pooling)
{
    int readout = 0;
    char word[16];
    *net = (network){.circuit = NULL};
    snprintf(net->name, sizeof net->name, "%d qubits %s:%d %s %s %s", n, kg_encoding_name(encoding),
             arrangement, kg_wiring_name(wiring), ansatz->name, pooling->name);
    assert_ok(kg_circuit_create(&net->circuit, n, err));
    if (kg_circuit_add_arranged(net->circuit, encoding, arrangement, NULL) ||
        kg_circuit_add_qcnn(net->circuit, wiring, ansatz, pooling, &readout, NULL)) {
        kg_circuit_destroy(net->circuit);
        return 0;
    }
    assert_ok(kg_observable_create(&net->observable, n, err));
    snprintf(word, sizeof word, "Z%d", readout);
    assert_ok(kg_observable_add(net->observable, 0, 1.0, word, err));
    return 1;
}

static void network_destroy(network *net)
{
    kg_circuit_destroy(net->circuit);
    kg_observable_destroy(net->observable);
}

static void network_check(network *net, twin_rng *rng, int n_batch, const char *oracle)
{
    pauli_case c =
        pauli_case_create(net->name, net->circuit, net->observable, n_batch, rng, oracle);
    kg_plan_options options = twin_options("pauli", NULL, KG_PRECISION_F64);
    pauli_case_check(&c, &options, f64_bar);
    options.fuse = 0;
    pauli_case_check(&c, &options, f64_bar);
    options = twin_options("pauli", NULL, KG_PRECISION_F32);
    pauli_case_check(&c, &options, f32_bar);
    pauli_case_destroy(&c);
}

static void every_ansatz_with_every_encoding(void **state)
{
    (void)state;
    twin_rng rng = {20260301};
    int n_checked = 0;
    for (int e = 0; kg_encoding_get(e); e++) {
        for (int a = 0; kg_ansatz_get(a); a++) {
            for (int n = 2; n <= 8; n += 2) {
                network net;
                if (network_create(&net, n, kg_encoding_get(e), 1, kg_wiring_find("ring"),
                                   kg_ansatz_get(a), kg_pooling_find("zx"))) {
                    network_check(&net, &rng, 3, n <= 4 ? "reference" : "tile");
                    network_destroy(&net);
                    n_checked++;
                }
            }
        }
    }
    assert_true(n_checked >= 9 * 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ansatz_with_every_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
