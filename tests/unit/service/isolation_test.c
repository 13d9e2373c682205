/* One call that fails for reasons of its own costs its neighbours nothing. */
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

TestSuite(isolation, .init = open_bench, .fini = close_bench, .timeout = 300);

/* A frame of 64 writes; those whose numbers are in `bad` have the text. */
static void
run_with(const int *bad, size_t n_bad, const char *text, bool with_keys)
{
    for (int i = 0; i < 64; i++) {
        const char *this_text = "text";
        char id[16];

        for (size_t j = 0; j < n_bad; j++) {
            this_text = bad[j] == i ? text : this_text;
        }
        snprintf(id, sizeof(id), "id%02d", i);
        note_frame_add(&frame, NOTE_PUT, id, this_text, i, with_keys ? "key" : "");
    }
    note_bench_run(&bench, 0, &frame);
}

static void
assert_isolated(const char *text)
{
    long n_bad = 0;

    for (int i = 0; i < 64; i++) {
        const struct note *note = (const struct note *)frame.calls[i]->request;
        bool bad = strcmp(note->text, text) == 0;

        cr_assert_str_eq(note_reason(frame.calls[i]), bad ? "INTERNAL_ERROR" : "OK", "call %d", i);
        n_bad += bad;
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 64 - n_bad);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT id) FROM note"), 64 - n_bad);
}

Test(isolation, one_poisoned_statement_is_found_at_once)
{
    run_with((const int[]){40}, 1, "poison", false);
    assert_isolated("poison");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 1,
                 "all others together");
}

Test(isolation, one_poisoned_statement_among_keys)
{
    run_with((const int[]){40}, 1, "poison", true);
    assert_isolated("poison");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 63);
}

/* At commit nobody can be blamed: halves, down to one. */
Test(isolation, one_that_fails_at_commit_is_found_by_halving)
{
    run_with((const int[]){17}, 1, "late poison", false);
    assert_isolated("late poison");
    cr_assert_leq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 6,
                  "32, 16, 8, 4, 2 and 1");
}

Test(isolation, one_that_fails_at_commit_among_keys)
{
    run_with((const int[]){63}, 1, "late poison", true);
    assert_isolated("late poison");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 63);
}

Test(isolation, several_culprits)
{
    run_with((const int[]){0, 1, 31, 32, 63}, 5, "poison", false);
    assert_isolated("poison");
}

Test(isolation, several_that_fail_at_commit)
{
    run_with((const int[]){0, 33, 34}, 3, "late poison", false);
    assert_isolated("late poison");
}

/* What every call costs is bounded, and nothing is done twice or called done that is not. */
Test(isolation, a_frame_of_culprits_ends)
{
    int all[64];

    for (int i = 0; i < 64; i++) {
        all[i] = i;
    }
    run_with(all, 64, "late poison", false);
    for (int i = 0; i < 64; i++) {
        const char *reason = note_reason(frame.calls[i]);

        cr_assert(strcmp(reason, "INTERNAL_ERROR") == 0 || strcmp(reason, "OVERLOADED") == 0, "%s",
                  reason);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 0, ""), "OK",
                     "the worker goes on");
}

Test(isolation, reads_are_isolated_too)
{
    note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 5, "");
    note_frame_add(&frame, NOTE_GET, "a", "", 0, "");
    note_frame_add(&frame, NOTE_GET, "a", "poison", 0, "");
    note_frame_add(&frame, NOTE_GET, "a", "", 0, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "OK");
    cr_assert_str_eq(note_reason(frame.calls[1]), "INTERNAL_ERROR");
    cr_assert_str_eq(note_reason(frame.calls[2]), "OK");
    cr_assert_eq(note_reply(frame.calls[2])->number, 5);
}
