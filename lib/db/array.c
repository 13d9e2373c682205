#include "db/array.h"

#include <endian.h>
#include <string.h>

#include "base/assert.h"
#include "db/types_pg.h"

static void
put32(struct buf *out, uint32_t number)
{
    number = htobe32(number);
    buf_append(out, &number, sizeof(number));
}

/* Dimensions, whether there are NULLs, the elements' type, then per dimension length and base. */
static void
put_head(struct buf *out, uint32_t type, size_t n)
{
    ASSERT(n <= INT32_MAX);
    put32(out, n > 0 ? 1 : 0);
    put32(out, 0);
    put32(out, type);
    if (n > 0) {
        put32(out, (uint32_t)n);
        put32(out, 1);
    }
}

void
db_array_bytes(struct buf *out, const struct db_bytes *items, size_t n)
{
    put_head(out, DB_TYPE_BYTEA, n);
    for (size_t i = 0; i < n; i++) {
        ASSERT(items[i].bytes <= INT32_MAX);
        put32(out, (uint32_t)items[i].bytes);
        buf_append(out, items[i].data, items[i].bytes);
    }
}

void
db_array_int8(struct buf *out, const int64_t *items, size_t n)
{
    put_head(out, DB_TYPE_INT8, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t number = htobe64((uint64_t)items[i]);

        put32(out, sizeof(number));
        buf_append(out, &number, sizeof(number));
    }
}

void
db_int8(int64_t number, unsigned char out[static sizeof(int64_t)])
{
    uint64_t bits = htobe64((uint64_t)number);

    memcpy(out, &bits, sizeof(bits));
}
