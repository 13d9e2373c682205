#include "db/conn.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/conn_pg.h"
#include "db/connect_error.h"
#include "db/conninfo.h"

const struct retry db_retries = {LIMIT_DB_BACKOFF_FIRST_MS, LIMIT_DB_BACKOFF_MS};

struct db_conn {
    PGconn *pg;
    struct db_shapes shapes;
};

PGconn *
db_conn_pg(const struct db_conn *conn)
{
    return conn->pg;
}

struct db_shapes *
db_conn_shapes(struct db_conn *conn)
{
    return &conn->shapes;
}

/* Notices ("relation exists, skipping") are for people at a terminal. */
static void
drop_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* Waits until libpq can go on; false when the time is over. */
static bool
wait_socket(PGconn *pg, PostgresPollingStatusType state, int64_t deadline_us)
{
    struct pollfd fd = {.fd = PQsocket(pg),
                        .events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT};

    for (;;) {
        int64_t left_us = deadline_us - clock_us();
        int n;

        if (left_us <= 0) {
            return false;
        }
        n = poll(&fd, 1, (int)(left_us / 1000) + 1);
        if (n > 0 || (n < 0 && errno != EINTR)) {
            return true;
        }
    }
}

/*
 * Connects by hand, because libpq 15 gives no SQLSTATE of a connection that failed, but puts it
 * into the message if it is told to be verbose before the server's first answer is read.
 */
static enum status
start(PGconn *pg, enum db_failure *failure, struct error *error)
{
    int64_t deadline_us = clock_us() + (int64_t)LIMIT_DB_CONNECT_MS * 1000;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
    PQsetNoticeProcessor(pg, drop_notice, NULL);
    if (PQstatus(pg) == CONNECTION_BAD) {
        state = PGRES_POLLING_FAILED;
    }
    while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
        if (!wait_socket(pg, state, deadline_us)) {
            *failure = DB_FAILURE_UNAVAILABLE;
            return error_set(error, STATUS_UNAVAILABLE,
                             "connection to server at \"%s\", port %s failed: no answer within "
                             "%d ms",
                             PQhost(pg), PQport(pg), LIMIT_DB_CONNECT_MS);
        }
        state = PQconnectPoll(pg);
    }
    if (state == PGRES_POLLING_FAILED) {
        return db_connect_error(pg, failure, error);
    }
    PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
    return STATUS_OK;
}

enum status
db_connect(const struct db_options *options, struct db_conn **conn, enum db_failure *failure,
           struct error *error)
{
    struct db_conninfo info;
    enum status status = db_conninfo_init(&info, options, error);
    PGconn *pg;

    *failure = DB_FAILURE_NONE;
    if (status != STATUS_OK) {
        *failure = DB_FAILURE_FATAL;
        return status;
    }
    pg = PQconnectStartParams(info.keywords, info.values, 0);
    ASSERT(pg != NULL);
    db_conninfo_fini(&info);
    status = start(pg, failure, error);
    if (status != STATUS_OK) {
        PQfinish(pg);
        return status;
    }
    *conn = calloc(1, sizeof(**conn));
    ASSERT(*conn != NULL);
    (*conn)->pg = pg;
    return STATUS_OK;
}

/* `left` is negative if there is no end of them. */
static void
log_attempt(int attempt, int left, int wait_ms, const struct error *error)
{
    struct log_line line;

    log_begin(&line, error == NULL ? LOG_INFO : LOG_WARN, "database_connect");
    log_int(&line, "attempt", attempt);
    if (error == NULL) {
        log_str(&line, "message", "connected");
    } else {
        if (left >= 0) {
            log_int(&line, "retriesLeft", left);
        }
        log_int(&line, "waitMs", wait_ms);
        log_str(&line, "message", error->text);
    }
    log_end(&line);
}

static int
retries_left(int retry, int max_retry)
{
    return max_retry == DB_RETRY_FOREVER ? -1 : max_retry - retry;
}

enum status
db_connect_retry(const struct db_options *options, int max_retry, const atomic_bool *stop,
                 struct db_conn **conn, struct error *error)
{
    for (int retry = 0;; retry++) {
        bool last = retry >= max_retry;
        enum db_failure failure;
        enum status status = db_connect(options, conn, &failure, error);
        int wait_ms;

        if (status == STATUS_OK) {
            log_attempt(retry + 1, 0, 0, NULL);
            return STATUS_OK;
        }
        last = last || failure == DB_FAILURE_FATAL;
        wait_ms = last ? 0 : retry_wait_ms(&db_retries, retry, randombytes_random());
        log_attempt(retry + 1, last ? 0 : retries_left(retry, max_retry), wait_ms, error);
        if (last) {
            return status;
        }
        if (!retry_sleep(wait_ms, stop)) {
            return error_set(error, STATUS_CANCELLED, "stopped while waiting for the database");
        }
    }
}

/* One setting as text; UNAVAILABLE if the server did not answer. */
static enum status
check_setting(struct db_conn *conn, const char *name, const char *refused, const char *wanted,
              struct error *error)
{
    char sql[64];
    enum status status = STATUS_OK;
    PGresult *result;

    snprintf(sql, sizeof(sql), "SHOW %s", name);
    result = PQexec(conn->pg, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        status = error_set(error, STATUS_UNAVAILABLE, "the database did not tell its %s", name);
    } else {
        const char *value = PQgetvalue(result, 0, 0);

        if (refused != NULL ? strcmp(value, refused) == 0 : strcmp(value, wanted) != 0) {
            status = error_set(error, STATUS_FAILED_PRECONDITION,
                               "the database has %s = %s, it must be %s "
                               "(ALLOW_UNSAFE_DB=1 accepts it)",
                               name, value, wanted);
        }
    }
    PQclear(result);
    return status;
}

enum status
db_check_safe(const struct db_options *options, struct db_conn *conn, struct error *error)
{
    static const struct {
        const char *name;
        const char *refused; /* NULL: all but the wanted value */
        const char *wanted;
    } settings[] = {
        {"server_encoding", NULL, "UTF8"},
        {"fsync", NULL, "on"},
        {"full_page_writes", NULL, "on"},
        {"synchronous_commit", "off", "on"}, /* local and remote_* flush before they answer, too */
    };

    if (options->allow_unsafe) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        enum status status =
            check_setting(conn, settings[i].name, settings[i].refused, settings[i].wanted, error);

        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

const char *
db_conn_database(const struct db_conn *conn)
{
    return PQdb(conn->pg);
}

void
db_close(struct db_conn *conn)
{
    if (conn != NULL) {
        PQfinish(conn->pg);
        free(conn);
    }
}
