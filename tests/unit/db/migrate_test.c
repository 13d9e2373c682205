/* Migrations against a real database: what is in their files, and how they fail. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/conn_pg.h"
#include "migrate_case.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(migrate, .init = migrate_case_open, .fini = migrate_case_close);

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
             "pg_dump --schema-only '%s' | grep -v '^.\\(un\\)\\?restrict '", here.database.url);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    n = fread(text, 1, (1 << 20) - 1, pipe);
    cr_assert_eq(pclose(pipe), 0);
    cr_assert_gt(n, 500);
    return text;
}

static void
source_up(const char *service)
{
    ok(db_migrate_up(here.conn, DEPOT_SOURCE_FOLDER "/migrations", service, NULL, &here.error));
}

static void
source_down(const char *service)
{
    static const char dir[] = DEPOT_SOURCE_FOLDER "/migrations";

    ok(db_migrate_down(here.conn, dir, service, DB_MIGRATE_OWN, -1, &here.error));
    ok(db_migrate_down(here.conn, dir, service, DB_MIGRATE_PLATFORM, -1, &here.error));
}

Test(migrate, up_down_up_leaves_the_same_schema_for_each_service)
{
    static const char *const services[] = {"inventory", "accounts"};

    for (size_t i = 0; i < N(services); i++) {
        char *before, *between, *after;

        source_up(services[i]);
        before = schema();
        source_down(services[i]);
        between = schema();
        value_is("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
                 " AND relnamespace = (SELECT max(oid) FROM pg_namespace)",
                 "depot_migration");
        source_up(services[i]);
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
    test_database_run(&here.database, "DELETE FROM depot_migration WHERE version = 2");
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
    value_is("SELECT schemaname FROM pg_tables WHERE tablename = 'depot_migration'", "one");
}

Test(migrate, the_statement_timeout_of_a_service_does_not_end_a_migration)
{
    PQclear(PQexec(db_conn_pg(here.conn), "SET statement_timeout = 200"));
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
    log = capture_text(&here.capture);
    cr_assert_eq(count_lines(log, "migrations_ahead"), 1, "%s", log);
    free(log);
    refused(down(1), "holds no 0003_c.down.sql");
    put("0001_a.up.sql", "CREATE TABLE a ();");
    refused(up(), "0001_a.up.sql: was edited");
}

Test(migrate, a_session_is_as_it_was_before)
{
    PQclear(PQexec(db_conn_pg(here.conn), "SET statement_timeout = 4321"));
    put_three();
    ok(up());
    put_pair("0004_d", "nonsense", "nonsense");
    refused(up(), "0004_d.up.sql:1");
    for (size_t i = 0; i < 2; i++) {
        static const char *const wanted[] = {"one, two, public", "none"};
        PGresult *result = PQexec(db_conn_pg(here.conn), i == 0 ? "SHOW search_path" : "SHOW role");

        cr_assert_str_eq(PQgetvalue(result, 0, 0), wanted[i]);
        PQclear(result);
    }
}

Test(migrate, a_lost_connection_is_no_failed_migration)
{
    put_pair("0001_a", "CREATE TABLE a ();\nSELECT pg_terminate_backend(pg_backend_pid());",
             "DROP TABLE a;");
    cr_assert_eq(up(), STATUS_UNAVAILABLE, "%s", here.error.text);
    cr_assert_eq(up(), STATUS_UNAVAILABLE, "%s", here.error.text);
    tables_are("");
}

static void
status_is(const char *const *lines, size_t n)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    cr_assert_not_null(out);
    ok(db_migrate_status(here.conn, here.folder, "one", out, &here.error));
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
    test_database_run(&here.database, "INSERT INTO depot_migration VALUES ('one', 3, 'c', '')");
    status_is(edited, 3);
}
