/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle: a dense simulator written from the formulas, which includes nothing of the project and
 * shares no idea with it: it knows gates by name, builds controlled gates from the letter c, and
 * computes each new amplitude from the definition of a matrix product.
 *
 * Qubit 0 is the least significant bit of the amplitude index; R_P(t) = exp(-i t P / 2). */
#ifndef TESTS_REF_H
#define TESTS_REF_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

/* |0...0> on n qubits. */
void ref_zero(double complex *psi, int n);

/* Matrix [d][d] of a gate by its name, first qubit least significant; returns its qubits, or 0 if
 * there is no such gate. */
int ref_gate(const char *name, const double *angles, double complex *matrix);

/* Applies a gate where (index & controls) == values. Aborts if the name is unknown. */
void ref_apply(double complex *psi, int n, const char *gate, const int *qubits,
               const double *angles, uint64_t controls, uint64_t values);

/* Applies a k-qubit matrix [d][d] in the same way. */
void ref_unitary(double complex *psi, int n, int k, const int *qubits, const double complex *matrix,
                 uint64_t controls, uint64_t values);

/* Replaces the qubits' |0...0> by sum_i x[i] / ||x|| |i>, qubits[0] least significant. */
void ref_amplitudes(double complex *psi, int n, int m, const int *qubits, const double *x);

/* <psi| P |psi>, letters[q] in "IXYZ" for qubit q. */
double ref_pauli(const double complex *psi, int n, const char *letters);

/* Probability that the qubits, qubits[0] least significant, have that value. */
double ref_probability(const double complex *psi, int n, int m, const int *qubits, size_t value);

/* One step of a program that measures on its way. */
typedef struct ref_step {
    const char *what; /* name of a gate, "measure" (qubits[0] into bit) or "reset" (qubits[0]) */
    int qubits[3];
    double angles[3];
    uint64_t controls, values;
    int bit;
    int condition_bit, condition_value; /* condition_bit -1: always */
} ref_step;

/* <P> at the end, averaged over all sequences of outcomes: every measurement and every reset splits
 * the state in two, which go on separately with their own classical bits (all 0 at first). */
double ref_branches_pauli(const double complex *psi, int n, int n_steps, const ref_step *steps,
                          const char *letters);

/* sqrt(sum |a - b|^2) */
double ref_distance(const double complex *a, const double complex *b, int n);

#endif
