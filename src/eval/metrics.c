/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of predictions, and the spread of a number over seeds. */
#include <math.h>
#include <string.h>

#include <ketgrad/eval.h>

double kg_accuracy(int n, const int *labels, const int *predicted)
{
    int n_correct = 0;
    for (int i = 0; i < n; i++) {
        n_correct += labels[i] == predicted[i];
    }
    return (double)n_correct / (double)n;
}

void kg_confusion(int n, const int *labels, const int *predicted, int n_classes, int *matrix)
{
    memset(matrix, 0, (size_t)n_classes * (size_t)n_classes * sizeof *matrix);
    for (int i = 0; i < n; i++) {
        matrix[(size_t)labels[i] * (size_t)n_classes + (size_t)predicted[i]]++;
    }
}

/* The 0.975 quantile of Student's t with df degrees of freedom: a table up to 30, and beyond it the
 * expansion in 1 / df about the normal quantile (Abramowitz and Stegun 26.7.5), whose first dropped
 * term is below 1e-6 there. */
static double t_quantile(int df)
{
    static const double table[] = {12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912,
                                   2.364624,  2.306004, 2.262157, 2.228139, 2.200985, 2.178813,
                                   2.160369,  2.144787, 2.131450, 2.119905, 2.109816, 2.100922,
                                   2.093024,  2.085963, 2.079614, 2.073873, 2.068658, 2.063899,
                                   2.059539,  2.055529, 2.051831, 2.048407, 2.045230, 2.042272};
    if (df <= 30) {
        return table[df - 1];
    }
    const double z = 1.959963984540054, z2 = z * z, v = (double)df;
    const double g1 = z * (z2 + 1.0) / 4.0;
    const double g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    const double g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    return z + g1 / v + g2 / (v * v) + g3 / (v * v * v);
}

void kg_stats_compute(int n, const double *x, int population, kg_stats *stats)
{
    double sum = 0.0, squares = 0.0;
    *stats = (kg_stats){.n = n, .min = x[0], .max = x[0]};
    for (int i = 0; i < n; i++) {
        sum += x[i];
        stats->min = x[i] < stats->min ? x[i] : stats->min;
        stats->max = x[i] > stats->max ? x[i] : stats->max;
    }
    stats->mean = stats->min == stats->max ? x[0] : sum / (double)n; /* not next to it */
    for (int i = 0; i < n; i++) {
        squares += (x[i] - stats->mean) * (x[i] - stats->mean);
    }
    stats->ci_low = stats->ci_high = stats->mean;
    if (n < 2) {
        return;
    }
    const double sample_sd = sqrt(squares / (double)(n - 1));
    const double half = t_quantile(n - 1) * sample_sd / sqrt((double)n);
    stats->sd = population ? sqrt(squares / (double)n) : sample_sd;
    stats->ci_low = stats->mean - half;
    stats->ci_high = stats->mean + half;
}
