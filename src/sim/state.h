/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the state engine share: atoms, sweeps, stages, their numbers, memory of a call.
 *
 *     program --atoms--> gates taken apart where that saves work --sweeps--> groups that fit a cache
 *             block --stages--> what is done to eight vectors while they are in registers
 *
 * state.c tells the idea. A "bit" is an active qubit, numbered in order. Its "place" is a bit of the
 * amplitude index: at the beginning they are the same, and stages change places (state_kernels.h). */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "compile/plan.h"
#include "sim/state_kernels.h"

typedef enum kgi_atom_kind {
    KGI_ATOM_TURN,     /* 2x2 on one bit */
    KGI_ATOM_MONOMIAL, /* phases and a permutation: RZ, CP, X, CX, SWAP, ... */
    KGI_ATOM_DENSE     /* anything else on one or two bits */
} kgi_atom_kind;

/* The matrix of atoms: a run of gates on one or two bits. */
typedef struct kgi_state_unit {
    kgi_unit unit; /* its gates among the atoms' uses */
    kgi_atom_kind kind;
    int row[KGI_UNIT_DIM]; /* MONOMIAL: the row of each column's entry */
} kgi_state_unit;

typedef struct kgi_atom {
    int unit;
    int n_targets;
    int bits[KGI_UNIT_QUBITS]; /* local qubit i of the unit is this bit */
    uint64_t controls;
    uint64_t values;
    uint64_t
        diagonal; /* bits whose values it reads and keeps: controls, and of MONOMIAL targets too */
    uint64_t mixed; /* all its other bits */
} kgi_atom;

/* A few atoms that are applied to a block of the state in one pass. */
typedef struct kgi_stage {
    kgi_stage_kind kind;
    kgi_stage_at at;
    int slot_bits[KGI_SLOTS]; /* the bit that a slot turns, -1 if idle */
    int turns[KGI_SLOTS];     /* TURNS: atom of each slot, -1: none */
    int first_atom; /* into stage_atoms: the monomials after the turns, in order, or the one atom */
    int n_atoms;
    uint64_t select_mask[KGI_SELECTS]; /* predicates: these bits have these values */
    uint64_t select_value[KGI_SELECTS];
    uint64_t outer_mask[KGI_SELECTS]; /* those outside the block, at their place in the state */
    uint64_t outer_value[KGI_SELECTS];
    int n_env;     /* doubles of its environments, 0: no angle inside */
    size_t env;    /* their place in a chunk's sums */
    int by_sample; /* it has an input */
    int near;      /* it works within the near part of a block */
} kgi_stage;

/* Stages that act within one set of bits: the state is taken in blocks of all their values. */
typedef struct kgi_sweep {
    uint64_t places; /* of its bits */
    int first_stage;
    int n_stages;
    size_t first_env; /* its stages' environments among all */
    size_t n_env;
    int in_place;     /* the lowest places: a block is contiguous */
    size_t n_blocks;  /* values of the other places */
    size_t row;       /* vectors that are neighbours in memory too */
    int wants_params; /* a parameter acts in it or before it */
    int wants_inputs;
} kgi_sweep;

/* An amplitude encoding: index bit i of its inputs is bits[i]. */
typedef struct kgi_state_amplitudes {
    int n;
    int bits[KGI_MAX_REGISTER];
    int first_input;
} kgi_state_amplitudes;

typedef struct kgi_state_shape {
    int near_bits;  /* of the part of a block that the nearest cache holds, lanes included */
    int block_bits; /* of a cache block, lanes included */
    int row_bits;   /* lowest bits above the lanes that every block takes whole */
} kgi_state_shape;

typedef struct kgi_state_tables {
    const kgi_state_kernels *kernels;
    kgi_state_shape shape;
    int n_bits;      /* of the state: active qubits, and idle ones if those are few */
    kgi_program own; /* uses and units of the atoms, for kgi_unit_matrix() and its backward */
    kgi_state_unit *units;
    int n_units;
    kgi_atom *atoms;
    int n_atoms;
    kgi_state_amplitudes *amplitudes;
    int n_amplitudes;
    kgi_operator *operators; /* the program's, on bits, and after scheduling on places */
    kgi_stage *stages;
    int n_stages;
    int *stage_atoms;
    kgi_sweep *sweeps;
    int n_sweeps;
    size_t n_env;     /* doubles of all environments */
    size_t sweep_env; /* of the sweep that has most */
    int n_chunks;     /* jobs of a sweep, and partial sums: a fixed number */
    int n_value_chunks;
    double forward_fma; /* per amplitude */
    double backward_fma;
} kgi_state_tables;

/* Memory of one call. */
typedef struct kgi_state_call {
    const kg_plan *plan;
    const kgi_state_tables *t;
    const kgi_state_kernels *k;
    char *psi;
    char *lambda;               /* NULL in a forward call */
    char *blocks;               /* [threads][2] cache blocks */
    double *matrices;           /* [n_units][KGI_UNIT_REALS] */
    kgi_stage_numbers *numbers; /* [n_stages] */
    char *reals;                /* [n_stages][KGI_STAGE_REALS] in f32 */
    double *env;                /* [n_env] */
    double *chunk_env;          /* [n_chunks][sweep_env], of one sweep at a time */
    double *values;             /* [n_value_chunks][n_values] */
    double *weights;            /* [n_values] */
    const double *params;
    const double *inputs; /* of the sample */
    const kgi_sweep *sweep;
} kgi_state_call;

/* Bytes of an amplitude. */
static inline size_t kgi_state_amplitude_bytes(const kgi_state_kernels *k)
{
    return 2 * k->real_bytes;
}

/* The bits of x spread over the set bits of mask, lowest first. */
static inline uint64_t kgi_deposit(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (; mask; mask &= mask - 1, x >>= 1) {
        out |= x & 1 ? mask & (~mask + 1) : 0;
    }
    return out;
}

/* The inverse: the bits of x at the set bits of mask, side by side. */
static inline uint64_t kgi_extract(uint64_t x, uint64_t mask)
{
    uint64_t out = 0;
    for (int i = 0; mask; mask &= mask - 1, i++) {
        out |= (x & mask & (~mask + 1)) ? (uint64_t)1 << i : 0;
    }
    return out;
}

/* Atoms, amplitude encodings and operators of a program. */
kg_status kgi_state_make_atoms(kgi_state_tables *t, const kgi_program *program, kg_error *err);
/* Multiply-adds per amplitude of all atoms, forward. */
double kgi_state_count_fma(const kgi_state_tables *t);
/* Sweeps and stages of the atoms; operators on places. */
kg_status kgi_state_schedule(kgi_state_tables *t, int n_operators, kg_error *err);

/* Matrices and stage numbers for call->params and call->inputs; those without inputs only if all. */
void kgi_state_numbers(const kgi_state_call *call, int all);
/* d_params and d_inputs (either may be NULL) += derivatives that the environments hold. */
void kgi_state_env_backward(const kgi_state_call *call, double *env, double *d_params,
                            double *d_inputs);

/* Jobs for kgi_team_run(), a chunk of call->sweep's blocks each: apply its stages; undo them. */
void kgi_state_forward_job(void *context, int chunk, int lane);
void kgi_state_backward_job(void *context, int chunk, int lane);

/* First state; the derivative by the inputs of amplitude encodings. */
void kgi_state_start(kgi_state_call *call, kgi_team *team);
void kgi_state_start_backward(const kgi_state_call *call, double *d_inputs);
/* call->values[0 .. n_values) of psi; lambda from psi and call->weights. */
void kgi_state_measure(kgi_state_call *call, kgi_team *team);
void kgi_state_weigh(kgi_state_call *call, kgi_team *team);

/* Tables with another shape than the plan's own, for tests: every path at few qubits. To be called
 * before a workspace is made. */
kg_status kgi_state_reshape(kg_plan *plan, kgi_state_shape shape, kg_error *err);

#endif
