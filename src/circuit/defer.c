/* SPDX-License-Identifier: Apache-2.0 */
/* Deferred measurement: a circuit with measurements, conditions and resets as a unitary one.
 *
 *     |a> --o--[M c]--G--                   |a> --o------*-----G--
 *     |b> -----[if c]-R--       becomes     |b> --o------|--R----
 *                                           |0>          X--*----        X, *: CX;  *, R: controlled R
 *
 * A measurement followed by operations that are block-diagonal in the measured qubit's Z commutes with
 * them, so it moves to the end, where it changes no probability and no Z; the qubit itself is then the
 * classical bit. Otherwise the outcome is copied to a fresh qubit, which also keeps what a measurement
 * destroys from coming back. A reset ends the life of a qubit and begins that of a fresh one; the last
 * life keeps the qubit's number, so that observables need not be told. A reset under a condition
 * exchanges the qubit with a fresh one under control.
 *
 * Rejected: running every sequence of outcomes (2^measurements states, and no adjoint sweep); it is the
 * oracle of the tests. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

typedef struct deferral {
    const kg_circuit *from;
    kg_circuit *to;
    int n;                       /* qubits given so far */
    int label[KG_MAX_QUBITS];    /* of each qubit's present life */
    int n_resets[KG_MAX_QUBITS]; /* unconditional ones to come */
    int holder[64];              /* the new circuit's qubit that is a classical bit, -1: none yet */
    int always_zero;             /* a qubit that nothing touches, -1: none needed yet */
    uint64_t off_diagonal_at_end; /* qubits of from whose X or Y is measured */
} deferral;

static int is_dynamic(const kgi_op *op)
{
    return op->kind == KGI_OP_MEASURE || op->kind == KGI_OP_RESET || op->condition_bit >= 0;
}

/* ---- what a qubit goes through after a measurement ------------------------------------------- */

/* 1 if the matrix [2 d d] keeps the value of bit k. */
static int keeps_bit(const double *matrix, size_t d, int k)
{
    for (size_t row = 0; row < d; row++) {
        for (size_t column = 0; column < d; column++) {
            const double *entry = matrix + 2 * (d * row + column);
            if (((row ^ column) >> k & 1) && (entry[0] != 0.0 || entry[1] != 0.0)) {
                return 0;
            }
        }
    }
    return 1;
}

/* 1 if the operation is block-diagonal in Z of qubit q. A gate with angles is judged at angles where no
 * entry vanishes by accident. */
static int is_diagonal(const kg_circuit *circuit, const kgi_op *op, int q)
{
    static const double angles[KG_MAX_GATE_PARAMS] = {0.7, 1.1, 1.9};
    double matrix[2 * 8 * 8];
    if (op->kind != KGI_OP_GATE && op->kind != KGI_OP_UNITARY) {
        return op->kind == KGI_OP_MEASURE;
    }
    if (op->kind == KGI_OP_GATE && kg_gate_matrix((int)op->gate, angles, matrix, NULL)) {
        return 0;
    }
    const double *m = op->kind == KGI_OP_GATE ? matrix : circuit->numbers + op->matrix;
    for (int k = 0; k < op->n_qubits; k++) {
        if (kgi_op_qubits(circuit, op)[k] == q) {
            return keeps_bit(m, (size_t)1 << op->n_qubits, k);
        }
    }
    return 1; /* an extra control, or not touched at all */
}

/* 1 if a condition from operation j on reads the bit before a measurement writes it anew. */
static int is_read(const kg_circuit *from, int j, int bit)
{
    for (; j < from->n_ops; j++) {
        if (from->ops[j].condition_bit == bit) {
            return 1;
        }
        if (from->ops[j].kind == KGI_OP_MEASURE && from->ops[j].bit == bit) {
            return 0;
        }
    }
    return 0;
}

/* 1 if the outcome of measurement i has to be copied: something that comes is not diagonal in the
 * qubit, or acts on the qubit under the condition of its own outcome. If the qubit was measured once
 * more before that, the coherence is that measurement's business, and only a reader needs a copy. */
static int needs_copy(const deferral *d, int i)
{
    const kg_circuit *from = d->from;
    const int q = *kgi_op_qubits(from, &from->ops[i]);
    int bit = from->ops[i].bit; /* -1 once it is written anew */
    int again = 0;
    for (int j = i + 1; j < from->n_ops; j++) {
        const kgi_op *op = &from->ops[j];
        const int on_q = (int)(kgi_op_mask(from, op) >> q & 1);
        if (op->kind == KGI_OP_RESET && on_q && op->condition_bit < 0) {
            return 0; /* its life ends, untouched */
        }
        if (on_q && (!is_diagonal(from, op, q) || (bit >= 0 && op->condition_bit == bit))) {
            return !again || (bit >= 0 && is_read(from, j, bit));
        }
        if (op->kind == KGI_OP_MEASURE) {
            bit = op->bit == bit ? -1 : bit;
            again = again || on_q;
        }
    }
    return !again && (int)(d->off_diagonal_at_end >> q & 1);
}

/* ---- operation by operation ------------------------------------------------------------------ */

static kg_status fresh_qubit(deferral *d, int *qubit, kg_error *err)
{
    if (d->n == KG_MAX_QUBITS) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "measurements and resets need more than %d qubits when they are deferred",
                        KG_MAX_QUBITS);
    }
    *qubit = d->n++;
    return KG_OK;
}

static uint64_t relabelled(const deferral *d, uint64_t mask)
{
    uint64_t result = 0;
    for (; mask; mask &= mask - 1) {
        result |= (uint64_t)1 << d->label[__builtin_ctzll(mask)];
    }
    return result;
}

/* The next life of a qubit; the last one has its own number. */
static kg_status begin_life(deferral *d, int q, kg_error *err)
{
    d->label[q] = q;
    return d->n_resets[q] > 0 ? fresh_qubit(d, &d->label[q], err) : KG_OK;
}

static kg_status defer_measure(deferral *d, int i, kg_error *err)
{
    const kgi_op *op = &d->from->ops[i];
    int pair[2] = {d->label[*kgi_op_qubits(d->from, op)], 0};
    if (!needs_copy(d, i)) {
        d->holder[op->bit] = pair[0];
        return KG_OK;
    }
    kg_status status = fresh_qubit(d, &pair[1], err);
    if (!status) {
        d->holder[op->bit] = pair[1];
        kgi_op copy = *op;
        copy.kind = KGI_OP_GATE;
        copy.gate = KG_GATE_CX;
        copy.n_qubits = 2;
        status = kgi_circuit_push(d->to, &copy, pair, NULL, NULL, err);
    }
    return status;
}

/* The condition of op becomes a control of *placed. */
static kg_status place_condition(deferral *d, const kgi_op *op, kgi_op *placed, kg_error *err)
{
    if (op->condition_bit < 0) {
        return KG_OK;
    }
    int *holder = &d->holder[op->condition_bit];
    if (*holder < 0 && d->always_zero < 0) {
        const kg_status status = fresh_qubit(d, &d->always_zero, err);
        if (status) {
            return status;
        }
    }
    *holder = *holder < 0 ? d->always_zero : *holder;
    placed->controls |= (uint64_t)1 << *holder;
    placed->control_values |= (uint64_t)op->condition_value << *holder;
    placed->condition_bit = -1;
    placed->condition_value = 0;
    return KG_OK;
}

static kg_status defer_reset(deferral *d, const kgi_op *op, kg_error *err)
{
    const int q = *kgi_op_qubits(d->from, op);
    if (op->condition_bit < 0) {
        d->n_resets[q]--;
        return begin_life(d, q, err);
    }
    kgi_op swap = *op;
    int pair[2] = {d->label[q], 0};
    swap.kind = KGI_OP_GATE;
    swap.gate = KG_GATE_SWAP;
    swap.n_qubits = 2;
    kg_status status = place_condition(d, op, &swap, err);
    if (!status) {
        status = fresh_qubit(d, &pair[1], err);
    }
    return status ? status : kgi_circuit_push(d->to, &swap, pair, NULL, NULL, err);
}

static kg_status defer_op(deferral *d, int i, kg_error *err)
{
    const kgi_op *op = &d->from->ops[i];
    if (op->kind == KGI_OP_MEASURE) {
        return defer_measure(d, i, err);
    }
    if (op->kind == KGI_OP_RESET) {
        return defer_reset(d, op, err);
    }
    int qubits[KG_MAX_QUBITS];
    kgi_op placed = *op;
    for (int k = 0; k < op->n_qubits; k++) {
        qubits[k] = d->label[kgi_op_qubits(d->from, op)[k]];
    }
    placed.controls = relabelled(d, op->controls);
    placed.control_values = relabelled(d, op->control_values);
    const kg_status status = place_condition(d, op, &placed, err);
    return status ? status
                  : kgi_circuit_push(d->to, &placed, qubits, kgi_op_slots(d->from, op),
                                     d->from->numbers + op->matrix, err);
}

static kg_status defer_all(deferral *d, kg_error *err)
{
    const kg_circuit *from = d->from;
    kg_status status = KG_OK;
    for (int i = 0; i < from->n_ops; i++) {
        if (from->ops[i].kind == KGI_OP_RESET && from->ops[i].condition_bit < 0) {
            d->n_resets[*kgi_op_qubits(from, &from->ops[i])]++;
        }
    }
    for (int q = 0; q < from->n_qubits && !status; q++) {
        status = begin_life(d, q, err);
    }
    for (int i = 0; i < from->n_layers && !status; i++) {
        status = kg_circuit_begin_layer(d->to, from->layers[i], err);
    }
    for (int i = 0; i < from->n_ops && !status; i++) {
        status = defer_op(d, i, err);
    }
    return status;
}

/* ---- the doors ------------------------------------------------------------------------------- */

kg_status kg_circuit_defer(kg_circuit **out, const kg_circuit *circuit,
                           uint64_t measured_off_diagonal, kg_error *err)
{
    *out = NULL;
    deferral d = {.from = circuit,
                  .n = circuit->n_qubits,
                  .always_zero = -1,
                  .off_diagonal_at_end = measured_off_diagonal};
    memset(d.holder, -1, sizeof d.holder);
    kg_status status = kg_circuit_create(&d.to, KG_MAX_QUBITS, err);
    if (!status) {
        d.to->n_blocks = circuit->n_blocks; /* operations keep their numbers */
        status = defer_all(&d, err);
    }
    if (status) {
        kg_circuit_destroy(d.to);
        return status;
    }
    d.to->n_qubits = d.n;
    *out = d.to;
    return KG_OK;
}

/* 1 if there is no measurement, reset or condition in the circuit. */
static int is_unitary(const kg_circuit *circuit)
{
    for (int i = 0; i < circuit->n_ops; i++) {
        if (is_dynamic(&circuit->ops[i])) {
            return 0;
        }
    }
    return 1;
}

kg_status kgi_deferred_init(kgi_deferred *deferred, const kg_circuit *circuit,
                            const kg_observable *observable, kg_error *err)
{
    uint64_t off_diagonal = 0;
    *deferred = (kgi_deferred){.circuit = circuit, .observable = observable};
    if (is_unitary(circuit) || circuit->n_qubits != observable->n_qubits) {
        return KG_OK;
    }
    for (int i = 0; i < observable->n_measured; i++) {
        for (int w = 0; w < observable->measured[i].n_words; w++) {
            off_diagonal |= observable->measured[i].words[w].x;
        }
    }
    kg_status status = kg_circuit_defer(&deferred->own_circuit, circuit, off_diagonal, err);
    if (!status) {
        status = kgi_observable_copy(&deferred->own_observable, observable,
                                     deferred->own_circuit->n_qubits, err);
    }
    if (status) {
        kgi_deferred_clear(deferred);
        return status;
    }
    deferred->circuit = deferred->own_circuit;
    deferred->observable = deferred->own_observable;
    return KG_OK;
}

void kgi_deferred_clear(kgi_deferred *deferred)
{
    kg_circuit_destroy(deferred->own_circuit);
    kg_observable_destroy(deferred->own_observable);
    *deferred = (kgi_deferred){0};
}
