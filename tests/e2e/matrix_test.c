/*
 * Everybody tries everything: each identity calls each method of the contract, over HTTP and
 * as a client of Connect through the gateway, and over RPC at the service itself. What is expected
 * is worked out here from the contract's access rules, cell by cell. What of it is whose:
 * owners_test.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "depot/accounts/v1/accounts.schema.h"
#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "http/route.h"
#include "rpc/stub.h"
#include "support/any_path.h"
#include "support/identity.h"
#include "support/problem.h"

static struct stack stack;
static struct identities people;
static size_t n_cells;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
    identities_make(&people, &stack);
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(matrix, .init = setup, .fini = teardown, .timeout = 300);

/* --- what the contract says --- */

static enum pb_role
role_of(enum identity who)
{
    return who == IDENTITY_ADMIN       ? PB_ROLE_ADMIN
           : who == IDENTITY_MANAGER   ? PB_ROLE_MANAGER
           : who == IDENTITY_ANONYMOUS ? PB_ROLE_ANONYMOUS
                                       : PB_ROLE_MEMBER;
}

static bool
key_may(const struct pb_method *method)
{
    return method->access == PB_ROLE_MEMBER && !method->session_only && method->no_side_effects &&
           strcmp(method->service->short_name, "inventory") == 0;
}

/* The reason with which access is refused; "": it is not. */
static const char *
expected(const struct pb_method *method, enum identity who)
{
    if (method->access == PB_ROLE_OPERATOR) {
        return "NOT_ALLOWED"; /* whoever it is */
    }
    if (method->access == PB_ROLE_ANONYMOUS) {
        return ""; /* likewise */
    }
    switch (who) {
    case IDENTITY_EXPIRED:
        return "TOKEN_EXPIRED";
    case IDENTITY_REVOKED:
        return "TOKEN_REVOKED";
    case IDENTITY_FORGED:
        return "TOKEN_INVALID";
    case IDENTITY_API_KEY:
        return key_may(method) ? "" : "NOT_ALLOWED";
    default:
        break;
    }
    if (role_of(who) >= method->access) {
        return "";
    }
    return who == IDENTITY_ANONYMOUS ? "TOKEN_MISSING" : "NOT_ALLOWED";
}

static bool
is_about_access(const char *reason)
{
    static const char *const reasons[] = {"TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED",
                                          "TOKEN_REVOKED", "NOT_ALLOWED",   "ACCESS_UNKNOWN"};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(reasons[i], reason) == 0) {
            return true;
        }
    }
    return false;
}

/* What would hide whether access was looked at. */
static bool
is_our_failure(const char *reason)
{
    static const char *const reasons[] = {"INTERNAL_ERROR", "SERVICE_DOWN",      "DB_UNAVAILABLE",
                                          "OVERLOADED",     "DEADLINE_EXCEEDED", "METHOD_UNKNOWN",
                                          "ROUTE_UNKNOWN",  "OUTCOME_UNKNOWN",   "NOT_READY"};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(reasons[i], reason) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_cell(const char *how, const struct pb_method *method, enum identity who, const char *reason)
{
    const char *wanted = expected(method, who);
    const char *given = is_about_access(reason) ? reason : "";

    n_cells++;
    cr_expect_not(is_our_failure(reason), "%s, %s by %s: %s", how, method->name,
                  identity_names[who], reason);
    cr_expect_str_eq(given, wanted, "%s, %s by %s: %s instead of %s", how, method->name,
                     identity_names[who], reason, wanted);
}

/* --- over HTTP --- */

static void
try_route(const struct http_route *route, enum identity who)
{
    struct http_response response;
    char path[ANY_PATH_BYTES];
    char *reason;

    any_path(route, path);
    stack_send_as(&stack, people.token[who], &response, route->verb, path,
                  route->body == HTTP_BODY_NONE ? NULL : "{\"nothing\":\"of the kind\"}");
    reason = http_member(&response, "reason");
    check_cell("HTTP", route->method, who, reason);
    if (expected(route->method, who)[0] != '\0') {
        char *challenge = http_header(&response, "WWW-Authenticate");

        problem_expect(&response, reason, route->pattern);
        cr_expect_eq(challenge != NULL, response.status == 401, "%s", route->pattern);
        free(challenge);
    }
    free(reason);
    http_free(&response);
}

Test(matrix, everybody_tries_every_route)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        for (int who = 0; who < IDENTITIES; who++) {
            try_route(&http_contract.routes[i], (enum identity)who);
        }
    }
    cr_assert_eq(n_cells, http_contract.n_routes * IDENTITIES);
    printf("matrix: %zu cells over HTTP\n", n_cells);
}

/* --- at the services, past the gateway --- */

static unsigned role_to_sign;

/* Somebody of that role, in a session of its own. */
static void
be_somebody(struct token_claims *claims)
{
    claims->role = role_to_sign;
    uuid_v7(claims->session);
}

/* Who asks to log out asks for no session that others need. */
static bool
ends_its_session(const struct pb_method *method, enum identity who)
{
    return method == &depot__accounts__v1__accounts_service__logout__method &&
           (who == IDENTITY_MEMBER || who == IDENTITY_OTHER || who == IDENTITY_MANAGER ||
            who == IDENTITY_ADMIN);
}

/* A token that services are sent: a gateway has exchanged API keys. */
static void
choose_token(const struct pb_method *method, enum identity who,
             char token[static STACK_TOKEN_BYTES])
{
    if (ends_its_session(method, who)) {
        role_to_sign = role_of(who);
        identities_sign(&people, be_somebody, token);
    } else {
        snprintf(token, STACK_TOKEN_BYTES, "%s",
                 who == IDENTITY_API_KEY ? people.api_key_token : people.token[who]);
    }
}

/* An empty request, so that only those that ask for nothing can have an effect. */
static const ProtobufCMessage *
make_request(struct arena *arena, const struct pb_method *method)
{
    ProtobufCMessage *request = pb_new(arena, method->request);

    if (method == &depot__auth__v1__authority__exchange_api_key__method) {
        ((Depot__Auth__V1__ExchangeApiKeyRequest *)request)->api_key =
            people.token[IDENTITY_API_KEY];
    }
    return request;
}

static void
try_method(struct rpc_stub *stub, const struct pb_method *method, enum identity who)
{
    struct arena arena;
    char token[STACK_TOKEN_BYTES];
    const struct rpc_stub_context context = {.access_token = token};

    choose_token(method, who, token);
    arena_init(&arena, 4096, 65536);
    rpc_stub_context(stub, &context);
    (void)rpc_stub_call(stub, method, make_request(&arena, method));
    check_cell("RPC", method, who, rpc_stub_reply(stub)->reason);
    arena_fini(&arena);
}

/* Where a service of this name takes calls; the authority's contract is fulfilled by accounts. */
static int
port_of(const struct pb_service *service)
{
    if (strcmp(service->short_name, "inventory") == 0) {
        return stack.rpc_ports[0];
    }
    cr_assert(strcmp(service->short_name, "accounts") == 0 ||
                  strcmp(service->short_name, "auth") == 0,
              "say here where %s takes calls", service->short_name);
    return stack.accounts_port;
}

static void
try_service(const struct pb_service *service)
{
    char address[64];
    const struct rpc_client_options options = {.service = service, .addresses = address};
    struct rpc_stub *stub;
    struct error error;

    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d", port_of(service));
    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
    for (size_t i = 0; i < service->n_methods; i++) {
        for (int who = 0; who < IDENTITIES; who++) {
            try_method(stub, service->methods[i], (enum identity)who);
        }
    }
    rpc_stub_close(stub);
}

/* Whatever the contract has, and what processes ask one another. */
Test(matrix, everybody_tries_every_method_past_the_gateway)
{
    size_t n = depot__auth__v1__authority__service.n_methods * IDENTITIES;

    try_service(&depot__auth__v1__authority__service);
    for (size_t i = 0; http_contract.services[i] != NULL; i++) {
        n += http_contract.services[i]->n_methods * IDENTITIES;
        try_service(http_contract.services[i]);
    }
    cr_assert_eq(n_cells, n);
    printf("matrix: %zu cells over RPC\n", n_cells);
}

/* --- as clients of Connect --- */

/* The first reason that the error's details name; "": none. */
static void
find_reason(const char *body, char reason[static 64])
{
    static const char member[] = "\"reason\":\"";
    const char *at = strstr(body, member);

    reason[0] = '\0';
    if (at != NULL) {
        at += sizeof(member) - 1;
        snprintf(reason, 64, "%.*s", (int)strcspn(at, "\""), at);
    }
}

static void
try_connect(const struct pb_method *method, enum identity who)
{
    struct http_response response;
    char reason[64];

    stack_send_as(&stack, people.token[who], &response, "POST", method->path,
                  "{\"nothing\":\"of the kind\"}");
    find_reason(response.body, reason);
    check_cell("Connect", method, who, reason);
    cr_expect_eq(strstr(response.body, "\"unauthenticated\"") != NULL, response.status == 401, "%s",
                 response.body);
    http_free(&response);
}

Test(matrix, everybody_tries_every_method_of_a_route_by_its_name)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        for (int who = 0; who < IDENTITIES; who++) {
            try_connect(http_contract.routes[i].method, (enum identity)who);
        }
    }
    cr_assert_eq(n_cells, http_contract.n_routes * IDENTITIES);
    printf("matrix: %zu cells over Connect\n", n_cells);
}
