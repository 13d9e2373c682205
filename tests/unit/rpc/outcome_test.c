/* Retries, with the client's own parts: how many there may be, and what is said in the end. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "rpc/client_parts.h"

static struct rpc_client *client;
static struct trial trial;

/* A call that left once and came back without answer. */
static void
lose(void)
{
    queue_prepare(&trial.request);
    trial.request.list = NULL;
    trial.request.flight = NULL;
    trial.request.attempts = 1;
}

static bool
retry(void)
{
    bool will = client_retry(client, &trial.request, clock_us());

    if (will) {
        calls_remove(&trial.request);
        trial.request.attempts++;
    }
    return will;
}

static void
start(void)
{
    client = client_start("tcp://127.0.0.1:1");
}

Test(outcome, only_what_may_run_twice)
{
    start();
    trial_get(&trial, 1, "r");
    lose();
    cr_assert_eq(retry(), true);
    trial_create(&trial, 1, "r");
    lose();
    cr_assert_eq(retry(), false);
    trial.request.idempotency_key = "key";
    lose();
    cr_assert_eq(retry(), true);
    rpc_client_close(client);
}

Test(outcome, attempts_are_bounded)
{
    unsigned retries = 0;

    start();
    trial_get(&trial, 1, "r");
    lose();
    while (retry()) {
        retries++;
        cr_assert_lt(retries, 100);
    }
    cr_assert_eq(retries, LIMIT_CALL_ATTEMPTS - 1);
    rpc_client_close(client);
}

Test(outcome, credit_is_bounded_and_earned)
{
    unsigned retries = 0;
    struct trial others[10];

    start();
    trial_get(&trial, 1, "r");
    trial_timeout(&trial, PATIENCE_MS);
    lose();
    while (retry()) {
        lose();
        retries++;
        cr_assert_leq(retries, LIMIT_RETRY_CREDIT);
    }
    cr_assert_eq(retries, LIMIT_RETRY_CREDIT);
    for (unsigned i = 0; i < 10; i++) {
        lose();
        cr_assert_eq(retry(), false);
        trial_get(&others[i], i, "r");
        rpc_client_submit(client, &others[i].request);
    }
    lose();
    cr_assert_eq(retry(), true);
    lose();
    cr_assert_eq(retry(), false);
    rpc_client_close(client);
}

Test(outcome, no_retry_beyond_the_deadline)
{
    start();
    trial_get(&trial, 1, "r");
    lose();
    trial_timeout(&trial, 0);
    cr_assert_eq(retry(), false);
    rpc_client_close(client);
}

Test(outcome, what_may_have_happened_is_not_denied)
{
    start();
    trial_create(&trial, 1, "r");
    trial.request.idempotency_key = "key";
    lose();
    cr_assert_eq(client_retry(client, &trial.request, clock_us()), true);
    /* No replica comes: nobody can know now. */
    cr_assert_eq(settle(client, &trial, 1), true);
    cr_assert_str_eq(trial.reason, "OUTCOME_UNKNOWN");
    trial_get(&trial, 1, "r");
    lose();
    cr_assert_eq(client_retry(client, &trial.request, clock_us()), true);
    cr_assert_eq(settle(client, &trial, 1), true);
    cr_assert_str_eq(trial.reason, "SERVICE_DOWN");
    rpc_client_close(client);
}
