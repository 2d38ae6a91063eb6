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

/* x - circle round(x / circle) */
static __m256d reduced(__m256d x)
{
    const __m256d turns = _mm256_round_pd(_mm256_mul_pd(x, _mm256_set1_pd(1 / KGI_CIRCLE)),
                                          _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m256d rest = _mm256_fnmadd_pd(turns, _mm256_set1_pd(KGI_CIRCLE), x);
    return _mm256_fnmadd_pd(turns, _mm256_set1_pd(KGI_CIRCLE_REST), rest);
}

static int is_far(__m256d x)
{
    const __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    return _mm256_movemask_pd(_mm256_cmp_pd(size, _mm256_set1_pd(KGI_CIRCLE_LIMIT), _CMP_NLE_UQ)) !=
           0;
}

void kgi_sincos_single_avx2(const double *x, size_t n, float *sine, float *cosine)
{
    for (size_t i = 0; i < n; i += 8) {
        const __m256d low = _mm256_load_pd(x + i);
        const __m256d high = _mm256_load_pd(x + i + 4);
        if (is_far(low) || is_far(high)) {
            kgi_sincos_single_far(x + i, 8, sine + i, cosine + i);
            continue;
        }
        const __m256 angles =
            _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(reduced(low))),
                                 _mm256_cvtpd_ps(reduced(high)), 1);
        const Sleef___m256_2 both = Sleef_sincosf8_u10avx2(angles);
        _mm256_store_ps(sine + i, both.x);
        _mm256_store_ps(cosine + i, both.y);
    }
}
#endif
