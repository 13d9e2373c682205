/* What a peer may do to a server, and what it gets. The peers here are not our client. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <grpc/health/v1/health.pb-c.h>
#include <netinet/in.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fixture.h"

static struct service service;
static struct rpc_server *server;

/* --- a peer that speaks frames, without our client --- */

static nng_socket
peer_open(void)
{
    nng_socket peer;

    cr_assert_eq(nng_req0_open(&peer), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_SENDTIMEO, PATIENCE_MS), 0);
    cr_assert_eq(nng_socket_set_ms(peer, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
    cr_assert_eq(nng_dial(peer, rpc_server_url(server), NULL, 0), 0);
    return peer;
}

static void
peer_send(nng_socket peer, const void *data, size_t bytes)
{
    cr_assert_eq(nng_send(peer, (void *)data, bytes, 0), 0);
}

/* The frame that comes; to be freed. */
static Depot__Rpc__V1__ReplyFrame *
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

static void
frame_free(Depot__Rpc__V1__ReplyFrame *frame)
{
    depot__rpc__v1__reply_frame__free_unpacked(frame, NULL);
}

static Depot__Rpc__V1__ReplyFrame *
exchange_bytes(nng_socket peer, const void *data, size_t bytes)
{
    peer_send(peer, data, bytes);
    return peer_receive(peer);
}

static Depot__Rpc__V1__ReplyFrame *
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

/* A good call of GetResource. */
struct letter {
    Depot__Rpc__V1__Call call;
    uint8_t payload[128];
};

static void
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

static void
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

static void
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
static void
expect(nng_socket peer, Depot__Rpc__V1__Call *call, uint32_t code, const char *reason)
{
    Depot__Rpc__V1__ReplyFrame *frame = exchange(peer, &call, 1);

    cr_assert_eq(frame->n_replies, 1);
    cr_assert_eq(frame->workers, 2);
    cr_assert_str_eq(frame->replies[0]->reason, reason);
    cr_assert_eq(frame->replies[0]->code, code);
    frame_free(frame);
}

/* The server serves, by a new connection. */
static void
expect_alive(void)
{
    nng_socket peer = peer_open();
    struct letter letter;

    letter_get(&letter);
    expect(peer, &letter.call, STATUS_OK, "");
    nng_close(peer);
}

static void
start(void)
{
    server = server_start(&service, 2);
}

static void
stop(void)
{
    service.held = false;
    expect_alive();
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
    cr_assert_eq(service.opened, 2);
    cr_assert_eq(service.closed, 2);
    cr_assert_eq(service.mixed, 0);
}

Test(server, port_zero_is_a_real_port)
{
    struct rpc_server_options options = {
        .workers = 1,
        .services = (const struct pb_service *const[]){
            &depot__inventory__v1__inventory_service__service, NULL}};
    struct rpc_server *second;
    struct error error;

    start();
    cr_assert_eq(strncmp(rpc_server_url(server), "tcp://127.0.0.1:", 16), 0);
    cr_assert_gt(atoi(rpc_server_url(server) + 16), 0);
    options.listen_url = rpc_server_url(server);
    cr_assert_eq(rpc_server_open(&options, &second, &error), STATUS_UNAVAILABLE);
    cr_assert_not_null(strstr(error.text, rpc_server_url(server)));
    options.listen_url = "ipc:///tmp/never";
    cr_assert_eq(rpc_server_open(&options, &second, &error), STATUS_INVALID_ARGUMENT);
    stop();
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

    start();
    peer = peer_open();
    letter_get(&letter);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        letter.call.method = (char *)methods[i];
        expect(peer, &letter.call, STATUS_UNIMPLEMENTED, "METHOD_UNKNOWN");
    }
    nng_close(peer);
    stop();
}

Test(server, bad_payloads)
{
    struct letter letter;
    nng_socket peer;

    start();
    peer = peer_open();
    letter_get(&letter);
    letter.call.payload.len -= 3;
    expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    memset(letter.payload, 0xff, sizeof(letter.payload));
    expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    letter.payload[2] = 0xc3; /* in the type */
    expect(peer, &letter.call, STATUS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    letter_get(&letter);
    letter.payload[2] = 'C';
    expect(peer, &letter.call, STATUS_NOT_FOUND, "RESOURCE_TYPE_UNKNOWN");
    letter.call.payload.len = 0;
    expect(peer, &letter.call, STATUS_NOT_FOUND, "RESOURCE_TYPE_UNKNOWN");
    cr_assert_eq(service.calls, 0);
    nng_close(peer);
    stop();
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

    start();
    peer = peer_open();
    expect_malformed(peer, "", 0);
    expect_malformed(peer, "GET / HTTP/1.1\r\n\r\n", 18);
    expect_malformed(peer, latin, sizeof(latin));
    expect_malformed(peer, nul, sizeof(nul));
    expect_malformed(peer, cut, sizeof(cut));
    expect_malformed(peer, other, sizeof(other));
    memset(deep, 0x0b, sizeof(deep)); /* groups in groups */
    expect_malformed(peer, deep, sizeof(deep));
    cr_assert_eq(service.calls, 0);
    nng_close(peer);
    stop();
}

Test(server, frames_of_many_tiny_calls)
{
    enum { TINY = 1000000 };
    uint8_t *tiny = calloc(TINY, 2);
    nng_socket peer;
    Depot__Rpc__V1__ReplyFrame *frame;

    start();
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
    stop();
}

Test(server, frames_that_are_too_large_end_their_connection_only)
{
    size_t bytes = LIMIT_FRAME_BYTES + 1;
    void *data = calloc(1, bytes);
    nng_socket peer;
    nng_msg *message;

    start();
    peer = peer_open();
    peer_send(peer, data, bytes);
    cr_assert_eq(nng_recvmsg(peer, &message, 0), NNG_ECONNRESET);
    free(data);
    nng_close(peer);
    stop();
}

Test(server, foreign_frames_are_cut_to_the_rules)
{
    static struct letter letters[40];
    Depot__Rpc__V1__Call *calls[40];
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    start();
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
    cr_assert_eq(service.batches, 3 + 10);
    cr_assert_eq(service.mixed, 0);
    nng_close(peer);
    stop();
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

    start();
    service.held = true;
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
        while (i < 2 && service.at_work != i + 1) {
            poll(NULL, 0, 2);
        }
    }
    poll(NULL, 0, 60);
    service.held = false;
    reply = peer_receive(peers[2]);
    cr_assert_str_eq(reply->replies[0]->reason, "DEADLINE_EXCEEDED");
    frame_free(reply);
    for (size_t i = 0; i < 2; i++) {
        reply = peer_receive(peers[i]);
        cr_assert_eq(reply->replies[0]->code, STATUS_OK);
        frame_free(reply);
    }
    cr_assert_eq(service.calls, 2);
    for (size_t i = 0; i < 3; i++) {
        nng_close(peers[i]);
    }
    stop();
}

/* --- health --- */

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

Test(server, health)
{
    nng_socket peer;

    start();
    peer = peer_open();
    cr_assert_eq(health_of(peer, ""), SERVING);
    cr_assert_eq(health_of(peer, "depot.inventory.v1.InventoryService"), SERVING);
    cr_assert_eq(health_of(peer, "grpc.health.v1.Health"), SERVING);
    cr_assert_eq(health_of(peer, "depot.inventory.v1.Inventory"), SERVICE_UNKNOWN);
    service.not_ready = true;
    cr_assert_eq(health_of(peer, ""), NOT_SERVING);
    cr_assert_eq(health_of(peer, "no.such"), SERVICE_UNKNOWN);
    service.not_ready = false;
    cr_assert_eq(health_of(peer, ""), SERVING);
    cr_assert_eq(service.calls, 0);
    nng_close(peer);
    stop();
}

Test(server, health_needs_no_free_worker)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    nng_socket peers[2], peer;
    uint8_t data[512];

    start();
    service.held = true;
    letter_get(&letter);
    frame.calls = &call;
    frame.n_calls = 1;
    for (size_t i = 0; i < 2; i++) {
        peers[i] = peer_open();
        peer_send(peers[i], data, depot__rpc__v1__request_frame__pack(&frame, data));
    }
    while (service.at_work != 2) {
        poll(NULL, 0, 2);
    }
    peer = peer_open();
    cr_assert_eq(health_of(peer, ""), SERVING);
    service.held = false;
    for (size_t i = 0; i < 2; i++) {
        frame_free(peer_receive(peers[i]));
        nng_close(peers[i]);
    }
    nng_close(peer);
    stop();
}

Test(server, what_only_looks_like_a_check_is_worked_on)
{
    struct letter check, get;
    Depot__Rpc__V1__Call *calls[] = {&check.call, &get.call};
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    start();
    peer = peer_open();
    letter_check(&check, "");
    letter_get(&get);
    frame = exchange(peer, calls, 2);
    cr_assert_eq(frame->n_replies, 2);
    cr_assert_eq(frame->replies[0]->code, STATUS_OK);
    cr_assert_eq(frame->replies[1]->code, STATUS_OK);
    cr_assert_eq(service.calls, 1);
    frame_free(frame);
    letter_get(&get);
    get.call.request_id = "/grpc.health.v1.Health/Check";
    expect(peer, &get.call, STATUS_OK, "");
    cr_assert_eq(service.calls, 2);
    nng_close(peer);
    stop();
}

/* --- bytes on the port --- */

static int
connect_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)atoi(strrchr(rpc_server_url(server), ':') + 1));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends and, if told so, waits until the other side hangs up. */
static void
throw_bytes(const void *data, size_t bytes, bool wait)
{
    int fd = connect_port();
    char answer[64];

    cr_assert_eq(send(fd, data, bytes, MSG_NOSIGNAL), (ssize_t)bytes);
    while (wait && recv(fd, answer, sizeof(answer), 0) > 0) {
    }
    close(fd);
}

Test(server, garbage_on_the_port)
{
    static const char hello[] = "\0SP\0\0\060\0\0"; /* of a REQ peer */
    static const char wrong_peer[] = "\0SP\0\0\020\0\0";
    uint8_t frame[64] = {0};

    start();
    for (int i = 0; i < 20; i++) {
        throw_bytes("", 0, false);
    }
    expect_alive();
    throw_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, true);
    expect_alive();
    throw_bytes("\0SP", 3, false);
    expect_alive();
    throw_bytes(wrong_peer, 8, true);
    expect_alive();
    throw_bytes(hello, 8, false);
    expect_alive();
    /* A length of 2^63: too large, whatever is read as a signed number. */
    memcpy(frame, hello, 8);
    frame[8] = 0x80;
    throw_bytes(frame, 16, true);
    expect_alive();
    /* A message without request id. */
    memset(frame + 8, 0, 8);
    frame[15] = 2;
    throw_bytes(frame, 18, true);
    expect_alive();
    /* Half a message, then nothing. */
    frame[15] = 40;
    throw_bytes(frame, 20, false);
    stop();
}

Test(server, peers_that_never_read_do_not_hold_workers)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    uint8_t data[512] = "\0SP\0\0\060\0\0";
    size_t bytes;
    int fd;

    start();
    letter_get(&letter);
    letter.call.request_id = "bytes=1000000";
    frame.calls = &call;
    frame.n_calls = 1;
    fd = connect_port();
    cr_assert_eq(send(fd, data, 8, MSG_NOSIGNAL), 8);
    memset(data, 0, sizeof(data));
    bytes = 4 + depot__rpc__v1__request_frame__pack(&frame, data + 12);
    data[6] = (uint8_t)(bytes >> 8);
    data[7] = (uint8_t)bytes;
    data[8] = 0x80;
    for (int i = 0; i < 30; i++) {
        cr_assert_gt(send(fd, data, 8 + bytes, MSG_NOSIGNAL | MSG_DONTWAIT), 0);
    }
    /* Replies of 30 MB are not read; other peers are served all the while. */
    expect_alive();
    expect_alive();
    close(fd);
    stop();
}

/* --- ending --- */

Test(server, draining_serves_and_says_so)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__ReplyFrame *frame;
    nng_socket peer;

    start();
    peer = peer_open();
    rpc_server_drain(server);
    cr_assert_eq(health_of(peer, ""), NOT_SERVING);
    letter_get(&letter);
    frame = exchange(peer, &call, 1);
    cr_assert_eq(frame->replies[0]->code, STATUS_OK);
    cr_assert_eq(frame->workers, 0);
    frame_free(frame);
    nng_close(peer);
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
}

Test(server, close_lets_calls_finish)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    Depot__Rpc__V1__ReplyFrame *reply;
    nng_socket peer;
    nng_aio *aio;
    uint8_t data[512];

    start();
    peer = peer_open();
    letter_get(&letter);
    letter.call.request_id = "sleep=300";
    frame.calls = &call;
    frame.n_calls = 1;
    peer_send(peer, data, depot__rpc__v1__request_frame__pack(&frame, data));
    /* Receiving from the start: nng drops a reply that nobody waits for with its connection. */
    cr_assert_eq(nng_aio_alloc(&aio, NULL, NULL), 0);
    nng_recv_aio(peer, aio);
    while (service.at_work != 1) {
        poll(NULL, 0, 2);
    }
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
    cr_assert_eq(service.calls, 1);
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

Test(server, close_cuts_what_does_not_end)
{
    struct letter letter;
    Depot__Rpc__V1__Call *calls[] = {&letter.call, &letter.call};
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    nng_socket peer;
    nng_msg *message;
    uint8_t data[512];

    start();
    peer = peer_open();
    service.held = true;
    letter_get(&letter);
    frame.calls = calls;
    frame.n_calls = 2;
    peer_send(peer, data, depot__rpc__v1__request_frame__pack(&frame, data));
    while (service.at_work != 1) {
        poll(NULL, 0, 2);
    }
    cr_assert_eq(rpc_server_close(server, 50), 2);
    cr_assert_eq(nng_recvmsg(peer, &message, 0), NNG_ECONNRESET);
    nng_close(peer);
    service.held = false;
    while (service.closed != 2) {
        poll(NULL, 0, 2);
    }
    poll(NULL, 0, 100); /* the last thread frees the server: let the sanitizer see it */
}
