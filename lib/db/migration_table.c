#include "db/migration_table.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "db/conn.h"

/* One lock for all services of a database: they may make the table at the same moment. The key
 * spells "depot". */
#define LOCK_KEY "431198596980"

enum {
    LOCK_POLL_MS = 100,
    SQL_BYTES = 512, /* for each statement with a schema's name */
};

bool
migration_stopped(const atomic_bool *stop)
{
    return stop != NULL && atomic_load(stop);
}

enum status
migration_failed(PGconn *pg, const PGresult *result, const char *place, struct error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

    if (PQstatus(pg) == CONNECTION_BAD || sqlstate == NULL || message == NULL) {
        return error_set(error, STATUS_UNAVAILABLE, "%s: the connection to the database was lost",
                         place);
    }
    (void)error_set(error, STATUS_OK, "%s: %s%s%s (%s)", place, message, detail == NULL ? "" : "; ",
                    detail == NULL ? "" : detail, sqlstate);
    for (char *at = error->text; (at = strchr(at, '\n')) != NULL;) {
        *at = ' ';
    }
    return db_failure_of(sqlstate) == DB_FAILURE_UNAVAILABLE ? STATUS_UNAVAILABLE
                                                             : STATUS_FAILED_PRECONDITION;
}

/* Takes the result; `place` names it in an error. */
static enum status
finish(PGconn *pg, PGresult *result, const char *place, struct error *error)
{
    enum status status = STATUS_OK;

    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        status = migration_failed(pg, result, place, error);
    }
    PQclear(result);
    return status;
}

enum status
migration_run(PGconn *pg, const char *sql, struct error *error)
{
    return finish(pg, PQexec(pg, sql), "migrations", error);
}

enum status
migration_table_make(const struct migration_place *place, struct error *error)
{
    char sql[SQL_BYTES];

    snprintf(sql, sizeof(sql),
             "CREATE TABLE IF NOT EXISTS \"%s\".depot_migration ("
             " service text NOT NULL,"
             " version int NOT NULL CHECK (version > 0),"
             " name text NOT NULL,"
             " sha256 text NOT NULL,"
             " applied_at timestamptz NOT NULL DEFAULT now(),"
             " PRIMARY KEY (service, version))",
             place->schema);
    return migration_run(place->pg, sql, error);
}

static void
copy_rows(const PGresult *result, struct arena *arena, struct migration_rows *rows)
{
    rows->n = PQntuples(result);
    rows->rows = arena_zalloc(arena, (size_t)rows->n * sizeof(*rows->rows));
    for (int i = 0; i < rows->n; i++) {
        rows->rows[i] = (struct migration_row){
            .version = atoi(PQgetvalue(result, i, 0)),
            .name = arena_strdup(arena, PQgetvalue(result, i, 1)),
            .sha256 = arena_strdup(arena, PQgetvalue(result, i, 2)),
            .applied_at = arena_strdup(arena, PQgetvalue(result, i, 3)),
        };
    }
}

enum status
migration_rows_read(const struct migration_place *place, struct arena *arena, const char *part,
                    struct migration_rows *rows, struct error *error)
{
    char sql[SQL_BYTES];
    PGresult *result;
    const char *sqlstate;
    enum status status = STATUS_OK;

    snprintf(sql, sizeof(sql),
             "SELECT version, name, sha256,"
             " to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"')"
             " FROM \"%s\".depot_migration WHERE service = $1 ORDER BY version",
             place->schema);
    result = PQexecParams(place->pg, sql, 1, NULL, &part, NULL, NULL, 0);
    sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    *rows = (struct migration_rows){0};
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        copy_rows(result, arena, rows);
    } else if (sqlstate == NULL || strcmp(sqlstate, "42P01") != 0) { /* undefined_table */
        rows->hidden = sqlstate != NULL && strcmp(sqlstate, "42501") == 0;
        status = migration_failed(place->pg, result, "depot_migration", error);
    }
    PQclear(result);
    return status;
}

enum status
migration_row_add(const struct migration_place *place, const char *part,
                  const struct migration *migration, struct error *error)
{
    char sql[SQL_BYTES], version[16];
    const char *values[] = {part, version, migration->name, migration->sha256};

    snprintf(version, sizeof(version), "%d", migration->version);
    snprintf(sql, sizeof(sql),
             "INSERT INTO \"%s\".depot_migration (service, version, name, sha256)"
             " VALUES ($1, $2, $3, $4)",
             place->schema);
    return finish(place->pg, PQexecParams(place->pg, sql, 4, NULL, values, NULL, NULL, 0),
                  "depot_migration", error);
}

enum status
migration_row_remove(const struct migration_place *place, const char *part, int version,
                     struct error *error)
{
    char sql[SQL_BYTES], number[16];
    const char *values[] = {part, number};

    snprintf(number, sizeof(number), "%d", version);
    snprintf(sql, sizeof(sql),
             "DELETE FROM \"%s\".depot_migration WHERE service = $1 AND version = $2",
             place->schema);
    return finish(place->pg, PQexecParams(place->pg, sql, 2, NULL, values, NULL, NULL, 0),
                  "depot_migration", error);
}

static enum status
try_lock(PGconn *pg, bool *locked, struct error *error)
{
    PGresult *result = PQexec(pg, "SELECT pg_try_advisory_lock(" LOCK_KEY ")");
    enum status status = STATUS_OK;

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        status = migration_failed(pg, result, "migrations", error);
    } else {
        *locked = PQgetvalue(result, 0, 0)[0] == 't';
    }
    PQclear(result);
    return status;
}

enum status
migration_lock(PGconn *pg, const atomic_bool *stop, struct error *error)
{
    int64_t end_us = clock_us() + (int64_t)LIMIT_MIGRATION_LOCK_MS * 1000;
    bool locked = false;

    for (;;) {
        enum status status = try_lock(pg, &locked, error);
        struct timespec nap = {.tv_nsec = 1000000L * (1 + randombytes_uniform(2 * LOCK_POLL_MS))};

        if (status != STATUS_OK || locked) {
            return status;
        }
        if (migration_stopped(stop)) {
            return error_set(error, STATUS_CANCELLED,
                             "stopped while another process held the lock of the migrations");
        }
        if (clock_us() > end_us) {
            return error_set(error, STATUS_UNAVAILABLE,
                             "migrations: another process has held their lock for %d s",
                             LIMIT_MIGRATION_LOCK_MS / 1000);
        }
        nanosleep(&nap, NULL);
    }
}

void
migration_unlock(PGconn *pg)
{
    PQclear(PQexec(pg, "SELECT pg_advisory_unlock(" LOCK_KEY ")"));
}
