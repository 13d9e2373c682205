/* Calls that are to have no effect: the answer is what it would be, and nothing stays. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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

TestSuite(validate_only, .init = open_bench, .fini = close_bench, .timeout = 120);

static struct rpc_served *
add(enum note_method method, const char *text, int32_t number, const char *key)
{
    struct rpc_served *served = note_frame_add(&frame, method, "a", text, number, key);

    served->call.validate_only = true;
    return served;
}

Test(validate_only, is_answered_and_leaves_nothing)
{
    struct rpc_served *served = add(NOTE_PUT, "text", 7, "");

    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_eq(note_reply(served)->number, 7);
    cr_assert_str_eq(note_reply(served)->text, "text");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
}

Test(validate_only, a_key_is_neither_recorded_nor_looked_up)
{
    struct rpc_served *served = add(NOTE_PUT, "text", 7, "key");

    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 0);
    note_frame_fini(&frame);
    note_frame_init(&frame);

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    served = add(NOTE_PUT, "text", 7, "key");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_not(served->replayed);
    cr_assert_eq(note_reply(served)->number, 7);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

Test(validate_only, fails_as_in_earnest)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"refuse", "OUT_OF_RANGE"},
        {"absent", "RESOURCE_NOT_FOUND"},
        {"poison", "INTERNAL_ERROR"},
        {"late poison", "INTERNAL_ERROR"}, /* of the commit, which never comes */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rpc_served *served = add(NOTE_PUT, cases[i].text, 1, "");

        note_bench_run(&bench, 0, &frame);
        cr_expect_str_eq(note_reason(served), cases[i].reason, "%s", cases[i].text);
        note_frame_fini(&frame);
        note_frame_init(&frame);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
}

/* In one frame with others, of the same thing too: these are done, those are not. */
Test(validate_only, undoes_nobody_elses_work)
{
    for (int i = 0; i < 16; i++) {
        if (i % 3 == 1) {
            add(NOTE_PUT, "tried", i, "");
        } else {
            note_frame_add(&frame, NOTE_PUT, "a", "done", i, i % 3 == 2 ? "key" : "");
            frame.served[i].call.principal = i % 2 == 0 ? "one" : "other";
        }
    }
    note_frame_add(&frame, NOTE_PUT, "b", "done", 16, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE text = 'tried'"), 0);
    for (int i = 0; i < 17; i++) {
        const char *reason = note_reason(frame.calls[i]);

        cr_assert(strcmp(reason, "OK") == 0 || strcmp(reason, "IDEMPOTENCY_KEY_REUSED") == 0, "%s",
                  reason);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE text = 'done'"), 9);
}

/* What it said about its session was undone with it. */
Test(validate_only, the_next_call_has_its_own_statement_timeout)
{
    struct rpc_served *served = add(NOTE_PUT, "text", 1, "");

    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, ""), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE timeout = '30s'"), 1);
}

Test(validate_only, a_handler_may_ask_for_one_more_try)
{
    struct rpc_served *served;

    note_again = 1;
    served = add(NOTE_MAYBE, "", 0, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_eq(note_again, 0);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
}

/* Reading is the same either way. */
Test(validate_only, means_nothing_to_what_changes_nothing)
{
    struct rpc_served *served;

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 7, ""), "OK");
    served = add(NOTE_GET, "", 0, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert_eq(note_reply(served)->number, 7);
}
