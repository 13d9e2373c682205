/*
 * How libpq is told where the database is. A connection string may hold a password, and libpq's own
 * complaints about a bad one quote it: none of them leaves this file.
 */
#ifndef DEPOT_DB_CONNINFO_H
#define DEPOT_DB_CONNINFO_H

#include <libpq-fe.h>

#include "db/conn.h"

enum { DB_CONNINFO_MAX = 64 }; /* keywords of libpq (15 has 40) and a NULL */

/* The keywords and values for PQconnectStartParams. */
struct db_conninfo {
    const char *keywords[DB_CONNINFO_MAX];
    const char *values[DB_CONNINFO_MAX];
    int n;
    PQconninfoOption *given; /* owns the values that the options give */
    char session[1024];      /* settings of the session: libpq's "options" */
};

/*
 * Fills `self` from the options, with our own time-outs where the URL has none and the session's
 * settings. INVALID_ARGUMENT: the URL cannot be read.
 */
enum status db_conninfo_init(struct db_conninfo *self, const struct db_options *options,
                             struct error *error) MUST_CHECK;
void db_conninfo_fini(struct db_conninfo *self);

/* INVALID_ARGUMENT if libpq cannot read the options' URL, or would read a password as a host. */
enum status db_conninfo_check(const struct db_options *options, struct error *error) MUST_CHECK;

/*
 * INVALID_ARGUMENT if the database is on another machine and the connection may be in the clear. A
 * unix socket, a loopback address and `localhost` are on this one.
 */
enum status db_conninfo_check_private(const struct db_options *options,
                                      struct error *error) MUST_CHECK;

/*
 * What the options say in libpq's words, to be given to PQconninfoFree; NULL with an error as of
 * db_conninfo_check. The value of a keyword is NULL if it is not given.
 */
PQconninfoOption *db_conninfo_parse(const struct db_options *options, struct error *error);
const char *db_conninfo_value(const PQconninfoOption *info, const char *keyword);

#endif
