/* Statements by name on a connection. */
#ifndef DEPOT_DB_PREPARE_H
#define DEPOT_DB_PREPARE_H

#include "db/conn.h"
#include "db/query.h"

/*
 * Sets how the session plans, and prepares all statements of the queries in one pipeline, so that
 * they can be sent by name as long as the connection lives; names are unique over all queries of a
 * connection. The connection stays in pipeline mode, which db_migrate_up and db_check_safe cannot
 * use: they come before. FAILED_PRECONDITION, with a line that names the statement and says what
 * PostgreSQL has against it: the query does not fit the schema. UNAVAILABLE: the connection was
 * lost. In both cases the connection is of no more use.
 */
enum status db_prepare(struct db_conn *conn, const struct db_query *const *queries,
                       size_t n_queries, struct error *error) MUST_CHECK;

#endif
