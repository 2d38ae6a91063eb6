/* SPDX-License-Identifier: Apache-2.0 */
/* The table of optimizers. eta is the step size of step t, m the momentum, g the gradient.
 *
 *   sgd       theta <- theta - eta g(theta)
 *   momentum  v <- m v + eta g(theta),  theta <- theta - v
 *   nesterov  v <- m v + eta g(theta - m v),  theta <- theta - v
 *   adam      a <- b1 a + (1 - b1) g,  s <- b2 s + (1 - b2) g^2,
 *             theta <- theta - eta (a / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + eps)
 *   rmsprop   s <- rho s + (1 - rho) g^2,  theta <- theta - eta g / (sqrt(s) + eps)
 *   adagrad   s <- s + g^2,                theta <- theta - eta g / (sqrt(s) + eps)
 *
 * Momentum: Polyak, USSR Comput. Math. Math. Phys. 4, 1 (1964).
 * Nesterov in the form of PennyLane (and of Nesterov himself): the gradient is taken ahead, at
 * theta - m v. PyTorch's form takes it at theta and differs in every step but the first.
 * Adam: Kingma and Ba, arXiv:1412.6980. RMSProp: Tieleman and Hinton, lecture 6.5 of Neural Networks for
 * Machine Learning (2012), with eps outside the root (PyTorch; PennyLane has it inside). Adagrad: Duchi,
 * Hazan and Singer, J. Mach. Learn. Res. 12, 2121 (2011), sums beginning at 0. */
#include "train/optimizer.h"

#include <math.h>
#include <string.h>

static void sgd_step(const kg_train_options *options, double lr, int t, int n, const double *g,
                     double *state, double *theta)
{
    (void)options;
    (void)t;
    (void)state;
    for (int i = 0; i < n; i++) {
        theta[i] -= lr * g[i];
    }
}

static void nesterov_look_ahead(const kg_train_options *options, int n, const double *theta,
                                const double *state, double *point)
{
    for (int i = 0; i < n; i++) {
        point[i] = theta[i] - options->momentum * state[i];
    }
}

/* Of momentum and nesterov, which differ in the place where g is taken. */
static void momentum_step(const kg_train_options *options, double lr, int t, int n, const double *g,
                          double *state, double *theta)
{
    (void)t;
    for (int i = 0; i < n; i++) {
        state[i] = options->momentum * state[i] + lr * g[i];
        theta[i] -= state[i];
    }
}

/* state = a [n], then s [n] */
static void adam_step(const kg_train_options *options, double lr, int t, int n, const double *g,
                      double *state, double *theta)
{
    const double b1 = options->beta1, b2 = options->beta2;
    const double a_norm = 1.0 - pow(b1, t), s_norm = 1.0 - pow(b2, t);
    double *a = state, *s = state + n;
    for (int i = 0; i < n; i++) {
        a[i] = b1 * a[i] + (1.0 - b1) * g[i];
        s[i] = b2 * s[i] + (1.0 - b2) * g[i] * g[i];
        theta[i] -= lr * (a[i] / a_norm) / (sqrt(s[i] / s_norm) + options->eps);
    }
}

static void rmsprop_step(const kg_train_options *options, double lr, int t, int n, const double *g,
                         double *state, double *theta)
{
    (void)t;
    for (int i = 0; i < n; i++) {
        state[i] = options->rho * state[i] + (1.0 - options->rho) * g[i] * g[i];
        theta[i] -= lr * g[i] / (sqrt(state[i]) + options->eps);
    }
}

static void adagrad_step(const kg_train_options *options, double lr, int t, int n, const double *g,
                         double *state, double *theta)
{
    (void)t;
    for (int i = 0; i < n; i++) {
        state[i] += g[i] * g[i];
        theta[i] -= lr * g[i] / (sqrt(state[i]) + options->eps);
    }
}

static const kgi_optimizer optimizers[] = {
    /* clang-format off */
    {"nesterov", 1, nesterov_look_ahead, momentum_step, "gradient descent with Nesterov's momentum"},
    {"sgd",      0, NULL,                sgd_step,      "plain gradient descent"},
    {"adam",     2, NULL,                adam_step,     "Adam: steps scaled by running moments"},
    {"momentum", 1, NULL,                momentum_step, "gradient descent with momentum"},
    {"rmsprop",  1, NULL,                rmsprop_step,  "steps scaled by a running mean square"},
    {"adagrad",  1, NULL,                adagrad_step,  "steps scaled by the sum of all squares"},
    /* clang-format on */
};

enum { N_OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

const kgi_optimizer *kgi_optimizer_get(int i)
{
    return i >= 0 && i < N_OPTIMIZERS ? &optimizers[i] : NULL;
}

const kgi_optimizer *kgi_optimizer_find(const char *name)
{
    for (int i = 0; i < N_OPTIMIZERS; i++) {
        if (strcmp(optimizers[i].name, name) == 0) {
            return &optimizers[i];
        }
    }
    return NULL;
}

const char *kg_optimizer_get(int i)
{
    const kgi_optimizer *optimizer = kgi_optimizer_get(i);
    return optimizer ? optimizer->name : NULL;
}

const char *kg_optimizer_help(int i)
{
    const kgi_optimizer *optimizer = kgi_optimizer_get(i);
    return optimizer ? optimizer->help : NULL;
}
