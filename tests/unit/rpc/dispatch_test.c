/* Which calls leave together, when, and which wait. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fixture.h"

enum { MANY = 64 };

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

Test(dispatch, many_calls_share_frames_and_batches)
{
    static struct trial trials[MANY];

    start(2);
    for (unsigned i = 0; i < MANY; i++) {
        trial_get(&trials[i], i, "r");
        rpc_client_submit(client, &trials[i].request);
    }
    cr_assert_eq(settle(client, trials, MANY), true);
    for (unsigned i = 0; i < MANY; i++) {
        cr_assert_eq(trials[i].status, STATUS_OK);
        cr_assert_str_eq(trials[i].seen_id, trials[i].id);
        cr_assert_eq(trials[i].done, 1);
    }
    cr_assert_eq(replica_state(client, 0).calls, MANY);
    cr_assert_eq(replica_state(client, 0).frames, 1);
    cr_assert_eq(service.batches, 1);
    cr_assert_eq(service.calls, MANY);
    stop();
}

static bool
is_at_work(struct rpc_client *unused, void *closure)
{
    (void)unused;
    return service.at_work == *(unsigned *)closure;
}

Test(dispatch, frames_in_flight_never_exceed_the_workers)
{
    static struct trial trials[MANY];
    unsigned two = 2;

    start(2);
    service.held = true;
    for (unsigned i = 0; i < MANY; i++) {
        trial_get(&trials[i], i, "r");
        rpc_client_submit(client, &trials[i].request);
        rpc_client_run(client);
        cr_assert_leq(replica_state(client, 0).in_flight, 2);
    }
    cr_assert_eq(replica_state(client, 0).in_flight, 2);
    cr_assert_eq(rpc_client_waiting(client), MANY - 2);
    cr_assert_eq(run_until(client, is_at_work, &two), true);
    service.held = false;
    cr_assert_eq(settle(client, trials, MANY), true);
    cr_assert_eq(replica_state(client, 0).frames, 3);
    cr_assert_eq(service.most_at_work, 2);
    stop();
}

Test(dispatch, lists_leave_a_worker_to_others)
{
    static struct trial lists[20];
    struct trial get;
    unsigned one = 1;

    start(2);
    service.held = true;
    for (unsigned i = 0; i < 20; i++) {
        trial_list(&lists[i], "r");
        rpc_client_submit(client, &lists[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(run_until(client, is_at_work, &one), true);
    cr_assert_eq(replica_state(client, 0).in_flight, 1);
    trial_get(&get, 1, "r");
    rpc_client_submit(client, &get.request);
    rpc_client_run(client);
    cr_assert_eq(replica_state(client, 0).in_flight, 2);
    service.held = false;
    cr_assert_eq(settle(client, &get, 1), true);
    cr_assert_eq(settle(client, lists, 20), true);
    cr_assert_leq(service.largest, 8);
    stop();
}

Test(dispatch, hot_resource_keeps_to_one_worker)
{
    static struct trial hot[10];
    struct trial other;

    start(4);
    service.held = true;
    for (unsigned i = 0; i < 10; i++) {
        trial_create(&hot[i], 1, "r");
        rpc_client_submit(client, &hot[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(replica_state(client, 0).in_flight, 1);
    cr_assert_eq(rpc_client_waiting(client), 9);
    trial_create(&other, 2, "r");
    rpc_client_submit(client, &other.request);
    rpc_client_run(client);
    cr_assert_eq(replica_state(client, 0).in_flight, 2);
    service.held = false;
    cr_assert_eq(settle(client, hot, 10), true);
    cr_assert_eq(settle(client, &other, 1), true);
    /* The neighbour, and the ten one after another: nobody waits for more than one of them. */
    cr_assert_eq(replica_state(client, 0).frames, 11);
    cr_assert_eq(service.largest, 1);
    stop();
}

Test(dispatch, equal_keys_never_share_a_frame)
{
    static struct trial trials[4];

    start(1);
    for (unsigned i = 0; i < 4; i++) {
        trial_create(&trials[i], 1 + i, "r");
        trials[i].request.idempotency_key = i < 2 ? "same" : i == 2 ? "other" : "";
        rpc_client_submit(client, &trials[i].request);
    }
    cr_assert_eq(settle(client, trials, 4), true);
    cr_assert_eq(replica_state(client, 0).frames, 2);
    stop();
}

Test(dispatch, urgent_calls_travel_alone)
{
    static struct trial trials[8];

    start(1);
    service.held = true;
    trial_get(&trials[0], 0, "r");
    rpc_client_submit(client, &trials[0].request);
    rpc_client_run(client);
    for (unsigned i = 1; i < 8; i++) {
        trial_get(&trials[i], i, "r");
        rpc_client_submit(client, &trials[i].request);
    }
    trials[4].request.deadline_us = clock_us() + 99000;
    service.held = false;
    cr_assert_eq(settle(client, trials, 8), true);
    /* The first one, the six others together, the urgent one if there was still time for it. */
    cr_assert_eq(service.largest, 6);
    if (trials[4].status == STATUS_OK) {
        cr_assert_eq(replica_state(client, 0).frames, 3);
    }
    stop();
}

Test(dispatch, queue_is_bounded_in_length)
{
    static struct trial trials[LIMIT_QUEUE_CALLS + 10];
    unsigned overloaded = 0;

    start(1);
    service.held = true;
    for (unsigned i = 0; i < LIMIT_QUEUE_CALLS + 10; i++) {
        trial_get(&trials[i], i, "r");
        trial_timeout(&trials[i], PATIENCE_MS);
        rpc_client_submit(client, &trials[i].request);
    }
    service.held = false;
    cr_assert_eq(settle(client, trials, LIMIT_QUEUE_CALLS + 10), true);
    for (unsigned i = 0; i < LIMIT_QUEUE_CALLS + 10; i++) {
        cr_assert_eq(trials[i].done, 1);
        if (trials[i].status != STATUS_OK) {
            cr_assert_str_eq(trials[i].reason, "OVERLOADED");
            cr_assert_eq(trials[i].status, STATUS_UNAVAILABLE);
            cr_assert_gt(trials[i].retry_after_ms, 0);
            overloaded++;
        }
    }
    cr_assert_geq(overloaded, 10);
    stop();
}

Test(dispatch, queue_is_bounded_in_time)
{
    struct trial busy, waiting;

    start(1);
    service.held = true;
    trial_get(&busy, 1, "r");
    trial_timeout(&busy, PATIENCE_MS);
    rpc_client_submit(client, &busy.request);
    rpc_client_run(client);
    trial_get(&waiting, 2, "r");
    trial_timeout(&waiting, PATIENCE_MS);
    settle_one(client, &waiting);
    cr_assert_str_eq(waiting.reason, "OVERLOADED");
    cr_assert_eq(replica_state(client, 0).ejected, false);
    service.held = false;
    cr_assert_eq(settle(client, &busy, 1), true);
    cr_assert_eq(busy.status, STATUS_OK);
    stop();
}

Test(dispatch, principals_take_turns)
{
    static struct trial greedy[200];
    struct trial modest, first;

    start(1);
    service.held = true;
    trial_get(&first, 1, "r");
    rpc_client_submit(client, &first.request);
    rpc_client_run(client);
    for (unsigned i = 0; i < 200; i++) {
        trial_get(&greedy[i], i, "r");
        rpc_client_submit(client, &greedy[i].request);
    }
    trial_get(&modest, 1, "r");
    modest.request.principal = "bela";
    rpc_client_submit(client, &modest.request);
    service.held = false;
    cr_assert_eq(settle(client, &modest, 1), true);
    /* In the first frame behind, although two hundred were there before. */
    cr_assert_eq(replica_state(client, 0).frames <= 3, true);
    cr_assert_eq(greedy[150].done, 0);
    cr_assert_eq(settle(client, greedy, 200), true);
    stop();
}
