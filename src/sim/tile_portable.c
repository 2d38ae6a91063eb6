/* SPDX-License-Identifier: Apache-2.0 */
/* The tile kernels for any CPU. */
#define SET portable
#define SET_NAME "portable"
#define VECTOR_BYTES 16
#define VECTOR_REGISTERS 16
#include "sim/tile_set.inc"
