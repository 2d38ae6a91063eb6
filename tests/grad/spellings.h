/* SPDX-License-Identifier: Apache-2.0 */
/* One controlled RX, from qubit 0 to qubit 1 with parameter 0, spelled in seven ways: a gradient may not
 * depend on the spelling. */
#ifndef TESTS_GRAD_SPELLINGS_H
#define TESTS_GRAD_SPELLINGS_H

#include "twin.h"

typedef void (*spelling)(twin *t);

static inline void spelled_crx(twin *t)
{
    twin_param(t, KG_GATE_CRX, 0, 1, 0);
}

static inline void spelled_controlled_rx(twin *t)
{
    const int target = 1, control = 0;
    const kg_slot slot = KG_SLOT_OF_PARAM(0);
    twin_controlled(t, KG_GATE_RX, &target, &slot, 1, &control, NULL);
}

static inline void spelled_with_hadamards(twin *t)
{
    twin_fixed(t, KG_GATE_H, 1, 0);
    twin_param(t, KG_GATE_CRZ, 0, 1, 0);
    twin_fixed(t, KG_GATE_H, 1, 0);
}

/* RX(t) = RZ(-pi/2) RY(t) RZ(pi/2) */
static inline void spelled_crot(twin *t)
{
    const int qubits[2] = {0, 1};
    const kg_slot slots[3] = {KG_SLOT_OF_ANGLE(M_PI / 2), KG_SLOT_OF_PARAM(0),
                              KG_SLOT_OF_ANGLE(-M_PI / 2)};
    twin_gate(t, KG_GATE_CROT, qubits, slots);
}

/* RX(t) = u(t, -pi/2, pi/2), under control */
static inline void spelled_controlled_u(twin *t)
{
    const int target = 1, control = 0;
    const kg_slot slots[3] = {KG_SLOT_OF_PARAM(0), KG_SLOT_OF_ANGLE(-M_PI / 2),
                              KG_SLOT_OF_ANGLE(M_PI / 2)};
    twin_controlled(t, KG_GATE_U, &target, slots, 1, &control, NULL);
}

/* CRZ(t) = RZ(t/2) CX RZ(-t/2) CX between Hadamards: one parameter in two gates, two scales */
static inline void spelled_with_shared_parameter(twin *t)
{
    const int target = 1;
    const kg_slot half = {KG_SLOT_PARAM, 0, 0.5, 0.0}, minus = {KG_SLOT_PARAM, 0, -0.5, 0.0};
    twin_fixed(t, KG_GATE_H, 1, 0);
    twin_fixed(t, KG_GATE_CX, 0, 1);
    twin_gate(t, KG_GATE_RZ, &target, &minus);
    twin_fixed(t, KG_GATE_CX, 0, 1);
    twin_gate(t, KG_GATE_RZ, &target, &half);
    twin_fixed(t, KG_GATE_H, 1, 0);
}

/* The control starts as X|+> and is flipped before and after: control on the value 0 */
static inline void spelled_with_control_on_zero(twin *t)
{
    const int target = 1, control = 0, value = 0;
    const kg_slot slot = KG_SLOT_OF_PARAM(0);
    twin_fixed(t, KG_GATE_X, 0, 0);
    twin_controlled(t, KG_GATE_RX, &target, &slot, 1, &control, &value);
    twin_fixed(t, KG_GATE_X, 0, 0);
}

enum { N_SPELLINGS = 7 };

static inline spelling spelling_get(int i)
{
    static const spelling spellings[N_SPELLINGS] = {spelled_crx,
                                                    spelled_controlled_rx,
                                                    spelled_with_hadamards,
                                                    spelled_crot,
                                                    spelled_controlled_u,
                                                    spelled_with_shared_parameter,
                                                    spelled_with_control_on_zero};
    return spellings[i];
}

#endif
