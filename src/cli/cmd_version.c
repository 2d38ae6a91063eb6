/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad version: of the library that runs, and the kernels that this CPU runs. */
#include <stdio.h>

#include "cli.h"

static int run_version(int n_arguments, char **arguments, kg_error *err)
{
    (void)n_arguments;
    (void)arguments;
    (void)err;
    FILE *out = cli_results();
    if (!cli.json) {
        (void)fprintf(out, "ketgrad %s\n", kg_version());
        return KG_OK;
    }
    (void)fprintf(out, "{\"version\": \"%s\", \"kernels\": [", kg_version());
    for (int i = 0; kg_kernels_get(i); i++) {
        (void)fprintf(out, "%s\"%s\"", i ? ", " : "", kg_kernels_get(i));
    }
    (void)fputs("]}\n", out);
    return KG_OK;
}

const cli_command cli_version = {
    .name = "version",
    .arguments = "",
    .help = "Prints the version.",
    .details = "",
    .examples = {"ketgrad version", "ketgrad version --json"},
    .max_arguments = 0,
    .run = run_version,
};
