/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a circuit and an observable, for the rooms that compile and draw them. */
#ifndef CIRCUIT_CIRCUIT_H
#define CIRCUIT_CIRCUIT_H

#include <ketgrad/circuit.h>

#include "circuit/gates.h"

typedef enum kgi_op_kind {
    KGI_OP_GATE,
    KGI_OP_UNITARY,    /* matrix given by the user */
    KGI_OP_AMPLITUDES, /* amplitude encoding of inputs [first_input, first_input + 2^n_qubits) */
    KGI_OP_MEASURE,
    KGI_OP_RESET
} kgi_op_kind;

/* One operation. Variable parts lie in the circuit's pools, addressed by offset, so that an op is
 * small and a circuit is copied with three memcpy. */
typedef struct kgi_op {
    kgi_op_kind kind;
    kg_gate gate;      /* of KGI_OP_GATE */
    int n_qubits;      /* targets (gate controls such as those of CX included) */
    int qubits;        /* offset into circuit->qubits */
    int slots;         /* offset into circuit->slots; kg_gate_n_params() of them */
    int matrix;        /* offset into circuit->numbers, of KGI_OP_UNITARY */
    int first_input;   /* of KGI_OP_AMPLITUDES */
    int bit;           /* of KGI_OP_MEASURE */
    int condition_bit; /* -1: unconditional */
    int condition_value;
    int layer;               /* index of its layer, -1 before the first */
    int block;               /* gates of one ansatz or pooling block share a number; 0: of none */
    uint64_t controls;       /* extra controls, bit q for qubit q */
    uint64_t control_values; /* subset of controls: those that must be 1 */
} kgi_op;

struct kg_circuit {
    int n_qubits;
    int n_params;
    int n_inputs;
    int n_ops;
    int n_layers;
    int n_blocks; /* block numbers given so far */
    kgi_op *ops;
    int *qubits;
    int n_pool_qubits;
    kg_slot *slots;
    int n_pool_slots;
    double *numbers;
    int n_pool_numbers;
    char **layers;     /* [n_layers] names */
    int condition_bit; /* what set_condition() left */
    int condition_value;
    uint64_t touched; /* qubits that some operation has used */
    int cap_ops, cap_qubits, cap_slots, cap_numbers, cap_layers;
};

static inline const int *kgi_op_qubits(const kg_circuit *circuit, const kgi_op *op)
{
    return circuit->qubits + op->qubits;
}

static inline const kg_slot *kgi_op_slots(const kg_circuit *circuit, const kgi_op *op)
{
    return circuit->slots + op->slots;
}

/* Mask of all qubits that an operation touches, extra controls included. */
uint64_t kgi_op_mask(const kg_circuit *circuit, const kgi_op *op);

enum { KGI_MAX_INDEX = 1 << 30 }; /* parameters and inputs are counted below it */

/* Appends a copy of op with its own qubits [op->n_qubits], slots [of its gate] and matrix
 * [2 d d]; offsets, n_params, n_inputs and touched are set here, all else is taken from op. The
 * arrays must not lie in the circuit's pools, which may move. Fails with KG_ERR_MEMORY only. */
kg_status kgi_circuit_push(kg_circuit *circuit, const kgi_op *op, const int *qubits,
                           const kg_slot *slots, const double *matrix, kg_error *err);

/* A circuit that engines can run, with the observable to go with it: what was given if it is unitary,
 * else the deferred form, whose memory this owns. */
typedef struct kgi_deferred {
    const kg_circuit *circuit;
    const kg_observable *observable;
    kg_circuit *own_circuit;
    kg_observable *own_observable;
} kgi_deferred;

/* An observable of another width is left for the caller to refuse. On failure there is nothing to
 * clear. Errors: those of kg_circuit_defer(). */
kg_status kgi_deferred_init(kgi_deferred *deferred, const kg_circuit *circuit,
                            const kg_observable *observable, kg_error *err);
void kgi_deferred_clear(kgi_deferred *deferred);

/* Appending several operations or none: rewind() takes back what came after the mark. */
typedef struct kgi_circuit_mark {
    int n_params, n_inputs, n_ops, n_layers;
    int n_pool_qubits, n_pool_slots, n_pool_numbers;
    uint64_t touched;
} kgi_circuit_mark;

kgi_circuit_mark kgi_circuit_get_mark(const kg_circuit *circuit);
void kgi_circuit_rewind(kg_circuit *circuit, const kgi_circuit_mark *mark);

/* A Pauli word: P_q = X where only x has bit q, Z where only z has it, Y where both have it. */
typedef struct kgi_word {
    uint64_t x;
    uint64_t z;
    double coefficient;
} kgi_word;

/* An output, or a run of outputs: a sum of words, or the 2^m probabilities of m qubits. */
typedef struct kgi_measured {
    int n_words; /* 0 for probabilities */
    kgi_word *words;
    int m;
    int qubits[KG_MAX_QUBITS]; /* [m], qubits[0] least significant */
} kgi_measured;

struct kg_observable {
    int n_qubits;
    int n_outputs;
    int n_measured;
    kgi_measured *measured; /* in order of their outputs */
};

/* A deep copy for circuits of n_qubits qubits, at least those of the observable. */
kg_status kgi_observable_copy(kg_observable **out, const kg_observable *observable, int n_qubits,
                              kg_error *err);

/* Mask of all qubits that the observable looks at. */
uint64_t kgi_observable_mask(const kg_observable *observable);

enum { KGI_WORD_SIZE = 5 * KG_MAX_QUBITS + 2 }; /* bytes that any word fits */

/* The word as text, "X0 Y2"; "I" for the identity. */
void kgi_word_format(const kgi_word *word, char text[KGI_WORD_SIZE]);

#endif
