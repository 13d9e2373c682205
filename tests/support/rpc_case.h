/*
 * A table-driven test of one RPC: an HTTP request goes through router, access rules, codec,
 * validation, dispatch, handler and a real database, in one process and without sockets.
 */
#ifndef DEPOT_TESTS_SUPPORT_RPC_CASE_H
#define DEPOT_TESTS_SUPPORT_RPC_CASE_H

#include <stddef.h>

#include "base/call.h"
#include "service/handler.h"

struct rpc_case {
    const char *name;
    const char *seed; /* SQL that runs first, on tables that are empty; NULL: none */
    const char *verb, *target;
    const char *body; /* NULL: none */
    int status;
    /* JSON as match_json takes it, of a reply or of a problem without the members that every
     * problem has alike (type, title, status, detail, instance, requestId); NULL: no body. */
    const char *expect;
    const char *check, *checked; /* SQL afterwards, and the value that it gives; NULL: none */
};

/*
 * Runs the cases one after another against one fresh database, in which only those tables have rows
 * that the migrations filled; every mismatch fails the test. Access is checked as a service does
 * it. Who asks is an administrator without an account.
 */
void rpc_cases_run(const struct service *service, const struct rpc_case *cases, size_t n_cases);

/*
 * The same with everybody being `caller`, of whom strings that are NULL count as "". Somebody
 * without a role is ANONYMOUS.
 */
void rpc_cases_run_as(const struct service *service, const struct caller *caller,
                      const struct rpc_case *cases, size_t n_cases);

/* The same as rpc_cases_run with an If-Match, as a gateway hands it over: tags without quotes,
 * joined by commas. */
void rpc_cases_run_if_match(const struct service *service, const char *if_match,
                            const struct rpc_case *cases, size_t n_cases);

#endif
