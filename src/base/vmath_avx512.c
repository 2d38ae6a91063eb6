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

/* x - circle round(x / circle) */
static __m512d reduced(__m512d x)
{
    const __m512d turns = _mm512_roundscale_pd(_mm512_mul_pd(x, _mm512_set1_pd(1 / KGI_CIRCLE)),
                                               _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512d rest = _mm512_fnmadd_pd(turns, _mm512_set1_pd(KGI_CIRCLE), x);
    return _mm512_fnmadd_pd(turns, _mm512_set1_pd(KGI_CIRCLE_REST), rest);
}

static int is_far(__m512d x)
{
    return _mm512_cmp_pd_mask(_mm512_abs_pd(x), _mm512_set1_pd(KGI_CIRCLE_LIMIT), _CMP_NLE_UQ) != 0;
}

void kgi_sincos_single_avx512(const double *x, size_t n, float *sine, float *cosine)
{
    for (size_t i = 0; i < n; i += 16) {
        const __m512d low = _mm512_load_pd(x + i);
        const __m512d high = _mm512_load_pd(x + i + 8);
        if (is_far(low) || is_far(high)) {
            kgi_sincos_single_far(x + i, 16, sine + i, cosine + i);
            continue;
        }
        const __m512 angles =
            _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(reduced(low))),
                               _mm512_cvtpd_ps(reduced(high)), 1);
        const Sleef___m512_2 both = Sleef_sincosf16_u10avx512f(angles);
        _mm512_store_ps(sine + i, both.x);
        _mm512_store_ps(cosine + i, both.y);
    }
}
#endif
