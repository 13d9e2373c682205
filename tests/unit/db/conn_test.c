/* Connecting to a database that is there, is not, or is not the right one. */
#include "db/conn.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "db/conn_pg.h"
#include "support/cluster.h"
#include "support/fake_postgres.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct db_options
options_of(const char *url)
{
    return (struct db_options){.url = url, .application_name = "conn_test"};
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
    cr_assert_eq(failure, DB_FAILURE_NONE);
    return conn;
}

/* Fails to connect as it should, with a message that holds `part` and no password. */
static void
refused(const struct db_options *options, enum db_failure wanted, const char *part)
{
    struct db_conn *conn = NULL;
    enum db_failure failure = DB_FAILURE_NONE;
    struct error error = {""};
    enum status status = db_connect(options, &conn, &failure, &error);

    cr_assert_eq(failure, wanted, "%s", error.text);
    cr_assert_eq(status, wanted == DB_FAILURE_FATAL ? STATUS_INVALID_ARGUMENT : STATUS_UNAVAILABLE);
    cr_assert_null(conn);
    cr_assert_not_null(strstr(error.text, part), "%s", error.text);
    cr_assert_null(strstr(error.text, "hunter2"), "%s", error.text);
    cr_assert_null(strchr(error.text, '\n'), "%s", error.text);
}

static void
show_is(struct db_conn *conn, const char *setting, const char *wanted)
{
    char sql[128];
    PGresult *result;

    snprintf(sql, sizeof(sql), "SHOW %s", setting);
    result = PQexec(db_conn_pg(conn), sql);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK);
    cr_assert_str_eq(PQgetvalue(result, 0, 0), wanted, "%s is %s", setting,
                     PQgetvalue(result, 0, 0));
    PQclear(result);
}

Test(conn, a_session_is_ours_whatever_the_database_says)
{
    struct test_database database;
    struct db_conn *conn;
    char sql[1024];

    test_database_open(&database);
    snprintf(sql, sizeof(sql),
             "ALTER DATABASE %1$s SET timezone = 'Asia/Tokyo';"
             "ALTER DATABASE %1$s SET datestyle = 'German';"
             "ALTER DATABASE %1$s SET client_encoding = 'LATIN1';"
             "ALTER DATABASE %1$s SET bytea_output = 'escape';"
             "ALTER DATABASE %1$s SET standard_conforming_strings = off;"
             "ALTER DATABASE %1$s SET statement_timeout = 0;"
             "ALTER DATABASE %1$s SET default_transaction_isolation = 'serializable'",
             database.name);
    test_database_run(&database, sql);
    conn = connect_to(database.url);
    show_is(conn, "timezone", "UTC");
    show_is(conn, "datestyle", "ISO, MDY");
    show_is(conn, "client_encoding", "UTF8");
    show_is(conn, "bytea_output", "hex");
    show_is(conn, "standard_conforming_strings", "on");
    show_is(conn, "default_transaction_isolation", "read committed");
    show_is(conn, "statement_timeout", "30s");
    show_is(conn, "application_name", "conn_test");
    cr_assert_str_eq(db_conn_database(conn), database.name);
    db_close(conn);
    test_database_drop(&database);
}

Test(conn, a_url_may_change_time_outs_but_not_forms)
{
    struct test_database database;
    struct db_conn *conn;
    char url[2048];

    test_database_open(&database);
    snprintf(url, sizeof(url),
             "%s&application_name=other&client_encoding=LATIN1"
             "&options=-c%%20statement_timeout%%3D7s%%20-c%%20timezone%%3DCET",
             database.url);
    conn = connect_to(url);
    show_is(conn, "statement_timeout", "7s");
    show_is(conn, "timezone", "UTC");
    show_is(conn, "client_encoding", "UTF8");
    show_is(conn, "application_name", "other");
    db_close(conn);
    test_database_drop(&database);
}

/* Whatever the URL, the role or the database say. */
Test(conn, a_service_looks_into_its_schema_and_then_into_public)
{
    struct test_database database;
    struct db_options options = {.schema = "accounts"};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};
    char url[2048];

    test_database_open(&database);
    snprintf(url, sizeof(url), "%s&options=-c%%20search_path%%3Dinventory", database.url);
    options.url = url;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    show_is(conn, "search_path", "accounts,public");
    PQclear(PQexec(db_conn_pg(conn), "RESET ALL"));
    show_is(conn, "search_path", "accounts,public");
    db_close(conn);
    options.schema = NULL;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    show_is(conn, "search_path", "inventory");
    db_close(conn);
    test_database_drop(&database);
}

Test(conn, a_password_may_hold_any_character)
{
    struct test_database database;
    struct db_options options = {
        .host = "127.0.0.1", .port = test_cluster_tcp_port(), .password = "hunter2 'b\\c\" d@/:%e"};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};
    char sql[256];

    test_database_open(&database);
    snprintf(sql, sizeof(sql), "CREATE ROLE \"%s u'\\\" LOGIN PASSWORD 'hunter2 ''b\\c\" d@/:%%e'",
             database.name);
    test_database_run(&database, sql);
    options.user = strcat(strcpy(sql, database.name), " u'\\");
    options.name = database.name;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    db_close(conn);
    options.password = "hunter2";
    refused(&options, DB_FAILURE_FATAL, "28P01");
    options.password = NULL;
    refused(&options, DB_FAILURE_FATAL, "a password is asked for");
    snprintf(sql, sizeof(sql), "DROP ROLE \"%s u'\\\"", database.name);
    test_database_run(&database, sql);
    test_database_drop(&database);
}

Test(conn, what_no_waiting_mends_is_fatal)
{
    struct db_options options = {.host = test_cluster_host(), .user = "nobody_is_called_so"};

    options.port = test_cluster_tcp_port();
    options.name = "postgres";
    refused(&options, DB_FAILURE_FATAL, "28000");
    options.user = test_cluster_user();
    options.name = "no_such_database";
    refused(&options, DB_FAILURE_FATAL, "3D000");
    options.host = "127.0.0.1";
    options.password = "hunter2";
    refused(&options, DB_FAILURE_FATAL, "28P01");
    options.host = "/tmp/a_folder_whose_name_is_far_too_long_for_the_path_of_a_socket_because_it_"
                   "has_more_than_a_hundred_and_seven_bytes";
    refused(&options, DB_FAILURE_FATAL, "too long");
}

Test(conn, what_is_not_there_may_come)
{
    struct db_options options = {.host = "/tmp/no-such-folder", .user = "u", .name = "d"};
    struct fake_postgres fake;
    char url[256];

    refused(&options, DB_FAILURE_UNAVAILABLE, "No such file");
    options.host = "no-such-host.invalid";
    refused(&options, DB_FAILURE_UNAVAILABLE, "no-such-host.invalid");
    fake_postgres_start(&fake, "", 0);
    fake_postgres_url(&fake, url, sizeof(url));
    options = options_of(url);
    refused(&options, DB_FAILURE_UNAVAILABLE, "closed the connection");
    fake_postgres_stop(&fake);
    refused(&options, DB_FAILURE_UNAVAILABLE, "refused");
}

Test(conn, the_servers_language_does_not_matter)
{
    static const struct {
        const char *severity, *sqlstate, *message;
        enum db_failure failure;
    } cases[] = {
        {"FATAL", "57P03", "the database system is starting up", DB_FAILURE_UNAVAILABLE},
        {"ВАЖНО", "57P03", "система баз данных запускается", DB_FAILURE_UNAVAILABLE},
        {"致命错误", "53300", "对不起, 已经有太多的客户", DB_FAILURE_UNAVAILABLE},
        {"FATALE", "57P01", "terminazione", DB_FAILURE_UNAVAILABLE},
        {"ВАЖНО", "28P01", "пользователь не прошёл проверку", DB_FAILURE_FATAL},
        {"致命错误", "3D000", "数据库不存在", DB_FAILURE_FATAL},
        {"FATAL", "28000", "no pg_hba.conf entry", DB_FAILURE_FATAL},
        {"FATAL", "42501", "permission denied for database", DB_FAILURE_FATAL},
    };

    for (size_t i = 0; i < N(cases); i++) {
        struct fake_postgres fake;
        struct db_options options;
        char answer[512], url[256];
        size_t bytes = fake_postgres_error(cases[i].severity, cases[i].sqlstate, cases[i].message,
                                           answer, sizeof(answer));

        fake_postgres_start(&fake, answer, bytes);
        fake_postgres_url(&fake, url, sizeof(url));
        options = options_of(url);
        refused(&options, cases[i].failure, cases[i].sqlstate);
        refused(&options, cases[i].failure, cases[i].message);
        fake_postgres_stop(&fake);
    }
}

Test(conn, what_is_no_postgresql_does_no_harm)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    static const char huge[] = "E\x7f\xff\xff\xff"
                               "S";
    struct fake_postgres fake;
    struct db_options options;
    char url[256];

    fake_postgres_start(&fake, http, sizeof(http) - 1);
    fake_postgres_url(&fake, url, sizeof(url));
    options = options_of(url);
    refused(&options, DB_FAILURE_UNAVAILABLE, "127.0.0.1");
    fake_postgres_stop(&fake);
    fake_postgres_start(&fake, huge, sizeof(huge) - 1);
    fake_postgres_url(&fake, url, sizeof(url));
    refused(&options, DB_FAILURE_UNAVAILABLE, "127.0.0.1");
    fake_postgres_stop(&fake);
}

Test(conn, a_silent_server_is_left_after_the_limit)
{
    struct fake_postgres fake;
    struct db_options options;
    char url[256];
    int64_t start_us = clock_us();

    fake_postgres_start(&fake, NULL, 0);
    fake_postgres_url(&fake, url, sizeof(url));
    options = options_of(url);
    refused(&options, DB_FAILURE_UNAVAILABLE, "no answer within");
    cr_assert_geq(clock_us() - start_us, (int64_t)LIMIT_DB_CONNECT_MS * 1000);
    fake_postgres_stop(&fake);
}

Test(conn, no_complaint_about_a_url_quotes_its_password)
{
    static const char *const urls[] = {
        "postgresql://u:hunter2@hunter2@h/d",
        "postgresql://u:x/hunter2@h/d",
        "postgresql://u:hunter2/x@h/d",
        "postgresql://u:%hunter2@h/d",
        "postgresql://u:hunter2%00@h/d",
        "postgresql://u:hunter2",
        "postgresql://u:p@h:hunter2/d",
        "postgresql://u:p@[hunter2/d",
        "postgresql://u:p@[::1]hunter2/d",
        "postgresql://u:p@h/d?hunter2=1",
        "postgresql://u:p@h/d?hunter2",
        "postgresql://u:p@h/d?options=a=hunter2",
        "host=h password=x hunter2",
        "host=h password=x hunter2=y",
        "host=h password='hunter2",
        "hunter2",
        "x\"hunter2",
        "mysql://u:hunter2@h/d",
    };

    for (size_t i = 0; i < N(urls); i++) {
        struct db_options options = options_of(urls[i]);

        refused(&options, DB_FAILURE_FATAL, "DATABASE_URL");
    }
}
