/*
 * Accounts as clients of HTTP know them: everything that the users of the system before this one
 * could do and be refused, each with its own answer.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/identity.h"
#include "support/match.h"
#include "support/problem.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(accounts, .init = setup, .fini = teardown, .timeout = 300);

#define PASSWORD "\"password\":\"" STACK_PASSWORD "\""
#define REGISTER "/v1/auth/register"
#define LOGIN    "/v1/auth/login"

/* Sends as whoever has the token; asserts the status, and the reason if it is not "". */
static void
expect(const char *token, int status, const char *reason, const char *verb, const char *path,
       const char *body)
{
    struct http_response response;

    stack_send_as(&stack, token, &response, verb, path, body);
    cr_assert_eq(response.status, status, "%s %s %s: %d %s", verb, path, body == NULL ? "" : body,
                 response.status, response.body);
    if (reason[0] != '\0') {
        problem_expect(&response, reason, path);
    }
    http_free(&response);
}

struct row {
    const char *body;
    int status;
    const char *reason;
};

static void
expect_rows(const char *token, const char *path, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expect(token, rows[i].status, rows[i].reason, "POST", path, rows[i].body);
    }
}

Test(accounts, registering)
{
    static const struct row rows[] = {
        {"{\"username\":\"ada\",\"email\":\"ada@example.org\"," PASSWORD "}", 201, ""},
        {"{\"username\":\"ada\",\"email\":\"other@example.org\"," PASSWORD "}", 409,
         "USERNAME_TAKEN"},
        {"{\"username\":\"ADA\",\"email\":\"other@example.org\"," PASSWORD "}", 409,
         "USERNAME_TAKEN"},
        {"{\"username\":\"eve\",\"email\":\"Ada@Example.org\"," PASSWORD "}", 409, "EMAIL_TAKEN"},
        {"{}", 400, "REQUIRED"},
        {"", 400, "MALFORMED_JSON"},
        {"{\"username\":\"eve\"", 400, "MALFORMED_JSON"},
        {"{\"email\":\"eve@example.org\"," PASSWORD "}", 400, "REQUIRED"},
        {"{\"username\":\"eve\"," PASSWORD "}", 400, "REQUIRED"},
        {"{\"username\":\"eve\",\"email\":\"eve@example.org\"}", 400, "REQUIRED"},
        {"{\"username\":\"eve\",\"email\":\"no address\"," PASSWORD "}", 400, "BAD_FORMAT"},
        {"{\"username\":\"e v e\",\"email\":\"eve@example.org\"," PASSWORD "}", 400, "BAD_FORMAT"},
        {"{\"username\":\"eve\",\"email\":\"eve@example.org\",\"password\":\"short\"}", 400,
         "TOO_SHORT"},
        {"{\"username\":\"eve\",\"email\":\"eve@example.org\",\"password\":\"1234567890\"}", 400,
         "PASSWORD_TOO_COMMON"},
        {"{\"username\":\"eve\",\"email\":\"eve@example.org\"," PASSWORD ",\"role\":\"ADMIN\"}",
         400, "UNKNOWN_FIELD"},
    };

    expect_rows("", REGISTER, rows, sizeof(rows) / sizeof(rows[0]));
}

/* Whether the account does not exist or the password is wrong: nothing tells. */
Test(accounts, logging_in)
{
    static const struct row rows[] = {
        {"{\"username\":\"ada\"," PASSWORD "}", 200, ""},
        {"{\"username\":\"Ada\"," PASSWORD "}", 200, ""},
        {"{\"email\":\"ADA@example.org\"," PASSWORD "}", 200, ""},
        {"{\"username\":\"ada\",\"password\":\"not the one\"}", 401, "LOGIN_FAILED"},
        {"{\"username\":\"nobody\",\"password\":\"not the one\"}", 401, "LOGIN_FAILED"},
        {"{\"username\":\"ada\"}", 400, "REQUIRED"},
        {"{" PASSWORD "}", 400, "REQUIRED"},
        {"{\"username\":\"ada\"," PASSWORD ",\"colour\":\"red\"}", 400, "UNKNOWN_FIELD"},
    };
    struct http_response known, unknown;
    char why[256];

    expect("", 201, "", "POST", REGISTER,
           "{\"username\":\"ada\",\"email\":\"ada@example.org\"," PASSWORD "}");
    expect_rows("", LOGIN, rows, sizeof(rows) / sizeof(rows[0]));
    stack_send_as(&stack, "", &known, "POST", LOGIN, rows[3].body);
    stack_send_as(&stack, "", &unknown, "POST", LOGIN, rows[4].body);
    cr_assert_eq(known.status, unknown.status);
    for (char *at = unknown.body; (at = strstr(at, "\"requestId\":\"")) != NULL; at++) {
        memcpy(strstr(known.body, "\"requestId\":\""), at, 50);
    }
    cr_assert(match_json(known.body, unknown.body, why, sizeof(why)), "%s", why);
    http_free(&known);
    http_free(&unknown);
}

Test(accounts, what_a_login_answers)
{
    struct http_response response;
    char why[256];

    stack_send_as(&stack, "", &response, "POST", LOGIN,
                  "{\"username\":\"admin\",\"password\":\"" STACK_ADMIN_PASSWORD "\"}");
    cr_assert_eq(response.status, 200, "%s", response.body);
    cr_assert(
        match_json("{\"accessToken\":\"<text>\",\"refreshToken\":\"<text>\",\"expiresIn\":600,"
                   "\"tokenType\":\"Bearer\"}",
                   response.body, why, sizeof(why)),
        "%s: %s", why, response.body);
    http_free(&response);
}

/* Bad credentials are bad wherever it matters who asks, and nowhere else. */
Test(accounts, tokens_that_are_none)
{
    static const char *const none[] = {"x", "a.b.c", "dpk_unknown", "dpr_unknown"};
    struct http_response response;
    char url[128];

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        expect(none[i], 401, "TOKEN_INVALID", "GET", "/v1/auth/me", NULL);
        expect(none[i], 401, "TOKEN_INVALID", "GET", "/v1/cars", NULL);
        expect(none[i], 200, "", "POST", LOGIN,
               "{\"username\":\"admin\",\"password\":\"" STACK_ADMIN_PASSWORD "\"}");
        expect(none[i], 200, "", "GET", "/livez", NULL);
    }
    expect("", 401, "TOKEN_MISSING", "GET", "/v1/auth/me", NULL);
    snprintf(url, sizeof(url), "%s/v1/auth/me", stack.base);
    http_send(&response, "GET", url, (const char *const[]){"Authorization: Digest x", NULL}, NULL);
    problem_expect(&response, "TOKEN_INVALID", "another scheme");
    http_free(&response);
}

Test(accounts, who_am_i)
{
    struct http_response response;
    char token[STACK_TOKEN_BYTES], why[256];

    stack_make_user(&stack, "ada", "MEMBER", token);
    stack_send_as(&stack, token, &response, "GET", "/v1/auth/me", NULL);
    cr_assert(
        match_json("{\"id\":\"<uuid>\",\"username\":\"ada\",\"email\":\"ada@example.org\","
                   "\"name\":\"\",\"role\":\"MEMBER\",\"active\":true,\"createTime\":\"<time>\","
                   "\"updateTime\":\"<time>\",\"loginTime\":\"<time>\"}",
                   response.body, why, sizeof(why)),
        "%s: %s", why, response.body);
    http_free(&response);
}

struct refusal {
    const char *token, *reason;
};

static bool
is_refused(void *closure)
{
    const struct refusal *self = closure;
    struct http_response response;
    char *reason;
    bool refused;

    stack_send_as(&stack, self->token, &response, "GET", "/v1/cars", NULL);
    reason = http_member(&response, "reason");
    refused = response.status == 401 && strcmp(reason, self->reason) == 0;
    free(reason);
    http_free(&response);
    return refused;
}

static void
expect_refused_soon(const char *token, const char *reason)
{
    cr_assert(wait_until(is_refused, &(struct refusal){token, reason}, 30), "still let in");
}

/* The access token, too: it could be used for minutes. */
Test(accounts, logging_out_takes_everything_back)
{
    char access[STACK_TOKEN_BYTES], refresh[STACK_TOKEN_BYTES], body[STACK_TOKEN_BYTES + 32];

    stack_login(&stack, "admin", STACK_ADMIN_PASSWORD, access, refresh);
    expect(access, 200, "", "GET", "/v1/cars", NULL);
    snprintf(body, sizeof(body), "{\"refreshToken\":\"%s\"}", refresh);
    expect(access, 204, "", "POST", "/v1/auth/logout", body);
    expect_refused_soon(access, "TOKEN_REVOKED");
    expect("", 401, "REFRESH_FAILED", "POST", "/v1/auth/refresh", body);
    expect(stack.token, 200, "", "GET", "/v1/cars", NULL);
}

/* Makes an account of the administrator's and writes where it is. */
static void
find_user(const char *name, char path[static 64])
{
    char query[128];
    char *id;

    snprintf(query, sizeof(query), "SELECT id FROM accounts.account WHERE username = '%s'", name);
    id = stack_query(&stack, query);
    snprintf(path, 64, "/v1/users/%s", id);
    free(id);
}

Test(accounts, the_inactive_are_refused)
{
    char token[STACK_TOKEN_BYTES], refresh[STACK_TOKEN_BYTES], path[64],
        body[STACK_TOKEN_BYTES + 32];

    stack_make_user(&stack, "ada", "MEMBER", token);
    stack_login(&stack, "ada", STACK_PASSWORD, token, refresh);
    find_user("ada", path);
    expect(stack.token, 200, "", "PATCH", path, "{\"active\":false}");
    expect_refused_soon(token, "TOKEN_REVOKED");
    expect("", 403, "ACCOUNT_INACTIVE", "POST", LOGIN, "{\"username\":\"ada\"," PASSWORD "}");
    expect("", 401, "LOGIN_FAILED", "POST", LOGIN,
           "{\"username\":\"ada\",\"password\":\"not the one\"}");
    snprintf(body, sizeof(body), "{\"refreshToken\":\"%s\"}", refresh);
    expect("", 401, "REFRESH_FAILED", "POST", "/v1/auth/refresh", body);
    expect(stack.token, 200, "", "PATCH", path, "{\"active\":true}");
    expect("", 200, "", "POST", LOGIN, "{\"username\":\"ada\"," PASSWORD "}");
}

/* Another role counts at once; the session goes on with it. */
Test(accounts, another_role_counts_at_once)
{
    struct http_response response;
    char token[STACK_TOKEN_BYTES], refresh[STACK_TOKEN_BYTES], path[64],
        body[STACK_TOKEN_BYTES + 32];
    char *next;

    stack_make_user(&stack, "ada", "MANAGER", token);
    stack_login(&stack, "ada", STACK_PASSWORD, token, refresh);
    expect(token, 201, "", "POST", "/v1/cars", "{\"name\":\"Golf\"}");
    find_user("ada", path);
    expect(stack.token, 200, "", "PATCH", path, "{\"role\":\"MEMBER\"}");
    expect_refused_soon(token, "TOKEN_REVOKED");
    snprintf(body, sizeof(body), "{\"refreshToken\":\"%s\"}", refresh);
    stack_send_as(&stack, "", &response, "POST", "/v1/auth/refresh", body);
    cr_assert_eq(response.status, 200, "%s", response.body);
    next = http_member(&response, "accessToken");
    expect(next, 403, "NOT_ALLOWED", "POST", "/v1/cars", "{\"name\":\"Passat\"}");
    expect(next, 200, "", "GET", "/v1/cars", NULL);
    free(next);
    http_free(&response);
}

Test(accounts, administrators_keep_accounts)
{
    static const struct row rows[] = {
        {"{\"username\":\"ada\",\"email\":\"ada@example.org\"," PASSWORD "}", 201, ""},
        {"{\"username\":\"ada\",\"email\":\"other@example.org\"," PASSWORD "}", 409,
         "USERNAME_TAKEN"},
        {"{\"username\":\"eve\",\"email\":\"ada@example.org\"," PASSWORD "}", 409, "EMAIL_TAKEN"},
        {"{}", 400, "REQUIRED"},
        {"{\"username\":\"eve\",\"email\":\"eve@example.org\"}", 400, "REQUIRED"},
    };
    char token[STACK_TOKEN_BYTES], path[64];

    expect_rows(stack.token, "/v1/users", rows, sizeof(rows) / sizeof(rows[0]));
    stack_login(&stack, "ada", STACK_PASSWORD, token, NULL);
    expect(token, 403, "NOT_ALLOWED", "POST", "/v1/users", rows[0].body);
    expect("", 401, "TOKEN_MISSING", "POST", "/v1/users", rows[0].body);
    find_user("ada", path);
    expect(stack.token, 200, "", "GET", path, NULL);
    expect(token, 403, "NOT_ALLOWED", "GET", path, NULL);
    expect(stack.token, 404, "RESOURCE_NOT_FOUND", "GET", "/v1/users/blah", NULL);
    expect(stack.token, 404, "RESOURCE_NOT_FOUND", "GET",
           "/v1/users/01900000-0000-7000-8000-0000000000ff", NULL);
    expect(stack.token, 200, "", "GET", "/v1/users?filter=role%20=%20ADMIN", NULL);
    expect(stack.token, 204, "", "DELETE", path, NULL);
    expect_refused_soon(token, "TOKEN_REVOKED");
    find_user("admin", path);
    expect(stack.token, 409, "LAST_ADMIN", "DELETE", path, NULL);
    expect(stack.token, 409, "LAST_ADMIN", "PATCH", path, "{\"active\":false}");
    expect(stack.token, 409, "LAST_ADMIN", "PATCH", path, "{\"role\":\"MANAGER\"}");
}

Test(accounts, a_new_password_ends_other_sessions)
{
    char here[STACK_TOKEN_BYTES], there[STACK_TOKEN_BYTES];

    stack_make_user(&stack, "ada", "MEMBER", here);
    stack_login(&stack, "ada", STACK_PASSWORD, there, NULL);
    expect(here, 400, "PASSWORD_WRONG", "PATCH", "/v1/auth/me",
           "{\"password\":\"a new one of mine\",\"oldPassword\":\"not the one\"}");
    expect(here, 400, "PASSWORD_WRONG", "PATCH", "/v1/auth/me",
           "{\"password\":\"a new one of mine\"}");
    expect(here, 200, "", "PATCH", "/v1/auth/me",
           "{\"password\":\"a new one of mine\",\"oldPassword\":\"" STACK_PASSWORD "\"}");
    expect_refused_soon(there, "TOKEN_REVOKED");
    expect(here, 200, "", "GET", "/v1/auth/me", NULL);
    expect("", 401, "LOGIN_FAILED", "POST", LOGIN, "{\"username\":\"ada\"," PASSWORD "}");
    expect("", 200, "", "POST", LOGIN, "{\"username\":\"ada\",\"password\":\"a new one of mine\"}");
}

/* API keys work wherever tokens do, and as the user name of Basic authorization. */
Test(accounts, programs_have_api_keys)
{
    struct http_response response;
    char url[128], pair[128], header[256] = "Authorization: Basic ";
    char *key, *path;

    stack_send(&stack, &response, "POST", "/v1/apikeys", NULL,
               "{\"name\":\"import\",\"role\":\"MANAGER\",\"scopes\":[\"inventory.read\"]}");
    cr_assert_eq(response.status, 201, "%s", response.body);
    path = http_header(&response, "Location");
    key = http_member(&response, "key");
    http_free(&response);
    expect(key, 200, "", "GET", "/v1/cars", NULL);
    expect(key, 403, "NOT_ALLOWED", "POST", "/v1/cars", "{\"name\":\"Golf\"}");
    expect(key, 403, "NOT_ALLOWED", "GET", "/v1/auth/me", NULL);
    snprintf(url, sizeof(url), "%s/v1/cars", stack.base);
    snprintf(pair, sizeof(pair), "%s:", key);
    sodium_bin2base64(header + strlen(header), sizeof(header) - strlen(header),
                      (const unsigned char *)pair, strlen(pair), sodium_base64_VARIANT_ORIGINAL);
    http_send(&response, "GET", url, (const char *const[]){header, NULL}, NULL);
    cr_assert_eq(response.status, 200, "%s", response.body);
    http_free(&response);
    expect(stack.token, 200, "", "GET", path, NULL);
    expect(stack.token, 204, "", "DELETE", path, NULL);
    expect_refused_soon(key, "TOKEN_INVALID");
    free(path);
    free(key);
}

/* Who did what, to what, and what became of it. */
Test(accounts, all_of_it_is_recorded)
{
    static const char *const events[] = {"\"action\":\"Login\"", "\"outcome\":\"LOGIN_FAILED\"",
                                         "\"action\":\"RegisterUser\""};
    struct http_response response;

    expect("", 201, "", "POST", REGISTER,
           "{\"username\":\"ada\",\"email\":\"ada@example.org\"," PASSWORD "}");
    expect("", 401, "LOGIN_FAILED", "POST", LOGIN,
           "{\"username\":\"ada\",\"password\":\"not the one\"}");
    stack_send(&stack, &response, "GET", "/v1/audit-events", NULL, NULL);
    cr_assert_eq(response.status, 200, "%s", response.body);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        cr_assert_not_null(strstr(response.body, events[i]), "%s: %s", events[i], response.body);
    }
    cr_assert_null(strstr(response.body, "not the one"));
    http_free(&response);
}
