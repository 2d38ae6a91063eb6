/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics against numbers worked out by hand: unequal classes, ties, and classes that are empty. */
#include <ketgrad/eval.h>

#include "near.h"

/* Two classes, 6 rows of class 0 and 4 of class 1, with ties in the scores of class 1:
 *
 *   label   0    0    0    0    0    0    1    1    1    1
 *   p1     .1   .2   .2   .4   .5   .7   .2   .6   .7   .9
 *
 * Predicted is p1 > 0.5. Rows:  TN 5, FP 1, FN 1, TP 3.
 *   accuracy 8/10; recall 5/6 and 3/4, mean 19/24; precision 5/6 and 3/4, the same mean;
 *   F1 10/12 and 6/8, the same mean;
 *   MCC (3 5 - 1 1) / sqrt(4 4 6 6) = 14 / 24
 *   AUC pairs (class 1 row, class 0 row) with a larger score, ties half: .2: 1 + 1/2 + 1/2 = 2;
 *       .6: 5; .7: 5 + 1/2 = 5.5; .9: 6; sum 18.5 of 24. */
static void two_unequal_classes(void **state)
{
    (void)state;
    enum { N = 10 };
    const double p1[N] = {.1, .2, .2, .4, .5, .7, .2, .6, .7, .9};
    const int labels[N] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1};
    int predicted[N];
    double scores[2 * N], loss = 0.0;
    kg_metrics m;
    for (int i = 0; i < N; i++) {
        predicted[i] = p1[i] > 0.5;
        scores[2 * i] = 1.0 - p1[i];
        scores[2 * i + 1] = p1[i];
        loss -= log(labels[i] ? p1[i] : 1.0 - p1[i]) / N;
    }
    assert_int_equal(kg_metrics_compute(N, labels, predicted, scores, 2, &m, NULL), KG_OK);
    assert_int_equal(m.n, N);
    assert_int_equal(m.n_classes, 2);
    assert_near(m.accuracy, 0.8, 1e-15);
    assert_near(m.balanced_accuracy, 19.0 / 24, 1e-15);
    assert_near(m.precision, 19.0 / 24, 1e-15);
    assert_near(m.recall, 19.0 / 24, 1e-15);
    assert_near(m.f1, 19.0 / 24, 1e-15);
    assert_near(m.mcc, 14.0 / 24, 1e-15);
    assert_near(m.auc, 18.5 / 24, 1e-15);
    assert_near(m.log_loss, loss, 1e-15);
}

/* Four classes, of which 2 has no row but is predicted once, and 3 neither has rows nor is predicted:
 *
 *   label      0 0 0 1 1 0
 *   predicted  0 1 2 1 0 0
 *
 *            rows  predicted  both
 *   class 0    4       3        2     recall 1/2  precision 2/3  F1 4/7
 *         1    2       2        1            1/2            1/2     1/2
 *         2    0       1        0             0              0       0
 *   seen: 3 classes. recall (1/2 + 1/2) / 3, precision (2/3 + 1/2) / 3, F1 (4/7 + 1/2) / 3.
 *   balanced accuracy: 2 classes with rows, 1/2.
 *   MCC (Gorodkin): c = 3, s = 6, sum rows * predicted = 12 + 4 = 16;
 *       (18 - 16) / sqrt(36 - (9 + 4 + 1)) / sqrt(36 - (16 + 4)) = 2 / sqrt(22 16)
 *   AUC: class 0 against the rest and class 1 against the rest; classes 2 and 3 have no rows. */
static void classes_that_are_empty(void **state)
{
    (void)state;
    enum { N = 6, C = 4 };
    const int labels[N] = {0, 0, 0, 1, 1, 0};
    const int predicted[N] = {0, 1, 2, 1, 0, 0};
    const double scores[N][C] = {{.7, .1, .1, .1}, {.2, .6, .1, .1}, {.3, .1, .5, .1},
                                 {.1, .8, .0, .1}, {.5, .3, .1, .1}, {.6, .3, .1, .0}};
    kg_metrics m;
    assert_int_equal(kg_metrics_compute(N, labels, predicted, &scores[0][0], C, &m, NULL), KG_OK);
    assert_near(m.accuracy, 0.5, 1e-15);
    assert_near(m.balanced_accuracy, 0.5, 1e-15);
    assert_near(m.recall, 1.0 / 3, 1e-15);
    assert_near(m.precision, 7.0 / 18, 1e-15);
    assert_near(m.f1, 15.0 / 42, 1e-15);
    assert_near(m.mcc, 2.0 / sqrt(22.0 * 16.0), 1e-15);
    /* class 0: .7 .2 .3 .6 against .1 .5: 2 + 1 + 1 + 2 of 8; class 1: .8 .3 against .1 .6 .1 .3:
     * 4 + (1 + 1 + 1/2) of 8 */
    assert_near(m.auc, 0.5 * (6.0 / 8 + 6.5 / 8), 1e-15);
    assert_near(m.log_loss, -(log(.7) + log(.2) + log(.3) + log(.8) + log(.3) + log(.6)) / N,
                1e-15);
}

/* All rows and predictions of one class, and a score of 0 for a label: every number is one. */
static void nothing_is_undefined(void **state)
{
    (void)state;
    const int labels[3] = {1, 1, 1};
    const double scores[6] = {0, 1, 0, 1, 1, 0};
    const int predicted[3] = {1, 1, 0};
    kg_metrics m;
    assert_int_equal(kg_metrics_compute(3, labels, labels, scores, 2, &m, NULL), KG_OK);
    for (int i = 0; kg_metric_get(i); i++) {
        assert_true(isfinite(kg_metric_value(&m, i)));
    }
    assert_near(m.accuracy, 1.0, 0.0);
    assert_near(m.mcc, 0.0, 0.0);
    assert_near(m.auc, 0.5, 0.0);
    assert_near(m.f1, 1.0, 0.0);
    assert_near(m.log_loss, -log(2.220446049250313e-16) / 3, 1e-12);
    assert_int_equal(kg_metrics_compute(3, labels, predicted, scores, 2, &m, NULL), KG_OK);
    assert_near(m.balanced_accuracy, 2.0 / 3, 1e-15);
    assert_near(m.recall, 1.0 / 3, 1e-15); /* of class 0, which was predicted, none */
    assert_near(m.precision, 0.5, 1e-15);
    assert_near(m.mcc, 0.0, 0.0);
}

/* A perfect ranking and its reverse; all scores equal. */
static void areas_at_their_ends(void **state)
{
    (void)state;
    const int labels[4] = {0, 0, 1, 1};
    const double rising[8] = {.9, .1, .8, .2, .3, .7, .2, .8},
                 falling[8] = {.1, .9, .2, .8, .7, .3, .8, .2};
    const double equal[8] = {.5, .5, .5, .5, .5, .5, .5, .5};
    kg_metrics m;
    assert_int_equal(kg_metrics_compute(4, labels, labels, rising, 2, &m, NULL), KG_OK);
    assert_near(m.auc, 1.0, 0.0);
    assert_near(m.mcc, 1.0, 1e-15);
    assert_int_equal(kg_metrics_compute(4, labels, labels, falling, 2, &m, NULL), KG_OK);
    assert_near(m.auc, 0.0, 0.0);
    assert_int_equal(kg_metrics_compute(4, labels, labels, equal, 2, &m, NULL), KG_OK);
    assert_near(m.auc, 0.5, 0.0);
}

static void bad_rows_are_refused(void **state)
{
    (void)state;
    const int labels[2] = {0, 1}, outside[2] = {0, 2};
    const double scores[4] = {.5, .5, .5, .5}, bad[4] = {.5, .5, NAN, .5};
    kg_metrics m;
    kg_error err = {0};
    assert_int_equal(kg_metrics_compute(0, labels, labels, scores, 2, &m, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "0 rows of 2 classes, not at least 1 of each");
    assert_int_equal(kg_metrics_compute(2, labels, outside, scores, 2, &m, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "row 1 has label 1 and prediction 2, not in [0, 1]");
    assert_int_equal(kg_metrics_compute(2, labels, labels, bad, 2, &m, &err), KG_ERR_NUMERIC);
    assert_string_equal(err.message, "score of row 1, class 0 is not a number");
}

static void metrics_have_names(void **state)
{
    (void)state;
    const kg_metrics m = {.accuracy = 1,
                          .balanced_accuracy = 2,
                          .precision = 3,
                          .recall = 4,
                          .f1 = 5,
                          .mcc = 6,
                          .auc = 7,
                          .log_loss = 8};
    const char *const names[] = {
        "accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc", "auc", "log_loss"};
    for (int i = 0; i < 8; i++) {
        assert_string_equal(kg_metric_get(i), names[i]);
        assert_non_null(kg_metric_help(i));
        assert_near(kg_metric_value(&m, i), i + 1, 0.0);
    }
    assert_null(kg_metric_get(8));
    assert_null(kg_metric_help(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_unequal_classes),  cmocka_unit_test(classes_that_are_empty),
        cmocka_unit_test(nothing_is_undefined), cmocka_unit_test(areas_at_their_ends),
        cmocka_unit_test(bad_rows_are_refused), cmocka_unit_test(metrics_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
