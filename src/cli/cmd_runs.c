/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad runs: what has been trained so far. */
#include <stdio.h>

#include "cli.h"

static void print_json(const kg_run_list *list)
{
    FILE *out = cli_results();
    int n = 0;
    (void)fputc('[', out);
    for (int i = 0; kg_run_list_get(list, i); i++) {
        const kg_run_record *run = kg_run_list_get(list, i);
        if (cli.seed_given && run->result.seed != cli.seed) {
            continue;
        }
        (void)fputs(n++ ? ",\n {\"run\": " : "\n {\"run\": ", out);
        cli_json_string(out, run->folder);
        (void)fputs(", \"model\": ", out);
        cli_json_string(out, run->model);
        (void)fputs(", \"data\": ", out);
        cli_json_string(out, run->data.data);
        (void)fprintf(out,
                      ", \"params\": %d, \"seed\": %llu, \"train_accuracy\": %.17g, "
                      "\"test_accuracy\": %.17g, \"loss\": %.17g, \"seconds\": %.6g, \"steps\": %d",
                      run->params, (unsigned long long)run->result.seed, run->result.train_accuracy,
                      run->result.test_accuracy, run->result.loss, run->result.seconds,
                      run->result.steps);
        (void)fputs(", \"stop\": ", out);
        cli_json_string(out, run->stop);
        (void)fputs(", \"started\": ", out);
        cli_json_string(out, run->started);
        (void)fputs(", \"command\": ", out);
        cli_json_string(out, run->command);
        (void)fputc('}', out);
    }
    (void)fputs(n ? "\n]\n" : "]\n", out);
}

static kg_status print_table(const kg_run_list *list, kg_error *err)
{
    static const char *const titles[] = {"run",  "model", "parameters", "data", "seed",
                                         "test", "loss",  "time",       "stop", "started"};
    kg_table *table = NULL;
    char *text = NULL;
    kg_status status = kg_table_create(&table, "llrlrrrrll", titles, err);
    for (int i = 0; !status && kg_run_list_get(list, i); i++) {
        const kg_run_record *run = kg_run_list_get(list, i);
        if (cli.seed_given && run->result.seed != cli.seed) {
            continue;
        }
        char cells[5][32];
        (void)snprintf(cells[0], sizeof *cells, "%d", run->params);
        (void)snprintf(cells[1], sizeof *cells, "%llu", (unsigned long long)run->result.seed);
        (void)snprintf(cells[2], sizeof *cells, "%.4f", run->result.test_accuracy);
        (void)snprintf(cells[3], sizeof *cells, "%.4f", run->result.loss);
        (void)snprintf(cells[4], sizeof *cells, "%.2f s", run->result.seconds);
        const char *const row[] = {run->folder, run->model, cells[0], run->data.data, cells[1],
                                   cells[2],    cells[3],   cells[4], run->stop,      run->started};
        kg_table_add(table, row);
    }
    if (!status) {
        status = kg_table_format(&text, table, err);
    }
    if (!status) {
        (void)fputs(text, cli_results());
    }
    kg_free(text);
    kg_table_destroy(table);
    return status;
}

static int run_runs(int n_arguments, char **arguments, kg_error *err)
{
    const char *root = n_arguments ? arguments[0] : "runs";
    kg_run_list *list = NULL;
    kg_status status = kg_run_list_load(&list, root, err);
    if (status) {
        return (int)status;
    }
    if (cli.json) {
        print_json(list);
    } else if (kg_run_list_get(list, 0)) {
        status = print_table(list, err);
    } else {
        cli_note("no run under %s yet. Make one: ketgrad demo", root);
    }
    if (kg_run_list_n_broken(list)) {
        cli_note("%d more under %s: killed, still going, or not readable",
                 kg_run_list_n_broken(list), root);
    }
    kg_run_list_destroy(list);
    return (int)status;
}

const cli_command cli_runs = {
    .name = "runs",
    .arguments = "[FOLDER]",
    .help = "Lists the runs under a folder (runs), with their results.",
    .details = "With --seed: those of that seed.\n",
    .examples = {"ketgrad runs", "ketgrad runs --seed 1 --json"},
    .max_arguments = 1,
    .run = run_runs,
};
