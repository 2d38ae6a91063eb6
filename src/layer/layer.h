/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of networks: what a layer is, the table of kinds, and how each one is made.
 *
 * A layer owns no parameters: it reads its part of the model's flat vector. Forward and backward are
 * neighbours, and backward takes what forward took, then d_ of its outputs, then d_ of its inputs. What
 * a run needs beside its arguments is allocated when the layer is made, for a fixed number of rows that
 * are worked on at once, so that a run allocates nothing and its bits do not depend on threads. */
#ifndef LAYER_LAYER_H
#define LAYER_LAYER_H

#include <ketgrad/circuit.h>
#include <ketgrad/options.h>
#include <ketgrad/sim.h>

#include "base/status.h"

typedef struct kgi_layer kgi_layer;

enum {
    KGI_MAX_LAYER_VALUES = 1 << 24, /* numbers of one sample */
    KGI_MAX_LAYER_PARAMS = 1 << 26,
    KGI_MAX_LAYER_INPUTS = 16, /* layers that one layer joins */
    KGI_MAX_LAYER_SEGMENTS = 2
};

/* One sample: [channels][height][width], row-major. A row of n features is {1, 1, n}. */
typedef struct kgi_shape {
    int channels;
    int height;
    int width;
} kgi_shape;

/* Numbers in it; 0 if it has a side below 1 or more than KGI_MAX_LAYER_VALUES numbers. */
int kgi_shape_size(kgi_shape shape);

enum { KGI_SHAPE_TEXT = 40 };
/* "8" for a row of features, else "2 x 8 x 8". */
void kgi_shape_format(kgi_shape shape, char text[KGI_SHAPE_TEXT]);

/* What a layer is made of; a kind reads those that its row lists, and the first two. */
typedef struct kgi_layer_options {
    int n_inputs;            /* layers that it joins, 1 but for concat and add */
    const kgi_shape *in;     /* [n_inputs] of one sample */
    int units;               /* of dense */
    int filters;             /* of convolutions */
    int size[2];             /* of a window, height and width; one dimension: the width only */
    int stride[2];           /* 0: as size */
    int padding[2];          /* zeros around the input */
    double rate;             /* of dropout */
    const char *circuit;     /* name of the next two, for quantum and patch; "": the only one */
    const kg_circuit *gates; /* not kept */
    const kg_observable *observable;
    const kg_plan_options *plan; /* NULL: defaults */
} kgi_layer_options;

/* A kind of layer. To add one: a file with shape, create, forward, backward and destroy beside each
 * other, its row, and the row's name in kinds.c. */
typedef struct kgi_layer_info {
    const char *name;
    const char *help;
    int joins;                /* takes several inputs */
    const kg_option *options; /* [n_options] of kgi_layer_options; no default text: must be given */
    int n_options;
    /* The shape that comes out. Errors: KG_ERR_SHAPE, KG_ERR_ARGUMENT; they do not name the layer. */
    kg_status (*shape)(const kgi_layer_options *options, kgi_shape *out, kg_error *err);
    kg_status (*create)(kgi_layer **out, const kgi_layer_options *options, kg_error *err);
    /* y[b] = f(params, x[b]): x is [batch][n_in], y is [batch][n_out]; cannot fail */
    void (*forward)(const kgi_layer *layer, int batch, const double *params, const double *x,
                    double *y);
    /* d_params += and d_x += the vector-Jacobian products with d_y; either may be NULL */
    void (*backward)(const kgi_layer *layer, int batch, const double *params, const double *x,
                     const double *d_y, double *d_params, double *d_x);
    void (*destroy)(kgi_layer *layer);
    /* Prepares for training steps of `batch` samples; NULL: nothing to prepare */
    kg_status (*expect)(kgi_layer *layer, int batch, kg_error *err);
} kgi_layer_info;

/* A part of a layer's parameters, in order. */
typedef struct kgi_layer_segment {
    const char *name; /* "weights" */
    int n;
    int fan_in; /* inputs that one output sums, for initialisers; 0: angles of a circuit */
} kgi_layer_segment;

/* What random draws of a training step depend on; not training: nothing is drawn. */
typedef struct kgi_draw {
    int training;
    uint64_t seed;
    uint32_t step;
} kgi_draw;

struct kgi_layer {
    const kgi_layer_info *info;
    int n_in; /* numbers of a sample, of all inputs side by side */
    int n_out;
    int n_params;
    double *state; /* [n_state] numbers that are fitted, not trained; saved with the model */
    int n_state;
    kgi_shape out; /* of one sample; {0, 0, 0}: not known, a row of n_out */
    int n_segments;
    kgi_layer_segment segments[KGI_MAX_LAYER_SEGMENTS];
    const kgi_draw *draw; /* of the model; NULL: never training */
    uint32_t place;       /* in the model, so that layers draw different numbers */
};

/* Row i of the kinds that a definition may name, NULL past the end. */
const kgi_layer_info *kgi_layer_kind_get(int i);
const kgi_layer_info *kgi_layer_kind_find(const char *name);
/* Sets the fields that a kind lists to their defaults, the others to 0. */
void kgi_layer_options_init(kgi_layer_options *options, const kgi_layer_info *kind);
/* 1 if an option has two numbers, height and width: a single one stands for both. */
int kgi_layer_option_is_pair(const kg_option *row);
/* Makes a layer of a kind. Its checks are those of the row's shape(), and memory. */
kg_status kgi_layer_create(kgi_layer **out, const kgi_layer_info *kind,
                           const kgi_layer_options *options, kg_error *err);

/* The three calls that the rest of the house uses; destroy(NULL) is harmless. */
void kgi_layer_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                       double *y);
void kgi_layer_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                        const double *d_y, double *d_params, double *d_x);
void kgi_layer_destroy(kgi_layer *layer);
/* Training steps of `batch` samples will come; what can fail for them fails now. May be called again, and
 * need not be called. */
kg_status kgi_layer_expect(kgi_layer *layer, int batch, kg_error *err);

/* ---- the kinds ------------------------------------------------------------------------------------- */

extern const kgi_layer_info kgi_layer_dense;
extern const kgi_layer_info kgi_layer_conv1d;
extern const kgi_layer_info kgi_layer_conv2d;
extern const kgi_layer_info kgi_layer_maxpool1d;
extern const kgi_layer_info kgi_layer_maxpool2d;
extern const kgi_layer_info kgi_layer_avgpool1d;
extern const kgi_layer_info kgi_layer_avgpool2d;
extern const kgi_layer_info kgi_layer_relu;
extern const kgi_layer_info kgi_layer_tanh;
extern const kgi_layer_info kgi_layer_sigmoid;
extern const kgi_layer_info kgi_layer_softmax;
extern const kgi_layer_info kgi_layer_flatten;
extern const kgi_layer_info kgi_layer_concat;
extern const kgi_layer_info kgi_layer_add;
extern const kgi_layer_info kgi_layer_dropout;
extern const kgi_layer_info kgi_layer_quantum;
extern const kgi_layer_info kgi_layer_patch;

/* Outputs of a circuit. n_in may be less than the circuit's inputs: the missing ones are 0. Circuit
 * and observable are copied. The plan is made for scoring many rows; kgi_layer_expect() makes another one
 * for training steps, which may be on a cheaper engine for their batch. KG_ERR_SHAPE if n_in is more than the circuit takes; else the errors of
 * kg_plan_create(). */
kg_status kgi_quantum_create(kgi_layer **out, const kg_circuit *circuit,
                             const kg_observable *observable, int n_in,
                             const kg_plan_options *options, kg_error *err);
/* The plan of a quantum or patch layer, NULL for other layers: of its training steps if they are expected,
 * else of scoring. */
const kg_plan *kgi_quantum_plan(const kgi_layer *layer);
const kg_plan *kgi_patch_plan(const kgi_layer *layer);

/* y = W x + bias; params = W [n_out][n_in], then bias [n_out]. */
kg_status kgi_dense_create(kgi_layer **out, int n_in, int n_out, kg_error *err);

/* y = state, whatever x is: what a model without parameters says. */
kg_status kgi_constant_create(kgi_layer **out, int n_in, int n_out, kg_error *err);

/* ---- for the files of the kinds -------------------------------------------------------------------- */

/* A layer struct of `bytes` that begins with a kgi_layer, with its sizes set; freed by
 * kgi_layer_free() if it has no more memory than itself. */
kg_status kgi_layer_allocate(kgi_layer **out, size_t bytes, const kgi_layer_info *info, int n_in,
                             kgi_shape shape, kg_error *err);
void kgi_layer_free(kgi_layer *layer);
/* Counts a segment; only after kgi_layer_allocate(). */
void kgi_layer_add_segment(kgi_layer *layer, const char *name, int n, int fan_in);

#define KGI_LAYER_OPTION(t, name, field, lo, hi, text, help)                                       \
    {                                                                                              \
        name, t, offsetof(kgi_layer_options, field), lo, hi, text, help, NULL                      \
    }
#define KGI_LAYER_OPTIONS(rows) .options = (rows), .n_options = (int)(sizeof(rows) / sizeof *(rows))

#endif
