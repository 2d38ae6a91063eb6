/* SPDX-License-Identifier: Apache-2.0 */
/* Help pages, made from the option tables: no page is written by hand, so none can be out of date. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { NAME_COLUMN = 30 };

const char *cli_option_value(const kg_option *row)
{
    switch (row->type) {
    case KG_OPTION_FLAG:
        return "";
    case KG_OPTION_INT:
    case KG_OPTION_SEED:
        return " N";
    case KG_OPTION_BYTES:
        return " BYTES";
    case KG_OPTION_DOUBLE:
        return " X";
    default:
        return row->names ? " NAME" : row->type == KG_OPTION_PATH ? " PATH" : " TEXT";
    }
}

const char *cli_option_short(const kg_option *row)
{
    return !strcmp(row->name, "out")       ? "-o, "
           : !strcmp(row->name, "quiet")   ? "-q, "
           : !strcmp(row->name, "verbose") ? "-v, "
           : !strcmp(row->name, "help")    ? "-h, "
                                           : "";
}

const char *cli_option_default(const kg_option *row)
{
    if (row->type == KG_OPTION_FLAG) {
        return row->default_text &&
                       (!strcmp(row->default_text, "true") || *row->default_text == '1')
                   ? "on"
                   : "off";
    }
    return row->default_text ? row->default_text : "none";
}

void cli_option_flag(const kg_option *row, char flag[CLI_FLAG_SIZE])
{
    const int is_on = row->type == KG_OPTION_FLAG && !strcmp(cli_option_default(row), "on");
    (void)snprintf(flag, CLI_FLAG_SIZE, "--%s%s", is_on ? "no-" : "", row->name);
    for (char *c = flag; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}

void cli_option_help(FILE *out, const kg_option *row)
{
    const int is_on = row->type == KG_OPTION_FLAG && !strcmp(cli_option_default(row), "on");
    (void)fprintf(out, "%s%s", is_on ? "leave out: " : "", row->help);
    if (row->names) {
        for (int i = 0; row->names(i); i++) {
            (void)fprintf(out, "%s%s", i ? ", " : ": ", row->names(i));
        }
    } else if (row->type == KG_OPTION_DOUBLE ||
               (row->type == KG_OPTION_INT && row->hi < 1000000000)) {
        (void)fprintf(out, ", %g .. %.15g", row->lo, row->hi);
    }
    (void)fprintf(out, "; default %s", cli_option_default(row));
}

/* "  --lr X    step size of the optimizer, 1e-12 .. 10; default 0.01" */
static void print_row(FILE *out, const kg_option *row, const char *out_word)
{
    char flag[CLI_FLAG_SIZE];
    char left[2 * CLI_FLAG_SIZE];
    const int is_out = !strcmp(row->name, "out");
    cli_option_flag(row, flag);
    (void)snprintf(left, sizeof left, "  %s%s%s", cli_option_short(row), flag,
                   is_out ? out_word : cli_option_value(row));
    (void)fprintf(out, "%-*s  ", NAME_COLUMN, left);
    cli_option_help(out, row);
    (void)fputc('\n', out);
}

/* Whether a table before table t of the command has an option of that name: it is the one that counts. */
int cli_option_is_hidden(const cli_command *command, int t, const char *name)
{
    int seen = 0;
    const cli_part *part = NULL;
    for (int i = 0; i < t && (part = cli_part_get(command, i)); i++) {
        seen |= kg_option_find(part->table(), name) != NULL;
    }
    return seen;
}

void cli_models(const cli_command *command, char text[CLI_MODELS_SIZE])
{
    size_t n = 0;
    text[0] = '\0';
    if (!strstr(command->arguments, "MODEL")) {
        return;
    }
    for (int i = 0; kg_model_kind_get(i) && n < CLI_MODELS_SIZE; i++) {
        if (strcmp(kg_model_kind_get(i), "custom") != 0) { /* which has a file instead of a name */
            n += (size_t)snprintf(text + n, CLI_MODELS_SIZE - n, "%s%s", n ? ", " : "MODEL is ",
                                  kg_model_kind_get(i));
        }
    }
    if (n < CLI_MODELS_SIZE) {
        (void)snprintf(text + n, CLI_MODELS_SIZE - n,
                       ", or a file (.yaml, .json):\nan experiment, or layers and circuits of your "
                       "own. ketgrad help models says more.\n");
    }
}

void cli_print_help(FILE *out, const cli_command *command)
{
    char models[CLI_MODELS_SIZE];
    cli_models(command, models);
    (void)fprintf(out, "ketgrad %s%s%s [options]\n\n%s\n%s%s", command->name,
                  *command->arguments ? " " : "", command->arguments, command->help, models,
                  command->details);
    const cli_part *part = NULL;
    const char *above = "";
    for (int t = 1; (part = cli_part_get(command, t)); t++) {
        const kg_option_table *table = part->table();
        if (strcmp(above, table->name) != 0) {
            (void)fprintf(out, "\noptions of %s:\n", table->name);
        }
        above = table->name;
        for (int r = 0; r < table->n_rows; r++) {
            if (!cli_option_is_hidden(command, t, table->rows[r].name)) {
                print_row(out, &table->rows[r], "");
            }
        }
    }
    (void)fprintf(out, "\noptions of every command:\n");
    const kg_option_table *common = cli_common_table();
    for (int r = 0; r < common->n_rows; r++) {
        print_row(out, &common->rows[r], command->out_is_folder ? " FOLDER" : " FILE");
    }
    (void)fprintf(out, "\nexamples:\n  %s\n  %s\n", command->examples[0], command->examples[1]);
}

void cli_print_overview(FILE *out)
{
    (void)fprintf(out,
                  "ketgrad %s: quantum neural networks, trained and measured\n\n"
                  "ketgrad <command> [options]\n\n",
                  kg_version());
    for (int i = 0; cli_command_get(i); i++) {
        const cli_command *command = cli_command_get(i);
        (void)fprintf(out, "  %-10s %-9s %s\n", command->name, command->arguments, command->help);
    }
    (void)fprintf(
        out, "\nevery command has a page: ketgrad help train\n"
             "to begin with: ketgrad demo\n\n"
             "exit codes: 0 done, 1 ran and the answer is no, 2 usage, 3 file format, 4 input or "
             "output,\n  5 memory, 6 numbers, 7 not in this build, 8 shapes, 130 and 143 "
             "interrupted\n"
             "environment: KETGRAD_DATA is the folder of real data sets; NO_COLOR turns colour "
             "off\n");
}
