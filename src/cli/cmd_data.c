/* SPDX-License-Identifier: Apache-2.0 */
/* ketgrad data: which data sets there are, whether their files are right, and getting them. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static struct {
    const char *data_folder;
    kg_fetch_options fetch;
} args = {NULL, KG_FETCH_OPTIONS_INIT};

static const kg_option_table *data_table(void)
{
    static const kg_option rows[] = {
        /* clang-format off */
        {"data_folder", KG_OPTION_PATH, offsetof(__typeof__(args), data_folder), 0, 0, NULL, "folder of real data sets; else KETGRAD_DATA, else ketgrad in the cache folder", NULL},
        /* clang-format on */
    };
    static const kg_option_table table = {"data", rows, (int)(sizeof rows / sizeof *rows)};
    return &table;
}

/* Where files are, or would be put. */
static kg_status find_folder(const char **folder, kg_error *err)
{
    *folder = cli_data_folder(args.data_folder);
    *folder = *folder ? *folder : cli_cache_folder();
    return *folder ? KG_OK
                   : cli_fail(err, KG_ERR_ARGUMENT,
                              "no folder for data sets: give --data-folder, or set KETGRAD_DATA");
}

static int n_files(const kg_dataset_info *info)
{
    int n = 0;
    while (kg_dataset_file_get(info, n)) {
        n++;
    }
    return n;
}

/* ---- is it there ---- */

/* How many files of a set are there, and how many of them are right. */
typedef struct presence {
    int n_there;
    int n_right;
} presence;

static kg_status look(presence *found, const kg_dataset_info *info, const char *folder,
                      kg_error *err)
{
    *found = (presence){0, 0};
    for (int i = 0; kg_dataset_file_get(info, i); i++) {
        kg_file_state state = KG_FILE_MISSING;
        const kg_status status = kg_dataset_check_file(&state, folder, info->name, i, err);
        if (status) {
            return status;
        }
        found->n_there += state != KG_FILE_MISSING;
        found->n_right += state == KG_FILE_RIGHT;
    }
    return KG_OK;
}

static const char *state_word(const kg_dataset_info *info, const presence *found)
{
    return !info->needs_folder               ? "built in"
           : found->n_right < found->n_there ? "wrong"
           : found->n_right == n_files(info) ? "verified"
           : found->n_there                  ? "incomplete"
                                             : "absent";
}

/* ---- list ---- */

static void print_json_row(FILE *out, const kg_dataset_info *info, const char *state)
{
    (void)fputs("{\"name\": ", out);
    cli_json_string(out, info->name);
    (void)fputs(", \"help\": ", out);
    cli_json_string(out, info->help);
    (void)fprintf(out,
                  ", \"classes\": %d, \"features\": %d, \"height\": %d, \"width\": %d, \"train\": "
                  "%d, \"test\": %d, \"licence\": ",
                  info->n_classes, info->n_features, info->height, info->width, info->n_train,
                  info->n_test);
    cli_json_string(out, info->licence);
    (void)fputs(", \"source\": ", out);
    cli_json_string(out, info->source);
    (void)fputs(", \"state\": ", out);
    cli_json_string(out, state);
}

static kg_status list_sets(const char *folder, kg_error *err)
{
    static const char *const titles[] = {"name", "classes", "features", "train",
                                         "test", "files",   "licence",  "what"};
    FILE *out = cli_results();
    kg_table *table = NULL;
    char *text = NULL;
    kg_status status = kg_table_create(&table, "lrrrrlll", titles, err);
    for (int i = 0; !status && kg_dataset_info_get(i); i++) {
        const kg_dataset_info *info = kg_dataset_info_get(i);
        presence found = {0, 0};
        char cells[4][16];
        status = look(&found, info, folder, err);
        (void)snprintf(cells[0], sizeof *cells, "%d", info->n_classes);
        (void)snprintf(cells[1], sizeof *cells, "%d", info->n_features);
        (void)snprintf(cells[2], sizeof *cells, "%d", info->n_train);
        (void)snprintf(cells[3], sizeof *cells, info->n_test ? "%d" : "split", info->n_test);
        const char *const row[] = {info->name,    cells[0],  cells[1],
                                   cells[2],      cells[3],  state_word(info, &found),
                                   info->licence, info->help};
        if (!status && cli.json) {
            (void)fputs(i ? ",\n " : "[", out);
            print_json_row(out, info, state_word(info, &found));
            (void)fputc('}', out);
        }
        kg_table_add(table, row);
    }
    if (!status && cli.json) {
        (void)fputs("]\n", out);
    } else if (!status) {
        status = kg_table_format(&text, table, err);
        (void)fprintf(out, "%s", status ? "" : text);
    }
    kg_free(text);
    kg_table_destroy(table);
    return status;
}

/* ---- info ---- */

static const char *file_word(kg_file_state state)
{
    return state == KG_FILE_RIGHT ? "verified" : state == KG_FILE_WRONG ? "wrong" : "absent";
}

static kg_status print_files(const kg_dataset_info *info, const char *folder, kg_error *err)
{
    FILE *out = cli_results();
    for (int i = 0; kg_dataset_file_get(info, i); i++) {
        const kg_dataset_file *file = kg_dataset_file_get(info, i);
        kg_file_state state = KG_FILE_MISSING;
        const kg_status status = kg_dataset_check_file(&state, folder, info->name, i, err);
        if (status) {
            return status;
        }
        if (cli.json) {
            (void)fputs(i ? ",\n  {\"name\": " : "\n  {\"name\": ", out);
            cli_json_string(out, file->name);
            (void)fprintf(out, ", \"bytes\": %zu, \"sha256\": \"%s\", \"state\": \"%s\", \"url\": ",
                          file->n_bytes, file->sha256, file_word(state));
            cli_json_string(out, file->url ? file->url : "");
            (void)fputc('}', out);
        } else {
            (void)fprintf(out, "\n%s/%s/%s: %s\n  %zu bytes, SHA-256 %s\n  %s\n", folder,
                          info->files_in, file->name, file_word(state), file->n_bytes, file->sha256,
                          file->url ? file->url : "no address known that has these bytes");
        }
    }
    return KG_OK;
}

static kg_status show_set(const kg_dataset_info *info, const char *folder, kg_error *err)
{
    FILE *out = cli_results();
    presence found = {0, 0};
    kg_status status = look(&found, info, folder, err);
    if (status) {
        return status;
    }
    if (cli.json) {
        print_json_row(out, info, state_word(info, &found));
        (void)fputs(",\n \"files\": [", out);
        status = print_files(info, folder, err);
        (void)fputs("]}\n", out);
        return status;
    }
    (void)fprintf(out, "%s: %s\n  %d classes, %d features", info->name, info->help, info->n_classes,
                  info->n_features);
    if (info->height) {
        (void)fprintf(out, " (%d x %d pixels)", info->height, info->width);
    }
    (void)fprintf(out, ", %d rows", info->n_train);
    if (info->n_test) {
        (void)fprintf(out, " for training, %d for tests", info->n_test);
    } else {
        (void)fprintf(out, ", of which --test-fraction of each class are split off for tests");
    }
    (void)fprintf(out, "\n  licence: %s\n  source: %s\n  %s\n", info->licence, info->source,
                  state_word(info, &found));
    return print_files(info, folder, err);
}

/* ---- verify ---- */

/* Every file of the named set, or every file that is there. CLI_ANSWER_NO if one is not right. */
static int verify(const kg_dataset_info *only, const char *folder, kg_error *err)
{
    FILE *out = cli_results();
    int n_wrong = 0;
    int n_lines = 0;
    (void)fputs(cli.json ? "[" : "", out);
    for (int i = 0; kg_dataset_info_get(i); i++) {
        const kg_dataset_info *info = only ? only : kg_dataset_info_get(i);
        for (int f = 0; kg_dataset_file_get(info, f); f++) {
            const kg_dataset_file *file = kg_dataset_file_get(info, f);
            kg_file_state state = KG_FILE_MISSING;
            const kg_status status = kg_dataset_check_file(&state, folder, info->name, f, err);
            if (status) {
                return (int)status;
            }
            if (state == KG_FILE_MISSING && !only) {
                continue;
            }
            n_wrong += state != KG_FILE_RIGHT;
            if (cli.json) {
                (void)fprintf(out, "%s{\"set\": \"%s\", \"file\": \"%s\", \"state\": \"%s\"}",
                              n_lines ? ",\n " : "", info->name, file->name, file_word(state));
            } else {
                (void)fprintf(out, "%-9s %s/%s\n", file_word(state), info->files_in, file->name);
            }
            n_lines++;
        }
        if (only) {
            break;
        }
    }
    (void)fputs(cli.json ? "]\n" : "", out);
    if (!n_lines && !only) {
        cli_note("no file of a data set under %s", folder);
    }
    return n_wrong ? CLI_ANSWER_NO : 0;
}

/* ---- get ---- */

/* One line that is rewritten, on a terminal only. */
static int on_progress(const kg_dataset_file *file, size_t n_bytes, void *user)
{
    static double last;
    struct timespec now;
    const int *is_shown = user;
    if (*is_shown && !clock_gettime(CLOCK_MONOTONIC, &now)) {
        const double t = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
        if (t - last > 0.1 || n_bytes == file->n_bytes) {
            last = t;
            (void)fprintf(stderr, "\r%s: %3.0f %%%s", file->name,
                          100.0 * (double)n_bytes / (double)file->n_bytes,
                          n_bytes == file->n_bytes ? "\n" : "");
        }
    }
    return cli_signal();
}

static int get_set(const kg_dataset_info *info, const char *folder, kg_error *err)
{
    int is_shown = cli.progress == CLI_PROGRESS_AUTO && !cli.quiet && cli_can_rewrite(stderr);
    int n = 0;
    args.fetch.on_progress = on_progress;
    args.fetch.user = &is_shown;
    cli_catch_signals();
    const kg_status status = kg_dataset_fetch(&n, folder, info->name, &args.fetch, err);
    if (status && cli_signal()) {
        return 128 + cli_signal();
    }
    if (status) {
        return (int)status;
    }
    if (cli.json) {
        FILE *out = cli_results();
        (void)fprintf(out, "{\"set\": \"%s\", \"files\": %d, \"downloaded\": %d, \"folder\": ",
                      info->name, n_files(info), n);
        cli_json_string(out, folder);
        (void)fputs("}\n", out);
    } else {
        (void)fprintf(cli_results(), "%s: %d file%s in %s/%s, %d downloaded, all verified\n",
                      info->name, n_files(info), n_files(info) == 1 ? "" : "s", folder,
                      info->files_in, n);
        cli_note_after("licence: %s; source: %s", info->licence, info->source);
    }
    return 0;
}

/* ---- the command ---- */

static kg_status find_set(const kg_dataset_info **info, const char *name, kg_error *err)
{
    enum { MAX_SETS = 64 };
    const char *names[MAX_SETS];
    int n = 0;
    *info = kg_dataset_info_find(name);
    for (; n < MAX_SETS && kg_dataset_info_get(n); n++) {
        names[n] = kg_dataset_info_get(n)->name;
    }
    const char *nearest = kg_name_nearest(name, names, n);
    return *info ? KG_OK
                 : cli_fail(err, KG_ERR_ARGUMENT,
                            "unknown data set %.60s%s%s%s See: ketgrad data list", name,
                            nearest ? ", did you mean " : ".", nearest ? nearest : "",
                            nearest ? "?" : "");
}

static int run_data(int n_arguments, char **arguments, kg_error *err)
{
    const char *verb = n_arguments ? arguments[0] : "list";
    const kg_dataset_info *info = NULL;
    const char *folder = NULL;
    static const char *const verbs[] = {"list", "info", "get", "verify"};
    int v = 0;
    while (v < 4 && strcmp(verbs[v], verb) != 0) {
        v++;
    }
    if (v == 4) {
        return (int)cli_fail(err, KG_ERR_ARGUMENT,
                             "data %.60s: allowed are list, info, get, verify. See: ketgrad help "
                             "data",
                             verb);
    }
    if ((v == 1 || v == 2) && n_arguments < 2) {
        return (int)cli_fail(err, KG_ERR_ARGUMENT,
                             "data %s needs the name of a data set. See: ketgrad data list", verb);
    }
    if (v == 0 && n_arguments > 1) {
        return (int)cli_fail(err, KG_ERR_ARGUMENT,
                             "data list takes no name, got \"%.60s\"; did you mean data info?",
                             arguments[1]);
    }
    kg_status status = n_arguments > 1 ? find_set(&info, arguments[1], err) : KG_OK;
    if (!status) {
        status = find_folder(&folder, err);
    }
    if (status) {
        return (int)status;
    }
    return v == 0   ? (int)list_sets(folder, err)
           : v == 1 ? (int)show_set(info, folder, err)
           : v == 2 ? get_set(info, folder, err)
                    : verify(info, folder, err);
}

static const cli_part parts[] = {{data_table, &args}, {kg_fetch_options_table, &args.fetch}};

const cli_command cli_data = {
    .name = "data",
    .arguments = "[list|info|get|verify] [NAME]",
    .help = "Lists data sets, shows one, gets its files, or verifies them.",
    .details =
        "list (the default): name, size, licence, and whether the files are there and right.\n"
        "info NAME: where it comes from, its files. get NAME: downloads them over https and "
        "checks\n"
        "size and SHA-256 before they get their names. verify [NAME]: hashes the files; exit 1 if\n"
        "one is wrong, or missing from the named set.\n",
    .examples = {"ketgrad data", "ketgrad data info wine --json"},
    .max_arguments = 2,
    .n_parts = (int)(sizeof parts / sizeof *parts),
    .parts = parts,
    .run = run_data,
};
