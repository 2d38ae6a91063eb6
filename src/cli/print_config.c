/* SPDX-License-Identifier: Apache-2.0 */
/* --print-config: every value in effect with its origin, in the form of an experiment file, so that what
 * is printed can be kept and read again. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { VALUE_COLUMN = 34 };

/* The value as text; release with kg_free(). */
static char *value_of(const cli_part *part, const kg_option *row)
{
    char *text = NULL;
    if (kg_option_format(&text, row, part->options, NULL)) {
        cli_lose_results();
    }
    return text;
}

/* 1 if YAML reads the text as it stands. */
static int is_plain(const char *text)
{
    const unsigned char first = (unsigned char)text[0];
    if (!isalnum(first) && first != '/' && first != '.' && first != '_' &&
        !(first == '-' && isdigit((unsigned char)text[1]))) {
        return 0;
    }
    for (const char *c = text; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._/+-,", *c) && !(*c == ':' && c[1])) {
            return 0;
        }
    }
    return 1;
}

static void print_yaml(FILE *out, const char *key, const char *value, const char *origin)
{
    char left[4096];
    (void)snprintf(left, sizeof left, "  %s: %s", key, is_plain(value) ? value : "");
    if (!*value) {
        (void)fprintf(out, "  # %s: not set\n", key);
        return;
    }
    (void)fprintf(out, "%s", left);
    if (!is_plain(value)) {
        cli_json_string(out, value);
    }
    const int pad = VALUE_COLUMN - (int)strlen(left);
    (void)fprintf(out, "%*s  # %s\n", is_plain(value) && pad > 0 ? pad : 0, "", origin);
}

static void print_json(FILE *out, int first, const char *key, const kg_option *row,
                       const char *value, const char *origin)
{
    (void)fprintf(out, "%s\n  \"%s\": {\"value\": ", first ? "" : ",", key);
    const int is_text = !row || row->type == KG_OPTION_TEXT || row->type == KG_OPTION_PATH ||
                        row->type == KG_OPTION_NAME || strlen(value) > 15;
    if (!*value) {
        (void)fputs("null", out);
    } else if (is_text) {
        cli_json_string(out, value);
    } else {
        (void)fputs(value, out);
    }
    (void)fputs(", \"from\": ", out);
    cli_json_string(out, *value ? origin : "built-in");
    (void)fputc('}', out);
}

/* Of the common options, those that a file may hold. */
static int is_kept(const cli_part *part, const kg_option *row)
{
    static const char *const names[] = {"seed", "threads", "progress", "color"};
    int kept = part->options != &cli;
    for (int i = 0; i < 4; i++) {
        kept |= !strcmp(row->name, names[i]);
    }
    return kept && strcmp(row->name, "dry_run") != 0;
}

/* The option that counts under that name is the first. */
static int is_hidden(const cli_command *command, int part, const char *name)
{
    const cli_part *above = NULL;
    for (int i = 0; i < part && (above = cli_part_get(command, i)); i++) {
        if (kg_option_find(above->table(), name)) {
            return 1;
        }
    }
    return 0;
}

static int print_rows(FILE *out, const cli_command *command, const cli_part *part, int p, int n)
{
    for (int r = 0; r < part->table()->n_rows; r++) {
        const kg_option *row = &part->table()->rows[r];
        char *value =
            is_kept(part, row) && !is_hidden(command, p, row->name) ? value_of(part, row) : NULL;
        const char *origin = cli_config_origin(part->options, row);
        if (value && cli.json) {
            print_json(out, !n, row->name, row, value, origin);
        } else if (value) {
            print_yaml(out, row->name, value, origin);
        }
        n += value != NULL;
        kg_free(value);
    }
    return n;
}

static int has_section(const cli_command *command, const char *name)
{
    const cli_part *part = NULL;
    for (int p = 0; (part = cli_part_get(command, p)); p++) {
        const char *section = cli_config_section(part);
        if (section && !strcmp(section, name)) {
            return 1;
        }
    }
    return 0;
}

void cli_print_config(FILE *out, const cli_command *command, int n_arguments, char **arguments)
{
    int n_sections = 0;
    for (int s = 0; cli_config_section_name(s); s++) {
        const char *name = cli_config_section_name(s);
        int n = 0;
        if (!has_section(command, name)) {
            continue;
        }
        (void)fprintf(out, cli.json ? "%s\"%s\": {" : "%.0s%s:\n", n_sections++ ? ",\n " : "{",
                      name);
        if (!strcmp(name, "model")) {
            const char *model = cli_model_name(n_arguments, arguments);
            const char *origin = n_arguments ? "argument" : cli_config_model_origin();
            if (cli.json) {
                print_json(out, 1, "name", NULL, model, origin);
            } else {
                print_yaml(out, "name", model, origin);
            }
            n++;
        }
        const cli_part *part = NULL;
        for (int p = 0; (part = cli_part_get(command, p)); p++) {
            const char *section = cli_config_section(part);
            n = section && !strcmp(section, name) ? print_rows(out, command, part, p, n) : n;
        }
        (void)fputs(cli.json ? "}" : "", out);
    }
    (void)fputs(cli.json ? "}\n" : "", out);
}
