/* SPDX-License-Identifier: Apache-2.0 */
/* CSV text cell by cell (RFC 4180), for matrices and for tables with labels. */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "base/status.h"

enum { KGI_CSV_MAX_LINE = 1 << 20, KGI_CSV_MAX_COLUMNS = 65536 };

/* A place in a text. */
typedef struct kgi_csv {
    const char *path; /* what messages call the text */
    const char *text;
    size_t n_bytes;
    size_t at;
    size_t line_start;
    int line; /* from 1 */
    int cell; /* from 1: of the cell read last; 0 at the start of a line */
} kgi_csv;

/* A piece of the text without its quotes and the blanks around it; doubled quotes stay doubled. */
typedef struct kgi_csv_cell {
    const char *text;
    size_t length;
    int is_quoted;
    int ends_line;
} kgi_csv_cell;

/* What is known of a text before its rows are read. */
typedef struct kgi_csv_head {
    int n_columns;
    int header;      /* the first line has no number in it: names */
    size_t max_rows; /* no more rows than this can follow */
} kgi_csv_head;

/* Starts at the first byte after a byte order mark. Errors: KG_ERR_FORMAT (UTF-16, a NUL),
 * KG_ERR_MEMORY (more than 1 GiB). */
kg_status kgi_csv_open(kgi_csv *in, const char *path, const char *text, size_t n_bytes,
                       kg_error *err);

/* The next cell. After one that ends its line, call kgi_csv_end_line(). Errors: KG_ERR_FORMAT (quotes,
 * a carriage return, more than 1 MiB in a line, more than 65536 columns). */
kg_status kgi_csv_next(kgi_csv *in, kgi_csv_cell *cell, kg_error *err);
void kgi_csv_end_line(kgi_csv *in);

/* 1 if nothing but line ends follows. */
int kgi_csv_at_end(const kgi_csv *in);

/* Looks at the first line without moving. */
kg_status kgi_csv_look(const kgi_csv *in, kgi_csv_head *head, kg_error *err);

/* KG_ERR_FORMAT "path:line:cell: what", or "'cell' what" if there is a cell to show. */
kg_status kgi_csv_fail(const kgi_csv *in, const char *what, const kgi_csv_cell *shown,
                       kg_error *err);

#endif
