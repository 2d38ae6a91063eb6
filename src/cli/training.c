/* SPDX-License-Identifier: Apache-2.0 */
/* One training from options to run folders: what `train` and `demo` share.
 *
 * The folder of the first seed is made before training begins, so that an output that cannot be written
 * is found before an hour is spent. A run that fails at once leaves nothing; an interrupted one is complete
 * and can be gone on with, as can one that was killed: seeds that are finished are not trained again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_PATH = 4096 };

typedef struct job {
    const cli_training *training;
    char folder[MAX_PATH]; /* of the run, or of the folders of its seeds */
    int made_folder;       /* it is numbered, and ours to remove */
    kg_run_info info;
    kg_run_lock *lock; /* of the folder of the seeds' folders */
    kg_run *run;       /* of the seed in work */
    uint64_t seed;     /* of that run */
    int was_done;      /* the seed in work was done before this program */
    int n_done;        /* seeds with a complete run */
    kg_error error;
} job;

static void name_folder(const job *j, uint64_t seed, char *folder, size_t size)
{
    if (j->training->seed_folders) {
        (void)snprintf(folder, size, "%s/seed-%llu", j->folder, (unsigned long long)seed);
    } else {
        (void)snprintf(folder, size, "%s", j->folder);
    }
}

/* Whether a seed of a run that is gone on with has begun; *record is NULL if it has not. */
static kg_status find_run(const job *j, uint64_t seed, kg_run_record **record, kg_error *err)
{
    char folder[MAX_PATH + 32];
    int has_seeds = 0;
    kg_error below = {KG_OK, ""};
    *record = NULL;
    if (!j->training->resume) {
        return KG_OK;
    }
    name_folder(j, seed, folder, sizeof folder);
    const kg_status status = kg_run_find(record, folder, &has_seeds, &below);
    return !status || status == KG_ERR_IO ? KG_OK /* there is none */
                                          : cli_fail(err, status, "%s", below.message);
}

/* Opens the run of a seed, if it is not the one in work. */
static void open_run(job *j, uint64_t seed)
{
    char folder[MAX_PATH + 32];
    if (j->error.status || (j->run && j->seed == seed)) {
        return;
    }
    name_folder(j, seed, folder, sizeof folder);
    kg_run_destroy(j->run);
    j->run = NULL;
    j->seed = seed;
    kg_run_record *record = NULL;
    kg_status status = find_run(j, seed, &record, &j->error);
    if (!status && record) {
        status = kg_run_resume(&j->run, folder, &j->info, &j->error);
    } else if (!status) {
        status = kg_run_create(&j->run, folder, &j->info, &j->error);
    }
    if (status) {
        j->run = NULL;
    }
    kg_run_record_destroy(record);
}

/* A seed that is finished keeps its model. */
static kg_status find_seed(kg_model *model, uint64_t seed, kg_seed_result *result, int *found,
                           void *user, kg_error *err)
{
    job *j = user;
    kg_run_record *record = NULL;
    kg_model *saved = NULL;
    char path[MAX_PATH + 64];
    j->was_done = 0;
    kg_status status = find_run(j, seed, &record, err);
    if (!status && record && record->state == KG_RUN_FINISHED && kg_model_n_params(model)) {
        (void)snprintf(path, sizeof path, "%s/model.safetensors", record->folder);
        status = kg_model_load(&saved, path, 1, err);
        if (!status) {
            status =
                kg_model_set_params(model, kg_model_n_params(saved), kg_model_params(saved), err);
        }
        if (!status) {
            *result = record->result;
            *found = j->was_done = 1;
        }
    }
    kg_model_destroy(saved);
    kg_run_record_destroy(record);
    return status;
}

static kg_status on_trainer(kg_trainer *trainer, uint64_t seed, void *user, kg_error *err)
{
    job *j = user;
    open_run(j, seed);
    if (j->error.status) {
        return cli_fail(err, j->error.status, "%s", j->error.message);
    }
    const kg_status status = kg_run_begin(j->run, trainer, err);
    if (!status && kg_trainer_n_steps(trainer)) {
        cli_note("seed %llu goes on after step %d", (unsigned long long)seed,
                 kg_trainer_n_steps(trainer));
    }
    return status;
}

/* --threads, or as many as the batch keeps busy: results are the same for any number, and a team that
 * meets after every few microseconds is slower than one thread, on a busy machine much slower. */
static int choose_threads(const cli_training *t)
{
    enum { ROWS_PER_THREAD = 64 };
    const int busy = t->train_options->batch / ROWS_PER_THREAD;
    const int cores = cli_cores();
    return cli.threads ? cli.threads : busy < 1 ? 1 : busy < cores ? busy : cores;
}

static void on_step(const kg_step *step, void *user)
{
    job *j = user;
    if (j->run) {
        kg_run_log(j->run, step);
    }
    cli_progress_step(step, j->n_done + 1, j->training->experiment_options->seeds);
}

static void on_epoch(const kg_epoch *epoch, void *user)
{
    job *j = user;
    if (j->run) {
        kg_run_log_epoch(j->run, epoch);
    }
    cli_progress_epoch(epoch);
}

static void on_warning(const kg_warning *warning, void *user)
{
    job *j = user;
    open_run(j, warning->seed); /* it may come before on_trainer() */
    if (j->run) {
        kg_run_warn(j->run, warning);
    }
    cli_progress_warning(warning);
}

static kg_status on_checkpoint(const kg_trainer *trainer, void *user, kg_error *err)
{
    job *j = user;
    return j->run ? kg_run_checkpoint(j->run, trainer, err) : KG_OK;
}

static int should_stop(void *user)
{
    job *j = user;
    if (j->run && !j->error.status) {
        (void)!kg_run_check(j->run, &j->error);
    }
    return cli_signal() || j->error.status;
}

static kg_status on_seed(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    job *j = user;
    if (j->was_done) {
        j->n_done++;
        return KG_OK;
    }
    open_run(j, result->seed); /* if not a step was taken */
    if (j->error.status) {
        return cli_fail(err, j->error.status, "%s", j->error.message);
    }
    const int exit_code = result->stop == KG_STOP_CALLBACK ? 128 + cli_signal() : 0;
    const kg_status status = kg_run_finish(j->run, model, result, exit_code, err);
    kg_run_destroy(j->run);
    j->run = NULL;
    if (!status) {
        j->n_done++;
        cli_progress_seed(result, j->n_done, j->training->experiment_options->seeds);
    }
    return status;
}

static kg_status choose_folder(job *j, kg_error *err)
{
    const char *folder = j->training->resume ? j->training->resume : cli.out;
    if (folder) {
        if (strlen(folder) >= MAX_PATH) {
            return cli_fail(err, KG_ERR_ARGUMENT, "%s has %zu characters, not at most %d",
                            j->training->resume ? "resume" : "out", strlen(folder), MAX_PATH - 1);
        }
        (void)snprintf(j->folder, sizeof j->folder, "%s", folder);
        return KG_OK;
    }
    char *path = NULL;
    const kg_status status = kg_run_folder(&path, "runs", j->training->run_name, err);
    if (!status) {
        (void)snprintf(j->folder, sizeof j->folder, "%s", path);
        j->made_folder = 1;
    }
    kg_free(path);
    return status;
}

/* What a run in the folder of --out is to this training. */
typedef enum old_run { OLD_OTHER, OLD_REPLACED, OLD_IN_THE_WAY } old_run;

static old_run judge_old(const job *j, const kg_run_record *record)
{
    const cli_training *t = j->training;
    const uint64_t nth = record->result.seed - t->train_options->seed;
    const char *below = record->folder + strlen(j->folder); /* "", "/seed-2", "/elsewhere" */
    below += strspn(below, "/");
    if (*below && (strncmp(below, "seed-", 5) != 0 || strchr(below, '/'))) {
        return OLD_OTHER; /* a run of its own */
    }
    if (record->state == KG_RUN_GOING) {
        return OLD_OTHER; /* its lock will speak */
    }
    const int fits =
        t->seed_folders ? *below && nth < (uint64_t)t->experiment_options->seeds : !*below;
    return fits && record->state == KG_RUN_FINISHED ? OLD_REPLACED : OLD_IN_THE_WAY;
}

/* A run in the folder of --out is replaced if it is finished. One that can be gone on with would be lost,
 * and other seeds would later be taken for those of this training. */
static kg_status refuse_old_runs(const job *j, kg_error *err)
{
    kg_run_list *list = NULL;
    const kg_run_record *old = NULL;
    kg_status status = kg_run_list_load(&list, j->folder, err);
    for (int i = 0; !status && (old = kg_run_list_get(list, i)); i++) {
        if (judge_old(j, old) != OLD_IN_THE_WAY) {
            continue;
        }
        if (old->state != KG_RUN_FINISHED) {
            status = cli_fail(err, KG_ERR_IO,
                              "%s: holds a run that is not finished: choose another folder, or go "
                              "on with --resume %s",
                              old->folder, j->folder);
        } else {
            status =
                cli_fail(err, KG_ERR_IO,
                         "%s: holds a run that is none of this training: choose another folder",
                         old->folder);
        }
    }
    kg_run_list_destroy(list);
    return status;
}

/* So many steps that every row is seen so often. */
static kg_status count_steps(const cli_training *t, const kg_dataset *train, kg_error *err)
{
    const kg_experiment_options *experiment = t->experiment_options;
    const long long all = kg_dataset_n_rows(train);
    const long long n_val = experiment->val_rows
                                ? experiment->val_rows
                                : (long long)(experiment->val_fraction * (double)all + 0.5);
    const long long rows = all > n_val ? all - n_val : 1; /* else it is refused later */
    const long long batch = t->train_options->batch < rows ? t->train_options->batch : rows;
    const long long steps = (t->epochs * rows + batch - 1) / batch;
    if (steps > 100000000) {
        return cli_fail(err, KG_ERR_ARGUMENT,
                        "--epochs is %d, which is %lld steps, not at most 100000000", t->epochs,
                        steps);
    }
    t->train_options->steps = t->epochs ? (int)steps : t->train_options->steps;
    return KG_OK;
}

static kg_status print_results(const kg_experiment *experiment, const job *j, kg_error *err)
{
    char *text = NULL;
    const kg_status status = cli.json ? kg_experiment_format(&text, experiment, err)
                                      : kg_experiment_table(&text, experiment, err);
    if (!status) {
        (void)fputs(text, cli_results());
    }
    kg_free(text);
    if (!status) {
        const char *self = cli.argv[0]; /* as it was called: these lines can be pasted */
        if (cli_signal()) {
            cli_note_after("interrupted: %s can be gone on with\nnext  %s train --resume %s",
                           j->folder, self, j->folder);
            return status;
        }
        cli_note_after("wrote %s (%d run%s: run.json, metrics.jsonl, model.safetensors)\n"
                       "next  %s eval %s\n      %s show %s\n      %s runs",
                       j->folder, j->n_done, j->n_done == 1 ? "" : "s", self, j->folder, self,
                       j->folder, self);
    }
    return status;
}

/* Trains; the data is there. */
static kg_status run_job(job *j, kg_model *model, kg_experiment **experiment, kg_error *err)
{
    const cli_training *t = j->training;
    kg_status status = choose_folder(j, err);
    if (!status && !t->resume && !j->made_folder) {
        status = refuse_old_runs(j, err);
    }
    if (!status && t->seed_folders) {
        status = kg_run_lock_take(&j->lock, j->folder, err);
    }
    if (!status && t->resumed) {
        status = kg_run_check_data(t->resumed, j->info.train, j->info.test, err);
    }
    if (!status) {
        if (!t->resume) {
            open_run(j, t->train_options->seed);
        }
        status = j->error.status ? cli_fail(err, j->error.status, "%s", j->error.message) : KG_OK;
    }
    if (!status) {
        cli_catch_signals();
        status = kg_experiment_run(experiment, model, j->info.train, j->info.test, t->train_options,
                                   t->experiment_options, err);
    }
    if (!status && j->error.status) {
        status = cli_fail(err, j->error.status, "%s", j->error.message);
    }
    if (!status && (t->seed_folders || j->n_done)) {
        status = kg_experiment_save(*experiment, j->folder, err);
    }
    kg_run_destroy(j->run);
    j->run = NULL;
    kg_run_lock_release(j->lock);
    if (status && j->made_folder) {
        (void)rmdir(j->folder); /* only if nothing is in it */
        (void)rmdir("runs");
    }
    return status;
}

/* Fills what the options leave to this program, and ties the callbacks to the job. */
static void tie(job *j)
{
    const cli_training *t = j->training;
    t->data->data_folder = cli_data_folder(t->data->data_folder);
    t->model_options->threads = choose_threads(t);
    if (!t->resume) {
        t->train_options->seed = cli.seed;
    }
    t->train_options->on_step = on_step;
    t->train_options->on_epoch = on_epoch;
    t->train_options->on_warning = on_warning;
    t->train_options->on_checkpoint = on_checkpoint;
    t->train_options->should_stop = should_stop;
    t->train_options->user = j;
    t->experiment_options->on_seed = on_seed;
    t->experiment_options->find_seed = find_seed;
    t->experiment_options->on_trainer = on_trainer;
    t->experiment_options->user = j;
    j->info.n_arguments = cli.argc;
    j->info.arguments = (const char *const *)cli.argv;
    j->info.data = t->data;
    j->info.training = t->train_options;
    j->info.experiment = t->experiment_options;
    j->info.threads = t->model_options->threads;
}

int cli_train(const cli_training *training, kg_error *err)
{
    job j = {.training = training, .info = KG_RUN_INFO_INIT};
    kg_model *model = NULL;
    kg_dataset *train = NULL;
    kg_dataset *test = NULL;
    kg_experiment *experiment = NULL;
    tie(&j);
    kg_status status = kg_model_create(&model, training->model, training->model_options, err);
    if (!status) {
        status = cli_preflight_data(training->data, err);
    }
    if (!status) {
        status = kg_run_data_load(&train, &test, training->data, err);
    }
    if (!status) {
        j.info.train = train;
        j.info.test = test;
        status = count_steps(training, train, err);
    }
    int is_done = 0; /* --dry-run */
    if (!status) {
        status = cli_preflight(model, train, test, training->train_options,
                               training->experiment_options, &is_done, err);
    }
    if (!status && !is_done) {
        status = run_job(&j, model, &experiment, err);
    }
    if (!status && !is_done) {
        status = print_results(experiment, &j, err);
    }
    int code = (int)status;
    if (!status && cli_signal()) {
        code = 128 + cli_signal();
    } else if (!status && experiment &&
               experiment->test_accuracy.mean < training->require_accuracy) {
        cli_note("ketgrad: test accuracy %.6g is below the required %.6g",
                 experiment->test_accuracy.mean, training->require_accuracy);
        code = CLI_ANSWER_NO;
    }
    kg_experiment_destroy(experiment);
    kg_model_destroy(model);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    return code;
}
