/* SPDX-License-Identifier: Apache-2.0 */
/* Run folders: complete or absent, read back as they were written, the wanted one found. */
#include <ketgrad/report.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "refused.h"

typedef struct fixture {
    char folder[SCRATCH_BYTES];
    kg_model *model;
} fixture;

static int set_up(void **state)
{
    static fixture fix;
    scratch_enter(fix.folder);
    assert_int_equal(kg_model_create(&fix.model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(fix.model, 0, 2, NULL, NULL), KG_OK);
    *state = &fix;
    return 0;
}

static int tear_down(void **state)
{
    fixture *fix = *state;
    kg_model_destroy(fix->model);
    scratch_leave(fix->folder);
    return 0;
}

static int there(const char *path)
{
    return !access(path, F_OK);
}

/* A run in folder with three steps of metrics and that loss. */
static void write_run(const fixture *fix, const char *folder, uint64_t seed, double loss)
{
    static const char *const words[] = {"ketgrad", "train", "qcnn"};
    const kg_run_data data = KG_RUN_DATA_INIT;
    const kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    const kg_seed_result result = {seed, 0.75, 0.5, loss, 1.25, KG_STOP_STEPS, 3};
    kg_run_info info = KG_RUN_INFO_INIT;
    kg_run *run = NULL;
    info.n_arguments = 3;
    info.arguments = words;
    info.data = &data;
    info.training = &training;
    info.threads = 7;
    assert_int_equal(kg_run_create(&run, folder, &info, NULL), KG_OK);
    for (int i = 1; i <= 3; i++) {
        const kg_step step = {seed, i, 3, 0.5 / i, 0.25, 1.0, 0.01};
        kg_run_log(run, &step);
    }
    assert_int_equal(kg_run_check(run, NULL), KG_OK);
    assert_int_equal(kg_run_finish(run, fix->model, &result, 0, NULL), KG_OK);
    kg_run_destroy(run);
}

static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
}

static void what_is_written_is_read(void **state)
{
    const fixture *fix = *state;
    char text[2048];
    kg_run_record *record = NULL;
    write_run(fix, "a/b", UINT64_MAX, 0.1);
    assert_false(there("a/b/metrics.jsonl.part") || there("a/b/model.safetensors.part") ||
                 there("a/b/run.json.part"));
    read_file("a/b/metrics.jsonl", text, sizeof text);
    assert_string_equal(
        text, "{\"kind\":\"step\",\"step\":1,\"loss\":0.5,\"accuracy\":0.25,\"grad_norm\":1,\"lr\":"
              "0.01}\n"
              "{\"kind\":\"step\",\"step\":2,\"loss\":0.25,\"accuracy\":0.25,\"grad_norm\":1,"
              "\"lr\":0.01}\n"
              "{\"kind\":\"step\",\"step\":3,\"loss\":0.16666666666666666,\"accuracy\":0.25,"
              "\"grad_norm\":1,\"lr\":0.01}\n"
              "{\"kind\":\"result\",\"steps\":3,\"loss\":0.1,\"train_accuracy\":0.75,"
              "\"test_accuracy\":0.5}\n");
    assert_int_equal(kg_run_load(&record, "a/b", NULL), KG_OK);
    assert_string_equal(record->folder, "a/b");
    assert_string_equal(record->model, "qcnn");
    assert_string_equal(record->version, kg_version());
    assert_string_equal(record->command, "ketgrad train qcnn");
    assert_string_equal(record->stop, "steps");
    assert_int_equal(strlen(record->started), strlen("2026-01-31T12:00:00Z"));
    assert_int_equal(record->params, 51);
    assert_int_equal(record->exit_code, 0);
    assert_true(record->result.seed == UINT64_MAX);
    assert_near(record->result.loss, 0.1, 0);
    assert_near(record->result.test_accuracy, 0.5, 0);
    assert_int_equal(record->result.stop, KG_STOP_STEPS);
    assert_string_equal(record->data.data, "strokes");
    assert_string_equal(record->data.classes, "auto");
    assert_null(record->data.data_folder);
    kg_run_record_destroy(record);
}

static void clock_and_threads_are_in_run_json_only(void **state)
{
    const fixture *fix = *state;
    char text[8192];
    write_run(fix, "one", 1, 0.5);
    read_file("one/run.json", text, sizeof text);
    assert_non_null(strstr(text, "\"threads\": 7}"));
    assert_non_null(strstr(text, "\"started\": \"20"));
    assert_non_null(strstr(text, "\"cpu\": "));
    read_file("one/metrics.jsonl", text, sizeof text);
    assert_null(strstr(text, "threads"));
    assert_null(strstr(text, "second"));
}

/* Destroyed before it is finished: the folders that it made are gone, older ones stay. */
static void an_unfinished_run_leaves_nothing(void **state)
{
    (void)state;
    kg_run *run = NULL;
    assert_int_equal(mkdir("old", 0777), 0);
    assert_int_equal(kg_run_create(&run, "old/x/y", NULL, NULL), KG_OK);
    assert_true(there("old/x/y/metrics.jsonl.part"));
    kg_run_destroy(run);
    assert_false(there("old/x"));
    assert_true(there("old"));
    assert_int_equal(kg_run_create(&run, "old", NULL, NULL), KG_OK);
    kg_run_destroy(run);
    assert_true(there("old"));
    assert_int_equal(rmdir("old"), 0); /* it is empty */
    kg_run_destroy(NULL);
}

static void an_older_run_stays_until_the_end(void **state)
{
    const fixture *fix = *state;
    kg_run *run = NULL;
    kg_run_record *record = NULL;
    write_run(fix, "again", 1, 0.5);
    assert_int_equal(kg_run_create(&run, "again", NULL, NULL), KG_OK);
    assert_int_equal(kg_run_load(&record, "again", NULL), KG_OK);
    kg_run_record_destroy(record);
    kg_run_destroy(run);
    assert_true(there("again/run.json") && there("again/metrics.jsonl") &&
                there("again/model.safetensors"));
    write_run(fix, "again", 2, 0.25);
    assert_int_equal(kg_run_load(&record, "again", NULL), KG_OK);
    assert_true(record->result.seed == 2);
    kg_run_record_destroy(record);
}

static void places_that_cannot_be_written_are_named(void **state)
{
    (void)state;
    kg_error err = {0};
    kg_run *run = NULL;
    FILE *file = fopen("file", "w");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(kg_run_create(&run, "file/below", NULL, &err), KG_ERR_IO);
    assert_string_equal(err.message, "file: is not a folder");
    assert_null(run);
    assert_int_equal(mkdir("taken", 0777), 0);
    assert_int_equal(mkdir("taken/metrics.jsonl.part", 0777), 0);
    assert_int_equal(kg_run_create(&run, "taken", NULL, &err), KG_ERR_IO);
    assert_string_equal(err.message, "taken/metrics.jsonl.part: cannot be created: Is a directory");
}

/* A file that may not grow is what a full disk is: the run reports it and leaves nothing. */
static void a_full_disk_is_reported(void **state)
{
    const fixture *fix = *state;
    kg_error err = {0};
    kg_run *run = NULL;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(kg_run_create(&run, "full", NULL, NULL), KG_OK);
    const struct rlimit small = {200, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 1; i <= 10; i++) {
        const kg_step step = {1, i, 10, 0.5, 0.25, 1.0, 0.01};
        kg_run_log(run, &step);
    }
    const kg_status checked = kg_run_check(run, &err);
    const kg_seed_result result = {.seed = 1};
    kg_error finish_err = {0};
    const kg_status finished = kg_run_finish(run, fix->model, &result, 0, &finish_err);
    kg_run_destroy(run);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(checked, KG_ERR_IO);
    assert_string_equal(err.message, "full/metrics.jsonl.part: cannot be written: File too large");
    assert_int_equal(finished, KG_ERR_IO);
    assert_string_equal(finish_err.message, err.message);
    assert_false(there("full"));
}

static void seeds_are_selected_by_training_loss(void **state)
{
    const fixture *fix = *state;
    kg_error err = {0};
    kg_run_record *record = NULL;
    write_run(fix, "many/seed-1", 1, 0.5);
    write_run(fix, "many/seed-2", 2, 0.125);
    write_run(fix, "many/seed-10", 10, 0.25);
    assert_int_equal(kg_run_select(&record, "many", NULL, NULL), KG_OK);
    assert_true(record->result.seed == 2);
    kg_run_record_destroy(record);
    const uint64_t ten = 10;
    assert_int_equal(kg_run_select(&record, "many", &ten, NULL), KG_OK);
    assert_string_equal(record->folder, "many/seed-10");
    kg_run_record_destroy(record);
    const uint64_t none = 3;
    assert_int_equal(kg_run_select(&record, "many", &none, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "many: has no run of seed 3");
    assert_int_equal(kg_run_select(&record, "many/seed-1", &none, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "many/seed-1: holds the run of seed 1, not of 3");
    assert_int_equal(kg_run_select(&record, "nothing", NULL, &err), KG_ERR_IO);
    assert_string_equal(err.message, "nothing: no run here: neither run.json nor seed-1/run.json");
    assert_null(record);
}

static void lists_are_sorted_and_count_what_is_broken(void **state)
{
    const fixture *fix = *state;
    kg_run_list *list = NULL;
    write_run(fix, "list/x/seed-10", 10, 0.5);
    write_run(fix, "list/x/seed-2", 2, 0.5);
    write_run(fix, "list/b", 1, 0.5);
    assert_int_equal(mkdir("list/killed", 0777), 0);
    (void)close(open("list/killed/metrics.jsonl.part", O_CREAT | O_WRONLY, 0666));
    assert_int_equal(mkdir("list/broken", 0777), 0);
    (void)close(open("list/broken/run.json", O_CREAT | O_WRONLY, 0666));
    assert_int_equal(kg_run_list_load(&list, "list", NULL), KG_OK);
    assert_string_equal(kg_run_list_get(list, 0)->folder, "list/b");
    assert_string_equal(kg_run_list_get(list, 1)->folder, "list/x/seed-2");
    assert_string_equal(kg_run_list_get(list, 2)->folder, "list/x/seed-10");
    assert_null(kg_run_list_get(list, 3));
    assert_null(kg_run_list_get(list, -1));
    assert_int_equal(kg_run_list_n_broken(list), 2);
    kg_run_list_destroy(list);
    assert_int_equal(kg_run_list_load(&list, "absent", NULL), KG_OK);
    assert_null(kg_run_list_get(list, 0));
    kg_run_list_destroy(list);
    kg_run_list_destroy(NULL);
}

static void broken_records_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } bad[] = {
        {"{}", "bad/run.json: format is \"\", not \"ketgrad run 1\""},
        {"{\"format\": \"ketgrad run 1\"}",
         "bad/run.json: model, version, started, stop or result is missing"},
        {"{\"format\": \"ketgrad run 1\", \"model\": \"m\", \"version\": \"1\", \"started\": "
         "\"s\", "
         "\"stop\": \"steps\", \"result\": {}, \"options\": {\"data\": {\"train_rows\": -1}}}",
         "bad/run.json: train_rows is -1, not a whole number in [0, 1000000000]"},
    };
    kg_run_record *record = NULL;
    assert_int_equal(mkdir("bad", 0777), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kg_error err = {0};
        FILE *file = fopen("bad/run.json", "w");
        assert_non_null(file);
        (void)fputs(bad[i].json, file);
        (void)fclose(file);
        assert_int_equal(kg_run_load(&record, "bad", &err), KG_ERR_FORMAT);
        assert_string_equal(err.message, bad[i].message);
        assert_null(record);
    }
}

static void folders_are_numbered(void **state)
{
    (void)state;
    char *path = NULL;
    assert_int_equal(kg_run_folder(&path, "runs", "demo", NULL), KG_OK);
    assert_string_equal(path, "runs/0001-demo");
    kg_free(path);
    assert_int_equal(mkdir("runs/0041-x", 0777), 0);
    assert_int_equal(mkdir("runs/notes", 0777), 0);
    assert_int_equal(kg_run_folder(&path, "runs", "qcnn", NULL), KG_OK);
    assert_string_equal(path, "runs/0042-qcnn");
    assert_true(there("runs/0042-qcnn"));
    kg_free(path);
    kg_error err = {0};
    (void)close(open("plain", O_CREAT | O_WRONLY, 0666));
    assert_int_equal(kg_run_folder(&path, "plain", "qcnn", &err), KG_ERR_IO);
    assert_string_equal(err.message, "plain: is not a folder");
    assert_null(path);
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(what_is_written_is_read),
        RUN_TEST(clock_and_threads_are_in_run_json_only),
        RUN_TEST(an_unfinished_run_leaves_nothing),
        RUN_TEST(an_older_run_stays_until_the_end),
        RUN_TEST(places_that_cannot_be_written_are_named),
        RUN_TEST(a_full_disk_is_reported),
        RUN_TEST(seeds_are_selected_by_training_loss),
        RUN_TEST(lists_are_sorted_and_count_what_is_broken),
        RUN_TEST(broken_records_are_refused),
        RUN_TEST(folders_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
