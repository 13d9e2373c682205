/* depot-migrate as operators call it. */
#include <criterion/criterion.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "db/options.h"
#include "support/capture.h"
#include "support/cluster.h"
#include "support/process.h"
#include "support/temp.h"

static struct test_database database;
static char tool[512], folder[64];

static void
put(const char *service, const char *file, const char *text)
{
    char command[256], path[256];
    FILE *stream;

    snprintf(command, sizeof(command), "mkdir -p %s/%s", folder, service);
    cr_assert_eq(system(command), 0);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, service, file);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fputs(text, stream), 0);
    cr_assert_eq(fclose(stream), 0);
}

static void
set_up(void)
{
    for (size_t i = 0; i < db_config_n_items; i++) {
        unsetenv(db_config_items[i].name);
    }
    unsetenv("APP_ENV");
    temp_template(folder, sizeof(folder), "depot-tool");
    cr_assert_not_null(mkdtemp(folder));
    put("one", "0001_a.up.sql", "CREATE TABLE one_a ();");
    put("one", "0001_a.down.sql", "DROP TABLE one_a;");
    put("one", "0002_b.up.sql", "CREATE TABLE one_b ();");
    put("one", "0002_b.down.sql", "DROP TABLE one_b;");
    test_program("tools/migrate/depot-migrate", tool, sizeof(tool));
    test_database_open(&database);
    setenv("DATABASE_URL", database.url, 1);
    setenv("MIGRATIONS_DIR", folder, 1);
}

static void
tear_down(void)
{
    char command[128];

    test_database_drop(&database);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(tool, .init = set_up, .fini = tear_down);

/* Runs it and asserts its exit code; all that it wrote goes to a string that the caller frees. */
static char *
output(int code, const char *arguments)
{
    char command[1024];
    char *text = calloc(1, 65536);
    FILE *pipe;
    int status;

    cr_assert_not_null(text);
    snprintf(command, sizeof(command), "%s %s 2>&1 </dev/null", tool, arguments);
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    cr_assert_lt(fread(text, 1, 65535, pipe), 65535);
    status = pclose(pipe);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), code, "%s: %d\n%s", arguments, WEXITSTATUS(status), text);
    return text;
}

/* What it wrote holds `part`, and no password. */
static void
says(int code, const char *arguments, const char *part)
{
    char *text = output(code, arguments);

    cr_assert_not_null(strstr(text, part), "%s\n%s", arguments, text);
    cr_assert_null(strstr(text, "hunter2"), "%s\n%s", arguments, text);
    free(text);
}

static void
tables_are(const char *wanted)
{
    char *tables = test_database_value(
        &database, "SELECT coalesce(string_agg(tablename, ' ' ORDER BY tablename), '')"
                   " FROM pg_tables WHERE schemaname IN ('one', 'two') AND tablename <> "
                   "'depot_migration'");

    cr_assert_str_eq(tables, wanted);
    free(tables);
}

Test(tool, up_down_and_status)
{
    says(0, "status", "one  0001  a                                 pending\n");
    says(0, "up", "one  0002  b                                 applied 2");
    tables_are("one_a one_b");
    says(0, "down", "one  0002  b                                 pending\n");
    tables_are("one_a");
    says(0, "up", "applied");
    says(0, "down 2", "one  0001  a                                 pending\n");
    tables_are("");
}

Test(tool, all_services_or_one)
{
    put("two", "0001_x.up.sql", "CREATE TABLE two_x ();");
    put("two", "0001_x.down.sql", "DROP TABLE two_x;");
    says(0, "--service=two up", "two  0001  x ");
    tables_are("two_x");
    says(0, "up", "one  0002  b ");
    tables_are("one_a one_b two_x");
    says(78, "down", "down needs --service=NAME");
    tables_are("one_a one_b two_x");
    says(0, "down --service=two", "two  0001  x                                 pending\n");
    tables_are("one_a one_b");
    says(78, "--service=three up", "has no folder three");
    says(78, "--service=../one up", "a service's name is");
}

Test(tool, the_platform_is_a_part_of_each_service)
{
    put("platform", "0001_p.up.sql", "CREATE TABLE p ();");
    put("platform", "0001_p.down.sql", "DROP TABLE p;");
    put("two", "0001_x.up.sql", "CREATE TABLE two_x ();");
    put("two", "0001_x.down.sql", "DROP TABLE two_x;");
    says(0, "status", "two/platform  0001  p                                 pending\n");
    says(0, "up", "one/platform  0001  p                                 applied");
    tables_are("one_a one_b p p two_x");
    says(78, "down --platform", "down needs --service=NAME");
    says(78, "down --service=platform", "--service=NAME --platform");
    says(78, "up --platform", "only down takes --platform");
    says(0, "--service=two down --platform",
         "two/platform  0001  p                                 pending");
    tables_are("one_a one_b p two_x");
    says(0, "psql -XAtc 'SHOW search_path'", "one,two,public\n");
    says(0, "psql -XAtc 'SELECT FROM p, one_a, two_x'", "");
}

Test(tool, in_production_a_connection_to_elsewhere_is_encrypted)
{
    setenv("APP_ENV", "production", 1);
    says(0, "status", "pending");
    setenv("DATABASE_URL", "postgresql://u:hunter2@db.invalid/d", 1);
    says(78, "status", "sslmode is prefer");
}

Test(tool, a_failed_migration_is_1_and_named)
{
    put("one", "0002_b.up.sql", "CREATE TABLE one_b ();\nCREATE TABLE one_a ();");
    says(1, "up", "depot-migrate: 0002_b.up.sql:2: relation \"one_a\" already exists (42P07)\n");
    tables_are("one_a");
    put("one", "0001_a.up.sql", "CREATE TABLE one_a (id int);");
    says(1, "up", "0001_a.up.sql: was edited");
    says(0, "status", "EDITED");
}

Test(tool, a_database_that_never_comes_is_69)
{
    setenv("DATABASE_URL", "postgresql://u:hunter2@/d?host=/no/such/folder", 1);
    setenv("DB_MAX_RETRY", "1", 1);
    says(69, "up", "depot-migrate: connection to server");
    says(69, "status", "\"attempt\":2");
}

Test(tool, wrong_settings_are_78)
{
    char url[512];

    test_database_tcp_url(&database, test_cluster_user(), "hunter2", url, sizeof(url));
    setenv("DATABASE_URL", url, 1);
    says(78, "up", "28P01");
    setenv("DATABASE_URL", "postgresql://u:hunter2@hunter2@h/d", 1);
    says(78, "url", "DATABASE_URL");
    unsetenv("DATABASE_URL");
    says(78, "up", "POSTGRES_HOST");
    setenv("DATABASE_URL", database.url, 1);
    setenv("MIGRATIONS_DIR", "/no/such/folder", 1);
    says(78, "up", "/no/such/folder: cannot be read");
    setenv("MIGRATIONS_DIR", strcat(folder, "/one"), 1);
    says(78, "up", "holds no service's folder");
    folder[strlen(folder) - 4] = '\0';
}

Test(tool, an_unsafe_database_is_78)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET synchronous_commit = off", database.name);
    test_database_run(&database, sql);
    says(78, "up", "synchronous_commit");
    tables_are("");
    setenv("ALLOW_UNSAFE_DB", "1", 1);
    says(0, "up", "applied");
}

Test(tool, wrong_arguments_are_78)
{
    static const char *const lines[] = {"",       "nix",        "up 1",      "status x", "down x",
                                        "down 0", "down -1",    "down 1 2",  "url x",    "reset x",
                                        "--nix",  "up --nix=3", "--service", "down 1x"};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        free(output(78, lines[i]));
    }
    says(78, "reset --service=one", "reset deletes the data of all services");
    says(0, "--help", "DB_MAX_RETRY");
    says(0, "--config-markdown", "| `DATABASE_URL` |");
    says(0, "--config-markdown", "| `APP_ENV` |");
}

Test(tool, reset_wants_the_name)
{
    char line[128];

    says(0, "up", "applied");
    test_database_run(&database, "CREATE TABLE one.left_over ()");
    says(78, "reset", "nothing was deleted");
    says(78, "reset --confirm=postgres", "nothing was deleted: the database is \"test_");
    says(78, "reset --confirm=", "nothing was deleted");
    tables_are("left_over one_a one_b");
    setenv("APP_ENV", "production", 1);
    says(78, "reset", "nothing was deleted");
    snprintf(line, sizeof(line), "reset --confirm=%s", database.name);
    says(0, line, "one  0002  b                                 applied");
    tables_are("one_a one_b");
}

/* At a terminal it asks; returns its exit code. */
static int
reset_at_terminal(const char *answer)
{
    char text[4096] = "";
    size_t length = 0;
    int terminal, status;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    ssize_t n;

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        execl(tool, tool, "reset", (char *)NULL);
        _exit(127);
    }
    cr_assert_eq(dprintf(terminal, "%s\n", answer), (int)strlen(answer) + 1);
    while ((n = read(terminal, text + length, sizeof(text) - 1 - length)) > 0) {
        length += (size_t)n;
    }
    close(terminal);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(tool, reset_asks_at_a_terminal)
{
    test_database_run(&database, "CREATE SCHEMA one; CREATE TABLE one.left_over ()");
    cr_assert_eq(reset_at_terminal("yes"), 1);
    tables_are("left_over");
    setenv("APP_ENV", "production", 1);
    cr_assert_eq(reset_at_terminal(database.name), 78);
    tables_are("left_over");
    unsetenv("APP_ENV");
    cr_assert_eq(reset_at_terminal(database.name), 0);
    tables_are("one_a one_b");
}

Test(tool, psql_gets_the_password_but_not_as_an_argument)
{
    char url[512], path[4096], *line;

    test_database_tcp_url(&database, test_cluster_user(), test_cluster_password(), url,
                          sizeof(url));
    setenv("DATABASE_URL", url, 1);
    says(0, "psql -XAtc 'SELECT current_database()'", database.name);
    says(0, "psql --help", "psql is the PostgreSQL interactive terminal");
    line = output(0, "psql -XAt -c '\\! tr \"\\0\" \" \" </proc/$PPID/cmdline'");
    cr_assert_not_null(strstr(line, "psql -XAt -c"), "%s", line);
    cr_assert_null(strstr(line, test_cluster_password()), "%s", line);
    free(line);
    snprintf(path, sizeof(path), "%s", getenv("PATH"));
    setenv("PATH", "/no/such/folder", 1);
    says(1, "psql", "psql cannot be run");
    setenv("PATH", path, 1);
}

Test(tool, url_holds_no_password)
{
    setenv("DATABASE_URL", "postgresql://u:hunter2@h:1/d", 1);
    says(0, "url", "postgresql://u@h:1/d\n");
}
