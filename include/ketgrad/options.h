/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables: one row per field of an option struct, from which come the flags of the program, the
 * range checks with their messages, the help and the echo in run.json.
 *
 * An option struct `kg_train_options` has the table kg_train_options_table(), and so have the others:
 *
 *     kg_train_options options = KG_TRAIN_OPTIONS_INIT;
 *     kg_options_set(kg_train_options_table(), &options, "lr", "0.01", &err);
 */
#ifndef KETGRAD_OPTIONS_H
#define KETGRAD_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Type of a row, and the field it describes. */
enum {
    KG_OPTION_INT = 'i',    /* int in [lo, hi] */
    KG_OPTION_DOUBLE = 'd', /* double in [lo, hi], finite */
    KG_OPTION_SEED = 'u',   /* uint64_t in [lo, hi] */
    KG_OPTION_BYTES = 'z',  /* size_t in [lo, hi]; text: 4096, 64K, 512M, 2G (powers of 1024) */
    KG_OPTION_FLAG = 'b',   /* int, 0 or 1; text: 0, 1, false, true, no, yes */
    KG_OPTION_NAME = 'e',   /* int i, written as its name names(i) */
    KG_OPTION_TEXT = 's',   /* const char *; one of names() if there is such a list; may be NULL */
    KG_OPTION_PATH = 'p' /* the same, a file or folder, relative to the file that names it; names()
                               are texts that are no paths, any other is allowed as well */
};

typedef struct kg_option {
    const char *name; /* the field; '_' is written '-' on the command line, both are understood */
    int type;         /* KG_OPTION_INT ... */
    size_t offset;    /* of the field in its struct */
    double lo;        /* smallest value, numbers only */
    double hi;        /* largest value, numbers only */
    const char *default_text;    /* as kg_option_set() reads it; NULL: no text is set */
    const char *help;            /* one line, without the default */
    const char *(*names)(int i); /* allowed names, NULL past the end; NULL: no list */
} kg_option;

typedef struct kg_option_table {
    const char *name; /* what the options belong to: "train" */
    const kg_option *rows;
    int n_rows;
} kg_option_table;

/** The row of that name, NULL if there is none. */
KG_API const kg_option *kg_option_find(const kg_option_table *table, const char *name);

/**
 * Sets the field of a row from text. Text fields keep the pointer (with a list of names, the
 * pointer from the list), so text must live as long as the struct is used.
 *
 * Errors: KG_ERR_ARGUMENT with what, got, allowed and the nearest name; the struct is unchanged.
 */
KG_API KG_MUST_CHECK kg_status kg_option_set(const kg_option *row, void *options, const char *text,
                                             kg_error *err);

/** kg_option_set() by name; KG_ERR_ARGUMENT for an unknown one, with the nearest. */
KG_API KG_MUST_CHECK kg_status kg_options_set(const kg_option_table *table, void *options,
                                              const char *name, const char *text, kg_error *err);

/** Sets every field to its default. */
KG_API void kg_options_reset(const kg_option_table *table, void *options);

/** Checks every field against its range or list; KG_ERR_ARGUMENT names the first that is outside. */
KG_API KG_MUST_CHECK kg_status kg_options_check(const kg_option_table *table, const void *options,
                                                kg_error *err);

/** The value of a field as kg_option_set() reads it (the shortest text that reads back to the same
 * number), "" for a NULL text. Release *out with kg_free(). */
KG_API KG_MUST_CHECK kg_status kg_option_format(char **out, const kg_option *row,
                                                const void *options, kg_error *err);

/** All fields as one JSON object in one line, {"epochs": 10, ...}. Release *out with kg_free(). */
KG_API KG_MUST_CHECK kg_status kg_options_format(char **out, const kg_option_table *table,
                                                 const void *options, kg_error *err);

/** Of n names the one nearest to `name` by edit distance if it is near enough to suggest, else
 * NULL. */
KG_API const char *kg_name_nearest(const char *name, const char *const *names, int n);

#ifdef __cplusplus
}
#endif

#endif
