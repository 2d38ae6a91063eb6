/* SPDX-License-Identifier: Apache-2.0 */
/* The loop.
 *
 *   draw a mini-batch -> gradient where the optimizer looks -> stop if it is not finite -> step
 *     -> after each pass over the rows: a line of means, a look at the validation rows
 *
 * Rows are drawn by address: row i of the run's stream depends on the seed and i only. Without
 * replacement an epoch is a Fisher-Yates shuffle that is continued as far as batches need it, so that
 * a short run on a large set does not shuffle all of it; batches run over the end of an epoch. */
#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include <ketgrad/rng.h>

/* ---- mini-batches ---------------------------------------------------------------------------------- */

/* The next row of the shuffle: one exchange of Fisher and Yates. */
static int next_shuffled(kg_trainer *t)
{
    if (t->position == t->train.n) {
        t->position = 0;
        t->epoch++;
    }
    const int i = t->position++;
    const uint64_t left = (uint64_t)(t->train.n - i);
    const int j = i + (int)kg_random_below(t->choice.options.seed, KG_STREAM_SHUFFLE,
                                           (uint32_t)t->epoch, (uint64_t)i, left);
    const int row = t->order[j];
    t->order[j] = t->order[i];
    t->order[i] = row;
    return row;
}

static void draw_batch(kg_trainer *t, int step)
{
    const size_t width = (size_t)t->model->n_features;
    for (int b = 0; b < t->batch; b++) {
        const uint64_t index = (uint64_t)(step - 1) * (uint64_t)t->batch + (uint64_t)b;
        const int row = t->choice.replace
                            ? (int)kg_random_below(t->choice.options.seed, KG_STREAM_SHUFFLE, 0,
                                                   index, (uint64_t)t->train.n)
                            : next_shuffled(t);
        memcpy(t->x + (size_t)b * width, t->train.features + (size_t)row * width,
               width * sizeof *t->x);
        t->y[b] = t->train.labels[row];
    }
}

/* Passes over the training rows that the first n steps have finished. */
static long long passes(const kg_trainer *t, int n_steps)
{
    return (long long)n_steps * t->batch / t->train.n;
}

/* ---- one step -------------------------------------------------------------------------------------- */

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

double kgi_trainer_gradient(kg_trainer *t, const double *at, int *n_correct)
{
    memset(t->gradient, 0, (size_t)t->n_params * sizeof *t->gradient);
    return kgi_model_gradient(t->model, at, t->batch, t->x, t->y,
                              t->choice.sum ? 1.0 : 1.0 / (double)t->batch, t->gradient, n_correct);
}

/* One step; 0 if a number was not finite, and then the parameters are those before it. */
static int take_step(kg_trainer *t, kg_step *step)
{
    const kg_train_options *options = &t->choice.options;
    const kgi_optimizer *optimizer = t->choice.optimizer;
    double *theta = t->model->params;
    const size_t bytes = (size_t)t->n_params * sizeof *theta;
    const double *at = theta;
    draw_batch(t, step->step);
    if (optimizer->look_ahead) {
        optimizer->look_ahead(options, t->n_params, theta, t->state, t->point);
        at = t->point;
    }
    int n_correct = 0;
    kgi_model_set_step(t->model, options->seed, step->step);
    const double sum = kgi_trainer_gradient(t, at, &n_correct);
    step->loss = sum / (double)t->batch;
    step->accuracy = (double)n_correct / (double)t->batch;
    step->grad_norm = norm(t->gradient, t->n_params);
    if (!isfinite(sum) || !all_finite(t->gradient, t->n_params)) {
        return 0;
    }
    memcpy(t->previous, theta, bytes);
    optimizer->step(options, step->lr, step->step, t->n_params, t->gradient, t->state, theta);
    if (!all_finite(theta, t->n_params)) {
        memcpy(theta, t->previous, bytes);
        return 0;
    }
    return 1;
}

/* ---- between steps --------------------------------------------------------------------------------- */

void kgi_window_add(kgi_window *window, const kg_step *step)
{
    window->n++;
    window->loss += step->loss;
    window->accuracy += step->accuracy;
    window->grad_norm += step->grad_norm;
}

/* Scores the validation rows, in pieces of a fixed size. */
static void look(kg_trainer *t, kg_epoch *epoch)
{
    kg_model *model = t->model;
    const int chunk = kgi_val_chunk(t);
    double loss = 0.0;
    int n_correct = 0;
    for (int first = 0; first < t->val.n; first += chunk) {
        const int n = t->val.n - first < chunk ? t->val.n - first : chunk;
        const int *labels = t->val.labels + first;
        const double *out = kgi_model_run(
            model, model->params, n, t->val.features + (size_t)first * (size_t)model->n_features);
        loss += kgi_loss_forward(model->loss, n, model->n_outputs, out, labels);
        n_correct +=
            kgi_loss_n_correct(model->loss, n, model->n_outputs, out, model->n_classes, labels);
    }
    epoch->has_val = 1;
    epoch->val_loss = loss / (double)t->val.n;
    epoch->val_accuracy = (double)n_correct / (double)t->val.n;
    epoch->is_best =
        isfinite(epoch->val_loss) &&
        (!t->best_step || epoch->val_loss < t->best_loss - t->choice.options.min_delta);
    t->n_looks++;
    t->n_worse++;
    if (epoch->is_best) {
        t->n_worse = 0;
        t->best_step = epoch->step;
        t->best_epoch = epoch->epoch;
        t->best_loss = epoch->val_loss;
        t->best_accuracy = epoch->val_accuracy;
        memcpy(t->best, model->params, (size_t)t->n_params * sizeof *t->best);
    }
    epoch->best_epoch = t->best_epoch;
    epoch->best_loss = t->best_loss;
}

/* After a step: the line of an epoch, if this is its place. */
static void end_epoch(kg_trainer *t, const kg_step *step)
{
    const kg_train_options *options = &t->choice.options;
    const long long before = passes(t, step->step - 1);
    const long long done = passes(t, step->step);
    const int is_last = step->step == options->steps;
    const int is_pass = done > before;
    const int is_look =
        t->val.n &&
        (is_last || (options->val_every ? step->step % options->val_every == 0 : is_pass));
    if (is_pass || is_last) {
        kgi_doctor_epoch(t);
    }
    if (!is_pass && !is_look) {
        return;
    }
    const double n = (double)t->window.n;
    kg_epoch epoch = {.seed = options->seed,
                      .epoch = (int)(is_pass ? done : done + 1),
                      .step = step->step,
                      .steps = options->steps,
                      .loss = t->window.loss / n,
                      .accuracy = t->window.accuracy / n,
                      .grad_norm = t->window.grad_norm / n,
                      .lr = step->lr};
    t->window = (kgi_window){0};
    if (is_look) {
        look(t, &epoch);
    }
    if (options->on_epoch) {
        options->on_epoch(&epoch, options->user);
    }
    if (options->patience && t->n_worse >= options->patience) {
        t->has_ended = 1;
        t->stop = KG_STOP_PATIENCE;
    }
}

static kg_status save(kg_trainer *t, kg_error *err)
{
    const kg_train_options *options = &t->choice.options;
    t->saved_s = kgi_train_now();
    return options->on_checkpoint ? options->on_checkpoint(t, options->user, err) : KG_OK;
}

static int is_save_due(const kg_trainer *t)
{
    const kg_train_options *options = &t->choice.options;
    if (!options->on_checkpoint || t->has_ended || t->n_steps == options->steps) {
        return 0;
    }
    return (options->checkpoint_every && t->n_steps % options->checkpoint_every == 0) ||
           (options->checkpoint_seconds > 0 &&
            kgi_train_now() - t->saved_s >= options->checkpoint_seconds);
}

/* ---- the public door ------------------------------------------------------------------------------- */

/* Whether a further step is wanted; if not, says why. */
static int goes_on(kg_trainer *t)
{
    const kg_train_options *options = &t->choice.options;
    if (!t->has_ended && t->n_steps >= options->steps) {
        t->has_ended = 1;
        t->stop = KG_STOP_STEPS;
    }
    if (!t->has_ended && options->should_stop && options->should_stop(options->user)) {
        t->has_ended = 1;
        t->stop = KG_STOP_CALLBACK;
    }
    return !t->has_ended;
}

kg_status kg_trainer_step(kg_trainer *t, int *running, kg_error *err)
{
    const kg_train_options *options = &t->choice.options;
    const int had_ended = t->has_ended;
    *running = 0;
    if (!goes_on(t)) {
        return !had_ended && t->stop == KG_STOP_CALLBACK ? save(t, err) : KG_OK;
    }
    kg_step step = {.seed = options->seed,
                    .step = t->n_steps + 1,
                    .steps = options->steps,
                    .lr = kgi_train_lr(&t->choice, t->n_steps + 1)};
    if (!take_step(t, &step)) {
        t->has_ended = 1;
        t->stop = KG_STOP_NUMERIC;
        kgi_doctor_numeric(t, &step);
        return kgi_fail(err, KG_ERR_NUMERIC,
                        "step %d: loss or gradient is not finite (loss %g); the model keeps the "
                        "parameters of step %d",
                        step.step, isnan(step.loss) ? (double)NAN : step.loss /* no sign */,
                        t->n_steps);
    }
    t->n_steps = step.step;
    t->last_loss = step.loss;
    kgi_window_add(&t->window, &step);
    if (options->on_step && (step.step % options->log_every == 0 || step.step == options->steps)) {
        options->on_step(&step, options->user);
    }
    kgi_doctor_step(t, &step);
    end_epoch(t, &step);
    *running = 1;
    return is_save_due(t) ? save(t, err) : KG_OK;
}
