/* Connections that break, and a database that goes away and comes back. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/params.h"
#include "support/note_frame.h"
#include "support/process.h"
#include "support/server.h"

static struct note_bench bench;

static void
open_bench(void)
{
    note_bench_open(&bench);
}

static void
close_bench(void)
{
    note_bench_close(&bench);
}

TestSuite(lost, .init = open_bench, .fini = close_bench, .timeout = 120);

/* Ends the sessions of the service for which the condition holds, at least one: what a session
 * waits for is not to be seen at every moment. */
static bool
terminate(void *condition)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = "
             "current_database() AND application_name = 'notes' AND %s",
             (const char *)condition);
    return note_bench_count(&bench, sql) > 0;
}

/* One call in a thread of its own. */
struct client {
    pthread_t thread;
    enum note_method method;
    const char *text, *key;
    int32_t number;
    char reason[64];
};

static void *
call(void *arg)
{
    struct client *self = arg;

    snprintf(self->reason, sizeof(self->reason), "%s",
             note_bench_call(&bench, 0, self->method, "a", self->text, self->number, self->key));
    return NULL;
}

/* What a caller is told whose session is ended while it sleeps. */
static const char *
killed_while_sleeping(struct client *caller)
{
    pthread_create(&caller->thread, NULL, call, caller);
    cr_assert(wait_until(terminate, (char *)"wait_event = 'PgSleep'", 60));
    pthread_join(caller->thread, NULL);
    return caller->reason;
}

Test(lost, idle_connections_that_were_ended_cost_no_call)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, ""), "OK");
    cr_assert(terminate((char *)"true"));
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, ""), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 1, NOTE_PUT, "a", "text", 1, "key"), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 2, NOTE_GET, "a", "", 1, ""), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 3);
}

/* The error stands in place of a statement's result: the Sync was not reached. */
Test(lost, a_write_that_was_cut_before_its_commit_has_failed)
{
    struct client caller = {.method = NOTE_PUT, .text = "sleep", .number = 20000, .key = ""};

    cr_assert_str_eq(killed_while_sleeping(&caller), "DB_UNAVAILABLE");
    caller.key = "key";
    cr_assert_str_eq(killed_while_sleeping(&caller), "DB_UNAVAILABLE");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
}

/* All rows were there, and the connection breaks while COMMIT runs: nobody can know. */
Test(lost, a_commit_whose_answer_was_lost_is_unknown_never_failed)
{
    struct client caller = {.method = NOTE_PUT, .text = "late sleep", .number = 20000, .key = ""};

    cr_assert_str_eq(killed_while_sleeping(&caller), "OUTCOME_UNKNOWN");
    caller.key = "key";
    cr_assert_str_eq(killed_while_sleeping(&caller), "OUTCOME_UNKNOWN");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK",
                     "the same key tells what happened");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

Test(lost, a_read_that_was_cut_is_tried_once_more)
{
    struct client caller = {.method = NOTE_GET, .text = "", .key = ""};

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "slow", 1500, ""), "OK");
    cr_assert_str_eq(killed_while_sleeping(&caller), "OK");
}

/* Another replica has migrated: the statement must be prepared anew. */
Test(lost, a_schema_that_changes_under_prepared_statements)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, ""), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_GET, "a", "", 1, ""), "OK");
    test_database_run(&bench.database, "ALTER TABLE note ALTER COLUMN text TYPE varchar");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_GET, "a", "", 1, ""), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
}

Test(lost, a_query_that_does_not_fit_the_schema_stops_the_start)
{
    struct executor_options options = {
        .service = &note_service,
        .db = {.url = bench.database.url, .application_name = "second"},
        .workers = 1,
    };
    struct executor *executor = NULL;
    struct db_conn *conn;
    enum db_failure failure;
    struct error error;

    test_database_run(&bench.database, "ALTER TABLE note RENAME COLUMN number TO count");
    cr_assert_eq(db_connect(&options.db, &conn, &failure, &error), STATUS_OK);
    cr_assert_eq(executor_open(&options, conn, &executor, &error), STATUS_FAILED_PRECONDITION);
    cr_assert_not_null(strstr(error.text, "put_0"), "%s", error.text);
    cr_assert_null(executor);
}

/* --- a server of its own, killed and started again --- */

static bool
is_ready(void *wanted)
{
    const char *why = "";

    return bench.callbacks.ready(bench.callbacks.closure, &why) == *(bool *)wanted;
}

struct put {
    size_t worker;
    const char *wanted;
};

static bool
put_ends_with(void *closure)
{
    const struct put *put = closure;

    return strcmp(note_bench_call(&bench, put->worker, NOTE_PUT, "b", "text", 0, ""),
                  put->wanted) == 0;
}

TestSuite(lost_server, .timeout = 300);

Test(lost_server, while_the_database_is_away_calls_fail_at_once_and_it_is_found_again)
{
    struct server server;
    bool yes = true, no = false;
    int64_t start_us;

    server_make(&server);
    server_start(&server, NULL);
    memcpy(bench.database.url, server.url, sizeof(server.url));
    test_database_migrate(&bench.database, "platform");
    test_database_run(&bench.database, note_tables_sql);
    note_bench_start(&bench, server.url);
    cr_assert(is_ready(&yes));
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 0, "key"), "OK");

    server_kill(&server);
    cr_assert(wait_until(is_ready, &no, 60), "without any call");
    for (size_t i = 0; i < 4; i++) { /* a worker may not know yet: then it is unknown */
        cr_assert(wait_until(put_ends_with, &(struct put){i, "DB_UNAVAILABLE"}, 60));
    }
    start_us = clock_us();
    for (int i = 0; i < 50; i++) {
        cr_assert_str_eq(note_bench_call(&bench, (size_t)i % 4, NOTE_PUT, "a", "text", 0, ""),
                         "DB_UNAVAILABLE");
        cr_assert_str_eq(note_bench_call(&bench, (size_t)i % 4, NOTE_GET, "a", "", 0, ""),
                         "DB_UNAVAILABLE");
    }
    cr_assert_lt(clock_us() - start_us, 20000000, "no call waits for a connection");

    server_start(&server, NULL);
    cr_assert(wait_until(is_ready, &yes, 60));
    cr_assert(wait_until(put_ends_with, &(struct put){0, "OK"}, 60));
    cr_assert_str_eq(note_bench_call(&bench, 1, NOTE_PUT, "a", "text", 0, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE id = 'a'"), 1);
    note_bench_stop(&bench);
    server_remove(&server);
}
