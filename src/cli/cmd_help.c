/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad help: the list of commands, the page of one, or the rows of a table of circuits. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* ---- tables of circuits ---------------------------------------------------------------------- */

static void print_blocks(FILE *out, const kg_block *(*get)(int))
{
    const kg_block *block = NULL;
    for (int i = 0; (block = get(i)); i++) {
        (void)fprintf(out, "\n  %-16s  %s (%d parameter%s; %s)\n", block->name, block->help,
                      block->n_params, block->n_params == 1 ? "" : "s", block->paper);
        if (*block->gates) {
            (void)fprintf(out, "  %-16s  %s\n", "", block->gates);
        }
    }
}

static void print_ansaetze(FILE *out)
{
    (void)fprintf(out, "--ansatz: what convolves two qubits a and b; numbers are parameters\n");
    print_blocks(out, kg_ansatz_get);
}

static void print_poolings(FILE *out)
{
    (void)fprintf(out, "--pooling: how qubit a is discarded and b kept; numbers are parameters\n");
    print_blocks(out, kg_pooling_get);
}

static void print_wirings(FILE *out)
{
    const kg_wiring *wiring = NULL;
    (void)fprintf(out, "--wiring: which pairs of qubits are convolved and pooled\n\n");
    for (int i = 0; (wiring = kg_wiring_get(i)); i++) {
        (void)fprintf(out, "  %-16s  %s\n", kg_wiring_name(wiring), kg_wiring_help(wiring));
    }
}

static void print_encodings(FILE *out)
{
    const kg_encoding *encoding = NULL;
    (void)fprintf(out, "--encoding: how features enter n qubits\n\n");
    for (int i = 0; (encoding = kg_encoding_get(i)); i++) {
        (void)fprintf(out, "  %-16s  %s 8 qubits take %d%s.\n", kg_encoding_name(encoding),
                      kg_encoding_help(encoding), kg_encoding_n_inputs(encoding, 8),
                      kg_encoding_n_arrangements(encoding, 8) > 1 ? " in 4 arrangements" : "");
    }
}

static const struct {
    const char *name;
    void (*print)(FILE *out);
} topics[] = {{"ansatz", print_ansaetze},
              {"pooling", print_poolings},
              {"wiring", print_wirings},
              {"encoding", print_encodings}};

/* ---- the command ----------------------------------------------------------------------------- */

static int run_help(int n_arguments, char **arguments, kg_error *err)
{
    if (!n_arguments) {
        cli_print_overview(cli_results());
        return KG_OK;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        if (strcmp(arguments[0], topics[i].name) == 0) {
            topics[i].print(cli_results());
            return KG_OK;
        }
    }
    const cli_command *command = cli_command_find(arguments[0]);
    if (!command) {
        const char *nearest = cli_command_nearest(arguments[0]);
        return (int)cli_fail(err, KG_ERR_ARGUMENT, "no command %.60s%s%s%s See: ketgrad help",
                             arguments[0], nearest ? ", did you mean " : ".",
                             nearest ? nearest : "", nearest ? "?" : "");
    }
    cli_print_help(cli_results(), command);
    return KG_OK;
}

const cli_command cli_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .help = "Lists the commands, or shows the page of one.",
    .details = "ketgrad help ansatz, pooling, wiring and encoding list what there is, with gates "
               "and sizes.\n",
    .examples = {"ketgrad help train", "ketgrad help pooling"},
    .max_arguments = 1,
    .run = run_help,
};
