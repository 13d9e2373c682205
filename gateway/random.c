#include "random.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "base/assert.h"

enum { BLOCK_BYTES = 4096 };

static unsigned char block[BLOCK_BYTES];
static size_t left_bytes;

static void
refill(void)
{
    size_t at = 0;

    while (at < sizeof(block)) {
        ssize_t n = getrandom(block + at, sizeof(block) - at, 0);

        ASSERT(n > 0);
        at += (size_t)n;
    }
    left_bytes = sizeof(block);
}

static void
take(void *const out, const size_t bytes)
{
    unsigned char *at = out;
    size_t wanted = bytes;

    while (wanted > 0) {
        size_t n;

        if (left_bytes == 0) {
            refill();
        }
        n = wanted < left_bytes ? wanted : left_bytes;
        memcpy(at, block + sizeof(block) - left_bytes, n);
        left_bytes -= n;
        at += n;
        wanted -= n;
    }
}

static uint32_t
take_number(void)
{
    uint32_t number;

    take(&number, sizeof(number));
    return number;
}

static const char *
name(void)
{
    return "blocks";
}

void
random_in_blocks(void)
{
    static struct randombytes_implementation implementation = {
        .implementation_name = name,
        .random = take_number,
        .buf = take,
    };

    ASSERT(randombytes_set_implementation(&implementation) == 0);
}
