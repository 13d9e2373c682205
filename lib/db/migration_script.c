#include "db/migration_script.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "db/migration_table.h"
#include "db/sql_split.h"

enum {
    PLACE_BYTES = 320, /* a file's name and a line */
    STOP_POLL_MS = 100,
};

/* A change may take its time, but not go on, with the lock, after its process was killed. */
enum status
migration_script_begin(const struct migration_place *place, struct error *error)
{
    return migration_run(place->pg,
                         "BEGIN; SET LOCAL statement_timeout = 0;"
                         " SET LOCAL client_connection_check_interval = '1s'",
                         error);
}

/* PostgreSQL counts characters from 1. */
static int
line_at(const struct sql_statement *statement, const char *position)
{
    long left = position == NULL ? 0 : strtol(position, NULL, 10) - 1;
    int line = statement->line;

    for (size_t i = 0; i < statement->length_bytes && left > 0; i++) {
        left -= ((unsigned char)statement->text[i] & 0xc0) != 0x80;
        line += statement->text[i] == '\n';
    }
    return line;
}

static enum status
check_result(PGconn *pg, const PGresult *result, const char *file,
             const struct sql_statement *statement, struct error *error)
{
    char place[PLACE_BYTES];

    snprintf(place, sizeof(place), "%s:%d", file,
             line_at(statement, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)));
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
        return error_set(error, STATUS_FAILED_PRECONDITION,
                         "%s: a migration cannot COPY from STDIN or to STDOUT", place);
    default:
        return migration_failed(pg, result, place, error);
    }
    if (PQtransactionStatus(pg) != PQTRANS_INTRANS) {
        return error_set(error, STATUS_FAILED_PRECONDITION,
                         "%s: the statement ended the migration's transaction", place);
    }
    return STATUS_OK;
}

static bool
is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

static void
cancel(PGconn *pg)
{
    PGcancel *request = PQgetCancel(pg);
    char why[256];

    if (request != NULL) {
        (void)PQcancel(request, why, sizeof(why)); /* asked again if it was in vain */
        PQfreeCancel(request);
    }
}

/* Waits for the statement's end; from `*stop` on it is asked to come to it. */
static void
wait_for_end(PGconn *pg, const atomic_bool *stop)
{
    while (PQisBusy(pg)) {
        struct pollfd readable = {.fd = PQsocket(pg), .events = POLLIN};
        int n = poll(&readable, 1, STOP_POLL_MS);

        if (migration_stopped(stop)) {
            cancel(pg);
        }
        if (n > 0 && !PQconsumeInput(pg)) {
            return;
        }
    }
}

/* As PQexecParams; it may be stopped. */
static PGresult *
execute(PGconn *pg, const char *sql, const atomic_bool *stop)
{
    PGresult *result, *next;

    if (!PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0)) {
        return NULL;
    }
    wait_for_end(pg, stop);
    result = PQgetResult(pg);
    while (!is_copy(result) && (next = PQgetResult(pg)) != NULL) {
        PQclear(result);
        result = next;
    }
    return result;
}

/* NUL-terminated, for the caller to free. */
static char *
sql_of(const struct sql_statement *statement)
{
    const char *place = sql_lacks_schema_of_extension(statement) ? "\nSCHEMA public" : "";
    char *sql = NULL;
    int length = asprintf(&sql, "%.*s%s", (int)statement->length_bytes, statement->text, place);

    ASSERT(length >= 0);
    return sql;
}

/* An extended query takes one statement only: if ours were two, PostgreSQL would say so. */
static enum status
run_statement(PGconn *pg, const char *file, const struct sql_statement *statement,
              const atomic_bool *stop, struct error *error)
{
    char *sql = sql_of(statement);
    PGresult *result;
    enum status status;

    result = execute(pg, sql, stop);
    status = check_result(pg, result, file, statement, error);
    PQclear(result);
    free(sql);
    return status;
}

enum status
migration_script_run(const struct migration_place *place, const char *file, const char *text,
                     const atomic_bool *stop, struct error *error)
{
    struct sql_script script = {text, 1};
    struct sql_statement statement;
    enum status status;

    while (sql_next(&script, &statement)) {
        status = run_statement(place->pg, file, &statement, stop, error);

        if (migration_stopped(stop)) {
            return error_set(error, STATUS_CANCELLED, "stopped in the middle of %s: it is undone",
                             file);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    /* A dump sets search_path to nothing; another file becomes another role. */
    status = migration_run(place->pg, "RESET SESSION AUTHORIZATION; RESET ALL", error);
    return status == STATUS_OK ? migration_place_enter(place, error) : status;
}

/* A failed COMMIT rolls back: a deferred constraint is checked only there. */
enum status
migration_script_end(const struct migration_place *place, const char *file, enum status status,
                     struct error *error)
{
    PGresult *result;

    if (status != STATUS_OK) {
        PQclear(PQexec(place->pg, "ROLLBACK"));
        return status;
    }
    result = PQexec(place->pg, "COMMIT");
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        status = migration_failed(place->pg, result, file, error);
    }
    PQclear(result);
    return status;
}
