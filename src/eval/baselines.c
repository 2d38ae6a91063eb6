/* SPDX-License-Identifier: Apache-2.0 */
/* The models beside the model: the same features, optimizer, steps, batches, seeds and validation rows. */
#include <stdio.h>
#include <string.h>

#include "eval/bench.h"

/* ---- names ------------------------------------------------------------------------------------------- */

static const char default_names[] = "logistic,majority";

static kg_status fail_unknown(const char *name, size_t length, kg_error *err)
{
    char text[64];
    const char *kinds[64];
    int n = 0;
    (void)snprintf(text, sizeof text, "%.*s", (int)(length < 60 ? length : 60), name);
    while (n < 64 && kg_model_kind_get(n)) {
        kinds[n] = kg_model_kind_get(n);
        n++;
    }
    const char *nearest = kg_name_nearest(text, kinds, n);
    return kgi_fail(
        err, KG_ERR_ARGUMENT,
        "baselines: \"%s\" is not a model%s%s%s; write names with commas between, or none", text,
        nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static int has_name(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

kg_status kgi_baselines_parse(const char *text, const char *names[KGI_MAX_BASELINES], int *n,
                              kg_error *err)
{
    *n = 0;
    text = !text || strcmp(text, "true") == 0 ? default_names : text;
    if (!*text || strcmp(text, "none") == 0 || strcmp(text, "false") == 0) {
        return KG_OK;
    }
    for (;;) {
        const size_t length = strcspn(text, ",");
        const kgi_model_row *row = NULL;
        for (int i = 0; kgi_model_row_get(i); i++) {
            const char *name = kgi_model_row_get(i)->name;
            if (strlen(name) == length && strncmp(name, text, length) == 0) {
                row = kgi_model_row_get(i);
            }
        }
        if (!row) {
            return fail_unknown(text, length, err);
        }
        if (row->is_defined) {
            return kgi_fail(err, KG_ERR_ARGUMENT,
                            "baselines: model \"%s\" needs a definition, so it cannot stand beside",
                            row->name);
        }
        if (*n < KGI_MAX_BASELINES && !has_name(names, *n, row->name)) {
            names[(*n)++] = row->name;
        }
        if (!text[length]) {
            return KG_OK;
        }
        text += length + 1;
    }
}

/* ---- runs -------------------------------------------------------------------------------------------- */

/* A model with the main model's quirks and size, on the features that are prepared already. */
static kg_status create(kg_model **out, const char *name, const kg_model *main_model, kg_error *err)
{
    const kgi_model_row *row = kgi_model_row_find(name);
    kg_model_options options = KG_MODEL_OPTIONS_INIT;
    options.compat = kg_model_get_options(main_model)->compat;
    options.threads = kg_model_get_options(main_model)->threads;
    if (row->has_filters || row->has_hidden) {
        options.target_params = kg_model_n_params(main_model);
    }
    const kg_status status = kg_model_create(out, name, &options, err);
    return status ? status
                  : kg_model_build(*out, main_model->n_features, main_model->n_classes,
                                   (const char *const *)main_model->classes, err);
}

kg_status kgi_baselines_check(const char *text, const kg_model *main_model, kg_error *err)
{
    const char *names[KGI_MAX_BASELINES];
    int n = 0;
    kg_status status = kgi_baselines_parse(text, names, &n, err);
    for (int i = 0; i < n && !status; i++) {
        kg_model *model = NULL;
        if (strcmp(names[i], kg_model_name(main_model)) != 0) {
            status = create(&model, names[i], main_model, err);
        }
        kg_model_destroy(model);
        if (status) {
            status = kgi_fail_in(err, status, "baseline %s: ", names[i]);
        }
    }
    return status;
}

/* All seeds; *done is 0 if a callback stopped them. */
static kg_status run_one(const kg_experiment *e, kg_model *model, kgi_bench *b,
                         kg_baseline_result *baseline, int *done, kg_error *err)
{
    const double begin = kgi_bench_now();
    *done = 0;
    for (int i = 0; i < b->options.seeds; i++) {
        kg_seed_result result;
        const kg_status status =
            kgi_bench_seed(b, model, b->training.seed + (uint64_t)i, 0, &result, err);
        if (status || result.stop == KG_STOP_CALLBACK) {
            return status;
        }
        b->numbers[i] = result.test_accuracy;
    }
    baseline->name = kg_model_name(model);
    baseline->params = kg_model_n_params(model);
    kg_stats_compute(b->options.seeds, b->numbers, e->population, &baseline->test_accuracy);
    baseline->seconds = kgi_bench_now() - begin;
    *done = 1;
    return KG_OK;
}

kg_status kgi_baselines_run(kg_experiment *e, const kg_model *main_model, kgi_bench *b,
                            kg_error *err)
{
    const char *names[KGI_MAX_BASELINES];
    int n = 0;
    kg_status status = kgi_baselines_parse(b->options.baselines, names, &n, err);
    b->training.on_step = NULL; /* what is told is of the model */
    b->training.on_epoch = NULL;
    b->training.on_warning = NULL;
    b->training.on_checkpoint = NULL;
    if (b->training.init && strcmp(b->training.init, "small-angle") == 0) {
        b->training.init = "auto"; /* of circuits only */
    }
    for (int i = 0; i < n && !status; i++) {
        kg_baseline_result *baseline = &e->baselines[e->n_baselines];
        kg_model *model = NULL;
        int done = 0;
        if (strcmp(names[i], kg_model_name(main_model)) == 0) {
            continue;
        }
        status = create(&model, names[i], main_model, err);
        if (!status) {
            status = run_one(e, model, b, baseline, &done, err);
        }
        kg_model_destroy(model);
        if (status) {
            return kgi_fail_in(err, status, "baseline %s: ", names[i]);
        }
        if (!done) {
            return KG_OK;
        }
        e->n_baselines++;
        if (b->options.on_baseline) {
            b->options.on_baseline(baseline, b->options.user);
        }
    }
    return status;
}
