/* SPDX-License-Identifier: Apache-2.0 */
/* The naive reference simulator and its adjoint.
 *
 * State: psi[j], amplitude of the basis state whose bit q is the value of qubit q. A gate on k
 * qubits gathers the 2^k amplitudes that differ in its target bits, multiplies them with its
 * matrix and puts them back; extra controls leave out the bases whose control bits differ.
 *
 * Derivative (adjoint method, Jones and Gacon, arXiv:2009.02823): with lambda = sum_k w_k H_k psi,
 *
 *     d(sum_k w_k <H_k>) / dt = 2 Re <lambda| dU/dt |psi>,   psi before the gate, lambda after it,
 *
 * going backwards through the circuit. dU/dt needs no rule per gate: each entry of each matrix in
 * the gate table is a trigonometric polynomial with frequencies 0, 1/2 and 1 in each of its angles,
 * and for those the four-term difference below is exact. */
#include "sim/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/status.h"

enum { MAX_DIM = 1 << KG_MAX_GATE_QUBITS };

/* An operation resolved for one sample: where it acts, and its matrix. */
typedef struct action {
    size_t dim;              /* 2^targets */
    size_t targets;          /* mask */
    size_t controls, values; /* extra controls: (j & controls) == values */
    size_t offset[MAX_DIM];  /* index of target pattern r, all other bits clear */
    double matrix[2 * MAX_DIM * MAX_DIM];
} action;

static size_t n_amps(const kg_circuit *circuit)
{
    return (size_t)1 << circuit->n_qubits;
}

/* offset[r] = index of pattern r on the qubits, all other bits clear; returns the qubits' mask. */
static size_t spread(const int *qubits, int k, size_t *offset)
{
    memset(offset, 0, ((size_t)1 << k) * sizeof *offset);
    for (size_t r = 0; r < (size_t)1 << k; r++) {
        for (int t = 0; t < k; t++) {
            offset[r] |= (r >> t & 1) << qubits[t];
        }
    }
    return offset[((size_t)1 << k) - 1];
}

static void op_angles(const kg_circuit *circuit, const kgi_op *op, const double *params,
                      const double *inputs, double *angles)
{
    const kg_slot *slots = kgi_op_slots(circuit, op);
    for (int j = 0; j < kgi_gate_get(op->gate)->n_params; j++) {
        const kg_slot *slot = &slots[j];
        angles[j] = slot->offset;
        if (slot->kind == KG_SLOT_PARAM) {
            angles[j] += slot->scale * params[slot->index];
        } else if (slot->kind == KG_SLOT_INPUT) {
            angles[j] += slot->scale * inputs[slot->index];
        }
    }
}

static void action_init(action *act, const kg_circuit *circuit, const kgi_op *op,
                        const double *params, const double *inputs)
{
    act->dim = (size_t)1 << op->n_qubits;
    act->targets = spread(kgi_op_qubits(circuit, op), op->n_qubits, act->offset);
    act->controls = (size_t)op->controls;
    act->values = (size_t)op->control_values;
    if (op->kind == KGI_OP_UNITARY) {
        memcpy(act->matrix, circuit->numbers + op->matrix,
               2 * sizeof(double) * act->dim * act->dim);
        return;
    }
    double angles[KG_MAX_GATE_PARAMS];
    op_angles(circuit, op, params, inputs, angles);
    kgi_gate_get(op->gate)->matrix(angles, act->matrix);
}

static int acts_on(const action *act, size_t j)
{
    return !(j & act->targets) && (j & act->controls) == act->values;
}

/* y = matrix x, or matrix^dagger x */
static void multiply(const double *matrix, size_t dim, int dagger, const double *x, double *y)
{
    for (size_t r = 0; r < dim; r++) {
        double re = 0.0, im = 0.0;
        for (size_t c = 0; c < dim; c++) {
            const double *m = matrix + 2 * (dagger ? c * dim + r : r * dim + c);
            const double m_im = dagger ? -m[1] : m[1];
            re += m[0] * x[2 * c] - m_im * x[2 * c + 1];
            im += m[0] * x[2 * c + 1] + m_im * x[2 * c];
        }
        y[2 * r] = re;
        y[2 * r + 1] = im;
    }
}

static void gather(const action *act, const double *state, size_t base, double *x)
{
    for (size_t r = 0; r < act->dim; r++) {
        memcpy(x + 2 * r, state + 2 * (base | act->offset[r]), 2 * sizeof(double));
    }
}

static void apply(const action *act, int dagger, size_t amps, double *state)
{
    for (size_t base = 0; base < amps; base++) {
        if (!acts_on(act, base)) {
            continue;
        }
        double x[2 * MAX_DIM], y[2 * MAX_DIM];
        gather(act, state, base, x);
        multiply(act->matrix, act->dim, dagger, x, y);
        for (size_t r = 0; r < act->dim; r++) {
            memcpy(state + 2 * (base | act->offset[r]), y + 2 * r, 2 * sizeof(double));
        }
    }
}

/* 2 Re <lambda| matrix |psi> over the bases on which the action acts */
static double derivative(const action *act, const double *matrix, size_t amps, const double *psi,
                         const double *lambda)
{
    double sum = 0.0;
    for (size_t base = 0; base < amps; base++) {
        if (!acts_on(act, base)) {
            continue;
        }
        double x[2 * MAX_DIM], y[2 * MAX_DIM], l[2 * MAX_DIM];
        gather(act, psi, base, x);
        gather(act, lambda, base, l);
        multiply(matrix, act->dim, 0, x, y);
        for (size_t i = 0; i < 2 * act->dim; i++) {
            sum += l[i] * y[i];
        }
    }
    return 2.0 * sum;
}

/* matrix = dU/d(angle j), by f' = c+ [f(t + pi/2) - f(t - pi/2)] - c- [f(t + 3pi/2) - f(t - 3pi/2)]
 * with c+- = (sqrt 2 +- 1) / (4 sqrt 2), exact for frequencies 0, 1/2, 1. */
static void matrix_derivative(kg_gate gate, const double *angles, int j, double *matrix)
{
    static const double shifts[4] = {0.5 * M_PI, -0.5 * M_PI, 1.5 * M_PI, -1.5 * M_PI};
    const double plus = (M_SQRT2 + 1.0) / (4.0 * M_SQRT2);
    const double minus = (M_SQRT2 - 1.0) / (4.0 * M_SQRT2);
    const double weights[4] = {plus, -plus, -minus, minus};
    const kgi_gate_info *info = kgi_gate_get(gate);
    const size_t n = (size_t)2 << 2 * info->n_qubits;
    memset(matrix, 0, n * sizeof(double));
    for (int s = 0; s < 4; s++) {
        double shifted[KG_MAX_GATE_PARAMS], term[2 * MAX_DIM * MAX_DIM];
        memcpy(shifted, angles, sizeof(double) * (size_t)info->n_params);
        shifted[j] += shifts[s];
        info->matrix(shifted, term);
        for (size_t i = 0; i < n; i++) {
            matrix[i] += weights[s] * term[i];
        }
    }
}

/* ---- amplitude encoding ----------------------------------------------------------------------- */

/* ||x||, and 1 / max |x| in *scale so that no square overflows; NaN for x = 0 or not finite. */
static double amplitudes_norm(const double *x, size_t n, double *max)
{
    double largest = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fabs(x[i]) <= largest ? largest : fabs(x[i]); /* keeps a NaN */
    }
    for (size_t i = 0; i < n; i++) {
        const double y = x[i] / largest;
        sum += y * y;
    }
    *max = largest;
    return sqrt(sum);
}

static size_t amplitude_index(const int *qubits, int m, size_t i)
{
    size_t j = 0;
    for (int t = 0; t < m; t++) {
        j |= (i >> t & 1) << qubits[t];
    }
    return j;
}

/* |0...0>|rest> -> sum_i x_i / ||x|| |i>|rest> */
static void encode(const kg_circuit *circuit, const kgi_op *op, const double *inputs, double *psi)
{
    const int m = op->n_qubits, *qubits = kgi_op_qubits(circuit, op);
    const double *x = inputs + op->first_input;
    const size_t dim = (size_t)1 << m, targets = amplitude_index(qubits, m, dim - 1);
    double max;
    const double norm = amplitudes_norm(x, dim, &max);
    for (size_t rest = 0; rest < n_amps(circuit); rest++) {
        if (rest & targets) {
            continue;
        }
        const double re = psi[2 * rest], im = psi[2 * rest + 1];
        for (size_t i = 0; i < dim; i++) {
            double *a = psi + 2 * (rest | amplitude_index(qubits, m, i));
            a[0] = x[i] / max / norm * re;
            a[1] = x[i] / max / norm * im;
        }
    }
}

/* Undoes encode() on psi, and its adjoint on lambda. g[i] = 2 Re <lambda|i, rest before> is the
 * derivative by the normalised amplitude u_i = x_i / ||x||, whose Jacobian is (1 - u u^T) / ||x||. */
static void encode_backward(const kg_circuit *circuit, const kgi_op *op, const double *inputs,
                            double *d_inputs, double *psi, double *lambda, double *g)
{
    const int m = op->n_qubits, *qubits = kgi_op_qubits(circuit, op);
    const double *x = inputs + op->first_input;
    const size_t dim = (size_t)1 << m, targets = amplitude_index(qubits, m, dim - 1);
    double max, along = 0.0;
    const double norm = amplitudes_norm(x, dim, &max);
    memset(g, 0, dim * sizeof *g);
    for (size_t rest = 0; rest < n_amps(circuit); rest++) {
        if (rest & targets) {
            continue;
        }
        double before[2] = {0.0, 0.0}, d_before[2] = {0.0, 0.0};
        for (size_t i = 0; i < dim; i++) {
            const size_t j = rest | amplitude_index(qubits, m, i);
            for (int part = 0; part < 2; part++) {
                before[part] += x[i] / max / norm * psi[2 * j + (size_t)part];
                d_before[part] += x[i] / max / norm * lambda[2 * j + (size_t)part];
            }
        }
        for (size_t i = 0; i < dim; i++) {
            const size_t j = rest | amplitude_index(qubits, m, i);
            g[i] += 2.0 * (lambda[2 * j] * before[0] + lambda[2 * j + 1] * before[1]);
            memset(psi + 2 * j, 0, 2 * sizeof(double));
            memset(lambda + 2 * j, 0, 2 * sizeof(double));
        }
        memcpy(psi + 2 * rest, before, sizeof before);
        memcpy(lambda + 2 * rest, d_before, sizeof d_before);
    }
    for (size_t i = 0; i < dim; i++) {
        along += x[i] / max / norm * g[i];
    }
    for (size_t i = 0; d_inputs && i < dim; i++) {
        d_inputs[(size_t)op->first_input + i] += (g[i] - x[i] / max / norm * along) / norm / max;
    }
}

/* ---- observables ------------------------------------------------------------------------------ */

/* word |j> = phase |j ^ x>, phase = i^(number of Y) (-1)^(set bits of j under Z or Y) */
static void word_phase(const kgi_word *word, size_t j, double *re, double *im)
{
    static const double powers[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    const int quarter = __builtin_popcountll(word->x & word->z) % 4;
    const double sign = __builtin_popcountll(j & word->z) % 2 ? -1.0 : 1.0;
    *re = sign * powers[quarter][0];
    *im = sign * powers[quarter][1];
}

static double expval(const kgi_word *word, size_t amps, const double *psi)
{
    double sum = 0.0;
    for (size_t j = 0; j < amps; j++) {
        double re, im;
        word_phase(word, j, &re, &im);
        const double *a = psi + 2 * j, *b = psi + 2 * (j ^ (size_t)word->x);
        sum += b[0] * (re * a[0] - im * a[1]) + b[1] * (re * a[1] + im * a[0]);
    }
    return word->coefficient * sum;
}

/* lambda += weight * word psi */
static void add_word(const kgi_word *word, double weight, size_t amps, const double *psi,
                     double *lambda)
{
    const double w = weight * word->coefficient;
    for (size_t j = 0; j < amps; j++) {
        double re, im;
        word_phase(word, j, &re, &im);
        const double *a = psi + 2 * j;
        double *b = lambda + 2 * (j ^ (size_t)word->x);
        b[0] += w * (re * a[0] - im * a[1]);
        b[1] += w * (re * a[1] + im * a[0]);
    }
}

/* The value of the measured qubits in basis state j. */
static size_t outcome(const kgi_measured *measured, size_t j)
{
    size_t value = 0;
    for (int t = 0; t < measured->m; t++) {
        value |= (j >> measured->qubits[t] & 1) << t;
    }
    return value;
}

static void measure(const kg_observable *observable, size_t amps, const double *psi, double *out)
{
    for (int i = 0; i < observable->n_measured; i++) {
        const kgi_measured *measured = &observable->measured[i];
        const size_t n_out = measured->n_words ? 1 : (size_t)1 << measured->m;
        memset(out, 0, n_out * sizeof *out);
        for (int w = 0; w < measured->n_words; w++) {
            out[0] += expval(&measured->words[w], amps, psi);
        }
        for (size_t j = 0; !measured->n_words && j < amps; j++) {
            const double *a = psi + 2 * j;
            out[outcome(measured, j)] += a[0] * a[0] + a[1] * a[1];
        }
        out += n_out;
    }
}

/* lambda = sum_k d_out[k] H_k psi */
static void measure_backward(const kg_observable *observable, size_t amps, const double *psi,
                             const double *d_out, double *lambda)
{
    memset(lambda, 0, 2 * amps * sizeof *lambda);
    for (int i = 0; i < observable->n_measured; i++) {
        const kgi_measured *measured = &observable->measured[i];
        for (int w = 0; w < measured->n_words; w++) {
            add_word(&measured->words[w], d_out[0], amps, psi, lambda);
        }
        for (size_t j = 0; !measured->n_words && j < amps; j++) {
            const double w = d_out[outcome(measured, j)];
            lambda[2 * j] += w * psi[2 * j];
            lambda[2 * j + 1] += w * psi[2 * j + 1];
        }
        d_out += measured->n_words ? 1 : (size_t)1 << measured->m;
    }
}

/* ---- forward and backward --------------------------------------------------------------------- */

/* state [2 * 2^n], interleaved. Amplitudes that are all zero or not finite give NaN. */
static void run_state(const kg_circuit *circuit, const double *params, const double *inputs,
                      double *state)
{
    const size_t amps = n_amps(circuit);
    memset(state, 0, 2 * amps * sizeof *state);
    state[0] = 1.0;
    for (int k = 0; k < circuit->n_ops; k++) {
        const kgi_op *op = &circuit->ops[k];
        if (op->kind == KGI_OP_AMPLITUDES) {
            encode(circuit, op, inputs, state);
        } else {
            action act;
            action_init(&act, circuit, op, params, inputs);
            apply(&act, 0, amps, state);
        }
    }
}

void kgi_reference_forward_in(const kg_circuit *circuit, const kg_observable *observable,
                              const double *params, const double *inputs, double *out,
                              double *scratch)
{
    run_state(circuit, params, inputs, scratch);
    measure(observable, n_amps(circuit), scratch, out);
}

/* Adds the derivatives by the angles of one gate; psi before it, lambda after it. */
// NOLINTNEXTLINE(readability-function-size): what backward takes, and where the sweep is
static void slots_backward(const kg_circuit *circuit, const kgi_op *op, const action *act,
                           const double *params, const double *inputs, const double *psi,
                           const double *lambda, double *d_params, double *d_inputs)
{
    double angles[KG_MAX_GATE_PARAMS], matrix[2 * MAX_DIM * MAX_DIM];
    op_angles(circuit, op, params, inputs, angles);
    for (int j = 0; j < kgi_gate_get(op->gate)->n_params; j++) {
        const kg_slot *slot = &kgi_op_slots(circuit, op)[j];
        double *d = slot->kind == KG_SLOT_PARAM   ? d_params
                    : slot->kind == KG_SLOT_INPUT ? d_inputs
                                                  : NULL;
        if (d) {
            matrix_derivative(op->gate, angles, j, matrix);
            d[slot->index] += slot->scale * derivative(act, matrix, n_amps(circuit), psi, lambda);
        }
    }
}

void kgi_reference_backward_in(const kg_circuit *circuit, const kg_observable *observable,
                               const double *params, const double *inputs, const double *d_out,
                               double *d_params, double *d_inputs, double *scratch)
{
    const size_t amps = n_amps(circuit);
    double *psi = scratch, *lambda = psi + 2 * amps, *g = lambda + 2 * amps;
    run_state(circuit, params, inputs, psi);
    measure_backward(observable, amps, psi, d_out, lambda);
    for (int k = circuit->n_ops - 1; k >= 0; k--) {
        const kgi_op *op = &circuit->ops[k];
        if (op->kind == KGI_OP_AMPLITUDES) {
            encode_backward(circuit, op, inputs, d_inputs, psi, lambda, g);
            continue;
        }
        action act;
        action_init(&act, circuit, op, params, inputs);
        apply(&act, 1, amps, psi);
        if (op->kind == KGI_OP_GATE) {
            slots_backward(circuit, op, &act, params, inputs, psi, lambda, d_params, d_inputs);
        }
        apply(&act, 1, amps, lambda);
    }
}

/* ---- with checks and memory of their own ------------------------------------------------------- */

kg_status kgi_reference_check(const kg_circuit *circuit, const kg_observable *observable,
                              kg_error *err)
{
    if (circuit->n_qubits > KGI_REFERENCE_MAX_QUBITS) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "the reference simulator takes at most %d qubits, the circuit has %d",
                        KGI_REFERENCE_MAX_QUBITS, circuit->n_qubits);
    }
    if (observable && observable->n_qubits != circuit->n_qubits) {
        return kgi_fail(err, KG_ERR_SHAPE, "the observable has %d qubits, the circuit has %d",
                        observable->n_qubits, circuit->n_qubits);
    }
    for (int k = 0; k < circuit->n_ops; k++) {
        const kgi_op *op = &circuit->ops[k];
        const char *what = op->kind == KGI_OP_MEASURE ? "a measurement"
                           : op->kind == KGI_OP_RESET ? "a reset"
                           : op->condition_bit >= 0   ? "conditional"
                                                      : NULL;
        if (what) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "operation %d is %s: exact expectation values need unitary operations",
                            k, what);
        }
    }
    return KG_OK;
}

size_t kgi_reference_scratch_bytes(const kg_circuit *circuit)
{
    return kgi_arena_bytes(5 * n_amps(circuit), sizeof(double)); /* psi, lambda, and g */
}

/* Checks, then allocates the scratch. */
static kg_status prepare(const kg_circuit *circuit, const kg_observable *observable,
                         double **scratch, kg_error *err)
{
    const kg_status status = kgi_reference_check(circuit, observable, err);
    if (status) {
        return status;
    }
    *scratch = kgi_alloc(kgi_reference_scratch_bytes(circuit), 1);
    return *scratch ? KG_OK
                    : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the states of %d qubits",
                               circuit->n_qubits);
}

kg_status kgi_reference_state(const kg_circuit *circuit, const double *params, const double *inputs,
                              double *state, kg_error *err)
{
    const kg_status status = kgi_reference_check(circuit, NULL, err);
    if (status) {
        return status;
    }
    run_state(circuit, params, inputs, state);
    return KG_OK;
}

kg_status kgi_reference_forward(const kg_circuit *circuit, const kg_observable *observable,
                                const double *params, const double *inputs, double *out,
                                kg_error *err)
{
    double *scratch = NULL;
    const kg_status status = prepare(circuit, observable, &scratch, err);
    if (status) {
        return status;
    }
    kgi_reference_forward_in(circuit, observable, params, inputs, out, scratch);
    free(scratch);
    return KG_OK;
}

kg_status kgi_reference_backward(const kg_circuit *circuit, const kg_observable *observable,
                                 const double *params, const double *inputs, const double *d_out,
                                 double *d_params, double *d_inputs, kg_error *err)
{
    double *scratch = NULL;
    const kg_status status = prepare(circuit, observable, &scratch, err);
    if (status) {
        return status;
    }
    kgi_reference_backward_in(circuit, observable, params, inputs, d_out, d_params, d_inputs,
                              scratch);
    free(scratch);
    return KG_OK;
}
