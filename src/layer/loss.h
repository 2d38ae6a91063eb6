/* SPDX-License-Identifier: Apache-2.0 */
/* Losses: what a sample's outputs cost, with the derivative beside it and the decision they imply. */
#ifndef LAYER_LOSS_H
#define LAYER_LOSS_H

#include "base/status.h"

/* What a model's outputs are. A loss is found by its name and by what it is given. */
typedef enum kgi_output {
    KGI_OUTPUT_EXPVAL,         /* one <Z>: +1 is class 0, -1 is class 1 */
    KGI_OUTPUT_PROBS,          /* output k is the probability of class k */
    KGI_OUTPUT_PROBS_REVERSED, /* output k is the probability of class n - 1 - k */
    KGI_OUTPUT_JOINT, /* output k is the probability of outcome k of several qubits; outcomes
                                  from the number of classes on are nobody's */
    KGI_OUTPUT_LOGITS /* one logit for class 1 of two, or one per class */
} kgi_output;

/* A loss. To add one: forward, backward and scores beside each other in loss.c, and a row. */
typedef struct kgi_loss {
    const char *name; /* as on the command line */
    kgi_output output;
    /* loss of one sample with out[n] */
    double (*forward)(int n, const double *out, int label);
    /* d_out[n] += weight * d loss / d out */
    void (*backward)(int n, const double *out, int label, double weight, double *d_out);
    /* scores[n_classes]: probabilities of the classes; the decision is the first largest */
    void (*scores)(int n, const double *out, int n_classes, double *scores);
    const char *help;
} kgi_loss;

/* Row i, NULL past the end. */
const kgi_loss *kgi_loss_get(int i);
/* The row for a name and what it is given; NULL if there is none. */
const kgi_loss *kgi_loss_find(const char *name, kgi_output output);

/* Sum of the losses of a batch; out is [batch][n]. Infinite or NaN where a probability is 0 or less:
 * nothing is clipped, the caller stops. */
double kgi_loss_forward(const kgi_loss *loss, int batch, int n, const double *out,
                        const int *labels);
/* d_out += weight * d(sum of losses) / d out; weight 1 / batch makes it the mean. */
void kgi_loss_backward(const kgi_loss *loss, int batch, int n, const double *out, const int *labels,
                       double weight, double *d_out);
/* Class indices [batch] and scores [batch][n_classes]; either may be NULL. n_classes at most
 * KGI_MAX_CLASSES. */
void kgi_loss_decide(const kgi_loss *loss, int batch, int n, const double *out, int n_classes,
                     int *predicted, double *scores);

/* Rows whose decision is their label. */
int kgi_loss_n_correct(const kgi_loss *loss, int batch, int n, const double *out, int n_classes,
                       const int *labels);

enum { KGI_MAX_CLASSES = 1024 };

#endif
