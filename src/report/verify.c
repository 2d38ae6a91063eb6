/* SPDX-License-Identifier: Apache-2.0 */
/* A run once more, from its run.json alone, and its bits beside those of the first time.
 *
 * The repetition writes a run folder of its own in the scratch folder, through the same code as the run
 * did, so that what is compared is whole files; then it is removed. A run that was interrupted is stopped
 * after the same number of steps. */
#include "report/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/linalg.h"
#include "base/options.h"
#include "base/status.h"

enum { MAX_BYTES = 1 << 30 };

static const char *const compared[] = {KGI_RUN_MODEL, KGI_RUN_METRICS, KGI_RUN_METRICS_CSV,
                                       KGI_RUN_PREDICTIONS};
enum { N_COMPARED = sizeof compared / sizeof *compared };

typedef struct verification {
    const kg_run_record *then;
    const kg_verify_options *options;
    const kg_dataset *train;
    const kg_dataset *test;
    char *folder; /* of the repetition */
    kg_run *run;
    const kg_trainer *trainer;
    int asked_to_stop;
} verification;

/* ---- the repetition ----------------------------------------------------------------------------------- */

static void on_step(const kg_step *step, void *user)
{
    verification *v = user;
    kg_run_log(v->run, step);
    if (v->options->on_step) {
        v->options->on_step(step, v->options->user);
    }
}

static void on_epoch(const kg_epoch *epoch, void *user)
{
    kg_run_log_epoch(((verification *)user)->run, epoch);
}

static int should_stop(void *user)
{
    verification *v = user;
    if (v->options->should_stop && v->options->should_stop(v->options->user)) {
        v->asked_to_stop = 1;
    }
    const int was_stopped = v->then->result.stop == KG_STOP_CALLBACK;
    return v->asked_to_stop ||
           (was_stopped && v->trainer && kg_trainer_n_steps(v->trainer) >= v->then->result.steps);
}

static kg_status on_trainer(kg_trainer *trainer, uint64_t seed, void *user, kg_error *err)
{
    verification *v = user;
    (void)seed;
    v->trainer = trainer;
    return kg_run_begin(v->run, trainer, err);
}

static kg_status on_seed(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    verification *v = user;
    return v->asked_to_stop ? KG_OK : kg_run_finish(v->run, model, result, 0, err);
}

static kg_status repeat(verification *v, kg_model **model, kg_error *err)
{
    kg_model_options model_options = v->then->model_options;
    kg_train_options training = v->then->training;
    kg_experiment_options experiment = v->then->experiment;
    kg_run_info info = KG_RUN_INFO_INIT;
    kg_experiment *result = NULL;
    model_options.threads = v->options->threads;
    training.seed = v->then->result.seed;
    training.on_step = on_step;
    training.on_epoch = on_epoch;
    training.should_stop = should_stop;
    training.user = v;
    experiment.seeds = 1;
    experiment.baselines = "none";
    experiment.on_trainer = on_trainer;
    experiment.on_seed = on_seed;
    experiment.user = v;
    info.training = &training;
    info.threads = v->options->threads;
    kg_status status = kg_model_create(model, v->then->model, &model_options, err);
    if (!status) {
        status = kg_run_create(&v->run, v->folder, &info, err);
    }
    if (!status) {
        status = kg_experiment_run(&result, *model, v->train, v->test, &training, &experiment, err);
    }
    kg_run_destroy(v->run);
    kg_experiment_destroy(result);
    return status;
}

/* ---- comparing ---------------------------------------------------------------------------------------- */

static kg_status read_file(const char *folder, const char *name, unsigned char **bytes, size_t *n,
                           kg_error *err)
{
    char *path = kgi_run_path(folder, name, "");
    const kg_status status = path ? kgi_file_read(path, MAX_BYTES, bytes, n, err)
                                  : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    free(path);
    return status;
}

static kg_status compare(kg_verify_file *file, const char *then, const char *now, kg_error *err)
{
    unsigned char *a = NULL, *b = NULL;
    kg_status status = read_file(then, file->name, &a, &file->n_then, err);
    if (!status) {
        status = read_file(now, file->name, &b, &file->n_now, err);
    }
    if (!status) {
        const size_t n = file->n_then < file->n_now ? file->n_then : file->n_now;
        file->line = strcmp(file->name, KGI_RUN_MODEL) != 0;
        for (; file->first < n && a[file->first] == b[file->first]; file->first++) {
            file->line += file->line && a[file->first] == '\n';
        }
        file->same = file->n_then == file->n_now && file->first == n;
    }
    free(a);
    free(b);
    return status;
}

/* Files that the run has not got (an older version wrote it) are left out; a missing model is an error. */
static kg_status compare_all(kg_verify *report, const verification *v, kg_error *err)
{
    kg_status status = KG_OK;
    report->same = 1;
    for (int i = 0; i < N_COMPARED && !status; i++) {
        int exists = 0;
        status = kgi_run_has(&exists, v->then->folder, compared[i], "", err);
        if (status || (!exists && i)) {
            continue;
        }
        kg_verify_file *file = &report->files[report->n_files++];
        *file = (kg_verify_file){.name = compared[i]};
        status = compare(file, v->then->folder, v->folder, err);
        report->same &= file->same;
    }
    return status;
}

static void remove_all(const char *folder)
{
    static const char *const names[] = {KGI_RUN_MODEL,       KGI_RUN_METRICS, KGI_RUN_METRICS_CSV,
                                        KGI_RUN_PREDICTIONS, KGI_RUN_JSON,    KGI_RUN_CHECKPOINT};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = kgi_run_path(folder, names[i], "");
        if (path) {
            (void)unlink(path);
        }
        free(path);
    }
    (void)rmdir(folder);
}

/* What rounds: engine, kernels and BLAS, then and now. */
static void note_machines(kg_verify *report, const kg_run_record *then, const kg_model *model)
{
    const json_t *machine = json_object_get(kgi_record_json(then), "machine");
    const char *engine = json_string_value(json_object_get(machine, "engine"));
    const char *blas = json_string_value(json_object_get(machine, "blas"));
    const kg_plan *plan = model ? kg_model_plan(model) : NULL;
    kg_plan_report now = {0};
    if (plan) {
        kg_plan_get_report(plan, &now);
    }
    if (engine && then->kernels) {
        (void)snprintf(report->kernels_then, sizeof report->kernels_then, "%s %s", engine,
                       then->kernels);
    }
    if (now.engine && now.kernels) {
        (void)snprintf(report->kernels_now, sizeof report->kernels_now, "%s %s", now.engine,
                       now.kernels);
    }
    (void)snprintf(report->blas_then, sizeof report->blas_then, "%s", blas ? blas : "");
    (void)snprintf(report->blas_now, sizeof report->blas_now, "%s", kgi_blas_name());
    (void)snprintf(report->version_then, sizeof report->version_then, "%s", then->version);
}

/* ---- the public door ------------------------------------------------------------------------------------- */

static kg_status check_state(const char *folder, kg_error *err)
{
    kg_run_record *record = NULL;
    kg_status status = kgi_record_find(&record, folder, err);
    if (!status && !record) {
        status = kgi_fail(err, KG_ERR_IO, "%s: no run here", folder);
    }
    if (!status && record->state > KG_RUN_INTERRUPTED) {
        status = kgi_fail(err, KG_ERR_UNSUPPORTED, "%s: the run is not finished (%s)", folder,
                          kg_run_state_name(record->state));
    }
    kg_run_record_destroy(record);
    return status;
}

/* A folder that is not there yet. */
static kg_status name_folder(verification *v, kg_error *err)
{
    kgi_text name = {0};
    char *leaf = NULL;
    kgi_text_printf(&name, "ketgrad-verify-%ld", (long)getpid());
    const kg_status status = kgi_text_finish(&name, &leaf, err);
    v->folder = leaf ? kgi_run_path(v->options->scratch, leaf, "") : NULL;
    free(leaf);
    return !status && !v->folder ? kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path") : status;
}

static kg_status verify(kg_verify *report, verification *v, kg_run_record *then, kg_error *err)
{
    kg_model *model = NULL;
    kg_dataset *train = NULL, *test = NULL;
    kg_run_data data = then->data;
    data.data_folder = v->options->data_folder ? v->options->data_folder : data.data_folder;
    v->then = then;
    kg_status status = kg_run_data_load(&train, &test, &data, err);
    if (!status) {
        status = kg_run_check_data(then, train, test, err);
    }
    if (!status) {
        status = name_folder(v, err);
    }
    v->train = train;
    v->test = test;
    if (!status) {
        status = repeat(v, &model, err);
        report->stopped = v->asked_to_stop;
        note_machines(report, then, model);
        if (!status && !report->stopped) {
            status = compare_all(report, v, err);
        }
        remove_all(v->folder);
    }
    free(v->folder);
    kg_model_destroy(model);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    return status;
}

kg_status kg_run_verify(kg_verify *report, const char *folder, const kg_verify_options *options,
                        kg_error *err)
{
    kg_verify_options own = KG_VERIFY_OPTIONS_INIT;
    verification v = {.options = &own};
    kg_run_record *then = NULL;
    *report = (kg_verify){0};
    if (options) {
        const size_t bytes = options->struct_size < sizeof own ? options->struct_size : sizeof own;
        memcpy(&own, options, bytes);
    }
    kg_status status = check_state(folder, err);
    if (!status) {
        status = kg_run_load(&then, folder, err);
    }
    if (!status) {
        status = verify(report, &v, then, err);
    }
    kg_run_record_destroy(then);
    return status;
}
