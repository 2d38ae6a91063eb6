/* SPDX-License-Identifier: Apache-2.0 */
/* Making a trainer and what is asked of it; its steps are in loop.c. Everything that can fail or allocate
 * happens here. */
#include "train/trainer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"

enum { VAL_CHUNK = 256 }; /* validation rows that are run at once; the last bits depend on it */

double kgi_train_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int kgi_val_chunk(const kg_trainer *trainer)
{
    return trainer->val.n < VAL_CHUNK ? trainer->val.n : VAL_CHUNK;
}

/* ---- checks -------------------------------------------------------------------------------------- */

static kg_status check_rows(const char *what, const kg_model *model, const kg_rows *rows,
                            kg_error *err)
{
    if (rows->n < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "number of %s rows is %d, not at least 1", what,
                        rows->n);
    }
    for (int i = 0; i < rows->n; i++) {
        if (rows->labels[i] < 0 || rows->labels[i] >= model->n_classes) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "label of %s%srow %d is %d, not in [0, %d]",
                            what[0] == 'v' ? what : "", what[0] == 'v' ? " " : "", i,
                            rows->labels[i], model->n_classes - 1);
        }
    }
    return kgi_model_check_rows(model, rows->n, rows->features, err);
}

static kg_status check(const kg_model *model, const kg_rows *train, const kg_rows *val,
                       kg_error *err)
{
    kg_status status = kgi_model_need_built(model, err);
    if (!status) {
        status = check_rows("training", model, train, err);
    }
    return status || !val ? status : check_rows("validation", model, val, err);
}

static kg_status check_choice(const kg_trainer *t, kg_error *err)
{
    if (t->choice.options.patience && !t->val.n) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "patience is %d, but there are no validation rows to look at",
                        t->choice.options.patience);
    }
    return kgi_init_check(t->choice.init, t->model, err);
}

/* ---- create and destroy ---------------------------------------------------------------------------- */

static kg_status allocate(kg_trainer *t, kg_error *err)
{
    const size_t n = (size_t)t->n_params + 1; /* a model may have no parameters */
    const size_t width = (size_t)t->model->n_features;
    const size_t n_state = (size_t)t->choice.optimizer->n_state * (size_t)t->n_params + 1;
    t->identity = calloc(1, sizeof *t->identity);
    t->order = malloc((size_t)t->train.n * sizeof *t->order);
    t->x = kgi_alloc((size_t)t->batch * width, sizeof *t->x);
    t->y = malloc((size_t)t->batch * sizeof *t->y);
    t->point = kgi_alloc(n, sizeof *t->point);
    t->gradient = kgi_alloc(n, sizeof *t->gradient);
    t->previous = kgi_alloc(n, sizeof *t->previous);
    t->state = calloc(n_state, sizeof *t->state);
    t->best = t->val.n ? calloc(n, sizeof *t->best) : NULL;
    if (!t->identity || !t->order || !t->x || !t->y || !t->point || !t->gradient || !t->previous ||
        !t->state || (t->val.n && !t->best)) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a training run of %d rows",
                        t->train.n);
    }
    for (int i = 0; i < t->train.n; i++) {
        t->order[i] = i;
    }
    const int chunk = kgi_val_chunk(t);
    return kgi_model_reserve(t->model, t->batch > chunk ? t->batch : chunk, err);
}

/* A model that is fitted directly needs no memory and takes no steps. */
static kg_status begin(kg_trainer *t, kg_error *err)
{
    if (t->model->row->fit) {
        t->model->row->fit(t->model, t->train.n, t->train.features, t->train.labels);
        t->has_ended = 1;
        t->stop = KG_STOP_FIT;
        return KG_OK;
    }
    kg_status status = check_choice(t, err);
    if (!status) {
        status = kgi_model_expect(t->model, t->batch, err);
    }
    if (!status) {
        status = allocate(t, err);
    }
    if (!status && t->choice.options.on_warning) {
        status = kgi_doctor_create(t, err);
    }
    if (!status) {
        kgi_train_init(&t->choice, t->model);
        kgi_doctor_inputs(t);
    }
    return status;
}

kg_status kg_trainer_create(kg_trainer **out, kg_model *model, const kg_rows *train,
                            const kg_rows *val, const kg_train_options *options, kg_error *err)
{
    *out = NULL;
    kg_status status = check(model, train, val, err);
    if (status) {
        return status;
    }
    kg_trainer *t = calloc(1, sizeof *t);
    if (!t) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a trainer");
    }
    t->began_s = t->saved_s = kgi_train_now();
    t->model = model;
    t->train = *train;
    t->n_params = model->n_params;
    if (val) {
        t->val = *val;
    }
    status = kgi_train_choose(&t->choice, model, options, err);
    if (!status) {
        const int batch = t->choice.options.batch;
        t->batch = batch < train->n ? batch : train->n;
        status = begin(t, err);
    }
    if (status) {
        kg_trainer_destroy(t);
        return status;
    }
    *out = t;
    return KG_OK;
}

void kg_trainer_destroy(kg_trainer *t)
{
    if (!t) {
        return;
    }
    free(t->identity);
    kgi_doctor_clear(&t->doctor);
    free(t->order);
    free(t->state);
    free(t->best);
    free(t->x);
    free(t->y);
    free(t->point);
    free(t->gradient);
    free(t->previous);
    free(t);
}

/* ---- questions and the end --------------------------------------------------------------------------- */

int kg_trainer_n_steps(const kg_trainer *trainer)
{
    return trainer->n_steps;
}

void kg_trainer_finish(kg_trainer *t, kg_train_report *report)
{
    const int has_best = t->best_step > 0;
    if (has_best) {
        memcpy(t->model->params, t->best, (size_t)t->n_params * sizeof *t->best);
    }
    if (report) {
        *report = (kg_train_report){.stop = t->stop,
                                    .steps = t->n_steps,
                                    .loss = t->last_loss,
                                    .seconds = kgi_train_now() - t->began_s,
                                    .has_val = has_best,
                                    .best_step = t->best_step,
                                    .best_epoch = t->best_epoch,
                                    .val_loss = t->best_loss,
                                    .val_accuracy = t->best_accuracy};
    }
}

kg_status kg_train_run(kg_model *model, int n_rows, const double *features, const int *labels,
                       const kg_train_options *options, kg_train_report *report, kg_error *err)
{
    const kg_rows train = {n_rows, features, labels};
    kg_trainer *trainer = NULL;
    int running = 1;
    if (report) {
        *report = (kg_train_report){0};
    }
    kg_status status = kg_trainer_create(&trainer, model, &train, NULL, options, err);
    while (!status && running) {
        status = kg_trainer_step(trainer, &running, err);
    }
    if (trainer) {
        kg_trainer_finish(trainer, report);
    }
    kg_trainer_destroy(trainer);
    return status;
}
