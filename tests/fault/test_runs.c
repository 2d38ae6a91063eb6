/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and reports without memory: a run that cannot be written leaves nothing, one that cannot be read
 * says so and is not taken for absent. */
#include <string.h>

#include <ketgrad/report.h>

#include "fault/folder.h"
#include "fixture.h"

static kg_model *model;

static int begin(void **state)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    folder_begin(state);
    o.qubits = 2;
    return kg_model_create(&model, "qcnn", &o, NULL) || kg_model_build(model, 2, 2, NULL, NULL);
}

static int end(void **state)
{
    kg_model_destroy(model);
    return folder_end(state);
}

static kg_status write_run(const char *path, const kg_run_info *info, kg_error *err)
{
    const kg_step step = {.seed = 1, .step = 1, .steps = 1, .loss = 0.5};
    const kg_seed_result result = {.seed = 1, .loss = 0.25, .steps = 1};
    kg_run *run = NULL;
    kg_status status = kg_run_create(&run, path, info, err);
    if (!status) {
        kg_run_log(run, &step);
        status = kg_run_check(run, err);
    }
    if (!status) {
        status = kg_run_finish(run, model, &result, 0, err);
    }
    kg_run_destroy(run);
    return status;
}

static void run_folders(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = fixture_bars(4, 2, 1, 0);
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_run_data words = KG_RUN_DATA_INIT;
    kg_run_info info = KG_RUN_INFO_INIT;
    kg_run_record *record = NULL;
    kg_run_list *list = NULL;
    const char *const arguments[] = {"ketgrad", "train"};
    char path[2 * SCRATCH_BYTES];
    char *numbered = NULL;
    snprintf(path, sizeof path, "%s", scratch_path(folder, "run"));
    info.n_arguments = 2;
    info.arguments = arguments;
    info.data = &words;
    info.train = data;
    info.test = data;
    info.training = &training;
    assert_survives(write_run(path, &info, &err), access(path, F_OK), scratch_remove(path), 20);
    assert_int_equal(write_run(path, &info, NULL), KG_OK);
    const uint64_t seed = 1;
    assert_survives(kg_run_load(&record, path, &err), !record,
                    (kg_run_record_destroy(record), record = NULL), 20);
    assert_survives(kg_run_select(&record, folder, &seed, &err), !record,
                    (kg_run_record_destroy(record), record = NULL), 20);
    assert_survives(kg_run_list_load(&list, folder, &err), !list,
                    (kg_run_list_destroy(list), list = NULL), 20);
    assert_survives(kg_run_folder(&numbered, folder, "x", &err), !numbered,
                    (kg_free(numbered), numbered = NULL), 3);
    /* a run in an older run's place that cannot be written leaves the older one */
    for (long n = 0; n < 400; n += 7) {
        alloc_start(n, ALLOC_FOR_GOOD);
        const kg_status status = write_run(path, &info, &err);
        (void)alloc_stop();
        assert_int_equal(kg_run_load(&record, path, &err), KG_OK);
        kg_run_record_destroy(record);
        assert_true(status == KG_OK || status == KG_ERR_MEMORY);
    }
    kg_dataset_destroy(data);
}

static kg_status make_table(char **out, kg_error *err)
{
    const char *const titles[] = {"name", "x"};
    kg_table *table = NULL;
    kg_status status = kg_table_create(&table, "lr", titles, err);
    for (int i = 0; i < 20 && !status; i++) {
        const char *const cells[] = {"row", "1.5"};
        kg_table_add(table, cells);
    }
    if (!status) {
        status = kg_table_format(out, table, err);
    }
    kg_table_destroy(table);
    return status;
}

static void tables(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = fixture_bars(12, 2, 1, 0), *test = fixture_bars(6, 2, 2, 0);
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_experiment *experiment = NULL;
    kg_model *other = NULL;
    char *text = NULL;
    const int matrix[4] = {3, 1, 0, 2};
    const char *const classes[] = {"cat", "dog"};
    o.qubits = 2;
    training.steps = 1;
    assert_int_equal(kg_model_create(&other, "qcnn", &o, NULL), KG_OK);
    assert_int_equal(kg_experiment_run(&experiment, other, train, test, &training, NULL, NULL),
                     KG_OK);
    assert_survives(make_table(&text, &err), !text, (kg_free(text), text = NULL), 30);
    assert_survives(kg_experiment_format(&text, experiment, &err), !text,
                    (kg_free(text), text = NULL), 1);
    assert_survives(kg_experiment_table(&text, experiment, &err), !text,
                    (kg_free(text), text = NULL), 10);
    assert_survives(kg_experiment_save(experiment, folder, &err), 1, (void)0, 2);
    assert_survives(kg_confusion_table(&text, 2, matrix, classes, &err), !text,
                    (kg_free(text), text = NULL), 5);
    assert_survives(kg_options_format(&text, kg_model_options_table(), &o, &err), !text,
                    (kg_free(text), text = NULL), 1);
    kg_experiment_destroy(experiment);
    kg_model_destroy(other);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_folders),
        cmocka_unit_test(tables),
    };
    return cmocka_run_group_tests_name("fault/runs", tests, begin, end);
}
