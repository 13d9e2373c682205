/*
 * The migrations that a folder holds: `NNNN_name.up.sql` and `NNNN_name.down.sql` from 0001
 * without gaps. What is not quite so is refused by name: a file that is silently left out is a
 * schema that nobody has tested. Files that do not end in .sql are left alone.
 *
 * Two files may stand beside them. `grants.sql` says what the service's role may do with what they
 * make; in it :"role" is that role and :"schema" the service's. `adopt.sql` moves what was made in
 * `public` before each service had a schema of its own.
 */
#ifndef DEPOT_DB_MIGRATION_FILES_H
#define DEPOT_DB_MIGRATION_FILES_H

#include "base/arena.h"
#include "base/status.h"

enum { MIGRATION_SHA256_BYTES = 65 }; /* in hexadecimal, with a NUL */

#define MIGRATION_GRANTS "grants.sql"
#define MIGRATION_ADOPT  "adopt.sql"

struct migration {
    int version;
    const char *name;                    /* create_resource */
    const char *up_file;                 /* 0001_create_resource.up.sql */
    const char *down_file;               /* 0001_create_resource.down.sql */
    const char *up, *down;               /* what stands in them */
    char sha256[MIGRATION_SHA256_BYTES]; /* of the up file */
};

struct migration_files {
    struct migration *migrations; /* the version v is at v - 1 */
    int n;
    const char *grants, *adopt; /* what stands in the files of these names; NULL: there is none */
};

/*
 * Reads the folder; everything lives in `arena`, which must have no cap. FAILED_PRECONDITION, and
 * a line that names the file: a name of another form, two files of one version, a gap, a missing
 * half, a NUL byte, a file over LIMIT_MIGRATION_BYTES, transaction control; no folder, or no
 * migration in it.
 */
enum status migration_files_read(struct arena *arena, const char *folder,
                                 struct migration_files *files, struct error *error) MUST_CHECK;

#endif
