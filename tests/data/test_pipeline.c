/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines: fitted on training rows only, applied to any, stored and found again; and principal
 * components against their definition. */
#include "data/pipeline.h"

#include <ketgrad/rng.h>

#include "refused.h"

enum { ROWS = 70, SIDE = 6, FEATURES = SIDE * SIDE };

/* Images whose pixels have different spreads, so that components are well apart. */
static kg_dataset *make_data(uint32_t sample, int n_rows)
{
    kg_error err;
    kg_dataset *data = NULL;
    double *x = malloc((size_t)n_rows * FEATURES * sizeof *x);
    int *labels = malloc((size_t)n_rows * sizeof *labels);
    assert_non_null(x);
    assert_non_null(labels);
    for (int i = 0; i < n_rows * FEATURES; i++) {
        x[i] = 100.0 +
               60.0 / (1 + i % FEATURES) * kg_random_normal(9, KG_STREAM_TEST, sample, (uint64_t)i);
        labels[i / FEATURES] = i % 2;
    }
    assert_int_equal(kg_dataset_create(&data, "d", n_rows, FEATURES, x, 2, labels, NULL, &err),
                     KG_OK);
    assert_int_equal(kg_dataset_set_image(data, SIDE, SIDE, &err), KG_OK);
    free(x);
    free(labels);
    return data;
}

static kg_pipeline *fit(const char *const *steps, int n, const kg_dataset *train)
{
    kg_error err;
    kg_pipeline *pipeline = NULL;
    if (kg_pipeline_fit(&pipeline, steps, n, train, &err)) {
        fail_msg("%s", err.message);
    }
    return pipeline;
}

static kg_dataset *apply(const kg_pipeline *pipeline, const kg_dataset *data)
{
    kg_error err;
    kg_dataset *out = NULL;
    if (kg_pipeline_apply(&out, pipeline, data, &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static const char *const usual[] = {"scale", "pca:4", "angle-range"};

static void no_steps_is_the_identity(void **state)
{
    (void)state;
    kg_dataset *data = make_data(0, ROWS);
    kg_pipeline *pipeline = fit(NULL, 0, data);
    kg_dataset *out = apply(pipeline, data);
    assert_int_equal(kg_pipeline_n_outputs(pipeline), FEATURES);
    assert_memory_equal(kg_dataset_features(out), kg_dataset_features(data),
                        (size_t)ROWS * FEATURES * sizeof(double));
    assert_memory_equal(kg_dataset_labels(out), kg_dataset_labels(data), ROWS * sizeof(int));
    assert_int_equal(kg_dataset_height(out), SIDE);
    kg_dataset_destroy(out);
    kg_dataset_destroy(data);
    kg_pipeline_destroy(pipeline);
    kg_pipeline_destroy(NULL);
}

static void what_a_pipeline_tells(void **state)
{
    (void)state;
    kg_dataset *data = make_data(0, ROWS);
    kg_pipeline *pipeline = fit(usual, 3, data);
    assert_int_equal(kg_pipeline_n_steps(pipeline), 3);
    assert_int_equal(kg_pipeline_n_inputs(pipeline), FEATURES);
    assert_int_equal(kg_pipeline_n_outputs(pipeline), 4);
    assert_int_equal(kg_pipeline_n_features(pipeline, 0), FEATURES);
    assert_int_equal(kg_pipeline_n_features(pipeline, 1), FEATURES);
    assert_int_equal(kg_pipeline_n_features(pipeline, 3), 4);
    assert_int_equal(kg_pipeline_n_features(pipeline, 4), 0);
    assert_int_equal(kg_pipeline_n_fit_rows(pipeline), ROWS);
    assert_string_equal(kg_pipeline_step(pipeline, 1), "pca:4");
    assert_null(kg_pipeline_step(pipeline, 3));
    assert_null(kg_pipeline_explained(pipeline, 0));
    assert_non_null(kg_pipeline_explained(pipeline, 1));
    assert_null(kg_pipeline_range(pipeline, 1));
    assert_non_null(kg_pipeline_range(pipeline, 2));
    kg_dataset_destroy(data);
    kg_pipeline_destroy(pipeline);
}

/* Scores are uncorrelated on the training rows, their variances are the explained shares of the
 * total, they fall, and the largest score of each is positive. Variances are about 1e3 and sums have
 * 70 terms: 1e-11 of the total is 100 roundings. */
static void components_are_what_they_should_be(void **state)
{
    (void)state;
    enum { K = 5 };
    const char *const steps[] = {"pca:5"};
    kg_dataset *data = make_data(0, ROWS);
    kg_pipeline *pipeline = fit(steps, 1, data);
    kg_dataset *scores = apply(pipeline, data);
    const double *y = kg_dataset_features(scores);
    const double *x = kg_dataset_features(data);
    const double *explained = kg_pipeline_explained(pipeline, 0);
    double total = 0.0;
    for (int f = 0; f < FEATURES; f++) {
        double mean = 0.0;
        for (int r = 0; r < ROWS; r++) {
            mean += x[r * FEATURES + f] / ROWS;
        }
        for (int r = 0; r < ROWS; r++) {
            total += (x[r * FEATURES + f] - mean) * (x[r * FEATURES + f] - mean);
        }
    }
    for (int a = 0; a < K; a++) {
        double largest = 0.0;
        double mean = 0.0;
        for (int r = 0; r < ROWS; r++) {
            largest = fabs(y[r * K + a]) > fabs(largest) ? y[r * K + a] : largest;
            mean += y[r * K + a] / ROWS;
        }
        assert_near(mean, 0.0, 1e-12);
        assert_true(largest > 0.0);
        assert_true(a == 0 || explained[a] < explained[a - 1]);
        for (int b = 0; b < K; b++) {
            double product = 0.0;
            for (int r = 0; r < ROWS; r++) {
                product += y[r * K + a] * y[r * K + b];
            }
            assert_near(product / total, a == b ? explained[a] : 0.0, 1e-11);
        }
    }
    assert_int_equal(kg_dataset_height(scores), 0); /* no longer images */
    kg_dataset_destroy(data);
    kg_dataset_destroy(scores);
    kg_pipeline_destroy(pipeline);
}

static void all_components_explain_everything(void **state)
{
    (void)state;
    const char *const steps[] = {"pca:36"};
    kg_dataset *data = make_data(0, ROWS);
    kg_pipeline *pipeline = fit(steps, 1, data);
    double sum = 0.0;
    for (int i = 0; i < FEATURES; i++) {
        sum += kg_pipeline_explained(pipeline, 0)[i];
    }
    assert_near(sum, 1.0, 1e-13);
    kg_dataset_destroy(data);
    kg_pipeline_destroy(pipeline);
}

static void angles_are_scaled_by_training_rows_and_clipped(void **state)
{
    (void)state;
    kg_dataset *train = make_data(0, ROWS);
    kg_dataset *test = make_data(1, 20 * ROWS);
    const char *const steps[] = {"angle-range"};
    kg_pipeline *pipeline = fit(steps, 1, train);
    kg_dataset *a = apply(pipeline, train);
    kg_dataset *b = apply(pipeline, test);
    const double *range = kg_pipeline_range(pipeline, 0);
    double lo = INFINITY;
    double hi = -INFINITY;
    int n_clipped = 0;
    for (int i = 0; i < ROWS * FEATURES; i++) {
        lo = fmin(lo, kg_dataset_features(a)[i]);
        hi = fmax(hi, kg_dataset_features(a)[i]);
    }
    assert_near(lo, 0.0, 0.0);
    assert_near(hi, 3.14159265358979323846, 0.0);
    for (int i = 0; i < 20 * ROWS * FEATURES; i++) {
        const double x = kg_dataset_features(test)[i];
        const double y = kg_dataset_features(b)[i];
        if (x < range[0] || x > range[1]) {
            n_clipped++;
            assert_true(y == (x < range[0] ? 0.0 : 3.14159265358979323846));
        } else {
            assert_near(y, 3.14159265358979323846 * (x - range[0]) / (range[1] - range[0]),
                        1e-15 * 4);
        }
    }
    assert_true(n_clipped > 0); /* the test set reaches further, so something was tested */
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    kg_dataset_destroy(a);
    kg_dataset_destroy(b);
    kg_pipeline_destroy(pipeline);
}

static void own_range_is_the_quirk(void **state)
{
    (void)state;
    kg_dataset *train = make_data(0, ROWS);
    kg_dataset *test = make_data(1, 2 * ROWS);
    const char *const steps[] = {"scale", "angle-range:own"};
    kg_pipeline *pipeline = fit(steps, 2, train);
    kg_dataset *out = apply(pipeline, test);
    double lo = INFINITY;
    double hi = -INFINITY;
    for (int i = 0; i < 2 * ROWS * FEATURES; i++) {
        lo = fmin(lo, kg_dataset_features(out)[i]);
        hi = fmax(hi, kg_dataset_features(out)[i]);
    }
    assert_near(lo, 0.0, 0.0);
    assert_near(hi, 3.14159265358979323846, 1e-15);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    kg_dataset_destroy(out);
    kg_pipeline_destroy(pipeline);
}

/* Nothing that is fitted can depend on a test row, because no test row is given; and a row gives the
 * same bits alone, in a block, or behind others. */
static void rows_do_not_see_each_other(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = make_data(0, ROWS);
    kg_dataset *test = make_data(1, ROWS);
    kg_pipeline *pipeline = fit(usual, 3, train);
    kg_dataset *all = apply(pipeline, test);
    double alone[4];
    for (int r = ROWS - 1; r >= 0; r--) {
        assert_int_equal(
            kg_pipeline_run(pipeline, kg_dataset_features(test) + r * FEATURES, 1, alone, &err),
            KG_OK);
        assert_memory_equal(alone, kg_dataset_features(all) + r * 4, sizeof alone);
    }
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    kg_dataset_destroy(all);
    kg_pipeline_destroy(pipeline);
}

static void a_stored_pipeline_gives_the_same_bits(void **state)
{
    (void)state;
    static const char *const steps[] = {"scale", "resize:5", "column:12", "pca:3", "angle-range"};
    kg_error err;
    kg_dataset *data = make_data(0, ROWS);
    for (int n = 0; n <= 5; n++) {
        kg_pipeline *pipeline = fit(steps, n, data);
        kg_pipeline *back = NULL;
        kgi_container *container = NULL;
        kgi_container *read = NULL;
        unsigned char *bytes = NULL;
        size_t n_bytes = 0;
        assert_int_equal(kgi_container_create(&container, &err), KG_OK);
        assert_int_equal(kgi_pipeline_save(pipeline, container, &err), KG_OK);
        assert_int_equal(kgi_container_format(&bytes, &n_bytes, container, &err), KG_OK);
        assert_int_equal(kgi_container_parse(&read, "m", bytes, n_bytes, &err), KG_OK);
        assert_int_equal(kgi_pipeline_load(&back, read, &err), KG_OK);
        assert_int_equal(kg_pipeline_n_steps(back), n);
        assert_int_equal(kg_pipeline_n_fit_rows(back), ROWS);
        kg_dataset *a = apply(pipeline, data);
        kg_dataset *b = apply(back, data);
        assert_int_equal(kg_dataset_n_features(a), kg_dataset_n_features(b));
        assert_int_equal(kg_dataset_width(a), kg_dataset_width(b));
        assert_memory_equal(kg_dataset_features(a), kg_dataset_features(b),
                            (size_t)ROWS * (size_t)kg_dataset_n_features(a) * sizeof(double));
        if (n == 5) {
            assert_memory_equal(kg_pipeline_explained(back, 3), kg_pipeline_explained(pipeline, 3),
                                3 * sizeof(double));
            assert_memory_equal(kg_pipeline_range(back, 4), kg_pipeline_range(pipeline, 4),
                                2 * sizeof(double));
        }
        kg_dataset_destroy(a);
        kg_dataset_destroy(b);
        kg_pipeline_destroy(pipeline);
        kg_pipeline_destroy(back);
        kgi_container_destroy(container);
        kgi_container_destroy(read);
        free(bytes);
    }
    kg_dataset_destroy(data);
}

typedef struct refused_text {
    const char *text; /* of ketgrad.preprocessing */
    kg_status status;
    const char *message;
} refused_text;

#define SHAPE "\"n_inputs\":4,\"height\":2,\"width\":2,\"n_fit_rows\":9"
static const refused_text refused_texts[] = {
    {"{", KG_ERR_FORMAT, "container: ketgrad.preprocessing:1:2: "},
    {"{}", KG_ERR_FORMAT, "container: ketgrad.preprocessing must hold n_inputs, height, width, "},
    {"{\"n_inputs\":4,\"height\":2,\"width\":3,\"n_fit_rows\":9,\"steps\":[]}", KG_ERR_FORMAT,
     "must hold n_inputs"},
    {"{\"n_inputs\":4.0,\"height\":2,\"width\":2,\"n_fit_rows\":9,\"steps\":[]}", KG_ERR_FORMAT,
     "must hold n_inputs"},
    {"{\"n_inputs\":16777217,\"height\":0,\"width\":0,\"n_fit_rows\":9,\"steps\":[]}",
     KG_ERR_FORMAT, "must hold n_inputs"},
    {"{" SHAPE ",\"steps\":{}}", KG_ERR_FORMAT, "must hold n_inputs"},
    {"{" SHAPE ",\"steps\":[7]}", KG_ERR_FORMAT,
     "container: ketgrad.preprocessing: step 0 is not a text"},
    {"{" SHAPE ",\"steps\":[\"blur\"]}", KG_ERR_FORMAT,
     "container: ketgrad.preprocessing: unknown transform 'blur'"},
    {"{" SHAPE ",\"steps\":[\"pca:5\"]}", KG_ERR_FORMAT,
     "container: ketgrad.preprocessing: pca:5: 5 components of 4 features"},
    {"{" SHAPE ",\"steps\":[\"pca:2\"]}", KG_ERR_FORMAT,
     "container: there is no tensor 'pipeline.0.mean'"},
    {"{" SHAPE ",\"steps\":[\"angle-range\"]}", KG_ERR_FORMAT,
     "container: there is no tensor 'pipeline.0.range'"},
    {"{" SHAPE ",\"steps\":[\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\","
     "\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\",\"scale\","
     "\"scale\"]}",
     KG_ERR_FORMAT, "more than 16 steps"},
};

static void a_broken_model_file_is_refused(void **state)
{
    (void)state;
    kg_error err;
    kg_pipeline *pipeline = NULL;
    for (size_t i = 0; i < sizeof refused_texts / sizeof refused_texts[0]; i++) {
        kgi_container *container = NULL;
        assert_int_equal(kgi_container_create(&container, &err), KG_OK);
        assert_int_equal(
            kgi_container_set_text(container, "ketgrad.preprocessing", refused_texts[i].text, &err),
            KG_OK);
        assert_refused(kgi_pipeline_load(&pipeline, container, &err), err, refused_texts[i].status,
                       refused_texts[i].message);
        assert_null(pipeline);
        kgi_container_destroy(container);
    }
    kgi_container *container = NULL;
    const double range[2] = {2.0, 2.0};
    const size_t shape[1] = {2};
    assert_int_equal(kgi_container_create(&container, &err), KG_OK);
    assert_refused(kgi_pipeline_load(&pipeline, container, &err), err, KG_ERR_FORMAT,
                   "container: there is no text 'ketgrad.preprocessing'");
    assert_int_equal(kgi_container_set_text(container, "ketgrad.preprocessing",
                                            "{" SHAPE ",\"steps\":[\"angle-range\"]}", &err),
                     KG_OK);
    assert_int_equal(kgi_container_add(container, "pipeline.0.range", 1, shape, range, &err),
                     KG_OK);
    assert_refused(kgi_pipeline_load(&pipeline, container, &err), err, KG_ERR_NUMERIC,
                   "all features of all rows are 2");
    kgi_container_destroy(container);
}

typedef struct refused_step {
    const char *steps[2];
    int n;
    kg_status status;
    const char *message;
} refused_step;

static const refused_step refused_steps[] = {
    /* clang-format off */
    {{"pcs:4"}, 1, KG_ERR_ARGUMENT, "unknown transform 'pcs', did you mean pca?, allowed are scale, resize:N, column:K, pca:K, angle-range[:each|:own], standardise"},
    {{"xyzzyx"}, 1, KG_ERR_ARGUMENT, "unknown transform 'xyzzyx', allowed are scale"},
    {{""}, 1, KG_ERR_ARGUMENT, "unknown transform ''"},
    {{"pca"}, 1, KG_ERR_ARGUMENT, "pca: '' is not a whole number in [1, 8192]"},
    {{"pca:0"}, 1, KG_ERR_ARGUMENT, "pca: '0' is not a whole number in [1, 8192]"},
    {{"pca:-1"}, 1, KG_ERR_ARGUMENT, "pca: '-1' is not a whole number in [1, 8192]"},
    {{"pca:8x"}, 1, KG_ERR_ARGUMENT, "pca: '8x' is not a whole number in [1, 8192]"},
    {{"pca:99999999999999999999"}, 1, KG_ERR_ARGUMENT, "is not a whole number in [1, 8192]"},
    {{"resize:1025"}, 1, KG_ERR_ARGUMENT, "resize: '1025' is not a whole number in [1, 1024]"},
    {{"scale:2"}, 1, KG_ERR_ARGUMENT, "scale: '2' follows the colon, allowed is nothing"},
    {{"scale:"}, 1, KG_ERR_ARGUMENT, "scale: '' follows the colon, allowed is nothing"},
    {{"angle-range:test"}, 1, KG_ERR_ARGUMENT, "angle-range: 'test' follows the colon, allowed is each or own"},
    {{"angle-range:own", "scale"}, 2, KG_ERR_ARGUMENT, "scale: no step may follow angle-range:own"},
    {{"pca:37"}, 1, KG_ERR_SHAPE, "pca:37: 37 components of 36 features"},
    {{"resize:20", "pca:71"}, 2, KG_ERR_SHAPE, "pca:71: 71 components of 70 rows"},
    {{"pca:4", "resize:2"}, 2, KG_ERR_SHAPE, "resize:2: rows of 4 features are not images"},
    {{"pca:4", "column:2"}, 2, KG_ERR_SHAPE, "column:2: rows of 4 features are not images"},
    {{"resize:91", "pca:2"}, 2, KG_ERR_UNSUPPORTED, "pca:2: of 8281 features, at most 8192"},
    /* clang-format on */
};

static void bad_steps_are_refused(void **state)
{
    (void)state;
    kg_dataset *data = make_data(0, ROWS);
    for (size_t i = 0; i < sizeof refused_steps / sizeof refused_steps[0]; i++) {
        const refused_step *row = &refused_steps[i];
        kg_error err;
        kg_pipeline *pipeline = (kg_pipeline *)&err;
        assert_refused(kg_pipeline_fit(&pipeline, row->steps, row->n, data, &err), err, row->status,
                       row->message);
        assert_null(pipeline);
    }
    kg_dataset_destroy(data);
}

static void constant_and_unfit_rows_are_refused(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *constant = NULL;
    kg_dataset *train = make_data(0, ROWS);
    kg_dataset *out = NULL;
    kg_pipeline *pipeline = NULL;
    double x[2 * FEATURES];
    for (int i = 0; i < 2 * FEATURES; i++) {
        x[i] = 3.0;
    }
    assert_int_equal(kg_dataset_create(&constant, "c", 2, FEATURES, x, 0, NULL, NULL, &err), KG_OK);
    assert_refused(kg_pipeline_fit(&pipeline, (const char *const[]){"pca:2"}, 1, constant, &err),
                   err, KG_ERR_NUMERIC, "pca:2: all rows are equal: there are no components");
    assert_refused(
        kg_pipeline_fit(&pipeline, (const char *const[]){"angle-range"}, 1, constant, &err), err,
        KG_ERR_NUMERIC, "angle-range: all features of all rows are 3: there is no range to scale");
    assert_null(pipeline);

    pipeline = fit((const char *const[]){"angle-range:own"}, 1, train);
    assert_refused(kg_pipeline_apply(&out, pipeline, constant, &err), err, KG_ERR_NUMERIC,
                   "c: angle-range:own: all features of all rows are 3");
    assert_null(out);
    assert_refused(kg_pipeline_run(pipeline, x, 0, x, &err), err, KG_ERR_ARGUMENT,
                   "0 rows, must be at least 1");
    x[FEATURES + 2] = INFINITY;
    assert_refused(kg_pipeline_run(pipeline, x, 2, x, &err), err, KG_ERR_NUMERIC,
                   "row 1, feature 2 is not finite");
    kg_dataset_destroy(constant);
    assert_int_equal(
        kg_dataset_create(&constant, "c", 1, 3, (double[]){1, 2, 3}, 0, NULL, NULL, &err), KG_OK);
    assert_refused(kg_pipeline_apply(&out, pipeline, constant, &err), err, KG_ERR_SHAPE,
                   "c: 3 features, the pipeline was fitted on 36");
    kg_pipeline_destroy(pipeline);
    kg_dataset_destroy(constant);
    kg_dataset_destroy(train);
}

/* Every row of the table fits, with the smallest argument that makes sense. */
static void the_table_has_no_dead_row(void **state)
{
    (void)state;
    kg_dataset *data = make_data(0, ROWS);
    int n = 0;
    for (; kg_transform_info_get(n); n++) {
        const kg_transform_info *info = kg_transform_info_get(n);
        char step[64];
        const char *const steps[1] = {step};
        const int has_number = info->argument[0] == 'N' || info->argument[0] == 'K';
        snprintf(step, sizeof step, "%s%s", info->name, has_number ? ":2" : "");
        kg_pipeline_destroy(fit(steps, 1, data));
        assert_true(strlen(info->help) > 10);
    }
    assert_int_equal(n, 6);
    assert_null(kg_transform_info_get(-1));
    kg_dataset_destroy(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_steps_is_the_identity),
        cmocka_unit_test(what_a_pipeline_tells),
        cmocka_unit_test(components_are_what_they_should_be),
        cmocka_unit_test(all_components_explain_everything),
        cmocka_unit_test(angles_are_scaled_by_training_rows_and_clipped),
        cmocka_unit_test(own_range_is_the_quirk),
        cmocka_unit_test(rows_do_not_see_each_other),
        cmocka_unit_test(a_stored_pipeline_gives_the_same_bits),
        cmocka_unit_test(a_broken_model_file_is_refused),
        cmocka_unit_test(bad_steps_are_refused),
        cmocka_unit_test(constant_and_unfit_rows_are_refused),
        cmocka_unit_test(the_table_has_no_dead_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
