/* Every kind of bad input gets its own answer, as problem+json, with all that is wrong in it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "support/stack.h"

static struct stack stack;
static char car[37];

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
    stack_make_car(&stack, "Golf", car);
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(bad_input, .init = setup, .fini = teardown, .timeout = 300);

#define NO_ID "/v1/cars/0190a000-0000-7000-8000-000000000000"

/* `places`: "pointer REASON" or "?parameter REASON" for each violation, in order, joined by ", ".
 */
struct bad_case {
    const char *verb, *path, *body;
    int status;
    const char *reason, *places;
};

static const struct bad_case cases[] = {
    /* paths */
    {"GET", "/v1", NULL, 404, "ROUTE_UNKNOWN", ""},
    {"GET", "/v2/cars", NULL, 404, "ROUTE_UNKNOWN", ""},
    {"GET", "/v1/boats", NULL, 404, "RESOURCE_TYPE_UNKNOWN", ""},
    {"POST", "/v1/boats", "{}", 404, "RESOURCE_TYPE_UNKNOWN", ""},
    {"POST", "/v1/boats", "{", 404, "RESOURCE_TYPE_UNKNOWN", ""},
    {"GET", "/v1/cars/12", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"GET", NO_ID, NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"DELETE", NO_ID, NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"GET", NO_ID "/allocations", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"POST", NO_ID "/allocations", "{\"unbounded\":true}", 404, "RESOURCE_NOT_FOUND", ""},
    {"GET", "/v1/lorries/%CAR%", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"GET", "/v1/lorries/%CAR%/allocations", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"DELETE", "/v1/lorries/%CAR%", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"POST", "/v1/lorries/%CAR%/allocations", "{\"unbounded\":true}", 404, "RESOURCE_NOT_FOUND",
     ""},
    {"GET", "/v1/cars/%CAR%/allocations/7", NULL, 404, "RESOURCE_NOT_FOUND", ""},
    {"PUT", "/v1/cars/%CAR%", "{}", 405, "METHOD_NOT_ALLOWED", ""},
    {"DELETE", "/v1/cars", NULL, 405, "METHOD_NOT_ALLOWED", ""},
    {"GET", "/v1/cars/%00", NULL, 400, "BAD_PATH", ""},
    {"GET", "/v1/cars/%C0%AF", NULL, 400, "BAD_PATH", ""},
    {"GET", "/v1/cars/%zz", NULL, 400, "BAD_PATH", ""},
    {"GET", "/v1/cars/../cars", NULL, 400, "BAD_PATH", ""},
    {"GET", "/v1/cars/%2e%2e/cars", NULL, 400, "BAD_PATH", ""},
    /* queries */
    {"GET", "/v1/cars?colour=red", NULL, 400, "UNKNOWN_PARAMETER", "?colour UNKNOWN_PARAMETER"},
    {"GET", "/v1/cars?pageSize=1&pageSize=2", NULL, 400, "DUPLICATE_PARAMETER",
     "?pageSize DUPLICATE_PARAMETER"},
    {"GET", "/v1/cars?pageSize=-1", NULL, 400, "OUT_OF_RANGE", "?pageSize OUT_OF_RANGE"},
    {"GET", "/v1/cars?pageSize=x", NULL, 400, "WRONG_TYPE", "?pageSize WRONG_TYPE"},
    {"GET", "/v1/cars?pageSize=99999999999", NULL, 400, "OUT_OF_RANGE", "?pageSize OUT_OF_RANGE"},
    {"GET", "/v1/cars?pageToken=nonsense", NULL, 400, "BAD_PAGE_TOKEN",
     "?pageToken BAD_PAGE_TOKEN"},
    {"DELETE", "/v1/cars/%CAR%?force=maybe", NULL, 400, "WRONG_TYPE", "?force WRONG_TYPE"},
    {"GET", "/v1/cars/%CAR%/allocations?startTime=yesterday&pageSize=-3&x=1", NULL, 400,
     "VALIDATION_FAILED", "?startTime BAD_TIMESTAMP, ?x UNKNOWN_PARAMETER, ?pageSize OUT_OF_RANGE"},
    {"GET",
     "/v1/cars/%CAR%/allocations?startTime=2030-01-02T00:00:00Z&endTime=2030-01-01T00:00:00Z", NULL,
     400, "PERIOD_REVERSED", "?endTime PERIOD_REVERSED"},
    /* bodies that are not JSON */
    {"POST", "/v1/cars", "", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{\"name\":\"a\"}x", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{'name':'a'}", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{\"name\":\"\xff\"}", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{\"name\":\"\\ud800\"}", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{\"name\":\"a\",}", 400, "MALFORMED_JSON", ""},
    {"POST", "/v1/cars", "{\"name\":01}", 400, "MALFORMED_JSON", ""},
    /* JSON of the wrong shape */
    {"POST", "/v1/cars", "[]", 400, "WRONG_TYPE", " WRONG_TYPE"},
    {"POST", "/v1/cars", "{\"name\":7}", 400, "WRONG_TYPE", "/name WRONG_TYPE"},
    {"POST", "/v1/cars", "{}", 400, "REQUIRED", "/name REQUIRED"},
    {"POST", "/v1/cars", "{\"name\":null}", 400, "REQUIRED", "/name REQUIRED"},
    {"POST", "/v1/cars", "{\"name\":\"\"}", 400, "REQUIRED", "/name REQUIRED"},
    {"POST", "/v1/cars", "{\"name\":\"a\",\"wheels\":4}", 400, "UNKNOWN_FIELD",
     "/wheels UNKNOWN_FIELD"},
    {"POST", "/v1/cars", "{\"name\":\"a\",\"name\":\"b\"}", 400, "DUPLICATE_FIELD",
     "/name DUPLICATE_FIELD"},
    {"POST", "/v1/cars", "{\"name\":\"a\",\"id\":\"0190a000-0000-7000-8000-000000000000\"}", 400,
     "READ_ONLY", "/id READ_ONLY"},
    {"POST", "/v1/cars", "{\"name\":\"a\\u0000b\"}", 400, "BAD_FORMAT", "/name BAD_FORMAT"},
    {"POST", "/v1/cars", "{\"name\":\"a\",\"attributes\":{\"a\":1}}", 400, "WRONG_TYPE",
     "/attributes/a WRONG_TYPE"},
    {"POST", "/v1/cars", "{\"name\":\"a\",\"attributes\":{\"a/b~c\":1}}", 400, "WRONG_TYPE",
     "/attributes/a~1b~0c WRONG_TYPE"},
    {"POST", "/v1/cars", "{\"name\":1,\"description\":2,\"attributes\":3,\"x\":4}", 400,
     "VALIDATION_FAILED",
     "/name WRONG_TYPE, /description WRONG_TYPE, /attributes WRONG_TYPE, /x UNKNOWN_FIELD"},
    /* periods */
    {"POST", "/v1/cars/%CAR%/allocations", "{}", 400, "PERIOD_MISSING", " PERIOD_MISSING"},
    {"POST", "/v1/cars/%CAR%/allocations",
     "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-01T00:00:00Z\"}", 400,
     "PERIOD_EMPTY", "/endTime PERIOD_EMPTY"},
    {"POST", "/v1/cars/%CAR%/allocations",
     "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-01T01:00:00+01:00\"}", 400,
     "PERIOD_EMPTY", "/endTime PERIOD_EMPTY"},
    {"POST", "/v1/cars/%CAR%/allocations",
     "{\"startTime\":\"2030-01-02T00:00:00Z\",\"endTime\":\"2030-01-01T00:00:00Z\"}", 400,
     "PERIOD_REVERSED", "/endTime PERIOD_REVERSED"},
    {"POST", "/v1/cars/%CAR%/allocations",
     "{\"unbounded\":true,\"startTime\":\"2030-01-02T00:00:00Z\"}", 400, "PERIOD_CONTRADICTORY",
     "/unbounded PERIOD_CONTRADICTORY"},
    {"POST", "/v1/cars/%CAR%/allocations", "{\"startTime\":\"2030-01-02T00:00:00\"}", 400,
     "BAD_TIMESTAMP", "/startTime BAD_TIMESTAMP"},
    {"POST", "/v1/cars/%CAR%/allocations", "{\"startTime\":\"2030-02-30T00:00:00Z\"}", 400,
     "BAD_TIMESTAMP", "/startTime BAD_TIMESTAMP"},
    {"POST", "/v1/cars/%CAR%/allocations", "{\"startTime\":\"2030-01-02T00:00:00.1234567Z\"}", 400,
     "BAD_TIMESTAMP", "/startTime BAD_TIMESTAMP"},
    {"POST", "/v1/cars/%CAR%/allocations", "{\"startTime\":1893456000}", 400, "WRONG_TYPE",
     "/startTime WRONG_TYPE"},
    {"POST", "/v1/cars/%CAR%/allocations", "{\"unbounded\":true,\"kind\":\"PICNIC\"}", 400,
     "UNKNOWN_VALUE", "/kind UNKNOWN_VALUE"},
};

/* The path with %CAR% replaced. */
static void
real_path(const char *path, char out[static 512])
{
    const char *mark = strstr(path, "%CAR%");

    if (mark == NULL) {
        snprintf(out, 512, "%s", path);
    } else {
        snprintf(out, 512, "%.*s%s%s", (int)(mark - path), path, car, mark + 5);
    }
}

static void
places_of(const json_t *problem, char *out, size_t bytes)
{
    size_t index;
    json_t *violation;
    size_t length = 0;

    out[0] = '\0';
    json_array_foreach(json_object_get(problem, "errors"), index, violation)
    {
        const char *pointer = json_string_value(json_object_get(violation, "pointer"));
        const char *parameter = json_string_value(json_object_get(violation, "parameter"));

        cr_assert_not_null(json_object_get(violation, "detail"));
        length +=
            (size_t)snprintf(out + length, bytes - length, "%s%s%s %s", index ? ", " : "",
                             parameter != NULL ? "?" : "", parameter != NULL ? parameter : pointer,
                             json_string_value(json_object_get(violation, "reason")));
        cr_assert_lt(length, bytes);
    }
}

static void
assert_problem(const struct http_response *response, const struct bad_case *row, const char *path)
{
    static const char *const members[] = {"type",     "title", "detail",
                                          "instance", "code",  "requestId"};
    json_t *problem = json_loads(response->body, JSON_REJECT_DUPLICATES, NULL);
    char *type = http_header(response, "Content-Type");
    char *id = http_header(response, "X-Request-Id");
    char places[1024];

    cr_expect_eq(response->status, row->status, "%s %s %s: %d %s", row->verb, path,
                 row->body ? row->body : "", response->status, response->body);
    cr_assert_not_null(problem, "%s %s: %s", row->verb, path, response->body);
    cr_expect_str_eq(type, "application/problem+json");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        cr_expect(json_is_string(json_object_get(problem, members[i])), "%s: %s", members[i],
                  response->body);
    }
    cr_expect_eq(json_integer_value(json_object_get(problem, "status")), row->status);
    cr_expect_str_eq(json_string_value(json_object_get(problem, "reason")), row->reason,
                     "%s %s: %s", row->verb, path, response->body);
    cr_expect_str_eq(json_string_value(json_object_get(problem, "requestId")), id);
    places_of(problem, places, sizeof(places));
    cr_expect_str_eq(places, row->places, "%s %s: %s", row->verb, path, response->body);
    free(type);
    free(id);
    json_decref(problem);
}

Test(bad_input, each_kind_has_its_answer)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_response response;
        char path[512];

        real_path(cases[i].path, path);
        stack_send(&stack, &response, cases[i].verb, path, NULL, cases[i].body);
        assert_problem(&response, &cases[i], path);
        http_free(&response);
    }
}

/* One thing wrong at a time: the detail says what it is about, what is asked, and what came. */
Test(bad_input, details_say_what_to_do)
{
    static const struct {
        const char *verb, *path, *body, *detail;
    } rows[] = {
        {"GET", "/v1/boats", NULL, "`type` must be one of cars, lorries, trucks, not `boats`."},
        {"GET", "/v1/cars/12", NULL, "`id` must be a UUID, not `12`."},
        {"GET", "/v1/cars?colour=red", NULL,
         "`colour` is no query parameter here; the parameters are: pageSize, pageToken, filter, "
         "orderBy."},
        {"GET", "/v1/cars?pageSize=-1", NULL, "`pageSize` must be from 0 to 2147483647, not `-1`."},
        {"GET", "/v1/cars?pageToken=nonsense", NULL,
         "`pageToken` is none of this list: it must be `nextPageToken` of the page before, asked "
         "for with the same query."},
        {"POST", "/v1/cars", "{}", "`name` is required."},
        {"POST", "/v1/cars", "{\"name\":7}", "`name` must be a string, not `7`."},
        {"POST", "/v1/cars", "{\"name\":\"a\",\"wheels\":4}",
         "`wheels` is no member here; the members are: name, description, attributes."},
        {"POST", "/v1/cars/%CAR%/allocations", "{\"unbounded\":true,\"kind\":\"PICNIC\"}",
         "`kind` must be one of BOOKING, MAINTENANCE, not `PICNIC`."},
        {"POST", "/v1/cars/%CAR%/allocations", "{}",
         "Give `startTime`, `endTime` or both; for a period without bounds set `unbounded` to "
         "true."},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_response response;
        char path[512];
        char *detail;

        real_path(rows[i].path, path);
        stack_send(&stack, &response, rows[i].verb, path, NULL, rows[i].body);
        detail = http_member(&response, "detail");
        cr_expect_str_eq(detail, rows[i].detail, "%s %s: %s", rows[i].verb, path, response.body);
        free(detail);
        http_free(&response);
    }
}

/* The JSON in docs/errors.md. */
static json_t *
documented_problem(void)
{
    static char text[65536];
    FILE *file = fopen(DEPOT_SOURCE_FOLDER "/docs/errors.md", "r");
    json_error_t error;
    const char *json;
    json_t *problem;

    cr_assert_not_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    json = strstr(text, "```json\n");
    cr_assert_not_null(json);
    problem = json_loads(json + strlen("```json\n"), JSON_DISABLE_EOF_CHECK, &error);
    cr_assert_not_null(problem, "%s", error.text);
    return problem;
}

Test(bad_input, the_documented_problem_is_what_is_answered)
{
    json_t *documented = documented_problem();
    struct http_response response;
    json_t *problem;

    stack_send(&stack, &response, "POST", "/v1/cars", NULL, "{\"name\": 7, \"wheels\": 4}");
    problem = json_loads(response.body, 0, NULL);
    cr_assert_not_null(problem);
    json_object_set(documented, "requestId", json_object_get(problem, "requestId"));
    cr_assert(json_equal(documented, problem), "%s", response.body);
    json_decref(documented);
    json_decref(problem);
    http_free(&response);
}

static char *
repeat(const char *text, size_t n)
{
    size_t length = strlen(text);
    char *out = malloc(n * length + 1);

    for (size_t i = 0; i < n; i++) {
        memcpy(out + i * length, text, length);
    }
    out[n * length] = '\0';
    return out;
}

static void
send_around(const struct bad_case *row, const char *before, const char *part, const char *after)
{
    size_t bytes = strlen(before) + strlen(part) + strlen(after) + 1;
    char *body = malloc(bytes);
    struct http_response response;

    snprintf(body, bytes, "%s%s%s", before, part, after);
    stack_send(&stack, &response, row->verb, row->path, NULL, body);
    if (row->status >= 400) {
        assert_problem(&response, row, row->path);
    } else {
        cr_expect_eq(response.status, row->status, "%s", response.body);
    }
    http_free(&response);
    free(body);
}

/* Lengths are counted in characters, not bytes; the limit itself is allowed. */
Test(bad_input, lengths_are_code_points)
{
    char *name = repeat("\xc3\xa4", 64);
    char *longer = repeat("\xc3\xa4", 65);
    char *text = repeat("\xf0\x9f\x9a\x97", 1000);
    char *longer_text = repeat("x", 1001);

    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 201, "", ""}, "{\"name\":\"", name,
                "\"}");
    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 400, "TOO_LONG", "/name TOO_LONG"},
                "{\"name\":\"", longer, "\"}");
    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 201, "", ""},
                "{\"name\":\"long\",\"description\":\"", text, "\"}");
    send_around(
        &(struct bad_case){"POST", "/v1/cars", NULL, 400, "TOO_LONG", "/description TOO_LONG"},
        "{\"name\":\"longer\",\"description\":\"", longer_text, "\"}");
    free(name);
    free(longer);
    free(text);
    free(longer_text);
}

Test(bad_input, deep_and_large_bodies)
{
    char *deep = repeat("[", 30000);
    char *large = repeat("x", 70000);

    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 400, "MALFORMED_JSON", ""}, "", deep,
                "");
    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 413, "BODY_TOO_LARGE", ""},
                "{\"name\":\"", large, "\"}");
    free(deep);
    free(large);
    free(stack_expect(&stack, 200, "GET", "/v1/cars", NULL, NULL));
}

Test(bad_input, too_many_attributes)
{
    char pairs[2048] = "";

    for (int i = 0; i < 33; i++) {
        char pair[32];

        snprintf(pair, sizeof(pair), "%s\"k%d\":\"v\"", i ? "," : "", i);
        strcat(pairs, pair);
    }
    send_around(
        &(struct bad_case){"POST", "/v1/cars", NULL, 400, "TOO_MANY", "/attributes TOO_MANY"},
        "{\"name\":\"a\",\"attributes\":{", pairs, "}}");
}

Test(bad_input, a_name_is_taken_once_per_type)
{
    send_around(&(struct bad_case){"POST", "/v1/cars", NULL, 409, "NAME_TAKEN", ""}, "{\"name\":\"",
                "Golf", "\"}");
    send_around(&(struct bad_case){"POST", "/v1/trucks", NULL, 201, "", ""}, "{\"name\":\"", "Golf",
                "\"}");
}

Test(bad_input, headers_that_do_not_fit)
{
    static const struct {
        const char *verb, *header, *body;
        int status;
        const char *reason;
    } rows[] = {
        {"POST", "Content-Type: text/plain", "{}", 415, "MEDIA_TYPE"},
        {"GET", "Accept: image/png", NULL, 406, "NOT_ACCEPTABLE"},
        {"GET", "Idempotency-Key: k", NULL, 400, "BAD_IDEMPOTENCY_KEY"},
        {"GET", "Content-Type: application/json", "{}", 400, "BODY_NOT_ALLOWED"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bad_case row = {rows[i].verb,   "/v1/cars",     rows[i].body,
                               rows[i].status, rows[i].reason, ""};
        const char *headers[] = {rows[i].header, NULL};
        struct http_response response;
        char url[128];

        snprintf(url, sizeof(url), "%s%s", stack.base, row.path);
        http_send(&response, row.verb, url, headers, row.body);
        assert_problem(&response, &row, row.path);
        http_free(&response);
    }
}
