/* SPDX-License-Identifier: Apache-2.0 */
/* What commands take in: data folders, CSV files, saved runs, random numbers by the seed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_STDIN_BYTES = 1 << 30, MAX_PATH = 4096 };

const char *cli_data_folder(const char *option)
{
    const char *folder = option ? option : getenv("KETGRAD_DATA");
    if (folder && *folder) {
        return folder;
    }
    folder = cli_cache_folder();
    return folder && !access(folder, F_OK) ? folder : NULL;
}

const char *cli_cache_folder(void)
{
    static char folder[MAX_PATH];
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length = 0;
    if (cache && *cache == '/') { /* a relative one is to be ignored, says its specification */
        length = snprintf(folder, sizeof folder, "%s/ketgrad", cache);
    } else if (home && *home == '/') {
        length = snprintf(folder, sizeof folder, "%s/.cache/ketgrad", home);
    }
    return length > 0 && length < MAX_PATH ? folder : NULL;
}

/* All of stdin; release with free(). */
static kg_status read_stdin(char **out, size_t *n_bytes, kg_error *err)
{
    char *text = NULL;
    size_t n = 0;
    size_t capacity = 0;
    size_t got = 0;
    do {
        n += got;
        if (capacity - n < 4096) {
            capacity = 2 * capacity + 65536;
            char *grown = capacity > MAX_STDIN_BYTES ? NULL : realloc(text, capacity);
            if (!grown) {
                free(text);
                return cli_fail(err, KG_ERR_MEMORY, "stdin: more than %d bytes, or no memory",
                                MAX_STDIN_BYTES);
            }
            text = grown;
        }
        got = fread(text + n, 1, capacity - n, stdin);
    } while (got);
    if (ferror(stdin)) {
        free(text);
        return cli_fail(err, KG_ERR_IO, "stdin: cannot be read: %s", strerror(errno));
    }
    *out = text;
    *n_bytes = n;
    return KG_OK;
}

kg_status cli_read_csv(const char *path, double **values, int *n_rows, int *n_columns,
                       kg_error *err)
{
    *values = NULL;
    if (strcmp(path, "-") != 0) {
        return kg_csv_load(values, n_rows, n_columns, NULL, path, err);
    }
    char *text = NULL;
    size_t n_bytes = 0;
    kg_status status = read_stdin(&text, &n_bytes, err);
    if (!status) {
        status = kg_csv_parse(values, n_rows, n_columns, NULL, "stdin", text, n_bytes, err);
    }
    free(text);
    return status;
}

kg_status cli_read_rows(kg_dataset **rows, const char *path, int n_features, const char *label,
                        kg_error *err)
{
    *rows = NULL;
    if (strcmp(path, "-") != 0) {
        return kg_dataset_read_rows(rows, path, NULL, 0, n_features, label, err);
    }
    char *text = NULL;
    size_t n_bytes = 0;
    kg_status status = read_stdin(&text, &n_bytes, err);
    if (!status) {
        status = kg_dataset_read_rows(rows, "stdin", text, n_bytes, n_features, label, err);
    }
    free(text);
    return status;
}

const char *cli_model_name(int n_arguments, char **arguments)
{
    return n_arguments ? arguments[0] : cli.model ? cli.model : "qcnn";
}

void cli_random(double *x, int n, double lo, double hi, uint32_t what)
{
    for (int i = 0; i < n; i++) {
        x[i] = lo + (hi - lo) * kg_random_uniform(cli.seed, KG_STREAM_TEST, what, (uint64_t)i);
    }
}

/* The newest run under runs/, the last in their order. */
static kg_status newest_run(char *folder, size_t size, kg_error *err)
{
    kg_run_list *list = NULL;
    kg_status status = kg_run_list_load(&list, "runs", err);
    if (status) {
        return status;
    }
    const kg_run_record *newest = NULL;
    for (int i = 0; kg_run_list_get(list, i); i++) {
        const kg_run_record *run = kg_run_list_get(list, i);
        if (run->state <= KG_RUN_INTERRUPTED) { /* it has a model */
            newest = !newest || strcmp(run->started, newest->started) >= 0 ? run : newest;
        }
    }
    if (newest) {
        (void)snprintf(folder, size, "%s", newest->folder);
    } else {
        status = cli_fail(err, KG_ERR_IO, "runs: no run there yet. Make one: ketgrad demo");
    }
    kg_run_list_destroy(list);
    return status;
}

kg_status cli_load_run(int n_arguments, char **arguments, kg_model **model, kg_run_record **record,
                       kg_error *err)
{
    char path[4096];
    struct stat info;
    *model = NULL;
    *record = NULL;
    if (n_arguments) {
        (void)snprintf(path, sizeof path, "%s", arguments[0]);
    } else if (newest_run(path, sizeof path, err)) {
        return err->status;
    }
    if (!stat(path, &info) && S_ISREG(info.st_mode)) {
        return kg_model_load(model, path, cli_threads(), err);
    }
    const uint64_t *seed = cli.seed_given ? &cli.seed : NULL;
    kg_status status = kg_run_select(record, path, seed, err);
    if (!status) {
        (void)snprintf(path, sizeof path, "%.4000s/model.safetensors", (*record)->folder);
        status = kg_model_load(model, path, cli_threads(), err);
    }
    if (status) {
        kg_run_record_destroy(*record);
        *record = NULL;
    }
    return status;
}
