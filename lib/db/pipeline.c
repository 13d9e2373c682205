#include "db/pipeline.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "db/conn_pg.h"

enum { BINARY = 1, VALUES_MAX = 256, FIRST_RESULTS = 64 };

void
db_pipeline_init(struct db_pipeline *self)
{
    *self = (struct db_pipeline){0};
}

static void
drop_results(struct db_pipeline *self)
{
    for (size_t i = 0; i < self->n_sent; i++) {
        PQclear(self->results[i]);
    }
    self->n_sent = 0;
    self->n_done = 0;
}

void
db_pipeline_fini(struct db_pipeline *self)
{
    drop_results(self);
    free(self->results);
    *self = (struct db_pipeline){0};
}

void
db_pipeline_begin(struct db_pipeline *self, struct db_conn *conn)
{
    PGconn *pg = db_conn_pg(conn);

    drop_results(self);
    self->conn = conn;
    self->synced = false;
    self->problem = (struct db_problem){0};
    if (PQpipelineStatus(pg) == PQ_PIPELINE_OFF && PQsetnonblocking(pg, 1) == 0) {
        ASSERT(PQenterPipelineMode(pg) == 1);
    }
}

static size_t
new_statement(struct db_pipeline *self)
{
    if (self->n_sent == self->size) {
        self->size = self->size == 0 ? FIRST_RESULTS : 2 * self->size;
        self->results = realloc(self->results, self->size * sizeof(self->results[0]));
        ASSERT(self->results != NULL);
    }
    self->results[self->n_sent] = NULL;
    return self->n_sent++;
}

/* libpq takes no statement only when the connection is lost, which the next flush finds, too. */
static size_t
send_statement(struct db_pipeline *self, const char *name, int n, const char *const *values,
               const int *lengths, const int *formats)
{
    size_t statement = new_statement(self);

    if (PQsendQueryPrepared(db_conn_pg(self->conn), name, n, values, lengths, formats, BINARY) ==
        0) {
        self->problem.lost = true;
    }
    return statement;
}

static void
send_shape(struct db_pipeline *self, const char *name, const struct db_params *params)
{
    const struct db_shape *shape = params->shape;
    const char *values[VALUES_MAX];

    for (size_t i = 0; i < shape->n_values; i++) {
        int16_t param = shape->params[i];

        ASSERT(param < 0 || params->set[param]);
        values[i] = param < 0 ? shape->values[i] : params->values[param];
    }
    send_statement(self, name, (int)shape->n_values, values, NULL, NULL);
}

size_t
db_pipeline_query(struct db_pipeline *self, const struct db_params *params)
{
    const struct db_query *query = params->query;
    const char *shaped = NULL;
    size_t first;

    ASSERT(!params->exhausted);
    if (params->shape != NULL) {
        shaped = db_shapes_name(db_conn_shapes(self->conn), self, params->shape);
    }
    first = self->n_sent;
    for (size_t i = 0; i < query->n_statements; i++) {
        const struct db_statement *statement = &query->statements[i];
        const char *values[VALUES_MAX];

        if (shaped != NULL && i == params->shape->list->statement) {
            send_shape(self, shaped, params);
            continue;
        }

        ASSERT(statement->n_params <= VALUES_MAX);
        for (size_t j = 0; j < statement->n_params; j++) {
            ASSERT(params->set[statement->params[j]]);
            values[j] = params->values[statement->params[j]];
        }
        send_statement(self, statement->name, (int)statement->n_params, values, NULL, NULL);
    }
    return first;
}

size_t
db_pipeline_binary(struct db_pipeline *self, const char *name, const struct db_bytes *values,
                   size_t n_values)
{
    const char *data[VALUES_MAX];
    int lengths[VALUES_MAX], formats[VALUES_MAX];

    ASSERT(n_values <= VALUES_MAX);
    for (size_t i = 0; i < n_values; i++) {
        data[i] = values[i].data;
        lengths[i] = (int)values[i].bytes;
        formats[i] = BINARY;
    }
    return send_statement(self, name, (int)n_values, data, lengths, formats);
}

size_t
db_pipeline_prepare(struct db_pipeline *self, const struct db_statement *statement)
{
    size_t number = new_statement(self);

    if (PQsendPrepare(db_conn_pg(self->conn), statement->name, statement->sql, 0, NULL) == 0) {
        self->problem.lost = true;
    }
    return number;
}

size_t
db_pipeline_text(struct db_pipeline *self, const char *sql)
{
    size_t number = new_statement(self);

    if (PQsendQueryParams(db_conn_pg(self->conn), sql, 0, NULL, NULL, NULL, NULL, BINARY) == 0) {
        self->problem.lost = true;
    }
    return number;
}

void
db_pipeline_rollback(struct db_pipeline *self)
{
    db_pipeline_text(self, "ROLLBACK");
}

/* The first failure counts; those that follow are its echo. */
static bool
is_failed(const struct db_pipeline *self)
{
    return self->problem.failure != DB_FAILURE_NONE;
}

static void
fail_lost(struct db_pipeline *self, enum db_failure failure, const char *text)
{
    struct db_problem *problem = &self->problem;

    problem->lost = true;
    if (is_failed(self)) {
        return; /* an error came first: the transaction was undone, whatever happened then */
    }
    problem->failure = failure;
    problem->statement = self->n_done < self->n_sent ? self->n_done : DB_AT_COMMIT;
    problem->unknown = self->synced;
    snprintf(problem->text, sizeof(problem->text), "%s", text);
}

/* Statements that another process's migration has made useless are prepared anew by reconnecting.
 */
static bool
is_stale_plan(const char *sqlstate)
{
    return strcmp(sqlstate, "0A000") == 0 || strcmp(sqlstate, "26000") == 0;
}

static const char *
field_of(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);

    return text == NULL ? "" : text;
}

/*
 * An error. One that ends the session (FATAL) may come after the commit; but one that comes in
 * place of a statement's result shows that the Sync was not reached.
 */
static void
fail_result(struct db_pipeline *self, const PGresult *result)
{
    struct db_problem *problem = &self->problem;
    const char *severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *sqlstate = field_of(result, PG_DIAG_SQLSTATE);
    bool last_words = strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;

    if (sqlstate[0] == '\0') {
        fail_lost(self, DB_FAILURE_UNAVAILABLE, "the connection was lost");
        return;
    }
    problem->lost = problem->lost || last_words;
    if (is_failed(self)) {
        return;
    }
    problem->failure = last_words ? DB_FAILURE_UNAVAILABLE : db_failure_of(sqlstate);
    if (problem->failure == DB_FAILURE_FATAL || problem->failure == DB_FAILURE_NONE) {
        problem->failure = DB_FAILURE_BUG;
    }
    if (is_stale_plan(sqlstate)) {
        problem->failure = DB_FAILURE_RETRY;
        problem->lost = true;
    }
    problem->statement = self->n_done < self->n_sent ? self->n_done : DB_AT_COMMIT;
    problem->unknown = last_words && self->synced && problem->statement == DB_AT_COMMIT;
    snprintf(problem->sqlstate, sizeof(problem->sqlstate), "%s", sqlstate);
    snprintf(problem->text, sizeof(problem->text), "%s", field_of(result, PG_DIAG_MESSAGE_PRIMARY));
}

/* One result; NULL ends those of a statement. */
static void
take_result(struct db_pipeline *self, PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        ASSERT(self->n_done < self->n_sent && self->results[self->n_done] == NULL);
        self->results[self->n_done] = result;
        return;
    case PGRES_PIPELINE_SYNC:
        self->synced = false;
        break;
    case PGRES_PIPELINE_ABORTED:
        break;
    default:
        fail_result(self, result);
        break;
    }
    PQclear(result);
}

static bool
is_complete(const struct db_pipeline *self)
{
    return self->n_done == self->n_sent && !self->synced;
}

/* Everything that can be had without waiting. */
static void
take_results(struct db_pipeline *self, PGconn *pg)
{
    bool silent = false; /* an error of the commit itself is followed by one NULL, too */

    while (!is_complete(self) && !self->problem.lost && !silent && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);

        if (result != NULL) {
            take_result(self, result);
        } else if (self->n_done < self->n_sent) {
            self->n_done++;
        } else {
            silent = PQstatus(pg) == CONNECTION_BAD;
        }
    }
}

/* Waits for the socket; false when the time is over. */
static bool
wait_socket(PGconn *pg, bool to_write, int64_t until_us)
{
    struct pollfd fd = {.fd = PQsocket(pg),
                        .events = (short)(to_write ? POLLIN | POLLOUT : POLLIN)};
    int64_t left_us = until_us - clock_us();
    int n;

    if (left_us <= 0) {
        return false;
    }
    n = poll(&fd, 1, left_us >= INT64_C(1000) * INT32_MAX ? -1 : (int)(left_us / 1000) + 1);
    return n != 0;
}

/* Sends and reads until everything that was asked has been answered or the connection is lost. */
static void
run(struct db_pipeline *self, int64_t until_us)
{
    PGconn *pg = db_conn_pg(self->conn);

    while (!self->problem.lost) {
        int unsent = PQflush(pg);

        take_results(self, pg);
        if (is_complete(self) || self->problem.lost) {
            return;
        }
        if (unsent < 0 || PQstatus(pg) == CONNECTION_BAD) {
            fail_lost(self, DB_FAILURE_UNAVAILABLE, "the connection was lost");
        } else if (!wait_socket(pg, unsent > 0, until_us)) {
            fail_lost(self, DB_FAILURE_TIMEOUT, "the database does not answer");
        } else {
            /* What it has to say about a failure is found by take_results. */
            (void)PQconsumeInput(pg);
        }
    }
    if (!is_failed(self)) {
        fail_lost(self, DB_FAILURE_UNAVAILABLE, "the connection was lost");
    }
}

static void
send_sync(struct db_pipeline *self)
{
    self->synced = true;
    if (PQpipelineSync(db_conn_pg(self->conn)) == 0) {
        self->problem.lost = true;
    }
}

bool
db_pipeline_flush(struct db_pipeline *self, int64_t until_us)
{
    if (!self->problem.lost && PQsendFlushRequest(db_conn_pg(self->conn)) == 0) {
        self->problem.lost = true;
    }
    run(self, until_us);
    if (is_failed(self) && !self->problem.lost) {
        send_sync(self);
        run(self, until_us);
    }
    db_shapes_settle(db_conn_shapes(self->conn), self);
    return !is_failed(self);
}

bool
db_pipeline_sync(struct db_pipeline *self, int64_t until_us)
{
    if (!self->problem.lost) {
        send_sync(self);
    }
    run(self, until_us);
    db_shapes_settle(db_conn_shapes(self->conn), self);
    return !is_failed(self);
}

struct db_rows
db_pipeline_rows(const struct db_pipeline *self, size_t first, size_t n, struct arena *arena,
                 bool *exhausted)
{
    ASSERT(first + n <= self->n_done && self->problem.failure == DB_FAILURE_NONE);
    return (struct db_rows){
        .arena = arena,
        .results = self->results + first,
        .n_results = n,
        .exhausted = exhausted,
    };
}
