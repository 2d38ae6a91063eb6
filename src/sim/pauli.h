/* SPDX-License-Identifier: Apache-2.0 */
/* The Pauli-vector engine: what its files share. docs/engine.md, section 9, tells the idea.
 *
 *     <H>(x) = T(theta) . (f_1(x) (x) f_2(x) (x) ...)
 *
 * The circuit is an input part, which acts on small groups of qubits, and a parameter part without
 * inputs. The observable is pulled back through the parameter part as a real vector of coefficients of
 * Pauli words, once per call; a group's features f are what its state says about the words on its qubits,
 * once per sample.
 *
 * A letter is two bits, x and z: I = 0, X = 1, Z = 2, Y = 3. A word on k qubits is the number with the
 * letter of qubit i in bits 2i and 2i + 1, and the matrix i^|x&z| X^x Z^z. */
#ifndef SIM_PAULI_H
#define SIM_PAULI_H

#include "compile/plan.h"
#include "sim/pauli_kernels.h"
#include "sim/tile.h"

enum {
    KGI_PAULI_QUBITS = 3, /* of a block, its controls included */
    KGI_PAULI_DIM = 1 << KGI_PAULI_QUBITS,
    KGI_PAULI_WORDS = 1 << 2 * KGI_PAULI_QUBITS,
    KGI_PAULI_TURNS = 6,         /* rotations of one qubit before it becomes a group with a state */
    KGI_PAULI_MAX_BLOCKS = 4096, /* of a circuit: beyond, looking for a plan would take too long */
    KGI_PAULI_MAX_PROBS = 6,     /* qubits whose probabilities are measured together */
    KGI_PAULI_MAX_GROUP = 6,     /* qubits of a group whose features are products of amplitudes */
    KGI_PAULI_PANEL = 4,         /* lines of samples that are evaluated together */
    KGI_PAULI_PANELS = 12        /* panels whose outer products are summed together */
};

/* ---- blocks ------------------------------------------------------------------------------------------ */

/* Which entries of a transfer matrix can differ from 0: bit j of rows[i] for R_ij. */
typedef struct kgi_pauli_pattern {
    uint64_t rows[KGI_PAULI_WORDS];
} kgi_pauli_pattern;

/* Blocks that have the same transfer matrix. Local qubits: the unit's, then the controls. */
typedef struct kgi_pauli_kind {
    int unit;
    int k; /* qubits */
    int n_targets;
    unsigned set; /* bit i: control i must be 1 */
    kgi_pauli_pattern pattern;
} kgi_pauli_kind;

/* A block as the coefficients see it:   out[i][spectators] = sum_j R_ij in[j][spectators]
 * with the words j that can occur after the block and i that matter before it. Letters of an axis are
 * digits in ascending order; a stage is all digits of all axes, row-major in the stage's order. */
typedef struct kgi_pauli_pull {
    int kind;
    int axes[KGI_PAULI_QUBITS];
    unsigned char in_letters[KGI_PAULI_QUBITS]; /* masks of letters */
    unsigned char out_letters[KGI_PAULI_QUBITS];
    double n_in_size; /* coefficients of all axes */
    double n_out_size;
    /* below: tables, filled by kgi_pauli_tables_create() */
    kgi_pauli_step step;
    uint32_t
        *permutation; /* element e comes from permutation[e] of the stage before; NULL: as it is */
    size_t place;     /* of its input among the stored stages */
} kgi_pauli_pull;

/* ---- groups ------------------------------------------------------------------------------------------ */

typedef enum kgi_pauli_group_kind {
    KGI_PAULI_CONSTANT, /* one qubit without an input: its letters are numbers */
    KGI_PAULI_TURNED, /* one qubit, turned from |0>: its features are letters of its Bloch vector */
    KGI_PAULI_STATE   /* its features are products of its amplitudes */
} kgi_pauli_group_kind;

/* Where the word of a digit stands among those of its group, and its sign. */
struct kgi_pauli_digit {
    uint32_t place;
    int sign;
};

typedef struct kgi_pauli_group {
    kgi_pauli_group_kind kind;
    int n; /* qubits */
    int axes[KGI_MAX_REGISTER];
    int reg;  /* of STATE: its register in the input part */
    int real; /* of STATE: its amplitudes are real */
    double constant[4];
    int n_turns;
    kgi_pauli_turn turns[KGI_PAULI_TURNS];
    kg_slot slots[KGI_PAULI_TURNS];
    unsigned char letters[KGI_MAX_REGISTER]; /* that reach its axes, masks */
    size_t n_digits;                         /* words of these letters */
    size_t n_features;
    size_t place; /* of its features among those of all groups of a half */
    /* of STATE, in a plan: [n_digits] the word of a digit, as kgi_pauli_edge() orders them, and its sign */
    struct kgi_pauli_digit *digits;
} kgi_pauli_group;

/* A word of the observable with its coefficient in one of the values. */
typedef struct kgi_pauli_word {
    int value;
    double coefficient;
    unsigned char letters[KGI_MAX_REGISTER]; /* of each axis */
} kgi_pauli_word;

/* What the circuit is for this engine; no table yet, so that a price is cheap. */
typedef struct kgi_pauli_shape {
    int n; /* axes: active qubits */
    int axis_of[KG_MAX_QUBITS];
    char *take;            /* [n_blocks] of the program: in the input part */
    uint64_t state_qubits; /* of groups with a state */
    int n_groups;          /* constants first, then those of half A, then of half B */
    kgi_pauli_group groups[KGI_MAX_REGISTER + 1]; /* one more to try */
    int n_constants;
    int n_left;    /* groups in half A */
    int quadratic; /* the only group: both halves are its amplitudes */
    size_t n_a;    /* features of half A */
    size_t n_b;
    int n_values;
    int n_words;
    kgi_pauli_word *words;
    unsigned char first[KGI_MAX_REGISTER]; /* letters of the observable */
    unsigned char last[KGI_MAX_REGISTER];  /* letters when all blocks are pulled */
    int n_kinds;
    kgi_pauli_kind *kinds;
    int n_pulls;
    kgi_pauli_pull *pulls; /* in order of application: from the circuit's end */
    double pull_fma;       /* of all pulls of one value */
    double largest;        /* coefficients of the largest stage */
    double stored;         /* coefficients of all stages */
} kgi_pauli_shape;

/* KG_ERR_UNSUPPORTED with the reason if this engine cannot run the program, KG_ERR_MEMORY. */
kg_status kgi_pauli_shape_create(kgi_pauli_shape **out, const kgi_program *program, kg_error *err);
void kgi_pauli_shape_destroy(kgi_pauli_shape *shape);

/* Its pulls, and the letters at both ends; groups and words must be there. */
kg_status kgi_pauli_find_pulls(kgi_pauli_shape *shape, const kgi_program *program, kg_error *err);

/* Fused multiply-adds of a forward and a backward call, see kgi_engine. */
double kgi_pauli_price(const kgi_pauli_shape *shape, int precision, int batch_hint);

/* ---- transfer matrices ------------------------------------------------------------------------------- */

/* transfer [4^k][4^k]: R_ij = tr(P_i U^dagger P_j U) / 2^k for U [2 d d], so that the coefficients before
 * a block are R times those after it. This is the place where noise joins: the matrix of a channel
 * behind the block is multiplied from the right, of one before it from the left. */
void kgi_pauli_transfer(int k, const double *u, double *transfer);

/* full [2 d d] on a kind's qubits from its unit's matrix: the identity where the controls do not match. */
void kgi_pauli_embed(const kgi_pauli_kind *kind, const double *unit, double *full);

/* What an environment dL/dR_ij [4^k][4^k] says about the angles inside U: x, on the unit's qubits, is the
 * Hermitian environment that kgi_unit_backward() takes. */
void kgi_pauli_environment(const kgi_pauli_kind *kind, const double *transfer, const double *env,
                           double *x);

/* The pattern of a kind's block, whatever its angles are. Remembers use after use in a cache. */
typedef struct kgi_pauli_cache kgi_pauli_cache;
kgi_pauli_cache *kgi_pauli_cache_create(void); /* NULL without memory; release with free() */
void kgi_pauli_find_pattern(kgi_pauli_kind *kind, const kgi_program *program,
                            kgi_pauli_cache *cache);

/* A one-qubit gate as a rotation of the Bloch vector; 0 if it is not a + b cos t + c sin t. */
int kgi_pauli_find_turn(kgi_pauli_turn *turn, const kgi_use *use);

/* ---- a plan ------------------------------------------------------------------------------------------ */

typedef struct kgi_pauli_tables {
    kgi_pauli_shape *shape;
    const kgi_pauli_kernels *kernels; /* of the plan's precision */
    const kgi_pauli_sweeps *sweeps;
    kgi_program part; /* the input part */
    kg_plan tile;     /* runs it: a plan of the tile engine without an observable */
    size_t *starts;   /* [n_words] place of a word in the first stage */
    size_t first_size;
    size_t last_size;
    size_t largest;
    size_t stored;    /* coefficients of all stages of one value */
    size_t *a_digits; /* [digits of half A] place in the last stage, without the other half */
    size_t *b_digits;
    size_t *c_digits; /* of the constants, and what they are worth */
    double *c_values;
    size_t n_a_digits, n_b_digits, n_c_digits;
    size_t features_a; /* lines of the features of all groups of half A */
    size_t features_b;
    size_t n_transfer; /* entries of the largest transfer matrix */
} kgi_pauli_tables;

/* digits of a group with a state; NULL without memory */
struct kgi_pauli_digit *kgi_pauli_edge_digits(const kgi_pauli_group *group);

kg_status kgi_pauli_tables_create(kgi_pauli_tables **out, const kg_plan *plan, kg_error *err);
void kgi_pauli_tables_destroy(kgi_pauli_tables *tables);

#endif
