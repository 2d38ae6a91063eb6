/* SPDX-License-Identifier: Apache-2.0 */
/* What a circuit of a definition measures:
 *
 *   measure: Z0                             one expectation value
 *   measure: [Z0, Z1 Z2, 0.5*Z0 - X1]       several; a sum of Pauli words is one output
 *   measure: Z*                             one for each qubit
 *   measure: {probs: [0, 1]}                the probabilities of the values of these qubits */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "model/definition.h"

enum { MAX_PROBS = 10, WORD_BYTES = 384 };

/* Room for one more output, with its name. */
static kg_status name_output(kgi_defined_circuit *c, const kgi_yaml_node *node, const char *name,
                             kg_error *err)
{
    if (c->n_outputs == KGI_MAX_DEFINED_OUTPUTS) {
        return kgi_yaml_fail(node, err, "circuit \"%s\" measures more than %d numbers", c->name,
                             KGI_MAX_DEFINED_OUTPUTS);
    }
    if (!c->outputs) {
        c->outputs = calloc(KGI_MAX_DEFINED_OUTPUTS, sizeof *c->outputs);
    }
    if (!c->outputs) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the outputs of a circuit");
    }
    (void)snprintf(c->outputs[c->n_outputs++], KGI_OUTPUT_NAME, "%s", name);
    return KG_OK;
}

/* Reads "0.5*" or "2 *" at the beginning of a term; 1 if there is no number. */
static const char *read_coefficient(const char **text, double *coefficient)
{
    const size_t n = strspn(*text, "0123456789.eE");
    *coefficient = 1.0;
    if (!n) {
        return NULL;
    }
    const char *wrong = kgi_number_parse(*text, n, coefficient);
    *text += n;
    *text += strspn(*text, " ");
    if (!wrong && **text != '*') {
        return "has a number without * behind it";
    }
    *text += **text == '*';
    *text += strspn(*text, " ");
    return wrong;
}

/* One output: a sum of terms, each a coefficient and a Pauli word. */
static kg_status add_sum(kgi_defined_circuit *c, const kgi_yaml_node *node, const char *text,
                         kg_error *err)
{
    char name[KGI_OUTPUT_NAME];
    const int output = c->n_outputs;
    (void)snprintf(name, sizeof name, "<%.28s>", text);
    kg_status status = name_output(c, node, name, err);
    text += strspn(text, " ");
    for (int first = 1; (first || *text) && !status; first = 0) {
        char word[WORD_BYTES];
        double sign = 1.0, coefficient = 1.0;
        kg_error said = {0};
        if (*text == '+' || *text == '-') {
            sign = *text == '-' ? -1.0 : 1.0;
            text += 1 + strspn(text + 1, " ");
        }
        const char *wrong = read_coefficient(&text, &coefficient);
        const size_t length = strcspn(text, "+-");
        if (wrong || length >= sizeof word) {
            return kgi_yaml_fail(node, err, "\"%.60s\" %s", node->text,
                                 wrong ? wrong : "is too long");
        }
        memcpy(word, text, length);
        word[length] = '\0';
        text += length;
        status = kg_observable_add(c->observable, output, sign * coefficient, word, &said);
        if (status) {
            status = kgi_defined_fail(node, status, &said, err);
        }
    }
    return status;
}

static kg_status add_text(kgi_defined_circuit *c, const kgi_yaml_node *node, kg_error *err)
{
    const char *text = NULL;
    kg_status status = kgi_yaml_text(node, "measure", &text, err);
    if (status || strlen(text) != 2 || text[1] != '*') {
        return status ? status : add_sum(c, node, text, err);
    }
    for (int q = 0; q < kg_circuit_n_qubits(c->circuit) && !status; q++) {
        char word[16];
        (void)snprintf(word, sizeof word, "%c%d", text[0], q);
        status = add_sum(c, node, word, err);
    }
    return status;
}

static kg_status add_probs(kgi_defined_circuit *c, const kgi_yaml_node *node, kg_error *err)
{
    static const char *const keys[] = {"probs"};
    const kgi_yaml_node *list = kgi_yaml_get(node, "probs");
    int qubits[MAX_PROBS];
    int n = 0;
    kg_error said = {0};
    kg_status status = kgi_yaml_check_keys(node, "measure", keys, 1, sizeof *keys, err);
    if (!status && !list) {
        status = kgi_yaml_fail(node, err, "measure has no key probs: a list of qubits");
    }
    if (!status) {
        status = kgi_yaml_check_kind(list, KGI_YAML_LIST, "probs", err);
    }
    if (!status && (list->n < 1 || list->n > MAX_PROBS)) {
        status = kgi_yaml_fail(list, err, "probs has %d qubits, not 1 to %d", list->n, MAX_PROBS);
    }
    const kgi_yaml_node *item = !status ? list->first : NULL;
    for (; item && !status; item = item->next) {
        status =
            kgi_yaml_int(item, "qubit", 0, kg_circuit_n_qubits(c->circuit) - 1, &qubits[n++], err);
    }
    if (!status && kg_observable_add_probs(c->observable, n, qubits, &said)) {
        status = kgi_defined_fail(list, said.status, &said, err);
    }
    for (int i = 0; i < 1 << n && !status; i++) {
        char name[KGI_OUTPUT_NAME];
        (void)snprintf(name, sizeof name, "p(%d)", i);
        status = name_output(c, node, name, err);
    }
    c->is_probs = 1;
    return status;
}

kg_status kgi_defined_measure_read(kgi_defined_circuit *c, const kgi_yaml_node *node, kg_error *err)
{
    kg_status status = kg_observable_create(&c->observable, kg_circuit_n_qubits(c->circuit), err);
    if (status) {
        return status;
    }
    if (node->kind == KGI_YAML_MAP) {
        return add_probs(c, node, err);
    }
    if (node->kind == KGI_YAML_SCALAR) {
        return add_text(c, node, err);
    }
    if (!node->first) {
        return kgi_yaml_fail(node, err, "circuit \"%s\" measures nothing", c->name);
    }
    for (const kgi_yaml_node *item = node->first; item && !status; item = item->next) {
        status = add_text(c, item, err);
    }
    return status;
}
