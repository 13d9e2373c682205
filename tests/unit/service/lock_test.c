/* Batches that wait for the same things never deadlock. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/params.h"
#include "db/pipeline.h"
#include "db/prepare.h"
#include "service/platform.h"
#include "support/note_frame.h"
#include "support/process.h"

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

TestSuite(lock, .init = open_bench, .fini = close_bench, .timeout = 300);

enum { THINGS = 6, ROUNDS = 150, CALLS = 6 };

struct swapper {
    pthread_t thread;
    size_t worker;
    int n_ok;
    char failure[64];
};

static void *
swap(void *arg)
{
    struct swapper *self = arg;
    struct note_frame *frame = calloc(1, sizeof(*frame));

    for (int round = 0; round < ROUNDS; round++) {
        note_frame_init(frame);
        for (int i = 0; i < CALLS; i++) {
            char a[8], b[8];

            snprintf(a, sizeof(a), "c%u", randombytes_uniform(THINGS));
            snprintf(b, sizeof(b), "c%u", randombytes_uniform(THINGS));
            note_frame_add(frame, NOTE_SWAP, a, b, 0, "");
        }
        note_bench_run(&bench, self->worker, frame);
        for (size_t i = 0; i < frame->n; i++) {
            if (frame->calls[i]->status == STATUS_OK) {
                self->n_ok++;
            } else {
                snprintf(self->failure, sizeof(self->failure), "%s", note_reason(frame->calls[i]));
            }
        }
        note_frame_fini(frame);
    }
    free(frame);
    return NULL;
}

/* Each call changes two rows in an order of its own; each frame changes many. */
Test(lock, crossed_writes_of_four_workers_do_not_deadlock)
{
    struct swapper swappers[4];

    test_database_run(&bench.database,
                      "INSERT INTO counter SELECT 'c' || i FROM generate_series(0, 5) AS i");
    for (size_t i = 0; i < 4; i++) {
        swappers[i] = (struct swapper){.worker = i};
        pthread_create(&swappers[i].thread, NULL, swap, &swappers[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(swappers[i].thread, NULL);
        cr_assert_eq(swappers[i].n_ok, ROUNDS * CALLS, "%s", swappers[i].failure);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT sum(number) FROM counter"),
                 4L * ROUNDS * CALLS * 2);
    note_bench_stop(&bench); /* sessions report their numbers when they end */
    cr_assert_eq(note_bench_count(&bench, "SELECT deadlocks FROM pg_stat_database WHERE datname = "
                                          "current_database()"),
                 0, "not even such as a retry has mended");
    note_bench_start(&bench, bench.database.url);
}

static bool
somebody_waits(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                                    "AND NOT granted") > 0;
}

struct taker {
    pthread_t thread;
    struct db_conn *conn;
    bool ok;
};

static void *
take_three(void *arg)
{
    struct taker *self = arg;
    struct db_pipeline pipeline;
    struct buf keys = BUF_INIT;

    db_array_int8(&keys, (const int64_t[]){1001, 1002, 1003}, 3);
    db_pipeline_init(&pipeline);
    db_pipeline_begin(&pipeline, self->conn);
    db_pipeline_binary(&pipeline, PLATFORM_LOCK,
                       (struct db_bytes[]){{keys.data, keys.length_bytes}}, 1);
    self->ok = db_pipeline_sync(&pipeline, INT64_MAX);
    db_pipeline_fini(&pipeline);
    buf_fini(&keys);
    return NULL;
}

/* The statement takes locks one by one in the array's order: while it waits for the second it has
 * the first and not the third. */
Test(lock, the_statement_keeps_the_order_of_its_array)
{
    const struct db_query *queries[] = {&platform_queries[0]};
    struct db_options options = {.url = bench.database.url};
    PGconn *holder = PQconnectdb(bench.database.url);
    struct taker taker = {.conn = NULL};
    enum db_failure failure;
    struct error error;

    cr_assert_eq(db_connect(&options, &taker.conn, &failure, &error), STATUS_OK);
    cr_assert_eq(db_prepare(taker.conn, queries, 1, &error), STATUS_OK, "%s", error.text);
    PQclear(PQexec(holder, "SELECT pg_advisory_lock(1002)"));
    pthread_create(&taker.thread, NULL, take_three, &taker);
    cr_assert(wait_until(somebody_waits, NULL, 60));
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM pg_locks WHERE locktype = "
                                          "'advisory' AND objid = 1001 AND granted"),
                 1);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM pg_locks WHERE locktype = "
                                          "'advisory' AND objid = 1003"),
                 0);
    PQfinish(holder);
    pthread_join(taker.thread, NULL);
    cr_assert(taker.ok);
    db_close(taker.conn);
}

/* Somebody outside of the platform's order: PostgreSQL breaks the deadlock, we try again. */
static void *
swap_once(void *arg)
{
    char *reason = arg;

    snprintf(reason, 64, "%s", note_bench_call(&bench, 0, NOTE_SWAP, "a", "b", 0, ""));
    return NULL;
}

static bool
row_is_waited_for(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                                    "'Lock' AND application_name = 'notes'") > 0;
}

Test(lock, a_deadlock_with_a_stranger_is_tried_again)
{
    PGconn *stranger = PQconnectdb(bench.database.url);
    pthread_t thread;
    char reason[64];

    test_database_run(&bench.database, "INSERT INTO counter VALUES ('a'), ('b')");
    PQclear(PQexec(stranger, "SET deadlock_timeout = '1h'"));
    PQclear(PQexec(stranger, "BEGIN"));
    PQclear(PQexec(stranger, "UPDATE counter SET number = number + 1 WHERE id = 'b'"));
    pthread_create(&thread, NULL, swap_once, reason);
    cr_assert(wait_until(row_is_waited_for, NULL, 60));
    PQclear(PQexec(stranger, "UPDATE counter SET number = number + 1 WHERE id = 'a'"));
    PQclear(PQexec(stranger, "COMMIT"));
    pthread_join(thread, NULL);
    PQfinish(stranger);
    cr_assert_str_eq(reason, "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT sum(number) FROM counter"), 4);
}
