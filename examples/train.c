/* SPDX-License-Identifier: Apache-2.0 */
/* From data to a saved model and back: what `ketgrad train` does, in C. Usage: train [MODEL.safetensors] */
#include <stdio.h>

#include <ketgrad/ketgrad.h>

static void show(const kg_step *step, void *user)
{
    (void)user;
    printf("step %3d  loss %.4f  accuracy %.2f\n", step->step, step->loss, step->accuracy);
}

/* Fits the pipeline, prepares the rows, trains, saves. */
static kg_status make(const kg_dataset *data, const char *path, kg_error *err)
{
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    kg_train_options training = KG_TRAIN_OPTIONS_INIT;
    kg_model *model = NULL;
    kg_dataset *rows = NULL;
    training.optimizer = "adam";
    training.lr = 0.05;
    training.log_every = 50;
    training.on_step = show;
    kg_status status = kg_model_create(&model, "qcnn", &options, err);
    if (!status) {
        status = kg_model_fit(model, data, err);
    }
    if (!status) {
        status = kg_pipeline_apply(&rows, kg_model_pipeline(model), data, err);
    }
    if (!status) {
        status = kg_train_run(model, kg_dataset_n_rows(rows), kg_dataset_features(rows),
                              kg_dataset_labels(rows), &training, NULL, err);
    }
    if (!status) {
        status = kg_model_save(model, path, err);
    }
    kg_dataset_destroy(rows);
    kg_model_destroy(model);
    return status;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "model.safetensors";
    kg_error err;
    kg_dataset *train = NULL, *test = NULL;
    kg_model *model = NULL;
    kg_dataset_options which = KG_DATASET_OPTIONS_INIT;
    const int classes[2] = {3, 5};
    double accuracy = 0, loss = 0;
    which.classes = classes;
    which.n_classes = 2;
    which.n_train = 400;
    which.n_test = 200;

    kg_status status = kg_dataset_load(&train, &test, "strokes", &which, &err);
    if (!status) {
        status = make(train, path, &err);
    }
    if (!status) {
        status = kg_model_load(&model, path, 1, &err);
    }
    if (!status) { /* raw rows go in: the file holds its own preprocessing */
        status = kg_eval_dataset(model, test, &accuracy, &loss, NULL, NULL, &err);
    }
    if (!status) {
        printf("%s: %s with %d parameters, test accuracy %.3f, loss %.3f\n", path,
               kg_model_name(model), kg_model_n_params(model), accuracy, loss);
    } else {
        fprintf(stderr, "train: %s\n", err.message);
    }
    kg_model_destroy(model);
    kg_dataset_destroy(train);
    kg_dataset_destroy(test);
    return (int)status;
}
