/* SPDX-License-Identifier: Apache-2.0 */
/* What an experiment will take. Its phases, each on top of what the process holds when asked:
 *
 *   fit      training rows as the steps leave them, scratch of a step    kgi_pipeline_cost_of()
 *   apply    prepared rows of all sets, which stay
 *   train    parameters and their companions, batch, states and layers   two steps of a copy are done
 *   score    outputs of as many rows as are run at once                  kgi_model_run_bytes()
 *
 * The copy has random features: what a step takes does not depend on the numbers. Its memory is measured
 * by the system's count, which sees pages that are touched, code and scratch of libraries included;
 * if a step is too long to be tried, its workspace is counted as touched whole. */
#include <ketgrad/preflight.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/options.h"
#include "eval/bench.h"
#include "model/model.h"
#include "train/optimizer.h"

static const double cheap_seconds = 0.1;  /* of a step that is tried */
static const double slow_flops = 5e9;     /* per second: what any machine can do, to judge that */
static const double fit_share = 0.5;      /* of the measured peak, that fitting and kernels reach */
static const double score_share = 0.25;   /* of it, that scoring reaches */
static const double pass_seconds = 2e-9;  /* per number that is read or written from far away */
static const double step_overhead = 2e-5; /* of a step of a baseline, seconds */

enum {
    FIT_CODE_BYTES = 2 << 20, /* LAPACK and BLAS: code and packing buffers that fitting touches */
    RUN_CODE_BYTES = 3 << 18, /* pages of code and data of a run that nothing here touches */
    MARGIN_BYTES = 1 << 20,   /* so that what is suggested does fit */
    RUN_FILE_BYTES = 96,      /* per test row, while results are written as text */
    TRIED_STEPS = 3,
    NARROW = 128, /* outputs of a dense layer */
    PACKED_ROW_BYTES =
        384 * 8, /* OpenBLAS packs panels of 384 columns, in so much memory at most: */
    PACKED_BYTES = 26 << 20,
    BLOCK_BYTES = 2 << 19 /* rows on their way through the steps of a pipeline */
};

/* What the estimate is about. */
typedef struct work {
    kg_preflight *out;
    const kg_model *model;
    kg_model *copy; /* built */
    kgi_pipeline_cost cost;
    size_t fit_row_bytes; /* of cost.fit_bytes, that one more row takes */
    kg_train_options training;
    kg_experiment_options options;
    int batch;
    double peak_flops; /* of this machine, 0 if time was not asked for */
    double step_seconds;
    double call_seconds; /* of scoring a set, without its rows */
    double row_seconds;  /* of scoring a row */
    size_t peak_before;  /* of the process, before a copy was built and tried */
} work;

/* ---- flops ----------------------------------------------------------------------------------------- */

/* Of one sample of one layer, forward and backward. A weight of a convolution meets every place of the
 * output; three products a weight, of which forward is one. */
static double layer_flops(const kgi_layer *layer)
{
    const kg_plan *quantum = kgi_quantum_plan(layer);
    const kg_plan *patch = kgi_patch_plan(layer);
    if (quantum || patch) {
        kg_plan_report report;
        kg_plan_get_report(quantum ? quantum : patch, &report);
        const int n_outputs = kg_plan_n_outputs(quantum ? quantum : patch);
        return report.backward_flops * (patch ? (double)layer->n_out / n_outputs : 1.0);
    }
    const int many = layer->info != &kgi_layer_dense && layer->out.height > 0;
    const double places = many ? (double)layer->out.height * layer->out.width : 1.0;
    return 6.0 * layer->n_params * places + 10.0 * (layer->n_in + layer->n_out);
}

static double model_flops(const kg_model *model)
{
    double flops = 0;
    for (int l = 0; l < model->n_layers; l++) {
        flops += layer_flops(model->layers[l]);
    }
    return flops;
}

/* ---- a step ---------------------------------------------------------------------------------------- */

/* Numbers that a trainer holds beside the model, and a file of the model while it is written. */
static size_t companion_bytes(const work *f)
{
    const size_t n_params = (size_t)f->copy->n_params;
    const size_t per_param =
        8; /* point, gradient, before, best, optimizer's two, file and its copy */
    return n_params * per_param * sizeof(double) + (size_t)f->out->n_train * sizeof(int) +
           (size_t)f->batch * ((size_t)f->copy->n_features * sizeof(double) + sizeof(int));
}

/* The part of the flops that forward alone takes. */
static double forward_share(const kg_preflight *out)
{
    return out->has_plan && out->plan.backward_flops > 0
               ? out->plan.forward_flops / out->plan.backward_flops
               : 1.0 / 3.0;
}

/* If it is not tried: the workspace, what nodes hold, and the companions. */
static void count_step(work *f)
{
    const kg_preflight *out = f->out;
    f->out->train_bytes = (out->has_plan ? out->plan.workspace_bytes : 0) +
                          2 * kgi_model_run_bytes(f->copy, f->batch) + companion_bytes(f);
    if (f->peak_flops > 0) {
        const double speed = f->peak_flops * fit_share * f->copy->options.threads;
        f->step_seconds = model_flops(f->copy) * f->batch / speed;
        f->row_seconds = f->step_seconds / f->batch * forward_share(out);
    }
}

/* What n rows took says little about thousands if a circuit is prepared once per call. */
static void judge_scoring(work *f, int n, double seconds)
{
    const kg_preflight *out = f->out;
    f->row_seconds = seconds / n;
    if (out->has_plan && f->peak_flops > 0) {
        const double speed = f->peak_flops * score_share * f->copy->options.threads;
        const double row = model_flops(f->copy) * forward_share(out) / speed;
        f->row_seconds = row < f->row_seconds ? row : f->row_seconds;
        f->call_seconds = seconds;
    }
}

/* A few steps on rows of no meaning, and a forward run as long as the workspace has room for. */
static kg_status run_trial(work *f, int n, const double *x, const int *y, kg_error *err)
{
    const kg_rows rows = {f->batch, x, y};
    kg_train_options options = KG_TRAIN_OPTIONS_INIT;
    kg_trainer *trainer = NULL;
    options.optimizer = f->training.optimizer;
    options.batch = f->batch;
    options.steps = TRIED_STEPS;
    double *outputs = kgi_alloc((size_t)n * (size_t)f->copy->n_outputs, sizeof *outputs);
    kg_status status = outputs ? kg_trainer_create(&trainer, f->copy, &rows, NULL, &options, err)
                               : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d outputs", n);
    const size_t before =
        kgi_memory_resident_bytes(); /* its memory is counted by companion_bytes() */
    f->step_seconds = HUGE_VAL;
    for (int i = 0, running = 1; i < TRIED_STEPS && !status; i++) {
        const double begin = kgi_bench_now();
        status = kg_trainer_step(trainer, &running, err);
        const double seconds = kgi_bench_now() - begin;
        f->step_seconds = seconds < f->step_seconds ? seconds : f->step_seconds;
    }
    for (int i = 0; i < 2 && !status; i++) { /* the first prepares what later ones use */
        const double begin = kgi_bench_now();
        status = kg_model_forward(f->copy, n, x, outputs, err);
        judge_scoring(f, n, kgi_bench_now() - begin);
    }
    const size_t after = kgi_memory_resident_bytes();
    f->out->train_bytes = (after > before ? after - before : 0) + companion_bytes(f);
    kg_trainer_destroy(trainer);
    free(outputs);
    return status;
}

static kg_status try_step(work *f, kg_error *err)
{
    const int lanes = f->out->has_plan ? f->out->plan.tile * f->out->plan.threads : 1;
    const int n = lanes > f->batch ? lanes : f->batch;
    const size_t n_numbers = (size_t)n * (size_t)f->copy->n_features;
    double *x = kgi_alloc(n_numbers, sizeof *x);
    int *y = calloc((size_t)n, sizeof *y);
    if (!x || !y) {
        free(x);
        free(y);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a batch of %d rows", n);
    }
    for (size_t i = 0; i < n_numbers; i++) { /* angles, pixels or amplitudes */
        x[i] = 0.05 + (double)(i * 7919 % 1000) / 1000.0;
    }
    const kg_status status = run_trial(f, n, x, y, err);
    free(x);
    free(y);
    if (status == KG_ERR_NUMERIC) { /* numbers of no meaning: the real ones will tell */
        count_step(f);
        return KG_OK;
    }
    return status;
}

/* ---- phases ---------------------------------------------------------------------------------------- */

/* What BLAS packs rows into while a wide layer scores many: for narrow ones it reuses a small part. */
static size_t packing_bytes(const work *f, size_t n_rows)
{
    size_t bytes = 0;
    for (int l = 0; l < f->copy->n_layers; l++) {
        const kgi_layer *layer = f->copy->layers[l];
        if (layer->info == &kgi_layer_dense && layer->n_out > NARROW) {
            bytes =
                n_rows * PACKED_ROW_BYTES < PACKED_BYTES ? n_rows * PACKED_ROW_BYTES : PACKED_BYTES;
        }
    }
    return bytes;
}

static void count_rows(work *f)
{
    kg_preflight *out = f->out;
    const size_t column_bytes = (size_t)out->n_columns * sizeof(double);
    const size_t feature_bytes = (size_t)out->n_features * sizeof(double) + sizeof(int);
    const size_t n_rows = (size_t)out->n_train + (size_t)out->n_val + (size_t)out->n_test;
    const size_t split =
        out->n_val ? ((size_t)out->n_train + (size_t)out->n_val) * column_bytes : 0;
    out->prepared_bytes = n_rows * feature_bytes;
    const size_t applying = out->prepared_bytes + BLOCK_BYTES;
    out->fit_bytes = split + (f->cost.fit_bytes > applying ? f->cost.fit_bytes : applying) +
                     (f->cost.flops > 0 ? FIT_CODE_BYTES : 0);
    const size_t n_most = (size_t)(out->n_train > out->n_test ? out->n_train : out->n_test);
    out->train_bytes +=
        kgi_model_run_bytes(f->copy, (int)n_most) + packing_bytes(f, n_most) +
        n_most * sizeof(int) +
        (size_t)out->n_test * ((size_t)out->n_classes * sizeof(double) + RUN_FILE_BYTES);
    const size_t later = out->prepared_bytes + out->train_bytes;
    const size_t code = f->cost.flops > 0 ? FIT_CODE_BYTES : 0; /* it stays */
    const size_t more = out->fit_bytes > later + code ? out->fit_bytes : later + code;
    const size_t so_far = kgi_memory_peak_bytes();
    out->peak_bytes = out->resident_bytes + more + RUN_CODE_BYTES;
    if (so_far > f->peak_before) { /* building and trying took it: in the run rows stand beside */
        const size_t with_rows = so_far + out->prepared_bytes + RUN_CODE_BYTES;
        out->peak_bytes = out->peak_bytes > with_rows ? out->peak_bytes : with_rows;
    }
    out->peak_bytes = out->peak_bytes > so_far ? out->peak_bytes : so_far;
    out->row_bytes = column_bytes +
                     (f->fit_row_bytes > feature_bytes ? f->fit_row_bytes : feature_bytes) +
                     (out->n_val ? column_bytes : 0);
}

static void count_seconds(work *f)
{
    kg_preflight *out = f->out;
    out->fit_seconds = f->cost.flops / (f->peak_flops * fit_share) + f->cost.passes * pass_seconds +
                       pass_seconds * out->n_columns * ((double)out->n_train + out->n_test);
    const double scored = (double)out->n_train + out->n_test;
    out->step_seconds = f->step_seconds;
    double seed = out->n_steps * f->step_seconds + 2.0 * f->call_seconds + scored * f->row_seconds;
    if (f->options.baselines && strcmp(f->options.baselines, "none") != 0 &&
        strcmp(f->options.baselines, "false") != 0) { /* logistic regression, to speak of */
        const double flops = 6.0 * out->n_features * out->n_classes * f->batch;
        seed += f->training.steps * (step_overhead + flops / slow_flops);
    }
    out->seconds = out->fit_seconds + out->n_seeds * seed;
}

/* ---- the whole ------------------------------------------------------------------------------------- */

/* The circuit of the first layer that has one, as kg_model_plan() has its plan. */
static const kg_circuit *first_circuit(const kg_model *model)
{
    kg_model_layer layer;
    for (int i = 0; kg_model_get_layer(model, i, &layer); i++) {
        if (layer.circuit) {
            return layer.circuit;
        }
    }
    return NULL;
}

static kg_status build_copy(work *f, kg_error *err)
{
    kg_preflight *out = f->out;
    kg_status status =
        kg_model_create(&f->copy, kg_model_name(f->model), kg_model_get_options(f->model), err);
    if (!status) {
        f->copy->image[0] = f->cost.height;
        f->copy->image[1] = f->cost.width;
        status = kg_model_build(f->copy, f->cost.n_features, out->n_classes, NULL, err);
    }
    if (!status) { /* so that the plan is that of the steps */
        status = kgi_model_expect(f->copy, f->batch, err);
    }
    if (status) {
        return status;
    }
    out->n_features = f->copy->n_features;
    out->n_params = f->copy->n_params;
    out->n_outputs = f->copy->n_outputs;
    out->has_plan = kg_model_plan(f->copy) != NULL;
    if (out->has_plan) {
        const kg_circuit *circuit = first_circuit(f->copy);
        kg_plan_get_report(kg_model_plan(f->copy), &out->plan);
        out->n_ops = circuit ? kg_circuit_n_ops(circuit) : 0;
        out->depth = circuit ? kg_circuit_depth(circuit) : 0;
        out->n_entangling = circuit ? kg_circuit_n_entangling(circuit) : 0;
    }
    return KG_OK;
}

static kg_status estimate(work *f, const kg_dataset *train, int time, kg_error *err)
{
    kg_preflight *out = f->out;
    kgi_pipeline_cost twice = {0};
    kg_status status = kgi_pipeline_cost_of(f->model, train, out->n_train, &f->cost, err);
    if (!status) {
        status = kgi_pipeline_cost_of(f->model, train, 2 * out->n_train, &twice, err);
        f->fit_row_bytes = (twice.fit_bytes - f->cost.fit_bytes) / (size_t)out->n_train;
    }
    f->batch = f->training.batch < out->n_train ? f->training.batch : out->n_train;
    f->peak_before = kgi_memory_peak_bytes();
    if (!status) {
        status = build_copy(f, err);
    }
    if (!status) {
        status = kgi_baselines_check(f->options.baselines, f->copy, err);
    }
    if (status) {
        return status;
    }
    out->n_steps = f->model->row->fit ? 0 : f->training.steps;
    f->peak_flops = time ? kg_kernels_peak_flops(NULL, f->model->options.precision) : 0;
    if (!out->n_steps) {
        out->train_bytes = companion_bytes(f);
    } else if (model_flops(f->copy) * f->batch / slow_flops < cheap_seconds) {
        status = try_step(f, err);
    } else {
        count_step(f);
    }
    if (!status) {
        count_rows(f);
    }
    if (!status && time) {
        count_seconds(f);
    }
    return status;
}

kg_status kg_preflight_estimate(kg_preflight *out, const kg_model *model, const kg_dataset *train,
                                const kg_dataset *test, const kg_train_options *training,
                                const kg_experiment_options *options, int time, kg_error *err)
{
    work f = {.out = out,
              .model = model,
              .training = KG_TRAIN_OPTIONS_INIT,
              .options = KG_EXPERIMENT_OPTIONS_INIT};
    kg_status status =
        kgi_options_take(kg_train_options_table(), &f.training, sizeof f.training, training, err);
    if (!status) {
        status = kgi_options_take(kg_experiment_options_table(), &f.options, sizeof f.options,
                                  options, err);
    }
    int n_val = 0;
    if (!status) {
        status = kgi_experiment_check(&f.options, train, test, &n_val, err);
    }
    if (status) {
        return status;
    }
    *out = (kg_preflight){.n_train = kg_dataset_n_rows(train) - n_val,
                          .n_val = n_val,
                          .n_test = kg_dataset_n_rows(test),
                          .n_columns = kg_dataset_n_features(train),
                          .n_classes = kg_dataset_n_classes(train),
                          .n_seeds = f.options.seeds,
                          .resident_bytes = kgi_memory_resident_bytes(),
                          .available_bytes = kgi_memory_available_bytes()};
    status = estimate(&f, train, time, err);
    kg_model_destroy(f.copy);
    return status;
}

kg_status kg_preflight_check(const kg_preflight *flight, size_t max_bytes, kg_error *err)
{
    const size_t system = flight->available_bytes > SIZE_MAX - flight->resident_bytes
                              ? SIZE_MAX
                              : flight->resident_bytes + flight->available_bytes;
    const size_t limit = max_bytes && max_bytes < system ? max_bytes : system;
    if (flight->peak_bytes <= limit) {
        return KG_OK;
    }
    const size_t rows = (size_t)flight->n_train + (size_t)flight->n_val;
    const size_t excess = (flight->peak_bytes - limit + MARGIN_BYTES) / flight->row_bytes + 1;
    const char *allowed = limit == max_bytes ? "allowed" : "available";
    if (excess < rows) {
        return kgi_fail(err, KG_ERR_MEMORY,
                        "this run needs about %zu bytes at its peak, %zu are %s; with at most %zu "
                        "training rows (train_rows) it would fit",
                        flight->peak_bytes, limit, allowed, rows - excess);
    }
    return kgi_fail(err, KG_ERR_MEMORY,
                    "this run needs about %zu bytes at its peak, %zu are %s; fewer rows alone do "
                    "not help: fewer qubits, threads or a smaller batch do",
                    flight->peak_bytes, limit, allowed);
}
