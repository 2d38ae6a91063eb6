/* SPDX-License-Identifier: Apache-2.0 */
/* Two-qubit blocks as text: convolution ansaetze and pooling, and the reader of that text.
 *
 * To add an ansatz or a pooling block: one row below, nothing else. */
#include "circuit/blocks.h"

#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

/* ---- the tables ----------------------------------------------------------------------------- */

/* Convolution circuits of Hur, Kim, Park, arXiv:2108.00661, Fig. 2; their numbering of 9, 15, 13,
 * 14, 5 and 6 is that of Sim, Johnson, Aspuru-Guzik, arXiv:1905.10876. */
static const kg_block ansaetze[] = {
    /* clang-format off */
    {"ttn", "circuit 1, U_TTN", 2,
     "ry a 0; ry b 1; cx a b",
     "RY on both, CNOT: the smallest, with real amplitudes."},
    {"u9", "circuit 2, U_9", 2,
     "h a; h b; cz a b; rx a 0; rx b 1",
     "Hadamards, CZ, RX on both."},
    {"u15", "circuit 3, U_15", 4,
     "ry a 0; ry b 1; cx b a; ry a 2; ry b 3; cx a b",
     "RY on both and CNOT, twice, in both directions."},
    {"u13", "circuit 4, U_13", 6,
     "ry a 0; ry b 1; crz b a 2; ry a 3; ry b 4; crz a b 5",
     "RY on both and CRZ, twice, in both directions."},
    {"u14", "circuit 5, U_14", 6,
     "ry a 0; ry b 1; crx b a 2; ry a 3; ry b 4; crx a b 5",
     "RY on both and CRX, twice, in both directions."},
    {"so4", "circuit 6, U_SO4", 6,
     "ry a 0; ry b 1; cx a b; ry a 2; ry b 3; cx a b; ry a 4; ry b 5",
     "RY layers around two CNOTs: real, in SO(4)."},
    {"u5", "circuit 7, U_5", 10,
     "rx a 0; rx b 1; rz a 2; rz b 3; crz b a 4; crz a b 5; rx a 6; rx b 7; rz a 8; rz b 9",
     "RX and RZ on both around two CRZ."},
    {"u6", "circuit 8, U_6", 10,
     "rx a 0; rx b 1; rz a 2; rz b 3; crx b a 4; crx a b 5; rx a 6; rx b 7; rz a 8; rz b 9",
     "RX and RZ on both around two CRX."},
    {"su4", "circuit 9, U_SU4", 15,
     "u a 0 1 2; u b 3 4 5; cx a b; ry a 6; rz b 7; cx b a; ry a 8; cx a b; u a 9 10 11; u b 12 13 14",
     "Any two-qubit unitary, up to a phase."},
    /* clang-format on */
};

/* Pooling: a is discarded afterwards, b is kept. */
static const kg_block poolings[] = {
    /* clang-format off */
    {"zx", "pooling of arXiv:2108.00661", 2,
     "crz a b 0; x a; crx a b 1",
     "RZ of the kept qubit if the other is 1, RX if it is 0."},
    {"generalised", "generalised pooling", 3,
     "crot a b 0 1 2",
     "Any rotation of the kept qubit if the other is 1."},
    {"none", "no pooling", 0,
     "",
     "The other qubit is ignored from here on."},
    {"measure", "pooling with a measurement, Cong, Choi, Lukin, arXiv:1810.03787", 2,
     "measure a; if 1 rz b 0; if 0 rx b 1",
     "The other qubit is measured: RZ of the kept one after 1, RX after 0; the same numbers as zx."},
    {"measure-entangle", "no publication", 3,
     "rxx a b 0; measure a; if 1 rz b 1; if 0 rx b 2",
     "Ours: RXX of both, then as measure; at angle 0 of RXX it is measure."},
    {"weak", "no publication", 3,
     "cry b a 0; measure a; if 1 rz b 1; if 0 rx b 2",
     "Ours: the kept qubit turns the other by CRY, a weak measurement of it; then as measure."},
    /* clang-format on */
};

enum {
    N_ANSAETZE = sizeof ansaetze / sizeof ansaetze[0],
    N_POOLINGS = sizeof poolings / sizeof poolings[0],
    LONGEST_WORD = 15
};

static const kg_block *find(const kg_block *rows, int n, const char *name)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const kg_block *kg_ansatz_get(int i)
{
    return i >= 0 && i < N_ANSAETZE ? &ansaetze[i] : NULL;
}

const kg_block *kg_ansatz_find(const char *name)
{
    return find(ansaetze, N_ANSAETZE, name);
}

const kg_block *kg_pooling_get(int i)
{
    return i >= 0 && i < N_POOLINGS ? &poolings[i] : NULL;
}

const kg_block *kg_pooling_find(const char *name)
{
    return find(poolings, N_POOLINGS, name);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Copies the next word of the statement; 0 at its end (';' or the end of the text). A word that is
 * too long is cut, and no name or number is that long. */
static int next_word(const char **cursor, char word[LONGEST_WORD + 1])
{
    const char *c = *cursor;
    int length = 0;
    while (*c == ' ' || *c == '\t') {
        c++;
    }
    for (; *c && *c != ' ' && *c != '\t' && *c != ';'; c++) {
        if (length < LONGEST_WORD) {
            word[length++] = *c;
        }
    }
    word[length] = '\0';
    *cursor = c;
    return length > 0;
}

static int parse_number(const char *word, int *number)
{
    int value = 0;
    for (const char *c = word; *c; c++) {
        if (*c < '0' || *c > '9' || c - word >= 9) {
            return 0;
        }
        value = 10 * value + (*c - '0');
    }
    *number = value;
    return *word != '\0';
}

static kg_status parse_qubits(const char **cursor, const char *name, int n_qubits, int n,
                              kgi_block_gate *gate, kg_error *err)
{
    char word[LONGEST_WORD + 1];
    for (int i = 0; i < n_qubits; i++) {
        if (!next_word(cursor, word)) {
            return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: %s has %d qubit%s, not %d",
                            n, name, i, i == 1 ? "" : "s", n_qubits);
        }
        if (strcmp(word, "a") != 0 && strcmp(word, "b") != 0) {
            return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: qubit \"%s\" is not a or b",
                            n, word);
        }
        gate->qubits[i] = word[0] - 'a';
        if (i == 1 && gate->qubits[0] == gate->qubits[1]) {
            return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: qubit %s is named twice", n,
                            word);
        }
    }
    return KG_OK;
}

static kg_status parse_params(const char **cursor, const kgi_gate_info *info, int n,
                              kgi_block_gate *gate, kg_error *err)
{
    char word[LONGEST_WORD + 1];
    for (int i = 0; i < info->n_params; i++) {
        if (!next_word(cursor, word)) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "gate %d of the block: %s has %d parameter%s, not %d", n, info->name, i,
                            i == 1 ? "" : "s", info->n_params);
        }
        if (!parse_number(word, &gate->params[i])) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "gate %d of the block: \"%s\" is not the number of a parameter", n,
                            word);
        }
    }
    return KG_OK;
}

/* Reads a gate or a measurement whose first word is known. */
static kg_status parse_action(const char **cursor, const char *name, int n, kgi_block_gate *gate,
                              kg_error *err)
{
    if (strcmp(name, "measure") == 0 && gate->condition < 0) {
        gate->is_measure = 1;
        return parse_qubits(cursor, name, 1, n, gate, err);
    }
    const int found = kg_gate_find(name);
    if (found < 0) {
        return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: \"%s\" is not a gate%s", n, name,
                        strcmp(name, "measure") == 0 ? ", and only gates can have a condition"
                                                     : "");
    }
    gate->gate = (kg_gate)found;
    const kgi_gate_info *info = kgi_gate_get(gate->gate);
    if (info->n_qubits > 2) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "gate %d of the block: %s acts on %d qubits, not 1 or 2", n, info->name,
                        info->n_qubits);
    }
    const kg_status status = parse_qubits(cursor, info->name, info->n_qubits, n, gate, err);
    return status ? status : parse_params(cursor, info, n, gate, err);
}

/* Reads one statement; n counts them from 1 for the message; measured: there is an outcome. */
static kg_status parse_gate(const char **cursor, int n, int measured, kgi_block_gate *gate,
                            kg_error *err)
{
    char word[LONGEST_WORD + 1];
    *gate = (kgi_block_gate){.condition = -1};
    (void)next_word(cursor, word);
    if (strcmp(word, "if") == 0) {
        if (!measured) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "gate %d of the block: \"if\" without a \"measure\" before it", n);
        }
        (void)next_word(cursor, word);
        if (strcmp(word, "0") != 0 && strcmp(word, "1") != 0) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "gate %d of the block: outcome \"%s\" is not 0 or 1", n, word);
        }
        gate->condition = word[0] - '0';
        (void)next_word(cursor, word);
    }
    const kg_status status = parse_action(cursor, word, n, gate, err);
    if (!status && next_word(cursor, word)) {
        return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: \"%s\" is one word too many", n,
                        word);
    }
    return status;
}

/* 1 if a statement follows; steps over the ';' before it. */
static int more(const char **cursor, int n)
{
    const char *c = *cursor;
    while (*c == ' ' || *c == '\t') {
        c++;
    }
    if (n > 0 && *c == ';') {
        *cursor = c + 1;
        return 1;
    }
    return *c != '\0';
}

int kgi_block_parse(const char *text, kgi_block_gate *gates, int max, kg_error *err)
{
    int n = 0;
    int measured = 0;
    while (more(&text, n)) {
        if (n >= max) {
            (void)kgi_fail(err, KG_ERR_FORMAT, "the block has more than %d gates", max);
            return -1;
        }
        if (parse_gate(&text, n + 1, measured, &gates[n], err)) {
            return -1;
        }
        measured = measured || gates[n].is_measure;
        n++;
    }
    return n;
}

/* ---- appending ------------------------------------------------------------------------------ */

static kg_status add_block_gate(kg_circuit *circuit, const kg_block *block,
                                const kgi_block_gate *gate, int n, const int pair[2],
                                int first_param, kg_error *err)
{
    if (gate->is_measure) {
        const int qubit = pair[gate->qubits[0]];
        return kg_circuit_add_measure(circuit, qubit, qubit, err);
    }
    const kgi_gate_info *info = kgi_gate_get(gate->gate);
    kg_slot slots[KG_MAX_GATE_PARAMS];
    int qubits[2];
    for (int i = 0; i < info->n_qubits; i++) {
        qubits[i] = pair[gate->qubits[i]];
    }
    for (int i = 0; i < info->n_params; i++) {
        if (gate->params[i] >= block->n_params) {
            return kgi_fail(err, KG_ERR_FORMAT,
                            "gate %d of the block: parameter %d, but the block has %d", n,
                            gate->params[i], block->n_params);
        }
        slots[i] = (kg_slot)KG_SLOT_OF_PARAM(first_param + gate->params[i]);
    }
    return kg_circuit_add_gate(circuit, gate->gate, qubits, slots, err);
}

/* All statements in order. A condition is on the bit that was measured last; there is none in force
 * from outside then, because a measurement refuses that. */
static kg_status add_gates(kg_circuit *circuit, const kg_block *block, const int pair[2],
                           int first_param, kg_error *err)
{
    const char *cursor = block->gates;
    int bit = -1;
    kg_status status = KG_OK;
    for (int n = 1; more(&cursor, n - 1) && !status; n++) {
        kgi_block_gate gate;
        status = parse_gate(&cursor, n, bit >= 0, &gate, err);
        if (!status && gate.condition >= 0) {
            status = kg_circuit_set_condition(circuit, bit, gate.condition, err);
        }
        if (!status) {
            status = add_block_gate(circuit, block, &gate, n, pair, first_param, err);
        }
        if (gate.condition >= 0) {
            circuit->condition_bit = -1;
            circuit->condition_value = 0;
        }
        if (gate.is_measure) {
            bit = pair[gate.qubits[0]];
        }
    }
    return status;
}

kg_status kg_circuit_add_block(kg_circuit *circuit, const kg_block *block, const int qubits[2],
                               int first_param, kg_error *err)
{
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    if (block->n_params < 0 || first_param < 0 || first_param > KGI_MAX_INDEX - block->n_params) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "block \"%s\": first_param is %d for %d parameters, not in [0, %d]",
                        block->name, first_param, block->n_params, KGI_MAX_INDEX - block->n_params);
    }
    for (int q = 0; q < 2; q++) {
        if (qubits[q] < 0 || qubits[q] >= circuit->n_qubits) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "block \"%s\": qubit %d is not in [0, %d]",
                            block->name, qubits[q], circuit->n_qubits - 1);
        }
    }
    if (qubits[0] == qubits[1]) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "block \"%s\": qubit %d is named twice", block->name,
                        qubits[0]);
    }
    const kg_status status = add_gates(circuit, block, qubits, first_param, err);
    if (status) {
        kgi_circuit_rewind(circuit, &before);
        return kgi_fail_in(err, status, "block \"%s\": ", block->name);
    }
    circuit->n_blocks++;
    for (int i = before.n_ops; i < circuit->n_ops; i++) {
        circuit->ops[i].block = circuit->n_blocks;
    }
    return KG_OK;
}
