#include "peer.h"

#include <criterion/criterion.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"

struct service peer_service;
struct rpc_server *peer_server;

nng_socket
peer_open(void)
{
    nng_socket peer;

    cr_assert_eq(nng_req0_open(&peer), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_SENDTIMEO, PATIENCE_MS), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
    cr_assert_eq(nng_dial(peer, rpc_server_url(peer_server), NULL, 0), 0);
    return peer;
}

void
peer_send(nng_socket peer, const void *data, size_t bytes)
{
    cr_assert_eq(nng_send(peer, (void *)data, bytes, 0), 0);
}

/* The frame that comes; to be freed. */
Depot__Rpc__V1__ReplyFrame *
peer_receive(nng_socket peer)
{
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_msg *message;

    cr_assert_eq(nng_recvmsg(peer, &message, 0), 0);
    frame = depot__rpc__v1__reply_frame__unpack(NULL, nng_msg_len(message), nng_msg_body(message));
    cr_assert_not_null(frame);
    nng_msg_free(message);
    return frame;
}

void
frame_free(Depot__Rpc__V1__ReplyFrame *frame)
{
    depot__rpc__v1__reply_frame__free_unpacked(frame, NULL);
}

Depot__Rpc__V1__ReplyFrame *
exchange_bytes(nng_socket peer, const void *data, size_t bytes)
{
    peer_send(peer, data, bytes);
    return peer_receive(peer);
}

Depot__Rpc__V1__ReplyFrame *
exchange(nng_socket peer, Depot__Rpc__V1__Call **calls, size_t n)
{
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    Depot__Rpc__V1__ReplyFrame *replies;
    uint8_t *data;
    size_t bytes;

    frame.calls = calls;
    frame.n_calls = n;
    bytes = depot__rpc__v1__request_frame__get_packed_size(&frame);
    data = malloc(bytes + 1);
    depot__rpc__v1__request_frame__pack(&frame, data);
    replies = exchange_bytes(peer, data, bytes);
    free(data);
    return replies;
}

void
letter_get(struct letter *self)
{
    Depot__Inventory__V1__GetResourceRequest get = DEPOT__INVENTORY__V1__GET_RESOURCE_REQUEST__INIT;

    depot__rpc__v1__call__init(&self->call);
    get.type = "cars";
    get.id = "01912d68-783e-7000-8000-000000000001";
    self->call.method = "/depot.inventory.v1.InventoryService/GetResource";
    self->call.payload.len = depot__inventory__v1__get_resource_request__pack(&get, self->payload);
    self->call.payload.data = self->payload;
}

void
letter_list(struct letter *self)
{
    Depot__Inventory__V1__ListResourcesRequest list =
        DEPOT__INVENTORY__V1__LIST_RESOURCES_REQUEST__INIT;

    depot__rpc__v1__call__init(&self->call);
    list.type = "cars";
    self->call.method = "/depot.inventory.v1.InventoryService/ListResources";
    self->call.payload.len =
        depot__inventory__v1__list_resources_request__pack(&list, self->payload);
    self->call.payload.data = self->payload;
}

void
letter_check(struct letter *self, const char *name)
{
    Grpc__Health__V1__HealthCheckRequest check = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;

    depot__rpc__v1__call__init(&self->call);
    check.service = (char *)name;
    self->call.method = "/grpc.health.v1.Health/Check";
    self->call.payload.len = grpc__health__v1__health_check_request__pack(&check, self->payload);
    self->call.payload.data = self->payload;
}

/* The reason of the only reply to one call. */
void
peer_expect(nng_socket peer, Depot__Rpc__V1__Call *call, uint32_t code, const char *reason)
{
    Depot__Rpc__V1__ReplyFrame *frame = exchange(peer, &call, 1);

    cr_assert_eq(frame->n_replies, 1);
    cr_assert_eq(frame->workers, 2);
    cr_assert_str_eq(frame->replies[0]->reason, reason);
    cr_assert_eq(frame->replies[0]->code, code);
    frame_free(frame);
}

/* The server serves, by a new connection. */
void
expect_alive(void)
{
    nng_socket peer = peer_open();
    struct letter letter;

    letter_get(&letter);
    peer_expect(peer, &letter.call, STATUS_OK, "");
    nng_close(peer);
}

void
server_up(void)
{
    peer_server = server_start(&peer_service, 2);
}

void
server_down(void)
{
    peer_service.held = false;
    expect_alive();
    cr_assert_eq(rpc_server_close(peer_server, PATIENCE_MS), 0);
    cr_assert_eq(peer_service.opened, 2);
    cr_assert_eq(peer_service.closed, 2);
    cr_assert_eq(peer_service.mixed, 0);
}
