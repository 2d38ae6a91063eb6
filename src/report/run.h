/* SPDX-License-Identifier: Apache-2.0 */
/* What writing and reading of run folders share. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <ketgrad/report.h>

#include "base/json.h"
#include "base/text.h"

#define KGI_RUN_FORMAT "ketgrad run 1"
#define KGI_RUN_JSON "run.json"
#define KGI_RUN_METRICS "metrics.jsonl"
#define KGI_RUN_METRICS_CSV "metrics.csv"
#define KGI_RUN_PREDICTIONS "predictions.csv"
#define KGI_RUN_MODEL "model.safetensors"
#define KGI_RUN_CHECKPOINT "checkpoint.safetensors"
#define KGI_RUN_PART ".part"            /* follows the name of a file that is not finished */
#define KGI_RUN_STORY "ketgrad.run"     /* key of a checkpoint: lengths of the metrics, warnings */
#define KGI_RUN_UNFINISHED "unfinished" /* what "stop" says while a run goes on */

/* Why a run stopped, as run.json says it; NULL if stop is not one of kg_stop. */
const char *kgi_stop_name(int stop);

/* ---- folders (folder.c) ---------------------------------------------------------------------------- */

/* "folder/name" + suffix; release with free(). NULL if there is no memory. */
char *kgi_run_path(const char *folder, const char *name, const char *suffix);
/* *exists = 1 if folder/name + suffix is there. Errors: KG_ERR_MEMORY. */
kg_status kgi_run_has(int *exists, const char *folder, const char *name, const char *suffix,
                      kg_error *err);
/* Length of the longest beginning of path that exists; the path is as it was afterwards. */
size_t kgi_existing_length(char *path);
/* Removes folder and its parents, as far as they are empty and longer than kept; needs no memory. */
void kgi_remove_folders(char *folder, size_t kept);
/* Locks an existing folder: a descriptor to close, -1 if its file system has no locks. KG_ERR_IO if
 * another program (or another run of this one) has it. */
kg_status kgi_folder_lock(int *lock, const char *folder, kg_error *err);
/* 1 if somebody has it now. */
int kgi_folder_is_locked(const char *folder);

/* ---- files that grow by lines (stream.c) ------------------------------------------------------------- */

typedef struct kgi_stream {
    int fd; /* -1: not open */
    uint64_t bytes;
    uint64_t hash;    /* of all bytes so far, FNV-1a */
    const char *part; /* its names, borrowed */
    const char *path;
} kgi_stream;

kg_status kgi_stream_open(kgi_stream *stream, kg_error *err);
/* Goes on after the first `bytes` with that hash, of the part or, if they are not there, of the finished
 * file; what follows them is cut off. KG_ERR_FORMAT if neither has them. */
kg_status kgi_stream_resume(kgi_stream *stream, uint64_t bytes, uint64_t hash, kg_error *err);
kg_status kgi_stream_add(kgi_stream *stream, const char *text, kg_error *err);
kg_status kgi_stream_sync(const kgi_stream *stream, kg_error *err);
kg_status kgi_stream_close(kgi_stream *stream, kg_error *err);

/* ---- texts (lines.c, machine.c) ------------------------------------------------------------------------ */

/* A line of metrics.jsonl and the same row of metrics.csv. */
extern const char kgi_csv_head[];
void kgi_step_lines(const kg_step *step, kgi_text *json, kgi_text *csv);
void kgi_epoch_lines(const kg_epoch *epoch, kgi_text *json, kgi_text *csv);
void kgi_result_lines(const kg_seed_result *result, kgi_text *json, kgi_text *csv);
/* predictions.csv: row, label, predicted, a score per class. */
void kgi_predictions_csv(kgi_text *text, const kg_model *model, const kg_seed_result *result);

/* All that run.json tells. */
typedef struct kgi_story {
    const kg_run_info *info;
    const char *started; /* of this program */
    const kg_model *model;
    uint64_t seed;
    const kg_seed_result *result; /* NULL: it is still going on */
    int exit_code;
    const json_t *first;    /* run.json of the program that began the run; NULL: this one */
    int resumed_at;         /* steps that it, or others, had done */
    const json_t *warnings; /* array */
} kgi_story;

kg_status kgi_run_json(kgi_text *text, const kgi_story *story, kg_error *err);
/* "train": {"name": ..., "rows": ..., "sources": [{path, sha256, known}]} */
kg_status kgi_dataset_json(kgi_text *text, const char *key, const kg_dataset *data, kg_error *err);
void kgi_metrics_json(kgi_text *text, const kg_metrics *metrics);

/* ---- reading (record.c) -------------------------------------------------------------------------------- */

/* The first of both that is there, the one of a run that goes on before the other; *out is NULL if there is
 * none. */
kg_status kgi_record_find(kg_run_record **out, const char *folder, kg_error *err);
/* All of its JSON, borrowed. */
const json_t *kgi_record_json(const kg_run_record *record);

#endif
