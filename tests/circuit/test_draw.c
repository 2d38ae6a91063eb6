/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings: exact text of small asymmetric circuits, wrapping, and what an SVG must contain. */
#include "support.h"

static kg_circuit *create(int n_qubits)
{
    kg_circuit *circuit = NULL;
    assert_ok(kg_circuit_create(&circuit, n_qubits, err));
    return circuit;
}

static void add(kg_circuit *circuit, kg_gate gate, const int *qubits, const kg_slot *slots)
{
    assert_ok(kg_circuit_add_gate(circuit, gate, qubits, slots, err));
}

static void assert_drawing(const kg_circuit *circuit, kg_drawing drawing, int width,
                           const char *expected)
{
    char *drawn = NULL;
    assert_ok(kg_circuit_draw(&drawn, circuit, drawing, width, err));
    if (strcmp(drawn, expected) != 0) {
        print_error("drawn:\n%s\nexpected:\n%s\n", drawn, expected);
    }
    assert_int_equal(strcmp(drawn, expected), 0);
    kg_free(drawn);
}

/* Slots of all kinds, controls above and below, on 0 and on 1, a swap, a wire that is crossed. */
static void marks_and_labels(void **state)
{
    (void)state;
    kg_circuit *circuit = create(3);
    const kg_slot param = KG_SLOT_OF_PARAM(3);
    const kg_slot scaled = {KG_SLOT_PARAM, 12, 0.5, -1.25};
    const kg_slot input = {KG_SLOT_INPUT, 2, -1.0, 0.0};
    const kg_slot constant = KG_SLOT_OF_ANGLE(3.14159265);
    const kg_slot three[3] = {param, constant, input};
    add(circuit, KG_GATE_RY, (const int[]){1}, &param);
    add(circuit, KG_GATE_U, (const int[]){0}, three);
    assert_ok(kg_circuit_add_controlled(circuit, KG_GATE_RX, (const int[]){1}, &scaled, 2,
                                        (const int[]){2, 0}, (const int[]){0, 1}, err));
    add(circuit, KG_GATE_CX, (const int[]){2, 0}, NULL);
    add(circuit, KG_GATE_SDG, (const int[]){1}, NULL);
    add(circuit, KG_GATE_CSWAP, (const int[]){1, 0, 2}, NULL);
    assert_drawing(circuit, KG_DRAW_UTF8, 0,
                   "q0 ─┤U(t3,3.14,-x2)├──────────●─────────⊕───────×──\n"
                   "                              │         │       │\n"
                   "q1 ─────┤RY(t3)├─────┤RX(0.5*t12-1.25)├─┼─┤SDG├─●──\n"
                   "                              │         │       │\n"
                   "q2 ───────────────────────────○─────────●───────×──\n");
    assert_drawing(circuit, KG_DRAW_ASCII, 0,
                   "q0 -[U(t3,3.14,-x2)]----------@---------X-------x--\n"
                   "                              |         |       |\n"
                   "q1 -----[RY(t3)]-----[RX(0.5*t12-1.25)]-|-[SDG]-@--\n"
                   "                              |         |       |\n"
                   "q2 ---------------------------o---------@-------x--\n");
    kg_circuit_destroy(circuit);
}

static void kinds_that_are_no_gates(void **state)
{
    (void)state;
    kg_circuit *circuit = create(3);
    const kg_slot param = KG_SLOT_OF_PARAM(0);
    const double not_gate[8] = {0, 0, 1, 0, 1, 0, 0, 0};
    double two[32];
    set_identity(two, 4);
    assert_ok(kg_circuit_add_amplitudes(circuit, 2, (const int[]){2, 0}, 4, err));
    add(circuit, KG_GATE_RZZ, (const int[]){2, 1}, &param);
    assert_ok(kg_circuit_add_unitary(circuit, 1, (const int[]){0}, not_gate, 0, NULL, NULL, err));
    assert_ok(kg_circuit_add_unitary(circuit, 2, (const int[]){1, 0}, two, 0, NULL, NULL, err));
    assert_ok(kg_circuit_add_measure(circuit, 0, 5, err));
    assert_ok(kg_circuit_set_condition(circuit, 5, 0, err));
    add(circuit, KG_GATE_CX, (const int[]){1, 2}, NULL);
    assert_ok(kg_circuit_add_reset(circuit, 0, err));
    assert_drawing(circuit, KG_DRAW_ASCII, 0,
                   "q0 -[ bit 1]-[UNITARY]-[UNITARY(bit 1)]-[M(c5)]-[|0> if c5=0]--\n"
                   "    |      |                   |\n"
                   "q1 -|------|---[RZZ]---[UNITARY(bit 0)]---------------@--------\n"
                   "    |x4..x7|     |                                    |\n"
                   "q2 -[ bit 0]-[RZZ(t0)]---------------------------[X if c5=0]---\n");
    kg_circuit_destroy(circuit);
}

/* A gate stands as far left as its own wires and its vertical line allow, not before its layer. */
static void columns_are_packed_within_layers(void **state)
{
    (void)state;
    kg_circuit *circuit = create(3);
    add(circuit, KG_GATE_CX, (const int[]){0, 2}, NULL); /* crosses q1 */
    add(circuit, KG_GATE_H, (const int[]){1}, NULL);     /* waits for nothing, has no room there */
    add(circuit, KG_GATE_Z, (const int[]){2}, NULL);
    assert_ok(kg_circuit_begin_layer(circuit, "b", err));
    add(circuit, KG_GATE_X, (const int[]){1}, NULL);
    add(circuit, KG_GATE_Y, (const int[]){1}, NULL);
    add(circuit, KG_GATE_CZ, (const int[]){2, 0}, NULL); /* third column: q1 is taken before */
    add(circuit, KG_GATE_S, (const int[]){0}, NULL);
    assert_ok(kg_circuit_begin_layer(circuit, "a long name", err));
    assert_ok(kg_circuit_begin_layer(circuit, "last", err)); /* the one before is empty */
    add(circuit, KG_GATE_T, (const int[]){0}, NULL);
    assert_drawing(circuit, KG_DRAW_ASCII, 0,
                   "           .- b ----------. .- last -.\n"
                   "q0 -@--------------[Z]-[S]--[T]--------\n"
                   "    |               |\n"
                   "q1 -|-[H]--[X]-[Y]--|------------------\n"
                   "    |               |\n"
                   "q2 -X-[Z]-----------@------------------\n");
    kg_circuit_destroy(circuit);
}

static void text_wraps_at_columns(void **state)
{
    (void)state;
    kg_circuit *circuit = create(2);
    assert_ok(kg_circuit_begin_layer(circuit, "long", err));
    for (int i = 0; i < 5; i++) {
        const kg_slot slot = KG_SLOT_OF_PARAM(i);
        add(circuit, KG_GATE_RY, (const int[]){i % 2}, &slot);
        add(circuit, KG_GATE_CX, (const int[]){i % 2, 1 - i % 2}, NULL);
    }
    assert_drawing(circuit, KG_DRAW_UTF8, 30,
                   "    ╭─ long ──────────────\n"
                   "q0 ─┤RY(t0)├─●──────────⊕──\n"
                   "             │          │\n"
                   "q1 ──────────⊕─┤RY(t1)├─●──\n"
                   "\n"
                   "    ── long ──────────────\n"
                   "q0 ─┤RY(t2)├─●──────────⊕──\n"
                   "             │          │\n"
                   "q1 ──────────⊕─┤RY(t3)├─●──\n"
                   "\n"
                   "    ── long ──╮\n"
                   "q0 ─┤RY(t4)├─●──\n"
                   "             │\n"
                   "q1 ──────────⊕──\n");
    kg_circuit_destroy(circuit);
}

static void without_operations_there_are_wires(void **state)
{
    (void)state;
    kg_circuit *circuit = create(1);
    kg_circuit *wide = create(11);
    char *drawn = NULL;
    assert_drawing(circuit, KG_DRAW_UTF8, 0, "q0 ──\n");
    assert_drawing(circuit, KG_DRAW_ASCII, 1, "q0 --\n");
    assert_ok(kg_circuit_draw(&drawn, wide, KG_DRAW_ASCII, 0, err));
    assert_non_null(strstr(drawn, "q9  --\n\nq10 --\n"));
    kg_free(drawn);
    kg_circuit_destroy(circuit);
    kg_circuit_destroy(wide);
}

static int count(const char *text, const char *piece)
{
    int n = 0;
    for (const char *c = strstr(text, piece); c; c = strstr(c + 1, piece)) {
        n++;
    }
    return n;
}

static kg_circuit *qcnn(void)
{
    kg_circuit *circuit = create(8);
    int readout = -1;
    assert_ok(kg_circuit_add_encoding(circuit, kg_encoding_find("dense"), err));
    assert_ok(kg_circuit_add_qcnn(circuit, kg_wiring_find("ring"), kg_ansatz_find("su4"),
                                  kg_pooling_find("zx"), &readout, err));
    return circuit;
}

static void every_width_is_respected_and_nothing_is_lost(void **state)
{
    (void)state;
    kg_circuit *circuit = qcnn();
    for (int width = 24; width <= 500; width += 17) {
        char *drawn = NULL;
        assert_ok(kg_circuit_draw(&drawn, circuit, KG_DRAW_ASCII, width, err));
        size_t longest = 0;
        for (const char *line = drawn; *line; line = strchr(line, '\n') + 1) {
            const size_t length = strcspn(line, "\n");
            longest = length > longest ? length : longest;
            assert_true(length == 0 || line[length - 1] != ' ');
        }
        assert_true(longest <= (size_t)width);
        assert_int_equal(count(drawn, "[U("), 4 * 13);
        assert_int_equal(count(drawn, "[RZ("), 13 + 7);
        assert_int_equal(count(drawn, "[RX("), 8 + 7);
        assert_int_equal(count(drawn, "@"), 3 * 13 + 2 * 7);
        kg_free(drawn);
    }
    kg_circuit_destroy(circuit);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    kg_circuit *circuit = create(1);
    char *drawn = (char *)&state;
    assert_fails(kg_circuit_draw(&drawn, circuit, (kg_drawing)3, 0, err), KG_ERR_ARGUMENT,
                 "drawing is 3, not in [0, 2]");
    assert_null(drawn);
    assert_fails(kg_circuit_draw(&drawn, circuit, KG_DRAW_UTF8, -1, err), KG_ERR_ARGUMENT,
                 "width is -1, not 0 or more");
    kg_circuit_destroy(circuit);
}

/* ---- SVG ------------------------------------------------------------------------------------ */

/* Every element that opens closes, in order, and no bare & or < stands in text. */
static void assert_well_formed(const char *svg)
{
    char open[16][16];
    int depth = 0;
    for (const char *c = svg; *c; c++) {
        if (*c == '&') {
            assert_true(strncmp(c, "&amp;", 5) == 0 || strncmp(c, "&lt;", 4) == 0 ||
                        strncmp(c, "&gt;", 4) == 0 || strncmp(c, "&quot;", 6) == 0);
        }
        if (*c != '<') {
            continue;
        }
        const char *name = c + (c[1] == '/' ? 2 : 1);
        const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz");
        const char *end = strchr(c, '>');
        assert_true(length > 0 && length < 16 && end);
        if (c[1] == '/') {
            assert_true(depth > 0);
            depth--;
            assert_int_equal(strncmp(open[depth], name, length), 0);
            assert_int_equal(open[depth][length], '\0');
        } else if (end[-1] != '/') {
            assert_true(depth < 16);
            memcpy(open[depth], name, length);
            open[depth++][length] = '\0';
        }
        c = end;
    }
    assert_int_equal(depth, 0);
}

static void svg_shows_layers_and_roles(void **state)
{
    (void)state;
    kg_circuit *circuit = qcnn();
    char *svg = NULL;
    char *again = NULL;
    assert_ok(kg_circuit_draw(&svg, circuit, KG_DRAW_SVG, 7, err));
    assert_ok(kg_circuit_draw(&again, circuit, KG_DRAW_SVG, 0, err));
    assert_string_equal(svg, again); /* the width is for text only */
    assert_well_formed(svg);
    assert_int_equal(strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 40), 0);
    assert_int_equal(count(svg, "http"), 1); /* nothing is fetched */
    /* boxes and one swatch each in the legend */
    assert_int_equal(count(svg, "<rect class=\"feature\""), 16 + 1);
    assert_int_equal(count(svg, "<rect class=\"trained\""), 13 * 7 + 7 * 2 + 1);
    assert_int_equal(count(svg, "<rect class=\"fixed\""), 7 + 1);
    assert_int_equal(count(svg, "class=\"dot\""), 3 * 13 + 2 * 7);
    const char *const titles[] = {"encode", "conv 1", "pool 1", "conv 2",
                                  "pool 2", "conv 3", "pool 3"};
    for (int i = 0; i < 7; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, ">%s</text>", titles[i]);
        assert_non_null(strstr(svg, title));
    }
    assert_non_null(strstr(svg, "<title>Circuit of 8 qubits with 167 operations, 51 parameters and "
                                "16 inputs</title>"));
    kg_free(svg);
    kg_free(again);
    kg_circuit_destroy(circuit);
}

static void svg_text_is_escaped_and_set(void **state)
{
    (void)state;
    kg_circuit *circuit = create(2);
    const kg_slot slot = {KG_SLOT_PARAM, 12, 0.5, 0.25};
    assert_ok(kg_circuit_begin_layer(circuit, "a<b> & \"c\"", err));
    add(circuit, KG_GATE_RY, (const int[]){1}, &slot);
    assert_ok(kg_circuit_add_reset(circuit, 0, err));
    char *svg = NULL;
    assert_ok(kg_circuit_draw(&svg, circuit, KG_DRAW_SVG, 0, err));
    assert_well_formed(svg);
    assert_non_null(strstr(svg, ">a&lt;b&gt; &amp; &quot;c&quot;</text>"));
    assert_non_null(strstr(svg, ">|0&gt;</text>"));
    assert_non_null(strstr(svg, ">0.5\u00b7<tspan class=\"var\">\u03b8</tspan>"
                                "<tspan class=\"sub\" dy=\"3\">12</tspan>"
                                "<tspan dy=\"-3\">+</tspan>0.25</text>"));
    kg_free(svg);
    kg_circuit_destroy(circuit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_and_labels),
        cmocka_unit_test(kinds_that_are_no_gates),
        cmocka_unit_test(columns_are_packed_within_layers),
        cmocka_unit_test(text_wraps_at_columns),
        cmocka_unit_test(without_operations_there_are_wires),
        cmocka_unit_test(every_width_is_respected_and_nothing_is_lost),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(svg_shows_layers_and_roles),
        cmocka_unit_test(svg_text_is_escaped_and_set),
    };
    return cmocka_run_group_tests_name("circuit/draw", tests, NULL, NULL);
}
