/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum layer: features go into a circuit as inputs, expectation values come out.
 *
 * A circuit may take more inputs than there are features (four features on eight qubits, 784 pixels in
 * 1024 amplitudes). The missing ones are 0: no rotation, no amplitude. Rows are padded piece by piece
 * in a buffer of fixed size, so that a run allocates nothing and the pieces, hence the bits, do not
 * depend on threads. */
#include "layer/layer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { PIECE = 256 }; /* rows padded at once: a multiple of every engine's tile */

typedef struct quantum {
    kgi_layer base; /* first: a kgi_layer * is a quantum * */
    kg_plan *plan;
    kg_workspace *ws;
    double *padded;   /* [PIECE][inputs of the plan], NULL if nothing is missing */
    double *d_padded; /* the same */
} quantum;

static const quantum *as_quantum(const kgi_layer *layer)
{
    return (const quantum *)(const void *)layer;
}

/* padded[b] = x[b] and zeros; the zeros were written once, when the buffer was made. */
static void pad(const quantum *q, int batch, const double *x)
{
    const size_t n_in = (size_t)q->base.n_in, width = (size_t)kg_plan_n_inputs(q->plan);
    for (size_t b = 0; b < (size_t)batch; b++) {
        memcpy(q->padded + b * width, x + b * n_in, n_in * sizeof *x);
    }
}

static void quantum_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    const quantum *q = as_quantum(layer);
    if (!q->padded) {
        kg_plan_forward(q->plan, params, batch, x, y, q->ws);
        return;
    }
    for (int b = 0; b < batch; b += PIECE) {
        const int n = batch - b < PIECE ? batch - b : PIECE;
        pad(q, n, x + (size_t)b * (size_t)layer->n_in);
        kg_plan_forward(q->plan, params, n, q->padded, y + (size_t)b * (size_t)layer->n_out, q->ws);
    }
}

/* Backward of one piece of rows that are padded. */
static void backward_padded(const quantum *q, int n, const double *params, const double *x,
                            const double *d_y, double *d_params, double *d_x)
{
    const size_t n_in = (size_t)q->base.n_in, width = (size_t)kg_plan_n_inputs(q->plan);
    pad(q, n, x);
    if (d_x) {
        memset(q->d_padded, 0, (size_t)n * width * sizeof *d_x);
    }
    kg_plan_backward(q->plan, params, n, q->padded, d_y, d_params, d_x ? q->d_padded : NULL, q->ws);
    for (size_t b = 0; d_x && b < (size_t)n; b++) {
        for (size_t i = 0; i < n_in; i++) {
            d_x[b * n_in + i] += q->d_padded[b * width + i];
        }
    }
}

static void quantum_backward(const kgi_layer *layer, int batch, const double *params,
                             const double *x, const double *d_y, double *d_params, double *d_x)
{
    const quantum *q = as_quantum(layer);
    if (!q->padded) {
        kg_plan_backward(q->plan, params, batch, x, d_y, d_params, d_x, q->ws);
        return;
    }
    for (int b = 0; b < batch; b += PIECE) {
        const size_t in = (size_t)b * (size_t)layer->n_in, out = (size_t)b * (size_t)layer->n_out;
        backward_padded(q, batch - b < PIECE ? batch - b : PIECE, params, x + in, d_y + out,
                        d_params, d_x ? d_x + in : NULL);
    }
}

static void quantum_destroy(kgi_layer *layer)
{
    quantum *q = (quantum *)(void *)layer;
    kg_workspace_destroy(q->ws);
    kg_plan_destroy(q->plan);
    free(q->padded);
    free(q->d_padded);
    free(q);
}

static const kgi_layer_info quantum_info = {"quantum", quantum_forward, quantum_backward,
                                            quantum_destroy};

/* The buffers of pad(); nothing to do if every input has its feature. */
static kg_status create_buffers(quantum *q, kg_error *err)
{
    const size_t width = (size_t)kg_plan_n_inputs(q->plan);
    if ((size_t)q->base.n_in == width) {
        return KG_OK;
    }
    q->padded = kgi_alloc(width * PIECE, sizeof(double));
    q->d_padded = kgi_alloc(width * PIECE, sizeof(double));
    if (!q->padded || !q->d_padded) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu bytes to pad features",
                        2 * width * PIECE * sizeof(double));
    }
    memset(q->padded, 0, width * PIECE * sizeof(double));
    return KG_OK;
}

kg_status kgi_quantum_create(kgi_layer **out, const kg_circuit *circuit,
                             const kg_observable *observable, int n_in,
                             const kg_plan_options *options, kg_error *err)
{
    *out = NULL;
    const int n_inputs = kg_circuit_n_inputs(circuit);
    if (n_in < 0 || n_in > n_inputs) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d features, but the circuit takes %d", n_in, n_inputs);
    }
    quantum *q = calloc(1, sizeof *q);
    if (!q) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a quantum layer");
    }
    q->base.info = &quantum_info;
    kg_status status = kg_plan_create(&q->plan, circuit, observable, options, err);
    if (!status) {
        status = kg_workspace_create(&q->ws, q->plan, err);
    }
    if (!status) {
        q->base.n_in = n_in;
        q->base.n_out = kg_plan_n_outputs(q->plan);
        q->base.n_params = kg_plan_n_params(q->plan);
        status = create_buffers(q, err);
    }
    if (status) {
        quantum_destroy(&q->base);
        return status;
    }
    *out = &q->base;
    return KG_OK;
}

const kg_plan *kgi_quantum_plan(const kgi_layer *layer)
{
    return layer->info == &quantum_info ? as_quantum(layer)->plan : NULL;
}
