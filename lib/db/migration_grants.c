#include "db/migration_grants.h"

#include <string.h>

#include "db/migration_script.h"

/* Whether there is somebody to grant something to. */
static enum status
find_role(struct migrations *self, bool *found)
{
    const char *name = arena_printf(&self->arena, "depot_%s", self->service);
    PGresult *result;
    enum status status = STATUS_OK;

    *found = false;
    if (!self->place.as_owner) {
        return STATUS_OK;
    }
    result = PQexecParams(self->place.pg, "SELECT FROM pg_roles WHERE rolname = $1", 1, NULL, &name,
                          NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        status = migration_failed(self->place.pg, result, MIGRATION_GRANTS, self->error);
    } else {
        *found = PQntuples(result) > 0;
    }
    PQclear(result);
    return status;
}

/* `text` with a name for each `variable`. Lines stay where they are. */
static const char *
put_name(struct migrations *self, const char *text, const char *variable, const char *prefix)
{
    const char *at;
    const char *named = "";

    while ((at = strstr(text, variable)) != NULL) {
        named = arena_printf(&self->arena, "%s%.*s\"%s%s\"", named, (int)(at - text), text, prefix,
                             self->service);
        text = at + strlen(variable);
    }
    return arena_printf(&self->arena, "%s%s", named, text);
}

/* As psql does with -v role=depot_<service> -v schema=<service>. */
static const char *
put_names(struct migrations *self, const char *text)
{
    text = put_name(self, text, ":\"role\"", "depot_");
    return put_name(self, text, ":\"schema\"", "");
}

static enum status
run(struct migrations *self, const struct migration_part *part)
{
    const char *file = arena_printf(&self->arena, "%s/" MIGRATION_GRANTS, part->name);

    return part->files.grants == NULL
               ? STATUS_OK
               : migration_script_run(&self->place, file, put_names(self, part->files.grants),
                                      self->stop, self->error);
}

enum status
migration_grants_add(struct migrations *self, const struct migration_part *part)
{
    bool found;
    enum status status = find_role(self, &found);

    return status == STATUS_OK && found ? run(self, part) : status;
}

static enum status
revoke(struct migrations *self)
{
    const char *sql =
        arena_printf(&self->arena,
                     "REVOKE ALL ON ALL TABLES IN SCHEMA \"%1$s\" FROM \"depot_%1$s\";"
                     "REVOKE ALL ON ALL SEQUENCES IN SCHEMA \"%1$s\" FROM \"depot_%1$s\";"
                     "REVOKE ALL ON ALL ROUTINES IN SCHEMA \"%1$s\" FROM \"depot_%1$s\"",
                     self->service);

    return migration_run(self->place.pg, sql, self->error);
}

enum status
migration_grants_renew(struct migrations *self)
{
    bool found;
    enum status status = find_role(self, &found);

    if (status != STATUS_OK || !found) {
        return status;
    }
    status = migration_script_begin(&self->place, self->error);
    if (status == STATUS_OK) {
        status = revoke(self);
    }
    for (int i = 0; i < self->n_parts && status == STATUS_OK; i++) {
        status = run(self, &self->parts[i]);
    }
    return migration_script_end(&self->place, MIGRATION_GRANTS, status, self->error);
}
