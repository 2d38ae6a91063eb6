/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits out of circuits: a block on other qubits, forwards or undone. All operations are
 * appended, or none. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

/* Where a block goes. */
typedef struct placing {
    const int *qubits;
    int first_param;
    int first_input;
    int layer;       /* of operations that are in none of the block's layers */
    int first_layer; /* of the block's n_layers layers in the circuit */
    int n_layers;
    int n_blocks; /* block numbers of the circuit before */
    int inverse;  /* operations and layers come in reverse order */
} placing;

static kg_status check_placing(const kg_circuit *circuit, const kg_circuit *block,
                               const placing *place, kg_error *err)
{
    uint64_t seen = 0;
    if (!place->qubits) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "append: qubits is NULL, not a list of %d",
                        block->n_qubits);
    }
    for (int q = 0; q < block->n_qubits; q++) {
        const int to = place->qubits[q];
        if (to < 0 || to >= circuit->n_qubits) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "append: qubit %d of the block becomes %d, not in [0, %d]", q, to,
                            circuit->n_qubits - 1);
        }
        if (seen >> to & 1) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "append: two qubits of the block become qubit %d",
                            to);
        }
        seen |= (uint64_t)1 << to;
    }
    if (place->first_param < 0 || place->first_param > KGI_MAX_INDEX - block->n_params) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "append: first_param is %d, not in [0, %d]",
                        place->first_param, KGI_MAX_INDEX - block->n_params);
    }
    if (place->first_input < 0 || place->first_input > KGI_MAX_INDEX - block->n_inputs) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "append: first_input is %d, not in [0, %d]",
                        place->first_input, KGI_MAX_INDEX - block->n_inputs);
    }
    return KG_OK;
}

static uint64_t placed_mask(uint64_t mask, const int *qubits)
{
    uint64_t placed = 0;
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        if (mask >> q & 1) {
            placed |= (uint64_t)1 << qubits[q];
        }
    }
    return placed;
}

/* The condition of a block's operation inside a circuit that may have one in force itself. */
static kg_status place_condition(const kg_circuit *circuit, kgi_op *op, kg_error *err)
{
    if (circuit->condition_bit < 0) {
        return KG_OK;
    }
    if (op->condition_bit >= 0) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "append: the block has a condition on bit %d inside a condition on bit %d",
                        op->condition_bit, circuit->condition_bit);
    }
    if (op->kind == KGI_OP_MEASURE || op->kind == KGI_OP_AMPLITUDES) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "%s cannot depend on classical bit %d",
                        op->kind == KGI_OP_MEASURE ? "measure" : "amplitudes",
                        circuit->condition_bit);
    }
    op->condition_bit = circuit->condition_bit;
    op->condition_value = circuit->condition_value;
    return KG_OK;
}

/* Slots and matrix of the inverse. 0.0 - x has no negative zero for x = 0. */
static void invert(kgi_op *op, kg_slot *slots, double *matrix)
{
    if (op->kind == KGI_OP_GATE) {
        const kgi_gate_info *info = kgi_gate_get(op->gate);
        for (int i = 0; i < info->n_params; i++) {
            slots[i].scale = 0.0 - slots[i].scale;
            slots[i].offset = 0.0 - slots[i].offset;
        }
        if (info->n_params > 0) {
            const kg_slot first = slots[info->swap[0]];
            slots[info->swap[0]] = slots[info->swap[1]];
            slots[info->swap[1]] = first;
        }
        op->gate = info->inverse;
        return;
    }
    const size_t d = (size_t)1 << op->n_qubits;
    double adjoint[2 * 4 * 4];
    for (size_t row = 0; row < d; row++) {
        for (size_t column = 0; column < d; column++) {
            adjoint[2 * (d * row + column)] = matrix[2 * (d * column + row)];
            adjoint[2 * (d * row + column) + 1] = 0.0 - matrix[2 * (d * column + row) + 1];
        }
    }
    memcpy(matrix, adjoint, 2 * d * d * sizeof *matrix);
}

/* Appends operation i of block. The block may be the circuit itself, so nothing of it is held over
 * the push. */
static kg_status append_op(kg_circuit *circuit, const kg_circuit *block, int i,
                           const placing *place, kg_error *err)
{
    kgi_op op = block->ops[i];
    int qubits[KG_MAX_QUBITS];
    kg_slot slots[KG_MAX_GATE_PARAMS];
    double matrix[2 * 4 * 4] = {0};
    const int n_slots = op.kind == KGI_OP_GATE ? kgi_gate_get(op.gate)->n_params : 0;
    for (int j = 0; j < op.n_qubits; j++) {
        qubits[j] = place->qubits[kgi_op_qubits(block, &op)[j]];
    }
    for (int j = 0; j < n_slots; j++) {
        slots[j] = kgi_op_slots(block, &op)[j];
        slots[j].index += slots[j].kind == KG_SLOT_PARAM   ? place->first_param
                          : slots[j].kind == KG_SLOT_INPUT ? place->first_input
                                                           : 0;
    }
    if (op.kind == KGI_OP_UNITARY) {
        memcpy(matrix, block->numbers + op.matrix,
               ((size_t)2 << (2 * op.n_qubits)) * sizeof *matrix);
    }
    op.controls = placed_mask(op.controls, place->qubits);
    op.control_values = placed_mask(op.control_values, place->qubits);
    if (op.layer < 0) {
        op.layer = place->layer;
    } else {
        op.layer =
            place->first_layer + (place->inverse ? place->n_layers - 1 - op.layer : op.layer);
    }
    if (op.kind == KGI_OP_AMPLITUDES) {
        op.first_input += place->first_input;
        for (int j = 0; j < op.n_qubits; j++) {
            if (circuit->touched >> qubits[j] & 1) {
                return kgi_fail(err, KG_ERR_ARGUMENT,
                                "append: the block encodes amplitudes on qubit %d, which an "
                                "earlier operation uses",
                                qubits[j]);
            }
        }
    }
    op.block += op.block ? place->n_blocks : 0;
    if (place->inverse) {
        invert(&op, slots, matrix);
    }
    const kg_status status = place_condition(circuit, &op, err);
    return status ? status : kgi_circuit_push(circuit, &op, qubits, slots, matrix, err);
}

/* Copies the block's layer names, in the order in which its operations will come. */
static kg_status append_layers(kg_circuit *circuit, const kg_circuit *block, const placing *place,
                               kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; i < place->n_layers && !status; i++) {
        char name[80];
        const int from = place->inverse ? place->n_layers - 1 - i : i;
        (void)snprintf(name, sizeof name, "%s", block->layers[from]);
        status = kg_circuit_begin_layer(circuit, name, err);
    }
    return status;
}

static kg_status append(kg_circuit *circuit, const kg_circuit *block, placing place, kg_error *err)
{
    kg_status status = check_placing(circuit, block, &place, err);
    if (status) {
        return status;
    }
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    const int n_ops = block->n_ops;
    place.layer = circuit->n_layers - 1;
    place.first_layer = circuit->n_layers;
    place.n_layers = block->n_layers;
    place.n_blocks = circuit->n_blocks;
    circuit->n_blocks += block->n_blocks; /* numbers that a failure leaves unused do no harm */
    status = append_layers(circuit, block, &place, err);
    for (int i = 0; i < n_ops && !status; i++) {
        status = append_op(circuit, block, place.inverse ? n_ops - 1 - i : i, &place, err);
    }
    if (status) {
        kgi_circuit_rewind(circuit, &before);
    }
    return status;
}

kg_status kg_circuit_append(kg_circuit *circuit, const kg_circuit *block, const int *qubits,
                            int first_param, int first_input, kg_error *err)
{
    const placing place = {
        .qubits = qubits, .first_param = first_param, .first_input = first_input};
    return append(circuit, block, place, err);
}

kg_status kg_circuit_append_inverse(kg_circuit *circuit, const kg_circuit *block, const int *qubits,
                                    int first_param, int first_input, kg_error *err)
{
    const placing place = {
        .qubits = qubits, .first_param = first_param, .first_input = first_input, .inverse = 1};
    for (int i = 0; i < block->n_ops; i++) {
        const kgi_op_kind kind = block->ops[i].kind;
        if (kind != KGI_OP_GATE && kind != KGI_OP_UNITARY) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "operation %d of the block is %s, which has no inverse", i,
                            kind == KGI_OP_AMPLITUDES ? "an amplitude encoding"
                            : kind == KGI_OP_MEASURE  ? "a measurement"
                                                      : "a reset");
        }
    }
    return append(circuit, block, place, err);
}
