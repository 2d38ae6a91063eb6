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
    int block;              /* qubits that are encoded together; 0: all of them */
    int is_hybrid;          /* its blocks can be arranged in several ways */
    int (*n_inputs)(int n); /* 0 if it cannot be used with so many qubits */
    kg_status (*add_block)(kg_circuit *circuit, const int *qubits, int n, int first_input,
                           kg_error *err);
};

/* ---- blocks --------------------------------------------------------------------------------- */

/* The paper counts from the left: feature index i has the first qubit as its *most* significant bit,
 * so the least significant bit of i, which comes first in the list, is the last qubit. */
static kg_status add_amplitudes(kg_circuit *circuit, const int *qubits, int n, int first_input,
                                kg_error *err)
{
    int reversed[KG_MAX_QUBITS];
    for (int i = 0; i < n; i++) {
        reversed[i] = qubits[n - 1 - i];
    }
    return kg_circuit_add_amplitudes(circuit, n, reversed, first_input, err);
}

static kg_status rotate(kg_circuit *circuit, kg_gate gate, int qubit, int input, kg_error *err)
{
    const kg_slot slot = KG_SLOT_OF_INPUT(input);
    return kg_circuit_add_gate(circuit, gate, &qubit, &slot, err);
}

static kg_status add_angles(kg_circuit *circuit, const int *qubits, int n, int first_input,
                            kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; i < n && !status; i++) {
        status = rotate(circuit, KG_GATE_RY, qubits[i], first_input + i, err);
    }
    return status;
}

static kg_status add_dense(kg_circuit *circuit, const int *qubits, int n, int first_input,
                           kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; i < n && !status; i++) {
        status = rotate(circuit, KG_GATE_RX, qubits[i], first_input + i, err);
    }
    return status ? status : add_angles(circuit, qubits, n, first_input + n, err);
}

/* RY(x0) on the first qubit, then on the second RY(x1) where the first is 0 and RY(x2) where it is 1:
 * every real state of two qubits, with the angles themselves as features. */
static kg_status add_angle_pair(kg_circuit *circuit, const int *qubits, int first_input,
                                kg_error *err)
{
    kg_status status = rotate(circuit, KG_GATE_RY, qubits[0], first_input, err);
    for (int on = 0; on < 2 && !status; on++) {
        const kg_slot slot = KG_SLOT_OF_INPUT(first_input + 1 + on);
        if (!on) {
            status = kg_circuit_add_gate(circuit, KG_GATE_X, qubits, NULL, err);
        }
        if (!status) {
            status = kg_circuit_add_gate(circuit, KG_GATE_CRY, qubits, &slot, err);
        }
        if (!on && !status) {
            status = kg_circuit_add_gate(circuit, KG_GATE_X, qubits, NULL, err);
        }
    }
    return status;
}

/* Qubit k after the first two: 2^k times RY, each followed by a CX from an earlier qubit, in the order
 * of a Gray code (for k = 3 from 2, 1, 2, 0, 2, 1, 2, 0). It is the circuit of a multiplexed RY, but the
 * angles are the features as they are, not transformed to those of the multiplexer. */
static kg_status add_angle_tree(kg_circuit *circuit, const int *qubits, int n, int first_input,
                                kg_error *err)
{
    kg_status status = add_angle_pair(circuit, qubits, first_input, err);
    int input = first_input + 3;
    for (int k = 2; k < n; k++) {
        for (int j = 1; j <= 1 << k && !status; j++) {
            const int step = __builtin_ctz((unsigned)j);
            const int pair[2] = {qubits[step < k ? k - 1 - step : 0], qubits[k]};
            status = rotate(circuit, KG_GATE_RY, qubits[k], input++, err);
            if (!status) {
                status = kg_circuit_add_gate(circuit, KG_GATE_CX, pair, NULL, err);
            }
        }
    }
    return status;
}

/* ---- counts --------------------------------------------------------------------------------- */

static int n_amplitudes(int n)
{
    return n >= 1 && n <= 30 ? 1 << n : 0;
}

static int n_angles(int n)
{
    return n >= 1 && n <= KG_MAX_QUBITS ? n : 0;
}

static int n_dense(int n)
{
    return 2 * n_angles(n);
}

static int n_hde2(int n)
{
    return n % 2 == 0 ? 2 * n_angles(n) : 0; /* 4 on each pair */
}

static int n_hde4(int n)
{
    return n % 4 == 0 ? 4 * n_angles(n) : 0; /* 16 on each four */
}

static int n_hae2(int n)
{
    return n % 2 == 0 ? n_angles(n) / 2 * 3 : 0;
}

static int n_hae4(int n)
{
    return n % 4 == 0 ? n_angles(n) / 4 * 15 : 0;
}

/* ---- the tables ----------------------------------------------------------------------------- */

static const kg_encoding encodings[] = {
    /* clang-format off */
    {"amplitude", "2^n features as amplitudes, divided by their norm.",
     0, 0, 0, n_amplitudes, add_amplitudes},
    {"angle",     "n features: RY(x_q) on qubit q.",
     1, 1, 0, n_angles, add_angles},
    {"dense",     "2 n features: RX(x_q), then RY(x_{n+q}) on qubit q.",
     1, 1, 0, n_dense, add_dense},
    {"hde:2",     "Hybrid direct: 4 features as amplitudes of every 2 qubits.",
     0, 2, 1, n_hde2, add_amplitudes},
    {"hde:4",     "Hybrid direct: 16 features as amplitudes of every 4 qubits.",
     0, 4, 1, n_hde4, add_amplitudes},
    {"hae:2",     "Hybrid angle: 3 angles of controlled RY on every 2 qubits.",
     1, 2, 1, n_hae2, add_angle_tree},
    {"hae:4",     "Hybrid angle: 15 angles of a Gray code of RY and CX on every 4 qubits.",
     1, 4, 1, n_hae4, add_angle_tree},
    /* clang-format on */
};

enum { ARRANGED_QUBITS = 8, N_ARRANGEMENTS = 4 };

/* How blocks of 2 and 4 lie on eight qubits: each run of 2 or 4 is a block, first qubit first. */
static const struct {
    int block;
    int qubits[N_ARRANGEMENTS][ARRANGED_QUBITS];
} arrangements[] = {
    {2,
     {{0, 1, 2, 3, 4, 5, 6, 7},
      {0, 4, 1, 5, 2, 6, 3, 7},
      {0, 7, 1, 6, 2, 5, 3, 4},
      {0, 2, 1, 3, 4, 6, 5, 7}}},
    {4,
     {{0, 1, 2, 3, 4, 5, 6, 7},
      {0, 2, 4, 6, 1, 3, 5, 7},
      {0, 1, 6, 7, 2, 3, 4, 5},
      {0, 3, 4, 7, 1, 2, 5, 6}}},
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

int kg_encoding_block_qubits(const kg_encoding *encoding)
{
    return encoding->block;
}

int kg_encoding_n_arrangements(const kg_encoding *encoding, int n_qubits)
{
    if (encoding->n_inputs(n_qubits) == 0) {
        return 0;
    }
    return encoding->is_hybrid && n_qubits == ARRANGED_QUBITS ? N_ARRANGEMENTS : 1;
}

/* The circuit's qubits, block after block. */
static void arrange(const kg_encoding *encoding, int n, int arrangement, int qubits[KG_MAX_QUBITS])
{
    for (int q = 0; q < n; q++) {
        qubits[q] = q;
    }
    for (size_t i = 0; arrangement > 1 && i < sizeof arrangements / sizeof *arrangements; i++) {
        if (arrangements[i].block == encoding->block) {
            memcpy(qubits, arrangements[i].qubits[arrangement - 1],
                   sizeof arrangements[i].qubits[0]);
        }
    }
}

static kg_status check_arrangement(const kg_encoding *encoding, int n, int arrangement,
                                   kg_error *err)
{
    const int most = kg_encoding_n_arrangements(encoding, n);
    if (most == 0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "encoding \"%s\" is not defined for %d qubits",
                        encoding->name, n);
    }
    if (arrangement < 1 || arrangement > N_ARRANGEMENTS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "arrangement is %d, not in [1, %d]", arrangement,
                        N_ARRANGEMENTS);
    }
    if (arrangement > 1 && !encoding->is_hybrid) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "arrangement is %d, but encoding \"%s\" has no blocks to arrange",
                        arrangement, encoding->name);
    }
    if (arrangement > most) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "arrangement %d of encoding \"%s\" is defined for %d qubits, not for %d",
                        arrangement, encoding->name, ARRANGED_QUBITS, n);
    }
    return KG_OK;
}

kg_status kg_circuit_add_arranged(kg_circuit *circuit, const kg_encoding *encoding, int arrangement,
                                  kg_error *err)
{
    const int n = circuit->n_qubits;
    kg_status status = check_arrangement(encoding, n, arrangement, err);
    if (status) {
        return status;
    }
    int qubits[KG_MAX_QUBITS];
    arrange(encoding, n, arrangement, qubits);
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    status = kg_circuit_begin_layer(circuit, "encode", err);
    /* blocks of one qubit stand together, so that "dense" is a column of RX and one of RY */
    const int block = encoding->block > 1 ? encoding->block : n;
    const int n_inputs = encoding->n_inputs(block);
    for (int first = 0, input = 0; first < n && !status; first += block, input += n_inputs) {
        status = encoding->add_block(circuit, qubits + first, block, input, err);
    }
    if (status) {
        kgi_circuit_rewind(circuit, &before);
    }
    return status;
}

kg_status kg_circuit_add_encoding(kg_circuit *circuit, const kg_encoding *encoding, kg_error *err)
{
    return kg_circuit_add_arranged(circuit, encoding, 1, err);
}
