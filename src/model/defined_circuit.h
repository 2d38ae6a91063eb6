/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the reading of a circuit: what has been read so far. */
#ifndef MODEL_DEFINED_CIRCUIT_H
#define MODEL_DEFINED_CIRCUIT_H

#include "model/definition.h"

enum { KGI_MAX_DEFINED_BLOCKS = 32 };

typedef struct kgi_circuit_reader {
    kg_circuit *circuit;
    int n_qubits;
    int n_params; /* p without a number is the next of these */
    int n_inputs;
    int n_items; /* of ops, repetitions written out */
    int n_blocks;
    kg_block blocks[KGI_MAX_DEFINED_BLOCKS]; /* own ones */
} kgi_circuit_reader;

/* Counts an item of ops. A circuit with too many could not be compiled in reasonable time; and
 * repetitions of nothing end as well. */
kg_status kgi_defined_count(kgi_circuit_reader *r, const kgi_yaml_node *node, kg_error *err);

/* Adds gates from text, "ry 0 p0; cx 0 1" (defined_gates.c). */
kg_status kgi_defined_gates_read(kgi_circuit_reader *r, const kgi_yaml_node *node, kg_error *err);

#endif
