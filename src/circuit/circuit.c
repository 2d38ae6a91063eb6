/* SPDX-License-Identifier: Apache-2.0 */
/* The circuit as a container: its life, its pools, its layers, and what can be counted in it.
 *
 * Operations have a fixed size; their qubits, slots and matrices lie in pools beside them and are
 * addressed by offset, so that growing a pool moves nothing that an operation points to. */
#include "circuit/circuit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

enum { LONGEST_LAYER_NAME = 64 };

/* ---- life ----------------------------------------------------------------------------------- */

kg_status kg_circuit_create(kg_circuit **out, int n_qubits, kg_error *err)
{
    *out = NULL;
    if (n_qubits < 1 || n_qubits > KG_MAX_QUBITS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_qubits is %d, not in [1, %d]", n_qubits,
                        KG_MAX_QUBITS);
    }
    kg_circuit *circuit = calloc(1, sizeof *circuit);
    if (!circuit) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a circuit");
    }
    circuit->n_qubits = n_qubits;
    circuit->condition_bit = -1;
    *out = circuit;
    return KG_OK;
}

void kg_circuit_destroy(kg_circuit *circuit)
{
    if (!circuit) {
        return;
    }
    for (int i = 0; i < circuit->n_layers; i++) {
        free(circuit->layers[i]);
    }
    free(circuit->layers);
    free(circuit->ops);
    free(circuit->qubits);
    free(circuit->slots);
    free(circuit->numbers);
    free(circuit);
}

/* memory[capacity] made large enough for `needed` items; NULL if that fails, memory then stays. */
static void *grown(void *memory, int *capacity, int needed, size_t item)
{
    if (needed <= *capacity && memory) {
        return memory;
    }
    const size_t wanted = needed < 8 ? 8 : needed < INT_MAX / 2 ? 2 * (size_t)needed : INT_MAX;
    void *larger = realloc(memory, wanted * item);
    if (larger) {
        *capacity = (int)wanted;
    }
    return larger;
}

/* Room for so many more of each kind. Counts stay, so a failure changes nothing that is visible. */
static kg_status reserve(kg_circuit *circuit, int ops, int qubits, int slots, int numbers,
                         kg_error *err)
{
    const struct {
        int count;
        int more;
    } pools[] = {{circuit->n_ops, ops},
                 {circuit->n_pool_qubits, qubits},
                 {circuit->n_pool_slots, slots},
                 {circuit->n_pool_numbers, numbers}};
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++) {
        if (pools[i].more > INT_MAX - pools[i].count) {
            return kgi_fail(err, KG_ERR_MEMORY, "a circuit holds at most %d operations", INT_MAX);
        }
    }
    kgi_op *new_ops = grown(circuit->ops, &circuit->cap_ops, circuit->n_ops + ops, sizeof *new_ops);
    circuit->ops = new_ops ? new_ops : circuit->ops;
    int *new_qubits = grown(circuit->qubits, &circuit->cap_qubits, circuit->n_pool_qubits + qubits,
                            sizeof *new_qubits);
    circuit->qubits = new_qubits ? new_qubits : circuit->qubits;
    kg_slot *new_slots = grown(circuit->slots, &circuit->cap_slots, circuit->n_pool_slots + slots,
                               sizeof *new_slots);
    circuit->slots = new_slots ? new_slots : circuit->slots;
    double *new_numbers = grown(circuit->numbers, &circuit->cap_numbers,
                                circuit->n_pool_numbers + numbers, sizeof *new_numbers);
    circuit->numbers = new_numbers ? new_numbers : circuit->numbers;
    if (!new_ops || !new_qubits || !new_slots || !new_numbers) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate operation %d of a circuit",
                        circuit->n_ops);
    }
    return KG_OK;
}

static kg_status add_layer(kg_circuit *circuit, const char *name, kg_error *err)
{
    const size_t length = strlen(name);
    char *copy = malloc(length + 1);
    char **layers =
        grown(circuit->layers, &circuit->cap_layers, circuit->n_layers + 1, sizeof *layers);
    circuit->layers = layers ? layers : circuit->layers;
    if (!copy || !layers) {
        free(copy);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate layer \"%s\"", name);
    }
    memcpy(copy, name, length + 1);
    circuit->layers[circuit->n_layers++] = copy;
    return KG_OK;
}

kg_status kg_circuit_copy(kg_circuit **out, const kg_circuit *circuit, kg_error *err)
{
    kg_circuit *copy;
    *out = NULL;
    kg_status status = kg_circuit_create(&copy, circuit->n_qubits, err);
    if (!copy) {
        return status;
    }
    status = reserve(copy, circuit->n_ops, circuit->n_pool_qubits, circuit->n_pool_slots,
                     circuit->n_pool_numbers, err);
    for (int i = 0; i < circuit->n_layers && !status; i++) {
        status = add_layer(copy, circuit->layers[i], err);
    }
    if (status) {
        kg_circuit_destroy(copy);
        return status;
    }
    if (circuit->n_ops > 0) { /* an empty circuit has no pools to copy from */
        memcpy(copy->ops, circuit->ops, (size_t)circuit->n_ops * sizeof *copy->ops);
        memcpy(copy->qubits, circuit->qubits,
               (size_t)circuit->n_pool_qubits * sizeof *copy->qubits);
        memcpy(copy->slots, circuit->slots, (size_t)circuit->n_pool_slots * sizeof *copy->slots);
        memcpy(copy->numbers, circuit->numbers,
               (size_t)circuit->n_pool_numbers * sizeof *copy->numbers);
    }
    const kgi_circuit_mark mark = kgi_circuit_get_mark(circuit);
    copy->n_params = mark.n_params;
    copy->n_inputs = mark.n_inputs;
    copy->n_ops = mark.n_ops;
    copy->n_blocks = circuit->n_blocks;
    copy->n_pool_qubits = mark.n_pool_qubits;
    copy->n_pool_slots = mark.n_pool_slots;
    copy->n_pool_numbers = mark.n_pool_numbers;
    copy->touched = mark.touched;
    copy->condition_bit = circuit->condition_bit;
    copy->condition_value = circuit->condition_value;
    *out = copy;
    return KG_OK;
}

/* ---- growing -------------------------------------------------------------------------------- */

static int at_least(int count, int other)
{
    return count > other ? count : other;
}

kg_status kgi_circuit_push(kg_circuit *circuit, const kgi_op *op, const int *qubits,
                           const kg_slot *slots, const double *matrix, kg_error *err)
{
    const int n_slots = op->kind == KGI_OP_GATE ? kgi_gate_get(op->gate)->n_params : 0;
    const int n_numbers = op->kind == KGI_OP_UNITARY ? 2 << (2 * op->n_qubits) : 0;
    const kg_status status = reserve(circuit, 1, op->n_qubits, n_slots, n_numbers, err);
    if (status) {
        return status;
    }
    kgi_op *added = &circuit->ops[circuit->n_ops++];
    *added = *op;
    added->qubits = circuit->n_pool_qubits;
    added->slots = circuit->n_pool_slots;
    added->matrix = circuit->n_pool_numbers;
    for (int i = 0; i < op->n_qubits; i++) {
        circuit->qubits[circuit->n_pool_qubits++] = qubits[i];
    }
    for (int i = 0; i < n_slots; i++) {
        circuit->slots[circuit->n_pool_slots++] = slots[i];
        if (slots[i].kind == KG_SLOT_PARAM) {
            circuit->n_params = at_least(circuit->n_params, slots[i].index + 1);
        } else if (slots[i].kind == KG_SLOT_INPUT) {
            circuit->n_inputs = at_least(circuit->n_inputs, slots[i].index + 1);
        }
    }
    for (int i = 0; i < n_numbers; i++) {
        circuit->numbers[circuit->n_pool_numbers++] = matrix[i];
    }
    if (op->kind == KGI_OP_AMPLITUDES) {
        circuit->n_inputs = at_least(circuit->n_inputs, op->first_input + (1 << op->n_qubits));
    }
    circuit->touched |= kgi_op_mask(circuit, added);
    return KG_OK;
}

kgi_circuit_mark kgi_circuit_get_mark(const kg_circuit *circuit)
{
    return (kgi_circuit_mark){
        .n_params = circuit->n_params,
        .n_inputs = circuit->n_inputs,
        .n_ops = circuit->n_ops,
        .n_layers = circuit->n_layers,
        .n_pool_qubits = circuit->n_pool_qubits,
        .n_pool_slots = circuit->n_pool_slots,
        .n_pool_numbers = circuit->n_pool_numbers,
        .touched = circuit->touched,
    };
}

void kgi_circuit_rewind(kg_circuit *circuit, const kgi_circuit_mark *mark)
{
    for (int i = mark->n_layers; i < circuit->n_layers; i++) {
        free(circuit->layers[i]);
    }
    circuit->n_params = mark->n_params;
    circuit->n_inputs = mark->n_inputs;
    circuit->n_ops = mark->n_ops;
    circuit->n_layers = mark->n_layers;
    circuit->n_pool_qubits = mark->n_pool_qubits;
    circuit->n_pool_slots = mark->n_pool_slots;
    circuit->n_pool_numbers = mark->n_pool_numbers;
    circuit->touched = mark->touched;
}

kg_status kg_circuit_begin_layer(kg_circuit *circuit, const char *name, kg_error *err)
{
    const size_t length = name ? strlen(name) : 0;
    if (length < 1 || length > LONGEST_LAYER_NAME) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "layer name has %zu characters, not 1 to %d", length,
                        LONGEST_LAYER_NAME);
    }
    for (size_t i = 0; i < length; i++) {
        if (name[i] < 0x20 || name[i] > 0x7e) { /* it is drawn, so it has one column per byte */
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "layer name has byte 0x%02x at %zu, not printable ASCII",
                            (unsigned)(unsigned char)name[i], i);
        }
    }
    return add_layer(circuit, name, err);
}

kg_status kg_circuit_set_condition(kg_circuit *circuit, int bit, int value, kg_error *err)
{
    if (bit < -1 || bit > 63) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "condition: bit is %d, not in [-1, 63]", bit);
    }
    if (bit >= 0 && value != 0 && value != 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "condition: value is %d, not 0 or 1", value);
    }
    circuit->condition_bit = bit;
    circuit->condition_value = bit >= 0 ? value : 0;
    return KG_OK;
}

/* ---- counting ------------------------------------------------------------------------------- */

uint64_t kgi_op_mask(const kg_circuit *circuit, const kgi_op *op)
{
    uint64_t mask = op->controls;
    for (int i = 0; i < op->n_qubits; i++) {
        mask |= (uint64_t)1 << kgi_op_qubits(circuit, op)[i];
    }
    return mask;
}

int kg_circuit_n_qubits(const kg_circuit *circuit)
{
    return circuit->n_qubits;
}

int kg_circuit_n_params(const kg_circuit *circuit)
{
    return circuit->n_params;
}

int kg_circuit_n_inputs(const kg_circuit *circuit)
{
    return circuit->n_inputs;
}

int kg_circuit_n_ops(const kg_circuit *circuit)
{
    return circuit->n_ops;
}

/* An operation starts when its qubits and the classical bit of its condition are ready. */
int kg_circuit_depth(const kg_circuit *circuit)
{
    int ready[KG_MAX_QUBITS] = {0};
    int bit_ready[64] = {0};
    int depth = 0;
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const uint64_t mask = kgi_op_mask(circuit, op);
        int start = op->condition_bit >= 0 ? bit_ready[op->condition_bit] : 0;
        for (int q = 0; q < circuit->n_qubits; q++) {
            if (mask >> q & 1) {
                start = at_least(start, ready[q]);
            }
        }
        for (int q = 0; q < circuit->n_qubits; q++) {
            if (mask >> q & 1) {
                ready[q] = start + 1;
            }
        }
        if (op->kind == KGI_OP_MEASURE) {
            bit_ready[op->bit] = start + 1;
        }
        depth = at_least(depth, start + 1);
    }
    return depth;
}

int kg_circuit_n_entangling(const kg_circuit *circuit)
{
    int n = 0;
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const uint64_t mask = kgi_op_mask(circuit, op);
        const int is_gate = op->kind == KGI_OP_GATE || op->kind == KGI_OP_UNITARY;
        n += is_gate && (mask & (mask - 1)) != 0;
    }
    return n;
}
