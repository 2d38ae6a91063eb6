/* SPDX-License-Identifier: Apache-2.0 */
/* Third step of compiling: registers that grow, blocks in order, and where the tail begins. */
#ifndef COMPILE_ARRANGE_H
#define COMPILE_ARRANGE_H

#include "compile/fuse.h"

/* Fills registers, steps, tail and costs of program; its operators are on qubits of the circuit and
 * come out on bits of the final register. */
kg_status kgi_arrange(kgi_program *program, int batch_hint, int fuse, kg_error *err);

/* Vector fused multiply-adds of a block in a register, forward and backward. */
double kgi_block_forward_fma(const kgi_unit *unit, double n_groups);
double kgi_block_backward_fma(const kgi_unit *unit, double n_groups);

typedef struct kgi_cut {
    int first_block; /* blocks from here on are the tail; n_blocks: no tail */
    uint64_t kept;   /* circuit qubits */
    uint64_t choosers;
} kgi_cut;

/* The cheapest place to cut: the states come from one side, the observable from the other. */
kg_status kgi_choose_cut(kgi_cut *best, const kgi_program *program, uint64_t measured,
                         int batch_hint, kg_error *err);

#endif
