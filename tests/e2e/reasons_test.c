/*
 * Every reason for failure that the contract lists is produced, by requests that clients can send:
 * none exists only on paper, and each looks as docs/errors.md says. Here are those that one request
 * produces; the others are in reasons_events_test.c and reasons_access_test.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/reasons.h"
#include "http/route.h"
#include "support/problem.h"
#include "support/stack.h"

TestSuite(reasons, .timeout = 300);

/* --- those that one request produces --- */

struct row {
    const char *reason, *verb, *path; /* %CAR% is a car that is booked for all time */
    const char *body;                 /* or NULL */
    const char *header;               /* or NULL */
    bool is_connect;                  /* the client speaks the Connect protocol */
};

#define CARS     "/v1/cars"
#define CALENDAR "/v1/cars/%CAR%/allocations"
#define SERVICE  "/depot.inventory.v1.InventoryService"

static char long_name[128], many_attributes[1024], long_header[17 * 1024], large_body[80 * 1024],
    long_path[5 * 1024];

static const struct row rows[] = {
    {"MALFORMED_JSON", "POST", CARS, "{\"name\":", NULL, false},
    {"WRONG_TYPE", "POST", CARS, "{\"name\":7}", NULL, false},
    {"UNKNOWN_FIELD", "POST", CARS, "{\"name\":\"a\",\"wheels\":4}", NULL, false},
    {"DUPLICATE_FIELD", "POST", CARS, "{\"name\":\"a\",\"name\":\"b\"}", NULL, false},
    {"UNKNOWN_PARAMETER", "GET", CARS "?colour=red", NULL, NULL, false},
    {"DUPLICATE_PARAMETER", "GET", CARS "?pageSize=1&pageSize=2", NULL, NULL, false},
    {"REQUIRED", "POST", CARS, "{}", NULL, false},
    {"TOO_SHORT", "POST", "/v1/pxcodes", "{\"pxcode\":\"12\",\"procedure\":\"x\"}", NULL, false},
    {"TOO_LONG", "POST", CARS, long_name, NULL, false},
    {"TOO_MANY", "POST", CARS, many_attributes, NULL, false},
    {"OUT_OF_RANGE", "GET", CARS "?pageSize=-1", NULL, NULL, false},
    {"BAD_FORMAT", "POST", CARS, "{\"name\":\"a\\u0000b\"}", NULL, false},
    {"UNKNOWN_VALUE", "POST", CALENDAR, "{\"unbounded\":true,\"kind\":\"PICNIC\"}", NULL, false},
    {"READ_ONLY", "POST", CARS, "{\"name\":\"a\",\"type\":\"cars\"}", NULL, false},
    {"BAD_TIMESTAMP", "POST", CALENDAR, "{\"startTime\":\"tomorrow\"}", NULL, false},
    {"PERIOD_MISSING", "POST", CALENDAR, "{}", NULL, false},
    {"PERIOD_EMPTY", "GET", CALENDAR "?startTime=2030-01-01T00:00:00Z&endTime=2030-01-01T00:00:00Z",
     NULL, NULL, false},
    {"PERIOD_REVERSED", "GET",
     CALENDAR "?startTime=2031-01-01T00:00:00Z&endTime=2030-01-01T00:00:00Z", NULL, NULL, false},
    {"PERIOD_CONTRADICTORY", "POST", CALENDAR,
     "{\"unbounded\":true,\"endTime\":\"2030-01-01T00:00:00Z\"}", NULL, false},
    {"BAD_PAGE_TOKEN", "GET", CARS "?pageToken=AQAAAA", NULL, NULL, false},
    {"BAD_FILTER", "GET", CARS "?filter=colour", NULL, NULL, false},
    {"BAD_ORDER_BY", "GET", CARS "?orderBy=colour", NULL, NULL, false},
    {"VALIDATION_FAILED", "POST", CARS, "{\"name\":7,\"wheels\":4}", NULL, false},
    {"MALFORMED_REQUEST", "GET", CARS, NULL, "Request-Timeout: soon", false},
    {"BAD_PATH", "GET", CARS "/%c0%af", NULL, NULL, false},
    {"BAD_IDEMPOTENCY_KEY", "GET", CARS, NULL, "Idempotency-Key: k", false},
    {"BODY_NOT_ALLOWED", "GET", CARS, "{}", NULL, false},
    {"ROUTE_UNKNOWN", "GET", "/v2/cars", NULL, NULL, false},
    {"RESOURCE_NOT_FOUND", "GET", CARS "/0190a000-0000-7000-8000-000000000000", NULL, NULL, false},
    {"RESOURCE_TYPE_UNKNOWN", "GET", "/v1/boats", NULL, NULL, false},
    {"METHOD_NOT_ALLOWED", "DELETE", CARS, NULL, NULL, false},
    {"NOT_ACCEPTABLE", "GET", CARS, NULL, "Accept: text/plain", false},
    {"BODY_TOO_LARGE", "POST", CARS, large_body, NULL, false},
    {"URI_TOO_LONG", "GET", long_path, NULL, NULL, false},
    {"MEDIA_TYPE", "POST", CARS, "name=a", "Content-Type: text/plain", false},
    {"CONTENT_CODING", "POST", CARS, "{}", "Content-Encoding: gzip", false},
    {"HEADERS_TOO_LARGE", "GET", CARS, NULL, long_header, false},
    {"BAD_CONDITION", "GET", CARS, NULL, "If-None-Match: unquoted", false},
    {"ETAG_MISMATCH", "GET", CARS "/%CAR%", NULL, "If-Match: \"another\"", false},
    {"NAME_TAKEN", "POST", CARS, "{\"name\":\"booked\"}", NULL, false},
    {"RESOURCE_IN_USE", "DELETE", CARS "/%CAR%", NULL, NULL, false},
    {"ALLOCATION_OVERLAP", "POST", CALENDAR, "{\"startTime\":\"2030-01-01T00:00:00Z\"}", NULL,
     false},
    {"PXCODE_TAKEN", "POST", "/v1/pxcodes", "{\"pxcode\":\"017\",\"procedure\":\"x\"}", NULL,
     false},
    {"IDEMPOTENCY_KEY_REUSED", "POST", CARS, "{\"name\":\"other\"}", "Idempotency-Key: used",
     false},
    {"MALFORMED_MESSAGE", "POST", SERVICE "/GetResource", "\x0a\x7f",
     "Content-Type: application/proto", true},
    {"METHOD_UNKNOWN", "POST", SERVICE "/PaintResource", "{}", NULL, true},
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
fill_texts(void)
{
    size_t length;

    snprintf(long_name, sizeof(long_name), "{\"name\":\"%065d\"}", 0);
    length = (size_t)sprintf(many_attributes, "{\"name\":\"a\",\"attributes\":{");
    for (int i = 0; i < 33; i++) {
        length += (size_t)sprintf(many_attributes + length, "%s\"%d\":\"\"", i == 0 ? "" : ",", i);
    }
    sprintf(many_attributes + length, "}}");
    snprintf(long_header, sizeof(long_header), "Cookie: %*d", (int)sizeof(long_header) - 64, 0);
    snprintf(large_body, sizeof(large_body), "{\"name\":\"%*d\"}", (int)sizeof(large_body) - 64, 0);
    snprintf(long_path, sizeof(long_path), CARS "/%0*d", (int)sizeof(long_path) - 64, 0);
}

/* What the rows find in the database. */
static void
seed(const struct stack *stack, char car[static 37])
{
    char path[128];

    stack_make_car(stack, "booked", car);
    snprintf(path, sizeof(path), CARS "/%s/allocations", car);
    free(stack_expect(stack, 201, "POST", path, NULL, "{\"unbounded\":true}"));
    free(stack_expect(stack, 201, "POST", "/v1/pxcodes", NULL,
                      "{\"pxcode\":\"017\",\"procedure\":\"Removal\"}"));
    free(stack_expect(stack, 201, "POST", CARS, "used", "{\"name\":\"first\"}"));
}

static void
run_row(const struct stack *stack, const struct row *row, const char *car)
{
    const char *const headers[] = {row->header, NULL};
    const char *mark = strstr(row->path, "%CAR%");
    struct http_response response;
    char url[8 * 1024];

    if (mark == NULL) {
        snprintf(url, sizeof(url), "%s%s", stack->base, row->path);
    } else {
        snprintf(url, sizeof(url), "%s%.*s%s%s", stack->base, (int)(mark - row->path), row->path,
                 car, mark + strlen("%CAR%"));
    }
    http_send(&response, row->verb, url, row->header == NULL ? NULL : headers, row->body);
    (row->is_connect ? problem_expect_connect : problem_expect)(&response, row->reason,
                                                                row->reason);
    http_free(&response);
}

Test(reasons, that_one_request_produces)
{
    struct stack stack;
    char car[37];

    fill_texts();
    stack_start(&stack, &(struct stack_options){0});
    seed(&stack, car);
    for (size_t i = 0; i < N_ROWS; i++) {
        run_row(&stack, &rows[i], car);
    }
    stack_stop(&stack);
}

/* --- all of them --- */

#define NAME(reason) #reason,

/* Those that the other two programs produce. */
static const char *const elsewhere[] = {REASONS_OF_EVENTS(NAME) REASONS_OF_ACCESS(NAME)};

static bool
is_produced(const char *reason)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].reason, reason) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (strcmp(elsewhere[i], reason) == 0) {
            return true;
        }
    }
    return false;
}

Test(reasons, none_exists_only_on_paper)
{
    for (size_t i = 0; http_contract.reasons[i] != NULL; i++) {
        const char *name = http_contract.reasons[i]->name;

        cr_expect(is_produced(name), "nothing produces %s: see e2e/reasons.h", name);
    }
}
