/* Several replicas behind one client: killed, stopped, draining, coming back. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fixture.h"
#include "rpc/client_parts.h"

static struct child children[2];
static struct rpc_client *client;

static void
start_two(unsigned workers)
{
    char addresses[160];

    child_start(&children[0], workers);
    child_start(&children[1], workers);
    snprintf(addresses, sizeof(addresses), "%s,%s", children[0].url, children[1].url);
    client = client_start(addresses);
    run_until_serving(client, 2);
}

static void
stop_all(void)
{
    rpc_client_close(client);
    for (size_t i = 0; i < 2; i++) {
        child_remove(&children[i]);
    }
}

static void
get_one(const char *request_id, const char *expected_reason)
{
    struct trial trial;

    trial_get(&trial, 1, request_id);
    settle_one(client, &trial);
    cr_assert_str_eq(trial.reason, expected_reason);
}

Test(replica, load_is_spread)
{
    static struct trial trials[40];

    start_two(1);
    for (unsigned i = 0; i < 40; i++) {
        trial_get(&trials[i], i, "sleep=5");
        rpc_client_submit(client, &trials[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(settle(client, trials, 40), true);
    cr_assert_gt(replica_state(client, 0).calls, 0);
    cr_assert_gt(replica_state(client, 1).calls, 0);
    cr_assert_eq(replica_state(client, 0).calls + replica_state(client, 1).calls, 40);
    for (unsigned i = 0; i < 8; i++) {
        get_one("", "");
    }
    stop_all();
}

static bool
both_are_busy(struct rpc_client *unused, void *closure)
{
    (void)unused;
    return child_count(&children[0], closure) + child_count(&children[1], closure) >= 2;
}

Test(replica, killed_costs_only_its_calls_in_flight)
{
    struct trial writes[2], after;
    unsigned unknown = 0, fine = 0;

    start_two(1);
    child_hold(&children[0]);
    child_hold(&children[1]);
    for (unsigned i = 0; i < 2; i++) {
        trial_create(&writes[i], i, "wait w");
        rpc_client_submit(client, &writes[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(run_until(client, both_are_busy, "wait w"), true);
    child_end(&children[0], SIGKILL);
    child_release(&children[1]);
    cr_assert_eq(settle(client, writes, 2), true);
    for (unsigned i = 0; i < 2; i++) {
        unknown += strcmp(writes[i].reason, "OUTCOME_UNKNOWN") == 0;
        fine += writes[i].status == STATUS_OK;
        cr_assert_eq(writes[i].done, 1);
    }
    cr_assert_eq(unknown, 1);
    cr_assert_eq(fine, 1);
    /* No call was worked on twice. */
    cr_assert_eq(child_count(&children[0], "wait w"), 1);
    cr_assert_eq(child_count(&children[1], "wait w"), 1);
    for (unsigned i = 0; i < 20; i++) {
        get_one("", "");
    }
    cr_assert_eq(replica_state(client, 0).connected, false);
    child_start(&children[0], 1);
    run_until_serving(client, 2);
    trial_get(&after, 1, "after");
    while (child_count(&children[0], "after") == 0) {
        trial_get(&after, 1, "after");
        settle_one(client, &after);
        cr_assert_eq(after.status, STATUS_OK);
    }
    stop_all();
}

static bool
is_ejected(struct rpc_client *self, void *closure)
{
    return replica_state(self, *(size_t *)closure).ejected;
}

Test(replica, what_may_run_twice_is_sent_again_elsewhere)
{
    struct trial read, keyed, keyless;
    size_t second = 1;

    start_two(3);
    child_hold(&children[0]);
    /* All three leave for the first replica: the other one is stopped and suspect. */
    kill(children[1].pid, SIGSTOP);
    cr_assert_eq(run_until(client, is_ejected, &second), true);
    trial_get(&read, 1, "wait read");
    trial_create(&keyed, 2, "wait keyed");
    keyed.request.idempotency_key = "key";
    trial_create(&keyless, 3, "wait keyless");
    rpc_client_submit(client, &read.request);
    rpc_client_run(client);
    rpc_client_submit(client, &keyed.request);
    rpc_client_run(client);
    rpc_client_submit(client, &keyless.request);
    rpc_client_run(client);
    cr_assert_eq(replica_state(client, 0).in_flight, 3);
    while (child_count(&children[0], "wait keyless") == 0) {
        run_for(client, 5);
    }
    kill(children[1].pid, SIGCONT);
    run_until_serving(client, 2);
    child_end(&children[0], SIGKILL);
    cr_assert_eq(settle(client, &keyless, 1), true);
    cr_assert_str_eq(keyless.reason, "OUTCOME_UNKNOWN");
    cr_assert_eq(settle(client, &read, 1), true);
    cr_assert_eq(read.status, STATUS_OK);
    cr_assert_eq(settle(client, &keyed, 1), true);
    cr_assert_eq(keyed.status, STATUS_OK);
    cr_assert_eq(child_count(&children[1], "wait read"), 1);
    cr_assert_eq(child_count(&children[1], "wait keyed"), 1);
    cr_assert_eq(child_count(&children[1], "wait keyless"), 0);
    stop_all();
}

static bool
is_admitted(struct rpc_client *self, void *closure)
{
    struct rpc_replica_state state = replica_state(self, *(size_t *)closure);

    return !state.ejected && state.serving;
}

Test(replica, stopped_is_left_aside_and_comes_back)
{
    static struct trial trials[30];
    size_t first = 0;
    uint64_t frames;

    start_two(2);
    kill(children[0].pid, SIGSTOP);
    for (unsigned i = 0; i < 30; i++) {
        trial_get(&trials[i], i, "r");
        rpc_client_submit(client, &trials[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(settle(client, trials, 30), true);
    for (unsigned i = 0; i < 30; i++) {
        /* A bounded wait, then the other replica. */
        cr_assert_eq(trials[i].status, STATUS_OK, "%s", trials[i].reason);
    }
    cr_assert_eq(run_until(client, is_ejected, &first), true);
    frames = replica_state(client, 0).frames;
    for (unsigned i = 0; i < 50; i++) {
        get_one("", "");
    }
    cr_assert_eq(replica_state(client, 0).frames, frames);
    kill(children[0].pid, SIGCONT);
    cr_assert_eq(run_until(client, is_admitted, &first), true);
    for (unsigned i = 0; i < 50 && replica_state(client, 0).frames == frames; i++) {
        get_one("", "");
    }
    cr_assert_gt(replica_state(client, 0).frames, frames);
    cr_assert_eq(replica_state(client, 0).in_flight, 0);
    stop_all();
}

Test(replica, stopped_one_is_noticed_without_calls)
{
    size_t second = 1;

    start_two(2);
    kill(children[1].pid, SIGSTOP);
    cr_assert_eq(run_until(client, is_ejected, &second), true);
    for (unsigned i = 0; i < 10; i++) {
        get_one("", "");
    }
    /* Longer than a Check is waited for, and as if a connection had been: both go on. */
    client->replicas[1].redial_us = clock_us();
    run_for(client, LIMIT_CHECK_LOST_MS + 1000);
    kill(children[1].pid, SIGCONT);
    cr_assert_eq(run_until(client, is_admitted, &second), true);
    stop_all();
}

Test(replica, writes_to_a_stopped_one_run_once_at_most)
{
    static struct trial writes[20];
    char names[20][16];

    start_two(2);
    kill(children[0].pid, SIGSTOP);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(names[i], sizeof(names[i]), "w%u", i);
        trial_create(&writes[i], i, names[i]);
        trial_timeout(&writes[i], 3000);
        rpc_client_submit(client, &writes[i].request);
        rpc_client_run(client);
    }
    cr_assert_eq(settle(client, writes, 20), true);
    kill(children[0].pid, SIGCONT);
    run_until_serving(client, 2);
    get_one("", "");
    for (unsigned i = 0; i < 20; i++) {
        unsigned runs = child_count(&children[0], names[i]) + child_count(&children[1], names[i]);

        cr_assert_eq(writes[i].done, 1);
        cr_assert_leq(runs, 1);
        cr_assert_eq(writes[i].status == STATUS_OK ? runs : 1, 1);
        if (writes[i].status != STATUS_OK) {
            cr_assert_str_eq(writes[i].reason, "DEADLINE_EXCEEDED");
        }
    }
    stop_all();
}

Test(replica, slow_is_not_dead)
{
    struct trial slow, other;

    child_start(&children[0], 2);
    client = client_start(children[0].url);
    run_until_serving(client, 1);
    trial_get(&slow, 1, "sleep=4000");
    trial_timeout(&slow, PATIENCE_MS);
    rpc_client_submit(client, &slow.request);
    trial_create(&other, 1, "sleep=4000");
    trial_timeout(&other, PATIENCE_MS);
    rpc_client_submit(client, &other.request);
    rpc_client_run(client);
    while (slow.done == 0) {
        run_for(client, 5);
        cr_assert_eq(replica_state(client, 0).ejected, false);
    }
    cr_assert_eq(slow.status, STATUS_OK);
    cr_assert_eq(settle(client, &other, 1), true);
    cr_assert_eq(other.status, STATUS_OK);
    cr_assert_eq(child_count(&children[0], "sleep=4000"), 2);
    stop_all();
}

Test(replica, the_only_one_killed_and_started_again)
{
    struct trial keyed, write;

    child_start(&children[0], 2);
    client = client_start(children[0].url);
    run_until_serving(client, 1);
    child_hold(&children[0]);
    trial_create(&keyed, 1, "wait keyed");
    keyed.request.idempotency_key = "key";
    trial_create(&write, 2, "wait write");
    rpc_client_submit(client, &keyed.request);
    rpc_client_run(client);
    rpc_client_submit(client, &write.request);
    rpc_client_run(client);
    while (child_count(&children[0], "wait keyed") == 0 ||
           child_count(&children[0], "wait write") == 0) {
        run_for(client, 5);
    }
    child_end(&children[0], SIGKILL);
    child_release(&children[0]);
    child_start(&children[0], 2);
    cr_assert_eq(settle(client, &write, 1), true);
    cr_assert_str_eq(write.reason, "OUTCOME_UNKNOWN");
    cr_assert_eq(settle(client, &keyed, 1), true);
    /* Sent again, unless the new process took longer than calls wait for one. */
    if (keyed.status == STATUS_OK) {
        cr_assert_eq(child_count(&children[0], "wait keyed"), 2);
    } else {
        cr_assert_str_eq(keyed.reason, "OUTCOME_UNKNOWN");
    }
    cr_assert_eq(child_count(&children[0], "wait write"), 1);
    run_until_serving(client, 1);
    get_one("", "");
    stop_all();
}

/* The key of a call that was lost may still be claimed by its own first attempt. */
Test(replica, repeated_call_waits_for_its_first_attempt)
{
    struct trial keyed, other;

    child_start(&children[0], 1);
    client = client_start(children[0].url);
    run_until_serving(client, 1);
    trial_create(&other, 1, "claimed=1 other");
    other.request.idempotency_key = "key";
    settle_one(client, &other);
    cr_assert_str_eq(other.reason, "REQUEST_IN_PROGRESS"); /* somebody else's: it is told so */
    child_hold(&children[0]);
    trial_create(&keyed, 1, "wait claimed=3");
    keyed.request.idempotency_key = "key";
    rpc_client_submit(client, &keyed.request);
    rpc_client_run(client);
    while (child_count(&children[0], keyed.request_id) == 0) {
        run_for(client, 5);
    }
    child_end(&children[0], SIGKILL);
    child_release(&children[0]);
    child_start(&children[0], 1);
    cr_assert_eq(settle(client, &keyed, 1), true);
    if (keyed.status == STATUS_OK) {
        /* Lost, three times refused, done. */
        cr_assert_eq(child_count(&children[0], keyed.request_id), 5);
    } else {
        cr_assert_str_eq(keyed.reason, "OUTCOME_UNKNOWN"); /* a slow start of the process */
    }
    stop_all();
}

/* Orderly ends lose nothing: neither calls that were there nor those that come meanwhile. */
Test(replica, orderly_end_loses_nothing)
{
    enum { ROUNDS = 300 };
    static struct trial trials[ROUNDS];

    start_two(2);
    for (unsigned i = 0; i < ROUNDS; i++) {
        trial_create(&trials[i], i, "sleep=1");
        rpc_client_submit(client, &trials[i].request);
        rpc_client_run(client);
        if (i == ROUNDS / 3) {
            kill(children[0].pid, SIGTERM);
        }
        run_for(client, 1);
    }
    cr_assert_eq(settle(client, trials, ROUNDS), true);
    for (unsigned i = 0; i < ROUNDS; i++) {
        cr_assert_eq(trials[i].status, STATUS_OK, "%u: %s", i, trials[i].reason);
    }
    waitpid(children[0].pid, NULL, 0);
    children[0].pid = 0;
    cr_assert_eq(child_count(&children[0], "sleep=1") + child_count(&children[1], "sleep=1"),
                 ROUNDS);
    stop_all();
}

Test(replica, not_serving_is_avoided_while_another_serves)
{
    static struct service services[2];
    struct rpc_server *servers[2];
    char addresses[160];
    size_t second = 1;

    servers[0] = server_start(&services[0], 1);
    servers[1] = server_start(&services[1], 1);
    services[0].not_ready = true;
    snprintf(addresses, sizeof(addresses), "%s,%s", rpc_server_url(servers[0]),
             rpc_server_url(servers[1]));
    client = client_start(addresses);
    cr_assert_eq(run_until(client, is_admitted, &second), true);
    run_until_serving(client, 1);
    run_for(client, 50);
    for (unsigned i = 0; i < 10; i++) {
        get_one("", "");
    }
    cr_assert_eq(services[0].calls, 0);
    cr_assert_eq(services[1].calls, 10);
    /* When none serves, calls go through all the same: the service says best what is wrong. */
    services[1].not_ready = true;
    run_until_serving(client, 0);
    cr_assert_eq(rpc_client_serving(client), false);
    get_one("", "");
    services[0].not_ready = false;
    run_until_serving(client, 1);
    cr_assert_eq(rpc_client_serving(client), true);
    rpc_client_close(client);
    rpc_server_close(servers[0], PATIENCE_MS);
    rpc_server_close(servers[1], PATIENCE_MS);
}

Test(replica, draining_is_noticed_by_its_replies)
{
    static struct service services[2];
    struct rpc_server *servers[2];
    char addresses[160];
    unsigned before;

    servers[0] = server_start(&services[0], 1);
    servers[1] = server_start(&services[1], 1);
    snprintf(addresses, sizeof(addresses), "%s,%s", rpc_server_url(servers[0]),
             rpc_server_url(servers[1]));
    client = client_start(addresses);
    run_until_serving(client, 2);
    rpc_server_drain(servers[0]);
    get_one("", "");
    get_one("", "");
    before = services[0].calls;
    for (unsigned i = 0; i < 10; i++) {
        get_one("", "");
    }
    cr_assert_leq(before, 1);
    cr_assert_eq(services[0].calls, before);
    rpc_client_close(client);
    rpc_server_close(servers[0], PATIENCE_MS);
    rpc_server_close(servers[1], PATIENCE_MS);
}
