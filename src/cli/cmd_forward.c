/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad forward: outputs of a model before the loss, and their derivatives, for given numbers. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static kg_model_options model_options = KG_MODEL_OPTIONS_INIT;

static struct {
    const char *params;
    const char *in;
    const char *label;
    int grad;
    int n_classes;
} args = {.n_classes = 2};

static const kg_option_table *forward_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"params", 'p', offsetof(__typeof__(args), params), 0, 0, NULL, "CSV file of parameters in one row or column; else random by --seed", NULL},
        {"in", 'p', offsetof(__typeof__(args), in), 0, 0, NULL, "CSV, NPY or NPZ file of features, a row per sample, - for stdin; else one random row", NULL},
        {"label", 's', offsetof(__typeof__(args), label), 0, 0, NULL, "name in the header of a column to leave out", NULL},
        {"n-classes", 'i', offsetof(__typeof__(args), n_classes), 2, 1024, "2", "classes that the model tells apart", NULL},
        {"grad", 'b', offsetof(__typeof__(args), grad), 0, 1, "false", "derivatives by parameters and by features", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"forward", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

/* What was read and computed; everything is released by clear(). */
typedef struct job {
    kg_model *model;
    int n;                  /* samples */
    kg_dataset *rows;       /* of a file */
    double *random;         /* a row, if there is no file */
    const double *features; /* one of them */
    double *outputs;
    double *grad;
    double *grad_inputs;
} job;

static void clear(job *j)
{
    kg_model_destroy(j->model);
    kg_dataset_destroy(j->rows);
    free(j->random);
    free(j->outputs);
    free(j->grad);
    free(j->grad_inputs);
}

static kg_status set_params(kg_model *model, kg_error *err)
{
    const int n = kg_model_n_params(model);
    double *values = NULL;
    int n_rows = 1;
    int n_columns = n;
    kg_status status = KG_OK;
    if (args.params) {
        status = cli_read_csv(args.params, &values, &n_rows, &n_columns, err);
    } else {
        values = malloc(sizeof *values * (size_t)(n ? n : 1));
        if (!values) {
            return cli_fail(err, KG_ERR_MEMORY, "cannot allocate %d parameters", n);
        }
        cli_random(values, n, 0, 6.283185307179586, 0);
    }
    if (!status && ((n_rows != 1 && n_columns != 1) || (long)n_rows * n_columns != n)) {
        status = cli_fail(err, KG_ERR_SHAPE,
                          "%s: %d x %d numbers, not %d parameters in one row or column",
                          args.params, n_rows, n_columns, n);
    }
    if (!status) {
        status = kg_model_set_params(model, n, values, err);
    }
    kg_free(values);
    return status;
}

/* Features and the model that takes so many. */
static kg_status prepare(job *j, const char *name, kg_error *err)
{
    int n_features = 0;
    kg_status status = KG_OK;
    j->n = 1;
    model_options.threads = cli_threads();
    if (args.in) {
        status = cli_read_rows(&j->rows, args.in, 0, args.label, err);
    }
    if (!status && j->rows) {
        j->n = kg_dataset_n_rows(j->rows);
        n_features = kg_dataset_n_features(j->rows);
        j->features = kg_dataset_features(j->rows);
    }
    if (!status) {
        status = kg_model_create(&j->model, name, &model_options, err);
    }
    if (!status) {
        status = kg_model_build(j->model, n_features, args.n_classes, NULL, err);
        if (status && args.in) {
            const kg_error below = *err;
            status = cli_fail(err, below.status, "%.80s: %.160s", args.in, below.message);
        }
    }
    if (!status && !args.in) {
        n_features = kg_model_n_features(j->model);
        j->random = malloc(sizeof *j->random * (size_t)n_features);
        if (!j->random) {
            return cli_fail(err, KG_ERR_MEMORY, "cannot allocate %d features", n_features);
        }
        cli_random(j->random, n_features, 0, 3.141592653589793, 1);
        j->features = j->random;
    }
    return status ? status : set_params(j->model, err);
}

static kg_status compute(job *j, kg_error *err)
{
    const size_t n_out = (size_t)j->n * (size_t)kg_model_n_outputs(j->model);
    const size_t n_params = (size_t)kg_model_n_params(j->model);
    const size_t n_features = (size_t)kg_model_n_features(j->model);
    j->outputs = calloc(n_out, sizeof *j->outputs);
    if (args.grad) {
        j->grad = calloc(n_out * n_params + 1, sizeof *j->grad);
        j->grad_inputs = calloc(n_out * n_features + 1, sizeof *j->grad_inputs);
    }
    if (!j->outputs || (args.grad && (!j->grad || !j->grad_inputs))) {
        return cli_fail(err, KG_ERR_MEMORY,
                        "cannot allocate the derivatives of %d samples: %zu numbers", j->n,
                        n_out * (1 + n_params + n_features));
    }
    kg_status status = kg_model_forward(j->model, j->n, j->features, j->outputs, err);
    if (!status && args.grad) {
        status = kg_model_jacobian(j->model, j->n, j->features, j->grad, j->grad_inputs, err);
    }
    return status;
}

/* "name": [sample][output][width], or [sample][output] if width is 0 */
static void print_json_array(FILE *out, const char *name, const job *j, int width, const double *x)
{
    const int n_outputs = kg_model_n_outputs(j->model);
    (void)fprintf(out, ",\n \"%s\": [", name);
    for (int b = 0; b < j->n; b++) {
        (void)fputs(b ? ",\n  " : "\n  ", out);
        if (!width) {
            cli_json_numbers(out, n_outputs, x + (size_t)b * (size_t)n_outputs);
            continue;
        }
        (void)fputc('[', out);
        for (int k = 0; k < n_outputs; k++) {
            const size_t row = (size_t)b * (size_t)n_outputs + (size_t)k;
            (void)fputs(k ? ", " : "", out);
            cli_json_numbers(out, width, x + row * (size_t)width);
        }
        (void)fputc(']', out);
    }
    (void)fputc(']', out);
}

static void print_json(const job *j)
{
    FILE *out = cli_results();
    (void)fputs("{\"model\": ", out);
    cli_json_string(out, kg_model_name(j->model));
    (void)fprintf(out, ", \"params\": %d, \"features\": %d, \"output_names\": [",
                  kg_model_n_params(j->model), kg_model_n_features(j->model));
    for (int k = 0; k < kg_model_n_outputs(j->model); k++) {
        (void)fputs(k ? ", " : "", out);
        cli_json_string(out, kg_model_output_name(j->model, k));
    }
    (void)fputc(']', out);
    print_json_array(out, "outputs", j, 0, j->outputs);
    if (args.grad) {
        print_json_array(out, "grad", j, kg_model_n_params(j->model), j->grad);
        print_json_array(out, "grad_inputs", j, kg_model_n_features(j->model), j->grad_inputs);
    }
    (void)fputs("}\n", out);
}

/* Lines "d <Z4> / d parameter 3   0.12": of the first sample only, --json has them all. */
static void print_gradient(FILE *out, const job *j, const char *what, int width, const double *x)
{
    for (int k = 0; k < kg_model_n_outputs(j->model); k++) {
        for (int i = 0; i < width; i++) {
            (void)fprintf(out, "d %s / d %s %-3d  % .17g\n", kg_model_output_name(j->model, k),
                          what, i, x[(size_t)k * (size_t)width + (size_t)i]);
        }
    }
}

static void print_text(const job *j)
{
    FILE *out = cli_results();
    const int n_outputs = kg_model_n_outputs(j->model);
    for (int k = 0; k < n_outputs; k++) {
        (void)fprintf(out, "%s%s", k ? "," : "", kg_model_output_name(j->model, k));
    }
    (void)fputc('\n', out);
    for (int b = 0; b < j->n; b++) {
        for (int k = 0; k < n_outputs; k++) {
            (void)fprintf(out, "%s%.17g", k ? "," : "", j->outputs[b * n_outputs + k]);
        }
        (void)fputc('\n', out);
    }
    if (args.grad) {
        (void)fprintf(out, "\nderivatives of sample 0 (all of them with --json)\n");
        print_gradient(out, j, "parameter", kg_model_n_params(j->model), j->grad);
        print_gradient(out, j, "feature", kg_model_n_features(j->model), j->grad_inputs);
    }
}

static int run_forward(int n_arguments, char **arguments, kg_error *err)
{
    job j = {0};
    kg_status status = prepare(&j, cli_model_name(n_arguments, arguments), err);
    if (!status) {
        status = compute(&j, err);
    }
    if (!status && cli.json) {
        print_json(&j);
    } else if (!status) {
        print_text(&j);
    }
    clear(&j);
    return (int)status;
}

static const cli_part parts[] = {{forward_table, &args}, {kg_model_options_table, &model_options}};

const cli_command cli_forward = {
    .name = "forward",
    .arguments = "[MODEL]",
    .help = "Computes raw outputs of a model (and --grad) for given parameters and features.",
    .details = "Outputs are expectation values, probabilities or logits before the loss. JSON: "
               "outputs[sample][output],\ngrad[sample][output][parameter], "
               "grad_inputs[sample][output][feature], 17 significant digits.\n",
    .examples = {"ketgrad forward qcnn --ansatz ttn",
                 "ketgrad forward qcnn --ansatz su4 --encoding amplitude --grad --json"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_forward,
};
