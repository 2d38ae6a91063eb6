/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad help: the list of commands, or the page of one. */
#include "cli.h"

static int run_help(int n_arguments, char **arguments, kg_error *err)
{
    if (!n_arguments) {
        cli_print_overview(cli_results());
        return KG_OK;
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
    .details = "",
    .examples = {"ketgrad help", "ketgrad help train"},
    .max_arguments = 1,
    .run = run_help,
};
