/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a model: the registry's rows, and what train needs to compute a gradient. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <ketgrad/model.h>

#include "data/pipeline.h"
#include "layer/layer.h"
#include "layer/loss.h"
#include "model/compat.h"

/* A model of the registry. To add one: a file with create, build and output_name, and a row in
 * registry.c. */
typedef struct kgi_model_row {
    const char *name;
    const char *help;
    const char *loss; /* default */
    const char *init; /* default initialiser */
    int is_baseline;  /* trained beside every other model */
    int has_circuit;  /* ansatz, pooling, wiring and params_per_block are its options */
    int has_filters;  /* so are filters and target_params */
    int has_hidden;   /* so are hidden and target_params */
    int is_defined; /* it is made from options.definition; encoding and qubits are not its options */
    /* what does not depend on data: options against each other, the loss, the circuit */
    kg_status (*create)(kg_model *model, kg_error *err);
    /* layers and segments for model->n_features and n_classes */
    kg_status (*build)(kg_model *model, kg_error *err);
    /* fits without gradient descent; NULL: train descends */
    void (*fit)(kg_model *model, int n_rows, const double *features, const int *labels);
    /* what output i means, into text[KGI_OUTPUT_NAME] */
    void (*output_name)(const kg_model *model, int i, char *text);
} kgi_model_row;

enum {
    KGI_MAX_LAYERS = 128,
    KGI_MAX_SEGMENTS = 512,
    KGI_MAX_MODEL_PARAMS = 1 << 28,
    KGI_SEGMENT_NAME = 32, /* bytes of a segment's name */
    KGI_OUTPUT_NAME = 32,
    KGI_REDUCE_TEXT = 32
};

/* Rows of the registry; row i, NULL past the end. */
const kgi_model_row *kgi_model_row_get(int i);
const kgi_model_row *kgi_model_row_find(const char *name);
extern const kgi_model_row kgi_model_qcnn;
extern const kgi_model_row kgi_model_hierarchical;
extern const kgi_model_row kgi_model_cnn;
extern const kgi_model_row kgi_model_mlp;
extern const kgi_model_row kgi_model_custom;
extern const kgi_model_row kgi_model_logistic;
extern const kgi_model_row kgi_model_majority;

/* A layer's place in the model: what it reads and where it writes. */
typedef struct kgi_node {
    char name[KGI_SEGMENT_NAME];
    int n_inputs;
    int inputs[KGI_MAX_LAYER_INPUTS]; /* layers before it; KGI_FEATURES: what the model is given */
    int first_param;                  /* of its own */
    int trains;                       /* it has parameters, or a layer before it has */
    double *y;                        /* [capacity][n_out] */
    double *d_y;                      /* [d_capacity][n_out] */
    double *x;   /* [capacity][n_in] its inputs side by side; NULL if it has one */
    double *d_x; /* [d_capacity][n_in] */
} kgi_node;

enum { KGI_FEATURES = -1 };

typedef struct kgi_definition kgi_definition; /* definition.h */

struct kg_model {
    const kgi_model_row *row;
    const kgi_compat *compat;
    kg_model_options options; /* in effect; strings are those of the tables, or the next two */
    char given_reduce[KGI_REDUCE_TEXT]; /* as the options said */
    const char *given_loss;             /* as the options said */
    char reduce[KGI_REDUCE_TEXT];       /* "auto" resolved for the data */
    kg_pipeline *pipeline;
    int n_features;
    int n_classes;
    char **classes;
    kgi_shape shape; /* of the features, as the first layers see them; n_features numbers */
    int n_layers;    /* 0: not built */
    kgi_layer *layers[KGI_MAX_LAYERS]; /* a layer reads layers before it; the last is the output */
    kgi_node nodes[KGI_MAX_LAYERS];
    kgi_draw draw; /* of dropout layers */
    const kgi_loss *loss;
    int n_outputs;
    char (*output_names)[KGI_OUTPUT_NAME]; /* [n_outputs] */
    int n_segments;
    kg_segment segments[KGI_MAX_SEGMENTS];
    char segment_names[KGI_MAX_SEGMENTS][KGI_SEGMENT_NAME];
    int fan_in[KGI_MAX_SEGMENTS]; /* of a segment's parameters, 0: angles of a circuit */
    int n_params;
    double *params;
    kgi_definition *definition; /* of a custom model, with what it asks of the features: */
    int wants_features;         /* so many; 0: any number */
    int wants_angles;           /* in [0, pi] */
    int wants_image;            /* pixels, rather than principal components */
    int image[2];               /* height and width of the features, where no pipeline says it */
    kg_circuit *circuit;        /* of the quantum layer, if the model is nothing else */
    kg_observable *observable;
    int n_readouts;
    int readouts[KG_MAX_QUBITS]; /* qubits; the first is the least significant bit of a class */
    int capacity;                /* rows that fit into y and x of the nodes */
    int d_capacity;              /* into d_y and d_x */
};

/* ---- building, for the registry's rows ------------------------------------------------------------- */

/* Takes over a layer as the next one, which reads the one before (the first: the features). */
void kgi_model_push_layer(kg_model *model, kgi_layer *layer);
/* Takes over a layer with a name, that reads n_inputs layers (KGI_FEATURES: the features). */
void kgi_model_push_node(kg_model *model, kgi_layer *layer, const char *name, int n_inputs,
                         const int *inputs);
/* Names the next n parameters (n may be 0: nothing is added); angles of a circuit, or those of a layer
 * in which fan_in inputs come together. */
void kgi_model_push_segment(kg_model *model, const char *name, int n);
void kgi_model_push_weights(kg_model *model, const char *name, int n, int fan_in);
/* Names all parameters of the last layer: "<layer>.weights", "<layer>.bias". */
void kgi_model_push_segments(kg_model *model);
/* The size of a model that has one: with options.target_params the size in [1, max] whose number of
 * parameters is nearest to it (the smaller of two; count() grows with the size), else `given`. */
int kgi_model_choose_size(const kg_model *model,
                          long long (*count)(const kg_model *model, int size), int given, int max);
/* Chooses the loss for what the last layer puts out. KG_ERR_UNSUPPORTED if there is none. */
kg_status kgi_model_choose_loss(kg_model *model, kgi_output output, kg_error *err);

/* ---- pipelines ------------------------------------------------------------------------------------- */

/* Checks options.reduce, as text and against what the encoding takes. */
kg_status kgi_reduce_check(const kg_model *model, kg_error *err);
/* Resolves "auto" for the data and fits the steps that reduce, encoding and compat ask for. */
kg_status kgi_pipeline_prepare(kg_model *model, const kg_dataset *train, kg_error *err);
/* What that would take for n_rows of these rows, found without fitting. */
kg_status kgi_pipeline_cost_of(const kg_model *model, const kg_dataset *train, int n_rows,
                               kgi_pipeline_cost *cost, kg_error *err);
/* Features that the options' encoding takes on their qubits; 0 if it is not defined for them. */
int kgi_model_encoding_inputs(const kg_model *model);

/* ---- running, for train ------------------------------------------------------------------------------ */

/* Memory for gradients of up to n rows; all that can fail. */
kg_status kgi_model_reserve(kg_model *model, int n, kg_error *err);

/* Training steps of `batch` rows will come: layers may prepare for just that many. */
kg_status kgi_model_expect(kg_model *model, int batch, kg_error *err);

/* Bytes that forward runs of a table of n rows hold in the nodes at once. */
size_t kgi_model_run_bytes(const kg_model *model, int n);

/* What random draws of the next gradients depend on (dropout): the run's seed and its step. */
void kgi_model_set_step(kg_model *model, uint64_t seed, int step);

/* Inputs that come together in parameter p: 0 for angles of a circuit. Initialisers look at it. */
int kgi_model_fan_in(const kg_model *model, int p);

/* Outputs [n][n_outputs] for given parameters, in the model's memory. */
const double *kgi_model_run(kg_model *model, const double *params, int n, const double *x);

/* Sum of the losses of n rows; *n_correct rows are decided as labelled; d_params += weight times the
 * derivative of the sum, unless that sum is not finite. */
double kgi_model_gradient(kg_model *model, const double *params, int n, const double *x,
                          const int *labels, double weight, double *d_params, int *n_correct);

/* KG_ERR_NUMERIC if the features [n][n_features] of a row leave a block of amplitudes without a state. */
kg_status kgi_model_check_rows(const kg_model *model, int n, const double *features, kg_error *err);

/* KG_ERR_ARGUMENT with a message if the model is not built. */
kg_status kgi_model_need_built(const kg_model *model, kg_error *err);

#endif
