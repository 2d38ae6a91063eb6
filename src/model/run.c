/* SPDX-License-Identifier: Apache-2.0 */
/* Running models: forward through the layers, backward beside it, and what users ask for. */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

kg_status kgi_model_reserve(kg_model *model, int n, kg_error *err)
{
    if (n <= model->capacity) {
        return KG_OK;
    }
    for (int l = 0; l < model->n_layers; l++) {
        const size_t width = (size_t)model->layers[l]->n_out;
        free(model->activations[l]);
        free(model->d_activations[l]);
        model->capacity = 0;
        model->activations[l] = kgi_alloc((size_t)n * width, sizeof(double));
        model->d_activations[l] = kgi_alloc((size_t)n * width, sizeof(double));
        if (!model->activations[l] || !model->d_activations[l]) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes for %d rows",
                            2 * (size_t)n * width * sizeof(double), n);
        }
    }
    model->capacity = n;
    return KG_OK;
}

/* ---- forward and backward through the layers ---------------------------------------------------------- */

const double *kgi_model_run(kg_model *model, const double *params, int n, const double *x)
{
    KGI_ASSERT(n <= model->capacity);
    for (int l = 0; l < model->n_layers; l++) {
        kgi_layer_forward(model->layers[l], n, params, x, model->activations[l]);
        params += model->layers[l]->n_params;
        x = model->activations[l];
    }
    return x;
}

/* After kgi_model_run() with the same arguments: d_params += and d_x += the products with what stands
 * in the last of model->d_activations. Either may be NULL. */
static void run_backward(kg_model *model, const double *params, int n, const double *x,
                         double *d_params, double *d_x)
{
    size_t offset = (size_t)model->n_params;
    for (int l = model->n_layers - 1; l >= 0; l--) {
        const kgi_layer *layer = model->layers[l];
        offset -= (size_t)layer->n_params;
        double *d_in = l ? model->d_activations[l - 1] : d_x;
        if (l) {
            memset(d_in, 0, (size_t)n * (size_t)layer->n_in * sizeof *d_in);
        }
        kgi_layer_backward(layer, n, params + offset, l ? model->activations[l - 1] : x,
                           model->d_activations[l], d_params ? d_params + offset : NULL, d_in);
    }
}

double kgi_model_gradient(kg_model *model, const double *params, int n, const double *x,
                          const int *labels, double weight, double *d_params, int *n_correct)
{
    const int n_out = model->n_outputs;
    const double *out = kgi_model_run(model, params, n, x);
    const double loss = kgi_loss_forward(model->loss, n, n_out, out, labels);
    *n_correct = kgi_loss_n_correct(model->loss, n, n_out, out, model->n_classes, labels);
    if (isfinite(loss)) {
        double *d_out = model->d_activations[model->n_layers - 1];
        memset(d_out, 0, (size_t)n * (size_t)n_out * sizeof *d_out);
        kgi_loss_backward(model->loss, n, n_out, out, labels, weight, d_out);
        run_backward(model, params, n, x, d_params, NULL);
    }
    return loss;
}

/* ---- the public door ---------------------------------------------------------------------------------- */

static kg_status begin(kg_model *model, int n, kg_error *err)
{
    const kg_status status = kgi_model_need_built(model, err);
    if (status) {
        return status;
    }
    if (n < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "number of rows is %d, not at least 1", n);
    }
    return kgi_model_reserve(model, n, err);
}

/* Outputs in the model's memory, or the first that is not finite. */
static kg_status run_checked(kg_model *model, int n, const double *features, const double **outputs,
                             kg_error *err)
{
    const kg_status status = begin(model, n, err);
    if (status) {
        return status;
    }
    const double *out = kgi_model_run(model, model->params, n, features);
    const size_t n_out = (size_t)model->n_outputs;
    for (size_t i = 0; i < (size_t)n * n_out; i++) {
        if (!isfinite(out[i])) {
            return kgi_fail(err, KG_ERR_NUMERIC, "output %s of row %zu is not finite",
                            model->output_names[i % n_out], i / n_out);
        }
    }
    *outputs = out;
    return KG_OK;
}

kg_status kg_model_forward(kg_model *model, int n, const double *features, double *outputs,
                           kg_error *err)
{
    const double *out = NULL;
    const kg_status status = run_checked(model, n, features, &out, err);
    if (!status) {
        memcpy(outputs, out, (size_t)n * (size_t)model->n_outputs * sizeof *outputs);
    }
    return status;
}

kg_status kg_model_jacobian(kg_model *model, int n, const double *features, double *grad,
                            double *grad_inputs, kg_error *err)
{
    const double *out = NULL;
    const kg_status status = run_checked(model, n, features, &out, err);
    if (status) {
        return status;
    }
    const size_t n_out = (size_t)model->n_outputs, n_params = (size_t)model->n_params;
    const size_t n_in = (size_t)model->n_features;
    for (size_t i = 0; i < (size_t)n * n_out; i++) {
        const double *x = features + i / n_out * n_in;
        double *d_out = model->d_activations[model->n_layers - 1];
        double *d_params = grad ? grad + i * n_params : NULL;
        double *d_x = grad_inputs ? grad_inputs + i * n_in : NULL;
        memset(d_out, 0, n_out * sizeof *d_out);
        d_out[i % n_out] = 1.0;
        if (d_params) {
            memset(d_params, 0, n_params * sizeof *d_params);
        }
        if (d_x) {
            memset(d_x, 0, n_in * sizeof *d_x);
        }
        (void)kgi_model_run(model, model->params, 1, x);
        run_backward(model, model->params, 1, x, d_params, d_x);
    }
    return KG_OK;
}

/* Labels outside the classes would index outside the outputs. */
static kg_status check_labels(const kg_model *model, int n, const int *labels, kg_error *err)
{
    for (int i = 0; labels && i < n; i++) {
        if (labels[i] < 0 || labels[i] >= model->n_classes) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "label of row %d is %d, not in [0, %d]", i,
                            labels[i], model->n_classes - 1);
        }
    }
    return KG_OK;
}

kg_status kg_model_score(kg_model *model, int n, const double *features, const int *labels,
                         int *predicted, double *scores, double *loss, kg_error *err)
{
    const double *out = NULL;
    kg_status status = run_checked(model, n, features, &out, err);
    if (!status) {
        status = check_labels(model, n, labels, err);
    }
    if (status) {
        return status;
    }
    kgi_loss_decide(model->loss, n, model->n_outputs, out, model->n_classes, predicted, scores);
    if (labels && loss) {
        *loss = kgi_loss_forward(model->loss, n, model->n_outputs, out, labels) / (double)n;
    }
    return KG_OK;
}

kg_status kg_model_predict(kg_model *model, int n, const double *rows, int n_columns,
                           int *predicted, double *scores, kg_error *err)
{
    kg_status status = kgi_model_need_built(model, err);
    if (status) {
        return status;
    }
    const int expected =
        model->pipeline ? kg_pipeline_n_inputs(model->pipeline) : model->n_features;
    if (n_columns != expected) {
        return kgi_fail(err, KG_ERR_SHAPE, "rows have %d columns, but the model takes %d",
                        n_columns, expected);
    }
    if (n < 1 || !model->pipeline) {
        return kg_model_score(model, n, rows, NULL, predicted, scores, NULL, err);
    }
    double *features = kgi_alloc((size_t)n * (size_t)model->n_features, sizeof *features);
    if (!features) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate features of %d rows", n);
    }
    status = kg_pipeline_run(model->pipeline, rows, n, features, err);
    if (!status) {
        status = kg_model_score(model, n, features, NULL, predicted, scores, NULL, err);
    }
    free(features);
    return status;
}
