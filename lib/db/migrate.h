/*
 * Versioned SQL migrations: `<dir>/<folder>/NNNN_name.up.sql` and `.down.sql`, numbered from 0001
 * without gaps. A service has a schema that is named after it; there go the migrations of
 * `<dir>/platform` (if there is that folder), which every service has, and then its own, of
 * `<dir>/<service>`. One row per applied version in the schema's `depot_migration` with the SHA-256
 * of the text, written in the same transaction as the change. The session looks into that schema
 * and then into `public`, where extensions are.
 *
 * Where a database is run with roles (deploy/roles.sql) everything is made as depot_owner, and the
 * service's role gets what the folders' grants.sql say.
 *
 * A file holds statements as psql would take them, and runs in one transaction: it cannot begin or
 * end one itself, nor hold what PostgreSQL refuses inside of one (CREATE INDEX CONCURRENTLY,
 * VACUUM). Settings that it leaves behind are reset.
 *
 * Versions that are applied but newer than all files are no error when going up: an old replica may
 * start again while a newer one has already migrated (so a migration must leave a schema that the
 * version before can still use). They are one when going down.
 *
 * `service` is lower-case letters, digits and '_'.
 */
#ifndef DEPOT_DB_MIGRATE_H
#define DEPOT_DB_MIGRATE_H

#include <stdio.h>

#include "db/conn.h"

enum db_migrate_part { DB_MIGRATE_OWN, DB_MIGRATE_PLATFORM };

/*
 * What a service does when it starts. If its role may, db_migrate_up. Else it waits, with the
 * back-off of db_connect_retry and a log line each time, until somebody else has brought the schema
 * to what its own folders hold: UNAVAILABLE after `max_retry` retries.
 */
enum status db_migrate_service(struct db_conn *conn, const char *dir, const char *service,
                               int max_retry, const atomic_bool *stop,
                               struct error *error) MUST_CHECK;

/*
 * Brings the schema to the newest version under a session advisory lock that is polled with
 * pg_try_advisory_lock, so that several replicas can start at once; at head no lock is taken.
 * FAILED_PRECONDITION with a line that names the file: an applied file was edited, a gap, a number
 * lower than one that is applied, a missing .down or .up, a failed statement (with PostgreSQL's
 * message and the line in the file). UNAVAILABLE when the connection is lost. `*stop` (set by a
 * signal; NULL: never) ends the waiting, or cancels the statement that runs: CANCELLED; the
 * migration under way is undone.
 *
 * The first time, what the service's adopt.sql names is moved from `public` if the service was
 * migrated there before it had a schema: its old replicas cannot go on.
 */
enum status db_migrate_up(struct db_conn *conn, const char *dir, const char *service,
                          const atomic_bool *stop, struct error *error) MUST_CHECK;

/*
 * Takes from the service's role what it may do, and grants it anew. At head: roles may have come
 * after the tables.
 */
enum status db_migrate_grants(struct db_conn *conn, const char *dir, const char *service,
                              struct error *error) MUST_CHECK;

/* Takes the newest `steps` versions of that part back (all if negative). */
enum status db_migrate_down(struct db_conn *conn, const char *dir, const char *service,
                            enum db_migrate_part part, int steps, struct error *error) MUST_CHECK;

/*
 * Prints one line per version: service, number, name, applied when or pending, edited if it is.
 * FAILED_PRECONDITION if a folder itself is not in order.
 */
enum status db_migrate_status(struct db_conn *conn, const char *dir, const char *service, FILE *out,
                              struct error *error) MUST_CHECK;

/*
 * Drops the schemas of the services with everything in them, whoever made it, and what is left in
 * `public` of the time before there were schemas: all or nothing. Extensions stay.
 */
enum status db_migrate_reset(struct db_conn *conn, const char *const *services, size_t n_services,
                             struct error *error) MUST_CHECK;

#endif
