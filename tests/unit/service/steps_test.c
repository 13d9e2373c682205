/* Methods with two queries: each in a transaction of its own, nothing open between them. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "service/plan.h"
#include "support/capture.h"
#include "support/note_frame.h"

static struct note_bench bench;
static struct note_frame frame;

static void
open_bench(void)
{
    note_bench_open(&bench);
    note_frame_init(&frame);
    note_between = NULL;
}

static void
close_bench(void)
{
    note_frame_fini(&frame);
    note_bench_close(&bench);
}

TestSuite(steps, .init = open_bench, .fini = close_bench, .timeout = 120);

static struct rpc_served *
run(const char *text, int32_t number)
{
    struct rpc_served *served = note_frame_add(&frame, NOTE_STEPS, "a", text, number, "");

    note_bench_run(&bench, 0, &frame);
    return served;
}

static long
count(const char *condition)
{
    char sql[256];

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM note WHERE %s", condition);
    return note_bench_count(&bench, sql);
}

Test(steps, two_transactions_and_what_is_carried)
{
    struct rpc_served *served = run("text", 7);

    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_str_eq(note_reply(served)->text, "text");
    cr_assert_eq(note_reply(served)->number, 7 + 1000 + 7);
    cr_assert_eq(count("true"), 2);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 2);
}

Test(steps, the_first_may_be_all)
{
    struct rpc_served *served = run("once", 7);

    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_str_eq(note_reply(served)->text, "first");
    note_frame_fini(&frame);
    note_frame_init(&frame);
    cr_assert_str_eq(note_reason(run("early", 1)), "RESOURCE_NOT_FOUND");
    cr_assert_eq(count("text <> 'first'"), 0);
}

static long idle, locks, firsts;

/* From another session: what is there of the first query while the handler thinks. */
static void
look(struct call *call)
{
    (void)call;
    firsts = count("text = 'first'");
    idle = note_bench_count(&bench, "SELECT count(*) FROM pg_stat_activity "
                                    "WHERE datname = current_database() AND xact_start IS NOT NULL "
                                    "AND pid <> pg_backend_pid()");
    locks = note_bench_count(&bench, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
}

Test(steps, nothing_is_open_between_them)
{
    note_between = look;
    cr_assert_str_eq(note_reason(run("text", 1)), "OK");
    cr_assert_eq(firsts, 1, "the first is committed");
    cr_assert_eq(idle, 0);
    cr_assert_eq(locks, 0);
}

/* A wrong password is counted although the answer is a failure. */
Test(steps, the_second_may_record_a_failure)
{
    struct rpc_served *served = run("absent", 1);

    cr_assert_str_eq(note_reason(served), "RESOURCE_NOT_FOUND");
    cr_assert_null(served->reply);
    cr_assert_eq(count("text = 'absent'"), 1);
}

Test(steps, the_second_may_refuse_without_touching_the_database)
{
    cr_assert_str_eq(note_reason(run("refuse", 1)), "OUT_OF_RANGE");
    cr_assert_eq(count("true"), 1);
}

Test(steps, a_bug_in_the_second_is_its_own)
{
    struct capture capture;
    char *log;

    log_open("notes", LOG_INFO);
    capture_begin(&capture);
    cr_assert_str_eq(note_reason(run("poison", 1)), "INTERNAL_ERROR");
    log = capture_end(&capture);
    cr_assert_not_null(strstr(log, "\"query\":\"steps_then\""), "%s", log);
    cr_assert_not_null(strstr(log, "\"statement\":\"steps_then_0\""), "%s", log);
    free(log);
    cr_assert_eq(count("text = 'first'"), 1, "and is not run anew with the first");
}

Test(steps, again_is_for_the_query_that_asked)
{
    struct rpc_served *served;

    note_first_again = 1;
    note_second_again = 1;
    served = run("text", 7);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_eq(note_first_again + note_second_again, 0);
    /* Both wrote something each time, which this service may do. */
    cr_assert_eq(count("text = 'first'"), 2);
    cr_assert_eq(count("text = 'text'"), 2);
    note_frame_fini(&frame);
    note_frame_init(&frame);
    note_second_again = 2;
    cr_assert_str_eq(note_reason(run("text", 7)), "OVERLOADED");
}

/* Lets the time of the call pass. */
static void
dawdle(struct call *call)
{
    call->deadline_us = clock_us();
}

Test(steps, late_ones_do_not_go_on)
{
    struct rpc_served *served;

    note_between = dawdle;
    served = run("text", 1);
    cr_assert_str_eq(note_reason(served), "DEADLINE_EXCEEDED");
    cr_assert_eq(count("true"), 1);
}

Test(steps, the_second_has_what_is_left_of_the_time)
{
    struct rpc_served *served = note_frame_add(&frame, NOTE_STEPS, "a", "sleep", 5000, "");

    served->call.deadline_us = clock_us() + 400000;
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "DEADLINE_EXCEEDED");
    cr_assert_eq(count("text = 'sleep'"), 0);
}

static void
exhaust(struct call *call)
{
    while (arena_alloc(call->arena, 64 * 1024) != NULL) {
    }
}

Test(steps, without_memory_there_is_no_second)
{
    note_between = exhaust;
    cr_assert_str_eq(note_reason(run("text", 1)), "REPLY_TOO_LARGE");
    cr_assert_eq(count("text <> 'first'"), 0);
}

static long n_cut;

#define SESSIONS                                                                                   \
    "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT INTO note%'"

/* The worker's connection breaks while the handler thinks. */
static void
cut(struct call *call)
{
    char process[64];

    (void)call;
    snprintf(process, sizeof(process), "/proc/%ld",
             note_bench_count(&bench, "SELECT min(pid) " SESSIONS));
    n_cut = note_bench_count(&bench, "SELECT count(pg_terminate_backend(pid)) " SESSIONS);
    while (access(process, F_OK) == 0) { /* its socket is closed later than its row is gone */
        poll(NULL, 0, 2);
    }
}

Test(steps, a_lost_connection_between_them_is_replaced)
{
    note_between = cut;
    cr_assert_str_eq(note_reason(run("text", 1)), "OK");
    cr_assert_eq(n_cut, 1);
    cr_assert_eq(count("text = 'first'"), 1);
    cr_assert_eq(count("text = 'text'"), 1);
}

Test(steps, neighbours_of_a_frame_are_left_alone)
{
    struct rpc_served *step = note_frame_add(&frame, NOTE_STEPS, "a", "text", 1, "");
    struct rpc_served *put = note_frame_add(&frame, NOTE_PUT, "b", "neighbour", 1, "");
    struct rpc_served *other = note_frame_add(&frame, NOTE_STEPS, "c", "text", 1, "");

    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(step), "OK");
    cr_assert_str_eq(note_reason(put), "OK");
    cr_assert_str_eq(note_reason(other), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 5);
}

Test(steps_plan, a_second_query_of_a_keyed_method_is_a_bug, .signal = SIGABRT)
{
    static struct service_handler handler;
    static struct pb_method keyed;
    static struct service service = {.name = "notes", .handlers = &handler, .n_handlers = 1};
    struct plan plan;

    handler = note_service.handlers[NOTE_STEPS];
    cr_assert_not_null(handler.query->then);
    keyed = *handler.method;
    keyed.idempotency_key = true;
    handler.method = &keyed;
    plan_init(&plan, &service);
}
