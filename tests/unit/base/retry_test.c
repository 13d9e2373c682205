/* How long it is waited before what failed is tried again. */
#include "base/retry.h"

#include <criterion/criterion.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct retry retries = {.first_ms = 100, .longest_ms = 5000};

Test(retry, doubles_up_to_the_longest)
{
    static const int limits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};

    for (int i = 0; i < (int)N(limits_ms); i++) {
        cr_assert_eq(retry_limit_ms(&retries, i), limits_ms[i]);
    }
    cr_assert_eq(retry_limit_ms(&retries, 1000000), 5000);
}

Test(retry, jitter_takes_every_wait_from_none_to_the_limit)
{
    bool seen[101] = {false};

    for (uint32_t random = 0; random < 1000; random++) {
        int wait_ms = retry_wait_ms(&retries, 0, random);

        cr_assert_geq(wait_ms, 0);
        cr_assert_leq(wait_ms, 100);
        seen[wait_ms] = true;
    }
    for (size_t i = 0; i < N(seen); i++) {
        cr_assert(seen[i], "%zu ms never comes", i);
    }
    cr_assert_leq(retry_wait_ms(&retries, 20, UINT32_MAX), 5000);
}

Test(retry, ends_when_it_is_told_to_stop)
{
    atomic_bool stop = true;

    cr_assert_not(retry_sleep(60000, &stop));
    stop = false;
    cr_assert(retry_sleep(0, &stop));
    cr_assert(retry_sleep(0, NULL));
}
