/* SPDX-License-Identifier: Apache-2.0 */
/* The gate table, and the small matrices that stand in its rows.
 *
 * To add a gate: a value in kg_gate, a row here, a matrix if no present one fits. It then works in
 * every room through its matrix, and the tests that loop over the rows have already tested it. */
#include "circuit/gates.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

#define SQRT_HALF 0.70710678118654752440

/* ---- matrices of one qubit: {a, b, c, d} as re, im of the rows (a b), (c d) ------------------- */

static void set(double *m, const double entries[8])
{
    memcpy(m, entries, 8 * sizeof *m);
}

static void diagonal(double *m, double re, double im)
{
    set(m, (const double[8]){1, 0, 0, 0, 0, 0, re, im});
}

static void matrix_i(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, 1, 0);
}

static void matrix_x(const double *angles, double *m)
{
    (void)angles;
    set(m, (const double[8]){0, 0, 1, 0, 1, 0, 0, 0});
}

static void matrix_y(const double *angles, double *m)
{
    (void)angles;
    set(m, (const double[8]){0, 0, 0, -1, 0, 1, 0, 0});
}

static void matrix_z(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, -1, 0);
}

static void matrix_h(const double *angles, double *m)
{
    (void)angles;
    set(m, (const double[8]){SQRT_HALF, 0, SQRT_HALF, 0, SQRT_HALF, 0, -SQRT_HALF, 0});
}

static void matrix_s(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, 0, 1);
}

static void matrix_sdg(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, 0, -1);
}

static void matrix_t(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, SQRT_HALF, SQRT_HALF);
}

static void matrix_tdg(const double *angles, double *m)
{
    (void)angles;
    diagonal(m, SQRT_HALF, -SQRT_HALF);
}

static void matrix_sx(const double *angles, double *m)
{
    (void)angles;
    set(m, (const double[8]){0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5});
}

static void matrix_sxdg(const double *angles, double *m)
{
    (void)angles;
    set(m, (const double[8]){0.5, -0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.5});
}

static void matrix_p(const double *angles, double *m)
{
    diagonal(m, cos(angles[0]), sin(angles[0]));
}

static void matrix_rx(const double *angles, double *m)
{
    const double c = cos(0.5 * angles[0]);
    const double s = sin(0.5 * angles[0]);
    set(m, (const double[8]){c, 0, 0, -s, 0, -s, c, 0});
}

static void matrix_ry(const double *angles, double *m)
{
    const double c = cos(0.5 * angles[0]);
    const double s = sin(0.5 * angles[0]);
    set(m, (const double[8]){c, 0, -s, 0, s, 0, c, 0});
}

static void matrix_rz(const double *angles, double *m)
{
    const double c = cos(0.5 * angles[0]);
    const double s = sin(0.5 * angles[0]);
    set(m, (const double[8]){c, -s, 0, 0, 0, 0, c, s});
}

/* u(theta, phi, lambda) = P(phi) RY(theta) P(lambda) */
static void matrix_u(const double *angles, double *m)
{
    const double c = cos(0.5 * angles[0]);
    const double s = sin(0.5 * angles[0]);
    const double phi = angles[1];
    const double lambda = angles[2];
    set(m, (const double[8]){c, 0, -s * cos(lambda), -s * sin(lambda), s * cos(phi), s * sin(phi),
                             c * cos(phi + lambda), c * sin(phi + lambda)});
}

/* rot(phi, theta, omega) = RZ(omega) RY(theta) RZ(phi) */
static void matrix_rot(const double *angles, double *m)
{
    const double c = cos(0.5 * angles[1]);
    const double s = sin(0.5 * angles[1]);
    const double sum = 0.5 * (angles[2] + angles[0]);
    const double difference = 0.5 * (angles[2] - angles[0]);
    set(m, (const double[8]){c * cos(sum), -c * sin(sum), -s * cos(difference), s * sin(difference),
                             s * cos(difference), s * sin(difference), c * cos(sum), c * sin(sum)});
}

/* ---- matrices of several qubits -------------------------------------------------------------- */

/* Entry of a d x d matrix. */
static double *at(double *m, int d, int row, int column)
{
    return m + 2 * ((ptrdiff_t)d * row + column);
}

static void zero(double *m, int n_qubits)
{
    memset(m, 0, ((size_t)2 << (2 * n_qubits)) * sizeof *m);
}

static void matrix_swap(const double *angles, double *m)
{
    (void)angles;
    zero(m, 2);
    for (int row = 0; row < 4; row++) {
        const int column = (row >> 1) | ((row & 1) << 1);
        at(m, 4, row, column)[0] = 1;
    }
}

/* exp(-i t PP / 2) = cos(t/2) - i sin(t/2) PP, where PP maps |row ^ flip> to sign(row) |row>. */
static void pauli_pair(double t, int flip, const double sign[4], double *m)
{
    zero(m, 2);
    for (int row = 0; row < 4; row++) {
        at(m, 4, row, row)[0] = cos(0.5 * t);
        at(m, 4, row, row ^ flip)[1] = -sin(0.5 * t) * sign[row];
    }
}

static void matrix_rxx(const double *angles, double *m)
{
    pauli_pair(angles[0], 3, (const double[4]){1, 1, 1, 1}, m);
}

static void matrix_ryy(const double *angles, double *m)
{
    pauli_pair(angles[0], 3, (const double[4]){-1, 1, 1, -1}, m);
}

static void matrix_rzz(const double *angles, double *m)
{
    pauli_pair(angles[0], 0, (const double[4]){1, -1, -1, 1}, m);
}

typedef void matrix_fn(const double *angles, double *matrix);

/* The identity, except where all control bits (the low ones) are 1: there the target's matrix. */
static void controlled(matrix_fn *target, int n_controls, int n_targets, const double *angles,
                       double *m)
{
    double u[2 * 4 * 4];
    const int all = (1 << n_controls) - 1;
    const int d_target = 1 << n_targets;
    const int d = d_target << n_controls;
    target(angles, u);
    zero(m, n_controls + n_targets);
    for (int row = 0; row < d; row++) {
        if ((row & all) != all) {
            at(m, d, row, row)[0] = 1;
            continue;
        }
        for (int j = 0; j < d_target; j++) {
            const int column = (j << n_controls) | all;
            memcpy(at(m, d, row, column), at(u, d_target, row >> n_controls, j), 2 * sizeof *m);
        }
    }
}

#define CONTROLLED_MATRIX(name, target, n_controls, n_targets)                                     \
    static void matrix_##name(const double *angles, double *m)                                     \
    {                                                                                              \
        controlled(matrix_##target, n_controls, n_targets, angles, m);                             \
    }

CONTROLLED_MATRIX(cx, x, 1, 1)
CONTROLLED_MATRIX(cy, y, 1, 1)
CONTROLLED_MATRIX(cz, z, 1, 1)
CONTROLLED_MATRIX(ch, h, 1, 1)
CONTROLLED_MATRIX(cp, p, 1, 1)
CONTROLLED_MATRIX(crx, rx, 1, 1)
CONTROLLED_MATRIX(cry, ry, 1, 1)
CONTROLLED_MATRIX(crz, rz, 1, 1)
CONTROLLED_MATRIX(crot, rot, 1, 1)
CONTROLLED_MATRIX(ccx, x, 2, 1)
CONTROLLED_MATRIX(cswap, swap, 1, 2)

/* ---- the table ------------------------------------------------------------------------------ */

#define NONE KGI_SPECTRUM_NONE
#define PAULI KGI_SPECTRUM_PAULI
#define PROJECTOR KGI_SPECTRUM_PROJECTOR
#define CONTROLLED KGI_SPECTRUM_CONTROLLED
#define SPLIT_U "p a 2; ry a 0; p a 1"
#define SPLIT_CROT "crz a b 0; cry a b 1; crz a b 2"
#define HELP_U "P(phi) RY(theta) P(lambda) of angles theta, phi, lambda; real upper left entry."
#define HELP_CROT "RZ(omega) RY(theta) RZ(phi) of angles phi, theta, omega if the first qubit is 1."

static const kgi_gate_info gates[KG_GATE_COUNT] = {
    /* clang-format off */
    /* gate           name  qubits params controls symbol inverse  swap  spectrum generator decomposition matrix help */
    [KG_GATE_I]     = {"i",     1, 0, 0, "I",    KG_GATE_I,     {0, 0}, NONE,       NULL,   NULL,       matrix_i,     "Identity."},
    [KG_GATE_X]     = {"x",     1, 0, 0, "X",    KG_GATE_X,     {0, 0}, NONE,       NULL,   NULL,       matrix_x,     "Pauli X, the NOT gate."},
    [KG_GATE_Y]     = {"y",     1, 0, 0, "Y",    KG_GATE_Y,     {0, 0}, NONE,       NULL,   NULL,       matrix_y,     "Pauli Y."},
    [KG_GATE_Z]     = {"z",     1, 0, 0, "Z",    KG_GATE_Z,     {0, 0}, NONE,       NULL,   NULL,       matrix_z,     "Pauli Z."},
    [KG_GATE_H]     = {"h",     1, 0, 0, "H",    KG_GATE_H,     {0, 0}, NONE,       NULL,   NULL,       matrix_h,     "Hadamard."},
    [KG_GATE_S]     = {"s",     1, 0, 0, "S",    KG_GATE_SDG,   {0, 0}, NONE,       NULL,   NULL,       matrix_s,     "Square root of Z, diag(1, i)."},
    [KG_GATE_SDG]   = {"sdg",   1, 0, 0, "SDG",  KG_GATE_S,     {0, 0}, NONE,       NULL,   NULL,       matrix_sdg,   "Inverse of S, diag(1, -i)."},
    [KG_GATE_T]     = {"t",     1, 0, 0, "T",    KG_GATE_TDG,   {0, 0}, NONE,       NULL,   NULL,       matrix_t,     "Square root of S, diag(1, exp(i pi / 4))."},
    [KG_GATE_TDG]   = {"tdg",   1, 0, 0, "TDG",  KG_GATE_T,     {0, 0}, NONE,       NULL,   NULL,       matrix_tdg,   "Inverse of T, diag(1, exp(-i pi / 4))."},
    [KG_GATE_SX]    = {"sx",    1, 0, 0, "SX",   KG_GATE_SXDG,  {0, 0}, NONE,       NULL,   NULL,       matrix_sx,    "Square root of X."},
    [KG_GATE_SXDG]  = {"sxdg",  1, 0, 0, "SXDG", KG_GATE_SX,    {0, 0}, NONE,       NULL,   NULL,       matrix_sxdg,  "Inverse of SX."},
    [KG_GATE_P]     = {"p",     1, 1, 0, "P",    KG_GATE_P,     {0, 0}, PROJECTOR,  "-P",   NULL,       matrix_p,     "Phase, diag(1, exp(i lambda))."},
    [KG_GATE_RX]    = {"rx",    1, 1, 0, "RX",   KG_GATE_RX,    {0, 0}, PAULI,      "X/2",  NULL,       matrix_rx,    "exp(-i theta X / 2)."},
    [KG_GATE_RY]    = {"ry",    1, 1, 0, "RY",   KG_GATE_RY,    {0, 0}, PAULI,      "Y/2",  NULL,       matrix_ry,    "exp(-i theta Y / 2)."},
    [KG_GATE_RZ]    = {"rz",    1, 1, 0, "RZ",   KG_GATE_RZ,    {0, 0}, PAULI,      "Z/2",  NULL,       matrix_rz,    "exp(-i theta Z / 2)."},
    [KG_GATE_U]     = {"u",     1, 3, 0, "U",    KG_GATE_U,     {1, 2}, NONE,       NULL,   SPLIT_U,    matrix_u,     HELP_U},
    [KG_GATE_CX]    = {"cx",    2, 0, 1, "X",    KG_GATE_CX,    {0, 0}, NONE,       NULL,   NULL,       matrix_cx,    "X of the second qubit if the first is 1 (CNOT)."},
    [KG_GATE_CY]    = {"cy",    2, 0, 1, "Y",    KG_GATE_CY,    {0, 0}, NONE,       NULL,   NULL,       matrix_cy,    "Y of the second qubit if the first is 1."},
    [KG_GATE_CZ]    = {"cz",    2, 0, 1, "Z",    KG_GATE_CZ,    {0, 0}, NONE,       NULL,   NULL,       matrix_cz,    "Z of the second qubit if the first is 1; symmetric."},
    [KG_GATE_CH]    = {"ch",    2, 0, 1, "H",    KG_GATE_CH,    {0, 0}, NONE,       NULL,   NULL,       matrix_ch,    "H of the second qubit if the first is 1."},
    [KG_GATE_CP]    = {"cp",    2, 1, 1, "P",    KG_GATE_CP,    {0, 0}, PROJECTOR,  "-PP",  NULL,       matrix_cp,    "Phase exp(i lambda) if both qubits are 1; symmetric."},
    [KG_GATE_CRX]   = {"crx",   2, 1, 1, "RX",   KG_GATE_CRX,   {0, 0}, CONTROLLED, "PX/2", NULL,       matrix_crx,   "RX of the second qubit if the first is 1."},
    [KG_GATE_CRY]   = {"cry",   2, 1, 1, "RY",   KG_GATE_CRY,   {0, 0}, CONTROLLED, "PY/2", NULL,       matrix_cry,   "RY of the second qubit if the first is 1."},
    [KG_GATE_CRZ]   = {"crz",   2, 1, 1, "RZ",   KG_GATE_CRZ,   {0, 0}, CONTROLLED, "PZ/2", NULL,       matrix_crz,   "RZ of the second qubit if the first is 1; not CP."},
    [KG_GATE_CROT]  = {"crot",  2, 3, 1, "ROT",  KG_GATE_CROT,  {0, 2}, NONE,       NULL,   SPLIT_CROT, matrix_crot,  HELP_CROT},
    [KG_GATE_SWAP]  = {"swap",  2, 0, 0, "x",    KG_GATE_SWAP,  {0, 0}, NONE,       NULL,   NULL,       matrix_swap,  "Exchange of two qubits."},
    [KG_GATE_RXX]   = {"rxx",   2, 1, 0, "RXX",  KG_GATE_RXX,   {0, 0}, PAULI,      "XX/2", NULL,       matrix_rxx,   "exp(-i theta XX / 2)."},
    [KG_GATE_RYY]   = {"ryy",   2, 1, 0, "RYY",  KG_GATE_RYY,   {0, 0}, PAULI,      "YY/2", NULL,       matrix_ryy,   "exp(-i theta YY / 2)."},
    [KG_GATE_RZZ]   = {"rzz",   2, 1, 0, "RZZ",  KG_GATE_RZZ,   {0, 0}, PAULI,      "ZZ/2", NULL,       matrix_rzz,   "exp(-i theta ZZ / 2)."},
    [KG_GATE_CCX]   = {"ccx",   3, 0, 2, "X",    KG_GATE_CCX,   {0, 0}, NONE,       NULL,   NULL,       matrix_ccx,   "X of the third qubit if the others are 1 (Toffoli)."},
    [KG_GATE_CSWAP] = {"cswap", 3, 0, 1, "x",    KG_GATE_CSWAP, {0, 0}, NONE,       NULL,   NULL,       matrix_cswap, "Exchange of two qubits if the first is 1 (Fredkin)."},
    /* clang-format on */
};

const kgi_gate_info *kgi_gate_get(kg_gate gate)
{
    KGI_ASSERT((int)gate >= 0 && gate < KG_GATE_COUNT);
    return &gates[gate];
}

/* G has one entry per row: each letter either keeps its bit or flips it. */
int kgi_gate_generator_matrix(kg_gate gate, double *matrix)
{
    const kgi_gate_info *info = &gates[gate];
    if (!info->generator) {
        return 0;
    }
    const char *letters = info->generator;
    double factor = strstr(letters, "/2") ? 0.5 : 1.0;
    if (*letters == '-') {
        factor = -factor;
        letters++;
    }
    const int d = 1 << info->n_qubits;
    zero(matrix, info->n_qubits);
    for (int row = 0; row < d; row++) {
        int column = row;
        double re = factor;
        double im = 0;
        for (int q = 0; q < info->n_qubits; q++) {
            const int bit = (row >> q) & 1;
            const double old_re = re;
            switch (letters[q]) {
            case 'X':
                column ^= 1 << q;
                break;
            case 'Y': /* <0|Y|1> = -i, <1|Y|0> = i */
                column ^= 1 << q;
                re = bit ? -im : im;
                im = bit ? old_re : -old_re;
                break;
            case 'Z':
                re = bit ? -re : re;
                im = bit ? -im : im;
                break;
            default: /* P */
                re = bit ? re : 0;
                im = bit ? im : 0;
                break;
            }
        }
        at(matrix, d, row, column)[0] = re;
        at(matrix, d, row, column)[1] = im;
    }
    return 1;
}

/* ---- the public view ------------------------------------------------------------------------ */

static int is_gate(int gate)
{
    return gate >= 0 && gate < KG_GATE_COUNT;
}

const char *kg_gate_name(int gate)
{
    return is_gate(gate) ? gates[gate].name : NULL;
}

int kg_gate_find(const char *name)
{
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        if (strcmp(gates[gate].name, name) == 0) {
            return gate;
        }
    }
    return -1;
}

const char *kg_gate_help(int gate)
{
    return is_gate(gate) ? gates[gate].help : NULL;
}

int kg_gate_n_qubits(int gate)
{
    return is_gate(gate) ? gates[gate].n_qubits : 0;
}

int kg_gate_n_params(int gate)
{
    return is_gate(gate) ? gates[gate].n_params : 0;
}

kg_status kg_gate_matrix(int gate, const double *angles, double *matrix, kg_error *err)
{
    if (!is_gate(gate)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "gate is %d, not in [0, %d]", gate,
                        KG_GATE_COUNT - 1);
    }
    if (!angles && gates[gate].n_params > 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "gate %s: angles is NULL, but it takes %d",
                        gates[gate].name, gates[gate].n_params);
    }
    gates[gate].matrix(angles, matrix);
    return KG_OK;
}
