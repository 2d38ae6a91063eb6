/* SPDX-License-Identifier: Apache-2.0 */
/* The state engine's kernel sets; which of them this CPU runs, kernels.c knows. */
#include <stddef.h>
#include <string.h>

#include "sim/kernels.h"
#include "sim/state_sets.h"

/* By precision: KG_PRECISION_F64, KG_PRECISION_F32. */
static const kgi_state_kernels *const sets[][2] = {
#if defined(__x86_64__)
    {&kgi_state_kernels_avx512_f64, &kgi_state_kernels_avx512_f32},
    {&kgi_state_kernels_avx2_f64, &kgi_state_kernels_avx2_f32},
#endif
    {&kgi_state_kernels_portable_f64, &kgi_state_kernels_portable_f32},
};

const kgi_state_kernels *kgi_state_kernels_find(const char *name, int precision)
{
    const kgi_kernels *runs = kgi_kernels_find(name, precision);
    for (size_t i = 0; runs && i < sizeof sets / sizeof *sets; i++) {
        const kgi_state_kernels *k = sets[i][precision == KG_PRECISION_F32];
        if (strcmp(k->name, runs->name) == 0) {
            return k;
        }
    }
    return NULL;
}
