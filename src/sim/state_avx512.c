/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of one large state for AVX-512. */
#if defined(__x86_64__)
#    define SET avx512
#    define SET_NAME "avx512"
#    define VECTOR_BYTES 64
#    define STATE_SLOTS 3
#    include "sim/state_set.inc"
#endif
