/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector kernels for AVX-512. */
#if defined(__x86_64__)
#    define SET avx512
#    define VECTOR_BYTES 64
#    define VECTOR_REGISTERS 32
#    include "sim/pauli_set.inc"
#endif
