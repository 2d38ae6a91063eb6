/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad train: one run or many seeds, with baselines beside the accuracy. */
#include <stddef.h>
#include <string.h>

#include "cli.h"

static struct {
    kg_run_data data;
    kg_model_options model;
    kg_train_options train;
    kg_experiment_options experiment;
    int epochs;
    const char *require;
    const char *resume;
} args = {KG_RUN_DATA_INIT,
          KG_MODEL_OPTIONS_INIT,
          KG_TRAIN_OPTIONS_INIT,
          KG_EXPERIMENT_OPTIONS_INIT,
          0,
          NULL,
          NULL};

static const kg_option_table *own_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"epochs", 'i', offsetof(__typeof__(args), epochs), 0, 1000000, "0", "passes over the training rows; 0: --steps counts", NULL},
        {"require", 's', offsetof(__typeof__(args), require), 0, 0, NULL, "accuracy=X: exit 1 if the mean test accuracy is lower", NULL},
        {"resume", 'p', offsetof(__typeof__(args), resume), 0, 0, NULL, "folder of an interrupted or killed run to go on with; every option is read from it", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"train", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

/* seeds were asked for, even if it is 1: then each seed gets a folder of its own. */
static int seeds_given(void)
{
    return cli_is_given(&args.experiment, kg_option_find(kg_experiment_options_table(), "seeds"));
}

static kg_status parse_require(double *accuracy, kg_error *err)
{
    *accuracy = 0;
    const char *prefix = "accuracy=";
    if (!args.require) {
        return KG_OK;
    }
    static const kg_option row = {"--require accuracy", 'd', 0, 0, 1, "0", "", NULL};
    if (strncmp(args.require, prefix, strlen(prefix)) != 0) {
        return cli_fail(err, KG_ERR_ARGUMENT, "--require is \"%.60s\", not accuracy=X",
                        args.require);
    }
    return kg_option_set(&row, accuracy, args.require + strlen(prefix), err);
}

static int run_train(int n_arguments, char **arguments, kg_error *err)
{
    cli_training training = {.model = cli_model_name(n_arguments, arguments),
                             .seed_folders = seeds_given(),
                             .epochs = args.epochs,
                             .data = &args.data,
                             .model_options = &args.model,
                             .train_options = &args.train,
                             .experiment_options = &args.experiment};
    training.run_name = training.model;
    kg_status status = parse_require(&training.require_accuracy, err);
    if (!status && args.resume) {
        training.resume = args.resume;
        status = cli_resume(&training, n_arguments ? training.model : NULL, err);
    }
    if (status) {
        kg_run_record_destroy(training.resumed);
        return (int)status;
    }
    if (cli.progress == CLI_PROGRESS_AUTO && cli_can_rewrite(stderr)) { /* someone is waiting */
        cli_note("%s on %s, classes %s", training.model, args.data.data, args.data.classes);
    }
    const int code = cli_train(&training, err);
    kg_run_record_destroy(training.resumed);
    return code;
}

static const cli_part parts[] = {{kg_run_data_table, &args.data},
                                 {kg_model_options_table, &args.model},
                                 {kg_train_options_table, &args.train},
                                 {kg_experiment_options_table, &args.experiment},
                                 {own_table, &args},
                                 {cli_preflight_table, &cli_limits}};

const cli_command cli_train_command = {
    .name = "train",
    .arguments = "[MODEL]",
    .help = "Trains a model and tests it, with baselines on the same features.",
    .details =
        "Without --out the run is runs/NNNN-MODEL; with --seeds N there is a folder seed-1 ...\n"
        "in it for each seed, each a complete run. Ctrl-C finishes the step, saves the model and\n"
        "a checkpoint and exits with 130; then, or after a crash, ketgrad train --resume RUN goes\n"
        "on, and ends with the bits that it would have had.\n",
    .examples = {"ketgrad train qcnn --classes 3,5 --steps 50 --train-rows 500",
                 "ketgrad train qcnn --reduce pca:8 --ansatz su4 --loss ce --steps 50 --seeds 2 "
                 "--json"},
    .max_arguments = 1,
    .out_is_folder = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_train,
};
