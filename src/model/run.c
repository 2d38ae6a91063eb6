/* SPDX-License-Identifier: Apache-2.0 */
/* Running models: forward through the layers, backward beside it, and what users ask for.
 *
 * Layers stand in an order in which each reads only layers before it. Backward goes the other way; a
 * layer that several others read collects the derivatives of all, because backward adds. */
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* ---- memory ---------------------------------------------------------------------------------------- */

/* Numbers that the nodes hold for one row, without derivatives. */
static size_t row_numbers(const kg_model *model)
{
    size_t n = 0;
    for (int l = 0; l < model->n_layers; l++) {
        const int joined = model->nodes[l].n_inputs > 1 ? model->layers[l]->n_in : 0;
        n += (size_t)model->layers[l]->n_out + (size_t)joined;
    }
    return n;
}

/* n rows of `width` numbers instead of what *rows holds; nothing is kept. */
static int resize(double **rows, int n, int width)
{
    free(*rows);
    *rows = kgi_alloc((size_t)n * (size_t)width, sizeof **rows);
    return *rows != NULL;
}

/* Memory of forward runs, or of the derivatives beside them. */
static kg_status reserve(kg_model *model, int n, int *capacity, int derivatives, kg_error *err)
{
    if (n <= *capacity) {
        return KG_OK;
    }
    *capacity = 0;
    for (int l = 0; l < model->n_layers; l++) {
        const kgi_layer *layer = model->layers[l];
        kgi_node *node = &model->nodes[l];
        if (!resize(derivatives ? &node->d_y : &node->y, n, layer->n_out) ||
            (node->n_inputs > 1 && !resize(derivatives ? &node->d_x : &node->x, n, layer->n_in))) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes for %d rows",
                            row_numbers(model) * (size_t)n * sizeof(double), n);
        }
    }
    *capacity = n;
    return KG_OK;
}

kg_status kgi_model_reserve(kg_model *model, int n, kg_error *err)
{
    const kg_status status = reserve(model, n, &model->capacity, 0, err);
    return status ? status : reserve(model, n, &model->d_capacity, 1, err);
}

kg_status kgi_model_expect(kg_model *model, int batch, kg_error *err)
{
    kg_status status = KG_OK;
    for (int l = 0; l < model->n_layers && !status; l++) {
        status = kgi_layer_expect(model->layers[l], batch, err);
    }
    return status;
}

/* Rows of a long table that are run at once: what the nodes hold for them stays small. */
static int rows_at_once(const kg_model *model)
{
    enum { PIECE = 256, PIECE_BYTES = 1 << 26, MAX_PIECES = 1 << 22 };
    const size_t pieces = PIECE_BYTES / (row_numbers(model) * sizeof(double) * PIECE);
    return PIECE * (int)(pieces < 1 ? 1 : pieces > MAX_PIECES ? MAX_PIECES : pieces);
}

size_t kgi_model_run_bytes(const kg_model *model, int n)
{
    const int piece = rows_at_once(model);
    return row_numbers(model) * (size_t)(n < piece ? n : piece) * sizeof(double);
}

/* ---- forward and backward through the layers ------------------------------------------------------- */

/* What a layer reads: the only input itself, or a copy of all inputs side by side. */
static const double *join(const kg_model *model, int l, int n, const double *x)
{
    const kgi_node *node = &model->nodes[l];
    if (node->n_inputs == 1) {
        return node->inputs[0] == KGI_FEATURES ? x : model->nodes[node->inputs[0]].y;
    }
    double *to = node->x;
    const size_t n_in = (size_t)model->layers[l]->n_in;
    for (int i = 0; i < node->n_inputs; i++) {
        const int from = node->inputs[i];
        const double *part = from == KGI_FEATURES ? x : model->nodes[from].y;
        const size_t width =
            (size_t)(from == KGI_FEATURES ? model->n_features : model->layers[from]->n_out);
        for (size_t b = 0; b < (size_t)n; b++) {
            memcpy(to + b * n_in, part + b * width, width * sizeof *to);
        }
        to += width;
    }
    return node->x;
}

/* The derivatives of joined inputs, added to those of the layers that they came from. */
static void split(const kg_model *model, int l, int n, double *d_x)
{
    const kgi_node *node = &model->nodes[l];
    const double *from = node->d_x;
    const size_t n_in = (size_t)model->layers[l]->n_in;
    for (int i = 0; i < node->n_inputs; i++) {
        const int to = node->inputs[i];
        double *d_part = to == KGI_FEATURES ? d_x : model->nodes[to].d_y;
        const size_t width =
            (size_t)(to == KGI_FEATURES ? model->n_features : model->layers[to]->n_out);
        for (size_t j = 0; d_part && j < (size_t)n * width; j++) {
            d_part[j] += from[j / width * n_in + j % width];
        }
        from += width;
    }
}

const double *kgi_model_run(kg_model *model, const double *params, int n, const double *x)
{
    KGI_ASSERT(n <= model->capacity);
    for (int l = 0; l < model->n_layers; l++) {
        kgi_layer_forward(model->layers[l], n, params + model->nodes[l].first_param,
                          join(model, l, n, x), model->nodes[l].y);
    }
    return model->nodes[model->n_layers - 1].y;
}

/* Where the derivatives of layer l's inputs go, set to 0 if they are its own; NULL if nobody asks. */
static double *begin_inputs(const kg_model *model, int l, int n, double *d_x)
{
    const kgi_node *node = &model->nodes[l];
    int wanted = d_x != NULL;
    for (int i = 0; i < node->n_inputs; i++) {
        wanted |= node->inputs[i] != KGI_FEATURES && model->nodes[node->inputs[i]].trains;
    }
    if (!wanted) {
        return NULL;
    }
    if (node->n_inputs == 1) {
        return node->inputs[0] == KGI_FEATURES ? d_x : model->nodes[node->inputs[0]].d_y;
    }
    memset(node->d_x, 0, (size_t)n * (size_t)model->layers[l]->n_in * sizeof *node->d_x);
    return node->d_x;
}

/* After kgi_model_run() with the same arguments: d_params += and d_x += the products with d_out, the
 * derivatives of the outputs, which stand in the last node's d_y. Either may be NULL. */
static void run_backward(kg_model *model, const double *params, int n, const double *x,
                         double *d_params, double *d_x)
{
    KGI_ASSERT(n <= model->d_capacity);
    for (int l = 0; l < model->n_layers - 1; l++) {
        memset(model->nodes[l].d_y, 0,
               (size_t)n * (size_t)model->layers[l]->n_out * sizeof *model->nodes[l].d_y);
    }
    for (int l = model->n_layers - 1; l >= 0; l--) {
        const kgi_node *node = &model->nodes[l];
        double *d_in = begin_inputs(model, l, n, d_x);
        const double *in = node->n_inputs > 1 ? node->x : join(model, l, n, x);
        kgi_layer_backward(model->layers[l], n, params + node->first_param, in, node->d_y,
                           d_params ? d_params + node->first_param : NULL, d_in);
        if (d_in && node->n_inputs > 1) {
            split(model, l, n, d_x);
        }
    }
}

/* The derivatives of the outputs, all 0. */
static double *begin_backward(const kg_model *model, int n)
{
    double *d_out = model->nodes[model->n_layers - 1].d_y;
    memset(d_out, 0, (size_t)n * (size_t)model->n_outputs * sizeof *d_out);
    return d_out;
}

void kgi_model_set_step(kg_model *model, uint64_t seed, int step)
{
    model->draw.seed = seed;
    model->draw.step = (uint32_t)step;
}

double kgi_model_gradient(kg_model *model, const double *params, int n, const double *x,
                          const int *labels, double weight, double *d_params, int *n_correct)
{
    const int n_out = model->n_outputs;
    model->draw.training = 1;
    const double *out = kgi_model_run(model, params, n, x);
    const double loss = kgi_loss_forward(model->loss, n, n_out, out, labels);
    *n_correct = kgi_loss_n_correct(model->loss, n, n_out, out, model->n_classes, labels);
    if (isfinite(loss)) {
        double *d_out = begin_backward(model, n);
        kgi_loss_backward(model->loss, n, n_out, out, labels, weight, d_out);
        run_backward(model, params, n, x, d_params, NULL);
    }
    model->draw.training = 0;
    return loss;
}

/* ---- the public door ------------------------------------------------------------------------------- */

static kg_status begin(const kg_model *model, int n, const double *features, kg_error *err)
{
    const kg_status status = kgi_model_need_built(model, err);
    if (!status && n < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "number of rows is %d, not at least 1", n);
    }
    return status ? status : kgi_model_check_rows(model, n, features, err);
}

/* Rows [first, first + *n) of those from first on that are run at once; their outputs, in the model's
 * memory, or the first that is not finite. */
static kg_status run_piece(kg_model *model, int first, int n_rows, const double *features, int *n,
                           const double **outputs, kg_error *err)
{
    const int piece = rows_at_once(model);
    const size_t n_out = (size_t)model->n_outputs;
    *n = n_rows - first < piece ? n_rows - first : piece;
    const kg_status status = reserve(model, *n, &model->capacity, 0, err);
    if (status) {
        return status;
    }
    *outputs = kgi_model_run(model, model->params, *n,
                             features + (size_t)first * (size_t)model->n_features);
    for (size_t i = 0; i < (size_t)*n * n_out; i++) {
        if (!isfinite((*outputs)[i])) {
            return kgi_fail(err, KG_ERR_NUMERIC, "output %s of row %zu is not finite",
                            model->output_names[i % n_out], (size_t)first + i / n_out);
        }
    }
    return KG_OK;
}

kg_status kg_model_forward(kg_model *model, int n, const double *features, double *outputs,
                           kg_error *err)
{
    kg_status status = begin(model, n, features, err);
    for (int first = 0, done = 0; first < n && !status; first += done) {
        const double *out = NULL;
        status = run_piece(model, first, n, features, &done, &out, err);
        if (!status) {
            const size_t n_out = (size_t)model->n_outputs;
            memcpy(outputs + (size_t)first * n_out, out, (size_t)done * n_out * sizeof *outputs);
        }
    }
    return status;
}

/* Derivatives of the outputs of row x, the last that was run. */
static void differentiate(kg_model *model, const double *x, double *grad, double *grad_inputs)
{
    const size_t n_out = (size_t)model->n_outputs, n_params = (size_t)model->n_params;
    const size_t n_in = (size_t)model->n_features;
    for (size_t k = 0; k < n_out; k++) {
        double *d_params = grad ? grad + k * n_params : NULL;
        double *d_x = grad_inputs ? grad_inputs + k * n_in : NULL;
        if (d_params) {
            memset(d_params, 0, n_params * sizeof *d_params);
        }
        if (d_x) {
            memset(d_x, 0, n_in * sizeof *d_x);
        }
        begin_backward(model, 1)[k] = 1.0;
        run_backward(model, model->params, 1, x, d_params, d_x);
    }
}

kg_status kg_model_jacobian(kg_model *model, int n, const double *features, double *grad,
                            double *grad_inputs, kg_error *err)
{
    kg_status status = begin(model, n, features, err);
    if (!status) {
        status = kgi_model_reserve(model, 1, err);
    }
    for (int row = 0; row < n && !status; row++) {
        const size_t at = (size_t)row * (size_t)model->n_outputs;
        const double *out = NULL;
        int done = 0;
        status = run_piece(model, row, row + 1, features, &done, &out, err);
        if (!status) {
            differentiate(model, features + (size_t)row * (size_t)model->n_features,
                          grad ? grad + at * (size_t)model->n_params : NULL,
                          grad_inputs ? grad_inputs + at * (size_t)model->n_features : NULL);
        }
    }
    return status;
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
    double sum = 0.0;
    kg_status status = begin(model, n, features, err);
    if (!status) {
        status = check_labels(model, n, labels, err);
    }
    for (int first = 0, done = 0; first < n && !status; first += done) {
        const double *out = NULL;
        status = run_piece(model, first, n, features, &done, &out, err);
        if (!status) {
            kgi_loss_decide(model->loss, done, model->n_outputs, out, model->n_classes,
                            predicted ? predicted + first : NULL,
                            scores ? scores + (size_t)first * (size_t)model->n_classes : NULL);
        }
        if (!status && labels && loss) {
            sum += kgi_loss_forward(model->loss, done, model->n_outputs, out, labels + first);
        }
    }
    if (!status && labels && loss) {
        *loss = sum / (double)n;
    }
    return status;
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
