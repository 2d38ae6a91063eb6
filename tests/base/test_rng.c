/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers by address: known answers of the generator, and that addresses do not meet. */
#include <math.h>

#include <ketgrad/rng.h>

#include "near.h"

enum { N_DRAWS = 1000000 };

/* The vectors that Random123 publishes for Philox4x32-10 (kat_vectors). */
static void philox_gives_the_published_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t out[4];
        kg_philox(cases[i].counter, cases[i].key, out);
        for (int w = 0; w < 4; w++) {
            assert_int_equal(out[w], cases[i].out[w]);
        }
    }
}

/* Draws 2i and 2i + 1 are the low and the high half of the block at the documented counter. */
static void draws_come_from_the_documented_block(void **state)
{
    (void)state;
    const uint64_t seed = 0x123456789abcdef0u, index = 0x500000006u; /* block 0x280000003 */
    const uint32_t counter[4] = {0x80000003u, 0x2u, 77, KG_STREAM_NOISE};
    const uint32_t key[2] = {0x9abcdef0u, 0x12345678u};
    uint32_t out[4];
    kg_philox(counter, key, out);
    for (uint64_t half = 0; half < 2; half++) {
        const uint64_t bits = (uint64_t)out[2 * half + 1] << 32 | out[2 * half];
        const double expected = (double)(bits >> 11) / 9007199254740992.0; /* 2^53 */
        const double got = kg_random_uniform(seed, KG_STREAM_NOISE, 77, index + half);
        assert_true(got == expected);
    }
}

static void every_part_of_the_address_counts(void **state)
{
    (void)state;
    const double base = kg_random_uniform(1, KG_STREAM_INIT, 2, 3);
    assert_true(base == kg_random_uniform(1, KG_STREAM_INIT, 2, 3));
    assert_true(base != kg_random_uniform(2, KG_STREAM_INIT, 2, 3));
    assert_true(base != kg_random_uniform(1 + (1ull << 32), KG_STREAM_INIT, 2, 3));
    assert_true(base != kg_random_uniform(1, KG_STREAM_SHOTS, 2, 3));
    assert_true(base != kg_random_uniform(1, KG_STREAM_INIT, 3, 3));
    assert_true(base != kg_random_uniform(1, KG_STREAM_INIT, 2, 2));
    assert_true(base != kg_random_uniform(1, KG_STREAM_INIT, 2, 3 + (1ull << 33)));
    /* seed 0 is a seed like any other */
    assert_true(kg_random_uniform(0, KG_STREAM_INIT, 0, 0) !=
                kg_random_uniform(0, KG_STREAM_INIT, 0, 1));
}

/* Correlation coefficient of N pairs of independent draws has standard deviation 1/sqrt(N) = 1e-3;
 * 5e-3 is five of them. Uniform on [0, 1): mean 1/2, variance 1/12. */
static void check_uncorrelated(uint64_t seed, kg_stream a, uint32_t sample_a, uint64_t lag,
                               kg_stream b, uint32_t sample_b)
{
    double sum = 0.0;
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        sum += (kg_random_uniform(seed, a, sample_a, i) - 0.5) *
               (kg_random_uniform(seed, b, sample_b, i + lag) - 0.5);
    }
    assert_near(12.0 * sum / N_DRAWS, 0.0, 5e-3);
}

static void streams_samples_and_neighbours_are_uncorrelated(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(1);
    check_uncorrelated(seed, KG_STREAM_INIT, 0, 0, KG_STREAM_SHUFFLE, 0);
    check_uncorrelated(seed, KG_STREAM_SHUFFLE, 0, 0, KG_STREAM_SHOTS, 0);
    check_uncorrelated(seed, KG_STREAM_SHOTS, 0, 0, KG_STREAM_NOISE, 0);
    check_uncorrelated(seed, KG_STREAM_NOISE, 0, 0, KG_STREAM_DATA, 0);
    check_uncorrelated(seed, KG_STREAM_SHOTS, 0, 0, KG_STREAM_SHOTS, 1);
    check_uncorrelated(seed, KG_STREAM_SHOTS, 0, 1, KG_STREAM_SHOTS, 0);
    check_uncorrelated(seed, KG_STREAM_SHOTS, 0, 2, KG_STREAM_SHOTS, 0);
}

/* Five standard deviations of a mean of N = 10^6 values: 5 sqrt(var / N) = 0.005 sqrt(var), with
 * var(u) = 1/12, var(u^2) = 1/5 - 1/9 = 4/45. */
static void uniform_moments(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(2);
    double mean = 0.0, square = 0.0;
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        const double u = kg_random_uniform(seed, KG_STREAM_TEST, 0, i);
        assert_true(u >= 0.0 && u < 1.0);
        mean += u / N_DRAWS;
        square += u * u / N_DRAWS;
    }
    assert_near(mean, 0.5, 5e-3 * sqrt(1.0 / 12.0));
    assert_near(square, 1.0 / 3.0, 5e-3 * sqrt(4.0 / 45.0));
}

/* Of a standard normal: E x^k = 0, 1, 0, 3 and var x^k = 1, 2, 15, 96 for k = 1..4; E xy = 0 and
 * var xy = 1 for the two halves of a block. Five standard deviations as above. */
static void normal_moments(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(3);
    const double expected[4] = {0.0, 1.0, 0.0, 3.0}, variance[4] = {1.0, 2.0, 15.0, 96.0};
    double moment[4] = {0.0, 0.0, 0.0, 0.0}, pair = 0.0, before = 0.0;
    for (uint64_t i = 0; i < N_DRAWS; i++) {
        const double x = kg_random_normal(seed, KG_STREAM_INIT, 0, i);
        double power = 1.0;
        for (int k = 0; k < 4; k++) {
            power *= x;
            moment[k] += power / N_DRAWS;
        }
        pair += i % 2 ? before * x / (N_DRAWS / 2) : 0.0;
        before = x;
    }
    for (int k = 0; k < 4; k++) {
        assert_near(moment[k], expected[k], 5e-3 * sqrt(variance[k]));
    }
    assert_near(pair, 0.0, 5e-3 * sqrt(2.0));
}

/* Chi-square with n - 1 = 6 degrees of freedom has mean 6 and variance 12; its upper tail at 48 is
 * about 1e-8. */
static void below_is_uniform_and_in_range(void **state)
{
    (void)state;
    const uint64_t seed = near_seed(4);
    double counts[7] = {0}, chi = 0.0;
    for (uint64_t i = 0; i < 700000; i++) {
        const uint64_t x = kg_random_below(seed, KG_STREAM_SHUFFLE, 0, i, 7);
        assert_true(x < 7);
        counts[x] += 1.0;
    }
    for (int v = 0; v < 7; v++) {
        chi += (counts[v] - 1e5) * (counts[v] - 1e5) / 1e5;
    }
    assert_true(chi < 48.0);
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(kg_random_below(seed, KG_STREAM_SHUFFLE, 1, i, 1) == 0);
        const uint64_t huge = UINT64_MAX - 3;
        assert_true(kg_random_below(seed, KG_STREAM_SHUFFLE, 2, i, huge) < huge);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_answers),
        cmocka_unit_test(draws_come_from_the_documented_block),
        cmocka_unit_test(every_part_of_the_address_counts),
        cmocka_unit_test(streams_samples_and_neighbours_are_uncorrelated),
        cmocka_unit_test(uniform_moments),
        cmocka_unit_test(normal_moments),
        cmocka_unit_test(below_is_uniform_and_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
