/* While the authority is away; and what of all this callers, operators and the log are told. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access_case.h"
#include "base/clock.h"
#include "support/capture.h"

/* access_told_set: each test starts a gateway of its own kind. */
TestSuite(access_told, .init = access_start, .fini = access_stop, .timeout = 120);
TestSuite(access_told_set, .fini = access_stop, .timeout = 120);

/* --- the authority goes away --- */

Test(access_told_set, nobody_is_let_in_by_what_is_too_old)
{
    const char *token;
    struct answer answer;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.auth.revocation_max_age_s = 5; /* a busy machine may take some of it */
    fixture_start(&fixture);
    token = as("member");
    expect_as("GET " CAR, token, "\r\n", 200, NULL);
    atomic_store(&authority_away, true);
    expect_as("GET " CAR, token, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 503, "ACCESS_UNKNOWN");
    fixture_wait(&fixture, 503);
    ask_as("GET " CAR, token, "\r\n", &answer);
    answer_expect(&answer, 503, "ACCESS_UNKNOWN");
    cr_assert_not_null(answer_field(&answer, "Retry-After"));
    answer_free(&answer);
    expect_as("GET " CAR, NULL, "\r\n", 401, "TOKEN_MISSING");
    atomic_store(&authority_away, false);
    fixture_wait(&fixture, 200);
    expect_as("GET " CAR, token, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
}

Test(access_told_set, nothing_is_ready_before_the_authority_was_heard)
{
    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    atomic_store(&authority_away, true);
    fixture_launch(&fixture);
    expect_as("GET /.well-known/jwks.json", NULL, "\r\n", 503, "NOT_READY");
    expect_as("GET " CAR, as("member"), "\r\n", 503, "ACCESS_UNKNOWN");
    wait_for_metric(port(), "depot_auth_knowledge_age_seconds +Inf\n");
    atomic_store(&authority_away, false);
    fixture_wait(&fixture, 200);
    expect_as("GET /.well-known/jwks.json", NULL, "\r\n", 200, NULL);
}

/* --- what is told --- */

Test(access_told, the_keys_are_given_out)
{
    struct answer answer;
    char condition[128];
    json_t *document, *key;

    ask_as("GET /.well-known/jwks.json", NULL, "\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "application/jwk-set+json");
    cr_assert_str_eq(answer_field(&answer, "Cache-Control"), "public, max-age=60");
    document = json_loads(answer.body, 0, NULL);
    cr_assert_eq(json_array_size(json_object_get(document, "keys")), 1);
    key = json_array_get(json_object_get(document, "keys"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(key, "crv")), "Ed25519");
    json_decref(document);
    snprintf(condition, sizeof(condition), "If-None-Match: %s\r\n\r\n",
             answer_field(&answer, "ETag"));
    answer_free(&answer);
    ask_as("GET /.well-known/jwks.json", NULL, condition, &answer);
    answer_expect(&answer, 304, NULL);
    answer_free(&answer);
    authority_rotate();
    wait_for_metric(port(), "depot_auth_keys 1\n");
    for (int64_t end_us = clock_us() + PATIENCE_US; answer.status != 200 && clock_us() < end_us;) {
        nap();
        ask_as("GET /.well-known/jwks.json", NULL, condition, &answer);
        answer_free(&answer);
    }
    cr_assert_eq(answer.status, 200, "the tag is that of the old keys");
}

Test(access_told, what_is_kept_is_kept_for_one_caller)
{
    struct answer answer;

    ask_as("GET " CAR, as("member"), "\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Authorization");
    cr_assert_str_eq(answer_field(&answer, "Cache-Control"), "private, no-cache");
    answer_free(&answer);
    ask_as("GET /openapi.json", NULL, "\r\n", &answer);
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Accept-Encoding");
    answer_free(&answer);
}

Test(access_told, tokens_are_counted)
{
    const char *token = as("member");

    for (int i = 0; i < 3; i++) {
        expect_as("GET " CAR, token, "\r\n", 200, NULL);
    }
    expect_as("GET " CAR, "Bearer nonsense", "\r\n", 401, "TOKEN_INVALID");
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer dpk_nobodys", "\r\n", 401, "TOKEN_INVALID");
    wait_for_metric(port(), "depot_auth_tokens_verified_total 2\n");
    wait_for_metric(port(), "depot_auth_tokens_remembered_total 2\n");
    wait_for_metric(port(), "depot_auth_tokens_refused_total 1\n");
    wait_for_metric(port(), "depot_auth_keys 1\n");
    wait_for_metric(port(), "depot_auth_revocations 0\n");
    wait_for_metric(port(), "depot_auth_knowledge_age_seconds 0.");
    wait_for_metric(port(), "depot_auth_api_keys 1\n");
    wait_for_metric(port(), "depot_auth_api_keys_refused 1\n");
    wait_for_metric(port(), "depot_auth_api_key_exchanges_total 2\n");
}

/* Whoever comes back at once after a restart waits a moment. */
Test(access_told_set, who_comes_before_callers_are_known_waits)
{
    char request[TOKEN_TEXT_MAX_BYTES + 256];
    struct answer answer;
    int fd;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    atomic_store(&authority_away, true);
    fixture_launch(&fixture);
    snprintf(request, sizeof(request), "GET " CAR HTTP "Authorization: %s\r\n\r\n", as("member"));
    fd = client_open(port());
    client_send(fd, request);
    nap();
    atomic_store(&authority_away, false);
    answer_read(fd, &answer, false);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    close(fd);
}

Test(access_told_set, the_log_says_who_it_was_and_nothing_that_would_make_one_them)
{
    struct capture log;
    char secret[TOKEN_TEXT_MAX_BYTES + 16];
    char *text;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.rpc.log_requests = true;
    fixture.config.rpc.log_level = LOG_DEBUG;
    capture_begin(&log);
    fixture_start(&fixture);
    snprintf(secret, sizeof(secret), "%s", as("member"));
    expect_as("GET " CAR, secret, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer dpk_nobodys", "\r\n", 401, "TOKEN_INVALID");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    text = capture_end(&log);
    cr_assert_not_null(strstr(text, "\"principal\":\"" ADA "\",\"user\":\"ada\""), "%s", text);
    cr_assert_null(strstr(text, secret + strlen("Bearer ")));
    cr_assert_null(strstr(text, "dpk_"));
    free(text);
}

Test(access_told_set, who_is_not_let_in_is_on_record_whatever_is_set)
{
    struct capture log;
    char *text;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.rpc.log_requests = false;
    fixture.config.rpc.log_level = LOG_INFO;
    capture_begin(&log);
    fixture_start(&fixture);
    expect_as("GET " CAR, as("member"), "\r\n", 200, NULL);
    expect_as("POST /v1/cars", as("member"), NEW_CAR, 403, "NOT_ALLOWED");
    expect_as("DELETE " CAR, NULL, "\r\n", 401, "TOKEN_MISSING");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    text = capture_end(&log);
    cr_assert_null(strstr(text, "\"method\":\"GetResource\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"method\":\"DeleteResource\""), "log: %s", text);
    cr_assert_not_null(strstr(text, "\"reason\":\"NOT_ALLOWED\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"principal\":\"" ADA "\",\"user\":\"ada\""), "%s", text);
    free(text);
}

Test(access_told_set, scripts_of_other_sites_may_send_credentials_and_see_the_challenge)
{
    struct answer answer;
    struct error error;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    cr_assert_eq(origins_parse("C", "https://a.example", &fixture.config.origins, &error),
                 STATUS_OK);
    fixture_start(&fixture);
    ask("OPTIONS " CAR HTTP "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"
        "Access-Control-Request-Headers: authorization\r\n\r\n",
        &answer);
    answer_expect(&answer, 204, NULL);
    cr_assert_not_null(
        strstr(answer_field(&answer, "Access-Control-Allow-Headers"), "Authorization"));
    answer_free(&answer);
    ask("GET " CAR HTTP "Origin: https://a.example\r\n\r\n", &answer);
    answer_expect(&answer, 401, "TOKEN_MISSING");
    cr_assert_not_null(
        strstr(answer_field(&answer, "Access-Control-Expose-Headers"), "WWW-Authenticate"));
    answer_free(&answer);
    ask_as("GET " CAR, as("member"), "Origin: https://a.example\r\n\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Origin, Authorization");
    answer_free(&answer);
}
