/* SPDX-License-Identifier: Apache-2.0 */
/* Models, training and experiments without memory. */
#include <string.h>

#include <ketgrad/eval.h>

#include "fault/folder.h"
#include "fixture.h"

static kg_model_options small(int i)
{
    kg_model_options o = KG_MODEL_OPTIONS_INIT;
    if (kg_model_kind_get(i) && !strcmp(kg_model_kind_get(i), "custom")) {
        o.definition =
            "circuit: {qubits: 2, ops: [encode: angle, {block: su4, on: [0, 1]}], "
            "measure: [Z0, Z1]}\n"
            "layers: [{kind: dense, units: 2}, tanh, quantum, {kind: dense, units: 2}]\n";
        return o;
    }
    o.qubits = 2;
    o.encoding = i % 2 ? "amplitude" : "angle";
    o.precision = i % 2 ? KG_PRECISION_F32 : KG_PRECISION_F64;
    o.threads = 1 + i % 2;
    return o;
}

static kg_status make_and_fit(kg_model **out, const char *name, const kg_model_options *o,
                              const kg_dataset *data, kg_error *err)
{
    kg_status status = kg_model_create(out, name, o, err);
    if (!status) {
        status = kg_model_fit(*out, data, err);
    }
    if (status) {
        kg_model_destroy(*out);
        *out = NULL;
    }
    return status;
}

/* Each model of the registry: made, fitted, saved, loaded, asked. A model whose fitting failed can be
 * fitted again. */
static void every_model(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = fixture_bars(12, 2, 1, 0);
    char path[2 * SCRATCH_BYTES];
    snprintf(path, sizeof path, "%s", scratch_path(folder, "model"));
    for (int i = 0; kg_model_kind_get(i); i++) {
        const char *name = kg_model_kind_get(i);
        const kg_model_options o = small(i);
        kg_model *model = NULL, *loaded = NULL;
        double scores[24], *grad = NULL;
        int predicted[12];
        assert_survives(kg_model_create(&model, name, &o, &err), !model,
                        (kg_model_destroy(model), model = NULL), 1);
        assert_survives(make_and_fit(&model, name, &o, data, &err), !model,
                        (kg_model_destroy(model), model = NULL), 3);
        assert_int_equal(kg_model_create(&model, name, &o, NULL), KG_OK);
        alloc_start(1, ALLOC_FOR_GOOD);
        assert_int_equal(kg_model_fit(model, data, &err), KG_ERR_MEMORY);
        (void)alloc_stop();
        assert_int_equal(kg_model_fit(model, data, &err), KG_OK);
        (void)unlink(path);
        assert_survives(kg_model_save(model, path, &err), access(path, F_OK), unlink(path), 5);
        assert_int_equal(kg_model_save(model, path, NULL), KG_OK);
        assert_survives(kg_model_load(&loaded, path, 1, &err), !loaded,
                        (kg_model_destroy(loaded), loaded = NULL), 10);
        assert_survives(kg_model_predict(model, 12, kg_dataset_features(data), FIXTURE_PIXELS,
                                         predicted, scores, &err),
                        1, (void)0, 0);
        grad = calloc((size_t)kg_model_n_outputs(model) * (size_t)(kg_model_n_params(model) + 1),
                      sizeof *grad);
        double *features = calloc((size_t)kg_model_n_features(model), sizeof *features);
        for (int f = 0; f < kg_model_n_features(model); f++) {
            features[f] = 0.1 * (f + 1);
        }
        assert_survives(kg_model_jacobian(model, 1, features, grad, NULL, &err), 1, (void)0, 0);
        free(features);
        free(grad);
        kg_model_destroy(model);
    }
    kg_dataset_destroy(data);
}

/* Each optimizer: a run that could not start leaves the parameters as they were. */
static void training(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = fixture_bars(12, 2, 1, 0);
    const kg_model_options o = small(0);
    double x[24] = {0};
    for (int i = 0; i < 24; i++) {
        x[i] = 0.1 * i;
    }
    for (int k = 0; kg_optimizer_get(k); k++) {
        kg_train_options options = KG_TRAIN_OPTIONS_INIT;
        kg_model *model = NULL;
        options.optimizer = kg_optimizer_get(k);
        options.steps = 3;
        options.batch = 5;
        assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
        assert_int_equal(kg_model_build(model, 2, 2, NULL, NULL), KG_OK);
        assert_survives(kg_train_run(model, 12, x, kg_dataset_labels(data), &options, NULL, &err),
                        1, (void)0, 2);
        kg_model_destroy(model);
    }
    kg_dataset_destroy(data);
}

/* A trainer that could not be saved or loaded goes on as if it had not been asked. */
static void checkpoints(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *data = fixture_bars(12, 2, 1, 0);
    const kg_model_options o = small(0);
    kg_train_options options = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_trainer *trainer = NULL;
    double x[24], params[64];
    int running = 0;
    char path[2 * SCRATCH_BYTES];
    snprintf(path, sizeof path, "%s", scratch_path(folder, "checkpoint"));
    for (int i = 0; i < 24; i++) {
        x[i] = 0.1 * i;
    }
    const kg_rows rows = {9, x, kg_dataset_labels(data)};
    const kg_rows val = {3, x + 18, kg_dataset_labels(data)};
    options.optimizer = "adam";
    options.steps = 10;
    options.batch = 4;
    assert_int_equal(kg_model_create(&model, "qcnn", &o, NULL), KG_OK);
    assert_int_equal(kg_model_build(model, 2, 2, NULL, NULL), KG_OK);
    assert_survives(kg_trainer_create(&trainer, model, &rows, &val, &options, &err), !trainer,
                    (kg_trainer_destroy(trainer), trainer = NULL), 3);
    assert_int_equal(kg_trainer_create(&trainer, model, &rows, &val, &options, NULL), KG_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kg_trainer_step(trainer, &running, NULL), KG_OK);
    }
    assert_survives(kg_trainer_save(trainer, path, &err), access(path, F_OK), unlink(path), 10);
    assert_int_equal(kg_trainer_save(trainer, path, NULL), KG_OK);
    kg_trainer_destroy(trainer);
    const size_t n_bytes = (size_t)kg_model_n_params(model) * sizeof *params;
    for (int mode = ALLOC_ONCE; mode < ALLOC_MODES; mode++) {
        assert_int_equal(kg_trainer_create(&trainer, model, &rows, &val, &options, NULL), KG_OK);
        memcpy(params, kg_model_params(model), n_bytes);
        for (long n = 0;; n++) {
            alloc_start(n, mode);
            const kg_status status = kg_trainer_load(trainer, path, &err);
            if (!alloc_stop()) {
                assert_int_equal(status, KG_OK);
                break;
            }
            assert_int_equal(status, KG_ERR_MEMORY);
            assert_int_equal(kg_trainer_n_steps(trainer), 0);
            assert_memory_equal(kg_model_params(model), params, n_bytes);
        }
        assert_int_equal(kg_trainer_n_steps(trainer), 3);
        kg_trainer_destroy(trainer);
    }
    kg_model_destroy(model);
    kg_dataset_destroy(data);
}

static kg_status run_experiment(kg_experiment **out, const kg_dataset *train,
                                const kg_dataset *test, kg_error *err)
{
    kg_train_options training_options = KG_TRAIN_OPTIONS_INIT;
    kg_experiment_options options = KG_EXPERIMENT_OPTIONS_INIT;
    const kg_model_options o = small(0);
    kg_model *model = NULL;
    training_options.steps = 1;
    options.seeds = 2;
    kg_status status = kg_model_create(&model, "qcnn", &o, err);
    if (!status) {
        status = kg_experiment_run(out, model, train, test, &training_options, &options, err);
    }
    kg_model_destroy(model);
    return status;
}

static void experiments(void **state)
{
    (void)state;
    kg_error err;
    kg_dataset *train = fixture_bars(12, 2, 1, 0), *test = fixture_bars(6, 2, 2, 0);
    kg_experiment *experiment = NULL;
    assert_survives(run_experiment(&experiment, train, test, &err), !experiment,
                    (kg_experiment_destroy(experiment), experiment = NULL), 40);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model),
        cmocka_unit_test(training),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(experiments),
    };
    return cmocka_run_group_tests_name("fault/models", tests, folder_begin, folder_end);
}
