/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets in memory: creation, access, choosing rows. */
#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ketgrad/rng.h>

#include "base/arena.h"
#include "base/memory.h"

enum {
    MAX_CLASSES = 65536,
    LARGE_BYTES = 64 << 20, /* above it memory is asked for before it is taken */
    NUMBER_BYTES = 12       /* a class index as text */
};

static char *copy_text(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

void kg_dataset_destroy(kg_dataset *data)
{
    if (!data) {
        return;
    }
    for (int c = 0; data->class_names && c < data->n_classes; c++) {
        free(data->class_names[c]);
    }
    for (int i = 0; i < data->n_sources; i++) {
        free((char *)data->sources[i].path);
        free((char *)data->sources[i].sha256);
    }
    free(data->class_names);
    free(data->sources);
    free(data->labels);
    free(data->features);
    free(data->name);
    free(data);
}

static kg_status check_counts(const char *name, int n_rows, int n_features, int n_classes,
                              kg_error *err)
{
    if (n_rows < 1) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %d rows, must be at least 1", name, n_rows);
    }
    if (n_features < 1 || n_features > KGI_MAX_FEATURES) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %d features, not in [1, %d]", name, n_features,
                        KGI_MAX_FEATURES);
    }
    if (n_classes < 0 || n_classes > MAX_CLASSES) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %d classes, not in [0, %d]", name, n_classes,
                        MAX_CLASSES);
    }
    return KG_OK;
}

/* A large allocation succeeds on Linux and kills the program when it is filled: ask before. */
static kg_status check_memory(const char *name, int n_rows, int n_features, kg_error *err)
{
    const size_t bytes = kgi_arena_bytes((size_t)n_rows * (size_t)n_features, sizeof(double));
    const size_t available = bytes > LARGE_BYTES ? kgi_memory_available_bytes() : SIZE_MAX;
    if (bytes > available) {
        return kgi_fail(err, KG_ERR_MEMORY,
                        "%s: %d rows of %d features need %zu bytes, %zu are available", name,
                        n_rows, n_features, bytes, available);
    }
    return KG_OK;
}

static int copy_class_names(kg_dataset *data, const char *const *names)
{
    data->class_names = calloc((size_t)data->n_classes, sizeof *data->class_names);
    for (int c = 0; data->class_names && c < data->n_classes; c++) {
        char number[NUMBER_BYTES];
        (void)snprintf(number, sizeof number, "%d", c);
        data->class_names[c] = copy_text(names ? names[c] : number);
        if (!data->class_names[c]) {
            return 0;
        }
    }
    return data->class_names != NULL;
}

kg_status kgi_dataset_alloc(kg_dataset **out, const char *name, int n_rows, int n_features,
                            int n_classes, const char *const *class_names, kg_error *err)
{
    *out = NULL;
    kg_status status = check_counts(name, n_rows, n_features, n_classes, err);
    if (!status) {
        status = check_memory(name, n_rows, n_features, err);
    }
    if (status) {
        return status;
    }
    kg_dataset *data = calloc(1, sizeof *data);
    if (data) {
        data->name = copy_text(name);
        data->n_rows = n_rows;
        data->n_features = n_features;
        data->n_classes = n_classes;
        data->features = kgi_alloc((size_t)n_rows * (size_t)n_features, sizeof(double));
        data->labels = n_classes ? malloc((size_t)n_rows * sizeof(int)) : NULL;
    }
    if (!data || !data->name || !data->features ||
        (n_classes && (!data->labels || !copy_class_names(data, class_names)))) {
        kg_dataset_destroy(data);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d rows of %d features", name,
                        n_rows, n_features);
    }
    *out = data;
    return KG_OK;
}

kg_status kgi_dataset_set_classes(kg_dataset *data, int n_classes, const char *const *class_names,
                                  kg_error *err)
{
    data->n_classes = n_classes;
    if (!copy_class_names(data, class_names)) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d classes", data->name,
                        n_classes);
    }
    return KG_OK;
}

kg_status kgi_dataset_replace_classes(kg_dataset *data, int n_classes,
                                      const char *const *class_names, kg_error *err)
{
    for (int c = 0; c < data->n_classes; c++) {
        free(data->class_names[c]);
    }
    free(data->class_names);
    return kgi_dataset_set_classes(data, n_classes, class_names, err);
}

kg_status kgi_dataset_add_source(kg_dataset *data, const char *path, const char *sha256, int known,
                                 kg_error *err)
{
    kg_data_source *list =
        realloc(data->sources, (size_t)(data->n_sources + 1) * sizeof *data->sources);
    char *path_copy = list ? copy_text(path) : NULL;
    char *sha_copy = list ? copy_text(sha256) : NULL;
    if (list) {
        data->sources = list;
    }
    if (!path_copy || !sha_copy) {
        free(path_copy);
        free(sha_copy);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate the name of a source", path);
    }
    list[data->n_sources++] = (kg_data_source){path_copy, sha_copy, known};
    return KG_OK;
}

/* NOLINTNEXTLINE(readability-function-size): a data set is what it is given */
kg_status kg_dataset_create(kg_dataset **out, const char *name, int n_rows, int n_features,
                            const double *features, int n_classes, const int *labels,
                            const char *const *class_names, kg_error *err)
{
    kg_dataset *data = NULL;
    kg_status status = kgi_dataset_alloc(&data, name ? name : "data", n_rows, n_features, n_classes,
                                         class_names, err);
    *out = NULL;
    if (status) {
        return status;
    }
    for (int r = 0; r < n_rows && !status; r++) {
        for (int f = 0; f < n_features && !status; f++) {
            const size_t i = (size_t)r * (size_t)n_features + (size_t)f;
            data->features[i] = features[i];
            if (!isfinite(features[i])) {
                status = kgi_fail(err, KG_ERR_NUMERIC, "%s: row %d, feature %d is not finite",
                                  data->name, r, f);
            }
        }
        if (!status && n_classes) {
            data->labels[r] = labels[r];
            if (labels[r] < 0 || labels[r] >= n_classes) {
                status = kgi_fail(err, KG_ERR_ARGUMENT, "%s: row %d has label %d, not in [0, %d]",
                                  data->name, r, labels[r], n_classes - 1);
            }
        }
    }
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    *out = data;
    return KG_OK;
}

kg_status kg_dataset_set_image(kg_dataset *data, int height, int width, kg_error *err)
{
    if (height < 1 || width < 1 || (int64_t)height * width != data->n_features) {
        return kgi_fail(err, KG_ERR_SHAPE, "%s: images of %d x %d do not have %d features",
                        data->name, height, width, data->n_features);
    }
    data->height = height;
    data->width = width;
    return KG_OK;
}

const char *kg_dataset_name(const kg_dataset *data)
{
    return data->name;
}

int kg_dataset_n_rows(const kg_dataset *data)
{
    return data->n_rows;
}

int kg_dataset_n_features(const kg_dataset *data)
{
    return data->n_features;
}

int kg_dataset_n_classes(const kg_dataset *data)
{
    return data->n_classes;
}

int kg_dataset_height(const kg_dataset *data)
{
    return data->height;
}

int kg_dataset_width(const kg_dataset *data)
{
    return data->width;
}

const double *kg_dataset_features(const kg_dataset *data)
{
    return data->features;
}

const int *kg_dataset_labels(const kg_dataset *data)
{
    return data->labels;
}

const char *kg_dataset_class_name(const kg_dataset *data, int label)
{
    return label >= 0 && label < data->n_classes ? data->class_names[label] : NULL;
}

int kg_dataset_n_sources(const kg_dataset *data)
{
    return data->n_sources;
}

const kg_data_source *kg_dataset_source(const kg_dataset *data, int i)
{
    return i >= 0 && i < data->n_sources ? &data->sources[i] : NULL;
}

kg_status kgi_dataset_draw(kg_dataset **out, const char *name, kgi_draw *draw, int side,
                           uint64_t seed, int is_test, const int *classes, int n_classes,
                           int n_rows, const char *const *class_names, kg_error *err)
{
    const int n_pixels = side * side;
    const kg_status status =
        kgi_dataset_alloc(out, name, n_rows, n_pixels, n_classes, class_names, err);
    if (status) {
        return status;
    }
    kg_dataset *data = *out;
    data->height = side;
    data->width = side;
    for (int r = 0; r < n_rows; r++) {
        const int label = r % n_classes;
        data->labels[r] = label;
        draw(seed, is_test, classes ? classes[label] : label, r / n_classes,
             data->features + (size_t)r * (size_t)n_pixels);
    }
    return KG_OK;
}

kg_status kgi_dataset_like(kg_dataset **out, const kg_dataset *like, const int *rows, int n_rows,
                           int n_features, kg_error *err)
{
    kg_dataset *data = NULL;
    *out = NULL;
    kg_status status = kgi_dataset_alloc(&data, like->name, n_rows, n_features, like->n_classes,
                                         (const char *const *)like->class_names, err);
    if (status) {
        return status;
    }
    for (int r = 0; r < n_rows && like->labels; r++) {
        data->labels[r] = like->labels[rows ? rows[r] : r];
    }
    for (int i = 0; i < like->n_sources && !status; i++) {
        const kg_data_source *source = &like->sources[i];
        status = kgi_dataset_add_source(data, source->path, source->sha256, source->known, err);
    }
    if (status) {
        kg_dataset_destroy(data);
        return status;
    }
    *out = data;
    return KG_OK;
}

kg_status kg_dataset_subset(kg_dataset **out, const kg_dataset *data, const int *rows, int n_rows,
                            kg_error *err)
{
    *out = NULL;
    for (int r = 0; r < n_rows; r++) {
        if (rows[r] < 0 || rows[r] >= data->n_rows) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "%s: row %d does not exist, it has 0 to %d",
                            data->name, rows[r], data->n_rows - 1);
        }
    }
    const kg_status status = kgi_dataset_like(out, data, rows, n_rows, data->n_features, err);
    if (status) {
        return status;
    }
    const size_t n = (size_t)data->n_features;
    for (int r = 0; r < n_rows; r++) {
        memcpy((*out)->features + (size_t)r * n, data->features + (size_t)rows[r] * n,
               n * sizeof(double));
    }
    (*out)->height = data->height;
    (*out)->width = data->width;
    return KG_OK;
}

/* Marks n of the n_rows rows in `rows` (of all data if it is NULL) as chosen, each set of n equally
 * likely: row i is taken with probability (still wanted) / (still to come). `sample` keeps draws for
 * different classes apart. */
static void choose_rows(unsigned char *chosen, const int *rows, int n_rows, int n, uint64_t seed,
                        uint32_t sample)
{
    for (int i = 0; i < n_rows; i++) {
        const int r = rows ? rows[i] : i;
        chosen[r] = kg_random_below(seed, KG_STREAM_SHUFFLE, sample, (uint64_t)i,
                                    (uint64_t)(n_rows - i)) < (uint64_t)n;
        n -= chosen[r];
    }
}

/* Both parts by the marks; n_first rows have the mark `first_mark`. rows is scratch for all rows. */
static kg_status part(kg_dataset **first, kg_dataset **second, const kg_dataset *data,
                      const unsigned char *chosen, int first_mark, int n_first, int *rows,
                      kg_error *err)
{
    int at[2] = {0, n_first}; /* where the next row of each part goes */
    for (int r = 0; r < data->n_rows; r++) {
        rows[at[chosen[r] != first_mark]++] = r;
    }
    kg_status status = kg_dataset_subset(first, data, rows, n_first, err);
    if (!status) {
        status = kg_dataset_subset(second, data, rows + n_first, data->n_rows - n_first, err);
    }
    if (status) {
        kg_dataset_destroy(*first);
        *first = NULL;
    }
    return status;
}

kg_status kg_dataset_split(kg_dataset **first, kg_dataset **second, const kg_dataset *data,
                           int n_first, uint64_t seed, kg_error *err)
{
    *first = NULL;
    *second = NULL;
    if (n_first < 1 || n_first >= data->n_rows) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%s: %d rows for the first part, not in [1, %d]",
                        data->name, n_first, data->n_rows - 1);
    }
    unsigned char *chosen = malloc((size_t)data->n_rows);
    int *rows = malloc((size_t)data->n_rows * sizeof *rows);
    kg_status status = KG_OK;
    if (!chosen || !rows) {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a split of %d rows", data->name,
                          data->n_rows);
    } else {
        choose_rows(chosen, NULL, data->n_rows, n_first, seed, 0);
        status = part(first, second, data, chosen, 1, n_first, rows, err);
    }
    free(chosen);
    free(rows);
    return status;
}

/* rows[start[c]] ... rows[start[c + 1] - 1] are the rows of class c, in order; start is zeroed. */
static void group_rows(const kg_dataset *data, int *rows, int *start)
{
    for (int r = 0; r < data->n_rows; r++) {
        start[(data->labels ? data->labels[r] : 0) + 1]++;
    }
    for (int c = 0; c < data->n_classes; c++) {
        start[c + 1] += start[c];
    }
    for (int r = 0; r < data->n_rows; r++) {
        rows[start[data->labels ? data->labels[r] : 0]++] = r; /* now where the next class begins */
    }
}

/* Marks the rows of the second part; *n_second counts them. rows [n_rows], start [n_classes + 2]. */
static kg_status choose_of_classes(const kg_dataset *data, double fraction, uint64_t seed,
                                   unsigned char *chosen, int *rows, int *start, int *n_second,
                                   kg_error *err)
{
    const int n_classes = data->n_classes ? data->n_classes : 1;
    *n_second = 0;
    group_rows(data, rows, start);
    for (int c = 0; c < n_classes; c++) {
        const int begin = c ? start[c - 1] : 0;
        const int n = start[c] - begin;
        int wanted = (int)floor(n * fraction + 0.5);
        wanted = wanted < 1 ? 1 : wanted > n - 1 ? n - 1 : wanted;
        if (n == 1) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "%s: class %.60s has a single row, which cannot be in both parts",
                            data->name, data->labels ? data->class_names[c] : "(none)");
        }
        if (n) { /* sample 0 is kg_dataset_split()'s */
            choose_rows(chosen, rows + begin, n, wanted, seed, (uint32_t)c + 1);
            *n_second += wanted;
        }
    }
    return KG_OK;
}

kg_status kg_dataset_split_classes(kg_dataset **first, kg_dataset **second, const kg_dataset *data,
                                   double fraction, uint64_t seed, kg_error *err)
{
    *first = NULL;
    *second = NULL;
    if (!(fraction > 0.0 && fraction < 1.0)) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "%s: a fraction of %g for the second part, not in (0, 1)", data->name,
                        fraction);
    }
    int n_second = 0;
    unsigned char *chosen = calloc((size_t)data->n_rows, 1);
    int *rows = malloc((size_t)data->n_rows * sizeof *rows);
    int *start = calloc((size_t)data->n_classes + 2, sizeof *start);
    kg_status status = KG_OK;
    if (!chosen || !rows || !start) {
        status = kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a split of %d rows", data->name,
                          data->n_rows);
    } else {
        status = choose_of_classes(data, fraction, seed, chosen, rows, start, &n_second, err);
    }
    if (!status) {
        status = part(first, second, data, chosen, 0, data->n_rows - n_second, rows, err);
    }
    free(chosen);
    free(start);
    free(rows);
    return status;
}
