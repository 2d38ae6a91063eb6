/* SPDX-License-Identifier: Apache-2.0 */
/* Generated digits: the same bytes whoever asks, different digits look different. */
#include "data/strokes.h"

#include "refused.h"

enum { PIXELS = KGI_STROKES_SIDE * KGI_STROKES_SIDE };

static kg_dataset *make(uint64_t seed, int is_test, const int *classes, int n, int limit)
{
    kg_error err;
    kg_dataset *data = NULL;
    assert_int_equal(kgi_strokes_make(&data, seed, is_test, classes, n, limit, &err), KG_OK);
    return data;
}

static void classes_come_in_turn(void **state)
{
    (void)state;
    const int classes[2] = {7, 3};
    kg_dataset *data = make(1, 0, classes, 2, 0);
    assert_int_equal(kg_dataset_n_rows(data), 2 * KGI_STROKES_TRAIN);
    assert_string_equal(kg_dataset_class_name(data, 0), "7");
    assert_string_equal(kg_dataset_class_name(data, 1), "3");
    assert_int_equal(kg_dataset_height(data), 28);
    assert_int_equal(kg_dataset_width(data), 28);
    for (int r = 0; r < kg_dataset_n_rows(data); r++) {
        assert_int_equal(kg_dataset_labels(data)[r], r % 2);
    }
    kg_dataset_destroy(data);
    data = make(1, 1, NULL, 10, 15);
    assert_int_equal(kg_dataset_n_rows(data), 15);
    assert_string_equal(kg_dataset_class_name(data, 9), "9");
    kg_dataset_destroy(data);
}

static void a_sample_depends_on_its_address_only(void **state)
{
    (void)state;
    const int two[2] = {7, 3};
    kg_dataset *all = make(5, 0, NULL, 10, 0);
    kg_dataset *some = make(5, 0, two, 2, 30);
    double alone[PIXELS];
    for (int i = 14; i >= 0; i--) {
        const size_t in_all = (size_t)(10 * i + 3) * PIXELS;
        const size_t in_some = (size_t)(2 * i + 1) * PIXELS;
        kgi_strokes_draw(5, 0, 3, i, alone);
        assert_memory_equal(kg_dataset_features(all) + in_all, alone, sizeof alone);
        assert_memory_equal(kg_dataset_features(some) + in_some, alone, sizeof alone);
    }
    kg_dataset_destroy(all);
    kg_dataset_destroy(some);
}

static void seed_half_digit_and_index_matter(void **state)
{
    (void)state;
    double base[PIXELS];
    double other[PIXELS];
    kgi_strokes_draw(1, 0, 4, 0, base);
    for (int i = 0; i < 4; i++) {
        kgi_strokes_draw(i == 0 ? 2 : 1, i == 1, i == 2 ? 5 : 4, i == 3, other);
        assert_memory_not_equal(base, other, sizeof base);
    }
}

/* Whole grey values, a digit of plausible ink in the middle, and a clear rim on nearly all. */
static void images_look_like_digits(void **state)
{
    (void)state;
    kg_dataset *data = make(1, 0, NULL, 10, 0);
    int n_touching = 0;
    for (int r = 0; r < kg_dataset_n_rows(data); r++) {
        const double *x = kg_dataset_features(data) + (size_t)r * PIXELS;
        double ink = 0.0;
        int touches = 0;
        for (int i = 0; i < PIXELS; i++) {
            assert_true(x[i] >= 0.0 && x[i] <= 255.0 && x[i] == floor(x[i]));
            ink += x[i] > 100.0;
            touches |= x[i] > 100.0 && (i % 28 == 0 || i % 28 == 27 || i < 28 || i >= PIXELS - 28);
        }
        assert_true(ink > 15.0 && ink < 250.0);
        n_touching += touches;
    }
    print_message("%d of %d touch the rim\n", n_touching, kg_dataset_n_rows(data));
    assert_true(n_touching < kg_dataset_n_rows(data) / 20);
    kg_dataset_destroy(data);
}

/* A guess by the nearest class mean must be far better than chance and not perfect: the set is
 * neither noise nor trivial. */
static void class_means_tell_most_digits(void **state)
{
    (void)state;
    kg_dataset *train = make(1, 0, NULL, 10, 0);
    kg_dataset *test = make(1, 1, NULL, 10, 0);
    static double mean[10][PIXELS];
    int right = 0;
    for (int r = 0; r < kg_dataset_n_rows(train); r++) {
        for (int i = 0; i < PIXELS; i++) {
            mean[r % 10][i] +=
                kg_dataset_features(train)[(size_t)r * PIXELS + (size_t)i] / KGI_STROKES_TRAIN;
        }
    }
    for (int r = 0; r < kg_dataset_n_rows(test); r++) {
        int best = 0;
        double best_distance = INFINITY;
        for (int c = 0; c < 10; c++) {
            double distance = 0.0;
            for (int i = 0; i < PIXELS; i++) {
                const double d =
                    kg_dataset_features(test)[(size_t)r * PIXELS + (size_t)i] - mean[c][i];
                distance += d * d;
            }
            if (distance < best_distance) {
                best_distance = distance;
                best = c;
            }
        }
        right += best == r % 10;
    }
    const double share = (double)right / kg_dataset_n_rows(test);
    print_message("nearest class mean: %.4f\n", share);
    assert_true(share > 0.60 && share < 0.98);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_come_in_turn),
        cmocka_unit_test(a_sample_depends_on_its_address_only),
        cmocka_unit_test(seed_half_digit_and_index_matter),
        cmocka_unit_test(images_look_like_digits),
        cmocka_unit_test(class_means_tell_most_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
