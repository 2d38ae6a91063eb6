/* SPDX-License-Identifier: Apache-2.0 */
/* Small data sets for tests of models, training and evaluation: blurred bars, standing or lying, with
 * noise; more classes lie at other angles. Asymmetric on purpose, and different for every row. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <ketgrad/data.h>
#include <ketgrad/rng.h>

#include "near.h"

enum { FIXTURE_SIDE = 8, FIXTURE_PIXELS = FIXTURE_SIDE * FIXTURE_SIDE };

/* Pixel of class c of row i: a bar through a random centre, at angle pi c / n_classes. */
static inline double fixture_pixel(uint64_t seed, int i, int c, int n_classes, int p)
{
    const double cx = 3.0 + kg_random_uniform(seed, KG_STREAM_DATA, (uint32_t)i, 1000);
    const double cy = 3.0 + kg_random_uniform(seed, KG_STREAM_DATA, (uint32_t)i, 1001);
    const double angle = 3.141592653589793 * c / n_classes + 0.2;
    const double dx = p % FIXTURE_SIDE - cx, dy = p / FIXTURE_SIDE - cy;
    const double distance = dx * sin(angle) - dy * cos(angle);
    const double noise = 60.0 * kg_random_uniform(seed, KG_STREAM_DATA, (uint32_t)i, (uint64_t)p);
    return floor(190.0 * exp(-distance * distance) + noise);
}

/* n_rows images of 8 x 8 pixels 0 .. 255; labels in turn, or class 0 only every third row if unequal. */
static inline kg_dataset *fixture_bars(int n_rows, int n_classes, uint64_t seed, int unequal)
{
    double *x = calloc((size_t)n_rows * FIXTURE_PIXELS, sizeof *x);
    int *labels = calloc((size_t)n_rows, sizeof *labels);
    kg_dataset *data = NULL;
    assert_non_null(x);
    assert_non_null(labels);
    for (int i = 0; i < n_rows; i++) {
        labels[i] = unequal ? (i % 3 != 0) : i % n_classes;
        for (int p = 0; p < FIXTURE_PIXELS; p++) {
            x[i * FIXTURE_PIXELS + p] = fixture_pixel(seed, i, labels[i], n_classes, p);
        }
    }
    assert_int_equal(
        kg_dataset_create(&data, "bars", n_rows, FIXTURE_PIXELS, x, n_classes, labels, NULL, NULL),
        KG_OK);
    assert_int_equal(kg_dataset_set_image(data, FIXTURE_SIDE, FIXTURE_SIDE, NULL), KG_OK);
    free(x);
    free(labels);
    return data;
}

/* Bytes of a file; release with free(). */
static inline unsigned char *fixture_read(const char *path, size_t *n_bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *bytes = calloc(1, 1 << 22);
    assert_non_null(bytes);
    *n_bytes = fread(bytes, 1, 1 << 22, file);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

static inline void fixture_assert_same_files(const char *a, const char *b)
{
    size_t n_a = 0, n_b = 0;
    unsigned char *bytes_a = fixture_read(a, &n_a), *bytes_b = fixture_read(b, &n_b);
    assert_true(n_a > 100);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(bytes_a, bytes_b, n_a);
    free(bytes_a);
    free(bytes_b);
}

#endif
