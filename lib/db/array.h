/* Parameters in PostgreSQL's binary format. */
#ifndef DEPOT_DB_ARRAY_H
#define DEPOT_DB_ARRAY_H

#include <stdint.h>

#include "base/buf.h"

struct db_bytes {
    const void *data;
    size_t bytes;
};

/* Appends a one-dimensional bytea[] or int8[] without NULLs; `n` may be 0. */
void db_array_bytes(struct buf *out, const struct db_bytes *items, size_t n);
void db_array_int8(struct buf *out, const int64_t *items, size_t n);

/* One int8. */
void db_int8(int64_t number, unsigned char out[static sizeof(int64_t)]);

#endif
