/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of the state engine: what is done to a block of one large state.
 *
 * Amplitudes lie in vectors of a machine register:
 *
 *     real state[vector][2][lanes]        real parts of `lanes` amplitudes, then imaginary parts
 *
 * so the lowest bits of the amplitude index number the lanes, the others the vectors. A stage works on
 * groups of eight vectors (four where a CPU has sixteen registers) that differ in its slots. A slot
 * is a bit of the vector's number; if it is to turn a lane bit, that bit and the slot's own change
 * places first, and stay there: which qubit is where changes from stage to stage. */
#ifndef SIM_STATE_KERNELS_H
#define SIM_STATE_KERNELS_H

#include "compile/program.h"

enum {
    KGI_SLOTS = 3,
    KGI_SLOT_STATES = 1 << KGI_SLOTS,
    KGI_SELECTS = 3, /* predicates on bits outside a stage's slots */
    KGI_SELECT_STATES = 1 << KGI_SELECTS,
    KGI_STAGE_REALS =
        KGI_SLOTS * 17 + KGI_SELECT_STATES * KGI_SLOT_STATES * 2, /* kernels' numbers */
    KGI_TURN_ENV = 4 /* doubles per slot: the Hermitian environment as kgi_kernels has it */
};

typedef enum kgi_stage_kind {
    KGI_STAGE_TURNS, /* a 2x2 per slot, then phases and a permutation of the slots' values */
    KGI_STAGE_DENSE, /* a 4x4 on two slots, where predicate 0 holds */
    KGI_STAGE_PLAIN /* a 2x2 or 4x4 amplitude by amplitude: controls in lanes, and no room to turn */
} kgi_stage_kind;

/* Where a stage acts in a block. PLAIN counts amplitudes and has targets instead of slots. */
typedef struct kgi_stage_at {
    int n_slots;
    size_t stride[KGI_SLOTS]; /* in vectors */
    int lane[KGI_SLOTS];      /* lane bit that changes places with the slot, -1: none */
    int any_lane;
    size_t n_groups;
    int n_selects;
    size_t
        mask[KGI_SELECTS]; /* a predicate holds in a group if (its first vector & mask) == value */
    size_t value[KGI_SELECTS];
    int n_targets; /* of PLAIN */
    size_t targets[KGI_UNIT_QUBITS];
} kgi_stage_at;

/* The part of a block that a call works on, and what it knows of the bits outside the block. */
typedef struct kgi_stage_run {
    size_t first; /* vector */
    size_t n_groups;
    unsigned live; /* bit j: predicate j may hold */
} kgi_stage_run;

typedef enum kgi_turn {
    KGI_TURN_NONE,
    KGI_TURN_TANGENT,   /* c [[1, -t], [t, 1]], t = tan; the factors c are in the phases */
    KGI_TURN_COTANGENT, /* s [[t, -1], [1, t]], t = cot */
    KGI_TURN_MATRIX     /* any complex 2x2 */
} kgi_turn;

typedef enum kgi_phases { KGI_PHASES_NONE, KGI_PHASES_REAL, KGI_PHASES_COMPLEX } kgi_phases;

/* The numbers of a stage for one set of angles: in double, and as kernels read them. */
typedef struct kgi_stage_numbers {
    kgi_turn turn[KGI_SLOTS];
    int reflects[KGI_SLOTS]; /* a sign of the slot's 1 has gone into the phases */
    int full_env[KGI_SLOTS]; /* the environment is wanted whole, not only what real turns read */
    double scale;            /* product of the factors that went into the phases */
    kgi_phases phases;
    int shape; /* DENSE: 0, or 1 + 2 mux + flip */
    union {
        struct {
            double tangent[KGI_SLOTS];
            double matrix[KGI_SLOTS][2][8]; /* and its dagger */
            /* by the predicates' verdicts, bit j for predicate j, and the slots' values k */
            double phase[KGI_SELECT_STATES][KGI_SLOT_STATES][2];
        };
        double dense[2][KGI_UNIT_REALS]; /* and its dagger; DENSE: 4x4, PLAIN: of its targets */
    };
    unsigned char place[KGI_SELECT_STATES][KGI_SLOT_STATES]; /* where k goes */
    size_t target[KGI_SELECT_STATES][KGI_SLOT_STATES];       /* the same in bytes from k = 0 */
    void *real; /* the union's numbers in the state's precision; the union itself in f64 */
} kgi_stage_numbers;

typedef struct kgi_state_kernels {
    const char *name;
    int precision;
    int lanes;
    int lane_bits;
    int slots; /* 3 or 2 */
    size_t real_bytes;

    /* A stage on a part of a block. */
    void (*turns)(void *block, const kgi_stage_at *at, const kgi_stage_numbers *numbers,
                  const kgi_stage_run *run);
    void (*dense)(void *block, const kgi_stage_at *at, const kgi_stage_numbers *numbers,
                  const kgi_stage_run *run);
    void (*plain)(void *block, const kgi_stage_at *at, const double *matrix);

    /* The stage undone on two states, with its environments (NULL: not wanted) taken before:
     * TURNS env[slot][KGI_TURN_ENV], then [verdict][k] of the phases; others env[KGI_ENV_REALS]. All
     * are added. TURNS' are of states that are scaled by numbers->scale. */
    void (*turns_back)(void *psi, void *lambda, const kgi_stage_at *at,
                       const kgi_stage_numbers *numbers, const kgi_stage_run *run, double *env);
    void (*dense_back)(void *psi, void *lambda, const kgi_stage_at *at,
                       const kgi_stage_numbers *numbers, const kgi_stage_run *run, double *env);
    void (*plain_back)(void *psi, void *lambda, const kgi_stage_at *at, const double *dagger,
                       double *env);

    /* Sum of <psi| word |psi> over vectors [first, last), without the coefficient */
    double (*word_value)(const void *psi, size_t first, size_t last, const kgi_word *word);
    /* lambda += weight word psi for them */
    void (*word_apply)(const void *psi, size_t first, size_t last, const kgi_word *word,
                       double weight, void *lambda);
    /* value[v] += |psi_i|^2, v the value of the m bits in i; lambda_i += weight[v] psi_i */
    void (*probs_value)(const void *psi, size_t first, size_t last, const int *bits, int m,
                        double *value);
    void (*probs_apply)(const void *psi, size_t first, size_t last, const int *bits, int m,
                        const double *weight, void *lambda);
    /* real[n] from double[n] */
    void (*from_double)(void *out, const double *in, size_t n);
    /* Real amplitudes of one vector, from [lanes] and to [lanes] the real parts. */
    void (*set)(void *psi, size_t vector, const double *re);
    void (*get)(const void *psi, size_t vector, double *re);
} kgi_state_kernels;

/* The set of that name (NULL: the best) in a precision that this CPU runs; NULL if there is none. */
const kgi_state_kernels *kgi_state_kernels_find(const char *name, int precision);

#endif
