/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers against steps by hand, and initialisers against their distributions.
 *
 * The steps minimise f(theta) = theta^2 / 2 from theta = 1, so that g(theta) = theta. */
#include <ketgrad/rng.h>

#include "near.h"
#include "train/train.h"

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

/* m = 0.9, eta = 0.1, the gradient at theta:
 *   v1 = 0.1                     theta1 = 0.9
 *   v2 = 0.09 + 0.09  = 0.18     theta2 = 0.72
 *   v3 = 0.162 + 0.072 = 0.234   theta3 = 0.486 */
static void momentum_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[4];
    o.lr = 0.1;
    descend("momentum", &o, 3, theta);
    assert_near(theta[1], 0.9, 1e-15);
    assert_near(theta[2], 0.72, 1e-15);
    assert_near(theta[3], 0.486, 1e-15);
}

/* rho = 0.75, eta = 0.1, eps = 0.01: s1 = 0.25, theta1 = 1 - 0.1 / 0.51; s2 = 0.1875 + 0.25 theta1^2 */
static void rmsprop_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[3];
    o.lr = 0.1;
    o.rho = 0.75;
    o.eps = 0.01;
    descend("rmsprop", &o, 2, theta);
    const double g = 1.0 - 0.1 / 0.51;
    assert_near(theta[1], g, 1e-15);
    assert_near(theta[2], g - 0.1 * g / (sqrt(0.1875 + 0.25 * g * g) + 0.01), 1e-15);
}

/* s1 = 1, theta1 = 1 - 0.1 / 1.01; s2 = 1 + theta1^2 */
static void adagrad_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double theta[3];
    o.lr = 0.1;
    o.eps = 0.01;
    descend("adagrad", &o, 2, theta);
    const double g = 1.0 - 0.1 / 1.01;
    assert_near(theta[1], g, 1e-15);
    assert_near(theta[2], g - 0.1 * g / (sqrt(1.0 + g * g) + 0.01), 1e-15);
}

/* Step sizes at steps where the formula is a number that one can write down. */
static void schedules_by_hand(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    kgi_train_choice choice;
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    o.lr = 0.8;
    o.steps = 104;
    o.warmup = 4;
    o.lr_decay = 0.25;
    o.lr_every = 10;
    o.lr_end = 0.2;
    const struct {
        const char *schedule;
        int t;
        double lr;
    } cases[] = {
        {"constant", 1, 0.2},
        {"constant", 3, 0.6},
        {"constant", 4, 0.8},
        {"constant", 104, 0.8},
        {"step", 5, 0.8},
        {"step", 14, 0.8},
        {"step", 15, 0.2},
        {"step", 25, 0.05},
        {"exponential", 5, 0.8},
        {"exponential", 10, 0.4},
        {"exponential", 15, 0.2},
        {"cosine", 5, 0.8},
        {"cosine", 55, 0.5}, /* the middle */
        {"cosine", 104, 0.2 + 0.3 * (1.0 + cos(M_PI * 0.99))},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        o.schedule = cases[i].schedule;
        assert_int_equal(kgi_train_choose(&choice, model, &o, NULL), KG_OK);
        assert_near(kgi_train_lr(&choice, cases[i].t), cases[i].lr, 1e-15);
    }
    kg_model_destroy(model);
}

/* <Z> of one qubit: S = 1, so the deviation is sqrt(1 / (4 (L + 2))). */
static void small_angles_follow_the_depth(void **state)
{
    (void)state;
    enum { N = 20000 };
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_error err = {0};
    const kgi_init *init = kgi_init_find("small-angle");
    m.qubits = 2;
    m.ansatz = "ttn";
    assert_int_equal(kg_model_create(&model, "qcnn", &m, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
    /* two qubits: one block (an RY on each), one pooling (CRZ and CRX on both): L = 1 + 2 */
    assert_near(init->scale(model), sqrt(1.0 / (4.0 * (3 + 2))), 1e-15);
    kg_model_destroy(model);
    m.qubits = 8;
    m.ansatz = "su4";
    assert_int_equal(kg_model_create(&model, "qcnn", &m, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
    const double scale = init->scale(model), sd = 0.5 * scale;
    double squares = 0.0;
    for (uint64_t i = 0; i < N; i++) {
        const double x = init->value(model, sd, 5, i);
        squares += x * x;
    }
    assert_in_range((int)(1.0 / (4.0 * scale * scale) - 1.5), 25,
                    60); /* L of three stages of su4 */
    assert_near(squares / N / (sd * sd), 1.0, 5 * sqrt(2.0 / N));
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    o.init = "small-angle";
    o.init_scale = 0.5;
    assert_int_equal(kg_train_init(model, &o, NULL), KG_OK);
    assert_near(kg_model_params(model)[7], init->value(model, sd, 1, 7), 0.0);
    kg_model_destroy(model);
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 3, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_train_init(model, &o, &err), KG_ERR_UNSUPPORTED);
    assert_string_equal(err.message,
                        "init \"small-angle\" needs a circuit, model \"logistic\" has none");
    kg_model_destroy(model);
}

/* Bounds and spread of weights; a uniform number in +-a has variance a^2 / 3. */
static void fan_in_is_that_of_the_layer(void **state)
{
    (void)state;
    enum { FEATURES = 400 };
    kg_model *model = NULL;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double squares = 0.0;
    const double bound = 1.0 / sqrt(FEATURES);
    o.init = "fan-in";
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, FEATURES, 5, NULL, NULL), KG_OK);
    assert_int_equal(kg_train_init(model, &o, NULL), KG_OK);
    for (int i = 0; i < 5 * FEATURES; i++) {
        const double x = kg_model_params(model)[i];
        assert_true(fabs(x) <= bound);
        squares += x * x;
    }
    assert_near(squares / (5 * FEATURES) / (bound * bound / 3), 1.0,
                5 * sqrt(0.8 / (5 * FEATURES)));
    kg_model_destroy(model);
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
        cmocka_unit_test(momentum_by_hand),
        cmocka_unit_test(rmsprop_by_hand),
        cmocka_unit_test(adagrad_by_hand),
        cmocka_unit_test(schedules_by_hand),
        cmocka_unit_test(small_angles_follow_the_depth),
        cmocka_unit_test(fan_in_is_that_of_the_layer),
        cmocka_unit_test(initialisers_have_their_distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
