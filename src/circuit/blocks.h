/* SPDX-License-Identifier: Apache-2.0 */
/* Reading block text, "ry a 0; ry b 1; cx a b", for blocks and for gates with several angles. */
#ifndef CIRCUIT_BLOCKS_H
#define CIRCUIT_BLOCKS_H

#include <ketgrad/circuit.h>

/* One statement of a block: a gate, perhaps under a condition, or a measurement of qubits[0]. */
typedef struct kgi_block_gate {
    int is_measure;
    int condition; /* the last outcome that the gate needs: 0 or 1, -1 for any */
    kg_gate gate;
    int qubits[2];                  /* [n_qubits] 0 for a, 1 for b */
    int params[KG_MAX_GATE_PARAMS]; /* [n_params] of the block */
} kgi_block_gate;

/**
 * Block text as gates: statements separated by ';', each a gate, its qubits (a, b) and the numbers
 * of its parameters, separated by blanks; or "measure" and a qubit; after that, "if 0" or "if 1" may
 * stand before a gate. Empty text is a block without gates.
 *
 * @param[out] gates  [max]
 * @return the number of gates, or -1 with KG_ERR_FORMAT in err: unknown or three-qubit gate,
 *         qubit, number, condition before a measurement, missing or extra word, more than max gates
 */
int kgi_block_parse(const char *text, kgi_block_gate *gates, int max, kg_error *err);

#endif
