/* Who may call what, through a real socket, a real service and an authority of the test's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access_case.h"

/* access_set: each test starts a gateway of its own kind. */
TestSuite(access, .init = access_start, .fini = access_stop, .timeout = 120);
TestSuite(access_set, .fini = access_stop, .timeout = 120);

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

Test(access, what_was_taken_back_is_refused_everywhere)
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
