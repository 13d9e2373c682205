/*
 * Versioned SQL migrations: `<folder>/NNNN_name.up.sql` and `.down.sql`, numbered from 0001 without
 * gaps. One row per applied version in `depot_migration` with the SHA-256 of the text, written in
 * the same transaction as the change. Each service has a folder and a `service` value of its own
 * in the table's key, so that services may share a database.
 *
 * A file holds statements as psql would take them, and runs in one transaction: it cannot begin or
 * end one itself, nor hold what PostgreSQL refuses inside of one (CREATE INDEX CONCURRENTLY,
 * VACUUM). Settings that it leaves behind are reset.
 *
 * Versions that are applied but newer than all files are no error when going up: an old replica may
 * start again while a newer one has already migrated (so a migration must leave a schema that the
 * version before can still use). They are one when going down.
 */
#ifndef DEPOT_DB_MIGRATE_H
#define DEPOT_DB_MIGRATE_H

#include <stdio.h>

#include "db/conn.h"

/*
 * Brings the schema to the newest version under a session advisory lock that is polled with
 * pg_try_advisory_lock, so that several replicas can start at once; at head it costs one SELECT and
 * no lock. FAILED_PRECONDITION with a line that names the file: an applied file was edited, a gap,
 * a number lower than one that is applied, a missing .down or .up, a failed statement (with
 * PostgreSQL's message and the line in the file). UNAVAILABLE when the connection is lost. `*stop`
 * (set by a signal; NULL: never) ends the waiting, or cancels the statement that runs: CANCELLED;
 * the migration under way is undone.
 */
enum status db_migrate_up(struct db_conn *conn, const char *folder, const char *service,
                          const atomic_bool *stop, struct error *error) MUST_CHECK;

/* Takes the newest `steps` versions back (all if negative). */
enum status db_migrate_down(struct db_conn *conn, const char *folder, const char *service,
                            int steps, struct error *error) MUST_CHECK;

/*
 * Prints one line per version: service, number, name, applied when or pending, edited if it is.
 * FAILED_PRECONDITION if the folder itself is not in order.
 */
enum status db_migrate_status(struct db_conn *conn, const char *folder, const char *service,
                              FILE *out, struct error *error) MUST_CHECK;

/*
 * Drops the schema that the session's tables are in, with everything in it, whoever made it, and
 * makes it anew, empty.
 */
enum status db_migrate_reset(struct db_conn *conn, struct error *error) MUST_CHECK;

#endif
