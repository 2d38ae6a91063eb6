/* SPDX-License-Identifier: Apache-2.0 */
/* The text of run.json: what ran, with which options and data, on which machine, and the result. */
#include "report/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/linalg.h"
#include "base/options.h"

static const char *const stop_names[] = {[KG_STOP_STEPS] = "steps",
                                         [KG_STOP_CALLBACK] = "interrupted",
                                         [KG_STOP_FIT] = "fit",
                                         [KG_STOP_NUMERIC] = "numeric",
                                         [KG_STOP_PATIENCE] = "patience"};

const char *kgi_stop_name(int stop)
{
    const int n = (int)(sizeof stop_names / sizeof *stop_names);
    return stop >= 0 && stop < n ? stop_names[stop] : NULL;
}

/* "AMD EPYC 9354", of /proc/cpuinfo; "unknown" where there is none. */
static void cpu_name(char *out, size_t size)
{
    (void)snprintf(out, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (!strncmp(line, "model name", 10) && colon) {
            (void)snprintf(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (file) {
        (void)fclose(file);
    }
}

static void add_text(kgi_text *text, const char *key, const char *value)
{
    kgi_text_printf(text, "\"%s\": ", key);
    if (value) {
        kgi_text_json_string(text, value);
    } else {
        kgi_text_printf(text, "null");
    }
}

static void add_number(kgi_text *text, const char *key, double x)
{
    kgi_text_printf(text, "\"%s\": ", key);
    kgi_text_json_number(text, x);
}

static void put_machine(kgi_text *text, const kg_model *model, int threads)
{
    char cpu[128];
    const kg_plan *plan = kg_model_plan(model);
    kg_plan_report report = {0};
    if (plan) {
        kg_plan_get_report(plan, &report);
    }
    cpu_name(cpu, sizeof cpu);
    kgi_text_printf(text, "{");
    add_text(text, "cpu", cpu);
    kgi_text_printf(text, ", ");
#ifdef __clang__
    add_text(text, "compiler", __VERSION__); /* "Clang 14.0.6" */
#else
    add_text(text, "compiler", "GCC " __VERSION__);
#endif
    kgi_text_printf(text, ", ");
    add_text(text, "engine", report.engine);
    kgi_text_printf(text, ", ");
    add_text(text, "kernels", report.kernels);
    kgi_text_printf(text, ", ");
    add_text(text, "blas", kgi_blas_name());
    kgi_text_printf(text, ", \"threads\": %d}", threads);
}

/* SHA-256 of the numbers of a generated data set: what it was, if ever its generator changes. */
static kg_status add_rows_hash(kgi_text *text, const kg_dataset *data, kg_error *err)
{
    char digits[KGI_SHA256_DIGITS + 1];
    const size_t n_rows = (size_t)kg_dataset_n_rows(data);
    const size_t n_numbers = n_rows * (size_t)kg_dataset_n_features(data);
    kgi_sha256 *hash = NULL;
    kg_status status = kgi_sha256_create(&hash, err);
    if (status) {
        return status;
    }
    kgi_sha256_add(hash, kg_dataset_features(data), n_numbers * sizeof(double));
    if (kg_dataset_labels(data)) {
        kgi_sha256_add(hash, kg_dataset_labels(data), n_rows * sizeof(int));
    }
    status = kgi_sha256_finish(hash, digits, err);
    if (!status) {
        kgi_text_printf(text, "{\"path\": null, \"sha256\": \"%s\", \"known\": false}", digits);
    }
    return status;
}

kg_status kgi_dataset_json(kgi_text *text, const char *key, const kg_dataset *data, kg_error *err)
{
    kgi_text_printf(text, "\"%s\": {", key);
    add_text(text, "name", kg_dataset_name(data));
    kgi_text_printf(text, ", \"rows\": %d, \"sources\": [", kg_dataset_n_rows(data));
    kg_status status = KG_OK;
    const int n = kg_dataset_n_sources(data);
    for (int i = 0; i < n; i++) {
        const kg_data_source *source = kg_dataset_source(data, i);
        kgi_text_printf(text, "%s{", i ? ", " : "");
        add_text(text, "path", source->path);
        kgi_text_printf(text, ", ");
        add_text(text, "sha256", source->sha256);
        kgi_text_printf(text, ", \"known\": %s}", source->known ? "true" : "false");
    }
    if (!n) {
        status = add_rows_hash(text, data, err);
    }
    kgi_text_printf(text, "]}");
    return status;
}

static kg_status add_options(kgi_text *text, const kgi_story *story, kg_error *err)
{
    const kg_run_info *info = story->info;
    const char *definition = kg_model_get_options(story->model)->definition;
    kgi_text_printf(text, "  \"options\": {\n    \"model\": ");
    kgi_options_json(kg_model_options_table(), kg_model_get_options(story->model), text);
    if (definition) {
        kgi_text_printf(text, ",\n    ");
        add_text(text, "definition", definition);
    }
    if (info->data) {
        kgi_text_printf(text, ",\n    \"data\": ");
        kgi_options_json(kg_run_data_table(), info->data, text);
    }
    if (info->training) {
        kg_train_options training = KG_TRAIN_OPTIONS_INIT;
        kg_status status = kgi_options_take(kg_train_options_table(), &training, sizeof training,
                                            info->training, err);
        if (status) {
            return status;
        }
        training.seed = story->seed;
        kgi_text_printf(text, ",\n    \"train\": ");
        kgi_options_json(kg_train_options_table(), &training, text);
    }
    if (info->experiment) {
        kgi_text_printf(text, ",\n    \"experiment\": ");
        kgi_options_json(kg_experiment_options_table(), info->experiment, text);
    }
    kgi_text_printf(text, "\n  },\n");
    return KG_OK;
}

void kgi_metrics_json(kgi_text *text, const kg_metrics *metrics)
{
    kgi_text_printf(text, "{");
    for (int i = 0; kg_metric_get(i); i++) {
        kgi_text_printf(text, "%s", i ? ", " : "");
        add_number(text, kg_metric_get(i), kg_metric_value(metrics, i));
    }
    kgi_text_printf(text, "}");
}

static void add_result(kgi_text *text, const kg_seed_result *result)
{
    kgi_text_printf(text, "  \"result\": {");
    add_number(text, "train_accuracy", result->train_accuracy);
    kgi_text_printf(text, ", ");
    add_number(text, "test_accuracy", result->test_accuracy);
    kgi_text_printf(text, ", ");
    add_number(text, "loss", result->loss);
    kgi_text_printf(text, ", ");
    add_number(text, "seconds", result->seconds);
    kgi_text_printf(text, ", \"steps\": %d", result->steps);
    if (result->has_val) {
        kgi_text_printf(text, ", \"best_step\": %d, \"best_epoch\": %d, ", result->best_step,
                        result->best_epoch);
        add_number(text, "val_loss", result->val_loss);
        kgi_text_printf(text, ", ");
        add_number(text, "val_accuracy", result->val_accuracy);
    }
    if (result->test.n) {
        kgi_text_printf(text, ",\n    \"test\": ");
        kgi_metrics_json(text, &result->test);
    }
    kgi_text_printf(text, "},\n");
}

/* A value of older JSON as it was; null if there is none. */
static void add_json(kgi_text *text, const char *key, const json_t *value)
{
    char *json = NULL;
    kgi_text_printf(text, "\"%s\": ", key);
    if (!value) {
        kgi_text_printf(text, "null");
    } else if (kgi_json_format(&json, value, KGI_JSON_LINE, NULL)) {
        text->failed = 1; /* no memory */
    } else {
        kgi_text_printf(text, "%s", json);
    }
    free(json);
}

/* Where and when the run was gone on with: what older programs wrote, then this one. */
static void add_resumed(kgi_text *text, const kgi_story *story)
{
    const json_t *before = json_object_get(story->first, "resumed");
    kgi_text_printf(text, "  \"resumed\": [");
    for (size_t i = 0; i < json_array_size(before); i++) {
        char *json = NULL;
        if (kgi_json_format(&json, json_array_get(before, i), KGI_JSON_LINE, NULL)) {
            text->failed = 1;
        } else {
            kgi_text_printf(text, "%s, ", json);
        }
        free(json);
    }
    kgi_text_printf(text, "{\"step\": %d, ", story->resumed_at);
    add_text(text, "started", story->started);
    kgi_text_printf(text, ", \"machine\": ");
    put_machine(text, story->model, story->info->threads);
    kgi_text_printf(text, "}],\n");
}

static kg_status add_data(kgi_text *text, const kg_run_info *info, kg_error *err)
{
    kg_status status = KG_OK;
    kgi_text_printf(text, "  \"data\": {");
    if (info->train) {
        status = kgi_dataset_json(text, "train", info->train, err);
    }
    if (!status && info->test) {
        kgi_text_printf(text, "%s", info->train ? ",\n    " : "");
        status = kgi_dataset_json(text, "test", info->test, err);
    }
    kgi_text_printf(text, "},\n  ");
    return status;
}

static void add_command(kgi_text *text, const kgi_story *story)
{
    if (story->first) {
        add_json(text, "command", json_object_get(story->first, "command"));
        kgi_text_printf(text, ",\n  ");
        add_json(text, "started", json_object_get(story->first, "started"));
        return;
    }
    kgi_text_printf(text, "\"command\": [");
    for (int i = 0; i < story->info->n_arguments; i++) {
        kgi_text_printf(text, "%s", i ? ", " : "");
        kgi_text_json_string(text, story->info->arguments[i]);
    }
    kgi_text_printf(text, "],\n  ");
    add_text(text, "started", story->started);
}

kg_status kgi_run_json(kgi_text *text, const kgi_story *story, kg_error *err)
{
    const kg_seed_result nothing = {.seed = story->seed};
    const kg_seed_result *result = story->result ? story->result : &nothing;
    const kg_train_options *training = story->info->training;
    kgi_text_printf(text, "{\n  \"format\": \"%s\",\n  ", KGI_RUN_FORMAT);
    add_text(text, "version", kg_version());
    kgi_text_printf(text, ",\n  ");
    add_command(text, story);
    kgi_text_printf(text, ",\n  ");
    add_text(text, "model", kg_model_name(story->model));
    kgi_text_printf(text, ",\n  \"params\": %d,\n  \"seed\": ", kg_model_n_params(story->model));
    kgi_text_json_whole(text, story->seed);
    kgi_text_printf(text, ",\n  \"first_seed\": ");
    kgi_text_json_whole(text, training ? training->seed : story->seed);
    kgi_text_printf(text, ",\n  ");
    add_text(text, "stop", story->result ? kgi_stop_name(result->stop) : KGI_RUN_UNFINISHED);
    kgi_text_printf(text, ",\n  \"exit\": %d,\n", story->exit_code);
    add_result(text, result);
    kg_status status = add_options(text, story, err);
    if (!status) {
        status = add_data(text, story->info, err);
    }
    if (status) {
        return status;
    }
    add_json(text, "warnings", story->warnings);
    kgi_text_printf(text, ",\n");
    if (story->first) {
        add_resumed(text, story);
        kgi_text_printf(text, "  ");
        add_json(text, "machine", json_object_get(story->first, "machine"));
    } else {
        kgi_text_printf(text, "  \"machine\": ");
        put_machine(text, story->model, story->info->threads);
    }
    kgi_text_printf(text, "\n}\n");
    return KG_OK;
}
