/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: its steps against a loop written here, learning, stopping, the same bits for any number of
 * threads, and no allocation inside a step. */
#include <string.h>

#include <ketgrad/rng.h>
#include <ketgrad/train.h>

#include "alloc.h"
#include "fixture.h"

/* ---- fixture ------------------------------------------------------------------------------------------ */

/* A model fitted on bars, and those bars prepared. */
typedef struct bench {
    kg_model *model;
    kg_dataset *data;
    int n;
    const double *x;
    const int *y;
} bench;

static bench make(const char *name, const char *encoding, const char *loss, int threads, int n_rows)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    bench b = {.n = n_rows};
    kg_dataset *bars = fixture_bars(n_rows, 2, 2, 0);
    o.encoding = encoding;
    o.loss = loss;
    o.threads = threads;
    assert_int_equal(kg_model_create(&b.model, name, &o, NULL), KG_OK);
    assert_int_equal(kg_model_fit(b.model, bars, NULL), KG_OK);
    assert_int_equal(kg_pipeline_apply(&b.data, kg_model_pipeline(b.model), bars, NULL), KG_OK);
    kg_dataset_destroy(bars);
    b.x = kg_dataset_features(b.data);
    b.y = kg_dataset_labels(b.data);
    return b;
}

static void clear(bench *b)
{
    kg_model_destroy(b->model);
    kg_dataset_destroy(b->data);
}

static kg_status train(bench *b, const kg_train_options *o, kg_train_report *report, kg_error *err)
{
    return kg_train_run(b->model, b->n, b->x, b->y, o, report, err);
}

static double accuracy(bench *b)
{
    int predicted[256], n_correct = 0;
    assert_true(b->n <= 256);
    assert_int_equal(kg_model_score(b->model, b->n, b->x, NULL, predicted, NULL, NULL, NULL),
                     KG_OK);
    for (int i = 0; i < b->n; i++) {
        n_correct += predicted[i] == b->y[i];
    }
    return (double)n_correct / b->n;
}

/* ---- the steps ------------------------------------------------------------------------------------------ */

/* All of a run, kept by a callback. */
typedef struct record {
    int n;
    kg_step steps[256];
} record;

static void keep(const kg_step *step, void *user)
{
    record *r = user;
    assert_true(r->n < 256);
    r->steps[r->n++] = *step;
}

/* Row of draw i of a run without replacement, from a plain shuffle of every epoch. */
static int shuffled_row(uint64_t seed, int n_rows, int draw)
{
    int order[64];
    for (int i = 0; i < n_rows; i++) {
        order[i] = i;
    }
    for (int epoch = 0; epoch <= draw / n_rows; epoch++) {
        for (int i = 0; i < n_rows; i++) {
            const int j = i + (int)kg_random_below(seed, KG_STREAM_SHUFFLE, (uint32_t)epoch,
                                                   (uint64_t)i, (uint64_t)(n_rows - i));
            const int row = order[j];
            order[j] = order[i];
            order[i] = row;
        }
    }
    return order[draw % n_rows];
}

/* Logistic regression by a loop written down once more: Nesterov, mean or sum, shuffled or with
 * replacement. 30 rows in batches of 8 run over the ends of epochs. */
static void steps_are_those_of_a_plain_loop(void **state)
{
    (void)state;
    enum { ROWS = 30, STEPS = 9, BATCH = 8, WIDTH = 8 };
    for (int variant = 0; variant < 4; variant++) {
        const int sum = variant & 1, replace = variant >> 1;
        bench b = make("logistic", "angle", "ce", 1, ROWS);
        kg_train_options o = KG_TRAIN_OPTIONS_INIT;
        record r = {0};
        double theta[WIDTH + 1], v[WIDTH + 1] = {0};
        o.steps = STEPS;
        o.batch = BATCH;
        o.seed = 77;
        o.init = "normal";
        o.loss_reduction = sum ? "sum" : "mean";
        o.sampling = replace ? "replace" : "shuffle";
        o.on_step = keep;
        o.user = &r;
        assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
        for (int i = 0; i <= WIDTH; i++) {
            theta[i] = kg_random_normal(77, KG_STREAM_INIT, 0, (uint64_t)i);
        }
        for (int t = 0; t < STEPS; t++) {
            double g[WIDTH + 1] = {0}, loss = 0.0, squares = 0.0;
            for (int k = 0; k < BATCH; k++) {
                const int draw = t * BATCH + k;
                const int row =
                    replace ? (int)kg_random_below(77, KG_STREAM_SHUFFLE, 0, (uint64_t)draw, ROWS)
                            : shuffled_row(77, ROWS, draw);
                double z = theta[WIDTH] - 0.9 * v[WIDTH];
                for (int i = 0; i < WIDTH; i++) {
                    z += (theta[i] - 0.9 * v[i]) * b.x[row * WIDTH + i];
                }
                const double p = 1 / (1 + exp(-z));
                loss -= log(b.y[row] ? p : 1 - p);
                for (int i = 0; i <= WIDTH; i++) {
                    g[i] += (p - b.y[row]) * (i < WIDTH ? b.x[row * WIDTH + i] : 1.0) /
                            (sum ? 1.0 : BATCH);
                }
            }
            for (int i = 0; i <= WIDTH; i++) {
                v[i] = 0.9 * v[i] + 0.01 * g[i];
                theta[i] -= v[i];
                squares += g[i] * g[i];
            }
            assert_int_equal(r.steps[t].step, t + 1);
            assert_near(r.steps[t].loss, loss / BATCH, 1e-12);
            assert_near(r.steps[t].grad_norm, sqrt(squares), 1e-11);
        }
        for (int i = 0; i <= WIDTH; i++) {
            assert_near(kg_model_params(b.model)[i], theta[i], 1e-12);
        }
        assert_int_equal(r.n, STEPS);
        clear(&b);
    }
}

/* Every log_every steps, and the last. */
static void metrics_come_at_their_interval(void **state)
{
    (void)state;
    bench b = make("logistic", "angle", "ce", 1, 30);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    record r = {0};
    o.steps = 10;
    o.log_every = 4;
    o.on_step = keep;
    o.user = &r;
    assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.steps[0].step, 4);
    assert_int_equal(r.steps[1].step, 8);
    assert_int_equal(r.steps[2].step, 10);
    assert_int_equal(r.steps[2].steps, 10);
    assert_int_equal(r.steps[2].seed, 1);
    assert_near(r.steps[2].lr, 0.01, 0.0);
    assert_in_range((int)(25 * r.steps[2].accuracy), 0, 25);
    clear(&b);
}

/* ---- learning ------------------------------------------------------------------------------------------- */

/* Every model with parameters, every optimizer and loss: 8 samples without a mistake in 200 steps. */
static void eight_samples_are_learnt(void **state)
{
    (void)state;
    const struct {
        const char *model, *encoding, *loss, *optimizer;
        double lr;
    } cases[] = {
        {"qcnn", "angle", "mse", "nesterov", 0.05}, {"qcnn", "angle", "ce", "adam", 0.05},
        {"qcnn", "dense", "ce", "nesterov", 0.05},  {"qcnn", "amplitude", "ce", "adam", 0.1},
        {"logistic", "angle", "ce", "sgd", 0.5},    {"logistic", "angle", "ce", "nesterov", 0.1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = make(cases[i].model, cases[i].encoding, cases[i].loss, 1, 8);
        kg_train_options o = KG_TRAIN_OPTIONS_INIT;
        kg_train_report report;
        o.optimizer = cases[i].optimizer;
        o.lr = cases[i].lr;
        o.batch = 8;
        assert_int_equal(train(&b, &o, &report, NULL), KG_OK);
        assert_int_equal(report.stop, KG_STOP_STEPS);
        assert_int_equal(report.steps, 200);
        if (accuracy(&b) < 1.0) {
            fail_msg("%s, %s, %s: %g", cases[i].model, cases[i].encoding, cases[i].optimizer,
                     accuracy(&b));
        }
        clear(&b);
    }
}

static void the_majority_is_fitted_not_trained(void **state)
{
    (void)state;
    kg_model *model = NULL;
    const double x[5] = {0};
    const int labels[] = {2, 1, 2, 0, 2};
    double scores[3];
    int predicted = -1;
    kg_train_report report;
    assert_int_equal(kg_model_create(&model, "majority", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 1, 3, NULL, NULL), KG_OK);
    assert_int_equal(kg_train_run(model, 5, x, labels, NULL, &report, NULL), KG_OK);
    assert_int_equal(report.stop, KG_STOP_FIT);
    assert_int_equal(report.steps, 0);
    assert_int_equal(kg_model_score(model, 1, x, NULL, &predicted, scores, NULL, NULL), KG_OK);
    assert_int_equal(predicted, 2);
    assert_near(scores[0], 0.2, 1e-15);
    assert_near(scores[2], 0.6, 1e-15);
    kg_model_destroy(model);
}

/* ---- the same bits ---------------------------------------------------------------------------------------- */

/* 50 steps with 1, 2, 3, 4 and 8 threads: parameters, metrics and predictions. */
static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    const struct {
        const char *model, *encoding;
        int precision;
    } cases[] = {{"qcnn", "angle", KG_PRECISION_F64},
                 {"qcnn", "amplitude", KG_PRECISION_F32},
                 {"logistic", "angle", KG_PRECISION_F64}};
    const int threads[] = {1, 2, 3, 4, 8};
    for (int c = 0; c < 3; c++) {
        static record first, again;
        static double params[64], scores[200], more[200];
        for (int t = 0; t < 5; t++) {
            bench b = make(cases[c].model, cases[c].encoding, "ce", threads[t], 100);
            kg_train_options o = KG_TRAIN_OPTIONS_INIT;
            record *r = t ? &again : &first;
            r->n = 0;
            o.steps = 50;
            o.batch = 40; /* three tiles of 16 */
            o.on_step = keep;
            o.user = r;
            assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
            const size_t bytes = (size_t)kg_model_n_params(b.model) * sizeof(double);
            double *out = t ? more : scores;
            assert_true(bytes <= sizeof params);
            assert_int_equal(kg_model_score(b.model, 100, b.x, NULL, NULL, out, NULL, NULL), KG_OK);
            if (t == 0) {
                memcpy(params, kg_model_params(b.model), bytes);
            } else {
                assert_memory_equal(kg_model_params(b.model), params, bytes);
                assert_memory_equal(again.steps, first.steps, 50 * sizeof *first.steps);
                assert_memory_equal(more, scores, sizeof scores);
            }
            clear(&b);
        }
    }
}

static void seeds_change_the_run_and_repeat_it(void **state)
{
    (void)state;
    bench b = make("qcnn", "angle", "ce", 1, 40);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    double params[3][51];
    const uint64_t seeds[] = {5, 6, 5};
    o.steps = 5;
    for (int i = 0; i < 3; i++) {
        o.seed = seeds[i];
        assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
        memcpy(params[i], kg_model_params(b.model), sizeof params[i]);
    }
    assert_memory_equal(params[0], params[2], sizeof params[0]);
    assert_memory_not_equal(params[0], params[1], sizeof params[0]);
    o.steps = 0; /* nothing but the initial parameters */
    assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
    memcpy(params[0], kg_model_params(b.model), sizeof params[0]);
    assert_int_equal(kg_train_init(b.model, &o, NULL), KG_OK);
    assert_memory_equal(params[0], kg_model_params(b.model), sizeof params[0]);
    assert_near(params[0][3], kg_random_normal(5, KG_STREAM_INIT, 0, 3), 0.0);
    clear(&b);
}

/* ---- stopping ------------------------------------------------------------------------------------------- */

static int stop_at_seven(void *user)
{
    return ++*(int *)user > 7;
}

static void a_stopped_run_leaves_a_usable_model(void **state)
{
    (void)state;
    bench b = make("qcnn", "angle", "mse", 1, 40);
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_train_report report;
    double params[51];
    int asked = 0;
    o.should_stop = stop_at_seven;
    o.user = &asked;
    assert_int_equal(train(&b, &o, &report, NULL), KG_OK);
    assert_int_equal(report.stop, KG_STOP_CALLBACK);
    assert_int_equal(report.steps, 7);
    memcpy(params, kg_model_params(b.model), sizeof params);
    assert_true(accuracy(&b) >= 0.0);
    o.should_stop = NULL;
    o.steps = 7;
    assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
    assert_memory_equal(params, kg_model_params(b.model), sizeof params);
    clear(&b);
}

/* x = 1e200 for all rows, labels 0, 1, 1. At zero parameters the logit's derivative is 1/2 - y, so the
 * gradient is -x / 6 and one step of lr 10 goes to 10 x / 6; the next logit overflows, and row 0 has
 * the wrong sign: its loss is infinite. The parameters before that step stay. */
static void numbers_that_overflow_stop_the_run(void **state)
{
    (void)state;
    kg_model *model = NULL;
    const double x[3] = {1e200, 1e200, 1e200};
    const int labels[] = {0, 1, 1};
    kg_train_options o = KG_TRAIN_OPTIONS_INIT;
    kg_train_report report = {0};
    kg_error err = {0};
    o.optimizer = "sgd";
    o.lr = 10;
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 1, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_train_run(model, 3, x, labels, &o, &report, &err), KG_ERR_NUMERIC);
    assert_string_equal(err.message, "step 2: loss or gradient is not finite (loss inf); the model "
                                     "keeps the parameters of step 1");
    assert_int_equal(report.stop, KG_STOP_NUMERIC);
    assert_int_equal(report.steps, 1);
    assert_near(kg_model_params(model)[0], 10 * 1e200 / 6, 1e187);
    kg_model_destroy(model);
}

static void bad_rows_are_refused(void **state)
{
    (void)state;
    kg_model *model = NULL;
    const double x[2] = {1, 2};
    const int labels[] = {0, 2};
    kg_error err = {0};
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_train_run(model, 1, x, labels, NULL, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message,
                        "model \"logistic\" is not built: fit, build or load it first");
    assert_int_equal(kg_train_init(model, NULL, &err), KG_ERR_ARGUMENT);
    assert_int_equal(kg_model_build(model, 1, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_train_run(model, 2, x, labels, NULL, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "label of row 1 is 2, not in [0, 1]");
    assert_int_equal(kg_train_run(model, 0, x, labels, NULL, NULL, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "number of training rows is 0, not at least 1");
    kg_model_destroy(model);
}

/* ---- allocations ---------------------------------------------------------------------------------------- */

static long allocations_at[256];

static void note_allocations(const kg_step *step, void *user)
{
    (void)user;
    allocations_at[step->step - 1] = alloc_count();
}

/* The counter is the same after every step; and it does count, because a run begins with some. */
static void a_step_allocates_nothing(void **state)
{
    (void)state;
    const struct {
        const char *model, *encoding, *optimizer;
        int rows;
    } cases[] = {{"qcnn", "angle", "nesterov", 60},
                 {"qcnn", "amplitude", "adam", 60}, /* 64 of 256 amplitudes: padded */
                 {"logistic", "angle", "sgd", 60}};
    for (int c = 0; c < 3; c++) {
        bench b = make(cases[c].model, cases[c].encoding, "auto", 1, cases[c].rows);
        kg_train_options o = KG_TRAIN_OPTIONS_INIT;
        const long before = alloc_count();
        o.optimizer = cases[c].optimizer;
        o.on_step = note_allocations;
        o.steps = 100;
        assert_int_equal(train(&b, &o, NULL, NULL), KG_OK);
        assert_true(allocations_at[0] > before);
        for (int t = 1; t < 100; t++) {
            assert_int_equal(allocations_at[t], allocations_at[0]);
        }
        clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_a_plain_loop),
        cmocka_unit_test(metrics_come_at_their_interval),
        cmocka_unit_test(eight_samples_are_learnt),
        cmocka_unit_test(the_majority_is_fitted_not_trained),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(seeds_change_the_run_and_repeat_it),
        cmocka_unit_test(a_stopped_run_leaves_a_usable_model),
        cmocka_unit_test(numbers_that_overflow_stop_the_run),
        cmocka_unit_test(bad_rows_are_refused),
        cmocka_unit_test(a_step_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
