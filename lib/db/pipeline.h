/*
 * Statements sent together on one connection: one batch is one pipeline, and what lies between two
 * Syncs is one transaction.
 *
 *     db_pipeline_begin(&pipeline, conn);
 *     first = db_pipeline_query(&pipeline, params);
 *     ...
 *     if (db_pipeline_sync(&pipeline, until_us)) {
 *         rows = db_pipeline_rows(...);
 *
 * Nothing leaves before a flush or a sync, save what libpq's buffer cannot hold; results are read
 * while statements are still being sent, so that neither side waits for the other's buffer.
 */
#ifndef DEPOT_DB_PIPELINE_H
#define DEPOT_DB_PIPELINE_H

#include <stdint.h>

#include "db/conn.h"
#include "db/params.h"
#include "db/rows.h"

/* In place of a statement's number: no statement failed, but the transaction as a whole. */
#define DB_AT_COMMIT SIZE_MAX

/* Why a pipeline failed. Whatever the kind, nothing of it was committed unless `unknown`. */
struct db_problem {
    enum db_failure failure;
    size_t statement; /* as the functions below number them, or DB_AT_COMMIT */
    bool lost;        /* the connection is of no more use: close it */
    bool unknown;     /* the Sync may have arrived and its answer did not: perhaps committed */
    char sqlstate[6]; /* "" if the server did not say */
    char text[256];   /* for the log, never for clients */
};

/* Caller's storage. One thread at a time. */
struct db_pipeline {
    struct db_conn *conn;
    struct pg_result **results; /* one per statement, as far as they have come */
    size_t n_sent, n_done, size;
    bool synced; /* a Sync has left for which no answer has come */
    struct db_problem problem;
};

void db_pipeline_init(struct db_pipeline *self);
void db_pipeline_fini(struct db_pipeline *self);

/*
 * Whether an idle connection is still there, as far as this side can know without asking: a server
 * that went away has closed it.
 */
bool db_pipeline_alive(struct db_conn *conn);

/* The connection's socket: readable while idle when the server went away, or sent a notice. */
int db_pipeline_fd(const struct db_conn *conn);

/* Drops the results of the one before and begins anew on a connection that is at rest. */
void db_pipeline_begin(struct db_pipeline *self, struct db_conn *conn);

/*
 * Adds all statements of a query with the values of its parameters; all have been set. Returns the
 * number of the first; the preparation of a shape that the connection does not have yet comes
 * before it.
 */
size_t db_pipeline_query(struct db_pipeline *self, const struct db_params *params);

/* Adds one prepared statement with values in PostgreSQL's binary format. Returns its number. */
size_t db_pipeline_binary(struct db_pipeline *self, const char *name, const struct db_bytes *values,
                          size_t n_values);

/* Adds the preparation of a statement under its name. Returns its number. */
size_t db_pipeline_prepare(struct db_pipeline *self, const struct db_statement *statement);

/* Adds a constant statement without parameters. Returns its number. */
size_t db_pipeline_text(struct db_pipeline *self, const char *sql);

/* Adds a statement that undoes everything since the last Sync. */
void db_pipeline_rollback(struct db_pipeline *self);

/*
 * Sends what was added and waits, at most until `until_us`, for all its results, without ending
 * the transaction. After false the transaction was undone, the pipeline is at rest and `problem`
 * says why; no results are to be had.
 */
bool db_pipeline_flush(struct db_pipeline *self, int64_t until_us) MUST_CHECK;

/* As db_pipeline_flush, with a Sync at the end: true says that it was committed. */
bool db_pipeline_sync(struct db_pipeline *self, int64_t until_us) MUST_CHECK;

/*
 * The results of `n` statements from number `first` on, which have come; they live until the next
 * begin. Texts go into `arena`; `*exhausted` is set when its cap was reached.
 */
struct db_rows db_pipeline_rows(const struct db_pipeline *self, size_t first, size_t n,
                                struct arena *arena, bool *exhausted);

#endif
