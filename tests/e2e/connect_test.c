/* Connect and gRPC-Web with clients that nobody here wrote: see tests/npm/connect_test.mjs. */
#include <criterion/criterion.h>
#include <stdio.h>
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

TestSuite(connect, .init = setup, .fini = teardown, .timeout = 300);

Test(connect, clients_from_npm_are_served)
{
    static const char *const seen[] = {
        "ok connect-node, Connect, JSON\n",
        "ok connect-node, Connect, JSON, GET\n",
        "ok connect-node, gRPC-Web, JSON\n",
        "ok connect-node, Connect, proto\n",
        "ok connect-node, Connect, proto, GET\n",
        "ok connect-node, gRPC-Web, proto\n",
        "ok connect-web, Connect, JSON\n",
        "ok connect-web, Connect, JSON, GET\n",
        "ok connect-web, gRPC-Web, JSON\n",
        "ok connect-web, Connect, proto\n",
        "ok connect-web, Connect, proto, GET\n",
        "ok connect-web, gRPC-Web, proto\n",
        "ok Connect by hand\n",
        "ok gRPC-Web by hand\n",
        "ok buf curl, connect\n",
        "ok buf curl, grpcweb\n",
        "all is well\n",
    };
    struct process node = {0};
    char *log;
    int code;

    process_start(&node,
                  (const char *const[]){"/usr/bin/env", "node",
                                        DEPOT_SOURCE_FOLDER "/tests/npm/connect_test.mjs",
                                        stack.base, NULL},
                  NULL);
    code = process_wait(&node, 240);
    log = process_log(&node);
    cr_assert_eq(code, 0, "%d: %s", code, log);
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        cr_assert_not_null(strstr(log, seen[i]), "no \"%s\" in %s", seen[i], log);
    }
    free(log);
    process_stop(&node);
}

/* What was called by RPC is counted with the rest, and logged by its method. */
Test(connect, calls_are_counted_by_their_method)
{
    static const char *const types[] = {"Content-Type: application/json",
                                        "Content-Type: application/grpc-web+json"};
    static const char *const bodies[] = {"{\"type\":\"planes\"}", "?"};
    char url[160];
    char *metrics;

    snprintf(url, sizeof(url), "%s/depot.inventory.v1.InventoryService/ListResources", stack.base);
    for (size_t i = 0; i < 2; i++) {
        struct http_response response;

        http_send(&response, "POST", url, (const char *const[]){types[i], NULL}, bodies[i]);
        cr_assert_eq(response.status, i == 0 ? 404 : 200, "%s", response.body);
        http_free(&response);
    }
    metrics = stack_expect(&stack, 200, "GET", "/metrics", NULL, NULL);
    cr_assert_not_null(strstr(metrics, "method=\"ListResources\",code=\"404\"} 1\n"), "%s",
                       metrics);
    cr_assert_not_null(strstr(metrics, "method=\"ListResources\",code=\"400\"} 1\n"), "%s",
                       metrics);
    cr_assert(process_wait_log(&stack.gateway, "MALFORMED_MESSAGE", 30));
    free(metrics);
}
