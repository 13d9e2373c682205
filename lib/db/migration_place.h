/*
 * Where a service's migrations go, and as whom: the schema that is named after the service, looked
 * in before `public`; and as the role depot_owner, if the database is run with roles
 * (deploy/roles.sql), so that whoever migrates, one role owns everything.
 */
#ifndef DEPOT_DB_MIGRATION_PLACE_H
#define DEPOT_DB_MIGRATION_PLACE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/status.h"

struct migration_place {
    PGconn *pg;
    const char *schema;
    bool as_owner;  /* depot_owner may create in this database, and the session may become it */
    bool may;       /* the session may make what migrations make there */
    bool exists;    /* the schema */
    bool has_table; /* with a depot_migration in it */
};

/* Looks how things stand; changes nothing. `schema` is lower-case letters, digits and '_'. */
enum status migration_place_find(PGconn *pg, const char *schema, struct migration_place *place,
                                 struct error *error) MUST_CHECK;

/* From now on the session is there. Inside a transaction it is undone with it. */
enum status migration_place_enter(const struct migration_place *place,
                                  struct error *error) MUST_CHECK;

/* The session is as it was when it began. */
void migration_place_leave(const struct migration_place *place);

#endif
