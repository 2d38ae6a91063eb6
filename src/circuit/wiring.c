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
 * partner is kept, and the last stage keeps the second of its pair.
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
    int stage;    /* from 0 */
    int n_stages; /* for the place of the pooling parameters */
} qcnn;

struct kg_wiring {
    const char *name;
    const char *help;
    int min_qubits;
    int max_qubits;
    int multiple_of;
    kg_status (*add)(qcnn *net, kg_error *err); /* until n_active is 1 */
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

/* The stage's ansatz on the active qubits number i and j. */
static kg_status convolve(qcnn *net, int i, int j, kg_error *err)
{
    const int pair[2] = {net->active[i], net->active[j]};
    return kg_circuit_add_block(net->circuit, net->ansatz, pair, net->stage * net->ansatz->n_params,
                                err);
}

/* The stage's pooling, which discards active qubit number i and keeps number j. */
static kg_status pool(qcnn *net, int i, int j, kg_error *err)
{
    const int pair[2] = {net->active[i], net->active[j]};
    return kg_circuit_add_block(
        net->circuit, net->pooling, pair,
        net->n_stages * net->ansatz->n_params + net->stage * net->pooling->n_params, err);
}

/* ---- the ring ------------------------------------------------------------------------------- */

/* The closing pair, then pairs that start at even places, then at odd ones; two qubits have one
 * pair only. */
static kg_status convolve_ring(qcnn *net, kg_error *err)
{
    const int n = net->n_active;
    kg_status status = convolve(net, 0, n - 1, err);
    for (int start = 0; start < 2 && n > 2; start++) {
        for (int i = start; i + 1 < n && !status; i += 2) {
            status = convolve(net, i, i + 1, err);
        }
    }
    return status;
}

static kg_status pool_ring(qcnn *net, kg_error *err)
{
    const int n = net->n_active;
    kg_status status = KG_OK;
    if (n == 2) {
        status = pool(net, 0, 1, err);
        net->active[0] = net->active[1];
        net->n_active = 1;
        return status;
    }
    for (int i = 0; i + 1 < n && !status; i += 2) {
        status = pool(net, i + 1, i, err);
    }
    for (int i = 0; i < n; i += 2) {
        net->active[i / 2] = net->active[i];
    }
    net->n_active = (n + 1) / 2;
    return status;
}

static kg_status add_ring(qcnn *net, kg_error *err)
{
    kg_status status = KG_OK;
    for (int n = net->n_active; n > 1; n = (n + 1) / 2) {
        net->n_stages++;
    }
    for (net->stage = 0; net->n_active > 1 && !status; net->stage++) {
        status = begin_stage(net, "conv", net->ansatz, err);
        if (!status) {
            status = convolve_ring(net, err);
        }
        if (!status) {
            status = begin_stage(net, "pool", net->pooling, err);
        }
        if (!status) {
            status = pool_ring(net, err);
        }
    }
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const kg_wiring wirings[] = {
    {"ring", "Neighbours on a ring; each stage keeps every other qubit.", 2, 16, 2, add_ring},
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

kg_status kg_circuit_add_qcnn(kg_circuit *circuit, const kg_wiring *wiring, const kg_block *ansatz,
                              const kg_block *pooling, int *readout, kg_error *err)
{
    const int n = circuit->n_qubits;
    if (n < wiring->min_qubits || n > wiring->max_qubits || n % wiring->multiple_of != 0) {
        return kgi_fail(
            err, KG_ERR_UNSUPPORTED,
            "wiring \"%s\" is defined for multiples of %d in [%d, %d], not for %d qubits",
            wiring->name, wiring->multiple_of, wiring->min_qubits, wiring->max_qubits, n);
    }
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    qcnn net = {.circuit = circuit, .ansatz = ansatz, .pooling = pooling, .n_active = n};
    for (int q = 0; q < n; q++) {
        net.active[q] = q;
    }
    const kg_status status = wiring->add(&net, err);
    if (status) {
        kgi_circuit_rewind(circuit, &before);
        return status;
    }
    *readout = net.active[0];
    return KG_OK;
}
