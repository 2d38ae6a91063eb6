/* SPDX-License-Identifier: Apache-2.0 */
/* Gates as text, "ry 0 p0; cx 0 1; rz * 2*x+pi/2": a name, qubits, angles. */
#include <stdio.h>
#include <string.h>

#include "model/angle.h"
#include "model/defined_circuit.h"

enum { MAX_WORDS = 1 + KG_MAX_GATE_QUBITS + KG_MAX_GATE_PARAMS };

typedef kgi_circuit_reader reader;

/* A word of a statement. */
typedef struct word {
    const char *text;
    int length;
} word;

kg_status kgi_defined_count(kgi_circuit_reader *r, const kgi_yaml_node *node, kg_error *err)
{
    if (++r->n_items > KGI_MAX_DEFINED_OPS || kg_circuit_n_ops(r->circuit) > KGI_MAX_DEFINED_OPS) {
        return kgi_yaml_fail(node, err, "the circuit has more than %d operations",
                             KGI_MAX_DEFINED_OPS);
    }
    return KG_OK;
}

/* Words up to the ';' or the end; one more than a gate can have is enough to know. */
static int split(const char **text, word words[MAX_WORDS + 1])
{
    const char *c = *text;
    int n = 0;
    while (*c && *c != ';') {
        const size_t blanks = strspn(c, " \t\n");
        const size_t length = strcspn(c + blanks, " \t\n;");
        if (length && n <= MAX_WORDS) {
            words[n++] = (word){c + blanks, (int)length};
        }
        c += blanks + length;
    }
    *text = *c ? c + 1 : c;
    return n;
}

static kg_status find_gate(const kgi_yaml_node *node, const word *w, int *gate, kg_error *err)
{
    const char *names[KG_GATE_COUNT];
    char name[24];
    (void)snprintf(name, sizeof name, "%.*s", w->length, w->text);
    *gate = kg_gate_find(name);
    for (int g = 0; g < KG_GATE_COUNT; g++) {
        names[g] = kg_gate_name(g);
    }
    return *gate < 0 ? kgi_defined_unknown(node, "gate", name, names, KG_GATE_COUNT, err) : KG_OK;
}

static kg_status read_qubit(const reader *r, const kgi_yaml_node *node, const word *w, int *q,
                            kg_error *err)
{
    int value = w->length < 4 ? 0 : -1;
    for (int i = 0; i < w->length && value >= 0; i++) {
        const char c = w->text[i];
        value = c >= '0' && c <= '9' ? 10 * value + (c - '0') : -1;
    }
    if (value < 0 || value >= r->n_qubits) {
        return kgi_yaml_fail(node, err, "qubit is \"%.*s\", not in [0, %d]",
                             w->length < 20 ? w->length : 20, w->text, r->n_qubits - 1);
    }
    *q = value;
    return KG_OK;
}

/* Gives p and x without a number the next one, and counts. */
static void resolve(reader *r, kg_slot *slot)
{
    int *n = slot->kind == KG_SLOT_PARAM ? &r->n_params : &r->n_inputs;
    if (slot->kind != KG_SLOT_CONSTANT) {
        slot->index = slot->index == KGI_NEXT_INDEX ? *n : slot->index;
        *n = slot->index >= *n ? slot->index + 1 : *n;
    }
}

/* The gate in words[n], on its qubits or, for '*', on qubit `every`. */
static kg_status add_gate(reader *r, const kgi_yaml_node *node, int gate, const word *words,
                          int every, kg_error *err)
{
    const int n_qubits = kg_gate_n_qubits(gate), n_params = kg_gate_n_params(gate);
    int qubits[KG_MAX_GATE_QUBITS];
    kg_slot slots[KG_MAX_GATE_PARAMS];
    kg_error said = {0};
    kg_status status = KG_OK;
    for (int i = 0; i < n_qubits && !status; i++) {
        qubits[i] = every;
        status = every < 0 ? read_qubit(r, node, &words[1 + i], &qubits[i], err) : KG_OK;
    }
    for (int i = 0; i < n_params && !status; i++) {
        const word *w = &words[1 + n_qubits + i];
        const char *wrong = kgi_angle_parse(w->text, (size_t)w->length, &slots[i]);
        if (wrong) {
            return kgi_yaml_fail(node, err, "angle \"%.*s\" %s", w->length < 40 ? w->length : 40,
                                 w->text, wrong);
        }
        resolve(r, &slots[i]);
    }
    if (!status && kg_circuit_add_gate(r->circuit, (kg_gate)gate, qubits, slots, &said)) {
        status = kgi_defined_fail(node, said.status, &said, err);
    }
    return status;
}

static kg_status add_statement(reader *r, const kgi_yaml_node *node, int n, const word *words,
                               kg_error *err)
{
    int gate = -1;
    kg_status status = find_gate(node, &words[0], &gate, err);
    if (status) {
        return status;
    }
    const int n_qubits = kg_gate_n_qubits(gate), n_params = kg_gate_n_params(gate);
    if (n != 1 + n_qubits + n_params) {
        return kgi_yaml_fail(node, err, "%s has %d qubit%s and %d angle%s, not %d word%s",
                             kg_gate_name(gate), n_qubits, n_qubits == 1 ? "" : "s", n_params,
                             n_params == 1 ? "" : "s", n - 1, n == 2 ? "" : "s");
    }
    const int on_all = n_qubits == 1 && words[1].length == 1 && words[1].text[0] == '*';
    for (int q = 0; q < (on_all ? r->n_qubits : 1) && !status; q++) {
        status = add_gate(r, node, gate, words, on_all ? q : -1, err);
    }
    return status;
}

kg_status kgi_defined_gates_read(kgi_circuit_reader *r, const kgi_yaml_node *node, kg_error *err)
{
    const char *text = NULL;
    kg_status status = kgi_yaml_text(node, "gate", &text, err);
    while (!status && *text) {
        word words[MAX_WORDS + 1];
        const int n = split(&text, words);
        if (n) {
            status = add_statement(r, node, n, words, err);
        }
        if (!status) {
            status = kgi_defined_count(r, node, err);
        }
    }
    return status;
}
