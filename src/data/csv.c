/* SPDX-License-Identifier: Apache-2.0 */
/* CSV text (RFC 4180), and matrices of numbers from it.
 *
 * One pass over the bytes; a cell is a piece of the text, never copied. Positions in messages are
 * line:cell, both from 1, so that a spreadsheet shows the place. */
#include "data/csv.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ketgrad/data.h>

#include "base/file.h"
#include "base/number.h"

enum { SHOWN_BYTES = 24 /* of a bad cell in a message */ };
static const size_t max_file_bytes = (size_t)1 << 30;

kg_status kgi_csv_fail(const kgi_csv *in, const char *what, const kgi_csv_cell *shown,
                       kg_error *err)
{
    char piece[SHOWN_BYTES + 1] = "";
    if (shown) {
        (void)snprintf(piece, sizeof piece, "%.*s",
                       shown->length < SHOWN_BYTES ? (int)shown->length : SHOWN_BYTES, shown->text);
    }
    return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: %s%s%s%s", in->path, in->line,
                    in->cell ? in->cell : 1, shown ? "'" : "", piece, shown ? "' " : "", what);
}

/* NUL bytes and UTF-16 are told apart from a bad number. */
kg_status kgi_csv_open(kgi_csv *in, const char *path, const char *text, size_t n_bytes,
                       kg_error *err)
{
    *in = (kgi_csv){.path = path, .text = text, .n_bytes = n_bytes, .line = 1};
    if (n_bytes > max_file_bytes) { /* so that rows fit an int */
        return kgi_fail(err, KG_ERR_MEMORY, "%s: %zu bytes of CSV, at most %zu", path, n_bytes,
                        max_file_bytes);
    }
    if (n_bytes >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) {
        return kgi_csv_fail(in, "the text is UTF-16, allowed is UTF-8", NULL, err);
    }
    const char *nul = n_bytes ? memchr(text, '\0', n_bytes) : NULL;
    if (nul) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s: byte %td: a NUL, allowed is text", path,
                        nul - text);
    }
    if (n_bytes >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        in->at = 3;
    }
    in->line_start = in->at;
    return KG_OK;
}

static kg_status fail_long_line(const kgi_csv *in, size_t at, kg_error *err)
{
    const char *end = memchr(in->text + at, '\n', in->n_bytes - at);
    const size_t stop = end ? (size_t)(end - in->text) : in->n_bytes;
    return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:1: a line of %zu bytes, allowed are %d", in->path,
                    in->line, stop - in->line_start, KGI_CSV_MAX_LINE);
}

/* After a cell: a comma, the end of a line, or the end of the text. */
static kg_status end_cell(kgi_csv *in, kgi_csv_cell *out, kg_error *err)
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
    return kgi_csv_fail(
        in, out->is_quoted ? "text after the closing quote" : "carriage return in a line", NULL,
        err);
}

static void trim(kgi_csv_cell *cell)
{
    while (cell->length && (cell->text[0] == ' ' || cell->text[0] == '\t')) {
        cell->text++;
        cell->length--;
    }
    while (cell->length &&
           (cell->text[cell->length - 1] == ' ' || cell->text[cell->length - 1] == '\t')) {
        cell->length--;
    }
}

kg_status kgi_csv_next(kgi_csv *in, kgi_csv_cell *out, kg_error *err)
{
    const char *text = in->text;
    const size_t first = in->at;
    const size_t limit = in->line_start + KGI_CSV_MAX_LINE;
    const size_t stop = limit < in->n_bytes ? limit : in->n_bytes;
    size_t end = first;
    if (in->cell == KGI_CSV_MAX_COLUMNS) {
        in->cell++;
        return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: more than %d columns", in->path, in->line,
                        in->cell, KGI_CSV_MAX_COLUMNS);
    }
    in->cell++;
    *out = (kgi_csv_cell){.is_quoted = first < in->n_bytes && text[first] == '"'};
    if (out->is_quoted) {
        for (end++; end < stop; end++) {
            if (text[end] == '"' && (end + 1 == in->n_bytes || text[end + 1] != '"')) {
                break;
            }
            end += text[end] == '"';
        }
        if (end >= in->n_bytes) {
            return kgi_csv_fail(in, "the quote is not closed", NULL, err);
        }
    } else {
        while (end < stop && text[end] != ',' && text[end] != '\n' && text[end] != '\r') {
            end++;
        }
    }
    if (end >= limit && end < in->n_bytes &&
        (out->is_quoted || (text[end] != '\n' && text[end] != '\r'))) {
        return fail_long_line(in, end, err);
    }
    out->text = text + first + out->is_quoted;
    out->length = end - first - (size_t)out->is_quoted;
    in->at = end + (size_t)out->is_quoted;
    trim(out);
    return end_cell(in, out, err);
}

void kgi_csv_end_line(kgi_csv *in)
{
    in->line++;
    for (size_t i = in->line_start; i + 1 < in->at; i++) { /* line ends inside quotes count */
        in->line += in->text[i] == '\n';
    }
    in->line_start = in->at;
    in->cell = 0;
}

int kgi_csv_at_end(const kgi_csv *in)
{
    size_t i = in->at;
    while (i < in->n_bytes && (in->text[i] == '\n' || in->text[i] == '\r')) {
        i++;
    }
    return i == in->n_bytes;
}

/* A header is a first line in which no cell is a number, not even NaN, and none is empty. */
kg_status kgi_csv_look(const kgi_csv *in, kgi_csv_head *head, kg_error *err)
{
    kgi_csv at = *in;
    kgi_csv_cell cell = {0};
    size_t n_lines = 1;
    *head = (kgi_csv_head){.header = 1};
    if (kgi_csv_at_end(in)) {
        return kgi_csv_fail(in, "there is no row of numbers", NULL, err);
    }
    do {
        double x = 0.0;
        const kg_status status = kgi_csv_next(&at, &cell, err);
        if (status) {
            return status;
        }
        const char *wrong = kgi_number_parse(cell.text, cell.length, &x);
        if (!wrong || strcmp(wrong, "is not finite") == 0 || cell.length == 0) {
            head->header = 0;
        }
    } while (!cell.ends_line);
    head->n_columns = at.cell;
    for (size_t i = in->at; i < in->n_bytes; i++) {
        n_lines += in->text[i] == '\n';
    }
    /* a cell that is a number has a byte, and another one after it */
    const size_t by_bytes = (in->n_bytes - in->at + 1) / 2 / (size_t)at.cell + 1;
    head->max_rows = n_lines < by_bytes ? n_lines : by_bytes;
    return KG_OK;
}

/* ---- matrices ---- */

/* Numbers so far; there is room for all that can come. */
typedef struct matrix {
    double *values;
    size_t n;
} matrix;

static kg_status read_line(kgi_csv *in, int n_columns, matrix *out, kg_error *err)
{
    kgi_csv_cell cell = {0};
    do {
        kg_status status = kgi_csv_next(in, &cell, err);
        if (!status && in->cell > n_columns) {
            status = kgi_fail(err, KG_ERR_FORMAT,
                              "%s:%d:%d: more than %d columns, as the first line has", in->path,
                              in->line, in->cell, n_columns);
        }
        if (status) {
            return status;
        }
        const char *wrong = kgi_number_parse(cell.text, cell.length, &out->values[out->n]);
        if (wrong) {
            return kgi_csv_fail(in, wrong, &cell, err);
        }
        out->n++;
    } while (!cell.ends_line);
    if (in->cell < n_columns) {
        return kgi_fail(err, KG_ERR_FORMAT, "%s:%d:%d: the line ends after %d columns of %d",
                        in->path, in->line, in->cell, in->cell, n_columns);
    }
    kgi_csv_end_line(in);
    return KG_OK;
}

/* Moves behind the header. */
static kg_status skip_line(kgi_csv *in, kg_error *err)
{
    kgi_csv_cell cell = {0};
    do {
        const kg_status status = kgi_csv_next(in, &cell, err);
        if (status) {
            return status;
        }
    } while (!cell.ends_line);
    kgi_csv_end_line(in);
    return kgi_csv_at_end(in) ? kgi_csv_fail(in, "there is no row of numbers", NULL, err) : KG_OK;
}

kg_status kg_csv_parse(double **values, int *n_rows, int *n_columns, int *header, const char *path,
                       const char *text, size_t n_bytes, kg_error *err)
{
    kgi_csv in;
    kgi_csv_head head = {0};
    matrix out = {0};
    *values = NULL;
    *n_rows = 0;
    *n_columns = 0;
    kg_status status = kgi_csv_open(&in, path, text, n_bytes, err);
    if (!status) {
        status = kgi_csv_look(&in, &head, err);
    }
    if (!status && head.header) {
        status = skip_line(&in, err);
    }
    if (status || head.n_columns < 1) { /* a success has columns */
        return status;
    }
    out.values = malloc(head.max_rows * (size_t)head.n_columns * sizeof *out.values);
    if (!out.values) {
        return kgi_fail(err, KG_ERR_MEMORY, "%s: cannot allocate %zu rows of %d numbers", path,
                        head.max_rows, head.n_columns);
    }
    while (!status && !kgi_csv_at_end(&in)) {
        status = read_line(&in, head.n_columns, &out, err);
    }
    if (status) {
        free(out.values);
        return status;
    }
    *values = out.values;
    *n_columns = head.n_columns;
    *n_rows = (int)(out.n / (size_t)head.n_columns);
    if (header) {
        *header = head.header;
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
