/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of networks: what a layer is, and how each one is made.
 *
 * A layer owns no parameters: it reads its part of the model's flat vector. Forward and backward are
 * neighbours, and backward takes what forward took, then d_ of its outputs, then d_ of its inputs. */
#ifndef LAYER_LAYER_H
#define LAYER_LAYER_H

#include <ketgrad/circuit.h>
#include <ketgrad/sim.h>

#include "base/status.h"

typedef struct kgi_layer kgi_layer;

/* A kind of layer. To add one: a file with forward, backward and destroy beside each other, a row,
 * and a create function below. */
typedef struct kgi_layer_info {
    const char *name;
    /* y[b] = f(params, x[b]): x is [batch][n_in], y is [batch][n_out]; cannot fail */
    void (*forward)(const kgi_layer *layer, int batch, const double *params, const double *x,
                    double *y);
    /* d_params += and d_x += the vector-Jacobian products with d_y; either may be NULL */
    void (*backward)(const kgi_layer *layer, int batch, const double *params, const double *x,
                     const double *d_y, double *d_params, double *d_x);
    void (*destroy)(kgi_layer *layer);
} kgi_layer_info;

struct kgi_layer {
    const kgi_layer_info *info;
    int n_in;
    int n_out;
    int n_params;
    double *state; /* [n_state] numbers that are fitted, not trained; saved with the model */
    int n_state;
};

/* The three calls that the rest of the house uses; destroy(NULL) is harmless. */
void kgi_layer_forward(const kgi_layer *layer, int batch, const double *params, const double *x,
                       double *y);
void kgi_layer_backward(const kgi_layer *layer, int batch, const double *params, const double *x,
                        const double *d_y, double *d_params, double *d_x);
void kgi_layer_destroy(kgi_layer *layer);

/* Outputs of a circuit. n_in may be less than the circuit's inputs: the missing ones are 0. Circuit
 * and observable are not kept. KG_ERR_SHAPE if n_in is more than the circuit takes; else the errors of
 * kg_plan_create(). */
kg_status kgi_quantum_create(kgi_layer **out, const kg_circuit *circuit,
                             const kg_observable *observable, int n_in,
                             const kg_plan_options *options, kg_error *err);
/* The plan of a quantum layer, NULL for other layers. */
const kg_plan *kgi_quantum_plan(const kgi_layer *layer);

/* y = W x + bias; params = W [n_out][n_in], then bias [n_out]. */
kg_status kgi_dense_create(kgi_layer **out, int n_in, int n_out, kg_error *err);

/* y = state, whatever x is: what a model without parameters says. */
kg_status kgi_constant_create(kgi_layer **out, int n_in, int n_out, kg_error *err);

#endif
