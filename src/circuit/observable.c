/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured: sums of Pauli words, and probabilities. A word is two masks, where X, Y and Z
 * are (x, z) = (1, 0), (1, 1), (0, 1). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "circuit/circuit.h"

enum { MAX_PROBS_QUBITS = 24, MAX_OUTPUTS = 1 << 30 };

kg_status kg_observable_create(kg_observable **out, int n_qubits, kg_error *err)
{
    *out = NULL;
    if (n_qubits < 1 || n_qubits > KG_MAX_QUBITS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_qubits is %d, not in [1, %d]", n_qubits,
                        KG_MAX_QUBITS);
    }
    kg_observable *observable = calloc(1, sizeof *observable);
    if (!observable) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate an observable");
    }
    observable->n_qubits = n_qubits;
    *out = observable;
    return KG_OK;
}

void kg_observable_destroy(kg_observable *observable)
{
    if (!observable) {
        return;
    }
    for (int i = 0; i < observable->n_measured; i++) {
        free(observable->measured[i].words);
    }
    free(observable->measured);
    free(observable);
}

int kg_observable_n_outputs(const kg_observable *observable)
{
    return observable->n_outputs;
}

uint64_t kgi_observable_mask(const kg_observable *observable)
{
    uint64_t mask = 0;
    for (int i = 0; i < observable->n_measured; i++) {
        const kgi_measured *measured = &observable->measured[i];
        for (int j = 0; j < measured->n_words; j++) {
            mask |= measured->words[j].x | measured->words[j].z;
        }
        for (int j = 0; j < measured->m; j++) {
            mask |= (uint64_t)1 << measured->qubits[j];
        }
    }
    return mask;
}

/* ---- words ---------------------------------------------------------------------------------- */

/* Reads a qubit's digits; -1 if there are none, something follows them, or it is out of range. */
static int parse_qubit(const char **cursor, int n_qubits)
{
    const char *c = *cursor;
    int q = *c >= '0' && *c <= '9' ? 0 : -1;
    for (; *c >= '0' && *c <= '9'; c++) {
        q = q < KG_MAX_QUBITS ? 10 * q + (*c - '0') : q;
    }
    *cursor = c;
    return q < n_qubits && (*c == '\0' || *c == ' ') ? q : -1;
}

static kg_status parse_word(const char *text, int n_qubits, kgi_word *word, kg_error *err)
{
    uint64_t seen = 0;
    int n_letters = 0;
    for (const char *c = text; *c;) {
        if (*c == ' ') {
            c++;
            continue;
        }
        const char letter = *c;
        const char *digits = c + 1;
        if (!strchr("IXYZ", letter)) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "word \"%s\": '%c' is not one of the letters I, X, Y, Z", text, letter);
        }
        n_letters++;
        if (letter == 'I' &&
            (*digits == '\0' || *digits == ' ')) { /* the identity needs no qubit */
            c = digits;
            continue;
        }
        const int q = parse_qubit(&digits, n_qubits);
        if (q < 0) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "word \"%s\": %c is not followed by a qubit in [0, %d]", text, letter,
                            n_qubits - 1);
        }
        if (seen >> q & 1) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "word \"%s\": qubit %d is named twice", text, q);
        }
        seen |= (uint64_t)1 << q;
        word->x |= (uint64_t)(letter == 'X' || letter == 'Y') << q;
        word->z |= (uint64_t)(letter == 'Z' || letter == 'Y') << q;
        c = digits;
    }
    if (n_letters == 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "word \"%s\" has no letters; the identity is written I", text);
    }
    return KG_OK;
}

void kgi_word_format(const kgi_word *word, char text[KGI_WORD_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        const int x = (int)(word->x >> q & 1);
        const int z = (int)(word->z >> q & 1);
        if (x || z) {
            used += (size_t)snprintf(text + used, KGI_WORD_SIZE - used, "%s%c%d", used ? " " : "",
                                     x && z ? 'Y' : (x ? 'X' : 'Z'), q);
        }
    }
    if (used == 0) {
        memcpy(text, "I", 2);
    }
}

/* ---- outputs -------------------------------------------------------------------------------- */

static int n_outputs_of(const kgi_measured *measured)
{
    return measured->n_words > 0 ? 1 : 1 << measured->m;
}

/* A new, empty entry at the end of the list; it counts once the caller has filled it. */
static kgi_measured *new_measured(kg_observable *observable)
{
    const size_t n = (size_t)observable->n_measured + 1;
    kgi_measured *larger = realloc(observable->measured, n * sizeof *larger);
    if (!larger) {
        return NULL;
    }
    observable->measured = larger;
    larger[n - 1] = (kgi_measured){0};
    return &larger[n - 1];
}

/* The sum that gives an output which exists already, NULL if it is a probability. */
static kgi_measured *find_sum(kg_observable *observable, int output)
{
    int first = 0;
    kgi_measured *measured = observable->measured;
    while (first + n_outputs_of(measured) <= output) {
        first += n_outputs_of(measured);
        measured++;
    }
    return measured->n_words > 0 ? measured : NULL;
}

static kg_status add_word(kgi_measured *sum, const kgi_word *word, kg_error *err)
{
    for (int i = 0; i < sum->n_words; i++) {
        if (sum->words[i].x == word->x && sum->words[i].z == word->z) {
            sum->words[i].coefficient += word->coefficient;
            return KG_OK;
        }
    }
    kgi_word *larger = realloc(sum->words, ((size_t)sum->n_words + 1) * sizeof *larger);
    if (!larger) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate word %d of an observable",
                        sum->n_words);
    }
    sum->words = larger;
    sum->words[sum->n_words++] = *word;
    return KG_OK;
}

kg_status kg_observable_add(kg_observable *observable, int output, double coefficient,
                            const char *word, kg_error *err)
{
    kgi_word parsed = {.coefficient = coefficient};
    if (output < 0 || output > observable->n_outputs || output >= MAX_OUTPUTS) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "output is %d, not in [0, %d]", output,
                        observable->n_outputs);
    }
    if (!isfinite(coefficient)) {
        return kgi_fail(err, KG_ERR_NUMERIC, "word \"%s\": coefficient is %g, not finite", word,
                        coefficient);
    }
    kg_status status = parse_word(word, observable->n_qubits, &parsed, err);
    if (status) {
        return status;
    }
    const int is_new = output == observable->n_outputs;
    kgi_measured *sum = is_new ? new_measured(observable) : find_sum(observable, output);
    if (!sum && is_new) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate output %d of an observable", output);
    }
    if (!sum) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "output %d is a probability, no word can be added",
                        output);
    }
    status = add_word(sum, &parsed, err);
    if (!status && is_new) {
        observable->n_measured++;
        observable->n_outputs++;
    }
    return status;
}

kg_status kg_observable_add_probs(kg_observable *observable, int m, const int *qubits,
                                  kg_error *err)
{
    const int most =
        observable->n_qubits < MAX_PROBS_QUBITS ? observable->n_qubits : MAX_PROBS_QUBITS;
    uint64_t seen = 0;
    if (m < 1 || m > most) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "probabilities: m is %d, not in [1, %d]", m, most);
    }
    if (observable->n_outputs > MAX_OUTPUTS - (1 << m)) {
        return kgi_fail(err, KG_ERR_MEMORY, "an observable has at most %d outputs", MAX_OUTPUTS);
    }
    for (int i = 0; i < m; i++) {
        if (qubits[i] < 0 || qubits[i] >= observable->n_qubits) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "probabilities: qubit %d is not in [0, %d]",
                            qubits[i], observable->n_qubits - 1);
        }
        if (seen >> qubits[i] & 1) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "probabilities: qubit %d is named twice",
                            qubits[i]);
        }
        seen |= (uint64_t)1 << qubits[i];
    }
    kgi_measured *measured = new_measured(observable);
    if (!measured) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d outputs of an observable", 1 << m);
    }
    measured->m = m;
    memcpy(measured->qubits, qubits, (size_t)m * sizeof *qubits);
    observable->n_measured++;
    observable->n_outputs += 1 << m;
    return KG_OK;
}

kg_status kgi_observable_copy(kg_observable **out, const kg_observable *observable, int n_qubits,
                              kg_error *err)
{
    kg_observable *copy = NULL;
    *out = NULL;
    kg_status status = kg_observable_create(&copy, n_qubits, err);
    for (int i = 0; i < observable->n_measured && !status; i++) {
        const kgi_measured *from = &observable->measured[i];
        const size_t bytes = (size_t)from->n_words * sizeof *from->words;
        kgi_measured *to = new_measured(copy);
        kgi_word *words = to && bytes ? malloc(bytes) : NULL;
        if (!to || (bytes && !words)) {
            status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a copy of an observable");
            break;
        }
        *to = *from;
        to->words = words;
        if (words) {
            memcpy(words, from->words, bytes);
        }
        copy->n_measured++;
        copy->n_outputs += n_outputs_of(to);
    }
    if (status) {
        kg_observable_destroy(copy);
        return status;
    }
    *out = copy;
    return KG_OK;
}
