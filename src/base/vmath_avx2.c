/* SPDX-License-Identifier: Apache-2.0 */
/* Sine and cosine, 4 at a time; see vmath_sets.h. */
#include "base/vmath_sets.h"

#if defined(__x86_64__)
#    include <immintrin.h>

#    include <sleef.h>

void kgi_sincos_avx2(const double *x, size_t n, double *sine, double *cosine)
{
    for (size_t i = 0; i < n; i += 4) {
        const Sleef___m256d_2 both = Sleef_sincosd4_u10avx2(_mm256_load_pd(x + i));
        _mm256_store_pd(sine + i, both.x);
        _mm256_store_pd(cosine + i, both.y);
    }
}
#endif
