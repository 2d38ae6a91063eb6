/* SPDX-License-Identifier: Apache-2.0 */
/* The tile kernels for AVX2 and FMA, in both precisions. */
#include "sim/kernels_sets.h"

#if defined(__x86_64__)
#    define VECTOR_BYTES 32
#    define VECTOR_REGISTERS 16
#    define KERNELS_NAME "avx2"

#    define REAL float
#    define LANES 16
#    define T(name) name##_f32
#    define KERNELS kgi_kernels_avx2_f32
#    define KERNELS_PRECISION KG_PRECISION_F32
#    include "sim/tile.inc"

#    define REAL double
#    define LANES 8
#    define T(name) name##_f64
#    define KERNELS kgi_kernels_avx2_f64
#    define KERNELS_PRECISION KG_PRECISION_F64
#    include "sim/tile.inc"
#endif
