/* SPDX-License-Identifier: Apache-2.0 */
/* Completion of words in a shell: commands, options of the command, names that an option takes, files
 * where a path or a model may stand. One list per command and option, written out, so that pressing
 * the key starts no program. zsh reads the script of bash through its own bashcompinit. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Names that an option takes, or "FILE" for a path. Nothing for numbers. */
static void print_values(FILE *out, const cli_command *command)
{
    const cli_part *part = NULL;
    for (int t = 0; (part = cli_part_get(command, t)); t++) {
        const kg_option_table *table = part->table();
        for (int r = 0; r < table->n_rows; r++) {
            const kg_option *row = &table->rows[r];
            const int is_path = row->type == KG_OPTION_PATH || !strcmp(row->name, "out");
            char flag[CLI_FLAG_SIZE];
            if (cli_option_is_hidden(command, t, row->name) || (!row->names && !is_path)) {
                continue;
            }
            cli_option_flag(row, flag);
            (void)fprintf(out, "        \"%s %s\") names=\"", command->name, flag);
            for (int i = 0; row->names && row->names(i); i++) {
                (void)fprintf(out, "%s%s", i ? " " : "", row->names(i));
            }
            (void)fprintf(out, "\"; files=%d ;;\n", is_path);
        }
    }
}

static void print_options(FILE *out, const cli_command *command)
{
    const cli_part *part = NULL;
    (void)fprintf(out, "        %s) options=\"-o -q -v -h", command->name);
    for (int t = 0; (part = cli_part_get(command, t)); t++) {
        const kg_option_table *table = part->table();
        for (int r = 0; r < table->n_rows; r++) {
            char flag[CLI_FLAG_SIZE];
            if (!cli_option_is_hidden(command, t, table->rows[r].name)) {
                cli_option_flag(&table->rows[r], flag);
                (void)fprintf(out, " %s", flag);
            }
        }
    }
    (void)fputs("\"", out);
    if (strstr(command->arguments, "MODEL")) {
        (void)fputs("; words=\"", out);
        for (int i = 0; kg_model_kind_get(i); i++) {
            (void)fprintf(out, "%s%s", i ? " " : "", kg_model_kind_get(i));
        }
        (void)fputs("\"", out);
    } else if (strstr(command->arguments, "COMMAND")) {
        (void)fputs("; words=\"$commands\"", out);
    }
    (void)fputs(" ;;\n", out);
}

static void print_bash(FILE *out)
{
    (void)fputs("_ketgrad()\n"
                "{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                "    local command=${COMP_WORDS[1]} names='' options='' words='' files=1\n"
                "    local commands=\"",
                out);
    for (int i = 0; cli_command_get(i); i++) {
        (void)fprintf(out, "%s%s", i ? " " : "", cli_command_get(i)->name);
    }
    (void)fputs("\"\n"
                "    COMPREPLY=()\n"
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                "        COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
                "        return\n"
                "    fi\n"
                "    case \"$command $before\" in\n",
                out);
    for (int i = 0; cli_command_get(i); i++) {
        print_values(out, cli_command_get(i));
    }
    (void)fputs("        *) names=- ;;\n"
                "    esac\n"
                "    if [ \"$names\" != - ]; then\n"
                "        COMPREPLY=($(compgen -W \"$names\" -- \"$word\"))\n"
                "        [ $files -eq 0 ] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
                "        return\n"
                "    fi\n"
                "    case \"$command\" in\n",
                out);
    for (int i = 0; cli_command_get(i); i++) {
        print_options(out, cli_command_get(i));
    }
    (void)fputs("    esac\n"
                "    case \"$word\" in\n"
                "        -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
                "        *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\") "
                "$(compgen -f -- \"$word\")) ;;\n"
                "    esac\n"
                "}\n"
                "complete -o filenames -F _ketgrad ketgrad\n",
                out);
}

void cli_print_completion(FILE *out, const char *shell)
{
    if (!strcmp(shell, "zsh")) {
        (void)fputs("#compdef ketgrad\nautoload -U +X bashcompinit && bashcompinit\n", out);
    }
    print_bash(out);
}
