#include "rpc/frame.h"

#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "depot/rpc/v1/envelope.schema.h"
#include "pb/wire.h"

size_t frame_max_calls(enum pb_class class)
{
    switch (class) {
    case PB_CLASS_LIST:
        return LIMIT_FRAME_LISTS;
    case PB_CLASS_LONG:
        return 1;
    default:
        return LIMIT_FRAME_CALLS;
    }
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

size_t
frame_call_bytes(const struct rpc_request *request)
{
    return FRAME_CALL_BYTES + strlen(request->method->path) + strlen(request->principal) +
           strlen(request->request_id) + strlen(request->traceparent) +
           strlen(request->idempotency_key) + strlen(or_empty(request->access_token)) +
           strlen(or_empty(request->client_address)) +
           protobuf_c_message_get_packed_size(request->message);
}

static uint32_t
remaining_ms(const struct rpc_request *request, int64_t now_us)
{
    int64_t left_us = request->deadline_us - now_us;

    if (request->deadline_us == INT64_MAX) {
        return 0;
    }
    if (left_us < 1000) {
        return 1;
    }
    return left_us / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(left_us / 1000);
}

static Depot__Rpc__V1__Call *
call_of(struct arena *arena, const struct rpc_request *request, int64_t now_us)
{
    Depot__Rpc__V1__Call *call = arena_alloc(arena, sizeof(*call));

    ASSERT(call != NULL);
    depot__rpc__v1__call__init(call);
    call->method = (char *)request->method->path;
    call->timeout_ms = remaining_ms(request, now_us);
    call->principal = (char *)request->principal;
    call->request_id = (char *)request->request_id;
    call->traceparent = (char *)request->traceparent;
    call->idempotency_key = (char *)request->idempotency_key;
    call->validate_only = request->validate_only;
    call->access_token = (char *)or_empty(request->access_token);
    call->client_address = (char *)or_empty(request->client_address);
    call->payload.data = pb_pack(arena, request->message, &call->payload.len);
    ASSERT(call->payload.data != NULL); /* the frame's size was bounded before */
    return call;
}

const ProtobufCMessage *
frame_of_calls(struct arena *arena, struct rpc_request *const *calls, size_t n, int64_t now_us)
{
    Depot__Rpc__V1__RequestFrame *frame = arena_alloc(arena, sizeof(*frame));

    ASSERT(frame != NULL);
    depot__rpc__v1__request_frame__init(frame);
    frame->n_calls = n;
    frame->calls = arena_alloc(arena, n * sizeof(*frame->calls));
    ASSERT(frame->calls != NULL);
    for (size_t i = 0; i < n; i++) {
        frame->calls[i] = call_of(arena, calls[i], now_us);
    }
    return &frame->base;
}

const Depot__Rpc__V1__ReplyFrame *
frame_read_replies(struct arena *arena, const void *data, size_t bytes, size_t n)
{
    ProtobufCMessage *message;
    Depot__Rpc__V1__ReplyFrame *frame;
    Depot__Rpc__V1__Reply **replies;

    if (pb_unpack(arena, &depot__rpc__v1__reply_frame__schema, data, bytes, &message) !=
        STATUS_OK) {
        return NULL;
    }
    frame = (Depot__Rpc__V1__ReplyFrame *)message;
    if (frame->n_replies == n) {
        return frame;
    }
    if (frame->n_replies != 1 || frame->replies[0]->code == STATUS_OK) {
        return NULL;
    }
    replies = arena_alloc(arena, n * sizeof(*replies));
    if (replies == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        replies[i] = frame->replies[0];
    }
    frame->replies = replies;
    frame->n_replies = n;
    return frame;
}

static const struct rpc_violation *
violations_of(struct arena *arena, const Depot__Rpc__V1__Reply *reply)
{
    struct rpc_violation *violations =
        arena_alloc(arena, reply->n_violations * sizeof(*violations));

    if (violations == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < reply->n_violations; i++) {
        violations[i] = (struct rpc_violation){
            .field = reply->violations[i]->field,
            .reason = reply->violations[i]->reason,
            .detail = reply->violations[i]->detail,
        };
    }
    return violations;
}

struct rpc_reply
frame_reply(struct arena *arena, const Depot__Rpc__V1__Reply *reply)
{
    struct rpc_reply seen = {
        .status = reply->code <= STATUS_UNAUTHENTICATED ? (enum status)reply->code : STATUS_UNKNOWN,
        .reason = reply->reason,
        .message = reply->message,
        .detail_type = reply->detail_type,
        .detail = reply->detail.data,
        .detail_bytes = reply->detail.len,
        .payload = reply->payload.data,
        .payload_bytes = reply->payload.len,
        .replayed = reply->replayed,
        .retry_after_ms = reply->retry_after_ms,
    };

    if (reply->n_violations != 0) {
        seen.violations = violations_of(arena, reply);
        seen.n_violations = seen.violations == NULL ? 0 : reply->n_violations;
    }
    return seen;
}
