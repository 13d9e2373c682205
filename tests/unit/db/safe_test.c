/* Databases that a service does not start on. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "db/conn.h"
#include "support/cluster.h"
#include "support/server.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct db_options
options_of(const char *url)
{
    return (struct db_options){.url = url, .application_name = "safe_test"};
}

/* Connects or fails the test. */
static struct db_conn *
connect_to(const char *url)
{
    struct db_options options = options_of(url);
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};

    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    return conn;
}

/* `setting` is what the error names; NULL: the database is safe. */
static void
safe_is(const char *url, const char *setting)
{
    struct db_options options = options_of(url);
    struct db_conn *conn = connect_to(url);
    struct error error = {""};
    enum status status = db_check_safe(&options, conn, &error);

    cr_assert_eq(status, setting == NULL ? STATUS_OK : STATUS_FAILED_PRECONDITION, "%s",
                 error.text);
    cr_assert(setting == NULL || strstr(error.text, setting) != NULL, "%s", error.text);
    options.allow_unsafe = true;
    cr_assert_eq(db_check_safe(&options, conn, &error), STATUS_OK, "%s", error.text);
    db_close(conn);
}

Test(conn, a_database_that_may_lose_data_is_refused)
{
    static const char *const values[] = {"on", "local", "remote_write", "remote_apply"};
    struct test_database database;
    char sql[256];

    test_database_open(&database);
    for (size_t i = 0; i < N(values); i++) {
        snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET synchronous_commit = %s", database.name,
                 values[i]);
        test_database_run(&database, sql);
        safe_is(database.url, NULL);
    }
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET synchronous_commit = off", database.name);
    test_database_run(&database, sql);
    safe_is(database.url, "synchronous_commit");
    test_database_drop(&database);
}

Test(conn, a_database_of_another_encoding_is_refused)
{
    struct test_database database, other;
    char sql[256];

    test_database_open(&database);
    other = database;
    snprintf(other.name, sizeof(other.name), "%.40s_ascii", database.name);
    snprintf(sql, sizeof(sql),
             "CREATE DATABASE %s ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
             "TEMPLATE template0",
             other.name);
    test_database_run(&database, sql);
    snprintf(other.url, sizeof(other.url), "postgresql://%s@/%s?host=%s&port=%d",
             test_cluster_user(), other.name, test_cluster_host(), test_cluster_tcp_port());
    safe_is(other.url, "server_encoding");
    test_database_drop(&other);
    test_database_drop(&database);
}

Test(conn, a_server_without_fsync_is_refused)
{
    static const char *const no_fsync[] = {"fsync=off", NULL};
    static const char *const no_pages[] = {"full_page_writes=off", NULL};
    struct server server;

    server_make(&server);
    server_start(&server, no_fsync);
    safe_is(server.url, "fsync");
    server_kill(&server);
    server_start(&server, no_pages);
    safe_is(server.url, "full_page_writes");
    server_remove(&server);
}
