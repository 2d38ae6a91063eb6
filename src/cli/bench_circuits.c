/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark runs: the quantum convolutional network of Hur, Kim and Park (arXiv:2108.00661)
 * with SU(4) blocks, ZX pooling, angle encoding and <Z> of the last qubit; and, for large states, four
 * layers of RY and RZ on every qubit and a ladder of CX, with <Z> of the last qubit too. */
#include <stdio.h>

#include "bench.h"

enum { NAME_SIZE = 64, LAYERS = 4 };

static kg_status measure_qubit(const bench_case *wanted, kg_observable **observable, int qubit,
                               kg_error *err)
{
    char word[16];
    kg_status status = kg_observable_create(observable, wanted->qubits, err);
    if (!status) {
        (void)snprintf(word, sizeof word, "Z%d", qubit);
        status = kg_observable_add(*observable, 0, 1.0, word, err);
    }
    return status;
}

static kg_status add_network(kg_circuit *circuit, int *readout, kg_error *err)
{
    kg_status status = kg_circuit_add_encoding(circuit, kg_encoding_find("angle"), err);
    if (!status) {
        status = kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                     kg_pooling_find("zx"), readout, err);
    }
    return status;
}

static kg_status add_layer(kg_circuit *circuit, int n_qubits, int *param, kg_error *err)
{
    kg_status status = KG_OK;
    for (int q = 0; q < n_qubits && !status; q++) {
        const kg_slot y = KG_SLOT_OF_PARAM(*param);
        const kg_slot z = KG_SLOT_OF_PARAM(*param + 1);
        status = kg_circuit_add_gate(circuit, KG_GATE_RY, &q, &y, err);
        if (!status) {
            status = kg_circuit_add_gate(circuit, KG_GATE_RZ, &q, &z, err);
        }
        *param += 2;
    }
    for (int q = 0; q + 1 < n_qubits && !status; q++) {
        const int pair[2] = {q, q + 1};
        status = kg_circuit_add_gate(circuit, KG_GATE_CX, pair, NULL, err);
    }
    return status;
}

kg_status bench_circuit(const bench_case *wanted, kg_circuit **circuit, kg_observable **observable,
                        char *name, kg_error *err)
{
    int readout = wanted->qubits - 1;
    int param = 0;
    kg_status status = kg_circuit_create(circuit, wanted->qubits, err);
    if (bench_is_state(wanted->task)) {
        (void)snprintf(name, NAME_SIZE, "%d layers of ry, rz, cx", LAYERS);
        for (int layer = 0; layer < LAYERS && !status; layer++) {
            status = add_layer(*circuit, wanted->qubits, &param, err);
        }
    } else {
        (void)snprintf(name, NAME_SIZE, "qcnn-ring-su4-zx-angle");
        if (!status) {
            status = add_network(*circuit, &readout, err);
        }
    }
    return status ? status : measure_qubit(wanted, observable, readout, err);
}
