/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of text: cells are kept as they come, widths are found when the table is formatted. */
#include <ketgrad/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"

enum { MAX_COLUMNS = 32 };

struct kg_table {
    int n_columns;
    int failed; /* a row was lost for lack of memory */
    char align[MAX_COLUMNS + 1];
    char **cells; /* [n_rows][n_columns], the head first if there is one */
    int n_rows;
    int capacity;
};

kg_status kg_table_create(kg_table **out, const char *align, const char *const *titles,
                          kg_error *err)
{
    *out = NULL;
    const size_t n = strlen(align);
    if (n < 1 || n > MAX_COLUMNS || strspn(align, "lr") != n) {
        return kgi_fail(err, KG_ERR_ARGUMENT,
                        "align is \"%.40s\", not 1 to %d letters of l (left) and r (right)", align,
                        MAX_COLUMNS);
    }
    kg_table *table = calloc(1, sizeof *table);
    if (!table) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a table");
    }
    table->n_columns = (int)n;
    (void)snprintf(table->align, sizeof table->align, "%s", align);
    if (titles) {
        kg_table_add(table, titles);
    }
    *out = table;
    return KG_OK;
}

void kg_table_destroy(kg_table *table)
{
    if (table) {
        for (int i = 0; i < table->n_rows * table->n_columns; i++) {
            free(table->cells[i]);
        }
        free(table->cells);
        free(table);
    }
}

void kg_table_add(kg_table *table, const char *const *cells)
{
    if (table->n_rows == table->capacity) {
        const int capacity = 2 * table->capacity + 8;
        char **grown =
            realloc(table->cells, sizeof *grown * (size_t)capacity * (size_t)table->n_columns);
        if (!grown) {
            table->failed = 1;
            return;
        }
        table->cells = grown;
        table->capacity = capacity;
    }
    char **row = table->cells + (size_t)table->n_rows * (size_t)table->n_columns;
    for (int c = 0; c < table->n_columns; c++) {
        row[c] = strdup(cells[c] ? cells[c] : "");
        table->failed |= !row[c];
    }
    table->n_rows++;
}

/* Characters of UTF-8: bytes that do not continue one. */
static int text_width(const char *text)
{
    int width = 0;
    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void format_row(kgi_text *text, const kg_table *table, char *const *row, const int *widths)
{
    int pending = 0; /* blanks that are due if something follows */
    for (int c = 0; c < table->n_columns; c++) {
        const int blanks = widths[c] - text_width(row[c]);
        const int left = table->align[c] == 'l';
        pending += left ? 0 : blanks;
        if (*row[c]) {
            kgi_text_repeat(text, " ", pending);
            kgi_text_printf(text, "%s", row[c]);
            pending = 0;
        }
        pending += (left ? blanks : 0) + 2;
    }
    kgi_text_add(text, "\n", 1);
}

kg_status kg_table_format(char **out, const kg_table *table, kg_error *err)
{
    *out = NULL;
    if (table->failed) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate the rows of a table");
    }
    int widths[MAX_COLUMNS] = {0};
    for (int i = 0; i < table->n_rows * table->n_columns; i++) {
        const int width = text_width(table->cells[i]);
        int *widest = &widths[i % table->n_columns];
        *widest = width > *widest ? width : *widest;
    }
    kgi_text text = {0};
    for (int r = 0; r < table->n_rows; r++) {
        format_row(&text, table, table->cells + (size_t)r * (size_t)table->n_columns, widths);
    }
    return kgi_text_finish(&text, out, err);
}
