/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint belongs to: model, options, and rows by their SHA-256. Options that change no number (the
 * number of threads, when checkpoints are written) do not count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "train/trainer.h"

/* ---- rows ------------------------------------------------------------------------------------------ */

static kg_status hash_rows(const kg_trainer *t, const kg_rows *rows, char *hex, kg_error *err)
{
    kgi_sha256 *hash = NULL;
    const size_t n = (size_t)rows->n;
    const kg_status status = kgi_sha256_create(&hash, err);
    if (status) {
        return status;
    }
    kgi_sha256_add(hash, rows->features, n * (size_t)t->model->n_features * sizeof(double));
    kgi_sha256_add(hash, rows->labels, n * sizeof(int));
    return kgi_sha256_finish(hash, hex, err);
}

kg_status kgi_identity_make(const kg_trainer *t, kg_error *err)
{
    kgi_identity *identity = t->identity;
    if (identity->is_made) {
        return KG_OK;
    }
    kg_status status = hash_rows(t, &t->train, identity->train, err);
    if (!status && t->val.n) {
        status = hash_rows(t, &t->val, identity->val, err);
    }
    identity->is_made = !status;
    return status;
}

/* ---- options ----------------------------------------------------------------------------------------- */

/* Options that change no number of the run. */
static int is_of_the_machine(const kg_option *row)
{
    return strcmp(row->name, "threads") == 0 || strncmp(row->name, "checkpoint_", 11) == 0;
}

void kgi_options_put(kgi_text *text, const kg_option_table *table, const void *options)
{
    const char *comma = "";
    kgi_text_printf(text, "{");
    for (int i = 0; i < table->n_rows; i++) {
        char *value = NULL;
        if (is_of_the_machine(&table->rows[i])) {
            continue;
        }
        if (kg_option_format(&value, &table->rows[i], options, NULL)) {
            text->failed = 1;
            return;
        }
        kgi_text_printf(text, "%s\"%s\": ", comma, table->rows[i].name);
        kgi_text_json_string(text, value);
        comma = ", ";
        free(value);
    }
    kgi_text_printf(text, "}");
}

/* ---- comparing ------------------------------------------------------------------------------ */

static kg_status differs(const kgi_container *container, const char *what, const char *there,
                         const char *here, kg_error *err)
{
    return kgi_fail(err, KG_ERR_ARGUMENT,
                    "%s: belongs to another run: %s is %.60s there, %.60s here",
                    kgi_container_path(container), what, there, here);
}

static kg_status same_options(const kgi_container *container, const json_t *object,
                              const kg_option_table *table, const void *options, kg_error *err)
{
    kg_status status = KG_OK;
    for (int i = 0; i < table->n_rows && !status; i++) {
        const kg_option *row = &table->rows[i];
        const char *there = json_string_value(json_object_get(object, row->name));
        char *here = NULL;
        if (is_of_the_machine(row)) {
            continue;
        }
        status = kg_option_format(&here, row, options, err);
        /* an option that the writer did not know had its default effect */
        const char *was = there ? there : row->default_text ? row->default_text : "";
        if (!status && strcmp(was, here) != 0) {
            status = differs(container, row->name, was, here, err);
        }
        free(here);
    }
    return status;
}

static kg_status same_rows(const kgi_container *container, const json_t *object, const char *what,
                           int n, const char *hex, kg_error *err)
{
    char there[32], here[32];
    const char *was = json_string_value(json_object_get(object, "sha256"));
    const json_int_t n_was = json_integer_value(json_object_get(object, "rows"));
    (void)snprintf(there, sizeof there, "%" JSON_INTEGER_FORMAT, n_was);
    (void)snprintf(here, sizeof here, "%d", n);
    if (n_was != n) {
        char name[64];
        (void)snprintf(name, sizeof name, "the number of %s rows", what);
        return differs(container, name, there, here, err);
    }
    if (!was || strcmp(was, hex) != 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "%s: belongs to another run: the %s rows have SHA-256 %.12s... there, "
                        "%.12s... here",
                        kgi_container_path(container), what, was ? was : "", hex);
    }
    return KG_OK;
}

kg_status kgi_identity_check(const kg_trainer *t, const kgi_container *container,
                             const json_t *root, kg_error *err)
{
    const char *model = json_string_value(json_object_get(root, "model"));
    kg_status status = KG_OK;
    if (!model || strcmp(model, t->model->row->name) != 0) {
        return differs(container, "the model", model ? model : "", t->model->row->name, err);
    }
    status = same_options(container, json_object_get(root, "model_options"),
                          kg_model_options_table(), kg_model_get_options(t->model), err);
    if (!status) {
        status = same_options(container, json_object_get(root, "train_options"),
                              kg_train_options_table(), &t->choice.options, err);
    }
    if (!status) {
        status = kgi_identity_make(t, err);
    }
    if (!status) {
        status = same_rows(container, json_object_get(root, "train"), "training", t->train.n,
                           t->identity->train, err);
    }
    if (!status) {
        status = same_rows(container, json_object_get(root, "val"), "validation", t->val.n,
                           t->identity->val, err);
    }
    return status;
}
