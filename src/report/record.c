/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the run.json of one run. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/options.h"
#include "report/run.h"
#include "train/trainer.h"

/* The public record comes first, so that a pointer to it is a pointer to this. */
typedef struct record {
    kg_run_record open;
    json_t *json; /* owns most texts */
    char *folder;
    char *command;
} record;

void kg_run_record_destroy(kg_run_record *open)
{
    record *r = (record *)open;
    if (r) {
        json_decref(r->json);
        free(r->folder);
        free(r->command);
        free(r);
    }
}

static double get_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : 0.0;
}

static int get_int(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const json_int_t x = json_is_integer(value) ? json_integer_value(value) : 0;
    return x >= INT_MIN && x <= INT_MAX ? (int)x : 0;
}

static uint64_t get_whole(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                                 : (uint64_t)json_integer_value(value);
}

static char *join_words(const json_t *words)
{
    kgi_text text = {0};
    char *command = NULL;
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        kgi_text_printf(&text, "%s%s", i ? " " : "", word ? word : "?");
    }
    (void)kgi_text_finish(&text, &command, NULL);
    return command;
}

/* Sets options from an object with their names; keys that the table has not got are skipped (a newer
 * version wrote them), keys that are missing keep their value. */
static kg_status read_options(const kg_option_table *table, void *options, const json_t *object,
                              kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; i < table->n_rows && !status; i++) {
        const kg_option *row = &table->rows[i];
        const json_t *value = json_object_get(object, row->name);
        char number[32];
        if (json_is_string(value)) {
            status = kg_option_set(row, options, json_string_value(value), err);
        } else if (json_is_integer(value)) {
            (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
            status = kg_option_set(row, options, number, err);
        } else if (json_is_real(value)) {
            (void)kgi_number_format(number, json_real_value(value), 0);
            status = kg_option_set(row, options, number, err);
        } else if (json_is_boolean(value)) {
            status = kg_option_set(row, options, json_is_true(value) ? "true" : "false", err);
        } else if (json_is_null(value) &&
                   (row->type == KG_OPTION_TEXT || row->type == KG_OPTION_PATH)) {
            void *field = (char *)options + row->offset;
            *(const char **)field = NULL;
        }
    }
    return status;
}

static const char *const state_names[] = {[KG_RUN_FINISHED] = "finished",
                                          [KG_RUN_INTERRUPTED] = "interrupted",
                                          [KG_RUN_UNFINISHED] = "unfinished",
                                          [KG_RUN_GOING] = "running"};

const char *kg_run_state_name(int state)
{
    const int n = (int)(sizeof state_names / sizeof *state_names);
    return state >= 0 && state < n ? state_names[state] : NULL;
}

static kg_status fill_options(record *r, const char *path, kg_error *err)
{
    kg_run_record *open = &r->open;
    const json_t *options = json_object_get(r->json, "options");
    open->data = (kg_run_data)KG_RUN_DATA_INIT;
    open->model_options = (kg_model_options)KG_MODEL_OPTIONS_INIT;
    open->training = (kg_train_options)KG_TRAIN_OPTIONS_INIT;
    open->experiment = (kg_experiment_options)KG_EXPERIMENT_OPTIONS_INIT;
    open->model_options.definition = json_string_value(json_object_get(options, "definition"));
    const struct {
        const kg_option_table *table;
        void *options;
        const char *key;
    } parts[] = {{kg_run_data_table(), &open->data, "data"},
                 {kg_model_options_table(), &open->model_options, "model"},
                 {kg_train_options_table(), &open->training, "train"},
                 {kg_experiment_options_table(), &open->experiment, "experiment"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *object = json_object_get(options, parts[i].key);
        const kg_status status = read_options(parts[i].table, parts[i].options, object, err);
        if (status) {
            return kgi_fail_in(err, KG_ERR_FORMAT, "%s: ", path);
        }
    }
    return KG_OK;
}

static void fill_result(record *r)
{
    const json_t *result = json_object_get(r->json, "result");
    kg_run_record *open = &r->open;
    open->result = (kg_seed_result){.seed = get_whole(r->json, "seed"),
                                    .train_accuracy = get_number(result, "train_accuracy"),
                                    .test_accuracy = get_number(result, "test_accuracy"),
                                    .loss = get_number(result, "loss"),
                                    .seconds = get_number(result, "seconds"),
                                    .steps = get_int(result, "steps"),
                                    .has_val = json_object_get(result, "val_loss") != NULL,
                                    .best_step = get_int(result, "best_step"),
                                    .best_epoch = get_int(result, "best_epoch"),
                                    .val_loss = get_number(result, "val_loss"),
                                    .val_accuracy = get_number(result, "val_accuracy")};
    while (kgi_stop_name(open->result.stop) &&
           strcmp(kgi_stop_name(open->result.stop), open->stop) != 0) {
        open->result.stop++;
    }
}

static kg_status fill(record *r, const char *path, kg_error *err)
{
    kg_run_record *open = &r->open;
    const json_t *json = r->json;
    const char *format = json_string_value(json_object_get(json, "format"));
    if (!format || strcmp(format, KGI_RUN_FORMAT) != 0) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: format is \"%.40s\", not \"%s\"", path,
                        format ? format : "", KGI_RUN_FORMAT);
    }
    open->folder = r->folder;
    open->command = r->command;
    open->model = json_string_value(json_object_get(json, "model"));
    open->version = json_string_value(json_object_get(json, "version"));
    open->started = json_string_value(json_object_get(json, "started"));
    open->stop = json_string_value(json_object_get(json, "stop"));
    if (!open->model || !open->version || !open->started || !open->stop ||
        !json_is_object(json_object_get(json, "result"))) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: model, version, started, stop or result is missing", path);
    }
    const json_t *machine = json_object_get(json, "machine");
    open->kernels = json_string_value(json_object_get(machine, "kernels"));
    open->params = get_int(json, "params");
    open->exit_code = get_int(json, "exit");
    open->n_warnings = (int)json_array_size(json_object_get(json, "warnings"));
    fill_result(r);
    open->first_seed =
        json_object_get(json, "first_seed") ? get_whole(json, "first_seed") : open->result.seed;
    return fill_options(r, path, err);
}

/* Steps and validation of a run that is not finished, as far as its checkpoint knows them. */
static kg_status look_at_checkpoint(record *r, kg_error *err)
{
    char *path = kgi_run_path(r->folder, KGI_RUN_CHECKPOINT, "");
    kg_seed_result *result = &r->open.result;
    kg_train_report report;
    const kg_status status = path ? kgi_checkpoint_look(path, &report, err)
                                  : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    free(path);
    if (!status) {
        result->steps = report.steps;
        result->loss = report.loss;
        result->has_val = report.has_val;
        result->best_step = report.best_step;
        result->best_epoch = report.best_epoch;
        result->val_loss = report.val_loss;
        result->val_accuracy = report.val_accuracy;
    }
    return status == KG_ERR_MEMORY ? status
                                   : KG_OK; /* a damaged one is found by who goes on with it */
}

static kg_status find_state(record *r, int is_part, kg_error *err)
{
    int has_checkpoint = 0;
    kg_status status = kgi_run_has(&has_checkpoint, r->folder, KGI_RUN_CHECKPOINT, "", err);
    if (!status && is_part) {
        r->open.stop = KGI_RUN_UNFINISHED; /* whatever a program that was killed at its end wrote */
        r->open.state = kgi_folder_is_locked(r->folder) ? KG_RUN_GOING : KG_RUN_UNFINISHED;
        status = has_checkpoint ? look_at_checkpoint(r, err) : KG_OK;
    } else if (r->open.result.stop == KG_STOP_CALLBACK && has_checkpoint) {
        r->open.state = KG_RUN_INTERRUPTED;
    }
    return status;
}

/* The record of run.json, or of what stands for it while a run goes on (suffix KGI_RUN_PART). */
static kg_status load_record(kg_run_record **out, const char *folder, const char *suffix,
                             kg_error *err)
{
    *out = NULL;
    record *r = calloc(1, sizeof *r);
    char *path = kgi_run_path(folder, KGI_RUN_JSON, suffix);
    kg_status status = KG_OK;
    if (!r || !path) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a record");
    } else {
        status = kgi_json_load(&r->json, path, err);
    }
    if (!status && r) {
        r->folder = strdup(folder);
        r->command = join_words(json_object_get(r->json, "command"));
        status = r->folder && r->command ? fill(r, path, err)
                                         : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a record");
    }
    if (!status && r) {
        status = find_state(r, *suffix != '\0', err);
    }
    if (status || !r) {
        kg_run_record_destroy((kg_run_record *)r);
    } else {
        *out = &r->open;
    }
    free(path);
    return status;
}

kg_status kgi_record_find(kg_run_record **out, const char *folder, kg_error *err)
{
    int is_part = 0, is_there = 0;
    *out = NULL;
    kg_status status = kgi_run_has(&is_part, folder, KGI_RUN_JSON, KGI_RUN_PART, err);
    if (!status) {
        status = kgi_run_has(&is_there, folder, KGI_RUN_JSON, "", err);
    }
    if (status || (!is_part && !is_there)) {
        return status;
    }
    return load_record(out, folder, is_part ? KGI_RUN_PART : "", err);
}

kg_status kg_run_load(kg_run_record **out, const char *folder, kg_error *err)
{
    return load_record(out, folder, "", err);
}

const json_t *kgi_record_json(const kg_run_record *record_)
{
    return ((const record *)record_)->json;
}

/* ---- data ------------------------------------------------------------------------------------------- */

/* Two objects of kgi_dataset_json(), that of the run and that of now. */
static kg_status compare_data(const kg_run_record *open, const char *which, const json_t *then,
                              const json_t *now, kg_error *err)
{
    const int n_then = get_int(then, "rows"), n_now = get_int(now, "rows");
    if (n_then != n_now) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "%s: the data is not what it was: %d %s rows then, %d now", open->folder,
                        n_then, which, n_now);
    }
    const json_t *files_then = json_object_get(then, "sources");
    const json_t *files_now = json_object_get(now, "sources");
    for (size_t i = 0; i < json_array_size(files_then) || i < json_array_size(files_now); i++) {
        const json_t *a = json_array_get(files_then, i), *b = json_array_get(files_now, i);
        const char *hash_a = json_string_value(json_object_get(a, "sha256"));
        const char *hash_b = json_string_value(json_object_get(b, "sha256"));
        const char *path = json_string_value(json_object_get(b, "path"));
        if (!hash_a || !hash_b || strcmp(hash_a, hash_b) != 0) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "%s: the data is not what it was: %s (%s) has SHA-256 %.12s... then, "
                            "%.12s... now",
                            open->folder, path ? path : "generated rows", which,
                            hash_a ? hash_a : "none", hash_b ? hash_b : "none");
        }
    }
    return KG_OK;
}

kg_status kg_run_check_data(const kg_run_record *open, const kg_dataset *train,
                            const kg_dataset *test, kg_error *err)
{
    const json_t *then = json_object_get(kgi_record_json(open), "data");
    kgi_text text = {0};
    char *bytes = NULL;
    json_t *now = NULL;
    kgi_text_printf(&text, "{");
    kg_status status = kgi_dataset_json(&text, "train", train, err);
    kgi_text_printf(&text, ", ");
    if (!status) {
        status = kgi_dataset_json(&text, "test", test, err);
    }
    kgi_text_printf(&text, "}");
    if (!status) {
        status = kgi_text_finish(&text, &bytes, err);
    }
    if (!status) {
        status = kgi_json_parse(&now, "data", bytes, strlen(bytes), err);
    }
    if (!status) {
        status = compare_data(open, "training", json_object_get(then, "train"),
                              json_object_get(now, "train"), err);
    }
    if (!status) {
        status = compare_data(open, "test", json_object_get(then, "test"),
                              json_object_get(now, "test"), err);
    }
    json_decref(now);
    free(bytes);
    kgi_text_clear(&text);
    return status;
}
