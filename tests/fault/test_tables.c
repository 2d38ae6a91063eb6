/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, arrays and downloads without memory. */
#include <string.h>

#include "base/npz.h"
#include "data/fetch.h"
#include "fault/folder.h"

static char csv[2 * SCRATCH_BYTES], npz[2 * SCRATCH_BYTES], npy[2 * SCRATCH_BYTES];

static const char table[] = "x,y,kind\n1,20,a\n2,30,b\n3,10,a\n4,50,c\n5,40,b\n6,60,c\n";
static const double values[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static int begin(void **state)
{
    const kg_array arrays[2] = {{"X", 2, {6, 2}, values}, {"y", 1, {6}, values}};
    folder_begin(state);
    snprintf(csv, sizeof csv, "%s", scratch_path(folder, "t.csv"));
    snprintf(npz, sizeof npz, "%s", scratch_path(folder, "t.npz"));
    snprintf(npy, sizeof npy, "%s", scratch_path(folder, "t.npy"));
    scratch_write(csv, table, sizeof table - 1);
    return kg_npz_save(2, arrays, npz, NULL) || kg_npy_save(&arrays[0], npy, NULL);
}

#define DROP(data) (kg_dataset_destroy(data), (data) = NULL)

static void tables(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = NULL, *rest = NULL;
    static const char *const files[] = {csv, npz, npy};
    for (int f = 0; f < 3; f++) {
        assert_survives(kg_dataset_read_file(&data, files[f], NULL, 0, NULL, &err), !data,
                        DROP(data), 8);
    }
    assert_survives(kg_dataset_read_rows(&data, csv, NULL, 0, 2, "kind", &err), !data, DROP(data),
                    6);
    assert_int_equal(kg_dataset_read_file(&data, csv, NULL, 0, NULL, &err), KG_OK);
    kg_dataset *train = NULL;
    assert_survives(kg_dataset_split_classes(&train, &rest, data, 0.5, 1, &err), !train && !rest,
                    (DROP(train), DROP(rest)), 10);
    DROP(data);
}

static void sets_of_files(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = NULL, *test = NULL;
    static const char *const names[] = {"c", "a"};
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    options.test_fraction = 0.5;
    assert_survives(kg_dataset_load(&train, &test, csv, &options, &err), !train && !test,
                    (DROP(train), DROP(test)), 20);
    options.class_names = names;
    options.n_classes = 2;
    options.n_train = 1;
    assert_survives(kg_dataset_load(&train, &test, csv, &options, &err), !train && !test,
                    (DROP(train), DROP(test)), 30);
    options.test = csv;
    assert_survives(kg_dataset_load(&train, &test, csv, &options, &err), !train && !test,
                    (DROP(train), DROP(test)), 30);
    options = (kg_dataset_options)KG_DATASET_OPTIONS_INIT;
    assert_survives(kg_dataset_load(&train, &test, "bars-and-stripes", &options, &err),
                    !train && !test, (DROP(train), DROP(test)), 10);
}

static void columns(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = NULL;
    kg_pipeline *pipeline = NULL;
    const char *const steps[] = {"standardise", "angle-range:each"};
    assert_int_equal(kg_dataset_read_file(&data, csv, NULL, 0, NULL, &err), KG_OK);
    assert_survives(kg_pipeline_fit(&pipeline, steps, 2, data, &err), !pipeline,
                    (kg_pipeline_destroy(pipeline), pipeline = NULL), 8);
    kg_dataset_destroy(data);
}

static void arrays(void **state)
{
    (void)state;
    kg_error err;
    kg_array array = {0};
    kg_npz *all = NULL;
    const kg_array two[2] = {{"X", 2, {6, 2}, values}, {"y", 1, {6}, values}};
    assert_survives(kg_npy_load(&array, npy, &err), !array.values,
                    (kg_free((void *)array.values), array.values = NULL), 2);
    assert_survives(kg_npy_save(two, npy, &err), 1, (void)0, 3);
    assert_survives(kg_npz_load(&all, npz, &err), !all, (kg_npz_destroy(all), all = NULL), 8);
    assert_survives(kg_npz_save(2, two, npz, &err), 1, (void)0, 6);
}

/* A server that has other bytes. */
static kg_status other_bytes(void *self, const char *url, kgi_sink *sink, kgi_reply *reply,
                             kg_error *err)
{
    (void)self, (void)url, (void)err;
    *reply = (kgi_reply){200, NULL};
    (void)kgi_sink_write(sink, "no", 2);
    return KG_OK;
}

/* With all memory there is, it ends with the wrong bytes: that is turned into a success here. */
static kg_status fetch(kg_error *err)
{
    const kg_status status = kgi_dataset_fetch(NULL, folder, "wine", NULL, other_bytes, NULL, err);
    return status == KG_ERR_FORMAT ? KG_OK : status;
}

static void downloads(void **state)
{
    (void)state;
    kg_error err;
    kg_file_state found = KG_FILE_MISSING;
    assert_survives(fetch(&err), 1, (void)0, 3);
    assert_survives(kg_dataset_check_file(&found, folder, "wine", 0, &err), 1, (void)0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables), cmocka_unit_test(sets_of_files), cmocka_unit_test(columns),
        cmocka_unit_test(arrays), cmocka_unit_test(downloads),
    };
    return cmocka_run_group_tests_name("fault/tables", tests, begin, folder_end);
}
