/* SPDX-License-Identifier: Apache-2.0 */
/* Wirings: which pairs of qubits a QCNN convolves and pools, stage by stage, until one is left.
 *
 * The ring (Hur, Kim, Park, arXiv:2108.00661, Fig. 1, in the order of the authors' program), here
 * for eight qubits; the pair that closes the ring comes first:
 *
 *     conv 1   (0,7)  (0,1) (2,3) (4,5) (6,7)  (1,2) (3,4) (5,6)
 *     pool 1   1>0 3>2 5>4 7>6                                      keeps 0 2 4 6
 *     conv 2   (0,6)  (0,2) (4,6)  (2,4)
 *     pool 2   2>0 6>4                                              keeps 0 4
 *     conv 3   (0,4)
 *     pool 3   0>4                                                  keeps 4
 *
 * Other even numbers follow the same rule: pooling keeps the first of each pair, a qubit without a
 * partner is kept, and the last stage keeps the second of its pair. The open wiring leaves the closing
 * pairs out.
 *
 * The chain (the authors' program again) narrows towards its middle and does not pool; the tree is the
 * hierarchical classifier of Grant et al., arXiv:1804.03680, with parameters of its own for every block:
 *
 *     conv 1   (0,1) (2,3) (4,5) (6,7)  (1,2) (3,4) (5,6)           (0,1) (2,3) (4,5) (6,7)
 *     conv 2   (2,3) (4,5)                                          (1,3) (5,7)
 *     conv 3   (3,4)                                 reads 4        (3,7)             reads 7
 *
 * To add a wiring: one row and one function that appends it. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

/* A QCNN while it is built. */
typedef struct qcnn {
    kg_circuit *circuit;
    const kg_block *ansatz;
    const kg_block *pooling;
    int active[KG_MAX_QUBITS]; /* qubits that pooling has left */
    int n_active;
    int n_left;     /* of them at the end */
    int stage;      /* from 0 */
    int conv_param; /* first parameter of the next convolution */
    int pool_param; /* and of the next pooling */
} qcnn;

struct kg_wiring {
    const char *name;
    const char *help;
    int min_qubits;
    int max_qubits;
    int multiple_of; /* 0: powers of two */
    int pools;
    kg_status (*add)(qcnn *net, kg_error *err); /* until n_active is n_left */
};

/* ---- pieces of wirings ---------------------------------------------------------------------- */

static kg_status begin_stage(qcnn *net, const char *what, const kg_block *block, kg_error *err)
{
    char name[32];
    if (block->gates[0] == '\0') { /* nothing would be in that layer */
        return KG_OK;
    }
    (void)snprintf(name, sizeof name, "%s %d", what, net->stage + 1);
    return kg_circuit_begin_layer(net->circuit, name, err);
}

/* The ansatz on the active qubits number i and j. */
static kg_status convolve(qcnn *net, int i, int j, kg_error *err)
{
    const int pair[2] = {net->active[i], net->active[j]};
    return kg_circuit_add_block(net->circuit, net->ansatz, pair, net->conv_param, err);
}

/* The pooling that discards active qubit number i and keeps number j. */
static kg_status pool(qcnn *net, int i, int j, kg_error *err)
{
    const int pair[2] = {net->active[i], net->active[j]};
    return kg_circuit_add_block(net->circuit, net->pooling, pair, net->pool_param, err);
}

/* ---- the ring, closed or open --------------------------------------------------------------- */

/* The closing pair, then pairs that start at even places, then at odd ones; two qubits have one
 * pair only. */
static kg_status convolve_ring(qcnn *net, int is_closed, kg_error *err)
{
    const int n = net->n_active;
    kg_status status = KG_OK;
    if (is_closed && n > 2) {
        status = convolve(net, 0, n - 1, err);
    }
    for (int start = 0; start < 2; start++) {
        for (int i = start; i + 1 < n && !status; i += 2) {
            status = convolve(net, i, i + 1, err);
        }
    }
    return status;
}

/* How many qubits a stage leaves of n: half of them, but not less than there shall be. */
static int after_stage(const qcnn *net, int n)
{
    return (n + 1) / 2 > net->n_left ? (n + 1) / 2 : net->n_left;
}

/* Pairs give up one qubit each, from the first pair on, until enough are left. */
static kg_status pool_ring(qcnn *net, kg_error *err)
{
    const int n = net->n_active;
    const int discarded = n - after_stage(net, n);
    int kept = 0;
    kg_status status = KG_OK;
    if (n == 2) {
        status = pool(net, 0, 1, err);
        net->active[0] = net->active[1];
        net->n_active = 1;
        return status;
    }
    for (int i = 0; i < discarded && !status; i++) {
        status = pool(net, 2 * i + 1, 2 * i, err);
    }
    for (int i = 0; i < n; i++) {
        if (i % 2 == 0 || i > 2 * discarded) {
            net->active[kept++] = net->active[i];
        }
    }
    net->n_active = kept;
    return status;
}

/* One convolution with its layer; the next one has parameters of its own. */
static kg_status ring_stage(qcnn *net, int is_closed, kg_error *err)
{
    kg_status status = begin_stage(net, "conv", net->ansatz, err);
    if (!status) {
        status = convolve_ring(net, is_closed, err);
    }
    net->conv_param += net->ansatz->n_params;
    return status;
}

static kg_status add_rings(qcnn *net, int is_closed, kg_error *err)
{
    kg_status status = KG_OK;
    int n_convs = net->n_left > 1; /* one more at the end */
    for (int n = net->n_active; n > net->n_left; n = after_stage(net, n)) {
        n_convs++;
    }
    net->pool_param = n_convs * net->ansatz->n_params;
    for (net->stage = 0; net->n_active > net->n_left && !status; net->stage++) {
        status = ring_stage(net, is_closed, err);
        if (!status) {
            status = begin_stage(net, "pool", net->pooling, err);
        }
        if (!status) {
            status = pool_ring(net, err);
        }
        net->pool_param += net->pooling->n_params;
    }
    return status || net->n_left == 1 ? status : ring_stage(net, is_closed, err);
}

static kg_status add_ring(qcnn *net, kg_error *err)
{
    return add_rings(net, 1, err);
}

static kg_status add_open(qcnn *net, kg_error *err)
{
    return add_rings(net, 0, err);
}

/* ---- chain and tree ------------------------------------------------------------------------- */

/* Rows of w neighbouring pairs around the middle, w = n/2, n/2 - 1, ..., 1: each row is what the next
 * one sees. Stage s, counted from 0, has the rows down to n/2^(s+2), that one excluded. For eight qubits
 * that is the authors' circuit; for other powers of two it is our reading of it. */
static kg_status add_chain(qcnn *net, kg_error *err)
{
    const int n = net->n_active;
    kg_status status = KG_OK;
    for (int w = n / 2, end = n / 4; w > 0 && !status; w = end, end /= 2, net->stage++) {
        status = begin_stage(net, "conv", net->ansatz, err);
        for (int row = w; row > end && !status; row--) {
            for (int i = 0; i < row && !status; i++) {
                status = convolve(net, n / 2 - row + 2 * i, n / 2 - row + 2 * i + 1, err);
            }
        }
        net->conv_param += net->ansatz->n_params;
    }
    net->active[0] = net->active[n / 2];
    net->n_active = 1;
    return status;
}

/* Each pair's second qubit goes on to the next level. */
static kg_status add_tree(qcnn *net, kg_error *err)
{
    kg_status status = KG_OK;
    for (; net->n_active > 1 && !status; net->n_active /= 2, net->stage++) {
        status = begin_stage(net, "conv", net->ansatz, err);
        for (int i = 0; i + 1 < net->n_active && !status; i += 2) {
            status = convolve(net, i, i + 1, err);
            net->conv_param += net->ansatz->n_params;
        }
        for (int i = 0; i < net->n_active / 2; i++) {
            net->active[i] = net->active[2 * i + 1];
        }
    }
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const kg_wiring wirings[] = {
    /* clang-format off */
    {"ring",  "Neighbours on a ring; each stage keeps every other qubit.",        2, 16, 2, 1, add_ring},
    {"open",  "The ring without the pairs that close it.",                        2, 16, 2, 1, add_open},
    {"chain", "Neighbours, narrowing to the middle pair; no pooling.",            2, 16, 0, 0, add_chain},
    {"tree",  "Pairs of pairs, every block with its own parameters; no pooling.", 2, 16, 0, 0, add_tree},
    /* clang-format on */
};

enum { N_WIRINGS = sizeof wirings / sizeof wirings[0] };

const kg_wiring *kg_wiring_get(int i)
{
    return i >= 0 && i < N_WIRINGS ? &wirings[i] : NULL;
}

const kg_wiring *kg_wiring_find(const char *name)
{
    for (int i = 0; i < N_WIRINGS; i++) {
        if (strcmp(wirings[i].name, name) == 0) {
            return &wirings[i];
        }
    }
    return NULL;
}

const char *kg_wiring_name(const kg_wiring *wiring)
{
    return wiring->name;
}

const char *kg_wiring_help(const kg_wiring *wiring)
{
    return wiring->help;
}

int kg_wiring_pools(const kg_wiring *wiring)
{
    return wiring->pools;
}

static kg_status check_size(const kg_wiring *wiring, int n, kg_error *err)
{
    const int in_range = n >= wiring->min_qubits && n <= wiring->max_qubits;
    if (!wiring->multiple_of && (!in_range || (n & (n - 1)) != 0)) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "wiring \"%s\" is defined for powers of 2 in [%d, %d], not for %d qubits",
                        wiring->name, wiring->min_qubits, wiring->max_qubits, n);
    }
    if (wiring->multiple_of && (!in_range || n % wiring->multiple_of != 0)) {
        return kgi_fail(
            err, KG_ERR_UNSUPPORTED,
            "wiring \"%s\" is defined for multiples of %d in [%d, %d], not for %d qubits",
            wiring->name, wiring->multiple_of, wiring->min_qubits, wiring->max_qubits, n);
    }
    return KG_OK;
}

static kg_status check_wiring(const kg_wiring *wiring, int n, const kg_block *pooling, int n_left,
                              kg_error *err)
{
    const kg_status status = check_size(wiring, n, err);
    if (status) {
        return status;
    }
    if (n_left < 1 || n_left > n) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_left is %d, not in [1, %d]", n_left, n);
    }
    if (wiring->pools && !pooling) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "wiring \"%s\" pools, but pooling is NULL",
                        wiring->name);
    }
    if (!wiring->pools && pooling && pooling->gates[0] != '\0') {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "wiring \"%s\" does not pool: pooling is \"%s\", not \"none\"",
                        wiring->name, pooling->name);
    }
    if (!wiring->pools && n_left > 1) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED, "wiring \"%s\" leaves 1 qubit to read out, not %d",
                        wiring->name, n_left);
    }
    return KG_OK;
}

kg_status kg_circuit_add_qcnn_to(kg_circuit *circuit, const kg_wiring *wiring,
                                 const kg_block *ansatz, const kg_block *pooling, int n_left,
                                 int *readouts, kg_error *err)
{
    const int n = circuit->n_qubits;
    kg_status status = check_wiring(wiring, n, pooling, n_left, err);
    if (status) {
        return status;
    }
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    qcnn net = {
        .circuit = circuit, .ansatz = ansatz, .pooling = pooling, .n_active = n, .n_left = n_left};
    for (int q = 0; q < n; q++) {
        net.active[q] = q;
    }
    status = wiring->add(&net, err);
    if (status) {
        kgi_circuit_rewind(circuit, &before);
        return status;
    }
    memcpy(readouts, net.active, (size_t)n_left * sizeof *readouts);
    return KG_OK;
}

kg_status kg_circuit_add_qcnn(kg_circuit *circuit, const kg_wiring *wiring, const kg_block *ansatz,
                              const kg_block *pooling, int *readout, kg_error *err)
{
    return kg_circuit_add_qcnn_to(circuit, wiring, ansatz, pooling, 1, readout, err);
}
