/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing to learn: training and test labels are shuffled, so test accuracy must be what chance gives to
 * a predictor with these class rates. A leak from test to training would show here. */
#include <ketgrad/eval.h>

#include "fixture.h"

enum { N_TRAIN = 60, N_TEST = 90, N_SEEDS = 20 };

/* The same rows with their labels permuted. */
static kg_dataset *shuffled(const kg_dataset *data, uint64_t seed)
{
    int labels[N_TEST];
    kg_dataset *out = NULL;
    const int n = kg_dataset_n_rows(data);
    for (int i = 0; i < n; i++) {
        labels[i] = kg_dataset_labels(data)[i];
    }
    for (int i = 0; i < n; i++) {
        const int j =
            i + (int)kg_random_below(seed, KG_STREAM_TEST, 0, (uint64_t)i, (uint64_t)(n - i));
        const int label = labels[j];
        labels[j] = labels[i];
        labels[i] = label;
    }
    assert_int_equal(kg_dataset_create(&out, "shuffled", n, FIXTURE_PIXELS,
                                       kg_dataset_features(data), 2, labels, NULL, NULL),
                     KG_OK);
    assert_int_equal(kg_dataset_set_image(out, FIXTURE_SIDE, FIXTURE_SIDE, NULL), KG_OK);
    return out;
}

/* Of n test rows k have label 1 and m are predicted 1. With labels permuted at random the overlap is
 * hypergeometric: mean m k / n, variance m k (n - m)(n - k) / (n^2 (n - 1)); the hits are
 * n - m - k + 2 overlap. The sum over 20 independent permutations stays within 5 sigma. */
static void shuffled_labels_are_met_by_chance(void **state)
{
    (void)state;
    const uint64_t first = near_seed(1000);
    kg_dataset *train = fixture_bars(N_TRAIN, 2, 5, 0), *test = fixture_bars(N_TEST, 2, 6, 0);
    double hits = 0.0, mean = 0.0, variance = 0.0;
    for (uint64_t s = 0; s < N_SEEDS; s++) {
        kg_dataset *train_s = shuffled(train, first + 2 * s);
        kg_dataset *test_s = shuffled(test, first + 2 * s + 1);
        kg_train_options training = KG_TRAIN_OPTIONS_INIT;
        kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
        kg_model *model = NULL;
        kg_experiment *e = NULL;
        training.seed = first + s;
        training.steps = 60;
        training.lr = 0.05;
        options.baselines = "none";
        assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
        assert_int_equal(kg_experiment_run(&e, model, train_s, test_s, &training, &options, NULL),
                         KG_OK);
        const int *c = e->confusion;
        const double n = N_TEST, k = c[2] + c[3], m = c[1] + c[3];
        hits += c[0] + c[3];
        mean += n - m - k + 2 * m * k / n;
        variance += 4 * m * k * (n - m) * (n - k) / (n * n * (n - 1));
        kg_experiment_destroy(e);
        kg_model_destroy(model);
        kg_dataset_destroy(train_s);
        kg_dataset_destroy(test_s);
    }
    assert_true(variance > 100.0); /* both classes are predicted; at most 20 * 90 / 4 = 450 */
    assert_near(hits, mean, 5 * sqrt(variance));
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

/* And with the true labels the same experiment does learn. */
static void true_labels_are_learnt(void **state)
{
    (void)state;
    kg_dataset *train = fixture_bars(N_TRAIN, 2, 5, 1), *test = fixture_bars(N_TEST, 2, 6, 1);
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_experiment *e = NULL;
    training.lr = 0.05;
    options.seeds = 5;
    assert_int_equal(kg_model_create(&model, "qcnn", NULL, NULL), KG_OK);
    assert_int_equal(kg_experiment_run(&e, model, train, test, &training, &options, NULL), KG_OK);
    assert_true(e->test_accuracy.mean > 0.85); /* majority: 0.67 */
    kg_experiment_destroy(e);
    kg_model_destroy(model);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffled_labels_are_met_by_chance),
        cmocka_unit_test(true_labels_are_learnt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
