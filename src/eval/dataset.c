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

/* Predictions of all rows; memory that the caller does not bring is released by it. */
typedef struct outcome {
    kg_dataset *prepared;
    int *predicted;
    double *scores;
} outcome;

static void clear(outcome *o)
{
    kg_dataset_destroy(o->prepared);
    free(o->predicted);
    free(o->scores);
}

static kg_status predict(outcome *o, kg_model *model, const kg_dataset *test, double *loss,
                         kg_error *err)
{
    const size_t n = (size_t)kg_dataset_n_rows(test);
    kg_status status = kgi_model_need_built(model, err);
    if (!status) {
        status = check_set(model, test, err);
    }
    if (!status && model->pipeline) {
        status = kg_pipeline_apply(&o->prepared, model->pipeline, test, err);
    }
    if (status) {
        return status;
    }
    o->predicted = calloc(n, sizeof *o->predicted);
    o->scores = calloc(n * (size_t)model->n_classes, sizeof *o->scores);
    if (!o->predicted || !o->scores) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate predictions of %zu rows", n);
    }
    return kg_model_score(model, (int)n, kg_dataset_features(o->prepared ? o->prepared : test),
                          kg_dataset_labels(test), o->predicted, o->scores, loss, err);
}

kg_status kg_eval_metrics(kg_model *model, const kg_dataset *test, kg_metrics *metrics,
                          double *loss, int *predicted, double *scores, int *confusion,
                          kg_error *err)
{
    outcome o = {0};
    const int n = kg_dataset_n_rows(test);
    const int *labels = kg_dataset_labels(test);
    kg_status status = predict(&o, model, test, loss, err);
    if (!status && metrics) {
        status =
            kg_metrics_compute(n, labels, o.predicted, o.scores, model->n_classes, metrics, err);
    }
    if (!status && predicted) {
        memcpy(predicted, o.predicted, (size_t)n * sizeof *predicted);
    }
    if (!status && scores) {
        memcpy(scores, o.scores, (size_t)n * (size_t)model->n_classes * sizeof *scores);
    }
    if (!status && confusion) {
        kg_confusion(n, labels, o.predicted, model->n_classes, confusion);
    }
    clear(&o);
    return status;
}

kg_status kg_eval_dataset(kg_model *model, const kg_dataset *test, double *accuracy, double *loss,
                          int *predicted, int *confusion, kg_error *err)
{
    kg_metrics metrics;
    const kg_status status =
        kg_eval_metrics(model, test, &metrics, loss, predicted, NULL, confusion, err);
    if (!status) {
        *accuracy = metrics.accuracy;
    }
    return status;
}
