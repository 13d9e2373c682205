/* Idempotency keys: one effect, one answer, whoever repeats it and whenever. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/params.h"
#include "support/note_frame.h"
#include "support/process.h"

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

TestSuite(idempotency, .init = open_bench, .fini = close_bench, .timeout = 300);

Test(idempotency, a_repeat_gets_the_first_answer_and_has_no_effect)
{
    struct rpc_served *served;

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 7, "key"), "OK");
    served = note_frame_add(&frame, NOTE_PUT, "a", "text", 7, "key");
    note_bench_run(&bench, 1, &frame);
    cr_assert_str_eq(note_reason(served), "OK");
    cr_assert(served->replayed);
    cr_assert_eq(note_reply(served)->number, 7);
    cr_assert_str_eq(note_reply(served)->text, "text");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

Test(idempotency, the_answer_is_the_recorded_one_also_when_the_world_has_changed)
{
    struct rpc_served *served;

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 7, "key"), "OK");
    test_database_run(&bench.database, "DELETE FROM note");
    served = note_frame_add(&frame, NOTE_PUT, "a", "text", 7, "key");
    note_bench_run(&bench, 1, &frame);
    cr_assert(served->replayed);
    cr_assert_eq(note_reply(served)->number, 7);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
}

Test(idempotency, another_request_with_the_key_is_refused)
{
    struct rpc_served *served;

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 7, "key"), "OK");
    served = note_frame_add(&frame, NOTE_PUT, "a", "text", 8, "key");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(served), "IDEMPOTENCY_KEY_REUSED");
    cr_assert_not(served->replayed);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

Test(idempotency, a_key_belongs_to_a_principal_a_method_and_a_path)
{
    struct rpc_served *other;

    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_frame_add(&frame, NOTE_PUT, "b", "text", 2, "key");
    note_frame_add(&frame, NOTE_MAYBE, "c", "text", 1, "key");
    other = note_frame_add(&frame, NOTE_PUT, "a", "text", 4, "key");
    other->call.principal = "somebody else";
    note_bench_run(&bench, 0, &frame);
    for (size_t i = 0; i < frame.n; i++) {
        cr_assert_str_eq(note_reason(frame.calls[i]), "OK", "call %zu", i);
        cr_assert_not(frame.calls[i]->replayed);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 3);
}

Test(idempotency, repeats_within_one_frame)
{
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_frame_add(&frame, NOTE_PUT, "a", "text", 2, "key");
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_frame_add(&frame, NOTE_PUT, "b", "text", 5, "");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "OK");
    cr_assert_not(frame.calls[0]->replayed);
    cr_assert(frame.calls[1]->replayed);
    cr_assert_eq(note_reply(frame.calls[1])->number, 1);
    cr_assert_str_eq(note_reason(frame.calls[2]), "IDEMPOTENCY_KEY_REUSED");
    cr_assert(frame.calls[3]->replayed);
    cr_assert_str_eq(note_reason(frame.calls[4]), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
}

Test(idempotency, failures_are_not_recorded)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "absent", 1, "key"),
                     "RESOURCE_NOT_FOUND");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "poison", 1, "key"),
                     "INTERNAL_ERROR");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}

Test(idempotency, an_expired_record_counts_no_more_and_is_replaced)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT extract(epoch FROM expire_time - create_time) "
                                          "FROM depot_idempotency_key"),
                 24 * 60 * 60);
    test_database_run(&bench.database,
                      "UPDATE depot_idempotency_key SET expire_time = now(), create_time = "
                      "now() - interval '24 hours'");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "other text", 2, "key"), "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 2);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key "
                                          "WHERE expire_time > now() + interval '23 hours'"),
                 1);
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"),
                     "IDEMPOTENCY_KEY_REUSED");
}

static bool
has_no_expired(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key "
                                    "WHERE expire_time <= now()") == 0;
}

Test(idempotency, expired_records_are_removed_in_the_background)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, "key"), "OK");
    note_bench_stop(&bench);
    test_database_run(&bench.database,
                      "INSERT INTO depot_idempotency_key SELECT sha256(i::text::bytea), "
                      "sha256(''), '', now() - interval '25 hours', now() - interval '1 hour' "
                      "FROM generate_series(1, 1500) AS i");
    note_bench_start(&bench, bench.database.url);
    cr_assert(wait_until(has_no_expired, NULL, 60));
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 1);
}

/* --- two at once --- */

struct other {
    pthread_t thread;
    const char *text;
    char reason[64];
};

static void *
put_with_key(void *arg)
{
    struct other *other = arg;

    snprintf(other->reason, sizeof(other->reason), "%s",
             note_bench_call(&bench, 1, NOTE_PUT, "a", other->text, 1, "key"));
    return NULL;
}

static bool
somebody_waits(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM pg_locks WHERE NOT granted AND database "
                                    "= (SELECT oid FROM pg_database WHERE datname = "
                                    "current_database())") > 0;
}

/* The first waits for a lock of its effect; the second does not wait for the first. */
Test(idempotency, a_repeat_while_the_first_is_worked_on_is_told_so_at_once)
{
    PGconn *holder = PQconnectdb(bench.database.url);
    struct other first = {.text = "text"};
    char sql[96];

    snprintf(sql, sizeof(sql), "SELECT pg_advisory_lock(%lld)",
             (long long)db_lock_key("note", "a"));
    PQclear(PQexec(holder, sql));
    pthread_create(&first.thread, NULL, put_with_key, &first);
    cr_assert(wait_until(somebody_waits, NULL, 60));
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_frame_add(&frame, NOTE_PUT, "b", "text", 2, "key");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "REQUEST_IN_PROGRESS");
    cr_assert_gt(frame.calls[0]->call.problem.retry_after_ms, 0);
    cr_assert_str_eq(note_reason(frame.calls[1]), "OK", "its neighbour goes on");
    PQfinish(holder);
    pthread_join(first.thread, NULL);
    cr_assert_str_eq(first.reason, "OK");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note WHERE id = 'a'"), 1);
}

/* Frames with the same keys in opposite order, over and over. */
struct crosser {
    pthread_t thread;
    size_t worker;
    bool backwards;
    int n_done;
};

enum { CROSS_ROUNDS = 100, CROSS_KEYS = 8 };

static void *
cross(void *arg)
{
    struct crosser *self = arg;
    struct note_frame *mine = calloc(1, sizeof(*mine));

    for (int round = 0; round < CROSS_ROUNDS; round++) {
        note_frame_init(mine);
        for (int i = 0; i < CROSS_KEYS; i++) {
            char id[32];

            snprintf(id, sizeof(id), "r%d-%d", round, self->backwards ? CROSS_KEYS - 1 - i : i);
            note_frame_add(mine, NOTE_PUT, id, "text", round, "key");
        }
        note_bench_run(&bench, self->worker, mine);
        for (size_t i = 0; i < mine->n; i++) {
            const char *reason = note_reason(mine->calls[i]);

            if (strcmp(reason, "OK") == 0 || strcmp(reason, "REQUEST_IN_PROGRESS") == 0) {
                self->n_done++;
            }
        }
        note_frame_fini(mine);
    }
    free(mine);
    return NULL;
}

Test(idempotency, crossed_keys_neither_deadlock_nor_have_two_effects)
{
    struct crosser crossers[4];

    for (size_t i = 0; i < 4; i++) {
        crossers[i] = (struct crosser){.worker = i, .backwards = i % 2 == 1};
        pthread_create(&crossers[i].thread, NULL, cross, &crossers[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(crossers[i].thread, NULL);
        cr_assert_eq(crossers[i].n_done, CROSS_ROUNDS * CROSS_KEYS);
    }
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), CROSS_ROUNDS * CROSS_KEYS);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(DISTINCT id) FROM note"),
                 CROSS_ROUNDS * CROSS_KEYS);
    test_database_run(&bench.database, "SELECT pg_stat_clear_snapshot()");
    cr_assert_eq(note_bench_count(&bench, "SELECT deadlocks FROM pg_stat_database WHERE datname = "
                                          "current_database()"),
                 0);
}

/* The path of a thing in capitals is the path of the same thing. */
Test(idempotency, a_uuid_in_capitals_is_the_same_scope)
{
    static const char small[] = "01900000-0000-7000-8000-0000000000af";
    static const char capitals[] = "01900000-0000-7000-8000-0000000000AF";

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, small, "one", 1, "capitals"), "OK");
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, capitals, "one", 1, "capitals"),
                     "IDEMPOTENCY_KEY_REUSED");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
}
