/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, from making a model to loading it again: the whole way is repeated with the
 * first, second, third ... allocation refused. Every time it must end with KG_ERR_MEMORY and a message,
 * and leak nothing (which the sanitizer's build checks). */
#include <string.h>

#include <ketgrad/eval.h>

#include "alloc.h"
#include "fixture.h"
#include "refused.h"

static char folder[SCRATCH_BYTES];

static kg_status save(kg_model *model, const kg_seed_result *result, void *user, kg_error *err)
{
    (void)result;
    (void)user;
    return kg_model_save(model, scratch_path(folder, "model"), err);
}

/* Create, fit, train with baselines, save, load, predict. */
static kg_status whole_way(const kg_dataset *train, const kg_dataset *test, kg_error *err)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
    kg_model *model = NULL, *loaded = NULL;
    kg_experiment *e = NULL;
    double accuracy = 0.0, grad[64];
    const double x[2] = {0.1, 0.2};
    o.qubits = 2;
    training.steps = 1;
    options.on_seed = save;
    kg_status status = kg_model_create(&model, "qcnn", &o, err);
    if (!status) {
        status = kg_experiment_run(&e, model, train, test, &training, &options, err);
    }
    if (!status) {
        status = kg_model_load(&loaded, scratch_path(folder, "model"), 1, err);
    }
    if (!status) {
        status = kg_eval_dataset(loaded, test, &accuracy, NULL, NULL, NULL, err);
    }
    if (!status) {
        status = kg_model_jacobian(loaded, 1, x, grad, NULL, err);
    }
    kg_experiment_destroy(e);
    kg_model_destroy(model);
    kg_model_destroy(loaded);
    return status;
}

static void every_refused_allocation_is_reported(void **state)
{
    (void)state;
    kg_dataset *train = fixture_bars(12, 2, 1, 0), *test = fixture_bars(6, 2, 2, 0);
    kg_error err;
    scratch_make(folder);
    assert_survives(whole_way(train, test, &err), 1, (void)0, 100);
    scratch_remove(folder);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
