/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling a circuit and what to measure into a program. */
#include "compile/program.h"

#include <stdlib.h>

#include "base/status.h"
#include "compile/arrange.h"

/* Adds the operators of one output made of Pauli words: the identity is an offset. */
static kg_status add_words(kgi_program *program, const kgi_measured *measured, int output,
                           kg_error *err)
{
    kgi_operator *op = &program->operators[program->n_operators];
    op->words = malloc((size_t)measured->n_words * sizeof *op->words);
    if (!op->words) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d Pauli words", measured->n_words);
    }
    op->n_words = 0;
    for (int w = 0; w < measured->n_words; w++) {
        if (measured->words[w].x | measured->words[w].z) {
            op->words[op->n_words++] = measured->words[w];
        } else {
            program->outputs[output].offset += measured->words[w].coefficient;
        }
    }
    if (op->n_words == 0) {
        free(op->words);
        op->words = NULL;
        return KG_OK;
    }
    op->first_value = program->n_values;
    program->outputs[output].value = program->n_values++;
    program->outputs[output].factor = 1.0;
    program->n_operators++;
    return KG_OK;
}

/* Probabilities of one qubit are (1 +- Z) / 2, one operator for both; of more qubits an operator with
 * 2^m values. */
static kg_status add_probs(kgi_program *program, const kgi_measured *measured, int output,
                           kg_error *err)
{
    kgi_operator *op = &program->operators[program->n_operators];
    kgi_output *outputs = program->outputs + output;
    op->first_value = program->n_values;
    if (measured->m == 1) {
        op->words = malloc(sizeof *op->words);
        if (!op->words) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a Pauli word");
        }
        op->n_words = 1;
        op->words[0] = (kgi_word){0, (uint64_t)1 << measured->qubits[0], 1.0};
        outputs[0] = (kgi_output){program->n_values, 0.5, 0.5};
        outputs[1] = (kgi_output){program->n_values, -0.5, 0.5};
        program->n_values++;
    } else {
        op->m = measured->m;
        for (int k = 0; k < measured->m; k++) {
            op->bits[k] = measured->qubits[k];
        }
        for (int v = 0; v < 1 << measured->m; v++) {
            outputs[v] = (kgi_output){program->n_values++, 1.0, 0.0};
        }
    }
    program->n_operators++;
    return KG_OK;
}

/* Operators on circuit qubits, and how outputs follow from their values. */
static kg_status add_operators(kgi_program *program, const kg_observable *observable, kg_error *err)
{
    program->n_outputs = observable->n_outputs;
    program->operators = calloc((size_t)observable->n_measured, sizeof *program->operators);
    program->outputs = calloc((size_t)observable->n_outputs, sizeof *program->outputs);
    if (!program->operators || !program->outputs) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d outputs", observable->n_outputs);
    }
    for (int o = 0; o < program->n_outputs; o++) {
        program->outputs[o].value = -1;
    }
    int output = 0;
    for (int i = 0; i < observable->n_measured; i++) {
        const kgi_measured *measured = &observable->measured[i];
        const kg_status status = measured->n_words ? add_words(program, measured, output, err)
                                                   : add_probs(program, measured, output, err);
        if (status) {
            return status;
        }
        output += measured->n_words ? 1 : 1 << measured->m;
    }
    return KG_OK;
}

kg_status kgi_program_create(kgi_program **out, const kg_circuit *circuit,
                             const kg_observable *observable, int batch_hint, int fuse,
                             kg_error *err)
{
    *out = NULL;
    kgi_gate_list list = {0};
    kgi_program *program = calloc(1, sizeof *program);
    if (!program) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a program");
    }
    program->n_params = circuit->n_params;
    program->n_inputs = circuit->n_inputs;
    kg_status status = kgi_lower(&list, circuit, err);
    if (!status) {
        status = add_operators(program, observable, err);
    }
    if (!status) {
        const uint64_t measured = kgi_observable_mask(observable);
        status = kgi_fuse(&program->fused, program, &list, circuit->n_qubits,
                          measured ? measured : 1, fuse, err);
        program->fused.amplitudes = list.amplitudes; /* from here on the program's */
        program->fused.n_amplitudes = list.n_amplitudes;
        list.amplitudes = NULL;
    }
    if (!status) {
        program->n_active = __builtin_popcountll(program->fused.active);
        if (program->n_active > KGI_MAX_REGISTER) {
            status = kgi_fail(err, KG_ERR_UNSUPPORTED,
                              "%d qubits lie inside the light cone, engines take up to %d",
                              program->n_active, KGI_MAX_REGISTER);
        }
    }
    if (!status) {
        status = kgi_arrange(program, batch_hint, fuse, err);
    }
    kgi_gate_list_clear(&list);
    if (status) {
        kgi_program_destroy(program);
        return status;
    }
    *out = program;
    return KG_OK;
}

static void destroy_operators(kgi_operator *operators, int n)
{
    for (int i = 0; operators && i < n; i++) {
        free(operators[i].words);
    }
    free(operators);
}

void kgi_program_destroy(kgi_program *program)
{
    if (!program) {
        return;
    }
    destroy_operators(program->operators, program->n_operators);
    destroy_operators(program->tail.operators, program->n_operators);
    free(program->tail.steps);
    free(program->fused.blocks);
    free(program->fused.amplitudes);
    free(program->outputs);
    free(program->uses);
    free(program->units);
    free(program->registers);
    free(program->steps);
    free(program);
}
