/*
 * One file of a migration, run in one transaction with what is recorded of it. The session has
 * entered its place, and is there again after a file.
 */
#ifndef DEPOT_DB_MIGRATION_SCRIPT_H
#define DEPOT_DB_MIGRATION_SCRIPT_H

#include <stdatomic.h>

#include "base/status.h"
#include "db/migration_place.h"

/* Errors are those of migration_table.h. A transaction that was begun must be ended. */
enum status migration_script_begin(const struct migration_place *place,
                                   struct error *error) MUST_CHECK;

/*
 * Runs the statements of `text` one by one and undoes what they set for the session. The error
 * names `file` and the line. COPY from or to the client is refused. An extension goes to `public`
 * unless its statement says where: it is the database's, not a service's. From `*stop` on (NULL:
 * never) nothing more is begun, and what runs is cancelled: CANCELLED.
 */
enum status migration_script_run(const struct migration_place *place, const char *file,
                                 const char *text, const atomic_bool *stop,
                                 struct error *error) MUST_CHECK;

/*
 * Commits if `status` is OK, else rolls back and returns it. UNAVAILABLE also when the answer to
 * COMMIT was lost: whether it happened is then to be seen from the table.
 */
enum status migration_script_end(const struct migration_place *place, const char *file,
                                 enum status status, struct error *error) MUST_CHECK;

#endif
