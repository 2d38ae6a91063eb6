/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad demo: the quantum convolutional network on built-in images, within seconds. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

static kg_run_data data = KG_RUN_DATA_INIT;
static kg_model_options model = KG_MODEL_OPTIONS_INIT;
static kg_train_options train = KG_TRAIN_OPTIONS_INIT;
static kg_experiment_options experiment = KG_EXPERIMENT_OPTIONS_INIT;

/* The gradient at random parameters against finite differences, in double precision. */
static kg_status check_gradient(const kg_model *m, kg_error *err)
{
    kg_gradcheck report;
    double *numbers =
        calloc((size_t)kg_model_n_params(m) + (size_t)kg_model_n_features(m), sizeof(double));
    if (!numbers) {
        return cli_fail(err, KG_ERR_MEMORY, "cannot allocate parameters");
    }
    double *features = numbers + kg_model_n_params(m);
    cli_random(numbers, kg_model_n_params(m), 0, 6.283185307179586, 0);
    cli_random(features, kg_model_n_features(m), 0, 3.141592653589793, 1);
    const kg_status status = kg_grad_check(kg_model_circuit(m), kg_model_observable(m), NULL,
                                           numbers, features, &report, err);
    free(numbers);
    if (!status) {
        cli_note("check  gradient: adjoint - shift %.1e, adjoint - differences %.1e",
                 report.adjoint_shift, report.adjoint_differences);
    }
    return status;
}

/* What is trained, in two lines: the model is built on random angles, its circuit counted. */
static kg_status describe(kg_error *err)
{
    kg_model *m = NULL;
    kg_status status = kg_model_create(&m, "qcnn", &model, err);
    if (!status) {
        status = kg_model_build(m, 0, 2, NULL, err);
    }
    if (!status) {
        const kg_circuit *circuit = kg_model_circuit(m);
        kg_plan_report report;
        kg_plan_get_report(kg_model_plan(m), &report);
        cli_note("ketgrad %s  %d core%s, kernels %s, seeds %llu .. %llu", kg_version(), cli_cores(),
                 cli_cores() == 1 ? "" : "s", report.kernels, (unsigned long long)cli.seed,
                 (unsigned long long)cli.seed + (unsigned long long)experiment.seeds - 1);
        cli_note("data   %s, classes %s, drawn by this program", data.data, data.classes);
        cli_note("model  qcnn, ansatz %s, %d qubits, %s encoding, %d parameters, depth %d, %d "
                 "two-qubit gates",
                 model.ansatz, kg_circuit_n_qubits(circuit), model.encoding, kg_model_n_params(m),
                 kg_circuit_depth(circuit), kg_circuit_n_entangling(circuit));
    }
    if (!status) {
        status = check_gradient(m, err);
    }
    kg_model_destroy(m);
    return status;
}

static int run_demo(int n_arguments, char **arguments, kg_error *err)
{
    (void)n_arguments;
    (void)arguments;
    model.reduce = "pca:8";
    model.loss = "ce";
    model.precision = KG_PRECISION_F32;
    experiment.seeds = 5;
    const cli_training training = {.model = "qcnn",
                                   .run_name = "demo",
                                   .seed_folders = 1,
                                   .data = &data,
                                   .model_options = &model,
                                   .train_options = &train,
                                   .experiment_options = &experiment};
    model.threads = cli_threads();
    const kg_status status = describe(err);
    return status ? (int)status : cli_train(&training, err);
}

static const cli_part parts[] = {{cli_preflight_table, &cli_limits}};

const cli_command cli_demo = {
    .name = "demo",
    .arguments = "",
    .help = "Trains the QCNN on built-in images, five seeds, and compares it with baselines.",
    .details =
        "The same as: ketgrad train qcnn --reduce pca:8 --loss ce --precision f32 --seeds 5\n",
    .examples = {"ketgrad demo", "ketgrad demo --seed 7 --json"},
    .max_arguments = 0,
    .out_is_folder = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_demo,
};
