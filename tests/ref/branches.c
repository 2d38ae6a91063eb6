/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements by brute force: both outcomes are followed to the end, each with its part of the state. */
#include "ref.h"

#include <stdlib.h>
#include <string.h>

/* The part of psi where the qubit has that value, not normalised: its norm is the probability. */
static double complex *projected(const double complex *psi, int n, int qubit, size_t value)
{
    const size_t amps = (size_t)1 << n;
    double complex *part = malloc(amps * sizeof *part);
    if (!part) {
        abort();
    }
    for (size_t i = 0; i < amps; i++) {
        part[i] = (i >> qubit & 1) == value ? psi[i] : 0;
    }
    return part;
}

/* The rest of the program on a state that is ours to change. */
static double follow(double complex *psi, int n, int n_steps, const ref_step *steps, uint64_t bits,
                     const char *letters)
{
    for (; n_steps > 0; steps++, n_steps--) {
        if (steps->condition_bit >= 0 &&
            (int)(bits >> steps->condition_bit & 1) != steps->condition_value) {
            continue;
        }
        const int measures = strcmp(steps->what, "measure") == 0;
        if (!measures && strcmp(steps->what, "reset") != 0) {
            ref_apply(psi, n, steps->what, steps->qubits, steps->angles, steps->controls,
                      steps->values);
            continue;
        }
        double sum = 0;
        for (size_t outcome = 0; outcome < 2; outcome++) {
            double complex *part = projected(psi, n, steps->qubits[0], outcome);
            uint64_t now = bits;
            if (measures) {
                now = (bits & ~((uint64_t)1 << steps->bit)) | (uint64_t)outcome << steps->bit;
            } else if (outcome) {
                ref_apply(part, n, "x", steps->qubits, NULL, 0, 0);
            }
            sum += follow(part, n, n_steps - 1, steps + 1, now, letters);
            free(part);
        }
        return sum;
    }
    return ref_pauli(psi, n, letters);
}

double ref_branches_pauli(const double complex *psi, int n, int n_steps, const ref_step *steps,
                          const char *letters)
{
    const size_t bytes = ((size_t)1 << n) * sizeof *psi;
    double complex *copy = malloc(bytes);
    if (!copy) {
        abort();
    }
    memcpy(copy, psi, bytes);
    const double value = follow(copy, n, n_steps, steps, 0, letters);
    free(copy);
    return value;
}
