/* The Postman collection made of the document, run by newman: see tests/npm/postman_test.mjs. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(postman, .init = setup, .fini = teardown, .timeout = 300);

Test(postman, every_request_of_the_collection_succeeds)
{
    struct process node = {0};
    char *log;
    int code;

    process_start(&node,
                  (const char *const[]){
                      "/usr/bin/env", "node", DEPOT_SOURCE_FOLDER "/tests/npm/postman_test.mjs",
                      stack.base, DEPOT_BUILD_FOLDER "/gen/openapi-3.0.json", NULL},
                  (const char *const[]){"ADMIN_PASSWORD=" STACK_ADMIN_PASSWORD, NULL});
    code = process_wait(&node, 240);
    log = process_log(&node);
    cr_assert_eq(code, 0, "%d: %s", code, log);
    cr_assert_not_null(strstr(log, "\nCreateAllocation 201 "), "%s", log);
    cr_assert_not_null(strstr(log, "\nok "), "%s", log);
    free(log);
    process_stop(&node);
}
