/* SPDX-License-Identifier: Apache-2.0 */
/* Results for people and programs: tables, run folders that explain themselves, results as JSON.
 *
 *     kg_run_create(&run, "runs/0001-qcnn", &info, &err);   or kg_run_resume()
 *     kg_run_begin(run, trainer, &err);                     before the first step
 *     kg_run_log(run, step);                                per step, and per epoch
 *     kg_run_checkpoint(run, trainer, &err);                now and then
 *     kg_run_finish(run, model, result, 0, &err);           all files appear, run.json last
 *     kg_run_destroy(run);
 *
 * A run folder holds run.json (options in effect, command, machine, results), metrics.jsonl, the same rows
 * as metrics.csv, predictions.csv of the test rows and model.safetensors. Clock, host, paths and threads are
 * in run.json only: the other files are the same bytes whenever the run is the same. While a run goes on
 * these files have names that end with ".part", and checkpoint.safetensors lies beside them; a run that was
 * killed leaves that, and kg_run_resume() goes on from there. Beside the runs of an experiment lies
 * experiment.json, the results of all seeds and of the baselines with their times. */
#ifndef KETGRAD_REPORT_H
#define KETGRAD_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "eval.h"
#include "export.h"
#include "model.h"
#include "options.h"
#include "status.h"
#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- tables ------------------------------------------------------------------------------------- */

typedef struct kg_table kg_table;

/**
 * A table of text cells in aligned columns.
 *
 * @param[in] align   one letter per column, 'l' (left) or 'r' (right); at most 32 columns
 * @param[in] titles  [columns]; NULL for a table without a head
 * Errors: KG_ERR_ARGUMENT (align), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_table_create(kg_table **out, const char *align,
                                               const char *const *titles, kg_error *err);
KG_API void kg_table_destroy(kg_table *table);
/** Adds a row of copies; a NULL cell is empty. A lack of memory shows in kg_table_format(). */
KG_API void kg_table_add(kg_table *table, const char *const *cells);
/** The text, a line per row, columns two blanks apart, no blank at a line's end; widths count
 * characters of UTF-8, not bytes. Release *out with kg_free(). */
KG_API KG_MUST_CHECK kg_status kg_table_format(char **out, const kg_table *table, kg_error *err);

/* ---- which data ----------------------------------------------------------------------------------- */

/* The data of a run, in words that run.json can keep. */
typedef struct kg_run_data {
    size_t struct_size;
    const char *data;        /* name, kg_dataset_info_get(), or a file; default "strokes" */
    const char *classes;     /* "0,1": classes by name or, if one is no name, all by number; "all";
                                "auto", the default: those of kg_dataset_info, all of a file */
    int train_rows;          /* the first rows of these classes, 0: all; default 0 */
    int test_rows;           /* the same of the test rows; default 0 */
    const char *data_folder; /* of real data sets; NULL if there is none; default NULL */
    uint64_t data_seed;      /* of generated sets and of splits; default 1 */
    const char *label;       /* of a file, kg_dataset_read_file(); default "last" */
    const char *test;        /* of a file: the file with its test rows; default NULL, split */
    double test_fraction;    /* of each class that is split off, 0.01 .. 0.9; default 0.3 */
} kg_run_data;

#define KG_RUN_DATA_INIT                                                                           \
    {                                                                                              \
        sizeof(kg_run_data), "strokes", "auto", 0, 0, NULL, 1, "last", NULL, 0.3                   \
    }

KG_API const kg_option_table *kg_run_data_table(void);

/** kg_dataset_load() with these words. Errors: KG_ERR_ARGUMENT (classes is not a list, a range), and
 * those of kg_dataset_load(). */
KG_API KG_MUST_CHECK kg_status kg_run_data_load(kg_dataset **train, kg_dataset **test,
                                                const kg_run_data *data, kg_error *err);

/* ---- writing a run -------------------------------------------------------------------------------- */

typedef struct kg_run kg_run;

/* What run.json says beside the result. Borrowed until kg_run_destroy(). */
typedef struct kg_run_info {
    size_t struct_size;
    int n_arguments;
    const char *const *arguments;     /* [n_arguments] the command, word by word */
    const kg_run_data *data;          /* NULL: unknown */
    const kg_dataset *train;          /* for names and hashes; NULL: unknown */
    const kg_dataset *test;           /* the same */
    const kg_train_options *training; /* NULL: unknown */
    int threads;
    const kg_experiment_options *experiment; /* NULL: unknown */
} kg_run_info;

#define KG_RUN_INFO_INIT                                                                           \
    {                                                                                              \
        sizeof(kg_run_info), 0, NULL, NULL, NULL, NULL, NULL, 1, NULL                              \
    }

/** Creates root/NNNN-name, NNNN one more than the largest number in root, and gives its path (release
 * with kg_free()). Errors: KG_ERR_IO, KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_run_folder(char **path, const char *root, const char *name,
                                             kg_error *err);

/* Keeps everybody else out of a folder, until it is released or the program ends, however it ends. */
typedef struct kg_run_lock kg_run_lock;

/** Creates the folder if it is not there and locks it. Errors: KG_ERR_IO (another program is training
 * there), KG_ERR_MEMORY. A run locks its own folder; this is for the folder of several seeds. */
KG_API KG_MUST_CHECK kg_status kg_run_lock_take(kg_run_lock **out, const char *folder,
                                                kg_error *err);
KG_API void kg_run_lock_release(kg_run_lock *lock);

/** Creates the folder if it is not there, locks it and makes sure that files can be written. A run that
 * is in it already stays until kg_run_finish(), but for its checkpoint.
 * Errors: KG_ERR_IO (names the path; another program is training there), KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_run_create(kg_run **out, const char *folder,
                                             const kg_run_info *info, kg_error *err);
/** Opens a run that was interrupted or killed, to go on with it. Errors: as above, and KG_ERR_IO if there
 * is none in the folder, KG_ERR_FORMAT. */
KG_API KG_MUST_CHECK kg_status kg_run_resume(kg_run **out, const char *folder,
                                             const kg_run_info *info, kg_error *err);
/** Before the first step of a new trainer: from here on kg_run_list_load() sees the run as going on.
 * After kg_run_resume() the trainer goes on from the checkpoint, and the metrics from the line that
 * it knows. Errors: KG_ERR_IO, those of kg_trainer_load(), KG_ERR_FORMAT (metrics that do not belong
 * to the checkpoint). */
KG_API KG_MUST_CHECK kg_status kg_run_begin(kg_run *run, kg_trainer *trainer, kg_error *err);
/** Adds a line to the metrics and writes it; a failure is kept for kg_run_check(). */
KG_API void kg_run_log(kg_run *run, const kg_step *step);
KG_API void kg_run_log_epoch(kg_run *run, const kg_epoch *epoch);
/** Keeps a warning for run.json; a lack of memory is kept for kg_run_check(). */
KG_API void kg_run_warn(kg_run *run, const kg_warning *warning);
/** KG_ERR_IO if a line could not be written. */
KG_API KG_MUST_CHECK kg_status kg_run_check(const kg_run *run, kg_error *err);
/** Writes checkpoint.safetensors, and the metrics before it, to the disk. On failure the last one stays.
 * Errors: KG_ERR_IO, KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_run_checkpoint(kg_run *run, const kg_trainer *trainer,
                                                 kg_error *err);
/** Writes the model, predictions and run.json and puts all files in place. The checkpoint goes, unless
 * the run was stopped by a callback: then it can be resumed. On failure the folder is as it was before
 * kg_run_create(). @param[in] exit_code of the program: 0, or 130 if it was interrupted */
KG_API KG_MUST_CHECK kg_status kg_run_finish(kg_run *run, const kg_model *model,
                                             const kg_seed_result *result, int exit_code,
                                             kg_error *err);
/** Removes what an unfinished run has made, unless there is a checkpoint to go on from; NULL is
 * harmless. */
KG_API void kg_run_destroy(kg_run *run);

/* ---- reading runs --------------------------------------------------------------------------------- */

typedef enum kg_run_state {
    KG_RUN_FINISHED,    /* all its files are there */
    KG_RUN_INTERRUPTED, /* the same, and there is a checkpoint to go on from */
    KG_RUN_UNFINISHED,  /* killed; to be resumed */
    KG_RUN_GOING        /* a program is training it now */
} kg_run_state;

/** "finished", "interrupted", "unfinished", "running"; NULL for any other number. */
KG_API const char *kg_run_state_name(int state);

/* run.json, read. Texts belong to the record. */
typedef struct kg_run_record {
    const char *folder;
    const char *model; /* name */
    const char *version;
    const char *command;
    const char *started; /* UTC, "2026-01-31T12:00:00Z" */
    const char *stop;    /* "steps", "patience", "interrupted", "fit", "numeric", "unfinished" */
    int params;
    int exit_code;
    kg_seed_result
        result; /* of an unfinished run: what its checkpoint says, steps 0 if it has none */
    kg_run_data data;
    int state;                        /* kg_run_state */
    uint64_t first_seed;              /* of the experiment */
    const char *kernels;              /* of the engine, NULL if there is none */
    kg_model_options model_options;   /* in effect */
    kg_train_options training;        /* the same; its seed is that of the run */
    kg_experiment_options experiment; /* the same */
    int n_warnings;
} kg_run_record;

/** Reads folder/run.json. Errors: KG_ERR_IO (none there), KG_ERR_FORMAT. */
KG_API KG_MUST_CHECK kg_status kg_run_load(kg_run_record **out, const char *folder, kg_error *err);
KG_API void kg_run_record_destroy(kg_run_record *record);
/** The run in a folder, finished or not, or that of the first of its seeds; *has_seeds says which.
 * Errors: KG_ERR_IO (no run there), KG_ERR_FORMAT. */
KG_API KG_MUST_CHECK kg_status kg_run_find(kg_run_record **out, const char *folder, int *has_seeds,
                                           kg_error *err);
/** Whether these sets are those that the run was made with, by rows and SHA-256. KG_ERR_ARGUMENT says
 * what differs. */
KG_API KG_MUST_CHECK kg_status kg_run_check_data(const kg_run_record *record,
                                                 const kg_dataset *train, const kg_dataset *test,
                                                 kg_error *err);

/**
 * The run in a folder: itself, or of its seed-1, seed-2, ... the one with the lowest training loss
 * (never chosen by test rows), or that of a seed.
 *
 * @param[in] seed  NULL: the lowest loss
 * Errors: KG_ERR_IO (no run there), KG_ERR_ARGUMENT (no run of that seed), KG_ERR_FORMAT.
 */
KG_API KG_MUST_CHECK kg_status kg_run_select(kg_run_record **out, const char *folder,
                                             const uint64_t *seed, kg_error *err);

typedef struct kg_run_list kg_run_list;

/** All runs under root, sorted by folder: root itself, root/X and root/X/Y, finished or not. Folders
 * whose run.json cannot be read are left out and counted. An absent root is an empty list. */
KG_API KG_MUST_CHECK kg_status kg_run_list_load(kg_run_list **out, const char *root, kg_error *err);
KG_API void kg_run_list_destroy(kg_run_list *list);
/** Run i, NULL past the end. */
KG_API const kg_run_record *kg_run_list_get(const kg_run_list *list, int i);
/** Run folders that could not be read, or have not begun. */
KG_API int kg_run_list_n_broken(const kg_run_list *list);

/* ---- the same bits again ------------------------------------------------------------------------------ */

typedef struct kg_verify_options {
    size_t struct_size;
    const char *scratch;                              /* a folder to write in; default "." */
    const char *data_folder;                          /* NULL, the default: that of the run */
    int threads;                                      /* 1 .. 256; default 1 */
    void (*on_step)(const kg_step *step, void *user); /* NULL: not wanted */
    int (*should_stop)(void *user);                   /* asked before every step */
    void *user;
} kg_verify_options;

#define KG_VERIFY_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(kg_verify_options), ".", NULL, 1, NULL, NULL, NULL                                  \
    }

enum { KG_VERIFY_MAX_FILES = 8 };

/* A file of the run beside the same of the repetition. */
typedef struct kg_verify_file {
    const char *name;
    int same;
    size_t n_then; /* bytes */
    size_t n_now;
    size_t first; /* byte that differs, from 0, if they are not the same */
    size_t line;  /* the line it is in, from 1; 0 for the model */
} kg_verify_file;

typedef struct kg_verify {
    int same;    /* all files have the same bytes */
    int stopped; /* should_stop() ended it: nothing is known */
    int n_files;
    kg_verify_file files[KG_VERIFY_MAX_FILES];
    char kernels_then[64]; /* engine and kernel set, "tile avx2"; "" without one */
    char kernels_now[64];
    char blas_then[128];
    char blas_now[128];
    char version_then[32];
} kg_verify;

/**
 * Repeats a finished or interrupted run from its run.json, data first, and compares bits of model,
 * metrics and predictions.
 *
 * Errors: KG_ERR_ARGUMENT (the data is not what it was), KG_ERR_UNSUPPORTED (an unfinished run), those of
 * kg_run_load(), kg_run_data_load(), kg_experiment_run() and of writing in scratch.
 */
KG_API KG_MUST_CHECK kg_status kg_run_verify(kg_verify *report, const char *folder,
                                             const kg_verify_options *options, kg_error *err);

/* ---- results -------------------------------------------------------------------------------------- */

/** An experiment as JSON: model, params, seeds [{seed, train_accuracy, test_accuracy, loss, seconds, metrics}],
 * test_accuracy {mean, sd, min, max, n}, baselines [{name, params, test_accuracy}], seconds; more
 * fields may follow. Numbers read back to the same bits. Release *out with kg_free(). */
KG_API KG_MUST_CHECK kg_status kg_experiment_format(char **out, const kg_experiment *experiment,
                                                    kg_error *err);
/** The same written to folder/experiment.json. */
KG_API KG_MUST_CHECK kg_status kg_experiment_save(const kg_experiment *experiment,
                                                  const char *folder, kg_error *err);
/** A table of the model and its baselines: parameters, test accuracy with its interval, time; the best
 * accuracy is marked, whoever it is. Release *out with kg_free(). */
KG_API KG_MUST_CHECK kg_status kg_experiment_table(char **out, const kg_experiment *experiment,
                                                   kg_error *err);
/** A confusion matrix as a table. @param[in] classes [n] names */
KG_API KG_MUST_CHECK kg_status kg_confusion_table(char **out, int n, const int *matrix,
                                                  const char *const *classes, kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
