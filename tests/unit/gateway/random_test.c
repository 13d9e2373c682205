#include "gateway/random.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *one, const void *other)
{
    return memcmp(one, other, 10);
}

/* Over the ends of many blocks: no piece comes twice. */
Test(random, pieces_differ)
{
    enum { PIECES = 10000 };
    static unsigned char pieces[PIECES][10];

    random_in_blocks();
    for (int i = 0; i < PIECES; i++) {
        randombytes_buf(pieces[i], sizeof(pieces[i]));
    }
    qsort(pieces, PIECES, sizeof(pieces[0]), compare);
    for (int i = 1; i < PIECES; i++) {
        cr_assert_neq(memcmp(pieces[i - 1], pieces[i], sizeof(pieces[i])), 0);
    }
}

Test(random, large_pieces_are_filled)
{
    static unsigned char piece[20000];
    size_t zeroes = 0;

    random_in_blocks();
    randombytes_buf(piece, sizeof(piece));
    for (size_t i = 0; i < sizeof(piece); i++) {
        zeroes += piece[i] == 0;
    }
    cr_assert_lt(zeroes, 300); /* about 78 of 20,000 */
    cr_assert_neq(randombytes_random(), randombytes_random());
}
