/* SPDX-License-Identifier: Apache-2.0 */
/* Samples: data sets from files and from generators that check what they read, and pipelines of
 * transforms that are fitted on training rows and applied to any.
 *
 *     kg_dataset_load(&train, &test, "strokes", NULL, &err);
 *     kg_pipeline_fit(&pipeline, steps, 3, train, &err);      steps: "scale", "pca:8", "angle-range"
 *     kg_pipeline_apply(&x_train, pipeline, train, &err);
 *     kg_pipeline_apply(&x_test, pipeline, test, &err);
 *
 * The library reads no environment variable: the folder of real data sets is an option. */
#ifndef KETGRAD_DATA_H
#define KETGRAD_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"
#include "options.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- data sets ------------------------------------------------------------------------------ */

/* Rows of finite features with a class each (or without classes), in memory and unchanging. */
typedef struct kg_dataset kg_dataset;

/* A file that a data set was read from. */
typedef struct kg_data_source {
    const char *path;
    const char *sha256; /* 64 hexadecimal digits, of the file as it is on disk */
    int known;          /* 1 if this is the file the table of data sets knows by its SHA-256 */
} kg_data_source;

/**
 * A data set from memory; everything is copied.
 *
 * @param[in] name         for messages and reports, NULL means "data"
 * @param[in] n_rows       at least 1
 * @param[in] n_features   at least 1
 * @param[in] features     [n_rows][n_features] finite
 * @param[in] n_classes    number of classes, at most 65536; 0 for data without labels
 * @param[in] labels       [n_rows] class indices in [0, n_classes); NULL if n_classes is 0
 * @param[in] class_names  [n_classes]; NULL means "0", "1", ...
 * Errors: KG_ERR_ARGUMENT (a count, a label), KG_ERR_NUMERIC (a feature is not finite),
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_create(kg_dataset **out, const char *name, int n_rows,
                                                 int n_features, const double *features,
                                                 int n_classes, const int *labels,
                                                 const char *const *class_names, kg_error *err);
KG_API void kg_dataset_destroy(kg_dataset *data);

/** Says that rows are grey images, row-major from the top left pixel. height * width must be
 * n_features, else KG_ERR_SHAPE. */
KG_API KG_MUST_CHECK kg_status kg_dataset_set_image(kg_dataset *data, int height, int width,
                                                    kg_error *err);

KG_API const char *kg_dataset_name(const kg_dataset *data);
KG_API int kg_dataset_n_rows(const kg_dataset *data);
KG_API int kg_dataset_n_features(const kg_dataset *data);
/** 0 if the rows have no labels. */
KG_API int kg_dataset_n_classes(const kg_dataset *data);
/** Image size, 0 if rows are not images. */
KG_API int kg_dataset_height(const kg_dataset *data);
KG_API int kg_dataset_width(const kg_dataset *data);
/** [n_rows][n_features], borrowed. */
KG_API const double *kg_dataset_features(const kg_dataset *data);
/** [n_rows] in [0, n_classes), borrowed; NULL if n_classes is 0. */
KG_API const int *kg_dataset_labels(const kg_dataset *data);
/** Name of a class, borrowed; NULL if out of range. */
KG_API const char *kg_dataset_class_name(const kg_dataset *data, int label);
/** Files the rows came from, none for generated data. */
KG_API int kg_dataset_n_sources(const kg_dataset *data);
/** Borrowed; NULL if out of range. */
KG_API const kg_data_source *kg_dataset_source(const kg_dataset *data, int i);

/** The chosen rows in the given order (a row may be chosen twice). Classes, image size, name and
 * sources stay. Errors: KG_ERR_ARGUMENT (n_rows < 1, a row out of range), KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_dataset_subset(kg_dataset **out, const kg_dataset *data,
                                                 const int *rows, int n_rows, kg_error *err);

/** Two parts without a row in common: n_first rows drawn by the seed (KG_STREAM_SHUFFLE), and the
 * rest; each part keeps the order of `data`. n_first in [1, n_rows - 1]. On failure both are NULL.
 * Errors: KG_ERR_ARGUMENT, KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_dataset_split(kg_dataset **first, kg_dataset **second,
                                                const kg_dataset *data, int n_first, uint64_t seed,
                                                kg_error *err);

/**
 * The same with each class in proportion: of a class with n rows, n * fraction of them, rounded, are
 * drawn for the second part, but never none and never all. Data without classes count as one class.
 *
 * @param[in] fraction  of the second part, in (0, 1)
 * Errors: KG_ERR_ARGUMENT (fraction; a class with a single row), KG_ERR_MEMORY. On failure both are
 * NULL.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_split_classes(kg_dataset **first, kg_dataset **second,
                                                        const kg_dataset *data, double fraction,
                                                        uint64_t seed, kg_error *err);

/* ---- data sets by name ---------------------------------------------------------------------- */

/* One row of the table of data sets. */
typedef struct kg_dataset_info {
    const char *name;    /* "mnist" */
    const char *help;    /* one line */
    const char *licence; /* of the data, "none stated" if unknown */
    const char *source;  /* where it comes from */
    int n_classes;
    int height;
    int width;
    int n_train;      /* rows of all classes */
    int n_test;       /* rows of all classes; 0: all rows are in n_train, test rows are split off */
    int needs_folder; /* 1: files in options.folder; 0: generated */
    int n_features;
    const char *classes;  /* those that a run takes unless it chooses, "0,1"; "all" */
    const char *files_in; /* folder of its files in options.folder; NULL if it is generated */
} kg_dataset_info;

/* A file of such a set, as it was published. */
typedef struct kg_dataset_file {
    const char *name; /* in options.folder/info.files_in */
    const char *sha256;
    size_t n_bytes;
    const char *url; /* https, a place that has these bytes; NULL if none is known */
} kg_dataset_file;

/** Row i of the table, borrowed for ever; NULL from the end on. */
KG_API const kg_dataset_info *kg_dataset_info_get(int i);
/** The row of that name, or NULL. */
KG_API const kg_dataset_info *kg_dataset_info_find(const char *name);
/** File i of a row, borrowed for ever; NULL from the end on, and for generated sets. */
KG_API const kg_dataset_file *kg_dataset_file_get(const kg_dataset_info *info, int i);

typedef struct kg_dataset_options {
    size_t struct_size; /* set by KG_DATASET_OPTIONS_INIT */
    const char *folder; /* holds <name>/<files>; NULL if there is none */
    const int
        *classes;  /* [n_classes] classes to load, distinct; label i is classes[i]; NULL: all */
    int n_classes; /* 0: all classes in their own order */
    int n_train;   /* the first n_train rows of the chosen classes; 0: all */
    int n_test;    /* the same of the test rows; 0: all */
    uint64_t seed; /* of generated sets and of splits; default 1 */
    const char *const *class_names; /* [n_classes] the choice by name, instead of classes */
    const char *label;    /* of files: which column, kg_dataset_read_file(); default "last" */
    const char *test;     /* file with the test rows of a file; NULL: they are split off */
    double test_fraction; /* of each class that becomes test rows; 0.01 .. 0.9, default 0.3 */
} kg_dataset_options;

/* clang-format off */
#define KG_DATASET_OPTIONS_INIT \
    {sizeof(kg_dataset_options), NULL, NULL, 0, 0, 0, 1, NULL, "last", NULL, 0.3}
/* clang-format on */

/** Rows for the numbers and texts among them, for flags and files. */
KG_API const kg_option_table *kg_dataset_options_table(void);

/**
 * Training and test rows of a data set of the table, or of a file: a name with a '.' or '/' in it.
 *
 * Sets of images are <folder>/<name>/train-images-idx3-ubyte, train-labels-idx1-ubyte,
 * t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each with ".gz" or plain; pixels are 0 .. 255. Tables
 * are <folder>/tabular/<files>. Only rows of the chosen classes are kept, in the order of the file;
 * label i stands for classes[i]. Generated sets come with classes in turn, so any number of first rows
 * is balanced; a row depends on the seed and its place in its class only.
 *
 * A table or file without test rows of its own is put into an order drawn by the seed, and
 * test_fraction of each class is split off (kg_dataset_split_classes()), so first rows are drawn at
 * random, too. An NPZ file may bring its test rows (x_test, y_test); options.test names another file
 * with the same columns, whose classes must be among those of the training rows.
 *
 * @param[out] train, test  NULL on failure; one of the pointers may be NULL if it is not wanted
 * @param[in]  options      NULL means the defaults
 * Errors: KG_ERR_ARGUMENT (unknown name, with the nearest; class that does not exist or twice;
 * negative limit; no folder given; a file without labels), KG_ERR_IO (file missing), KG_ERR_FORMAT
 * (not the file it should be, with path and line or byte), KG_ERR_SHAPE (test rows with other columns),
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_load(kg_dataset **train, kg_dataset **test,
                                               const char *name, const kg_dataset_options *options,
                                               kg_error *err);

/* ---- files ---------------------------------------------------------------------------------- */

/**
 * Images (IDX, type ubyte, rank 3) and their labels (IDX, ubyte, rank 1), plain or gzip.
 *
 * @param[in] labels_path  NULL for images without labels; then n_classes is 0
 * @param[in] n_classes    labels must be in [0, n_classes), n_classes in [1, 256]
 * Errors: KG_ERR_IO, KG_ERR_FORMAT ("path: byte N: what, got, allowed"), KG_ERR_ARGUMENT,
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_load_idx(kg_dataset **out, const char *images_path,
                                                   const char *labels_path, int n_classes,
                                                   kg_error *err);

/**
 * A matrix of numbers from CSV (RFC 4180): comma, CRLF or LF, quotes allowed, UTF-8 byte order mark
 * skipped, empty lines at the end ignored, decimal point in every locale. A first line without any
 * number is a header. Lines up to 1 MiB, up to 65536 columns.
 *
 * @param[out] values  [n_rows][n_columns], release with kg_free()
 * @param[out] header  1 if there was one; NULL if not wanted
 * Errors: KG_ERR_IO, KG_ERR_FORMAT ("path:line:column: ..." where column counts cells; NaN and infinity
 * too),
 * KG_ERR_MEMORY. On failure *values is NULL.
 */
KG_API KG_MUST_CHECK kg_status kg_csv_load(double **values, int *n_rows, int *n_columns,
                                           int *header, const char *path, kg_error *err);

/** The same from text in memory; `path` is what messages call it. */
KG_API KG_MUST_CHECK kg_status kg_csv_parse(double **values, int *n_rows, int *n_columns,
                                            int *header, const char *path, const char *text,
                                            size_t n_bytes, kg_error *err);

/**
 * A data set from a CSV, NPY or NPZ file (told apart by content).
 *
 * CSV as kg_csv_load() reads it; one column holds the labels, which may be any text. Classes are the
 * different labels, sorted as numbers if all are whole numbers ("1.0" is the class "1"), else by their
 * bytes. NPY: a matrix with a column of whole numbers for labels, or without. NPZ: arrays X and y, or
 * x_train and y_train (with x_test and y_test), features and labels, data and target, in either case of
 * letters; X of two dimensions, or three for images (a fourth of size 1 is dropped); y of one.
 *
 * @param[in] bytes    [n_bytes] what is in the file; NULL: it is read. Then path is only its name
 * @param[in] label    of CSV and NPY: "last" (NULL means it, too), "first", "none", the name of a column
 *                     in the header, or its number from 1. Of NPZ: "none" ignores y
 * Errors: KG_ERR_IO, KG_ERR_FORMAT ("path:line:column: ...", binary "path: byte N: ..."; a cell that is
 * missing, not finite or no number; more than 4096 classes; labels that are fractions), KG_ERR_ARGUMENT
 * (no such label column), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_read_file(kg_dataset **out, const char *path,
                                                    const void *bytes, size_t n_bytes,
                                                    const char *label, kg_error *err);

/**
 * Rows to predict, from the same kinds of files: all columns are features. One more column than
 * n_features is accepted only in a CSV with a header that names it: `label`, or "label", "class" or
 * "target" in either case of letters; that column is left out.
 *
 * @param[in] n_features  of the model; 0: any number, and a column is left out only if `label` names it
 * @param[in] label       name of a column that is no feature; NULL, "last", "first", "none" and numbers
 *                        name none
 * Errors: as kg_dataset_read_file(), and KG_ERR_SHAPE (another number of columns).
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_read_rows(kg_dataset **out, const char *path,
                                                    const void *bytes, size_t n_bytes,
                                                    int n_features, const char *label,
                                                    kg_error *err);

/* ---- arrays in NPY and NPZ files ------------------------------------------------------------ */

enum { KG_ARRAY_MAX_DIMS = 8 };

/* Numbers with a shape, the last index running fastest. */
typedef struct kg_array {
    const char *name; /* in an NPZ file; NULL in an NPY file */
    int n_dims;       /* 0: a single number */
    size_t shape[KG_ARRAY_MAX_DIMS];
    const double *values;
} kg_array;

/**
 * Reads an array of NumPy: version 1.0 to 3.0; f4, f8, i4, i8 in both byte orders, u1, b1; rows or
 * columns first. Release array->values with kg_free() ((void *)array->values).
 * Errors: KG_ERR_IO, KG_ERR_FORMAT ("path: byte N: ..."; objects and structures, numbers that are not
 * finite or above 2^53), KG_ERR_MEMORY. On failure array->values is NULL.
 */
KG_API KG_MUST_CHECK kg_status kg_npy_load(kg_array *array, const char *path, kg_error *err);

/** Writes a version 1.0 file of doubles, the numbers 64-byte aligned; written under a temporary name,
 * then renamed. Errors: KG_ERR_ARGUMENT (shape), KG_ERR_IO, KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_npy_save(const kg_array *array, const char *path, kg_error *err);

/* The arrays of an NPZ file, in memory. */
typedef struct kg_npz kg_npz;

/** Reads all arrays of a zip file of NPY files, stored or deflated. Errors: as kg_npy_load(); duplicate,
 * encrypted and unknown members, and headers that contradict the zip directory, are refused. */
KG_API KG_MUST_CHECK kg_status kg_npz_load(kg_npz **out, const char *path, kg_error *err);
KG_API void kg_npz_destroy(kg_npz *npz);
/** Array i, borrowed; NULL from the end on. */
KG_API const kg_array *kg_npz_get(const kg_npz *npz, int i);
/** The array of that name, borrowed; NULL if there is none. */
KG_API const kg_array *kg_npz_find(const kg_npz *npz, const char *name);
/** Writes arrays as a zip file, stored, sorted by name: equal arrays give equal bytes. Errors:
 * KG_ERR_ARGUMENT (a name that is empty, twice there, or has a slash; a shape), KG_ERR_IO,
 * KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_npz_save(int n_arrays, const kg_array *arrays, const char *path,
                                           kg_error *err);

/* ---- files of data sets: are they there, and where do they come from -------------------------- */

/* What is under the name of a file. */
typedef enum kg_file_state {
    KG_FILE_MISSING, /* nothing */
    KG_FILE_RIGHT,   /* these bytes, by size and SHA-256 */
    KG_FILE_WRONG    /* something else */
} kg_file_state;

/** Hashes file i of a set under `folder`. Errors: KG_ERR_ARGUMENT (no such set or file), KG_ERR_IO,
 * KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_dataset_check_file(kg_file_state *state, const char *folder,
                                                     const char *name, int i, kg_error *err);

typedef struct kg_fetch_options {
    size_t struct_size;
    const char
        *url;    /* another place: an address ending in '/' that the file names are put behind, or
                        that of the file if the set has only one; http:// and file:// are allowed here
                        and only here. NULL: as the table says */
    int stall_s; /* give up when nothing has come for so many seconds, 1 .. 3600; default 30 */
    /* Called now and then with what has come of file i; nonzero stops. NULL if not wanted. */
    int (*on_progress)(const kg_dataset_file *file, size_t n_bytes, void *user);
    void *user;
} kg_fetch_options;

/* clang-format off */
#define KG_FETCH_OPTIONS_INIT {sizeof(kg_fetch_options), NULL, 30, NULL, NULL}
/* clang-format on */

/** Rows for url and stall_s. */
KG_API const kg_option_table *kg_fetch_options_table(void);

/**
 * Downloads the files of a set that are not there yet, or wrong, into <folder>/<files_in>/. Only https,
 * also after redirects, of which there may be five. What comes is counted and hashed; a file appears
 * under its name only when size and SHA-256 are those of the table. Two at once do no harm.
 *
 * @param[out] n_fetched  files that were downloaded; NULL if not wanted
 * Errors: KG_ERR_ARGUMENT (unknown set, generated set, url), KG_ERR_UNSUPPORTED (no place known: the
 * message says where to look), KG_ERR_IO (the network, a stall, a refusal of the server, a redirect
 * that is not allowed; writing), KG_ERR_FORMAT (other bytes than the table says), KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_dataset_fetch(int *n_fetched, const char *folder,
                                                const char *name, const kg_fetch_options *options,
                                                kg_error *err);

/* ---- pipelines ------------------------------------------------------------------------------ */

/* Transforms in order, fitted, unchanging, shared by threads. */
typedef struct kg_pipeline kg_pipeline;

/* One row of the table of transforms. */
typedef struct kg_transform_info {
    const char *name;     /* "pca" */
    const char *argument; /* what follows the colon, "" if nothing does */
    const char *help;     /* one line */
} kg_transform_info;

/** Row i of the table, borrowed for ever; NULL from the end on. */
KG_API const kg_transform_info *kg_transform_info_get(int i);

/**
 * Fits transforms one after the other, each on the training rows as those before it leave them.
 *
 *   scale            x / 255
 *   resize:N         images to N x N: bilinear, half-pixel centres, no antialiasing
 *   column:K         images to one column of K rows, as published code does by mistake: the mean of
 *                    the two middle columns, stretched (Hur, Kim, Park, arXiv:2108.00661)
 *   pca:K            K principal components, centred, not whitened; of the scores of a component on
 *                    the training rows, the largest in magnitude is positive
 *   angle-range      to [0, pi] by one minimum and maximum over all features of the training rows;
 *                    others are clipped
 *   angle-range:own  the same by the minimum and maximum of whatever set it is applied to, as
 *                    published code does by mistake; must come last
 *   angle-range:each to [0, pi] by the minimum and maximum of each feature, for tables whose columns
 *                    have units of their own; others are clipped, a constant feature becomes 0
 *   standardise      each feature to mean 0 and standard deviation 1 (divided by n); a constant feature
 *                    becomes 0
 *
 * @param[in] steps  [n_steps] as above; n_steps 0 is the identity
 * Errors: KG_ERR_ARGUMENT (unknown step, with the nearest; bad argument), KG_ERR_SHAPE (K larger
 * than rows or features, rows are not images), KG_ERR_NUMERIC (constant features), KG_ERR_UNSUPPORTED
 * (pca of more than 8192 features), KG_ERR_MEMORY; the message names the step.
 */
KG_API KG_MUST_CHECK kg_status kg_pipeline_fit(kg_pipeline **out, const char *const *steps,
                                               int n_steps, const kg_dataset *train, kg_error *err);
KG_API void kg_pipeline_destroy(kg_pipeline *pipeline);

/** Features after the first n_steps of the pipeline; n_steps = 0 is what goes in. */
KG_API int kg_pipeline_n_features(const kg_pipeline *pipeline, int n_steps);
KG_API int kg_pipeline_n_inputs(const kg_pipeline *pipeline);
KG_API int kg_pipeline_n_outputs(const kg_pipeline *pipeline);
KG_API int kg_pipeline_n_steps(const kg_pipeline *pipeline);
/** The step as it was given ("pca:8"), borrowed; NULL if out of range. */
KG_API const char *kg_pipeline_step(const kg_pipeline *pipeline, int i);
/** Number of training rows that the pipeline saw. */
KG_API int kg_pipeline_n_fit_rows(const kg_pipeline *pipeline);
/** Share of the variance that each component of step i explains: [K], borrowed; NULL if it is not
 * a pca. */
KG_API const double *kg_pipeline_explained(const kg_pipeline *pipeline, int i);
/** Minimum and maximum that an angle-range step found: [2], borrowed; NULL for other steps. */
KG_API const double *kg_pipeline_range(const kg_pipeline *pipeline, int i);

/** Applies a pipeline: rows, labels, classes and sources stay, features change, rows are images
 * only if the last step makes images. Errors: KG_ERR_SHAPE (other number of features),
 * KG_ERR_NUMERIC (angle-range:own of constant features), KG_ERR_MEMORY. */
KG_API KG_MUST_CHECK kg_status kg_pipeline_apply(kg_dataset **out, const kg_pipeline *pipeline,
                                                 const kg_dataset *data, kg_error *err);

/**
 * Applies a pipeline to rows in memory. A row's result does not depend on the other rows (save
 * after angle-range:own).
 *
 * @param[in]  x    [n_rows][n_inputs] finite
 * @param[out] out  [n_rows][n_outputs]
 * Errors: KG_ERR_ARGUMENT (n_rows < 1), KG_ERR_NUMERIC (a number is not finite, or as above),
 * KG_ERR_MEMORY.
 */
KG_API KG_MUST_CHECK kg_status kg_pipeline_run(const kg_pipeline *pipeline, const double *x,
                                               int n_rows, double *out, kg_error *err);

#ifdef __cplusplus
}
#endif

#endif
