/* Who may call is asked before anything else about a call. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "depot/accounts/v1/accounts.pb-c.h"
#include "depot/accounts/v1/accounts.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fixture.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/health/v1/health.schema.h"
#include "peer.h"
#include "rpc/stub.h"

/* What the last question was about. */
static struct {
    unsigned asked;
    const struct pb_method *method;
    char token[LIMIT_ACCESS_TOKEN_BYTES + 1], address[64], principal[64];
    bool had_request;
} seen;

/* A token of one character is a name. */
static enum status
authorise(void *closure, struct rpc_served *served, const char *token)
{
    (void)closure;
    seen.asked++;
    seen.method = served->method;
    seen.had_request = served->request != NULL;
    snprintf(seen.token, sizeof(seen.token), "%s", token);
    snprintf(seen.address, sizeof(seen.address), "%s", served->call.client_address);
    snprintf(seen.principal, sizeof(seen.principal), "%s", served->call.principal);
    if (strlen(token) != 1) {
        return call_fail(&served->call, &reason_token_invalid, "That is no token.");
    }
    served->call.caller.id = arena_strdup(served->call.arena, token);
    served->call.principal = served->call.caller.id;
    return STATUS_OK;
}

static struct service service;
static struct rpc_server *server;
static struct rpc_stub *stub;

static void
serve(bool with_authorise)
{
    static const struct pb_service *const services[] = {
        &depot__inventory__v1__inventory_service__service,
        &depot__accounts__v1__accounts_service__service, NULL};
    struct rpc_server_options options = server_options(&service, 2, "tcp://127.0.0.1:0");
    struct rpc_client_options calling = {.service =
                                             &depot__inventory__v1__inventory_service__service};
    struct error error;

    memset(&seen, 0, sizeof(seen));
    service = (struct service){.log_fd = -1};
    options.services = services;
    options.executor.authorise = with_authorise ? authorise : NULL;
    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    calling.addresses = rpc_server_url(server);
    cr_assert_eq(rpc_stub_open(&calling, &stub, &error), STATUS_OK, "%s", error.text);
}

static void
end(void)
{
    rpc_stub_close(stub);
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
}

static const char *
get(const char *token, const char *address)
{
    Depot__Inventory__V1__GetResourceRequest request =
        DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;
    struct rpc_stub_context context = {
        .principal = "10.1.2.3", .access_token = token, .client_address = address};

    request.type = "cars";
    request.id = "01912d68-783e-7000-8000-000000000001";
    rpc_stub_context(stub, &context);
    (void)rpc_stub_call(stub, &depot__inventory__v1__inventory_service__get_resource__method,
                        &request.base);
    return rpc_stub_reply(stub)->reason;
}

Test(authorise, sees_token_and_address_and_names_the_principal)
{
    const Depot__Inventory__V1__Resource *resource;

    serve(true);
    cr_assert_str_eq(get("a", "10.9.8.7"), "");
    cr_assert_str_eq(seen.token, "a");
    cr_assert_str_eq(seen.address, "10.9.8.7");
    cr_assert_str_eq(seen.principal, "10.1.2.3");
    cr_assert_eq(seen.method, &depot__inventory__v1__inventory_service__get_resource__method);
    cr_assert_not(seen.had_request);
    /* The service of the fixture gives the principal as a name. */
    resource = (const Depot__Inventory__V1__Resource *)rpc_stub_message(stub);
    cr_assert_str_eq(resource->name, "a");
    end();
}

Test(authorise, refuses_before_the_request_is_read)
{
    Depot__Inventory__V1__GetResourceRequest bad = DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;

    serve(true);
    cr_assert_str_eq(get(NULL, NULL), "TOKEN_INVALID");
    cr_assert_str_eq(seen.token, "");
    cr_assert_str_eq(seen.address, "");
    cr_assert_eq(rpc_stub_status(stub), STATUS_UNAUTHENTICATED);
    (void)rpc_stub_call(stub, &depot__inventory__v1__inventory_service__get_resource__method,
                        &bad.base);
    cr_assert_str_eq(rpc_stub_reply(stub)->reason, "TOKEN_INVALID");
    cr_assert_eq(service.calls, 0);
    end();
}

Test(authorise, health_is_for_everybody)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;

    serve(true);
    (void)rpc_stub_call(stub, &grpc__health__v1__health__check__method, &request.base);
    cr_assert_eq(rpc_stub_status(stub), STATUS_OK);
    cr_assert_eq(seen.asked, 0);
    end();
}

/* With and without somebody who checks: it is no peer's. */
Test(authorise, an_operators_method_is_nobodys)
{
    for (int with = 0; with < 2; with++) {
        Depot__Accounts__V1__RevokeAllRequest request =
            DEPOT__ACCOUNTS__V1__REVOKE_ALL_REQUEST__INIT;
        struct rpc_stub_context context = {.access_token = "a"};

        serve(with == 1);
        rpc_stub_context(stub, &context);
        (void)rpc_stub_call(stub, &depot__accounts__v1__accounts_service__revoke_all__method,
                            &request.base);
        cr_assert_str_eq(rpc_stub_reply(stub)->reason, "NOT_ALLOWED");
        cr_assert_eq(seen.asked, 0);
        cr_assert_eq(service.calls, 0);
        end();
    }
}

/* One key of two callers is two keys, whatever the calls say of themselves. */
Test(authorise, keys_belong_to_who_was_authorised)
{
    struct letter letters[4];
    Depot__Rpc__V1__Call *calls[4];
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    serve(true);
    peer_server = server;
    peer = peer_open();
    for (size_t i = 0; i < 4; i++) {
        letter_get(&letters[i]);
        letters[i].call.idempotency_key = "same";
        letters[i].call.principal = i < 2 ? "x" : "y";
        letters[i].call.access_token = i % 2 == 0 ? "a" : "b";
        calls[i] = &letters[i].call;
    }
    frame = exchange(peer, calls, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(frame->replies[i]->code, STATUS_OK);
    }
    frame_free(frame);
    /* a and b together, then a and b once more. */
    cr_assert_eq(service.batches, 2);
    nng_close(peer);
    end();
}
