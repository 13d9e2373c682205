/* Which calls may share a transaction. */
#include "service/batch.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/clock.h"
#include "support/note_frame.h"

static struct plan plan;
static struct note_frame frame;
static struct job jobs[LIMIT_FRAME_CALLS];

static void
open_frame(void)
{
    plan_init(&plan, &note_service);
    note_frame_init(&frame);
}

static void
close_frame(void)
{
    note_frame_fini(&frame);
    plan_fini(&plan);
}

TestSuite(batch, .init = open_frame, .fini = close_frame);

static unsigned
split(void)
{
    for (size_t i = 0; i < frame.n; i++) {
        job_init(&jobs[i], frame.calls[i], plan_find(&plan, frame.calls[i]->method));
    }
    return batch_split(jobs, frame.n);
}

Test(batch, writes_of_different_things_are_one_transaction)
{
    char ids[64][8];

    for (int i = 0; i < 64; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%d", i);
        note_frame_add(&frame, NOTE_PUT, ids[i], "", 0, i % 2 == 0 ? "" : "key");
    }
    cr_assert_eq(split(), 1);
    for (int i = 0; i < 64; i++) {
        cr_assert_eq(jobs[i].round, 0);
    }
}

Test(batch, repeats_for_one_thing_keep_their_order_in_rounds_of_their_own)
{
    for (int i = 0; i < 64; i++) {
        note_frame_add(&frame, NOTE_PUT, i % 2 == 0 ? "hot" : "warm", "", i, "");
    }
    cr_assert_eq(split(), 32);
    for (unsigned i = 0; i < 64; i++) {
        cr_assert_eq(jobs[i].round, i / 2);
    }
}

Test(batch, one_thing_is_one_thing_for_all_methods)
{
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "");
    note_frame_add(&frame, NOTE_MAYBE, "a", "", 0, "");
    cr_assert_eq(split(), 2);
}

Test(batch, methods_without_affinity_never_keep_calls_apart)
{
    note_frame_add(&frame, NOTE_SWAP, "a", "b", 0, "");
    note_frame_add(&frame, NOTE_SWAP, "a", "b", 0, "");
    note_frame_add(&frame, NOTE_SWAP, "", "", 0, "");
    cr_assert_eq(split(), 1);
}

/* Affinity would keep these apart anyway: it is taken away here. */
Test(batch, one_key_is_never_twice_in_a_transaction)
{
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "key");
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "key");
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "other");
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "key")->call.principal = "somebody else";
    for (size_t i = 0; i < frame.n; i++) {
        job_init(&jobs[i], frame.calls[i], plan_find(&plan, &note_methods[NOTE_PUT]));
        jobs[i].has_affinity = false;
    }
    cr_assert_eq(batch_split(jobs, frame.n), 2);
    cr_assert_eq(jobs[0].round, 0);
    cr_assert_eq(jobs[1].round, 1);
    cr_assert_eq(jobs[2].round, 0);
    cr_assert_eq(jobs[3].round, 0);
}

Test(batch, a_key_counts_only_for_methods_that_honour_it)
{
    note_frame_add(&frame, NOTE_SWAP, "a", "b", 0, "key");
    note_frame_add(&frame, NOTE_GET, "a", "", 0, "key");
    split();
    cr_assert_not(jobs[0].keyed);
    cr_assert_not(jobs[1].keyed);
}

Test(batch, reads_and_writes_never_mix)
{
    note_frame_add(&frame, NOTE_GET, "a", "", 0, "");
    note_frame_add(&frame, NOTE_GET, "a", "", 0, "");
    note_frame_add(&frame, NOTE_PUT, "a", "", 0, "");
    cr_assert_eq(split(), 2);
    cr_assert_eq(jobs[0].round, 0);
    cr_assert_eq(jobs[1].round, 0);
    cr_assert_eq(jobs[2].round, 1);
}

Test(batch, calls_with_little_time_left_run_alone_and_first)
{
    for (int i = 0; i < 6; i++) {
        static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
        struct rpc_served *served = note_frame_add(&frame, NOTE_PUT, ids[i], "", 0, "");

        if (i == 2 || i == 4) {
            served->call.deadline_us = clock_us() + 90000;
        }
    }
    cr_assert_eq(split(), 3);
    cr_assert_eq(jobs[2].round, 0);
    cr_assert_eq(jobs[4].round, 1);
    cr_assert_eq(jobs[0].round, 2);
    cr_assert_eq(jobs[5].round, 2);
}
