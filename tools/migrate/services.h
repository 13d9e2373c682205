/* The services whose migrations are worked on: the folders of MIGRATIONS_DIR but `platform`. */
#ifndef DEPOT_TOOLS_MIGRATE_SERVICES_H
#define DEPOT_TOOLS_MIGRATE_SERVICES_H

#include <stddef.h>

#include "base/status.h"

enum { SERVICES_MAX = 64, SERVICE_NAME_BYTES = 48 };

struct services {
    size_t n;
    char names[SERVICES_MAX][SERVICE_NAME_BYTES]; /* in alphabetical order */
};

/*
 * The folders of `dir`, or `only` if it is not NULL. INVALID_ARGUMENT: no such folder, none in it,
 * a name that is not lower-case letters, digits and '_' or too long for a schema's, too many.
 */
enum status services_find(const char *dir, const char *only, struct services *services,
                          struct error *error) MUST_CHECK;

#endif
