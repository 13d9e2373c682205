/* libpq's handle of a connection, for the other files of this folder. */
#ifndef DEPOT_DB_CONN_PG_H
#define DEPOT_DB_CONN_PG_H

#include <libpq-fe.h>

#include "db/conn.h"

PGconn *db_conn_pg(const struct db_conn *conn);

#endif
