/* SPDX-License-Identifier: Apache-2.0 */
/* What text and SVG drawings share: where each operation stands, and what is written on it. */
#ifndef CIRCUIT_DRAW_H
#define CIRCUIT_DRAW_H

#include "base/status.h"
#include "base/text.h"
#include "circuit/circuit.h"

/* A run of columns that belong to one layer. */
typedef struct kgi_band {
    int layer; /* -1: operations outside of layers, no title */
    int first_column;
    int n_columns;
} kgi_band;

/* The part of a band that stands on one line of the picture. Lengths are in the renderer's unit. */
typedef struct kgi_piece {
    int line;
    int band;
    int first_column;
    int n_columns;
    int start; /* from the left end of the line */
    int width;
} kgi_piece;

typedef struct kgi_layout {
    int *column; /* [n_ops] column of each operation */
    int n_columns;
    kgi_band *bands;
    int n_bands;
    kgi_piece *pieces; /* in reading order, set by kgi_layout_wrap() */
    int n_pieces;
    int n_lines;
} kgi_layout;

/**
 * Breaks the columns into lines of at most `limit` (0: one line; a column that is wider stands
 * alone). A band that fits on a line of its own is not broken.
 *
 * @param[in] column_widths  [n_columns]
 * @param[in] title_widths   [n_bands] least width of a piece of this band
 * @param[in] border         what a piece needs besides its columns
 */
void kgi_layout_wrap(kgi_layout *layout, const int *column_widths, const int *title_widths,
                     int border, int limit);

/* What an operation shows on the wire of qubit q. */
typedef enum kgi_mark {
    KGI_MARK_NONE,  /* nothing, or a line that crosses */
    KGI_MARK_DOT,   /* control on 1 */
    KGI_MARK_RING,  /* control on 0 */
    KGI_MARK_NOT,   /* X under control */
    KGI_MARK_CROSS, /* one end of a swap */
    KGI_MARK_BOX,   /* a box with a label */
    KGI_MARK_TALL   /* a box over all qubits of the operation, with the same label */
} kgi_mark;

/* "RY" and "t3"; "M" and "c0"; angles is empty for a gate without. Parameters are t0, t1, ...,
 * inputs x0, x1, ..., and constants have three digits. */
typedef struct kgi_label {
    char name[40];
    char angles[160];
    char condition[32]; /* "if c0=1" */
    int bit;            /* of a tall box: significance of this wire's bit */
} kgi_label;

/* label is filled for boxes only. */
kgi_mark kgi_draw_mark(const kg_circuit *circuit, const kgi_op *op, int q, kgi_label *label);

/* First and last qubit of an operation; all wires between are crossed by its vertical line. */
void kgi_draw_span(const kg_circuit *circuit, const kgi_op *op, int *first, int *last);

/* The renderers behind kg_circuit_draw(). */
kg_status kgi_draw_text(const kg_circuit *circuit, kgi_layout *layout, int ascii, int width,
                        kgi_text *text, kg_error *err);
kg_status kgi_draw_svg(const kg_circuit *circuit, kgi_layout *layout, kgi_text *text,
                       kg_error *err);

#endif
