/* Migrations against a real database. */
#include "db/migrate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/conn_pg.h"
#include "support/capture.h"
#include "support/cluster.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A test's database and its folder of migrations. */
static struct {
    struct test_database database;
    char folder[64];
    struct db_conn *conn;
    struct error error;
    struct capture capture; /* the log of what is applied */
} t;

static struct db_conn *
connect_database(void)
{
    struct db_options options = {.url = t.database.url};
    struct db_conn *conn = NULL;
    enum db_failure failure;

    cr_assert_eq(db_connect(&options, &conn, &failure, &t.error), STATUS_OK, "%s", t.error.text);
    return conn;
}

static void
set_up(void)
{
    strcpy(t.folder, "/tmp/depot-migrate-XXXXXX");
    cr_assert_not_null(mkdtemp(t.folder));
    test_database_open(&t.database);
    t.conn = connect_database();
    capture_begin(&t.capture);
}

static void
tear_down(void)
{
    char command[128];

    free(capture_end(&t.capture));
    db_close(t.conn);
    test_database_drop(&t.database);
    snprintf(command, sizeof(command), "rm -rf %s", t.folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(migrate, .init = set_up, .fini = tear_down);

static void
put(const char *file, const char *text)
{
    char path[256];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s", t.folder, file);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fputs(text, stream), 0);
    cr_assert_eq(fclose(stream), 0);
}

static void
drop(const char *file)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", t.folder, file);
    cr_assert_eq(unlink(path), 0);
}

static void
put_pair(const char *name, const char *up, const char *down)
{
    char file[128];

    snprintf(file, sizeof(file), "%s.up.sql", name);
    put(file, up);
    snprintf(file, sizeof(file), "%s.down.sql", name);
    put(file, down);
}

/* 0001_a, 0002_b and 0003_c, each with a table. */
static void
put_three(void)
{
    put_pair("0001_a", "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);",
             "DROP TABLE a;");
    put_pair("0002_b", "CREATE TABLE b (id int);", "DROP TABLE b;");
    put_pair("0003_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
}

static enum status
up(void)
{
    return db_migrate_up(t.conn, t.folder, "one", NULL, &t.error);
}

static enum status
down(int steps)
{
    return db_migrate_down(t.conn, t.folder, "one", steps, &t.error);
}

static void
ok(enum status status)
{
    cr_assert_eq(status, STATUS_OK, "%s", t.error.text);
}

static void
refused(enum status status, const char *part)
{
    cr_assert_eq(status, STATUS_FAILED_PRECONDITION, "%d %s", (int)status, t.error.text);
    cr_assert_not_null(strstr(t.error.text, part), "%s", t.error.text);
    cr_assert_null(strchr(t.error.text, '\n'), "%s", t.error.text);
}

static void
value_is(const char *sql, const char *wanted)
{
    char *value = test_database_value(&t.database, sql);

    cr_assert_str_eq(value, wanted, "%s gave %s", sql, value);
    free(value);
}

static void
tables_are(const char *wanted)
{
    value_is("SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables"
             " WHERE schemaname = 'public' AND tablename <> 'depot_migration'",
             wanted);
}

static void
versions_are(const char *wanted)
{
    value_is("SELECT coalesce(string_agg(version || '_' || name, ' ' ORDER BY version), '')"
             " FROM depot_migration WHERE service = 'one'",
             wanted);
}

Test(migrate, up_applies_each_once_in_order)
{
    put_three();
    ok(up());
    tables_are("a b c");
    versions_are("1_a 2_b 3_c");
    ok(up());
    value_is("SELECT count(*) FROM a", "1");
    value_is("SELECT sha256 FROM depot_migration WHERE version = 3",
             /* of "CREATE TABLE c (id int);", by sha256sum */
             "864e46311d4eb58cf163ae4b091f38ad373c591fda23f3dd286d68b9fa9d3a09");
}

Test(migrate, down_takes_the_newest_back)
{
    put_three();
    ok(up());
    ok(down(1));
    tables_are("a b");
    versions_are("1_a 2_b");
    ok(down(0));
    versions_are("1_a 2_b");
    ok(up());
    ok(down(2));
    tables_are("a");
    ok(down(99));
    tables_are("");
    versions_are("");
    ok(down(-1));
    ok(up());
    ok(down(-1));
    tables_are("");
}

/* What pg_dump says of the schema, without what differs from run to run. */
static char *
schema(void)
{
    char command[1400], *text = calloc(1, 1 << 20);
    size_t n;
    FILE *pipe;

    cr_assert_not_null(text);
    snprintf(command, sizeof(command),
             "pg_dump --schema-only '%s' | grep -v '^.\\(un\\)\\?restrict '", t.database.url);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    n = fread(text, 1, (1 << 20) - 1, pipe);
    cr_assert_eq(pclose(pipe), 0);
    cr_assert_gt(n, 500);
    return text;
}

Test(migrate, up_down_up_leaves_the_same_schema_for_each_service)
{
    static const char *const services[] = {"inventory"};

    for (size_t i = 0; i < N(services); i++) {
        char folder[512], *before, *between, *after;

        snprintf(folder, sizeof(folder), "%s/migrations/%s", DEPOT_SOURCE_FOLDER, services[i]);
        ok(db_migrate_up(t.conn, folder, services[i], NULL, &t.error));
        before = schema();
        ok(db_migrate_down(t.conn, folder, services[i], -1, &t.error));
        between = schema();
        tables_are("");
        ok(db_migrate_up(t.conn, folder, services[i], NULL, &t.error));
        after = schema();
        cr_assert_str_eq(before, after);
        cr_assert_str_neq(before, between);
        free(before);
        free(between);
        free(after);
    }
}

Test(migrate, an_edited_file_is_named)
{
    put_three();
    ok(up());
    put("0002_b.up.sql", "CREATE TABLE b (id bigint);");
    refused(up(), "0002_b.up.sql: was edited");
    refused(down(1), "0002_b.up.sql: was edited");
    tables_are("a b c");
    put("0002_b.up.sql", "CREATE TABLE b (id int);");
    ok(up());
    put("0002_b.down.sql", "DROP TABLE b; -- the way back may be mended");
    ok(down(2));
    tables_are("a");
}

Test(migrate, a_renamed_file_is_named)
{
    put_three();
    ok(up());
    drop("0003_c.up.sql");
    drop("0003_c.down.sql");
    put_pair("0003_other", "CREATE TABLE c (id int);", "DROP TABLE c;");
    refused(up(), "0003_other.up.sql: was edited after it was applied as 0003_c");
}

Test(migrate, a_lower_number_that_comes_late_is_named)
{
    put_three();
    ok(up());
    test_database_run(&t.database, "DELETE FROM depot_migration WHERE version = 2");
    refused(up(), "0002_b.up.sql: came too late");
    refused(down(1), "0002_b.up.sql: came too late");
    tables_are("a b c");
}

Test(migrate, a_failing_statement_leaves_nothing)
{
    put_pair("0001_a", "CREATE TABLE a (id int);", "DROP TABLE a;");
    put_pair("0002_b",
             "CREATE TABLE b (id int);\n-- é\nINSERT INTO b VALUES (1);\n\nSELECT 1,\n  ü FROM b;\n"
             "CREATE TABLE d (id int);",
             "DROP TABLE b;");
    put_pair("0003_c", "CREATE TABLE c (id int);", "DROP TABLE c;");
    refused(up(), "0002_b.up.sql:6: column \"ü\" does not exist (42703)");
    tables_are("a");
    versions_are("1_a");
    put("0002_b.up.sql", "CREATE TABLE b (id int);");
    ok(up());
    versions_are("1_a 2_b 3_c");
}

Test(migrate, a_failing_way_back_leaves_everything)
{
    put_pair("0001_a", "CREATE TABLE a (id int);", "DROP TABLE a;\n\nDROP TABLE nix;");
    ok(up());
    refused(down(1), "0001_a.down.sql:3: table \"nix\" does not exist");
    tables_are("a");
    versions_are("1_a");
}

Test(migrate, failures_at_run_time_and_at_commit_are_named)
{
    put_pair("0001_a",
             "CREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\n"
             "INSERT INTO a VALUES (1), (1);",
             "DROP TABLE a;");
    refused(up(), "0001_a.up.sql: duplicate key");
    tables_are("");
    put("0001_a.up.sql", "CREATE TABLE a (id int UNIQUE);\nINSERT INTO a\n VALUES (1), (1);");
    refused(up(), "0001_a.up.sql:2: duplicate key");
    tables_are("");
}

Test(migrate, a_file_cannot_end_its_transaction)
{
    static const char *const endings[] = {"COMMIT",
                                          "ROLLBACK",
                                          "BEGIN",
                                          "SAVEPOINT x",
                                          "END",
                                          "START TRANSACTION",
                                          "/* */ abort",
                                          "COMMIT AND CHAIN",
                                          "PREPARE TRANSACTION 'x'"};
    char text[256];

    for (size_t i = 0; i < N(endings); i++) {
        snprintf(text, sizeof(text), "CREATE TABLE a (id int);\n%s;\nCREATE TABLE b (id int);",
                 endings[i]);
        put_pair("0001_a", text, "DROP TABLE a;");
        refused(up(), "0001_a.up.sql:2: a migration runs in one transaction");
        put_pair("0001_a", "CREATE TABLE a (id int);", text);
        refused(up(), "0001_a.down.sql:2: a migration runs in one transaction");
        tables_are("");
    }
}

/* What hides from the look at the text is refused by PostgreSQL. */
Test(migrate, nor_through_a_procedure_nor_a_block)
{
    put_pair("0001_a", "CREATE TABLE a ();\nDO $$ BEGIN COMMIT; END $$;", "DROP TABLE a;");
    refused(up(), "0001_a.up.sql:2: invalid transaction termination");
    put("0001_a.up.sql", "CREATE TABLE a ();\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN "
                         "ROLLBACK; END $$;\nCALL p();");
    refused(up(), "0001_a.up.sql:3: invalid transaction termination");
    tables_are("");
}

Test(migrate, what_cannot_run_in_a_transaction_is_refused)
{
    put_pair("0001_a", "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);",
             "DROP TABLE a;");
    refused(up(), "0001_a.up.sql:2: CREATE INDEX CONCURRENTLY cannot run inside a transaction");
    put("0001_a.up.sql", "CREATE TABLE a (id int);\nVACUUM a;");
    refused(up(), "0001_a.up.sql:2: VACUUM cannot run inside a transaction");
    tables_are("");
}

Test(migrate, copy_with_the_client_is_refused_and_harmless)
{
    put_pair("0001_a", "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n", "DROP TABLE a;");
    refused(up(), "0001_a.up.sql:2: a migration cannot COPY");
    put("0001_a.up.sql", "CREATE TABLE a (id int);\nCOPY a TO STDOUT;\n");
    refused(up(), "0001_a.up.sql:2: a migration cannot COPY");
    tables_are("");
    put("0001_a.up.sql", "CREATE TABLE a (id int);");
    ok(up());
    tables_are("a");
}

Test(migrate, what_a_file_sets_ends_with_it)
{
    put_pair("0001_a",
             "CREATE TABLE a (id int);\n"
             "SELECT pg_catalog.set_config('search_path', '', false);\n"
             "SET TIME ZONE 'Asia/Tokyo';\n"
             "SET statement_timeout = 1;\n"
             "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;\n"
             "SET ROLE pg_read_all_data;",
             "DROP TABLE a;");
    put_pair("0002_b", "CREATE TABLE b (id int); SELECT pg_sleep(0.05);", "DROP TABLE b;");
    ok(up());
    tables_are("a b");
    versions_are("1_a 2_b");
    value_is("SELECT schemaname FROM pg_tables WHERE tablename = 'depot_migration'", "public");
}

Test(migrate, the_statement_timeout_of_a_service_does_not_end_a_migration)
{
    PQclear(PQexec(db_conn_pg(t.conn), "SET statement_timeout = 200"));
    put_pair("0001_a", "CREATE TABLE a (id int);\nSELECT pg_sleep(0.5);", "DROP TABLE a;");
    ok(up());
    versions_are("1_a");
}

Test(migrate, statements_of_every_form_are_run)
{
    put_pair("0001_a",
             "CREATE TABLE a (id int, text text DEFAULT ';');\n"
             "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$;\n"
             "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\n"
             "CREATE RULE r AS ON UPDATE TO a DO ALSO (SELECT 1; SELECT 2);\n"
             "DO $$ BEGIN PERFORM 1; END $$;\n"
             "INSERT INTO a (id) SELECT f() + g(); -- the end has no semicolon\n"
             "INSERT INTO a (id) VALUES (7)",
             "DROP TABLE a; DROP FUNCTION f; DROP FUNCTION g");
    ok(up());
    value_is("SELECT sum(id) || min(text) FROM a", "10;");
    ok(down(-1));
    tables_are("");
}

Test(migrate, a_database_that_is_ahead_starts_but_does_not_go_down)
{
    char *log;

    put_three();
    ok(up());
    drop("0003_c.up.sql");
    drop("0003_c.down.sql");
    ok(up());
    log = capture_text(&t.capture);
    cr_assert_eq(count_lines(log, "migrations_ahead"), 1, "%s", log);
    free(log);
    refused(down(1), "holds no 0003_c.down.sql");
    put("0001_a.up.sql", "CREATE TABLE a ();");
    refused(up(), "0001_a.up.sql: was edited");
}

Test(migrate, services_do_not_see_each_other)
{
    put_three();
    ok(up());
    refused(db_migrate_up(t.conn, t.folder, "two", NULL, &t.error), "already exists");
    ok(db_migrate_down(t.conn, t.folder, "two", -1, &t.error));
    tables_are("a b c");
    put("0001_a.up.sql", "SELECT 1;");
    put("0002_b.up.sql", "SELECT 2;");
    put("0003_c.up.sql", "SELECT 3;");
    ok(db_migrate_up(t.conn, t.folder, "two", NULL, &t.error));
    value_is("SELECT count(*) FROM depot_migration", "6");
}

Test(migrate, a_lost_connection_is_no_failed_migration)
{
    put_pair("0001_a", "CREATE TABLE a ();\nSELECT pg_terminate_backend(pg_backend_pid());",
             "DROP TABLE a;");
    cr_assert_eq(up(), STATUS_UNAVAILABLE, "%s", t.error.text);
    cr_assert_eq(up(), STATUS_UNAVAILABLE, "%s", t.error.text);
    tables_are("");
}

static void
status_is(const char *const *lines, size_t n)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    cr_assert_not_null(out);
    ok(db_migrate_status(t.conn, t.folder, "one", out, &t.error));
    fclose(out);
    cr_assert_eq(count_lines(text, "one"), n, "%s", text);
    for (size_t i = 0; i < n; i++) {
        cr_assert_not_null(strstr(text, lines[i]), "%s", text);
    }
    free(text);
}

Test(migrate, status_tells_of_each_version)
{
    static const char *const pending[] = {"one  0001  a ", "one  0002  b ", "  pending\n"};
    static const char *const some[] = {" UTC\none  0002  b ", "pending\n"};
    static const char *const edited[] = {" UTC, EDITED since\none  0002  b ", " UTC\n", "0003  c "};

    put_pair("0001_a", "CREATE TABLE a ();", "DROP TABLE a;");
    put_pair("0002_b", "CREATE TABLE b ();", "DROP TABLE b;");
    status_is(pending, 2);
    value_is("SELECT count(*) FROM pg_tables WHERE tablename = 'depot_migration'", "0");
    ok(up());
    ok(down(1));
    status_is(some, 2);
    ok(up());
    put("0001_a.up.sql", "CREATE TABLE a (id int);");
    test_database_run(&t.database, "INSERT INTO depot_migration VALUES ('one', 3, 'c', '')");
    status_is(edited, 3);
}

Test(migrate, reset_leaves_an_empty_schema_of_the_same_owner)
{
    static const char acl[] = "SELECT nspowner::regrole || ' ' || has_schema_privilege("
                              "'pg_monitor', 'public', 'USAGE') FROM pg_namespace"
                              " WHERE nspname = 'public'";
    char *before = test_database_value(&t.database, acl);

    put_three();
    ok(up());
    test_database_run(&t.database, "CREATE VIEW v AS SELECT * FROM a; CREATE EXTENSION btree_gist");
    ok(db_migrate_reset(t.conn, &t.error));
    value_is("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace", "0");
    value_is(acl, before);
    ok(up());
    tables_are("a b c");
    free(before);
}
