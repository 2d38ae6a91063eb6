/* SPDX-License-Identifier: Apache-2.0 */
/* The arena, and aligned heap memory. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/status.h"

size_t kgi_arena_bytes(size_t count, size_t item)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, item, &bytes) ||
        __builtin_add_overflow(bytes, KGI_ALIGN - 1, &bytes)) {
        return 0;
    }
    return bytes & ~(size_t)(KGI_ALIGN - 1);
}

void kgi_arena_init(kgi_arena *arena, void *memory, size_t bytes)
{
    const size_t skip = (KGI_ALIGN - (uintptr_t)memory % KGI_ALIGN) % KGI_ALIGN;
    arena->memory = (unsigned char *)memory + skip;
    arena->size_bytes = bytes > skip ? bytes - skip : 0;
    arena->used_bytes = 0;
}

void *kgi_arena_keep(kgi_arena *arena, size_t count, size_t item)
{
    const size_t bytes = kgi_arena_bytes(count, item);
    KGI_ASSERT(bytes <= arena->size_bytes - arena->used_bytes);
    void *piece = arena->memory + arena->used_bytes;
    arena->used_bytes += bytes;
    return piece;
}

void *kgi_arena_take(kgi_arena *arena, size_t count, size_t item)
{
    void *piece = kgi_arena_keep(arena, count, item);
#ifndef NDEBUG
    memset(piece, 0xff, kgi_arena_bytes(count, item)); /* NaN: a stale read shows */
#endif
    return piece;
}

void *kgi_carve(kgi_carver *carver, size_t count, size_t item)
{
    carver->bytes += kgi_arena_bytes(count, item);
    return carver->arena ? kgi_arena_take(carver->arena, count, item) : NULL;
}

void *kgi_carve_kept(kgi_carver *carver, size_t count, size_t item)
{
    carver->bytes += kgi_arena_bytes(count, item);
    return carver->arena ? kgi_arena_keep(carver->arena, count, item) : NULL;
}

size_t kgi_arena_mark(const kgi_arena *arena)
{
    return arena->used_bytes;
}

void kgi_arena_rewind(kgi_arena *arena, size_t mark)
{
    KGI_ASSERT(mark <= arena->used_bytes);
    arena->used_bytes = mark;
}

void *kgi_alloc(size_t count, size_t item)
{
    enum { HUGE_PAGE = 1 << 21, LARGE = 1 << 24 };
    const size_t bytes = kgi_arena_bytes(count, item);
    if (bytes < LARGE) {
        return bytes ? aligned_alloc(KGI_ALIGN, bytes) : NULL;
    }
    /* Rows of a large state lie on pages far apart: with small pages, every row costs a walk through the
     * page table. A wish, not a need. */
    void *memory = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#if defined(MADV_HUGEPAGE)
    if (memory) {
        (void)madvise(memory, bytes, MADV_HUGEPAGE);
    }
#endif
    return memory;
}
