#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

Test(arena, pieces_are_aligned_and_do_not_overlap)
{
    struct arena arena;
    unsigned char *pieces[500];

    arena_init(&arena, 256, 0);
    for (size_t i = 0; i < 500; i++) {
        pieces[i] = arena_alloc(&arena, i % 70);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), i % 70);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t j = 0; j < i % 70; j++) {
            cr_assert_eq(pieces[i][j], i % 251);
        }
    }
    arena_fini(&arena);
}

Test(arena, larger_pieces_than_a_block)
{
    struct arena arena;
    char *large, *small;

    arena_init(&arena, 64, 0);
    small = arena_strdup(&arena, "before");
    large = arena_alloc(&arena, 100000);
    memset(large, 'x', 100000);
    cr_assert_str_eq(small, "before");
    cr_assert_str_eq(arena_strdup(&arena, "after"), "after");
    arena_fini(&arena);
}

Test(arena, the_cap_counts_between_resets)
{
    struct arena arena;

    arena_init(&arena, 64, 160);
    cr_assert_not_null(arena_alloc(&arena, 100));
    cr_assert_null(arena_alloc(&arena, 100));
    cr_assert_not_null(arena_alloc(&arena, 48));
    cr_assert_null(arena_alloc(&arena, 1));
    cr_assert_not_null(arena_alloc(&arena, 0));
    arena_reset(&arena);
    cr_assert_eq(arena.used_bytes, 0);
    cr_assert_not_null(arena_alloc(&arena, 160));
    cr_assert_null(arena_strdup(&arena, ""));
    cr_assert_null(arena_printf(&arena, "%d", 1));
    cr_assert_null(arena_zalloc(&arena, 1));
    arena_fini(&arena);
}

Test(arena, sizes_that_cannot_be)
{
    struct arena arena;

    arena_init(&arena, 64, 0);
    cr_assert_null(arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(arena_alloc(&arena, SIZE_MAX - 15));
    cr_assert_null(arena_alloc(&arena, SIZE_MAX / 2 + 1));
    arena_fini(&arena);
    arena_init(&arena, 64, 1000);
    cr_assert_null(arena_alloc(&arena, SIZE_MAX / 2));
    arena_fini(&arena);
}

Test(arena, one_block_stays_over_a_reset)
{
    struct arena arena;
    void *first;

    arena_init(&arena, 128, 0);
    first = arena_alloc(&arena, 16);
    for (int i = 0; i < 100; i++) {
        arena_alloc(&arena, 100);
    }
    arena_reset(&arena);
    cr_assert_eq(arena_alloc(&arena, 16), first);
    arena_fini(&arena);
    cr_assert_not_null(arena_alloc(&arena, 16));
    arena_fini(&arena);
}

Test(arena, an_outsized_block_does_not_stay)
{
    struct arena arena;

    arena_init(&arena, 128, 0);
    arena_alloc(&arena, 1 << 20);
    arena_reset(&arena);
    cr_assert_null(arena.block);
    arena_fini(&arena);
}

Test(arena, texts)
{
    struct arena arena;
    char *copy, *zeros;

    arena_init(&arena, 128, 0);
    copy = arena_copy(&arena, "a\0b", 3);
    cr_assert_arr_eq(copy, "a\0b", 4);
    cr_assert_str_eq(arena_copy(&arena, NULL, 0), "");
    cr_assert_str_eq(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
    memset(arena_alloc(&arena, 64), 0xff, 64);
    arena_reset(&arena);
    zeros = arena_zalloc(&arena, 64);
    for (int i = 0; i < 64; i++) {
        cr_assert_eq(zeros[i], 0);
    }
    arena_fini(&arena);
}

Test(arena, a_refusal_is_remembered_until_the_reset)
{
    struct arena arena;

    arena_init(&arena, 64, 64);
    cr_assert_not_null(arena_alloc(&arena, 48));
    cr_assert_not(arena.exhausted);
    cr_assert_null(arena_alloc(&arena, 32));
    cr_assert(arena.exhausted);
    cr_assert_not_null(arena_alloc(&arena, 16), "what fits is still given");
    cr_assert(arena.exhausted);
    arena.cap_bytes = 32; /* below what is used: nothing is left, not nearly everything */
    cr_assert_null(arena_alloc(&arena, 16));
    arena_reset(&arena);
    cr_assert_not(arena.exhausted);
    cr_assert_null(arena_alloc(&arena, SIZE_MAX));
    cr_assert(arena.exhausted);
    arena_fini(&arena);
}
