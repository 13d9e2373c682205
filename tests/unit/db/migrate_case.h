/* A test's database, and a folder with migrations of the services `one` and `two`. */
#ifndef UNIT_DB_MIGRATE_CASE_H
#define UNIT_DB_MIGRATE_CASE_H

#include "db/migrate.h"
#include "support/capture.h"
#include "support/cluster.h"

extern struct migrate_case {
    struct test_database database;
    char folder[64];
    struct db_conn *conn;
    struct error error;
    struct capture capture; /* the log of what is applied */
} here;

void migrate_case_open(void);
void migrate_case_close(void);

/* Of one more service. */
void make_folder(const char *service);

/* Write and remove files of a service, of `one` unless said otherwise; a pair is the way up and the
 * way back. */
void put_at(const char *service, const char *file, const char *text);
void put(const char *file, const char *text);
void drop(const char *file);
void put_pair(const char *name, const char *up, const char *down);

/* 0001_a, 0002_b and 0003_c, each with a table. */
void put_three(void);

/* All of `one`'s migrations; so many of them back. */
enum status up(void);
enum status down(int steps);

/* What came of it: all is well, or it was refused with a line that holds the part. */
void ok(enum status status);
void refused(enum status status, const char *part);

/* What is in the database: a query's first value, the tables and the versions of `one`. */
void value_is(const char *sql, const char *wanted);
void tables_are(const char *wanted);
void versions_are(const char *wanted);

#endif
