/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring: the median over chunks of a few milliseconds each, after a warm-up, of
 *
 *     forward         expectation values of a batch, parameters new in each call
 *     gradient        their gradient by all parameters, no input gradient
 *     inference       expectation values of a large batch with one parameter set
 *     train           200 steps of 25 samples, and 2115 rows tested, features ready
 *     state           the expectation value of one large state, parameters new in each call
 *     state-gradient  its gradient by all parameters */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TRAIN_STEPS = 200,
    TRAIN_BATCH = 25,
    TRAIN_ROWS = 5000,
    TEST_ROWS = 2115, /* zeros and ones of MNIST's test set */
    MAX_REPEAT = 1000,
    MIN_REPEAT = 3
};

static const double chunk_s = 3e-3;
static const double warm_up_s = 5e-2; /* clocks rise, pages are touched */

static const char *const task_names[] = {"forward", "gradient", "inference",
                                         "train",   "state",    "state-gradient"};

const char *bench_task_name(int task)
{
    return task >= 0 && task < BENCH_N_TASKS ? task_names[task] : NULL;
}

int bench_is_state(int task)
{
    return task == BENCH_STATE || task == BENCH_STATE_GRADIENT;
}

/* Everything that a call needs. */
typedef struct bench {
    bench_case wanted;
    kg_circuit *circuit;
    kg_observable *observable;
    kg_plan *plan;
    kg_workspace *ws;
    kg_plan_report report;
    double *params;
    double *inputs;
    double *out;
    double *d_out;
    double *d_params;
} bench;

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, compare_doubles);
    return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

static kg_status make_plan(bench *b, kg_error *err)
{
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.precision = b->wanted.precision;
    options.threads = b->wanted.threads;
    options.batch_hint = b->wanted.batch;
    options.engine = b->wanted.engine;
    options.kernels = b->wanted.kernels;
    kg_status status = kg_plan_create(&b->plan, b->circuit, b->observable, &options, err);
    if (!status) {
        kg_plan_get_report(b->plan, &b->report);
        status = kg_workspace_create(&b->ws, b->plan, err);
    }
    return status;
}

static kg_status make_numbers(bench *b, kg_error *err)
{
    const size_t n_batch = (size_t)b->wanted.batch;
    const int n_params = kg_plan_n_params(b->plan);
    const int n_inputs = kg_plan_n_inputs(b->plan);
    b->params = calloc((size_t)n_params + 1, sizeof(double));
    b->d_params = calloc((size_t)n_params, sizeof(double));
    b->inputs = calloc(n_batch * (size_t)n_inputs + 1, sizeof(double));
    b->out = calloc(n_batch, sizeof(double));
    b->d_out = calloc(n_batch, sizeof(double));
    if (!b->params || !b->d_params || !b->inputs || !b->out || !b->d_out) {
        return cli_fail(err, KG_ERR_MEMORY, "cannot allocate a batch of %d", b->wanted.batch);
    }
    cli_random(b->params, n_params, 0, 6.283185307179586, 0);
    cli_random(b->inputs, b->wanted.batch * n_inputs, 0, 3.141592653589793, 1);
    for (size_t i = 0; i < n_batch; i++) {
        b->d_out[i] = 1.0 / (double)n_batch;
    }
    return KG_OK;
}

static void clear(bench *b)
{
    kg_workspace_destroy(b->ws);
    kg_plan_destroy(b->plan);
    kg_observable_destroy(b->observable);
    kg_circuit_destroy(b->circuit);
    free(b->params);
    free(b->inputs);
    free(b->out);
    free(b->d_out);
    free(b->d_params);
}

static int is_gradient(int task)
{
    return task == BENCH_GRADIENT || task == BENCH_STATE_GRADIENT;
}

static void call(bench *b)
{
    if (is_gradient(b->wanted.task)) {
        kg_plan_backward(b->plan, b->params, b->wanted.batch, b->inputs, b->d_out, b->d_params,
                         NULL, b->ws);
        return;
    }
    if (b->wanted.task != BENCH_INFERENCE) {
        b->params[0] += 1e-6; /* as in training: nothing of the last call can be reused */
    }
    kg_plan_forward(b->plan, b->params, b->wanted.batch, b->inputs, b->out, b->ws);
}

static double time_calls(bench *b, int n)
{
    const double began = now_s();
    for (int i = 0; i < n; i++) {
        call(b);
    }
    return (now_s() - began) / n;
}

/* Clocks rise, pages are touched. Returns the seconds of one call; of a large state a forward call must
 * do, a gradient takes too long to be thrown away. */
static double warm_up(bench *b)
{
    double spent = 0;
    double one = 0;
    if (b->wanted.task == BENCH_STATE_GRADIENT) {
        kg_plan_forward(b->plan, b->params, b->wanted.batch, b->inputs, b->out, b->ws);
        return 1.0;
    }
    for (int n = 1; spent < warm_up_s; n = one * n < 0.5 * warm_up_s ? 2 * n : n) {
        one = time_calls(b, n);
        spent += one * n;
    }
    return one;
}

/* Median seconds of one call. */
static double measure(bench *b)
{
    double times[MAX_REPEAT];
    double spent = 0;
    const double one = warm_up(b);
    const int least = bench_is_state(b->wanted.task) ? 1 : MIN_REPEAT;
    const int n_calls = one < chunk_s ? (int)(chunk_s / one) + 1 : 1;
    int n = 0;
    spent = 0;
    while (n < b->wanted.repeat && (n < least || spent < b->wanted.case_s)) {
        times[n] = time_calls(b, n_calls);
        spent += times[n++] * n_calls;
    }
    return median(times, n);
}

/* Rows whose class can be learnt: it is what the first two features say. */
static void make_rows(double *features, int *labels, int n_rows, int n_features)
{
    cli_random(features, n_rows * n_features, 0, 3.141592653589793, 2);
    for (int i = 0; i < n_rows; i++) {
        const double *row = features + (size_t)i * (size_t)n_features;
        labels[i] = row[0] > row[n_features > 1];
    }
}

static kg_status make_model(kg_model **model, const bench_case *wanted, kg_error *err)
{
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    options.qubits = wanted->qubits;
    options.precision = wanted->precision;
    options.threads = wanted->threads;
    const kg_status status = kg_model_create(model, "qcnn", &options, err);
    return status ? status : kg_model_build(*model, 0, 2, NULL, err);
}

/* Median seconds of a training with its test. */
static kg_status measure_training(const bench *b, const double *features, const int *labels,
                                  double *seconds, kg_error *err)
{
    static int predicted[TEST_ROWS];
    const bench_case *wanted = &b->wanted;
    double times[MAX_REPEAT];
    double loss = 0;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    training.steps = TRAIN_STEPS;
    training.batch = TRAIN_BATCH;
    training.seed = cli.seed;
    int n = 0;
    double spent = 0;
    kg_status status = make_model(&model, wanted, err);
    for (int i = -1; i < wanted->repeat && !status; i++) { /* -1: warm-up */
        if (n >= MIN_REPEAT && spent > wanted->case_s) {
            break;
        }
        const double began = now_s();
        status = kg_train_run(model, TRAIN_ROWS, features, labels, &training, NULL, err);
        if (!status) {
            status =
                kg_model_score(model, TEST_ROWS, features, labels, predicted, NULL, &loss, err);
        }
        n = i < 0 ? 0 : i + 1;
        times[i < 0 ? 0 : i] = now_s() - began;
        spent += now_s() - began;
    }
    kg_model_destroy(model);
    *seconds = status ? 0 : median(times, n);
    return status;
}

static kg_status run_training(const bench *b, double *seconds, kg_error *err)
{
    const int n_features = kg_plan_n_inputs(b->plan);
    double *features = malloc(sizeof *features * (size_t)TRAIN_ROWS * (size_t)n_features);
    int *labels = malloc(sizeof *labels * (size_t)TRAIN_ROWS);
    kg_status status = KG_OK;
    if (!features || !labels) {
        status = cli_fail(err, KG_ERR_MEMORY, "cannot allocate %d training rows", TRAIN_ROWS);
    } else {
        make_rows(features, labels, TRAIN_ROWS, n_features);
        status = measure_training(b, features, labels, seconds, err);
    }
    free(features);
    free(labels);
    return status;
}

kg_status bench_run(const bench_case *wanted, double peak_flops, bench_result *result,
                    kg_error *err)
{
    bench b = {.wanted = *wanted};
    double flops = 0;
    double samples = wanted->batch;
    kg_status status = bench_circuit(wanted, &b.circuit, &b.observable, result->circuit, err);
    if (!status) {
        status = make_plan(&b, err);
    }
    if (!status && wanted->task == BENCH_TRAIN) {
        status = run_training(&b, &result->seconds, err);
        samples = (double)TRAIN_STEPS * TRAIN_BATCH;
        flops = samples * b.report.backward_flops + TEST_ROWS * b.report.forward_flops;
    } else if (!status) {
        status = make_numbers(&b, err);
        result->seconds = status ? 0 : measure(&b);
        flops = samples *
                (is_gradient(wanted->task) ? b.report.backward_flops : b.report.forward_flops);
    }
    if (!status) {
        (void)snprintf(result->engine, sizeof result->engine, "%s", b.report.engine);
        (void)snprintf(result->kernels, sizeof result->kernels, "%s", b.report.kernels);
        result->samples_per_s = samples / result->seconds;
        result->gflops = 1e-9 * flops / result->seconds;
        result->share_of_peak =
            peak_flops > 0 ? 1e9 * result->gflops / (wanted->threads * peak_flops) : 0;
    }
    clear(&b);
    return status;
}
