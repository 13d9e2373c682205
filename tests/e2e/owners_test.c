/*
 * What is somebody else's: for each method with an owner rule, what its owner, another member, a
 * manager and an administrator can do and see. The rows are held against the contract: a method
 * with an owner rule that has none fails the test.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "depot/accounts/v1/accounts.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "http/route.h"
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

TestSuite(owners, .init = setup, .fini = teardown, .timeout = 300);

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
                  "{\"startTime\":\"2001-01-01T00:00:00Z\",\"description\":\"" OWN_WORDS "\"}");
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
     "{\"attributes\":{}}", 200, 403, 200, 200, "o-ma"},
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

Test(owners, what_is_somebody_elses_stays_so)
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
Test(owners, sessions_end_by_their_owner)
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

/* What nobody can book because it is in the workshop is up to those who keep the fleet. */
Test(owners, managers_take_a_vehicle_into_the_workshop)
{
    static const char booking[] = "{\"startTime\":\"1999-01-01T00:00:00Z\",\"endTime\":"
                                  "\"1999-01-02T00:00:00Z\",\"kind\":\"MAINTENANCE\"}";
    static const char change[] = "{\"kind\":\"MAINTENANCE\"}";
    char calendar[256], own[256];
    struct http_response response;

    make_booking(own);
    make_calendar(calendar);
    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "POST", calendar, booking);
    problem_expect(&response, "NOT_ALLOWED", "a member's workshop");
    http_free(&response);
    stack_send_as(&stack, people.token[IDENTITY_MEMBER], &response, "PATCH", own, change);
    problem_expect(&response, "NOT_ALLOWED", "a member's change to it");
    http_free(&response);
    stack_send_as(&stack, people.token[IDENTITY_MANAGER], &response, "PATCH", own, change);
    cr_expect_eq(response.status, 200, "%s", response.body);
    http_free(&response);
    stack_send_as(&stack, people.token[IDENTITY_MANAGER], &response, "POST", calendar, booking);
    cr_expect_eq(response.status, 201, "%s", response.body);
    http_free(&response);
}

/* The status of what somebody asks with one more field (may be NULL), and the tag of the answer,
 * which the caller frees. */
static int
send_with(enum identity who, const char *verb, const char *path, const char *field, char **tag)
{
    char url[512], authorization[STACK_TOKEN_BYTES + 32];
    const char *const headers[] = {authorization, field, NULL};
    const char *body = strcmp(verb, "PATCH") == 0 ? "{\"attributes\":{\"driver\":\"Ada\"}}" : NULL;
    struct http_response response;
    int status;

    snprintf(url, sizeof(url), "%s%s", stack.base, path);
    snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", people.token[who]);
    http_send(&response, verb, url, headers, body);
    *tag = http_header(&response, "ETag");
    status = response.status;
    http_free(&response);
    return status;
}

static char *
tag_for(enum identity who, const char *path)
{
    char *tag;

    cr_assert_eq(send_with(who, "GET", path, NULL, &tag), 200);
    cr_assert_not_null(tag);
    return tag;
}

/* The status of what somebody asks on condition of a tag. */
static int
status_if(enum identity who, const char *verb, const char *path, const char *condition,
          const char *tag)
{
    char field[128];
    char *now;
    int status;

    snprintf(field, sizeof(field), "%s: %s", condition, tag);
    status = send_with(who, verb, path, field, &now);
    free(now);
    return status;
}

/* What others see of a booking is another representation of it: nobody takes one for the other. */
Test(owners, what_is_left_out_has_a_tag_of_its_own)
{
    char path[256];
    char *whole, *managers, *rest;

    make_booking(path);
    whole = tag_for(IDENTITY_MEMBER, path);
    managers = tag_for(IDENTITY_MANAGER, path);
    rest = tag_for(IDENTITY_OTHER, path);
    cr_expect_str_eq(whole, managers);
    cr_expect_str_neq(whole, rest);
    cr_expect_eq(status_if(IDENTITY_MANAGER, "GET", path, "If-None-Match", whole), 304);
    cr_expect_eq(status_if(IDENTITY_MANAGER, "GET", path, "If-None-Match", rest), 200);
    cr_expect_eq(status_if(IDENTITY_OTHER, "GET", path, "If-None-Match", rest), 304);
    cr_expect_eq(status_if(IDENTITY_OTHER, "GET", path, "If-None-Match", whole), 200);
    free(whole);
    free(managers);
    free(rest);
}

Test(owners, only_who_has_seen_all_of_it_changes_it)
{
    char path[256];
    char *whole, *rest;

    make_booking(path);
    whole = tag_for(IDENTITY_MEMBER, path);
    rest = tag_for(IDENTITY_OTHER, path);
    cr_expect_eq(status_if(IDENTITY_MANAGER, "PATCH", path, "If-Match", rest), 412);
    cr_expect_eq(status_if(IDENTITY_MANAGER, "PATCH", path, "If-Match", whole), 200);
    cr_expect_eq(status_if(IDENTITY_MANAGER, "PATCH", path, "If-Match", whole), 412);
    free(whole);
    free(rest);
}
