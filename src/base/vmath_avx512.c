/* SPDX-License-Identifier: Apache-2.0 */
/* Sine and cosine, 8 at a time; see vmath_sets.h. */
#include "base/vmath_sets.h"

#if defined(__x86_64__)
#    include <immintrin.h>

#    include <sleef.h>

void kgi_sincos_avx512(const double *x, size_t n, double *sine, double *cosine)
{
    for (size_t i = 0; i < n; i += 8) {
        const Sleef___m512d_2 both = Sleef_sincosd8_u10avx512f(_mm512_load_pd(x + i));
        _mm512_store_pd(sine + i, both.x);
        _mm512_store_pd(cosine + i, both.y);
    }
}
#endif
