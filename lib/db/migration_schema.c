#include "db/migration_schema.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "db/migration_script.h"

enum status
migration_schema_adopts(struct migrations *self, bool *adopts)
{
    PGconn *pg = self->place.pg;
    PGresult *result;
    const char *sqlstate;
    enum status status = STATUS_OK;

    *adopts = false;
    if (self->place.has_table || migrations_own(self)->files.adopt == NULL) {
        return STATUS_OK;
    }
    result = PQexecParams(pg, "SELECT FROM public.depot_migration WHERE service = $1 LIMIT 1", 1,
                          NULL, &self->service, NULL, NULL, 0);
    sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        *adopts = PQntuples(result) > 0;
    } else if (sqlstate == NULL || strcmp(sqlstate, "42P01") != 0) { /* undefined_table */
        status = migration_failed(pg, result, "public.depot_migration", self->error);
    }
    PQclear(result);
    return status;
}

static void
log_adoption(const struct migrations *self)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, "schema_adopted");
    log_str(&line, "service", self->service);
    log_str(&line, "message", "its tables were moved from public to a schema of its own");
    log_end(&line);
}

/* CREATE SCHEMA wants a right to the database even where there is nothing to create. */
static enum status
create(struct migrations *self)
{
    return self->place.exists ? STATUS_OK
                              : migration_run(self->place.pg,
                                              arena_printf(&self->arena, "CREATE SCHEMA \"%s\"",
                                                           self->place.schema),
                                              self->error);
}

static enum status
adopt(struct migrations *self)
{
    const char *file = arena_printf(&self->arena, "%s/" MIGRATION_ADOPT, self->service);

    return migration_script_run(&self->place, file, migrations_own(self)->files.adopt, self->stop,
                                self->error);
}

/* Another process may have been faster. */
static enum status
make(struct migrations *self, struct migration_part *part)
{
    bool adopts = false;
    enum status status =
        migration_place_find(self->place.pg, self->service, &self->place, self->error);

    (void)part;
    if (status == STATUS_OK) {
        status = migration_schema_adopts(self, &adopts);
    }
    if (status != STATUS_OK || self->place.has_table) {
        return status;
    }
    status = migration_script_begin(&self->place, self->error);
    if (status == STATUS_OK) {
        status = create(self);
    }
    if (status == STATUS_OK && adopts) {
        status = adopt(self);
    }
    if (status == STATUS_OK) {
        status = migration_table_make(&self->place, self->error);
    }
    status = migration_script_end(&self->place, "CREATE SCHEMA", status, self->error);
    if (status == STATUS_OK && adopts) {
        log_adoption(self);
    }
    return status;
}

enum status
migration_schema_make(struct migrations *self)
{
    enum status status;

    if (self->place.has_table) {
        return STATUS_OK;
    }
    status = migrations_locked(self, make, NULL);
    return status == STATUS_OK ? migrations_read_rows(self) : status;
}

/* Nobody else's tables are where ours were; those of extensions stay with them. */
static const char drop_old[] =
    "DO $$ DECLARE commands text; BEGIN"
    " IF to_regclass('public.depot_migration') IS NULL THEN RETURN; END IF;"
    " SELECT string_agg(format('DROP %s IF EXISTS %s CASCADE', kind, name), '; ') INTO commands"
    " FROM (SELECT 'pg_class'::regclass, oid, CASE relkind WHEN 'v' THEN 'VIEW'"
    "         WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,"
    "         oid::regclass::text"
    "     FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    "         AND relkind IN ('r', 'p', 'v', 'm', 'S')"
    "     UNION ALL SELECT 'pg_proc'::regclass, oid, 'ROUTINE', oid::regprocedure::text"
    "     FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS thing (class, id, kind, "
    "name)"
    " WHERE NOT EXISTS (SELECT FROM pg_depend"
    "     WHERE classid = thing.class AND objid = thing.id AND deptype IN ('e', 'i'));"
    " EXECUTE commands; END $$";

enum status
migration_schemas_drop(const struct migration_place *place, const char *const *schemas,
                       size_t n_schemas, struct error *error)
{
    enum status status = migration_script_begin(place, error);

    for (size_t i = 0; i < n_schemas && status == STATUS_OK; i++) {
        char sql[128];

        snprintf(sql, sizeof(sql), "DROP SCHEMA IF EXISTS \"%s\" CASCADE", schemas[i]);
        status = migration_run(place->pg, sql, error);
    }
    if (status == STATUS_OK) {
        status = migration_run(place->pg, drop_old, error);
    }
    return migration_script_end(place, "DROP SCHEMA", status, error);
}
