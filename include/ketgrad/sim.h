/* SPDX-License-Identifier: Apache-2.0 */
/* Running circuits: a plan is a compiled circuit, a workspace is the memory that a run needs.
 *
 * Everything that can fail fails in kg_plan_create(). A plan is const and may be shared by threads,
 * each with a workspace of its own. */
#ifndef KETGRAD_SIM_H
#define KETGRAD_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "circuit.h"
#include "export.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kg_plan kg_plan;
typedef struct kg_workspace kg_workspace;

typedef enum kg_precision { KG_PRECISION_F64, KG_PRECISION_F32 } kg_precision;

typedef struct kg_plan_options {
    size_t struct_size;
    int precision;       /* kg_precision of the states; default KG_PRECISION_F64 */
    int threads;         /* threads of forward and backward, 1 .. 256; default 1 */
    int batch_hint;      /* samples per call to optimise for, >= 1; default 256. Results do not
                               depend on threads; they may move by rounding with the hint */
    int fuse;            /* 0 keeps gates apart and skips every shortcut, for tests; default 1 */
    const char *engine;  /* one of kg_engine_get(), or NULL: the cheapest by operation counts */
    const char *kernels; /* "avx512", "avx2", "portable", or NULL: the best that this CPU runs */
    size_t max_memory_bytes; /* of a workspace; 0: three quarters of what is available now */
} kg_plan_options;

#define KG_PLAN_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(kg_plan_options), KG_PRECISION_F64, 1, 256, 1, NULL, NULL, 0                        \
    }

/**
 * Compiles a circuit and what to measure: validates, drops what lies outside the light cone, fuses,
 * orders, chooses the engine by cost, sizes the workspace. Circuit and observable are not kept. A
 * circuit with measurements, resets and conditions is run as its kg_circuit_defer().
 *
 * @param[in] options  NULL for the defaults
 * Errors: KG_ERR_SHAPE (widths differ), KG_ERR_ARGUMENT (options, no output), KG_ERR_UNSUPPORTED
 * (too many qubits for the engine, deferred measurements included), KG_ERR_MEMORY (the message has
 * bytes needed and available).
 */
KG_API KG_MUST_CHECK kg_status kg_plan_create(kg_plan **out, const kg_circuit *circuit,
                                              const kg_observable *observable,
                                              const kg_plan_options *options, kg_error *err);
KG_API void kg_plan_destroy(kg_plan *plan);

KG_API int kg_plan_n_params(const kg_plan *plan);
KG_API int kg_plan_n_inputs(const kg_plan *plan);
KG_API int kg_plan_n_outputs(const kg_plan *plan);
/** Bytes of a workspace, alignment included. */
KG_API size_t kg_plan_workspace_bytes(const kg_plan *plan);

/* What a plan decided. Flops count multiplications and additions that the kernels execute. */
typedef struct kg_plan_report {
    const char *engine;
    const char *kernels;
    int precision;
    int threads;
    int n_qubits;          /* of the circuit, with those that deferring needs */
    int n_active;          /* inside the light cone */
    int n_blocks;          /* fused blocks */
    int n_units;           /* different fused blocks: matrices per call */
    int n_tail;            /* blocks folded into the observable; 0 if none */
    int tile;              /* samples side by side */
    double forward_flops;  /* per sample, without what is done once per call */
    double backward_flops; /* per sample, the forward inside included */
    size_t workspace_bytes;
} kg_plan_report;

KG_API void kg_plan_get_report(const kg_plan *plan, kg_plan_report *report);

/** Memory for runs of one plan. */
KG_API KG_MUST_CHECK kg_status kg_workspace_create(kg_workspace **out, const kg_plan *plan,
                                                   kg_error *err);
/** The same in the caller's memory of any alignment, at least kg_plan_workspace_bytes(); it must
 * outlive the workspace, which kg_workspace_destroy() then leaves alone. */
KG_API KG_MUST_CHECK kg_status kg_workspace_init(kg_workspace **out, const kg_plan *plan,
                                                 void *memory, size_t bytes, kg_error *err);
KG_API void kg_workspace_destroy(kg_workspace *ws);

/**
 * Expectation values of a batch: out[b][k] = <psi_b| H_k |psi_b> for the plan's k outputs (or the
 * probabilities that were asked for).
 *
 * @param[in]     params   [p] angles in radians, shared by the batch; NULL if p is 0
 * @param[in]     n_batch  samples, at least 1
 * @param[in]     inputs   [n_batch][m] encoded data in radians (amplitudes: any scale, not all
 *                         zero); NULL if m is 0
 * @param[out]    out      [n_batch][k], dimensionless
 * @param[in,out] ws       made for this plan; one call at a time (it holds a lane per thread)
 *
 * Cannot fail: kg_plan_create() has checked everything. The same bits for any number of threads.
 * A sample whose amplitudes are all zero or not finite gives NaN.
 */
KG_API void kg_plan_forward(const kg_plan *plan, const double *params, int n_batch,
                            const double *inputs, double *out, kg_workspace *ws);

/**
 * Vector-Jacobian product of kg_plan_forward() by adjoint differentiation. Adds to its outputs.
 *
 * @param[in]     d_out     [n_batch][k] dL/dout
 * @param[in,out] d_params  [p] += dL/dparams per radian; NULL if not wanted
 * @param[in,out] d_inputs  [n_batch][m] += dL/dinputs per radian; NULL if not wanted
 *
 * One sweep forward and one back over the fused blocks, whatever the number of parameters.
 * Source: Jones and Gacon, arXiv:2009.02823; the sum per fused block is ours (docs/engine.md).
 */
KG_API void kg_plan_backward(const kg_plan *plan, const double *params, int n_batch,
                             const double *inputs, const double *d_out, double *d_params,
                             double *d_inputs, kg_workspace *ws);

/**
 * Measures qubits of the final state: outcomes[b][s] is the value of shot s, bit j being qubits[j].
 * Shot s of sample b draws at address (seed, KG_STREAM_SHOTS, b, s).
 *
 * @param[in]  n_qubits  1 .. 20
 * @param[in]  qubits    distinct
 * @param[in]  shots     per sample, at least 1
 * @param[out] outcomes  [n_batch][shots]
 * Errors: KG_ERR_ARGUMENT, KG_ERR_MEMORY, KG_ERR_NUMERIC (a sample has no state: inputs not finite,
 * amplitudes all zero), and those of kg_plan_create().
 */
KG_API KG_MUST_CHECK kg_status kg_circuit_sample(const kg_circuit *circuit, const double *params,
                                                 int n_batch, const double *inputs, int n_qubits,
                                                 const int *qubits, int shots, uint64_t seed,
                                                 uint32_t *outcomes, kg_error *err);

/** The names of the engines that options may ask for; NULL past the end. */
KG_API const char *kg_engine_get(int i);

/** The names of the kernel sets that this build has and this CPU runs, best first; NULL past the
 * end. */
KG_API const char *kg_kernels_get(int i);

/** Measured peak of fused multiply-adds of one thread with a kernel set (NULL: the best), in flop/s;
 * takes about 50 ms; 0 if the set is unknown. */
KG_API double kg_kernels_peak_flops(const char *kernels, int precision);

#ifdef __cplusplus
}
#endif

#endif
