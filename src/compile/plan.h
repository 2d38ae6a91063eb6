/* SPDX-License-Identifier: Apache-2.0 */
/* A plan, a workspace, and the row that an engine is. */
#ifndef COMPILE_PLAN_H
#define COMPILE_PLAN_H

#include <ketgrad/sim.h>

#include "base/arena.h"
#include "base/parallel.h"
#include "compile/program.h"

/* An engine runs plans. Rows live in the rooms that implement them; a plan holds one. */
typedef struct kgi_engine {
    const char *name;
    int keeps_circuit; /* it reads plan->circuit and plan->observable too, not only the program */
    /* Fused multiply-adds of a forward and a backward call for batch_hint samples, in the plan's
     * precision, from plan->program alone: those in double count twice in an f32 plan, and work far
     * from the machine's peak counts for what it takes. INFINITY: it cannot run this program. NAN:
     * there is no memory to tell. NULL: it is never chosen, only asked for by name. */
    double (*cost)(const kg_plan *plan, int batch_hint);
    /* Refuses what the engine cannot run and fills plan->engine_data, tables it needs; may be NULL */
    kg_status (*prepare)(kg_plan *plan, kg_error *err);
    void (*release)(kg_plan *plan);
    size_t (*workspace_bytes)(const kg_plan *plan);
    /* As kg_plan_forward() and kg_plan_backward(), with the workspace's arena empty */
    void (*forward)(const kg_plan *plan, const double *params, int n_batch, const double *inputs,
                    double *out, kg_workspace *ws);
    void (*backward)(const kg_plan *plan, const double *params, int n_batch, const double *inputs,
                     const double *d_out, double *d_params, double *d_inputs, kg_workspace *ws);
    /* Fills kernels, threads, tile and flops of a report, which come as those of a plain loop over
     * samples, and n_tail; may be NULL */
    void (*report)(const kg_plan *plan, kg_plan_report *report);
} kgi_engine;

struct kg_plan {
    const kgi_engine *engine;
    int precision;
    int threads;
    int n_qubits;
    kgi_program *program;
    kg_circuit *circuit; /* copies, for an engine that keeps_circuit; else NULL */
    kg_observable *observable;
    const char *kernels; /* name of the set that the caller asked for, NULL: the best */
    void *engine_data;
    size_t workspace_bytes;
};

struct kg_workspace {
    const kg_plan *plan;
    kgi_arena arena;
    kgi_team *team; /* plan->threads, NULL for one */
    void *owned;    /* memory to free, NULL if it is the caller's */
    int kept;       /* what an engine left in the arena for its next call; 0: nothing */
};

#endif
