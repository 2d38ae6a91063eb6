/* SPDX-License-Identifier: Apache-2.0 */
/* Generated digits. */
#ifndef DATA_STROKES_H
#define DATA_STROKES_H

#include "base/status.h"
#include "data/dataset.h"

enum {
    KGI_STROKES_CLASSES = 10,
    KGI_STROKES_SIDE = 28,
    KGI_STROKES_TRAIN = 500, /* rows of each class */
    KGI_STROKES_TEST = 200
};

/* The first `limit` rows (0: all) of the training or test half with the given classes in turn.
 * classes [n_classes] in [0, 10), NULL for 0 .. n_classes - 1; label i is classes[i]. */
kg_status kgi_strokes_make(kg_dataset **out, uint64_t seed, int is_test, const int *classes,
                           int n_classes, int limit, kg_error *err);

/* One image, pixels 0 .. 255 in whole numbers; a function of its arguments only. */
void kgi_strokes_draw(uint64_t seed, int is_test, int digit, int index,
                      double pixels[KGI_STROKES_SIDE * KGI_STROKES_SIDE]);

#endif
