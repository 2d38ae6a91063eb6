/* SPDX-License-Identifier: Apache-2.0 */
/* Which data a run uses: the words that flags and run.json share, and the loading of it. */
#include <ketgrad/report.h>

#include <stdlib.h>
#include <string.h>

#include "base/options.h"

#define OPT(t, field, lo, hi, text, help) KGI_OPTION(kg_run_data, t, field, lo, hi, text, help)

enum { MAX_CLASSES = 256 };

static const char *dataset_name(int i)
{
    const kg_dataset_info *info = kg_dataset_info_get(i);
    return info ? info->name : NULL;
}

/* clang-format off */
static const kgi_option rows[] = {
    KGI_OPTION_NAMES(kg_run_data, 'p', data, "strokes", "data set: a file .csv, .npy, .npz, or a name", dataset_name),
    OPT('s', classes, 0, 0, "auto", "classes to tell apart, by name or number; all; auto: 0,1 of large sets of images, else all"),
    OPT('i', train_rows, 0, 1e9, "0", "first training rows of these classes; 0: all"),
    OPT('i', test_rows, 0, 1e9, "0", "first test rows of these classes; 0: all"),
    OPT('p', data_folder, 0, 0, NULL, "folder of real data sets, FOLDER/<name>/<files>; else KETGRAD_DATA"),
    OPT('u', data_seed, 0, 18446744073709551615.0, "1", "seed of generated data sets and of splits"),
    OPT('s', label, 0, 0, "last", "of a file: the label column, by name or number from 1; last; first"),
    OPT('p', test, 0, 0, NULL, "of a file: another file with the test rows; else they are split off"),
    OPT('d', test_fraction, 0.01, 0.9, "0.3", "share of each class that is split off as test rows"),
};
/* clang-format on */

const kg_option_table *kg_run_data_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("data", rows);
    return &table;
}

/* A copy of the text, cut at its commas: *n names in names[], which point into the copy. */
static kg_status cut_classes(const char *text, char **copy, const char **names, int *n,
                             kg_error *err)
{
    *n = 0;
    *copy = strdup(text);
    if (!*copy) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a list of classes");
    }
    char *c = *copy;
    for (;;) {
        const size_t length = strcspn(c, ",");
        const int is_last = !c[length];
        if (!length || *n == MAX_CLASSES) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "classes is \"%.60s\", not names or numbers with commas between "
                            "(\"0,1\"), all or auto",
                            text);
        }
        c[length] = '\0';
        names[(*n)++] = c;
        if (is_last) {
            return KG_OK;
        }
        c += length + 1;
    }
}

kg_status kg_run_data_load(kg_dataset **train, kg_dataset **test, const kg_run_data *data,
                           kg_error *err)
{
    *train = NULL;
    *test = NULL;
    kg_run_data own = KG_RUN_DATA_INIT;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    const char *names[MAX_CLASSES];
    char *copy = NULL;
    kg_status status = kgi_options_take(kg_run_data_table(), &own, sizeof own, data, err);
    if (status) {
        return status;
    }
    const char *name = own.data ? own.data : "strokes";
    const kg_dataset_info *info = kg_dataset_info_find(name);
    const char *classes = own.classes ? own.classes : "auto";
    if (!strcmp(classes, "auto")) {
        classes = info ? info->classes : "all";
    }
    if (strcmp(classes, "all") != 0) {
        status = cut_classes(classes, &copy, names, &options.n_classes, err);
    }
    if (!status) {
        options.folder = own.data_folder;
        options.class_names = options.n_classes ? names : NULL;
        options.n_train = own.train_rows;
        options.n_test = own.test_rows;
        options.seed = own.data_seed;
        options.label = own.label;
        options.test = own.test;
        options.test_fraction = own.test_fraction;
        status = kg_dataset_load(train, test, name, &options, err);
    }
    free(copy);
    return status;
}
