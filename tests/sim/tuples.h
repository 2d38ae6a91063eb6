/* SPDX-License-Identifier: Apache-2.0 */
/* Every gate on every ordered choice of qubits, with every set of up to three extra controls, each on
 * 0 or on 1; and a random state to apply it to. */
#ifndef TESTS_SIM_TUPLES_H
#define TESTS_SIM_TUPLES_H

#include "twin.h"

enum { TUPLE_MAX_CONTROLS = 3 };

typedef struct tuple_case {
    int n_qubits;
    kg_gate gate;
    int qubits[KG_MAX_GATE_QUBITS];
    int n_controls;
    int controls[TUPLE_MAX_CONTROLS];
    int values[TUPLE_MAX_CONTROLS];
} tuple_case;

typedef void (*tuple_visitor)(const tuple_case *c, void *user);

/* All extra controls for the qubits that c->qubits leaves free. */
static inline int tuples_controls(tuple_case *c, uint64_t used, tuple_visitor visit, void *user)
{
    int count = 0;
    for (uint64_t mask = 0; mask < (uint64_t)1 << c->n_qubits; mask++) {
        c->n_controls = __builtin_popcountll(mask);
        if ((mask & used) || c->n_controls > TUPLE_MAX_CONTROLS) {
            continue;
        }
        int i = 0;
        for (int q = 0; q < c->n_qubits; q++) {
            if (mask >> q & 1) {
                c->controls[i++] = q;
            }
        }
        for (int values = 0; values < 1 << c->n_controls; values++) {
            for (i = 0; i < c->n_controls; i++) {
                c->values[i] = values >> i & 1;
            }
            visit(c, user);
            count++;
        }
    }
    return count;
}

/* Calls visit for every case of n qubits and returns how many there were. */
static inline int tuples_visit(int n, tuple_visitor visit, void *user)
{
    int count = 0;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const int k = kg_gate_n_qubits(gate);
        int n_codes = 1;
        for (int t = 0; t < k; t++) {
            n_codes *= n;
        }
        for (int code = 0; code < n_codes; code++) {
            tuple_case c = {.n_qubits = n, .gate = (kg_gate)gate};
            uint64_t used = 0;
            for (int t = 0, rest = code; t < k; t++, rest /= n) {
                c.qubits[t] = rest % n;
                used |= (uint64_t)1 << c.qubits[t];
            }
            if (__builtin_popcountll(used) == k) {
                count += tuples_controls(&c, used, visit, user);
            }
        }
    }
    return count;
}

/* How many there must be: sum over gates of n!/(n-k)! ordered tuples, times the controls
 * sum_j C(n-k, j) 2^j, j <= 3. */
static inline int tuples_expected(int n)
{
    int total = 0;
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        const int k = kg_gate_n_qubits(gate);
        int tuples = 1, controls = 0, choose = 1;
        for (int t = 0; t < k; t++) {
            tuples *= n - t;
        }
        for (int j = 0; j <= TUPLE_MAX_CONTROLS && j <= n - k; j++) {
            controls += choose << j;
            choose = choose * (n - k - j) / (j + 1);
        }
        total += k <= n ? tuples * controls : 0;
    }
    return total;
}

/* A circuit whose state has no symmetry: random real amplitudes (inputs 0..2^n-1), a random rotation
 * of each qubit, then the case's gate with its angles from parameters 0, 1, 2. */
static inline twin *tuples_circuit(const tuple_case *c)
{
    twin_rng rng = {(uint64_t)c->n_qubits};
    twin *t = twin_create(c->n_qubits);
    int all[TWIN_MAX_QUBITS];
    for (int q = 0; q < c->n_qubits; q++) {
        all[q] = q;
    }
    twin_amplitudes(t, c->n_qubits, all, 0);
    for (int q = 0; q < c->n_qubits; q++) {
        kg_slot slots[3];
        for (int j = 0; j < 3; j++) {
            slots[j] = (kg_slot)KG_SLOT_OF_ANGLE(twin_uniform(&rng, -3, 3));
        }
        twin_gate(t, KG_GATE_U, &q, slots);
    }
    const kg_slot slots[3] = {KG_SLOT_OF_PARAM(0), KG_SLOT_OF_PARAM(1), KG_SLOT_OF_PARAM(2)};
    twin_controlled(t, c->gate, c->qubits, slots, c->n_controls, c->controls, c->values);
    return t;
}

#endif
