/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: sizes that overflow, alignment, marks, pieces that are counted before they are taken. */
#include "base/arena.h"

#include "refused.h"

static void sizes_round_up_and_overflow_to_zero(void **state)
{
    (void)state;
    assert_int_equal(kgi_arena_bytes(1, 1), 64);
    assert_int_equal(kgi_arena_bytes(8, 8), 64);
    assert_int_equal(kgi_arena_bytes(65, 1), 128);
    assert_int_equal(kgi_arena_bytes(0, 8), 0);
    assert_int_equal(kgi_arena_bytes(SIZE_MAX, 1), 0);
    assert_int_equal(kgi_arena_bytes((size_t)16 << 56, 256), 0); /* wraps to 0 in 64 bits */
    assert_int_equal(kgi_arena_bytes(SIZE_MAX / 8 + 1, 8), 0);
    assert_null(kgi_alloc(SIZE_MAX, 8));
    assert_null(kgi_alloc(0, 8));
}

static void pieces_are_aligned_and_apart(void **state)
{
    (void)state;
    enum { BYTES = 4096 };
    unsigned char *memory = malloc(BYTES);
    assert_non_null(memory);
    for (size_t skip = 0; skip < 65; skip++) {
        kgi_arena arena;
        kgi_arena_init(&arena, memory + skip, BYTES - skip);
        unsigned char *a = kgi_arena_take(&arena, 3, 1);
        double *b = kgi_arena_take(&arena, 9, sizeof *b);
        assert_int_equal((uintptr_t)a % KGI_ALIGN, 0);
        assert_int_equal((uintptr_t)b % KGI_ALIGN, 0);
        assert_true(a >= memory + skip);
        assert_true((unsigned char *)b >= a + 3);
        assert_int_equal(arena.used_bytes, 64 + 128);
    }
    free(memory);
}

static void marks_give_back(void **state)
{
    (void)state;
    kgi_arena arena;
    void *memory = kgi_alloc(1024, 1);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % KGI_ALIGN, 0);
    kgi_arena_init(&arena, memory, 1024);
    (void)kgi_arena_take(&arena, 10, 1);
    const size_t mark = kgi_arena_mark(&arena);
    void *first = kgi_arena_take(&arena, 100, 1);
    kgi_arena_rewind(&arena, mark);
    assert_ptr_equal(kgi_arena_take(&arena, 50, 1), first);
    free(memory);
}

static void what_is_kept_stays(void **state)
{
    (void)state;
    kgi_arena arena;
    double *memory = kgi_alloc(128, 1);
    assert_non_null(memory);
    kgi_arena_init(&arena, memory, 128);
    *(double *)kgi_arena_keep(&arena, 1, sizeof(double)) = 2.5;
    kgi_arena_rewind(&arena, 0);
    const double *again = kgi_arena_keep(&arena, 1, sizeof(double));
    assert_ptr_equal(again, memory);
    assert_near(*again, 2.5, 0.0);
    free(memory);
}

/* Counting and taking by the same calls: the size that was counted is just enough. */
static void pieces_are_counted_then_taken(void **state)
{
    (void)state;
    kgi_arena arena;
    kgi_carver carver = {NULL, 0};
    assert_null(kgi_carve_kept(&carver, 3, 8));
    assert_null(kgi_carve(&carver, 9, 8));
    assert_int_equal(carver.bytes, 64 + 128);
    void *memory = kgi_alloc(carver.bytes, 1);
    assert_non_null(memory);
    kgi_arena_init(&arena, memory, carver.bytes);
    carver = (kgi_carver){&arena, 0};
    assert_ptr_equal(kgi_carve_kept(&carver, 3, 8), memory);
    assert_ptr_equal(kgi_carve(&carver, 9, 8), (char *)memory + 64);
    assert_int_equal(arena.used_bytes, arena.size_bytes);
    free(memory);
}

static void too_little_memory_is_no_memory(void **state)
{
    (void)state;
    kgi_arena arena;
    unsigned char byte = 0;
    kgi_arena_init(&arena, &byte, 0);
    assert_int_equal(arena.size_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_round_up_and_overflow_to_zero),
        cmocka_unit_test(pieces_are_aligned_and_apart),
        cmocka_unit_test(marks_give_back),
        cmocka_unit_test(what_is_kept_stays),
        cmocka_unit_test(pieces_are_counted_then_taken),
        cmocka_unit_test(too_little_memory_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
