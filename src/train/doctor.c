/* SPDX-License-Identifier: Apache-2.0 */
/* What looks over the shoulder of a run and says what keeps it from learning, with a remedy.
 *
 *   saturated  before the first step: most angles lie at the ends of [0, pi], because one outlier or one
 *              large column sets the range. Data with two values only are what they are: not meant.
 *   constant   before the first step: features that are the same in every row
 *   chance     after a third of the run (a short one: at its end) the loss is that of guessing the class
 *              frequencies (ln 2 for two equal classes), or above, and the accuracy that of the largest
 *              class
 *   dead       parameters without a gradient over an epoch that have one elsewhere. Some parameters of
 *              published circuits can move nothing (a Z rotation of a control that is discarded), so
 *              each is tried first at random angles: those that are dead there as well are not meant.
 *   exploding  a loss far above that of guessing, or not finite
 *
 * Each is said once per run. Nothing here changes a number of the run. */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ketgrad/rng.h>

enum { SATURATED, CONSTANT, CHANCE, DEAD, EXPLODING, N_WARNINGS };

static const char *const names[N_WARNINGS] = {"saturated", "constant", "chance", "dead",
                                              "exploding"};

static const double end_share = 0.01;     /* of [0, pi] that counts as its end */
static const double chance_margin = 0.97; /* of the loss of guessing: above it nothing is learnt */
static const double accuracy_margin =
    0.05;                             /* above the largest class: below it nothing is learnt */
static const double explosion = 20.0; /* times the loss of guessing */
static const double flat_gradient = 1e-3;
static const double short_way = 0.1; /* root mean square of what parameters have moved: hardly */
static const double long_way = 3.0;  /* the same: they jump about */
static const double solved = 0.05;   /* of the loss of guessing: below it gradients may vanish */

enum {
    MIN_STEPS = 20,   /* of a run that can be told to stand still */
    LONG_STEPS = 150, /* of one that can be told so after a third */
    MIN_PEAK = 5,     /* steps before a parameter is called dead */
    FEW_DEAD = 4,     /* one part in so many of the weights; fewer are not worth a word */
    MAX_NAMED = 4     /* parameters that are named */
};

/* Says doctor->what and ->remedy, unless the like of it was said before. */
static void say(kg_trainer *t, int which, int step)
{
    kgi_doctor *doctor = &t->doctor;
    const kg_train_options *options = &t->choice.options;
    const unsigned bit = 1u << which;
    if (doctor->said & bit) {
        return;
    }
    doctor->said |= bit;
    const long long drawn = (long long)step * t->batch;
    const kg_warning warning = {.seed = options->seed,
                                .epoch = (int)((drawn + t->train.n - 1) / t->train.n),
                                .step = step,
                                .name = names[which],
                                .what = doctor->what,
                                .remedy = doctor->remedy};
    options->on_warning(&warning, options->user);
}

/* ---- before the first step -------------------------------------------------------------------------- */

/* What guessing the class frequencies costs: their entropy for ce; for mse, labels +1 and -1, their
 * variance. */
static void find_chance(kg_trainer *t)
{
    const kg_model *model = t->model;
    kgi_doctor *doctor = &t->doctor;
    double entropy = 0.0, squares = 0.0;
    for (int c = 0; c < model->n_classes; c++) {
        int n = 0;
        for (int i = 0; i < t->train.n; i++) {
            n += t->train.labels[i] == c;
        }
        const double p = (double)n / (double)t->train.n;
        entropy -= n ? p * log(p) : 0.0;
        squares += p * p;
        doctor->majority = p > doctor->majority ? p : doctor->majority;
    }
    if (strcmp(model->loss->name, "ce") == 0) {
        doctor->chance_loss = entropy;
    } else if (strcmp(model->loss->name, "mse") == 0 && model->loss->output == KGI_OUTPUT_EXPVAL) {
        doctor->chance_loss = 2.0 - 2.0 * squares; /* 1 - (p0 - p1)^2 */
    }
}

/* Gradients smaller than this part of the largest are none. */
static double dead_share(const kg_trainer *t)
{
    return t->model->options.precision == KG_PRECISION_F32 ? 1e-5 : 1e-9;
}

static double largest(int n, const double *x)
{
    double most = 0.0;
    for (int i = 0; i < n; i++) {
        most = fabs(x[i]) > most ? fabs(x[i]) : most;
    }
    return most;
}

/* Which parameters can move the loss of the first rows from random parameters. */
static void find_live(kg_trainer *t)
{
    kgi_doctor *doctor = &t->doctor;
    const kg_train_options *options = &t->choice.options;
    const size_t width = (size_t)t->model->n_features;
    for (int i = 0; i < t->n_params; i++) {
        t->point[i] = kg_random_normal(options->seed, KG_STREAM_INIT, 1, (uint64_t)i);
    }
    memcpy(t->x, t->train.features, (size_t)t->batch * width * sizeof *t->x);
    memcpy(t->y, t->train.labels, (size_t)t->batch * sizeof *t->y);
    int n_correct = 0;
    const double loss = kgi_trainer_gradient(t, t->point, &n_correct);
    const double bar = 100.0 * dead_share(t) * largest(t->n_params, t->gradient);
    for (int i = 0; i < t->n_params; i++) {
        doctor->live[i] = isfinite(loss) && fabs(t->gradient[i]) > bar;
    }
}

kg_status kgi_doctor_create(kg_trainer *t, kg_error *err)
{
    kgi_doctor *doctor = &t->doctor;
    doctor->live = calloc((size_t)t->n_params + 1, sizeof *doctor->live);
    doctor->peak = calloc((size_t)t->n_params + 1, sizeof *doctor->peak);
    if (!doctor->live || !doctor->peak) {
        return kgi_fail(err, KG_ERR_MEMORY, "cannot allocate peaks of %d parameters", t->n_params);
    }
    doctor->on = 1;
    find_chance(t);
    find_live(t);
    return KG_OK;
}

void kgi_doctor_clear(kgi_doctor *doctor)
{
    free(doctor->live);
    free(doctor->peak);
}

/* Whether features are angles of a circuit, [0, pi] by their preparation. */
static int takes_angles(const kg_model *model)
{
    const kg_encoding *encoding = kg_encoding_find(model->options.encoding);
    return model->row->has_circuit && encoding && kg_encoding_takes_angles(encoding);
}

static void check_saturated(kg_trainer *t)
{
    const double pi = 3.141592653589793;
    const size_t n = (size_t)t->train.n * (size_t)t->model->n_features;
    size_t n_low = 0, n_high = 0, n_exact = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = t->train.features[i];
        n_low += x < end_share * pi;
        n_high += x > (1.0 - end_share) * pi;
        n_exact += x == 0.0 || fabs(x - pi) < 1e-12;
    }
    if (2 * (n_low + n_high) <= n || n_exact == n) {
        return;
    }
    (void)snprintf(
        t->doctor.what, sizeof t->doctor.what,
        "%.0f %% of the angles that go in are within 1 %% of 0, %.0f %% of pi: the circuit "
        "hardly sees a difference between rows",
        100.0 * (double)n_low / (double)n, 100.0 * (double)n_high / (double)n);
    (void)snprintf(t->doctor.remedy, sizeof t->doctor.remedy,
                   "an outlier or a column of large numbers sets the range: remove or rescale it");
    say(t, SATURATED, 0);
}

static void check_constant(kg_trainer *t)
{
    const int width = t->model->n_features;
    int n_constant = 0, first = 0;
    for (int f = width - 1; f >= 0; f--) {
        double lo = t->train.features[f], hi = lo;
        for (int i = 1; i < t->train.n; i++) {
            const double x = t->train.features[(size_t)i * (size_t)width + (size_t)f];
            lo = x < lo ? x : lo;
            hi = x > hi ? x : hi;
        }
        if (hi - lo <= 1e-9) {
            n_constant++;
            first = f;
        }
    }
    if (!n_constant || t->train.n < 2) {
        return;
    }
    (void)snprintf(
        t->doctor.what, sizeof t->doctor.what,
        "%d of %d features are the same in all %d training rows, the first is feature %d",
        n_constant, width, t->train.n, first);
    (void)snprintf(t->doctor.remedy, sizeof t->doctor.remedy,
                   "leave constant columns out, or reduce to fewer features, such as reduce pca:%d",
                   width - n_constant > 0 ? width - n_constant : 1);
    say(t, CONSTANT, 0);
}

void kgi_doctor_inputs(kg_trainer *t)
{
    if (t->doctor.on && takes_angles(t->model)) {
        check_saturated(t);
        check_constant(t);
    }
}

/* ---- while it goes on ------------------------------------------------------------------------------- */

/* Root mean square of what the parameters have moved since the beginning. */
static double way(kg_trainer *t)
{
    double sum = 0.0;
    memcpy(t->point, t->model->params, (size_t)t->n_params * sizeof *t->point);
    kgi_train_init(&t->choice, t->model);
    for (int i = 0; i < t->n_params; i++) {
        const double d = t->point[i] - t->model->params[i];
        sum += d * d;
    }
    memcpy(t->model->params, t->point, (size_t)t->n_params * sizeof *t->point);
    return t->n_params ? sqrt(sum / t->n_params) : 0.0;
}

static void check_chance(kg_trainer *t, int step)
{
    kgi_doctor *doctor = &t->doctor;
    const kgi_window *w = &doctor->window;
    const kg_train_options *options = &t->choice.options;
    const double n = (double)w->n, chance = doctor->chance_loss;
    const double loss = w->loss / n, accuracy = w->accuracy / n, gradient = w->grad_norm / n;
    if (loss < chance_margin * chance || accuracy > doctor->majority + accuracy_margin) {
        return;
    }
    const double moved = way(t);
    (void)snprintf(doctor->what, sizeof doctor->what,
                   "after %d steps the loss is %.4g and the accuracy %.3g: guessing has %.4g and "
                   "%.3g, so the model has not left chance level",
                   step, loss, accuracy, chance, doctor->majority);
    if (gradient < flat_gradient) {
        (void)snprintf(doctor->remedy, sizeof doctor->remedy,
                       "the gradient is flat (norm %.2g): try init small-angle, another seed or "
                       "fewer qubits",
                       gradient);
    } else if (moved > long_way) {
        (void)snprintf(doctor->remedy, sizeof doctor->remedy,
                       "the parameters jump about (they moved by %.2g): try lr %.3g", moved,
                       options->lr / 10.0);
    } else if (moved < short_way) {
        (void)snprintf(
            doctor->remedy, sizeof doctor->remedy,
            "the gradient is healthy (norm %.2g), but the parameters moved by %.2g only: "
            "try lr %.3g",
            gradient, moved, fmin(10.0 * options->lr, 10.0));
    } else {
        (void)snprintf(doctor->remedy, sizeof doctor->remedy,
                       "the gradient is healthy (norm %.2g): try more steps or another lr, or look "
                       "whether labels belong to their rows",
                       gradient);
    }
    say(t, CHANCE, step);
}

/* The steps whose mean is looked at: first < step <= last. */
static void find_window(int steps, int *first, int *last)
{
    *first = steps >= LONG_STEPS ? steps / 6 : steps / 2;
    *last = steps >= LONG_STEPS ? steps / 3 : steps;
}

void kgi_doctor_step(kg_trainer *t, const kg_step *step)
{
    kgi_doctor *doctor = &t->doctor;
    const int steps = t->choice.options.steps;
    if (!doctor->on) {
        return;
    }
    for (int i = 0; i < t->n_params; i++) {
        doctor->peak[i] = fmax(doctor->peak[i], fabs(t->gradient[i]));
    }
    doctor->n_peak++;
    if (doctor->chance_loss <= 0.0) {
        return;
    }
    if (step->loss > explosion * doctor->chance_loss) {
        kgi_doctor_numeric(t, step);
    }
    int first = 0, last = 0;
    find_window(steps, &first, &last);
    if (steps >= MIN_STEPS && step->step > first && step->step <= last) {
        kgi_window_add(&doctor->window, step);
        if (step->step == last) {
            check_chance(t, last);
        }
    }
}

/* "conv1[3]" of parameter i, behind what text says already. */
static void add_name(const kg_model *model, int i, char *text, size_t size)
{
    const size_t used = strlen(text);
    for (int s = 0; s < model->n_segments; s++) {
        const kg_segment *segment = &model->segments[s];
        if (i >= segment->first && i < segment->first + segment->n) {
            (void)snprintf(text + used, size - used, "%s%s[%d]", used ? ", " : "", segment->name,
                           i - segment->first);
        }
    }
}

void kgi_doctor_epoch(kg_trainer *t)
{
    kgi_doctor *doctor = &t->doctor;
    if (!doctor->on || doctor->n_peak < MIN_PEAK) {
        return; /* the next epoch goes on where this one ends */
    }
    const double bar = dead_share(t) * largest(t->n_params, doctor->peak);
    char named[160] = "";
    int n_dead = 0, n_angles = 0;
    for (int i = 0; i < t->n_params; i++) {
        if (doctor->live[i] && doctor->peak[i] <= bar) {
            if (n_dead++ < MAX_NAMED) {
                add_name(t->model, i, named, sizeof named);
            }
            n_angles += kgi_model_fan_in(t->model, i) == 0;
        }
    }
    memset(doctor->peak, 0, (size_t)t->n_params * sizeof *doctor->peak);
    doctor->n_peak = 0;
    const double loss = t->window.n ? t->window.loss / t->window.n : t->last_loss;
    const int many =
        n_angles || FEW_DEAD * n_dead > t->n_params; /* a few weights of ReLUs may rest */
    if (n_dead && many && loss > solved * doctor->chance_loss) {
        (void)snprintf(doctor->what, sizeof doctor->what,
                       "%d of %d parameters had no gradient for an epoch, though they have one at "
                       "random values: %s%s",
                       n_dead, t->n_params, named, n_dead > MAX_NAMED ? ", ..." : "");
        (void)snprintf(doctor->remedy, sizeof doctor->remedy, "%s",
                       n_angles ? "the run is at a symmetric or flat point: try init normal, or "
                                  "another seed"
                                : "inputs that are always 0, or units that are never active: try "
                                  "another seed, a smaller lr or "
                                  "optimizer adam");
        say(t, DEAD, t->n_steps);
    }
}

void kgi_doctor_numeric(kg_trainer *t, const kg_step *step)
{
    kgi_doctor *doctor = &t->doctor;
    if (!doctor->on) {
        return;
    }
    (void)snprintf(doctor->what, sizeof doctor->what,
                   "the loss of step %d is %.4g, guessing has %.4g%s", step->step, step->loss,
                   doctor->chance_loss, step->step == 1 ? "" : ": the run explodes");
    if (step->step == 1) { /* nothing has been moved yet */
        (void)snprintf(
            doctor->remedy, sizeof doctor->remedy,
            "it begins where a label has next to no probability: try another init or seed");
    } else {
        (void)snprintf(doctor->remedy, sizeof doctor->remedy, "steps are too large: try lr %.3g",
                       t->choice.options.lr / 10.0);
    }
    say(t, EXPLODING, step->step);
}
