/* SPDX-License-Identifier: Apache-2.0 */
/* Angles as text: what is read, and what is said of everything else. */
#include <string.h>

#include "model/angle.h"
#include "near.h"

static const double pi = 3.14159265358979323846;

static void angles_are_scale_slot_and_offset(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int kind;
        int index;
        double scale;
        double offset;
    } rows[] = {
        {"0.5", KG_SLOT_CONSTANT, 0, 0, 0.5},
        {"-pi/2", KG_SLOT_CONSTANT, 0, 0, -pi / 2},
        {"2*pi+1e-3", KG_SLOT_CONSTANT, 0, 0, 2 * pi + 1e-3},
        {"p0", KG_SLOT_PARAM, 0, 1, 0},
        {"p", KG_SLOT_PARAM, KGI_NEXT_INDEX, 1, 0},
        {"-x12", KG_SLOT_INPUT, 12, -1, 0},
        {"x", KG_SLOT_INPUT, KGI_NEXT_INDEX, 1, 0},
        {"2*x0+0.5", KG_SLOT_INPUT, 0, 2, 0.5},
        {"x1*pi/2-pi", KG_SLOT_INPUT, 1, pi / 2, -pi},
        {"1-p65535/4", KG_SLOT_PARAM, 65535, -0.25, 1},
        {"+3*2*p7*.5+1+2", KG_SLOT_PARAM, 7, 3, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_slot slot;
        assert_null(kgi_angle_parse(rows[i].text, strlen(rows[i].text), &slot));
        assert_int_equal(slot.kind, rows[i].kind);
        assert_int_equal(slot.index, rows[i].index);
        assert_near(slot.scale, rows[i].scale, 1e-15);
        assert_near(slot.offset, rows[i].offset, 1e-15);
    }
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    const char *const grammar =
        "is not a sum of products of numbers, pi, p<i> and x<i>, without blanks";
    const struct {
        const char *text;
        const char *wrong;
    } rows[] = {
        {"", grammar},
        {"q0", grammar},
        {"p0 ", grammar},
        {"p0+", grammar},
        {"--p0", grammar},
        {"2x0", grammar},
        {"p0p1", grammar},
        {"(p0)", grammar},
        {"sin(x0)", grammar},
        {"p0+x0", "has more than one parameter or input"},
        {"x0+x0", "has more than one parameter or input"},
        {"p0*x0", "multiplies parameters or inputs with each other"},
        {"1/x0", "divides by a parameter or input"},
        {"p65536", "has an index above 65535"},
        {"x99999999999999999999", "has an index above 65535"},
        {"1/0", "is not finite"},
        {"p0*1e308*10", "is not finite"},
        {"1e400", "is not finite"},
        {"1.2.3", "is not a number"},
        {"1e", "is not a number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kg_slot slot;
        const char *wrong = kgi_angle_parse(rows[i].text, strlen(rows[i].text), &slot);
        assert_non_null(wrong);
        assert_string_equal(wrong, rows[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(angles_are_scale_slot_and_offset),
        cmocka_unit_test(everything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
