/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and workspaces: the public door of the engines. Everything that can fail fails here. */
#include "compile/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/status.h"
#include "base/text.h"
#include "sim/engines.h"

/* Options of an older caller are shorter: what it does not know keeps its default. */
static kg_status read_options(kg_plan_options *out, const kg_plan_options *options, kg_error *err)
{
    const kg_plan_options defaults = KG_PLAN_OPTIONS_INIT;
    *out = defaults;
    if (options) {
        if (options->struct_size < sizeof options->struct_size ||
            options->struct_size > sizeof *options) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "struct_size of the plan's options is %zu, this library knows %zu",
                            options->struct_size, sizeof *options);
        }
        memcpy(out, options, options->struct_size);
    }
    if (out->precision != KG_PRECISION_F64 && out->precision != KG_PRECISION_F32) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "precision is %d, not f64 (0) or f32 (1)",
                        out->precision);
    }
    if (out->threads < 1 || out->threads > KGI_MAX_THREADS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "threads is %d, not in [1, %d]", out->threads,
                        KGI_MAX_THREADS);
    }
    if (out->batch_hint < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "batch_hint is %d, not at least 1", out->batch_hint);
    }
    return KG_OK;
}

static kg_status check_memory(const kg_plan *plan, size_t max_bytes, kg_error *err)
{
    const size_t available = kgi_memory_available_bytes();
    const size_t allowed = max_bytes ? max_bytes : available / 4 * 3;
    if (plan->workspace_bytes > allowed) {
        return kgi_fail(err, KG_ERR_MEMORY,
                        "the workspace needs %.1f MB, %s %.1f MB; fewer threads or f32 need less",
                        1e-6 * (double)plan->workspace_bytes,
                        max_bytes ? "allowed are" : "three quarters of what is available are",
                        1e-6 * (double)allowed);
    }
    return KG_OK;
}

/* Gives the plan's program to an engine. */
static kg_status set_engine(kg_plan *plan, const kgi_engine *engine, const kg_circuit *circuit,
                            const kg_observable *observable, const kg_plan_options *options,
                            kg_error *err)
{
    kg_status status = KG_OK;
    plan->engine = engine;
    if (engine->keeps_circuit) {
        status = kg_circuit_copy(&plan->circuit, circuit, err);
        if (!status) {
            status = kgi_observable_copy(&plan->observable, observable, observable->n_qubits, err);
        }
    }
    if (!status) {
        status = engine->prepare(plan, err);
    }
    if (!status) {
        plan->workspace_bytes = engine->workspace_bytes(plan) + KGI_ALIGN;
        status = check_memory(plan, options->max_memory_bytes, err);
    }
    return status;
}

static void release_engine(kg_plan *plan)
{
    if (plan->engine && plan->engine->release) {
        plan->engine->release(plan);
    }
    plan->engine = NULL;
}

static kg_status build(kg_plan *plan, const kg_circuit *circuit, const kg_observable *observable,
                       const kg_plan_options *options, kg_error *err)
{
    const kgi_engine *order[KGI_MAX_ENGINES] = {NULL};
    int n = 1;
    kg_status status = options->engine ? kgi_engine_find(&order[0], options->engine, err) : KG_OK;
    if (!status) {
        status = kgi_program_create(&plan->program, circuit, observable, options->batch_hint,
                                    options->fuse, err);
    }
    if (status) {
        return status;
    }
    if (!options->engine) {
        n = kgi_engines_by_cost(order, plan, options->batch_hint);
        if (n < 0) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate what tells the engines' prices");
        }
        if (n == 0) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED, "no engine can run this circuit");
        }
    }
    for (int i = 0; i < n; i++) {
        release_engine(plan);
        status = set_engine(plan, order[i], circuit, observable, options, err);
        /* The next one may do with the memory that the caller allows. What the machine has free
         * at the moment must not choose, it would move bits. */
        if (status != KG_ERR_MEMORY || !options->max_memory_bytes) {
            break;
        }
    }
    return status;
}

kg_status kg_plan_create(kg_plan **out, const kg_circuit *circuit, const kg_observable *observable,
                         const kg_plan_options *options, kg_error *err)
{
    *out = NULL;
    kg_plan_options opt;
    kg_status status = read_options(&opt, options, err);
    if (status) {
        return status;
    }
    if (circuit->n_qubits != observable->n_qubits) {
        return kgi_fail(err, KG_ERR_SHAPE, "the circuit has %d qubits, the observable %d",
                        circuit->n_qubits, observable->n_qubits);
    }
    if (observable->n_outputs < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "the observable has no output, needs at least 1");
    }
    kgi_deferred unitary; /* no engine measures: what it gets is a unitary circuit */
    status = kgi_deferred_init(&unitary, circuit, observable, err);
    if (status) {
        return status;
    }
    kg_plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        kgi_deferred_clear(&unitary);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a plan");
    }
    plan->precision = opt.precision;
    plan->threads = opt.threads;
    plan->n_qubits = unitary.circuit->n_qubits;
    plan->kernels = opt.kernels;
    status = build(plan, unitary.circuit, unitary.observable, &opt, err);
    kgi_deferred_clear(&unitary);
    plan->kernels = NULL; /* borrowed for the call; the tables hold what it named */
    if (status) {
        kg_plan_destroy(plan);
        return status;
    }
    *out = plan;
    return KG_OK;
}

void kg_plan_destroy(kg_plan *plan)
{
    if (!plan) {
        return;
    }
    release_engine(plan);
    kgi_program_destroy(plan->program);
    kg_circuit_destroy(plan->circuit);
    kg_observable_destroy(plan->observable);
    free(plan);
}

int kg_plan_n_params(const kg_plan *plan)
{
    return plan->program->n_params;
}

int kg_plan_n_inputs(const kg_plan *plan)
{
    return plan->program->n_inputs;
}

int kg_plan_n_outputs(const kg_plan *plan)
{
    return plan->program->n_outputs;
}

size_t kg_plan_workspace_bytes(const kg_plan *plan)
{
    return sizeof(kg_workspace) + KGI_ALIGN + plan->workspace_bytes;
}

void kg_plan_get_report(const kg_plan *plan, kg_plan_report *report)
{
    const kgi_program *program = plan->program;
    *report = (kg_plan_report){.engine = plan->engine->name,
                               .kernels = "none",
                               .precision = plan->precision,
                               .threads = 1,
                               .n_qubits = plan->n_qubits,
                               .n_active = program->n_active,
                               .n_blocks = program->n_blocks,
                               .n_units = program->n_units,
                               .tile = 1,
                               .workspace_bytes = kg_plan_workspace_bytes(plan)};
    if (plan->engine->report) {
        plan->engine->report(plan, report);
    }
}

kg_status kg_workspace_init(kg_workspace **out, const kg_plan *plan, void *memory, size_t bytes,
                            kg_error *err)
{
    *out = NULL;
    if (bytes < kg_plan_workspace_bytes(plan)) {
        return kgi_fail(err, KG_ERR_SHAPE, "a workspace of %zu bytes, the plan needs %zu", bytes,
                        kg_plan_workspace_bytes(plan));
    }
    kgi_team *team = NULL;
    if (plan->threads > 1) {
        const kg_status status = kgi_team_create(&team, plan->threads, err);
        if (status) {
            return status;
        }
    }
    const size_t skip = (KGI_ALIGN - (size_t)memory % KGI_ALIGN) % KGI_ALIGN;
    kg_workspace *ws = (kg_workspace *)(void *)((unsigned char *)memory + skip);
    *ws = (kg_workspace){.plan = plan, .team = team};
    kgi_arena_init(&ws->arena, ws + 1, bytes - skip - sizeof *ws);
    *out = ws;
    return KG_OK;
}

kg_status kg_workspace_create(kg_workspace **out, const kg_plan *plan, kg_error *err)
{
    *out = NULL;
    const size_t bytes = kg_plan_workspace_bytes(plan);
    void *memory = kgi_alloc(bytes, 1);
    if (!memory) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a workspace of %zu bytes", bytes);
    }
    const kg_status status = kg_workspace_init(out, plan, memory, bytes, err);
    if (status) {
        free(memory);
        return status;
    }
    (*out)->owned = memory;
    return KG_OK;
}

void kg_workspace_destroy(kg_workspace *ws)
{
    if (ws) {
        kgi_team_destroy(ws->team);
        free(ws->owned);
    }
}

void kg_plan_forward(const kg_plan *plan, const double *params, int n_batch, const double *inputs,
                     double *out, kg_workspace *ws)
{
    const size_t mark = kgi_arena_mark(&ws->arena);
    plan->engine->forward(plan, params, n_batch, inputs, out, ws);
    kgi_arena_rewind(&ws->arena, mark);
}

void kg_plan_backward(const kg_plan *plan, const double *params, int n_batch, const double *inputs,
                      const double *d_out, double *d_params, double *d_inputs, kg_workspace *ws)
{
    if (!d_params && !d_inputs) {
        return;
    }
    const size_t mark = kgi_arena_mark(&ws->arena);
    plan->engine->backward(plan, params, n_batch, inputs, d_out, d_params, d_inputs, ws);
    kgi_arena_rewind(&ws->arena, mark);
}
