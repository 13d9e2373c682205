/*
 * What migrates a service: the platform's migrations, which each service has in its schema, then
 * its own. For the files that bring them up and down and tell of them.
 */
#ifndef DEPOT_DB_MIGRATIONS_H
#define DEPOT_DB_MIGRATIONS_H

#include <stdatomic.h>

#include "base/arena.h"
#include "db/conn.h"
#include "db/migration_files.h"
#include "db/migration_place.h"
#include "db/migration_table.h"

#define MIGRATIONS_PLATFORM "platform"

/* One folder, as it is and as the database has it. */
struct migration_part {
    const char *name; /* platform, or the service's: in the table, and for people */
    const char *folder;
    struct migration_files files;
    struct migration_rows rows;
};

struct migrations {
    const char *service;
    struct migration_place place;
    struct arena arena;
    struct migration_part
        parts[2];            /* in the order in which they are applied; the last is its own */
    int n_parts;             /* 1: the folder holds no `platform` */
    const atomic_bool *stop; /* or NULL */
    struct error *error;
};

/*
 * Reads `dir`/platform, `dir`/`service` and the tables; the session enters its place. On any status
 * migrations_close follows. FAILED_PRECONDITION: a folder is not in order; UNAVAILABLE.
 */
enum status migrations_open(struct migrations *self, struct db_conn *conn, const char *dir,
                            const char *service, const atomic_bool *stop,
                            struct error *error) MUST_CHECK;
void migrations_close(struct migrations *self);

/* Reads the tables again. */
enum status migrations_read_rows(struct migrations *self) MUST_CHECK;

/* FAILED_PRECONDITION unless what is applied is what the files say, as far as they go, without
 * holes. */
enum status migrations_check_rows(const struct migrations *self) MUST_CHECK;

/* The service's own part. */
struct migration_part *migrations_own(struct migrations *self);

/* The file of an applied version; NULL if only newer programs know it. */
const struct migration *migration_part_file(const struct migration_part *part, int version);

/* Takes the lock, does the work and gives the lock back. */
enum status migrations_locked(struct migrations *self,
                              enum status (*work)(struct migrations *self,
                                                  struct migration_part *part),
                              struct migration_part *part) MUST_CHECK;

#endif
