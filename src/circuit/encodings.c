/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings: how features enter a circuit (Hur, Kim, Park, arXiv:2108.00661, Section 2.3).
 *
 * To add an encoding: one row and one function that appends it. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

struct kg_encoding {
    const char *name;
    const char *help;
    int takes_angles;
    int (*n_inputs)(int n_qubits); /* 0 if it cannot be used with so many */
    kg_status (*add)(kg_circuit *circuit, kg_error *err);
};

/* The paper counts from the left: feature index i has qubit 0 as its *most* significant bit, so
 * the least significant bit of i, which comes first in the list, is the last qubit. */
static kg_status add_amplitude(kg_circuit *circuit, kg_error *err)
{
    int qubits[KG_MAX_QUBITS];
    const int n = circuit->n_qubits;
    for (int i = 0; i < n; i++) {
        qubits[i] = n - 1 - i;
    }
    return kg_circuit_add_amplitudes(circuit, n, qubits, 0, err);
}

/* gate(x[first_input + q]) on every qubit q */
static kg_status rotate_all(kg_circuit *circuit, kg_gate gate, int first_input, kg_error *err)
{
    kg_status status = KG_OK;
    for (int q = 0; q < circuit->n_qubits && !status; q++) {
        const kg_slot slot = KG_SLOT_OF_INPUT(first_input + q);
        status = kg_circuit_add_gate(circuit, gate, &q, &slot, err);
    }
    return status;
}

static kg_status add_angle(kg_circuit *circuit, kg_error *err)
{
    return rotate_all(circuit, KG_GATE_RY, 0, err);
}

static kg_status add_dense(kg_circuit *circuit, kg_error *err)
{
    const kg_status status = rotate_all(circuit, KG_GATE_RX, 0, err);
    return status ? status : rotate_all(circuit, KG_GATE_RY, circuit->n_qubits, err);
}

static int n_amplitudes(int n_qubits)
{
    return n_qubits >= 1 && n_qubits <= 30 ? 1 << n_qubits : 0;
}

static int n_angles(int n_qubits)
{
    return n_qubits >= 1 && n_qubits <= KG_MAX_QUBITS ? n_qubits : 0;
}

static int n_dense(int n_qubits)
{
    return 2 * n_angles(n_qubits);
}

static const kg_encoding encodings[] = {
    /* clang-format off */
    {"amplitude", "2^n features as amplitudes, divided by their norm.",    0, n_amplitudes, add_amplitude},
    {"angle",     "n features: RY(x_q) on qubit q.",                       1, n_angles,     add_angle},
    {"dense",     "2 n features: RX(x_q), then RY(x_{n+q}) on qubit q.",   1, n_dense,      add_dense},
    /* clang-format on */
};

enum { N_ENCODINGS = sizeof encodings / sizeof encodings[0] };

const kg_encoding *kg_encoding_get(int i)
{
    return i >= 0 && i < N_ENCODINGS ? &encodings[i] : NULL;
}

const kg_encoding *kg_encoding_find(const char *name)
{
    for (int i = 0; i < N_ENCODINGS; i++) {
        if (strcmp(encodings[i].name, name) == 0) {
            return &encodings[i];
        }
    }
    return NULL;
}

const char *kg_encoding_name(const kg_encoding *encoding)
{
    return encoding->name;
}

const char *kg_encoding_help(const kg_encoding *encoding)
{
    return encoding->help;
}

int kg_encoding_n_inputs(const kg_encoding *encoding, int n_qubits)
{
    return encoding->n_inputs(n_qubits);
}

int kg_encoding_takes_angles(const kg_encoding *encoding)
{
    return encoding->takes_angles;
}

kg_status kg_circuit_add_encoding(kg_circuit *circuit, const kg_encoding *encoding, kg_error *err)
{
    if (encoding->n_inputs(circuit->n_qubits) == 0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "encoding \"%s\" is not defined for %d qubits",
                        encoding->name, circuit->n_qubits);
    }
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    kg_status status = kg_circuit_begin_layer(circuit, "encode", err);
    if (!status) {
        status = encoding->add(circuit, err);
    }
    if (status) {
        kgi_circuit_rewind(circuit, &before);
    }
    return status;
}
