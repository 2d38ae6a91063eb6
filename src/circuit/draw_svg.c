/* SPDX-License-Identifier: Apache-2.0 */
/* Circuits as one self-contained SVG picture: a panel per layer, boxes coloured by what moves them.
 *
 * The colours are those of Okabe and Ito, which people with colour-blindness tell apart, and every
 * box says by its letters what its colour says: x for a feature, theta for a trained parameter. A
 * wire is pale behind its last operation, so that the qubits which pooling discards fade away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/draw.h"

enum {
    PITCH = 40,       /* between wires */
    BOX = 30,         /* height of a box */
    MARGIN = 14,      /* around the picture */
    NAMES = 30,       /* left of the wires */
    TITLE = 24,       /* above the wires, inside a panel */
    PANEL_BELOW = 12, /* below the wires, inside a panel */
    LINE_GAP = 22,    /* between lines of the picture */
    BORDER = 20,      /* of a panel, left and right together, and half of it between panels */
    GAP = 8,          /* between columns */
    LEGEND = 34,
    WIDEST = 1280, /* where the picture is broken into lines */
    ROOM = 128     /* for the upper line of a box */
};

typedef struct picture {
    const kg_circuit *circuit;
    const kgi_layout *layout;
    const int *column_widths;
    kgi_text *svg;
    int width;
    int top;                    /* of the wires of the line that is drawn */
    int last_op[KG_MAX_QUBITS]; /* -1 if none */
    int uses[3];                /* whether a box is fixed, trained, of a feature */
} picture;

/* What moves a gate; also the index of its colours. */
typedef enum role { ROLE_FIXED, ROLE_TRAINED, ROLE_FEATURE } role;

static const char *const role_classes[] = {"fixed", "trained", "feature"};
static const char *const role_texts[] = {"fixed", "trained angle", "feature"};

static const char style[] =
    "text{font-family:'DejaVu Sans','Helvetica Neue',Arial,sans-serif;fill:#1a1a1a}"
    ".name{font-size:12px;text-anchor:end}.title{font-size:12px;font-weight:bold;fill:#444}"
    ".gate{font-size:12px;text-anchor:middle}.angle{font-size:10.5px;text-anchor:middle}"
    ".key{font-size:11px}.var{font-style:italic}.sub{font-size:72%}"
    ".panel{fill:#f4f4f1;stroke:#deded8}"
    ".wire{stroke:#555;stroke-width:1.2}.idle{stroke:#ccccc6;stroke-width:1.2}"
    ".link{stroke:#1a1a1a;stroke-width:1.4}.dot{fill:#1a1a1a}"
    ".ring{fill:#fff;stroke:#1a1a1a;stroke-width:1.4}"
    "rect.fixed{fill:#fff;stroke:#555}rect.trained{fill:#d3e7f6;stroke:#0072b2}"
    "rect.feature{fill:#fbe6b8;stroke:#b07a00}";

/* ---- text ----------------------------------------------------------------------------------- */

static void add_escaped(kgi_text *svg, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            kgi_text_printf(svg, "&amp;");
            break;
        case '<':
            kgi_text_printf(svg, "&lt;");
            break;
        case '>':
            kgi_text_printf(svg, "&gt;");
            break;
        case '"':
            kgi_text_printf(svg, "&quot;");
            break;
        default:
            kgi_text_add(svg, text, 1);
            break;
        }
    }
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1 at the t or x of "t3", "x12" inside a label. */
static int is_variable(const char *text)
{
    return (text[0] == 't' || text[0] == 'x') && is_digit(text[1]);
}

/* A label in which t3 becomes a theta with a subscript, x3 an x with one, * a product sign. */
static void add_formula(kgi_text *svg, const char *text)
{
    while (*text) {
        if (is_variable(text)) {
            const int n = (int)strspn(text + 1, "0123456789");
            kgi_text_printf(svg, "<tspan class=\"var\">%s</tspan>", *text == 't' ? "\u03b8" : "x");
            kgi_text_printf(svg, "<tspan class=\"sub\" dy=\"3\">%.*s</tspan>", n, text + 1);
            text += 1 + n;
            if (*text) { /* the rest returns to the base line */
                kgi_text_printf(svg, "<tspan dy=\"-3\">%c</tspan>", *text);
                text++;
            }
        } else if (*text == '*') {
            kgi_text_printf(svg, "\u00b7");
            text++;
        } else {
            const char one[2] = {*text++, '\0'};
            add_escaped(svg, one);
        }
    }
}

/* About how wide a label is, in tenths of a pixel per character of the given size. */
static int text_width(const char *text, int tenths)
{
    int width = 0;
    int in_index = 0;
    for (; *text; text++) {
        in_index = is_digit(*text) && (in_index || (width > 0 && is_variable(text - 1)));
        const int narrow = strchr(",.: ", *text) != NULL;
        width += in_index ? 7 * tenths / 10 : narrow ? tenths / 2 : tenths;
    }
    return width / 10;
}

/* ---- boxes ---------------------------------------------------------------------------------- */

static role role_of(const kg_circuit *circuit, const kgi_op *op)
{
    role found = ROLE_FIXED;
    if (op->kind == KGI_OP_AMPLITUDES) {
        return ROLE_FEATURE;
    }
    if (op->kind == KGI_OP_GATE) {
        for (int i = 0; i < kgi_gate_get(op->gate)->n_params; i++) {
            const int kind = kgi_op_slots(circuit, op)[i].kind;
            if (kind == KG_SLOT_INPUT) {
                return ROLE_FEATURE;
            }
            found = kind == KG_SLOT_PARAM ? ROLE_TRAINED : found;
        }
    }
    return found;
}

/* Upper line of a box; a condition goes with the name. */
static void first_line(const kgi_label *label, char line[ROOM])
{
    (void)snprintf(line, ROOM, "%s%s%s", label->name, label->condition[0] ? " " : "",
                   label->condition);
}

static int box_width(const kgi_label *label)
{
    char line[ROOM];
    first_line(label, line);
    const int name = text_width(line, 84);
    const int angles = text_width(label->angles, 68);
    const int width = (name > angles ? name : angles) + 12;
    return width > BOX ? width : BOX;
}

static int mark_width(const kg_circuit *circuit, const kgi_op *op, int q)
{
    kgi_label label;
    const kgi_mark mark = kgi_draw_mark(circuit, op, q, &label);
    return mark == KGI_MARK_BOX || mark == KGI_MARK_TALL ? box_width(&label) : 18;
}

static void measure_columns(const kg_circuit *circuit, const kgi_layout *layout, int *widths)
{
    for (int i = 0; i < circuit->n_ops; i++) {
        int first;
        int last;
        int *width = &widths[layout->column[i]];
        kgi_draw_span(circuit, &circuit->ops[i], &first, &last);
        for (int q = first; q <= last; q++) {
            const int needed = GAP + mark_width(circuit, &circuit->ops[i], q);
            *width = needed > *width ? needed : *width;
        }
    }
}

/* ---- strokes -------------------------------------------------------------------------------- */

static int y_of(const picture *to, int q)
{
    return to->top + PITCH * q;
}

static void add_line(picture *to, const char *class, int x1, int y1, int x2, int y2)
{
    kgi_text_printf(to->svg, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
                    class, x1, y1, x2, y2);
}

static void add_text(picture *to, const char *class, int x, int y, const char *text)
{
    kgi_text_printf(to->svg, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
    add_formula(to->svg, text);
    kgi_text_printf(to->svg, "</text>\n");
}

static void add_rect(picture *to, role what, int centre, int y, int width, int height)
{
    kgi_text_printf(to->svg,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>\n",
                    role_classes[what], centre - width / 2, y, width, height);
    to->uses[what] = 1;
}

static void draw_box(picture *to, const kgi_label *label, role what, int centre, int y)
{
    char line[ROOM];
    const int width = box_width(label);
    first_line(label, line);
    add_rect(to, what, centre, y - BOX / 2, width, BOX);
    add_text(to, "gate", centre, label->angles[0] ? y - 2 : y + 4, line);
    if (label->angles[0]) {
        add_text(to, "angle", centre, y + 10, label->angles);
    }
}

/* An amplitude encoding: one box over its wires; on each, the bit of the feature's index. Other
 * wires pass over the box. */
static void draw_tall(picture *to, const kgi_op *op, int first, int last, int centre)
{
    kgi_label label;
    const int width = mark_width(to->circuit, op, first);
    const uint64_t mask = kgi_op_mask(to->circuit, op);
    add_rect(to, ROLE_FEATURE, centre, y_of(to, first) - BOX / 2, width,
             PITCH * (last - first) + BOX);
    for (int q = first; q <= last; q++) {
        char bit[16];
        (void)kgi_draw_mark(to->circuit, op, q, &label);
        (void)snprintf(bit, sizeof bit, "bit %d", label.bit);
        if (!(mask >> q & 1)) {
            add_line(to, "wire", centre - width / 2, y_of(to, q), centre + width / 2, y_of(to, q));
        } else if (last > first) {
            add_text(to, "angle", centre, y_of(to, q) + 4, bit);
        }
    }
    (void)kgi_draw_mark(to->circuit, op, first, &label);
    add_text(to, "gate", centre,
             y_of(to, first + (last - first) / 2) + 4 + (last > first ? PITCH / 2 : 0), label.name);
}

static void draw_mark(picture *to, const kgi_op *op, int q, int centre)
{
    kgi_label label;
    const int y = y_of(to, q);
    switch (kgi_draw_mark(to->circuit, op, q, &label)) {
    case KGI_MARK_DOT:
        kgi_text_printf(to->svg, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", centre,
                        y);
        break;
    case KGI_MARK_RING:
        kgi_text_printf(to->svg, "<circle class=\"ring\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", centre,
                        y);
        break;
    case KGI_MARK_NOT:
        kgi_text_printf(to->svg, "<circle class=\"ring\" cx=\"%d\" cy=\"%d\" r=\"9\"/>\n", centre,
                        y);
        add_line(to, "link", centre - 9, y, centre + 9, y);
        add_line(to, "link", centre, y - 9, centre, y + 9);
        break;
    case KGI_MARK_CROSS:
        add_line(to, "link", centre - 5, y - 5, centre + 5, y + 5);
        add_line(to, "link", centre - 5, y + 5, centre + 5, y - 5);
        break;
    case KGI_MARK_BOX:
        draw_box(to, &label, role_of(to->circuit, op), centre, y);
        break;
    default:
        break;
    }
}

static void draw_op(picture *to, const kgi_op *op, int centre)
{
    int first;
    int last;
    kgi_draw_span(to->circuit, op, &first, &last);
    if (op->kind == KGI_OP_AMPLITUDES) {
        draw_tall(to, op, first, last, centre);
        return;
    }
    if (last > first) {
        add_line(to, "link", centre, y_of(to, first), centre, y_of(to, last));
    }
    for (int q = first; q <= last; q++) {
        draw_mark(to, op, q, centre);
    }
}

/* ---- lines ---------------------------------------------------------------------------------- */

static int piece_left(const kgi_piece *piece)
{
    return MARGIN + NAMES + piece->start;
}

/* Centre of operation i, which stands in this piece; -1 if it does not. */
static int centre_of(const picture *to, const kgi_piece *piece, int i)
{
    const int column = to->layout->column[i];
    int x = piece_left(piece) + BORDER / 2;
    if (column < piece->first_column || column >= piece->first_column + piece->n_columns) {
        return -1;
    }
    for (int c = piece->first_column; c < column; c++) {
        x += to->column_widths[c];
    }
    return x + to->column_widths[column] / 2;
}

static void draw_panel(picture *to, const kgi_piece *piece)
{
    const int layer = to->layout->bands[piece->band].layer;
    const int height =
        TITLE + BOX / 2 + PITCH * (to->circuit->n_qubits - 1) + BOX / 2 + PANEL_BELOW;
    if (layer < 0) {
        return;
    }
    kgi_text_printf(to->svg,
                    "<rect class=\"panel\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                    "rx=\"6\"/>\n<text class=\"title\" x=\"%d\" y=\"%d\">",
                    piece_left(piece) + 3, to->top - BOX / 2 - TITLE, piece->width - 6, height,
                    piece_left(piece) + 12, to->top - BOX / 2 - TITLE + 16);
    add_escaped(to->svg, to->circuit->layers[layer]);
    kgi_text_printf(to->svg, "</text>\n");
}

/* Where the wire of q turns pale on this line: at its last operation, wherever that stands. */
static int wire_end(const picture *to, int line, int q, int right)
{
    const int left = MARGIN + NAMES;
    for (int i = 0; i < to->layout->n_pieces; i++) {
        const kgi_piece *piece = &to->layout->pieces[i];
        const int centre = to->last_op[q] < 0 ? -1 : centre_of(to, piece, to->last_op[q]);
        if (centre >= 0) {
            return piece->line < line ? left : piece->line == line ? centre : right;
        }
    }
    return left;
}

static void draw_line(picture *to, int line)
{
    int right = MARGIN + NAMES + BORDER;
    for (int i = 0; i < to->layout->n_pieces; i++) {
        const kgi_piece *piece = &to->layout->pieces[i];
        if (piece->line == line) {
            draw_panel(to, piece);
            right = piece_left(piece) + piece->width;
        }
    }
    for (int q = 0; q < to->circuit->n_qubits; q++) {
        char name[16];
        const int end = wire_end(to, line, q, right);
        (void)snprintf(name, sizeof name, "q%d", q);
        add_text(to, "name", MARGIN + NAMES - 6, y_of(to, q) + 4, name);
        add_line(to, "idle", end, y_of(to, q), right, y_of(to, q));
        if (end > MARGIN + NAMES) {
            add_line(to, "wire", MARGIN + NAMES, y_of(to, q), end, y_of(to, q));
        }
    }
    for (int p = 0; p < to->layout->n_pieces; p++) {
        const kgi_piece *piece = &to->layout->pieces[p];
        for (int i = 0; i < to->circuit->n_ops && piece->line == line; i++) {
            const int centre = centre_of(to, piece, i);
            if (centre >= 0) {
                draw_op(to, &to->circuit->ops[i], centre);
            }
        }
    }
}

static void draw_legend(picture *to, int y)
{
    int x = MARGIN + NAMES;
    for (int what = ROLE_FIXED; what <= ROLE_FEATURE; what++) {
        if (to->uses[what]) {
            add_rect(to, (role)what, x + 7, y, 14, 14);
            kgi_text_printf(to->svg, "<text class=\"key\" x=\"%d\" y=\"%d\">%s</text>\n", x + 20,
                            y + 11, role_texts[what]);
            x += 44 + text_width(role_texts[what], 65);
        }
    }
}

static void draw_all(picture *to)
{
    const kg_circuit *circuit = to->circuit;
    const int wires = PITCH * (circuit->n_qubits - 1) + BOX;
    const int line_height = TITLE + wires + PANEL_BELOW + LINE_GAP;
    const int height = 2 * MARGIN + to->layout->n_lines * line_height - LINE_GAP + LEGEND;
    kgi_text_printf(to->svg,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                    "viewBox=\"0 0 %d %d\" role=\"img\">\n",
                    to->width, height, to->width, height);
    kgi_text_printf(to->svg,
                    "<title>Circuit of %d qubits with %d operations, %d parameters and %d "
                    "inputs</title>\n<style>%s</style>\n"
                    "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                    circuit->n_qubits, circuit->n_ops, circuit->n_params, circuit->n_inputs, style,
                    to->width, height);
    for (int line = 0; line < to->layout->n_lines; line++) {
        to->top = MARGIN + line * line_height + TITLE + BOX / 2;
        draw_line(to, line);
    }
    draw_legend(to, height - MARGIN - 16);
    kgi_text_printf(to->svg, "</svg>\n");
}

/* ---- the renderer --------------------------------------------------------------------------- */

static void find_last_ops(picture *to)
{
    for (int q = 0; q < KG_MAX_QUBITS; q++) {
        to->last_op[q] = -1;
    }
    for (int i = 0; i < to->circuit->n_ops; i++) {
        const uint64_t mask = kgi_op_mask(to->circuit, &to->circuit->ops[i]);
        for (int q = 0; q < to->circuit->n_qubits; q++) {
            if (mask >> q & 1) {
                to->last_op[q] = i;
            }
        }
    }
}

kg_status kgi_draw_svg(const kg_circuit *circuit, kgi_layout *layout, kgi_text *text, kg_error *err)
{
    int *widths = calloc((size_t)layout->n_columns + (size_t)layout->n_bands + 1, sizeof *widths);
    picture to = {.circuit = circuit, .layout = layout, .column_widths = widths, .svg = text};
    if (!widths) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate a drawing of %d columns",
                        layout->n_columns);
    }
    measure_columns(circuit, layout, widths);
    for (int b = 0; b < layout->n_bands; b++) {
        const int layer = layout->bands[b].layer;
        widths[layout->n_columns + b] =
            layer < 0 ? 0 : text_width(circuit->layers[layer], 88) + BORDER + 10;
    }
    kgi_layout_wrap(layout, widths, widths + layout->n_columns, BORDER, WIDEST);
    find_last_ops(&to);
    to.width = 2 * MARGIN + NAMES + 240; /* room for the legend */
    for (int i = 0; i < layout->n_pieces; i++) {
        const kgi_piece *piece = &layout->pieces[i];
        const int right = piece_left(piece) + piece->width + MARGIN;
        to.width = right > to.width ? right : to.width;
    }
    draw_all(&to);
    free(widths);
    return KG_OK;
}
