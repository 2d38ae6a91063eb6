/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad gradcheck: adjoint gradients against parameter shift and finite differences. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

static kg_model_options model_options = KG_MODEL_OPTIONS_INIT;

static struct {
    int samples;
    double tolerance;
    int n_classes;
} args = {3, 0, 2};

/* Five-point differences with h = 1e-3 are good to about 1e-12 + eps / h; f32 states have 24 bits, and
 * a gradient sums some hundred products of them. */
static const double tolerance_f64 = 1e-9;
static const double tolerance_f32 = 2e-4;

static const kg_option_table *gradcheck_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"samples", 'i', offsetof(__typeof__(args), samples), 1, 1000, "3", "random parameter sets and features to check", NULL},
        {"n-classes", 'i', offsetof(__typeof__(args), n_classes), 2, 1024, "2", "classes that the model tells apart", NULL},
        {"tolerance", 'd', offsetof(__typeof__(args), tolerance), 0, 1, "0", "largest difference that is fine; 0: 1e-9 for f64, 2e-4 for f32", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"gradcheck", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

static double larger(double a, double b)
{
    return isnan(a) || a > b ? a : b; /* a difference that is no number must not be lost */
}

static kg_status check(const kg_model *model, kg_gradcheck *worst, kg_error *err)
{
    const kg_circuit *circuit = kg_model_circuit(model);
    const kg_observable *observable = kg_model_observable(model);
    const int n_params = kg_model_n_params(model);
    const int n_inputs = kg_model_n_features(model);
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.precision = model_options.precision;
    options.threads = cli_threads();
    double *numbers = malloc(sizeof *numbers * (size_t)(n_params + n_inputs + 1));
    if (!numbers) {
        return cli_fail(err, KG_ERR_MEMORY, "cannot allocate parameters and features");
    }
    kg_status status = KG_OK;
    for (int s = 0; s < args.samples && !status; s++) {
        kg_gradcheck report;
        cli_random(numbers, n_params, 0, 6.283185307179586, (uint32_t)(2 * s));
        cli_random(numbers + n_params, n_inputs, 0, 3.141592653589793, (uint32_t)(2 * s + 1));
        status =
            kg_grad_check(circuit, observable, &options, numbers, numbers + n_params, &report, err);
        if (!status) {
            report.adjoint_shift = larger(report.adjoint_shift, worst->adjoint_shift);
            report.adjoint_differences =
                larger(report.adjoint_differences, worst->adjoint_differences);
            report.inputs_differences =
                larger(report.inputs_differences, worst->inputs_differences);
            report.value = larger(report.value, worst->value);
            *worst = report;
        }
    }
    free(numbers);
    return status;
}

static void print(const kg_model *model, const kg_gradcheck *worst, double tolerance, int good)
{
    FILE *out = cli_results();
    if (cli.json) {
        (void)fputs("{\"model\": ", out);
        cli_json_string(out, kg_model_name(model));
        (void)fprintf(out,
                      ", \"params\": %d, \"features\": %d, \"outputs\": %d, \"samples\": %d,\n "
                      "\"value\": %.3g, \"adjoint_shift\": %.3g, \"adjoint_differences\": %.3g, "
                      "\"inputs_differences\": %.3g,\n \"tolerance\": %.3g, \"ok\": %s}\n",
                      worst->n_params, worst->n_inputs, worst->n_outputs, args.samples,
                      worst->value, worst->adjoint_shift, worst->adjoint_differences,
                      worst->inputs_differences, tolerance, good ? "true" : "false");
        return;
    }
    (void)fprintf(out, "%s: %d parameters, %d features, %d output%s, %d random sample%s\n",
                  kg_model_name(model), worst->n_params, worst->n_inputs, worst->n_outputs,
                  worst->n_outputs == 1 ? "" : "s", args.samples, args.samples == 1 ? "" : "s");
    (void)fprintf(out, "value       engine - reference     %.2g\n", worst->value);
    (void)fprintf(out, "parameters  adjoint - shift        %.2g\n", worst->adjoint_shift);
    (void)fprintf(out, "parameters  adjoint - differences  %.2g\n", worst->adjoint_differences);
    (void)fprintf(out, "features    adjoint - differences  %.2g\n", worst->inputs_differences);
    (void)fprintf(out, "%s: tolerance %.2g\n", good ? "ok" : "NOT OK", tolerance);
}

static int run_gradcheck(int n_arguments, char **arguments, kg_error *err)
{
    kg_model *model = NULL;
    kg_gradcheck worst = {0};
    int good = 0;
    model_options.threads = cli_threads();
    kg_status status =
        kg_model_create(&model, cli_model_name(n_arguments, arguments), &model_options, err);
    if (!status) {
        status = kg_model_build(model, 0, args.n_classes, NULL, err);
    }
    if (!status && !kg_model_circuit(model)) {
        status =
            cli_fail(err, KG_ERR_UNSUPPORTED, "%s %s: gradcheck is for models that are one circuit",
                     kg_model_name(model),
                     kg_model_plan(model) ? "has layers around its circuit" : "has no circuit");
    }
    if (!status) {
        status = check(model, &worst, err);
    }
    if (!status) {
        const double standard =
            model_options.precision == KG_PRECISION_F32 ? tolerance_f32 : tolerance_f64;
        const double tolerance = args.tolerance > 0 ? args.tolerance : standard;
        good = worst.value <= tolerance && worst.adjoint_shift <= tolerance &&
               worst.adjoint_differences <= tolerance && worst.inputs_differences <= tolerance;
        print(model, &worst, tolerance, good);
    }
    kg_model_destroy(model);
    return status ? (int)status : good ? 0 : CLI_ANSWER_NO;
}

static const cli_part parts[] = {{gradcheck_table, &args},
                                 {kg_model_options_table, &model_options}};

const cli_command cli_gradcheck = {
    .name = "gradcheck",
    .arguments = "[MODEL]",
    .help = "Compares adjoint gradients with parameter shift and finite differences.",
    .details = "Exit code 1 if a difference is above the tolerance.\n",
    .examples = {"ketgrad gradcheck qcnn", "ketgrad gradcheck qcnn --ansatz so4 --precision f32"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_gradcheck,
};
