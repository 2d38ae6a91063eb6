/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings, the part that text and SVG share: columns, bands and lines, marks and labels. */
#include "circuit/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* ---- columns and bands ----------------------------------------------------------------------- */

void kgi_draw_span(const kg_circuit *circuit, const kgi_op *op, int *first, int *last)
{
    const uint64_t mask = kgi_op_mask(circuit, op);
    *first = 0;
    *last = circuit->n_qubits - 1;
    while (*first < *last && !(mask >> *first & 1)) {
        (*first)++;
    }
    while (*last > *first && !(mask >> *last & 1)) {
        (*last)--;
    }
}

static uint64_t mask_between(int first, int last)
{
    const uint64_t up_to_last = last == 63 ? ~(uint64_t)0 : ((uint64_t)1 << (last + 1)) - 1;
    return up_to_last & ~(((uint64_t)1 << first) - 1);
}

/* An operation stands in the first column of its band that is to the right of all earlier ones on
 * its wires and of the measurement it depends on, and where its vertical line crosses nothing. */
static void pack(kgi_layout *layout, const kg_circuit *circuit, uint64_t *occupied)
{
    int free_column[KG_MAX_QUBITS] = {0};
    int bit_column[64] = {0};
    for (int i = 0; i < circuit->n_ops; i++) {
        const kgi_op *op = &circuit->ops[i];
        const uint64_t mask = kgi_op_mask(circuit, op);
        int first;
        int last;
        if (i == 0 || op->layer != circuit->ops[i - 1].layer) {
            layout->bands[layout->n_bands++] = (kgi_band){op->layer, layout->n_columns, 0};
        }
        kgi_band *band = &layout->bands[layout->n_bands - 1];
        int column = band->first_column;
        kgi_draw_span(circuit, op, &first, &last);
        for (int q = first; q <= last; q++) {
            column = mask >> q & 1 && free_column[q] > column ? free_column[q] : column;
        }
        if (op->condition_bit >= 0 && bit_column[op->condition_bit] > column) {
            column = bit_column[op->condition_bit];
        }
        while (occupied[column] & mask_between(first, last)) {
            column++;
        }
        occupied[column] |= mask_between(first, last);
        for (int q = first; q <= last; q++) {
            free_column[q] = mask >> q & 1 ? column + 1 : free_column[q];
        }
        if (op->kind == KGI_OP_MEASURE) {
            bit_column[op->bit] = column + 1;
        }
        if (column >= layout->n_columns) {
            layout->n_columns = column + 1;
            band->n_columns = layout->n_columns - band->first_column;
        }
        layout->column[i] = column;
    }
}

static void clear_layout(kgi_layout *layout)
{
    free(layout->column);
    free(layout->bands);
    free(layout->pieces);
    *layout = (kgi_layout){0};
}

/* Packs operations greedily into columns, layer by layer. */
static kg_status init_layout(kgi_layout *layout, const kg_circuit *circuit, kg_error *err)
{
    const size_t n = (size_t)circuit->n_ops + 1; /* of bands and pieces there are no more */
    *layout = (kgi_layout){
        .column = calloc(n, sizeof *layout->column),
        .bands = calloc(n, sizeof *layout->bands),
        .pieces = calloc(n, sizeof *layout->pieces),
    };
    uint64_t *occupied = calloc(n, sizeof *occupied); /* wires taken in each column */
    if (!layout->column || !layout->bands || !layout->pieces || !occupied) {
        free(occupied);
        clear_layout(layout);
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a drawing of %d operations",
                        circuit->n_ops);
    }
    pack(layout, circuit, occupied);
    free(occupied);
    return KG_OK;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int band_width(const kgi_band *band, const int *column_widths, int title_width, int border)
{
    int width = border;
    for (int c = 0; c < band->n_columns; c++) {
        width += column_widths[band->first_column + c];
    }
    return larger(width, title_width);
}

static kgi_piece *begin_piece(kgi_layout *layout, int band, int column, int start, int border)
{
    kgi_piece *piece = &layout->pieces[layout->n_pieces++];
    *piece = (kgi_piece){
        .line = layout->n_lines - 1,
        .band = band,
        .first_column = column,
        .start = start,
        .width = border,
    };
    return piece;
}

void kgi_layout_wrap(kgi_layout *layout, const int *column_widths, const int *title_widths,
                     int border, int limit)
{
    int x = 0; /* where the next piece starts */
    layout->n_pieces = 0;
    layout->n_lines = 1;
    for (int b = 0; b < layout->n_bands; b++) {
        const kgi_band *band = &layout->bands[b];
        const int whole = band_width(band, column_widths, title_widths[b], border);
        if (limit > 0 && x > 0 && x + whole > limit && whole <= limit) {
            layout->n_lines++;
            x = 0;
        }
        kgi_piece *piece = NULL;
        int used = border; /* by columns of this piece */
        for (int c = band->first_column; c < band->first_column + band->n_columns; c++) {
            const int width = larger(used + column_widths[c], title_widths[b]);
            if (limit > 0 && x + width > limit && (piece || x > 0)) {
                layout->n_lines++;
                x = 0;
                piece = NULL;
                used = border;
            }
            piece = piece ? piece : begin_piece(layout, b, c, x, border);
            used += column_widths[c];
            piece->n_columns++;
            piece->width = larger(used, title_widths[b]);
        }
        x += piece ? piece->width : 0;
    }
}

/* ---- labels --------------------------------------------------------------------------------- */

/* "t3", "-x2", "0.5*t3+1.57", "1.57" */
static int format_slot(char *text, size_t size, const kg_slot *slot)
{
    char scale[KGI_NUMBER_SIZE];
    char offset[KGI_NUMBER_SIZE];
    (void)kgi_number_format(scale, slot->scale, 3);
    (void)kgi_number_format(offset, slot->offset, 3);
    if (slot->kind == KG_SLOT_CONSTANT) {
        return snprintf(text, size, "%s", offset);
    }
    const int has_factor = slot->scale != 1.0 && slot->scale != -1.0;
    const int has_offset = slot->offset != 0.0;
    return snprintf(text, size, "%s%s%c%d%s%s",
                    slot->scale == -1.0 ? "-"
                    : has_factor        ? scale
                                        : "",
                    has_factor ? "*" : "", slot->kind == KG_SLOT_PARAM ? 't' : 'x', slot->index,
                    has_offset && slot->offset > 0.0 ? "+" : "", has_offset ? offset : "");
}

static void label_angles(const kg_circuit *circuit, const kgi_op *op, kgi_label *label)
{
    const int n = kgi_gate_get(op->gate)->n_params;
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        used += (size_t)snprintf(label->angles + used, sizeof label->angles - used, "%s",
                                 i > 0 ? "," : "");
        used += (size_t)format_slot(label->angles + used, sizeof label->angles - used,
                                    kgi_op_slots(circuit, op) + i);
    }
}

/* `target` counts the operation's qubits after its own controls. */
static kgi_mark mark_target(const kg_circuit *circuit, const kgi_op *op, int target,
                            kgi_label *label)
{
    const kgi_gate_info *info = kgi_gate_get(op->gate);
    const int is_swap = info->symbol[0] == 'x';
    const int is_controlled = info->n_controls > 0 || op->controls;
    if (op->condition_bit < 0 && is_swap) {
        return KGI_MARK_CROSS;
    }
    if (op->condition_bit < 0 && is_controlled && strcmp(info->symbol, "X") == 0) {
        return KGI_MARK_NOT;
    }
    (void)snprintf(label->name, sizeof label->name, "%s", is_swap ? "SWAP" : info->symbol);
    if (target == 0) {
        label_angles(circuit, op, label);
    }
    return KGI_MARK_BOX;
}

/* Labels of the kinds that are not gates of the table. */
static kgi_mark mark_other(const kgi_op *op, int target, kgi_label *label)
{
    switch (op->kind) {
    case KGI_OP_UNITARY:
        (void)snprintf(label->name, sizeof label->name, "UNITARY");
        if (op->n_qubits > 1) { /* its first qubit is the least significant one of the matrix */
            (void)snprintf(label->angles, sizeof label->angles, "bit %d", target);
        }
        return KGI_MARK_BOX;
    case KGI_OP_AMPLITUDES:
        (void)snprintf(label->name, sizeof label->name, "x%d..x%d", op->first_input,
                       op->first_input + (1 << op->n_qubits) - 1);
        label->bit = target;
        return KGI_MARK_TALL;
    case KGI_OP_MEASURE:
        (void)snprintf(label->name, sizeof label->name, "M");
        (void)snprintf(label->angles, sizeof label->angles, "c%d", op->bit);
        return KGI_MARK_BOX;
    default:
        (void)snprintf(label->name, sizeof label->name, "|0>");
        return KGI_MARK_BOX;
    }
}

kgi_mark kgi_draw_mark(const kg_circuit *circuit, const kgi_op *op, int q, kgi_label *label)
{
    *label = (kgi_label){.name = ""};
    if (op->controls >> q & 1) {
        return op->control_values >> q & 1 ? KGI_MARK_DOT : KGI_MARK_RING;
    }
    if (op->condition_bit >= 0) {
        (void)snprintf(label->condition, sizeof label->condition, "if c%d=%d", op->condition_bit,
                       op->condition_value);
    }
    const int n_controls = op->kind == KGI_OP_GATE ? kgi_gate_get(op->gate)->n_controls : 0;
    for (int i = 0; i < op->n_qubits; i++) {
        if (kgi_op_qubits(circuit, op)[i] == q) {
            if (i < n_controls) {
                return KGI_MARK_DOT;
            }
            return op->kind == KGI_OP_GATE ? mark_target(circuit, op, i - n_controls, label)
                                           : mark_other(op, i, label);
        }
    }
    return KGI_MARK_NONE;
}

/* ---- the public call -------------------------------------------------------------------------- */

kg_status kg_circuit_draw(char **out, const kg_circuit *circuit, kg_drawing drawing, int width,
                          kg_error *err)
{
    kgi_layout layout;
    kgi_text text = {0};
    *out = NULL;
    if ((int)drawing < KG_DRAW_UTF8 || drawing > KG_DRAW_SVG) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "drawing is %d, not in [%d, %d]", (int)drawing,
                        KG_DRAW_UTF8, KG_DRAW_SVG);
    }
    if (width < 0) {
        return kgi_fail(err, KG_ERR_ARGUMENT, "width is %d, not 0 or more", width);
    }
    kg_status status = init_layout(&layout, circuit, err);
    if (status) {
        return status;
    }
    status = drawing == KG_DRAW_SVG
                 ? kgi_draw_svg(circuit, &layout, &text, err)
                 : kgi_draw_text(circuit, &layout, drawing == KG_DRAW_ASCII, width, &text, err);
    clear_layout(&layout);
    if (status) {
        kgi_text_clear(&text);
        return status;
    }
    return kgi_text_finish(&text, out, err);
}
