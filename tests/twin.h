/* SPDX-License-Identifier: Apache-2.0 */
/* A circuit built twice at once: in ketgrad, and as a list that the oracle runs by its own formulas.
 * Also what random tests need: a generator of their own, random circuits, observables as text. */
#ifndef TESTS_TWIN_H
#define TESTS_TWIN_H

#include <complex.h>
#include <string.h>

#include <ketgrad/ketgrad.h>

#include "near.h"
#include "ref/ref.h"

/* Fails the test with the message of the library. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        kg_error assert_ok_err = {KG_OK, ""};                                                      \
        kg_error *err = &assert_ok_err;                                                            \
        if ((call) != KG_OK) {                                                                     \
            print_error("%s: %s\n", #call, err->message);                                          \
            _fail(__FILE__, __LINE__);                                                             \
        }                                                                                          \
    } while (0)

enum { TWIN_MAX_OPS = 1000, TWIN_MAX_TARGETS = 12, TWIN_MAX_QUBITS = 12 };

/* ---- random numbers: splitmix64 (Steele, Lea, Flood, OOPSLA 2014) -------------------------------- */

typedef struct twin_rng {
    uint64_t state;
} twin_rng;

static inline uint64_t twin_next(twin_rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline int twin_below(twin_rng *rng, int n)
{
    return (int)(twin_next(rng) % (uint64_t)n);
}

static inline double twin_uniform(twin_rng *rng, double low, double high)
{
    return low + (high - low) * (double)(twin_next(rng) >> 11) * 0x1p-53;
}

static inline void twin_fill(twin_rng *rng, double *x, int n, double low, double high)
{
    for (int i = 0; i < n; i++) {
        x[i] = twin_uniform(rng, low, high);
    }
}

/* The first k entries are a random choice of distinct qubits. */
static inline void twin_shuffle(twin_rng *rng, int *qubits, int n)
{
    for (int i = 0; i < n; i++) {
        const int j = twin_below(rng, i + 1);
        qubits[i] = qubits[j];
        qubits[j] = i;
    }
}

/* A unitary [d][d], interleaved: random columns, made orthonormal one after the other, twice. */
static inline void twin_random_unitary(twin_rng *rng, int k, double *matrix)
{
    const int dim = 1 << k;
    double complex column[4][4];
    for (int c = 0; c < dim; c++) {
        for (int r = 0; r < dim; r++) {
            column[c][r] = twin_uniform(rng, -1, 1) + I * twin_uniform(rng, -1, 1);
        }
        for (int pass = 0; pass < 2; pass++) {
            double square = 0;
            for (int b = 0; b < c; b++) {
                double complex dot = 0;
                for (int r = 0; r < dim; r++) {
                    dot += conj(column[b][r]) * column[c][r];
                }
                for (int r = 0; r < dim; r++) {
                    column[c][r] -= dot * column[b][r];
                }
            }
            for (int r = 0; r < dim; r++) {
                square += creal(column[c][r] * conj(column[c][r]));
            }
            for (int r = 0; r < dim; r++) {
                column[c][r] /= sqrt(square);
            }
        }
        for (int r = 0; r < dim; r++) {
            matrix[2 * (r * dim + c)] = creal(column[c][r]);
            matrix[2 * (r * dim + c) + 1] = cimag(column[c][r]);
        }
    }
}

/* ---- the twin ------------------------------------------------------------------------------------ */

typedef enum twin_kind { TWIN_GATE, TWIN_UNITARY, TWIN_AMPLITUDES } twin_kind;

typedef struct twin_op {
    twin_kind kind;
    kg_gate gate;
    int n;
    int qubits[TWIN_MAX_TARGETS];
    kg_slot slots[KG_MAX_GATE_PARAMS];
    uint64_t controls, values;
    double matrix[32];
    int first_input;
} twin_op;

typedef struct twin {
    kg_circuit *circuit;
    int n_qubits;
    int n_ops;
    twin_op ops[TWIN_MAX_OPS];
} twin;

static inline twin *twin_create(int n_qubits)
{
    twin *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->n_qubits = n_qubits;
    assert_ok(kg_circuit_create(&t->circuit, n_qubits, err));
    return t;
}

static inline void twin_destroy(twin *t)
{
    kg_circuit_destroy(t->circuit);
    free(t);
}

static inline twin_op *twin_add(twin *t, twin_kind kind, int n, const int *qubits, int n_controls,
                                const int *controls, const int *values)
{
    assert_true(t->n_ops < TWIN_MAX_OPS && n <= TWIN_MAX_TARGETS);
    twin_op *op = &t->ops[t->n_ops++];
    op->kind = kind;
    op->n = n;
    memcpy(op->qubits, qubits, (size_t)n * sizeof *qubits);
    for (int i = 0; i < n_controls; i++) {
        op->controls |= (uint64_t)1 << controls[i];
        op->values |= (uint64_t)(values ? values[i] : 1) << controls[i];
    }
    return op;
}

/* A gate, controlled if there are controls; slots is NULL for a gate without angles. */
static inline void twin_controlled(twin *t, kg_gate gate, const int *qubits, const kg_slot *slots,
                                   int n_controls, const int *controls, const int *values)
{
    twin_op *op =
        twin_add(t, TWIN_GATE, kg_gate_n_qubits((int)gate), qubits, n_controls, controls, values);
    op->gate = gate;
    for (int i = 0; i < kg_gate_n_params((int)gate); i++) {
        op->slots[i] = slots[i];
    }
    if (n_controls) {
        assert_ok(kg_circuit_add_controlled(t->circuit, gate, qubits, slots, n_controls, controls,
                                            values, err));
    } else {
        assert_ok(kg_circuit_add_gate(t->circuit, gate, qubits, slots, err));
    }
}

static inline void twin_gate(twin *t, kg_gate gate, const int *qubits, const kg_slot *slots)
{
    twin_controlled(t, gate, qubits, slots, 0, NULL, NULL);
}

/* Gates without angles, and gates with one parameter, by their qubits. */
static inline void twin_fixed(twin *t, kg_gate gate, int a, int b)
{
    const int qubits[2] = {a, b};
    twin_gate(t, gate, qubits, NULL);
}

static inline void twin_param(twin *t, kg_gate gate, int a, int b, int param)
{
    const int qubits[2] = {a, b};
    const kg_slot slot = KG_SLOT_OF_PARAM(param);
    twin_gate(t, gate, qubits, &slot);
}

static inline void twin_unitary(twin *t, int k, const int *qubits, const double *matrix,
                                int n_controls, const int *controls, const int *values)
{
    twin_op *op = twin_add(t, TWIN_UNITARY, k, qubits, n_controls, controls, values);
    memcpy(op->matrix, matrix, (size_t)(2 << 2 * k) * sizeof *matrix);
    assert_ok(
        kg_circuit_add_unitary(t->circuit, k, qubits, matrix, n_controls, controls, values, err));
}

static inline void twin_amplitudes(twin *t, int m, const int *qubits, int first_input)
{
    twin_op *op = twin_add(t, TWIN_AMPLITUDES, m, qubits, 0, NULL, NULL);
    op->first_input = first_input;
    assert_ok(kg_circuit_add_amplitudes(t->circuit, m, qubits, first_input, err));
}

/* The final state by the oracle; psi has 2^n entries. */
static inline void twin_state(const twin *t, const double *params, const double *inputs,
                              double complex *psi)
{
    ref_zero(psi, t->n_qubits);
    for (int i = 0; i < t->n_ops; i++) {
        const twin_op *op = &t->ops[i];
        double angles[KG_MAX_GATE_PARAMS] = {0};
        double complex matrix[16];
        switch (op->kind) {
        case TWIN_AMPLITUDES:
            ref_amplitudes(psi, t->n_qubits, op->n, op->qubits, inputs + op->first_input);
            break;
        case TWIN_UNITARY:
            for (int e = 0; e < 1 << 2 * op->n; e++) {
                matrix[e] = op->matrix[2 * e] + I * op->matrix[2 * e + 1];
            }
            ref_unitary(psi, t->n_qubits, op->n, op->qubits, matrix, op->controls, op->values);
            break;
        case TWIN_GATE:
            for (int j = 0; j < kg_gate_n_params((int)op->gate); j++) {
                const kg_slot *slot = &op->slots[j];
                angles[j] = slot->kind == KG_SLOT_PARAM   ? slot->scale * params[slot->index]
                            : slot->kind == KG_SLOT_INPUT ? slot->scale * inputs[slot->index]
                                                          : 0.0;
                angles[j] += slot->offset;
            }
            ref_apply(psi, t->n_qubits, kg_gate_name((int)op->gate), op->qubits, angles,
                      op->controls, op->values);
            break;
        }
    }
}

/* ---- random circuits ------------------------------------------------------------------------------ */

typedef struct twin_shape {
    int n_ops;
    int n_params;     /* shared by chance, with random scale and offset; 0: constants only */
    int n_inputs;     /* features in angles; 0: none */
    int amplitudes;   /* 1: begin with an amplitude encoding of all qubits after the features */
    int unitaries;    /* 1: given 2x2 and 4x4 unitaries too */
    int real;         /* 1: only gates with real matrices */
    uint64_t without; /* bit g: never gate g */
    int max_controls;
} twin_shape;

static inline kg_slot twin_random_slot(twin_rng *rng, const twin_shape *shape)
{
    kg_slot slot = KG_SLOT_OF_ANGLE(twin_uniform(rng, -3, 3));
    const int pick = twin_below(rng, 10);
    if (pick < 6 && shape->n_params) {
        slot.kind = KG_SLOT_PARAM;
        slot.index = twin_below(rng, shape->n_params);
    } else if (pick < 9 && shape->n_inputs) {
        slot.kind = KG_SLOT_INPUT;
        slot.index = twin_below(rng, shape->n_inputs);
    } else {
        return slot;
    }
    slot.scale = twin_below(rng, 2) ? 1.0 : twin_uniform(rng, -1, 1);
    slot.offset = twin_below(rng, 2) ? 0.0 : slot.offset;
    return slot;
}

/* 1 if all entries of the gate's matrix are real, whatever its angle. */
static inline int twin_is_real(int gate)
{
    static const kg_gate real[] = {KG_GATE_I,   KG_GATE_X,    KG_GATE_Z,   KG_GATE_H,
                                   KG_GATE_RY,  KG_GATE_CX,   KG_GATE_CZ,  KG_GATE_CH,
                                   KG_GATE_CRY, KG_GATE_SWAP, KG_GATE_CCX, KG_GATE_CSWAP};
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        if ((int)real[i] == gate) {
            return 1;
        }
    }
    return 0;
}

/* A random operation on some of the n qubits listed. */
static inline void twin_random_op_on(twin *t, twin_rng *rng, const twin_shape *shape,
                                     const int *qubits, int n)
{
    int order[TWIN_MAX_QUBITS], values[TWIN_MAX_QUBITS];
    twin_shuffle(rng, order, n);
    for (int i = 0; i < n; i++) {
        order[i] = qubits[order[i]];
    }
    const int is_unitary = shape->unitaries && twin_below(rng, 8) == 0;
    int gate = twin_below(rng, KG_GATE_COUNT);
    while (kg_gate_n_qubits(gate) > n || (shape->real && !twin_is_real(gate)) ||
           (shape->without >> gate & 1)) {
        gate = twin_below(rng, KG_GATE_COUNT);
    }
    const int targets = is_unitary ? 1 + (n > 1 && twin_below(rng, 2)) : kg_gate_n_qubits(gate);
    const int room = n - targets < shape->max_controls ? n - targets : shape->max_controls;
    const int n_controls = twin_below(rng, 3) ? 0 : twin_below(rng, room + 1);
    for (int i = 0; i < n_controls; i++) {
        values[i] = twin_below(rng, 2);
    }
    if (is_unitary) {
        double matrix[32];
        twin_random_unitary(rng, targets, matrix);
        twin_unitary(t, targets, order, matrix, n_controls, order + targets, values);
        return;
    }
    kg_slot slots[KG_MAX_GATE_PARAMS];
    for (int j = 0; j < kg_gate_n_params(gate); j++) {
        slots[j] = twin_random_slot(rng, shape);
    }
    twin_controlled(t, (kg_gate)gate, order, slots, n_controls, order + targets, values);
}

/* A random operation on any qubits. */
static inline void twin_random_op(twin *t, twin_rng *rng, const twin_shape *shape)
{
    int all[TWIN_MAX_QUBITS];
    for (int q = 0; q < t->n_qubits; q++) {
        all[q] = q;
    }
    twin_random_op_on(t, rng, shape, all, t->n_qubits);
}

static inline twin *twin_random(twin_rng *rng, int n_qubits, const twin_shape *shape)
{
    twin *t = twin_create(n_qubits);
    if (shape->amplitudes) {
        int order[TWIN_MAX_QUBITS];
        twin_shuffle(rng, order, n_qubits);
        twin_amplitudes(t, n_qubits, order, shape->n_inputs);
    }
    for (int i = 0; i < shape->n_ops; i++) {
        twin_random_op(t, rng, shape);
    }
    return t;
}

/* ---- observables ------------------------------------------------------------------------------------ */

/* The word as kg_observable_add() wants it ("X0 Y2"; "I" alone) from letters "XIY". */
static inline void twin_word(const char *letters, char *word)
{
    size_t used = 0;
    for (int q = 0; letters[q]; q++) {
        if (letters[q] != 'I') {
            used += (size_t)snprintf(word + used, 8, "%s%c%d", used ? " " : "", letters[q], q);
        }
    }
    if (!used) {
        snprintf(word, 8, "I");
    }
}

/* The i-th of the 4^n words, or a random one. */
static inline void twin_letters(uint64_t i, int n, char *letters)
{
    for (int q = 0; q < n; q++) {
        letters[q] = "IXYZ"[i >> 2 * q & 3];
    }
    letters[n] = '\0';
}

static inline void twin_random_letters(twin_rng *rng, int n, char *letters)
{
    twin_letters(twin_next(rng), n, letters);
}

/* Adds coefficient * letters to an output. */
static inline void twin_observe(kg_observable *observable, int output, double coefficient,
                                const char *letters)
{
    char word[8 * TWIN_MAX_QUBITS];
    twin_word(letters, word);
    assert_ok(kg_observable_add(observable, output, coefficient, word, err));
}

/* ---- plans ------------------------------------------------------------------------------------------- */

typedef struct twin_plan {
    kg_plan *plan;
    kg_workspace *ws;
    int n_params, n_inputs, n_outputs;
} twin_plan;

static inline kg_plan_options twin_options(const char *engine, const char *kernels, int precision)
{
    kg_plan_options options = KG_PLAN_OPTIONS_INIT;
    options.engine = engine;
    options.kernels = kernels;
    options.precision = precision;
    return options;
}

static inline twin_plan twin_plan_create(const kg_circuit *circuit, const kg_observable *observable,
                                         const kg_plan_options *options)
{
    twin_plan p = {0};
    assert_ok(kg_plan_create(&p.plan, circuit, observable, options, err));
    assert_ok(kg_workspace_create(&p.ws, p.plan, err));
    p.n_params = kg_plan_n_params(p.plan);
    p.n_inputs = kg_plan_n_inputs(p.plan);
    p.n_outputs = kg_plan_n_outputs(p.plan);
    return p;
}

static inline void twin_plan_destroy(twin_plan *p)
{
    kg_workspace_destroy(p->ws);
    kg_plan_destroy(p->plan);
    *p = (twin_plan){0};
}

static inline double *twin_zeros(int n)
{
    double *x = calloc((size_t)n + 1, sizeof *x);
    assert_non_null(x);
    return x;
}

/* Largest |a - b|; fails on NaN. */
static inline double twin_difference(const double *a, const double *b, int n)
{
    double largest = 0.0;
    for (int i = 0; i < n; i++) {
        const double d = fabs(a[i] - b[i]);
        if (!(d <= largest)) {
            largest = d;
        }
        if (isnan(d)) {
            print_error("element %d: %g and %g\n", i, a[i], b[i]);
            fail();
        }
    }
    return largest;
}

#endif
