/* SPDX-License-Identifier: Apache-2.0 */
/* Reading angles:
 *
 *   angle  = [+|-] term {(+|-) term}
 *   term   = factor {(*|/) factor}
 *   factor = number | pi | p[index] | x[index]
 *
 * An angle is scale * slot + offset, so there is one slot at most, nothing is divided by it, and nothing
 * but numbers multiplies it. */
#include "model/angle.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

static const double pi = 3.14159265358979323846;

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

/* What has been read of a term, or of the whole angle. */
typedef struct value {
    double number;
    int kind; /* kg_slot_kind */
    int index;
} value;

static int is_digit(const cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

static const char *read_number(cursor *c, value *v)
{
    const char *begin = c->at;
    while (is_digit(c) || (c->at < c->end && *c->at == '.')) {
        c->at++;
    }
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        c->at++;
        c->at += c->at < c->end && (*c->at == '+' || *c->at == '-');
        while (is_digit(c)) {
            c->at++;
        }
    }
    return kgi_number_parse(begin, (size_t)(c->at - begin), &v->number);
}

static const char *read_slot(cursor *c, value *v)
{
    v->kind = *c->at++ == 'p' ? KG_SLOT_PARAM : KG_SLOT_INPUT;
    v->number = 1.0;
    v->index = is_digit(c) ? 0 : KGI_NEXT_INDEX;
    while (is_digit(c)) {
        v->index = 10 * v->index + (*c->at++ - '0');
        if (v->index > KGI_MAX_ANGLE_INDEX) {
            return "has an index above 65535";
        }
    }
    return NULL;
}

static const char *read_factor(cursor *c, value *v)
{
    *v = (value){0.0, KG_SLOT_CONSTANT, 0};
    if (is_digit(c) || (c->at < c->end && *c->at == '.')) {
        return read_number(c, v);
    }
    if (c->end - c->at >= 2 && memcmp(c->at, "pi", 2) == 0) {
        c->at += 2;
        v->number = pi;
        return NULL;
    }
    if (c->at < c->end && (*c->at == 'p' || *c->at == 'x')) {
        return read_slot(c, v);
    }
    return "is not a sum of products of numbers, pi, p<i> and x<i>, without blanks";
}

static const char *read_term(cursor *c, value *term)
{
    const char *wrong = read_factor(c, term);
    while (!wrong && c->at < c->end && (*c->at == '*' || *c->at == '/')) {
        const int divides = *c->at++ == '/';
        value next;
        wrong = read_factor(c, &next);
        if (!wrong && next.kind != KG_SLOT_CONSTANT) {
            wrong = divides ? "divides by a parameter or input"
                    : term->kind != KG_SLOT_CONSTANT
                        ? "multiplies parameters or inputs with each other"
                        : NULL;
            term->kind = next.kind;
            term->index = next.index;
        }
        term->number = divides ? term->number / next.number : term->number * next.number;
    }
    return wrong;
}

const char *kgi_angle_parse(const char *text, size_t length, kg_slot *slot)
{
    cursor c = {text, text + length};
    *slot = (kg_slot){KG_SLOT_CONSTANT, 0, 0.0, 0.0};
    for (int first = 1; first || c.at < c.end; first = 0) {
        double sign = 1.0;
        value term = {0};
        if (c.at < c.end && (*c.at == '+' || *c.at == '-')) {
            sign = *c.at++ == '-' ? -1.0 : 1.0;
        } else if (!first) {
            return "is not a sum of products of numbers, pi, p<i> and x<i>, without blanks";
        }
        const char *wrong = read_term(&c, &term);
        if (wrong) {
            return wrong;
        }
        if (term.kind == KG_SLOT_CONSTANT) {
            slot->offset += sign * term.number;
        } else if (slot->kind != KG_SLOT_CONSTANT) {
            return "has more than one parameter or input";
        } else {
            slot->kind = term.kind;
            slot->index = term.index;
            slot->scale = sign * term.number;
        }
    }
    return isfinite(slot->scale) && isfinite(slot->offset) ? NULL : "is not finite";
}
