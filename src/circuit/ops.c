/* SPDX-License-Identifier: Apache-2.0 */
/* Appending one operation: everything a caller can get wrong is checked here, before anything
 * changes. */
#include <math.h>

#include "base/status.h"
#include "circuit/circuit.h"

static const double UNITARY_TOLERANCE = 1e-9;

static uint64_t bit_of(int q)
{
    return (uint64_t)1 << q;
}

/* Adds qubits[n] to *mask; each must be in the circuit and not yet in the mask. */
static kg_status add_to_mask(const kg_circuit *circuit, const char *what, const char *role, int n,
                             const int *qubits, uint64_t *mask, kg_error *err)
{
    if (n > 0 && !qubits) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %ss is NULL, not a list of %d", what, role, n);
    }
    for (int i = 0; i < n; i++) {
        if (qubits[i] < 0 || qubits[i] >= circuit->n_qubits) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %s %d is not in [0, %d]", what, role,
                            qubits[i], circuit->n_qubits - 1);
        }
        if (*mask & bit_of(qubits[i])) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %s %d is named twice", what, role,
                            qubits[i]);
        }
        *mask |= bit_of(qubits[i]);
    }
    return KG_OK;
}

/* Checks and fills op->controls; *mask has the targets already. */
static kg_status set_controls(const kg_circuit *circuit, kgi_op *op, const char *what,
                              uint64_t mask, int n, const int *controls, const int *values,
                              kg_error *err)
{
    const uint64_t targets = mask;
    if (n < 0 || n > circuit->n_qubits - 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: n_controls is %d, not in [0, %d]", what, n,
                        circuit->n_qubits - 1);
    }
    const kg_status status = add_to_mask(circuit, what, "control", n, controls, &mask, err);
    if (status) {
        return status;
    }
    op->controls = mask & ~targets;
    for (int i = 0; i < n; i++) {
        const int value = values ? values[i] : 1;
        if (value != 0 && value != 1) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s: value of control %d is %d, not 0 or 1", what,
                            controls[i], value);
        }
        op->control_values |= value ? bit_of(controls[i]) : 0;
    }
    return KG_OK;
}

/* Copies slots into the one form that is stored: a constant has neither index nor scale. */
static kg_status check_slots(const char *what, int n, const kg_slot *slots, kg_slot *stored,
                             kg_error *err)
{
    if (n > 0 && !slots) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "gate %s: slots is NULL, but it has %d angle%s", what,
                        n, n > 1 ? "s" : "");
    }
    for (int i = 0; i < n; i++) {
        stored[i] = slots[i];
        switch (slots[i].kind) {
        case KG_SLOT_CONSTANT:
            stored[i].index = 0;
            stored[i].scale = 0.0;
            break;
        case KG_SLOT_PARAM:
        case KG_SLOT_INPUT:
            break;
        default:
            return kgi_fail(err, KG_ERR_ARGUMENT, "gate %s: slot %d has kind %d, not in [0, %d]",
                            what, i, slots[i].kind, KG_SLOT_INPUT);
        }
        if (stored[i].index < 0 || stored[i].index >= KGI_MAX_INDEX) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "gate %s: slot %d has index %d, not in [0, %d]",
                            what, i, slots[i].index, KGI_MAX_INDEX - 1);
        }
        if (!isfinite(stored[i].scale) || !isfinite(stored[i].offset)) {
            return kgi_fail(err, KG_ERR_NUMERIC,
                            "gate %s: slot %d has scale %g and offset %g, not both finite", what, i,
                            stored[i].scale, stored[i].offset);
        }
    }
    return KG_OK;
}

/* What all kinds share: the layer, and the condition that is in force. */
static kgi_op new_op(const kg_circuit *circuit, kgi_op_kind kind, int n_qubits)
{
    return (kgi_op){
        .kind = kind,
        .n_qubits = n_qubits,
        .condition_bit = circuit->condition_bit,
        .condition_value = circuit->condition_value,
        .layer = circuit->n_layers - 1,
    };
}

kg_status kg_circuit_add_controlled(kg_circuit *circuit, kg_gate gate, const int *qubits,
                                    const kg_slot *slots, int n_controls, const int *controls,
                                    const int *values, kg_error *err)
{
    if ((int)gate < 0 || gate >= KG_GATE_COUNT) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "gate is %d, not in [0, %d]", (int)gate,
                        KG_GATE_COUNT - 1);
    }
    const kgi_gate_info *info = kgi_gate_get(gate);
    kg_slot stored[KG_MAX_GATE_PARAMS];
    uint64_t mask = 0;
    kgi_op op = new_op(circuit, KGI_OP_GATE, info->n_qubits);
    op.gate = gate;
    kg_status status =
        add_to_mask(circuit, info->name, "qubit", info->n_qubits, qubits, &mask, err);
    if (!status) {
        status = set_controls(circuit, &op, info->name, mask, n_controls, controls, values, err);
    }
    if (!status) {
        status = check_slots(info->name, info->n_params, slots, stored, err);
    }
    return status ? status : kgi_circuit_push(circuit, &op, qubits, stored, NULL, err);
}

kg_status kg_circuit_add_gate(kg_circuit *circuit, kg_gate gate, const int *qubits,
                              const kg_slot *slots, kg_error *err)
{
    return kg_circuit_add_controlled(circuit, gate, qubits, slots, 0, NULL, NULL, err);
}

/* Largest |(U^dagger U - 1)[i][j]|; NaN if U has one. */
static double distance_from_unitary(const double *u, size_t d)
{
    double largest = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double re = i == j ? -1 : 0;
            double im = 0;
            for (size_t k = 0; k < d; k++) {
                const double *a = u + 2 * (d * k + i);
                const double *b = u + 2 * (d * k + j);
                re += a[0] * b[0] + a[1] * b[1];
                im += a[0] * b[1] - a[1] * b[0];
            }
            const double size = hypot(re, im);
            largest = size > largest || isnan(size) ? size : largest; /* NaN stays */
        }
    }
    return largest;
}

kg_status kg_circuit_add_unitary(kg_circuit *circuit, int n_targets, const int *qubits,
                                 const double *matrix, int n_controls, const int *controls,
                                 const int *values, kg_error *err)
{
    uint64_t mask = 0;
    if (n_targets < 1 || n_targets > 2) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "unitary: n_targets is %d, not 1 or 2", n_targets);
    }
    kgi_op op = new_op(circuit, KGI_OP_UNITARY, n_targets);
    kg_status status = add_to_mask(circuit, "unitary", "qubit", n_targets, qubits, &mask, err);
    if (!status) {
        status = set_controls(circuit, &op, "unitary", mask, n_controls, controls, values, err);
    }
    if (status) {
        return status;
    }
    if (!matrix) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "unitary: matrix is NULL");
    }
    const double distance = distance_from_unitary(matrix, (size_t)1 << n_targets);
    if (!(distance <= UNITARY_TOLERANCE)) {
        return kgi_fail(err, KG_ERR_NUMERIC, "unitary: |U^dagger U - 1| is %g, more than %g",
                        distance, UNITARY_TOLERANCE);
    }
    return kgi_circuit_push(circuit, &op, qubits, NULL, matrix, err);
}

/* Lowest qubit of a mask that is not empty. */
static int first_in(uint64_t mask)
{
    int q = 0;
    while (!(mask >> q & 1)) {
        q++;
    }
    return q;
}

kg_status kg_circuit_add_amplitudes(kg_circuit *circuit, int m, const int *qubits, int first_input,
                                    kg_error *err)
{
    const int most = circuit->n_qubits < 30 ? circuit->n_qubits : 30;
    uint64_t mask = 0;
    if (m < 1 || m > most) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "amplitudes: m is %d, not in [1, %d]", m, most);
    }
    const kg_status status = add_to_mask(circuit, "amplitudes", "qubit", m, qubits, &mask, err);
    if (status) {
        return status;
    }
    if (first_input < 0 || first_input > KGI_MAX_INDEX - (1 << m)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "amplitudes: first_input is %d, not in [0, %d]",
                        first_input, KGI_MAX_INDEX - (1 << m));
    }
    if (circuit->touched & mask) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "amplitudes: qubit %d is not in |0>, an earlier operation uses it",
                        first_in(circuit->touched & mask));
    }
    if (circuit->condition_bit >= 0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "amplitudes cannot depend on classical bit %d",
                        circuit->condition_bit);
    }
    kgi_op op = new_op(circuit, KGI_OP_AMPLITUDES, m);
    op.first_input = first_input;
    return kgi_circuit_push(circuit, &op, qubits, NULL, NULL, err);
}

kg_status kg_circuit_add_measure(kg_circuit *circuit, int qubit, int bit, kg_error *err)
{
    uint64_t mask = 0;
    const kg_status status = add_to_mask(circuit, "measure", "qubit", 1, &qubit, &mask, err);
    if (status) {
        return status;
    }
    if (bit < 0 || bit > 63) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "measure: bit is %d, not in [0, 63]", bit);
    }
    if (circuit->condition_bit >= 0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "measure cannot depend on classical bit %d",
                        circuit->condition_bit);
    }
    kgi_op op = new_op(circuit, KGI_OP_MEASURE, 1);
    op.bit = bit;
    return kgi_circuit_push(circuit, &op, &qubit, NULL, NULL, err);
}

kg_status kg_circuit_add_reset(kg_circuit *circuit, int qubit, kg_error *err)
{
    uint64_t mask = 0;
    const kg_status status = add_to_mask(circuit, "reset", "qubit", 1, &qubit, &mask, err);
    if (status) {
        return status;
    }
    const kgi_op op = new_op(circuit, KGI_OP_RESET, 1);
    return kgi_circuit_push(circuit, &op, &qubit, NULL, NULL, err);
}
