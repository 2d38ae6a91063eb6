/* SPDX-License-Identifier: Apache-2.0 */
/* Published quirks, in one place: what a set of them changes, in every room above. */
#ifndef MODEL_COMPAT_H
#define MODEL_COMPAT_H

/* Every flag is 0 in the row "none". To add a set: a row. */
typedef struct kgi_compat {
    const char *name;
    const char *help;
    int column;      /* pipeline: images become their stretched middle column (column:K) where we
                        would resize them or take all pixels */
    int own_range;   /* pipeline: every set of rows is scaled by its own minimum and maximum */
    int reversed_ce; /* loss: under ce the first class is the outcome 1 of the readout qubit */
    int sum_ce;      /* train: ce is summed over the mini-batch while mse is averaged */
    int replace;     /* train: mini-batches are drawn with replacement */
    int population;  /* eval: standard deviations divide by n */
} kgi_compat;

/* Row i, NULL past the end; the row of a name, NULL if there is none. */
const kgi_compat *kgi_compat_get(int i);
const kgi_compat *kgi_compat_find(const char *name);

#endif
