/* SPDX-License-Identifier: Apache-2.0 */
/* An experiment for programs (JSON) and for people (a table in which the best is marked). */
#include "report/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/options.h"
#include "base/status.h"

/* ---- JSON --------------------------------------------------------------------------------------- */

static void add_number(kgi_text *text, const char *key, double x)
{
    kgi_text_printf(text, ", \"%s\": ", key);
    kgi_text_json_number(text, x);
}

static void add_stop(kgi_text *text, const kg_seed_result *seed)
{
    const char *stop = kgi_stop_name(seed->stop);
    kgi_text_printf(text, ", \"stop\": ");
    kgi_text_json_string(text, stop ? stop : "");
}

static void add_seed(kgi_text *text, const kg_seed_result *seed)
{
    kgi_text_printf(text, "    {\"seed\": %llu", (unsigned long long)seed->seed);
    add_number(text, "train_accuracy", seed->train_accuracy);
    add_number(text, "test_accuracy", seed->test_accuracy);
    add_number(text, "loss", seed->loss);
    add_number(text, "seconds", seed->seconds);
    kgi_text_printf(text, ", \"steps\": %d", seed->steps);
    add_stop(text, seed);
    if (seed->has_val) {
        kgi_text_printf(text, ", \"best_step\": %d, \"best_epoch\": %d", seed->best_step,
                        seed->best_epoch);
        add_number(text, "val_loss", seed->val_loss);
        add_number(text, "val_accuracy", seed->val_accuracy);
    }
    if (seed->test.n) {
        kgi_text_printf(text, ",\n     \"metrics\": ");
        kgi_metrics_json(text, &seed->test);
    }
    kgi_text_printf(text, "}");
}

static void add_stats(kgi_text *text, const char *key, const kg_stats *stats)
{
    kgi_text_printf(text, "  \"%s\": {\"mean\": ", key);
    kgi_text_json_number(text, stats->mean);
    add_number(text, "sd", stats->sd);
    add_number(text, "min", stats->min);
    add_number(text, "max", stats->max);
    kgi_text_printf(text, ", \"n\": %d", stats->n);
    add_number(text, "ci_low", stats->ci_low);
    add_number(text, "ci_high", stats->ci_high);
    kgi_text_printf(text, "},\n");
}

static void add_baseline(kgi_text *text, const kg_baseline_result *baseline)
{
    kgi_text_printf(text, "    {\"name\": ");
    kgi_text_json_string(text, baseline->name);
    kgi_text_printf(text, ", \"params\": %d", baseline->params);
    add_number(text, "test_accuracy", baseline->test_accuracy.mean);
    add_number(text, "sd", baseline->test_accuracy.sd);
    add_number(text, "seconds", baseline->seconds);
    kgi_text_printf(text, "}");
}

/* Of the last seed on the test rows: [true class][predicted class]. */
static void add_confusion(kgi_text *text, const kg_experiment *experiment)
{
    const int n = experiment->confusion ? experiment->n_classes : 0;
    kgi_text_printf(text, "  \"confusion\": [");
    for (int i = 0; i < n * n; i++) {
        kgi_text_printf(text, "%s%d%s",
                        i % n ? ", "
                        : i   ? ", ["
                              : "[",
                        experiment->confusion[i], i % n == n - 1 ? "]" : "");
    }
    kgi_text_printf(text, "],\n");
}

kg_status kg_experiment_format(char **out, const kg_experiment *experiment, kg_error *err)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "{\n  \"model\": ");
    kgi_text_json_string(&text, experiment->model);
    kgi_text_printf(&text, ",\n  \"params\": %d,\n  \"seeds\": [\n", experiment->params);
    for (int i = 0; i < experiment->n_seeds; i++) {
        add_seed(&text, &experiment->seeds[i]);
        kgi_text_printf(&text, "%s\n", i + 1 < experiment->n_seeds ? "," : "");
    }
    kgi_text_printf(&text, "  ],\n");
    add_stats(&text, "test_accuracy", &experiment->test_accuracy);
    add_stats(&text, "train_accuracy", &experiment->train_accuracy);
    kgi_text_printf(&text, "  \"baselines\": [\n");
    for (int i = 0; i < experiment->n_baselines; i++) {
        add_baseline(&text, &experiment->baselines[i]);
        kgi_text_printf(&text, "%s\n", i + 1 < experiment->n_baselines ? "," : "");
    }
    kgi_text_printf(&text,
                    "  ],\n  \"features\": %d,\n  \"classes\": %d,\n  \"train_rows\": %d,\n"
                    "  \"val_rows\": %d,\n  \"test_rows\": %d,\n",
                    experiment->n_features, experiment->n_classes, experiment->n_train,
                    experiment->n_val, experiment->n_test);
    add_confusion(&text, experiment);
    kgi_text_printf(&text, "  \"fit_seconds\": ");
    kgi_text_json_number(&text, experiment->fit_seconds);
    kgi_text_printf(&text, ",\n  \"seconds\": ");
    kgi_text_json_number(&text, experiment->seconds);
    kgi_text_printf(&text, "\n}\n");
    return kgi_text_finish(&text, out, err);
}

kg_status kg_experiment_save(const kg_experiment *experiment, const char *folder, kg_error *err)
{
    char *json = NULL;
    char *path = NULL;
    kgi_text name = {0};
    kgi_text_printf(&name, "%s/experiment.json", folder);
    kg_status status = kgi_text_finish(&name, &path, err);
    if (!status) {
        status = kg_experiment_format(&json, experiment, err);
    }
    if (!status) {
        status = kgi_file_write(path, json, strlen(json), err);
    }
    kg_free(json);
    kg_free(path);
    return status;
}

/* ---- tables ------------------------------------------------------------------------------------- */

static void add_row(kg_table *table, const char *name, int params, const kg_stats *accuracy,
                    double seconds, double best)
{
    char cells[4][64];
    (void)snprintf(cells[0], sizeof *cells, "%d", params);
    if (accuracy->n > 1 && accuracy->sd > 0) {
        (void)kgi_format(cells[1], sizeof *cells, "%.4f [%.4f, %.4f]", accuracy->mean,
                         fmax(accuracy->ci_low, 0), fmin(accuracy->ci_high, 1));
    } else {
        (void)kgi_format(cells[1], sizeof *cells, "%.4f", accuracy->mean);
    }
    (void)snprintf(cells[2], sizeof *cells, "%d", accuracy->n);
    (void)kgi_format(cells[3], sizeof *cells, "%.2f s", seconds);
    const char *const row[] = {name,     cells[0], cells[1],
                               cells[2], cells[3], accuracy->mean >= best ? "<- best" : ""};
    kg_table_add(table, row);
}

kg_status kg_experiment_table(char **out, const kg_experiment *experiment, kg_error *err)
{
    static const char *const titles[] = {"model", "parameters", "test accuracy (95 % CI)",
                                         "seeds", "time",       ""};
    *out = NULL;
    kg_table *table = NULL;
    kg_status status = kg_table_create(&table, "lrlrrl", titles, err);
    if (status) {
        return status;
    }
    double best =
        experiment->n_baselines ? experiment->test_accuracy.mean : HUGE_VAL; /* of what? */
    double seconds = 0;
    for (int i = 0; i < experiment->n_seeds; i++) {
        seconds += experiment->seeds[i].seconds;
    }
    for (int i = 0; i < experiment->n_baselines; i++) {
        const double mean = experiment->baselines[i].test_accuracy.mean;
        best = mean > best ? mean : best;
    }
    add_row(table, experiment->model, experiment->params, &experiment->test_accuracy, seconds,
            best);
    for (int i = 0; i < experiment->n_baselines; i++) {
        const kg_baseline_result *baseline = &experiment->baselines[i];
        add_row(table, baseline->name, baseline->params, &baseline->test_accuracy,
                baseline->seconds, best);
    }
    status = kg_table_format(out, table, err);
    kg_table_destroy(table);
    return status;
}

kg_status kg_confusion_table(char **out, int n, const int *matrix, const char *const *classes,
                             kg_error *err)
{
    enum { MAX_SHOWN = 30 };
    *out = NULL;
    if (n < 1 || n > MAX_SHOWN) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "a confusion table of %d classes, not in [1, %d]",
                        n, MAX_SHOWN);
    }
    char align[MAX_SHOWN + 2] = "l";
    const char *row[MAX_SHOWN + 1] = {"true \\ predicted"};
    char cells[MAX_SHOWN][16];
    memset(align + 1, 'r', (size_t)n);
    for (int c = 0; c < n; c++) {
        row[c + 1] = classes[c];
    }
    kg_table *table = NULL;
    kg_status status = kg_table_create(&table, align, row, err);
    for (int t = 0; t < n && !status; t++) {
        row[0] = classes[t];
        for (int p = 0; p < n; p++) {
            (void)snprintf(cells[p], sizeof *cells, "%d", matrix[t * n + p]);
            row[p + 1] = cells[p];
        }
        kg_table_add(table, row);
    }
    if (!status) {
        status = kg_table_format(out, table, err);
    }
    kg_table_destroy(table);
    return status;
}
