/* SPDX-License-Identifier: Apache-2.0 */
/* Generated images of bars or stripes. */
#ifndef DATA_BARS_H
#define DATA_BARS_H

#include "base/status.h"
#include "data/dataset.h"

enum {
    KGI_BARS_CLASSES = 2,
    KGI_BARS_SIDE = 4,
    KGI_BARS_TRAIN = 500, /* rows of each class */
    KGI_BARS_TEST = 100
};

/* The first `limit` rows (0: all) of the training or test half with the given classes in turn.
 * classes [n_classes] in [0, 2), NULL for 0 .. n_classes - 1; label i is classes[i]. */
kg_status kgi_bars_make(kg_dataset **out, uint64_t seed, int is_test, const int *classes,
                        int n_classes, int limit, const char *const *class_names, kg_error *err);

#endif
