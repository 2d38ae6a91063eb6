/* SPDX-License-Identifier: Apache-2.0 */
/* Second step of compiling: neighbouring gates on the same qubits become blocks that share units. */
#ifndef COMPILE_FUSE_H
#define COMPILE_FUSE_H

#include "compile/lower.h"

/* Fuses the gates of list as far as they matter to the measured qubits, and fills the units and uses of
 * program. With fuse 0 every gate stays a block of its own and all of them are kept. */
kg_status kgi_fuse(kgi_fused *fused, kgi_program *program, const kgi_gate_list *list, int n_qubits,
                   uint64_t measured, int fuse, kg_error *err);

#endif
