/* API keys: exchanged once for many requests, which wait for it; shares of who guesses. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access_case.h"
#include "base/clock.h"

/* access_keys_set: each test starts a gateway of its own kind. */
TestSuite(access_keys, .init = access_start, .fini = access_stop, .timeout = 120);
TestSuite(access_keys_set, .fini = access_stop, .timeout = 120);

/* --- API keys --- */

Test(access_keys, an_api_key_is_exchanged_once)
{
    struct fixture_seen seen;

    for (int i = 0; i < 3; i++) {
        expect_as("POST /v1/cars", "Bearer " KEY_MANAGER, NEW_CAR, 201, NULL);
    }
    fixture_see(&seen);
    cr_assert_str_eq(seen.principal, ADA);
    cr_assert_str_neq(seen.token, KEY_MANAGER);
    expect_as("POST /v1/cars", "Basic ZHBrX21hbmFnZXI6", NEW_CAR, 201, NULL); /* the same */
    cr_assert_eq(atomic_load(&authority_exchanges), 1);
    expect_as("POST /v1/cars", "Bearer " KEY_MEMBER, NEW_CAR, 403, "NOT_ALLOWED");
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
}

Test(access_keys, a_key_reaches_no_further_than_its_scopes_and_no_session)
{
    expect_as("GET " CAR, "Bearer " KEY_READS, "\r\n", 200, NULL);
    expect_as("POST /v1/cars", "Bearer " KEY_READS, NEW_CAR, 403, "NOT_ALLOWED");
    expect_as("POST /v1/auth/logout", "Bearer " KEY_MEMBER, JSON "Content-Length: 2\r\n\r\n{}", 403,
              "NOT_ALLOWED");
}

Test(access_keys, a_refused_key_is_not_asked_about_again_and_again)
{
    for (int i = 0; i < 5; i++) {
        expect_as("GET " CAR, "Bearer dpk_nobodys", "\r\n", 401, "TOKEN_INVALID");
        expect_as("GET " CAR, "Bearer " KEY_EXPIRED, "\r\n", 401, "TOKEN_EXPIRED");
    }
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
}

Test(access_keys, a_token_that_was_taken_back_is_exchanged_anew)
{
    char session[UUID_TEXT_BYTES];

    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    authority_session(1, session);
    authority_revoke(session);
    for (int64_t end_us = clock_us() + PATIENCE_US;
         atomic_load(&authority_exchanges) == 1 && clock_us() < end_us; nap()) {
        expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    }
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
}

/* The new token is not known here for some milliseconds: that is not held against the client. */
Test(access_keys, new_keys_of_the_authority_do_not_make_api_keys_invalid)
{
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    authority_rotate();
    for (int64_t end_us = clock_us() + 1000000; clock_us() < end_us; nap()) {
        struct answer answer;

        ask_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", &answer);
        cr_assert(answer.status == 200 || strstr(answer.body, "ACCESS_UNKNOWN") != NULL, "%s",
                  answer.body);
        answer_free(&answer);
    }
    wait_for("GET " CAR, "Bearer " KEY_MEMBER, 200, NULL);
}

static int
send_get(const char *fields)
{
    int fd = client_open(port());

    client_send(fd, "GET " CAR HTTP);
    client_send(fd, fields);
    client_send(fd, "\r\n");
    return fd;
}

Test(access_keys, requests_wait_for_one_exchange_and_may_leave)
{
    static const char fields[] = "Authorization: Bearer " KEY_MEMBER "\r\n";
    struct answer answer;
    int stays, leaves;

    atomic_store(&authority_wedged, true);
    leaves = send_get(fields);
    stays = send_get(fields);
    wait_for_metric(port(), "depot_http_in_flight 2\n");
    close(leaves);
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    atomic_store(&authority_wedged, false);
    answer_read(stays, &answer, false);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    close(stays);
    wait_for_metric(port(), "depot_http_in_flight 0\n");
    wait_for_metric(port(), "code=\"499\"} 1\n");
    cr_assert_eq(atomic_load(&authority_exchanges), 1);
}

Test(access_keys, a_request_waits_for_its_key_no_longer_than_it_has_time)
{
    struct answer answer;
    int fd;

    atomic_store(&authority_wedged, true);
    fd = send_get("Authorization: Bearer " KEY_MEMBER "\r\nRequest-Timeout: 0.2\r\n");
    answer_read(fd, &answer, false);
    answer_expect(&answer, 504, "DEADLINE_EXCEEDED");
    answer_free(&answer);
    close(fd);
    fd = send_get("Authorization: Bearer " KEY_MEMBER "\r\nRequest-Timeout: soon\r\n");
    answer_read(fd, &answer, false);
    answer_expect(&answer, 400, "MALFORMED_REQUEST");
    answer_free(&answer);
    close(fd);
}

Test(access_keys_set, a_gateway_ends_while_requests_wait_for_a_key)
{
    int fd;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.rpc.drain_grace_s = 1;
    fixture_start(&fixture);
    atomic_store(&authority_wedged, true);
    fd = send_get("Authorization: Bearer " KEY_MEMBER "\r\n");
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    cr_assert_eq(fixture.cut, 1);
    close(fd);
}

/* Before the body the gateway knows nothing of the key; behind it the key is asked about. */
static void
expect_after_body(const char *key, int status, const char *reason)
{
    char head[512];
    struct answer answer;
    int fd = client_open(port());

    snprintf(head, sizeof(head),
             "POST /v1/cars" HTTP JSON "Authorization: Bearer %s\r\n"
             "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n",
             key);
    client_send(fd, head);
    answer_read(fd, &answer, true);
    cr_assert_eq(answer.status, 100, "%s", answer.head);
    answer_free(&answer);
    client_send(fd, "{\"name\":\"a\"}");
    answer_read(fd, &answer, false);
    answer_expect(&answer, status, reason);
    answer_free(&answer);
    close(fd);
}

Test(access_keys, a_key_that_is_not_known_is_decided_behind_the_body)
{
    expect_after_body(KEY_MANAGER, 201, NULL);
    expect_after_body(KEY_MANAGER, 201, NULL);
    expect_after_body("dpk_nobodys", 401, "TOKEN_INVALID");
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
    expect_as("POST /v1/cars", "Bearer dpk_nobodys",
              "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n", 401, "TOKEN_INVALID");
}

/* --- shares --- */

static void
start_with_share(const char *share)
{
    struct error error;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    cr_assert_eq(rate_policy_parse("R", share, &fixture.config.rate, &error), STATUS_OK);
    fixture_launch(&fixture);
    wait_for_metric(gateway_port(&fixture.gateway), "depot_ready 1\n");
}

Test(access_keys_set, who_is_known_has_a_share_of_their_own_and_guesses_cost_the_address)
{
    const char *ada;

    start_with_share("3/60");
    ada = as("member");
    for (int i = 0; i < 3; i++) {
        expect_as("GET " CAR, "Bearer nonsense", "\r\n", 401, "TOKEN_INVALID");
    }
    expect_as("GET " CAR, "Bearer nonsense", "\r\n", 429, "RATE_LIMITED");
    expect_as("GET " CAR, NULL, "\r\n", 429, "RATE_LIMITED");
    for (int i = 0; i < 3; i++) {
        expect_as("GET " CAR, ada, "\r\n", 200, NULL);
    }
    expect_as("GET " CAR, ada, "\r\n", 429, "RATE_LIMITED");
}

Test(access_keys_set, guesses_of_api_keys_reach_the_authority_only_so_often)
{
    char key[32];

    start_with_share("3/60");
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof(key), "Bearer dpk_%d", i);
        expect_as("GET " CAR, key, "\r\n", i < 3 ? 401 : 429, i < 3 ? "TOKEN_INVALID" : NULL);
    }
    cr_assert_eq(atomic_load(&authority_exchanges), 3);
}
