/* SPDX-License-Identifier: Apache-2.0 */
/* Before a run: what it will take (--dry-run), and whether that may be (--max-memory). */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

cli_preflight_args cli_limits;

const kg_option_table *cli_preflight_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"dry_run", 'b', offsetof(cli_preflight_args, dry_run), 0, 1, "false", "print parameters, circuit, memory and time that the run would take, and end", NULL},
        {"max_memory", 'z', offsetof(cli_preflight_args, max_memory), 0, 1e18, "0", "refuse a run that needs more, as 500M or 4G; 0: what is available", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"run", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

/* "844.2 MB", with decimal megabytes as disks and networks count. */
static const char *megabytes(char text[32], size_t bytes)
{
    (void)snprintf(text, 32, "%.1f MB", (double)bytes / 1e6);
    return text;
}

/* "about 3 min": two digits would promise more than they keep. */
static const char *duration(char text[32], double seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (seconds >= 2 * units[i].seconds || units[i].seconds < 2) {
            const double n = seconds / units[i].seconds;
            (void)snprintf(text, 32, "%.*f %s", n < 2 ? 1 : 0, n, units[i].name);
            break;
        }
    }
    return text;
}

static void print_text(FILE *out, const kg_preflight *p)
{
    char text[32];
    (void)fprintf(out, "data        %d training", p->n_train);
    if (p->n_val) {
        (void)fprintf(out, ", %d validation", p->n_val);
    }
    (void)fprintf(out, " and %d test rows of %d columns, %d classes\n", p->n_test, p->n_columns,
                  p->n_classes);
    (void)fprintf(out, "model       %d parameters, %d features, %d output%s\n", p->n_params,
                  p->n_features, p->n_outputs, p->n_outputs == 1 ? "" : "s");
    if (p->has_plan) {
        (void)fprintf(out,
                      "circuit     %d qubits (%d inside the light cone), %d operations, depth %d, "
                      "%d two-qubit gates\n",
                      p->plan.n_qubits, p->plan.n_active, p->n_ops, p->depth, p->n_entangling);
        (void)fprintf(out, "engine      %s, kernels %s, %d thread%s, %.3g flops per sample\n",
                      p->plan.engine, p->plan.kernels, p->plan.threads,
                      p->plan.threads == 1 ? "" : "s", p->plan.backward_flops);
    }
    (void)fprintf(out, "run         %d step%s, %d seed%s\n", p->n_steps, p->n_steps == 1 ? "" : "s",
                  p->n_seeds, p->n_seeds == 1 ? "" : "s");
    (void)fprintf(out, "memory      about %zu bytes at its peak", p->peak_bytes);
    (void)fprintf(out, " (%s)", megabytes(text, p->peak_bytes));
    (void)fprintf(out, ", %s available\n", megabytes(text, p->available_bytes));
    (void)fprintf(out, "time        about %s", duration(text, p->seconds));
    (void)fprintf(out, ", of it %s to prepare the data\n", duration(text, p->fit_seconds));
}

static void print_json(FILE *out, const kg_preflight *p)
{
    (void)fprintf(out,
                  "{\"train_rows\": %d, \"val_rows\": %d, \"test_rows\": %d, \"columns\": %d, "
                  "\"classes\": %d,\n \"params\": %d, \"features\": %d, \"outputs\": %d, "
                  "\"steps\": %d, \"seeds\": %d,\n",
                  p->n_train, p->n_val, p->n_test, p->n_columns, p->n_classes, p->n_params,
                  p->n_features, p->n_outputs, p->n_steps, p->n_seeds);
    if (p->has_plan) {
        (void)fprintf(out,
                      " \"qubits\": %d, \"active_qubits\": %d, \"operations\": %d, \"depth\": %d, "
                      "\"two_qubit_gates\": %d,\n \"engine\": \"%s\", \"kernels\": \"%s\", "
                      "\"threads\": %d, \"forward_flops\": %.0f, \"gradient_flops\": %.0f,\n",
                      p->plan.n_qubits, p->plan.n_active, p->n_ops, p->depth, p->n_entangling,
                      p->plan.engine, p->plan.kernels, p->plan.threads, p->plan.forward_flops,
                      p->plan.backward_flops);
    }
    (void)fprintf(out,
                  " \"resident_bytes\": %zu, \"fit_bytes\": %zu, \"prepared_bytes\": %zu, "
                  "\"train_bytes\": %zu,\n \"peak_bytes\": %zu, \"available_bytes\": %zu,\n "
                  "\"fit_seconds\": %.3g, \"step_seconds\": %.3g, \"seconds\": %.3g}\n",
                  p->resident_bytes, p->fit_bytes, p->prepared_bytes, p->train_bytes, p->peak_bytes,
                  p->available_bytes, p->fit_seconds, p->step_seconds, p->seconds);
}

/* How many classes a text like "0,1" names; n for all of them. */
static int count_classes(const char *text, const char *usual, int n)
{
    text = !text || !strcmp(text, "auto") ? usual : text;
    if (!text || !strcmp(text, "all")) {
        return n;
    }
    int count = 1;
    for (const char *c = text; *c; c++) {
        count += *c == ',';
    }
    return count < n ? count : n;
}

kg_status cli_preflight_data(const kg_run_data *data, kg_error *err)
{
    static const double surely = 0.8; /* classes do not have equally many rows */
    const kg_dataset_info *info = data->data ? kg_dataset_info_find(data->data) : NULL;
    if (!info || !cli_limits.max_memory || info->n_classes < 1) {
        return KG_OK;
    }
    const double share = (double)count_classes(data->classes, info->classes, info->n_classes) /
                         (double)info->n_classes;
    const double train = data->train_rows ? data->train_rows : surely * share * info->n_train;
    const double test = data->test_rows ? data->test_rows : surely * share * info->n_test;
    const double row_bytes = (double)sizeof(double) * info->n_features;
    const double limit = (double)cli_limits.max_memory;
    if ((train + test) * row_bytes <= limit) {
        return KG_OK;
    }
    char advice[128] = ""; /* none if not a row of each would fit */
    if (limit / row_bytes >= 16) {
        (void)snprintf(advice, sizeof advice,
                       "; fewer rows need less, --train-rows %.0f --test-rows %.0f would fit",
                       floor(limit / row_bytes / 4), floor(limit / row_bytes / 16));
    }
    return cli_fail(err, KG_ERR_MEMORY,
                    "data set %s: at least %.0f bytes for its rows alone, %.0f are allowed%s",
                    info->name, (train + test) * row_bytes, limit, advice);
}

kg_status cli_preflight(const kg_model *model, const kg_dataset *train, const kg_dataset *test,
                        const kg_train_options *training, const kg_experiment_options *options,
                        int *is_done, kg_error *err)
{
    kg_preflight flight = {0};
    *is_done = cli_limits.dry_run;
    kg_status status = kg_preflight_estimate(&flight, model, train, test, training, options,
                                             cli_limits.dry_run, err);
    flight.seconds += (double)clock() / CLOCKS_PER_SEC; /* reading the data, to speak of */
    if (!status) {
        status = kg_preflight_check(&flight, cli_limits.max_memory, err);
    }
    if (!status && cli_limits.dry_run && cli.json) {
        print_json(cli_results(), &flight);
    } else if (!status && cli_limits.dry_run) {
        print_text(cli_results(), &flight);
    }
    return status;
}
