/* SPDX-License-Identifier: Apache-2.0 */
/* From options to the steps of a pipeline: what `reduce`, `encoding` and `compat` ask for.
 *
 *   images         scale
 *   reduce pca:K   pca:K               under compat hur on images: column:<pixels>, pca:K
 *   reduce resize:N  resize:N          under compat hur: column:<N * N>
 *   angles         angle-range         under compat hur: angle-range:own
 *   tables         standardise before pca and where no angles follow, angle-range:each: a column that
 *                  is measured in thousands would be all that a common range sees
 *
 * All models prepare features by the same rule, so a baseline sees what the quantum model sees. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 4, STEP_TEXT = 32, MAX_ARGUMENT = 1 << 20 };

typedef enum reduce_kind { REDUCE_AUTO, REDUCE_NONE, REDUCE_PCA, REDUCE_RESIZE } reduce_kind;

/* 1 if text is one of the four forms; *argument is K or N. */
static int parse_reduce(const char *text, reduce_kind *kind, int *argument)
{
    static const struct {
        const char *text;
        reduce_kind kind;
    } forms[] = {{"auto", REDUCE_AUTO},
                 {"none", REDUCE_NONE},
                 {"pca:", REDUCE_PCA},
                 {"resize:", REDUCE_RESIZE}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const size_t length = strlen(forms[i].text);
        const int takes_number = forms[i].text[length - 1] == ':';
        if (strncmp(text, forms[i].text, length) != 0) {
            continue;
        }
        char *end = NULL;
        const long number = takes_number ? strtol(text + length, &end, 10) : 0;
        *kind = forms[i].kind;
        *argument = (int)number;
        return takes_number
                   ? text[length] >= '1' && text[length] <= '9' && !*end && number <= MAX_ARGUMENT
                   : text[length] == '\0';
    }
    return 0;
}

kg_status kgi_reduce_check(const kg_model *model, kg_error *err)
{
    const kg_model_options *options = &model->options;
    reduce_kind kind = REDUCE_AUTO;
    int argument = 0;
    if (!parse_reduce(options->reduce, &kind, &argument)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "reduce is \"%s\", not auto, none, pca:K or resize:N",
                        options->reduce);
    }
    const long long features =
        kind == REDUCE_RESIZE ? (long long)argument * argument : (long long)argument;
    const int n_inputs = kgi_model_encoding_inputs(model);
    if (model->row->has_circuit && features > n_inputs) {
        return kgi_fail(
            err, KG_ERR_SHAPE,
            "reduce \"%s\" leaves %lld features, but encoding \"%s\" takes at most %d on "
            "%d qubits",
            options->reduce, features, options->encoding, n_inputs, options->qubits);
    }
    return KG_OK;
}

/* What "auto" means for these rows: nothing if all features fit, else the encoding's own way;
 * there are no more components than rows. */
static void resolve_auto(kg_model *model, const kg_dataset *train)
{
    const int n_inputs = kgi_model_encoding_inputs(model);
    /* amplitudes of all qubits together hold an image, those of a block do not */
    const int pixels = kg_encoding_block_qubits(kg_encoding_find(model->options.encoding)) == 0 &&
                       kg_dataset_height(train) > 0;
    if (kg_dataset_n_features(train) <= n_inputs) {
        (void)snprintf(model->reduce, sizeof model->reduce, "none");
    } else if (!pixels) {
        const int n_rows = kg_dataset_n_rows(train);
        (void)snprintf(model->reduce, sizeof model->reduce, "pca:%d",
                       n_rows < n_inputs ? n_rows : n_inputs);
    } else {
        (void)snprintf(model->reduce, sizeof model->reduce, "resize:%d",
                       (int)floor(sqrt((double)n_inputs)));
    }
}

/* Writes the steps; returns how many. */
static int list_steps(const kg_model *model, const kg_dataset *train,
                      char steps[MAX_STEPS][STEP_TEXT])
{
    reduce_kind kind = REDUCE_NONE;
    int argument = 0;
    (void)parse_reduce(model->reduce, &kind, &argument);
    const int pixels = kg_dataset_height(train) * kg_dataset_width(train);
    const int column = model->compat->column && pixels > 0;
    int n = 0;
    if (pixels > 0) {
        (void)snprintf(steps[n++], STEP_TEXT, "scale");
    }
    const int takes_angles = kg_encoding_takes_angles(kg_encoding_find(model->options.encoding));
    /* columns of a table have units of their own; published quirks stay as they were published */
    const int is_table = pixels == 0 && !model->compat->own_range;
    if (is_table && (kind == REDUCE_PCA || !takes_angles)) {
        (void)snprintf(steps[n++], STEP_TEXT, "standardise");
    }
    if (kind == REDUCE_PCA) {
        if (column) {
            (void)snprintf(steps[n++], STEP_TEXT, "column:%d", pixels);
        }
        (void)snprintf(steps[n++], STEP_TEXT, "pca:%d", argument);
    } else if (kind == REDUCE_RESIZE && column) {
        (void)snprintf(steps[n++], STEP_TEXT, "column:%d", argument * argument);
    } else if (kind == REDUCE_RESIZE) {
        (void)snprintf(steps[n++], STEP_TEXT, "resize:%d", argument);
    }
    if (takes_angles) {
        (void)snprintf(steps[n++], STEP_TEXT, "angle-range%s",
                       model->compat->own_range ? ":own"
                       : is_table               ? ":each"
                                                : "");
    }
    return n;
}

kg_status kgi_pipeline_prepare(kg_model *model, const kg_dataset *train, kg_error *err)
{
    if (strcmp(model->reduce, "auto") == 0) {
        resolve_auto(model, train);
    }
    char steps[MAX_STEPS][STEP_TEXT];
    const char *texts[MAX_STEPS] = {NULL};
    const int n = list_steps(model, train, steps);
    for (int i = 0; i < n; i++) {
        texts[i] = steps[i];
    }
    return kg_pipeline_fit(&model->pipeline, texts, n, train, err);
}
