/* SPDX-License-Identifier: Apache-2.0 */
/* Run folders that are cut off and gone on with, locks, states, and runs that are repeated. */
#include <ketgrad/report.h>

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "refused.h"

static char home[SCRATCH_BYTES];

static int set_up(void **state)
{
    (void)state;
    scratch_enter(home);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(home);
    return 0;
}

static int there(const char *path)
{
    return !access(path, F_OK);
}

/* ---- one training into a folder, as a program does it ----------------------------------------------------- */

typedef struct job {
    const char *folder;
    int resume;
    int kill_at; /* this step is the last that is taken; then the program is gone. 0: never */
    int stop_at; /* asked to stop after this step */
    kg_run_data data;
    kg_train_options training;
    kg_experiment_options experiment;
    kg_run_info info;
    kg_run *run;
    const kg_trainer *trainer;
} job;

static void on_step(const kg_step *step, void *user)
{
    job *j = user;
    kg_run_log(j->run, step);
    if (j->kill_at && step->step == j->kill_at) {
        _exit(9); /* nothing is flushed, nothing removed */
    }
}

static void on_epoch(const kg_epoch *epoch, void *user)
{
    kg_run_log_epoch(((job *)user)->run, epoch);
}

static void on_warning(const kg_warning *warning, void *user)
{
    job *j = user;
    if (j->run) {
        kg_run_warn(j->run, warning);
    }
}

static int should_stop(void *user)
{
    job *j = user;
    return j->stop_at && kg_trainer_n_steps(j->trainer) >= j->stop_at;
}

static kg_status on_checkpoint(const kg_trainer *trainer, void *user, kg_error *err)
{
    return kg_run_checkpoint(((job *)user)->run, trainer, err);
}

static kg_status on_trainer(kg_trainer *trainer, uint64_t seed, void *user, kg_error *err)
{
    job *j = user;
    (void)seed;
    j->trainer = trainer;
    return kg_run_begin(j->run, trainer, err);
}

static kg_status on_seed(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    job *j = user;
    return kg_run_finish(j->run, model, result, result->stop == KG_STOP_CALLBACK ? 130 : 0, err);
}

static job make(const char *folder, int resume)
{
    job j = {.folder = folder,
             .resume = resume,
             .data = KG_RUN_DATA_INIT,
             .training = KG_TRAIN_OPTIONS_INIT,
             .experiment = KG_EXPERIMENT_OPTIONS_INIT,
             .info = KG_RUN_INFO_INIT};
    j.data.train_rows = 60;
    j.data.test_rows = 20;
    j.training.steps = 30;
    j.training.batch = 8;
    j.training.lr = 1e-6; /* something is warned of, at the end */
    j.training.optimizer = "adam";
    j.training.checkpoint_every = 7;
    j.experiment.baselines = "none";
    j.experiment.val_rows = 10;
    return j;
}

static kg_status train(job *j, kg_error *err)
{
    kg_model_options m = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_dataset *rows = NULL, *test = NULL;
    kg_experiment *e = NULL;
    m.qubits = 4;
    j->training.on_step = on_step;
    j->training.on_epoch = on_epoch;
    j->training.on_warning = on_warning;
    j->training.on_checkpoint = on_checkpoint;
    j->training.should_stop = should_stop;
    j->training.user = j;
    j->experiment.on_trainer = on_trainer;
    j->experiment.on_seed = on_seed;
    j->experiment.user = j;
    assert_int_equal(kg_model_create(&model, "qcnn", &m, NULL), KG_OK);
    assert_int_equal(kg_run_data_load(&rows, &test, &j->data, NULL), KG_OK);
    j->info.data = &j->data;
    j->info.train = rows;
    j->info.test = test;
    j->info.training = &j->training;
    j->info.experiment = &j->experiment;
    kg_status status = j->resume ? kg_run_resume(&j->run, j->folder, &j->info, err)
                                 : kg_run_create(&j->run, j->folder, &j->info, err);
    if (!status) {
        status = kg_experiment_run(&e, model, rows, test, &j->training, &j->experiment, err);
    }
    kg_run_destroy(j->run);
    kg_experiment_destroy(e);
    kg_model_destroy(model);
    kg_dataset_destroy(rows);
    kg_dataset_destroy(test);
    return status;
}

/* A program of its own, which is gone after step k. */
static void train_and_die(const char *folder, int resume, int k)
{
    const pid_t child = fork();
    int how = 0;
    assert_true(child >= 0);
    if (child == 0) {
        job j = make(folder, resume);
        j.kill_at = k;
        _exit(train(&j, NULL) ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 9);
}

static void assert_same_runs(const char *a, const char *b)
{
    static const char *const names[] = {"model.safetensors", "metrics.jsonl", "metrics.csv",
                                        "predictions.csv"};
    for (int i = 0; i < 4; i++) {
        char one[128], other[128];
        (void)snprintf(one, sizeof one, "%s/%s", a, names[i]);
        (void)snprintf(other, sizeof other, "%s/%s", b, names[i]);
        fixture_assert_same_files(one, other);
    }
}

/* ---- going on ------------------------------------------------------------------------------------------------ */

/* Killed after every step, 1 to 30, then gone on with: files as if nothing had happened. */
static void killed_at_every_step(void **state)
{
    (void)state;
    job whole = make("whole", 0);
    assert_int_equal(train(&whole, NULL), KG_OK);
    for (int k = 1; k <= 30; k++) {
        char folder[16];
        (void)snprintf(folder, sizeof folder, "cut-%d", k);
        train_and_die(folder, 0, k);
        assert_true(there(folder));
        job rest = make(folder, 1);
        assert_int_equal(train(&rest, NULL), KG_OK);
        assert_same_runs("whole", folder);
    }
}

static void killed_again_and_again(void **state)
{
    (void)state;
    kg_run_record *record = NULL;
    job whole = make("whole", 0), rest = make("cut", 1);
    assert_int_equal(train(&whole, NULL), KG_OK);
    train_and_die("cut", 0, 9);
    train_and_die("cut", 1, 12);
    train_and_die("cut", 1, 8);
    train_and_die("cut", 1, 22);
    train_and_die("cut", 1, 23);
    assert_int_equal(train(&rest, NULL), KG_OK);
    assert_same_runs("whole", "cut");
    assert_false(there("cut/checkpoint.safetensors") || there("cut/run.json.part") ||
                 there("cut/metrics.jsonl.part") || there("cut/metrics.csv.part"));
    assert_int_equal(kg_run_load(&record, "cut", NULL), KG_OK);
    assert_int_equal(record->state, KG_RUN_FINISHED);
    assert_int_equal(record->n_warnings, 1);
    kg_run_record_destroy(record);
}

static void interrupted_and_gone_on_with(void **state)
{
    (void)state;
    kg_run_record *record = NULL;
    job whole = make("whole", 0), first = make("cut", 0), rest = make("cut", 1);
    assert_int_equal(train(&whole, NULL), KG_OK);
    first.stop_at = 17;
    assert_int_equal(train(&first, NULL), KG_OK);
    assert_int_equal(kg_run_load(&record, "cut", NULL), KG_OK);
    assert_int_equal(record->state, KG_RUN_INTERRUPTED);
    assert_string_equal(record->stop, "interrupted");
    assert_int_equal(record->exit_code, 130);
    assert_int_equal(record->result.steps, 17);
    kg_run_record_destroy(record);
    assert_true(there("cut/checkpoint.safetensors") && there("cut/model.safetensors"));
    train_and_die("cut", 1, 20); /* the interrupted run stays complete meanwhile */
    assert_true(there("cut/run.json") && there("cut/run.json.part"));
    assert_int_equal(kg_run_load(&record, "cut", NULL), KG_OK);
    assert_string_equal(record->stop, "interrupted");
    kg_run_record_destroy(record);
    assert_int_equal(train(&rest, NULL), KG_OK);
    assert_same_runs("whole", "cut");
}

/* ---- what is refused ----------------------------------------------------------------------------------------- */

static void other_options_are_refused(void **state)
{
    (void)state;
    kg_error err = {0};
    train_and_die("cut", 0, 9);
    job rest = make("cut", 1);
    rest.training.optimizer = "sgd";
    assert_refused(
        train(&rest, &err), err, KG_ERR_ARGUMENT,
        "cut/checkpoint.safetensors: belongs to another run: optimizer is adam there, sgd "
        "here");
    rest = make("cut", 1);
    rest.data.train_rows = 50;
    assert_refused(train(&rest, &err), err, KG_ERR_ARGUMENT,
                   "the number of training rows is 50 there, 40 here");
    rest = make("cut", 1);
    rest.data.data_seed = 2;
    assert_refused(train(&rest, &err), err, KG_ERR_ARGUMENT, "the training rows have SHA-256");
    rest = make("cut", 1); /* nothing was lost by that */
    assert_int_equal(train(&rest, NULL), KG_OK);
    rest = make("nothing", 1);
    assert_refused(train(&rest, &err), err, KG_ERR_IO, "nothing: cannot be opened");
    assert_int_equal(mkdir("empty", 0777), 0);
    rest = make("empty", 1);
    assert_refused(train(&rest, &err), err, KG_ERR_IO, "empty: no run here to go on with");
    assert_true(there("empty"));
}

static void metrics_of_another_run_are_refused(void **state)
{
    (void)state;
    kg_error err = {0};
    train_and_die("cut", 0, 9);
    FILE *file = fopen("cut/metrics.jsonl.part", "r+");
    assert_non_null(file);
    (void)fputs("{\"kind\":\"spet", file);
    (void)fclose(file);
    job rest = make("cut", 1);
    assert_refused(train(&rest, &err), err, KG_ERR_FORMAT,
                   "cut/metrics.jsonl.part: does not begin with the ");
    assert_true(there("cut/checkpoint.safetensors"));
}

static void damaged_checkpoints_are_refused(void **state)
{
    (void)state;
    kg_error err = {0};
    train_and_die("cut", 0, 9);
    FILE *file = fopen("cut/checkpoint.safetensors", "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 2000, SEEK_SET), 0);
    (void)fputc('#', file);
    (void)fclose(file);
    job rest = make("cut", 1);
    assert_refused(train(&rest, &err), err, KG_ERR_FORMAT, "cut/checkpoint.safetensors: ");
    assert_int_equal(truncate("cut/checkpoint.safetensors", 100), 0);
    rest = make("cut", 1);
    assert_refused(train(&rest, &err), err, KG_ERR_FORMAT, "cut/checkpoint.safetensors: ");
}

/* ---- locks and states ---------------------------------------------------------------------------------------- */

static void a_second_trainer_is_refused(void **state)
{
    (void)state;
    kg_error err = {0};
    kg_run *one = NULL, *two = NULL;
    kg_run_lock *lock = NULL;
    int how = 0;
    assert_int_equal(kg_run_create(&one, "run", NULL, NULL), KG_OK);
    assert_refused(kg_run_create(&two, "run", NULL, &err), err, KG_ERR_IO,
                   "run: another program is training here");
    assert_null(two);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* another program, which ends without a word while it has the lock */
        kg_run_lock *own = NULL;
        _exit(kg_run_lock_take(&own, "run", NULL) == KG_ERR_IO &&
                      kg_run_lock_take(&own, "other", NULL) == KG_OK
                  ? 9
                  : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 9);
    assert_int_equal(kg_run_lock_take(&lock, "other", NULL), KG_OK);
    kg_run_lock_release(lock);
    kg_run_lock_release(NULL);
    assert_true(there("run/metrics.jsonl.part")); /* the second one removed nothing */
    kg_run_destroy(one);
    assert_false(there("run"));
    assert_int_equal(kg_run_create(&two, "run", NULL, NULL), KG_OK);
    kg_run_destroy(two);
}

static void unfinished_runs_are_listed(void **state)
{
    (void)state;
    kg_run_list *list = NULL;
    kg_run_lock *lock = NULL;
    kg_run_record *record = NULL;
    int has_seeds = -1;
    train_and_die("runs/a", 0, 16);
    job b = make("runs/b/seed-4", 0);
    assert_int_equal(train(&b, NULL), KG_OK);
    assert_int_equal(kg_run_list_load(&list, "runs", NULL), KG_OK);
    const kg_run_record *run = kg_run_list_get(list, 0);
    assert_string_equal(run->folder, "runs/a");
    assert_int_equal(run->state, KG_RUN_UNFINISHED);
    assert_string_equal(run->stop, "unfinished");
    assert_int_equal(run->result.steps, 14); /* of its checkpoint */
    assert_int_equal(run->training.steps, 30);
    assert_true(run->result.has_val);
    assert_in_range(run->result.best_step, 1, 14);
    assert_string_equal(kg_run_state_name(kg_run_list_get(list, 1)->state), "finished");
    assert_null(kg_run_list_get(list, 2));
    assert_int_equal(kg_run_list_n_broken(list), 0);
    kg_run_list_destroy(list);
    assert_int_equal(kg_run_lock_take(&lock, "runs/a", NULL), KG_OK);
    assert_int_equal(kg_run_find(&record, "runs/a", &has_seeds, NULL), KG_OK);
    assert_int_equal(record->state, KG_RUN_GOING);
    assert_int_equal(has_seeds, 0);
    kg_run_record_destroy(record);
    kg_run_lock_release(lock);
    assert_int_equal(kg_run_find(&record, "runs/b", &has_seeds, NULL), KG_OK);
    assert_int_equal(has_seeds, 1);
    assert_string_equal(record->folder, "runs/b/seed-4");
    assert_string_equal(record->training.optimizer, "adam"); /* options come back as they were */
    assert_near(record->training.lr, 1e-6, 0.0);
    assert_int_equal(record->model_options.qubits, 4);
    assert_int_equal(record->experiment.val_rows, 10);
    kg_run_record_destroy(record);
    assert_null(kg_run_state_name(4));
    assert_int_equal(kg_run_select(&record, "runs", NULL, NULL), KG_ERR_IO); /* it has no model */
}

/* Written one after the other under the same name: the older one is what is there until the end. */
static void files_of_a_run_are_complete(void **state)
{
    (void)state;
    char line[512];
    int n_lines = 0, n_epochs = 0;
    job j = make("run", 0);
    assert_int_equal(train(&j, NULL), KG_OK);
    FILE *csv = fopen("run/metrics.csv", "r"), *json = fopen("run/metrics.jsonl", "r");
    assert_non_null(csv);
    assert_non_null(json);
    assert_non_null(fgets(line, sizeof line, csv));
    assert_string_equal(line, "kind,epoch,step,loss,accuracy,val_loss,val_accuracy,grad_norm,lr,"
                              "train_accuracy,test_accuracy\n");
    while (fgets(line, sizeof line, csv)) { /* a row for every line, of the same kind */
        char other[512], kind[32];
        int n_commas = 0;
        for (const char *c = line; *c; c++) {
            n_commas += *c == ',';
        }
        assert_int_equal(n_commas, 10);
        assert_non_null(fgets(other, sizeof other, json));
        (void)snprintf(kind, sizeof kind, "{\"kind\":\"%.*s\"", (int)strcspn(line, ","), line);
        assert_int_equal(strncmp(other, kind, strlen(kind)), 0);
        n_epochs += strstr(other, "\"kind\":\"epoch\"") && strstr(other, "\"val_loss\":");
        n_lines++;
    }
    assert_null(fgets(line, sizeof line, json));
    assert_int_equal(n_epochs, 5); /* 240 rows of 50 drawn: 4 passes, and the end */
    assert_int_equal(n_lines, 30 + 5 + 1);
    (void)fclose(csv);
    (void)fclose(json);
}

/* ---- the same bits again -------------------------------------------------------------------------------------- */

static void runs_are_verified(void **state)
{
    (void)state;
    kg_verify report;
    kg_verify_options options = KG_VERIFY_OPTIONS_INIT;
    kg_error err = {0};
    job whole = make("whole", 0), half = make("half", 0);
    half.stop_at = 11;
    assert_int_equal(train(&whole, NULL), KG_OK);
    assert_int_equal(train(&half, NULL), KG_OK);
    options.threads = 2;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kg_run_verify(&report, i ? "half" : "whole", &options, NULL), KG_OK);
        assert_true(report.same);
        assert_int_equal(report.n_files, 4);
        assert_string_equal(report.kernels_then, report.kernels_now);
        assert_true(report.kernels_now[0] && report.blas_now[0]);
        assert_string_equal(report.blas_then, report.blas_now);
        assert_string_equal(report.version_then, kg_version());
    }
    FILE *file = fopen("whole/metrics.jsonl", "r+");
    assert_non_null(file);
    for (int c = 0, n = 0; n < 2; n += c == '\n') {
        c = fgetc(file);
    }
    const long at = ftell(file) + 4;
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    (void)fputc('?', file);
    (void)fclose(file);
    assert_int_equal(kg_run_verify(&report, "whole", NULL, NULL), KG_OK);
    assert_false(report.same);
    assert_true(report.files[0].same && !report.files[1].same && report.files[2].same);
    assert_string_equal(report.files[1].name, "metrics.jsonl");
    assert_int_equal(report.files[1].first, at);
    assert_int_equal(report.files[1].line, 3);
    train_and_die("cut", 0, 9);
    assert_refused(kg_run_verify(&report, "cut", NULL, &err), err, KG_ERR_UNSUPPORTED,
                   "cut: the run is not finished (unfinished)");
    assert_refused(kg_run_verify(&report, "none", NULL, &err), err, KG_ERR_IO, "none: no run here");
}

/* The rows are compared before anything is trained. */
static void data_that_has_changed_is_named(void **state)
{
    (void)state;
    kg_error err = {0};
    kg_run_record *record = NULL;
    kg_dataset *rows = NULL, *test = NULL;
    job j = make("run", 0);
    assert_int_equal(train(&j, NULL), KG_OK);
    assert_int_equal(kg_run_load(&record, "run", NULL), KG_OK);
    assert_int_equal(kg_run_data_load(&rows, &test, &j.data, NULL), KG_OK);
    assert_int_equal(kg_run_check_data(record, rows, test, NULL), KG_OK);
    assert_refused(kg_run_check_data(record, rows, rows, &err), err, KG_ERR_ARGUMENT,
                   "run: the data is not what it was: 20 test rows then, 60 now");
    kg_dataset_destroy(rows);
    kg_dataset_destroy(test);
    j.data.data_seed = 9;
    assert_int_equal(kg_run_data_load(&rows, &test, &j.data, NULL), KG_OK);
    assert_refused(kg_run_check_data(record, rows, test, &err), err, KG_ERR_ARGUMENT,
                   "generated rows (training) has SHA-256 ");
    kg_dataset_destroy(rows);
    kg_dataset_destroy(test);
    kg_run_record_destroy(record);
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(killed_at_every_step),
        RUN_TEST(killed_again_and_again),
        RUN_TEST(interrupted_and_gone_on_with),
        RUN_TEST(other_options_are_refused),
        RUN_TEST(metrics_of_another_run_are_refused),
        RUN_TEST(damaged_checkpoints_are_refused),
        RUN_TEST(a_second_trainer_is_refused),
        RUN_TEST(unfinished_runs_are_listed),
        RUN_TEST(files_of_a_run_are_complete),
        RUN_TEST(runs_are_verified),
        RUN_TEST(data_that_has_changed_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
