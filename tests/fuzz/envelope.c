/*
 * The envelope: what a service makes of a frame, from its bytes to the reply, and what a client
 * makes of a reply. No sockets: the worker is given frames as if they had come through nng.
 *
 * Input: 0, then a frame of calls; or the number of calls that are waited for, then a frame of
 * replies.
 */
#include <stdlib.h>
#include <string.h>

#include "depot/rpc/v1/envelope.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fuzz.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/wire.h"
#include "rpc/frame.h"

/* Takes worker.o's place: what it keeps to itself is what is to be tried. */
#include "rpc/worker.c" // NOLINT(bugprone-suspicious-include)

/* Every kind of outcome, chosen by the call's request id. */
static void
answer(struct rpc_served *served)
{
    switch (served->call.request_id[0]) {
    case 'v':
        call_violation(&served->call, &reason_too_long, "/name", "%s", served->call.principal);
        served->status = call_invalid(&served->call, &reason_validation_failed);
        break;
    case 'i':
        served->status = call_fail(&served->call, &reason_internal_error, "secret");
        break;
    case 'p':
        served->reply_payload = served->payload;
        served->reply_payload_bytes = served->payload_bytes;
        served->replayed = true;
        served->status = STATUS_OK;
        break;
    default:
        served->reply = pb_new(served->call.arena, served->method->reply);
        served->status = served->reply == NULL
                             ? call_fail(&served->call, &reason_internal_error, "memory")
                             : STATUS_OK;
    }
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n_calls)
{
    (void)worker;
    ASSERT(n_calls > 0 && n_calls <= LIMIT_FRAME_CALLS);
    for (size_t i = 0; i < n_calls; i++) {
        ASSERT(calls[i]->method->class == calls[0]->method->class);
        answer(calls[i]);
    }
}

/* A worker without threads and sockets. */
static struct worker *
worker_get(void)
{
    static struct rpc_server server;
    static struct worker worker;
    static const struct pb_service *services[16];

    if (worker.server == NULL) {
        size_t n = 0;

        for (; http_contract.services[n] != NULL; n++) {
            services[n] = http_contract.services[n];
        }
        services[n] = &grpc__health__v1__health__service;
        server.services = services;
        server.n_workers = 3;
        server.executor.execute = execute;
        worker.server = &server;
        arena_init(&worker.arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_FRAME_ARENA_BYTES);
        for (size_t i = 0; i < LIMIT_FRAME_CALLS; i++) {
            arena_init(&worker.slots[i].arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
        }
    }
    return &worker;
}

/* What a client sees of one reply, and what the gateway then makes of it. */
static void
look_at(struct arena *arena, const Depot__Rpc__V1__Reply *reply)
{
    struct rpc_reply seen = frame_reply(arena, reply);
    const struct pb_message *schema = http_message_find(&http_contract, seen.detail_type);
    struct buf out = BUF_INIT;
    ProtobufCMessage *message;
    struct call call;

    call_init(&call, arena);
    for (size_t i = 0; i < seen.n_violations; i++) {
        call_violation(&call, &reason_too_long, seen.violations[i].field, "%s",
                       seen.violations[i].detail);
    }
    if (schema != NULL &&
        pb_unpack(arena, schema, seen.detail, seen.detail_bytes, &message) == STATUS_OK) {
        call_extra(&call, schema, message);
    }
    call_fail(&call, &reason_validation_failed, "%s %s", seen.reason, seen.message);
    fuzz_expect_problem(&call, NULL);
    schema = http_message_find(&http_contract, "depot.inventory.v1.ListAllocationsResponse");
    ASSERT(schema != NULL);
    if (pb_unpack(arena, schema, seen.payload, seen.payload_bytes, &message) == STATUS_OK) {
        pb_json_write(&out, schema, message);
        fuzz_expect_json(&out);
    }
    buf_fini(&out);
}

static size_t
read_replies(const void *data, size_t bytes, size_t n)
{
    const Depot__Rpc__V1__ReplyFrame *frame;
    struct arena arena;
    size_t n_replies = 0;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_FRAME_ARENA_BYTES);
    frame = frame_read_replies(&arena, data, bytes, n);
    if (frame != NULL) {
        n_replies = frame->n_replies;
        ASSERT(n_replies == n);
        arena.cap_bytes = 0;
        for (size_t i = 0; i < n; i++) {
            look_at(&arena, frame->replies[i]);
        }
    }
    arena_fini(&arena);
    return n_replies;
}

/* What a service answers is what a client can read, with a reply to every call. */
static void
serve_frame(const uint8_t *data, size_t bytes)
{
    struct worker *worker = worker_get();
    const Depot__Rpc__V1__RequestFrame *frame;
    struct lane lane = {0};
    nng_msg *reply;

    ASSERT(nng_msg_alloc(&lane.frame, 0) == 0);
    ASSERT(nng_msg_append(lane.frame, data, bytes) == 0);
    frame = read_frame(worker, &lane);
    if (frame == NULL) {
        reply = reply_malformed(3);
        ASSERT(read_replies(nng_msg_body(reply), nng_msg_len(reply), 1) == 1);
    } else {
        size_t n_calls = frame->n_calls;

        reply = serve(worker, frame, clock_us());
        ASSERT(nng_msg_len(reply) <= LIMIT_FRAME_BYTES);
        ASSERT(read_replies(nng_msg_body(reply), nng_msg_len(reply), n_calls) == n_calls);
    }
    nng_msg_free(reply);
    nng_msg_free(lane.frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t n = fuzz_byte(&data, &bytes);
    char *copy = fuzz_copy(data, bytes);

    if (n == 0) {
        serve_frame((const uint8_t *)copy, bytes);
    } else {
        read_replies(copy, bytes, 1 + (size_t)(n - 1) % LIMIT_FRAME_CALLS);
    }
    free(copy);
    return 0;
}
