/* A database that is run with roles: what each may, and that the services need no more. */
#include <criterion/criterion.h>
#include <glob.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "db/sql_split.h"
#include "support/identity.h"
#include "support/stack.h"
#include "support/temp.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct test_database database;
static char secrets[64], password[33], tool[512];

static int
shell(const char *command)
{
    int status = system(command);

    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
put_secret(const char *role, const char *text)
{
    char path[128];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s_password", secrets, role);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fprintf(stream, "%s\n", text), 0);
    cr_assert_eq(fclose(stream), 0);
}

/* Runs deploy/roles.sql as the cluster's superuser; its exit code. */
static int
make_roles(void)
{
    char command[2048];

    snprintf(command, sizeof(command),
             "psql -qX -v secrets='%s' -f " DEPOT_SOURCE_FOLDER "/deploy/roles.sql '%s'", secrets,
             database.url);
    return shell(command);
}

/* The URL as one of the roles, over TCP, where the password counts. */
static const char *
url_of(const char *role)
{
    static char url[1024];

    test_database_tcp_url(&database, role, password, url, sizeof(url));
    return url;
}

/* Runs depot-migrate as a role; its exit code. */
static int
migrate_as(const char *role, const char *arguments)
{
    char command[1024];

    setenv("DATABASE_URL", url_of(role), 1);
    snprintf(command, sizeof(command), "%s %s >/dev/null", tool, arguments);
    return shell(command);
}

static void
set_up(void)
{
    static const char *const roles[] = {"depot_migrator", "depot_inventory", "depot_accounts"};
    unsigned char random[16];
    char sql[128];

    test_database_open(&database);
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s RESET search_path", database.name);
    test_database_run(&database, sql);
    temp_template(secrets, sizeof(secrets), "depot-roles");
    cr_assert_not_null(mkdtemp(secrets));
    randombytes_buf(random, sizeof(random));
    sodium_bin2hex(password, sizeof(password), random, sizeof(random));
    for (size_t i = 0; i < N(roles); i++) {
        put_secret(roles[i], password);
    }
    test_program("tools/migrate/depot-migrate", tool, sizeof(tool));
    setenv("MIGRATIONS_DIR", DEPOT_SOURCE_FOLDER "/migrations", 1);
    setenv("AUTH_MODE", "off", 1);
}

static void
set_up_migrated(void)
{
    set_up();
    cr_assert_eq(make_roles(), 0);
    cr_assert_eq(migrate_as("depot_migrator", "up"), 0);
}

static void
tear_down(void)
{
    char command[128];

    test_database_drop(&database);
    snprintf(command, sizeof(command), "rm -rf %s", secrets);
    cr_assert_eq(shell(command), 0);
}

TestSuite(roles, .init = set_up_migrated, .fini = tear_down);
TestSuite(roles_before, .init = set_up, .fini = tear_down);

static PGconn *
connect_as(const char *role)
{
    PGconn *pg = PQconnectdb(url_of(role));

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

static void
value_is(const char *sql, const char *wanted)
{
    char *value = test_database_value(&database, sql);

    cr_expect_str_eq(value, wanted, "%s gave %s", sql, value);
    free(value);
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
    test_database_run(&database,
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
    PGconn *pg = PQconnectdb(url_of(role));

    cr_assert_eq(PQstatus(pg), CONNECTION_BAD);
    cr_assert_not_null(strstr(PQerrorMessage(pg), part), "%s", PQerrorMessage(pg));
    PQfinish(pg);
}

Test(roles, nobody_logs_in_as_the_owner)
{
    test_database_run(&database, "DO $$ BEGIN EXECUTE format('ALTER ROLE depot_owner PASSWORD %L',"
                                 " 'x'); END $$");
    strcpy(password, "x");
    login_fails("depot_owner", "is not permitted to log in");
}

/* A role of the same cluster that has nothing to do with this database. */
Test(roles, others_do_not_get_into_the_database)
{
    test_database_run(&database, "DO $$ BEGIN CREATE ROLE depot_test_stranger LOGIN PASSWORD 'x';"
                                 " EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    strcpy(password, "x");
    login_fails("depot_test_stranger", "permission denied for database");
    test_database_run(&database, "DROP ROLE depot_test_stranger");
}

/* Whoever adds a table says in grants.sql what its service does with it. */
Test(roles, every_table_is_granted_and_none_too_much)
{
    value_is("SELECT coalesce(string_agg(oid::regclass::text, ' '), '') FROM pg_class"
             " WHERE relkind IN ('r', 'p', 'v', 'm')"
             " AND relnamespace::regnamespace::text IN ('inventory', 'accounts')"
             " AND NOT has_any_column_privilege('depot_' || relnamespace::regnamespace, oid,"
             "     'SELECT, INSERT, UPDATE')",
             "");
    value_is("SELECT coalesce(string_agg(oid::regclass::text, ' '), '') FROM pg_class"
             " WHERE relkind IN ('r', 'p', 'v', 'm')"
             " AND relnamespace::regnamespace::text IN ('inventory', 'accounts')"
             " AND has_table_privilege('depot_' || relnamespace::regnamespace, oid,"
             "     'TRUNCATE, REFERENCES, TRIGGER, SELECT WITH GRANT OPTION')",
             "");
    value_is("SELECT count(*) > 12 FROM pg_class WHERE relkind = 'r'"
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

static const char owned_by_others[] =
    "SELECT coalesce(string_agg(thing, ' '), '') FROM ("
    " SELECT oid::regclass::text, relnamespace, relowner FROM pg_class UNION ALL"
    " SELECT oid::regprocedure::text, pronamespace, proowner FROM pg_proc UNION ALL"
    " SELECT nspname, oid, nspowner FROM pg_namespace) AS every (thing, schema, owner)"
    " WHERE schema::regnamespace::text IN ('inventory', 'accounts')"
    " AND owner <> 'depot_owner'::regrole";

Test(roles, the_owner_owns_everything)
{
    value_is(owned_by_others, "");
    value_is("SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'btree_gist'",
             "public");
}

Test(roles, the_migrator_goes_up_and_down_and_up)
{
    cr_assert_eq(migrate_as("depot_migrator", "--service=inventory down 9"), 0);
    cr_assert_eq(migrate_as("depot_migrator", "--service=inventory --platform down 9"), 0);
    value_is("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r'"
             " AND relnamespace = 'inventory'::regnamespace",
             "depot_migration");
    cr_assert_eq(migrate_as("depot_migrator", "up"), 0);
    value_is(owned_by_others, "");
    value_is("SELECT has_table_privilege('depot_inventory', 'inventory.allocation', 'DELETE')",
             "t");
}

/* A grant that its file no longer gives is taken away. */
Test(roles, grants_are_what_the_files_say)
{
    test_database_run(&database, "GRANT TRUNCATE ON inventory.resource TO depot_inventory;"
                                 "REVOKE SELECT ON inventory.pxcode FROM depot_inventory");
    cr_assert_eq(migrate_as("depot_migrator", "up"), 0);
    value_is("SELECT has_table_privilege('depot_inventory', 'inventory.resource', 'TRUNCATE')",
             "f");
    value_is("SELECT has_table_privilege('depot_inventory', 'inventory.pxcode', 'SELECT')", "t");
}

Test(roles, psql_as_the_migrator_is_the_owner)
{
    cr_assert_eq(migrate_as("depot_migrator", "psql -qX -v ON_ERROR_STOP=1 -c 'SELECT FROM account,"
                                              " resource' -c 'CREATE TABLE inventory.x ()'"
                                              " -o /dev/null"),
                 0);
    value_is(owned_by_others, "");
    cr_assert_eq(migrate_as("depot_migrator", "reset --confirm=nix"), EXIT_CONFIG);
}

Test(roles, the_migrator_resets)
{
    char arguments[128];

    snprintf(arguments, sizeof(arguments), "reset --confirm=%s", database.name);
    test_database_run(&database, "INSERT INTO inventory.pxcode VALUES ('123', 'x')");
    cr_assert_eq(migrate_as("depot_migrator", arguments), 0);
    value_is("SELECT count(*) FROM inventory.pxcode", "0");
    value_is(owned_by_others, "");
}

Test(roles, a_service_cannot_migrate)
{
    cr_assert_eq(migrate_as("depot_inventory", "--service=inventory down"), EXIT_FAILURE);
    value_is("SELECT to_regclass('inventory.resource') IS NOT NULL", "t");
}

/* A superuser, too, leaves what it makes to the owner. */
Test(roles_before, whoever_migrates_the_owner_owns)
{
    cr_assert_eq(make_roles(), 0);
    setenv("DATABASE_URL", database.url, 1);
    cr_assert_eq(shell(tool[0] == '\0' ? "false" : strcat(tool, " up >/dev/null")), 0);
    value_is(owned_by_others, "");
}

Test(roles_before, what_one_role_owned_is_given_over)
{
    cr_assert_eq(make_roles(), 0);
    test_database_run(&database, "DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM"
                                 " depot_owner', current_database()); END $$");
    test_database_migrate(&database, "inventory");
    test_database_migrate(&database, "accounts");
    value_is("SELECT nspowner::regrole <> 'depot_owner'::regrole FROM pg_namespace"
             " WHERE nspname = 'inventory'",
             "t");
    cr_assert_eq(make_roles(), 0);
    value_is(owned_by_others, "");
    cr_assert_eq(migrate_as("depot_migrator", "up"), 0);
    value_is("SELECT has_table_privilege('depot_inventory', 'inventory.resource', 'SELECT')", "t");
    cr_assert_eq(migrate_as("depot_migrator", "--service=inventory down 9"), 0);
}

Test(roles_before, a_role_without_a_secret_is_named)
{
    char command[128];

    snprintf(command, sizeof(command), "rm %s/depot_accounts_password", secrets);
    cr_assert_eq(shell(command), 0);
    cr_assert_neq(make_roles(), 0);
    value_is("SELECT has_database_privilege('public', current_database(), 'CONNECT')", "t");
}

static void
start_inventory(struct process *process, const char *retries)
{
    char program[512], url[1100], max_retry[32];
    const char *argv[] = {test_program("inventory/inventory", program, sizeof(program)), NULL};
    const char *environment[] = {url, max_retry, "RPC_LISTEN=tcp://127.0.0.1:0", "RPC_WORKERS=1",
                                 NULL};

    snprintf(url, sizeof(url), "DATABASE_URL=%s", url_of("depot_inventory"));
    snprintf(max_retry, sizeof(max_retry), "DB_MAX_RETRY=%s", retries);
    process_start(process, argv, environment);
}

Test(roles_before, a_service_that_may_not_migrate_waits_for_who_may)
{
    struct process process;

    cr_assert_eq(make_roles(), 0);
    start_inventory(&process, "1000");
    cr_assert(process_wait_log(&process,
                               "waiting for migrations: inventory/platform is at 0, 2 is wanted; "
                               "run depot-migrate up",
                               60));
    value_is("SELECT count(*) FROM pg_namespace WHERE nspname = 'inventory'", "0");
    cr_assert_eq(migrate_as("depot_migrator", "up"), 0);
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 30), 0);
}

Test(roles, a_service_waits_for_the_version_that_it_knows)
{
    struct process process;
    char *log;

    cr_assert_eq(migrate_as("depot_migrator", "--service=inventory down"), 0);
    start_inventory(&process, "1");
    cr_assert_eq(process_wait(&process, 30), EXIT_UNAVAILABLE);
    log = process_log(&process);
    cr_assert_not_null(strstr(log, "waiting for migrations: inventory is at "), "%s", log);
    free(log);
    test_database_run(&database, "REVOKE SELECT ON inventory.depot_migration FROM depot_inventory");
    start_inventory(&process, "0");
    cr_assert_eq(process_wait(&process, 30), EXIT_UNAVAILABLE);
    log = process_log(&process);
    cr_assert_not_null(strstr(log, "inventory has no rights in its schema"), "%s", log);
    free(log);
}

static bool
is_pruned(void *closure)
{
    char *n = test_database_value(&database, "SELECT count(*) FROM inventory.depot_idempotency_key"
                                             " WHERE expire_time < now()");
    bool none = strcmp(n, "0") == 0;

    (void)closure;
    free(n);
    return none;
}

/* Calls a method of a service; its exit code, and what it printed, which the caller frees. */
static int
call(const char *address, const char *method, const char *json, char **reply)
{
    char ctl[512], command[2048];
    FILE *pipe;
    int status;

    test_program("tools/depotctl/depotctl", ctl, sizeof(ctl));
    snprintf(command, sizeof(command), "%s --idempotency-key %s call %s %s '%s' 2>&1", ctl, method,
             address, method, json);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    *reply = calloc(1, 65536);
    cr_assert_not_null(*reply);
    cr_assert_lt(fread(*reply, 1, 65535, pipe), 65535);
    status = pclose(pipe);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
does(const char *address, const char *method, const char *json, const char *part)
{
    char *reply;

    cr_expect_eq(call(address, method, json, &reply), 0, "%s: %s", method, reply);
    cr_expect_not_null(strstr(reply, part), "%s: %s", method, reply);
    free(reply);
}

/* The same key again gives the same answer, and no second car. */
Test(roles, inventory_does_all_its_work_as_its_role)
{
    static const char beetle[] = "{\"type\":\"cars\",\"resource\":{\"name\":\"Beetle\"}}";
    struct process process;
    char address[128], json[512], *first, *again, *car;

    test_database_run(&database, "INSERT INTO inventory.depot_idempotency_key VALUES"
                                 " (sha256('a'), sha256('b'), 'c', now() - interval '2 days',"
                                 "  now() - interval '1 day')");
    start_inventory(&process, "0");
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    cr_assert(
        process_log_value(&process, "\"event\":\"started\"", "listen", address, sizeof(address)));
    cr_assert_eq(call(address, "CreateResource", beetle, &first), 0, "%s", first);
    cr_assert_eq(call(address, "CreateResource", beetle, &again), 0, "%s", again);
    cr_assert_not_null(strstr(again, first), "%s", again);
    value_is("SELECT count(*) FROM inventory.resource", "1");
    car = test_database_value(&database, "SELECT id FROM inventory.resource");
    snprintf(json, sizeof(json),
             "{\"type\":\"cars\",\"resourceId\":\"%s\",\"allocation\":{\"startTime\":"
             "\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}}",
             car);
    does(address, "CreateAllocation", json, "2030-01-02");
    snprintf(json, sizeof(json), "{\"type\":\"cars\",\"resourceId\":\"%s\"}", car);
    does(address, "ListAllocations", json, "2030-01-02");
    does(address, "ListFreePeriods", json, "2030-01-02");
    snprintf(json, sizeof(json),
             "{\"type\":\"cars\",\"id\":\"%s\",\"resource\":{\"description\":\"red\"},"
             "\"updateMask\":\"description\"}",
             car);
    does(address, "UpdateResource", json, "red");
    does(address, "CreatePxcode", "{\"pxcode\":{\"pxcode\":\"123\",\"procedure\":\"x\"}}", "123");
    cr_assert(wait_until(is_pruned, NULL, 60));
    value_is("SELECT count(*) > 3 FROM inventory.depot_audit", "t");
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 30), 0);
    free(first);
    free(again);
    free(car);
}

static void
expect(const struct stack *stack, const char *token, int status, const char *verb, const char *path,
       const char *body)
{
    struct http_response response;

    stack_send_as(stack, token, &response, verb, path, body);
    cr_expect_eq(response.status, status, "%s %s: %d %s", verb, path, response.status,
                 response.body);
    http_free(&response);
}

/* Where each process knows its own role and nothing else. */
Test(roles, the_whole_system_runs_as_its_roles)
{
    static struct identities people;
    char inventory_url[1100], accounts_url[1100], sql[256], car[37], path[128];
    const char *const inventorys[] = {inventory_url, NULL}, *const accounts[] = {accounts_url,
                                                                                 NULL};
    struct stack_options options = {
        .database_url = database.url, .services = inventorys, .accounts = accounts};
    struct stack stack;

    unsetenv("AUTH_MODE");
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET search_path = inventory, accounts, public",
             database.name);
    test_database_run(&database, sql); /* for what the test itself asks */
    snprintf(inventory_url, sizeof(inventory_url), "DATABASE_URL=%s", url_of("depot_inventory"));
    snprintf(accounts_url, sizeof(accounts_url), "DATABASE_URL=%s", url_of("depot_accounts"));
    stack_start(&stack, &options);
    identities_make(&people, &stack);
    stack_make_car(&stack, "Beetle", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    expect(&stack, people.token[IDENTITY_MEMBER], 201, "POST", path,
           "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}");
    expect(&stack, people.token[IDENTITY_OTHER], 409, "POST", path,
           "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-02T00:00:00Z\"}");
    expect(&stack, people.token[IDENTITY_MEMBER], 200, "GET", "/v1/auth/me", NULL);
    expect(&stack, stack.token, 200, "GET", "/v1/users", NULL);
    expect(&stack, stack.token, 200, "GET", "/v1/audit-events", NULL);
    snprintf(path, sizeof(path), "/v1/users/%s", people.other_id);
    expect(&stack, stack.token, 200, "PATCH", path, "{\"role\":\"MANAGER\"}");
    expect(&stack, stack.token, 204, "DELETE", path, NULL);
    expect(&stack, "", 401, "POST", "/v1/auth/login",
           "{\"username\":\"admin\",\"password\":\"not the right one\"}");
    stack_stop(&stack);
}
