/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits as text: a row per qubit, rows between for vertical lines, titles of layers above.
 *
 *          conv 1
 *     q0 ──┤RY(t0)├──●──
 *                    │
 *     q1 ──┤RY(t1)├──⊕──
 *
 * A line of the picture is drawn on a canvas of characters, where later strokes cover earlier ones:
 * wires first, then vertical lines, then marks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/draw.h"

/* Code points; all are one column wide. */
typedef struct glyphs {
    uint16_t wire, vertical, crossing, dot, ring, not_gate, cross, box_left, box_right;
    uint16_t title_left, title_right, title_line;
} glyphs;

static const glyphs utf8_glyphs = {0x2500, 0x2502, 0x253c, 0x25cf, 0x25cb, 0x2295,
                                   0x00d7, 0x2524, 0x251c, 0x256d, 0x256e, 0x2500};
static const glyphs ascii_glyphs = {'-', '|', '|', '@', 'o', 'X', 'x', '[', ']', '.', '.', '-'};

typedef struct canvas {
    const kg_circuit *circuit;
    const kgi_layout *layout;
    const int *column_widths;
    const glyphs *glyphs;
    uint16_t *cells; /* [height][width] */
    int width;
    int height;
    int margin; /* columns before the wires: "q0 " */
    int top;    /* rows before the first wire */
} canvas;

enum { ROOM = 512 }; /* for the longest label */

static void put(canvas *to, int row, int column, uint16_t glyph)
{
    to->cells[(size_t)row * (size_t)to->width + (size_t)column] = glyph;
}

static void put_text(canvas *to, int row, int column, const char *text)
{
    for (; *text; text++) {
        put(to, row, column++, (uint16_t)*text);
    }
}

static int row_of(const canvas *to, int q)
{
    return to->top + 2 * q;
}

/* "RY(t3)", "X if c0=1" */
static int format_label(const kgi_label *label, char text[ROOM])
{
    return snprintf(text, ROOM, "%s%s%s%s%s%s", label->name, label->angles[0] ? "(" : "",
                    label->angles, label->angles[0] ? ")" : "", label->condition[0] ? " " : "",
                    label->condition);
}

/* ---- widths --------------------------------------------------------------------------------- */

static int mark_width(const kg_circuit *circuit, const kgi_op *op, int q)
{
    kgi_label label;
    char text[ROOM];
    const kgi_mark mark = kgi_draw_mark(circuit, op, q, &label);
    return mark == KGI_MARK_BOX || mark == KGI_MARK_TALL ? format_label(&label, text) + 2 : 1;
}

/* Columns have one place of wire on their left. */
static void measure_columns(const kg_circuit *circuit, const kgi_layout *layout, int *widths)
{
    for (int c = 0; c < layout->n_columns; c++) {
        widths[c] = 2;
    }
    for (int i = 0; i < circuit->n_ops; i++) {
        int first;
        int last;
        int *width = &widths[layout->column[i]];
        kgi_draw_span(circuit, &circuit->ops[i], &first, &last);
        for (int q = first; q <= last; q++) {
            const int needed = 1 + mark_width(circuit, &circuit->ops[i], q);
            *width = needed > *width ? needed : *width;
        }
    }
}

/* Room for "╭─ conv 1 ─╮" and a blank. */
static int title_width(const kg_circuit *circuit, const kgi_band *band)
{
    return band->layer < 0 ? 0 : (int)strlen(circuit->layers[band->layer]) + 7;
}

/* ---- strokes -------------------------------------------------------------------------------- */

/* A vertical line over the operation's wires and everything between. */
static void draw_vertical(canvas *to, int first, int last, int column)
{
    for (int row = row_of(to, first); row <= row_of(to, last); row++) {
        const int on_wire = (row - to->top) % 2 == 0;
        put(to, row, column, on_wire ? to->glyphs->crossing : to->glyphs->vertical);
    }
}

static void draw_box(canvas *to, int row, int centre, const char *text)
{
    const int length = (int)strlen(text) + 2;
    const int left = centre - length / 2;
    put(to, row, left, to->glyphs->box_left);
    put_text(to, row, left + 1, text);
    put(to, row, left + length - 1, to->glyphs->box_right);
}

/* The box of an amplitude encoding: its sides run through the rows between, and each wire says
 * which bit of the feature's index it is. */
static void draw_tall(canvas *to, const kgi_op *op, int first, int last, int centre)
{
    kgi_label label;
    char text[ROOM];
    const int *qubits = kgi_op_qubits(to->circuit, op);
    (void)kgi_draw_mark(to->circuit, op, qubits[0], &label);
    const int length = format_label(&label, text) + 2;
    const int left = centre - length / 2;
    const int right = left + length - 1;
    draw_vertical(to, first, last, left);
    draw_vertical(to, first, last, right);
    for (int i = 0; i < op->n_qubits; i++) {
        const int row = row_of(to, qubits[i]);
        put(to, row, left, to->glyphs->box_left);
        put(to, row, right, to->glyphs->box_right);
        for (int column = left + 1; column < right; column++) {
            put(to, row, column, ' ');
        }
        if (op->n_qubits > 1) {
            char bit[16];
            const int shown = snprintf(bit, sizeof bit, "bit %d", i);
            put_text(to, row, centre - shown / 2, bit);
        }
    }
    put_text(to, row_of(to, first + (last - first) / 2) + (last > first), left + 1, text);
}

static void draw_op(canvas *to, const kgi_op *op, int left, int width)
{
    const int centre = left + 1 + (width - 1) / 2;
    int first;
    int last;
    kgi_draw_span(to->circuit, op, &first, &last);
    if (op->kind == KGI_OP_AMPLITUDES) {
        draw_tall(to, op, first, last, centre);
        return;
    }
    if (last > first) {
        draw_vertical(to, first, last, centre);
    }
    for (int q = first; q <= last; q++) {
        kgi_label label;
        char text[ROOM];
        const int row = row_of(to, q);
        switch (kgi_draw_mark(to->circuit, op, q, &label)) {
        case KGI_MARK_DOT:
            put(to, row, centre, to->glyphs->dot);
            break;
        case KGI_MARK_RING:
            put(to, row, centre, to->glyphs->ring);
            break;
        case KGI_MARK_NOT:
            put(to, row, centre, to->glyphs->not_gate);
            break;
        case KGI_MARK_CROSS:
            put(to, row, centre, to->glyphs->cross);
            break;
        case KGI_MARK_BOX:
            (void)format_label(&label, text);
            draw_box(to, row, centre, text);
            break;
        default:
            break;
        }
    }
}

/* The bracket over a layer; an end is open where the layer goes on, on the line before or after. */
static void draw_title(canvas *to, const kgi_piece *piece)
{
    const kgi_band *band = &to->layout->bands[piece->band];
    const int left = to->margin + piece->start + 1;
    const int right = to->margin + piece->start + piece->width - 1;
    const int opens = piece->first_column == band->first_column;
    const int closes =
        piece->first_column + piece->n_columns == band->first_column + band->n_columns;
    if (band->layer < 0) {
        return;
    }
    for (int column = left; column <= right; column++) {
        put(to, 0, column, to->glyphs->title_line);
    }
    put(to, 0, left, opens ? to->glyphs->title_left : to->glyphs->title_line);
    put(to, 0, right, closes ? to->glyphs->title_right : to->glyphs->title_line);
    char text[ROOM];
    (void)snprintf(text, sizeof text, " %s ", to->circuit->layers[band->layer]);
    put_text(to, 0, left + 2, text);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void draw_wires(canvas *to, int end)
{
    for (size_t i = 0; i < (size_t)to->width * (size_t)to->height; i++) {
        to->cells[i] = ' ';
    }
    for (int q = 0; q < to->circuit->n_qubits; q++) {
        char name[16];
        (void)snprintf(name, sizeof name, "q%d", q);
        put_text(to, row_of(to, q), 0, name);
        for (int column = to->margin; column < end; column++) {
            put(to, row_of(to, q), column, to->glyphs->wire);
        }
    }
}

static void draw_piece(canvas *to, const kgi_piece *piece)
{
    draw_title(to, piece);
    for (int i = 0; i < to->circuit->n_ops; i++) {
        const int c = to->layout->column[i] - piece->first_column;
        if (c < 0 || c >= piece->n_columns) {
            continue;
        }
        int left = to->margin + piece->start + 1;
        for (int before = 0; before < c; before++) {
            left += to->column_widths[piece->first_column + before];
        }
        draw_op(to, &to->circuit->ops[i], left - 1, to->column_widths[piece->first_column + c]);
    }
}

/* Code points below 0x10000 as UTF-8, without blanks at the ends of lines. */
static void write_canvas(const canvas *from, kgi_text *text)
{
    for (int row = 0; row < from->height; row++) {
        const uint16_t *cells = from->cells + (size_t)row * (size_t)from->width;
        int length = from->width;
        while (length > 0 && cells[length - 1] == ' ') {
            length--;
        }
        for (int column = 0; column < length; column++) {
            const unsigned glyph = cells[column];
            char bytes[3] = {(char)glyph, 0, 0};
            size_t n = 1;
            if (glyph >= 0x800) {
                bytes[0] = (char)(0xe0 | glyph >> 12);
                bytes[1] = (char)(0x80 | (glyph >> 6 & 0x3f));
                bytes[2] = (char)(0x80 | (glyph & 0x3f));
                n = 3;
            } else if (glyph >= 0x80) {
                bytes[0] = (char)(0xc0 | glyph >> 6);
                bytes[1] = (char)(0x80 | (glyph & 0x3f));
                n = 2;
            }
            kgi_text_add(text, bytes, n);
        }
        kgi_text_add(text, "\n", 1);
    }
}

static void draw_lines(canvas *to, kgi_text *text)
{
    for (int line = 0; line < to->layout->n_lines; line++) {
        int end = to->margin + 2;
        for (int i = 0; i < to->layout->n_pieces; i++) {
            const kgi_piece *piece = &to->layout->pieces[i];
            if (piece->line == line) {
                end = to->margin + piece->start + piece->width + 1;
            }
        }
        draw_wires(to, end);
        for (int i = 0; i < to->layout->n_pieces; i++) {
            if (to->layout->pieces[i].line == line) {
                draw_piece(to, &to->layout->pieces[i]);
            }
        }
        kgi_text_add(text, "\n", line > 0 ? 1 : 0);
        write_canvas(to, text);
    }
}

kg_status kgi_draw_text(const kg_circuit *circuit, kgi_layout *layout, int ascii, int width,
                        kgi_text *text, kg_error *err)
{
    kg_status status = KG_OK;
    const int margin = circuit->n_qubits > 10 ? 4 : 3;
    int *widths = calloc((size_t)layout->n_columns + (size_t)layout->n_bands + 1, sizeof *widths);
    canvas to = {.circuit = circuit,
                 .layout = layout,
                 .column_widths = widths,
                 .glyphs = ascii ? &ascii_glyphs : &utf8_glyphs,
                 .margin = margin};
    if (!widths) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a drawing of %d columns",
                        layout->n_columns);
    }
    measure_columns(circuit, layout, widths);
    for (int b = 0; b < layout->n_bands; b++) {
        widths[layout->n_columns + b] = title_width(circuit, &layout->bands[b]);
        to.top = layout->bands[b].layer >= 0 ? 1 : to.top;
    }
    /* One more place of wire stands behind a piece, and one at the end of a line. */
    const int limit = width == 0 ? 0 : width > margin + 2 ? width - margin - 1 : 1;
    kgi_layout_wrap(layout, widths, widths + layout->n_columns, 1, limit);
    to.width = margin + 2;
    for (int i = 0; i < layout->n_pieces; i++) {
        const int end = margin + layout->pieces[i].start + layout->pieces[i].width + 1;
        to.width = end > to.width ? end : to.width;
    }
    to.height = to.top + 2 * circuit->n_qubits - 1;
    to.cells = calloc((size_t)to.width * (size_t)to.height, sizeof *to.cells);
    if (to.cells) {
        draw_lines(&to, text);
    } else {
        status = kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a drawing of %d by %d characters",
                          to.width, to.height);
    }
    free(to.cells);
    free(widths);
    return status;
}
