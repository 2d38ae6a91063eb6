/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of faults begin and end with: Jansson's memory led through alloc.h, and a folder. */
#ifndef TESTS_FAULT_FOLDER_H
#define TESTS_FAULT_FOLDER_H

#include <jansson.h>

#include "alloc.h"
#include "refused.h"

static char folder[SCRATCH_BYTES];

static inline int folder_begin(void **state)
{
    (void)state;
    json_set_alloc_funcs(__wrap_malloc, free); /* before Jansson takes its first memory */
    scratch_make(folder);
    return 0;
}

static inline int folder_end(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

#endif
