/*
 * A table-driven test of one RPC: an HTTP request goes through router, codec, validation, dispatch,
 * handler and a real database, in one process and without sockets.
 */
#ifndef DEPOT_TESTS_SUPPORT_RPC_CASE_H
#define DEPOT_TESTS_SUPPORT_RPC_CASE_H

#include <stddef.h>

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

/* Runs the cases one after another against one fresh database; every mismatch fails the test. */
void rpc_cases_run(const struct service *service, const struct rpc_case *cases, size_t n_cases);

/* The same with an If-Match, as a gateway hands it over: tags without quotes, joined by commas. */
void rpc_cases_run_if_match(const struct service *service, const char *if_match,
                            const struct rpc_case *cases, size_t n_cases);

#endif
