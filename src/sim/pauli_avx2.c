/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector kernels for AVX2 and FMA. */
#if defined(__x86_64__)
#    define SET avx2
#    define VECTOR_BYTES 32
#    define VECTOR_REGISTERS 16
#    include "sim/pauli_set.inc"
#endif
