/* What a peer may put into frames, and what it gets. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "peer.h"

Test(server, port_zero_is_a_real_port)
{
    struct rpc_server_options options = {
        .workers = 1,
        .services = (const struct pb_service *const[]){
            &depot__inventory__v1__inventory_service__service, NULL}};
    struct rpc_server *second;
    struct error error;

    server_up();
    cr_assert_eq(strncmp(rpc_server_url(peer_server), "tcp://127.0.0.1:", 16), 0);
    cr_assert_gt(atoi(rpc_server_url(peer_server) + 16), 0);
    options.listen_url = rpc_server_url(peer_server);
    cr_assert_eq(rpc_server_open(&options, &second, &error), STATUS_UNAVAILABLE);
    cr_assert_not_null(strstr(error.text, rpc_server_url(peer_server)));
    options.listen_url = "ipc:///tmp/never";
    cr_assert_eq(rpc_server_open(&options, &second, &error), STATUS_INVALID_ARGUMENT);
    server_down();
}

Test(server, unknown_methods)
{
    static const char *const methods[] = {
        "",
        "GetResource",
        "/depot.inventory.v1.InventoryService/",
        "/depot.inventory.v1.InventoryService/Getresource",
        "/depot.inventory.v1.InventoryService/GetResource/",
        "/depot.inventory.v2.InventoryService/GetResource",
        "/grpc.health.v1.Health/Watch",
        "/grpc.health.v1.Health/Checkx",
    };
    struct letter letter;
    nng_socket peer;

    server_up();
    peer = peer_open();
    letter_get(&letter);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        letter.call.method = (char *)methods[i];
        peer_expect(peer, &letter.call, STATUS_UNIMPLEMENTED, "METHOD_UNKNOWN");
    }
    nng_close(peer);
    server_down();
}

/* What is only tried leaves nothing behind: only what says so may be. */
Test(server, what_cannot_be_only_tried)
{
    struct letter letter;
    nng_socket peer;

    server_up();
    peer = peer_open();
    letter_get(&letter);
    letter.call.validate_only = true;
    peer_expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "UNKNOWN_PARAMETER");
    cr_assert_eq(peer_service.calls, 0);
    nng_close(peer);
    server_down();
}

Test(server, bad_payloads)
{
    struct letter letter;
    nng_socket peer;

    server_up();
    peer = peer_open();
    letter_get(&letter);
    letter.call.payload.len -= 3;
    peer_expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    memset(letter.payload, 0xff, sizeof(letter.payload));
    peer_expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    letter.payload[2] = 0xc3; /* in the type */
    peer_expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    letter.payload[2] = 'C';
    peer_expect(peer, &letter.call, STATUS_NOT_FOUND, "RESOURCE_TYPE_UNKNOWN");
    letter.call.payload.len = 0;
    peer_expect(peer, &letter.call, STATUS_NOT_FOUND, "RESOURCE_TYPE_UNKNOWN");
    cr_assert_eq(peer_service.calls, 0);
    nng_close(peer);
    server_down();
}

/* They go into logs: what no client of ours would send is refused, one byte less is not. */
Test(server, what_comes_with_a_call_is_bounded)
{
    static char text[LIMIT_FRAME_BYTES / 2];
    static const struct {
        size_t at, limit;
    } members[] = {
        {offsetof(Depot__Rpc__V1__Call, principal), LIMIT_PRINCIPAL_BYTES},
        {offsetof(Depot__Rpc__V1__Call, request_id), LIMIT_REQUEST_ID_BYTES},
        {offsetof(Depot__Rpc__V1__Call, traceparent), LIMIT_TRACEPARENT_BYTES},
        {offsetof(Depot__Rpc__V1__Call, idempotency_key), LIMIT_IDEMPOTENCY_KEY_BYTES},
        {offsetof(Depot__Rpc__V1__Call, access_token), LIMIT_ACCESS_TOKEN_BYTES},
        {offsetof(Depot__Rpc__V1__Call, client_address), LIMIT_CLIENT_ADDRESS_BYTES},
    };
    nng_socket peer;

    server_up();
    peer = peer_open();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const size_t lengths[] = {members[i].limit, members[i].limit + 1, sizeof(text) - 1};

        for (size_t j = 0; j < 3; j++) {
            struct letter letter;

            letter_get(&letter);
            memset(text, 'x', lengths[j]);
            text[lengths[j]] = '\0';
            memcpy((char *)&letter.call + members[i].at, &(char *){text}, sizeof(char *));
            peer_expect(peer, &letter.call, j == 0 ? STATUS_OK : STATUS_INVALID_ARGUMENT,
                        j == 0 ? "" : "MALFORMED_MESSAGE");
        }
    }
    nng_close(peer);
    server_down();
}

static void
expect_malformed(nng_socket peer, const void *data, size_t bytes)
{
    Depot__Rpc__V1__ReplyFrame *frame = exchange_bytes(peer, data, bytes);

    cr_assert_eq(frame->n_replies, 1);
    cr_assert_eq(frame->workers, 2);
    cr_assert_str_eq(frame->replies[0]->reason, "MALFORMED_MESSAGE");
    frame_free(frame);
}

Test(server, frames_that_are_none)
{
    static uint8_t deep[30000];
    static const uint8_t latin[] = {0x0a, 0x04, 0x0a, 0x02, 0xe9, 0xe9};
    static const uint8_t nul[] = {0x0a, 0x05, 0x0a, 0x03, 'a', 0, 'b'};
    static const uint8_t cut[] = {0x0a, 0x7f, 0x0a, 0x02, 'a'};
    static const uint8_t other[] = {0x08, 0x01};
    nng_socket peer;

    server_up();
    peer = peer_open();
    expect_malformed(peer, "", 0);
    expect_malformed(peer, "GET / HTTP/1.1\r\n\r\n", 18);
    expect_malformed(peer, latin, sizeof(latin));
    expect_malformed(peer, nul, sizeof(nul));
    expect_malformed(peer, cut, sizeof(cut));
    expect_malformed(peer, other, sizeof(other));
    memset(deep, 0x0b, sizeof(deep)); /* groups in groups */
    expect_malformed(peer, deep, sizeof(deep));
    cr_assert_eq(peer_service.calls, 0);
    nng_close(peer);
    server_down();
}

Test(server, frames_of_many_tiny_calls)
{
    enum { TINY = 1000000 };
    uint8_t *tiny = calloc(TINY, 2);
    nng_socket peer;
    Depot__Rpc__V1__ReplyFrame *frame;

    server_up();
    peer = peer_open();
    for (size_t i = 0; i < TINY; i++) {
        tiny[2 * i] = 0x0a;
    }
    expect_malformed(peer, tiny, (size_t)TINY * 2);
    frame = exchange_bytes(peer, tiny, 60000);
    cr_assert_eq(frame->n_replies, 30000);
    cr_assert_str_eq(frame->replies[0]->reason, "METHOD_UNKNOWN");
    cr_assert_str_eq(frame->replies[LIMIT_FRAME_CALLS - 1]->reason, "METHOD_UNKNOWN");
    cr_assert_str_eq(frame->replies[LIMIT_FRAME_CALLS]->reason, "OVERLOADED");
    cr_assert_str_eq(frame->replies[29999]->reason, "OVERLOADED");
    frame_free(frame);
    free(tiny);
    nng_close(peer);
    server_down();
}

Test(server, foreign_frames_are_cut_to_the_rules)
{
    static struct letter letters[40];
    Depot__Rpc__V1__Call *calls[40];
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    server_up();
    peer = peer_open();
    for (size_t i = 0; i < 40; i++) {
        if (i % 2 == 0) {
            letter_list(&letters[i]);
        } else {
            letter_get(&letters[i]);
            letters[i].call.idempotency_key = i < 20 ? "same" : "";
        }
        calls[i] = &letters[i].call;
    }
    frame = exchange(peer, calls, 40);
    cr_assert_eq(frame->n_replies, 40);
    for (size_t i = 0; i < 40; i++) {
        cr_assert_eq(frame->replies[i]->code, STATUS_OK);
        cr_assert_eq(frame->replies[i]->payload.len > 0, i % 2 == 1);
    }
    frame_free(frame);
    /* 20 lists by eight, and ten calls with one key one by one, the other ten with the first. */
    cr_assert_eq(peer_service.batches, 3 + 10);
    cr_assert_eq(peer_service.mixed, 0);
    nng_close(peer);
    server_down();
}

Test(server, late_calls_are_dropped_when_they_are_taken_up)
{
    struct letter busy, late;
    nng_socket peers[3];
    Depot__Rpc__V1__Call *call = &late.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    Depot__Rpc__V1__ReplyFrame *reply;
    uint8_t data[512];
    size_t bytes;

    server_up();
    peer_service.held = true;
    letter_get(&busy);
    letter_get(&late);
    late.call.timeout_ms = 20;
    frame.n_calls = 1;
    for (size_t i = 0; i < 3; i++) {
        peers[i] = peer_open();
        call = i < 2 ? &busy.call : &late.call;
        frame.calls = &call;
        bytes = depot__rpc__v1__request_frame__pack(&frame, data);
        peer_send(peers[i], data, bytes);
        while (i < 2 && peer_service.at_work != i + 1) {
            poll(NULL, 0, 2);
        }
    }
    poll(NULL, 0, 60);
    peer_service.held = false;
    reply = peer_receive(peers[2]);
    cr_assert_str_eq(reply->replies[0]->reason, "DEADLINE_EXCEEDED");
    frame_free(reply);
    for (size_t i = 0; i < 2; i++) {
        reply = peer_receive(peers[i]);
        cr_assert_eq(reply->replies[0]->code, STATUS_OK);
        frame_free(reply);
    }
    cr_assert_eq(peer_service.calls, 2);
    for (size_t i = 0; i < 3; i++) {
        nng_close(peers[i]);
    }
    server_down();
}
