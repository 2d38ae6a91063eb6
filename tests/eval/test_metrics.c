/* SPDX-License-Identifier: Apache-2.0 */
/* Accuracy, confusion matrix, spread and its interval, against cases by hand. */
#include <ketgrad/eval.h>

#include "near.h"

/* Unequal classes: 5 of class 0, 3 of class 1, 2 of class 2. */
static void confusion_counts_truth_by_row(void **state)
{
    (void)state;
    const int labels[] = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2};
    const int predicted[] = {0, 0, 0, 1, 2, 1, 1, 0, 2, 1};
    const int expected[] = {3, 1, 1, /**/ 1, 2, 0, /**/ 0, 1, 1};
    int matrix[9] = {7, 7, 7, 7, 7, 7, 7, 7, 7};
    kg_confusion(10, labels, predicted, 3, matrix);
    assert_memory_equal(matrix, expected, sizeof matrix);
    assert_near(kg_accuracy(10, labels, predicted), 0.6, 1e-15);
    assert_near(kg_accuracy(3, labels, predicted), 1.0, 0.0);
}

/* 2, 4, 9: mean 5, squares 9 + 1 + 16 = 26, sample sd sqrt(13), population sd sqrt(26 / 3),
 * t(0.975, 2) = 4.302653. */
static void spread_of_three_numbers(void **state)
{
    (void)state;
    const double x[] = {4, 9, 2};
    kg_stats stats;
    kg_stats_compute(3, x, 0, &stats);
    assert_int_equal(stats.n, 3);
    assert_near(stats.mean, 5.0, 1e-15);
    assert_near(stats.sd, sqrt(13), 1e-14);
    assert_near(stats.min, 2.0, 0.0);
    assert_near(stats.max, 9.0, 0.0);
    assert_near(stats.ci_high - stats.mean, 4.302653 * sqrt(13) / sqrt(3), 1e-12);
    assert_near(stats.mean - stats.ci_low, 4.302653 * sqrt(13) / sqrt(3), 1e-12);
    kg_stats_compute(3, x, 1, &stats); /* the interval stays that of the sample */
    assert_near(stats.sd, sqrt(26.0 / 3), 1e-14);
    assert_near(stats.ci_high - stats.mean, 4.302653 * sqrt(13) / sqrt(3), 1e-12);
}

static void one_number_has_no_spread(void **state)
{
    (void)state;
    const double x = 0.75;
    kg_stats stats;
    kg_stats_compute(1, &x, 0, &stats);
    assert_near(stats.sd, 0.0, 0.0);
    assert_near(stats.ci_low, 0.75, 0.0);
    assert_near(stats.ci_high, 0.75, 0.0);
}

/* Ten times a third sum up to something else than ten thirds: rounding is no spread. */
static void equal_numbers_have_no_spread(void **state)
{
    (void)state;
    for (int n = 2; n <= 10; n++) {
        double x[10];
        kg_stats stats;
        for (int i = 0; i < n; i++) {
            x[i] = 21.0 / 53.0;
        }
        kg_stats_compute(n, x, 0, &stats);
        assert_near(stats.mean, 21.0 / 53.0, 0.0);
        assert_near(stats.sd, 0.0, 0.0);
        assert_near(stats.ci_high, stats.ci_low, 0.0);
    }
}

/* Half the interval in units of sd / sqrt(n) is the quantile: printed tables to five decimals, at both
 * ends of our table and beyond it. */
static void intervals_use_students_t(void **state)
{
    (void)state;
    const struct {
        int df;
        double t;
    } table[] = {{1, 12.70620}, {9, 2.26216},  {19, 2.09302},  {30, 2.04227},
                 {31, 2.03951}, {60, 2.00030}, {120, 1.97993}, {1999, 1.96115}};
    static double x[2000];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const int n = table[i].df + 1;
        kg_stats stats;
        for (int k = 0; k < n; k++) {
            x[k] = k % 7;
        }
        kg_stats_compute(n, x, 0, &stats);
        assert_near((stats.ci_high - stats.mean) / (stats.sd / sqrt(n)), table[i].t, 1.1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confusion_counts_truth_by_row),
        cmocka_unit_test(spread_of_three_numbers),
        cmocka_unit_test(one_number_has_no_spread),
        cmocka_unit_test(equal_numbers_have_no_spread),
        cmocka_unit_test(intervals_use_students_t),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
