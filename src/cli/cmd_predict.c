/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad predict: classes of rows by a saved model. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct {
    const char *in;
    const char *label;
} args;

static const kg_option_table *predict_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"in", 'p', offsetof(__typeof__(args), in), 0, 0, NULL, "CSV, NPY or NPZ file, a row per sample as the model was trained on, - for stdin; else the test rows of the run", NULL},
        {"label", 's', offsetof(__typeof__(args), label), 0, 0, NULL, "name in the header of a column to leave out; else as in training, or label, class, target", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"predict", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

typedef struct rows {
    int n;
    int n_columns;
    const double *values; /* of test */
    kg_dataset *train;    /* of the run, if not from a file */
    kg_dataset *test;
} rows;

static void use_test(rows *r)
{
    r->n = kg_dataset_n_rows(r->test);
    r->n_columns = kg_dataset_n_features(r->test);
    r->values = kg_dataset_features(r->test);
}

static kg_status get_rows(rows *r, const kg_model *model, const kg_run_record *record,
                          kg_error *err)
{
    if (args.in) {
        const kg_pipeline *pipeline = kg_model_pipeline(model);
        const int n = pipeline ? kg_pipeline_n_inputs(pipeline) : kg_model_n_features(model);
        const char *label = args.label ? args.label : record ? record->data.label : NULL;
        const kg_status status = cli_read_rows(&r->test, args.in, n, label, err);
        if (!status) {
            use_test(r);
        }
        return status;
    }
    if (!record) {
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "predict with a model file needs --in FILE. See: ketgrad help predict");
    }
    kg_run_data data = record->data;
    const char *folder = cli_data_folder(NULL);
    data.data_folder = folder ? folder : data.data_folder;
    const kg_status status = kg_run_data_load(&r->train, &r->test, &data, err);
    if (!status) {
        use_test(r);
    }
    return status;
}

/* --out FILE.npy: the probabilities as an array [row][class]; else as text. */
static int wants_array(void)
{
    const size_t length = cli.out ? strlen(cli.out) : 0;
    return length > 4 && !strcmp(cli.out + length - 4, ".npy");
}

static kg_status save_scores(const kg_model *model, int n, const double *scores, kg_error *err)
{
    const kg_array array = {
        .n_dims = 2, .shape = {(size_t)n, (size_t)kg_model_n_classes(model)}, .values = scores};
    return kg_npy_save(&array, cli.out, err);
}

static void print(const kg_model *model, int n, const int *predicted, const double *scores)
{
    FILE *out = cli_results();
    const int n_classes = kg_model_n_classes(model);
    if (!cli.json) {
        for (int i = 0; i < n; i++) {
            (void)fprintf(out, "%s\n", kg_model_class(model, predicted[i]));
        }
        return;
    }
    (void)fputs("{\"classes\": [", out);
    for (int c = 0; c < n_classes; c++) {
        (void)fputs(c ? ", " : "", out);
        cli_json_string(out, kg_model_class(model, c));
    }
    (void)fputs("],\n \"predictions\": [", out);
    for (int i = 0; i < n; i++) {
        (void)fputs(i ? ",\n  {\"class\": " : "\n  {\"class\": ", out);
        cli_json_string(out, kg_model_class(model, predicted[i]));
        (void)fputs(", \"probabilities\": ", out);
        cli_json_numbers(out, n_classes, scores + (size_t)i * (size_t)n_classes);
        (void)fputc('}', out);
    }
    (void)fputs("]}\n", out);
}

static int run_predict(int n_arguments, char **arguments, kg_error *err)
{
    kg_model *model = NULL;
    kg_run_record *record = NULL;
    rows r = {0};
    int *predicted = NULL;
    double *scores = NULL;
    kg_status status = cli_load_run(n_arguments, arguments, &model, &record, err);
    if (!status) {
        status = get_rows(&r, model, record, err);
    }
    if (!status) {
        predicted = calloc((size_t)r.n + 1, sizeof *predicted);
        scores = calloc((size_t)r.n * (size_t)kg_model_n_classes(model) + 1, sizeof *scores);
        status = predicted && scores
                     ? kg_model_predict(model, r.n, r.values, r.n_columns, predicted, scores, err)
                     : cli_fail(err, KG_ERR_MEMORY, "cannot allocate the classes of %d rows", r.n);
        if (status == KG_ERR_SHAPE && args.in) {
            const kg_error below = *err;
            (void)cli_fail(err, status, "%.80s: %.160s", args.in, below.message);
        }
    }
    if (!status && predicted && scores && wants_array()) {
        status = save_scores(model, r.n, scores, err);
    } else if (!status && predicted && scores) {
        print(model, r.n, predicted, scores);
    }
    free(predicted);
    free(scores);
    kg_dataset_destroy(r.train);
    kg_dataset_destroy(r.test);
    kg_run_record_destroy(record);
    kg_model_destroy(model);
    return (int)status;
}

static const cli_part parts[] = {{predict_table, &args}};

const cli_command cli_predict = {
    .name = "predict",
    .arguments = "[RUN]",
    .help = "Prints the class of each row of a file, with probabilities if --json.",
    .details =
        "RUN is a run folder (with seed-1, seed-2, ... in it: the one with the lowest "
        "training loss, or that\nof --seed) or a model.safetensors. Without RUN: the newest "
        "one under runs/.\n"
        "All columns of the file are features; one more is left out if the header names it.\n"
        "--out FILE.npy: probabilities [row][class] as an array of NumPy.\n",
    .examples = {"ketgrad predict", "ketgrad predict runs/0001-demo --seed 2 --json"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_predict,
};
