/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a run folder so that it can be gone on with whenever it is cut off, and nothing half-written
 * remains.
 *
 *   metrics.jsonl.part, metrics.csv.part   a line per step and epoch, written at once
 *   run.json.part                          which run it is, from its beginning
 *   checkpoint.safetensors                 the trainer, and how long the metrics were
 *
 * A checkpoint is written after the metrics are on the disk, under a temporary name. At the end
 * predictions, model and run.json are written as parts; only when all are on the disk do they get their own
 * names, run.json last: a folder with run.json and without run.json.part is a complete run. A run that
 * fails before its first checkpoint removes its parts and the folders it made; else they stay, to be gone on
 * with, as they do when it is killed. */
#include "report/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/options.h"
#include "base/status.h"
#include "train/trainer.h"

/* The files of a run in the order in which they get their names: run.json last. */
enum { METRICS, METRICS_CSV, PREDICTIONS, MODEL, RUN_JSON, N_FILES };
static const char *const file_names[N_FILES] = {KGI_RUN_METRICS, KGI_RUN_METRICS_CSV,
                                                KGI_RUN_PREDICTIONS, KGI_RUN_MODEL, KGI_RUN_JSON};

/* Their names, made at the beginning: neither giving them nor removing parts needs memory. */
typedef struct file_paths {
    char *part[N_FILES];
    char *path[N_FILES];
    char *checkpoint;
} file_paths;

struct kg_run {
    kg_run_info info;
    char *folder;
    size_t kept; /* length of the part of folder that was there before */
    file_paths paths;
    int lock;    /* -1: none */
    int is_ours; /* the folder is locked: parts in it are ours to remove */
    kgi_stream json;
    kgi_stream csv;
    int can_resume; /* there is a checkpoint of this run, with steps */
    int finished;
    kg_run_record *first; /* of the program that began the run, if we go on with it */
    int resumed_at;
    json_t *warnings; /* array */
    kg_error error;   /* of the first line that could not be written */
    char started[32];
};

static void clear_paths(file_paths *paths)
{
    for (int i = 0; i < N_FILES; i++) {
        free(paths->part[i]);
        free(paths->path[i]);
    }
    free(paths->checkpoint);
}

static kg_status make_paths(file_paths *paths, const char *folder, kg_error *err)
{
    int good = 1;
    for (int i = 0; i < N_FILES; i++) {
        paths->part[i] = kgi_run_path(folder, file_names[i], KGI_RUN_PART);
        paths->path[i] = kgi_run_path(folder, file_names[i], "");
        good = good && paths->part[i] && paths->path[i];
    }
    paths->checkpoint = kgi_run_path(folder, KGI_RUN_CHECKPOINT, "");
    return good && paths->checkpoint ? KG_OK
                                     : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
}

/* ---- opening --------------------------------------------------------------------------------------- */

static void set_started(kg_run *run)
{
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) {
        (void)strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
}

/* What creating and resuming share: a locked folder. */
static kg_status open_folder(kg_run *run, const char *folder, const kg_run_info *info, int may_make,
                             kg_error *err)
{
    run->json.fd = run->csv.fd = run->lock = -1;
    run->info = (kg_run_info)KG_RUN_INFO_INIT;
    if (info) {
        const size_t bytes =
            info->struct_size < sizeof run->info ? info->struct_size : sizeof run->info;
        memcpy(&run->info, info, bytes);
    }
    set_started(run);
    run->folder = strdup(folder);
    run->warnings = json_array();
    if (!run->folder || !run->warnings) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a path");
    }
    run->kept = kgi_existing_length(run->folder);
    kg_status status = make_paths(&run->paths, folder, err);
    if (!status && may_make) {
        status = kgi_folder_create(folder, err);
    }
    if (!status) {
        status = kgi_folder_lock(&run->lock, folder, err);
    }
    run->is_ours = !status;
    run->json.part = run->paths.part[METRICS];
    run->json.path = run->paths.path[METRICS];
    run->csv.part = run->paths.part[METRICS_CSV];
    run->csv.path = run->paths.path[METRICS_CSV];
    return status;
}

static kg_status open_streams(kg_run *run, kg_error *err)
{
    kg_status status = kgi_stream_open(&run->json, err);
    if (!status) {
        status = kgi_stream_open(&run->csv, err);
    }
    return status ? status : kgi_stream_add(&run->csv, kgi_csv_head, err);
}

kg_status kg_run_create(kg_run **out, const char *folder, const kg_run_info *info, kg_error *err)
{
    *out = NULL;
    kg_run *run = calloc(1, sizeof *run);
    if (!run) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a run");
    }
    kg_status status = open_folder(run, folder, info, 1, err);
    if (!status) {
        status = open_streams(run, err);
    }
    if (status) {
        kg_run_destroy(run);
        return status;
    }
    *out = run;
    return KG_OK;
}

kg_status kg_run_resume(kg_run **out, const char *folder, const kg_run_info *info, kg_error *err)
{
    *out = NULL;
    kg_run *run = calloc(1, sizeof *run);
    if (!run) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a run");
    }
    kg_status status = open_folder(run, folder, info, 0, err);
    if (!status) {
        run->can_resume = 1; /* whatever happens now, nothing is to be removed */
        status = kgi_record_find(&run->first, folder, err);
    }
    if (!status && !run->first) {
        status = kgi_fail(err, KG_ERR_IO, "%s: no run here to go on with", folder);
    }
    if (status) {
        kg_run_destroy(run);
        return status;
    }
    *out = run;
    return KG_OK;
}

/* ---- the beginning of training ------------------------------------------------------------------------ */

static kg_status write_text(const char *path, kgi_text *text, kg_error *err)
{
    char *bytes = NULL;
    kg_status status = kgi_text_finish(text, &bytes, err);
    if (!status) {
        status = kgi_file_write(path, bytes, strlen(bytes), err);
    }
    free(bytes);
    return status;
}

/* result NULL: the run goes on. */
static kg_status write_run_json(const kg_run *run, const kg_model *model, uint64_t seed,
                                const kg_seed_result *result, int exit_code, kg_error *err)
{
    kgi_text text = {0};
    const kgi_story story = {.info = &run->info,
                             .started = run->started,
                             .model = model,
                             .seed = seed,
                             .result = result,
                             .exit_code = exit_code,
                             .first = run->first ? kgi_record_json(run->first) : NULL,
                             .resumed_at = run->resumed_at,
                             .warnings = run->warnings};
    kg_status status = kgi_run_json(&text, &story, err);
    if (!status) {
        status = write_text(run->paths.part[RUN_JSON], &text, err);
    }
    kgi_text_clear(&text);
    return status;
}

/* "bytes" and "hash" of a stream in the story; 1 if both are there. */
static int get_stream(const json_t *story, const char *name, uint64_t *bytes, uint64_t *hash)
{
    const json_t *object = json_object_get(story, name);
    const json_t *n = json_object_get(object, "bytes");
    const char *hex = json_string_value(json_object_get(object, "hash"));
    *bytes = json_is_integer(n) && json_integer_value(n) >= 0 ? (uint64_t)json_integer_value(n) : 0;
    *hash = hex ? strtoull(hex, NULL, 16) : 0;
    return json_is_integer(n) && hex;
}

static kg_status resume_streams(kg_run *run, const json_t *story, kg_error *err)
{
    uint64_t bytes[2], hash[2];
    if (!get_stream(story, KGI_RUN_METRICS, &bytes[0], &hash[0]) ||
        !get_stream(story, KGI_RUN_METRICS_CSV, &bytes[1], &hash[1])) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: " KGI_RUN_STORY ": the metrics are missing",
                        run->paths.checkpoint);
    }
    const kg_status status = kgi_stream_resume(&run->json, bytes[0], hash[0], err);
    return status ? status : kgi_stream_resume(&run->csv, bytes[1], hash[1], err);
}

static kg_status restore(kg_run *run, kg_trainer *trainer, kg_error *err)
{
    kgi_container *container = NULL;
    json_t *story = NULL;
    const char *text = NULL;
    kg_status status = kgi_container_load(&container, run->paths.checkpoint, err);
    if (!status) {
        status = kgi_container_need_text(container, KGI_RUN_STORY, &text, err);
    }
    if (!status) {
        status = kgi_json_parse(&story, run->paths.checkpoint, text, strlen(text), err);
    }
    if (!status) {
        status = kgi_trainer_take(trainer, container, err);
    }
    if (!status) {
        status = resume_streams(run, story, err);
    }
    if (!status) {
        run->resumed_at = kg_trainer_n_steps(trainer);
        json_t *warnings = json_object_get(story, "warnings");
        if (json_is_array(warnings) && json_array_extend(run->warnings, warnings)) {
            status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate warnings");
        }
    }
    json_decref(story);
    kgi_container_destroy(container);
    return status;
}

kg_status kg_run_begin(kg_run *run, kg_trainer *trainer, kg_error *err)
{
    kg_status status = KG_OK;
    if (run->first && kgi_file_exists(run->paths.checkpoint)) {
        status = restore(run, trainer, err);
    } else if (run->first) { /* killed before its first checkpoint */
        status = open_streams(run, err);
    } else {
        (void)unlink(run->paths.checkpoint);
    }
    return status ? status
                  : write_run_json(run, trainer->model, trainer->choice.options.seed, NULL, 0, err);
}

/* ---- while it goes on ------------------------------------------------------------------------------- */

/* Adds a line to both files; the first failure is kept in the run. */
static void write_lines(kg_run *run, kgi_text *json, kgi_text *csv)
{
    char *json_line = NULL, *csv_line = NULL;
    kg_error *err = &run->error;
    if (!err->status && !kgi_text_finish(json, &json_line, err) &&
        !kgi_text_finish(csv, &csv_line, err) && !kgi_stream_add(&run->json, json_line, err)) {
        (void)!kgi_stream_add(&run->csv, csv_line, err);
    }
    kgi_text_clear(json);
    kgi_text_clear(csv);
    free(json_line);
    free(csv_line);
}

void kg_run_log(kg_run *run, const kg_step *step)
{
    kgi_text json = {0}, csv = {0};
    kgi_step_lines(step, &json, &csv);
    write_lines(run, &json, &csv);
}

void kg_run_log_epoch(kg_run *run, const kg_epoch *epoch)
{
    kgi_text json = {0}, csv = {0};
    kgi_epoch_lines(epoch, &json, &csv);
    write_lines(run, &json, &csv);
}

void kg_run_warn(kg_run *run, const kg_warning *warning)
{
    json_t *object =
        json_pack("{s:s, s:i, s:i, s:s, s:s}", "name", warning->name, "epoch", warning->epoch,
                  "step", warning->step, "what", warning->what, "remedy", warning->remedy);
    if (json_array_append_new(run->warnings, object) && !run->error.status) {
        (void)kgi_fail(&run->error, KG_ERR_MEMORY, "cannot allocate a warning");
    }
}

kg_status kg_run_check(const kg_run *run, kg_error *err)
{
    return run->error.status ? kgi_fail(err, run->error.status, "%s", run->error.message) : KG_OK;
}

static void put_stream(kgi_text *text, const char *name, const kgi_stream *stream)
{
    kgi_text_printf(text, "\"%s\": {\"bytes\": %" PRIu64 ", \"hash\": \"%016" PRIx64 "\"}, ", name,
                    stream->bytes, stream->hash);
}

/* What the run adds to the trainer's checkpoint. */
static kg_status put_story(const kg_run *run, kgi_container *container, kg_error *err)
{
    kgi_text text = {0};
    char *story = NULL, *warnings = NULL;
    kg_status status = kgi_json_format(&warnings, run->warnings, KGI_JSON_LINE, err);
    if (!status) {
        kgi_text_printf(&text, "{");
        put_stream(&text, KGI_RUN_METRICS, &run->json);
        put_stream(&text, KGI_RUN_METRICS_CSV, &run->csv);
        kgi_text_printf(&text, "\"warnings\": %s}", warnings);
        status = kgi_text_finish(&text, &story, err);
    }
    if (!status) {
        status = kgi_container_set_text(container, KGI_RUN_STORY, story, err);
    }
    free(story);
    free(warnings);
    return status;
}

kg_status kg_run_checkpoint(kg_run *run, const kg_trainer *trainer, kg_error *err)
{
    kgi_container *container = NULL;
    kg_status status = kg_run_check(run, err);
    if (!status) { /* what the checkpoint speaks of is on the disk before it */
        status = kgi_stream_sync(&run->json, err);
    }
    if (!status) {
        status = kgi_stream_sync(&run->csv, err);
    }
    if (!status) {
        status = kgi_container_create(&container, err);
    }
    if (!status) {
        status = kgi_trainer_put(trainer, container, err);
    }
    if (!status) {
        status = put_story(run, container, err);
    }
    if (!status) {
        status = kgi_container_save(container, run->paths.checkpoint, err);
    }
    kgi_container_destroy(container);
    run->can_resume = run->can_resume || (!status && kg_trainer_n_steps(trainer) > 0);
    return status;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static kg_status close_streams(kg_run *run, kg_error *err)
{
    kg_status status = kg_run_check(run, err);
    if (!status) {
        status = kgi_stream_sync(&run->json, err);
    }
    if (!status) {
        status = kgi_stream_sync(&run->csv, err);
    }
    if (!status) {
        status = kgi_stream_close(&run->json, err);
    }
    if (!status) {
        status = kgi_stream_close(&run->csv, err);
    }
    return status;
}

static kg_status write_predictions(const kg_run *run, const kg_model *model,
                                   const kg_seed_result *result, kg_error *err)
{
    kgi_text text = {0};
    if (!result->predicted || !result->scores || !result->labels) {
        return KG_OK;
    }
    kgi_predictions_csv(&text, model, result);
    return write_text(run->paths.part[PREDICTIONS], &text, err);
}

/* Gives the first n parts their names back. */
static void unpublish(const file_paths *paths, int n)
{
    for (int i = 0; i < n; i++) {
        (void)rename(paths->path[i], paths->part[i]);
    }
}

/* Gives the parts their own names; what has got one loses it again if another cannot. First the older
 * run.json goes, last the new one comes, and the disk is waited for between: whatever is cut off, a
 * run.json stands beside the files that it speaks of. */
static kg_status publish(const file_paths *paths, const char *folder, int has_predictions,
                         kg_error *err)
{
    (void)unlink(paths->path[RUN_JSON]);
    kg_status status = kgi_folder_sync(folder, err);
    for (int i = 0; i < N_FILES && !status; i++) {
        if (i == PREDICTIONS && !has_predictions) {
            (void)unlink(paths->path[i]); /* of the older run */
            continue;
        }
        if (i == RUN_JSON) {
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
    kgi_text json = {0}, csv = {0};
    kgi_result_lines(result, &json, &csv);
    write_lines(run, &json, &csv);
    kg_status status = close_streams(run, err);
    if (!status) {
        status = write_predictions(run, model, result, err);
    }
    if (!status) {
        status = kg_model_save(model, run->paths.part[MODEL], err);
    }
    if (!status) {
        status = write_run_json(run, model, result->seed, result, exit_code, err);
    }
    if (!status) {
        status = publish(&run->paths, run->folder, result->predicted != NULL, err);
    }
    if (!status && result->stop != KG_STOP_CALLBACK) {
        (void)unlink(run->paths.checkpoint); /* there is nothing to go on with */
    }
    run->finished = !status;
    return status;
}

void kg_run_destroy(kg_run *run)
{
    if (!run) {
        return;
    }
    (void)!kgi_stream_close(&run->json, NULL);
    (void)!kgi_stream_close(&run->csv, NULL);
    const int removes = run->is_ours && !run->finished && !run->can_resume;
    for (int i = N_FILES - 1; i >= 0 && removes; i--) {
        (void)unlink(run->paths.part[i]);
    }
    if (removes) { /* one that got its name, though its folder could not be synced */
        (void)unlink(run->paths.checkpoint);
    }
    if (run->folder && !run->finished && !run->can_resume) {
        kgi_remove_folders(run->folder, run->kept);
    }
    if (run->lock >= 0) {
        (void)close(run->lock);
    }
    kg_run_record_destroy(run->first);
    json_decref(run->warnings);
    clear_paths(&run->paths);
    free(run->folder);
    free(run);
}
