/* SPDX-License-Identifier: Apache-2.0 */
/* The table of published quirks. */
#include "model/compat.h"

#include <string.h>

#include <ketgrad/model.h>

static const kgi_compat sets[] = {
    {.name = "none", .help = "no published quirk"},
    {.name = "hur",
     .help = "Hur, Kim, Park, arXiv:2108.00661: middle column of images, test rows scaled by their "
             "own range, summed cross-entropy, batches with replacement, population sd",
     .column = 1,
     .own_range = 1,
     .reversed_ce = 1,
     .sum_ce = 1,
     .replace = 1,
     .population = 1},
};

enum { N_SETS = sizeof sets / sizeof *sets };

const kgi_compat *kgi_compat_get(int i)
{
    return i >= 0 && i < N_SETS ? &sets[i] : NULL;
}

const kgi_compat *kgi_compat_find(const char *name)
{
    for (int i = 0; i < N_SETS; i++) {
        if (strcmp(sets[i].name, name) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}

const char *kg_compat_get(int i)
{
    const kgi_compat *set = kgi_compat_get(i);
    return set ? set->name : NULL;
}

const char *kg_compat_help(int i)
{
    const kgi_compat *set = kgi_compat_get(i);
    return set ? set->help : NULL;
}
