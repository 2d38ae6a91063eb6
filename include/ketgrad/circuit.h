/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits as data: gates with slots, blocks of gates, encodings, wirings, observables, drawings.
 *
 * Qubit 0 is the least significant bit of the amplitude index. R_P(t) = exp(-i t P / 2). Angles are
 * in radians. A circuit is a list; nothing is computed here. */
#ifndef KETGRAD_CIRCUIT_H
#define KETGRAD_CIRCUIT_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    KG_MAX_QUBITS = 64,     /* width of a circuit; what an engine can run is less */
    KG_MAX_GATE_QUBITS = 3, /* of a gate in the table, without extra controls */
    KG_MAX_GATE_PARAMS = 3
};

/* ---- gates ---------------------------------------------------------------------------------- */

/* Order of qubits: controls first, then targets. u(theta, phi, lambda) has a real upper left entry
 * (PennyLane's U3, Qiskit's U); crot(phi, theta, omega) is controlled rz(omega) ry(theta) rz(phi). */
typedef enum kg_gate {
    KG_GATE_I,
    KG_GATE_X,
    KG_GATE_Y,
    KG_GATE_Z,
    KG_GATE_H,
    KG_GATE_S,
    KG_GATE_SDG,
    KG_GATE_T,
    KG_GATE_TDG,
    KG_GATE_SX,
    KG_GATE_SXDG,
    KG_GATE_P,
    KG_GATE_RX,
    KG_GATE_RY,
    KG_GATE_RZ,
    KG_GATE_U,
    KG_GATE_CX,
    KG_GATE_CY,
    KG_GATE_CZ,
    KG_GATE_CH,
    KG_GATE_CP,
    KG_GATE_CRX,
    KG_GATE_CRY,
    KG_GATE_CRZ,
    KG_GATE_CROT,
    KG_GATE_SWAP,
    KG_GATE_RXX,
    KG_GATE_RYY,
    KG_GATE_RZZ,
    KG_GATE_CCX,
    KG_GATE_CSWAP,
    KG_GATE_COUNT
} kg_gate;

/** Name of a gate as in files and drawings ("ry"), NULL if out of range. */
KG_API const char *kg_gate_name(int gate);
/** The gate of that name, or -1. */
KG_API int kg_gate_find(const char *name);
/** One line of help, NULL if out of range. */
KG_API const char *kg_gate_help(int gate);
/** Qubits and angles of a gate, 0 if out of range. */
KG_API int kg_gate_n_qubits(int gate);
KG_API int kg_gate_n_params(int gate);

/**
 * Matrix of a gate: row-major complex [d][d] as interleaved doubles [2 d d], d = 2^n_qubits, where
 * the gate's first qubit is the least significant bit of row and column.
 *
 * @param[in]  angles  [n_params] radians; NULL if the gate has none
 * @param[out] matrix  [2 d d]
 * @return KG_ERR_ARGUMENT if gate is not one of kg_gate, or angles is NULL where it has some
 */
KG_API kg_status kg_gate_matrix(int gate, const double *angles, double *matrix, kg_error *err);

/* ---- slots ---------------------------------------------------------------------------------- */

/* Where a gate's angle comes from. */
typedef enum kg_slot_kind {
    KG_SLOT_CONSTANT, /* offset */
    KG_SLOT_PARAM,    /* scale * params[index] + offset: trainable, shared by the batch */
    KG_SLOT_INPUT     /* scale * inputs[index] + offset: a feature, its own for each sample */
} kg_slot_kind;

typedef struct kg_slot {
    int kind;  /* kg_slot_kind */
    int index; /* of the parameter or input, >= 0; 0 for a constant */
    double scale;
    double offset;
} kg_slot;

/* Initialisers: kg_slot slot = KG_SLOT_OF_PARAM(3); */
/* clang-format off */
#define KG_SLOT_OF_PARAM(i) {KG_SLOT_PARAM, (i), 1.0, 0.0}
#define KG_SLOT_OF_INPUT(i) {KG_SLOT_INPUT, (i), 1.0, 0.0}
#define KG_SLOT_OF_ANGLE(a) {KG_SLOT_CONSTANT, 0, 0.0, (a)}
/* clang-format on */

/* ---- circuits ------------------------------------------------------------------------------- */

/* A list of operations on n qubits. Handles are not thread-safe while they change; reading is. */
typedef struct kg_circuit kg_circuit;

/** An empty circuit on n_qubits in [1, KG_MAX_QUBITS]; all qubits start in |0>. */
KG_API KG_MUST_CHECK kg_status kg_circuit_create(kg_circuit **out, int n_qubits, kg_error *err);
/** A deep copy. */
KG_API KG_MUST_CHECK kg_status kg_circuit_copy(kg_circuit **out, const kg_circuit *circuit,
                                               kg_error *err);
KG_API void kg_circuit_destroy(kg_circuit *circuit);

KG_API int kg_circuit_n_qubits(const kg_circuit *circuit);
/** One more than the largest parameter index used, 0 if none. */
KG_API int kg_circuit_n_params(const kg_circuit *circuit);
/** One more than the largest input index used, 0 if none. */
KG_API int kg_circuit_n_inputs(const kg_circuit *circuit);
/** Operations, a gate with controls counting as one. */
KG_API int kg_circuit_n_ops(const kg_circuit *circuit);
/** Layers of gates that do not wait for each other (greedy, all operations of length 1). */
KG_API int kg_circuit_depth(const kg_circuit *circuit);
/** Gates and given unitaries on two or more qubits, controls included. */
KG_API int kg_circuit_n_entangling(const kg_circuit *circuit);

/**
 * Appends a gate.
 *
 * @param[in] qubits  [kg_gate_n_qubits] distinct, in [0, n_qubits)
 * @param[in] slots   [kg_gate_n_params]; NULL if the gate has none
 * On failure the circuit is unchanged. Errors: KG_ERR_ARGUMENT (gate, qubit, slot), KG_ERR_NUMERIC
 * (scale or offset not finite), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_gate(kg_circuit *circuit, kg_gate gate,
                                                   const int *qubits, const kg_slot *slots,
                                                   kg_error *err);

/**
 * Appends a gate that acts only where all extra controls have their value.
 *
 * @param[in] controls  [n_controls] distinct from each other and from qubits
 * @param[in] values    [n_controls] 0 or 1; NULL means all 1
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_controlled(kg_circuit *circuit, kg_gate gate,
                                                         const int *qubits, const kg_slot *slots,
                                                         int n_controls, const int *controls,
                                                         const int *values, kg_error *err);

/**
 * Appends a given unitary on one or two qubits, with extra controls as above (0 and NULL for none).
 *
 * @param[in] matrix  row-major interleaved [2 d d], d = 2^n_targets; qubits[0] is the least
 *                    significant bit. Refused with KG_ERR_NUMERIC if |U^dagger U - 1| > 1e-9.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_unitary(kg_circuit *circuit, int n_targets,
                                                      const int *qubits, const double *matrix,
                                                      int n_controls, const int *controls,
                                                      const int *values, kg_error *err);

/**
 * Appends an amplitude encoding of 2^m inputs on m qubits that nothing has touched yet:
 * |psi> = sum_i x[first_input + i] |i> / ||x||, where qubits[0] is the least significant bit of i.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_amplitudes(kg_circuit *circuit, int m,
                                                         const int *qubits, int first_input,
                                                         kg_error *err);

/** Appends a measurement of qubit into classical bit (bit in [0, 64)). */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_measure(kg_circuit *circuit, int qubit, int bit,
                                                      kg_error *err);
/** Appends a reset of qubit to |0>. */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_reset(kg_circuit *circuit, int qubit, kg_error *err);
/** Gates, unitaries and resets added from now on act only if classical bit has value (0 or 1);
 * bit -1 ends that. Amplitudes and measurements cannot depend on a bit (KG_ERR_UNSUPPORTED). */
KG_API KG_MUST_CHECK kg_status kg_circuit_set_condition(kg_circuit *circuit, int bit, int value,
                                                        kg_error *err);
/** Operations added from now on belong to a layer of that name (copied), for drawings.
 * @param[in] name  1 to 64 printable ASCII characters */
KG_API KG_MUST_CHECK kg_status kg_circuit_begin_layer(kg_circuit *circuit, const char *name,
                                                      kg_error *err);

/**
 * Appends all operations of block: its qubit q becomes qubits[q], its parameter i becomes
 * first_param + i, its input i becomes first_input + i. Its layers become layers of the circuit.
 * On failure the circuit is unchanged. Errors: KG_ERR_ARGUMENT (qubits, indices, amplitudes on
 * qubits that are in use), KG_ERR_UNSUPPORTED (conditions inside a condition), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_append(kg_circuit *circuit, const kg_circuit *block,
                                                 const int *qubits, int first_param,
                                                 int first_input, kg_error *err);
/** Appends the inverse of block: operations in reverse order, each inverted. KG_ERR_UNSUPPORTED if
 * it has amplitudes, measurements or resets. */
KG_API KG_MUST_CHECK kg_status kg_circuit_append_inverse(kg_circuit *circuit,
                                                         const kg_circuit *block, const int *qubits,
                                                         int first_param, int first_input,
                                                         kg_error *err);

/**
 * A unitary circuit that gives the same expectation values: every measurement is deferred to the end,
 * every condition becomes a control, and every reset a fresh qubit.
 *
 * A measured qubit that is used as a control or by diagonal gates only from then on needs nothing; any
 * other gets its outcome copied to a fresh qubit by CX. Qubits of the circuit keep their numbers, fresh
 * ones (all in |0>) follow, so an observable means the same on both. Gates keep their order, hence
 * kg_circuit_expand() its occurrences. Bits that nothing was measured into are 0.
 * kg_plan_create() calls it; there is no need to call it first.
 *
 * @param[in] measured_off_diagonal  qubits, bit q for qubit q, whose X or Y will be asked for; ~0 if
 *                                   that is not known
 * Errors: KG_ERR_UNSUPPORTED if more than KG_MAX_QUBITS qubits are needed, KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_defer(kg_circuit **out, const kg_circuit *circuit,
                                                uint64_t measured_off_diagonal, kg_error *err);

/**
 * A circuit in which every occurrence of a parameter or input in a gate is a parameter of its own:
 * parameter j of *out is the angle of occurrence j. Multi-angle gates are split into gates with one
 * angle. It is what a parameter-shift rule shifts, occurrence by occurrence.
 *
 * @param[out] slots  [*n_slots] the slot that occurrence j had; release with kg_free()
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_expand(kg_circuit **out, const kg_circuit *circuit,
                                                 kg_slot **slots, int *n_slots, kg_error *err);

/* ---- blocks: convolution ansaetze and pooling ------------------------------------------------ */

/* Two qubits a and b, a few gates, written as text: "ry a 0; ry b 1; cx a b", where numbers are
 * parameters of the block. One row is all there is to say about a block. Names are those of
 * kg_gate_name(), gates have one or two qubits, and empty text is a block without gates.
 *
 * "measure a" measures qubit a; after it, "if 1 rz b 0" is a gate that acts only if the outcome of the
 * last measurement in the block was 1 (or 0). Qubit q is measured into classical bit q. */
typedef struct kg_block {
    const char *name;  /* as on the command line */
    const char *paper; /* name or number in its paper */
    int n_params;
    const char *gates;
    const char *help;
} kg_block;

/** Row i of the convolution ansaetze (Hur, Kim, Park, arXiv:2108.00661, Fig. 2), NULL past the end. */
KG_API const kg_block *kg_ansatz_get(int i);
KG_API const kg_block *kg_ansatz_find(const char *name);
/** Row i of the pooling blocks (a is discarded, b is kept), NULL past the end. */
KG_API const kg_block *kg_pooling_get(int i);
KG_API const kg_block *kg_pooling_find(const char *name);
/** Appends a block on qubits {a, b}; its parameter i becomes first_param + i. On failure the circuit
 * is unchanged. Errors: KG_ERR_ARGUMENT (qubits, first_param), KG_ERR_FORMAT (text of the block),
 * KG_ERR_UNSUPPORTED (it measures while a condition is in force). */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_block(kg_circuit *circuit, const kg_block *block,
                                                    const int qubits[2], int first_param,
                                                    kg_error *err);

/* ---- encodings ------------------------------------------------------------------------------ */

typedef struct kg_encoding kg_encoding;

KG_API const kg_encoding *kg_encoding_get(int i);
KG_API const kg_encoding *kg_encoding_find(const char *name);
KG_API const char *kg_encoding_name(const kg_encoding *encoding);
KG_API const char *kg_encoding_help(const kg_encoding *encoding);
/** Features that the encoding takes on n_qubits qubits; 0 if it cannot be used with that many. */
KG_API int kg_encoding_n_inputs(const kg_encoding *encoding, int n_qubits);
/** 1 if the features are angles (to be scaled to [0, pi]), 0 if they are amplitudes. */
KG_API int kg_encoding_takes_angles(const kg_encoding *encoding);
/** Qubits that are encoded together, apart from the others; 0 if all qubits are one block. */
KG_API int kg_encoding_block_qubits(const kg_encoding *encoding);
/** Ways to lay the blocks on n_qubits qubits: 1 if there is no choice, 0 if the encoding cannot be
 * used with that many. */
KG_API int kg_encoding_n_arrangements(const kg_encoding *encoding, int n_qubits);
/**
 * Appends the encoding of inputs 0, 1, ... on all qubits, as a layer "encode". Feature order is that
 * of the paper: in a block of amplitudes, its first qubit is the *most* significant bit of the feature
 * index.
 *
 * @param[in] arrangement  which qubits make a block, 1 .. kg_encoding_n_arrangements(); 1 takes them in
 *                         order
 * Errors: KG_ERR_UNSUPPORTED (not defined for so many qubits, arrangement included), KG_ERR_ARGUMENT
 * (arrangement, or qubits that are in use).
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_arranged(kg_circuit *circuit,
                                                       const kg_encoding *encoding, int arrangement,
                                                       kg_error *err);
/** The same in arrangement 1. */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_encoding(kg_circuit *circuit,
                                                       const kg_encoding *encoding, kg_error *err);

/* ---- wirings: which pairs a QCNN convolves and pools ------------------------------------------ */

typedef struct kg_wiring kg_wiring;

KG_API const kg_wiring *kg_wiring_get(int i);
KG_API const kg_wiring *kg_wiring_find(const char *name);
KG_API const char *kg_wiring_name(const kg_wiring *wiring);
KG_API const char *kg_wiring_help(const kg_wiring *wiring);
/** 1 if the wiring pools; 0 if qubits are only ignored from some stage on. */
KG_API int kg_wiring_pools(const kg_wiring *wiring);

/**
 * Appends a QCNN: stages of convolution and pooling until one qubit is left. Parameters: [conv 1 |
 * conv 2 | ... | pool 1 | pool 2 | ...] from index 0; blocks of a stage share theirs, but for the tree,
 * where each has its own. Stages are layers "conv 1", "pool 1", "conv 2", ...
 *
 * @param[in]  pooling  NULL or the empty block if kg_wiring_pools() is 0
 * @param[out] readout  the qubit that is left
 * Errors: KG_ERR_UNSUPPORTED if the wiring is not defined for this many qubits or does not pool;
 * those of kg_circuit_add_block(). On failure the circuit is unchanged.
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_qcnn(kg_circuit *circuit, const kg_wiring *wiring,
                                                   const kg_block *ansatz, const kg_block *pooling,
                                                   int *readout, kg_error *err);
/**
 * The same until n_left qubits are left, for readouts of more than one bit. A stage pools no more pairs
 * than it has to, and the qubits that are left are convolved once more.
 *
 * @param[in]  n_left    at least 1; at most 1 for wirings that do not pool
 * @param[out] readouts  [n_left] the qubits that are left, ascending
 * Errors: as above, and KG_ERR_ARGUMENT if n_left is not in [1, n_qubits].
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_add_qcnn_to(kg_circuit *circuit, const kg_wiring *wiring,
                                                      const kg_block *ansatz,
                                                      const kg_block *pooling, int n_left,
                                                      int *readouts, kg_error *err);

/* ---- observables ---------------------------------------------------------------------------- */

/* What a plan measures: outputs in order, each a real sum of Pauli words or a probability. */
typedef struct kg_observable kg_observable;

KG_API KG_MUST_CHECK kg_status kg_observable_create(kg_observable **out, int n_qubits,
                                                    kg_error *err);
KG_API void kg_observable_destroy(kg_observable *observable);
KG_API int kg_observable_n_outputs(const kg_observable *observable);
/**
 * Adds coefficient * word to an output; output n_outputs starts a new one.
 *
 * @param[in] word  Pauli letters with qubits, separated by blanks: "Z4", "X0 Y2", "I"; each qubit once
 * On failure nothing changes. Errors: KG_ERR_ARGUMENT (output, word, or the output is a probability),
 * KG_ERR_NUMERIC (coefficient not finite), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_observable_add(kg_observable *observable, int output,
                                                 double coefficient, const char *word,
                                                 kg_error *err);
/** Adds 2^m outputs: the probabilities of the values of m qubits, qubits[0] least significant. m is
 * at most 24. */
KG_API KG_MUST_CHECK kg_status kg_observable_add_probs(kg_observable *observable, int m,
                                                       const int *qubits, kg_error *err);

/* ---- drawings ------------------------------------------------------------------------------- */

typedef enum kg_drawing { KG_DRAW_UTF8, KG_DRAW_ASCII, KG_DRAW_SVG } kg_drawing;

/** A picture of the circuit, layer by layer. *out is NUL-terminated; release it with kg_free().
 * Parameters are t0, t1, ... (theta in SVG), inputs x0, x1, ..., constants have three digits.
 * @param[in] width  columns at which text wraps, 0 for no limit; an operation that is wider stands
 *                   alone on its line; ignored for SVG
 * Errors: KG_ERR_ARGUMENT (drawing, width), KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_circuit_draw(char **out, const kg_circuit *circuit,
                                               kg_drawing drawing, int width, kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
