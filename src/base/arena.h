/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: one block of memory whose size was computed before, given out from the bottom.
 *
 * Scratch is taken and given back by mark. Every piece starts on a cache line. An arena that is too
 * small is our own bug (the plan computed its size), so it is asserted, not reported. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#define KGI_ALIGN 64u

typedef struct kgi_arena {
    unsigned char *memory; /* aligned to KGI_ALIGN */
    size_t size_bytes;
    size_t used_bytes;
} kgi_arena;

/* count * item rounded up to whole cache lines; 0 if that overflows (or if count or item is 0). */
size_t kgi_arena_bytes(size_t count, size_t item);

/* Takes over memory[bytes] of any alignment; the arena is smaller by what alignment costs. */
void kgi_arena_init(kgi_arena *arena, void *memory, size_t bytes);

/* The next count * item bytes, aligned, uninitialised (NaN-filled in debug builds). */
void *kgi_arena_take(kgi_arena *arena, size_t count, size_t item);

/* The same bytes, but what lies there stays: for the first pieces of an arena that is used again and
 * again in the same order. */
void *kgi_arena_keep(kgi_arena *arena, size_t count, size_t item);

/* Sums up what is asked for, and takes it if there is an arena: one function that lists the pieces of an
 * engine's memory both sizes the arena and divides it. */
typedef struct kgi_carver {
    kgi_arena *arena; /* NULL: only count */
    size_t bytes;
} kgi_carver;

void *kgi_carve(kgi_carver *carver, size_t count, size_t item);      /* kgi_arena_take() */
void *kgi_carve_kept(kgi_carver *carver, size_t count, size_t item); /* kgi_arena_keep() */

size_t kgi_arena_mark(const kgi_arena *arena);
void kgi_arena_rewind(kgi_arena *arena, size_t mark);

/* Heap memory on a cache line, NULL if there is none or on overflow; release with free(). */
void *kgi_alloc(size_t count, size_t item);

#endif
