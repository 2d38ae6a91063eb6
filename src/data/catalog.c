/* SPDX-License-Identifier: Apache-2.0 */
/* The table of data sets: what is known by name, and loading it.
 *
 * To add a set of IDX files: a row with the names and SHA-256 of its files. To add a generated one: a
 * row with its generator. */
#include <ketgrad/data.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "data/strokes.h"

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, N_FILES };

static const char *const file_names[N_FILES] = {"train-images-idx3-ubyte",
                                                "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                                "t10k-labels-idx1-ubyte"};

typedef struct catalog_row {
    kg_dataset_info info;
    const char *const *class_names; /* [n_classes], NULL: numbers */
    const char *sha256[N_FILES]; /* of the gzip files as they were published; none if generated */
} catalog_row;

static const char *const fashion_classes[] = {"T-shirt/top", "Trouser",   "Pullover", "Dress",
                                              "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                              "Bag",         "Ankle boot"};

static const catalog_row catalog[] = {
    /* clang-format off */
    {{"strokes", "ten digits drawn from strokes, generated", "Apache-2.0", "this library",
      KGI_STROKES_CLASSES, KGI_STROKES_SIDE, KGI_STROKES_SIDE,
      KGI_STROKES_CLASSES * KGI_STROKES_TRAIN, KGI_STROKES_CLASSES * KGI_STROKES_TEST, 0},
     NULL, {NULL, NULL, NULL, NULL}},
    {{"mnist", "ten handwritten digits", "none stated", "LeCun, Cortes, Burges",
      10, 28, 28, 60000, 10000, 1},
     NULL,
     {"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
    {{"fashion-mnist", "ten kinds of clothing", "MIT", "Xiao, Rasul, Vollgraf, arXiv:1708.07747",
      10, 28, 28, 60000, 10000, 1},
     fashion_classes,
     {"3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}},
    /* clang-format on */
};
enum { N_DATASETS = sizeof catalog / sizeof catalog[0] };

const kg_dataset_info *kg_dataset_info_get(int i)
{
    return i >= 0 && i < N_DATASETS ? &catalog[i].info : NULL;
}

static const catalog_row *find_row(const char *name)
{
    for (int i = 0; i < N_DATASETS; i++) {
        if (!strcmp(catalog[i].info.name, name)) {
            return &catalog[i];
        }
    }
    return NULL;
}

const kg_dataset_info *kg_dataset_info_find(const char *name)
{
    const catalog_row *row = find_row(name);
    return row ? &row->info : NULL;
}

#define OPT(t, field, lo, hi, text, help)                                                          \
    KGI_OPTION(kg_dataset_options, t, field, lo, hi, text, help)
static const kgi_option option_rows[] = {
    OPT('i', n_train, 0, 1e9, "0", "use the first so many training rows of the classes, 0: all"),
    OPT('i', n_test, 0, 1e9, "0", "use the first so many test rows of the classes, 0: all"),
    OPT('u', seed, 0, 1.8e19, "1", "seed of generated data sets"),
};

const kg_option_table *kg_dataset_options_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("data", option_rows);
    return &table;
}

static kg_status unknown_dataset(const char *name, kg_error *err)
{
    const char *nearest =
        kgi_text_nearest(name, &catalog[0].info.name, N_DATASETS, sizeof catalog[0]);
    return kgi_fail(err, KG_ERR_ARGUMENT,
                    "unknown data set '%.40s'%s%s%s, allowed are strokes, mnist, fashion-mnist",
                    name, nearest ? ", did you mean " : "", nearest ? nearest : "",
                    nearest ? "?" : "");
}

static kg_status check_classes(const catalog_row *row, const kg_dataset_options *options,
                               kg_error *err)
{
    const int n = row->info.n_classes;
    if (options->n_classes < 0 || (options->n_classes > 0 && !options->classes)) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "n_classes is %d without a list of classes",
                        options->n_classes);
    }
    for (int i = 0; i < options->n_classes; i++) {
        const int c = options->classes[i];
        if (c < 0 || c >= n) {
            return kgi_fail(err, KG_ERR_ARGUMENT, "class %d does not exist in %s, it has 0 to %d",
                            c, row->info.name, n - 1);
        }
        for (int j = 0; j < i; j++) {
            if (options->classes[j] == c) {
                return kgi_fail(err, KG_ERR_ARGUMENT, "class %d is chosen twice", c);
            }
        }
    }
    if (row->info.needs_folder && !options->folder) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "data set %s is not built in: name the folder that holds %s/%s.gz "
                        "(the program reads KETGRAD_DATA)",
                        row->info.name, row->info.name, file_names[TRAIN_IMAGES]);
    }
    return KG_OK;
}

/* "<folder>/<name>/<file>.gz", or without ".gz" if only that is there. */
static kg_status find_file(char **out, const char *folder, const char *name, const char *file,
                           kg_error *err)
{
    kgi_text packed = {0};
    kgi_text plain = {0};
    kgi_text_printf(&packed, "%s/%s/%s.gz", folder, name, file);
    kgi_text_printf(&plain, "%s/%s/%s", folder, name, file);
    const int is_plain =
        packed.data && plain.data && !kgi_file_exists(packed.data) && kgi_file_exists(plain.data);
    const kg_status status = kgi_text_finish(is_plain ? &plain : &packed, out, err);
    kgi_text_clear(&packed);
    kgi_text_clear(&plain);
    return status;
}

/* One of the two halves of a set; `first` is TRAIN_IMAGES or TEST_IMAGES. */
static kg_status load_half(kg_dataset **out, const catalog_row *row, int first,
                           const kg_dataset_options *options, const char *const *class_names,
                           kg_error *err)
{
    const int is_test = first == TEST_IMAGES;
    const int limit = is_test ? options->n_test : options->n_train;
    char *images = NULL;
    char *labels = NULL;
    if (!row->info.needs_folder) {
        const int *classes = options->n_classes ? options->classes : NULL;
        return kgi_strokes_make(out, options->seed, is_test, classes,
                                classes ? options->n_classes : row->info.n_classes, limit, err);
    }
    kg_status status = find_file(&images, options->folder, row->info.name, file_names[first], err);
    if (!status) {
        status = find_file(&labels, options->folder, row->info.name, file_names[first + 1], err);
    }
    if (!status) {
        const kgi_idx_request request = {
            .name = row->info.name,
            .images_path = images,
            .labels_path = labels,
            .n_classes = row->info.n_classes,
            .chosen = options->n_classes ? options->classes : NULL,
            .n_chosen = options->n_classes,
            .class_names = class_names,
            .limit = limit,
            .images_sha256 = row->sha256[first],
            .labels_sha256 = row->sha256[first + 1],
        };
        status = kgi_idx_load(out, &request, err);
    }
    free(images);
    free(labels);
    return status;
}

/* Names of the chosen classes; *out is released with free_names(). */
static kg_status choose_names(char ***out, const catalog_row *row,
                              const kg_dataset_options *options, kg_error *err)
{
    const int n = options->n_classes ? options->n_classes : row->info.n_classes;
    char **names = calloc((size_t)n + 1, sizeof *names);
    kg_status status = names ? KG_OK : kgi_fail(err, KG_ERR_MEMORY, "cannot allocate class names");
    for (int i = 0; i < n && !status; i++) {
        const int c = options->n_classes ? options->classes[i] : i;
        kgi_text text = {0};
        if (row->class_names) {
            kgi_text_printf(&text, "%s", row->class_names[c]);
        } else {
            kgi_text_printf(&text, "%d", c);
        }
        status = kgi_text_finish(&text, &names[i], err);
    }
    *out = names;
    return status;
}

static void free_names(char **names)
{
    for (int i = 0; names && names[i]; i++) {
        free(names[i]);
    }
    free(names);
}

kg_status kg_dataset_load(kg_dataset **train, kg_dataset **test, const char *name,
                          const kg_dataset_options *options, kg_error *err)
{
    kg_dataset_options own = KG_DATASET_OPTIONS_INIT;
    kg_dataset *halves[2] = {NULL, NULL};
    char **names = NULL;
    if (train) {
        *train = NULL;
    }
    if (test) {
        *test = NULL;
    }
    const catalog_row *row = find_row(name);
    if (!row) {
        return unknown_dataset(name, err);
    }
    kg_status status = kgi_options_take(kg_dataset_options_table(), &own, sizeof own, options, err);
    if (!status) {
        status = check_classes(row, &own, err);
    }
    if (!status) {
        status = choose_names(&names, row, &own, err);
    }
    if (!status && train) {
        status = load_half(&halves[0], row, TRAIN_IMAGES, &own, (const char *const *)names, err);
    }
    if (!status && test) {
        status = load_half(&halves[1], row, TEST_IMAGES, &own, (const char *const *)names, err);
    }
    free_names(names);
    if (status) {
        kg_dataset_destroy(halves[0]);
        kg_dataset_destroy(halves[1]);
        return status;
    }
    if (train) {
        *train = halves[0];
    }
    if (test) {
        *test = halves[1];
    }
    return KG_OK;
}
