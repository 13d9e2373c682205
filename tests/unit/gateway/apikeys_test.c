/* What is remembered of API keys, over an authority that answers when the test says so. */
#include "gateway/apikeys.h"

#include <criterion/criterion.h>
#include <depot/auth/v1/authority.pb-c.h>
#include <depot/rpc/v1/reasons.schema.h>
#include <stdio.h>
#include <string.h>

#include "auth/token.h"
#include "base/clock.h"
#include "base/limits.h"

enum { ASKED_MAX = 2 * LIMIT_API_KEYS_ASKED };

/* --- the authority --- */

static struct rpc_request *asked[ASKED_MAX];
static size_t n_asked, n_cancelled;

static void
submit(void *closure, struct rpc_request *request)
{
    (void)closure;
    cr_assert_lt(n_asked, ASKED_MAX);
    asked[n_asked++] = request;
}

static void
cancel(void *closure, struct rpc_request *request)
{
    (void)closure;
    (void)request;
    n_cancelled++;
}

static const char *
asked_for(size_t i)
{
    return ((const Depot__Auth__V1__ExchangeApiKeyRequest *)asked[i]->message)->api_key;
}

static void
reply_token(size_t i, const char *token, int expires_in)
{
    Depot__Auth__V1__ExchangeApiKeyResponse response;
    uint8_t payload[TOKEN_TEXT_MAX_BYTES + 64];
    struct rpc_reply reply = {.reason = "", .message = "", .detail_type = "", .payload = payload};

    depot__auth__v1__exchange_api_key_response__init(&response);
    response.access_token = (char *)token;
    response.expires_in = expires_in;
    reply.payload_bytes = depot__auth__v1__exchange_api_key_response__pack(&response, payload);
    asked[i]->done(asked[i], &reply);
}

static void
reply_failure(size_t i, enum status status, const char *reason, uint32_t retry_after_ms)
{
    const struct rpc_reply reply = {.status = status,
                                    .reason = reason,
                                    .message = "",
                                    .detail_type = "",
                                    .retry_after_ms = retry_after_ms};

    asked[i]->done(asked[i], &reply);
}

/* --- who waits --- */

struct waiter {
    struct apikeys_wait wait; /* first, so that `done` finds the rest */
    unsigned n_done;
    const struct reason *reason;
    char token[64];
    uint32_t retry_after_ms;
};

static struct apikeys *keys;
static int64_t now_us;

static void
done(struct apikeys_wait *wait, const struct apikeys_answer *answer)
{
    struct waiter *self = (struct waiter *)wait;

    self->n_done++;
    self->reason = answer->reason;
    self->retry_after_ms = answer->retry_after_ms;
    snprintf(self->token, sizeof(self->token), "%.*s", (int)answer->token_bytes,
             answer->token == NULL ? "" : answer->token);
}

static struct waiter
waiter(int64_t deadline_us)
{
    return (struct waiter){.wait = {.done = done,
                                    .deadline_us = deadline_us,
                                    .request_id = "r",
                                    .client_address = "192.0.2.1"}};
}

static bool
ask(const char *key, struct waiter *waiter)
{
    return apikeys_ask(keys, key, strlen(key), now_us, &waiter->wait);
}

static bool
known(const char *key, struct apikeys_answer *answer)
{
    return apikeys_find(keys, key, strlen(key), now_us, answer);
}

static void
expect_token(const char *key, const char *token)
{
    struct apikeys_answer answer;

    cr_assert(known(key, &answer), "%s", key);
    cr_assert_null(answer.reason);
    cr_assert_eq(answer.token_bytes, strlen(token));
    cr_assert_arr_eq(answer.token, token, answer.token_bytes);
}

static void
expect_unknown(const char *key)
{
    struct apikeys_answer answer;

    cr_assert_not(known(key, &answer), "%s", key);
}

static void
setup(void)
{
    keys = apikeys_new(&(struct apikeys_authority){.submit = submit, .cancel = cancel});
    now_us = clock_us();
}

static void
teardown(void)
{
    apikeys_free(keys);
}

TestSuite(apikeys, .init = setup, .fini = teardown, .timeout = 60);

/* --- what is remembered --- */

Test(apikeys, requests_with_one_new_key_share_one_exchange)
{
    struct waiter one = waiter(INT64_MAX), two = waiter(INT64_MAX), other = waiter(INT64_MAX);

    expect_unknown("dpk_a");
    cr_assert(ask("dpk_a", &one) && ask("dpk_a", &two) && ask("dpk_b", &other));
    cr_assert_eq(n_asked, 2);
    cr_assert_str_eq(asked_for(0), "dpk_a");
    cr_assert_str_eq(asked[0]->request_id, "r");
    cr_assert_str_eq(asked[0]->client_address, "192.0.2.1");
    expect_unknown("dpk_a");
    reply_token(0, "token-a", 600);
    cr_assert_str_eq(one.token, "token-a");
    cr_assert_str_eq(two.token, "token-a");
    cr_assert_eq(one.n_done + two.n_done, 2);
    cr_assert_eq(other.n_done, 0);
    expect_token("dpk_a", "token-a");
    reply_token(1, "token-b", 600);
    cr_assert_str_eq(other.token, "token-b");
    expect_token("dpk_a", "token-a");
    expect_token("dpk_b", "token-b");
    cr_assert_eq(n_asked, 2);
}

Test(apikeys, a_token_serves_until_a_minute_before_its_end)
{
    struct waiter one = waiter(INT64_MAX), two = waiter(INT64_MAX);

    cr_assert(ask("dpk_a", &one));
    reply_token(0, "token", 300);
    now_us = clock_us() + (int64_t)239 * 1000000;
    expect_token("dpk_a", "token");
    now_us += 2000000;
    expect_unknown("dpk_a");
    cr_assert(ask("dpk_a", &two));
    cr_assert_eq(n_asked, 2);
    reply_token(1, "token", 300);
}

Test(apikeys, a_token_that_ends_soon_is_used_and_not_kept)
{
    struct waiter one = waiter(INT64_MAX);

    cr_assert(ask("dpk_a", &one));
    reply_token(0, "token", LIMIT_API_KEY_MARGIN_S);
    cr_assert_str_eq(one.token, "token");
    expect_unknown("dpk_a");
}

/* However long the authority says: nobody takes a token that lives longer. */
Test(apikeys, no_token_is_kept_for_longer_than_tokens_live)
{
    struct waiter one = waiter(INT64_MAX);

    cr_assert(ask("dpk_a", &one));
    reply_token(0, "token", INT32_MAX);
    now_us = clock_us() + (int64_t)541 * 1000000;
    expect_unknown("dpk_a");
}

static void
expect_refused(const char *key, enum status status, const char *reason,
               const struct reason *expected)
{
    struct waiter one = waiter(INT64_MAX);
    struct apikeys_answer answer;
    size_t i = n_asked;

    now_us = clock_us();
    cr_assert(ask(key, &one));
    reply_failure(i, status, reason, 0);
    cr_assert_eq(one.reason, expected, "%s", reason);
    cr_assert(known(key, &answer));
    cr_assert_eq(answer.reason, expected, "%s", reason);
    now_us = clock_us() + (int64_t)LIMIT_API_KEY_REFUSED_MS * 1000;
    expect_unknown(key);
}

Test(apikeys, refusals_are_remembered_for_a_moment)
{
    expect_refused("dpk_a", STATUS_UNAUTHENTICATED, "TOKEN_INVALID", &reason_token_invalid);
    expect_refused("dpk_b", STATUS_UNAUTHENTICATED, "TOKEN_EXPIRED", &reason_token_expired);
    expect_refused("dpk_c", STATUS_UNAUTHENTICATED, "TOKEN_REVOKED", &reason_token_revoked);
    expect_refused("dpk_d", STATUS_UNAUTHENTICATED, "SOMETHING_NEW", &reason_token_invalid);
    expect_refused("dpk_e", STATUS_INVALID_ARGUMENT, "TOKEN_INVALID", &reason_token_invalid);
    expect_refused("dpk_f", STATUS_NOT_FOUND, "RESOURCE_NOT_FOUND", &reason_token_invalid);
}

Test(apikeys, that_nobody_can_tell_is_not_remembered)
{
    static const enum status statuses[] = {STATUS_UNAVAILABLE, STATUS_DEADLINE_EXCEEDED,
                                           STATUS_INTERNAL, STATUS_RESOURCE_EXHAUSTED};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct waiter one = waiter(INT64_MAX);

        cr_assert(ask("dpk_a", &one));
        reply_failure(i, statuses[i], "SERVICE_DOWN", 700);
        cr_assert_eq(one.reason, &reason_access_unknown);
        cr_assert_eq(one.retry_after_ms, 700);
        expect_unknown("dpk_a");
    }
}

Test(apikeys, what_is_no_token_is_none)
{
    char longer[TOKEN_TEXT_MAX_BYTES + 2] = {0};
    struct waiter one = waiter(INT64_MAX), two = waiter(INT64_MAX), three = waiter(INT64_MAX);
    struct rpc_reply garbage = {.reason = "",
                                .message = "",
                                .detail_type = "",
                                .payload = (const uint8_t *)"\xff",
                                .payload_bytes = 1};

    memset(longer, 'a', sizeof(longer) - 1);
    cr_assert(ask("dpk_a", &one));
    reply_token(0, "", 600);
    cr_assert_eq(one.reason, &reason_access_unknown);
    cr_assert(ask("dpk_a", &two));
    reply_token(1, longer, 600);
    cr_assert_eq(two.reason, &reason_access_unknown);
    cr_assert(ask("dpk_a", &three));
    asked[2]->done(asked[2], &garbage);
    cr_assert_eq(three.reason, &reason_access_unknown);
    expect_unknown("dpk_a");
}

Test(apikeys, a_token_can_be_dropped)
{
    struct waiter one = waiter(INT64_MAX);

    apikeys_drop(keys, "dpk_a", 5);
    cr_assert(ask("dpk_a", &one));
    apikeys_drop(keys, "dpk_a", 5); /* nothing: it is asked about */
    reply_token(0, "old", 600);
    apikeys_drop(keys, "dpk_a", 5);
    expect_unknown("dpk_a");
}

/* --- waiting --- */

Test(apikeys, who_has_gone_is_not_told_and_the_answer_is_kept)
{
    struct waiter one = waiter(INT64_MAX), two = waiter(INT64_MAX), three = waiter(INT64_MAX);

    cr_assert(ask("dpk_a", &one) && ask("dpk_a", &two) && ask("dpk_a", &three));
    apikeys_cancel(&two.wait);
    apikeys_cancel(&two.wait);
    apikeys_cancel(&one.wait);
    apikeys_cancel(&three.wait);
    reply_token(0, "token", 600);
    cr_assert_eq(one.n_done + two.n_done + three.n_done, 0);
    apikeys_cancel(&one.wait);
    expect_token("dpk_a", "token");
}

Test(apikeys, each_waits_no_longer_than_its_deadline)
{
    struct waiter soon = waiter(now_us + 1000), later = waiter(now_us + 5000),
                  last = waiter(INT64_MAX);

    cr_assert_eq(apikeys_next_us(keys), INT64_MAX);
    cr_assert(ask("dpk_a", &later) && ask("dpk_a", &soon) && ask("dpk_b", &last));
    cr_assert_eq(apikeys_next_us(keys), now_us + 1000);
    apikeys_run(keys, now_us + 999);
    cr_assert_eq(soon.n_done, 0);
    apikeys_run(keys, now_us + 1000);
    cr_assert_eq(soon.n_done, 1);
    cr_assert_eq(soon.reason, &reason_deadline_exceeded);
    cr_assert_eq(later.n_done, 0);
    cr_assert_eq(apikeys_next_us(keys), now_us + 5000);
    reply_token(0, "token", 600);
    cr_assert_str_eq(later.token, "token");
    cr_assert_eq(soon.n_done, 1);
    apikeys_run(keys, now_us + 5000);
    cr_assert_eq(later.n_done, 1);
    cr_assert_eq(apikeys_next_us(keys), INT64_MAX);
    reply_token(1, "token", 600);
    cr_assert_eq(last.n_done, 1);
}

static struct waiter pair[2];

/* Ends the other one as soon as it is told something itself. */
static void
done_and_cancel(struct apikeys_wait *wait, const struct apikeys_answer *answer)
{
    done(wait, answer);
    apikeys_cancel(&pair[wait == &pair[0].wait].wait);
}

static void
ask_for_pair(int64_t deadline_us)
{
    for (size_t i = 0; i < 2; i++) {
        pair[i] = waiter(deadline_us);
        pair[i].wait.done = done_and_cancel;
        cr_assert(ask("dpk_a", &pair[i]));
    }
}

Test(apikeys, one_may_end_another_that_was_to_be_told_next)
{
    ask_for_pair(now_us);
    apikeys_run(keys, now_us);
    cr_assert_eq(pair[0].n_done + pair[1].n_done, 1);
    ask_for_pair(INT64_MAX);
    reply_token(0, "token", 600);
    cr_assert_eq(pair[0].n_done + pair[1].n_done, 1);
}

static struct waiter again;

static void
done_and_ask(struct apikeys_wait *wait, const struct apikeys_answer *answer)
{
    done(wait, answer);
    apikeys_drop(keys, "dpk_a", 5);
    again = waiter(INT64_MAX);
    cr_assert(ask("dpk_a", &again));
}

Test(apikeys, one_may_ask_again_when_it_is_told)
{
    struct waiter one = waiter(INT64_MAX), two = waiter(INT64_MAX);

    two.wait.done = done_and_ask;
    cr_assert(ask("dpk_a", &one) && ask("dpk_a", &two));
    reply_token(0, "first", 600);
    cr_assert_str_eq(two.token, "first");
    cr_assert_str_eq(one.token, "first");
    cr_assert_eq(n_asked, 2);
    reply_token(1, "second", 600);
    cr_assert_str_eq(again.token, "second");
    expect_token("dpk_a", "second");
}

/* --- bounds --- */

Test(apikeys, only_so_many_keys_are_asked_about_at_one_time)
{
    static struct waiter waiters[LIMIT_API_KEYS_ASKED];
    struct waiter more = waiter(INT64_MAX), same = waiter(INT64_MAX);
    char key[32];

    for (size_t i = 0; i < LIMIT_API_KEYS_ASKED; i++) {
        snprintf(key, sizeof(key), "dpk_%zu", i);
        waiters[i] = waiter(INT64_MAX);
        cr_assert(ask(key, &waiters[i]));
    }
    cr_assert_not(ask("dpk_more", &more));
    cr_assert(ask("dpk_0", &same));
    reply_failure(0, STATUS_UNAUTHENTICATED, "TOKEN_INVALID", 0);
    cr_assert(ask("dpk_more", &more));
    for (size_t i = 1; i < LIMIT_API_KEYS_ASKED; i++) {
        apikeys_cancel(&waiters[i].wait);
    }
    apikeys_cancel(&more.wait);
    apikeys_free(keys);
    cr_assert_eq(n_cancelled, LIMIT_API_KEYS_ASKED);
    keys = NULL;
}

/* Exchanges a key at once. */
static void
take(size_t number, bool good)
{
    struct waiter one = waiter(INT64_MAX);
    char key[32];

    snprintf(key, sizeof(key), "dpk_%zu", number);
    n_asked = 0;
    cr_assert(ask(key, &one));
    if (good) {
        reply_token(0, key, 600);
    } else {
        reply_failure(0, STATUS_UNAUTHENTICATED, "TOKEN_INVALID", 0);
    }
}

Test(apikeys, guesses_push_out_guesses_and_the_least_used_keys_go_first)
{
    struct apikeys_counts counts;
    size_t guesses = 1000000;

    for (size_t i = 0; i < LIMIT_API_KEYS; i++) {
        take(i, true);
    }
    for (size_t i = 0; i < 2 * LIMIT_API_KEYS_REFUSED; i++) {
        take(guesses + i, false);
    }
    apikeys_counts(keys, &counts);
    cr_assert_eq(counts.n_good, LIMIT_API_KEYS);
    cr_assert_eq(counts.n_refused, LIMIT_API_KEYS_REFUSED);
    cr_assert_eq(counts.n_asked, 0);
    cr_assert_eq(counts.exchanges, LIMIT_API_KEYS + 2 * LIMIT_API_KEYS_REFUSED);
    expect_token("dpk_0", "dpk_0");
    take(LIMIT_API_KEYS, true);
    expect_token("dpk_0", "dpk_0");
    expect_unknown("dpk_1");
    expect_token("dpk_2", "dpk_2");
    expect_unknown("dpk_1000000");
}
