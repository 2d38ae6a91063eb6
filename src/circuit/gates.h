/* SPDX-License-Identifier: Apache-2.0 */
/* The gate table: one row per gate, the only place which knows it. */
#ifndef CIRCUIT_GATES_H
#define CIRCUIT_GATES_H

#include <ketgrad/circuit.h>

/* Eigenvalues of the generator G of exp(-i t G); they decide the parameter-shift rule. */
typedef enum kgi_spectrum {
    KGI_SPECTRUM_NONE,  /* no angle, or several: see decomposition */
    KGI_SPECTRUM_PAULI, /* -1/2, 1/2: two-term rule; under extra controls it becomes CONTROLLED */
    KGI_SPECTRUM_PROJECTOR, /* 0, -1 (P, CP): two-term rule, also under extra controls */
    KGI_SPECTRUM_CONTROLLED /* -1/2, 0, 1/2: four-term rule */
} kgi_spectrum;

typedef struct kgi_gate_info {
    const char *name;
    int n_qubits;
    int n_params;
    int n_controls;     /* leading qubits that must be 1, dots in drawings; the rest are targets */
    const char *symbol; /* of a target in drawings; "x" for the crosses of a swap */
    kg_gate inverse;    /* with all angles negated */
    int swap[2];        /* angles that the inverse exchanges, {0, 0} for none */
    kgi_spectrum spectrum;
    /* exp(-i t G): G as one letter per qubit, first qubit first, with its factor: "Y/2", "PX/2"
     * (P = |1><1|), "-P" for the phase gates; NULL if the gate has no or several angles */
    const char *generator;
    /* several angles: the same gate as gates with one, in order of application, as block text on
     * qubits a b: "p a 2; ry a 0; p a 1"; else NULL */
    const char *decomposition;
    void (*matrix)(const double *angles, double *matrix); /* as kg_gate_matrix() */
    const char *help;
} kgi_gate_info;

/* The row of a gate in [0, KG_GATE_COUNT). */
const kgi_gate_info *kgi_gate_get(kg_gate gate);

/* G of a gate with one angle, so that dU/dt = -i G U: row-major interleaved [2 d d], d = 2^n_qubits,
 * first qubit least significant. Returns 0 (and writes nothing) if the gate has no generator. */
int kgi_gate_generator_matrix(kg_gate gate, double *matrix);

#endif
