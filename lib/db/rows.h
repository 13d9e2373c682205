/*
 * The results of one call's statements: what is behind query.h's db_row_count, db_text and so on.
 * Values come in PostgreSQL's binary format.
 */
#ifndef DEPOT_DB_ROWS_H
#define DEPOT_DB_ROWS_H

#include "base/arena.h"
#include "db/array.h"
#include "db/query.h"

struct pg_result; /* libpq's PGresult */

struct db_rows {
    struct arena *arena;              /* of the call: for texts */
    struct pg_result *const *results; /* one per statement */
    size_t n_results;
    bool *exhausted; /* set when the arena's cap was reached: texts are not complete */
};

/* A bytea's bytes; they live as long as the rows. NULL is empty. */
struct db_bytes db_bytes(const struct db_rows *rows, size_t statement, size_t row,
                         const char *column);

#endif
