#include "rpc/stub.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"

static struct service service;
static struct rpc_server *server;
static struct rpc_stub *stub;

static void
start(void)
{
    struct rpc_client_options options = {.service =
                                             &depot__inventory__v1__inventory_service__service};
    struct error error;

    server = server_start(&service, 1);
    options.addresses = rpc_server_url(server);
    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
}

static void
stop(void)
{
    pause_ms(20); /* for the Check that left with the connection: see run_until_serving */
    rpc_stub_close(stub);
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
}

struct seen {
    unsigned times;
    char id[40], name[40];
    bool null;
};

static void
on_resource(const Depot__Inventory__V1__Resource *resource, void *closure)
{
    struct seen *seen = closure;

    seen->times++;
    seen->null = resource == NULL;
    if (resource != NULL) {
        snprintf(seen->id, sizeof(seen->id), "%s", resource->id);
        snprintf(seen->name, sizeof(seen->name), "%s", resource->name);
    }
}

Test(stub, generated_stubs)
{
    struct rpc_stub_context context = {.principal = "anna", .request_id = "r1"};
    Depot__Inventory__V1__GetResourceRequest request =
        DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;
    struct seen seen = {0};

    start();
    request.type = "cars";
    request.id = "01912d68-783e-7000-8000-000000000001";
    rpc_stub_context(stub, &context);
    depot__inventory__v1__inventory_service__get_resource(rpc_stub_service(stub), &request,
                                                          on_resource, &seen);
    cr_assert_eq(rpc_stub_status(stub), STATUS_OK);
    cr_assert_eq(seen.times, 1);
    cr_assert_str_eq(seen.id, request.id);
    cr_assert_str_eq(seen.name, "anna");
    cr_assert_not_null(rpc_stub_message(stub));
    stop();
}

Test(stub, failures)
{
    struct rpc_stub_context context = {.request_id = "fail extra"};
    Depot__Inventory__V1__GetResourceRequest request =
        DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;
    struct seen seen = {0};

    start();
    rpc_stub_context(stub, &context);
    request.type = "cars";
    request.id = "01912d68-783e-7000-8000-000000000001";
    depot__inventory__v1__inventory_service__get_resource(rpc_stub_service(stub), &request,
                                                          on_resource, &seen);
    cr_assert_eq(seen.times, 1);
    cr_assert_eq(seen.null, true);
    cr_assert_eq(rpc_stub_status(stub), STATUS_NOT_FOUND);
    cr_assert_str_eq(rpc_stub_reply(stub)->reason, "RESOURCE_NOT_FOUND");
    cr_assert_str_eq(rpc_stub_reply(stub)->message, "No such thing here.");
    cr_assert_str_eq(rpc_stub_reply(stub)->detail_type, "depot.inventory.v1.GetResourceRequest");
    cr_assert_gt(rpc_stub_reply(stub)->detail_bytes, 0);
    cr_assert_null(rpc_stub_message(stub));
    stop();
}

Test(stub, violations_outlive_the_frame)
{
    Depot__Inventory__V1__CreateResourceRequest request =
        DEPOT__INVENTORY__V1__CREATE_RESOURCE_REQUEST__INIT;

    start();
    request.type = "cars";
    cr_assert_eq(rpc_stub_call(stub,
                               &depot__inventory__v1__inventory_service__create_resource__method,
                               &request.base),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_str_eq(rpc_stub_reply(stub)->reason, "REQUIRED");
    cr_assert_eq(rpc_stub_reply(stub)->n_violations, 1);
    cr_assert_str_eq(rpc_stub_reply(stub)->violations[0].field, "/resource");
    cr_assert_str_eq(rpc_stub_reply(stub)->violations[0].reason, "REQUIRED");
    stop();
}

Test(stub, deadline)
{
    struct rpc_stub_context context = {.request_id = "sleep=2000", .timeout_ms = 150};
    Depot__Inventory__V1__GetResourceRequest request =
        DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;

    start();
    request.type = "cars";
    request.id = "01912d68-783e-7000-8000-000000000001";
    rpc_stub_context(stub, &context);
    cr_assert_eq(rpc_stub_call(stub, &depot__inventory__v1__inventory_service__get_resource__method,
                               &request.base),
                 STATUS_DEADLINE_EXCEEDED);
    context = (struct rpc_stub_context){0};
    rpc_stub_context(stub, &context);
    cr_assert_eq(rpc_stub_call(stub, &depot__inventory__v1__inventory_service__get_resource__method,
                               &request.base),
                 STATUS_OK);
    stop();
}

Test(stub, nobody_there)
{
    struct rpc_client_options options = {.service =
                                             &depot__inventory__v1__inventory_service__service,
                                         .addresses = "tcp://127.0.0.1:1"};
    Depot__Inventory__V1__GetResourceRequest request =
        DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;
    struct error error;

    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(rpc_stub_call(stub, &depot__inventory__v1__inventory_service__get_resource__method,
                               &request.base),
                 STATUS_UNAVAILABLE);
    cr_assert_str_eq(rpc_stub_reply(stub)->reason, "SERVICE_DOWN");
    rpc_stub_close(stub);
}
