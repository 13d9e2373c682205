/*
 * The table in which a service's schema remembers its migrations, and the lock that lets one
 * process at a time change them. All functions: UNAVAILABLE when the connection is lost or the
 * database is going away, FAILED_PRECONDITION with PostgreSQL's message when it refuses.
 */
#ifndef DEPOT_DB_MIGRATION_TABLE_H
#define DEPOT_DB_MIGRATION_TABLE_H

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"
#include "db/migration_files.h"
#include "db/migration_place.h"

struct migration_row {
    int version;
    const char *name;
    const char *sha256;
    const char *applied_at; /* for people: 2024-05-01 12:00:00 UTC */
};

struct migration_rows {
    struct migration_row *rows; /* by version */
    int n;
    bool hidden; /* the session's role may not read them: that is why it failed */
};

/*
 * The rows of a part (`platform`, or the service's own migrations), in `arena`; none if there is no
 * table yet. One statement, no lock.
 */
enum status migration_rows_read(const struct migration_place *place, struct arena *arena,
                                const char *part, struct migration_rows *rows,
                                struct error *error) MUST_CHECK;

/* Makes the table in the place's schema if it is missing. Hold the lock. */
enum status migration_table_make(const struct migration_place *place,
                                 struct error *error) MUST_CHECK;

/* Inside the transaction of the change itself. */
enum status migration_row_add(const struct migration_place *place, const char *part,
                              const struct migration *migration, struct error *error) MUST_CHECK;
enum status migration_row_remove(const struct migration_place *place, const char *part, int version,
                                 struct error *error) MUST_CHECK;

/*
 * Takes the session's lock, polling for up to LIMIT_MIGRATION_LOCK_MS (then UNAVAILABLE): who waits
 * in pg_advisory_lock itself holds a snapshot, and would deadlock with CREATE INDEX CONCURRENTLY.
 * `stop` is NULL, or a flag that ends the waiting: CANCELLED.
 */
enum status migration_lock(PGconn *pg, const atomic_bool *stop, struct error *error) MUST_CHECK;
void migration_unlock(PGconn *pg);

/* Runs SQL that gives no rows. */
enum status migration_run(PGconn *pg, const char *sql, struct error *error) MUST_CHECK;

/*
 * The error of a failed result: `place` and PostgreSQL's message in one line with its SQLSTATE.
 */
enum status migration_failed(PGconn *pg, const PGresult *result, const char *place,
                             struct error *error);

/* Whether the flag is there and set. */
bool migration_stopped(const atomic_bool *stop);

#endif
