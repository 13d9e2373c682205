/* What a failed attempt to connect means, read from libpq's message. */
#ifndef DEPOT_DB_CONNECT_ERROR_H
#define DEPOT_DB_CONNECT_ERROR_H

#include <libpq-fe.h>

#include "db/conn.h"

/*
 * Of a connection that failed after PQsetErrorVerbosity(PQERRORS_VERBOSE): its kind, and its
 * message as one line. FATAL (INVALID_ARGUMENT): the server refused for a reason that will not
 * pass, or libpq could not do what the settings ask for. Else UNAVAILABLE.
 */
enum status db_connect_error(const PGconn *pg, enum db_failure *failure, struct error *error);

/* The same of the text alone; `needs_password` as of PQconnectionNeedsPassword. */
enum status db_connect_error_read(const char *text, bool needs_password, enum db_failure *failure,
                                  struct error *error);

#endif
