#include "base/retry.h"

#include <stddef.h>
#include <time.h>

#include "base/clock.h"

enum { NAP_US = 50000 };

int
retry_limit_ms(const struct retry *self, int n)
{
    int limit_ms = self->first_ms;

    while (n-- > 0 && limit_ms < self->longest_ms) {
        limit_ms *= 2;
    }
    return limit_ms < self->longest_ms ? limit_ms : self->longest_ms;
}

int
retry_wait_ms(const struct retry *self, int n, uint32_t random)
{
    return (int)(random % ((uint32_t)retry_limit_ms(self, n) + 1));
}

/* Short sleeps: the signal may have come to another thread. */
bool
retry_sleep(int wait_ms, const atomic_bool *stop)
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
