#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"
#include "rpc/endpoint.h"
#include "rpc/frame.h"
#include "rpc/serving.h"

/*
 * REPLY_BARE_BYTES is an upper bound of a reply with nothing but code, reason and a short message:
 * kept free in a frame for every call, so that each can be answered somehow. FAILURE_BYTES bounds
 * what may be said about a failure.
 */
enum { REPLY_BARE_BYTES = 512, FAILURE_BYTES = 64 * 1024 };

static size_t
size_of(const Depot__Rpc__V1__Reply *reply)
{
    return depot__rpc__v1__reply__get_packed_size(reply) + 8; /* tag and length in the frame */
}

/* Text of ours as it may stand in a message: a peer refuses whole frames for less. */
static char *
text_of(const char *text, const char *instead)
{
    bool fine = text != NULL && utf8_valid(text, strlen(text), NULL);

    return (char *)(fine ? text : instead);
}

static void
set_bare(Depot__Rpc__V1__Reply *reply, const struct reason *reason, const char *message)
{
    depot__rpc__v1__reply__init(reply);
    reply->code = (uint32_t)reason->code;
    reply->reason = (char *)reason->name;
    reply->message = (char *)message;
}

static void
add_violations(struct arena *arena, Depot__Rpc__V1__Reply *reply, const struct problem *problem)
{
    Depot__Rpc__V1__Violation *all = arena_alloc(arena, problem->n_violations * sizeof(*all));

    reply->violations = arena_alloc(arena, problem->n_violations * sizeof(*reply->violations));
    if (all == NULL || reply->violations == NULL) {
        return;
    }
    for (const struct violation *v = problem->violations; v != NULL; v = v->next) {
        Depot__Rpc__V1__Violation *one = &all[reply->n_violations];

        ASSERT(reply->n_violations < problem->n_violations);
        depot__rpc__v1__violation__init(one);
        one->field = text_of(v->field, "");
        one->reason = (char *)v->reason->name;
        one->detail = text_of(v->detail, (char *)v->reason->title);
        reply->violations[reply->n_violations++] = one;
    }
}

static void
add_extra(struct arena *arena, Depot__Rpc__V1__Reply *reply, const struct problem *problem)
{
    uint8_t *detail;
    size_t bytes;

    detail = pb_pack(arena, problem->extra, &bytes);
    if (detail != NULL) {
        reply->detail_type = (char *)problem->extra_schema->full_name;
        reply->detail.data = detail;
        reply->detail.len = bytes;
    }
}

static void
set_failure(struct slot *slot, Depot__Rpc__V1__Reply *reply)
{
    const struct problem *problem = &slot->served.call.problem;
    const struct reason *reason = problem->reason;

    /* What is wrong inside stays inside: the executor logs it. */
    if (reason == NULL || reason->code == STATUS_INTERNAL) {
        set_bare(reply, &reason_internal_error, reason_internal_error.text);
        return;
    }
    set_bare(reply, reason, text_of(problem->detail, reason->title));
    reply->retry_after_ms = problem->retry_after_ms;
    if (problem->n_violations > 0) {
        add_violations(&slot->arena, reply, problem);
    }
    if (problem->extra != NULL) {
        add_extra(&slot->arena, reply, problem);
    }
    if (size_of(reply) > FAILURE_BYTES) {
        set_bare(reply, reason, reason->title);
        reply->retry_after_ms = problem->retry_after_ms;
    }
}

static void
set_too_large(const struct slot *slot, Depot__Rpc__V1__Reply *reply)
{
    ASSERT(slot->served.method != NULL); /* it was worked on */
    set_bare(reply, &reason_reply_too_large,
             slot->served.method->no_side_effects
                 ? "The answer is too large; ask for less."
                 : "It was done, but the answer is too large to be sent.");
}

static void
set_success(struct slot *slot, Depot__Rpc__V1__Reply *reply)
{
    struct rpc_served *served = &slot->served;

    depot__rpc__v1__reply__init(reply);
    reply->replayed = served->replayed;
    if (served->reply_payload != NULL) {
        reply->payload.data = (uint8_t *)served->reply_payload;
        reply->payload.len = served->reply_payload_bytes;
    } else {
        ASSERT(served->reply != NULL);
        if (protobuf_c_message_get_packed_size(served->reply) <= LIMIT_REPLY_BYTES) {
            reply->payload.data = pb_pack(&slot->arena, served->reply, &reply->payload.len);
        }
        if (reply->payload.data == NULL) {
            reply->payload.len = LIMIT_REPLY_BYTES + 1; /* or its memory was used up */
        }
    }
    if (reply->payload.len > LIMIT_REPLY_BYTES) {
        set_too_large(slot, reply);
    }
}

/* Makes it as small as it must be; `*room` shrinks by what it takes then. */
static void
fit(const struct slot *slot, Depot__Rpc__V1__Reply *reply, size_t *room)
{
    size_t bytes = size_of(reply);

    if (bytes > *room && slot->served.method != NULL && slot->served.method->no_side_effects) {
        depot__rpc__v1__reply__init(reply);
        reply->again = true;
        bytes = size_of(reply);
    } else if (bytes > *room && slot->served.status == STATUS_OK) {
        set_too_large(slot, reply);
        bytes = size_of(reply);
    } else if (bytes > *room) {
        const struct reason *reason = slot->served.call.problem.reason;

        set_bare(reply, reason, reason->title);
        bytes = size_of(reply);
    }
    ASSERT(bytes <= *room);
    *room -= bytes;
}

static void
set_reply(struct slot *slot, Depot__Rpc__V1__Reply *reply)
{
    if (slot->again) {
        depot__rpc__v1__reply__init(reply);
        reply->again = true;
    } else if (slot->served.status == STATUS_OK) {
        set_success(slot, reply);
    } else {
        set_failure(slot, reply);
    }
}

static void
set_excess(Depot__Rpc__V1__ReplyFrame *frame, size_t first, Depot__Rpc__V1__Reply *excess)
{
    set_bare(excess, &reason_overloaded, "");
    for (size_t i = first; i < frame->n_replies; i++) {
        frame->replies[i] = excess;
    }
}

nng_msg *
reply_frame(struct arena *arena, struct slot *slots, size_t n_slots, size_t n_calls,
            unsigned workers)
{
    Depot__Rpc__V1__ReplyFrame frame = DEPOT__RPC__V1__REPLY_FRAME__INIT;
    Depot__Rpc__V1__Reply replies[LIMIT_FRAME_CALLS], excess;
    size_t room;

    frame.workers = workers;
    frame.n_replies = n_calls;
    frame.replies = arena_alloc(arena, n_calls * sizeof(*frame.replies));
    ASSERT(frame.replies != NULL && n_slots <= LIMIT_FRAME_CALLS);
    set_excess(&frame, n_slots, &excess);
    room = LIMIT_FRAME_BYTES - FRAME_SPARE_BYTES - (n_calls - n_slots) * size_of(&excess);
    room -= n_slots * REPLY_BARE_BYTES;
    for (size_t i = 0; i < n_slots; i++) {
        room += REPLY_BARE_BYTES; /* its own share */
        set_reply(&slots[i], &replies[i]);
        fit(&slots[i], &replies[i], &room);
        frame.replies[i] = &replies[i];
    }
    return endpoint_message(&frame.base);
}

nng_msg *
reply_malformed(unsigned workers)
{
    Depot__Rpc__V1__ReplyFrame frame = DEPOT__RPC__V1__REPLY_FRAME__INIT;
    Depot__Rpc__V1__Reply reply, *replies[] = {&reply};

    set_bare(&reply, &reason_malformed_message, "The frame is not a valid message.");
    frame.workers = workers;
    frame.n_replies = 1;
    frame.replies = replies;
    return endpoint_message(&frame.base);
}
