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
        } else if (json_is_null(value) &&
                   (row->type == KG_OPTION_TEXT || row->type == KG_OPTION_PATH)) {
            void *field = (char *)options + row->offset;
            *(const char **)field = NULL;
        }
    }
    return status;
}

static kg_status fill(record *r, const char *path, kg_error *err)
{
    kg_run_record *open = &r->open;
    const json_t *json = r->json;
    const json_t *result = json_object_get(json, "result");
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
        !json_is_object(result)) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "%s: model, version, started, stop or result is missing", path);
    }
    open->params = get_int(json, "params");
    open->exit_code = get_int(json, "exit");
    open->result = (kg_seed_result){.seed = get_whole(json, "seed"),
                                    .train_accuracy = get_number(result, "train_accuracy"),
                                    .test_accuracy = get_number(result, "test_accuracy"),
                                    .loss = get_number(result, "loss"),
                                    .seconds = get_number(result, "seconds"),
                                    .steps = get_int(result, "steps")};
    while (kgi_stop_name(open->result.stop) &&
           strcmp(kgi_stop_name(open->result.stop), open->stop) != 0) {
        open->result.stop++;
    }
    open->data = (kg_run_data)KG_RUN_DATA_INIT;
    const json_t *options = json_object_get(json, "options");
    if (read_options(kg_run_data_table(), &open->data, json_object_get(options, "data"), err)) {
        return kgi_fail_in(err, KG_ERR_FORMAT, "%s: ", path);
    }
    return KG_OK;
}

kg_status kg_run_load(kg_run_record **out, const char *folder, kg_error *err)
{
    *out = NULL;
    record *r = calloc(1, sizeof *r);
    char *path = kgi_run_path(folder, KGI_RUN_JSON, "");
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
    if (status || !r) {
        kg_run_record_destroy((kg_run_record *)r);
    } else {
        *out = &r->open;
    }
    free(path);
    return status;
}
