/* A database that is run with roles: what each may, and what nobody may. */
#include <criterion/criterion.h>
#include <glob.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/sql_split.h"
#include "support/roles.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(roles, .init = roles_open_migrated, .fini = roles_close);

static PGconn *
connect_as(const char *role)
{
    PGconn *pg = PQconnectdb(roles_url(role));

    cr_assert_eq(PQstatus(pg), CONNECTION_OK, "%s", PQerrorMessage(pg));
    return pg;
}

/* Every statement is refused with insufficient_privilege, whatever it says. */
static void
refused(const char *role, const char *search_path, const char *const *statements, size_t n)
{
    PGconn *pg = connect_as(role);

    PQclear(PQexec(pg, search_path));
    for (size_t i = 0; i < n; i++) {
        PGresult *result = PQexec(pg, statements[i]);
        const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

        cr_expect_str_eq(sqlstate == NULL ? "done" : sqlstate, "42501", "%s: %s", statements[i],
                         PQresultErrorMessage(result));
        PQclear(result);
    }
    PQfinish(pg);
}

Test(roles, inventory_changes_no_structure)
{
    static const char *const statements[] = {
        "CREATE TABLE x ()",
        "CREATE TABLE public.x ()",
        "CREATE TABLE accounts.x ()",
        "CREATE TEMP TABLE x ()",
        "CREATE VIEW x AS SELECT 1",
        "CREATE INDEX ON resource (name)",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TRIGGER x BEFORE INSERT ON resource EXECUTE FUNCTION depot_audit_stays()",
        "CREATE SCHEMA x",
        "CREATE EXTENSION pgcrypto",
        "CREATE DATABASE x",
        "ALTER TABLE resource ADD COLUMN x int",
        "ALTER TABLE resource OWNER TO depot_inventory",
        "ALTER TABLE allocation DROP CONSTRAINT allocation_never_overlaps",
        "ALTER SCHEMA inventory RENAME TO x",
        "DROP TABLE pxcode",
        "DROP SCHEMA inventory CASCADE",
        "TRUNCATE resource CASCADE",
    };

    refused("depot_inventory", "SET search_path = inventory, public", statements, N(statements));
}

Test(roles, inventory_rewrites_no_history)
{
    static const char *const statements[] = {
        "UPDATE depot_audit SET actor = ''",
        "DELETE FROM depot_audit",
        "TRUNCATE depot_audit",
        "ALTER TABLE depot_audit DISABLE TRIGGER ALL",
        "DROP TRIGGER depot_audit_stays ON depot_audit",
        "DROP TABLE depot_audit",
        "SET session_replication_role = replica",
        "UPDATE depot_migration SET version = 1",
        "DELETE FROM depot_migration",
        "INSERT INTO depot_migration VALUES ('inventory', 99, '', '')",
        "DELETE FROM pxcode",
        "UPDATE pxcode SET procedure = ''",
    };

    refused("depot_inventory", "SET search_path = inventory, public", statements, N(statements));
    test_database_run(&roles.database,
                      "INSERT INTO inventory.depot_audit (actor, action, object,"
                      " client_address, request_id, outcome) VALUES ('','','','','','')");
}

/* Not even where one role owns everything. */
Test(roles, nobody_rewrites_history)
{
    static const char *const statements[] = {
        "UPDATE inventory.depot_audit SET actor = ''",
        "DELETE FROM accounts.depot_audit",
        "TRUNCATE inventory.depot_audit",
    };

    refused("depot_migrator", "", statements, N(statements));
}

#define OTHERS(schema, table)                                                                      \
    "SELECT FROM " schema "." table, "INSERT INTO " schema "." table " DEFAULT VALUES",            \
        "DELETE FROM " schema "." table, "SELECT FROM " schema ".depot_audit",                     \
        "INSERT INTO " schema ".depot_audit (actor) VALUES ('')",                                  \
        "SELECT FROM " schema ".depot_idempotency_key", "SELECT FROM " schema ".depot_migration"

Test(roles, a_service_sees_nothing_of_another)
{
    static const char *const inventorys[] = {
        OTHERS("accounts", "account"),
        "SELECT FROM accounts.session",
        "SELECT FROM accounts.signing_key",
        "UPDATE accounts.account SET role = 'ADMIN'",
        "UPDATE accounts.api_key SET name = ''",
        "INSERT INTO accounts.revocation DEFAULT VALUES",
        "DO 'BEGIN LOCK TABLE accounts.account; END'",
    };
    static const char *const accounts[] = {
        OTHERS("inventory", "resource"),
        "SELECT FROM inventory.allocation",
        "UPDATE inventory.allocation SET description = ''",
    };

    refused("depot_inventory", "SET search_path = inventory, public", inventorys, N(inventorys));
    refused("depot_accounts", "SET search_path = accounts, public", accounts, N(accounts));
}

Test(roles, a_service_gets_nowhere_else)
{
    static const char *const statements[] = {
        "CREATE ROLE x",
        "ALTER ROLE depot_migrator PASSWORD 'x'",
        "ALTER ROLE depot_inventory CREATEROLE",
        "DROP ROLE depot_migrator",
        "GRANT depot_owner TO depot_inventory",
        "SET ROLE depot_owner",
        "SET ROLE depot_migrator",
        "SET SESSION AUTHORIZATION depot_owner",
        "ALTER SYSTEM SET fsync = off",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/depot-roles-test'",
        "COPY inventory.pxcode FROM '/etc/passwd'",
        "COPY inventory.pxcode FROM PROGRAM 'true'",
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, '')",
        "SELECT lo_put(1, 0, '')",
        "SELECT lo_get(1)",
        "SELECT lo_open(1, 131072)",
        "SELECT lo_unlink(1)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/depot-roles-test')",
        "SELECT loread(0, 1)",
        "SELECT lowrite(0, '')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_reload_conf()",
    };
    static const char *const services[] = {"depot_inventory", "depot_accounts"};

    for (size_t i = 0; i < N(services); i++) {
        refused(services[i], "SELECT 1", statements, N(statements));
    }
}

/* Why it fails to log in, as one line; "" if it does not. */
static void
login_fails(const char *role, const char *part)
{
    PGconn *pg = PQconnectdb(roles_url(role));

    cr_assert_eq(PQstatus(pg), CONNECTION_BAD);
    cr_assert_not_null(strstr(PQerrorMessage(pg), part), "%s", PQerrorMessage(pg));
    PQfinish(pg);
}

Test(roles, nobody_logs_in_as_the_owner)
{
    test_database_run(&roles.database,
                      "DO $$ BEGIN EXECUTE format('ALTER ROLE depot_owner PASSWORD %L',"
                      " 'x'); END $$");
    strcpy(roles.password, "x");
    login_fails("depot_owner", "is not permitted to log in");
}

/* A role of the same cluster that has nothing to do with this database. */
Test(roles, others_do_not_get_into_the_database)
{
    test_database_run(&roles.database,
                      "DO $$ BEGIN CREATE ROLE depot_test_stranger LOGIN PASSWORD 'x';"
                      " EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    strcpy(roles.password, "x");
    login_fails("depot_test_stranger", "permission denied for database");
    test_database_run(&roles.database, "DROP ROLE depot_test_stranger");
}

/* Whoever adds a table says in grants.sql what its service does with it. */
Test(roles, every_table_is_granted_and_none_too_much)
{
    roles_value_is("SELECT coalesce(string_agg(oid::regclass::text, ' '), '') FROM pg_class"
                   " WHERE relkind IN ('r', 'p', 'v', 'm')"
                   " AND relnamespace::regnamespace::text IN ('inventory', 'accounts')"
                   " AND NOT has_any_column_privilege('depot_' || relnamespace::regnamespace, oid,"
                   "     'SELECT, INSERT, UPDATE')",
                   "");
    roles_value_is("SELECT coalesce(string_agg(oid::regclass::text, ' '), '') FROM pg_class"
                   " WHERE relkind IN ('r', 'p', 'v', 'm')"
                   " AND relnamespace::regnamespace::text IN ('inventory', 'accounts')"
                   " AND has_table_privilege('depot_' || relnamespace::regnamespace, oid,"
                   "     'TRUNCATE, REFERENCES, TRIGGER, SELECT WITH GRANT OPTION')",
                   "");
    roles_value_is("SELECT count(*) > 12 FROM pg_class WHERE relkind = 'r'"
                   " AND relnamespace::regnamespace::text IN ('inventory', 'accounts')",
                   "t");
}

static char *
text_of(const char *path)
{
    FILE *stream = fopen(path, "re");
    char *text = calloc(1, 65536);

    cr_assert(stream != NULL && text != NULL);
    cr_assert_lt(fread(text, 1, 65535, stream), 65535);
    fclose(stream);
    return text;
}

/* A statement of a query as EXPLAIN takes it: every parameter is NULL. The caller frees it. */
static char *
explained(const struct sql_statement *statement)
{
    const char *end = statement->text + statement->length_bytes;
    size_t bytes = statement->length_bytes * 4 + 16;
    char *sql = calloc(1, bytes);
    char *out = stpcpy(sql, "EXPLAIN ");

    for (const char *at = statement->text; at < end; at++) {
        if (at[0] == ':' && at[1] == '\'') {
            out = stpcpy(out, "NULL");
            at = strchr(at + 2, '\'');
        } else {
            *out++ = *at;
        }
    }
    return sql;
}

/* EXPLAIN asks for the same rights as the statement itself, and does nothing. */
static size_t
explain_file(PGconn *pg, const char *path)
{
    char *text = text_of(path);
    struct sql_script script = {text, 1};
    struct sql_statement statement;
    size_t n = 0;

    for (; sql_next(&script, &statement); n++) {
        char *sql = explained(&statement);
        PGresult *result = PQexec(pg, sql);

        cr_expect_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s:%d: %s", path, statement.line,
                     PQresultErrorMessage(result));
        PQclear(result);
        free(sql);
    }
    free(text);
    return n;
}

Test(roles, every_query_may_be_run)
{
    static const char *const services[] = {"inventory", "accounts"};

    for (size_t i = 0; i < N(services); i++) {
        char text[256];
        PGconn *pg;
        glob_t found;
        size_t n = 0;

        snprintf(text, sizeof(text), "depot_%s", services[i]);
        pg = connect_as(text);
        snprintf(text, sizeof(text), "SET search_path = %s, public", services[i]);
        PQclear(PQexec(pg, text));
        snprintf(text, sizeof(text), DEPOT_SOURCE_FOLDER "/%s/queries/*.sql", services[i]);
        cr_assert_eq(glob(text, 0, NULL, &found), 0);
        for (size_t j = 0; j < found.gl_pathc; j++) {
            n += explain_file(pg, found.gl_pathv[j]);
        }
        cr_assert_gt(n, found.gl_pathc);
        globfree(&found);
        PQfinish(pg);
    }
}
