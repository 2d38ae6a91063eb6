/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the tile engine share: tables of a plan, memory of a call, the tail. */
#ifndef SIM_TILE_H
#define SIM_TILE_H

#include "base/parallel.h"
#include "compile/plan.h"
#include "sim/kernels.h"

/* What a plan prepares once. */
typedef struct kgi_tile_tables {
    const kgi_kernels *kernels;   /* of the plan's precision */
    const kgi_kernels *kernels64; /* for the tail, which is folded in double */
    int *matrix_of_unit;          /* per-sample units of blocks: their place in a lane, else -1 */
    int n_lane_matrices;
    kgi_columns columns;
    size_t *offsets;
    size_t *column_bases;
    size_t n_choices; /* 2^choosers */
    size_t n_outer;   /* reals of one operator's outer products: n_choices * kgi_outer_reals() */
    size_t n_sums;    /* doubles that a chunk sums up: environments, then outer products */
    size_t tail_amplitudes;
    int tail_tiles; /* tiles of basis columns */
} kgi_tile_tables;

/* Memory that all lanes of a call read. */
typedef struct kgi_tile_shared {
    double *matrices;    /* [n_units][2][KGI_UNIT_REALS]: U, then U^dagger */
    void *reals;         /* the same in the plan's precision */
    double *tail_basis;  /* [tail_tiles][tail_amplitudes][2][lanes64]: V e_j */
    double *tail_psi;    /* [n_operators][tail_tiles][tail_amplitudes][2][lanes64] */
    double *tail_lambda; /* the same */
    double *tail_env;    /* [n_operators][tail_tiles][n_units][KGI_ENV_REALS][lanes64] */
    double *folded;      /* [n_operators][n_choices][2 size size] */
    double *scratch;     /* [2 size size] */
    void *packed;        /* [n_operators][n_choices][kgi_packed_reals] */
    void *dense;         /* [n_operators][n_choices][2 size size], rows in fours */
    double *sums;        /* [KGI_CHUNKS][n_sums] */
    double *total;       /* [n_sums] */
} kgi_tile_shared;

/* Memory of one thread. */
typedef struct kgi_tile_lane {
    void *psi;       /* all registers, [n_amplitudes][2][lanes] */
    void *lambda;    /* the same */
    void *matrices;  /* [n_lane_matrices][2][KGI_UNIT_REALS][lanes] */
    void *values;    /* [n_values][lanes] */
    void *weights;   /* [n_values][lanes] */
    void *env;       /* [n_units][KGI_ENV_REALS][lanes] */
    void *own_env;   /* [KGI_ENV_REALS][lanes], of a per-sample unit */
    void *outer;     /* [n_operators][n_outer][lanes] */
    double *numbers; /* [4 + n_values][lanes] scratch */
} kgi_tile_lane;

/* One call of forward or backward, as the jobs of its team see it. */
typedef struct kgi_tile_call {
    const kg_plan *plan;
    const kgi_program *program;
    const kgi_tile_tables *tables;
    const kgi_kernels *k;
    kgi_tile_shared *shared;
    const double *params;
    const double *inputs;
    int n_batch;
    double *out;
    const double *d_out;
    double *d_inputs;
    int want_params;
    int n_tiles;
    int n_chunks;
    kgi_tile_lane *lanes;
} kgi_tile_call;

/* The amplitudes of a register in psi or lambda of a lane. */
static inline char *kgi_tile_state(const kgi_tile_call *call, void *state, int reg)
{
    const size_t line = 2 * (size_t)call->k->lanes * call->k->real_bytes;
    return (char *)state + call->program->registers[reg].first * line;
}

/* Row of inputs of lane l in the tile that starts at sample first; lanes past the end repeat the last
 * sample, with weight 0. */
static inline const double *kgi_tile_inputs(const kgi_tile_call *call, int first, int l)
{
    const int sample = first + l < call->n_batch ? first + l : call->n_batch - 1;
    return call->inputs ? call->inputs + (size_t)sample * (size_t)call->program->n_inputs : NULL;
}

/* Memory of one call: the workspace's, carved. */
typedef struct kgi_tile_memory {
    kgi_tile_shared shared;
    kgi_tile_lane lanes[KGI_MAX_THREADS];
} kgi_tile_memory;

/* Carves the workspace, computes the shared matrices and folds the tail: how every call begins. */
kgi_tile_call kgi_tile_begin(kgi_tile_memory *memory, const kg_plan *plan, const double *params,
                             int n_batch, const double *inputs, int backward, kg_workspace *ws);
size_t kgi_tile_workspace_bytes(const kg_plan *plan);

/* Runs the program on the tile of samples from first on: lane->psi holds all registers. */
void kgi_tile_run(const kgi_tile_call *call, kgi_tile_lane *lane, int first);
/* The steps in reverse, from lane->lambda in the registers in which qubits end; psi is undone. */
void kgi_tile_undo(const kgi_tile_call *call, kgi_tile_lane *lane, int first);
/* The unit's matrix (or its dagger), shared or of the lane, in the kernels' precision. */
const void *kgi_tile_matrix(const kgi_tile_call *call, const kgi_tile_lane *lane, int unit,
                            int dagger);
/* 1 / ||x||, which is infinite and makes NaN of a sample without a length. */
double kgi_inverse_norm(const double *x, size_t n);
/* Jobs for kgi_team_run(): a tile forward; a chunk of tiles forward and backward. */
void kgi_tile_forward_job(void *context, int tile, int number);
void kgi_tile_backward_job(void *context, int chunk, int number);

/* Tables of a plan: kgi_engine's prepare and release. */
kg_status kgi_tile_prepare(kg_plan *plan, kg_error *err);
void kgi_tile_release(kg_plan *plan);

/* folded, packed and dense from the tail's blocks; shared->matrices must be there. */
void kgi_tail_fold(const kg_plan *plan, kgi_tile_shared *shared, kgi_team *team);

/* Adds the tail's part to the environments in shared->total: its outer products are the batch's
 * weighted density matrix, which is swept once through the tail's blocks. */
void kgi_tail_unfold(const kg_plan *plan, kgi_tile_shared *shared, kgi_team *team);

/* matrix [2 d d] from the sixteen numbers of an environment (kgi_kernels overlap). */
void kgi_env_matrix(int n_targets, const double *env, double *matrix);

#endif
