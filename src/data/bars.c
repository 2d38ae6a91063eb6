/* SPDX-License-Identifier: Apache-2.0 */
/* Bars and stripes: pixels are -1; each column (bars) or each row (stripes) is 1 with probability 1/2;
 * then every pixel gets Gaussian noise of standard deviation 1/2. Size and noise, 4 x 4 pixels, 1000
 * training and 200 test images, are those of Bowles, Ahmed, Schuld, arXiv:2403.07059, whose images may
 * be empty or full and then belong to both classes; here at least one line is 1 and one is -1, so that
 * every image has a right answer.
 *
 * Every random number is addressed by (seed, half, class, index, what it is for), so a sample is the
 * same whoever asks for it, in whatever order. */
#include "data/bars.h"

#include <ketgrad/rng.h>

enum { SIDE = KGI_BARS_SIDE, DRAW_LINES = 0, DRAW_NOISE = 64, STRIPES = 1 };

static void draw(uint64_t seed, int is_test, int class, int index, double *pixels)
{
    /* bit 30 keeps them apart from the other generated sets of the same seed */
    const uint32_t sample =
        (uint32_t)is_test << 31 | (uint32_t)1 << 30 | (uint32_t) class << 29 | (uint32_t)index;
    /* one of the 2^SIDE - 2 choices of lines, neither none nor all */
    const uint64_t lines =
        1 + kg_random_below(seed, KG_STREAM_DATA, sample, DRAW_LINES, (1U << SIDE) - 2);
    for (int r = 0; r < SIDE; r++) {
        for (int c = 0; c < SIDE; c++) {
            const int i = r * SIDE + c;
            const int is_on = (int)(lines >> (class == STRIPES ? r : c)) & 1;
            pixels[i] = (is_on ? 1.0 : -1.0) + 0.5 * kg_random_normal(seed, KG_STREAM_DATA, sample,
                                                                      DRAW_NOISE + (uint64_t)i);
        }
    }
}

kg_status kgi_bars_make(kg_dataset **out, uint64_t seed, int is_test, const int *classes,
                        int n_classes, int limit, const char *const *class_names, kg_error *err)
{
    const int all = n_classes * (is_test ? KGI_BARS_TEST : KGI_BARS_TRAIN);
    const int n_rows = limit && limit < all ? limit : all;
    return kgi_dataset_draw(out, "bars-and-stripes", draw, SIDE, seed, is_test, classes, n_classes,
                            n_rows, class_names, err);
}
