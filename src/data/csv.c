/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices of numbers from CSV text (RFC 4180).
 *
 * One pass over the bytes; a cell is a piece of the text, copied only if it has doubled quotes.
 * Positions in messages are line:cell, both from 1, so that a spreadsheet shows the place. */
#include <ketgrad/data.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/status.h"

enum {
    MAX_LINE_BYTES = 1 << 20,
    MAX_COLUMNS = 65536,
    SHOWN_BYTES = 24 /* of a bad cell in a message */
};
static const size_t max_file_bytes = (size_t)1 << 30;

/* The text while it is read, and the rows so far. */
typedef struct reader {
    const char *path;
    const char *text;
    size_t n_bytes;
    size_t at;
    int line;
    int cell;
    int n_columns; /* 0 until the first line is complete */
    double *values;
    size_t n_values;
    size_t capacity;
} reader;

typedef struct csv_cell {
    const char *text;
    size_t length;
    int is_quoted;
    int ends_line;
} csv_cell;

static kg_status fail_here(const reader *in, kg_error *err, kg_status status, const char *what,
                           const csv_cell *shown)
{
    char piece[SHOWN_BYTES + 1] = "";
    if (shown) {
        (void)snprintf(piece, sizeof piece, "%.*s",
                       shown->length < SHOWN_BYTES ? (int)shown->length : SHOWN_BYTES, shown->text);
    }
    return kgi_fail(err, status, "%s:%d:%d: %s%s%s%s", in->path, in->line, in->cell,
                    shown ? "'" : "", piece, shown ? "' " : "", what);
}

/* After a cell: a comma, the end of a line, or the end of the text. */
static kg_status end_cell(reader *in, csv_cell *out, kg_error *err)
{
    const char *text = in->text;
    out->ends_line = 1;
    if (in->at == in->n_bytes) {
        return KG_OK;
    }
    if (text[in->at] == '\r' && in->at + 1 < in->n_bytes && text[in->at + 1] == '\n') {
        in->at++;
    }
    if (text[in->at] == '\n') {
        in->at++;
        return KG_OK;
    }
    if (text[in->at] == ',') {
        in->at++;
        out->ends_line = 0;
        return KG_OK;
    }
    return fail_here(in, err, KG_ERR_FORMAT,
                     out->is_quoted ? "text after the closing quote" : "carriage return in a line",
                     NULL);
}

/* A number has no quotes inside, so doubled ones are kept as they are: the cell is no number. */
static kg_status read_cell(reader *in, csv_cell *out, kg_error *err)
{
    const char *text = in->text;
    size_t end = in->at;
    *out = (csv_cell){.is_quoted = in->at < in->n_bytes && text[in->at] == '"'};
    if (out->is_quoted) {
        for (end++; end < in->n_bytes; end++) {
            if (text[end] == '"' && (end + 1 == in->n_bytes || text[end + 1] != '"')) {
                break;
            }
            end += text[end] == '"';
        }
        if (end >= in->n_bytes) {
            return fail_here(in, err, KG_ERR_FORMAT, "the quote is not closed", NULL);
        }
        out->text = text + in->at + 1;
        out->length = end - in->at - 1;
        in->at = end + 1;
    } else {
        while (end < in->n_bytes && text[end] != ',' && text[end] != '\n' && text[end] != '\r') {
            end++;
        }
        out->text = text + in->at;
        out->length = end - in->at;
        in->at = end;
    }
    while (out->length && (out->text[0] == ' ' || out->text[0] == '\t')) {
        out->text++;
        out->length--;
    }
    while (out->length &&
           (out->text[out->length - 1] == ' ' || out->text[out->length - 1] == '\t')) {
        out->length--;
    }
    return end_cell(in, out, err);
}

static kg_status append(reader *in, double x, kg_error *err)
{
    if (in->n_values == in->capacity) {
        const size_t capacity = 2 * in->capacity + 1024;
        double *values = realloc(in->values, capacity * sizeof *values);
        if (!values) {
            return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu numbers", in->path,
                            capacity);
        }
        in->values = values;
        in->capacity = capacity;
    }
    in->values[in->n_values++] = x;
    return KG_OK;
}

/* Looks ahead: a header is a first line in which no cell is a number, not even NaN. */
static kg_status skip_header(reader *in, int *header, kg_error *err)
{
    const reader start = *in;
    int n_cells = 0;
    csv_cell cell = {0};
    *header = 1;
    do {
        double x = 0.0;
        const kg_status status = read_cell(in, &cell, err);
        if (status) {
            return status;
        }
        const char *wrong = kgi_number_parse(cell.text, cell.length, &x);
        if (!wrong || strcmp(wrong, "is not finite") == 0 || cell.length == 0) {
            *header = 0;
        }
        n_cells++;
        in->cell++;
    } while (!cell.ends_line && *header);
    if (*header) {
        in->line++;
        in->n_columns = n_cells;
    } else {
        in->at = start.at;
    }
    in->cell = 1;
    return KG_OK;
}

static kg_status read_line(reader *in, kg_error *err)
{
    const size_t start = in->at;
    csv_cell cell = {0};
    in->cell = 0;
    do {
        in->cell++;
        double x = 0.0;
        kg_status status = read_cell(in, &cell, err);
        if (status) {
            return status;
        }
        if (in->cell > MAX_COLUMNS || (in->n_columns && in->cell > in->n_columns)) {
            return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: more than %d columns%s", in->path,
                            in->line, in->cell, in->n_columns ? in->n_columns : MAX_COLUMNS,
                            in->n_columns ? ", as the first line has" : "");
        }
        const char *wrong = kgi_number_parse(cell.text, cell.length, &x);
        if (wrong) {
            return fail_here(in, err, KG_ERR_FORMAT, wrong, &cell);
        }
        status = append(in, x, err);
        if (status) {
            return status;
        }
    } while (!cell.ends_line);
    if (in->at - start > MAX_LINE_BYTES) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:1: a line of %zu bytes, allowed are %d",
                        in->path, in->line, in->at - start, MAX_LINE_BYTES);
    }
    if (in->n_columns && in->cell < in->n_columns) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: the line ends after %d columns of %d",
                        in->path, in->line, in->cell, in->cell, in->n_columns);
    }
    in->n_columns = in->cell;
    in->line++;
    return KG_OK;
}

/* Nothing but line ends from here on. */
static int only_empty_lines(const reader *in)
{
    size_t i = in->at;
    while (i < in->n_bytes && (in->text[i] == '\n' || in->text[i] == '\r')) {
        i++;
    }
    return i == in->n_bytes;
}

/* NUL bytes and UTF-16 are told apart from a bad number. */
static kg_status check_bytes(reader *in, kg_error *err)
{
    if (in->n_bytes >= 2 && ((in->text[0] == '\xff' && in->text[1] == '\xfe') ||
                             (in->text[0] == '\xfe' && in->text[1] == '\xff'))) {
        return fail_here(in, err, KG_ERR_FORMAT, "the text is UTF-16, allowed is UTF-8", NULL);
    }
    const char *nul = memchr(in->text, '\0', in->n_bytes);
    if (nul) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %td: a NUL, allowed is text", in->path,
                        nul - in->text);
    }
    if (in->n_bytes >= 3 && !memcmp(in->text, "\xef\xbb\xbf", 3)) {
        in->at = 3;
    }
    return KG_OK;
}

static kg_status read_all(reader *in, int *header, kg_error *err)
{
    kg_status status = check_bytes(in, err);
    if (!status && !only_empty_lines(in)) {
        status = skip_header(in, header, err);
    }
    while (!status && !only_empty_lines(in)) {
        status = read_line(in, err);
    }
    if (!status && !in->n_values) {
        status =
            kgi_fail(err, KG_ERR_FORMAT, "%s:%d:1: there is no row of numbers", in->path, in->line);
    }
    return status;
}

kg_status kg_csv_parse(double **values, int *n_rows, int *n_columns, int *header, const char *path,
                       const char *text, size_t n_bytes, kg_error *err)
{
    reader in = {.path = path, .text = text, .n_bytes = n_bytes, .line = 1, .cell = 1};
    int has_header = 0;
    *values = NULL;
    *n_rows = 0;
    *n_columns = 0;
    if (n_bytes > max_file_bytes) { /* so that rows fit an int */
        return kgi_fail(err, KG_ERR_MEMORY, "%s: %zu bytes of CSV, at most %zu", path, n_bytes,
                        max_file_bytes);
    }
    const kg_status status = read_all(&in, &has_header, err);
    if (status || !in.n_columns) { /* a success has columns */
        free(in.values);
        return status;
    }
    *values = in.values;
    *n_columns = in.n_columns;
    *n_rows = (int)(in.n_values / (size_t)in.n_columns);
    if (header) {
        *header = has_header;
    }
    return KG_OK;
}

kg_status kg_csv_load(double **values, int *n_rows, int *n_columns, int *header, const char *path,
                      kg_error *err)
{
    unsigned char *text = NULL;
    size_t n_bytes = 0;
    *values = NULL;
    *n_rows = 0;
    *n_columns = 0;
    kg_status status = kgi_file_read(path, max_file_bytes, &text, &n_bytes, err);
    if (!status) {
        status =
            kg_csv_parse(values, n_rows, n_columns, header, path, (const char *)text, n_bytes, err);
    }
    free(text);
    return status;
}
