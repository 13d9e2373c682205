/*
 * A service's schema. Before each had one, everything was in `public`: what a service finds there
 * of its own it adopts, once, when its schema is made. Its adopt.sql says what that is.
 */
#ifndef DEPOT_DB_MIGRATION_SCHEMA_H
#define DEPOT_DB_MIGRATION_SCHEMA_H

#include "db/migrations.h"

/* Whether the next migration_schema_make adopts. */
enum status migration_schema_adopts(struct migrations *self, bool *adopts) MUST_CHECK;

/*
 * Makes the schema with its depot_migration unless that is there, adopts, and reads the rows again:
 * all or nothing. Takes the lock only if there is something to do.
 */
enum status migration_schema_make(struct migrations *self) MUST_CHECK;

/*
 * Drops the schemas with everything in them, whoever made it, and what is left in `public` of the
 * time before; all or nothing. Extensions stay. Hold the lock.
 */
enum status migration_schemas_drop(const struct migration_place *place, const char *const *schemas,
                                   size_t n_schemas, struct error *error) MUST_CHECK;

#endif
