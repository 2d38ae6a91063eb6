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
    KGI_OPTION_NAMES(kg_run_data, 's', data, "strokes", "data set", dataset_name),
    OPT('s', classes, 0, 0, "0,1", "classes to tell apart, by number; or all"),
    OPT('i', train_rows, 0, 1e9, "0", "first training rows of these classes; 0: all"),
    OPT('i', test_rows, 0, 1e9, "0", "first test rows of these classes; 0: all"),
    OPT('p', data_folder, 0, 0, NULL, "folder of real data sets, FOLDER/<name>/<files>; else KETGRAD_DATA"),
    OPT('u', data_seed, 0, 18446744073709551615.0, "1", "seed of generated data sets"),
};
/* clang-format on */

const kg_option_table *kg_run_data_table(void)
{
    static const kg_option_table table = KGI_OPTION_TABLE("data", rows);
    return &table;
}

/* "0,1" into numbers; "all" or NULL gives none. */
static kg_status parse_classes(const char *text, int *classes, int *n, kg_error *err)
{
    *n = 0;
    if (!text || !strcmp(text, "all")) {
        return KG_OK;
    }
    const char *c = text;
    for (;;) {
        char *end = NULL;
        const int digit = *c >= '0' && *c <= '9';
        const long value = digit ? strtol(c, &end, 10) : -1;
        if (!digit || value > MAX_CLASSES || *n == MAX_CLASSES || (*end && *end != ',')) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "classes is \"%.60s\", not numbers with commas between (\"0,1\"), or "
                            "all",
                            text);
        }
        classes[(*n)++] = (int)value;
        if (!*end) {
            return KG_OK;
        }
        c = end + 1;
    }
}

kg_status kg_run_data_load(kg_dataset **train, kg_dataset **test, const kg_run_data *data,
                           kg_error *err)
{
    *train = NULL;
    *test = NULL;
    kg_run_data own = KG_RUN_DATA_INIT;
    kg_dataset_options options = KG_DATASET_OPTIONS_INIT;
    int classes[MAX_CLASSES];
    kg_status status = kgi_options_take(kg_run_data_table(), &own, sizeof own, data, err);
    if (!status) {
        status = parse_classes(own.classes, classes, &options.n_classes, err);
    }
    if (status) {
        return status;
    }
    options.folder = own.data_folder;
    options.classes = options.n_classes ? classes : NULL;
    options.n_train = own.train_rows;
    options.n_test = own.test_rows;
    options.seed = own.data_seed;
    return kg_dataset_load(train, test, own.data ? own.data : "strokes", &options, err);
}
