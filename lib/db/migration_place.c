#include "db/migration_place.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "db/migration_table.h"

static bool
is_true(const PGresult *result, int column)
{
    return PQgetvalue(result, 0, column)[0] == 't';
}

enum status
migration_place_find(PGconn *pg, const char *schema, struct migration_place *place,
                     struct error *error)
{
    /* The catalogs are open to all; functions that take a name want a right to look it up. */
    static const char sql[] =
        "SELECT coalesce(pg_has_role(session_user, owner.oid, 'MEMBER') AND"
        "   has_database_privilege(owner.oid, current_database()::text, 'CREATE'), false),"
        " CASE WHEN own.oid IS NULL"
        "   THEN has_database_privilege(current_database()::text, 'CREATE')"
        "   ELSE has_schema_privilege(own.oid, 'CREATE') END,"
        " own.oid IS NOT NULL,"
        " EXISTS (SELECT FROM pg_class"
        "   WHERE relnamespace = own.oid AND relname = 'depot_migration')"
        " FROM (SELECT $1::name AS schema) AS wanted"
        " LEFT JOIN pg_roles AS owner ON owner.rolname = 'depot_owner'"
        " LEFT JOIN pg_namespace AS own ON own.nspname = wanted.schema";
    PGresult *result = PQexecParams(pg, sql, 1, NULL, &schema, NULL, NULL, 0);
    enum status status = STATUS_OK;

    ASSERT(schema[strspn(schema, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0');
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        status = migration_failed(pg, result, "migrations", error);
    } else {
        *place = (struct migration_place){
            .pg = pg,
            .schema = schema,
            .as_owner = is_true(result, 0),
            .may = is_true(result, 0) || is_true(result, 1),
            .exists = is_true(result, 2),
            .has_table = is_true(result, 3),
        };
    }
    PQclear(result);
    return status;
}

enum status
migration_place_enter(const struct migration_place *place, struct error *error)
{
    char sql[192];

    snprintf(sql, sizeof(sql), "%sSET search_path = \"%s\", public",
             place->as_owner ? "SET ROLE depot_owner; " : "", place->schema);
    return migration_run(place->pg, sql, error);
}

void
migration_place_leave(const struct migration_place *place)
{
    PQclear(PQexec(place->pg, "RESET ROLE; RESET search_path"));
}
