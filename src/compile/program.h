/* SPDX-License-Identifier: Apache-2.0 */
/* A program: what a circuit becomes before an engine runs it.
 *
 *     circuit --lower--> gates with one angle --fuse--> blocks of 1 or 2 qubits, sharing units
 *             --arrange--> registers that grow, blocks in order, and a tail folded into the observable
 *
 * A unit is a short product of gates on one or two qubits. Blocks that are the same gates with the
 * same slots share a unit, so that its matrix is computed once per call and its derivative once per
 * batch. docs/engine.md tells the ideas; this file the data. */
#ifndef COMPILE_PROGRAM_H
#define COMPILE_PROGRAM_H

#include <ketgrad/sim.h>

#include "circuit/circuit.h"

enum {
    KGI_UNIT_QUBITS = 2,
    KGI_UNIT_DIM = 4,
    KGI_UNIT_REALS = 2 * KGI_UNIT_DIM * KGI_UNIT_DIM, /* of a complex 4x4 matrix */
    KGI_ENV_REALS = KGI_UNIT_DIM * KGI_UNIT_DIM,      /* of a Hermitian 4x4 matrix */
    KGI_MAX_REGISTER = 30,                            /* qubits of a register */
    KGI_MAX_TAIL_KEPT = 6,                            /* see kgi_tail */
    KGI_MAX_TAIL = 12,
    KGI_CHUNKS = 16 /* partial sums of a batch: a fixed number, so that threads move no bits */
};

/* One gate of a unit: the matrix A + cos(omega t) B + sin(omega t) C on the unit's qubits, where t is
 * the angle of its slot. Every gate of the table with one angle has that form; G generates it,
 * dU/dt = -i G U. A constant gate is A alone. Matrices are d x d, row-major, interleaved. */
typedef struct kgi_use {
    kg_slot slot; /* KG_SLOT_CONSTANT: no angle, A alone */
    double omega;
    double a[KGI_UNIT_REALS];
    double b[KGI_UNIT_REALS];
    double c[KGI_UNIT_REALS];
    double g[KGI_UNIT_REALS];
} kgi_use;

typedef struct kgi_unit {
    int first_use; /* into program->uses, in order of application */
    int n_uses;
    int n_targets;  /* 1 or 2 */
    int per_sample; /* it has an input: its matrix differs from sample to sample */
    int trainable;  /* it has a parameter */
    /* A multiplexer acts on one of its qubits with a 2x2 matrix chosen by the other, which it flips
     * or leaves: half the work of a dense 4x4. mux is the local bit that chooses, -1 if dense. */
    int mux;
    int flip;
} kgi_unit;

/* An amplitude encoding; qubits[i] is bit i of the index of its inputs. */
typedef struct kgi_amplitudes {
    int n;
    int qubits[KGI_MAX_REGISTER];
    int first_input;
} kgi_amplitudes;

/* A unit on qubits of the circuit, under controls that are not its own. */
typedef struct kgi_block {
    int unit;
    int n_targets;
    int qubits[KGI_UNIT_QUBITS]; /* local qubit i of the unit is this qubit */
    uint64_t controls;
    uint64_t values;
} kgi_block;

/* A circuit as blocks on its qubits: what engines that arrange in their own way begin with. */
typedef struct kgi_fused {
    kgi_block *blocks; /* [n_blocks] in order */
    int n_blocks;
    int start[KG_MAX_QUBITS]; /* unit that makes qubit q's first state from |0>, -1: it stays |0> */
    uint64_t active;          /* qubits inside the light cone */
    kgi_amplitudes *amplitudes; /* [n_amplitudes], before all blocks on their qubits */
    int n_amplitudes;
} kgi_fused;

static inline uint64_t kgi_block_mask(const kgi_block *block)
{
    uint64_t mask = block->controls;
    for (int i = 0; i < block->n_targets; i++) {
        mask |= (uint64_t)1 << block->qubits[i];
    }
    return mask;
}

/* Where a block acts inside a register of n qubits: the groups of 2 or 4 amplitudes that differ in
 * the target bits and agree with the controls. */
typedef struct kgi_target {
    int n_targets;
    int bits[KGI_UNIT_QUBITS]; /* local qubit i is this bit of the amplitude index */
    int n_fixed;
    int fixed[KGI_MAX_REGISTER]; /* target and control bits, ascending */
    size_t set;                  /* control bits that must be 1 */
    size_t n_groups;
} kgi_target;

/* A register is a group of qubits that are entangled with each other and with nobody else. */
typedef struct kgi_register {
    int n;
    int qubits[KGI_MAX_REGISTER]; /* qubits[i] of the circuit is bit i of its amplitude index */
    size_t first;                 /* its first amplitude in the lane's buffer */
    int has_params;               /* a trainable block acts in it or in a register it came from */
    int has_inputs;               /* so does an input */
} kgi_register;

typedef enum kgi_step_kind {
    KGI_STEP_PRODUCT,    /* a qubit in |0> and the gates before it meets another one */
    KGI_STEP_AMPLITUDES, /* qubits encoded by amplitudes */
    KGI_STEP_KRON,       /* two registers become one */
    KGI_STEP_BLOCK       /* a block acts inside a register */
} kgi_step_kind;

typedef struct kgi_step {
    kgi_step_kind kind;
    int reg;         /* the register that the step makes or changes */
    int unit;        /* of PRODUCT (-1: stays |0>) and BLOCK */
    int left, right; /* of KRON: left has the low bits */
    int first_input; /* of AMPLITUDES; index bit i of the inputs is bit i of the register */
    kgi_target at;   /* of BLOCK */
    /* what lies at or before this step, in the registers that lead to it */
    int params_before; /* a trainable block strictly before it */
    int inputs_before; /* an input strictly before it */
} kgi_step;

/* An operator is measured; every output is offset + factor * one of the operators' values. */
typedef struct kgi_operator {
    int n_words;     /* 0: probabilities of m qubits, 2^m values */
    kgi_word *words; /* on bits of the final register */
    int m;
    int bits[KGI_MAX_REGISTER];
    int first_value; /* its place among the values; a sum of words has one value */
} kgi_operator;

typedef struct kgi_output {
    int value; /* -1: none, the output is constant */
    double factor;
    double offset;
} kgi_output;

/* The last blocks act on few qubits, because pooling has discarded the others. They are folded into
 * the observable: with V their product, <H> = sum over columns of <c| V^dagger H V |c>, where a column
 * has the kept qubits' amplitudes and the discarded qubits' values number the columns. Qubits that the
 * tail uses only as choosers of multiplexers are choosers: V is block-diagonal in them. */
typedef struct kgi_tail {
    int n_blocks;                   /* 0: no tail */
    kgi_step *steps;                /* [n_blocks] in order, on the tail's register */
    int n_kept;                     /* bits 0 .. n_kept - 1 of the tail's register */
    int n_choosers;                 /* bits n_kept .. n_kept + n_choosers - 1 */
    int kept[KGI_MAX_REGISTER];     /* bits of the final register */
    int choosers[KGI_MAX_REGISTER]; /* bits of the final register */
    size_t flips;                   /* choosers that V flips, as bits of the chooser number */
    kgi_operator *operators;        /* the same as the program's, on the tail's register */
} kgi_tail;

typedef struct kgi_program {
    int n_params;
    int n_inputs;
    int n_outputs;
    int n_active;
    int n_uses;
    kgi_use *uses;
    int n_units;
    kgi_unit *units;
    kgi_fused fused;
    int n_registers;
    kgi_register *registers;
    size_t n_amplitudes; /* of all registers together */
    int n_steps;
    kgi_step *steps;
    int final;    /* register in which everything ends */
    int n_blocks; /* the tail's included */
    int n_operators;
    kgi_operator *operators;
    int n_values;        /* of all operators together */
    kgi_output *outputs; /* [n_outputs] */
    kgi_tail tail;
    double forward_fma; /* vector fused multiply-adds per tile of samples */
    double backward_fma;
    double once_fma; /* scalar ones per call, whatever the batch: building and unfolding the tail */
} kgi_program;

/* Compiles. Errors as kg_plan_create() documents them. */
kg_status kgi_program_create(kgi_program **out, const kg_circuit *circuit,
                             const kg_observable *observable, int batch_hint, int fuse,
                             kg_error *err);
void kgi_program_destroy(kgi_program *program);

/* Some blocks of a program in registers that merge only where one of these blocks spans them, for an
 * engine that runs a part of the circuit on states.
 *
 * part       steps and registers are its own; units and uses are those of program, which must live on;
 *            it measures nothing. Release with kgi_part_clear()
 * take       [n_blocks] nonzero for the blocks to run
 * qubits     whose registers are made; the blocks' qubits must be among them
 * registers  [KG_MAX_QUBITS] the register in which a qubit of qubits ends
 * Errors: KG_ERR_MEMORY. */
kg_status kgi_part_init(kgi_program *part, const kgi_program *program, const char *take,
                        uint64_t qubits, int *registers, kg_error *err);
void kgi_part_clear(kgi_program *part);

/* matrix = product of the unit's gates at the given slots, [2 d d]. inputs may be NULL if the unit
 * is shared by the batch. */
void kgi_unit_matrix(const kgi_program *program, const kgi_unit *unit, const double *params,
                     const double *inputs, double *matrix);

/* d_params += the derivative that the unit's environment holds.
 *
 * env [d d complex] is the Hermitian part X = (rho - rho^dagger) / 2i of rho = sum |psi><lambda|, both
 * taken after the unit and reduced to its qubits; it is destroyed. For a gate with generator G in the
 * middle of the unit, dL/dt = 2 tr(G X') where X' is X pulled back through the gates after it. Inputs
 * (of one sample) and d_inputs may be NULL if the unit is shared by the batch. */
void kgi_unit_backward(const kgi_program *program, const kgi_unit *unit, const double *params,
                       const double *inputs, double *env, double *d_params, double *d_inputs);

/* The value of a slot. */
static inline double kgi_slot_angle(const kg_slot *slot, const double *params, const double *inputs)
{
    switch (slot->kind) {
    case KG_SLOT_PARAM:
        return slot->scale * params[slot->index] + slot->offset;
    case KG_SLOT_INPUT:
        return slot->scale * inputs[slot->index] + slot->offset;
    default:
        return slot->offset;
    }
}

#endif
