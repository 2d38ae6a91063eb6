/* SPDX-License-Identifier: Apache-2.0 */
/* Transforms of each feature by itself: worked values, constant features, model files. */
#include <ketgrad/data.h>

#include <float.h>

#include "data/pipeline.h"
#include "refused.h"

#define PI 3.14159265358979323846

enum { ROWS = 4, FEATURES = 3 };

/* thousands, units, and a constant whose mean is not exact */
static const double table[ROWS * FEATURES] = {1000, 1, 0.1, 3000, 2, 0.1,
                                              2000, 4, 0.1, 4000, 5, 0.1};

static kg_dataset *make(const double *x, int n_rows)
{
    kg_dataset *data = NULL;
    assert_int_equal(kg_dataset_create(&data, "t", n_rows, FEATURES, x, 0, NULL, NULL, NULL),
                     KG_OK);
    return data;
}

static kg_pipeline *fit(const char *step, const double *x)
{
    kg_pipeline *pipeline = NULL;
    kg_dataset *data = make(x, ROWS);
    const char *const steps[1] = {step};
    assert_int_equal(kg_pipeline_fit(&pipeline, steps, 1, data, NULL), KG_OK);
    kg_dataset_destroy(data);
    return pipeline;
}

/* Means 2500 and 3; population deviations sqrt(1250000) and sqrt(10) / 2. Rounding of a mean and a
 * square root is below 4 eps of values up to 2, so 1e-15. */
static void standardise_gives_mean_0_and_deviation_1(void **state)
{
    (void)state;
    kg_pipeline *pipeline = fit("standardise", table);
    double y[ROWS * FEATURES];
    assert_int_equal(kg_pipeline_run(pipeline, table, ROWS, y, NULL), KG_OK);
    for (int r = 0; r < ROWS; r++) {
        assert_near(y[3 * r], (table[3 * r] - 2500) / sqrt(1250000), 1e-15);
        assert_near(y[3 * r + 1], (table[3 * r + 1] - 3) / sqrt(2.5), 1e-15);
        assert_true(y[3 * r + 2] == 0.0); /* a constant is 0, not a multiple of rounding errors */
    }
    kg_pipeline_destroy(pipeline);
}

static void each_feature_has_its_own_range_of_angles(void **state)
{
    (void)state;
    kg_pipeline *pipeline = fit("angle-range:each", table);
    const double outside[FEATURES] = {9000, -1, 7};
    double y[ROWS * FEATURES];
    assert_int_equal(kg_pipeline_run(pipeline, table, ROWS, y, NULL), KG_OK);
    for (int r = 0; r < ROWS; r++) {
        assert_near(y[3 * r], PI * (table[3 * r] - 1000) / 3000, 1e-15);
        assert_near(y[3 * r + 1], PI * (table[3 * r + 1] - 1) / 4, 1e-15);
        assert_true(y[3 * r + 2] == 0.0);
    }
    assert_int_equal(kg_pipeline_run(pipeline, outside, 1, y, NULL), KG_OK);
    assert_true(y[0] == PI && y[1] == 0.0 && y[2] == 0.0); /* clipped to the training rows' range */
    assert_null(kg_pipeline_range(pipeline, 0));           /* there is no common one */
    kg_pipeline_destroy(pipeline);
}

/* A width of a few subnormals would make an infinite weight, and infinity times 0 no number. */
static void subnormal_widths_count_as_constant(void **state)
{
    (void)state;
    static const char *const steps[] = {"standardise", "angle-range:each"};
    double x[ROWS * FEATURES];
    double y[ROWS * FEATURES];
    memcpy(x, table, sizeof x);
    for (int r = 0; r < ROWS; r++) {
        x[3 * r + 2] = r * DBL_TRUE_MIN;
    }
    for (int s = 0; s < 2; s++) {
        kg_pipeline *pipeline = fit(steps[s], x);
        assert_int_equal(kg_pipeline_run(pipeline, x, ROWS, y, NULL), KG_OK);
        for (int i = 0; i < ROWS * FEATURES; i++) {
            assert_true(isfinite(y[i]));
        }
        kg_pipeline_destroy(pipeline);
    }
}

static void rows_that_cannot_be_fitted_are_refused(void **state)
{
    (void)state;
    kg_error err;
    kg_pipeline *pipeline = NULL;
    double x[ROWS * FEATURES];
    for (int i = 0; i < ROWS * FEATURES; i++) {
        x[i] = i % FEATURES;
    }
    kg_dataset *constant = make(x, ROWS);
    assert_refused(
        kg_pipeline_fit(&pipeline, (const char *const[]){"angle-range:each"}, 1, constant, &err),
        err, KG_ERR_NUMERIC,
        "angle-range:each: every feature is constant: there is no range to scale");
    kg_dataset_destroy(constant);
    x[1] = 1e308;
    x[4] = -1e308;
    kg_dataset *wide = make(x, ROWS);
    assert_refused(
        kg_pipeline_fit(&pipeline, (const char *const[]){"angle-range:each"}, 1, wide, &err), err,
        KG_ERR_NUMERIC, "angle-range:each: feature 1 goes from -1e+308 to 1e+308: no double is so");
    assert_refused(kg_pipeline_fit(&pipeline, (const char *const[]){"standardise"}, 1, wide, &err),
                   err, KG_ERR_NUMERIC,
                   "standardise: feature 1 is too large to square: up to 1e+308");
    assert_null(pipeline);
    kg_dataset_destroy(wide);
}

/* Through a model file and back: the same bits for training rows and others, alone or together. */
static void a_model_file_keeps_them(void **state)
{
    (void)state;
    static const char *const steps[] = {"standardise", "pca:2", "angle-range:each"};
    const double rows[2 * FEATURES] = {1234.5, 0.3, 0.2, -77, 3.25, 0.1};
    kg_pipeline *before = NULL;
    kg_pipeline *after = NULL;
    kgi_container *container = NULL;
    double a[4];
    double b[4];
    kg_dataset *data = make(table, ROWS);
    assert_int_equal(kg_pipeline_fit(&before, steps, 3, data, NULL), KG_OK);
    assert_int_equal(kgi_container_create(&container, NULL), KG_OK);
    assert_int_equal(kgi_pipeline_save(before, container, NULL), KG_OK);
    assert_int_equal(kgi_pipeline_load(&after, container, NULL), KG_OK);
    assert_int_equal(kg_pipeline_run(before, rows, 2, a, NULL), KG_OK);
    assert_int_equal(kg_pipeline_run(after, rows, 2, b, NULL), KG_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(kg_pipeline_run(after, rows + FEATURES, 1, b, NULL), KG_OK);
    assert_memory_equal(a + 2, b, 2 * sizeof *b);
    kgi_container_destroy(container);
    kg_pipeline_destroy(before);
    kg_pipeline_destroy(after);
    kg_dataset_destroy(data);
}

static void broken_tensors_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *step;
        const char *tensor;
    } kinds[] = {{"standardise", "pipeline.0.moments"}, {"angle-range:each", "pipeline.0.ranges"}};
    const double negative[2 * FEATURES] = {1, 2, 3, 1, -1, 1};
    const size_t shape[2] = {2, FEATURES};
    for (int k = 0; k < 2; k++) {
        kg_error err;
        kgi_container *container = NULL;
        kg_pipeline *pipeline = NULL;
        char text[200];
        char message[200];
        snprintf(text, sizeof text,
                 "{\"n_inputs\":3,\"height\":0,\"width\":0,\"n_fit_rows\":4,\"steps\":[\"%s\"]}",
                 kinds[k].step);
        assert_int_equal(kgi_container_create(&container, &err), KG_OK);
        assert_int_equal(kgi_container_set_text(container, "ketgrad.preprocessing", text, &err),
                         KG_OK);
        assert_refused(kgi_pipeline_load(&pipeline, container, &err), err, KG_ERR_FORMAT,
                       kinds[k].tensor);
        assert_int_equal(kgi_container_add(container, kinds[k].tensor, 2, shape, negative, &err),
                         KG_OK);
        snprintf(message, sizeof message, "tensor '%s': weight 1 is -1, must be at least 0",
                 kinds[k].tensor);
        assert_refused(kgi_pipeline_load(&pipeline, container, &err), err, KG_ERR_FORMAT, message);
        assert_null(pipeline);
        kgi_container_destroy(container);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standardise_gives_mean_0_and_deviation_1),
        cmocka_unit_test(each_feature_has_its_own_range_of_angles),
        cmocka_unit_test(subnormal_widths_count_as_constant),
        cmocka_unit_test(rows_that_cannot_be_fitted_are_refused),
        cmocka_unit_test(a_model_file_keeps_them),
        cmocka_unit_test(broken_tensors_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
