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

/* What the model asks of its features: all of them as angles, or as pixels of an image. */
static int takes_angles(const kg_model *model)
{
    return model->row->is_defined
               ? model->wants_angles
               : kg_encoding_takes_angles(kg_encoding_find(model->options.encoding));
}

/* Amplitudes of all qubits together hold an image, those of a block do not. */
static int takes_image(const kg_model *model)
{
    return model->row->is_defined
               ? model->wants_image
               : kg_encoding_block_qubits(kg_encoding_find(model->options.encoding)) == 0;
}

/* What the model's reduce means for n_rows of these rows; of "auto": nothing if all features fit, else
 * the encoding's own way. There are no more components than rows. */
static void resolve(const kg_model *model, const kg_dataset *train, int n_rows,
                    char reduce[KGI_REDUCE_TEXT])
{
    const int n_inputs =
        kgi_model_encoding_inputs(model); /* 0: a definition that takes any number */
    if (strcmp(model->reduce, "auto") != 0) {
        memcpy(reduce, model->reduce, KGI_REDUCE_TEXT);
    } else if (kg_dataset_n_features(train) <= n_inputs || n_inputs == 0) {
        (void)snprintf(reduce, KGI_REDUCE_TEXT, "none");
    } else if (takes_image(model) && kg_dataset_height(train) > 0) {
        (void)snprintf(reduce, KGI_REDUCE_TEXT, "resize:%d", (int)floor(sqrt((double)n_inputs)));
    } else {
        (void)snprintf(reduce, KGI_REDUCE_TEXT, "pca:%d", n_rows < n_inputs ? n_rows : n_inputs);
    }
}

/* The steps as texts. */
typedef struct step_list {
    int n;
    char steps[MAX_STEPS][STEP_TEXT];
    const char *texts[MAX_STEPS];
} step_list;

static void list_steps(const kg_model *model, const kg_dataset *train,
                       const char reduce[KGI_REDUCE_TEXT], step_list *list)
{
    reduce_kind kind = REDUCE_NONE;
    int argument = 0;
    (void)parse_reduce(reduce, &kind, &argument);
    const int pixels = kg_dataset_height(train) * kg_dataset_width(train);
    const int column = model->compat->column && pixels > 0;
    int n = 0;
    if (pixels > 0) {
        (void)snprintf(list->steps[n++], STEP_TEXT, "scale");
    }
    const int angles = takes_angles(model);
    /* columns of a table have units of their own; published quirks stay as they were published */
    const int is_table = pixels == 0 && !model->compat->own_range;
    if (is_table && (kind == REDUCE_PCA || !angles)) {
        (void)snprintf(list->steps[n++], STEP_TEXT, "standardise");
    }
    if (kind == REDUCE_PCA) {
        if (column) {
            (void)snprintf(list->steps[n++], STEP_TEXT, "column:%d", pixels);
        }
        (void)snprintf(list->steps[n++], STEP_TEXT, "pca:%d", argument);
    } else if (kind == REDUCE_RESIZE && column) {
        (void)snprintf(list->steps[n++], STEP_TEXT, "column:%d", argument * argument);
    } else if (kind == REDUCE_RESIZE) {
        (void)snprintf(list->steps[n++], STEP_TEXT, "resize:%d", argument);
    }
    if (angles) {
        (void)snprintf(list->steps[n++], STEP_TEXT, "angle-range%s",
                       model->compat->own_range ? ":own"
                       : is_table               ? ":each"
                                                : "");
    }
    list->n = n;
    for (int i = 0; i < n; i++) {
        list->texts[i] = list->steps[i];
    }
}

kg_status kgi_pipeline_prepare(kg_model *model, const kg_dataset *train, kg_error *err)
{
    char reduce[KGI_REDUCE_TEXT];
    step_list list;
    resolve(model, train, kg_dataset_n_rows(train), reduce);
    memcpy(model->reduce, reduce, sizeof model->reduce);
    list_steps(model, train, reduce, &list);
    return kg_pipeline_fit(&model->pipeline, list.texts, list.n, train, err);
}

kg_status kgi_pipeline_cost_of(const kg_model *model, const kg_dataset *train, int n_rows,
                               kgi_pipeline_cost *cost, kg_error *err)
{
    char reduce[KGI_REDUCE_TEXT];
    step_list list;
    resolve(model, train, n_rows, reduce);
    list_steps(model, train, reduce, &list);
    return kgi_pipeline_preview(cost, list.texts, list.n, train, n_rows, err);
}
