/*
 * Everybody tries everything: each identity calls each method of the contract, over HTTP through
 * the gateway and over RPC at the service itself. What is expected is worked out here from the
 * contract's access rules, cell by cell; a method with an owner rule needs a row below that says
 * what its own and somebody else's objects are, or the test fails.
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

static void
check_cell(const char *how, const struct pb_method *method, enum identity who, const char *reason)
{
    const char *wanted = expected(method, who);
    const char *given = is_about_access(reason) ? reason : "";

    n_cells++;
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

static const struct pb_service *const services[] = {
    &depot__accounts__v1__accounts_service__service,
    &depot__auth__v1__authority__service,
    &depot__inventory__v1__inventory_service__service,
};

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

static void
try_service(const struct pb_service *service)
{
    char address[64];
    const struct rpc_client_options options = {.service = service, .addresses = address};
    bool is_inventory = strcmp(service->short_name, "inventory") == 0;
    struct rpc_stub *stub;
    struct error error;

    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d",
             is_inventory ? stack.rpc_ports[0] : stack.accounts_port);
    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
    for (size_t i = 0; i < service->n_methods; i++) {
        for (int who = 0; who < IDENTITIES; who++) {
            try_method(stub, service->methods[i], (enum identity)who);
        }
    }
    rpc_stub_close(stub);
}

Test(matrix, everybody_tries_every_method_past_the_gateway)
{
    size_t n = 0;

    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        n += services[i]->n_methods * IDENTITIES;
    }
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        try_service(services[i]);
    }
    cr_assert_eq(n_cells, n);
    printf("matrix: %zu cells over RPC\n", n_cells);
}

/* --- one's own, and somebody else's --- */

#define OWN_WORDS "for the eyes of its owner"

/* A car that the member has booked. */
static void
make_booking(char path[static 256])
{
    static int n;
    struct http_response response;
    char name[32], car[37], allocations[128];
    char *id;

    snprintf(name, sizeof(name), "matrix %d", ++n);
    stack_make_car(&stack, name, car);
    snprintf(allocations, sizeof(allocations), "/v1/cars/%s/allocations", car);
    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "POST", allocations,
                  "{\"startTime\":\"2031-01-01T00:00:00Z\",\"description\":\"" OWN_WORDS "\"}");
    cr_assert_eq(response.status, 201, "%s", response.body);
    id = http_member(&response, "id");
    snprintf(path, 256, "%s/%s", allocations, id);
    free(id);
    http_free(&response);
}

static void
make_calendar(char path[static 256])
{
    make_booking(path);
    *strrchr(path, '/') = '\0';
}

/* A key of the member's. */
static void
make_key(char path[static 256])
{
    static int n;
    struct http_response response;
    char body[128];
    char *id;

    snprintf(body, sizeof(body), "{\"name\":\"" OWN_WORDS " %d\"}", ++n);
    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "POST", "/v1/apikeys", body);
    cr_assert_eq(response.status, 201, "%s", response.body);
    id = http_member(&response, "id");
    snprintf(path, 256, "/v1/apikeys/%s", id);
    free(id);
    http_free(&response);
}

static void
make_keys(char path[static 256])
{
    make_key(path);
    snprintf(path, 256, "/v1/apikeys?userId=%s", people.member_id);
}

static void
make_me(char path[static 256])
{
    struct http_response response;

    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "PATCH", "/v1/auth/me",
                  "{\"name\":\"" OWN_WORDS "\"}");
    cr_assert_eq(response.status, 200, "%s", response.body);
    http_free(&response);
    snprintf(path, 256, "/v1/auth/me");
}

/* What becomes of it by each of four, and whether they see what only the owner may. */
static const struct owned {
    const struct pb_method *method;
    void (*make)(char path[static 256]);
    const char *verb, *body;
    int member, other, manager, admin;
    const char *shown; /* "o.ma": the owner, other, manager and admin see the words */
} owned[] = {
    {&depot__inventory__v1__inventory_service__get_allocation__method, make_booking, "GET", NULL,
     200, 200, 200, 200, "o-ma"},
    {&depot__inventory__v1__inventory_service__list_allocations__method, make_calendar, "GET", NULL,
     200, 200, 200, 200, "o-ma"},
    {&depot__inventory__v1__inventory_service__update_allocation__method, make_booking, "PATCH",
     "{\"kind\":\"MAINTENANCE\"}", 200, 403, 200, 200, "o-ma"},
    {&depot__inventory__v1__inventory_service__delete_allocation__method, make_booking, "DELETE",
     NULL, 204, 403, 204, 204, "----"},
    {&depot__accounts__v1__accounts_service__get_api_key__method, make_key, "GET", NULL, 200, 404,
     404, 200, "o--a"},
    {&depot__accounts__v1__accounts_service__list_api_keys__method, make_keys, "GET", NULL, 200,
     200, 200, 200, "o--a"},
    {&depot__accounts__v1__accounts_service__delete_api_key__method, make_key, "DELETE", NULL, 204,
     404, 404, 204, "----"},
    {&depot__accounts__v1__accounts_service__get_me__method, make_me, "GET", NULL, 200, 200, 200,
     200, "o---"},
    {&depot__accounts__v1__accounts_service__update_me__method, make_me, "PATCH", "{}", 200, 200,
     200, 200, "o---"},
};

/* Its objects are sessions: sessions_end_by_their_owner below. */
static const struct pb_method *const elsewhere =
    &depot__accounts__v1__accounts_service__logout__method;

static void
try_owned(const struct owned *row, enum identity who, int status, bool shown)
{
    struct http_response response;
    char path[256];

    row->make(path);
    stack_send_as(&stack, people.token[who], &response, row->verb, path, row->body);
    cr_expect_eq(response.status, status, "%s by %s: %d %s", row->method->name, identity_names[who],
                 response.status, response.body);
    cr_expect_eq(strstr(response.body, OWN_WORDS) != NULL, shown, "%s by %s: %s", row->method->name,
                 identity_names[who], response.body);
    http_free(&response);
    n_cells++;
}

static const struct owned *
find_owned(const struct pb_method *method)
{
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        if (owned[i].method == method) {
            return &owned[i];
        }
    }
    return NULL;
}

Test(matrix, what_is_somebody_elses_stays_so)
{
    size_t n = 0;

    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct pb_method *method = http_contract.routes[i].method;
        const struct owned *row = find_owned(method);

        if (method->others == PB_ROLE_ANONYMOUS || method == elsewhere) {
            continue;
        }
        cr_assert_not_null(row, "%s has an owner rule and no row in this test", method->name);
        try_owned(row, IDENTITY_MEMBER, row->member, row->shown[0] == 'o');
        try_owned(row, IDENTITY_OTHER, row->other, row->shown[1] != '-');
        try_owned(row, IDENTITY_MANAGER, row->manager, row->shown[2] == 'm');
        try_owned(row, IDENTITY_ADMIN, row->admin, row->shown[3] == 'a');
        n += 4;
    }
    cr_assert_gt(n, 0);
    cr_assert_eq(n_cells, n);
}

/* A refresh token says which session: that of somebody else is not ended. */
Test(matrix, sessions_end_by_their_owner)
{
    struct http_response response;
    char access[STACK_TOKEN_BYTES], refresh[STACK_TOKEN_BYTES], body[STACK_TOKEN_BYTES + 64];

    stack_login(&stack, "member", STACK_PASSWORD, access, refresh);
    snprintf(body, sizeof(body), "{\"refreshToken\":\"%s\"}", refresh);
    stack_send_as(&stack, people.token[IDENTITY_ADMIN], &response, "POST", "/v1/auth/logout", body);
    problem_expect(&response, "REFRESH_FAILED", "logout of somebody else");
    http_free(&response);
    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "POST", "/v1/auth/logout",
                  body);
    cr_assert_eq(response.status, 204, "%s", response.body);
    http_free(&response);
    stack_send_as(&stack, "", &response, "POST", "/v1/auth/refresh", body);
    problem_expect(&response, "REFRESH_FAILED", "a session that has ended");
    http_free(&response);
}
