/*
 * A COMMIT whose answer was lost on its way: the effect is there, and the client is never told that
 * it is not.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "support/cut_proxy.h"
#include "support/note_frame.h"
#include "support/process.h"

static struct note_bench bench;
static struct cut_proxy proxy;

static void
open_bench(void)
{
    test_database_open(&bench.database);
    test_database_migrate(&bench.database, "platform");
    test_database_run(&bench.database, note_tables_sql);
    cut_proxy_start(&proxy, &bench.database);
    note_bench_start(&bench, proxy.url);
}

static void
close_bench(void)
{
    note_bench_stop(&bench);
    cut_proxy_stop(&proxy);
    test_database_drop(&bench.database);
}

TestSuite(unknown, .init = open_bench, .fini = close_bench, .timeout = 120);

struct client {
    pthread_t thread;
    enum note_method method;
    const char *key;
    char reason[64];
};

static void *
call(void *arg)
{
    struct client *self = arg;

    snprintf(self->reason, sizeof(self->reason), "%s",
             note_bench_call(&bench, 0, self->method, "a", "text", 1, self->key));
    return NULL;
}

static bool
is_committed(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM note") == 1;
}

static bool
is_cut(void *unused)
{
    (void)unused;
    return atomic_load(&proxy.n_cut) > 0;
}

Test(unknown, without_a_key)
{
    struct client caller = {.method = NOTE_PUT, .key = ""};

    cut_proxy_at(&proxy, "put_0");
    pthread_create(&caller.thread, NULL, call, &caller);
    cr_assert(wait_until(is_committed, NULL, 60));
    cut_proxy_at(&proxy, NULL);
    cut_proxy_close_cut(&proxy);
    pthread_join(caller.thread, NULL);
    cr_assert_str_eq(caller.reason, "OUTCOME_UNKNOWN");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1, "not tried again");
}

/* The same key tells what happened. */
Test(unknown, with_a_key)
{
    struct client caller = {.method = NOTE_PUT, .key = "key"};
    struct note_frame frame;

    cut_proxy_at(&proxy, "depot_record");
    pthread_create(&caller.thread, NULL, call, &caller);
    cr_assert(wait_until(is_committed, NULL, 60));
    cut_proxy_at(&proxy, NULL);
    cut_proxy_close_cut(&proxy);
    pthread_join(caller.thread, NULL);
    cr_assert_str_eq(caller.reason, "OUTCOME_UNKNOWN");
    note_frame_init(&frame);
    note_frame_add(&frame, NOTE_PUT, "a", "text", 1, "key");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "OK");
    cr_assert(frame.calls[0]->replayed);
    cr_assert_eq(note_reply(frame.calls[0])->number, 1);
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 1);
    note_frame_fini(&frame);
}

/* Before the Sync has left there is no doubt: nothing was changed, and nobody says otherwise. */
Test(unknown, a_key_whose_claim_was_cut_has_failed)
{
    struct client caller = {.method = NOTE_PUT, .key = "key"};

    cut_proxy_at(&proxy, "depot_claim");
    pthread_create(&caller.thread, NULL, call, &caller);
    cr_assert(wait_until(is_cut, NULL, 60));
    cut_proxy_at(&proxy, NULL);
    cut_proxy_close_cut(&proxy);
    pthread_join(caller.thread, NULL);
    cr_assert_str_eq(caller.reason, "DB_UNAVAILABLE");
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM note"), 0);
}

Test(unknown, a_read_is_asked_once_more)
{
    struct client caller = {.method = NOTE_GET, .key = ""};

    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 1, ""), "OK");
    cut_proxy_at(&proxy, "get_0");
    pthread_create(&caller.thread, NULL, call, &caller);
    cr_assert(wait_until(is_cut, NULL, 60));
    cut_proxy_at(&proxy, NULL);
    cut_proxy_close_cut(&proxy);
    pthread_join(caller.thread, NULL);
    cr_assert_str_eq(caller.reason, "OK");
}
