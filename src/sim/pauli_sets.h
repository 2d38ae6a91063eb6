/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel sets of the Pauli-vector engine that the build compiles. */
#ifndef SIM_PAULI_SETS_H
#define SIM_PAULI_SETS_H

#include "sim/pauli_kernels.h"

extern const kgi_pauli_kernels kgi_pauli_portable_f32;
extern const kgi_pauli_kernels kgi_pauli_portable_f64;
extern const kgi_pauli_sweeps kgi_pauli_portable_sweeps;
extern const kgi_pauli_kernels kgi_pauli_avx2_f32;
extern const kgi_pauli_kernels kgi_pauli_avx2_f64;
extern const kgi_pauli_sweeps kgi_pauli_avx2_sweeps;
extern const kgi_pauli_kernels kgi_pauli_avx512_f32;
extern const kgi_pauli_kernels kgi_pauli_avx512_f64;
extern const kgi_pauli_sweeps kgi_pauli_avx512_sweeps;

#endif
