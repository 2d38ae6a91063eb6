/* SPDX-License-Identifier: Apache-2.0 */
/* MNIST 0 and 1 with the network of Hur, Kim, Park (arXiv:2108.00661), 20 seeds: the published setting
 * with its quirks within the window of an independent program, and ours above 98.6 %.
 *
 * Needs the data set: KETGRAD_DATA names its folder. Skipped without it, unless KETGRAD_REQUIRE_DATA. */
#include <stdlib.h>
#include <string.h>

#include <ketgrad/eval.h>

#include "near.h"

enum { N_SEEDS = 20 };

static kg_dataset *train_set, *test_set;

static int load(void **state)
{
    const int classes[] = {0, 1};
    kg_dataset_options o = KG_DATASET_OPTIONS_INIT;
    kg_error err = {0};
    (void)state;
    o.folder = getenv("KETGRAD_DATA");
    o.classes = classes;
    o.n_classes = 2;
    if (!o.folder && !getenv("KETGRAD_REQUIRE_DATA")) {
        return 0;
    }
    if (kg_dataset_load(&train_set, &test_set, "mnist", &o, &err)) {
        print_error("%s\n", err.message);
        return -1;
    }
    return 0;
}

static int unload(void **state)
{
    (void)state;
    kg_dataset_destroy(train_set);
    kg_dataset_destroy(test_set);
    return 0;
}

/* Mean test accuracy in percent of 20 seeds, lr 0.01, batch 25, 200 steps of nesterov: the defaults. */
static double run(const char *compat, const char *encoding, const char *reduce, const char *loss,
                  const char *reduction)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_experiment *e = NULL;
    kg_error err = {0};
    if (!train_set) {
        print_message("skipped: KETGRAD_DATA does not name a folder of data sets\n");
        skip();
    }
    o.compat = compat;
    o.encoding = encoding;
    o.reduce = reduce;
    o.loss = loss;
    o.precision = KG_PRECISION_F32;
    training.loss_reduction = reduction;
    options.seeds = N_SEEDS;
    if (kg_model_create(&model, "qcnn", &o, &err) ||
        kg_experiment_run(&e, model, train_set, test_set, &training, &options, &err)) {
        fail_msg("%s", err.message);
    }
    const double mean = 100 * e->test_accuracy.mean;
    print_message("%s %s %s %s: %.2f +- %.2f, logistic %.2f, %.1f s\n", compat, reduce, loss,
                  reduction, mean, 100 * e->test_accuracy.sd,
                  100 * e->baselines[0].test_accuracy.mean, e->seconds);
    assert_near(e->baselines[1].test_accuracy.mean, 1135.0 / 2115, 1e-12); /* majority: digit 1 */
    kg_experiment_destroy(e);
    kg_model_destroy(model);
    return mean;
}

/* 98.37 +- 0.52 (5 seeds of the independent program, standard deviation of one). */
static void published_setting_with_eight_components(void **state)
{
    (void)state;
    assert_near(run("hur", "angle", "pca:8", "ce", "auto"), 98.37, 0.52);
}

/* 98.49 +- 0.37 */
static void published_setting_with_256_amplitudes(void **state)
{
    (void)state;
    assert_near(run("hur", "amplitude", "resize:16", "ce", "auto"), 98.49, 0.37);
}

static void whole_images_reach_their_figure(void **state)
{
    (void)state;
    assert_true(run("none", "angle", "pca:8", "ce", "sum") >= 98.6);
    assert_true(run("none", "angle", "pca:8", "mse", "auto") >= 98.6);
}

/* The mean has 25 times smaller steps than the sum at the same lr, so 200 steps end earlier on the way:
 * 400 seeds give 98.76 +- 0.98, and 20 seeds are within 3 standard errors, 0.66, of that. */
static void mean_cross_entropy_learns_slower(void **state)
{
    (void)state;
    assert_near(run("none", "angle", "pca:8", "ce", "mean"), 98.76, 0.66);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_setting_with_eight_components),
        cmocka_unit_test(published_setting_with_256_amplitudes),
        cmocka_unit_test(whole_images_reach_their_figure),
        cmocka_unit_test(mean_cross_entropy_learns_slower),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
