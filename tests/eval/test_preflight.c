/* SPDX-License-Identifier: Apache-2.0 */
/* What a run will take, against the run itself: the same counts, a model that stays as it was, the errors
 * that the run would end with, and refusals that say what would fit. That the bytes are those of a real
 * process is tested on the command line. */
#include <ketgrad/preflight.h>

#include "bench.h"
#include "refused.h"

static void make(bench *b, const char *model)
{
    bench_make(b, model, 2, 7);
    b->options.val_rows = 12;
    b->options.baselines = "none";
}

static kg_status estimate(const bench *b, int time, kg_preflight *f, kg_error *err)
{
    return kg_preflight_estimate(f, b->model, b->train, b->test, &b->training, &b->options, time,
                                 err);
}

static void counts_are_those_of_the_run(void **state)
{
    (void)state;
    static const char *const models[] = {"qcnn", "logistic", "mlp"};
    for (int i = 0; i < 3; i++) {
        bench b;
        make(&b, models[i]);
        kg_preflight f;
        assert_int_equal(estimate(&b, 0, &f, NULL), KG_OK);
        assert_int_equal(kg_model_n_params(b.model), 0); /* not built */
        assert_int_equal(bench_run(&b, NULL), KG_OK);
        assert_int_equal(f.n_train, b.e->n_train);
        assert_int_equal(f.n_val, b.e->n_val);
        assert_int_equal(f.n_test, b.e->n_test);
        assert_int_equal(f.n_columns, FIXTURE_PIXELS);
        assert_int_equal(f.n_features, b.e->n_features);
        assert_int_equal(f.n_classes, b.e->n_classes);
        assert_int_equal(f.n_params, b.e->params);
        assert_int_equal(f.n_steps, 7);
        assert_int_equal(f.n_seeds, 2);
        assert_int_equal(f.has_plan, i == 0);
        assert_true(f.peak_bytes > f.resident_bytes);
        assert_near(f.seconds, 0.0, 0.0); /* nobody asked */
        bench_clear(&b);
    }
}

static void time_is_told_if_it_is_asked_for(void **state)
{
    (void)state;
    bench b;
    make(&b, "qcnn");
    kg_preflight f;
    assert_int_equal(estimate(&b, 1, &f, NULL), KG_OK);
    assert_true(f.step_seconds > 0.0);
    assert_true(f.seconds >= f.n_seeds * f.n_steps * f.step_seconds);
    bench_clear(&b);
}

static void the_errors_are_those_of_the_run(void **state)
{
    (void)state;
    bench b;
    make(&b, "qcnn");
    kg_preflight f;
    kg_error err = {KG_OK, ""}, of_run = {KG_OK, ""};
    b.options.val_rows = 60;
    assert_int_equal(bench_run(&b, &of_run), KG_ERR_ARGUMENT);
    assert_refused(estimate(&b, 0, &f, &err), err, KG_ERR_ARGUMENT, of_run.message);
    bench_clear(&b);
}

static void too_much_is_refused_with_what_would_fit(void **state)
{
    (void)state;
    kg_error err = {KG_OK, ""};
    kg_preflight f = {.n_train = 1000,
                      .n_val = 24,
                      .resident_bytes = 100000000,
                      .peak_bytes = 300000000,
                      .row_bytes = 1000000,
                      .available_bytes = SIZE_MAX};
    assert_int_equal(kg_preflight_check(&f, 0, &err), KG_OK);
    assert_int_equal(kg_preflight_check(&f, 300000000, &err), KG_OK);
    assert_refused(kg_preflight_check(&f, 299999999, &err), err, KG_ERR_MEMORY,
                   "this run needs about 300000000 bytes at its peak, 299999999 are allowed; with "
                   "at most ");
    f.available_bytes = 150000000;
    assert_refused(kg_preflight_check(&f, 0, &err), err, KG_ERR_MEMORY, "250000000 are available");
    f.row_bytes = 8;
    assert_refused(kg_preflight_check(&f, 100000001, &err), err, KG_ERR_MEMORY,
                   "100000001 are allowed; fewer rows alone do not help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_run),
        cmocka_unit_test(time_is_told_if_it_is_asked_for),
        cmocka_unit_test(the_errors_are_those_of_the_run),
        cmocka_unit_test(too_much_is_refused_with_what_would_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
