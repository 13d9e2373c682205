/* A database of the time before each service had a schema: all of inventory was in `public`. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "db/migrate.h"
#include "db/migration_files.h"
#include "support/capture.h"
#include "support/cluster.h"

static const char dir[] = DEPOT_SOURCE_FOLDER "/migrations";

static struct test_database database;

static void
run_in_public(const char *sql)
{
    char *whole = NULL;

    cr_assert_gt(asprintf(&whole, "SET search_path = public; %s", sql), 0);
    test_database_run(&database, whole);
    free(whole);
}

/* The first `n` versions of a folder, as that time's program applied and recorded them. */
static void
make_old_part(const char *service, int n)
{
    struct migration_files files;
    struct arena arena;
    struct error error;
    char folder[512], row[512];

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    snprintf(folder, sizeof(folder), "%s/%s", dir, service);
    cr_assert_eq(migration_files_read(&arena, folder, &files, &error), STATUS_OK);
    cr_assert_geq(files.n, n);
    for (int i = 0; i < n; i++) {
        run_in_public(files.migrations[i].up);
        snprintf(row, sizeof(row), "INSERT INTO depot_migration VALUES ('%s', %d, '%s', '%s')",
                 service, i + 1, files.migrations[i].name, files.migrations[i].sha256);
        run_in_public(row);
    }
    arena_fini(&arena);
}

static void
make_old(int n_inventory)
{
    test_database_open(&database);
    run_in_public("CREATE TABLE depot_migration (service text NOT NULL,"
                  " version int NOT NULL CHECK (version > 0), name text NOT NULL,"
                  " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),"
                  " PRIMARY KEY (service, version))");
    make_old_part("platform", 1);
    make_old_part("inventory", n_inventory);
}

static void
put_data(void)
{
    run_in_public(
        "INSERT INTO resource (id, type, name, description, attributes) VALUES"
        " ('00000000-0000-7000-8000-000000000001', 'cars', 'Beetle', '', '{}');"
        "INSERT INTO allocation (id, resource_id, kind, during, description, attributes) VALUES"
        " ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001',"
        "  'BOOKING', '[2030-01-01, 2030-01-02)', '', '{}');"
        "INSERT INTO pxcode VALUES ('123', 'x');"
        "INSERT INTO depot_idempotency_key (scope, fingerprint, reply)"
        " SELECT sha256('a'), sha256('b'), 'c'");
}

static void
tear_down(void)
{
    test_database_drop(&database);
}

TestSuite(adopt, .fini = tear_down);

/* Connects, migrates as a service does when it starts, and gives the status. */
static enum status
start(const char *service, struct error *error)
{
    struct db_options options = {.url = database.url, .schema = service};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    enum status status = db_connect(&options, &conn, &failure, error);

    if (status == STATUS_OK) {
        status = db_migrate_service(conn, dir, service, 0, NULL, error);
    }
    db_close(conn);
    return status;
}

static void
started(const char *service)
{
    struct error error = {""};

    cr_assert_eq(start(service, &error), STATUS_OK, "%s", error.text);
}

static void
value_is(const char *sql, const char *wanted)
{
    test_database_expect(&database, sql, wanted);
}

/* What is in a schema, sorted. */
static void
tables_are(const char *schema, const char *wanted)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '') FROM pg_tables"
             " WHERE schemaname = '%s'",
             schema);
    value_is(sql, wanted);
}

/* SQL that the database refuses with this SQLSTATE. */
static void
refused(const char *sql, const char *sqlstate)
{
    char *block = NULL;

    cr_assert_gt(asprintf(&block,
                          "DO $$ BEGIN %s; RAISE 'it was let through'; EXCEPTION WHEN SQLSTATE '%s'"
                          " THEN NULL; END $$",
                          sql, sqlstate),
                 0);
    test_database_run(&database, block);
    free(block);
}

#define INVENTORYS "allocation depot_audit depot_idempotency_key depot_migration pxcode resource"

Test(adopt, data_and_constraints_go_along)
{
    make_old(4);
    put_data();
    started("inventory");
    tables_are("public", "");
    tables_are("inventory", INVENTORYS);
    value_is("SELECT name FROM inventory.resource JOIN inventory.allocation"
             " ON resource_id = resource.id",
             "Beetle");
    value_is("SELECT count(*) FROM inventory.pxcode, inventory.depot_idempotency_key", "1");
    refused("UPDATE inventory.allocation SET resource_id = gen_random_uuid()", "23503");
    refused("INSERT INTO inventory.allocation SELECT gen_random_uuid(), resource_id, kind, during,"
            " description, attributes FROM inventory.allocation",
            "23P01");
    refused("INSERT INTO inventory.resource SELECT gen_random_uuid(), type, name, description,"
            " attributes FROM inventory.resource",
            "23505");
    test_database_run(&database, "DELETE FROM inventory.resource");
    value_is("SELECT count(*) FROM inventory.allocation", "0");
    value_is("SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'btree_gist'",
             "public");
}

Test(adopt, it_happens_once)
{
    struct capture capture;
    char *log;

    make_old(4);
    put_data();
    capture_begin(&capture);
    started("inventory");
    run_in_public("CREATE TABLE resource (id int)"); /* somebody else's by now */
    started("inventory");
    log = capture_end(&capture);
    cr_assert_eq(count_lines(log, "schema_adopted"), 1, "%s", log);
    free(log);
    tables_are("public", "resource");
    value_is("SELECT count(*) FROM inventory.resource", "1");
}

Test(adopt, a_database_that_was_behind_catches_up)
{
    make_old(2);
    started("inventory");
    tables_are("public", "");
    tables_are("inventory", INVENTORYS);
    value_is("SELECT count(*) = max(version) FROM inventory.depot_migration"
             " WHERE service = 'inventory'",
             "t");
}

Test(adopt, others_tables_in_public_stay)
{
    make_old(4);
    run_in_public("CREATE TABLE others (id int)");
    started("inventory");
    tables_are("public", "others");
}

Test(adopt, accounts_takes_nothing_whoever_comes_first)
{
    make_old(4);
    put_data();
    started("accounts");
    tables_are("public", "allocation depot_idempotency_key depot_migration pxcode resource");
    value_is("SELECT count(*) FROM accounts.depot_idempotency_key", "0");
    value_is("SELECT count(*) FROM accounts.depot_migration WHERE service = 'inventory'", "0");
    started("inventory");
    tables_are("public", "");
    value_is("SELECT count(*) FROM inventory.depot_idempotency_key", "1");
}

/* Its process ends with the status. */
static pid_t
start_aside(const char *service)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct error error = {""};
        enum status status = start(service, &error);

        fprintf(stderr, "%s", error.text);
        _exit((int)status);
    }
    return pid;
}

Test(adopt, several_replicas_and_services_may_start_at_once)
{
    static const char *const services[] = {"inventory", "accounts", "inventory", "accounts"};
    pid_t pids[4];

    make_old(4);
    put_data();
    for (size_t i = 0; i < 4; i++) {
        pids[i] = start_aside(services[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        int code = -1;

        cr_assert_eq(waitpid(pids[i], &code, 0), pids[i]);
        cr_assert_eq(code, 0);
    }
    tables_are("public", "");
    tables_are("inventory", INVENTORYS);
    value_is("SELECT count(*) FROM inventory.depot_idempotency_key", "1");
    value_is("SELECT count(*) FROM accounts.depot_idempotency_key", "0");
}

/* Nothing moves, or everything. */
Test(adopt, what_cannot_be_moved_leaves_all_where_it_is)
{
    struct error error;

    make_old(4);
    put_data();
    test_database_run(&database, "CREATE SCHEMA inventory; CREATE TABLE inventory.pxcode ()");
    cr_assert_eq(start("inventory", &error), STATUS_FAILED_PRECONDITION);
    cr_assert_not_null(strstr(error.text, "inventory/adopt.sql:"), "%s", error.text);
    tables_are("public", "allocation depot_idempotency_key depot_migration pxcode resource");
    tables_are("inventory", "pxcode");
    test_database_run(&database, "DROP TABLE inventory.pxcode");
    started("inventory");
    tables_are("inventory", INVENTORYS);
}

/* What depot-migrate says of it and does with it before anything has started. */
Test(adopt, status_says_so_and_down_works)
{
    struct db_options options = {.application_name = "test"};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    make_old(4);
    options.url = database.url;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(db_migrate_status(conn, dir, "inventory", out, &error), STATUS_OK);
    fclose(out);
    cr_assert_str_eq(text, "inventory  is still in public: up moves it to a schema of its own\n");
    free(text);
    cr_assert_eq(db_migrate_down(conn, dir, "inventory", DB_MIGRATE_OWN, 2, &error), STATUS_OK,
                 "%s", error.text);
    tables_are("public", "");
    tables_are("inventory", "allocation depot_idempotency_key depot_migration resource");
    db_close(conn);
}
