/* One file of a migration, run in one transaction with what is recorded of it. */
#ifndef DEPOT_DB_MIGRATION_SCRIPT_H
#define DEPOT_DB_MIGRATION_SCRIPT_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "base/status.h"

/* Errors are those of migration_table.h. A transaction that was begun must be ended. */
enum status migration_script_begin(PGconn *pg, struct error *error) MUST_CHECK;

/*
 * Runs the statements of `text` one by one and undoes what they set for the session. The error
 * names `file` and the line. COPY from or to the client is refused. From `*stop` on (NULL: never)
 * nothing more is begun, and what runs is cancelled: CANCELLED.
 */
enum status migration_script_run(PGconn *pg, const char *file, const char *text,
                                 const atomic_bool *stop, struct error *error) MUST_CHECK;

/*
 * Commits if `status` is OK, else rolls back and returns it. UNAVAILABLE also when the answer to
 * COMMIT was lost: whether it happened is then to be seen from the table.
 */
enum status migration_script_end(PGconn *pg, const char *file, enum status status,
                                 struct error *error) MUST_CHECK;

#endif
