/* SPDX-License-Identifier: Apache-2.0 */
/* Addressed random numbers on Random123's Philox4x32-10. */
#include <ketgrad/rng.h>

#include <math.h>

#if defined(__GNUC__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wpedantic"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#    pragma GCC diagnostic pop
#endif

__extension__ typedef unsigned __int128 uint128; /* outside ISO C, in gcc and clang */

void kg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    const philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x32_key_t k = {{key[0], key[1]}};
    const philox4x32_ctr_t r = philox4x32(c, k);
    for (int i = 0; i < 4; i++) {
        out[i] = r.v[i];
    }
}

/* Two 64-bit words for the block that holds draws 2 * block and 2 * block + 1. */
static void draw_block(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t block,
                       uint64_t out[2])
{
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), sample,
                                 (uint32_t)stream};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t words[4];
    kg_philox(counter, key, words);
    out[0] = (uint64_t)words[1] << 32 | words[0];
    out[1] = (uint64_t)words[3] << 32 | words[2];
}

static double unit_interval(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

double kg_random_uniform(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index)
{
    uint64_t bits[2];
    draw_block(seed, stream, sample, index / 2, bits);
    return unit_interval(bits[index % 2]);
}

double kg_random_normal(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index)
{
    uint64_t bits[2];
    draw_block(seed, stream, sample, index / 2, bits);
    const double radius = sqrt(-2.0 * log(1.0 - unit_interval(bits[0]))); /* 1 - u is never 0 */
    const double angle = 6.283185307179586476925 * unit_interval(bits[1]);
    return radius * (index % 2 ? sin(angle) : cos(angle));
}

uint64_t kg_random_below(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index,
                         uint64_t n)
{
    uint64_t bits[2];
    draw_block(seed, stream, sample, index / 2, bits);
    return (uint64_t)(((uint128)bits[index % 2] * n) >> 64);
}
