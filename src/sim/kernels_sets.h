/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel sets that the build compiles; kernels.c chooses among them. */
#ifndef SIM_KERNELS_SETS_H
#define SIM_KERNELS_SETS_H

#include "sim/kernels.h"

extern const kgi_kernels kgi_kernels_portable_f32;
extern const kgi_kernels kgi_kernels_portable_f64;
extern const kgi_kernels kgi_kernels_avx2_f32;
extern const kgi_kernels kgi_kernels_avx2_f64;
extern const kgi_kernels kgi_kernels_avx512_f32;
extern const kgi_kernels kgi_kernels_avx512_f64;

#endif
