/*
 * ETag, If-None-Match and If-Match, over real sockets. The contract is a copy in which a vehicle's
 * name is its version, and a list's page token takes If-Match, so that a page that is empty gives
 * it back.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

enum { ROUTES_MAX = 64 };

static struct fixture fixture;
static struct http_contract contract;
static struct http_route routes[ROUTES_MAX];
static struct pb_method methods[ROUTES_MAX];
static struct pb_message replies[ROUTES_MAX], requests[ROUTES_MAX];

static int16_t
index_of(const struct pb_message *schema, const char *name)
{
    const struct pb_field *field = pb_field_named(schema, name, strlen(name));

    cr_assert_not_null(field);
    return (int16_t)(field - schema->fields);
}

static void
copy_method(size_t i)
{
    const struct pb_method *method = http_contract.routes[i].method;

    methods[i] = *method;
    replies[i] = *method->reply;
    requests[i] = *method->request;
    methods[i].reply = &replies[i];
    methods[i].request = &requests[i];
    replies[i].etag = requests[i].if_match = -1;
    routes[i] = http_contract.routes[i];
    routes[i].method = &methods[i];
    if (strcmp(method->reply->full_name, "depot.inventory.v1.Resource") == 0) {
        replies[i].etag = index_of(method->reply, "name");
    }
    if (strcmp(method->name, "ListResources") == 0) {
        requests[i].if_match = index_of(method->request, "page_token");
    }
}

static void
start(void)
{
    cr_assert_lt(http_contract.n_routes, ROUTES_MAX);
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        copy_method(i);
    }
    contract = http_contract;
    contract.routes = routes;
    fixture_init(&fixture);
    fixture.contract = &contract;
    fixture_start(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

TestSuite(condition, .init = start, .fini = stop, .timeout = 120);

/* The body is given up unless it is asked for. */
static void
ask(const char *request, struct answer *answer, char **body)
{
    int fd = client_open(gateway_port(&fixture.gateway));

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
    if (body != NULL) {
        *body = answer->body;
    } else {
        answer_free(answer);
    }
}

struct condition_case {
    const char *request;
    int status;
    const char *reason, *etag;
};

#define GET "GET " CAR HTTP

/* clang-format off */
static const struct condition_case cases[] = {
    {GET "\r\n", 200, NULL, "\"a\""},
    {GET "If-None-Match: \"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-None-Match: W/\"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-None-Match: \"b\", \"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-None-Match: \"b\"\r\nIf-None-Match: \"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-None-Match: *\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-None-Match: \"b\"\r\n\r\n", 200, NULL, "\"a\""},
    {GET "If-None-Match: \"\"\r\n\r\n", 200, NULL, "\"a\""},
    {"HEAD " CAR HTTP "\r\n", 200, NULL, "\"a\""},
    {"HEAD " CAR HTTP "If-None-Match: \"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {"HEAD " CAR HTTP "If-None-Match: \"b\"\r\n\r\n", 200, NULL, "\"a\""},
    {GET "If-Match: \"a\"\r\n\r\n", 200, NULL, "\"a\""},
    {GET "If-Match: *\r\n\r\n", 200, NULL, "\"a\""},
    {GET "If-Match: \"a-gzip\"\r\n\r\n", 200, NULL, "\"a\""},
    {GET "If-Match: \"b\"\r\n\r\n", 412, "ETAG_MISMATCH", NULL},
    {GET "If-Match: W/\"a\"\r\n\r\n", 412, "ETAG_MISMATCH", NULL},
    {GET "If-Match: \"b\"\r\nIf-None-Match: \"a\"\r\n\r\n", 412, "ETAG_MISMATCH", NULL},
    {GET "If-Match: \"a\"\r\nIf-None-Match: \"a\"\r\n\r\n", 304, NULL, "\"a\""},
    {GET "If-Match: a\r\n\r\n", 400, "BAD_CONDITION", NULL},
    {GET "If-Match:\r\n\r\n", 400, "BAD_CONDITION", NULL},
    {GET "If-None-Match: a\r\n\r\n", 400, "BAD_CONDITION", NULL},
    {GET "If-None-Match: \"a\", *\r\n\r\n", 400, "BAD_CONDITION", NULL},
    /* what failed has no version, whatever the condition */
    {"GET " ABSENT HTTP "If-None-Match: *\r\n\r\n", 404, "RESOURCE_NOT_FOUND", NULL},
    {"GET " ABSENT HTTP "If-Match: \"b\"\r\n\r\n", 404, "RESOURCE_NOT_FOUND", NULL},
    /* what is made has a version; no condition is taken */
    {"POST /v1/cars" HTTP JSON "Content-Length: 12\r\n\r\n{\"name\":\"x\"}", 201, NULL, "\"x\""},
    {"POST /v1/cars" HTTP JSON "Content-Length: 14\r\n\r\n{\"name\":\"a b\"}", 201, NULL, NULL},
    {"POST /v1/cars" HTTP JSON "If-Match: *\r\nContent-Length: 12\r\n\r\n{\"name\":\"x\"}", 400, "BAD_CONDITION", NULL},
    {"POST /v1/cars" HTTP JSON "If-None-Match: *\r\nContent-Length: 12\r\n\r\n{\"name\":\"x\"}", 400, "BAD_CONDITION", NULL},
    {"DELETE " CAR HTTP "If-Match: \"a\"\r\n\r\n", 400, "BAD_CONDITION", NULL},
    /* operators' paths know no versions */
    {"GET /livez" HTTP "If-None-Match: *\r\n\r\n", 200, NULL, NULL},
};
/* clang-format on */

Test(condition, versions)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct condition_case *c = &cases[i];
        struct answer answer;
        const char *etag;
        char *body;

        ask(c->request, &answer, &body);
        cr_assert_eq(answer.status, c->status, "%s: %s%s", c->request, answer.head, body);
        answer_expect(&answer, c->status, c->reason);
        etag = answer_field(&answer, "ETag");
        cr_assert_eq(etag == NULL, c->etag == NULL, "%s: %s", c->request, answer.head);
        cr_assert(c->etag == NULL || strcmp(etag, c->etag) == 0, "%s: %s", c->request, etag);
        if (c->status == 304) {
            cr_assert_null(answer_field(&answer, "Content-Length"));
            cr_assert_null(answer_field(&answer, "Content-Type"));
            cr_assert_str_eq(answer_field(&answer, "Cache-Control"), "private, no-cache");
        }
        answer_free(&answer);
    }
}

Test(condition, nothing_follows_304)
{
    struct answer answer;
    int fd = client_open(gateway_port(&fixture.gateway));

    client_send(fd, GET "If-None-Match: *\r\n\r\n" GET "\r\n");
    answer_read(fd, &answer, false);
    cr_assert_eq(answer.status, 304);
    answer_free(&answer);
    answer_read(fd, &answer, false);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    close(fd);
}

#define LIST "GET /v1/cars?pageSize=2" HTTP

Test(condition, lists_have_weak_tags_of_what_is_in_them)
{
    struct answer answer;
    char request[256], tag[64];

    ask(LIST "X-Request-Id: 1\r\n\r\n", &answer, NULL);
    cr_assert_eq(answer.status, 200);
    snprintf(tag, sizeof(tag), "%s", answer_field(&answer, "ETag"));
    cr_assert_eq(strncmp(tag, "W/\"", 3), 0, "%s", tag);
    cr_assert_str_eq(answer_field(&answer, "Cache-Control"), "private, no-cache");
    snprintf(request, sizeof(request), LIST "X-Request-Id: 1\r\nIf-None-Match: %s\r\n\r\n", tag);
    ask(request, &answer, NULL);
    cr_assert_eq(answer.status, 304);
    cr_assert_str_eq(answer_field(&answer, "ETag"), tag);
    /* The fixture shows the id of the request in what it lists. */
    snprintf(request, sizeof(request), LIST "X-Request-Id: 2\r\nIf-None-Match: %s\r\n\r\n", tag);
    ask(request, &answer, NULL);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_neq(answer_field(&answer, "ETag"), tag);
}

static void
hands_over(const char *fields, const char *wanted)
{
    char request[512];
    struct answer answer;
    char *body;

    snprintf(request, sizeof(request), "GET /v1/cars" HTTP "%s\r\n", fields);
    ask(request, &answer, &body);
    answer_expect(&answer, 200, NULL);
    cr_assert_not_null(strstr(body, wanted), "%s: %s", fields, body);
    answer_free(&answer);
}

Test(condition, a_method_that_takes_if_match_gets_it)
{
    hands_over("", "\"nextPageToken\":\"\"");
    hands_over("If-Match: *\r\n", "\"nextPageToken\":\"*\"");
    hands_over("If-Match: \"7\"\r\n", "\"nextPageToken\":\"7\"");
    hands_over("If-Match: \"7-gzip\", \"8\"\r\n", "\"nextPageToken\":\"7,8\"");
    hands_over("If-Match: W/\"7\"\r\n", "\"nextPageToken\":\"W/\"");
    hands_over("If-Match: \"*\"\r\n", "\"nextPageToken\":\"W/\"");
    hands_over("If-Match: \"\"\r\n", "\"nextPageToken\":\"W/\"");
    expect(gateway_port(&fixture.gateway), "GET /v1/cars" HTTP "If-Match: 7\r\n\r\n", 400,
           "BAD_CONDITION");
}

Test(condition, a_compressed_answer_has_a_tag_of_its_own)
{
#define BIG "GET /v1/cars?pageSize=50" HTTP "X-Request-Id: 1\r\n"
    struct answer answer;
    char request[256], plain[64], packed[64];

    ask(BIG "\r\n", &answer, NULL);
    cr_assert_null(answer_field(&answer, "Content-Encoding"));
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Accept-Encoding");
    snprintf(plain, sizeof(plain), "%s", answer_field(&answer, "ETag"));
    ask(BIG "Accept-Encoding: gzip\r\n\r\n", &answer, NULL);
    cr_assert_str_eq(answer_field(&answer, "Content-Encoding"), "gzip");
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Accept-Encoding");
    snprintf(packed, sizeof(packed), "%.*s-gzip\"", (int)strlen(plain) - 1, plain);
    cr_assert_str_eq(answer_field(&answer, "ETag"), packed);

    snprintf(request, sizeof(request), BIG "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n\r\n",
             packed);
    ask(request, &answer, NULL);
    cr_assert_eq(answer.status, 304);
    cr_assert_str_eq(answer_field(&answer, "ETag"), packed);
    cr_assert_str_eq(answer_field(&answer, "Vary"), "Accept-Encoding");
    cr_assert_null(answer_field(&answer, "Content-Encoding"));
    snprintf(request, sizeof(request), BIG "If-None-Match: %s\r\n\r\n", packed);
    ask(request, &answer, NULL);
    cr_assert_eq(answer.status, 200);
}
