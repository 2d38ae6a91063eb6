/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of one large state for any CPU. */
#define SET portable
#define SET_NAME "portable"
#define VECTOR_BYTES 16
#define STATE_SLOTS 2
#include "sim/state_set.inc"
