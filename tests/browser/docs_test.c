/* The page /docs in a real browser: see tests/npm/browser_test.mjs. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    static const char *const gateway[] = {"DOCS_DIR=" DEPOT_SOURCE_FOLDER "/build/docs-ui", NULL};

    stack_start(&stack, &(struct stack_options){.gateway = gateway});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(docs, .init = setup, .fini = teardown, .timeout = 400);

Test(docs, try_it_out_books_a_car)
{
    const char *screenshots = getenv("TEST_SCREENSHOTS");
    struct process node = {0};
    char *log;
    int code;

    process_start(&node,
                  (const char *const[]){"/usr/bin/env", "node",
                                        DEPOT_SOURCE_FOLDER "/tests/npm/browser_test.mjs",
                                        stack.base, screenshots, NULL},
                  (const char *const[]){"ADMIN_PASSWORD=" STACK_ADMIN_PASSWORD, NULL});
    code = process_wait(&node, 360);
    log = process_log(&node);
    cr_assert_eq(code, 0, "%d: %s", code, log);
    cr_assert_not_null(strstr(log, "ok nobody is refused\n"), "%s", log);
    cr_assert_not_null(strstr(log, "ok a car was added and booked\n"), "%s", log);
    cr_assert_not_null(strstr(log, "ok no violation of the policy"), "%s", log);
    free(log);
    process_stop(&node);
}
