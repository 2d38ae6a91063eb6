/* SPDX-License-Identifier: Apache-2.0 */
/* All metrics of a prediction, from its confusion matrix and its scores. No class, however empty, makes a
 * number undefined; the header says what stands in its place. */
#include <math.h>
#include <stdlib.h>

#include <ketgrad/eval.h>

#include "base/status.h"

/* ---- from the confusion matrix ----------------------------------------------------------------------- */

/* Rows of class c, predictions of c, and both. */
typedef struct class_count {
    double rows;
    double predicted;
    double both;
} class_count;

static class_count count_class(const int *matrix, int n_classes, int c)
{
    class_count count = {.both = matrix[(size_t)c * (size_t)n_classes + (size_t)c]};
    for (int i = 0; i < n_classes; i++) {
        count.rows += matrix[(size_t)c * (size_t)n_classes + (size_t)i];
        count.predicted += matrix[(size_t)i * (size_t)n_classes + (size_t)c];
    }
    return count;
}

static double part(double x, double of)
{
    return of > 0.0 ? x / of : 0.0;
}

static void from_matrix(const int *matrix, kg_metrics *m)
{
    const double n = m->n;
    double correct = 0.0, n_seen = 0.0, n_labelled = 0.0;
    double products = 0.0, squares_rows = 0.0, squares_predicted = 0.0;
    double recall_sum = 0.0, precision_sum = 0.0, f1_sum = 0.0;
    for (int c = 0; c < m->n_classes; c++) {
        const class_count k = count_class(matrix, m->n_classes, c);
        correct += k.both;
        n_labelled += k.rows > 0.0;
        n_seen += k.rows > 0.0 || k.predicted > 0.0;
        recall_sum += part(k.both, k.rows);
        precision_sum += part(k.both, k.predicted);
        f1_sum += part(2.0 * k.both, k.rows + k.predicted);
        products += k.rows * k.predicted;
        squares_rows += k.rows * k.rows;
        squares_predicted += k.predicted * k.predicted;
    }
    m->accuracy = correct / n;
    m->balanced_accuracy = recall_sum / n_labelled;
    m->recall = recall_sum / n_seen;
    m->precision = precision_sum / n_seen;
    m->f1 = f1_sum / n_seen;
    m->mcc =
        part(correct * n - products, sqrt(n * n - squares_predicted) * sqrt(n * n - squares_rows));
}

/* ---- from the scores ------------------------------------------------------------------------------------ */

typedef struct scored {
    double score;
    int is_class;
} scored;

static int compare_scores(const void *a, const void *b)
{
    const double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    return (x > y) - (x < y);
}

/* Mann and Whitney: (sum of the ranks of the class - n1 (n1 + 1) / 2) / (n1 n0), where tied rows share the
 * mean of their ranks. -1 if the class has all rows or none. */
static double class_auc(int n, scored *rows)
{
    double ranks = 0.0, n_class = 0.0;
    qsort(rows, (size_t)n, sizeof *rows, compare_scores);
    for (int i = 0; i < n;) {
        int end = i, ones = 0;
        for (; end < n && rows[end].score <= rows[i].score; end++) {
            ones += rows[end].is_class;
        }
        ranks += ones * 0.5 * ((double)i + 1.0 + (double)end); /* of the ranks i + 1 .. end */
        n_class += ones;
        i = end;
    }
    const double pairs = n_class * ((double)n - n_class);
    return pairs > 0.0 ? (ranks - 0.5 * n_class * (n_class + 1.0)) / pairs : -1.0;
}

static void from_scores(const int *labels, const double *scores, scored *rows, kg_metrics *m)
{
    const double least =
        2.220446049250313e-16; /* of a probability, so that one mistake is not all */
    double auc_sum = 0.0, n_auc = 0.0, loss = 0.0;
    for (int c = m->n_classes == 2; c < m->n_classes; c++) { /* of two classes, one says it all */
        for (int i = 0; i < m->n; i++) {
            rows[i] =
                (scored){scores[(size_t)i * (size_t)m->n_classes + (size_t)c], labels[i] == c};
        }
        const double auc = class_auc(m->n, rows);
        auc_sum += auc >= 0.0 ? auc : 0.0;
        n_auc += auc >= 0.0;
    }
    for (int i = 0; i < m->n; i++) {
        loss -= log(fmax(scores[(size_t)i * (size_t)m->n_classes + (size_t)labels[i]], least));
    }
    m->auc = n_auc > 0.0 ? auc_sum / n_auc : 0.5;
    m->log_loss = loss / m->n;
}

/* ---- the public door ------------------------------------------------------------------------------------ */

static kg_status check(int n, const int *labels, const int *predicted, const double *scores,
                       int n_classes, kg_error *err)
{
    if (n < 1 || n_classes < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%d rows of %d classes, not at least 1 of each", n,
                        n_classes);
    }
    for (int i = 0; i < n; i++) {
        if (labels[i] < 0 || labels[i] >= n_classes || predicted[i] < 0 ||
            predicted[i] >= n_classes) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "row %d has label %d and prediction %d, not in [0, %d]", i, labels[i],
                            predicted[i], n_classes - 1);
        }
        for (int c = 0; c < n_classes; c++) {
            if (isnan(scores[(size_t)i * (size_t)n_classes + (size_t)c])) {
                return kgi_fail(err, KG_ERR_NUMERIC, "score of row %d, class %d is not a number", i,
                                c);
            }
        }
    }
    return KG_OK;
}

kg_status kg_metrics_compute(int n, const int *labels, const int *predicted, const double *scores,
                             int n_classes, kg_metrics *metrics, kg_error *err)
{
    const kg_status status = check(n, labels, predicted, scores, n_classes, err);
    if (status) {
        return status;
    }
    int *matrix = calloc((size_t)n_classes * (size_t)n_classes, sizeof *matrix);
    scored *rows = calloc((size_t)n, sizeof *rows);
    if (!matrix || !rows) {
        free(matrix);
        free(rows);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate metrics of %d rows, %d classes", n,
                        n_classes);
    }
    *metrics = (kg_metrics){.n = n, .n_classes = n_classes};
    kg_confusion(n, labels, predicted, n_classes, matrix);
    from_matrix(matrix, metrics);
    from_scores(labels, scores, rows, metrics);
    free(matrix);
    free(rows);
    return KG_OK;
}

/* ---- the table -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t offset;
    const char *help;
} table[] = {
    /* clang-format off */
    {"accuracy",          offsetof(kg_metrics, accuracy),          "share of rows whose class is right"},
    {"balanced_accuracy", offsetof(kg_metrics, balanced_accuracy), "mean recall of the classes"},
    {"precision",         offsetof(kg_metrics, precision),         "right among those predicted, mean of the classes"},
    {"recall",            offsetof(kg_metrics, recall),            "predicted among those there are, mean of the classes"},
    {"f1",                offsetof(kg_metrics, f1),                "harmonic mean of both, mean of the classes"},
    {"mcc",               offsetof(kg_metrics, mcc),               "Matthews' correlation, -1 .. 1"},
    {"auc",               offsetof(kg_metrics, auc),               "area under the curve, each class against the rest"},
    {"log_loss",          offsetof(kg_metrics, log_loss),          "mean -log of the label's probability"},
    /* clang-format on */
};

enum { N_METRICS = sizeof table / sizeof *table };

const char *kg_metric_get(int i)
{
    return i >= 0 && i < N_METRICS ? table[i].name : NULL;
}

const char *kg_metric_help(int i)
{
    return i >= 0 && i < N_METRICS ? table[i].help : NULL;
}

double kg_metric_value(const kg_metrics *metrics, int i)
{
    return i >= 0 && i < N_METRICS
               ? *(const double *)(const void *)((const char *)metrics + table[i].offset)
               : 0.0;
}
