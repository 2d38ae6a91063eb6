/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with labels from CSV text. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/table.h"

enum { NAME_BYTES = 64, REASON_BYTES = 200 };

/* A file while it is read. */
typedef struct reader {
    const kgi_table_request *request;
    kgi_csv in;
    kgi_csv_head head;
    char **names; /* [n_columns] of the header, NULL without one */
    int label;    /* column, -1 if there is none */
    kgi_classes classes;
    kg_dataset *data;
} reader;

static void free_names(reader *r)
{
    for (int c = 0; r->names && c < r->head.n_columns; c++) {
        free(r->names[c]);
    }
    free(r->names);
}

/* The names of the columns; a name that is in quotes keeps doubled quotes. */
static kg_status read_header(reader *r, kg_error *err)
{
    kg_status status = KG_OK;
    r->names = calloc((size_t)r->head.n_columns, sizeof *r->names);
    if (!r->names) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %d names", r->in.path,
                        r->head.n_columns);
    }
    for (int c = 0; c < r->head.n_columns && !status; c++) {
        kgi_csv_cell cell = {0};
        kgi_text name = {0};
        status = kgi_csv_next(&r->in, &cell, err);
        if (!status) {
            kgi_text_add(&name, cell.text, cell.length);
            status = kgi_text_finish(&name, &r->names[c], err);
        }
    }
    kgi_csv_end_line(&r->in);
    if (!status && kgi_csv_at_end(&r->in)) {
        status = kgi_csv_fail(&r->in, "there is no row of numbers", NULL, err);
    }
    return status;
}

/* Equal but for the case of ASCII letters. */
static int same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        const int upper = *a >= 'A' && *a <= 'Z';
        if ((upper ? *a | 0x20 : *a) != *b) {
            return 0;
        }
    }
    return *a == *b;
}

/* The column of that name, -1 if there is none; *n counts them. */
static int column_of(const reader *r, const char *name, int any_case, int *n)
{
    int column = -1;
    *n = 0;
    for (int c = r->request->n_skipped; r->names && name && c < r->head.n_columns; c++) {
        if (any_case ? same_word(r->names[c], name) : !strcmp(r->names[c], name)) {
            column = *n ? column : c;
            ++*n;
        }
    }
    return column;
}

static kg_status find_label(reader *r, kg_error *err)
{
    int n = 0;
    r->label = column_of(r, r->request->label, 0, &n);
    if (n > 1) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s:1:%d: %d columns are called '%.60s'", r->in.path,
                        r->label + 1, n, r->request->label);
    }
    return n ? KG_OK : kgi_table_label_by_place(r->request, r->head.n_columns, &r->label, err);
}

/* Rows to predict: a label is there only if there is one column more than features, and named. */
static kg_status find_label_of_rows(reader *r, kg_error *err)
{
    static const char *const usual[] = {"label", "class", "target"};
    const int extra = r->request->n_features ? r->head.n_columns - r->request->n_features : 0;
    int n = 0;
    r->label = -1;
    if (extra == 1 || !r->request->n_features) {
        r->label = column_of(r, r->request->label, 0, &n);
    }
    for (size_t u = 0; u < sizeof usual / sizeof *usual && extra == 1 && r->label < 0; u++) {
        r->label = column_of(r, usual[u], 1, &n);
    }
    if (extra == 1 && r->label < 0) {
        return kgi_fail(
            err, KG_ERR_SHAPE,
            "%s: rows have %d columns, but the model takes %d; a label beside them needs a "
            "header that names it label, class or target, or the option label",
            r->in.path, r->head.n_columns, r->request->n_features);
    }
    if (extra && extra != 1) {
        return kgi_fail(err, KG_ERR_SHAPE, "%s: rows have %d columns, but the model takes %d",
                        r->in.path, r->head.n_columns, r->request->n_features);
    }
    return KG_OK;
}

/* What people write where a number is missing. */
static int is_missing(const kgi_csv_cell *cell)
{
    static const char *const words[] = {"?", "-", "na", "n/a", "null", "none", "missing"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        char text[NAME_BYTES] = "";
        if (cell->length < sizeof text) {
            memcpy(text, cell->text, cell->length);
        }
        if (*text && same_word(text, words[w])) {
            return 1;
        }
    }
    return cell->length == 0;
}

/* "path:3:2: 'NA' in column 'age' is a missing value, ..." */
static kg_status fail_cell(const reader *r, const char *what, const kgi_csv_cell *cell,
                           kg_error *err)
{
    char reason[REASON_BYTES];
    const int c = r->in.cell - 1;
    const char *name = r->names ? r->names[c] : NULL;
    const int odd_header = !name && r->in.line == 1 && !strcmp(what, "is not a number");
    (void)snprintf(
        reason, sizeof reason, "%s%.60s%s%s%s", name ? "in column '" : "", name ? name : "",
        name ? "' " : "",
        is_missing(cell) ? "is a missing value: fill it in or leave the row out" : what,
        odd_header && !is_missing(cell) ? " (the first line is no header, it has numbers)" : "");
    return kgi_csv_fail(&r->in, reason, cell, err);
}

static kg_status read_label(reader *r, int row, const kgi_csv_cell *cell, kg_error *err)
{
    kg_status status = KG_OK;
    if (r->request->is_rows) {
        return KG_OK;
    }
    const char *wrong =
        kgi_classes_find(&r->classes, cell->text, cell->length, &r->data->labels[row], &status);
    if (!wrong) {
        return KG_OK;
    }
    return status == KG_ERR_MEMORY
               ? kgi_fail(err, status, "%s: cannot allocate a class", r->in.path)
               : fail_cell(r, wrong, cell, err);
}

static kg_status read_row(reader *r, int row, kg_error *err)
{
    const int n = r->head.n_columns;
    double *x = r->data->features + (size_t)row * (size_t)r->data->n_features;
    kgi_csv_cell cell = {0};
    for (int c = 0; c < n; c++) {
        kg_status status = kgi_csv_next(&r->in, &cell, err);
        if (!status && cell.ends_line && c + 1 < n && !c && !cell.length) {
            status = kgi_csv_fail(&r->in, "an empty line, allowed only at the end", NULL, err);
        } else if (!status && cell.ends_line && c + 1 < n) {
            status = kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: the line ends after %d columns of %d",
                              r->in.path, r->in.line, r->in.cell, r->in.cell, n);
        } else if (!status && c == r->label) {
            status = read_label(r, row, &cell, err);
        } else if (!status && c >= r->request->n_skipped) {
            const char *wrong = kgi_number_parse(cell.text, cell.length, x);
            status = wrong ? fail_cell(r, wrong, &cell, err) : KG_OK;
            x++;
        }
        if (status) {
            return status;
        }
    }
    if (!cell.ends_line) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: more than %d columns, as the first line has",
                        r->in.path, r->in.line, n + 1, n);
    }
    kgi_csv_end_line(&r->in);
    return KG_OK;
}

/* Memory for all rows that can come: the features of each, and labels. */
static kg_status allocate(reader *r, kg_error *err)
{
    const int n_features = r->head.n_columns - r->request->n_skipped - (r->label >= 0);
    kg_status status = kgi_table_check_width(r->request, n_features, err);
    const size_t max_rows = r->head.max_rows < INT_MAX ? r->head.max_rows : INT_MAX;
    if (!status) {
        status = kgi_dataset_alloc(&r->data, r->request->name ? r->request->name : r->in.path,
                                   (int)max_rows, n_features, 0, NULL, err);
    }
    if (!status && r->label >= 0 && !r->request->is_rows) {
        r->data->labels = malloc(max_rows * sizeof *r->data->labels);
        status = r->data->labels ? KG_OK
                                 : kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu labels",
                                            r->in.path, max_rows);
    }
    return status;
}

static kg_status read_all(reader *r, kg_error *err)
{
    const kgi_table_request *request = r->request;
    kg_status status = kgi_csv_open(&r->in, request->path, request->bytes, request->n_bytes, err);
    if (!status) {
        status = kgi_csv_look(&r->in, &r->head, err);
    }
    if (!status && r->head.header) {
        status = read_header(r, err);
    }
    if (!status) {
        status = request->is_rows ? find_label_of_rows(r, err) : find_label(r, err);
    }
    if (!status) {
        status = allocate(r, err);
    }
    int n_rows = 0;
    for (; !status && !kgi_csv_at_end(&r->in); n_rows++) {
        status = read_row(r, n_rows, err);
    }
    if (!status) {
        r->data->n_rows = n_rows;
        if (r->data->labels) {
            status = kgi_classes_finish(&r->classes, r->data, err);
        }
    }
    return status;
}

kg_status kgi_table_read_csv(kg_dataset **out, const kgi_table_request *request, kg_error *err)
{
    reader r = {.request = request, .classes = {.known = request->known}};
    const kg_status status = read_all(&r, err);
    free_names(&r);
    kgi_classes_clear(&r.classes);
    if (status) {
        kg_dataset_destroy(r.data);
        return status;
    }
    *out = r.data;
    return KG_OK;
}
