/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector kernels of a kernel set, by its name. */
#include "sim/pauli_kernels.h"

#include <ketgrad/sim.h>
#include <string.h>

#include "sim/pauli_sets.h"

typedef struct pauli_set {
    const char *name;
    const kgi_pauli_kernels *by_precision[2]; /* KG_PRECISION_F64, KG_PRECISION_F32 */
    const kgi_pauli_sweeps *sweeps;
} pauli_set;

static const pauli_set sets[] = {
#if defined(__x86_64__)
    {"avx512", {&kgi_pauli_avx512_f64, &kgi_pauli_avx512_f32}, &kgi_pauli_avx512_sweeps},
    {"avx2", {&kgi_pauli_avx2_f64, &kgi_pauli_avx2_f32}, &kgi_pauli_avx2_sweeps},
#endif
    {"portable", {&kgi_pauli_portable_f64, &kgi_pauli_portable_f32}, &kgi_pauli_portable_sweeps},
};
enum { LAST_SET = sizeof sets / sizeof *sets - 1 };

static const pauli_set *find(const char *name)
{
    int i = 0;
    while (i < LAST_SET && strcmp(name, sets[i].name) != 0) {
        i++;
    }
    return &sets[i];
}

const kgi_pauli_kernels *kgi_pauli_kernels_find(const char *name, int precision)
{
    return find(name)->by_precision[precision == KG_PRECISION_F32];
}

const kgi_pauli_sweeps *kgi_pauli_sweeps_find(const char *name)
{
    return find(name)->sweeps;
}
