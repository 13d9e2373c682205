/* Pipelines against a real server. */
#include "db/pipeline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "db/conn_pg.h"
#include "db/prepare.h"
#include "support/cluster.h"
#include "support/fake_postgres.h"

static struct test_database database;
static struct db_conn *conn;
static struct db_pipeline pipeline;

static const struct db_statement statements[] = {
    {.name = "echo", .sql = "SELECT $1::bytea AS value"},
    {.name = "insert", .sql = "INSERT INTO t VALUES ($1::bytea) RETURNING value"},
    {.name = "fail", .sql = "SELECT 1 / (length($1::bytea) - length($1::bytea)) AS x"},
    {.name = "sleep", .sql = "SELECT pg_sleep(length($1::bytea))"},
    {.name = "late", .sql = "INSERT INTO late VALUES (1)"},
};
static const struct db_query query = {.name = "q",
                                      .statements = statements,
                                      .n_statements = sizeof(statements) / sizeof(*statements)};

static struct db_conn *
connect_to(const char *url)
{
    struct db_options options = {.url = url, .application_name = "pipeline_test"};
    struct db_conn *made = NULL;
    enum db_failure failure;
    struct error error = {""};

    cr_assert_eq(db_connect(&options, &made, &failure, &error), STATUS_OK, "%s", error.text);
    return made;
}

static void
open_pipeline(void)
{
    struct error error = {""};

    test_database_open(&database);
    test_database_run(&database,
                      "CREATE TABLE t (value bytea);"
                      "CREATE TABLE late (n int);"
                      "INSERT INTO late VALUES (1);"
                      "ALTER TABLE late ADD CONSTRAINT late_n UNIQUE (n) DEFERRABLE INITIALLY "
                      "DEFERRED");
    conn = connect_to(database.url);
    cr_assert_eq(db_prepare(conn, (const struct db_query *[]){&query}, 1, &error), STATUS_OK, "%s",
                 error.text);
    db_pipeline_init(&pipeline);
}

static void
close_pipeline(void)
{
    db_pipeline_fini(&pipeline);
    db_close(conn);
    test_database_drop(&database);
}

TestSuite(pipeline, .init = open_pipeline, .fini = close_pipeline, .timeout = 120);

static size_t
add(const char *name, const void *data, size_t bytes)
{
    return db_pipeline_binary(&pipeline, name, (struct db_bytes[]){{data, bytes}}, 1);
}

static long
count(const char *sql)
{
    char *text = test_database_value(&database, sql);
    long number = atol(text);

    free(text);
    return number;
}

/* 60 MB each way: more than all buffers between the two hold. Who only sent would wait for a
 * server that waits for a reader. */
Test(pipeline, a_batch_larger_than_all_buffers_does_not_stop)
{
    enum { N = 600, BYTES = 100 * 1000 };
    char *data = malloc(BYTES);

    memset(data, 'x', BYTES);
    db_pipeline_begin(&pipeline, conn);
    for (int i = 0; i < N; i++) {
        data[0] = (char)i;
        add("echo", data, BYTES);
    }
    cr_assert(db_pipeline_sync(&pipeline, clock_us() + 100 * INT64_C(1000000)), "%s",
              pipeline.problem.text);
    for (size_t i = 0; i < N; i++) {
        bool exhausted = false;
        struct db_rows rows = db_pipeline_rows(&pipeline, i, 1, NULL, &exhausted);
        struct db_bytes value = db_bytes(&rows, 0, 0, "value");

        cr_assert_eq(value.bytes, BYTES);
        cr_assert_eq(*(const char *)value.data, (char)i);
    }
    free(data);
}

Test(pipeline, all_statements_up_to_a_sync_are_one_transaction)
{
    db_pipeline_begin(&pipeline, conn);
    add("insert", "a", 1);
    add("insert", "b", 1);
    cr_assert(db_pipeline_flush(&pipeline, INT64_MAX));
    cr_assert_eq(count("SELECT count(*) FROM t"), 0, "not yet committed");
    add("insert", "c", 1);
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX));
    cr_assert_eq(count("SELECT count(DISTINCT xmin::text) FROM t"), 1);
    cr_assert_eq(count("SELECT count(*) FROM t"), 3);
}

Test(pipeline, a_failed_statement_undoes_all_and_is_named)
{
    for (int flush = 0; flush < 2; flush++) {
        db_pipeline_begin(&pipeline, conn);
        add("insert", "a", 1);
        add("insert", "b", 1);
        add("fail", "c", 1);
        add("insert", "d", 1);
        cr_assert_not(flush ? db_pipeline_flush(&pipeline, INT64_MAX)
                            : db_pipeline_sync(&pipeline, INT64_MAX));
        cr_assert_eq(pipeline.problem.failure, DB_FAILURE_BUG);
        cr_assert_eq(pipeline.problem.statement, 2);
        cr_assert_str_eq(pipeline.problem.sqlstate, "22012");
        cr_assert_not(pipeline.problem.lost);
        cr_assert_not(pipeline.problem.unknown);
        cr_assert_eq(count("SELECT count(*) FROM t"), 0);
    }
    db_pipeline_begin(&pipeline, conn);
    add("insert", "a", 1);
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX), "the connection is at rest and usable");
    cr_assert_eq(count("SELECT count(*) FROM t"), 1);
}

Test(pipeline, an_error_of_the_commit_itself)
{
    for (int i = 0; i < 3; i++) {
        db_pipeline_begin(&pipeline, conn);
        add("insert", "a", 1);
        db_pipeline_binary(&pipeline, "late", NULL, 0);
        cr_assert(i == 0 || db_pipeline_flush(&pipeline, INT64_MAX), "all rows are there");
        cr_assert_not(db_pipeline_sync(&pipeline, clock_us() + 60 * INT64_C(1000000)));
        cr_assert_eq(pipeline.problem.failure, DB_FAILURE_BUG);
        cr_assert_eq(pipeline.problem.statement, DB_AT_COMMIT);
        cr_assert_str_eq(pipeline.problem.sqlstate, "23505");
        cr_assert_not(pipeline.problem.lost, "%s", pipeline.problem.text);
        cr_assert_not(pipeline.problem.unknown, "it was undone, and we know it");
        cr_assert_eq(count("SELECT count(*) FROM t"), 0);
    }
}

Test(pipeline, a_rollback_undoes_what_was_flushed)
{
    db_pipeline_begin(&pipeline, conn);
    add("insert", "a", 1);
    cr_assert(db_pipeline_flush(&pipeline, INT64_MAX));
    db_pipeline_rollback(&pipeline);
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX), "%s", pipeline.problem.text);
    cr_assert_eq(count("SELECT count(*) FROM t"), 0);
    db_pipeline_begin(&pipeline, conn);
    add("insert", "b", 1);
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX));
    cr_assert_eq(count("SELECT count(*) FROM t"), 1);
}

Test(pipeline, an_empty_one_is_fine)
{
    db_pipeline_begin(&pipeline, conn);
    cr_assert(db_pipeline_flush(&pipeline, INT64_MAX));
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX));
}

Test(pipeline, a_database_that_is_silent_counts_as_lost)
{
    db_pipeline_begin(&pipeline, conn);
    add("sleep", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 60);
    cr_assert_not(db_pipeline_sync(&pipeline, clock_us() + 200000));
    cr_assert_eq(pipeline.problem.failure, DB_FAILURE_TIMEOUT);
    cr_assert(pipeline.problem.lost);
    cr_assert(pipeline.problem.unknown);
}

Test(pipeline, a_flush_that_gets_no_answer_leaves_no_doubt)
{
    db_pipeline_begin(&pipeline, conn);
    add("insert", "a", 1);
    add("sleep", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 60);
    cr_assert_not(db_pipeline_flush(&pipeline, clock_us() + 200000));
    cr_assert(pipeline.problem.lost);
    cr_assert_not(pipeline.problem.unknown, "no Sync was sent");
}

Test(pipeline, an_idle_connection_that_the_server_closed_is_seen)
{
    cr_assert(db_pipeline_alive(conn));
    test_database_run(&database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                                 "WHERE application_name = 'pipeline_test'");
    cr_assert_not(db_pipeline_alive(conn));
    db_pipeline_begin(&pipeline, conn);
    add("insert", "a", 1);
    cr_assert_not(db_pipeline_sync(&pipeline, INT64_MAX));
    cr_assert(pipeline.problem.lost);
    cr_assert_eq(pipeline.problem.failure, DB_FAILURE_UNAVAILABLE);
}

Test(pipeline, a_query_that_does_not_fit_is_named)
{
    const struct db_statement bad[] = {{.name = "good_0", .sql = "SELECT 1"},
                                       {.name = "bad_0", .sql = "SELECT nothing FROM t"}};
    const struct db_query good_query = {.name = "good", .statements = bad, .n_statements = 1};
    const struct db_query bad_query = {.name = "bad", .statements = bad + 1, .n_statements = 1};
    struct error error;

    cr_assert_eq(db_prepare(conn, (const struct db_query *[]){&good_query, &bad_query}, 2, &error),
                 STATUS_FAILED_PRECONDITION);
    cr_assert_not_null(strstr(error.text, "bad_0"), "%s", error.text);
    cr_assert_not_null(strstr(error.text, "nothing"), "%s", error.text);
}

/* A plan that was made while a table was empty must not read it whole later. */
Test(pipeline, plans_are_made_once_and_use_indexes)
{
    const struct db_statement find = {.name = "find",
                                      .sql = "SELECT value FROM t WHERE value = $1::bytea"};
    const struct db_query finds = {.name = "find", .statements = &find, .n_statements = 1};
    struct error error = {""};

    test_database_run(&database, "CREATE INDEX ON t (value)");
    test_database_run(&database, "VACUUM ANALYZE t");
    cr_assert_eq(db_prepare(conn, (const struct db_query *[]){&finds}, 1, &error), STATUS_OK, "%s",
                 error.text);
    for (int i = 0; i < 20; i++) {
        db_pipeline_begin(&pipeline, conn);
        add("find", "a", 1);
        cr_assert(db_pipeline_sync(&pipeline, INT64_MAX));
    }
    db_close(conn); /* sessions report their numbers when they end */
    conn = connect_to(database.url);
    cr_assert_leq(
        count("SELECT coalesce(seq_scan, 0) FROM pg_stat_user_tables WHERE relname = 't'"), 1,
        "only to build the index");
}

/* With whole tables that dear, all that has no index would be compiled: 300 ms for each execution.
 */
Test(pipeline, nothing_is_compiled)
{
    bool exhausted = false;
    struct arena arena;
    struct db_rows rows;

    arena_init(&arena, 1024, 0);
    db_pipeline_begin(&pipeline, conn);
    db_pipeline_text(&pipeline, "SHOW jit");
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX));
    rows = db_pipeline_rows(&pipeline, 0, 1, &arena, &exhausted);
    cr_assert_str_eq(db_text(&rows, 0, 0, "jit"), "off");
    arena_fini(&arena);
}
