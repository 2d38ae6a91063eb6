/* SPDX-License-Identifier: Apache-2.0 */
/* Testing a trained model on rows as they are read. */
#include <stdlib.h>
#include <string.h>

#include <ketgrad/eval.h>

#include "model/model.h"

/* Columns must fit. Labels are indices, so the model's classes and those of the data must have the same names. */
static kg_status check_set(const kg_model *model, const kg_dataset *test, kg_error *err)
{
    if (kg_dataset_n_classes(test) != model->n_classes) {
        return kgi_fail(err, KG_ERR_SHAPE, "data set \"%s\" has %d classes, but the model %d",
                        kg_dataset_name(test), kg_dataset_n_classes(test), model->n_classes);
    }
    for (int c = 0; c < model->n_classes; c++) {
        if (strcmp(kg_dataset_class_name(test, c), model->classes[c]) != 0) {
            return kgi_fail(
                err, KG_ERR_SHAPE,
                "class %d of data set \"%s\" is \"%.40s\", but the model's is \"%.40s\"", c,
                kg_dataset_name(test), kg_dataset_class_name(test, c), model->classes[c]);
        }
    }
    const int n_inputs =
        model->pipeline ? kg_pipeline_n_inputs(model->pipeline) : model->n_features;
    if (n_inputs != kg_dataset_n_features(test)) {
        return kgi_fail(err, KG_ERR_SHAPE,
                        "data set \"%s\" has %d features, but the model takes %d",
                        kg_dataset_name(test), kg_dataset_n_features(test), n_inputs);
    }
    return KG_OK;
}

kg_status kg_eval_dataset(kg_model *model, const kg_dataset *test, double *accuracy, double *loss,
                          int *predicted, int *confusion, kg_error *err)
{
    kg_dataset *prepared = NULL;
    int *classes = NULL;
    kg_status status = kgi_model_need_built(model, err);
    if (!status) {
        status = check_set(model, test, err);
    }
    if (!status && model->pipeline) {
        status = kg_pipeline_apply(&prepared, model->pipeline, test, err);
    }
    if (status) {
        return status;
    }
    const int n = kg_dataset_n_rows(test);
    const int *labels = kg_dataset_labels(test);
    classes = calloc((size_t)n, sizeof *classes);
    if (!classes) {
        kg_dataset_destroy(prepared);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate predictions of %d rows", n);
    }
    status = kg_model_score(model, n, kg_dataset_features(prepared ? prepared : test), labels,
                            classes, NULL, loss, err);
    if (!status) {
        *accuracy = kg_accuracy(n, labels, classes);
        if (predicted) {
            memcpy(predicted, classes, (size_t)n * sizeof *classes);
        }
        if (confusion) {
            kg_confusion(n, labels, classes, model->n_classes, confusion);
        }
    }
    free(classes);
    kg_dataset_destroy(prepared);
    return status;
}
