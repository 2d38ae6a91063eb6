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

static kg_status parse_qubits(const char **cursor, const kgi_gate_info *info, int n,
                              kgi_block_gate *gate, kg_error *err)
{
    char word[LONGEST_WORD + 1];
    for (int i = 0; i < info->n_qubits; i++) {
        if (!next_word(cursor, word)) {
            return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: %s has %d qubit%s, not %d",
                            n, info->name, i, i == 1 ? "" : "s", info->n_qubits);
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

/* Reads one statement; n counts gates from 1 for the message. */
static kg_status parse_gate(const char **cursor, int n, kgi_block_gate *gate, kg_error *err)
{
    char word[LONGEST_WORD + 1];
    *gate = (kgi_block_gate){0};
    const int found = next_word(cursor, word) ? kg_gate_find(word) : -1;
    if (found < 0) {
        return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: \"%s\" is not a gate", n, word);
    }
    gate->gate = (kg_gate)found;
    const kgi_gate_info *info = kgi_gate_get(gate->gate);
    if (info->n_qubits > 2) {
        return kgi_fail(err, KG_ERR_FORMAT,
                        "gate %d of the block: %s acts on %d qubits, not 1 or 2", n, info->name,
                        info->n_qubits);
    }
    const kg_status status = parse_qubits(cursor, info, n, gate, err);
    if (status) {
        return status;
    }
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
    if (next_word(cursor, word)) {
        return kgi_fail(err, KG_ERR_FORMAT, "gate %d of the block: \"%s\" is one word too many", n,
                        word);
    }
    return KG_OK;
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
    while (more(&text, n)) {
        if (n >= max) {
            (void)kgi_fail(err, KG_ERR_FORMAT, "the block has more than %d gates", max);
            return -1;
        }
        if (parse_gate(&text, n + 1, &gates[n], err)) {
            return -1;
        }
        n++;
    }
    return n;
}

/* ---- appending ------------------------------------------------------------------------------ */

static kg_status add_block_gate(kg_circuit *circuit, const kg_block *block,
                                const kgi_block_gate *gate, int n, const int pair[2],
                                int first_param, kg_error *err)
{
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

kg_status kg_circuit_add_block(kg_circuit *circuit, const kg_block *block, const int qubits[2],
                               int first_param, kg_error *err)
{
    const kgi_circuit_mark before = kgi_circuit_get_mark(circuit);
    const char *cursor = block->gates;
    kg_status status = KG_OK;
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
    for (int n = 1; more(&cursor, n - 1) && !status; n++) {
        kgi_block_gate gate;
        status = parse_gate(&cursor, n, &gate, err);
        if (!status) {
            status = add_block_gate(circuit, block, &gate, n, qubits, first_param, err);
        }
        if (status) {
            status = kgi_fail_in(err, status, "block \"%s\": ", block->name);
        }
    }
    if (status) {
        kgi_circuit_rewind(circuit, &before);
        return status;
    }
    circuit->n_blocks++;
    for (int i = before.n_ops; i < circuit->n_ops; i++) {
        circuit->ops[i].block = circuit->n_blocks;
    }
    return KG_OK;
}
