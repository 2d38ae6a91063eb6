/* SPDX-License-Identifier: Apache-2.0 */
/* Every occurrence of a parameter or input becomes a parameter of its own, and every gate has at
 * most one angle: the circuit that a parameter-shift rule shifts, occurrence by occurrence. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "circuit/blocks.h"
#include "circuit/circuit.h"

enum { LONGEST_SPLIT = 8 }; /* gates in a row's decomposition */

typedef struct expansion {
    kg_circuit *circuit;
    kg_slot *slots; /* [n_slots] that the occurrences had; room for all of them */
    int n_slots;
} expansion;

/* A gate with at most one angle; the rest of op (controls, condition, layer) stays. */
static kg_status add_simple(expansion *to, kgi_op op, kg_gate gate, const int *qubits,
                            const kg_slot *angle, kg_error *err)
{
    kg_slot slot = {0};
    op.gate = gate;
    op.n_qubits = kgi_gate_get(gate)->n_qubits;
    if (angle && angle->kind == KG_SLOT_CONSTANT) {
        slot = *angle;
    } else if (angle) {
        slot = (kg_slot)KG_SLOT_OF_PARAM(to->n_slots);
        to->slots[to->n_slots++] = *angle;
    }
    return kgi_circuit_push(to->circuit, &op, qubits, &slot, NULL, err);
}

static kg_status expand_gate(expansion *to, const kg_circuit *from, const kgi_op *op, kg_error *err)
{
    const kgi_gate_info *info = kgi_gate_get(op->gate);
    const int *qubits = kgi_op_qubits(from, op);
    const kg_slot *slots = kgi_op_slots(from, op);
    if (info->n_params < 2) {
        return add_simple(to, *op, op->gate, qubits, info->n_params ? slots : NULL, err);
    }
    kgi_block_gate parts[LONGEST_SPLIT];
    const int n = kgi_block_parse(info->decomposition, parts, LONGEST_SPLIT, NULL);
    KGI_ASSERT(n > 0);
    kg_status status = KG_OK;
    for (int i = 0; i < n && !status; i++) {
        const kgi_block_gate *part = &parts[i];
        int placed[2] = {0, 0};
        for (int j = 0; j < kgi_gate_get(part->gate)->n_qubits; j++) {
            placed[j] = qubits[part->qubits[j]];
        }
        status =
            add_simple(to, *op, part->gate, placed,
                       kgi_gate_get(part->gate)->n_params ? &slots[part->params[0]] : NULL, err);
    }
    return status;
}

static kg_status expand_all(expansion *to, const kg_circuit *from, kg_error *err)
{
    kg_status status = KG_OK;
    to->circuit->n_blocks = from->n_blocks; /* operations keep their numbers */
    for (int i = 0; i < from->n_layers && !status; i++) {
        status = kg_circuit_begin_layer(to->circuit, from->layers[i], err);
    }
    for (int i = 0; i < from->n_ops && !status; i++) {
        const kgi_op *op = &from->ops[i];
        status = op->kind == KGI_OP_GATE
                     ? expand_gate(to, from, op, err)
                     : kgi_circuit_push(to->circuit, op, kgi_op_qubits(from, op), NULL,
                                        from->numbers + op->matrix, err);
    }
    return status;
}

kg_status kg_circuit_expand(kg_circuit **out, const kg_circuit *circuit, kg_slot **slots,
                            int *n_slots, kg_error *err)
{
    *out = NULL;
    *slots = NULL;
    *n_slots = 0;
    /* A decomposition uses each angle of its gate once, so there are no more occurrences than
     * slots; one is added because calloc(0) may answer NULL. */
    expansion to = {.slots = calloc((size_t)circuit->n_pool_slots + 1, sizeof *to.slots)};
    if (!to.slots) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d slots of an expanded circuit",
                        circuit->n_pool_slots);
    }
    kg_status status = kg_circuit_create(&to.circuit, circuit->n_qubits, err);
    if (!status) {
        status = expand_all(&to, circuit, err);
    }
    if (status) {
        kg_circuit_destroy(to.circuit);
        free(to.slots);
        return status;
    }
    *out = to.circuit;
    *slots = to.slots;
    *n_slots = to.n_slots;
    return KG_OK;
}
