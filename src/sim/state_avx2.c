/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of one large state for AVX2 and FMA. */
#if defined(__x86_64__)
#    define SET avx2
#    define SET_NAME "avx2"
#    define VECTOR_BYTES 32
#    define STATE_SLOTS 2
#    include "sim/state_set.inc"
#endif
