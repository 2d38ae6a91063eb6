/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector kernels for any CPU, as 16-byte vectors. */
#define SET portable
#define VECTOR_BYTES 16
#define VECTOR_REGISTERS 16
#include "sim/pauli_set.inc"
