/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers by address: a draw depends on what it is for, not on who asked first.
 *
 * The generator is Philox4x32-10 (Salmon et al., SC 2011, doi 10.1145/2063384.2063405). The key is the
 * seed, the counter is {index low, index high, sample, stream}; there is no state, so any thread may
 * ask for any draw at any time and gets the same number. */
#ifndef KETGRAD_RNG_H
#define KETGRAD_RNG_H

#include <stdint.h>

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a draw is for. Streams of one seed never share a counter. */
typedef enum kg_stream {
    KG_STREAM_TEST = 0,    /* free for tests and user code */
    KG_STREAM_INIT = 1,    /* initial parameters */
    KG_STREAM_SHUFFLE = 2, /* order of samples in mini-batches, splits */
    KG_STREAM_SHOTS = 3,   /* measurement outcomes */
    KG_STREAM_NOISE = 4,   /* noise trajectories */
    KG_STREAM_DATA = 5,    /* generated data sets */
    KG_STREAM_DROPOUT = 6  /* which numbers a dropout layer drops; sample is the step */
} kg_stream;

/** One Philox4x32-10 block: out[4] from counter[4] and key[2]. */
KG_API void kg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/** Uniform in [0, 1), 53 bits. Draws 2i and 2i + 1 come from block i. */
KG_API double kg_random_uniform(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index);

/** Standard normal by Box-Muller. Draws 2i and 2i + 1 are the pair that block i gives. */
KG_API double kg_random_normal(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index);

/** Uniform integer in [0, n), n >= 1; its bias is below n / 2^64. */
KG_API uint64_t kg_random_below(uint64_t seed, kg_stream stream, uint32_t sample, uint64_t index,
                                uint64_t n);

#ifdef __cplusplus
}
#endif

#endif
