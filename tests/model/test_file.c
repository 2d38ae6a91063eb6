/* SPDX-License-Identifier: Apache-2.0 */
/* Models as files: what is saved is what is loaded, to the byte; what is not a model is refused. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ketgrad/model.h>

#include "base/safetensors.h"
#include "fixture.h"
#include "model/model.h"
#include "refused.h"

static char folder[SCRATCH_BYTES]; /* so that tests may run side by side */

static const char *path_of(const char *name)
{
    return scratch_path(folder, name);
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

/* Fitted on the bars, with numbers that are not round. */
static kg_model *create(const char *name, const char *encoding, const char *compat, int threads,
                        const kg_dataset *data)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_model *model = NULL;
    double params[64];
    o.encoding = encoding;
    o.compat = compat;
    o.threads = threads;
    assert_int_equal(kg_model_create(&model, name, &o, NULL), KG_OK);
    assert_int_equal(kg_model_fit(model, data, NULL), KG_OK);
    for (int i = 0; i < kg_model_n_params(model) && i < 64; i++) {
        params[i] = kg_random_normal(3, KG_STREAM_TEST, 0, (uint64_t)i);
    }
    if (kg_model_n_params(model) <= 64) {
        assert_int_equal(kg_model_set_params(model, kg_model_n_params(model), params, NULL), KG_OK);
    }
    if (model->row->fit) {
        model->row->fit(model, kg_dataset_n_rows(data), NULL, kg_dataset_labels(data));
    }
    return model;
}

static void a_loaded_model_is_the_saved_one(void **state)
{
    (void)state;
    const struct {
        const char *name, *encoding, *compat;
    } cases[] = {
        {"qcnn", "angle", "none"},     {"qcnn", "amplitude", "none"}, {"qcnn", "dense", "hur"},
        {"logistic", "angle", "none"}, {"majority", "angle", "none"}, {"cnn", "angle", "none"},
        {"mlp", "dense", "none"},
    };
    kg_dataset *data = fixture_bars(50, 2, 8, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kg_model *model = create(cases[i].name, cases[i].encoding, cases[i].compat, 1, data);
        kg_model *loaded = NULL;
        double scores[50][2], again[50][2];
        kg_error err = {0};
        assert_int_equal(kg_model_save(model, path_of("a"), NULL), KG_OK);
        if (kg_model_load(&loaded, path_of("a"), 2, &err)) {
            fail_msg("%s: %s", cases[i].name, err.message);
        }
        assert_int_equal(kg_model_save(loaded, path_of("b"), NULL), KG_OK);
        fixture_assert_same_files(path_of("a"), path_of("b"));
        assert_string_equal(kg_model_name(loaded), cases[i].name);
        assert_string_equal(kg_model_class(loaded, 1), "1");
        assert_string_equal(kg_model_get_options(loaded)->encoding, cases[i].encoding);
        assert_int_equal(kg_model_get_options(loaded)->threads, 2);
        assert_memory_equal(kg_model_params(loaded), kg_model_params(model),
                            (size_t)kg_model_n_params(model) * sizeof(double));
        assert_int_equal(kg_model_predict(model, 50, kg_dataset_features(data), FIXTURE_PIXELS,
                                          NULL, scores[0], NULL),
                         KG_OK);
        assert_int_equal(kg_model_predict(loaded, 50, kg_dataset_features(data), FIXTURE_PIXELS,
                                          NULL, again[0], NULL),
                         KG_OK);
        assert_memory_equal(scores, again, sizeof scores);
        kg_model_destroy(model);
        kg_model_destroy(loaded);
    }
    kg_dataset_destroy(data);
}

/* Without a pipeline too; and the number of threads is not in the file. */
static void files_do_not_depend_on_threads(void **state)
{
    (void)state;
    kg_dataset *data = fixture_bars(50, 2, 8, 0);
    const char *const names[] = {"a", "b", "c"};
    for (int threads = 1; threads <= 3; threads++) {
        kg_model *model = create("qcnn", "angle", "none", threads, data);
        assert_int_equal(kg_model_save(model, path_of(names[threads - 1]), NULL), KG_OK);
        kg_model_destroy(model);
    }
    fixture_assert_same_files(path_of("a"), path_of("b"));
    fixture_assert_same_files(path_of("a"), path_of("c"));
    kg_dataset_destroy(data);
}

static void a_model_without_pipeline_is_a_file_too(void **state)
{
    (void)state;
    const char *const classes[] = {"no", "yes \"quoted\"", "maybe"};
    kg_model *model = NULL, *loaded = NULL;
    assert_int_equal(kg_model_create(&model, "logistic", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 5, 3, classes, NULL), KG_OK);
    assert_int_equal(kg_model_save(model, path_of("a"), NULL), KG_OK);
    assert_int_equal(kg_model_load(&loaded, path_of("a"), 1, NULL), KG_OK);
    assert_null(kg_model_pipeline(loaded));
    assert_int_equal(kg_model_n_features(loaded), 5);
    assert_string_equal(kg_model_class(loaded, 1), "yes \"quoted\"");
    kg_model_destroy(model);
    kg_model_destroy(loaded);
}

/* ---- refusals ------------------------------------------------------------------------------------------ */

/* A container with this description and, if weights is nonzero, five weights and a bias. */
static void write_bad(const char *description, int weights)
{
    kgi_container *container = NULL;
    const size_t n = 5, one = 1;
    const double numbers[5] = {0};
    assert_int_equal(kgi_container_create(&container, NULL), KG_OK);
    if (description) {
        assert_int_equal(kgi_container_set_text(container, "ketgrad.model", description, NULL),
                         KG_OK);
    }
    if (weights) {
        assert_int_equal(kgi_container_add(container, "logistic.weights", 1, &n, numbers, NULL),
                         KG_OK);
        assert_int_equal(kgi_container_add(container, "logistic.bias", 1, &one, numbers, NULL),
                         KG_OK);
    }
    assert_int_equal(kgi_container_save(container, path_of("bad"), NULL), KG_OK);
    kgi_container_destroy(container);
}

#define LOGISTIC "\"model\": \"logistic\", \"classes\": [\"0\", \"1\"], "

static const struct {
    const char *description;
    int weights;
    kg_status status;
    const char *message; /* after "path: " */
} bad_files[] = {
    /* clang-format off */
    {NULL, 1, KG_ERR_FORMAT, "not a ketgrad model: it has no ketgrad.model"},
    {"{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {}}", 0, KG_ERR_FORMAT,
     "logistic.weights"},
    {"{\"format\": 1, \"features\": 6, " LOGISTIC "\"options\": {}}", 1, KG_ERR_FORMAT,
     "logistic.weights"},
    {"{\"format\": 2, \"features\": 5, " LOGISTIC "\"options\": {}}", 1, KG_ERR_UNSUPPORTED,
     "model format 2, but this version reads up to 1"},
    {"{\"features\": 5, " LOGISTIC "\"options\": {}}", 1, KG_ERR_FORMAT,
     "ketgrad.model: format is not a positive whole number"},
    {"{\"format\": 1, " LOGISTIC "\"options\": {}}", 1, KG_ERR_FORMAT,
     "ketgrad.model: model or features is missing or not what it should be"},
    {"{\"format\": 1, \"features\": 5, \"model\": \"logistic\", \"classes\": [\"0\"]}", 1,
     KG_ERR_FORMAT, "ketgrad.model: classes is not a list of 2 to 1024 names"},
    {"{\"format\": 1, \"features\": 5, \"model\": \"logistic\", \"classes\": [\"0\", 1]}", 1,
     KG_ERR_FORMAT, "ketgrad.model: a class name is not text"},
    {"{\"format\": 1, \"features\": 5, \"model\": \"crystal\", \"classes\": [\"0\", \"1\"]}", 1,
     KG_ERR_UNSUPPORTED, "model \"crystal\" is not in this version"},
    {"{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {\"encodin\": \"angle\"}}", 1,
     KG_ERR_FORMAT, "ketgrad.model: "},
    {"{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {\"qubits\": 99}}", 1,
     KG_ERR_FORMAT, "ketgrad.model: qubits is 99, not a whole number in [2, 16]"},
    {"{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {\"ansatz\": \"u9\"}}", 1,
     KG_ERR_FORMAT, "model \"logistic\" has no circuit, so no option ansatz"},
    {"{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": ", 1, KG_ERR_FORMAT, ""},
    /* clang-format on */
};

static void files_that_are_no_models_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_files / sizeof *bad_files; i++) {
        kg_model *model = (kg_model *)state;
        kg_error err = {0};
        char expected[512];
        write_bad(bad_files[i].description, bad_files[i].weights);
        assert_int_equal(kg_model_load(&model, path_of("bad"), 1, &err), bad_files[i].status);
        assert_null(model);
        assert_memory_equal(err.message, path_of("bad"), strlen(path_of("bad")));
        snprintf(expected, sizeof expected, "%s", bad_files[i].message);
        if (!strstr(err.message, expected)) {
            fail_msg("case %zu: %s", i, err.message);
        }
    }
    write_bad("{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {}}", 1);
    kg_model *model = NULL; /* and the same description without a fault is a model */
    assert_int_equal(kg_model_load(&model, path_of("bad"), 1, NULL), KG_OK);
    kg_model_destroy(model);
}

/* A pipeline for 8 features in front of layers for 5. */
static void a_pipeline_of_another_model_is_refused(void **state)
{
    (void)state;
    kg_dataset *data = fixture_bars(50, 2, 8, 0);
    kg_model *model = create("logistic", "angle", "none", 1, data), *loaded = NULL;
    kgi_container *container = NULL;
    kg_error err = {0};
    char expected[512];
    assert_int_equal(kg_model_save(model, path_of("a"), NULL), KG_OK);
    assert_int_equal(kgi_container_load(&container, path_of("a"), NULL), KG_OK);
    assert_int_equal(kgi_container_set_text(
                         container, "ketgrad.model",
                         "{\"format\": 1, \"features\": 5, " LOGISTIC "\"options\": {}}", NULL),
                     KG_OK);
    assert_int_equal(kgi_container_save(container, path_of("bad"), NULL), KG_OK);
    assert_int_equal(kg_model_load(&loaded, path_of("bad"), 1, &err), KG_ERR_FORMAT);
    snprintf(expected, sizeof expected, "%s: the pipeline makes 8 features, but the model takes 5",
             path_of("bad"));
    assert_string_equal(err.message, expected);
    assert_null(loaded);
    kgi_container_destroy(container);
    kg_model_destroy(model);
    kg_dataset_destroy(data);
}

static void doors_are_checked(void **state)
{
    (void)state;
    kg_model *model = NULL, *loaded = NULL;
    kg_error err = {0};
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_model_save(model, path_of("c"), &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "model \"qcnn\" is not built: fit, build or load it first");
    assert_int_equal(kg_model_build(model, 0, 2, NULL, NULL), KG_OK);
    assert_int_equal(kg_model_save(model, path_of("missing/c"), &err), KG_ERR_IO);
    const char *const latin[] = {"caf\xe9", "tea"};
    assert_int_equal(kg_model_build(model, 0, 2, latin, NULL), KG_OK);
    assert_int_equal(kg_model_save(model, path_of("c"), &err), KG_ERR_FORMAT);
    assert_string_equal(err.message, "a class name is not UTF-8 text");
    assert_int_equal(kg_model_load(&loaded, path_of("nothing"), 1, &err), KG_ERR_IO);
    assert_int_equal(kg_model_load(&loaded, path_of("a"), 0, &err), KG_ERR_ARGUMENT);
    assert_string_equal(err.message, "threads is 0, not in [1, 256]");
    kg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_model_is_the_saved_one),
        cmocka_unit_test(files_do_not_depend_on_threads),
        cmocka_unit_test(a_model_without_pipeline_is_a_file_too),
        cmocka_unit_test(files_that_are_no_models_are_refused),
        cmocka_unit_test(a_pipeline_of_another_model_is_refused),
        cmocka_unit_test(doors_are_checked),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
