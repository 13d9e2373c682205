/* A frame of writes is one transaction, and nothing of it is answered before it is committed. */
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

TestSuite(transaction, .init = open_bench, .fini = close_bench, .timeout = 120);

static void
add_puts(size_t n, const char *key_prefix)
{
    for (size_t i = 0; i < n; i++) {
        char id[32], key[64] = "";

        snprintf(id, sizeof(id), "id%zu", i);
        if (key_prefix[0] != '\0') {
            snprintf(key, sizeof(key), "%s%zu", key_prefix, i);
        }
        note_frame_add(&frame, NOTE_PUT, id, "text", (int32_t)i, "")->call.idempotency_key =
            arena_strdup(&frame.arenas[i], key);
    }
}

static void
assert_all_ok(void)
{
    for (size_t i = 0; i < frame.n; i++) {
        cr_assert_str_eq(note_reason(frame.calls[i]), "OK");
        cr_assert_eq(note_reply(frame.calls[i])->number, (int32_t)i);
        cr_assert_str_eq(note_reply(frame.calls[i])->id,
                         ((const struct note *)frame.calls[i]->request)->id);
        cr_assert_not(frame.calls[i]->replayed);
    }
}

Test(transaction, the_writes_of_a_frame_are_one)
{
    add_puts(64, "");
    note_bench_run(&bench, 0, &frame);
    assert_all_ok();
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 64);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 1);
}

Test(transaction, the_writes_of_a_frame_with_keys_are_one)
{
    add_puts(64, "key");
    frame.served[7].call.idempotency_key = "";
    note_bench_run(&bench, 0, &frame);
    assert_all_ok();
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 1);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 63);
    cr_assert_eq(note_bench_count(&bench,
                                  "SELECT count(*) FROM depot_idempotency_key AS k, note AS n "
                                  "WHERE k.xmin::text::bigint = n.xid AND n.id = 'id1'"),
                 63, "the records belong to the transaction of the effects");
}

Test(transaction, repeats_for_one_thing_are_one_each)
{
    for (int i = 0; i < 8; i++) {
        note_frame_add(&frame, NOTE_PUT, "hot", "text", i, "");
    }
    note_bench_run(&bench, 0, &frame);
    assert_all_ok();
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT xid) FROM note"), 8);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM (SELECT number, row_number() "
                                          "OVER (ORDER BY xid) - 1 AS place FROM note) AS n "
                                          "WHERE number <> place"),
                 0, "in the order of the frame");
}

Test(transaction, reads_of_a_frame_come_back_each_to_its_call)
{
    add_puts(64, "");
    note_bench_run(&bench, 0, &frame);
    note_frame_fini(&frame);
    for (int i = 0; i < 64; i++) {
        char id[16];

        snprintf(id, sizeof(id), "id%d", i % 3 == 0 ? i + 100 : i);
        note_frame_add(&frame, NOTE_GET, id, "", i, "");
    }
    note_bench_run(&bench, 1, &frame);
    for (int i = 0; i < 64; i++) {
        if (i % 3 == 0) {
            cr_assert_str_eq(note_reason(frame.calls[i]), "RESOURCE_NOT_FOUND");
        } else {
            cr_assert_eq(note_reply(frame.calls[i])->number, i);
        }
    }
}

Test(transaction, refusals_of_either_half_cost_their_neighbours_nothing)
{
    note_frame_add(&frame, NOTE_PUT, "a", "refuse", 0, "ka");
    note_frame_add(&frame, NOTE_PUT, "b", "text", 1, "kb");
    note_frame_add(&frame, NOTE_PUT, "c", "absent", 2, "kc");
    note_frame_add(&frame, NOTE_PUT, "d", "text", 3, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "OUT_OF_RANGE");
    cr_assert_str_eq(note_reason(frame.calls[1]), "OK");
    cr_assert_str_eq(note_reason(frame.calls[2]), "RESOURCE_NOT_FOUND");
    cr_assert_str_eq(note_reason(frame.calls[3]), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 1,
                 "only successes are recorded");
}

/* Rows come before the commit's own errors. */
Test(transaction, an_error_at_commit_leaves_no_call_answered_with_success)
{
    note_frame_add(&frame, NOTE_PUT, "a", "late poison", 0, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "INTERNAL_ERROR");
    cr_assert_null(frame.calls[0]->reply);
    cr_assert_null(frame.calls[0]->reply_payload);
    note_frame_fini(&frame);
    note_frame_init(&frame);
    note_frame_add(&frame, NOTE_PUT, "a", "late poison", 0, "key");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "INTERNAL_ERROR");
    cr_assert_null(frame.calls[0]->reply);
    cr_assert_null(frame.calls[0]->reply_payload);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 0);
}

Test(transaction, a_client_is_not_told_what_the_database_said)
{
    struct rpc_served *served = note_frame_add(&frame, NOTE_PUT, "a", "poison", 0, "");

    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "INTERNAL_ERROR");
    cr_assert_null(strstr(served->call.problem.detail, "zero"), "%s", served->call.problem.detail);
    cr_assert_null(strstr(served->call.problem.detail, "put"), "%s", served->call.problem.detail);
}

/* The winner of a conflict vanished: once more, in a transaction of its own, but only once. */
Test(transaction, a_handler_may_ask_for_one_more_try)
{
    for (int round = 0; round < 2; round++) {
        const char *key = round == 0 ? "" : "key";

        note_again = 1;
        note_frame_add(&frame, NOTE_MAYBE, "a", "", 0, key);
        note_frame_add(&frame, NOTE_PUT, "b", "text", 1, key);
        note_bench_run(&bench, 0, &frame);
        cr_assert_str_eq(note_reason(frame.calls[0]), "OK");
        cr_assert_str_eq(note_reason(frame.calls[1]), "OK");
        cr_assert_eq(note_again, 0);
        note_frame_fini(&frame);
        note_frame_init(&frame);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2, "each once");
    note_again = 2;
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_MAYBE, "a", "", 0, ""), "OVERLOADED");
    cr_assert_eq(note_again, 0);
}
