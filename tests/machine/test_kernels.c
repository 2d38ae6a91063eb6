/* SPDX-License-Identifier: Apache-2.0 */
/* One run on every kernel set that this CPU has: the same bits on the same set, the same results but for
 * rounding on another, the set named in the report; and a checkpoint that one set wrote is gone on with by
 * any other. The linker leads the choice of the set through here. */
#include <string.h>
#include <unistd.h>

#include <ketgrad/train.h>

#include "fixture.h"
#include "refused.h"
#include "sim/kernels.h"

static const char *only; /* the best set that this CPU may have; NULL: what it has */

const kgi_kernels *__real_kgi_kernels_find(const char *name, int precision);
const kgi_kernels *__wrap_kgi_kernels_find(const char *name, int precision);

const kgi_kernels *__wrap_kgi_kernels_find(const char *name, int precision)
{
    return __real_kgi_kernels_find(name ? name : only, precision);
}

enum { N_ROWS = 24, N_FEATURES = 4, STEPS = 20, HALF = 8, MAX_SETS = 8, MAX_PARAMS = 128 };

static double features[N_ROWS * N_FEATURES];
static int labels[N_ROWS];
static char folder[SCRATCH_BYTES];

static int begin(void **state)
{
    (void)state;
    scratch_make(folder);
    for (int i = 0; i < N_ROWS; i++) {
        labels[i] = i % 3 == 0;
        for (int f = 0; f < N_FEATURES; f++) {
            features[i * N_FEATURES + f] =
                3.0 * kg_random_uniform(5, KG_STREAM_DATA, (uint32_t)i, (uint64_t)f) +
                0.7 * labels[i];
        }
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

typedef struct outcome {
    double params[MAX_PARAMS];
    int n_params;
    char kernels[32];
} outcome;

/* Trains to STEPS with one set; at HALF a checkpoint is written, or read if `from` is another set. */
static void run(const char *set, const char *from, int precision, outcome *o)
{
    kg_model_options mo = KG_MODEL_OPTIONS_INIT;
    kg_train_options to = KG_TRAIN_OPTIONS_INIT;
    const kg_rows rows = {N_ROWS, features, labels};
    kg_model *model = NULL;
    kg_trainer *trainer = NULL;
    kg_plan_report report;
    kg_error err;
    int running = 1;
    char path[2 * SCRATCH_BYTES], name[64];
    mo.qubits = N_FEATURES;
    mo.precision = precision;
    to.steps = STEPS;
    to.batch = 7;
    only = set;
    assert_int_equal(kg_model_create(&model, "qcnn", &mo, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, N_FEATURES, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_trainer_create(&trainer, model, &rows, NULL, &to, NULL), KG_OK);
    (void)snprintf(name, sizeof name, "%s-%d", from ? from : set, precision);
    (void)snprintf(path, sizeof path, "%s", scratch_path(folder, name));
    if (from && kg_trainer_load(trainer, path, &err)) {
        fail_msg("a checkpoint of %s on %s: %s", from, set, err.message);
    }
    while (running) {
        assert_int_equal(kg_trainer_step(trainer, &running, NULL), KG_OK);
        if (!from && kg_trainer_n_steps(trainer) == HALF) {
            assert_int_equal(kg_trainer_save(trainer, path, NULL), KG_OK);
        }
    }
    assert_int_equal(kg_trainer_n_steps(trainer), STEPS);
    kg_plan_get_report(kg_model_plan(model), &report);
    (void)snprintf(o->kernels, sizeof o->kernels, "%s", report.kernels);
    o->n_params = kg_model_n_params(model);
    assert_true(o->n_params <= MAX_PARAMS);
    memcpy(o->params, kg_model_params(model), (size_t)o->n_params * sizeof(double));
    kg_trainer_destroy(trainer);
    kg_model_destroy(model);
    only = NULL;
}

static double distance(const outcome *a, const outcome *b)
{
    double most = 0;
    for (int i = 0; i < a->n_params; i++) {
        most = fmax(most, fabs(a->params[i] - b->params[i]));
    }
    return most;
}

/* Gradients of two sets differ by a few roundings, 1e-15 (f64) or 1e-6 (f32). Nesterov moves parameters by
 * at most lr / (1 - momentum) = 0.1 of that in a step, twenty steps add up, and curvature below 10 lets
 * what is there grow by (1 + 0.1)^20 < 8: 1.6e-14, 1.6e-5; six times as much is allowed. */
static const double bound[2] = {1e-13, 1e-4};

static void every_set_trains_the_same(void **state)
{
    (void)state;
    const char *sets[MAX_SETS];
    int n = 0;
    while (n < MAX_SETS && kg_kernels_get(n)) {
        sets[n] = kg_kernels_get(n);
        n++;
    }
    for (int precision = KG_PRECISION_F64; precision <= KG_PRECISION_F32; precision++) {
        outcome whole[MAX_SETS];
        for (int i = 0; i < n; i++) {
            outcome again;
            run(sets[i], NULL, precision, &whole[i]);
            run(sets[i], NULL, precision, &again);
            assert_string_equal(whole[i].kernels, sets[i]);
            assert_memory_equal(whole[i].params, again.params,
                                (size_t)again.n_params * sizeof(double));
            print_message("%s %s: %.2g from %s\n", precision ? "f32" : "f64", sets[i],
                          distance(&whole[0], &whole[i]), sets[0]);
            assert_true(distance(&whole[0], &whole[i]) <= bound[precision]);
        }
        for (int i = 0; i < n; i++) {
            for (int from = 0; from < n; from++) {
                outcome resumed;
                run(sets[i], sets[from], precision, &resumed);
                assert_string_equal(resumed.kernels, sets[i]);
                assert_true(distance(&whole[i], &resumed) <= bound[precision]);
                if (i == from) {
                    assert_memory_equal(whole[i].params, resumed.params,
                                        (size_t)resumed.n_params * sizeof(double));
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_set_trains_the_same)};
    return cmocka_run_group_tests_name("machine/kernels", tests, begin, end);
}
