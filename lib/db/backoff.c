#include "db/backoff.h"

#include "base/limits.h"

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
