/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits of a definition: blocks, gates with slots, repetitions.
 *
 *   main:
 *     qubits: 4
 *     blocks: {mine: "ry a 0; cx a b"}       own blocks, as the table has them
 *     ops:
 *       - encode: angle                      an encoding of the table
 *       - ry 0 p0; cx 0 1; rz 1 2*x0+pi/2    gates: name, qubits, angles
 *       - ry * p                             on every qubit, each with the next new parameter
 *       - {block: su4, on: [[0, 1], [2, 3]]} one set of parameters, in two places
 *       - {repeat: 3, ops: [...]}            new parameters each time, where p has no number
 *       - {layer: readout}                   a name for drawings
 *     measure: Z0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/circuit.h"
#include "model/angle.h"
#include "model/defined_circuit.h"

enum { MAX_NAMES = 128 };

typedef kgi_circuit_reader reader;

kg_status kgi_defined_fail(const kgi_yaml_node *node, kg_status status, const kg_error *said,
                           kg_error *err)
{
    return status == KG_ERR_MEMORY ? kgi_fail(err, status, "%s", said->message)
                                   : kgi_yaml_fail(node, err, "%s", said->message);
}

kg_status kgi_defined_unknown(const kgi_yaml_node *node, const char *what, const char *text,
                              const char *const *names, int n, kg_error *err)
{
    char list[160] = "";
    const char *nearest = kg_name_nearest(text, names, n);
    if (nearest) {
        return kgi_yaml_fail(node, err, "%s is \"%.40s\", did you mean \"%s\"?", what, text,
                             nearest);
    }
    size_t used = 0;
    for (int i = 0; i < n && used + strlen(names[i]) + 8 < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    return kgi_yaml_fail(node, err, "%s is \"%.40s\", not one of: %s", what, text, list);
}

/* ---- encodings ------------------------------------------------------------------------------------- */

/* A list of qubits, all if there is none. */
static kg_status read_qubits(const reader *r, const kgi_yaml_node *list, int qubits[KG_MAX_QUBITS],
                             int *n, kg_error *err)
{
    *n = r->n_qubits;
    for (int q = 0; q < r->n_qubits; q++) {
        qubits[q] = q;
    }
    if (!list) {
        return KG_OK;
    }
    kg_status status = kgi_yaml_check_kind(list, KGI_YAML_LIST, "on", err);
    if (!status && (list->n < 1 || list->n > r->n_qubits)) {
        status = kgi_yaml_fail(list, err, "on has %d qubits, not 1 to %d", list->n, r->n_qubits);
    }
    *n = 0;
    const kgi_yaml_node *item = !status ? list->first : NULL;
    for (; item && !status; item = item->next) {
        status = kgi_yaml_int(item, "qubit", 0, r->n_qubits - 1, &qubits[(*n)++], err);
    }
    return status;
}

static kg_status append_encoding(reader *r, const kgi_yaml_node *node, const kg_encoding *encoding,
                                 int n, const int *qubits, int first_input, kg_error *err)
{
    kg_circuit *part = NULL;
    kg_error said = {0};
    int arrangement = 1;
    const kgi_yaml_node *given = kgi_yaml_get(node, "arrangement");
    kg_status status = given ? kgi_yaml_int(given, "arrangement", 1, 64, &arrangement, err) : KG_OK;
    if (status) {
        return status;
    }
    status = kg_circuit_create(&part, n, &said);
    if (!status) {
        status = kg_circuit_add_arranged(part, encoding, arrangement, &said);
    }
    if (!status) {
        status = kg_circuit_append(r->circuit, part, qubits, 0, first_input, &said);
    }
    if (!status) {
        status = kg_circuit_begin_layer(r->circuit, "gates", &said);
    }
    const int end = first_input + (status ? 0 : kg_circuit_n_inputs(part));
    r->n_inputs = end > r->n_inputs ? end : r->n_inputs;
    kg_circuit_destroy(part);
    return status ? kgi_defined_fail(node, status, &said, err) : KG_OK;
}

static kg_status add_encoding(reader *r, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"encode", "on", "inputs", "arrangement"};
    const kgi_yaml_node *name = kgi_yaml_get(node, "encode");
    const kgi_yaml_node *inputs = kgi_yaml_get(node, "inputs");
    const char *text = NULL;
    int qubits[KG_MAX_QUBITS];
    int n = 0, first_input = 0;
    kg_status status = kgi_yaml_check_keys(node, "encoding", keys, 4, sizeof *keys, err);
    if (!status) {
        status = kgi_yaml_text(name, "encode", &text, err);
    }
    if (!status && !kg_encoding_find(text)) {
        const char *names[MAX_NAMES];
        int n_names = 0;
        for (; n_names < MAX_NAMES && kg_encoding_get(n_names); n_names++) {
            names[n_names] = kg_encoding_name(kg_encoding_get(n_names));
        }
        status = kgi_defined_unknown(name, "encode", text, names, n_names, err);
    }
    if (!status) {
        status = read_qubits(r, kgi_yaml_get(node, "on"), qubits, &n, err);
    }
    if (!status && inputs) {
        status = kgi_yaml_int(inputs, "inputs", 0, KGI_MAX_ANGLE_INDEX, &first_input, err);
    }
    return status ? status
                  : append_encoding(r, node, kg_encoding_find(text), n, qubits, first_input, err);
}

/* ---- blocks ---------------------------------------------------------------------------------------- */

static kg_status find_block(const reader *r, const kgi_yaml_node *node, const kg_block **block,
                            kg_error *err)
{
    const char *names[MAX_NAMES];
    const char *text = NULL;
    int n = 0;
    const kg_status status = kgi_yaml_text(node, "block", &text, err);
    if (status) {
        return status;
    }
    for (int i = 0; i < r->n_blocks; i++) {
        names[n++] = r->blocks[i].name;
        if (strcmp(r->blocks[i].name, text) == 0) {
            *block = &r->blocks[i];
            return KG_OK;
        }
    }
    *block = kg_ansatz_find(text) ? kg_ansatz_find(text) : kg_pooling_find(text);
    for (int i = 0; n < MAX_NAMES && kg_ansatz_get(i); i++) {
        names[n++] = kg_ansatz_get(i)->name;
    }
    for (int i = 0; n < MAX_NAMES && kg_pooling_get(i); i++) {
        names[n++] = kg_pooling_get(i)->name;
    }
    return *block ? KG_OK : kgi_defined_unknown(node, "block", text, names, n, err);
}

/* Adds the block once. */
static kg_status add_pair(reader *r, const kgi_yaml_node *node, const kg_block *block,
                          const int pair[2], int first_param, kg_error *err)
{
    kg_error said = {0};
    kg_status status = kgi_defined_count(r, node, err);
    if (!status && kg_circuit_add_block(r->circuit, block, pair, first_param, &said)) {
        status = kgi_defined_fail(node, said.status, &said, err);
    }
    const int end = first_param + block->n_params;
    r->n_params = end > r->n_params ? end : r->n_params;
    return status;
}

/* Pair i of `on`; 0 past the last. Neighbours for "chain" and "ring", a pair, or a list of pairs. */
static int next_pair(const reader *r, const kgi_yaml_node *on, int i, const kgi_yaml_node **item,
                     int pair[2])
{
    if (on->kind == KGI_YAML_SCALAR) {
        const int is_ring = strcmp(on->text, "ring") == 0 && r->n_qubits > 2;
        pair[0] = i;
        pair[1] = (i + 1) % r->n_qubits;
        *item = NULL;
        return i < r->n_qubits - (is_ring ? 0 : 1);
    }
    const int is_one = on->first && on->first->kind == KGI_YAML_SCALAR;
    *item = is_one ? on : i == 0 ? on->first : (*item)->next;
    return is_one ? i == 0 : *item != NULL;
}

static kg_status read_pair(const reader *r, const kgi_yaml_node *item, int pair[2], kg_error *err)
{
    kg_status status = kgi_yaml_check_kind(item, KGI_YAML_LIST, "a pair of on", err);
    if (!status && item->n != 2) {
        status = kgi_yaml_fail(item, err, "a pair of on has %d qubits, not 2", item->n);
    }
    if (!status) {
        status = kgi_yaml_int(item->first, "qubit", 0, r->n_qubits - 1, &pair[0], err);
    }
    return status ? status
                  : kgi_yaml_int(item->first->next, "qubit", 0, r->n_qubits - 1, &pair[1], err);
}

static kg_status check_on(const kgi_yaml_node *node, const kgi_yaml_node *on, kg_error *err)
{
    if (!on) {
        return kgi_yaml_fail(node, err, "a block needs on: a pair of qubits, pairs, chain or ring");
    }
    if (on->kind == KGI_YAML_MAP || (on->kind == KGI_YAML_LIST && !on->first) ||
        (on->kind == KGI_YAML_SCALAR && strcmp(on->text, "chain") != 0 &&
         strcmp(on->text, "ring") != 0)) {
        return kgi_yaml_fail(on, err, "on is \"%.40s\", not a pair of qubits, pairs, chain or ring",
                             on->text);
    }
    return KG_OK;
}

/* One set of parameters in all places, or with share: false one for each. */
static kg_status add_block(reader *r, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"block", "on", "params", "share"};
    const kgi_yaml_node *on = kgi_yaml_get(node, "on"), *item = NULL;
    const kgi_yaml_node *params = kgi_yaml_get(node, "params");
    const kgi_yaml_node *share = kgi_yaml_get(node, "share");
    const kg_block *block = NULL;
    int first = r->n_params, is_shared = 1, pair[2];
    kg_status status = kgi_yaml_check_keys(node, "block", keys, 4, sizeof *keys, err);
    if (!status) {
        status = find_block(r, kgi_yaml_get(node, "block"), &block, err);
    }
    if (!status) {
        status = check_on(node, on, err);
    }
    if (!status && params) {
        status = kgi_yaml_int(params, "params", 0, KGI_MAX_ANGLE_INDEX, &first, err);
    }
    if (!status && share) {
        status = kgi_yaml_bool(share, "share", &is_shared, err);
    }
    for (int i = 0; !status && next_pair(r, on, i, &item, pair); i++) {
        status = item ? read_pair(r, item, pair, err) : KG_OK;
        if (!status) {
            status = add_pair(r, item ? item : node, block, pair, first, err);
        }
        first += is_shared ? 0 : block->n_params;
    }
    return status;
}

/* Own blocks; how many parameters one has is found by adding it to a circuit of its own. */
static kg_status read_blocks(reader *r, const kgi_yaml_node *map, kg_error *err)
{
    kg_status status = map ? kgi_yaml_check_kind(map, KGI_YAML_MAP, "blocks", err) : KG_OK;
    if (!status && map && map->n > KGI_MAX_DEFINED_BLOCKS) {
        status = kgi_yaml_fail(map, err, "blocks has %d rows, not at most %d", map->n,
                               KGI_MAX_DEFINED_BLOCKS);
    }
    const kgi_yaml_node *item = map && !status ? map->first : NULL;
    for (; item && !status; item = item->next) {
        const int pair[] = {0, 1};
        kg_block block = {item->key, "", KGI_MAX_ANGLE_INDEX, NULL, ""};
        kg_circuit *scratch = NULL;
        kg_error said = {0};
        status = kgi_yaml_text(item, item->key, &block.gates, err);
        if (!status && (kg_ansatz_find(item->key) || kg_pooling_find(item->key))) {
            status = kgi_yaml_fail_key(item, err, "block \"%s\" is there already", item->key);
        }
        if (!status && (kg_circuit_create(&scratch, 2, &said) ||
                        kg_circuit_add_block(scratch, &block, pair, 0, &said))) {
            status = kgi_defined_fail(item, said.status, &said, err);
        }
        block.n_params = status ? 0 : kg_circuit_n_params(scratch);
        kg_circuit_destroy(scratch);
        r->blocks[r->n_blocks++] = block;
    }
    return status;
}

/* ---- the list of operations ------------------------------------------------------------------------ */

static kg_status add_ops(reader *r, const kgi_yaml_node *list, kg_error *err);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the file is nested, which YAML limits */
static kg_status add_repeated(reader *r, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"repeat", "ops"};
    const kgi_yaml_node *ops = kgi_yaml_get(node, "ops");
    int times = 0;
    kg_status status = kgi_yaml_check_keys(node, "repetition", keys, 2, sizeof *keys, err);
    if (!status) {
        status = kgi_yaml_int(kgi_yaml_get(node, "repeat"), "repeat", 1, 10000, &times, err);
    }
    if (!status && !ops) {
        status = kgi_yaml_fail(node, err, "a repetition needs ops: a list");
    }
    for (int i = 0; i < times && !status; i++) {
        status = kgi_defined_count(r, node, err);
        status = status ? status : add_ops(r, ops, err);
    }
    return status;
}

static kg_status add_layer_name(reader *r, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"layer"};
    const char *name = NULL;
    kg_error said = {0};
    kg_status status = kgi_yaml_check_keys(node, "layer", keys, 1, sizeof *keys, err);
    if (!status) {
        status = kgi_yaml_text(kgi_yaml_get(node, "layer"), "layer", &name, err);
    }
    if (!status && kg_circuit_begin_layer(r->circuit, name, &said)) {
        status = kgi_defined_fail(node, said.status, &said, err);
    }
    return status;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static kg_status add_op(reader *r, const kgi_yaml_node *node, kg_error *err)
{
    static const struct {
        const char *key;
        kg_status (*add)(reader *r, const kgi_yaml_node *node, kg_error *err);
    } kinds[] = {{"encode", add_encoding},
                 {"block", add_block},
                 {"repeat", add_repeated},
                 {"layer", add_layer_name}};
    if (node->kind == KGI_YAML_SCALAR) {
        return kgi_defined_gates_read(r, node, err);
    }
    kg_status status = kgi_yaml_check_kind(node, KGI_YAML_MAP, "an operation", err);
    if (!status) {
        status = kgi_defined_count(r, node, err);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !status; i++) {
        if (kgi_yaml_get(node, kinds[i].key)) {
            return kinds[i].add(r, node, err);
        }
    }
    return status ? status
                  : kgi_yaml_fail(node, err,
                                  "an operation is a gate such as \"ry 0 p0\", or a map with "
                                  "encode, block, repeat or layer");
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static kg_status add_ops(reader *r, const kgi_yaml_node *list, kg_error *err)
{
    kg_status status = kgi_yaml_check_kind(list, KGI_YAML_LIST, "ops", err);
    const kgi_yaml_node *item = !status ? list->first : NULL;
    for (; item && !status; item = item->next) {
        status = add_op(r, item, err);
    }
    return status;
}

/* A parameter that no gate uses would be trained for nothing: its number is a slip. */
static kg_status check_params(const kgi_defined_circuit *c, kg_error *err)
{
    const int n = kg_circuit_n_params(c->circuit);
    unsigned char *used = calloc((size_t)n + 1, 1);
    int missing = 0;
    if (!used) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the parameters of a circuit");
    }
    for (int i = 0; i < c->circuit->n_pool_slots; i++) {
        if (c->circuit->slots[i].kind == KG_SLOT_PARAM) {
            used[c->circuit->slots[i].index] = 1;
        }
    }
    while (missing < n && used[missing]) {
        missing++;
    }
    free(used);
    return missing == n ? KG_OK
                        : kgi_yaml_fail(c->node, err, "circuit \"%s\" uses p%d, but not p%d",
                                        c->name, n - 1, missing);
}

static int has_amplitudes(const kg_circuit *circuit)
{
    for (int i = 0; i < circuit->n_ops; i++) {
        if (circuit->ops[i].kind == KGI_OP_AMPLITUDES) {
            return 1;
        }
    }
    return 0;
}

kg_status kgi_defined_circuit_read(kgi_defined_circuit *c, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"qubits", "blocks", "ops", "measure"};
    const kgi_yaml_node *ops = NULL, *measure = NULL;
    reader r = {0};
    kg_status status = kgi_yaml_check_kind(node, KGI_YAML_MAP, "a circuit", err);
    c->node = node;
    if (!status) {
        status = kgi_yaml_check_keys(node, "circuit", keys, 4, sizeof *keys, err);
    }
    for (int i = 0; i < 4 && !status; i++) {
        if (i != 1 && !kgi_yaml_get(node, keys[i])) { /* blocks may be missing */
            status = kgi_yaml_fail(node, err, "circuit \"%s\" has no %s", c->name, keys[i]);
        }
    }
    ops = kgi_yaml_get(node, "ops");
    measure = kgi_yaml_get(node, "measure");
    if (!status) {
        status = kgi_yaml_int(kgi_yaml_get(node, "qubits"), "qubits", 1, KGI_MAX_DEFINED_QUBITS,
                              &r.n_qubits, err);
    }
    if (!status) {
        status = kg_circuit_create(&c->circuit, r.n_qubits, err);
        r.circuit = c->circuit;
    }
    if (!status) {
        status = read_blocks(&r, kgi_yaml_get(node, "blocks"), err);
    }
    if (!status) {
        status = add_ops(&r, ops, err);
    }
    if (!status) {
        c->has_amplitudes = has_amplitudes(c->circuit);
        status = check_params(c, err);
    }
    return status ? status : kgi_defined_measure_read(c, measure, err);
}

void kgi_defined_circuit_clear(kgi_defined_circuit *c)
{
    kg_circuit_destroy(c->circuit);
    kg_observable_destroy(c->observable);
    free(c->outputs);
}
