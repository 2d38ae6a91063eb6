/* SPDX-License-Identifier: Apache-2.0 */
/* Sine and cosine, 2 at a time; see vmath_sets.h. */
#include "base/vmath_sets.h"

#if defined(__x86_64__)
#    include <immintrin.h>

#    include <sleef.h>

void kgi_sincos_sse2(const double *x, size_t n, double *sine, double *cosine)
{
    for (size_t i = 0; i < n; i += 2) {
        const Sleef___m128d_2 both = Sleef_sincosd2_u10sse2(_mm_load_pd(x + i));
        _mm_store_pd(sine + i, both.x);
        _mm_store_pd(cosine + i, both.y);
    }
}
#endif
