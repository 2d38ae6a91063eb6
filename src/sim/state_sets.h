/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel sets of the state engine that the build compiles; state_kernels.c chooses among them. */
#ifndef SIM_STATE_SETS_H
#define SIM_STATE_SETS_H

#include "sim/state_kernels.h"

extern const kgi_state_kernels kgi_state_kernels_portable_f32;
extern const kgi_state_kernels kgi_state_kernels_portable_f64;
extern const kgi_state_kernels kgi_state_kernels_avx2_f32;
extern const kgi_state_kernels kgi_state_kernels_avx2_f64;
extern const kgi_state_kernels kgi_state_kernels_avx512_f32;
extern const kgi_state_kernels kgi_state_kernels_avx512_f64;

#endif
