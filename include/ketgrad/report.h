/* SPDX-License-Identifier: Apache-2.0 */
/* Results for people and programs: tables, run folders that explain themselves, results as JSON.
 *
 *     kg_run_create(&run, "runs/0001-qcnn", &info, &err);   nothing is visible yet
 *     kg_run_log(run, step);                                per step
 *     kg_run_finish(run, model, result, 0, &err);           all files appear, run.json last
 *     kg_run_destroy(run);                                  unfinished: leaves nothing behind
 *
 * A run folder holds run.json (options in effect, command, machine, results), metrics.jsonl and
 * model.safetensors. Clock, host, paths and threads are in run.json only: the other two files are the
 * same bytes whenever the run is the same. Beside the runs of an experiment lies experiment.json, the
 * results of all seeds and of the baselines with their times. */
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
} kg_run_info;

#define KG_RUN_INFO_INIT                                                                           \
    {                                                                                              \
        sizeof(kg_run_info), 0, NULL, NULL, NULL, NULL, NULL, 1                                    \
    }

/** Creates root/NNNN-name, NNNN one more than the largest number in root, and gives its path (release
 * with kg_free()). Errors: KG_ERR_IO, KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_run_folder(char **path, const char *root, const char *name,
                                             kg_error *err);

/** Creates the folder if it is not there and makes sure that files can be written. A run that is in
 * it already stays until kg_run_finish(). Errors: KG_ERR_IO (names the path), KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_run_create(kg_run **out, const char *folder,
                                             const kg_run_info *info, kg_error *err);
/** Adds a line to the metrics and flushes it; a failure is kept for kg_run_check(). */
KG_API void kg_run_log(kg_run *run, const kg_step *step);
/** KG_ERR_IO if a line could not be written. */
KG_API KG_MUST_CHECK kg_status kg_run_check(const kg_run *run, kg_error *err);
/** Writes the model and run.json and puts all files in place. On failure the folder is as it was
 * before kg_run_create(). @param[in] exit_code of the program: 0, or 130 if it was interrupted */
KG_API KG_MUST_CHECK kg_status kg_run_finish(kg_run *run, const kg_model *model,
                                             const kg_seed_result *result, int exit_code,
                                             kg_error *err);
/** Removes what an unfinished run has made; NULL is harmless. */
KG_API void kg_run_destroy(kg_run *run);

/* ---- reading runs --------------------------------------------------------------------------------- */

/* run.json, read. Texts belong to the record. */
typedef struct kg_run_record {
    const char *folder;
    const char *model; /* name */
    const char *version;
    const char *command;
    const char *started; /* UTC, "2026-01-31T12:00:00Z" */
    const char *stop;    /* "steps", "interrupted", "fit", "numeric" */
    int params;
    int exit_code;
    kg_seed_result result;
    kg_run_data data;
} kg_run_record;

/** Reads folder/run.json. Errors: KG_ERR_IO (none there), KG_ERR_FORMAT. */
KG_API KG_MUST_CHECK kg_status kg_run_load(kg_run_record **out, const char *folder, kg_error *err);
KG_API void kg_run_record_destroy(kg_run_record *record);

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

/** All runs under root, sorted by folder: root itself, root/X and root/X/Y. Folders whose run.json
 * cannot be read are left out and counted. An absent root is an empty list. */
KG_API KG_MUST_CHECK kg_status kg_run_list_load(kg_run_list **out, const char *root, kg_error *err);
KG_API void kg_run_list_destroy(kg_run_list *list);
/** Run i, NULL past the end. */
KG_API const kg_run_record *kg_run_list_get(const kg_run_list *list, int i);
/** Run folders that could not be read, or were not finished. */
KG_API int kg_run_list_n_broken(const kg_run_list *list);

/* ---- results -------------------------------------------------------------------------------------- */

/** An experiment as JSON: model, params, seeds [{seed, train_accuracy, test_accuracy, loss, seconds}],
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
