/* SPDX-License-Identifier: Apache-2.0 */
/* The quantum layer: features go into a circuit as inputs, expectation values come out.
 *
 * A circuit may take more inputs than there are features (four features on eight qubits, 784 pixels in
 * 1024 amplitudes). The missing ones are 0: no rotation, no amplitude. Rows are padded piece by piece
 * in a buffer of fixed size, so that a run allocates nothing and the pieces, hence the bits, do not
 * depend on threads.
 *
 * Scoring thousands of rows and training steps of 25 may be cheapest on different engines. So there are
 * two plans if that makes a difference, each made for what is expected, never for the size of a call. */
#include "layer/layer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "circuit/circuit.h"

enum {
    PIECE = 256,  /* rows padded at once: a multiple of every engine's tile */
    SCORED = 1024 /* rows that a scoring plan expects */
};

typedef struct runner {
    kg_plan *plan;
    kg_workspace *ws;
} runner;

typedef struct quantum {
    kgi_layer base;      /* first: a kgi_layer * is a quantum * */
    kg_circuit *circuit; /* copies, for plans to come */
    kg_observable *observable;
    kg_plan_options options;
    runner scoring;
    runner training;  /* no plan: the other one serves */
    double *padded;   /* [PIECE][inputs of the plan], NULL if nothing is missing */
    double *d_padded; /* the same */
} quantum;

static const quantum *as_quantum(const kgi_layer *layer)
{
    return (const quantum *)(const void *)layer;
}

/* What runs now: layers know from the model whether it is a training step. */
static const runner *runner_of(const quantum *q)
{
    return q->training.plan && q->base.draw && q->base.draw->training ? &q->training : &q->scoring;
}

/* padded[b] = x[b] and zeros; the zeros were written once, when the buffer was made. */
static void pad(const quantum *q, int batch, const double *x)
{
    const size_t n_in = (size_t)q->base.n_in, width = (size_t)kg_plan_n_inputs(q->scoring.plan);
    for (size_t b = 0; b < (size_t)batch; b++) {
        memcpy(q->padded + b * width, x + b * n_in, n_in * sizeof *x);
    }
}

static void quantum_forward(const kgi_layer *layer, int batch, const double *params,
                            const double *x, double *y)
{
    const quantum *q = as_quantum(layer);
    const runner *run = runner_of(q);
    if (!q->padded) {
        kg_plan_forward(run->plan, params, batch, x, y, run->ws);
        return;
    }
    for (int b = 0; b < batch; b += PIECE) {
        const int n = batch - b < PIECE ? batch - b : PIECE;
        pad(q, n, x + (size_t)b * (size_t)layer->n_in);
        kg_plan_forward(run->plan, params, n, q->padded, y + (size_t)b * (size_t)layer->n_out,
                        run->ws);
    }
}

/* Backward of one piece of rows that are padded. */
static void backward_padded(const quantum *q, int n, const double *params, const double *x,
                            const double *d_y, double *d_params, double *d_x)
{
    const size_t n_in = (size_t)q->base.n_in, width = (size_t)kg_plan_n_inputs(q->scoring.plan);
    pad(q, n, x);
    if (d_x) {
        memset(q->d_padded, 0, (size_t)n * width * sizeof *d_x);
    }
    const runner *run = runner_of(q);
    kg_plan_backward(run->plan, params, n, q->padded, d_y, d_params, d_x ? q->d_padded : NULL,
                     run->ws);
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
        const runner *run = runner_of(q);
        kg_plan_backward(run->plan, params, batch, x, d_y, d_params, d_x, run->ws);
        return;
    }
    for (int b = 0; b < batch; b += PIECE) {
        const size_t in = (size_t)b * (size_t)layer->n_in, out = (size_t)b * (size_t)layer->n_out;
        backward_padded(q, batch - b < PIECE ? batch - b : PIECE, params, x + in, d_y + out,
                        d_params, d_x ? d_x + in : NULL);
    }
}

static void runner_clear(runner *run)
{
    kg_workspace_destroy(run->ws);
    kg_plan_destroy(run->plan);
    *run = (runner){NULL, NULL};
}

/* A plan for calls of `batch` rows. */
static kg_status runner_init(runner *run, const quantum *q, int batch, kg_error *err)
{
    const int n_inputs = kg_circuit_n_inputs(q->circuit);
    kg_plan_options options = q->options;
    /* padded rows come in pieces */
    options.batch_hint = q->base.n_in < n_inputs && batch > PIECE ? PIECE : batch;
    *run = (runner){NULL, NULL};
    kg_status status = kg_plan_create(&run->plan, q->circuit, q->observable, &options, err);
    if (!status) {
        status = kg_workspace_create(&run->ws, run->plan, err);
    }
    if (status) {
        runner_clear(run);
    }
    return status;
}

/* 1 if two plans do the same: what they decided tells. */
static int same_plan(const kg_plan *a, const kg_plan *b)
{
    kg_plan_report x;
    kg_plan_report y;
    kg_plan_get_report(a, &x);
    kg_plan_get_report(b, &y);
    return !strcmp(x.engine, y.engine) && x.n_tail == y.n_tail &&
           x.workspace_bytes == y.workspace_bytes;
}

static kg_status quantum_expect(kgi_layer *layer, int batch, kg_error *err)
{
    quantum *q = (quantum *)(void *)layer;
    runner training;
    const kg_status status = runner_init(&training, q, batch, err);
    if (status) {
        return status;
    }
    runner_clear(&q->training);
    q->training = training;
    if (same_plan(training.plan, q->scoring.plan)) {
        runner_clear(&q->training);
    }
    return KG_OK;
}

static void quantum_destroy(kgi_layer *layer)
{
    quantum *q = (quantum *)(void *)layer;
    runner_clear(&q->scoring);
    runner_clear(&q->training);
    kg_circuit_destroy(q->circuit);
    kg_observable_destroy(q->observable);
    free(q->padded);
    free(q->d_padded);
    free(q);
}

/* The buffers of pad(); nothing to do if every input has its feature. */
static kg_status create_buffers(quantum *q, kg_error *err)
{
    const size_t width = (size_t)kg_plan_n_inputs(q->scoring.plan);
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

static kg_status quantum_shape(const kgi_layer_options *options, kgi_shape *out, kg_error *err)
{
    const int n_in = kgi_shape_size(options->in[0]);
    const int n_inputs = kg_circuit_n_inputs(options->gates);
    if (n_in > n_inputs) {
        return kgi_fail(err, KG_ERR_SHAPE, "%d features, but the circuit takes %d", n_in, n_inputs);
    }
    *out = (kgi_shape){1, 1, kg_observable_n_outputs(options->observable)};
    return KG_OK;
}

/* What later plans are made of. The names among the options may be the caller's for this call only, so
 * the table's own are taken. */
static kg_status keep_options(quantum *q, const kg_circuit *circuit,
                              const kg_observable *observable, const kg_plan_options *options,
                              kg_error *err)
{
    const kg_plan_options defaults = KG_PLAN_OPTIONS_INIT;
    q->options = options ? *options : defaults;
    for (int i = 0; q->options.engine && kg_engine_get(i); i++) {
        if (!strcmp(q->options.engine, kg_engine_get(i))) {
            q->options.engine = kg_engine_get(i);
            break;
        }
    }
    for (int i = 0; q->options.kernels && kg_kernels_get(i); i++) {
        if (!strcmp(q->options.kernels, kg_kernels_get(i))) {
            q->options.kernels = kg_kernels_get(i);
            break;
        }
    }
    const kg_status status = kg_circuit_copy(&q->circuit, circuit, err);
    return status
               ? status
               : kgi_observable_copy(&q->observable, observable, kg_circuit_n_qubits(circuit), err);
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
    q->base.info = &kgi_layer_quantum;
    q->base.n_in = n_in;
    kg_status status = keep_options(q, circuit, observable, options, err);
    if (!status) {
        status = runner_init(&q->scoring, q, SCORED, err);
    }
    if (!status) {
        q->base.n_out = kg_plan_n_outputs(q->scoring.plan);
        q->base.out = (kgi_shape){1, 1, q->base.n_out};
        kgi_layer_add_segment(&q->base, "angles", kg_plan_n_params(q->scoring.plan), 0);
        status = create_buffers(q, err);
    }
    if (status) {
        quantum_destroy(&q->base);
        return status;
    }
    *out = &q->base;
    return KG_OK;
}

static kg_status quantum_create(kgi_layer **out, const kgi_layer_options *options, kg_error *err)
{
    return kgi_quantum_create(out, options->gates, options->observable,
                              kgi_shape_size(options->in[0]), options->plan, err);
}

static const kg_option quantum_options[] = {
    KGI_LAYER_OPTION('s', "circuit", circuit, 0, 0, "",
                     "name of the circuit, if there are several"),
};

const kgi_layer_info kgi_layer_quantum = {
    .name = "quantum",
    .help = "what a circuit measures; the inputs are its x0, x1, ...",
    KGI_LAYER_OPTIONS(quantum_options),
    .shape = quantum_shape,
    .create = quantum_create,
    .forward = quantum_forward,
    .backward = quantum_backward,
    .destroy = quantum_destroy,
    .expect = quantum_expect,
};

const kg_plan *kgi_quantum_plan(const kgi_layer *layer)
{
    if (layer->info != &kgi_layer_quantum) {
        return kgi_patch_plan(layer);
    }
    const quantum *q = as_quantum(layer);
    return q->training.plan ? q->training.plan : q->scoring.plan;
}
