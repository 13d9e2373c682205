/*
 * One connection to PostgreSQL and what its failures mean. A connection belongs to one thread.
 */
#ifndef DEPOT_DB_CONN_H
#define DEPOT_DB_CONN_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/retry.h"
#include "base/status.h"

/* Where the database is: the fields of the settings table that every service shares. */
struct db_options {
    const char *url; /* DATABASE_URL: a libpq URI or key=value string; NULL: the parts below */
    const char *host, *user, *password, *name; /* POSTGRES_HOST, _USER, _PASSWORD, _DB */
    int port;                                  /* POSTGRES_PORT */
    const char *ssl_mode, *ssl_root_cert;      /* POSTGRES_SSLMODE, _SSLROOTCERT; NULL: libpq's */
    const char *application_name;
    /*
     * The schema that names are looked for in, before `public`; several are separated by commas.
     * NULL: what the server has for the role. Lower-case letters, digits and '_'.
     */
    const char *schema;
    bool allow_unsafe; /* ALLOW_UNSAFE_DB */
};

/* What to do about a failure: from its SQLSTATE, or from a connection that is gone. */
enum db_failure {
    DB_FAILURE_NONE,
    DB_FAILURE_RETRY,       /* 40P01, 40001: the same again may succeed */
    DB_FAILURE_UNAVAILABLE, /* connection lost, 08*, 53*, 57P*: the database is away for now */
    DB_FAILURE_TIMEOUT,     /* 57014, 55P03: out of time */
    DB_FAILURE_FATAL,       /* 28*, 3D*: wrong password, no such database: trying again is vain */
    DB_FAILURE_BUG,         /* all else: our SQL and its schema do not fit the input */
};

/* One table for all of it; NULL and "" are a lost connection. */
enum db_failure db_failure_of(const char *sqlstate);

struct db_conn;

/*
 * Connects once (bounded: 5 s). On failure `*conn` is untouched, `failure` says of what kind, and
 * `error` is one clear line without a password: UNAVAILABLE, or INVALID_ARGUMENT for FATAL ones.
 * Sessions run in UTC with standard_conforming_strings, client_encoding UTF8.
 */
enum status db_connect(const struct db_options *options, struct db_conn **conn,
                       enum db_failure *failure, struct error *error) MUST_CHECK;

enum { DB_RETRY_FOREVER = INT_MAX };

/* How attempts follow each other at whatever needs the database: 100 ms, doubling to 5 s. */
extern const struct retry db_retries;

/*
 * Connects, again and again as db_retries says, with one log line per attempt with the wait that
 * follows, at most `max_retry` retries (0: one attempt; or
 * DB_RETRY_FOREVER). FATAL failures end it at once. `*stop` (set by a signal) ends the waiting with
 * STATUS_CANCELLED.
 */
enum status db_connect_retry(const struct db_options *options, int max_retry,
                             const atomic_bool *stop, struct db_conn **conn,
                             struct error *error) MUST_CHECK;

/*
 * Refuses (FAILED_PRECONDITION) a database that is not UTF8 or has fsync, full_page_writes or
 * synchronous_commit off, unless the options allow it; `error` names the setting.
 */
enum status db_check_safe(const struct db_options *options, struct db_conn *conn,
                          struct error *error) MUST_CHECK;

/* The name of the database that it is connected to; lives as long as the connection. */
const char *db_conn_database(const struct db_conn *conn);

void db_close(struct db_conn *conn); /* NULL is fine */

#endif
