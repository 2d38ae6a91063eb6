/* SPDX-License-Identifier: Apache-2.0 */
/* The loop. Everything that can fail or allocate happens before the first step.
 *
 *   draw a mini-batch -> gradient where the optimizer looks -> stop if it is not finite -> step
 *
 * Rows are drawn by address: row i of the run's stream depends on the seed and i only. Without
 * replacement an epoch is a Fisher-Yates shuffle that is continued as far as batches need it, so that
 * a short run on a large set does not shuffle all of it; batches run over the end of an epoch. */
#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ketgrad/rng.h>

#include "base/arena.h"

/* One run: what it reads, and its memory. */
typedef struct run {
    kgi_train_choice choice;
    kg_model *model;
    int n_rows;
    const double *features;
    const int *labels;
    int batch;
    int n_params;
    uint64_t epoch;   /* of the shuffle */
    int position;     /* in order, of the next row */
    int *order;       /* [n_rows] permutation */
    double *x;        /* [batch][n_features] */
    int *y;           /* [batch] */
    double *point;    /* [n_params] where the gradient is taken */
    double *gradient; /* [n_params] */
    double *previous; /* [n_params] parameters before the step */
    double *state;    /* of the optimizer */
} run;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- before the first step ----------------------------------------------------------------------- */

static kg_status check(const kg_model *model, int n_rows, const int *labels, kg_error *err)
{
    const kg_status status = kgi_model_need_built(model, err);
    if (status) {
        return status;
    }
    if (n_rows < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "number of training rows is %d, not at least 1",
                        n_rows);
    }
    for (int i = 0; i < n_rows; i++) {
        if (labels[i] < 0 || labels[i] >= model->n_classes) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "label of row %d is %d, not in [0, %d]", i,
                            labels[i], model->n_classes - 1);
        }
    }
    return KG_OK;
}

static void run_clear(run *r)
{
    free(r->order);
    free(r->x);
    free(r->y);
    free(r->point);
    free(r->gradient);
    free(r->previous);
    free(r->state);
}

static kg_status run_init(run *r, kg_error *err)
{
    const size_t n = (size_t)r->n_params + 1; /* no empty array */
    const size_t n_state = n * (size_t)(r->choice.optimizer->n_state + 1);
    r->order = calloc((size_t)r->n_rows, sizeof *r->order);
    r->x = kgi_alloc((size_t)r->batch * (size_t)r->model->n_features, sizeof *r->x);
    r->y = calloc((size_t)r->batch, sizeof *r->y);
    r->point = calloc(n, sizeof *r->point);
    r->gradient = calloc(n, sizeof *r->gradient);
    r->previous = calloc(n, sizeof *r->previous);
    r->state = calloc(n_state, sizeof *r->state);
    if (!r->order || !r->x || !r->y || !r->point || !r->gradient || !r->previous || !r->state) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a training run of %d rows, batch %d",
                        r->n_rows, r->batch);
    }
    for (int i = 0; i < r->n_rows; i++) {
        r->order[i] = i;
    }
    return kgi_model_reserve(r->model, r->batch, err);
}

/* ---- mini-batches --------------------------------------------------------------------------------- */

/* The next row of the shuffle: one exchange of Fisher and Yates. */
static int next_shuffled(run *r)
{
    if (r->position == r->n_rows) {
        r->position = 0;
        r->epoch++;
    }
    const int i = r->position++;
    const uint64_t left = (uint64_t)(r->n_rows - i);
    const int j = i + (int)kg_random_below(r->choice.options.seed, KG_STREAM_SHUFFLE,
                                           (uint32_t)r->epoch, (uint64_t)i, left);
    const int row = r->order[j];
    r->order[j] = r->order[i];
    r->order[i] = row;
    return row;
}

static void draw_batch(run *r, int step)
{
    const size_t width = (size_t)r->model->n_features;
    for (int b = 0; b < r->batch; b++) {
        const uint64_t index = (uint64_t)(step - 1) * (uint64_t)r->batch + (uint64_t)b;
        const int row = r->choice.replace
                            ? (int)kg_random_below(r->choice.options.seed, KG_STREAM_SHUFFLE, 0,
                                                   index, (uint64_t)r->n_rows)
                            : next_shuffled(r);
        memcpy(r->x + (size_t)b * width, r->features + (size_t)row * width, width * sizeof *r->x);
        r->y[b] = r->labels[row];
    }
}

/* ---- steps ---------------------------------------------------------------------------------------- */

static double norm(const double *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        sum += x[i] * x[i];
    }
    return sqrt(sum);
}

static int all_finite(const double *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++) {
        sum += x[i] - x[i]; /* 0, or NaN for NaN and infinities */
    }
    return sum == 0.0;
}

/* One step; 0 if a number was not finite, and then the parameters are those before it. */
static int take_step(run *r, kg_step *step)
{
    const kg_train_options *options = &r->choice.options;
    const kgi_optimizer *optimizer = r->choice.optimizer;
    double *theta = r->model->params;
    const size_t bytes = (size_t)r->n_params * sizeof *theta;
    const double *at = theta;
    draw_batch(r, step->step);
    if (optimizer->look_ahead) {
        optimizer->look_ahead(options, r->n_params, theta, r->state, r->point);
        at = r->point;
    }
    memset(r->gradient, 0, bytes);
    int n_correct = 0;
    const double sum =
        kgi_model_gradient(r->model, at, r->batch, r->x, r->y,
                           r->choice.sum ? 1.0 : 1.0 / (double)r->batch, r->gradient, &n_correct);
    step->loss = sum / (double)r->batch;
    step->accuracy = (double)n_correct / (double)r->batch;
    step->grad_norm = norm(r->gradient, r->n_params);
    if (!isfinite(sum) || !all_finite(r->gradient, r->n_params)) {
        return 0;
    }
    memcpy(r->previous, theta, bytes);
    optimizer->step(options, step->step, r->n_params, r->gradient, r->state, theta);
    if (!all_finite(theta, r->n_params)) {
        memcpy(theta, r->previous, bytes);
        return 0;
    }
    return 1;
}

static kg_status descend(run *r, kg_train_report *report, kg_error *err)
{
    const kg_train_options *options = &r->choice.options;
    kg_step step = {.seed = options->seed, .steps = options->steps, .lr = options->lr};
    for (int t = 1; t <= options->steps; t++) {
        if (options->should_stop && options->should_stop(options->user)) {
            report->stop = KG_STOP_CALLBACK;
            return KG_OK;
        }
        step.step = t;
        if (!take_step(r, &step)) {
            report->stop = KG_STOP_NUMERIC;
            return kgi_fail(
                err, KG_ERR_NUMERIC,
                "step %d: loss or gradient is not finite (loss %g); the model keeps the "
                "parameters of step %d",
                t, step.loss, t - 1);
        }
        report->steps = t;
        report->loss = step.loss;
        if (options->on_step && (t % options->log_every == 0 || t == options->steps)) {
            options->on_step(&step, options->user);
        }
    }
    report->stop = KG_STOP_STEPS;
    return KG_OK;
}

kg_status kg_train_run(kg_model *model, int n_rows, const double *features, const int *labels,
                       const kg_train_options *options, kg_train_report *report, kg_error *err)
{
    kg_train_report own = {0};
    run r = {.model = model, .n_rows = n_rows, .features = features, .labels = labels};
    const double begin = now();
    kg_status status = check(model, n_rows, labels, err);
    if (!status) {
        status = kgi_train_choose(&r.choice, model, options, err);
    }
    if (!status && model->row->fit) {
        model->row->fit(model, n_rows, features, labels);
        own.stop = KG_STOP_FIT;
    } else if (!status) {
        r.batch = r.choice.options.batch < n_rows ? r.choice.options.batch : n_rows;
        r.n_params = model->n_params;
        status = run_init(&r, err);
        if (!status) {
            kgi_train_init(&r.choice, r.n_params, model->params);
            status = descend(&r, &own, err);
        }
    }
    run_clear(&r);
    own.seconds = now() - begin;
    if (report) {
        *report = own;
    }
    return status;
}
