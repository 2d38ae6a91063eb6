/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing a kernel set, measuring its peak, and packing a folded observable for it. */
#include "sim/kernels.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/status.h"
#include "sim/kernels_sets.h"

typedef struct kernel_set {
    const char *name;
    const kgi_kernels *by_precision[2]; /* KG_PRECISION_F64, KG_PRECISION_F32 */
    int (*runs_here)(void);
} kernel_set;

static int always(void)
{
    return 1;
}

#if defined(__x86_64__)
static int has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
}
#endif

/* Best first. */
static const kernel_set sets[] = {
#if defined(__x86_64__)
    {"avx512", {&kgi_kernels_avx512_f64, &kgi_kernels_avx512_f32}, has_avx512},
    {"avx2", {&kgi_kernels_avx2_f64, &kgi_kernels_avx2_f32}, has_avx2},
#endif
    {"portable", {&kgi_kernels_portable_f64, &kgi_kernels_portable_f32}, always},
};
enum { N_SETS = sizeof sets / sizeof *sets };

const kgi_kernels *kgi_kernels_find(const char *name, int precision)
{
    for (int i = 0; i < N_SETS; i++) {
        if ((!name || strcmp(name, sets[i].name) == 0) && sets[i].runs_here()) {
            return sets[i].by_precision[precision == KG_PRECISION_F32];
        }
    }
    return NULL;
}

const char *kg_kernels_get(int i)
{
    for (int k = 0; k < N_SETS && i >= 0; k++) {
        if (sets[k].runs_here() && i-- == 0) {
            return sets[k].name;
        }
    }
    return NULL;
}

kg_status kgi_kernels_fail(const char *name, kg_error *err)
{
    char runs[64] = "";
    for (int i = 0; kg_kernels_get(i); i++) {
        const size_t used = strlen(runs);
        (void)snprintf(runs + used, sizeof runs - used, "%s%s", i ? ", " : "", kg_kernels_get(i));
    }
    return kgi_fail(err, KG_ERR_UNSUPPORTED,
                    "kernels \"%s\" are not in this build or not for this CPU, which runs: %s",
                    name, runs);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double kg_kernels_peak_flops(const char *kernels, int precision)
{
    const kgi_kernels *k = kgi_kernels_find(kernels, precision);
    double best = 0;
    for (int chunk = 0; k && chunk < 25; chunk++) { /* about 2 ms each; the best is the peak */
        double sink;
        const double start = now_s();
        const double flops = k->burst(1 << 17, &sink);
        const double rate = flops / (now_s() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

size_t kgi_packed_reals(int size)
{
    size_t reals = 0;
    for (int i = 0; i < size; i += 4) {
        reals += 8 * (size_t)(size - i);
    }
    return reals;
}

void kgi_pack_hermitian(int size, const double *dense, double *packed)
{
    const size_t n = (size_t)size;
    for (size_t i = 0; i < n; i += 4) {
        for (size_t j = i; j < n; j++) {
            const double weight = j < i + 4 ? 1.0 : 2.0;
            for (size_t r = 0; r < 4; r++) {
                const double *entry = dense + 2 * ((i + r) * n + j);
                *packed++ = weight * entry[0];
                *packed++ = weight * entry[1];
            }
        }
    }
}
