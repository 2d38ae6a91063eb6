/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: every gate becomes A + cos(omega t) B + sin(omega t) C on one or two qubits.
 *
 * With G the generator of exp(-i t G):
 *     eigenvalues +-1/2:       cos(t/2) - i sin(t/2) 2G
 *     eigenvalues 0, -1:       1 + G - cos(t) G - i sin(t) G            (G = -P, P a projector)
 *     eigenvalues +-1/2, 0:    1 - 4G^2 + cos(t/2) 4G^2 - i sin(t/2) 2G
 * so one form serves all angles, all derivatives (through G) and all samples of a tile. */
#include "compile/lower.h"

#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "compile/matrix.h"

/* Gates on three qubits, as a smaller gate with controls: their first n_controls qubits. */
static const struct {
    kg_gate gate;
    kg_gate target;
    int n_controls;
} controlled_forms[] = {{KG_GATE_CCX, KG_GATE_X, 2}, {KG_GATE_CSWAP, KG_GATE_SWAP, 1}};

/* a, b, c of a gate with one angle from its generator. */
static void split_by_spectrum(kgi_use *use, kgi_spectrum spectrum, size_t d)
{
    double square[KGI_UNIT_REALS];
    double one[KGI_UNIT_REALS];
    kgi_mat_mul(d, use->g, use->g, square);
    kgi_mat_identity(d, one);
    use->omega = spectrum == KGI_SPECTRUM_PROJECTOR ? 1.0 : 0.5;
    const double sine = spectrum == KGI_SPECTRUM_PROJECTOR ? 1.0 : 2.0;
    for (size_t i = 0; i < d * d; i++) {
        for (size_t part = 0; part < 2; part++) {
            const size_t at = 2 * i + part;
            /* the part of the space that turns: 4G^2, or the projector -G */
            const double turns = spectrum == KGI_SPECTRUM_PROJECTOR ? -use->g[at] : 4 * square[at];
            use->a[at] = one[at] - turns;
            use->b[at] = turns;
        }
        use->c[2 * i] = sine * use->g[2 * i + 1]; /* -i times G */
        use->c[2 * i + 1] = -sine * use->g[2 * i];
    }
}

/* A gate whose angle is a number is a constant matrix. */
static void freeze_constant(kgi_use *use, size_t d)
{
    if (use->slot.kind != KG_SLOT_CONSTANT) {
        return;
    }
    const double t = use->omega * use->slot.offset;
    for (size_t i = 0; i < 2 * d * d; i++) {
        use->a[i] += cos(t) * use->b[i] + sin(t) * use->c[i];
    }
}

static kg_status lower_table_gate(kgi_lowered *out, const kgi_op *op, const int *qubits,
                                  const kg_slot *slot, kg_error *err)
{
    kg_gate gate = op->gate;
    int n_controls = 0;
    for (size_t i = 0; i < sizeof controlled_forms / sizeof *controlled_forms; i++) {
        if (controlled_forms[i].gate == gate) {
            gate = controlled_forms[i].target;
            n_controls = controlled_forms[i].n_controls;
            break;
        }
    }
    for (int i = 0; i < n_controls; i++) {
        out->controls |= (uint64_t)1 << qubits[i];
        out->values |= (uint64_t)1 << qubits[i];
    }
    const kgi_gate_info *info = kgi_gate_get(gate);
    out->n_targets = info->n_qubits;
    for (int i = 0; i < info->n_qubits; i++) {
        out->targets[i] = qubits[n_controls + i];
    }
    if (info->n_params == 0) {
        out->use.slot = (kg_slot){KG_SLOT_CONSTANT, 0, 0, 0};
        return kg_gate_matrix((int)gate, NULL, out->use.a, err);
    }
    out->use.slot = *slot;
    kgi_gate_generator_matrix(gate, out->use.g);
    split_by_spectrum(&out->use, info->spectrum, (size_t)1 << info->n_qubits);
    freeze_constant(&out->use, (size_t)1 << info->n_qubits);
    return KG_OK;
}

/* A gate on one qubit with one control is a gate on two qubits: it can be fused. The control becomes
 * the target's second qubit. */
static void absorb_control(kgi_lowered *gate)
{
    if (gate->n_targets != 1 || __builtin_popcountll(gate->controls) != 1) {
        return;
    }
    const size_t on = gate->values != 0;
    double *parts[] = {gate->use.a, gate->use.b, gate->use.c, gate->use.g};
    for (int p = 0; p < 4; p++) {
        double small[8];
        memcpy(small, parts[p], sizeof small);
        memset(parts[p], 0, KGI_UNIT_REALS * sizeof(double));
        for (size_t i = 0; i < 2; i++) {
            for (size_t j = 0; j < 2; j++) {
                const size_t at = 2 * ((2 * on + i) * 4 + 2 * on + j);
                parts[p][at] = small[2 * (2 * i + j)];
                parts[p][at + 1] = small[2 * (2 * i + j) + 1];
            }
            if (p == 0) { /* where the control does not match, nothing happens */
                parts[p][2 * ((2 * (1 - on) + i) * 4 + 2 * (1 - on) + i)] = 1.0;
            }
        }
    }
    gate->targets[1] = __builtin_ctzll(gate->controls);
    gate->n_targets = 2;
    gate->controls = gate->values = 0;
}

static kg_status lower_op(kgi_gate_list *list, const kg_circuit *circuit, const kgi_op *op, int at,
                          const kg_slot *slots, kg_error *err)
{
    const int *qubits = kgi_op_qubits(circuit, op);
    if (op->condition_bit >= 0 || op->kind == KGI_OP_MEASURE || op->kind == KGI_OP_RESET) {
        return kgi_fail(err, KG_ERR_UNSUPPORTED,
                        "operation %d is %s; engines run unitary circuits only", at,
                        op->condition_bit >= 0       ? "conditional"
                        : op->kind == KGI_OP_MEASURE ? "a measurement"
                                                     : "a reset");
    }
    if (op->kind == KGI_OP_AMPLITUDES) {
        if (op->n_qubits > KGI_MAX_REGISTER) {
            return kgi_fail(err, KG_ERR_UNSUPPORTED,
                            "operation %d encodes amplitudes on %d qubits, engines take up to %d",
                            at, op->n_qubits, KGI_MAX_REGISTER);
        }
        kgi_amplitudes *new = &list->amplitudes[list->n_amplitudes++];
        new->n = op->n_qubits;
        new->first_input = op->first_input;
        memcpy(new->qubits, qubits, (size_t)op->n_qubits * sizeof *qubits);
        return KG_OK;
    }
    kgi_lowered *gate = &list->gates[list->n++];
    gate->controls = op->controls;
    gate->values = op->control_values;
    gate->block = op->block;
    if (op->kind == KGI_OP_UNITARY) {
        const size_t d = (size_t)1 << op->n_qubits;
        gate->n_targets = op->n_qubits;
        memcpy(gate->targets, qubits, (size_t)op->n_qubits * sizeof *qubits);
        memcpy(gate->use.a, circuit->numbers + op->matrix, 2 * d * d * sizeof(double));
    } else {
        const kg_slot *slot = kgi_op_slots(circuit, op); /* of gates with an angle */
        if (kgi_gate_get(op->gate)->n_params == 1 && slot->kind == KG_SLOT_PARAM) {
            slot = &slots[slot->index]; /* expanded: its parameter numbers its real slot */
        }
        const kg_status status = lower_table_gate(gate, op, qubits, slot, err);
        if (status) {
            return status;
        }
    }
    absorb_control(gate);
    return KG_OK;
}

kg_status kgi_lower(kgi_gate_list *list, const kg_circuit *circuit, kg_error *err)
{
    *list = (kgi_gate_list){0};
    kg_circuit *expanded = NULL;
    kg_slot *slots = NULL;
    int n_slots = 0;
    kg_status status = kg_circuit_expand(&expanded, circuit, &slots, &n_slots, err);
    if (status) {
        return status;
    }
    const size_t n = (size_t)expanded->n_ops + 1;
    list->gates = calloc(n, sizeof *list->gates);
    list->amplitudes = calloc(n, sizeof *list->amplitudes);
    if (!list->gates || !list->amplitudes) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %zu lowered gates", n);
    }
    for (int i = 0; i < expanded->n_ops && !status; i++) {
        status = lower_op(list, expanded, &expanded->ops[i], i, slots, err);
    }
    kg_circuit_destroy(expanded);
    kg_free(slots);
    if (status) {
        kgi_gate_list_clear(list);
    }
    return status;
}

void kgi_gate_list_clear(kgi_gate_list *list)
{
    free(list->gates);
    free(list->amplitudes);
    *list = (kgi_gate_list){0};
}
