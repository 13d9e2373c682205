#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fixture.h"

static struct service service;
static struct rpc_server *server;
static struct rpc_client *client;

static void
start(unsigned workers)
{
    server = server_start(&service, workers);
    client = client_start(rpc_server_url(server));
    run_until_serving(client, 1);
}

static void
stop(void)
{
    service.held = false;
    rpc_client_close(client);
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
    cr_assert_eq(service.opened, service.closed);
    cr_assert_eq(service.mixed, 0);
}

Test(client, round_trip)
{
    struct trial trial;

    start(1);
    trial_get(&trial, 7, "r1");
    settle_one(client, &trial);
    cr_assert_eq(trial.status, STATUS_OK);
    cr_assert_str_eq(trial.reason, "");
    cr_assert_str_eq(trial.seen_id, trial.id);
    cr_assert_str_eq(trial.seen_name, "anna");
    cr_assert_eq(trial.replayed, false);
    stop();
}

Test(client, first_call_before_the_connection_waits_for_it)
{
    struct trial trial;

    server = server_start(&service, 1);
    client = client_start(rpc_server_url(server));
    trial_get(&trial, 7, "r1");
    rpc_client_submit(client, &trial.request);
    rpc_client_run(client);
    cr_assert_eq(rpc_client_waiting(client), 1);
    cr_assert_eq(settle(client, &trial, 1), true);
    cr_assert_eq(trial.status, STATUS_OK);
    run_until_serving(client, 1);
    stop();
}

Test(client, reply_carries_what_was_decided)
{
    struct trial fail, extra, internal, replayed, latin, missing;

    start(1);
    trial_get(&fail, 1, "fail");
    settle_one(client, &fail);
    cr_assert_eq(fail.status, STATUS_NOT_FOUND);
    cr_assert_str_eq(fail.reason, "RESOURCE_NOT_FOUND");
    cr_assert_str_eq(fail.message, "No such thing here.");
    trial_get(&extra, 1, "fail extra");
    settle_one(client, &extra);
    cr_assert_str_eq(extra.detail_type, "depot.inventory.v1.GetResourceRequest");
    cr_assert_gt(extra.detail_bytes, 36);
    trial_get(&internal, 1, "internal");
    settle_one(client, &internal);
    cr_assert_eq(internal.status, STATUS_INTERNAL);
    cr_assert_str_eq(internal.reason, "INTERNAL_ERROR");
    cr_assert_null(strstr(internal.message, "secret"));
    trial_get(&replayed, 1, "replayed");
    settle_one(client, &replayed);
    cr_assert_eq(replayed.replayed, true);
    trial_get(&latin, 1, "latin");
    settle_one(client, &latin);
    cr_assert_str_eq(latin.reason, "RESOURCE_NOT_FOUND");
    trial_get(&missing, 1, "missing");
    settle_one(client, &missing);
    cr_assert_eq(missing.status, STATUS_INTERNAL);
    stop();
}

Test(client, violations_come_with_their_places)
{
    struct trial trial;

    start(1);
    trial_create(&trial, 1, "r1");
    trial.allocation.end_time = trial.allocation.start_time;
    settle_one(client, &trial);
    cr_assert_eq(trial.status, STATUS_INVALID_ARGUMENT);
    cr_assert_str_eq(trial.reason, "PERIOD_EMPTY");
    cr_assert_eq(trial.n_violations, 1);
    cr_assert_eq(strncmp(trial.field, "/allocation", 11), 0, "%s", trial.field);
    cr_assert_eq(service.calls, 0);
    stop();
}

Test(client, answers_at_the_deadline_while_the_server_sleeps)
{
    struct trial trial, next;
    int64_t before_us;

    start(1);
    service.held = true;
    trial_create(&trial, 1, "r");
    trial_timeout(&trial, 200);
    before_us = clock_us();
    settle_one(client, &trial);
    cr_assert_eq(trial.status, STATUS_DEADLINE_EXCEEDED);
    cr_assert_str_eq(trial.reason, "DEADLINE_EXCEEDED");
    cr_assert_geq(clock_us() - before_us, 190000);
    /* The worker is still busy: nothing more is sent to it. */
    cr_assert_eq(replica_state(client, 0).in_flight, 1);
    service.held = false;
    trial_get(&next, 2, "r");
    settle_one(client, &next);
    cr_assert_eq(next.status, STATUS_OK);
    cr_assert_eq(trial.done, 1);
    stop();
}

Test(client, deadline_of_a_waiting_call)
{
    struct trial busy, waiting;

    start(1);
    service.held = true;
    trial_get(&busy, 1, "r");
    rpc_client_submit(client, &busy.request);
    rpc_client_run(client);
    trial_get(&waiting, 2, "waiting");
    trial_timeout(&waiting, 150);
    settle_one(client, &waiting);
    cr_assert_str_eq(waiting.reason, "DEADLINE_EXCEEDED");
    service.held = false;
    cr_assert_eq(settle(client, &busy, 1), true);
    cr_assert_eq(service.calls, 1);
    stop();
}

Test(client, late_before_it_starts)
{
    struct trial trial;

    start(1);
    trial_get(&trial, 1, "r");
    trial_timeout(&trial, -1);
    settle_one(client, &trial);
    cr_assert_str_eq(trial.reason, "DEADLINE_EXCEEDED");
    cr_assert_eq(service.calls, 0);
    stop();
}

Test(client, cancelled_calls_are_not_answered)
{
    struct trial in_flight, waiting, refused, last;

    start(1);
    service.held = true;
    trial_get(&in_flight, 1, "r");
    rpc_client_submit(client, &in_flight.request);
    rpc_client_run(client);
    trial_get(&waiting, 2, "waiting");
    rpc_client_submit(client, &waiting.request);
    trial_get(&refused, 3, "refused");
    rpc_client_submit(client, &refused.request);
    rpc_client_cancel(client, &in_flight.request);
    rpc_client_cancel(client, &waiting.request);
    rpc_client_cancel(client, &refused.request);
    cr_assert_eq(rpc_client_waiting(client), 0);
    service.held = false;
    trial_get(&last, 4, "r");
    settle_one(client, &last);
    cr_assert_eq(last.status, STATUS_OK);
    cr_assert_eq(in_flight.done + waiting.done + refused.done, 0);
    cr_assert_eq(service.calls, 2);
    stop();
}

Test(client, too_large_a_request_never_leaves)
{
    struct trial trial;
    static char text[LIMIT_FRAME_BYTES];

    start(1);
    memset(text, 'x', sizeof(text) - 1);
    trial_create(&trial, 1, "r");
    trial.allocation.description = text;
    settle_one(client, &trial);
    cr_assert_str_eq(trial.reason, "BODY_TOO_LARGE");
    cr_assert_eq(service.calls, 0);
    stop();
}

Test(client, too_large_a_reply)
{
    struct trial read, write, fine;
    char said[64];

    start(1);
    trial_get(&read, 1, "bytes=1100000");
    settle_one(client, &read);
    cr_assert_eq(read.status, STATUS_RESOURCE_EXHAUSTED);
    cr_assert_str_eq(read.reason, "REPLY_TOO_LARGE");
    trial_create(&write, 1, "bytes=1100000");
    settle_one(client, &write);
    cr_assert_str_eq(write.reason, "REPLY_TOO_LARGE");
    cr_assert_not_null(strstr(write.message, "done"));
    snprintf(said, sizeof(said), "bytes=%d", LIMIT_REPLY_BYTES - 1000);
    trial_get(&fine, 1, said);
    settle_one(client, &fine);
    cr_assert_eq(fine.status, STATUS_OK);
    cr_assert_gt(fine.payload_bytes, LIMIT_REPLY_BYTES - 1000);
    stop();
}

Test(client, replies_that_find_no_room_are_asked_for_again)
{
    static struct trial trials[10];

    start(1);
    for (unsigned i = 0; i < 10; i++) {
        trial_get(&trials[i], i, "bytes=1000000");
        trial_timeout(&trials[i], PATIENCE_MS);
        rpc_client_submit(client, &trials[i].request);
    }
    cr_assert_eq(settle(client, trials, 10), true);
    for (unsigned i = 0; i < 10; i++) {
        cr_assert_eq(trials[i].status, STATUS_OK);
        cr_assert_eq(trials[i].done, 1);
        cr_assert_str_eq(trials[i].seen_id, trials[i].id);
    }
    /* Four of them fit a frame of 4 MiB. */
    cr_assert_eq(replica_state(client, 0).frames, 3);
    stop();
}

Test(client, changes_are_acknowledged_even_if_their_answers_find_no_room)
{
    static struct trial trials[10];
    unsigned whole = 0, cut = 0;

    start(1);
    for (unsigned i = 0; i < 10; i++) {
        trial_create(&trials[i], i, "bytes=1000000");
        rpc_client_submit(client, &trials[i].request);
    }
    cr_assert_eq(settle(client, trials, 10), true);
    for (unsigned i = 0; i < 10; i++) {
        whole += trials[i].status == STATUS_OK;
        cut += strcmp(trials[i].reason, "REPLY_TOO_LARGE") == 0;
    }
    cr_assert_eq(whole, 4);
    cr_assert_eq(cut, 6);
    cr_assert_eq(service.calls, 10);
    stop();
}

struct chain {
    struct trial trial;
    unsigned left;
};

static void
again(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct chain *chain = request->owner;

    cr_assert_eq(reply->status, STATUS_OK);
    if (--chain->left > 0) {
        rpc_client_submit(client, request);
    } else {
        chain->trial.done++;
    }
}

Test(client, done_may_submit)
{
    static struct chain chains[16];

    start(2);
    for (unsigned i = 0; i < 16; i++) {
        trial_get(&chains[i].trial, i, "r");
        trial_timeout(&chains[i].trial, PATIENCE_MS);
        chains[i].trial.request.done = again;
        chains[i].trial.request.owner = &chains[i];
        chains[i].left = 50;
        rpc_client_submit(client, &chains[i].trial.request);
    }
    for (unsigned i = 0; i < 16; i++) {
        cr_assert_eq(settle(client, &chains[i].trial, 1), true);
    }
    cr_assert_eq(service.calls, 16 * 50);
    stop();
}

Test(client, close_ends_what_is_under_way)
{
    struct trial write, read, waiting;

    start(1);
    service.held = true;
    trial_create(&write, 1, "r");
    rpc_client_submit(client, &write.request);
    rpc_client_run(client);
    trial_get(&waiting, 2, "r");
    rpc_client_submit(client, &waiting.request);
    rpc_client_close(client);
    cr_assert_str_eq(write.reason, "OUTCOME_UNKNOWN");
    cr_assert_str_eq(waiting.reason, "SERVICE_DOWN");
    client = client_start(rpc_server_url(server));
    service.held = false;
    run_until_serving(client, 1);
    trial_get(&read, 3, "r");
    settle_one(client, &read);
    cr_assert_eq(read.status, STATUS_OK);
    stop();
}

struct address_case {
    const char *addresses;
    bool good;
};

Test(client, addresses)
{
    static const struct address_case cases[] = {
        {"tcp://127.0.0.1:1", true},
        {"tcp://127.0.0.1:1,tcp://127.0.0.1:2", true},
        {"tcp://127.0.0.1:1, tcp://[::1]:2", true},
        {"", false},
        {"tcp://127.0.0.1:1,", false},
        {"tcp://127.0.0.1", false},
        {"tcp://:1", false},
        {"127.0.0.1:1", false},
        {"ipc:///tmp/x", false},
        {"inproc://x", false},
        {"ws://127.0.0.1:1", false},
        {"tls+tcp://127.0.0.1:1", false},
        {"tcp://127.0.0.1:port", false},
        {"tcp://127.0.0.1:99999", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rpc_client_options options = {.service =
                                                 &depot__inventory__v1__inventory_service__service,
                                             .addresses = cases[i].addresses};
        struct error error = {""};
        enum status status = rpc_client_open(&options, &client, &error);

        cr_assert_eq(status == STATUS_OK, cases[i].good, "%s: %s", cases[i].addresses, error.text);
        if (status == STATUS_OK) {
            rpc_client_close(client);
        } else {
            cr_assert_eq(status, STATUS_INVALID_ARGUMENT);
            cr_assert_gt(strlen(error.text), 0);
        }
    }
}

Test(client, no_replica_at_all)
{
    struct trial first, later;
    int64_t before_us;

    client = client_start("tcp://127.0.0.1:1");
    trial_get(&first, 1, "r");
    settle_one(client, &first);
    cr_assert_str_eq(first.reason, "SERVICE_DOWN");
    cr_assert_eq(first.status, STATUS_UNAVAILABLE);
    cr_assert_gt(first.retry_after_ms, 0);
    /* It has been away for long now: no waiting. */
    before_us = clock_us();
    trial_create(&later, 1, "r");
    rpc_client_submit(client, &later.request);
    cr_assert_leq(rpc_client_next_us(client), clock_us());
    rpc_client_run(client);
    cr_assert_eq(later.done, 1);
    cr_assert_str_eq(later.reason, "SERVICE_DOWN");
    cr_assert_leq(clock_us() - before_us, LIMIT_DOWN_MS * 1000);
    cr_assert_eq(rpc_client_serving(client), false);
    rpc_client_close(client);
}
