#include "db/backoff.h"

#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"

enum { NAP_US = 50000 };

int
db_backoff_limit_ms(int retry)
{
    int limit_ms = LIMIT_DB_BACKOFF_FIRST_MS;

    while (retry-- > 0 && limit_ms < LIMIT_DB_BACKOFF_MS) {
        limit_ms *= 2;
    }
    return limit_ms < LIMIT_DB_BACKOFF_MS ? limit_ms : LIMIT_DB_BACKOFF_MS;
}

int
db_backoff_ms(int retry, uint32_t random)
{
    return (int)(random % ((uint32_t)db_backoff_limit_ms(retry) + 1));
}

/* Short sleeps: the signal may have come to another thread. */
bool
db_backoff_wait(int wait_ms, const atomic_bool *stop)
{
    int64_t end_us = clock_us() + (int64_t)wait_ms * 1000;

    while (stop == NULL || !*stop) {
        int64_t left_us = end_us - clock_us();
        struct timespec nap = {.tv_nsec = 1000 * (left_us < NAP_US ? left_us : NAP_US)};

        if (left_us <= 0) {
            return true;
        }
        nanosleep(&nap, NULL);
    }
    return false;
}
