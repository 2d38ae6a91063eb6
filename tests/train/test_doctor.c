/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes that are planted must be named, with a remedy that fits; healthy runs must stay silent. */
#include <string.h>

#include "bench.h"

/* What a run said. */
typedef struct said {
    int n;
    char names[8][16];
    char what[8][256];
    char remedy[8][192];
    int epoch[8];
} said;

static void hear(const kg_warning *warning, void *user)
{
    said *s = user;
    assert_true(s->n < 8);
    (void)snprintf(s->names[s->n], sizeof s->names[0], "%s", warning->name);
    (void)snprintf(s->what[s->n], sizeof s->what[0], "%s", warning->what);
    (void)snprintf(s->remedy[s->n], sizeof s->remedy[0], "%s", warning->remedy);
    s->epoch[s->n++] = warning->epoch;
}

static int find(const said *s, const char *name)
{
    for (int i = 0; i < s->n; i++) {
        if (strcmp(s->names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static void expect(const said *s, const char *name, const char *what, const char *remedy)
{
    const int i = find(s, name);
    if (i < 0 || !strstr(s->what[i], what) || !strstr(s->remedy[i], remedy)) {
        for (int k = 0; k < s->n; k++) {
            print_error("%s: %s\n  %s\n", s->names[k], s->what[k], s->remedy[k]);
        }
        fail_msg("\"%s\" with \"%s\" and \"%s\" was not said", name, what, remedy);
    }
}

static kg_status run(kg_model *model, const kg_rows *rows, kg_train_options *o, said *s)
{
    memset(s, 0, sizeof *s);
    o->on_warning = hear;
    o->user = s;
    return kg_train_run(model, rows->n, rows->features, rows->labels, o, NULL, NULL);
}

/* ---- healthy ------------------------------------------------------------------------------------------------ */

static void healthy_runs_are_silent(void **state)
{
    (void)state;
    const struct {
        const char *model, *ansatz, *encoding, *loss, *optimizer;
        int precision;
    } cases[] = {
        {"qcnn", "su4", "angle", "mse", "nesterov", KG_PRECISION_F64},
        {"qcnn", "su4", "angle", "ce", "adam", KG_PRECISION_F32},
        {"qcnn", "ttn", "angle", "mse", "nesterov", KG_PRECISION_F64},
        {"qcnn", "su4", "amplitude", "mse", "nesterov", KG_PRECISION_F64},
        {"qcnn", "so4", "dense", "ce", "nesterov", KG_PRECISION_F64},
        {"logistic", "su4", "angle", "ce", "nesterov", KG_PRECISION_F64},
        {"mlp", "su4", "angle", "ce", "adam", KG_PRECISION_F64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            kg_model_options m = KG_MODEL_OPTIONS_INIT;
            kg_train_options o = KG_TRAIN_OPTIONS_INIT;
            said s;
            m.ansatz = cases[i].ansatz;
            m.encoding = cases[i].encoding;
            m.loss = cases[i].loss;
            m.precision = cases[i].precision;
            bench b = bench_make(cases[i].model, &m, 120);
            o.optimizer = cases[i].optimizer;
            o.seed = seed;
            assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
            if (s.n) {
                fail_msg("%s %s %s, seed %d says %s: %s", cases[i].model, cases[i].ansatz,
                         cases[i].encoding, (int)seed, s.names[0], s.what[0]);
            }
            bench_clear(&b);
        }
    }
}

/* ---- planted mistakes ------------------------------------------------------------------------------------------ */

static void steps_of_a_wrong_size(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    said s;
    bench b = bench_make("qcnn", NULL, 120);
    o.lr = 1e-6;
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    expect(&s, "chance", "after 66 steps the loss is ", "try lr 1e-05");
    expect(&s, "chance", "guessing has 1 and 0.5,", "the parameters moved by ");
    assert_int_equal(s.epoch[0], 14); /* 66 * 25 rows of 120 */
    assert_int_equal(s.n, 1);
    o.lr = 5;
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    expect(&s, "chance", "has not left chance level", "the parameters jump about");
    expect(&s, "chance", "has not left chance level", "try lr 0.5");
    o.lr = 1e-6;
    o.steps = 40; /* a short run is judged at its end */
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    expect(&s, "chance", "after 40 steps", "try lr 1e-05");
    bench_clear(&b);
}

/* Labels of other rows: nothing can be learnt, and with unequal classes guessing is better than ln 2. */
static void labels_that_do_not_belong(void **state)
{
    (void)state;
    enum { ROWS = 400 }; /* too many for 12 parameters to learn by heart */
    int labels[ROWS];
    double n = 0;
    said s;
    char text[32];
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    m.loss = "ce";
    m.ansatz = "ttn";
    bench b = bench_make("qcnn", &m, ROWS);
    for (int i = 0; i < ROWS; i++) {
        labels[i] = kg_random_uniform(7, KG_STREAM_TEST, 0, (uint64_t)i) < 0.5;
        n += labels[i];
    }
    b.train.labels = labels;
    const double p = n / ROWS;
    (void)snprintf(text, sizeof text, "guessing has %.4g", -p * log(p) - (1 - p) * log(1 - p));
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    expect(&s, "chance", text, "");
    bench_clear(&b);
}

/* At zero angles every block of H and CZ is at a symmetric point. */
static void parameters_at_a_symmetric_point(void **state)
{
    (void)state;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    said s;
    m.ansatz = "u9";
    bench b = bench_make("qcnn", &m, 120);
    o.init = "zero";
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    expect(&s, "dead", "of 12 parameters had no gradient for an epoch", "try init normal");
    expect(&s, "dead", "conv1[0], conv1[1]", "");
    expect(&s, "chance", "", "the gradient is flat");
    o.init = "normal";
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    assert_int_equal(find(&s, "dead"), -1);
    bench_clear(&b);
}

/* Some parameters of su4 can move nothing, at any angles: they are not meant. */
static void parameters_that_cannot_move_anything(void **state)
{
    (void)state;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    double grad[64], x[8] = {0.3, 0.7, 1.1, 1.5, 1.9, 2.3, 2.7, 3.0};
    int n_dead = 0;
    bench b = bench_make("qcnn", &m, 120);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    said s;
    assert_int_equal(kg_train_init(b.model, &o, NULL), KG_OK);
    assert_int_equal(kg_model_jacobian(b.model, 1, x, grad, NULL, NULL), KG_OK);
    for (int i = 0; i < kg_model_n_params(b.model); i++) {
        n_dead += fabs(grad[i]) < 1e-12;
    }
    assert_true(n_dead > 0);
    assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
    assert_int_equal(s.n, 0);
    bench_clear(&b);
}

static void inputs_at_the_ends_of_their_range(void **state)
{
    (void)state;
    enum { ROWS = 100, WIDTH = 4 };
    double x[ROWS * WIDTH];
    int y[ROWS];
    said s;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    const kg_rows rows = {ROWS, x, y};
    m.qubits = WIDTH;
    o.steps = 2;
    for (int i = 0; i < ROWS * WIDTH; i++) { /* an outlier at pi, the others squeezed to 0 */
        x[i] = i ? 1e-3 * kg_random_uniform(1, KG_STREAM_TEST, 0, (uint64_t)i) : M_PI;
    }
    for (int i = 0; i < ROWS; i++) {
        y[i] = i % 2;
    }
    assert_int_equal(kg_model_create(&model, "qcnn", &m, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, WIDTH, 2, NULL, NULL), KG_OK);
    assert_int_equal(run(model, &rows, &o, &s), KG_OK);
    expect(&s, "saturated", "100 % of the angles that go in are within 1 % of 0, 0 % of pi",
           "remove or rescale it");
    assert_int_equal(s.epoch[0], 0);
    for (int i = 0; i < ROWS * WIDTH; i++) { /* two values only: images of black and white */
        x[i] = M_PI * (double)kg_random_below(1, KG_STREAM_TEST, 0, (uint64_t)i, 2);
    }
    assert_int_equal(run(model, &rows, &o, &s), KG_OK);
    assert_int_equal(find(&s, "saturated"), -1);
    for (int i = 0; i < ROWS * WIDTH; i++) {
        x[i] = i % WIDTH == 2 ? 1.25 : 3.0 * kg_random_uniform(1, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    assert_int_equal(run(model, &rows, &o, &s), KG_OK);
    expect(&s, "constant",
           "1 of 4 features are the same in all 100 training rows, the first is "
           "feature 2",
           "leave constant columns out");
    assert_int_equal(s.n, 1);
    kg_model_destroy(model);
}

/* Steps that overshoot: the loss grows first, and is infinite later. */
static void losses_that_explode(void **state)
{
    (void)state;
    enum { ROWS = 60 };
    double x[ROWS];
    int y[ROWS];
    said s;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    const kg_rows rows = {ROWS, x, y};
    o.lr = 1;
    for (int i = 0; i < ROWS; i++) {
        x[i] = 50.0 + kg_random_normal(3, KG_STREAM_TEST, 0, (uint64_t)i);
        y[i] = i % 2;
    }
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 1, 2, NULL, NULL), KG_OK);
    assert_int_equal(run(model, &rows, &o, &s), KG_OK);
    expect(&s, "exploding", "guessing has 0.6931: the run explodes", "try lr 0.1");
    for (int i = 0; i < ROWS; i++) {
        x[i] = 1e200;
    }
    assert_int_equal(run(model, &rows, &o, &s), KG_ERR_NUMERIC);
    expect(&s, "exploding", "is inf, guessing has 0.6931", "try lr 0.1");
    kg_model_destroy(model);
}

/* All angles 0 leave features of 0 in |0..0>, where the other outcomes have no probability at all. */
static void a_beginning_without_a_chance(void **state)
{
    (void)state;
    enum { ROWS = 12 };
    static double x[ROWS * 4];
    int y[ROWS];
    said s;
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    const kg_rows rows = {ROWS, x, y};
    o.init = "zero";
    m.qubits = 4;
    for (int i = 0; i < ROWS; i++) {
        y[i] = i % 3;
    }
    assert_int_equal(kg_model_create(&model, "qcnn", &m, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 4, 3, NULL, NULL), KG_OK);
    assert_int_equal(run(model, &rows, &o, &s), KG_ERR_NUMERIC);
    expect(&s, "exploding", "the loss of step 1 is inf", "try another init or seed");
    kg_model_destroy(model);
}

/* Nobody listens: the same bits. */
static void listening_changes_no_number(void **state)
{
    (void)state;
    double params[64];
    said s;
    for (int i = 0; i < 2; i++) {
        kg_train_options o = KG_TRAIN_OPTIONS_INIT;
        bench b = bench_make("qcnn", NULL, 60);
        const size_t bytes = (size_t)kg_model_n_params(b.model) * sizeof(double);
        o.lr = 1e-6; /* something is said */
        if (i) {
            assert_int_equal(run(b.model, &b.train, &o, &s), KG_OK);
            assert_int_equal(s.n, 1);
            assert_memory_equal(params, kg_model_params(b.model), bytes);
        } else {
            assert_int_equal(
                kg_train_run(b.model, b.train.n, b.train.features, b.train.labels, &o, NULL, NULL),
                KG_OK);
            memcpy(params, kg_model_params(b.model), bytes);
        }
        bench_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_runs_are_silent),
        cmocka_unit_test(steps_of_a_wrong_size),
        cmocka_unit_test(labels_that_do_not_belong),
        cmocka_unit_test(parameters_at_a_symmetric_point),
        cmocka_unit_test(parameters_that_cannot_move_anything),
        cmocka_unit_test(inputs_at_the_ends_of_their_range),
        cmocka_unit_test(losses_that_explode),
        cmocka_unit_test(a_beginning_without_a_chance),
        cmocka_unit_test(listening_changes_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
