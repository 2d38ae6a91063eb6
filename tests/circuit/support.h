/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of circuits share: calls that must succeed or fail with a given text, small
 * matrices, and a run of a circuit through the oracle. */
#ifndef TESTS_CIRCUIT_SUPPORT_H
#define TESTS_CIRCUIT_SUPPORT_H

#include <complex.h>
#include <string.h>

#include "circuit/blocks.h"
#include "circuit/circuit.h"
#include "near.h"
#include "ref/ref.h"

/* The call names its error record `err`. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        kg_error record_ = {KG_OK, ""};                                                            \
        kg_error *err = &record_;                                                                  \
        if ((call) != KG_OK) {                                                                     \
            print_error("%s: %s\n", #call, record_.message);                                       \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

#define assert_fails(call, expected, text)                                                         \
    do {                                                                                           \
        kg_error record_ = {KG_OK, ""};                                                            \
        kg_error *err = &record_;                                                                  \
        assert_int_equal((call), (expected));                                                      \
        assert_int_equal(record_.status, (expected));                                              \
        assert_string_equal(record_.message, (text));                                              \
    } while (0)

/* Uniform in [-limit, limit); splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
static inline double uniform(uint64_t *state, double limit)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return limit * (2.0 * (double)(z >> 11) * 0x1p-53 - 1.0);
}

static inline double complex entry(const double *m, int d, int row, int column)
{
    const ptrdiff_t i = 2 * ((ptrdiff_t)d * row + column);
    return m[i] + m[i + 1] * I;
}

/* c = a b, interleaved, d <= 8; c is none of the two. */
static inline void multiply(const double *a, const double *b, int d, double *c)
{
    for (int row = 0; row < d; row++) {
        for (int column = 0; column < d; column++) {
            double complex sum = 0;
            for (int k = 0; k < d; k++) {
                sum += entry(a, d, row, k) * entry(b, d, k, column);
            }
            c[2 * (d * row + column)] = creal(sum);
            c[2 * (d * row + column) + 1] = cimag(sum);
        }
    }
}

static inline void set_identity(double *m, int d)
{
    memset(m, 0, (size_t)(2 * d * d) * sizeof *m);
    for (int i = 0; i < d; i++) {
        m[2 * (d * i + i)] = 1;
    }
}

/* Largest |a - b| over all entries. */
static inline double distance(const double *a, const double *b, int d)
{
    double largest = 0;
    for (int i = 0; i < d * d; i++) {
        largest = fmax(largest, hypot(a[2 * i] - b[2 * i], a[2 * i + 1] - b[2 * i + 1]));
    }
    return largest;
}

/* The 4x4 matrix of block text, where a is the least significant bit. */
static inline void block_matrix(const char *text, const double *params, double *m)
{
    kgi_block_gate gates[32];
    kg_error err = {KG_OK, ""};
    const int n = kgi_block_parse(text, gates, 32, &err);
    assert_string_equal(err.message, "");
    set_identity(m, 4);
    for (int i = 0; i < n; i++) {
        const kgi_gate_info *info = kgi_gate_get(gates[i].gate);
        double angles[KG_MAX_GATE_PARAMS];
        double small[2 * 4 * 4];
        double large[2 * 4 * 4] = {0};
        double product[2 * 4 * 4];
        for (int j = 0; j < info->n_params; j++) {
            angles[j] = params[gates[i].params[j]];
        }
        assert_int_equal(kg_gate_matrix((int)gates[i].gate, angles, small, &err), KG_OK);
        const int d = 1 << info->n_qubits;
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++) {
                int r = 0;
                int c = 0;
                int rest = 3;
                for (int q = 0; q < info->n_qubits; q++) {
                    r |= (row >> gates[i].qubits[q] & 1) << q;
                    c |= (column >> gates[i].qubits[q] & 1) << q;
                    rest &= ~(1 << gates[i].qubits[q]);
                }
                if ((row & rest) == (column & rest)) {
                    large[2 * (4 * row + column)] = small[2 * (d * r + c)];
                    large[2 * (4 * row + column) + 1] = small[2 * (d * r + c) + 1];
                }
            }
        }
        multiply(large, m, 4, product);
        memcpy(m, product, sizeof product);
    }
}

static inline double slot_value(const kg_slot *slot, const double *params, const double *inputs)
{
    switch (slot->kind) {
    case KG_SLOT_PARAM:
        return slot->scale * params[slot->index] + slot->offset;
    case KG_SLOT_INPUT:
        return slot->scale * inputs[slot->index] + slot->offset;
    default:
        return slot->offset;
    }
}

/* psi [2^n] = the circuit applied to |0...0> by the oracle. */
static inline void simulate(const kg_circuit *circuit, const double *params, const double *inputs,
                            double complex *psi)
{
    ref_zero(psi, circuit->n_qubits);
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const int *qubits = kgi_op_qubits(circuit, op);
        assert_int_equal(op->condition_bit, -1);
        if (op->kind == KGI_OP_AMPLITUDES) {
            ref_amplitudes(psi, circuit->n_qubits, op->n_qubits, qubits, inputs + op->first_input);
        } else if (op->kind == KGI_OP_UNITARY) {
            double complex matrix[4 * 4];
            for (int j = 0; j < 1 << (2 * op->n_qubits); j++) {
                const double *number = circuit->numbers + op->matrix + 2 * j;
                matrix[j] = number[0] + number[1] * I;
            }
            ref_unitary(psi, circuit->n_qubits, op->n_qubits, qubits, matrix, op->controls,
                        op->control_values);
        } else {
            double angles[KG_MAX_GATE_PARAMS];
            assert_int_equal(op->kind, KGI_OP_GATE);
            for (int j = 0; j < kg_gate_n_params((int)op->gate); j++) {
                angles[j] = slot_value(kgi_op_slots(circuit, op) + j, params, inputs);
            }
            ref_apply(psi, circuit->n_qubits, kg_gate_name((int)op->gate), qubits, angles,
                      op->controls, op->control_values);
        }
    }
}

#endif
