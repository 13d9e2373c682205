/* Who may call what, through a real socket, a real service and an authority of the test's. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority.h"
#include "base/clock.h"
#include "fixture.h"

#define GOOD_LOGIN                                                                                 \
    JSON "Content-Length: 44\r\n\r\n{\"username\":\"ada\",\"password\":\"0123456789ab\"} "
#define NEW_CAR JSON "Content-Length: 12\r\n\r\n{\"name\":\"a\"}"

static struct fixture fixture;

static void
start(void)
{
    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture_start(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

/* access_set: each test starts a gateway of its own kind. */
TestSuite(access, .init = start, .fini = stop, .timeout = 120);
TestSuite(access_set, .fini = stop, .timeout = 120);

static int
port(void)
{
    return gateway_port(&fixture.gateway);
}

static void
ask(const char *request, struct answer *answer)
{
    int fd = client_open(port());

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

/* One request line, with `Authorization: <credentials>` (NULL: none) and what follows the head. */
static void
ask_as(const char *line, const char *credentials, const char *rest, struct answer *answer)
{
    char request[8192];

    snprintf(request, sizeof(request), "%s" HTTP "%s%s%s%s", line,
             credentials == NULL ? "" : "Authorization: ", credentials == NULL ? "" : credentials,
             credentials == NULL ? "" : "\r\n", rest);
    ask(request, answer);
}

static void
expect_as(const char *line, const char *credentials, const char *rest, int status,
          const char *reason)
{
    struct answer answer;

    ask_as(line, credentials, rest, &answer);
    cr_assert_eq(answer.status, status, "%s, %s: %s%s", line, credentials, answer.head,
                 answer.body);
    answer_expect(&answer, status, reason);
    answer_free(&answer);
}

/* `Bearer` and the text, which is freed; lives until the next call but three. */
static const char *
bearer(char *text)
{
    static char kept[4][TOKEN_TEXT_MAX_BYTES + 16];
    static size_t n;
    char *at = kept[n++ % 4];

    snprintf(at, sizeof(kept[0]), "Bearer %s", text);
    free(text);
    return at;
}

static const char *
as(const char *role)
{
    return bearer(authority_token(role));
}

static void
nap(void)
{
    usleep(10000);
}

/* Asks until the answer has the status; that is to be soon. */
static void
wait_for(const char *line, const char *credentials, int status, const char *reason)
{
    int64_t end_us = clock_us() + 1000000;
    struct answer answer;

    ask_as(line, credentials, "\r\n", &answer);
    while (answer.status != status && clock_us() < end_us) {
        answer_free(&answer);
        nap();
        ask_as(line, credentials, "\r\n", &answer);
    }
    answer_expect(&answer, status, reason);
    answer_free(&answer);
}

/* --- tokens --- */

Test(access, who_is_known_may_do_what_their_role_may)
{
    const char *member = as("member"), *manager = as("manager");

    expect_as("GET " CAR, member, "\r\n", 200, NULL);
    expect_as("HEAD " CAR, member, "\r\n", 200, NULL);
    expect_as("POST /v1/cars", member, NEW_CAR, 403, "NOT_ALLOWED");
    expect_as("POST /v1/cars", manager, NEW_CAR, 201, NULL);
    expect_as("GET /v1/users", manager, "\r\n", 403, "NOT_ALLOWED");
    expect_as("GET /v1/users", as("admin"), "\r\n", 200, NULL);
}

Test(access, who_is_not_known_is_told_how_to_be)
{
    static const char *const lines[] = {"GET " CAR, "HEAD " CAR, "DELETE " CAR, "GET /v1/users"};
    struct answer answer;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        ask_as(lines[i], NULL, "\r\n", &answer);
        cr_assert_eq(answer.status, 401, "%s", lines[i]);
        cr_assert_str_eq(answer_field(&answer, "WWW-Authenticate"), "Bearer realm=\"depot\"");
        answer_free(&answer);
    }
    expect_as("GET " CAR, NULL, "\r\n", 401, "TOKEN_MISSING");
}

Test(access, what_is_no_token_of_ours_is_refused)
{
    static const char *const bad[] = {"Bearer a.b.c", "Bearer a", "Bearer", "Basic YTpi",
                                      "Digest a"};
    struct answer answer;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ask_as("GET " CAR, bad[i], "\r\n", &answer);
        answer_expect(&answer, 401, "TOKEN_INVALID");
        cr_assert_str_eq(answer_field(&answer, "WWW-Authenticate"),
                         "Bearer realm=\"depot\", error=\"invalid_token\", "
                         "error_description=\"The credentials are not valid\"");
        answer_free(&answer);
    }
}

/* Whoever tried one of the two schemes is told of both. */
Test(access, the_hint_says_what_would_do)
{
    struct answer answer;

    ask_as("GET " CAR, "Basic YWRhOnNlY3JldA==", "\r\n", &answer);
    answer_expect(&answer, 401, "TOKEN_INVALID");
    cr_assert_not_null(strstr(answer.body, "Bearer with an access token or an API key, or Basic "
                                           "with an API key as the user name."),
                       "%s", answer.body);
    answer_free(&answer);
}

Test(access, a_token_may_come_once)
{
    char lines[2 * TOKEN_TEXT_MAX_BYTES];

    snprintf(lines, sizeof(lines), "Authorization: %s\r\n\r\n", as("member"));
    expect_as("GET " CAR, as("member"), lines, 401, "TOKEN_INVALID");
}

Test(access, a_token_is_good_for_its_time)
{
    struct token_claims claims = authority_claims("member");

    claims.not_before_s -= 301;
    claims.expires_s = claims.not_before_s + 300;
    expect_as("GET " CAR, bearer(authority_sign(&claims)), "\r\n", 401, "TOKEN_EXPIRED");
}

Test(access, what_was_taken_back_is_refused_everywhere_within_a_second)
{
    struct token_claims claims = authority_claims("member");
    const char *token = bearer(authority_sign(&claims)), *other = as("member");

    expect_as("GET " CAR, token, "\r\n", 200, NULL);
    authority_revoke(claims.session);
    wait_for("GET " CAR, token, 401, "TOKEN_REVOKED");
    expect_as("GET " CAR, other, "\r\n", 200, NULL);
    expect_as("GET " CAR, token, "\r\n", 401, "TOKEN_REVOKED");
}

Test(access, the_service_gets_the_token_and_the_address)
{
    char *token = authority_token("member");
    struct fixture_seen seen;
    char kept[TOKEN_TEXT_MAX_BYTES + 1];

    snprintf(kept, sizeof(kept), "%s", token);
    expect_as("GET " CAR, bearer(token), "\r\n", 200, NULL);
    fixture_see(&seen);
    cr_assert_str_eq(seen.token, kept);
    cr_assert_str_eq(seen.principal, ADA);
    cr_assert_str_eq(seen.client_address, "127.0.0.1");
}

/* Nothing of the request is looked at for somebody who may not send it. */
Test(access, a_refusal_comes_before_all_that_the_body_says)
{
    static const char rest[] = "Idempotency-Key:\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 1\r\n\r\n{";

    expect_as("POST /v1/cars", NULL, rest, 401, "TOKEN_MISSING");
    expect_as("POST /v1/cars", as("member"), rest, 403, "NOT_ALLOWED");
    expect_as("POST /v1/cars", as("manager"), rest, 415, "MEDIA_TYPE");
    expect_as("GET /v1/planes", NULL, "\r\n", 401, "TOKEN_MISSING");
    expect_as("GET /v1/planes", as("member"), "\r\n", 404, "RESOURCE_TYPE_UNKNOWN");
    cr_assert_eq(atomic_load(&fixture_calls), 0);
}

Test(access, a_body_that_will_be_refused_is_not_asked_for)
{
    struct answer answer;
    int fd = client_open(port());

    client_send(fd, "POST /v1/cars" HTTP JSON "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    answer_read(fd, &answer, false);
    answer_expect(&answer, 401, "TOKEN_MISSING");
    answer_free(&answer);
    cr_assert(client_at_end(fd));
    close(fd);
}

/* --- what is for everybody --- */

Test(access, the_contract_and_the_gateways_own_paths_are_public)
{
    static const char *const own[] = {"/",
                                      "/livez",
                                      "/readyz",
                                      "/metrics",
                                      "/openapi.json",
                                      "/descriptor.binpb",
                                      "/.well-known/jwks.json"};
    char line[64];

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        snprintf(line, sizeof(line), "GET %s", own[i]);
        expect_as(line, NULL, "\r\n", 200, NULL);
        expect_as(line, "Bearer nonsense", "\r\n", 200, NULL);
    }
    expect_as("GET /nothing", NULL, "\r\n", 404, "ROUTE_UNKNOWN");
    expect_as("GET /nothing", "Bearer nonsense", "\r\n", 404, "ROUTE_UNKNOWN");
    expect_as("PUT " CAR, NULL, "\r\n", 405, "METHOD_NOT_ALLOWED");
    expect_as("OPTIONS " CAR, NULL, "\r\n", 204, NULL);
}

Test(access, a_method_for_everybody_asks_nobody)
{
    expect_as("POST /v1/auth/login", NULL, GOOD_LOGIN, 200, NULL);
    expect_as("POST /v1/auth/login", as("member"), GOOD_LOGIN, 200, NULL);
    expect_as("POST /v1/auth/login", "Bearer nonsense", GOOD_LOGIN, 200, NULL);
    expect_as("POST /v1/auth/login", "Basic ?", GOOD_LOGIN, 200, NULL);
}

/* Nobody in particular takes the share of the address, or one that floods would be everybody. */
Test(access_set, with_public_read_whoever_asks_may_read)
{
    struct fixture_seen seen;

    fixture_init(&fixture);
    fixture.config.auth.enforced = fixture.config.auth.public_read = true;
    fixture_start(&fixture);
    expect_as("GET " CAR, NULL, "\r\n", 200, NULL);
    fixture_see(&seen);
    cr_assert_str_eq(seen.principal, "127.0.0.1");
    expect_as("GET " CAR, "Bearer nonsense", "\r\n", 401, "TOKEN_INVALID");
    expect_as("GET /v1/users", NULL, "\r\n", 401, "TOKEN_MISSING");
    expect_as("POST /v1/cars", NULL, NEW_CAR, 401, "TOKEN_MISSING");
}

/* --- RPC clients --- */

Test(access, rpc_clients_are_told_in_their_own_way)
{
    static const char path[] = "POST /depot.inventory.v1.InventoryService/GetResource";
    static const char rest[] = JSON "Connect-Protocol-Version: 1\r\nContent-Length: 2\r\n\r\n{}";
    struct answer answer;

    ask_as(path, NULL, rest, &answer);
    cr_assert_eq(answer.status, 401);
    cr_assert_not_null(strstr(answer.body, "\"code\":\"unauthenticated\""), "%s", answer.body);
    cr_assert_str_eq(answer_field(&answer, "WWW-Authenticate"), "Bearer realm=\"depot\"");
    answer_free(&answer);
    ask_as("POST /depot.inventory.v1.InventoryService/CreateResource", as("member"), rest, &answer);
    cr_assert_eq(answer.status, 403);
    cr_assert_not_null(strstr(answer.body, "\"code\":\"permission_denied\""), "%s", answer.body);
    answer_free(&answer);
}

Test(access, grpc_web_says_it_in_its_trailers)
{
    static const char head[] = "POST /depot.inventory.v1.InventoryService/GetResource" HTTP
                               "Content-Type: application/grpc-web+proto\r\nContent-Length: 5\r\n"
                               "Authorization: Bearer nonsense\r\n\r\n";
    struct answer answer;
    int fd = client_open(port());

    client_send(fd, head);
    client_send_bytes(fd, "\0\0\0\0\0", 5);
    answer_read(fd, &answer, false);
    cr_assert_eq(answer.status, 200);
    cr_assert_eq(answer.body[0], (char)0x80);
    cr_assert_not_null(strstr(answer.body + 5, "grpc-status: 16\r\n"), "%s", answer.body + 5);
    cr_assert_null(answer_field(&answer, "WWW-Authenticate"));
    answer_free(&answer);
    close(fd);
}

Test(access, nobody_over_a_network_is_an_operator)
{
    static const char rest[] = JSON "Connect-Protocol-Version: 1\r\nContent-Length: 2\r\n\r\n{}";
    struct answer answer;

    ask_as("POST /depot.accounts.v1.AccountsService/RevokeAll", as("admin"), rest, &answer);
    cr_assert_eq(answer.status, 403, "%s", answer.body);
    answer_free(&answer);
    ask_as("POST /depot.auth.v1.Authority/PullAuthority", as("admin"), rest, &answer);
    cr_assert_neq(answer.status, 200, "%s", answer.body);
    answer_free(&answer);
    cr_assert_eq(atomic_load(&fixture_calls), 0);
}

/* --- API keys --- */

Test(access, an_api_key_is_exchanged_once)
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

Test(access, a_key_reaches_no_further_than_its_scopes_and_no_session)
{
    expect_as("GET " CAR, "Bearer " KEY_READS, "\r\n", 200, NULL);
    expect_as("POST /v1/cars", "Bearer " KEY_READS, NEW_CAR, 403, "NOT_ALLOWED");
    expect_as("POST /v1/auth/logout", "Bearer " KEY_MEMBER, JSON "Content-Length: 2\r\n\r\n{}", 403,
              "NOT_ALLOWED");
}

Test(access, a_refused_key_is_not_asked_about_again_and_again)
{
    for (int i = 0; i < 5; i++) {
        expect_as("GET " CAR, "Bearer dpk_nobodys", "\r\n", 401, "TOKEN_INVALID");
        expect_as("GET " CAR, "Bearer " KEY_EXPIRED, "\r\n", 401, "TOKEN_EXPIRED");
    }
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
}

Test(access, a_token_that_was_taken_back_is_exchanged_anew)
{
    char session[UUID_TEXT_BYTES];

    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    authority_session(1, session);
    authority_revoke(session);
    for (int64_t end_us = clock_us() + 1000000;
         atomic_load(&authority_exchanges) == 1 && clock_us() < end_us; nap()) {
        expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    }
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
}

/* The new token is not known here for some milliseconds: that is not held against the client. */
Test(access, new_keys_of_the_authority_do_not_make_api_keys_invalid)
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
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
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

Test(access, requests_wait_for_one_exchange_and_may_leave)
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

Test(access, a_request_waits_for_its_key_no_longer_than_it_has_time)
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

Test(access_set, a_gateway_ends_while_requests_wait_for_a_key)
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

Test(access, a_key_that_is_not_known_is_decided_behind_the_body)
{
    expect_after_body(KEY_MANAGER, 201, NULL);
    expect_after_body(KEY_MANAGER, 201, NULL);
    expect_after_body("dpk_nobodys", 401, "TOKEN_INVALID");
    cr_assert_eq(atomic_load(&authority_exchanges), 2);
    expect_as("POST /v1/cars", "Bearer dpk_nobodys",
              "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n", 401, "TOKEN_INVALID");
}

/* --- the authority goes away --- */

Test(access_set, nobody_is_let_in_by_what_is_too_old)
{
    const char *token;
    struct answer answer;

    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.auth.revocation_max_age_s = 1;
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

Test(access_set, nothing_is_ready_before_the_authority_was_heard)
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

Test(access, the_keys_are_given_out)
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
    expect_as("GET /.well-known/jwks.json", NULL, condition, 304, NULL);
    authority_rotate();
    wait_for_metric(port(), "depot_auth_keys 1\n");
    for (int64_t end_us = clock_us() + 1000000; answer.status != 200 || clock_us() < end_us;) {
        ask_as("GET /.well-known/jwks.json", NULL, condition, &answer);
        answer_free(&answer);
        if (answer.status == 200) {
            break;
        }
        nap();
    }
    cr_assert_eq(answer.status, 200, "the tag is that of the old keys");
}

Test(access, what_is_kept_is_kept_for_one_caller)
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

Test(access, tokens_are_counted)
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

/* Standard error of what follows goes to a file; its text so far. */
static char *
logged(int file)
{
    static char text[64 * 1024];
    ssize_t n = pread(file, text, sizeof(text) - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
    return text;
}

/* Whoever comes back at once after a restart waits a moment. */
Test(access_set, who_comes_before_callers_are_known_waits)
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

Test(access_set, the_log_says_who_it_was_and_nothing_that_would_make_one_them)
{
    char path[] = "/tmp/depot-access-XXXXXX";
    char secret[TOKEN_TEXT_MAX_BYTES + 16];
    int file = mkstemp(path), before = dup(STDERR_FILENO);
    char *text;

    cr_assert_geq(file, 0);
    unlink(path);
    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.rpc.log_requests = true;
    fixture.config.rpc.log_level = LOG_DEBUG;
    dup2(file, STDERR_FILENO);
    fixture_start(&fixture);
    snprintf(secret, sizeof(secret), "%s", as("member"));
    expect_as("GET " CAR, secret, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer " KEY_MEMBER, "\r\n", 200, NULL);
    expect_as("GET " CAR, "Bearer dpk_nobodys", "\r\n", 401, "TOKEN_INVALID");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    dup2(before, STDERR_FILENO);
    text = logged(file);
    cr_assert_not_null(strstr(text, "\"principal\":\"" ADA "\",\"user\":\"ada\""), "%s", text);
    cr_assert_null(strstr(text, secret + strlen("Bearer ")));
    cr_assert_null(strstr(text, "dpk_"));
    close(file);
    close(before);
}

Test(access_set, who_is_not_let_in_is_on_record_whatever_is_set)
{
    char path[] = "/tmp/depot-access-XXXXXX";
    int file = mkstemp(path), before = dup(STDERR_FILENO);
    char *text;

    cr_assert_geq(file, 0);
    unlink(path);
    fixture_init(&fixture);
    fixture.config.auth.enforced = true;
    fixture.config.rpc.log_requests = false;
    fixture.config.rpc.log_level = LOG_INFO;
    dup2(file, STDERR_FILENO);
    fixture_start(&fixture);
    expect_as("GET " CAR, as("member"), "\r\n", 200, NULL);
    expect_as("POST /v1/cars", as("member"), NEW_CAR, 403, "NOT_ALLOWED");
    expect_as("DELETE " CAR, NULL, "\r\n", 401, "TOKEN_MISSING");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    dup2(before, STDERR_FILENO);
    text = logged(file);
    cr_assert_null(strstr(text, "\"method\":\"GetResource\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"method\":\"DeleteResource\""), "log: %s", text);
    cr_assert_not_null(strstr(text, "\"reason\":\"NOT_ALLOWED\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"principal\":\"" ADA "\",\"user\":\"ada\""), "%s", text);
    close(file);
    close(before);
}

Test(access_set, scripts_of_other_sites_may_send_credentials_and_see_the_challenge)
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

Test(access_set, who_is_known_has_a_share_of_their_own_and_guesses_cost_the_address)
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

Test(access_set, guesses_of_api_keys_reach_the_authority_only_so_often)
{
    char key[32];

    start_with_share("3/60");
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof(key), "Bearer dpk_%d", i);
        expect_as("GET " CAR, key, "\r\n", i < 3 ? 401 : 429, i < 3 ? "TOKEN_INVALID" : NULL);
    }
    cr_assert_eq(atomic_load(&authority_exchanges), 3);
}

/* --- AUTH_MODE=off --- */

Test(access_set, without_authorisation_everybody_may_do_everything)
{
    struct fixture_seen seen;
    struct answer answer;
    char *metrics;

    fixture_init(&fixture);
    fixture_start(&fixture);
    expect_as("GET /v1/users", NULL, "\r\n", 200, NULL);
    expect_as("POST /v1/cars", "Bearer nonsense", NEW_CAR, 201, NULL);
    fixture_see(&seen);
    cr_assert_str_eq(seen.token, "");
    cr_assert_str_eq(seen.principal, "");
    cr_assert_str_eq(seen.client_address, "127.0.0.1");
    ask_as("GET /.well-known/jwks.json", NULL, "\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer.body, "{\"keys\":[]}");
    answer_free(&answer);
    ask_as("GET " CAR, NULL, "\r\n", &answer);
    cr_assert_null(answer_field(&answer, "Vary"));
    answer_free(&answer);
    metrics = metrics_text(port());
    cr_assert_null(strstr(metrics, "depot_auth_"));
    free(metrics);
}
