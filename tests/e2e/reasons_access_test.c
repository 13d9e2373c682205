/* The reasons for failure that are about who asks: of access, of accounts and their sessions. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/reasons.h"
#include "support/identity.h"
#include "support/problem.h"

TestSuite(reasons_access, .timeout = 300);

#define CARS     "/v1/cars"
#define REGISTER "/v1/auth/register"
#define LOGIN    "/v1/auth/login"
#define PASSWORD "\"password\":\"" STACK_PASSWORD "\""
#define WRONG    "\"password\":\"none of anybody\""

/* --- those that one request produces, in a system where everybody is --- */

struct row {
    const char *reason;
    enum identity who;
    const char *verb, *path; /* %ID%: of the only administrator */
    const char *body;        /* or NULL */
};

static const struct row rows[] = {
    {"TOKEN_MISSING", IDENTITY_ANONYMOUS, "GET", CARS, NULL},
    {"TOKEN_INVALID", IDENTITY_FORGED, "GET", CARS, NULL},
    {"TOKEN_EXPIRED", IDENTITY_EXPIRED, "GET", CARS, NULL},
    {"TOKEN_REVOKED", IDENTITY_REVOKED, "GET", CARS, NULL},
    {"NOT_ALLOWED", IDENTITY_MEMBER, "POST", CARS, "{\"name\":\"Golf\"}"},
    {"USERNAME_TAKEN", IDENTITY_ANONYMOUS, "POST", REGISTER,
     "{\"username\":\"member\",\"email\":\"new@example.org\"," PASSWORD "}"},
    {"EMAIL_TAKEN", IDENTITY_ANONYMOUS, "POST", REGISTER,
     "{\"username\":\"new\",\"email\":\"member@example.org\"," PASSWORD "}"},
    {"PASSWORD_TOO_COMMON", IDENTITY_ANONYMOUS, "POST", REGISTER,
     "{\"username\":\"new\",\"email\":\"new@example.org\",\"password\":\"qwertyuiop\"}"},
    {"LOGIN_FAILED", IDENTITY_ANONYMOUS, "POST", LOGIN, "{\"username\":\"member\"," WRONG "}"},
    {"REFRESH_FAILED", IDENTITY_ANONYMOUS, "POST", "/v1/auth/refresh",
     "{\"refreshToken\":\"dpr_unknown\"}"},
    {"PASSWORD_WRONG", IDENTITY_MEMBER, "PATCH", "/v1/auth/me",
     "{\"oldPassword\":\"none of anybody\",\"password\":\"a new one of mine\"}"},
    {"LAST_ADMIN", IDENTITY_ADMIN, "DELETE", "/v1/users/%ID%", NULL},
    {"API_KEY_NAME_TAKEN", IDENTITY_MEMBER, "POST", "/v1/apikeys", "{\"name\":\"matrix\"}"},
    {"EXPIRY_OUT_OF_RANGE", IDENTITY_MEMBER, "POST", "/v1/apikeys",
     "{\"name\":\"old\",\"expireTime\":\"2020-01-01T00:00:00Z\"}"},
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Asserts that the request fails with the reason. */
static void
expect(const struct stack *stack, const char *token, const char *reason, const char *verb,
       const char *path, const char *body)
{
    struct http_response response;

    stack_send_as(stack, token, &response, verb, path, body);
    problem_expect(&response, reason, reason);
    http_free(&response);
}

static void
run_row(const struct stack *stack, const struct identities *people, const struct row *row,
        const char *id)
{
    const char *mark = strstr(row->path, "%ID%");
    char path[128];

    if (mark == NULL) {
        snprintf(path, sizeof(path), "%s", row->path);
    } else {
        snprintf(path, sizeof(path), "%.*s%s", (int)(mark - row->path), row->path, id);
    }
    expect(stack, people->token[row->who], row->reason, row->verb, path, row->body);
}

Test(reasons_access, that_one_request_produces)
{
    struct stack stack;
    struct identities people;
    char *id;

    stack_start(&stack, &(struct stack_options){0});
    identities_make(&people, &stack);
    id = stack_query(&stack, "SELECT id FROM accounts.account WHERE username = 'admin'");
    for (size_t i = 0; i < N_ROWS; i++) {
        run_row(&stack, &people, &rows[i], id);
    }
    free(id);
    stack_stop(&stack);
}

/* --- those for which something must happen --- */

static bool
is_unknown(void *stack)
{
    struct http_response response;
    bool unknown;

    stack_send(stack, &response, "GET", CARS, NULL, NULL);
    unknown = response.status == 503;
    http_free(&response);
    return unknown;
}

/* The authority is away for longer than what is known of revocations may be old. */
static void
access_unknown(struct stack *stack)
{
    process_stop(&stack->accounts);
    cr_assert(wait_until(is_unknown, stack, 60));
    expect(stack, stack->token, "ACCESS_UNKNOWN", "GET", CARS, NULL);
}

static bool
has_to_wait(void *stack)
{
    struct http_response response;
    bool has_to;

    stack_send_as(stack, "", &response, "POST", LOGIN, "{\"username\":\"nobody\"," WRONG "}");
    has_to = response.status == 429;
    problem_expect(&response, has_to ? "LOGIN_BACKOFF" : "LOGIN_FAILED", "one more");
    http_free(&response);
    return has_to;
}

/* As many failures as nobody has by mistake; a slow machine lets the first second go by. */
static void
login_backoff(struct stack *stack)
{
    for (int i = 0; i < 5; i++) {
        expect(stack, "", "LOGIN_FAILED", "POST", LOGIN, "{\"username\":\"nobody\"," WRONG "}");
    }
    cr_assert(wait_until(has_to_wait, stack, 60));
}

static void
account_inactive(struct stack *stack)
{
    char token[STACK_TOKEN_BYTES], path[64];
    char *id;

    stack_make_user(stack, "ada", "MEMBER", token);
    id = stack_query(stack, "SELECT id FROM accounts.account WHERE username = 'ada'");
    snprintf(path, sizeof(path), "/v1/users/%s", id);
    free(id);
    free(stack_expect(stack, 200, "PATCH", path, NULL, "{\"active\":false}"));
    expect(stack, "", "ACCOUNT_INACTIVE", "POST", LOGIN, "{\"username\":\"ada\"," PASSWORD "}");
}

static void
too_many_api_keys(struct stack *stack)
{
    char body[32];

    for (int i = 0; i < 20; i++) {
        snprintf(body, sizeof(body), "{\"name\":\"key %d\"}", i);
        free(stack_expect(stack, 201, "POST", "/v1/apikeys", NULL, body));
    }
    expect(stack, stack->token, "TOO_MANY_API_KEYS", "POST", "/v1/apikeys", "{\"name\":\"more\"}");
}

static void
registration_closed(struct stack *stack)
{
    expect(stack, "", "REGISTRATION_CLOSED", "POST", REGISTER,
           "{\"username\":\"ada\",\"email\":\"ada@example.org\"," PASSWORD "}");
}

static const struct event {
    const char *reason;
    void (*produce)(struct stack *stack);
    const char *gateway, *accounts; /* settings, or NULL */
} events[] = {
    {"ACCESS_UNKNOWN", access_unknown, "REVOCATION_MAX_AGE=1", NULL},
    {"LOGIN_BACKOFF", login_backoff, NULL, NULL},
    {"ACCOUNT_INACTIVE", account_inactive, NULL, NULL},
    {"TOO_MANY_API_KEYS", too_many_api_keys, NULL, NULL},
    {"REGISTRATION_CLOSED", registration_closed, NULL, "REGISTRATION=off"},
};

enum { N_EVENTS = sizeof(events) / sizeof(events[0]) };

ParameterizedTestParameters(reasons_access, for_which_something_must_happen)
{
    static size_t indexes[N_EVENTS];

    for (size_t i = 0; i < N_EVENTS; i++) {
        indexes[i] = i;
    }
    return cr_make_param_array(size_t, indexes, N_EVENTS);
}

ParameterizedTest(const size_t *index, reasons_access, for_which_something_must_happen)
{
    const struct event *event = &events[*index];
    const char *const gateway[] = {event->gateway, NULL};
    const char *const accounts[] = {event->accounts, NULL};
    struct stack stack;

    stack_start(&stack, &(struct stack_options){.gateway = gateway, .accounts = accounts});
    event->produce(&stack);
    stack_stop(&stack);
}

/* --- all that reasons_test.c counts on --- */

#define NAME(reason) #reason,

static bool
is_produced(const char *reason)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].reason, reason) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < N_EVENTS; i++) {
        if (strcmp(events[i].reason, reason) == 0) {
            return true;
        }
    }
    return false;
}

Test(reasons_access, none_is_only_listed)
{
    static const char *const listed[] = {REASONS_OF_ACCESS(NAME)};

    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
        cr_expect(is_produced(listed[i]), "nothing here produces %s", listed[i]);
    }
}
