/* SPDX-License-Identifier: Apache-2.0 */
/* First step of compiling: a circuit as gates with at most one angle on one or two qubits. */
#ifndef COMPILE_LOWER_H
#define COMPILE_LOWER_H

#include "compile/program.h"

/* One gate. `use` has its matrices on its own targets (d = 2^n_targets, targets[0] is bit 0). */
typedef struct kgi_lowered {
    kgi_use use;
    int n_targets;
    int targets[KGI_UNIT_QUBITS];
    uint64_t controls; /* 0 if all its qubits are targets */
    uint64_t values;
    int block; /* gates of one ansatz block share a number, 0: of none */
} kgi_lowered;

typedef struct kgi_gate_list {
    kgi_lowered *gates; /* [n] in order */
    int n;
    kgi_amplitudes *amplitudes; /* [n_amplitudes], before all gates on their qubits */
    int n_amplitudes;
} kgi_gate_list;

static inline uint64_t kgi_lowered_mask(const kgi_lowered *gate)
{
    uint64_t mask = gate->controls;
    for (int i = 0; i < gate->n_targets; i++) {
        mask |= (uint64_t)1 << gate->targets[i];
    }
    return mask;
}

/* Lowers circuit. KG_ERR_UNSUPPORTED for measurements, resets and conditions, with the operation's
 * number; KG_ERR_MEMORY. */
kg_status kgi_lower(kgi_gate_list *list, const kg_circuit *circuit, kg_error *err);
void kgi_gate_list_clear(kgi_gate_list *list);

#endif
