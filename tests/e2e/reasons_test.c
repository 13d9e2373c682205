/*
 * Every reason for failure that the contract lists is produced, by requests that clients can send:
 * none exists only on paper, and each looks as docs/errors.md says.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/route.h"
#include "support/hold.h"
#include "support/pending.h"
#include "support/problem.h"
#include "support/server.h"
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

/* --- those for which something must happen --- */

static void
expect(const struct stack *stack, const char *reason, const char *verb, const char *path,
       const char *key, const char *body)
{
    struct http_response response;

    stack_send(stack, &response, verb, path, key, body);
    problem_expect(&response, reason, path);
    http_free(&response);
}

static void
request_timeout(void)
{
    static const char head[] = "GET /v1/cars HTTP/1.1\r\nHost: h\r\n";
    struct http_response response;
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    problem_ask_raw(stack.port, head, sizeof(head) - 1, 60, NULL, NULL, &response);
    problem_expect(&response, "REQUEST_TIMEOUT", "half a head");
    http_free(&response);
    stack_stop(&stack);
}

static void
request_in_progress(void)
{
    struct stack stack;
    struct hold hold;
    struct pending first = {&stack, "POST", CARS, "k", "{\"name\":\"a\"}", {0}, 0};

    stack_start(&stack, &(struct stack_options){0});
    hold_table(&hold, &stack.database, "resource");
    pending_start(&first);
    hold_expect_waiting(&hold, 1);
    expect(&stack, "REQUEST_IN_PROGRESS", "POST", CARS, "k", "{\"name\":\"a\"}");
    hold_release(&hold);
    pending_end(&first);
    http_free(&first.response);
    stack_stop(&stack);
}

static void
rate_limited(void)
{
    struct http_response response = {0};
    struct stack stack;

    stack_start(&stack, &(struct stack_options){
                            .gateway = (const char *const[]){"RATE_LIMIT=20/3600", NULL}});
    for (int i = 0; i <= 20 && response.status != 429; i++) {
        http_free(&response);
        stack_send(&stack, &response, "GET", CARS, NULL, NULL);
    }
    problem_expect(&response, "RATE_LIMITED", CARS);
    http_free(&response);
    stack_stop(&stack);
}

/* A row that no client could have made. */
static void
reply_too_large(void)
{
    struct stack stack;
    char path[128] = CARS "/";

    stack_start(&stack, &(struct stack_options){0});
    stack_make_car(&stack, "a", path + strlen(path));
    test_database_run(
        &stack.database,
        "DO $$ DECLARE c name; BEGIN FOR c IN SELECT conname FROM pg_constraint WHERE "
        "conrelid = 'resource'::regclass AND contype = 'c' LOOP EXECUTE format("
        "'ALTER TABLE resource DROP CONSTRAINT %I', c); END LOOP; END $$; "
        "UPDATE resource SET description = repeat('x', 1100000)");
    expect(&stack, "REPLY_TOO_LARGE", "GET", path, NULL, NULL);
    stack_stop(&stack);
}

/* Somebody changes the schema under a running service. */
static void
internal_error(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    test_database_run(&stack.database, "ALTER TABLE resource RENAME COLUMN description TO remark");
    expect(&stack, "INTERNAL_ERROR", "GET", CARS, NULL, NULL);
    expect(&stack, "INTERNAL_ERROR", "POST", CARS, "k", "{\"name\":\"a\"}");
    stack_stop(&stack);
}

static void
db_unavailable(void)
{
    struct server server;
    struct stack stack;

    server_make(&server);
    server_start(&server, NULL);
    stack_start(&stack, &(struct stack_options){.database_url = server.url});
    server_kill(&server);
    cr_assert(stack_wait_not_ready(&stack, 60));
    expect(&stack, "DB_UNAVAILABLE", "GET", CARS, NULL, NULL);
    expect(&stack, "DB_UNAVAILABLE", "POST", CARS, "k", "{\"name\":\"a\"}");
    stack_stop(&stack);
    server_remove(&server);
}

/* A read: of a change that left just before the gateway saw the end, nobody could say that. */
static void
service_down(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    process_stop(&stack.inventory[0]);
    expect(&stack, "SERVICE_DOWN", "GET", CARS, NULL, NULL);
    stack_stop(&stack);
}

/* The only worker waits for the database, so nobody takes the second call. */
static void
overloaded(void)
{
    struct stack stack;
    struct hold hold;
    struct pending first = {&stack, "GET", CARS, NULL, NULL, {0}, 0};

    stack_start(&stack,
                &(struct stack_options){.services = (const char *const[]){"RPC_WORKERS=1", NULL}});
    hold_table(&hold, &stack.database, "resource");
    pending_start(&first);
    hold_expect_waiting(&hold, 1);
    expect(&stack, "OVERLOADED", "GET", CARS, NULL, NULL);
    hold_release(&hold);
    pending_end(&first);
    http_free(&first.response);
    stack_stop(&stack);
}

/* The service dies with a change in its hands that has no key. */
static void
outcome_unknown(void)
{
    struct stack stack;
    struct hold hold;
    struct pending change = {&stack, "POST", CARS, NULL, "{\"name\":\"a\"}", {0}, 0};

    stack_start(&stack, &(struct stack_options){0});
    hold_table(&hold, &stack.database, "resource");
    pending_start(&change);
    hold_expect_waiting(&hold, 1);
    process_stop(&stack.inventory[0]);
    pending_end(&change);
    problem_expect(&change.response, "OUTCOME_UNKNOWN", "POST");
    http_free(&change.response);
    hold_release(&hold);
    stack_stop(&stack);
}

static void
not_ready(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    process_stop(&stack.inventory[0]);
    cr_assert(stack_wait_not_ready(&stack, 60));
    expect(&stack, "NOT_READY", "GET", "/readyz", NULL, NULL);
    stack_stop(&stack);
}

static void
deadline_exceeded(void)
{
    struct stack stack;
    struct hold hold;

    stack_start(&stack, &(struct stack_options){
                            .gateway = (const char *const[]){"REQUEST_TIMEOUT_MS=300", NULL}});
    hold_table(&hold, &stack.database, "resource");
    expect(&stack, "DEADLINE_EXCEEDED", "GET", CARS, NULL, NULL);
    expect(&stack, "DEADLINE_EXCEEDED", "POST", CARS, "k", "{\"name\":\"a\"}");
    hold_release(&hold);
    stack_stop(&stack);
}

static const struct {
    const char *reason;
    void (*produce)(void);
} events[] = {
    {"REQUEST_TIMEOUT", request_timeout},     {"REQUEST_IN_PROGRESS", request_in_progress},
    {"RATE_LIMITED", rate_limited},           {"REPLY_TOO_LARGE", reply_too_large},
    {"INTERNAL_ERROR", internal_error},       {"DB_UNAVAILABLE", db_unavailable},
    {"SERVICE_DOWN", service_down},           {"OVERLOADED", overloaded},
    {"OUTCOME_UNKNOWN", outcome_unknown},     {"NOT_READY", not_ready},
    {"DEADLINE_EXCEEDED", deadline_exceeded},
};

enum { N_EVENTS = sizeof(events) / sizeof(events[0]) };

ParameterizedTestParameters(reasons, for_which_something_must_happen)
{
    static size_t indexes[N_EVENTS];

    for (size_t i = 0; i < N_EVENTS; i++) {
        indexes[i] = i;
    }
    return cr_make_param_array(size_t, indexes, N_EVENTS);
}

ParameterizedTest(const size_t *index, reasons, for_which_something_must_happen)
{
    events[*index].produce();
}

/* --- all of them --- */

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

Test(reasons, none_exists_only_on_paper)
{
    for (size_t i = 0; http_contract.reasons[i] != NULL; i++) {
        const char *name = http_contract.reasons[i]->name;

        cr_expect(is_produced(name), "nothing here produces %s", name);
    }
}
