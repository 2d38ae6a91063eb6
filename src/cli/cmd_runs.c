/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad runs: what has been trained so far, what is going on, and what was cut off. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct {
    const char *model;
    const char *data;
    const char *state;
    const char *sort;
    int reverse;
    int limit;
} args = {NULL, NULL, "all", "folder", 0, 0};

/* ---- choosing -------------------------------------------------------------------------------------- */

static const char *state_name(int i)
{
    return i == 0 ? "all" : kg_run_state_name(i - 1);
}

/* A key to sort by; smaller is first. Runs without the number come last. */
typedef struct sort_key {
    const char *name;
    double (*number)(const kg_run_record *run);
} sort_key;

static int is_done(const kg_run_record *run)
{
    return run->state <= KG_RUN_INTERRUPTED;
}

static double by_test(const kg_run_record *run)
{
    return is_done(run) ? -run->result.test_accuracy : 1.0;
}

static double by_val(const kg_run_record *run)
{
    return run->result.has_val ? -run->result.val_accuracy : 1.0;
}

static double by_loss(const kg_run_record *run)
{
    return is_done(run) ? run->result.loss : 1e300;
}

static double by_time(const kg_run_record *run)
{
    return is_done(run) ? run->result.seconds : 1e300;
}

static const sort_key sort_keys[] = {
    {"folder", NULL}, {"started", NULL}, {"test", by_test},
    {"val", by_val},  {"loss", by_loss}, {"time", by_time},
};

static const char *sort_name(int i)
{
    return i >= 0 && i < (int)(sizeof sort_keys / sizeof *sort_keys) ? sort_keys[i].name : NULL;
}

static const kg_option_table *runs_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"model", 's', offsetof(__typeof__(args), model), 0, 0, NULL, "runs of this model only", NULL},
        {"data", 's', offsetof(__typeof__(args), data), 0, 0, NULL, "runs on this data set only", NULL},
        {"state", 's', offsetof(__typeof__(args), state), 0, 0, "all", "runs in this state only", state_name},
        {"sort", 's', offsetof(__typeof__(args), sort), 0, 0, "folder", "what comes first: best test or validation accuracy, least loss or time, oldest start", sort_name},
        {"reverse", 'b', offsetof(__typeof__(args), reverse), 0, 1, "false", "the other way round", NULL},
        {"limit", 'i', offsetof(__typeof__(args), limit), 0, 1e9, "0", "only so many; 0: all", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"runs", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

static int is_wanted(const kg_run_record *run)
{
    return (!cli.seed_given || run->result.seed == cli.seed) &&
           (!args.model || !strcmp(args.model, run->model)) &&
           (!args.data || !strcmp(args.data, run->data.data)) &&
           (!strcmp(args.state, "all") || !strcmp(args.state, kg_run_state_name(run->state)));
}

/* A run and its place in the list, which decides between equals. */
typedef struct entry {
    const kg_run_record *run;
    int place;
} entry;

static double compare_by_key(const entry *x, const entry *y)
{
    const sort_key *key = sort_keys;
    while (strcmp(key->name, args.sort) != 0) {
        key++;
    }
    if (key->number) {
        return key->number(x->run) - key->number(y->run);
    }
    return strcmp(args.sort, "started") ? 0 : strcmp(x->run->started, y->run->started);
}

static int compare(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    double order = compare_by_key(x, y);
    order = order < 0 || order > 0 ? order : x->place - y->place;
    order = args.reverse ? -order : order;
    return (order > 0) - (order < 0);
}

static kg_status choose(const kg_run_list *list, entry **out, int *n, kg_error *err)
{
    int n_all = 0;
    while (kg_run_list_get(list, n_all)) {
        n_all++;
    }
    entry *entries = calloc((size_t)n_all + 1, sizeof *entries);
    *n = 0;
    *out = entries;
    if (!entries) {
        return cli_fail(err, KG_ERR_MEMORY, "cannot allocate a list of %d runs", n_all);
    }
    for (int i = 0; i < n_all; i++) {
        const kg_run_record *run = kg_run_list_get(list, i);
        if (is_wanted(run)) {
            entries[(*n)++] = (entry){run, i};
        }
    }
    qsort(entries, (size_t)*n, sizeof *entries, compare);
    *n = args.limit && *n > args.limit ? args.limit : *n;
    return KG_OK;
}

/* ---- printing --------------------------------------------------------------------------------------- */

static void print_text_field(FILE *out, const char *key, const char *text)
{
    (void)fprintf(out, ", \"%s\": ", key);
    cli_json_string(out, text);
}

static void print_run(FILE *out, const kg_run_record *run)
{
    const kg_seed_result *result = &run->result;
    (void)fputs("\n {\"run\": ", out);
    cli_json_string(out, run->folder);
    print_text_field(out, "model", run->model);
    print_text_field(out, "data", run->data.data);
    (void)fprintf(out, ", \"params\": %d, \"seed\": %llu", run->params,
                  (unsigned long long)result->seed);
    if (is_done(run)) {
        (void)fprintf(out,
                      ", \"train_accuracy\": %.17g, \"test_accuracy\": %.17g, \"loss\": %.17g, "
                      "\"seconds\": %.6g",
                      result->train_accuracy, result->test_accuracy, result->loss, result->seconds);
    }
    if (result->has_val) {
        (void)fprintf(out, ", \"val_accuracy\": %.17g, \"val_loss\": %.17g, \"best_step\": %d",
                      result->val_accuracy, result->val_loss, result->best_step);
    }
    (void)fprintf(out, ", \"steps\": %d, \"of_steps\": %d, \"warnings\": %d", result->steps,
                  run->training.steps, run->n_warnings);
    print_text_field(out, "state", kg_run_state_name(run->state));
    print_text_field(out, "stop", run->stop);
    print_text_field(out, "started", run->started);
    print_text_field(out, "command", run->command);
    (void)fputc('}', out);
}

static void print_json(const entry *entries, int n)
{
    FILE *out = cli_results();
    (void)fputc('[', out);
    for (int i = 0; i < n; i++) {
        (void)fputs(i ? "," : "", out);
        print_run(out, entries[i].run);
    }
    (void)fputs(n ? "\n]\n" : "]\n", out);
}

static void add_row(kg_table *table, const kg_run_record *run)
{
    enum { PARAMS, SEED, VAL, TEST, LOSS, TIME, STOP, N_CELLS };
    char cells[N_CELLS][48] = {"", "", "", "", "", "", ""};
    const kg_seed_result *result = &run->result;
    (void)snprintf(cells[PARAMS], sizeof *cells, "%d", run->params);
    (void)snprintf(cells[SEED], sizeof *cells, "%llu", (unsigned long long)result->seed);
    if (result->has_val) {
        (void)snprintf(cells[VAL], sizeof *cells, "%.4f", result->val_accuracy);
    }
    if (is_done(run)) {
        (void)snprintf(cells[TEST], sizeof *cells, "%.4f", result->test_accuracy);
        (void)snprintf(cells[LOSS], sizeof *cells, "%.4f", result->loss);
        (void)snprintf(cells[TIME], sizeof *cells, "%.2f s", result->seconds);
        (void)snprintf(cells[STOP], sizeof *cells, "%s", run->stop);
    } else {
        (void)snprintf(cells[STOP], sizeof *cells, "%s %d/%d", kg_run_state_name(run->state),
                       result->steps, run->training.steps);
    }
    const char *const row[] = {run->folder, run->model,  cells[PARAMS], run->data.data,
                               cells[SEED], cells[VAL],  cells[TEST],   cells[LOSS],
                               cells[TIME], cells[STOP], run->started};
    kg_table_add(table, row);
}

static kg_status print_table(const entry *entries, int n, kg_error *err)
{
    static const char *const titles[] = {"run",  "model", "parameters", "data", "seed",   "val",
                                         "test", "loss",  "time",       "stop", "started"};
    kg_table *table = NULL;
    char *text = NULL;
    kg_status status = kg_table_create(&table, "llrlrrrrrll", titles, err);
    for (int i = 0; !status && i < n; i++) {
        add_row(table, entries[i].run);
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
    entry *entries = NULL;
    int n = 0;
    kg_status status = kg_run_list_load(&list, root, err);
    if (!status) {
        status = choose(list, &entries, &n, err);
    }
    if (!status && cli.json) {
        print_json(entries, n);
    } else if (!status && kg_run_list_get(list, 0)) {
        status = print_table(entries, n, err);
    } else if (!status) {
        cli_note("no run under %s yet. Make one: ketgrad demo", root);
    }
    if (!status && kg_run_list_n_broken(list)) {
        cli_note("%d more under %s: killed, still going, or not readable",
                 kg_run_list_n_broken(list), root);
    }
    free(entries);
    kg_run_list_destroy(list);
    return (int)status;
}

static const cli_part parts[] = {{runs_table, &args}};

const cli_command cli_runs = {
    .name = "runs",
    .arguments = "[FOLDER]",
    .help = "Lists the runs under a folder (runs), with their results.",
    .details = "With --seed: those of that seed. A run that was killed or interrupted goes on with "
               "ketgrad train\n--resume RUN.\n",
    .examples = {"ketgrad runs", "ketgrad runs --sort test --limit 3 --json"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_runs,
};
