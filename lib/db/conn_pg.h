/* libpq's handle of a connection, and what it has prepared, for the other files of this folder. */
#ifndef DEPOT_DB_CONN_PG_H
#define DEPOT_DB_CONN_PG_H

#include <libpq-fe.h>

#include "db/conn.h"
#include "db/shapes.h"

PGconn *db_conn_pg(const struct db_conn *conn);
struct db_shapes *db_conn_shapes(struct db_conn *conn);

#endif
