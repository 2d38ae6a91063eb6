/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in roff, from the same rows as the help pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Text as it shall be read: a backslash is written \e, a minus that can be typed \-, and a line that
 * begins with a point or quote is no request. */
static void put(FILE *out, const char *text)
{
    int at_begin = 1;
    for (const char *c = text; *c; c++) {
        if (at_begin && (*c == '.' || *c == '\'')) {
            (void)fputs("\\&", out);
        }
        if (*c == '\\') {
            (void)fputs("\\e", out);
        } else if (*c == '-') {
            (void)fputs("\\-", out);
        } else {
            (void)fputc(*c, out);
        }
        at_begin = *c == '\n';
    }
}

static void section(FILE *out, const char *name)
{
    (void)fprintf(out, ".SH %s\n", name);
}

/* One paragraph per option: the flag in bold, then its help. */
static void put_option(FILE *out, const kg_option *row, const char *out_word)
{
    char flag[CLI_FLAG_SIZE];
    char *help = NULL;
    size_t size = 0;
    cli_option_flag(row, flag);
    (void)fputs(".TP\n.B ", out);
    put(out, cli_option_short(row));
    put(out, flag);
    (void)fputs("\\fR", out);
    put(out, !strcmp(row->name, "out") ? out_word : cli_option_value(row));
    (void)fputc('\n', out);
    FILE *memory = open_memstream(&help, &size);
    if (memory) {
        cli_option_help(memory, row);
        (void)fclose(memory);
        put(out, help);
    }
    free(help);
    (void)fputc('\n', out);
}

static void put_part(FILE *out, const cli_command *command, int t, const cli_part *part)
{
    const kg_option_table *table = part->table();
    const char *out_word = command->out_is_folder ? " FOLDER" : " FILE";
    for (int r = 0; r < table->n_rows; r++) {
        if (!cli_option_is_hidden(command, t, table->rows[r].name)) {
            put_option(out, &table->rows[r], out_word);
        }
    }
}

static void put_options(FILE *out, const cli_command *command)
{
    const cli_part *part = NULL;
    const char *above = "";
    section(out, "OPTIONS");
    for (int t = 1; (part = cli_part_get(command, t)); t++) {
        const char *name = part->table()->name;
        if (strcmp(above, name) != 0) {
            (void)fprintf(out, ".SS options of %s\n", name);
        }
        above = name;
        put_part(out, command, t, part);
    }
    (void)fputs(".SS options of every command\n", out);
    put_part(out, command, 0, cli_part_get(command, 0));
}

/* What every page ends with. */
static void put_end(FILE *out)
{
    static const char *const codes[][2] = {
        {"0", "done"},
        {"1", "it ran, and the answer is no"},
        {"2", "usage: an unknown word, a value out of its range"},
        {"3", "a file does not follow its format"},
        {"4", "a file could not be read or written"},
        {"5", "more memory than there is, or than is allowed"},
        {"6", "numbers that are not finite, or do not converge"},
        {"7", "not in this build"},
        {"8", "shapes that do not match"},
        {"130, 143", "interrupted; what was reached is saved"},
    };
    section(out, "EXIT STATUS");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        (void)fprintf(out, ".TP\n.B %s\n%s\n", codes[i][0], codes[i][1]);
    }
    section(out, "ENVIRONMENT");
    (void)fputs(".TP\n.B KETGRAD_DATA\nfolder of real data sets\n"
                ".TP\n.B NO_COLOR\nturns colour off if it is not empty\n",
                out);
    section(out, "FILES");
    (void)fputs(".TP\n.I $XDG_CONFIG_HOME/ketgrad/config.yaml\nsettings of this machine: threads, "
                "max_memory, progress, color under run, data_folder under data\n"
                ".TP\n.I runs/NNNN\\-NAME\na run: run.json, metrics.jsonl, model.safetensors\n",
                out);
}

static void put_head(FILE *out, const char *name, const char *help)
{
    (void)fprintf(out, ".TH KETGRAD%s", *name ? "\\-" : "");
    for (const char *c = name; *c; c++) {
        (void)fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
    }
    (void)fprintf(out, " 1 \"\" \"ketgrad %s\" \"ketgrad\"\n", kg_version());
    section(out, "NAME");
    (void)fprintf(out, "ketgrad%s%s \\- ", *name ? "\\-" : "", name);
    put(out, help);
    (void)fputc('\n', out);
}

static void print_program(FILE *out)
{
    put_head(out, "", "quantum neural networks, trained and measured");
    section(out, "SYNOPSIS");
    (void)fputs(".B ketgrad\n.I command\n[arguments] [options]\n", out);
    section(out, "DESCRIPTION");
    (void)fputs("Trains quantum neural networks on a differentiable circuit engine, and measures "
                "them beside classical models. Every command has a page of its own, and "
                "a shorter one: ketgrad help command.\n",
                out);
    section(out, "COMMANDS");
    for (int i = 0; cli_command_get(i); i++) {
        const cli_command *command = cli_command_get(i);
        (void)fprintf(out, ".TP\n.BR ketgrad\\-%s (1)\n", command->name);
        put(out, command->help);
        (void)fputc('\n', out);
    }
    section(out, "EXAMPLES");
    (void)fputs(".EX\nketgrad demo\nketgrad help train\n.EE\n", out);
    put_end(out);
}

void cli_print_manual(FILE *out, const cli_command *command)
{
    if (!command) {
        print_program(out);
        return;
    }
    put_head(out, command->name, command->help);
    section(out, "SYNOPSIS");
    (void)fprintf(out, ".B ketgrad %s\n", command->name);
    put(out, command->arguments);
    (void)fputs(*command->arguments ? " [options]\n" : "[options]\n", out);
    char models[CLI_MODELS_SIZE];
    cli_models(command, models);
    if (*command->details || *models) {
        section(out, "DESCRIPTION");
        put(out, models);
        put(out, command->details);
    }
    put_options(out, command);
    section(out, "EXAMPLES");
    (void)fputs(".EX\n", out);
    for (int i = 0; i < 2; i++) {
        put(out, command->examples[i]);
        (void)fputc('\n', out);
    }
    (void)fputs(".EE\n", out);
    put_end(out);
    section(out, "SEE ALSO");
    (void)fputs(".BR ketgrad (1)\n", out);
}
