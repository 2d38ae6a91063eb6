/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is counted and that runs out. The linker leads the allocations of the rooms through here
 * (--wrap, which works under the sanitizers too: kg_test_alloc() of CMakeLists.txt). The n-th allocation
 * is refused: once, or with all that follow.
 *
 *     assert_survives(kg_thing_create(&thing, &err), !thing, kg_thing_destroy(thing), 3);
 *
 * The call is repeated with n = 0, 1, 2 ... until nothing is refused any more. */
#ifndef TESTS_ALLOC_H
#define TESTS_ALLOC_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <ketgrad/status.h>

#include "near.h"

enum { ALLOC_ONCE, ALLOC_FOR_GOOD, ALLOC_MODES };

static struct {
    atomic_long seen;    /* allocations since alloc_start() */
    atomic_long refused; /* of them */
    long n;              /* the first that is refused; -1: none */
    int mode;
} alloc_state = {0, 0, -1, ALLOC_ONCE};

static inline int alloc_refuses(void)
{
    const long i = atomic_fetch_add(&alloc_state.seen, 1);
    if (alloc_state.n < 0 || i < alloc_state.n ||
        (alloc_state.mode == ALLOC_ONCE && i > alloc_state.n)) {
        return 0;
    }
    atomic_fetch_add(&alloc_state.refused, 1);
    return 1;
}

/* Refuses allocation n from now on; n = -1 only counts. */
static inline void alloc_start(long n, int mode)
{
    alloc_state.n = n;
    alloc_state.mode = mode;
    alloc_state.seen = 0;
    alloc_state.refused = 0;
}

/* Allocations since alloc_start(), or since the program began. */
static inline long alloc_count(void)
{
    return alloc_state.seen;
}

/* Refuses no more; how many were refused. */
static inline long alloc_stop(void)
{
    alloc_state.n = -1;
    return alloc_state.refused;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
int __real_posix_memalign(void **memory, size_t alignment, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t bytes)
{
    return alloc_refuses() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return alloc_refuses() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    return alloc_refuses() ? NULL : __real_realloc(memory, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return alloc_refuses() ? NULL : __real_aligned_alloc(alignment, bytes);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes)
{
    return alloc_refuses() ? 12 /* ENOMEM */ : __real_posix_memalign(memory, alignment, bytes);
}

char *__wrap_strdup(const char *text)
{
    return alloc_refuses() ? NULL : __real_strdup(text);
}

/* What a call said while allocation n was refused. */
static inline void alloc_check(const char *call, kg_status status, const kg_error *err, int mode,
                               const char *file, int line)
{
    if (status != KG_ERR_MEMORY || err->status != KG_ERR_MEMORY || !err->message[0] ||
        strchr(err->message, '\n')) {
        print_error("%s\nwith allocation %ld refused%s: status %d, \"%s\"\n", call, alloc_state.n,
                    mode == ALLOC_ONCE ? "" : " and all after it", (int)status, err->message);
        _fail(file, line);
    }
}

/* `call` gives a status and uses `err`, a kg_error. While something is refused it must end with
 * KG_ERR_MEMORY and a line that says so, and leave `unchanged` true; the objects it was given serve
 * the next attempt. `undo` follows each success. `least` allocations are expected. */
#define assert_survives(call, unchanged, undo, least)                                              \
    do {                                                                                           \
        for (int mode_ = ALLOC_ONCE; mode_ < ALLOC_MODES; mode_++) {                               \
            long n_ = 0;                                                                           \
            for (;; n_++) {                                                                        \
                err = (kg_error){KG_OK, ""};                                                       \
                alloc_start(n_, mode_);                                                            \
                const kg_status status_ = (call);                                                  \
                const long refused_ = alloc_state.refused;                                         \
                if (!refused_) {                                                                   \
                    (void)alloc_stop();                                                            \
                    if (status_) {                                                                 \
                        fail_msg("%s: %s", #call, err.message);                                    \
                    }                                                                              \
                    break;                                                                         \
                }                                                                                  \
                alloc_check(#call, status_, &err, mode_, __FILE__, __LINE__);                      \
                (void)alloc_stop();                                                                \
                if (!(unchanged)) {                                                                \
                    fail_msg("%s\nwith allocation %ld refused: not %s", #call, n_, #unchanged);    \
                }                                                                                  \
            }                                                                                      \
            if (n_ < (least)) {                                                                    \
                fail_msg("%s: %ld allocations, expected are %d or more", #call, n_, least);        \
            }                                                                                      \
            undo;                                                                                  \
        }                                                                                          \
    } while (0)

#endif
