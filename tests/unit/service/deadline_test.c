/* Calls and their time. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/clock.h"
#include "service/round.h"
#include "support/note_frame.h"

static struct note_bench bench;
static struct note_frame frame;

static void
open_bench(void)
{
    note_bench_open(&bench);
    note_frame_init(&frame);
}

static void
close_bench(void)
{
    note_frame_fini(&frame);
    note_bench_close(&bench);
}

TestSuite(deadline, .init = open_bench, .fini = close_bench, .timeout = 120);

static void
set_left_ms(struct rpc_served *served, int64_t ms)
{
    served->call.deadline_us = clock_us() + ms * 1000;
}

Test(deadline, a_late_call_has_no_effect)
{
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "a", "text", 1, ""), -1);
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "b", "text", 1, "key"), -1);
    set_left_ms(note_frame_add(&frame, NOTE_GET, "c", "", 1, ""), 0);
    note_frame_add(&frame, NOTE_PUT, "d", "text", 1, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(note_reason(frame.calls[1]), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(note_reason(frame.calls[2]), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(note_reason(frame.calls[3]), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

/* The one with little time is killed by its own timeout; the others never notice. */
Test(deadline, a_timeout_kills_no_neighbours)
{
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "a", "sleep", 20000, ""), 80);
    note_frame_add(&frame, NOTE_PUT, "b", "text", 1, "");
    note_frame_add(&frame, NOTE_PUT, "c", "text", 1, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(note_reason(frame.calls[1]), "OK");
    cr_assert_str_eq(note_reason(frame.calls[2]), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
}

Test(deadline, the_database_stops_what_takes_too_long)
{
    int64_t start_us = clock_us();

    set_left_ms(note_frame_add(&frame, NOTE_PUT, "a", "sleep", 60000, ""), 300);
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "b", "sleep", 60000, "key"), 300);
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "DEADLINE_EXCEEDED");
    cr_assert_str_eq(note_reason(frame.calls[1]), "DEADLINE_EXCEEDED");
    cr_assert_lt(clock_us() - start_us, 30000000, "half of what it asked for would be enough");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "c", "text", 1, ""), "OK",
                     "the worker and its connection go on");
}

/* The session's timeout is the batch's longest remaining time, a step up. */
Test(deadline, the_statement_timeout_is_the_longest_time_left)
{
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "a", "text", 1, ""), 14000);
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "b", "text", 1, ""), 40000);
    note_bench_run(&bench, 0, &frame);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE timeout = '45s'"), 2);
    note_frame_fini(&frame);
    /* An error takes the new setting back with all else; the next round sets it again. */
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "c", "poison", 1, ""), 20000);
    note_bench_run(&bench, 0, &frame);
    note_frame_fini(&frame);
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "d", "text", 1, ""), 20000);
    note_bench_run(&bench, 0, &frame);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE timeout = '20s' "
                                          "AND id = 'd'"),
                 1);
}

Test(deadline, a_call_without_deadline_has_a_bound)
{
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "")->call.deadline_us = INT64_MAX;
    note_bench_run(&bench, 0, &frame);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE timeout = '30s'"), 1);
}

/* With keys there is a look at the clock between the claims and the effects, and one before the
 * commit: a transaction nobody waits for any more is undone. */
Test(deadline, nothing_is_committed_that_nobody_waits_for)
{
    set_left_ms(note_frame_add(&frame, NOTE_PUT, "a", "sleep", 460, "key"), 440);
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "DEADLINE_EXCEEDED");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 0);
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE timeout = '30s'"), 1);
}

Test(deadline, timeouts_have_few_steps)
{
    cr_assert_eq(round_timeout_ms(1), 10);
    cr_assert_eq(round_timeout_ms(100), 100);
    cr_assert_eq(round_timeout_ms(101), 200);
    cr_assert_eq(round_timeout_ms(4990), 5000);
    cr_assert_eq(round_timeout_ms(5000), 5000);
    cr_assert_eq(round_timeout_ms(INT32_MAX), 300000);
    for (int ms = 26; ms < 300000; ms++) {
        cr_assert_geq(round_timeout_ms(ms), ms);
        cr_assert_leq(round_timeout_ms(ms), 2 * ms + 50, "%d", ms);
    }
}
