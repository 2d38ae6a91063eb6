/* SPDX-License-Identifier: Apache-2.0 */
/* Affine maps: resizing against the rule written out, and rows that do not see each other. */
#include "data/affine.h"

#include <ketgrad/rng.h>

#include "refused.h"

/* Bilinear with half-pixel centres: first along x, then along y. */
static double resized(const double *image, int height, int width, int to_height, int to_width,
                      int row, int column)
{
    const double y = (row + 0.5) * height / to_height - 0.5;
    const double x = (column + 0.5) * width / to_width - 0.5;
    const int top = (int)fmax(floor(y), 0.0);
    const int bottom = (int)fmin(ceil(y), height - 1.0);
    const int left = (int)fmax(floor(x), 0.0);
    const int right = (int)fmin(ceil(x), width - 1.0);
    const double tx = x - floor(x);
    const double ty = y - floor(y);
    const double *a = image + top * width;
    const double *b = image + bottom * width;
    const double upper = a[left] + tx * (a[right] - a[left]);
    const double lower = b[left] + tx * (b[right] - b[left]);
    return upper + ty * (lower - upper);
}

/* Values are below 1: three products of weights at most 1 and sums of four terms, 1e-15 is four
 * units of the last place. */
static void resizing_follows_the_rule(void **state)
{
    (void)state;
    static const int sizes[][4] = {{28, 28, 16, 16}, {28, 28, 256, 1}, {28, 28, 784, 1},
                                   {28, 28, 28, 28}, {3, 5, 7, 2},     {1, 1, 4, 4},
                                   {2, 9, 1, 1},     {28, 28, 64, 64}};
    enum { MAX = 64 * 64 };
    double image[MAX];
    double out[MAX];
    for (int i = 0; i < MAX; i++) {
        image[i] = kg_random_uniform(3, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const int *size = sizes[s];
        kg_error err;
        kgi_affine map;
        assert_int_equal(kgi_affine_resize(&map, size[0], size[1], size[2], size[3], &err), KG_OK);
        assert_int_equal(map.n_in, size[0] * size[1]);
        assert_int_equal(map.n_out, size[2] * size[3]);
        kgi_affine_apply(&map, image, 1, out);
        for (int r = 0; r < size[2]; r++) {
            for (int c = 0; c < size[3]; c++) {
                assert_near(out[r * size[3] + c],
                            resized(image, size[0], size[1], size[2], size[3], r, c), 1e-15);
            }
        }
        kgi_affine_clear(&map);
    }
}

/* Worked by hand for 28 to 16 pixels: neighbours (0,1) (2,3) (3,4) (5,6) with t = .375 .125 .875
 * .625, then the same 7 further on. */
static void sixteen_of_twenty_eight(void **state)
{
    (void)state;
    static const int first[4] = {0, 2, 3, 5};
    static const double t[4] = {0.375, 0.125, 0.875, 0.625};
    kg_error err;
    kgi_affine map;
    assert_int_equal(kgi_affine_resize(&map, 28, 28, 16, 16, &err), KG_OK);
    for (int c = 0; c < 16; c++) { /* top row: y between rows 0 and 1 at .375 */
        const int *tap = map.tap + c * KGI_AFFINE_TAPS;
        const double *weight = map.weight + c * KGI_AFFINE_TAPS;
        const int left = first[c % 4] + 7 * (c / 4);
        assert_int_equal(tap[0], left);
        assert_int_equal(tap[1], left + 1);
        assert_int_equal(tap[2], left + 28);
        assert_int_equal(tap[3], left + 29);
        assert_near(weight[0], 0.625 * (1.0 - t[c % 4]), 0.0); /* eighths are exact */
        assert_near(weight[3], 0.375 * t[c % 4], 0.0);
    }
    kgi_affine_clear(&map);
}

/* A column of an image is the mean of its two middle columns, stretched. */
static void a_column_is_the_middle(void **state)
{
    (void)state;
    kg_error err;
    kgi_affine map;
    double image[28 * 28] = {0};
    double out[784];
    for (int r = 0; r < 28; r++) {
        image[r * 28 + 13] = r;
        image[r * 28 + 14] = r + 1.0;
        image[r * 28 + 12] = 1e9; /* is not seen */
        image[r * 28 + 15] = 1e9;
    }
    assert_int_equal(kgi_affine_resize(&map, 28, 28, 784, 1, &err), KG_OK);
    kgi_affine_apply(&map, image, 1, out);
    for (int i = 0; i < 784; i++) {
        const double y = fmin(fmax((i + 0.5) * 28 / 784 - 0.5, 0.0), 27.0);
        assert_near(out[i], y + 0.5, 1e-13);
    }
    kgi_affine_clear(&map);
}

static void dense_and_clipped_forms(void **state)
{
    (void)state;
    enum { ROWS = 67, IN = 5, OUT = 3 };
    kg_error err;
    kgi_affine map;
    double x[ROWS * IN];
    double all[ROWS * OUT];
    double alone[OUT];
    assert_int_equal(kgi_affine_init(&map, KGI_AFFINE_DENSE, IN, OUT, &err), KG_OK);
    for (int i = 0; i < IN * OUT; i++) {
        map.weight[i] = kg_random_normal(4, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    for (int i = 0; i < IN; i++) {
        map.mean[i] = 0.1 * i;
    }
    for (int i = 0; i < ROWS * IN; i++) {
        x[i] = kg_random_normal(4, KG_STREAM_TEST, 1, (uint64_t)i);
    }
    for (int clipped = 0; clipped < 2; clipped++) {
        map.is_clipped = clipped;
        map.lo = -0.5;
        map.hi = 0.25;
        kgi_affine_apply(&map, x, ROWS, all);
        for (int r = 0; r < ROWS; r++) {
            kgi_affine_apply(&map, x + r * IN, 1, alone);
            assert_memory_equal(alone, all + r * OUT, sizeof alone); /* the same bits */
            for (int o = 0; o < OUT; o++) {
                double sum = 0.0;
                for (int i = 0; i < IN; i++) {
                    sum += map.weight[i * OUT + o] * (x[r * IN + i] - 0.1 * i);
                }
                sum = clipped ? fmin(fmax(sum, -0.5), 0.25) : sum;
                assert_near(alone[o], sum, 1e-14);
            }
        }
    }
    kgi_affine_clear(&map);
    assert_refused(kgi_affine_init(&map, KGI_AFFINE_DENSE, INT32_MAX, INT32_MAX, &err), err,
                   KG_ERR_MEMORY,
                   "cannot allocate a transform of 2147483647 to 2147483647 features");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resizing_follows_the_rule),
        cmocka_unit_test(sixteen_of_twenty_eight),
        cmocka_unit_test(a_column_is_the_middle),
        cmocka_unit_test(dense_and_clipped_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
