/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad help: the list of commands, the page of one, or the rows of a table of circuits. */
#include <stddef.h>
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

static void print_gates(FILE *out)
{
    (void)fprintf(out, "gates in files: name, qubits (controls first), angles\n\n");
    for (int gate = 0; gate < KG_GATE_COUNT; gate++) {
        (void)fprintf(out, "  %-6s %d qubit%s, %d angle%s  %s\n", kg_gate_name(gate),
                      kg_gate_n_qubits(gate), kg_gate_n_qubits(gate) == 1 ? " " : "s",
                      kg_gate_n_params(gate), kg_gate_n_params(gate) == 1 ? " " : "s",
                      kg_gate_help(gate));
    }
}

/* ---- layers of models in files --------------------------------------------------------------- */

static void print_layers(FILE *out)
{
    (void)fprintf(out, "layers in files, as {kind: dense, units: 8}; name and from for all\n");
    for (int i = 0; kg_layer_kind_get(i); i++) {
        const kg_option *option = NULL;
        (void)fprintf(out, "\n  %-10s  %s\n", kg_layer_kind_get(i), kg_layer_kind_help(i));
        for (int j = 0; (option = kg_layer_kind_option(i, j)); j++) {
            const char *text = option->default_text;
            (void)fprintf(out, "  %-10s    %-8s %s%s%s%s\n", "", option->name, option->help,
                          text && *text ? " (default " : "", text ? text : "",
                          text && *text ? ")" : "");
        }
    }
}

/* ---- tables of names with a line of help ------------------------------------------------------ */

static void print_names(FILE *out, const char *title, const char *(*get)(int),
                        const char *(*help)(int))
{
    (void)fprintf(out, "%s\n\n", title);
    for (int i = 0; get(i); i++) {
        (void)fprintf(out, "  %-18s%s\n", get(i), help(i));
    }
}

/* What `ketgrad help` lists beside commands: by a function of its own, or names with their help. */
static const struct {
    const char *name;
    void (*print)(FILE *out);
    const char *title;
    const char *(*get)(int);
    const char *(*help)(int);
} topics[] = {
    /* clang-format off */
    {"models", NULL, "models; the first one is meant if none is named", kg_model_kind_get, kg_model_kind_help},
    {"ansatz", print_ansaetze, NULL, NULL, NULL},
    {"pooling", print_poolings, NULL, NULL, NULL},
    {"wiring", print_wirings, NULL, NULL, NULL},
    {"encoding", print_encodings, NULL, NULL, NULL},
    {"gates", print_gates, NULL, NULL, NULL},
    {"layers", print_layers, NULL, NULL, NULL},
    {"loss", NULL, "--loss: what is minimised", kg_loss_get, kg_loss_help},
    {"compat", NULL, "--compat: published quirks", kg_compat_get, kg_compat_help},
    {"optimizer", NULL, "--optimizer: how a gradient becomes a step", kg_optimizer_get, kg_optimizer_help},
    {"schedule", NULL, "--schedule: of the step size", kg_schedule_get, kg_schedule_help},
    {"init", NULL, "--init: parameters before the first step", kg_init_get, kg_init_help},
    {"metrics", NULL, "metrics of test rows", kg_metric_get, kg_metric_help},
    /* clang-format on */
};

/* ---- the command ----------------------------------------------------------------------------- */

static struct {
    int man;
    int completion;
} args;

static const char *shell_name(int i)
{
    static const char *const names[] = {"none", "bash", "zsh"};
    return i >= 0 && i < 3 ? names[i] : NULL;
}

static const kg_option_table *help_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"man", 'b', offsetof(__typeof__(args), man), 0, 1, "false", "the page as a manual page (roff), of the program without COMMAND", NULL},
        {"completion", 'e', offsetof(__typeof__(args), completion), 0, 0, "none", "a script that completes words for a shell", shell_name},
        /* clang-format on */
    };
    static const kg_option_table table = {"help", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

static int run_help(int n_arguments, char **arguments, kg_error *err)
{
    if (args.completion) {
        cli_print_completion(cli_results(), shell_name(args.completion));
        return KG_OK;
    }
    if (!n_arguments && args.man) {
        cli_print_manual(cli_results(), NULL);
        return KG_OK;
    }
    if (!n_arguments) {
        cli_print_overview(cli_results());
        return KG_OK;
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics && !args.man; i++) {
        if (strcmp(arguments[0], topics[i].name) == 0) {
            if (topics[i].print) {
                topics[i].print(cli_results());
            } else {
                print_names(cli_results(), topics[i].title, topics[i].get, topics[i].help);
            }
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
    if (args.man) {
        cli_print_manual(cli_results(), command);
    } else {
        cli_print_help(cli_results(), command);
    }
    return KG_OK;
}

static const cli_part parts[] = {{help_table, &args}};

const cli_command cli_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .help = "Lists the commands, or shows the page of one.",
    .details =
        "ketgrad help models, ansatz, pooling, wiring, encoding, gates, layers, loss, compat,\n"
        "optimizer, schedule, init and metrics list what there is.\n",
    .examples = {"ketgrad help train", "ketgrad help pooling"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_help,
};
