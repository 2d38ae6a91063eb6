/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad verify: a run once more, and whether its bits are the same. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static struct {
    const char *data_folder;
} args;

static const kg_option_table *verify_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"data_folder", 'p', offsetof(__typeof__(args), data_folder), 0, 0, NULL, "folder of real data sets, if not that of the run or KETGRAD_DATA", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"verify", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

static int should_stop(void *user)
{
    (void)user;
    return cli_signal() != 0;
}

static void on_step(const kg_step *step, void *user)
{
    (void)user;
    cli_progress_step(step, 1, 1);
}

static void print_json(FILE *out, const char *folder, const kg_verify *report, int n)
{
    (void)fputs(n ? ",\n {\"run\": " : "\n {\"run\": ", out);
    cli_json_string(out, folder);
    (void)fprintf(out, ", \"same\": %s, \"files\": [", report->same ? "true" : "false");
    for (int i = 0; i < report->n_files; i++) {
        const kg_verify_file *file = &report->files[i];
        (void)fputs(i ? ", {\"name\": " : "{\"name\": ", out);
        cli_json_string(out, file->name);
        (void)fprintf(out, ", \"same\": %s", file->same ? "true" : "false");
        if (!file->same) {
            (void)fprintf(
                out, ", \"first\": %zu, \"line\": %zu, \"bytes_then\": %zu, \"bytes_now\": %zu",
                file->first, file->line, file->n_then, file->n_now);
        }
        (void)fputc('}', out);
    }
    (void)fputs("], \"kernels_then\": ", out);
    cli_json_string(out, report->kernels_then);
    (void)fputs(", \"kernels_now\": ", out);
    cli_json_string(out, report->kernels_now);
    (void)fputs(", \"blas_then\": ", out);
    cli_json_string(out, report->blas_then);
    (void)fputs(", \"blas_now\": ", out);
    cli_json_string(out, report->blas_now);
    (void)fputs(", \"version_then\": ", out);
    cli_json_string(out, report->version_then);
    (void)fputc('}', out);
}

/* What may be the reason: another kernel set, BLAS or version rounds differently. */
static void print_reason(FILE *out, const char *what, const char *then, const char *now)
{
    if (strcmp(then, now) != 0) {
        (void)fprintf(out, "  %s: %s then, %s now\n", what, *then ? then : "none",
                      *now ? now : "none");
    }
}

static void print_text(FILE *out, const char *folder, const kg_verify *report)
{
    (void)fprintf(out, "%s: %s\n", folder, report->same ? "the same bits" : "differs");
    for (int i = 0; i < report->n_files; i++) {
        const kg_verify_file *file = &report->files[i];
        if (file->same) {
            (void)fprintf(out, "  %-18s %zu bytes, the same\n", file->name, file->n_then);
        } else {
            char where[32] = "";
            if (file->line) {
                (void)snprintf(where, sizeof where, " (line %zu)", file->line);
            }
            (void)fprintf(out,
                          "  %-18s %zu bytes then, %zu now, the first difference at byte %zu%s\n",
                          file->name, file->n_then, file->n_now, file->first, where);
        }
    }
    print_reason(out, "kernels", report->kernels_then, report->kernels_now);
    print_reason(out, "BLAS", report->blas_then, report->blas_now);
    print_reason(out, "version", report->version_then, kg_version());
}

/* One run; *same stays 1 only if its bits are. */
static kg_status verify(const char *folder, int n, int *same, kg_error *err)
{
    const char *scratch = getenv("TMPDIR");
    kg_verify_options options = KG_VERIFY_OPTIONS_INIT;
    kg_verify report;
    options.scratch = scratch && *scratch ? scratch : "/tmp";
    options.data_folder = cli_data_folder(args.data_folder);
    options.threads = cli_threads();
    options.on_step = on_step;
    options.should_stop = should_stop;
    const kg_status status = kg_run_verify(&report, folder, &options, err);
    cli_progress_end();
    if (status || report.stopped) {
        return status;
    }
    *same = *same && report.same;
    if (cli.json) {
        print_json(cli_results(), folder, &report, n);
    } else {
        print_text(cli_results(), folder, &report);
    }
    return KG_OK;
}

/* The run in the folder, or all of its seeds (or that of --seed). */
static kg_status verify_all(const char *root, int *same, kg_error *err)
{
    kg_run_list *list = NULL;
    kg_status status = kg_run_list_load(&list, root, err);
    int n = 0;
    for (int i = 0; !status && !cli_signal() && kg_run_list_get(list, i); i++) {
        const kg_run_record *run = kg_run_list_get(list, i);
        if (!cli.seed_given || run->result.seed == cli.seed) {
            status = verify(run->folder, n++, same, err);
        }
    }
    if (!status && !n) {
        status = cli_fail(err, KG_ERR_IO, "%.200s: no run here%s", root,
                          cli.seed_given ? " of that seed" : "");
    }
    kg_run_list_destroy(list);
    return status;
}

/* Without an argument: the newest run under runs/. */
static kg_status find_root(int n_arguments, char **arguments, char *root, size_t size,
                           kg_error *err)
{
    kg_model *model = NULL;
    kg_run_record *record = NULL;
    kg_status status = KG_OK;
    if (n_arguments) {
        (void)snprintf(root, size, "%s", arguments[0]);
        return KG_OK;
    }
    status = cli_load_run(0, arguments, &model, &record, err);
    if (!status) {
        (void)snprintf(root, size, "%s", record->folder);
    }
    kg_run_record_destroy(record);
    kg_model_destroy(model);
    return status;
}

static int run_verify(int n_arguments, char **arguments, kg_error *err)
{
    int same = 1;
    char root[4096];
    kg_status status = find_root(n_arguments, arguments, root, sizeof root, err);
    cli_catch_signals();
    if (cli.json) {
        (void)fputc('[', cli_results());
    }
    if (!status) {
        status = verify_all(root, &same, err);
    }
    if (cli.json) {
        (void)fputs("\n]\n", cli_results());
    }
    if (!status && cli_signal()) {
        return 128 + cli_signal();
    }
    return status ? (int)status : same ? 0 : CLI_ANSWER_NO;
}

static const cli_part parts[] = {{verify_table, &args}};

const cli_command cli_verify = {
    .name = "verify",
    .arguments = "[RUN]",
    .help = "Repeats a run from its run.json and compares model, metrics and predictions.",
    .details =
        "RUN is a run folder, or one with seed-1, seed-2, ... in it: then all of them, or that "
        "of --seed.\nWithout RUN: the newest one under runs/. The data is compared first. Exit 0: "
        "the same bits; 1: they differ, and it "
        "says where and what\nmay be the reason (another kernel set, BLAS or version).\n",
    .examples = {"ketgrad verify", "ketgrad verify runs/0001-demo --seed 2 --json"},
    .max_arguments = 1,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_verify,
};
