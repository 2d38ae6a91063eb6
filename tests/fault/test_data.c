/* SPDX-License-Identifier: Apache-2.0 */
/* Data without memory: sets from memory, generators and files, splits, pipelines. */
#include <string.h>

#include "data/idx.h"
#include "fault/folder.h"
#include "fixture.h"

#define DROP(data) (kg_dataset_destroy(data), (data) = NULL)

static void sets_in_memory(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *bars = fixture_bars(12, 3, 1, 0), *data = NULL, *rest = NULL;
    const int rows[3] = {4, 0, 4};
    const char *const names[] = {"a", "b", "c"};
    assert_survives(kg_dataset_create(&data, "x", 12, FIXTURE_PIXELS, kg_dataset_features(bars), 3,
                                      kg_dataset_labels(bars), names, &err),
                    !data, DROP(data), 5);
    assert_survives(kg_dataset_subset(&data, bars, rows, 3, &err), !data, DROP(data), 5);
    assert_survives(kg_dataset_split(&data, &rest, bars, 5, 1, &err), !data && !rest,
                    (DROP(data), DROP(rest)), 8);
    kg_dataset_destroy(bars);
}

static void sets_by_name(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = NULL, *test = NULL;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    const int classes[2] = {7, 1};
    options.n_train = 4;
    options.n_test = 3;
    options.classes = classes;
    options.n_classes = 2;
    for (int i = 0; kg_dataset_info_get(i); i++) {
        const kg_dataset_info *info = kg_dataset_info_get(i);
        if (!info->needs_folder && info->n_classes > 7) {
            assert_survives(kg_dataset_load(&train, &test, info->name, &options, &err),
                            !train && !test, (DROP(train), DROP(test)), 8);
        }
    }
}

/* Three 2 x 2 images, and their labels. */
static void write_idx(const char *images, const char *labels)
{
    const char image_bytes[] = "\0\0\x08\x03\0\0\0\x03\0\0\0\x02\0\0\0\x02"
                               "abcdefghijkl";
    const char label_bytes[] = "\0\0\x08\x01\0\0\0\x03\0\x01\x01";
    scratch_write(images, image_bytes, sizeof image_bytes - 1);
    scratch_write(labels, label_bytes, sizeof label_bytes - 1);
}

static void sets_from_files(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = NULL;
    double *values = NULL;
    int n_rows = 0, n_columns = 0;
    char images[2 * SCRATCH_BYTES], labels[2 * SCRATCH_BYTES], csv[2 * SCRATCH_BYTES];
    snprintf(images, sizeof images, "%s", scratch_path(folder, "images"));
    snprintf(labels, sizeof labels, "%s", scratch_path(folder, "labels"));
    snprintf(csv, sizeof csv, "%s", scratch_path(folder, "x.csv"));
    write_idx(images, labels);
    scratch_write(csv, "a,b\n1,2\n3,4\n", 12);
    assert_survives(kg_dataset_load_idx(&data, images, labels, 2, &err), !data, DROP(data), 8);
    assert_survives(kg_dataset_load_idx(&data, images, NULL, 0, &err), !data, DROP(data), 5);
    assert_survives(kg_csv_load(&values, &n_rows, &n_columns, NULL, csv, &err),
                    !values && !n_rows && !n_columns,
                    (kg_free(values), values = NULL, n_rows = 0, n_columns = 0), 2);
}

static void tables(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = NULL, *rest = NULL;
    kg_npz *npz = NULL;
    kg_array array = {0};
    const double x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, y[4] = {0, 1, 1, 0};
    const kg_array arrays[2] = {{"X", 2, {4, 2}, x}, {"y", 1, {4}, y}};
    const char csv[] = "a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n7,8,dog\n9,1,cat\n";
    char npy_path[2 * SCRATCH_BYTES], npz_path[2 * SCRATCH_BYTES];
    snprintf(npy_path, sizeof npy_path, "%s", scratch_path(folder, "x.npy"));
    snprintf(npz_path, sizeof npz_path, "%s", scratch_path(folder, "x.npz"));
    assert_survives(kg_dataset_read_file(&data, "x.csv", csv, sizeof csv - 1, NULL, &err), !data,
                    DROP(data), 8);
    assert_survives(kg_dataset_read_rows(&data, "x.csv", csv, sizeof csv - 1, 2, "kind", &err),
                    !data, DROP(data), 5);
    assert_survives(kg_npy_save(&arrays[0], npy_path, &err), access(npy_path, F_OK),
                    unlink(npy_path), 2);
    assert_survives(kg_npz_save(2, arrays, npz_path, &err), access(npz_path, F_OK),
                    unlink(npz_path), 3);
    assert_int_equal(kg_npy_save(&arrays[0], npy_path, NULL), KG_OK);
    assert_int_equal(kg_npz_save(2, arrays, npz_path, NULL), KG_OK);
    assert_survives(kg_npy_load(&array, npy_path, &err), !array.values,
                    (kg_free((void *)array.values), array.values = NULL), 2);
    assert_survives(kg_npz_load(&npz, npz_path, &err), !npz, (kg_npz_destroy(npz), npz = NULL), 5);
    assert_survives(kg_dataset_read_file(&data, npz_path, NULL, 0, NULL, &err), !data, DROP(data),
                    8);
    assert_int_equal(kg_dataset_read_file(&data, "x.csv", csv, sizeof csv - 1, NULL, NULL), KG_OK);
    kg_dataset *whole = data;
    data = NULL;
    assert_survives(kg_dataset_split_classes(&data, &rest, whole, 0.5, 1, &err), !data && !rest,
                    (DROP(data), DROP(rest)), 8);
    kg_dataset_destroy(whole);
}

static void pipelines(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *bars = fixture_bars(20, 2, 1, 0), *out = NULL;
    const char *const lists[][4] = {{"scale", "resize:4", "pca:3", "angle-range"},
                                    {"column:8", NULL},
                                    {"pca:2", "angle-range:own", NULL}};
    double x[20 * FIXTURE_PIXELS];
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        kg_pipeline *pipeline = NULL;
        int n = 0;
        while (n < 4 && lists[l][n]) {
            n++;
        }
        assert_survives(kg_pipeline_fit(&pipeline, lists[l], n, bars, &err), !pipeline,
                        (kg_pipeline_destroy(pipeline), pipeline = NULL), 3);
        assert_int_equal(kg_pipeline_fit(&pipeline, lists[l], n, bars, NULL), KG_OK);
        assert_survives(kg_pipeline_apply(&out, pipeline, bars, &err), !out, DROP(out), 4);
        assert_survives(kg_pipeline_run(pipeline, kg_dataset_features(bars), 20, x, &err), 1,
                        (void)0, 1);
        kg_pipeline_destroy(pipeline);
    }
    kg_dataset_destroy(bars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_in_memory),  cmocka_unit_test(sets_by_name),
        cmocka_unit_test(sets_from_files), cmocka_unit_test(tables),
        cmocka_unit_test(pipelines),
    };
    return cmocka_run_group_tests_name("fault/data", tests, folder_begin, folder_end);
}
