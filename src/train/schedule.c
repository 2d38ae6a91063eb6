/* SPDX-License-Identifier: Apache-2.0 */
/* The table of schedules: the step size of step t = 1 .. T. With u = t - 1 - warmup steps behind it,
 *
 *   constant     lr
 *   step         lr lr_decay^floor(u / lr_every)
 *   exponential  lr lr_decay^(u / lr_every)
 *   cosine       lr_end + (lr - lr_end) (1 + cos(pi u / (T - warmup))) / 2
 *                (Loshchilov and Hutter, arXiv:1608.03983, without restarts)
 *
 * and lr t / warmup in the first `warmup` steps. It depends on t alone, so a resumed run needs no
 * state for it. */
#include "train/train.h"

#include <math.h>
#include <string.h>

static double constant(const kg_train_options *options, double u)
{
    (void)u;
    return options->lr;
}

static double step(const kg_train_options *options, double u)
{
    return options->lr * pow(options->lr_decay, floor(u / options->lr_every));
}

static double exponential(const kg_train_options *options, double u)
{
    return options->lr * pow(options->lr_decay, u / options->lr_every);
}

static double cosine(const kg_train_options *options, double u)
{
    const double pi = 3.141592653589793;
    const double length = options->steps - options->warmup; /* u < length */
    return options->lr_end + (options->lr - options->lr_end) * 0.5 * (1.0 + cos(pi * u / length));
}

static const kgi_schedule schedules[] = {
    /* clang-format off */
    {"constant",    constant,    "the same in every step"},
    {"step",        step,        "times lr_decay after every lr_every steps"},
    {"exponential", exponential, "times lr_decay per lr_every steps, smoothly"},
    {"cosine",      cosine,      "half a cosine from lr to lr_end"},
    /* clang-format on */
};

enum { N_SCHEDULES = sizeof schedules / sizeof *schedules };

const kgi_schedule *kgi_schedule_find(const char *name)
{
    for (int i = 0; i < N_SCHEDULES; i++) {
        if (strcmp(schedules[i].name, name) == 0) {
            return &schedules[i];
        }
    }
    return NULL;
}

const char *kg_schedule_get(int i)
{
    return i >= 0 && i < N_SCHEDULES ? schedules[i].name : NULL;
}

const char *kg_schedule_help(int i)
{
    return i >= 0 && i < N_SCHEDULES ? schedules[i].help : NULL;
}

double kgi_train_lr(const kgi_train_choice *choice, int t)
{
    const kg_train_options *options = &choice->options;
    if (t <= options->warmup) {
        return options->lr * t / options->warmup;
    }
    return choice->schedule->lr(options, t - 1 - options->warmup);
}
