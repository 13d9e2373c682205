/* An inventory service in the test's own process, and lists of it. */
#ifndef DEPOT_TESTS_INVENTORY_LISTS_H
#define DEPOT_TESTS_INVENTORY_LISTS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "depot/inventory/v1/inventory.handlers.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"
#include "seed.h"
#include "service/executor.h"
#include "service/page_token.h"
#include "support/cluster.h"

static struct test_database database;
static struct executor *executor;
static struct rpc_executor callbacks;
static void *worker;
static struct arena memory; /* of what was listed */

static inline void
lists_open(void)
{
    struct db_options options = {.application_name = "test"};
    struct executor_options executing = {.service = &inventory_service, .workers = 1};
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    test_database_open(&database);
    test_database_migrate(&database, "platform");
    test_database_migrate(&database, "inventory");
    options.url = database.url;
    executing.db = options;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&executing, conn, &executor, &error), STATUS_OK, "%s", error.text);
    callbacks = executor_callbacks(executor);
    worker = callbacks.worker_open(callbacks.closure, 0);
    arena_init(&memory, LIMIT_ARENA_BLOCK_BYTES, 0);
}

static inline void
lists_close(void)
{
    arena_fini(&memory);
    callbacks.worker_close(worker);
    executor_close(executor);
    test_database_drop(&database);
}

/* --- calls --- */

static inline struct rpc_served
execute(const struct pb_method *method, const ProtobufCMessage *request)
{
    struct rpc_served served = {.method = method, .request = request};
    struct rpc_served *calls[] = {&served};

    call_init(&served.call, &memory);
    served.payload = pb_pack(&memory, request, &served.payload_bytes);
    callbacks.execute(worker, calls, 1);
    return served;
}

static const struct pb_method *const list_cars_method =
    &depot__inventory__v1__inventory_service__list_resources__method;
static const struct pb_method *const list_allocations_method =
    &depot__inventory__v1__inventory_service__list_allocations__method;

/* What was listed: messages of either kind. */
struct listed {
    size_t n;
    ProtobufCMessage **messages;
    const char *next;
};

static inline struct rpc_served
list_cars(const char *filter, const char *order, const char *token, int32_t size)
{
    Depot__Inventory__V1__ListResourcesRequest request =
        DEPOT__INVENTORY__V1__LIST_RESOURCES_REQUEST__INIT;

    request.type = (char *)"cars";
    request.filter = (char *)filter;
    request.order_by = (char *)order;
    request.page_token = (char *)token;
    request.page_size = size;
    return execute(list_cars_method, &request.base);
}

static inline struct listed
cars(const char *filter, const char *order, const char *token, int32_t size)
{
    struct rpc_served served = list_cars(filter, order, token, size);
    const Depot__Inventory__V1__ListResourcesResponse *reply = (const void *)served.reply;

    cr_assert_eq(served.status, STATUS_OK, "%s: %s", filter, served.call.problem.detail);
    return (struct listed){reply->n_resources, (ProtobufCMessage **)reply->resources,
                           reply->next_page_token};
}

static inline struct listed
bookings(const char *filter, const char *order, const char *token, int32_t size)
{
    Depot__Inventory__V1__ListAllocationsRequest request =
        DEPOT__INVENTORY__V1__LIST_ALLOCATIONS_REQUEST__INIT;
    const Depot__Inventory__V1__ListAllocationsResponse *reply;
    struct rpc_served served;

    request.type = (char *)"cars";
    request.resource_id = (char *)CAR;
    request.filter = (char *)filter;
    request.order_by = (char *)order;
    request.page_token = (char *)token;
    request.page_size = size;
    served = execute(list_allocations_method, &request.base);
    cr_assert_eq(served.status, STATUS_OK, "%s: %s", filter, served.call.problem.detail);
    reply = (const void *)served.reply;
    return (struct listed){reply->n_allocations, (ProtobufCMessage **)reply->allocations,
                           reply->next_page_token};
}

static inline const char *
id_of(const struct pb_message *schema, const ProtobufCMessage *message)
{
    return *(char *const *)pb_member_const(pb_field_named(schema, "id", 2), message);
}

#endif
