/* grpc.health.v1.Health as every server answers it, and how servers end. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "grpc/health/v1/health.pb-c.h"
#include "peer.h"

static int
health_of(nng_socket peer, const char *name)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__ReplyFrame *frame;
    Grpc__Health__V1__HealthCheckResponse *reply;
    int status;

    letter_check(&letter, name);
    frame = exchange(peer, &call, 1);
    cr_assert_eq(frame->replies[0]->code, STATUS_OK);
    reply = grpc__health__v1__health_check_response__unpack(NULL, frame->replies[0]->payload.len,
                                                            frame->replies[0]->payload.data);
    cr_assert_not_null(reply);
    status = (int)reply->status;
    grpc__health__v1__health_check_response__free_unpacked(reply, NULL);
    frame_free(frame);
    return status;
}

enum { SERVING = 1, NOT_SERVING, SERVICE_UNKNOWN };

Test(health, health)
{
    nng_socket peer;

    server_up();
    peer = peer_open();
    cr_assert_eq(health_of(peer, ""), SERVING);
    cr_assert_eq(health_of(peer, "depot.inventory.v1.InventoryService"), SERVING);
    cr_assert_eq(health_of(peer, "grpc.health.v1.Health"), SERVING);
    cr_assert_eq(health_of(peer, "depot.inventory.v1.Inventory"), SERVICE_UNKNOWN);
    peer_service.not_ready = true;
    cr_assert_eq(health_of(peer, ""), NOT_SERVING);
    cr_assert_eq(health_of(peer, "no.such"), SERVICE_UNKNOWN);
    peer_service.not_ready = false;
    cr_assert_eq(health_of(peer, ""), SERVING);
    cr_assert_eq(peer_service.calls, 0);
    nng_close(peer);
    server_down();
}

Test(health, health_needs_no_free_worker)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    nng_socket peers[2], peer;
    uint8_t data[512];

    server_up();
    peer_service.held = true;
    letter_get(&letter);
    frame.calls = &call;
    frame.n_calls = 1;
    for (size_t i = 0; i < 2; i++) {
        peers[i] = peer_open();
        peer_send(peers[i], data, depot__rpc__v1__request_frame__pack(&frame, data));
    }
    while (peer_service.at_work != 2) {
        poll(NULL, 0, 2);
    }
    peer = peer_open();
    cr_assert_eq(health_of(peer, ""), SERVING);
    peer_service.held = false;
    for (size_t i = 0; i < 2; i++) {
        frame_free(peer_receive(peers[i]));
        nng_close(peers[i]);
    }
    nng_close(peer);
    server_down();
}

Test(health, what_only_looks_like_a_check_is_worked_on)
{
    struct letter check, get;
    Depot__Rpc__V1__Call *calls[] = {&check.call, &get.call};
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    server_up();
    peer = peer_open();
    letter_check(&check, "");
    letter_get(&get);
    frame = exchange(peer, calls, 2);
    cr_assert_eq(frame->n_replies, 2);
    cr_assert_eq(frame->replies[0]->code, STATUS_OK);
    cr_assert_eq(frame->replies[1]->code, STATUS_OK);
    cr_assert_eq(peer_service.calls, 1);
    frame_free(frame);
    letter_get(&get);
    get.call.request_id = "/grpc.health.v1.Health/Check";
    peer_expect(peer, &get.call, STATUS_OK, "");
    cr_assert_eq(peer_service.calls, 2);
    nng_close(peer);
    server_down();
}

/* --- ending --- */

Test(health, draining_serves_and_says_so)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    server_up();
    peer = peer_open();
    rpc_server_drain(peer_server);
    cr_assert_eq(health_of(peer, ""), NOT_SERVING);
    letter_get(&letter);
    frame = exchange(peer, &call, 1);
    cr_assert_eq(frame->replies[0]->code, STATUS_OK);
    cr_assert_eq(frame->workers, 0);
    frame_free(frame);
    nng_close(peer);
    cr_assert_eq(rpc_server_close(peer_server, PATIENCE_MS), 0);
}

Test(health, close_lets_calls_finish)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    Depot__Rpc__V1__ReplyFrame *reply;
    nng_socket peer;
    nng_aio *aio;
    uint8_t data[512];

    server_up();
    peer = peer_open();
    letter_get(&letter);
    letter.call.request_id = "sleep=300";
    frame.calls = &call;
    frame.n_calls = 1;
    peer_send(peer, data, depot__rpc__v1__request_frame__pack(&frame, data));
    /* Receiving from the start: nng drops a reply that nobody waits for with its connection. */
    cr_assert_eq(nng_aio_alloc(&aio, NULL, NULL), 0);
    nng_recv_aio(peer, aio);
    while (peer_service.at_work != 1) {
        poll(NULL, 0, 2);
    }
    cr_assert_eq(rpc_server_close(peer_server, PATIENCE_MS), 0);
    cr_assert_eq(peer_service.calls, 1);
    nng_aio_wait(aio);
    cr_assert_eq(nng_aio_result(aio), 0);
    reply = depot__rpc__v1__reply_frame__unpack(NULL, nng_msg_len(nng_aio_get_msg(aio)),
                                                nng_msg_body(nng_aio_get_msg(aio)));
    cr_assert_eq(reply->replies[0]->code, STATUS_OK);
    frame_free(reply);
    nng_msg_free(nng_aio_get_msg(aio));
    nng_aio_free(aio);
    nng_close(peer);
}

Test(health, close_cuts_what_does_not_end)
{
    struct letter letter;
    Depot__Rpc__V1__Call *calls[] = {&letter.call, &letter.call};
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    nng_socket peer;
    nng_msg *message;
    uint8_t data[512];

    server_up();
    peer = peer_open();
    peer_service.held = true;
    letter_get(&letter);
    frame.calls = calls;
    frame.n_calls = 2;
    peer_send(peer, data, depot__rpc__v1__request_frame__pack(&frame, data));
    while (peer_service.at_work != 1) {
        poll(NULL, 0, 2);
    }
    cr_assert_eq(rpc_server_close(peer_server, 50), 2);
    cr_assert_eq(nng_recvmsg(peer, &message, 0), NNG_ECONNRESET);
    nng_close(peer);
    peer_service.held = false;
    while (peer_service.closed != 2) {
        poll(NULL, 0, 2);
    }
    poll(NULL, 0, 100); /* the last thread frees the server: let the sanitizer see it */
}
