/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a run folder so that nothing half-written remains.
 *
 * While a run goes on there is metrics.jsonl.part, a line per step, flushed. At its end the model and
 * run.json are written under such names too; only when all three are on the disk do they get their
 * own names, run.json last: a folder with run.json is a complete run. A run that fails removes its
 * parts and the folders it made. A run that is killed leaves a .part and no run.json. */
#include "report/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/options.h"

/* The files of a run in the order in which they get their names: run.json last. */
enum { N_FILES = 3 };
static const char *const file_names[N_FILES] = {KGI_RUN_METRICS, KGI_RUN_MODEL, KGI_RUN_JSON};

/* Their names, made at the beginning: neither giving them nor removing parts needs memory. */
typedef struct file_paths {
    char *part[N_FILES];
    char *path[N_FILES];
} file_paths;

static void clear_paths(file_paths *paths)
{
    for (int i = 0; i < N_FILES; i++) {
        free(paths->part[i]);
        free(paths->path[i]);
    }
}

static kg_status make_paths(file_paths *paths, const char *folder, kg_error *err)
{
    for (int i = 0; i < N_FILES; i++) {
        paths->part[i] = kgi_run_path(folder, file_names[i], KGI_RUN_PART);
        paths->path[i] = kgi_run_path(folder, file_names[i], "");
        if (!paths->part[i] || !paths->path[i]) {
            return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
        }
    }
    return KG_OK;
}

struct kg_run {
    kg_run_info info;
    char *folder;
    size_t kept; /* length of the part of folder that was there before */
    file_paths paths;
    int metrics; /* descriptor, -1: not open */
    int finished;
    kg_error error; /* of the first line that could not be written */
    char started[32];
};

char *kgi_run_path(const char *folder, const char *name, const char *suffix)
{
    const size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    kgi_text text = {0};
    char *path = NULL;
    kgi_text_printf(&text, "%s%s%s%s", folder, slash, name, suffix);
    (void)kgi_text_finish(&text, &path, NULL);
    return path;
}

/* Length of path without its last part: of "a/b" 1, of "a" 0. */
static size_t parent_length(const char *path, size_t n)
{
    do {
        n--;
    } while (n > 0 && path[n] != '/');
    return n;
}

/* Length of the longest beginning of path that exists: of "a/b/c" 3 if only a/b is there. The path is
 * as it was afterwards. */
static size_t existing_length(char *path)
{
    size_t n = strlen(path);
    while (n > 0) {
        const char cut = path[n];
        path[n] = '\0';
        const int exists = !access(path, F_OK);
        path[n] = cut;
        if (exists) {
            break;
        }
        n = parent_length(path, n);
    }
    return n;
}

/* Removes folder and its parents, as far as they are empty and longer than kept; needs no memory. */
static void remove_folders(char *folder, size_t kept)
{
    size_t n = strlen(folder);
    int removed = 1;
    while (n > kept && removed) {
        const char cut = folder[n];
        folder[n] = '\0';
        removed = !rmdir(folder);
        folder[n] = cut;
        n = parent_length(folder, n);
    }
}

static kg_status open_metrics(kg_run *run, kg_error *err)
{
    const char *path = run->paths.part[0];
    run->metrics = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (run->metrics < 0) {
        return kgi_fail(err, errno == ENOMEM ? KG_ERR_MEMORY : KG_ERR_IO,
                        "%s: cannot be created: %s", path, strerror(errno));
    }
    return KG_OK;
}

kg_status kg_run_create(kg_run **out, const char *folder, const kg_run_info *info, kg_error *err)
{
    *out = NULL;
    kg_run *run = calloc(1, sizeof *run);
    if (!run) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a run");
    }
    run->metrics = -1;
    run->info = (kg_run_info)KG_RUN_INFO_INIT;
    if (info) {
        const size_t bytes =
            info->struct_size < sizeof run->info ? info->struct_size : sizeof run->info;
        memcpy(&run->info, info, bytes);
    }
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) {
        (void)strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    kg_status status = KG_OK;
    run->folder = strdup(folder);
    if (!run->folder) {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    }
    if (!status && run->folder) {
        run->kept = existing_length(run->folder);
        status = make_paths(&run->paths, folder, err);
    }
    if (!status) {
        status = kgi_folder_create(folder, err);
    }
    if (!status && run->folder) {
        status = open_metrics(run, err);
    }
    if (status) {
        kg_run_destroy(run);
        return status;
    }
    *out = run;
    return KG_OK;
}

/* Adds a line to the metrics; the first failure is kept in the run. */
static void write_line(kg_run *run, kgi_text *text)
{
    char *line = NULL;
    if (run->error.status || kgi_text_finish(text, &line, &run->error)) {
        kgi_text_clear(text);
        return;
    }
    const int number = kgi_file_put(run->metrics, line, strlen(line));
    if (number) {
        (void)kgi_fail(&run->error, KG_ERR_IO, "%s/%s%s: cannot be written: %s", run->folder,
                       KGI_RUN_METRICS, KGI_RUN_PART, strerror(number));
    }
    free(line);
}

void kg_run_log(kg_run *run, const kg_step *step)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "{\"kind\":\"step\",\"step\":%d,\"loss\":", step->step);
    kgi_text_json_number(&text, step->loss);
    kgi_text_printf(&text, ",\"accuracy\":");
    kgi_text_json_number(&text, step->accuracy);
    kgi_text_printf(&text, ",\"grad_norm\":");
    kgi_text_json_number(&text, step->grad_norm);
    kgi_text_printf(&text, ",\"lr\":");
    kgi_text_json_number(&text, step->lr);
    kgi_text_printf(&text, "}\n");
    write_line(run, &text);
}

static void log_result(kg_run *run, const kg_seed_result *result)
{
    kgi_text text = {0};
    kgi_text_printf(&text, "{\"kind\":\"result\",\"steps\":%d,\"loss\":", result->steps);
    kgi_text_json_number(&text, result->loss);
    kgi_text_printf(&text, ",\"train_accuracy\":");
    kgi_text_json_number(&text, result->train_accuracy);
    kgi_text_printf(&text, ",\"test_accuracy\":");
    kgi_text_json_number(&text, result->test_accuracy);
    kgi_text_printf(&text, "}\n");
    write_line(run, &text);
}

kg_status kg_run_check(const kg_run *run, kg_error *err)
{
    return run->error.status ? kgi_fail(err, run->error.status, "%s", run->error.message) : KG_OK;
}

/* Syncs and closes the metrics. */
static kg_status close_metrics(kg_run *run, kg_error *err)
{
    if (!run->error.status && fsync(run->metrics) && errno != EINVAL) {
        (void)kgi_fail(&run->error, KG_ERR_IO, "%s/%s%s: cannot be synced: %s", run->folder,
                       KGI_RUN_METRICS, KGI_RUN_PART, strerror(errno));
    }
    if (close(run->metrics) && !run->error.status) {
        (void)kgi_fail(&run->error, KG_ERR_IO, "%s/%s%s: cannot be closed: %s", run->folder,
                       KGI_RUN_METRICS, KGI_RUN_PART, strerror(errno));
    }
    run->metrics = -1;
    return kg_run_check(run, err);
}

static kg_status write_run_json(const kg_run *run, const char *path, const kg_model *model,
                                const kg_seed_result *result, int exit_code, kg_error *err)
{
    kgi_text text = {0};
    char *json = NULL;
    kg_status status = kgi_run_json(&text, &run->info, run->started, model, result, exit_code, err);
    if (!status) {
        status = kgi_text_finish(&text, &json, err);
    }
    if (!status) {
        status = kgi_file_write(path, json, strlen(json), err);
    }
    kgi_text_clear(&text);
    free(json);
    return status;
}

/* Takes away the names of the first n files. */
static void unpublish(const file_paths *paths, int n)
{
    for (int i = 0; i < n; i++) {
        (void)unlink(paths->path[i]);
    }
}

/* Gives the parts their own names; what has got one loses it again if another cannot. First the older
 * run.json goes, last the new one comes, and the disk is waited for between: whatever is cut off, a
 * run.json stands beside the files that it speaks of. */
static kg_status publish(const file_paths *paths, const char *folder, kg_error *err)
{
    (void)unlink(paths->path[N_FILES - 1]);
    kg_status status = kgi_folder_sync(folder, err);
    for (int i = 0; i < N_FILES && !status; i++) {
        if (i == N_FILES - 1) {
            status = kgi_folder_sync(folder, err);
        }
        if (!status && rename(paths->part[i], paths->path[i])) {
            status = kgi_fail(err, KG_ERR_IO, "%s: cannot be put in place: %s", paths->path[i],
                              strerror(errno));
        }
        if (status) {
            unpublish(paths, i);
        }
    }
    return status ? status : kgi_folder_sync(folder, err);
}

kg_status kg_run_finish(kg_run *run, const kg_model *model, const kg_seed_result *result,
                        int exit_code, kg_error *err)
{
    log_result(run, result);
    kg_status status = close_metrics(run, err);
    if (!status) {
        status = kg_model_save(model, run->paths.part[1], err);
    }
    if (!status) {
        status = write_run_json(run, run->paths.part[2], model, result, exit_code, err);
    }
    if (!status) {
        status = publish(&run->paths, run->folder, err);
    }
    run->finished = !status;
    return status;
}

void kg_run_destroy(kg_run *run)
{
    if (!run) {
        return;
    }
    if (run->metrics >= 0) {
        (void)close(run->metrics);
    }
    for (int i = N_FILES - 1; i >= 0 && !run->finished; i--) {
        if (run->paths.part[i]) {
            (void)unlink(run->paths.part[i]);
        }
    }
    if (!run->finished && run->folder) {
        remove_folders(run->folder, run->kept);
    }
    clear_paths(&run->paths);
    free(run->folder);
    free(run);
}
