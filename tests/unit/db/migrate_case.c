#include "migrate_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct migrate_case here;

static struct db_conn *
connect_database(void)
{
    struct db_options options = {.url = here.database.url};
    struct db_conn *conn = NULL;
    enum db_failure failure;

    cr_assert_eq(db_connect(&options, &conn, &failure, &here.error), STATUS_OK, "%s",
                 here.error.text);
    return conn;
}

void
make_folder(const char *service)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", here.folder, service);
    cr_assert_eq(mkdir(path, 0700), 0);
}

void
migrate_case_open(void)
{
    char sql[128];

    strcpy(here.folder, "/tmp/depot-migrate-XXXXXX");
    cr_assert_not_null(mkdtemp(here.folder));
    make_folder("one");
    make_folder("two");
    test_database_open(&here.database);
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET search_path = one, two, public",
             here.database.name);
    test_database_run(&here.database, sql);
    here.conn = connect_database();
    capture_begin(&here.capture);
}

void
migrate_case_close(void)
{
    char command[128];

    free(capture_end(&here.capture));
    db_close(here.conn);
    test_database_drop(&here.database);
    snprintf(command, sizeof(command), "rm -rf %s", here.folder);
    cr_assert_eq(system(command), 0);
}

void
put_at(const char *service, const char *file, const char *text)
{
    char path[256];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s/%s", here.folder, service, file);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fputs(text, stream), 0);
    cr_assert_eq(fclose(stream), 0);
}

void
put(const char *file, const char *text)
{
    put_at("one", file, text);
}

void
drop(const char *file)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/one/%s", here.folder, file);
    cr_assert_eq(unlink(path), 0);
}

void
put_pair(const char *name, const char *up, const char *down)
{
    char file[128];

    snprintf(file, sizeof(file), "%s.up.sql", name);
    put(file, up);
    snprintf(file, sizeof(file), "%s.down.sql", name);
    put(file, down);
}

void
put_three(void)
{
    put_pair("0001_a", "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);",
             "DROP TABLE a;");
    put_pair("0002_b", "CREATE TABLE b (id int);", "DROP TABLE b;");
    put_pair("0003_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
}

enum status
up(void)
{
    return db_migrate_up(here.conn, here.folder, "one", NULL, &here.error);
}

enum status
down(int steps)
{
    return db_migrate_down(here.conn, here.folder, "one", DB_MIGRATE_OWN, steps, &here.error);
}

void
ok(enum status status)
{
    cr_assert_eq(status, STATUS_OK, "%s", here.error.text);
}

void
refused(enum status status, const char *part)
{
    cr_assert_eq(status, STATUS_FAILED_PRECONDITION, "%d %s", (int)status, here.error.text);
    cr_assert_not_null(strstr(here.error.text, part), "%s", here.error.text);
    cr_assert_null(strchr(here.error.text, '\n'), "%s", here.error.text);
}

void
value_is(const char *sql, const char *wanted)
{
    test_database_expect(&here.database, sql, wanted);
}

void
tables_are(const char *wanted)
{
    value_is("SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables"
             " WHERE schemaname = 'one' AND tablename <> 'depot_migration'",
             wanted);
}

void
versions_are(const char *wanted)
{
    value_is("SELECT coalesce(string_agg(version || '_' || name, ' ' ORDER BY version), '')"
             " FROM depot_migration WHERE service = 'one'",
             wanted);
}
