/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer as a file, and back: the model's own container and, beside its parameters,
 *
 *   ketgrad.checkpoint   JSON: what it belongs to (model, options, rows by their SHA-256), and counters
 *   checkpoint.state     the optimizer's
 *   checkpoint.order     permutation of the rows, without replacement
 *   checkpoint.sums      sums that are not at their end: of the epoch, of the doctor
 *   checkpoint.best      parameters of the lowest validation loss
 *   checkpoint.peak      the doctor's
 *
 * Nothing of the clock, the machine or the number of threads: the same run at the same step gives the
 * same bytes. */
#include "train/trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/options.h"
#include "model/file.h"

enum { FORMAT = 1, N_SUMS = 9 };

#define KEY "ketgrad.checkpoint"

/* ---- saving ---------------------------------------------------------------------------------------- */

static void put_rows(kgi_text *text, const char *key, int n, const char *hex)
{
    kgi_text_printf(text, ", \"%s\": {\"rows\": %d, \"sha256\": \"%s\"}", key, n, hex);
}

static void put_description(kgi_text *text, const kg_trainer *t)
{
    kgi_text_printf(text, "{\"format\": %d, \"model\": \"%s\", \"params\": %d, \"model_options\": ",
                    FORMAT, t->model->row->name, t->n_params);
    kgi_options_put(text, kg_model_options_table(), kg_model_get_options(t->model));
    kgi_text_printf(text, ", \"train_options\": ");
    kgi_options_put(text, kg_train_options_table(), &t->choice.options);
    put_rows(text, "train", t->train.n, t->identity->train);
    put_rows(text, "val", t->val.n, t->identity->val);
    kgi_text_printf(text,
                    ", \"step\": %d, \"epoch\": %" PRIu64 ", \"position\": %d, \"looks\": %d, "
                    "\"worse\": %d, \"best_step\": %d, \"best_epoch\": %d, \"window\": %d, "
                    "\"doctor\": {\"on\": %d, \"peak\": %d, \"window\": %d, \"said\": %u}}",
                    t->n_steps, t->epoch, t->position, t->n_looks, t->n_worse, t->best_step,
                    t->best_epoch, t->window.n, t->doctor.on, t->doctor.n_peak, t->doctor.window.n,
                    t->doctor.said);
}

static kg_status put_tensor(kgi_container *container, const char *name, int n, const double *data,
                            kg_error *err)
{
    const size_t shape = (size_t)n;
    return n ? kgi_container_add(container, name, 1, &shape, data, err) : KG_OK;
}

static kg_status put_order(const kg_trainer *t, kgi_container *container, kg_error *err)
{
    double *order = malloc((size_t)t->train.n * sizeof *order);
    if (!order) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the order of %d rows", t->train.n);
    }
    for (int i = 0; i < t->train.n; i++) {
        order[i] = t->order[i];
    }
    const kg_status status = put_tensor(container, "checkpoint.order", t->train.n, order, err);
    free(order);
    return status;
}

static kg_status put_tensors(const kg_trainer *t, kgi_container *container, kg_error *err)
{
    const double sums[N_SUMS] = {t->last_loss,
                                 t->window.loss,
                                 t->window.accuracy,
                                 t->window.grad_norm,
                                 t->doctor.window.loss,
                                 t->doctor.window.accuracy,
                                 t->doctor.window.grad_norm,
                                 t->best_loss,
                                 t->best_accuracy};
    kg_status status = put_tensor(container, "checkpoint.sums", N_SUMS, sums, err);
    if (!status) {
        status = put_tensor(container, "checkpoint.state",
                            t->choice.optimizer->n_state * t->n_params, t->state, err);
    }
    if (!status && !t->choice.replace) {
        status = put_order(t, container, err);
    }
    if (!status && t->best_step) {
        status = put_tensor(container, "checkpoint.best", t->n_params, t->best, err);
    }
    if (!status && t->doctor.on) {
        status = put_tensor(container, "checkpoint.peak", t->n_params, t->doctor.peak, err);
    }
    return status;
}

kg_status kgi_trainer_put(const kg_trainer *t, kgi_container *container, kg_error *err)
{
    kgi_text text = {0};
    char *description = NULL;
    if (!t->order) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "model \"%s\" takes no steps, so no checkpoint",
                        t->model->row->name);
    }
    kg_status status = kgi_identity_make(t, err);
    if (!status) {
        put_description(&text, t);
        status = kgi_text_finish(&text, &description, err);
    }
    if (!status) {
        status = kgi_container_set_text(container, KEY, description, err);
    }
    if (!status) {
        status = kgi_model_put(t->model, container, err);
    }
    if (!status) {
        status = put_tensors(t, container, err);
    }
    free(description);
    return status;
}

kg_status kg_trainer_save(const kg_trainer *trainer, const char *path, kg_error *err)
{
    kgi_container *container = NULL;
    kg_status status = kgi_container_create(&container, err);
    if (!status) {
        status = kgi_trainer_put(trainer, container, err);
    }
    if (!status) {
        status = kgi_container_save(container, path, err);
    }
    kgi_container_destroy(container);
    return status;
}

/* ---- loading --------------------------------------------------------------------------------------- */

/* Counters and borrowed numbers, all checked before the trainer is touched. */
typedef struct found {
    int step, position, looks, worse, best_step, best_epoch, window;
    int doctor_on, doctor_peak, doctor_window;
    unsigned said;
    uint64_t epoch;
    const double *sums, *state, *order, *best, *peak;
} found;

/* A counter in [0, hi]. */
static int get_count(const json_t *object, const char *key, long long hi, int *good)
{
    const json_t *value = json_object_get(object, key);
    const json_int_t x = json_is_integer(value) ? json_integer_value(value) : -1;
    *good = *good && x >= 0 && x <= hi;
    return *good ? (int)x : 0;
}

static kg_status find_counters(found *f, const kg_trainer *t, const kgi_container *container,
                               const json_t *root, kg_error *err)
{
    const json_t *doctor = json_object_get(root, "doctor");
    const json_t *epoch = json_object_get(root, "epoch");
    const int steps = t->choice.options.steps;
    int good = json_is_integer(epoch) && json_integer_value(epoch) >= 0;
    f->step = get_count(root, "step", steps, &good);
    f->position = get_count(root, "position", t->train.n, &good);
    f->looks = get_count(root, "looks", steps, &good);
    f->worse = get_count(root, "worse", f->looks, &good);
    f->best_step = get_count(root, "best_step", t->val.n ? f->step : 0, &good);
    f->best_epoch = get_count(root, "best_epoch", INT32_MAX, &good);
    f->window = get_count(root, "window", f->step, &good);
    f->doctor_on = get_count(doctor, "on", 1, &good);
    f->doctor_peak = get_count(doctor, "peak", f->step, &good);
    f->doctor_window = get_count(doctor, "window", f->step, &good);
    f->said = (unsigned)get_count(doctor, "said", INT32_MAX, &good);
    f->epoch = good ? (uint64_t)json_integer_value(epoch) : 0;
    return good ? KG_OK
                : kgi_fail(err, KG_ERR_FORMAT, "%s: " KEY ": a counter is missing or out of range",
                           kgi_container_path(container));
}

static kg_status need(const kgi_container *container, const char *name, int n, const double **data,
                      kg_error *err)
{
    const size_t shape = (size_t)n;
    return n ? kgi_container_need(container, name, 1, &shape, data, err) : KG_OK;
}

/* order must be a permutation; `seen` is its memory. */
static int is_permutation(int n, const double *order, unsigned char *seen)
{
    for (int i = 0; i < n; i++) {
        const double x = order[i];
        if (!(x >= 0.0 && x < n) || x != (int)x || seen[(int)x]) {
            return 0;
        }
        seen[(int)x] = 1;
    }
    return 1;
}

static kg_status find_order(found *f, const kg_trainer *t, const kgi_container *container,
                            kg_error *err)
{
    if (t->choice.replace) {
        return KG_OK;
    }
    kg_status status = need(container, "checkpoint.order", t->train.n, &f->order, err);
    unsigned char *seen = status ? NULL : calloc((size_t)t->train.n, 1);
    if (!status && !seen) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the order of %d rows", t->train.n);
    }
    if (!status && !is_permutation(t->train.n, f->order, seen)) {
        status = kgi_fail(err, KG_ERR_FORMAT, "%s: checkpoint.order is not an order of %d rows",
                          kgi_container_path(container), t->train.n);
    }
    free(seen);
    return status;
}

static kg_status find_tensors(found *f, const kg_trainer *t, const kgi_container *container,
                              kg_error *err)
{
    kg_status status = need(container, "checkpoint.sums", N_SUMS, &f->sums, err);
    if (!status) {
        status = need(container, "checkpoint.state", t->choice.optimizer->n_state * t->n_params,
                      &f->state, err);
    }
    if (!status) {
        status = find_order(f, t, container, err);
    }
    if (!status && f->best_step) {
        status = need(container, "checkpoint.best", t->n_params, &f->best, err);
    }
    if (!status && f->doctor_on) {
        status = need(container, "checkpoint.peak", t->n_params, &f->peak, err);
    }
    return status;
}

static void copy(double *to, const double *from, int n)
{
    if (from) {
        memcpy(to, from, (size_t)n * sizeof *to);
    }
}

static void take(kg_trainer *t, const found *f)
{
    t->n_steps = f->step;
    t->epoch = f->epoch;
    t->position = f->position;
    t->n_looks = f->looks;
    t->n_worse = f->worse;
    t->best_step = f->best_step;
    t->best_epoch = f->best_epoch;
    t->last_loss = f->sums[0];
    t->window = (kgi_window){f->window, f->sums[1], f->sums[2], f->sums[3]};
    t->best_loss = f->sums[7];
    t->best_accuracy = f->sums[8];
    copy(t->state, f->state, t->choice.optimizer->n_state * t->n_params);
    copy(t->best, f->best, t->n_params);
    for (int i = 0; f->order && i < t->train.n; i++) {
        t->order[i] = (int)f->order[i];
    }
    if (t->doctor.on && f->doctor_on) {
        t->doctor.window = (kgi_window){f->doctor_window, f->sums[4], f->sums[5], f->sums[6]};
        t->doctor.n_peak = f->doctor_peak;
        t->doctor.said = f->said;
        copy(t->doctor.peak, f->peak, t->n_params);
    }
    const int patience = t->choice.options.patience;
    t->has_ended = patience && t->n_worse >= patience;
    t->stop = t->has_ended ? KG_STOP_PATIENCE : 0;
}

static kg_status parse(json_t **root, const kgi_container *container, kg_error *err)
{
    const char *path = kgi_container_path(container);
    const char *text = kgi_container_text(container, KEY);
    if (!text) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: not a checkpoint: it has no " KEY, path);
    }
    const kg_status status = kgi_json_parse(root, KEY, text, strlen(text), err);
    if (status) { /* line and column are of that text, not of the file */
        return kgi_fail_in(err, status, "%s: ", path);
    }
    const json_t *format = json_object_get(*root, "format");
    if (!json_is_integer(format) || json_integer_value(format) < 1) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: " KEY ": format is not a positive whole number",
                        path);
    }
    if (json_integer_value(format) > FORMAT) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "%s: checkpoint format %" JSON_INTEGER_FORMAT
                        ", but this version reads up to %d",
                        path, json_integer_value(format), FORMAT);
    }
    return KG_OK;
}

kg_status kgi_trainer_take(kg_trainer *t, const kgi_container *container, kg_error *err)
{
    json_t *root = NULL;
    found f = {0};
    kg_status status = parse(&root, container, err);
    if (!status && !t->order) {
        status = kgi_fail(err, KG_ERR_UNSUPPORTED, "model \"%s\" takes no steps, so no checkpoint",
                          t->model->row->name);
    }
    if (!status) {
        status = kgi_identity_check(t, container, root, err);
    }
    if (!status) {
        status = find_counters(&f, t, container, root, err);
    }
    if (!status) {
        status = find_tensors(&f, t, container, err);
    }
    if (!status) {
        status = kgi_model_take(t->model, container, err);
    }
    if (!status) {
        take(t, &f);
    }
    json_decref(root);
    return status;
}

kg_status kg_trainer_load(kg_trainer *trainer, const char *path, kg_error *err)
{
    kgi_container *container = NULL;
    kg_status status = kgi_container_load(&container, path, err);
    if (!status) {
        status = kgi_trainer_take(trainer, container, err);
    }
    kgi_container_destroy(container);
    return status;
}

kg_status kgi_checkpoint_look(const char *path, kg_train_report *report, kg_error *err)
{
    kgi_container *container = NULL;
    json_t *root = NULL;
    const double *sums = NULL;
    int good = 1;
    *report = (kg_train_report){0};
    kg_status status = kgi_container_load(&container, path, err);
    if (!status) {
        status = parse(&root, container, err);
    }
    if (!status) {
        status = need(container, "checkpoint.sums", N_SUMS, &sums, err);
    }
    if (!status && sums) {
        report->steps = get_count(root, "step", INT32_MAX, &good);
        report->best_step = get_count(root, "best_step", INT32_MAX, &good);
        report->best_epoch = get_count(root, "best_epoch", INT32_MAX, &good);
        report->has_val = report->best_step > 0;
        report->loss = sums[0];
        report->val_loss = sums[7];
        report->val_accuracy = sums[8];
    }
    json_decref(root);
    kgi_container_destroy(container);
    return status;
}
