/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad eval: a saved model tested again on the test rows of its run. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

static struct {
    const char *data_folder;
    int test_rows;
} args;

static const kg_option_table *eval_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"data_folder", 'p', offsetof(__typeof__(args), data_folder), 0, 0, NULL, "folder of real data sets, if not that of the run or KETGRAD_DATA", NULL},
        {"test_rows", 'i', offsetof(__typeof__(args), test_rows), 0, 1e9, "0", "first test rows; 0: as many as the run had", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"eval", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

typedef struct score {
    kg_metrics metrics;
    double loss;
    int n_classes;
    int *confusion; /* [n_classes][n_classes] */
} score;

static void print_json(const kg_run_record *record, const kg_model *model, const kg_dataset *test,
                       const score *s)
{
    FILE *out = cli_results();
    (void)fputs("{\"run\": ", out);
    cli_json_string(out, record->folder);
    (void)fputs(", \"model\": ", out);
    cli_json_string(out, kg_model_name(model));
    (void)fprintf(out,
                  ", \"params\": %d, \"seed\": %llu, \"rows\": %d,\n \"test_accuracy\": %.17g, "
                  "\"loss\": %.17g, \"recorded_test_accuracy\": %.17g,\n \"classes\": [",
                  kg_model_n_params(model), (unsigned long long)record->result.seed,
                  kg_dataset_n_rows(test), s->metrics.accuracy, s->loss,
                  record->result.test_accuracy);
    for (int c = 0; c < s->n_classes; c++) {
        (void)fputs(c ? ", " : "", out);
        cli_json_string(out, kg_model_class(model, c));
    }
    (void)fputs("],\n \"metrics\": {", out);
    for (int i = 0; kg_metric_get(i); i++) {
        (void)fprintf(out, "%s\"%s\": %.17g", i ? ", " : "", kg_metric_get(i),
                      kg_metric_value(&s->metrics, i));
    }
    (void)fputs("},\n \"confusion\": [", out);
    for (int i = 0; i < s->n_classes * s->n_classes; i++) {
        const int column = i % s->n_classes;
        (void)fprintf(out, "%s%d%s", column ? ", " : (i ? ", [" : "["), s->confusion[i],
                      column + 1 == s->n_classes ? "]" : "");
    }
    (void)fputs("]}\n", out);
}

static kg_status print_text(const kg_run_record *record, const kg_model *model,
                            const kg_dataset *test, const score *s, kg_error *err)
{
    enum { MAX_CLASSES = 30 };
    FILE *out = cli_results();
    (void)fprintf(out,
                  "%s: %s, %d parameters, seed %llu\ntest accuracy %.4f (the run says %.4f), loss "
                  "%.6g, %d rows of %s\n",
                  record->folder, kg_model_name(model), kg_model_n_params(model),
                  (unsigned long long)record->result.seed, s->metrics.accuracy,
                  record->result.test_accuracy, s->loss, kg_dataset_n_rows(test),
                  kg_dataset_name(test));
    for (int i = 1; kg_metric_get(i); i++) { /* the accuracy stands above */
        (void)fprintf(out, "%s%-18s %.4f   %s\n", i == 1 ? "\n" : "", kg_metric_get(i),
                      kg_metric_value(&s->metrics, i), kg_metric_help(i));
    }
    if (s->n_classes > MAX_CLASSES) {
        return KG_OK; /* wider than any screen; --json has it */
    }
    const char *names[MAX_CLASSES];
    char *text = NULL;
    for (int c = 0; c < s->n_classes; c++) {
        names[c] = kg_model_class(model, c);
    }
    const kg_status status = kg_confusion_table(&text, s->n_classes, s->confusion, names, err);
    if (!status) {
        (void)fprintf(out, "\n%s", text);
    }
    kg_free(text);
    return status;
}

static kg_status print(const kg_run_record *record, const kg_model *model, const kg_dataset *test,
                       const score *s, kg_error *err)
{
    if (cli.json) {
        print_json(record, model, test, s);
        return KG_OK;
    }
    return print_text(record, model, test, s, err);
}

static kg_status load_test(kg_dataset **test, const kg_run_record *record, kg_error *err)
{
    kg_dataset *train = NULL;
    kg_run_data data = record->data;
    const char *folder = cli_data_folder(args.data_folder);
    data.data_folder = folder ? folder : data.data_folder;
    data.test_rows = args.test_rows ? args.test_rows : data.test_rows;
    kg_status status = kg_run_data_load(&train, test, &data, err);
    kg_error changed = {KG_OK, ""};
    if (!status && !args.test_rows && kg_run_check_data(record, train, *test, &changed)) {
        if (changed.status == KG_ERR_MEMORY) {
            status = cli_fail(err, changed.status, "%s", changed.message);
        } else {
            cli_note("ketgrad: warning: %s", changed.message);
        }
    }
    kg_dataset_destroy(train);
    return status;
}

static int run_eval(int n_arguments, char **arguments, kg_error *err)
{
    kg_model *model = NULL;
    kg_run_record *record = NULL;
    kg_dataset *test = NULL;
    score s = {0};
    kg_status status = cli_load_run(n_arguments, arguments, &model, &record, err);
    if (!status && !record) {
        status = cli_fail(err, KG_ERR_ARGUMENT,
                          "%.120s is a model file; eval needs the folder of its run, which knows "
                          "the data",
                          arguments[0]);
    }
    if (!status && record) {
        status = load_test(&test, record, err);
    }
    if (!status) {
        s.n_classes = kg_model_n_classes(model);
        s.confusion = calloc((size_t)s.n_classes * (size_t)s.n_classes, sizeof *s.confusion);
        status = s.confusion ? kg_eval_metrics(model, test, &s.metrics, &s.loss, NULL, NULL,
                                               s.confusion, err)
                             : cli_fail(err, KG_ERR_MEMORY, "cannot allocate a confusion matrix");
    }
    if (!status && s.confusion) {
        status = print(record, model, test, &s, err);
    }
    free(s.confusion);
    kg_dataset_destroy(test);
    kg_run_record_destroy(record);
    kg_model_destroy(model);
    return (int)status;
}

static const cli_part parts[] = {{eval_table, &args}};

const cli_command cli_eval = {
    .name = "eval",
    .arguments = "[RUN]",
    .help = "Tests a saved model again, on the test rows of its run.",
    .details =
        "RUN is a run folder, or one with seed-1, seed-2, ... in it: then the run with the "
        "lowest training\nloss, or that of --seed. Without RUN: the newest one under runs/.\n",
    .examples = {"ketgrad eval", "ketgrad eval runs/0001-demo --seed 2 --json"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_eval,
};
