/* Several processes that migrate one database at once. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/conn_pg.h"
#include "db/migrate.h"
#include "support/cluster.h"
#include "support/process.h"

enum { PROCESSES = 4 };

#define LOCK "431198596980"

static struct test_database database;
static char folder[64];

static void
put(const char *file, const char *text)
{
    char path[256];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/one/%s", folder, file);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fputs(text, stream), 0);
    cr_assert_eq(fclose(stream), 0);
}

static void
set_up(void)
{
    char text[128];

    strcpy(folder, "/tmp/depot-race-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(text, sizeof(text), "%s/one", folder);
    cr_assert_eq(mkdir(text, 0700), 0);
    test_database_open(&database);
    snprintf(text, sizeof(text), "ALTER DATABASE %s SET search_path = one", database.name);
    test_database_run(&database, text);
    put("0001_a.up.sql", "CREATE TABLE a (id int); INSERT INTO a VALUES (1);");
    put("0001_a.down.sql", "DROP TABLE a;");
    put("0002_b.up.sql", "INSERT INTO a VALUES (2); SELECT pg_sleep(0.2);");
    put("0002_b.down.sql", "DELETE FROM a WHERE id = 2;");
}

static void
tear_down(void)
{
    char command[128];

    test_database_drop(&database);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(migrate_race, .init = set_up, .fini = tear_down);

static struct db_conn *
connect_database(const char *application)
{
    struct db_options options = {.url = database.url, .application_name = application};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error;

    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    return conn;
}

static enum status
migrate(const char *application)
{
    struct db_conn *conn = connect_database(application);
    struct error error = {""};
    enum status status = db_migrate_up(conn, folder, "one", NULL, &error);

    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    db_close(conn);
    return status;
}

/* A process that connects by itself and migrates; its exit code is the status. */
static pid_t
start(void)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        _exit((int)migrate("child"));
    }
    return pid;
}

static void
ended(pid_t pid, enum status wanted)
{
    int code = 0;

    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_assert(WIFEXITED(code));
    cr_assert_eq(WEXITSTATUS(code), wanted);
}

static void
value_is(const char *sql, const char *wanted)
{
    test_database_expect(&database, sql, wanted);
}

Test(migrate_race, each_migration_is_applied_once)
{
    pid_t pids[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = start();
    }
    for (int i = 0; i < PROCESSES; i++) {
        ended(pids[i], STATUS_OK);
    }
    value_is("SELECT string_agg(id::text, ' ' ORDER BY id) FROM a", "1 2");
    value_is("SELECT count(*) FROM depot_migration", "2");
}

/* Takes the lock of the migrations in a session that stays. */
static struct db_conn *
hold_lock(void)
{
    struct db_conn *conn = connect_database("holder");
    PGresult *result = PQexec(db_conn_pg(conn), "SELECT pg_advisory_lock(" LOCK ")");

    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    return conn;
}

Test(migrate_race, at_head_no_lock_is_taken)
{
    struct db_conn *holder;

    cr_assert_eq(migrate("first"), STATUS_OK);
    holder = hold_lock();
    cr_assert_eq(migrate("second"), STATUS_OK);
    db_close(holder);
}

/* The child has asked for the lock and was told no: it sleeps, idle, between two polls. */
static bool
polls(void *closure)
{
    char *value = test_database_value(
        &database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                   " AND application_name = 'child' AND query LIKE '%pg_try_advisory_lock%'"
                   " AND state = 'idle'");
    bool yes = strcmp(value, "1") == 0;

    (void)closure;
    free(value);
    return yes;
}

Test(migrate_race, who_comes_second_waits_without_a_transaction)
{
    struct db_conn *holder = hold_lock();
    pid_t pid = start();

    cr_assert(wait_until(polls, NULL, 60));
    value_is("SELECT to_regclass('a') IS NULL", "t");
    db_close(holder);
    ended(pid, STATUS_OK);
    value_is("SELECT count(*) FROM a", "2");
}

static bool
sleeps(void *closure)
{
    char *value = test_database_value(
        &database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                   " AND query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'");
    bool yes = strcmp(value, "1") == 0;

    (void)closure;
    free(value);
    return yes;
}

static atomic_bool told;

static void
tell(int number)
{
    (void)number;
    atomic_store(&told, true);
}

/* As start(), for a process that can be told to stop. */
static pid_t
start_stoppable(void)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct db_conn *conn = connect_database("child");
        struct error error;

        signal(SIGTERM, tell);
        _exit((int)db_migrate_up(conn, folder, "one", &told, &error));
    }
    return pid;
}

/* It ends by itself: the sleep and the lock would outlast the test. */
Test(migrate_race, one_that_waits_can_be_stopped, .timeout = 60)
{
    struct db_conn *holder = hold_lock();
    pid_t pid = start_stoppable();

    cr_assert(wait_until(polls, NULL, 30));
    cr_assert_eq(kill(pid, SIGTERM), 0);
    ended(pid, STATUS_CANCELLED);
    value_is("SELECT to_regclass('a') IS NULL", "t");
    db_close(holder);
}

Test(migrate_race, one_that_runs_can_be_stopped, .timeout = 60)
{
    pid_t pid;

    put("0002_b.up.sql", "INSERT INTO a VALUES (3);\nSELECT pg_sleep(600);");
    pid = start_stoppable();
    cr_assert(wait_until(sleeps, NULL, 30));
    cr_assert_eq(kill(pid, SIGTERM), 0);
    ended(pid, STATUS_CANCELLED);
    value_is("SELECT string_agg(id::text, ' ') FROM a", "1");
    value_is("SELECT count(*) FROM depot_migration", "1");
    put("0002_b.up.sql", "INSERT INTO a VALUES (2);");
    cr_assert_eq(migrate("second"), STATUS_OK);
}

Test(migrate_race, one_that_is_killed_leaves_nothing_and_blocks_nobody)
{
    pid_t pid;
    int code;

    put("0002_b.up.sql", "INSERT INTO a VALUES (3);\nSELECT pg_sleep(600);");
    pid = start();
    cr_assert(wait_until(sleeps, NULL, 60));
    cr_assert_eq(kill(pid, SIGKILL), 0);
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    put("0002_b.up.sql", "INSERT INTO a VALUES (2);");
    cr_assert_eq(migrate("second"), STATUS_OK);
    value_is("SELECT string_agg(id::text, ' ' ORDER BY id) FROM a", "1 2");
}
