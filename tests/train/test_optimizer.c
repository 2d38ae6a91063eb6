/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers against steps by hand, and initialisers against their distributions.
 *
 * The steps minimise f(theta) = theta^2 / 2 from theta = 1, so that g(theta) = theta. */
#include <ketgrad/rng.h>

#include "near.h"
#include "train/optimizer.h"

/* n_steps of an optimizer on f; the path in theta[0 .. n_steps]. */
static void descend(const char *name, const kg_train_options *o, int n_steps, double *theta)
{
    const kgi_optimizer *optimizer = kgi_optimizer_find(name);
    double at = 1.0, state[2] = {0};
    assert_true(optimizer->n_state <= 2);
    theta[0] = at;
    for (int t = 1; t <= n_steps; t++) {
        double point = at;
        if (optimizer->look_ahead) {
            optimizer->look_ahead(o, 1, &at, state, &point);
        }
        const double g = point;
        optimizer->step(o, o->lr, t, 1, &g, state, &at);
        theta[t] = at;
    }
}

/* theta <- theta - 0.1 theta */
static void sgd_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[4];
    o.lr = 0.1;
    descend("sgd", &o, 3, theta);
    assert_near(theta[1], 0.9, 1e-15);
    assert_near(theta[2], 0.81, 1e-15);
    assert_near(theta[3], 0.729, 1e-15);
}

/* m = 0.9, eta = 0.1, the gradient ahead at theta - m v:
 *   v1 = 0.1 * 1                                     = 0.1       theta1 = 0.9
 *   v2 = 0.9 * 0.1    + 0.1 * (0.9 - 0.09)           = 0.171     theta2 = 0.729
 *   v3 = 0.9 * 0.171  + 0.1 * (0.729 - 0.1539)       = 0.21141   theta3 = 0.51759
 * PyTorch's form has theta2 = 0.9 - 0.1 * (0.9 + 0.9 * (0.9 + 0.9)) and is excluded by the first step
 * already: 1 - 0.1 * 1.9 = 0.81. */
static void nesterov_looks_ahead(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[4];
    o.lr = 0.1;
    descend("nesterov", &o, 3, theta);
    assert_near(theta[1], 0.9, 1e-15);
    assert_near(theta[2], 0.729, 1e-15);
    assert_near(theta[3], 0.51759, 1e-15);
    o.momentum = 0.0; /* then it is sgd */
    descend("nesterov", &o, 3, theta);
    assert_near(theta[3], 0.729, 1e-15);
}

/* b1 = 0.5, b2 = 0.75, eta = 0.1, eps = 0.01:
 *   t = 1: a = 0.5, s = 0.25, a / (1 - 0.5) = 1, s / (1 - 0.75) = 1: theta1 = 1 - 0.1 / 1.01
 *   t = 2: g = theta1, a = 0.25 + 0.5 g, s = 0.1875 + 0.25 g^2, norms 0.75 and 0.4375 */
static void adam_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[3];
    o.lr = 0.1;
    o.beta1 = 0.5;
    o.beta2 = 0.75;
    o.eps = 0.01;
    descend("adam", &o, 2, theta);
    const double g = 1.0 - 0.1 / 1.01;
    const double a = (0.25 + 0.5 * g) / 0.75, s = (0.1875 + 0.25 * g * g) / 0.4375;
    assert_near(theta[1], g, 1e-15);
    assert_near(theta[2], g - 0.1 * a / (sqrt(s) + 0.01), 1e-15);
}

/* The order of state must not mix parameters: two copies side by side go the way of one. */
static void parameters_do_not_mix(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    for (int i = 0; kgi_optimizer_get(i); i++) {
        const kgi_optimizer *optimizer = kgi_optimizer_get(i);
        double alone[4], at[2] = {1.0, -3.0}, numbers[4] = {0};
        o.lr = 0.1;
        descend(optimizer->name, &o, 3, alone);
        for (int t = 1; t <= 3; t++) {
            double point[2] = {at[0], at[1]};
            if (optimizer->look_ahead) {
                optimizer->look_ahead(&o, 2, at, numbers, point);
            }
            optimizer->step(&o, o.lr, t, 2, point, numbers, at);
            assert_near(at[0], alone[t], 0.0);
        }
    }
}

/* 20000 draws: mean within 5 sigma / sqrt(n) = 0.035 sigma, variance within 5 sqrt(2 / n) = 5 %
 * (normal) and 5 sqrt(4 / 5 / n) = 3.2 % (uniform). */
static void initialisers_have_their_distributions(void **state)
{
    (void)state;
    enum { N = 20000 };
    const uint64_t seed = near_seed(31);
    const struct {
        const char *name;
        double scale, mean, sd;
    } cases[] = {{"normal", 1.0, 0.0, 1.0},
                 {"normal", 0.1, 0.0, 0.1},
                 {"uniform", 1.0, M_PI, 2 * M_PI / sqrt(12)},
                 {"uniform", 0.5, M_PI / 2, M_PI / sqrt(12)}};
    for (int c = 0; c < 4; c++) {
        const kgi_init *init = kgi_init_find(cases[c].name);
        double sum = 0.0, squares = 0.0;
        for (uint64_t i = 0; i < N; i++) {
            const double x = init->value(NULL, cases[c].scale, seed, i);
            sum += x;
            squares += (x - cases[c].mean) * (x - cases[c].mean);
        }
        assert_near(sum / N, cases[c].mean, 5 * cases[c].sd / sqrt(N));
        assert_near(squares / N / (cases[c].sd * cases[c].sd), 1.0, 5 * sqrt(2.0 / N));
    }
    assert_near(kgi_init_find("zero")->value(NULL, 1.0, seed, 7), 0.0, 0.0);
    assert_near(kgi_init_find("normal")->value(NULL, 1.0, seed, 7),
                kg_random_normal(seed, KG_STREAM_INIT, 0, 7), 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_by_hand),
        cmocka_unit_test(nesterov_looks_ahead),
        cmocka_unit_test(adam_by_hand),
        cmocka_unit_test(parameters_do_not_mix),
        cmocka_unit_test(initialisers_have_their_distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
