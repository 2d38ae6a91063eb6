/* SPDX-License-Identifier: Apache-2.0 */
/* Models: a pipeline that prepares data, layers, and one flat vector of trained parameters.
 *
 *     kg_model_create(&model, "qcnn", NULL, &err);      names and sizes are checked here
 *     kg_model_fit(model, train, &err);                 pipeline fitted, shape known, layers built
 *     kg_train_run(model, ...);                         train.h
 *     kg_model_save(model, "model.safetensors", &err);
 *     kg_model_load(&model, "model.safetensors", 1, &err);
 *     kg_model_predict(model, n_rows, rows, n_columns, classes, scores, &err);
 *
 * A model is not thread-safe: it owns the memory of its runs. Different models may run at once. */
#ifndef KETGRAD_MODEL_H
#define KETGRAD_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "circuit.h"
#include "data.h"
#include "export.h"
#include "options.h"
#include "sim.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- names ------------------------------------------------------------------------------------ */

/** Name of model i of the registry ("qcnn", "logistic", "custom"), NULL past the end. */
KG_API const char *kg_model_kind_get(int i);
/** One line of help of that model, NULL past the end. */
KG_API const char *kg_model_kind_help(int i);
/** Name of kind i of layers in definitions ("dense", "conv2d"), NULL past the end. */
KG_API const char *kg_layer_kind_get(int i);
/** One line of help of that kind, NULL past the end. */
KG_API const char *kg_layer_kind_help(int i);
/** Option j of kind i, NULL past the end; one without a default has to be given. */
KG_API const kg_option *kg_layer_kind_option(int i, int j);
/** Name of loss i ("ce", "mse"), NULL past the end. */
KG_API const char *kg_loss_get(int i);
/** One line of help of that loss, NULL past the end. */
KG_API const char *kg_loss_help(int i);
/** Name of set i of published quirks ("none", "hur"), NULL past the end. */
KG_API const char *kg_compat_get(int i);
/** One line that says what the set changes, NULL past the end. */
KG_API const char *kg_compat_help(int i);

/* ---- options ---------------------------------------------------------------------------------- */

/* What a model is made of. Strings are copied; NULL means the default. */
typedef struct kg_model_options {
    size_t struct_size;
    const char *ansatz; /* convolution block, kg_ansatz_get(); default "su4" */
    const char
        *pooling; /* pooling block, kg_pooling_get(), or "auto", the default: zx, and none where
                             the wiring does not pool */
    const char *wiring; /* which pairs, kg_wiring_get(), or "auto", the default: ring for qcnn, tree
                             for hierarchical */
    const char *encoding; /* of features into qubits, kg_encoding_get(); default "angle" */
    int qubits;           /* 2 .. 16; even for ring and open, a power of 2 for chain and tree, whole
                             blocks for hde and hae; default 8 */
    int params_per_block; /* if > 0: asserted to be what the ansatz has; default 0, no assertion */
    const char *reduce;   /* "none", "pca:K", "resize:N", or "auto", the default: what the encoding
                             takes: nothing if all features fit, else pca:K, K as many as fit, but
                             resize to at most 2^n pixels for amplitude; the same for models without
                             qubits, so that all see the same features */
    const char *loss; /* "mse", "ce", or "auto", the default: mse for qcnn and hierarchical with two
                             classes, ce for all others */
    const char *compat; /* published quirks, kg_compat_get(); default "none" */
    int precision;      /* kg_precision of the states; default KG_PRECISION_F64 */
    int threads;        /* 1 .. 256; default 1; results do not depend on it */
    int filters;        /* of cnn, in each of its convolutions, 0 .. 4096; default 0: 2 */
    int hidden;         /* of mlp, units of its hidden layer, 0 .. 65536; default 0: the geometric
                             mean of features and classes */
    int target_params;  /* of cnn and mlp: > 0 chooses filters or hidden instead, such that the
                             number of parameters is nearest to it; default 0, at most 100000000 */
    /* of custom: layers and circuits, YAML or JSON text (docs/custom.md), at its top or under the key
     * "model"; and what messages call it, such as the file's path (NULL: "definition") */
    const char *definition;
    const char *definition_name;
    int arrangement; /* of hde and hae: which qubits make a block, 1 .. 4; default 1; others need 8
                        qubits */
} kg_model_options;

#define KG_MODEL_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(kg_model_options), "su4", "auto", "auto", "angle", 8, 0, "auto", "auto", "none",    \
            KG_PRECISION_F64, 1, 0, 0, 0, NULL, NULL, 1                                            \
    }

/** One row per option (but for the definition and its name); names of the rows are those of the
 * fields. */
KG_API const kg_option_table *kg_model_options_table(void);

/* ---- models ----------------------------------------------------------------------------------- */

typedef struct kg_model kg_model;

/**
 * A model of the registry, not yet built.
 *
 * @param[in] options  NULL for the defaults
 * Errors: KG_ERR_ARGUMENT (a name that does not exist, with the nearest one; a number out of range;
 * params_per_block differs from the ansatz), KG_ERR_UNSUPPORTED (the wiring or encoding is not
 * defined for that many qubits), KG_ERR_SHAPE (reduce leaves more features than the encoding takes),
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_model_create(kg_model **out, const char *name,
                                               const kg_model_options *options, kg_error *err);
KG_API void kg_model_destroy(kg_model *model);

/**
 * Fits the pipeline on training rows and builds the layers for the shape that comes out.
 * Errors: KG_ERR_SHAPE (features), KG_ERR_UNSUPPORTED (qcnn: more classes than the wiring or the qubits
 * can tell apart; image steps on data without images), those of the pipeline and of kg_plan_create().
 */
KG_API KG_MUST_CHECK kg_status kg_model_fit(kg_model *model, const kg_dataset *train,
                                            kg_error *err);

/**
 * Builds the layers for prepared features, without a pipeline: kg_model_predict() then takes rows of
 * features as they are.
 *
 * @param[in] n_features  0: as many as the encoding takes, or as the definition of a custom model says
 * @param[in] n_classes   0: as many as that definition says, 2 if it does not, and for other models
 * @param[in] classes     [n_classes] names, copied; NULL: "0", "1", ...
 */
KG_API KG_MUST_CHECK kg_status kg_model_build(kg_model *model, int n_features, int n_classes,
                                              const char *const *classes, kg_error *err);

/* The rest needs a model that is built; before, counts are 0 and pointers NULL, but for the name, the
 * options, the circuit and the observable, which are there at once (those of two classes; building for
 * more replaces them). */

KG_API const char *kg_model_name(const kg_model *model);
/** Options in effect ("auto" resolved); valid as long as the model. */
KG_API const kg_model_options *kg_model_get_options(const kg_model *model);
KG_API int kg_model_n_features(const kg_model *model);
/** Outputs before the loss: expectation values, probabilities or logits. */
KG_API int kg_model_n_outputs(const kg_model *model);
KG_API int kg_model_n_classes(const kg_model *model);
/** Name of class i, in the order of labels. */
KG_API const char *kg_model_class(const kg_model *model, int i);
/** What output i means: "<Z4>", "p(q4=0)", "p(q4 q0=01)", "logit 1". */
KG_API const char *kg_model_output_name(const kg_model *model, int i);

KG_API int kg_model_n_params(const kg_model *model);
/** [n_params] parameters, all 0 until they are trained, set or loaded. */
KG_API const double *kg_model_params(const kg_model *model);
/** Copies n parameters in. KG_ERR_SHAPE if n is not n_params, KG_ERR_NUMERIC if one is not finite. */
KG_API KG_MUST_CHECK kg_status kg_model_set_params(kg_model *model, int n, const double *params,
                                                   kg_error *err);

/* A named part of the parameter vector: "conv1", "pool2", "weights", "bias". */
typedef struct kg_segment {
    const char *name;
    int first;
    int n;
} kg_segment;

/** Segment i in order of first; 0 past the end, else 1. */
KG_API int kg_model_get_segment(const kg_model *model, int i, kg_segment *segment);

/* A layer of the model: what it is called, its kind, the shape of what it puts out. */
typedef struct kg_model_layer {
    const char *name;
    const char *kind; /* "dense", "quantum" ... */
    int channels;
    int height;
    int width;
    int n_params;
    const kg_circuit *circuit; /* of a quantum or patch layer, else NULL */
    const kg_plan *plan;       /* the same */
} kg_model_layer;

/** Layer i, in the order in which they run; 0 past the end, else 1. */
KG_API int kg_model_get_layer(const kg_model *model, int i, kg_model_layer *layer);

/** The pipeline, NULL if the model was built without one. */
KG_API const kg_pipeline *kg_model_pipeline(const kg_model *model);
/** The circuit of a model that is one quantum layer on the features; else NULL, and layers may have
 * circuits (kg_model_get_layer()). */
KG_API const kg_circuit *kg_model_circuit(const kg_model *model);
/** What that circuit measures, NULL if there is none. */
KG_API const kg_observable *kg_model_observable(const kg_model *model);
/** The plan of the first quantum or patch layer, NULL if there is none. */
KG_API const kg_plan *kg_model_plan(const kg_model *model);

/* ---- running ---------------------------------------------------------------------------------- */

/**
 * Outputs of prepared features.
 *
 * @param[in]  n         rows, at least 1
 * @param[in]  features  [n][n_features]
 * @param[out] outputs   [n][n_outputs]
 * Errors: KG_ERR_ARGUMENT (not built, n), KG_ERR_NUMERIC (amplitudes of a row that are all 0; an output
 * is not finite), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_model_forward(kg_model *model, int n, const double *features,
                                                double *outputs, kg_error *err);

/**
 * Derivatives of the outputs, row by row.
 *
 * @param[out] grad         [n][n_outputs][n_params]; NULL if not wanted
 * @param[out] grad_inputs  [n][n_outputs][n_features]; NULL if not wanted
 */
KG_API KG_MUST_CHECK kg_status kg_model_jacobian(kg_model *model, int n, const double *features,
                                                 double *grad, double *grad_inputs, kg_error *err);

/**
 * Scores and classes of raw rows: pipeline, layers and the loss's own decision.
 *
 * @param[in]  rows       [n][n_columns] as the pipeline was fitted on (features without one)
 * @param[out] predicted  [n] class indices; NULL if not wanted
 * @param[out] scores     [n][n_classes] probabilities that sum to 1; NULL if not wanted
 * Errors: as kg_model_forward(), and KG_ERR_SHAPE if n_columns does not fit.
 */
KG_API KG_MUST_CHECK kg_status kg_model_predict(kg_model *model, int n, const double *rows,
                                                int n_columns, int *predicted, double *scores,
                                                kg_error *err);

/** The same for prepared features; labels may be NULL, else *loss is their mean loss. */
KG_API KG_MUST_CHECK kg_status kg_model_score(kg_model *model, int n, const double *features,
                                              const int *labels, int *predicted, double *scores,
                                              double *loss, kg_error *err);

/* ---- files ------------------------------------------------------------------------------------ */

/**
 * One safetensors file with parameters, pipeline, options and classes; the same model gives the same
 * bytes. Written under a temporary name, then renamed.
 * Errors: KG_ERR_ARGUMENT (not built), KG_ERR_FORMAT (a class name is not UTF-8), KG_ERR_IO,
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_model_save(const kg_model *model, const char *path,
                                             kg_error *err);
/**
 * Reads such a file.
 *
 * @param[in] threads  1 .. 256, as in the options
 * Errors: KG_ERR_IO, KG_ERR_FORMAT (not safetensors, not a ketgrad model, tensors that do not fit),
 * KG_ERR_UNSUPPORTED (written by a newer major version, or a model this build has not got).
 */
KG_API KG_MUST_CHECK kg_status kg_model_load(kg_model **out, const char *path, int threads,
                                             kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
