/* Migrations of several services in one database, of the platform, and their end. */
#include <criterion/criterion.h>

#include "migrate_case.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(migrate_services, .init = migrate_case_open, .fini = migrate_case_close);

static enum status
up_two(void)
{
    return db_migrate_up(here.conn, here.folder, "two", NULL, &here.error);
}

Test(migrate_services, services_do_not_see_each_other)
{
    put_three();
    ok(up());
    put_at("two", "0001_a.up.sql", "CREATE TABLE a (of_two int);");
    put_at("two", "0001_a.down.sql", "DROP TABLE a;");
    ok(up_two());
    value_is("SELECT count(*) FROM one.a", "1");
    value_is("SELECT count(of_two) FROM two.a", "0");
    value_is("SELECT string_agg(service, ' ') FROM two.depot_migration", "two");
    ok(db_migrate_down(here.conn, here.folder, "two", DB_MIGRATE_OWN, -1, &here.error));
    tables_are("a b c");
    value_is("SELECT current_setting('search_path')", "one, two, public");
}

Test(migrate_services, each_service_has_the_platforms_in_its_schema)
{
    make_folder("platform");
    put_at("platform", "0001_p.up.sql", "CREATE TABLE p (id int);");
    put_at("platform", "0001_p.down.sql", "DROP TABLE p;");
    put_at("two", "0001_a.up.sql", "CREATE TABLE a AS SELECT * FROM p;");
    put_at("two", "0001_a.down.sql", "DROP TABLE a;");
    put_three();
    ok(up());
    ok(up_two());
    tables_are("a b c p");
    value_is("SELECT count(*) FROM two.p, two.a", "0");
    put_at("platform", "0002_q.up.sql", "CREATE TABLE q (id int);");
    put_at("platform", "0002_q.down.sql", "DROP TABLE q;");
    ok(up());
    tables_are("a b c p q");
    ok(db_migrate_down(here.conn, here.folder, "one", DB_MIGRATE_PLATFORM, -1, &here.error));
    tables_are("a b c");
    value_is("SELECT count(*) FROM two.p", "0");
}

Test(migrate_services, without_a_platform_there_is_none_to_take_back)
{
    put_three();
    ok(up());
    refused(db_migrate_down(here.conn, here.folder, "one", DB_MIGRATE_PLATFORM, 1, &here.error),
            "holds no folder platform");
}

Test(migrate_services, a_service_without_a_folder_makes_nothing)
{
    refused(db_migrate_up(here.conn, here.folder, "three", NULL, &here.error),
            "/three: cannot be read");
    refused(up(), "/one: holds no migration");
    value_is("SELECT count(*) FROM pg_namespace WHERE nspname IN ('one', 'three')", "0");
}

/* Whoever runs the database has not installed them for one service only. */
Test(migrate_services, extensions_go_to_public_unless_a_file_says_where)
{
    put_pair("0001_a",
             "CREATE EXTENSION btree_gist -- of no schema\n; create extension if not exists "
             "btree_gin Schema one; CREATE TABLE a (id int, EXCLUDE USING gist (id WITH =));",
             "DROP TABLE a;");
    ok(up());
    value_is("SELECT string_agg(extname || ' ' || extnamespace::regnamespace, ' ' ORDER BY extname)"
             " FROM pg_extension WHERE extname LIKE 'btree%'",
             "btree_gin one btree_gist public");
    tables_are("a");
}

/* Nothing is granted where nobody has roles; the files are read all the same. */
Test(migrate_services, companions_are_held_to_the_rules_of_migrations)
{
    put_three();
    put("grants.sql", "GRANT SELECT ON a TO :\"role\";");
    put("adopt.sql", "SELECT 1;");
    ok(up());
    ok(db_migrate_grants(here.conn, here.folder, "one", &here.error));
    put("grants.sql", "GRANT SELECT ON a TO :\"role\";\nCOMMIT;");
    refused(up(), "grants.sql:2: a migration runs in one transaction");
    put("grants.sql", "");
    put("adopt.sql", "BEGIN;");
    refused(up(), "adopt.sql:1: a migration runs in one transaction");
    put("other.sql", "");
    put("adopt.sql", "");
    refused(up(), "other.sql: is not named");
}

static enum status
reset(void)
{
    static const char *const services[] = {"one", "two"};

    return db_migrate_reset(here.conn, services, N(services), &here.error);
}

Test(migrate_services, reset_drops_the_schemas_and_nothing_else)
{
    put_three();
    ok(up());
    test_database_run(&here.database, "CREATE VIEW one.v AS SELECT * FROM one.a;"
                                      "CREATE EXTENSION btree_gist SCHEMA public;"
                                      "CREATE TABLE public.others (id int);"
                                      "CREATE SCHEMA three");
    ok(reset());
    value_is("SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace"
             " WHERE nspname IN ('one', 'two', 'three')",
             "three");
    value_is("SELECT count(*) FROM public.others, pg_extension WHERE extname = 'btree_gist'", "0");
    ok(up());
    tables_are("a b c");
}

Test(migrate_services, reset_drops_what_an_old_version_has_left_in_public)
{
    test_database_run(&here.database,
                      "SET search_path = public; CREATE EXTENSION btree_gist;"
                      "CREATE TABLE depot_migration (service text);"
                      "CREATE TABLE resource (id int PRIMARY KEY, n serial);"
                      "CREATE TABLE allocation (id int REFERENCES resource,"
                      " EXCLUDE USING gist (id WITH =));"
                      "CREATE VIEW v AS SELECT * FROM resource;"
                      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';"
                      "CREATE TRIGGER t BEFORE INSERT ON resource EXECUTE FUNCTION f()");
    ok(reset());
    value_is("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
             " AND relnamespace = 'public'::regnamespace",
             "");
    value_is("SELECT to_regproc('f') IS NULL AND to_regproc('public.gbt_int4_union') IS NOT NULL",
             "t");
}
