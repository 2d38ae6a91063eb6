/* SPDX-License-Identifier: Apache-2.0 */
/* The table of losses. l is the label (class index) of a sample.
 *
 *   mse  L = (y - E)^2          y = +1 for class 0, -1 for class 1; E = <Z> of the readout qubit
 *   ce   L = -log p[l]          p = probabilities of the readout qubits, or softmax of logits
 *
 * With several readout qubits, mse is L = sum_k (p[k] - [k is l])^2 over all their outcomes (Brier), and
 * outcomes that are no class share their probability among the classes when it comes to scores.
 *
 * Classes. We let class 0 be the outcome 0 of the readout qubit: p(class 0) = (1 + E) / 2, for both
 * losses. Hur, Kim, Park (arXiv:2108.00661) give the first class of a task the label 1, which is y = +1
 * for mse (as here) but the outcome 1 for ce; that is the row with reversed probabilities. */
#include "layer/loss.h"

#include <math.h>
#include <string.h>

/* ---- mse --------------------------------------------------------------------------------------- */

static double mse_forward(int n, const double *out, int label)
{
    (void)n;
    const double d = (label == 0 ? 1.0 : -1.0) - out[0];
    return d * d;
}

static void mse_backward(int n, const double *out, int label, double weight, double *d_out)
{
    (void)n;
    d_out[0] += weight * -2.0 * ((label == 0 ? 1.0 : -1.0) - out[0]);
}

static void mse_scores(int n, const double *out, int n_classes, double *scores)
{
    (void)n;
    (void)n_classes;
    scores[0] = 0.5 * (1.0 + out[0]);
    scores[1] = 0.5 * (1.0 - out[0]);
}

/* ---- cross-entropy of probabilities -------------------------------------------------------------- */

static double ce_forward(int n, const double *out, int label)
{
    (void)n;
    return -log(out[label]);
}

static void ce_backward(int n, const double *out, int label, double weight, double *d_out)
{
    (void)n;
    d_out[label] -= weight / out[label];
}

static void ce_scores(int n, const double *out, int n_classes, double *scores)
{
    (void)n;
    memcpy(scores, out, (size_t)n_classes * sizeof *scores);
}

static double ce_reversed_forward(int n, const double *out, int label)
{
    return ce_forward(n, out, n - 1 - label);
}

static void ce_reversed_backward(int n, const double *out, int label, double weight, double *d_out)
{
    ce_backward(n, out, n - 1 - label, weight, d_out);
}

static void ce_reversed_scores(int n, const double *out, int n_classes, double *scores)
{
    for (int c = 0; c < n_classes; c++) {
        scores[c] = out[n - 1 - c];
    }
}

/* ---- outcomes of several qubits ------------------------------------------------------------------ */

static double brier_forward(int n, const double *out, int label)
{
    double sum = 0.0;
    for (int k = 0; k < n; k++) {
        const double d = out[k] - (k == label ? 1.0 : 0.0);
        sum += d * d;
    }
    return sum;
}

static void brier_backward(int n, const double *out, int label, double weight, double *d_out)
{
    for (int k = 0; k < n; k++) {
        d_out[k] += weight * 2.0 * (out[k] - (k == label ? 1.0 : 0.0));
    }
}

/* Probabilities of the classes, given that the outcome is one; all the same if it never is. */
static void joint_scores(int n, const double *out, int n_classes, double *scores)
{
    double sum = 0.0;
    (void)n;
    for (int c = 0; c < n_classes; c++) {
        sum += out[c];
    }
    for (int c = 0; c < n_classes; c++) {
        scores[c] = sum > 0.0 ? out[c] / sum : 1.0 / (double)n_classes;
    }
}

/* ---- cross-entropy of logits --------------------------------------------------------------------- */

/* log(1 + exp(z)) without overflow */
static double softplus(double z)
{
    return z > 0.0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

static double sigmoid(double z)
{
    return z >= 0.0 ? 1.0 / (1.0 + exp(-z)) : exp(z) / (1.0 + exp(z));
}

static double largest(int n, const double *x)
{
    double top = x[0];
    for (int i = 1; i < n; i++) {
        top = x[i] > top ? x[i] : top;
    }
    return top;
}

/* log sum_i exp(z_i) without overflow */
static double log_sum_exp(int n, const double *z)
{
    const double top = largest(n, z);
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        sum += exp(z[i] - top);
    }
    return top + log(sum);
}

/* One logit z: p(class 1) = 1 / (1 + exp(-z)). */
static double logits_forward(int n, const double *out, int label)
{
    return n == 1 ? softplus(label == 1 ? -out[0] : out[0]) : log_sum_exp(n, out) - out[label];
}

/* dL/dz = p - [class is the label] */
static void logits_backward(int n, const double *out, int label, double weight, double *d_out)
{
    if (n == 1) {
        d_out[0] += weight * (sigmoid(out[0]) - (double)label);
        return;
    }
    const double norm = log_sum_exp(n, out);
    for (int c = 0; c < n; c++) {
        d_out[c] += weight * (exp(out[c] - norm) - (c == label ? 1.0 : 0.0));
    }
}

static void logits_scores(int n, const double *out, int n_classes, double *scores)
{
    if (n == 1) {
        scores[0] = sigmoid(-out[0]);
        scores[1] = sigmoid(out[0]);
        return;
    }
    const double norm = log_sum_exp(n, out);
    for (int c = 0; c < n_classes; c++) {
        scores[c] = exp(out[c] - norm);
    }
}

/* ---- the table ----------------------------------------------------------------------------------- */

static const kgi_loss losses[] = {
    /* clang-format off */
    {"mse", KGI_OUTPUT_EXPVAL, mse_forward, mse_backward, mse_scores,
     "squared distance of <Z> from +1 (class 0) or -1 (class 1); of more classes, of their "
     "probabilities from 1 and 0"},
    {"ce", KGI_OUTPUT_PROBS, ce_forward, ce_backward, ce_scores,
     "cross-entropy, -log of the probability of the label"},
    {"ce", KGI_OUTPUT_PROBS_REVERSED, ce_reversed_forward, ce_reversed_backward, ce_reversed_scores,
     "cross-entropy, first class on the last outcome"},
    {"mse", KGI_OUTPUT_JOINT, brier_forward, brier_backward, joint_scores,
     "squared distance of the outcomes' probabilities from those of the label"},
    {"ce", KGI_OUTPUT_JOINT, ce_forward, ce_backward, joint_scores,
     "cross-entropy, -log of the probability of the label among all outcomes"},
    {"ce", KGI_OUTPUT_LOGITS, logits_forward, logits_backward, logits_scores,
     "cross-entropy of softmax, or of the sigmoid of one logit"},
    /* clang-format on */
};

enum { N_LOSSES = sizeof losses / sizeof *losses };

const kgi_loss *kgi_loss_get(int i)
{
    return i >= 0 && i < N_LOSSES ? &losses[i] : NULL;
}

const kgi_loss *kgi_loss_find(const char *name, kgi_output output)
{
    for (int i = 0; i < N_LOSSES; i++) {
        if (losses[i].output == output && strcmp(losses[i].name, name) == 0) {
            return &losses[i];
        }
    }
    return NULL;
}

double kgi_loss_forward(const kgi_loss *loss, int batch, int n, const double *out,
                        const int *labels)
{
    double sum = 0.0;
    for (int b = 0; b < batch; b++) {
        sum += loss->forward(n, out + (size_t)b * (size_t)n, labels[b]);
    }
    return sum;
}

void kgi_loss_backward(const kgi_loss *loss, int batch, int n, const double *out, const int *labels,
                       double weight, double *d_out)
{
    for (int b = 0; b < batch; b++) {
        const size_t at = (size_t)b * (size_t)n;
        loss->backward(n, out + at, labels[b], weight, d_out + at);
    }
}

/* Scores of one sample, and the first largest of them. */
static int decide(const kgi_loss *loss, int n, const double *out, int n_classes, double *scores)
{
    loss->scores(n, out, n_classes, scores);
    int best = 0;
    for (int c = 1; c < n_classes; c++) {
        best = scores[c] > scores[best] ? c : best;
    }
    return best;
}

void kgi_loss_decide(const kgi_loss *loss, int batch, int n, const double *out, int n_classes,
                     int *predicted, double *scores)
{
    double row[KGI_MAX_CLASSES];
    for (int b = 0; b < batch; b++) {
        const int best = decide(loss, n, out + (size_t)b * (size_t)n, n_classes,
                                scores ? scores + (size_t)b * (size_t)n_classes : row);
        if (predicted) {
            predicted[b] = best;
        }
    }
}

int kgi_loss_n_correct(const kgi_loss *loss, int batch, int n, const double *out, int n_classes,
                       const int *labels)
{
    double row[KGI_MAX_CLASSES];
    int n_correct = 0;
    for (int b = 0; b < batch; b++) {
        n_correct += decide(loss, n, out + (size_t)b * (size_t)n, n_classes, row) == labels[b];
    }
    return n_correct;
}
