/* SPDX-License-Identifier: Apache-2.0 */
/* Going on with a run: everything is read from its folder; what was given on the command line or in a file
 * must say the same. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Options of which the last word counts: they change no number. */
static int is_free(const char *name)
{
    return !strncmp(name, "checkpoint_", 11) || !strcmp(name, "data_folder") ||
           !strcmp(name, "threads");
}

/* Rows of a table that were given (in `given`) against those of the run; then *given = *then. */
static kg_status take(const kg_option_table *table, void *given, const void *then, size_t bytes,
                      const char *folder, kg_error *err)
{
    kg_status status = KG_OK;
    char *kept[64] = {NULL}; /* texts of the free options */
    for (int i = 0; i < table->n_rows && !status; i++) {
        const kg_option *row = &table->rows[i];
        char *now = NULL;
        char *was = NULL;
        if (!cli_is_given(given, row)) {
            continue;
        }
        status = kg_option_format(&now, row, given, err);
        if (!status) {
            status = kg_option_format(&was, row, then, err);
        }
        if (!status && !is_free(row->name) && strcmp(now, was) != 0) {
            status = cli_fail(err, KG_ERR_ARGUMENT,
                              "%.80s: cannot be gone on with: %s is %.40s there, %.40s here",
                              folder, row->name, was, now);
        }
        if (!status && is_free(row->name) && i < 64) {
            kept[i] = now;
            now = NULL;
        }
        kg_free(now);
        kg_free(was);
    }
    if (!status) {
        memcpy(given, then, bytes);
    }
    for (int i = 0; i < table->n_rows && i < 64; i++) {
        if (kept[i] && !status && table->rows[i].type != KG_OPTION_PATH &&
            table->rows[i].type != KG_OPTION_TEXT) {
            status = kg_option_set(&table->rows[i], given, kept[i], err);
        }
        kg_free(kept[i]);
    }
    return status;
}

static kg_status check_words(const cli_training *training, const char *model, kg_error *err)
{
    const kg_run_record *run = training->resumed;
    if (cli.out) {
        return cli_fail(err, KG_ERR_ARGUMENT, "--resume names the folder already: leave --out out");
    }
    if (training->epochs) {
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "--resume goes on to the %d steps of the run: leave --epochs out",
                        run->training.steps);
    }
    if (model && strcmp(model, run->model) != 0) {
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "%.80s: cannot be gone on with: the model is %.40s there, %.40s here",
                        training->resume, run->model, model);
    }
    if (cli.seed_given && cli.seed != run->first_seed) {
        return cli_fail(
            err, KG_ERR_ARGUMENT, "%.80s: cannot be gone on with: seed is %llu there, %llu here",
            training->resume, (unsigned long long)run->first_seed, (unsigned long long)cli.seed);
    }
    return KG_OK;
}

kg_status cli_resume(cli_training *training, const char *model, kg_error *err)
{
    const char *folder = training->resume;
    const char *data_folder = training->data->data_folder;
    int has_seeds = 0;
    kg_status status = kg_run_find(&training->resumed, folder, &has_seeds, err);
    const kg_run_record *run = training->resumed;
    if (!status) {
        status = check_words(training, model, err);
    }
    if (!status) {
        status =
            take(kg_run_data_table(), training->data, &run->data, sizeof run->data, folder, err);
    }
    if (!status) {
        status = take(kg_model_options_table(), training->model_options, &run->model_options,
                      sizeof run->model_options, folder, err);
    }
    if (!status) {
        status = take(kg_train_options_table(), training->train_options, &run->training,
                      sizeof run->training, folder, err);
    }
    if (!status) {
        status = take(kg_experiment_options_table(), training->experiment_options, &run->experiment,
                      sizeof run->experiment, folder, err);
    }
    if (!status) {
        training->data->data_folder = data_folder ? data_folder : run->data.data_folder;
        training->train_options->seed = run->first_seed;
        training->model = run->model;
        training->seed_folders = has_seeds;
    }
    return status;
}
