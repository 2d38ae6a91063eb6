/* SPDX-License-Identifier: Apache-2.0 */
/* The tile kernels for AVX2 and FMA. */
#if defined(__x86_64__)
#    define SET avx2
#    define SET_NAME "avx2"
#    define VECTOR_BYTES 32
#    define VECTOR_REGISTERS 16
#    include "sim/tile_set.inc"
#endif
