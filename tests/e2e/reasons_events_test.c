/*
 * The reasons for failure for which something must happen first: a database that hangs, a service
 * that dies. Each has a system of its own.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "e2e/reasons.h"
#include "support/hold.h"
#include "support/pending.h"
#include "support/problem.h"
#include "support/server.h"
#include "support/stack.h"

TestSuite(reasons_events, .timeout = 300);

#define CARS "/v1/cars"

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
produce_REQUEST_TIMEOUT(void)
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
produce_REQUEST_IN_PROGRESS(void)
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
produce_RATE_LIMITED(void)
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
produce_REPLY_TOO_LARGE(void)
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
produce_INTERNAL_ERROR(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    test_database_run(&stack.database, "ALTER TABLE resource RENAME COLUMN description TO remark");
    expect(&stack, "INTERNAL_ERROR", "GET", CARS, NULL, NULL);
    expect(&stack, "INTERNAL_ERROR", "POST", CARS, "k", "{\"name\":\"a\"}");
    stack_stop(&stack);
}

static void
produce_DB_UNAVAILABLE(void)
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
produce_SERVICE_DOWN(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    process_stop(&stack.inventory[0]);
    expect(&stack, "SERVICE_DOWN", "GET", CARS, NULL, NULL);
    stack_stop(&stack);
}

/* The only worker waits for the database, so nobody takes the second call. */
static void
produce_OVERLOADED(void)
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
produce_OUTCOME_UNKNOWN(void)
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
produce_NOT_READY(void)
{
    struct stack stack;

    stack_start(&stack, &(struct stack_options){0});
    process_stop(&stack.inventory[0]);
    cr_assert(stack_wait_not_ready(&stack, 60));
    expect(&stack, "NOT_READY", "GET", "/readyz", NULL, NULL);
    stack_stop(&stack);
}

static void
produce_DEADLINE_EXCEEDED(void)
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

#define PRODUCER(reason) produce_##reason,

static void (*const producers[])(void) = {REASONS_OF_EVENTS(PRODUCER)};

enum { N_PRODUCERS = sizeof(producers) / sizeof(producers[0]) };

ParameterizedTestParameters(reasons_events, each_is_produced)
{
    static size_t indexes[N_PRODUCERS];

    for (size_t i = 0; i < N_PRODUCERS; i++) {
        indexes[i] = i;
    }
    return cr_make_param_array(size_t, indexes, N_PRODUCERS);
}

ParameterizedTest(const size_t *index, reasons_events, each_is_produced)
{
    producers[*index]();
}
