/*
 * kill -9 in the middle of writes: every acknowledged booking is there, a retry with the same key
 * has one effect; and a database that goes away comes back without anybody's help.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/load.h"
#include "support/server.h"

static struct server server;
static struct stack stack;

static void
setup(void)
{
    server_make(&server);
    server_start(&server, NULL);
    stack_start(&stack, &(struct stack_options){.database_url = server.url});
}

static void
teardown(void)
{
    stack_stop(&stack);
    server_remove(&server);
}

TestSuite(recovery, .init = setup, .fini = teardown, .timeout = 400);

Test(recovery, inventory_is_killed_in_the_middle_of_writes)
{
    struct load load;

    load_start(&load, &stack);
    for (int i = 0; i < 3; i++) {
        cr_assert(load_advance(&load, 50, 60));
        process_stop(&stack.inventory[0]);
        stack_start_inventory(&stack, 0);
    }
    cr_assert(load_advance(&load, 50, 60));
    load_stop(&load);
    load_verify(&load);
}

Test(recovery, the_database_is_killed_in_the_middle_of_writes)
{
    struct load load;

    load_start(&load, &stack);
    for (int i = 0; i < 3; i++) {
        cr_assert(load_advance(&load, 50, 60));
        server_kill(&server);
        server_start(&server, NULL);
    }
    cr_assert(load_advance(&load, 50, 60));
    load_stop(&load);
    load_verify(&load);
}

static bool
is_served(void *closure)
{
    struct http_response response;
    bool served;

    stack_send(closure, &response, "GET", "/v1/cars", NULL, NULL);
    served = response.status == 200;
    http_free(&response);
    return served;
}

Test(recovery, without_a_database_the_answer_is_503_and_service_returns)
{
    struct http_response response;
    char *text;

    server_kill(&server);
    cr_assert(stack_wait_not_ready(&stack, 60));
    stack_send(&stack, &response, "GET", "/v1/cars", NULL, NULL);
    cr_assert_eq(response.status, 503, "%d %s", response.status, response.body);
    text = http_header(&response, "Retry-After");
    cr_assert_not_null(text);
    free(text);
    text = http_member(&response, "reason");
    cr_assert_str_eq(text, "DB_UNAVAILABLE");
    free(text);
    http_free(&response);
    stack_send(&stack, &response, "POST", "/v1/cars", NULL, "{\"name\":\"Golf\"}");
    cr_assert_eq(response.status, 503, "%d %s", response.status, response.body);
    http_free(&response);
    free(stack_expect(&stack, 200, "GET", "/livez", NULL, NULL));
    server_start(&server, NULL);
    cr_assert(wait_until(is_served, &stack, 60));
    cr_assert(stack_wait_ready(&stack, 60));
}
