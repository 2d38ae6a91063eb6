/* SPDX-License-Identifier: Apache-2.0 */
/* One call of the Pauli-vector engine: its memory and its parts. */
#ifndef SIM_PAULI_CALL_H
#define SIM_PAULI_CALL_H

#include "sim/pauli.h"

enum {
    KGI_PAULI_PIECES =
        16,               /* at most, of a sweep over spectators; a fixed number, like KGI_CHUNKS */
    KGI_PAULI_PIECE = 256 /* spectators at least */
};

/* Memory that all threads of a call share. [v] numbers the plan's values. */
typedef struct kgi_pauli_shared {
    double *transfers; /* [n_kinds][4^k 4^k], k the largest */
    double *stages;    /* [v][stored]: the input of every pull */
    double *last;      /* [v][last_size] */
    double *spare[2];  /* [v][largest] */
    double *entries;   /* [WORDS^2]: the part of a transfer matrix that a pull uses */
    double *pieces;    /* [PIECES][WORDS^2] environments */
    double *env;       /* [n_kinds][4^k 4^k] */
    double *digits[2]; /* [kgi_pauli_edge_size()]: the last stage while it becomes a matrix */
    double *edge;      /* [kgi_pauli_edge_scratch()] */
    double *matrix;    /* [v][n_a][n_b] */
    double *sums;      /* [KGI_CHUNKS][v][n_a][n_b] */
    /* of the last call, for the next one with the same parameters */
    double *params;    /* [n_params] */
    void *packed;      /* [v][n_a n_b] of the plan's precision */
    void *packed_back; /* the same, transposed */
} kgi_pauli_shared;

/* Memory of one thread: rows of a panel unless said otherwise. */
typedef struct kgi_pauli_lane {
    void *a; /* features of half A, rows of ld lines */
    void *b;
    void *groups;    /* features of the groups of both halves */
    void *levels;    /* [kgi_pauli_level_rows()] products of the first groups of a half */
    void *ones;      /* [1] */
    double *angles;  /* [turns][samples of a panel] */
    void *sines;     /* [turns] */
    void *cosines;   /* [turns] */
    void *bloch;     /* [KGI_PAULI_TURNS + 1][3], the first of them |0> */
    void *values;    /* [v] */
    void *weights;   /* [v] rows of ld lines */
    double *numbers; /* [max(v, 2)][samples of ld lines] */
    void *scratch;   /* [KGI_PAULI_SCRATCH] rows of ld lines */
    void *d_a;       /* derivatives, as above */
    void *d_b;
    void *d_groups;
    void *d_levels;
    void *d_bloch; /* [2][3], then [1] */
} kgi_pauli_lane;

/* What a workspace keeps between calls. */
typedef enum kgi_pauli_kept {
    KGI_PAULI_NOTHING,
    KGI_PAULI_FORWARD, /* params and packed */
    KGI_PAULI_BOTH     /* and packed_back */
} kgi_pauli_kept;

typedef struct kgi_pauli_call {
    const kg_plan *plan;
    const kgi_pauli_tables *t;
    const kgi_pauli_shape *s;
    const kgi_pauli_kernels *k;
    const kgi_kernels *tile_kernels;
    kgi_pauli_shared *shared;
    kgi_pauli_lane *lanes;
    kgi_tile_call tile; /* of the input part */
    kgi_team *team;
    const double *inputs;
    int n_batch;
    double *out;
    const double *d_out;
    double *d_inputs;
    int want_params;
    int n_panels;
    int n_chunks;
    size_t ld; /* lines of a row of features */
} kgi_pauli_call;

/* Samples of a panel. */
static inline int kgi_pauli_samples(const kgi_pauli_call *call)
{
    return KGI_PAULI_PANEL * call->k->lanes;
}

/* ---- once per call (pauli_sweep.c, pauli_edge.c) ---------------------------------------------------- */

/* shared->last from the words and the blocks; every pull's input stays in shared->stages. */
void kgi_pauli_pull_back(const kgi_pauli_call *call);
/* env of all kinds from dL/dlast, which is in shared->last and is destroyed. */
void kgi_pauli_push(const kgi_pauli_call *call);
/* shared->matrix from shared->last, and packed; back: shared->last from dL/dmatrix in shared->matrix. */
void kgi_pauli_edge(const kgi_pauli_call *call);
void kgi_pauli_edge_back(const kgi_pauli_call *call);
size_t kgi_pauli_edge_size(const kgi_pauli_shape *s);
size_t kgi_pauli_edge_scratch(const kgi_pauli_shape *s);

/* ---- once per panel (pauli_features.c) --------------------------------------------------------------- */

/* Features of a panel whose first sample is `first`, at line `line` of lane->a and lane->b. */
void kgi_pauli_features(const kgi_pauli_call *call, int number, int first, size_t line);
/* d_inputs += what lane->d_a and lane->d_b, the derivatives by the features of both halves, say. */
void kgi_pauli_features_back(const kgi_pauli_call *call, int number, int first);

size_t kgi_pauli_level_rows(const kgi_pauli_shape *s);

#endif
