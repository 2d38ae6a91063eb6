/* SPDX-License-Identifier: Apache-2.0 */
/* Training and test rows of a data set: of the table by its kind, or of a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ketgrad/rng.h>

#include "base/file.h"
#include "base/options.h"
#include "base/text.h"
#include "data/bars.h"
#include "data/catalog.h"
#include "data/idx.h"
#include "data/strokes.h"
#include "data/table.h"

enum { SHOWN_BYTES = 80 /* of the names of classes in a message */ };

#define OPT(t, field, lo, hi, text, help)                                                          \
    KGI_OPTION(kg_dataset_options, t, field, lo, hi, text, help)
static const kgi_option option_rows[] = {
    OPT('i', n_train, 0, 1e9, "0", "use the first so many training rows of the classes, 0: all"),
    OPT('i', n_test, 0, 1e9, "0", "use the first so many test rows of the classes, 0: all"),
    OPT('u', seed, 0, 18446744073709551615.0, "1", "seed of generated data sets and of splits"),
    OPT('s', label, 0, 0, "last",
        "label column of a file: its name, its number, last, first, none"),
    OPT('p', test, 0, 0, NULL, "file with the test rows of a file"),
    OPT('d', test_fraction, 0.01, 0.9, "0.3", "share of each class that is split off as test rows"),
};

const kg_option_table *kg_dataset_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("data", option_rows);
    return &table;
}

/* ---- the choice of classes ---- */

/* What is being loaded. */
typedef struct job {
    const char *name;
    const kgi_dataset_row *row; /* NULL: a file */
    const kg_dataset_options *options;
    int *chosen; /* [options->n_classes], NULL: all */
} job;

/* Class of that name; or, if `by_place`, of that number. */
static int class_of(const char *text, const char *const *names, int n, int by_place)
{
    for (int c = 0; c < n && !by_place; c++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", c);
        if (!strcmp(names ? names[c] : number, text)) {
            return c;
        }
    }
    const size_t n_digits = strspn(text, "0123456789");
    const int is_place = by_place && n_digits && n_digits < 9 && !text[n_digits];
    const long place = is_place ? strtol(text, NULL, 10) : n;
    return place < n ? (int)place : -1;
}

/* "class 5 does not exist in wine, it has 1, 2, 3" */
static kg_status fail_class(const job *j, const char *name, const char *const *names, int n,
                            kg_error *err)
{
    char list[SHOWN_BYTES] = "";
    size_t used = 0;
    if (!names) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "class %.60s does not exist in %.80s, it has 0 to %d",
                        name, j->name, n - 1);
    }
    for (int c = 0; c < n && used < sizeof list; c++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", c ? ", " : "", names[c]);
    }
    return kgi_fail(err, KG_ERR_ARGUMENT, "class %.40s does not exist in %.60s, it has %s%s", name,
                    j->name, list, used < sizeof list ? "" : "...");
}

/* Names of classes; if one is no name, but all are numbers, they count from 0. */
static kg_status choose_by_name(job *j, const char *const *names, int n, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    int all_names = 1;
    int all_numbers = 1;
    for (int i = 0; i < options->n_classes; i++) {
        const char *name = options->class_names[i];
        all_names &= class_of(name, names, n, 0) >= 0;
        all_numbers &= *name && !name[strspn(name, "0123456789")];
    }
    const int by_place = !all_names && all_numbers;
    for (int i = 0; i < options->n_classes; i++) {
        const char *name = options->class_names[i];
        j->chosen[i] = class_of(name, names, n, by_place);
        if (j->chosen[i] < 0) {
            return fail_class(j, name, names, n, err);
        }
    }
    return KG_OK;
}

/* names NULL: "0", "1", ... */
static kg_status choose_classes(job *j, const char *const *names, int n, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    kg_status status = KG_OK;
    if (options->n_classes < 0 ||
        (options->n_classes > 0 && !options->classes && !options->class_names)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_classes is %d without a list of classes",
                        options->n_classes);
    }
    if (!options->n_classes) {
        return KG_OK;
    }
    j->chosen = malloc((size_t)options->n_classes * sizeof *j->chosen);
    if (!j->chosen) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate %d classes", options->n_classes);
    }
    if (options->class_names) {
        status = choose_by_name(j, names, n, err);
    } else {
        memcpy(j->chosen, options->classes, (size_t)options->n_classes * sizeof *j->chosen);
    }
    for (int i = 0; i < options->n_classes && !status; i++) {
        const int c = j->chosen[i];
        if (c < 0 || c >= n) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "class %d does not exist in %s, it has 0 to %d",
                            c, j->name, n - 1);
        }
        for (int k = 0; k < i; k++) {
            if (j->chosen[k] == c) {
                return kgi_fail(err, KG_ERR_ARGUMENT, "class %d is chosen twice", c);
            }
        }
    }
    return status;
}

/* ---- images and generated sets ---- */

/* "<folder>/<name>/<file>", or without ".gz" if only that is there. */
static kg_status find_file(char **out, const char *folder, const char *name, const char *file,
                           kg_error *err)
{
    kgi_text packed = {0};
    kgi_text plain = {0};
    const size_t length = strlen(file);
    const size_t cut = length > 3 && !strcmp(file + length - 3, ".gz") ? length - 3 : length;
    kgi_text_printf(&packed, "%s/%s/%s", folder, name, file);
    kgi_text_printf(&plain, "%s/%s/%.*s", folder, name, (int)cut, file);
    const int is_plain =
        packed.data && plain.data && !kgi_file_exists(packed.data) && kgi_file_exists(plain.data);
    const kg_status status = kgi_text_finish(is_plain ? &plain : &packed, out, err);
    kgi_text_clear(&packed);
    kgi_text_clear(&plain);
    return status;
}

static kg_status load_idx(kg_dataset **out, const job *j, int is_test,
                          const char *const *class_names, kg_error *err)
{
    const kgi_dataset_row *row = j->row;
    const kg_dataset_file *files = row->files + (is_test ? 2 : 0);
    char *images = NULL;
    char *labels = NULL;
    kg_status status =
        find_file(&images, j->options->folder, row->info.files_in, files[0].name, err);
    if (!status) {
        status = find_file(&labels, j->options->folder, row->info.files_in, files[1].name, err);
    }
    if (!status) {
        const kgi_idx_request request = {
            .name = row->info.name,
            .images_path = images,
            .labels_path = labels,
            .n_classes = row->info.n_classes,
            .chosen = j->chosen,
            .n_chosen = j->options->n_classes,
            .class_names = class_names,
            .limit = is_test ? j->options->n_test : j->options->n_train,
            .images_sha256 = files[0].sha256,
            .labels_sha256 = files[1].sha256,
        };
        status = kgi_idx_load(out, &request, err);
    }
    free(images);
    free(labels);
    return status;
}

static kg_status load_half(kg_dataset **out, const job *j, int is_test,
                           const char *const *class_names, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    const int limit = is_test ? options->n_test : options->n_train;
    const int n = j->chosen ? options->n_classes : j->row->info.n_classes;
    switch (j->row->kind) {
    case KGI_DATASET_STROKES:
        return kgi_strokes_make(out, options->seed, is_test, j->chosen, n, limit, err);
    case KGI_DATASET_BARS:
        return kgi_bars_make(out, options->seed, is_test, j->chosen, n, limit, class_names, err);
    default:
        return load_idx(out, j, is_test, class_names, err);
    }
}

/* Names of the chosen classes, or NULL for the numbers from 0. */
static kg_status name_classes(const job *j, char ***out, kg_error *err)
{
    const int n = j->chosen ? j->options->n_classes : j->row->info.n_classes;
    char **names = calloc((size_t)n + 1, sizeof *names);
    kg_status status = names ? KG_OK : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate class names");
    for (int i = 0; i < n && !status; i++) {
        const int c = j->chosen ? j->chosen[i] : i;
        kgi_text text = {0};
        if (j->row->class_names) {
            kgi_text_printf(&text, "%s", j->row->class_names[c]);
        } else {
            kgi_text_printf(&text, "%d", c);
        }
        status = kgi_text_finish(&text, &names[i], err);
    }
    *out = names;
    return status;
}

static kg_status load_images(kg_dataset *halves[2], job *j, const int wanted[2], kg_error *err)
{
    char **names = NULL;
    kg_status status = choose_classes(j, j->row->class_names, j->row->info.n_classes, err);
    if (!status) {
        status = name_classes(j, &names, err);
    }
    for (int h = 0; h < 2 && !status; h++) {
        status = wanted[h] ? load_half(&halves[h], j, h, (const char *const *)names, err) : KG_OK;
    }
    for (int i = 0; names && names[i]; i++) {
        free(names[i]);
    }
    free(names);
    return status;
}

/* ---- tables and files ---- */

/* data becomes its rows of the chosen classes, at most `limit` of them (0: all). */
static kg_status keep_rows(kg_dataset **data, const job *j, int limit, kg_error *err)
{
    const kg_dataset *all = *data;
    const int n_chosen = j->chosen ? j->options->n_classes : 0;
    kg_dataset *kept = NULL;
    int n = 0;
    if (!n_chosen && (!limit || limit >= all->n_rows)) {
        return KG_OK;
    }
    int *rows = malloc((size_t)all->n_rows * sizeof *rows);
    int *label = malloc((size_t)all->n_classes * sizeof *label + 1);
    const char **names = malloc((size_t)n_chosen * sizeof *names + 1);
    if (!rows || !label || !names) {
        free(rows);
        free(label);
        free(names);
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate a choice of rows", j->name);
    }
    for (int c = 0; c < all->n_classes; c++) {
        label[c] = n_chosen ? -1 : c;
    }
    for (int i = 0; i < n_chosen; i++) {
        label[j->chosen[i]] = i;
        names[i] = all->class_names[j->chosen[i]];
    }
    for (int r = 0; r < all->n_rows && (!limit || n < limit); r++) {
        if (label[all->labels[r]] >= 0) {
            rows[n++] = r;
        }
    }
    kg_status status =
        n ? kg_dataset_subset(&kept, all, rows, n, err)
          : kgi_fail(err, KG_ERR_FORMAT, "%s: no row has one of the chosen classes", j->name);
    if (!status && n_chosen) {
        for (int r = 0; r < n; r++) {
            kept->labels[r] = label[kept->labels[r]];
        }
        status = kgi_dataset_replace_classes(kept, n_chosen, names, err);
    }
    free(rows);
    free(label);
    free(names);
    if (status) {
        kg_dataset_destroy(kept);
        return status;
    }
    kg_dataset_destroy(*data);
    *data = kept;
    return KG_OK;
}

/* All rows in an order drawn by the seed. */
static kg_status shuffle(kg_dataset **data, uint64_t seed, kg_error *err)
{
    kg_dataset *mixed = NULL;
    const int n = (*data)->n_rows;
    int *rows = malloc((size_t)n * sizeof *rows);
    if (!rows) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate an order of rows", (*data)->name);
    }
    for (int r = 0; r < n; r++) { /* row r goes to a place among the first r + 1 */
        const int to =
            (int)kg_random_below(seed, KG_STREAM_SHUFFLE, UINT32_MAX, (uint64_t)r, (uint64_t)r + 1);
        rows[r] = rows[to];
        rows[to] = r;
    }
    const kg_status status = kg_dataset_subset(&mixed, *data, rows, n, err);
    free(rows);
    if (!status) {
        kg_dataset_destroy(*data);
        *data = mixed;
    }
    return status;
}

/* Both halves of a table without test rows of its own. */
static kg_status split(kg_dataset *halves[2], const job *j, kg_error *err)
{
    kg_dataset *all = halves[0];
    halves[0] = NULL;
    kg_status status = keep_rows(&all, j, 0, err); /* so that other classes have no say */
    if (!status) {
        status = shuffle(&all, j->options->seed, err);
    }
    if (!status) {
        status = kg_dataset_split_classes(&halves[0], &halves[1], all, j->options->test_fraction,
                                          j->options->seed, err);
    }
    kg_dataset_destroy(all);
    return status;
}

/* The training rows of the file, and what it says of test rows. */
static kg_status read_table(kg_dataset *halves[2], const job *j, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    char *paths[2] = {NULL, NULL};
    kgi_table_request request = {.path = j->name, .label = options->label};
    const char *test = options->test;
    kg_status status = KG_OK;
    for (int f = 0; f < 2 && j->row && j->row->files[f].name && !status; f++) {
        status = find_file(&paths[f], options->folder, j->row->info.files_in, j->row->files[f].name,
                           err);
    }
    if (!status && j->row) {
        request = (kgi_table_request){.path = paths[0],
                                      .label = j->row->label,
                                      .n_skipped = j->row->n_skipped,
                                      .name = j->row->info.name,
                                      .sha256 = j->row->files[0].sha256};
        test = paths[1];
    }
    if (!status) {
        status = kgi_table_load(&halves[0], &request, err);
    }
    if (!status) {
        request.known = halves[0];
        request.is_test = !test;
        request.path = test ? test : request.path;
        request.sha256 = j->row ? j->row->files[1].sha256 : NULL;
        status = kgi_table_load(&halves[1], &request, err);
    }
    free(paths[0]);
    free(paths[1]);
    return status;
}

static kg_status load_table(kg_dataset *halves[2], job *j, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    kg_status status = read_table(halves, j, err);
    if (status) {
        return status;
    }
    if (!halves[0]->n_classes) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "%.160s has no labels to learn: label is '%.40s'",
                        j->name, options->label ? options->label : "none");
    }
    status =
        choose_classes(j, (const char *const *)halves[0]->class_names, halves[0]->n_classes, err);
    if (!status && !halves[1]) {
        status = split(halves, j, err);
        free(j->chosen); /* done */
        j->chosen = NULL;
    }
    for (int h = 0; h < 2 && !status; h++) {
        status = keep_rows(&halves[h], j, h ? options->n_test : options->n_train, err);
        if (!status && j->row && j->row->info.height) {
            status = kg_dataset_set_image(halves[h], j->row->info.height, j->row->info.width, err);
        }
    }
    return status;
}

/* ---- the door ---- */

/* Names of the table have neither, names of files do. */
static int is_file(const char *name)
{
    return strpbrk(name, "./") != NULL;
}

static kg_status check_request(const job *j, kg_error *err)
{
    const kg_dataset_options *options = j->options;
    if (!j->row && !is_file(j->name)) {
        return kgi_dataset_unknown(j->name, err);
    }
    if (j->row && options->test) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "test is '%.80s', but %s is a data set by name: only files take other test "
                        "rows",
                        options->test, j->name);
    }
    if (j->row && j->row->info.needs_folder && !options->folder) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "data set %s is not built in: name the folder that holds %s/%s "
                        "(the program reads KETGRAD_DATA), or get it: ketgrad data get %s",
                        j->name, j->row->info.files_in, j->row->files[0].name, j->name);
    }
    return KG_OK;
}

kg_status kg_dataset_load(kg_dataset **train, kg_dataset **test, const char *name,
                          const kg_dataset_options *options, kg_error *err)
{
    kg_dataset_options own = KG_DATASET_OPTIONS_INIT;
    kg_dataset *halves[2] = {NULL, NULL};
    job j = {.name = name, .row = kgi_dataset_row_find(name), .options = &own};
    const int wanted[2] = {train != NULL, test != NULL};
    if (train) {
        *train = NULL;
    }
    if (test) {
        *test = NULL;
    }
    kg_status status = kgi_options_take(kg_dataset_options_table(), &own, sizeof own, options, err);
    if (!status) {
        status = check_request(&j, err);
    }
    if (!status) {
        const int is_table = !j.row || j.row->kind == KGI_DATASET_TABLE;
        status = is_table ? load_table(halves, &j, err) : load_images(halves, &j, wanted, err);
    }
    free(j.chosen);
    for (int h = 0; h < 2; h++) {
        kg_dataset **out = h ? test : train;
        if (status || !out) {
            kg_dataset_destroy(halves[h]);
        } else {
            *out = halves[h];
        }
    }
    return status;
}
