/* SPDX-License-Identifier: Apache-2.0 */
/* Second step of compiling: neighbouring gates on the same qubits become blocks that share units. */
#ifndef COMPILE_FUSE_H
#define COMPILE_FUSE_H

#include "compile/lower.h"

typedef struct kgi_block {
    int unit;
    int n_targets;
    int qubits[KGI_UNIT_QUBITS]; /* local qubit i of the unit is this qubit */
    uint64_t controls;
    uint64_t values;
} kgi_block;

typedef struct kgi_fused {
    kgi_block *blocks; /* [n_blocks] in order */
    int n_blocks;
    int start[KG_MAX_QUBITS]; /* unit that makes qubit q's first state from |0>, -1: it stays |0> */
    uint64_t active;          /* qubits inside the light cone */
} kgi_fused;

static inline uint64_t kgi_block_mask(const kgi_block *block)
{
    uint64_t mask = block->controls;
    for (int i = 0; i < block->n_targets; i++) {
        mask |= (uint64_t)1 << block->qubits[i];
    }
    return mask;
}

/* Fuses the gates of list as far as they matter to the measured qubits, and fills the units and uses of
 * program. With fuse 0 every gate stays a block of its own and all of them are kept. */
kg_status kgi_fuse(kgi_fused *fused, kgi_program *program, const kgi_gate_list *list, int n_qubits,
                   uint64_t measured, int fuse, kg_error *err);

#endif
