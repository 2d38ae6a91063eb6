/* SPDX-License-Identifier: Apache-2.0 */
/* Digits drawn from strokes: real enough to learn from, and there on every machine.
 *
 * A glyph is a few strokes in the unit square (x right, y down); a stroke is a smooth curve
 * (Catmull-Rom) through its points. Each sample picks one way to write its digit, moves every point a
 * little, then scales, slants, turns and shifts the whole, and inks it with a pen of random width; the
 * edge of the pen is one pixel wide, so lines are smooth. At last the paper and the ink get grain.
 *
 * Every random number is addressed by (seed, half, digit, index, what it is for), so a sample is the
 * same whoever asks for it, in whatever order. */
#include "data/strokes.h"

#include <math.h>
#include <string.h>

#include <ketgrad/rng.h>

enum {
    SIDE = KGI_STROKES_SIDE,
    MAX_STROKES = 3,
    MAX_POINTS = 12,
    MAX_GLYPHS = 3, /* ways to write one digit */
    PIECES = 6      /* straight pieces between two points of a curve */
};

typedef struct point {
    double x;
    double y;
} point;

typedef struct stroke {
    int n;
    point p[MAX_POINTS];
} stroke;

typedef struct glyph {
    int n;
    stroke s[MAX_STROKES];
} glyph;

typedef struct digit_glyphs {
    int n;
    glyph g[MAX_GLYPHS];
} digit_glyphs;

/* clang-format off */
static const digit_glyphs digits[KGI_STROKES_CLASSES] = {
    /* 0: an oval; closed at the top left or at the top right */
    {2, {{1, {{10, {{.58,.05},{.32,.11},{.17,.36},{.16,.66},{.36,.93},{.64,.93},{.83,.66},{.84,.34},{.68,.10},{.48,.06}}}}},
         {1, {{9, {{.36,.09},{.22,.30},{.20,.62},{.40,.92},{.66,.86},{.80,.55},{.74,.22},{.52,.05},{.34,.12}}}}}}},
    /* 1: a line; with a flag; with a flag and a foot */
    {3, {{1, {{3, {{.52,.03},{.50,.50},{.48,.97}}}}},
         {2, {{2, {{.30,.24},{.54,.04}}}, {3, {{.54,.04},{.52,.50},{.50,.97}}}}},
         {3, {{2, {{.32,.22},{.52,.05}}}, {2, {{.52,.05},{.51,.94}}}, {2, {{.26,.95},{.76,.94}}}}}}},
    /* 2: with a corner; with a loop */
    {2, {{2, {{7, {{.18,.27},{.30,.09},{.58,.04},{.80,.22},{.72,.46},{.45,.72},{.16,.94}}}, {3, {{.16,.94},{.50,.92},{.86,.93}}}}},
         {1, {{10, {{.20,.22},{.46,.05},{.74,.16},{.72,.42},{.46,.72},{.22,.90},{.14,.78},{.32,.74},{.58,.90},{.88,.88}}}}}}},
    /* 3: round; with a flat top */
    {2, {{2, {{5, {{.18,.16},{.45,.04},{.76,.14},{.74,.34},{.42,.46}}}, {6, {{.42,.46},{.76,.54},{.84,.76},{.62,.95},{.32,.95},{.14,.82}}}}},
         {3, {{2, {{.20,.08},{.78,.07}}}, {2, {{.78,.07},{.46,.42}}}, {6, {{.46,.42},{.76,.52},{.82,.76},{.60,.95},{.32,.94},{.14,.82}}}}}}},
    /* 4: open; closed */
    {2, {{2, {{5, {{.28,.06},{.20,.32},{.16,.54},{.50,.56},{.88,.52}}}, {3, {{.70,.12},{.67,.50},{.62,.97}}}}},
         {3, {{2, {{.64,.05},{.12,.64}}}, {2, {{.12,.64},{.90,.62}}}, {2, {{.64,.05},{.62,.97}}}}}}},
    /* 5: in one sweep; with a separate roof */
    {2, {{3, {{2, {{.80,.06},{.30,.07}}}, {2, {{.30,.07},{.24,.42}}}, {6, {{.24,.42},{.50,.36},{.78,.50},{.80,.76},{.55,.95},{.18,.90}}}}},
         {1, {{8, {{.78,.08},{.40,.07},{.26,.20},{.26,.40},{.56,.40},{.80,.62},{.62,.92},{.18,.92}}}}}}},
    /* 6: wide; slim */
    {2, {{1, {{9, {{.70,.04},{.42,.20},{.22,.52},{.24,.82},{.50,.96},{.76,.82},{.72,.60},{.48,.54},{.26,.70}}}}},
         {1, {{8, {{.52,.03},{.34,.34},{.26,.70},{.42,.95},{.66,.88},{.68,.66},{.48,.58},{.30,.74}}}}}}},
    /* 7: plain; with a bar; with a curved top */
    {3, {{2, {{3, {{.14,.10},{.50,.09},{.84,.07}}}, {3, {{.84,.07},{.60,.44},{.42,.96}}}}},
         {3, {{2, {{.16,.09},{.82,.08}}}, {3, {{.82,.08},{.58,.46},{.42,.96}}}, {2, {{.30,.52},{.74,.48}}}}},
         {1, {{7, {{.14,.26},{.22,.10},{.50,.10},{.80,.08},{.74,.28},{.56,.60},{.46,.96}}}}}}},
    /* 8: one line that crosses itself; two rings */
    {2, {{1, {{12, {{.70,.16},{.48,.04},{.27,.18},{.40,.40},{.66,.58},{.76,.80},{.50,.96},{.24,.80},{.36,.58},{.62,.40},{.76,.22},{.64,.08}}}}},
         {2, {{8, {{.48,.48},{.28,.32},{.34,.10},{.58,.05},{.74,.20},{.68,.40},{.48,.48},{.40,.46}}}, {8, {{.50,.48},{.26,.62},{.24,.84},{.50,.96},{.76,.84},{.72,.60},{.50,.48},{.42,.50}}}}}}},
    /* 9: with a straight stem; with a hook */
    {2, {{2, {{7, {{.76,.20},{.52,.05},{.26,.18},{.26,.42},{.50,.50},{.72,.36},{.77,.16}}}, {3, {{.77,.16},{.74,.54},{.66,.97}}}}},
         {2, {{7, {{.74,.18},{.50,.06},{.26,.22},{.30,.44},{.54,.48},{.72,.34},{.76,.16}}}, {5, {{.76,.16},{.79,.56},{.66,.86},{.42,.96},{.22,.87}}}}}}},
};
/* clang-format on */

/* Index of the draws of a sample, even so that uniform and normal draws never share a block. */
enum {
    DRAW_GLYPH = 0,
    DRAW_WIDTH = 2,
    DRAW_HEIGHT = 4,
    DRAW_SLANT = 6,
    DRAW_TURN = 8,
    DRAW_SHIFT = 10,
    DRAW_PEN = 12,
    DRAW_INK = 14,
    DRAW_POINTS = 64,
    DRAW_GRAIN = 1024
};

/* Where the random numbers of one sample come from. */
typedef struct source {
    uint64_t seed;
    uint32_t sample;
} source;

static double uniform(const source *from, uint64_t index, double lo, double hi)
{
    return lo + (hi - lo) * kg_random_uniform(from->seed, KG_STREAM_DATA, from->sample, index);
}

static double normal(const source *from, uint64_t index, double sd)
{
    return sd * kg_random_normal(from->seed, KG_STREAM_DATA, from->sample, index);
}

/* From the unit square to pixels: x' = a x + b y + e, y' = c x + d y + f. */
typedef struct placement {
    double a, b, c, d, e, f;
} placement;

static placement place_glyph(const source *from)
{
    const double width = uniform(from, DRAW_WIDTH, 11.0, 18.0);
    const double height = uniform(from, DRAW_HEIGHT, 17.0, 21.0);
    const double slant = normal(from, DRAW_SLANT, 0.20);
    const double turn = normal(from, DRAW_TURN, 0.10);
    const double cosine = cos(turn);
    const double sine = sin(turn);
    placement place;
    /* scale, then x -= slant y, then turn, all about the middle of the glyph */
    place.a = cosine * width;
    place.b = -(cosine * slant + sine) * height;
    place.c = sine * width;
    place.d = (cosine - sine * slant) * height;
    place.e = 0.5 * SIDE - 0.5 * (place.a + place.b) + normal(from, DRAW_SHIFT, 0.8);
    place.f = 0.5 * SIDE - 0.5 * (place.c + place.d) + normal(from, DRAW_SHIFT + 1, 0.8);
    return place;
}

/* Ink of a straight piece from p to q: in each pixel the largest coverage so far stays. */
static void draw_piece(point p, point q, double pen, double *ink)
{
    const double reach = 0.5 * pen + 1.0;
    const double dx = q.x - p.x;
    const double dy = q.y - p.y;
    const double length2 = dx * dx + dy * dy;
    const int left = (int)fmax(floor(fmin(p.x, q.x) - reach), 0.0);
    const int top = (int)fmax(floor(fmin(p.y, q.y) - reach), 0.0);
    const int right = (int)fmin(ceil(fmax(p.x, q.x) + reach), SIDE);
    const int bottom = (int)fmin(ceil(fmax(p.y, q.y) + reach), SIDE);
    for (int r = top; r < bottom; r++) {
        for (int c = left; c < right; c++) {
            const double x = c + 0.5 - p.x;
            const double y = r + 0.5 - p.y;
            double t = length2 > 0.0 ? (x * dx + y * dy) / length2 : 0.0;
            t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
            const double distance = sqrt((x - t * dx) * (x - t * dx) + (y - t * dy) * (y - t * dy));
            const double covered = fmin(0.5 * pen + 0.5 - distance, 1.0);
            ink[r * SIDE + c] = fmax(ink[r * SIDE + c], covered);
        }
    }
}

/* Point at t in [0, 1] of the Catmull-Rom curve between b and c. */
static double curve(double a, double b, double c, double d, double t)
{
    return b +
           0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)));
}

static void draw_stroke(const point *p, int n, double pen, double *ink)
{
    point from = p[0];
    for (int i = 0; i + 1 < n; i++) {
        const point before = p[i ? i - 1 : 0];
        const point after = p[i + 2 < n ? i + 2 : n - 1];
        const int pieces = n == 2 ? 1 : PIECES;
        for (int k = 1; k <= pieces; k++) {
            const double t = (double)k / pieces;
            const point to = {curve(before.x, p[i].x, p[i + 1].x, after.x, t),
                              curve(before.y, p[i].y, p[i + 1].y, after.y, t)};
            draw_piece(from, to, pen, ink);
            from = to;
        }
    }
}

void kgi_strokes_draw(uint64_t seed, int is_test, int digit, int index,
                      double pixels[KGI_STROKES_SIDE * KGI_STROKES_SIDE])
{
    const source from = {seed, (uint32_t)is_test << 31 | (uint32_t)digit << 24 | (uint32_t)index};
    const digit_glyphs *ways = &digits[digit];
    const glyph *chosen =
        &ways->g[kg_random_below(seed, KG_STREAM_DATA, from.sample, DRAW_GLYPH, (uint64_t)ways->n)];
    const placement place = place_glyph(&from);
    const double pen = uniform(&from, DRAW_PEN, 1.5, 3.2);
    double ink[SIDE * SIDE] = {0};
    uint64_t draw = DRAW_POINTS;
    for (int s = 0; s < chosen->n; s++) {
        point p[MAX_POINTS];
        for (int i = 0; i < chosen->s[s].n; i++, draw += 2) {
            const double x = chosen->s[s].p[i].x + normal(&from, draw, 0.022);
            const double y = chosen->s[s].p[i].y + normal(&from, draw + 1, 0.022);
            p[i] =
                (point){place.a * x + place.b * y + place.e, place.c * x + place.d * y + place.f};
        }
        draw_stroke(p, chosen->s[s].n, pen, ink);
    }
    const double darkness = uniform(&from, DRAW_INK, 0.8, 1.0);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const double grain = uniform(&from, DRAW_GRAIN + (uint64_t)i, -0.06, 0.06);
        const double value = floor(255.0 * (darkness * ink[i] + grain) + 0.5);
        pixels[i] = value < 0.0 ? 0.0 : value > 255.0 ? 255.0 : value;
    }
}

kg_status kgi_strokes_make(kg_dataset **out, uint64_t seed, int is_test, const int *classes,
                           int n_classes, int limit, kg_error *err)
{
    static const char *const names[KGI_STROKES_CLASSES] = {"0", "1", "2", "3", "4",
                                                           "5", "6", "7", "8", "9"};
    const char *chosen_names[KGI_STROKES_CLASSES];
    const int all = n_classes * (is_test ? KGI_STROKES_TEST : KGI_STROKES_TRAIN);
    const int n_rows = limit && limit < all ? limit : all;
    for (int i = 0; i < n_classes; i++) {
        chosen_names[i] = names[classes ? classes[i] : i];
    }
    return kgi_dataset_draw(out, "strokes", kgi_strokes_draw, SIDE, seed, is_test, classes,
                            n_classes, n_rows, chosen_names, err);
}
