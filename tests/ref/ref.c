/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle, from the formulas. Slow on purpose: every new amplitude is a row times a vector. */
#include "ref.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIM = 8 };

static const double complex pauli[4][2][2] = {
    {{1, 0}, {0, 1}}, {{0, 1}, {1, 0}}, {{0, -I}, {I, 0}}, {{1, 0}, {0, -1}}};

static int letter(char c)
{
    const char *letters = "IXYZ";
    const char *found = strchr(letters, c);
    if (!found || !c) {
        fprintf(stderr, "ref: %c is no Pauli letter\n", c);
        abort();
    }
    return (int)(found - letters);
}

/* ---- matrices ---------------------------------------------------------------------------------- */

/* exp(-i t P / 2) = cos(t/2) - i sin(t/2) P for a product P of one or two Pauli matrices */
static int rotation(const char *letters, double t, double complex *m)
{
    const int n = (int)strlen(letters), dim = 1 << n;
    for (int r = 0; r < dim; r++) {
        for (int c = 0; c < dim; c++) {
            double complex p = 1;
            for (int q = 0; q < n; q++) {
                p *= pauli[letter(letters[q])][r >> q & 1][c >> q & 1];
            }
            m[r * dim + c] = (r == c) * cos(t / 2) - I * sin(t / 2) * p;
        }
    }
    return n;
}

static void product_2x2(const double complex *a, const double complex *b, double complex *m)
{
    double complex result[4];
    for (int r = 0; r < 2; r++) {
        for (int c = 0; c < 2; c++) {
            result[2 * r + c] = a[2 * r] * b[c] + a[2 * r + 1] * b[2 + c];
        }
    }
    memcpy(m, result, sizeof result);
}

static int phase(double angle, double complex *m)
{
    m[0] = 1;
    m[1] = m[2] = 0;
    m[3] = cexp(I * angle);
    return 1;
}

/* S, T and their inverses are phases; SX is the square root of X with eigenvalues 1 and i. */
static int fixed_gate(const char *name, double complex *m)
{
    const char *paulis[] = {"i", "x", "y", "z"};
    for (int p = 0; p < 4; p++) {
        if (strcmp(name, paulis[p]) == 0) {
            memcpy(m, pauli[p], sizeof pauli[p]);
            return 1;
        }
    }
    const struct {
        const char *name;
        double angle;
    } phases[] = {{"s", M_PI / 2}, {"sdg", -M_PI / 2}, {"t", M_PI / 4}, {"tdg", -M_PI / 4}};
    for (int p = 0; p < 4; p++) {
        if (strcmp(name, phases[p].name) == 0) {
            return phase(phases[p].angle, m);
        }
    }
    if (strcmp(name, "h") == 0) {
        m[0] = m[1] = m[2] = sqrt(0.5);
        m[3] = -sqrt(0.5);
        return 1;
    }
    if (strcmp(name, "sx") == 0 || strcmp(name, "sxdg") == 0) {
        const double sign = name[2] ? -1 : 1;
        m[0] = m[3] = (1 + sign * I) / 2;
        m[1] = m[2] = (1 - sign * I) / 2;
        return 1;
    }
    if (strcmp(name, "swap") == 0) {
        memset(m, 0, 16 * sizeof *m);
        m[0] = m[1 * 4 + 2] = m[2 * 4 + 1] = m[3 * 4 + 3] = 1;
        return 2;
    }
    return 0;
}

static int angle_gate(const char *name, const double *angles, double complex *m)
{
    double complex step[4];
    const char *rotations[][2] = {{"rx", "X"},   {"ry", "Y"},   {"rz", "Z"},
                                  {"rxx", "XX"}, {"ryy", "YY"}, {"rzz", "ZZ"}};
    for (int r = 0; r < 6; r++) {
        if (strcmp(name, rotations[r][0]) == 0) {
            return rotation(rotations[r][1], angles[0], m);
        }
    }
    if (strcmp(name, "p") == 0) {
        return phase(angles[0], m);
    }
    if (strcmp(name, "u") == 0) { /* P(phi) RY(theta) P(lambda) */
        phase(angles[2], m);
        rotation("Y", angles[0], step);
        product_2x2(step, m, m);
        phase(angles[1], step);
        product_2x2(step, m, m);
        return 1;
    }
    if (strcmp(name, "rot") == 0) { /* RZ(omega) RY(theta) RZ(phi) */
        rotation("Z", angles[0], m);
        rotation("Y", angles[1], step);
        product_2x2(step, m, m);
        rotation("Z", angles[2], step);
        product_2x2(step, m, m);
        return 1;
    }
    return 0;
}

/* A leading c puts a control in front: the first qubit, hence the least significant bit. */
static int controlled_gate(const char *name, const double *angles, double complex *m)
{
    double complex inner[MAX_DIM * MAX_DIM];
    const int n = name[0] == 'c' ? ref_gate(name + 1, angles, inner) : 0;
    if (n == 0 || n > 2) {
        return 0;
    }
    const int dim = 2 << n;
    for (int r = 0; r < dim; r++) {
        for (int c = 0; c < dim; c++) {
            const int both = r % 2 && c % 2;
            m[r * dim + c] = both ? inner[(r / 2) * (dim / 2) + c / 2] : r == c;
        }
    }
    return n + 1;
}

int ref_gate(const char *name, const double *angles, double complex *matrix)
{
    int n = fixed_gate(name, matrix);
    if (!n) {
        n = angle_gate(name, angles, matrix);
    }
    return n ? n : controlled_gate(name, angles, matrix);
}

/* ---- states ------------------------------------------------------------------------------------ */

void ref_zero(double complex *psi, int n)
{
    memset(psi, 0, ((size_t)1 << n) * sizeof *psi);
    psi[0] = 1;
}

static size_t read_bits(size_t index, int k, const int *qubits)
{
    size_t value = 0;
    for (int t = 0; t < k; t++) {
        value += (index >> qubits[t] & 1) << t;
    }
    return value;
}

static size_t write_bits(size_t index, int k, const int *qubits, size_t value)
{
    for (int t = 0; t < k; t++) {
        index &= ~((size_t)1 << qubits[t]);
        index |= (value >> t & 1) << qubits[t];
    }
    return index;
}

void ref_unitary(double complex *psi, int n, int k, const int *qubits, const double complex *matrix,
                 uint64_t controls, uint64_t values)
{
    const size_t amps = (size_t)1 << n, dim = (size_t)1 << k;
    double complex *old = malloc(amps * sizeof *old);
    if (!old) {
        abort();
    }
    memcpy(old, psi, amps * sizeof *old);
    for (size_t i = 0; i < amps; i++) {
        if ((i & controls) != values) {
            continue;
        }
        psi[i] = 0;
        for (size_t c = 0; c < dim; c++) {
            psi[i] += matrix[read_bits(i, k, qubits) * dim + c] * old[write_bits(i, k, qubits, c)];
        }
    }
    free(old);
}

void ref_apply(double complex *psi, int n, const char *gate, const int *qubits,
               const double *angles, uint64_t controls, uint64_t values)
{
    double complex matrix[MAX_DIM * MAX_DIM];
    const int k = ref_gate(gate, angles, matrix);
    if (!k) {
        fprintf(stderr, "ref: unknown gate %s\n", gate);
        abort();
    }
    ref_unitary(psi, n, k, qubits, matrix, controls, values);
}

void ref_amplitudes(double complex *psi, int n, int m, const int *qubits, const double *x)
{
    const size_t amps = (size_t)1 << n, dim = (size_t)1 << m;
    double square = 0;
    for (size_t i = 0; i < dim; i++) {
        square += x[i] * x[i];
    }
    for (size_t j = amps; j-- > 0;) { /* downwards: the source has the qubits clear */
        psi[j] = psi[write_bits(j, m, qubits, 0)] * x[read_bits(j, m, qubits)] / sqrt(square);
    }
}

/* ---- measurements ------------------------------------------------------------------------------ */

double ref_pauli(const double complex *psi, int n, const char *letters)
{
    const size_t amps = (size_t)1 << n;
    double sum = 0;
    for (size_t r = 0; r < amps; r++) {
        size_t c = r;
        for (int q = 0; q < n; q++) {
            c ^= (size_t)(letters[q] == 'X' || letters[q] == 'Y') << q;
        }
        double complex entry = 1; /* the only one in row r that is not 0 */
        for (int q = 0; q < n; q++) {
            entry *= pauli[letter(letters[q])][r >> q & 1][c >> q & 1];
        }
        sum += creal(conj(psi[r]) * entry * psi[c]);
    }
    return sum;
}

double ref_probability(const double complex *psi, int n, int m, const int *qubits, size_t value)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)1 << n; i++) {
        if (read_bits(i, m, qubits) == value) {
            sum += creal(psi[i]) * creal(psi[i]) + cimag(psi[i]) * cimag(psi[i]);
        }
    }
    return sum;
}

double ref_distance(const double complex *a, const double complex *b, int n)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)1 << n; i++) {
        sum += creal(conj(a[i] - b[i]) * (a[i] - b[i]));
    }
    return sqrt(sum);
}
