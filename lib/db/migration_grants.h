/*
 * What the role of a service, depot_<service>, may do in its schema: all that grants.sql of the
 * platform and of the service say, and nothing else. Only where depot_owner owns what is made and
 * there is such a role: elsewhere nothing is to be said.
 */
#ifndef DEPOT_DB_MIGRATION_GRANTS_H
#define DEPOT_DB_MIGRATION_GRANTS_H

#include "db/migrations.h"

/* Inside a transaction: adds what one part's grants.sql says. */
enum status migration_grants_add(struct migrations *self,
                                 const struct migration_part *part) MUST_CHECK;

/* Takes everything away and adds all parts', in one transaction. Hold the lock. */
enum status migration_grants_renew(struct migrations *self) MUST_CHECK;

#endif
