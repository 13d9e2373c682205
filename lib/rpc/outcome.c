#include <string.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "rpc/client_parts.h"
#include "rpc/frame.h"

/*
 * What was to be sent again may have happened the first time: to say that nothing was changed would
 * be wrong.
 */
static bool
may_have_happened(const struct rpc_request *request)
{
    return request->attempts > 0 && !request->method->no_side_effects && !request->validate_only;
}

void
client_refuse(struct rpc_client *self, struct rpc_request *request, const struct reason *reason)
{
    bool nothing_changed = reason == &reason_service_down || reason == &reason_overloaded;

    ASSERT(request->list == NULL);
    request->refusal =
        nothing_changed && may_have_happened(request) ? &reason_outcome_unknown : reason;
    calls_append(&self->refused, request);
}

void
client_answer_refused(struct rpc_client *self)
{
    /* Only those that are here now: a `done` may submit again, in vain, without end. */
    for (size_t n = self->refused.n; n > 0 && self->refused.first != NULL; n--) {
        struct rpc_request *request = self->refused.first;
        const struct reason *reason = request->refusal;
        bool later = reason == &reason_overloaded || reason == &reason_service_down;
        struct rpc_reply reply = {
            .status = reason->code,
            .reason = reason->name,
            .message = reason->text,
            .detail_type = "",
            .retry_after_ms = later ? LIMIT_RETRY_AFTER_MS : 0,
        };

        calls_remove(request);
        request->done(request, &reply);
    }
}

/* A uniform number below `bound`, good enough to spread retries. */
static int64_t
jitter(struct rpc_client *self, int64_t bound)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return (int64_t)(self->random % (uint64_t)bound);
}

static bool
may_run_twice(const struct rpc_request *request)
{
    const struct pb_method *method = request->method;

    return method->idempotent || method->no_side_effects || request->validate_only ||
           (method->idempotency_key && request->idempotency_key[0] != '\0');
}

static void
delay(struct rpc_client *self, struct rpc_request *request, int64_t due_us)
{
    request->flight = NULL;
    request->due_us = due_us;
    calls_append(&self->delayed, request);
    client_due(self, due_us);
}

bool
client_retry(struct rpc_client *self, struct rpc_request *request, int64_t now_us)
{
    int64_t due_us = now_us + jitter(self, request->attempts * LIMIT_RETRY_JITTER_MS * 1000 + 1);

    if (!may_run_twice(request) || request->attempts >= LIMIT_CALL_ATTEMPTS ||
        self->credit < CREDIT_PER_RETRY || due_us >= request->deadline_us) {
        return false;
    }
    self->credit -= CREDIT_PER_RETRY;
    delay(self, request, due_us);
    return true;
}

/* Back to where it was: it had no effect. */
static void
requeue(struct rpc_client *self, struct rpc_request *request, int64_t now_us)
{
    request->flight = NULL;
    request->queued_us = now_us;
    request->attempts--;
    queue_prepend(&self->queue, request);
    client_due(self, now_us + LIMIT_QUEUE_WAIT_MS * 1000);
}

static void
no_answer(struct rpc_client *self, struct rpc_request *request, bool left, int64_t now_us)
{
    if (!left) {
        requeue(self, request, now_us);
    } else if (!client_retry(self, request, now_us)) {
        request->flight = NULL;
        client_refuse(self, request, &reason_service_down);
    }
}

void
client_release_lanes(struct rpc_client *self, struct rpc_flight *flight)
{
    for (unsigned i = 0; i < flight->n_affinities; i++) {
        queue_release(&self->queue, flight->affinities[i]);
    }
    flight->n_affinities = 0;
}

/*
 * The key of a call that was sent again may still be claimed by its own first attempt, which no
 * one has waited for; its outcome is worth waiting for.
 */
static bool
meets_itself(const struct rpc_request *request, const Depot__Rpc__V1__Reply *reply)
{
    return request->attempts > 1 && request->idempotency_key[0] != '\0' &&
           strcmp(reply->reason, reason_request_in_progress.name) == 0;
}

static void
answer(struct rpc_client *self, struct rpc_request *request, const Depot__Rpc__V1__Reply *reply,
       int64_t now_us)
{
    if (reply->again) {
        requeue(self, request, now_us);
        return;
    }
    if (meets_itself(request, reply)) {
        request->attempts--;
        delay(self, request,
              now_us + (LIMIT_RETRY_JITTER_MS + jitter(self, LIMIT_RETRY_JITTER_MS)) * 1000);
        return;
    }
    struct rpc_reply seen = frame_reply(&self->arena, reply);

    request->flight = NULL;
    request->done(request, &seen);
}

/* Backwards when calls go back to the front of the queue, so that they keep their order. */
static void
each_call(struct rpc_client *self, struct rpc_flight *flight,
          const Depot__Rpc__V1__ReplyFrame *frame, int64_t now_us)
{
    for (unsigned i = flight->n_calls; i-- > 0;) {
        struct rpc_request *request = flight->calls[i];

        if (request == NULL) {
            continue;
        }
        flight->calls[i] = NULL;
        if (frame == NULL) {
            no_answer(self, request, flight->left, now_us);
        } else {
            answer(self, request, frame->replies[i], now_us);
        }
    }
}

void
client_landed(struct rpc_client *self, struct rpc_flight *flight, int64_t now_us)
{
    const Depot__Rpc__V1__ReplyFrame *frame = NULL;

    client_release_lanes(self, flight);
    if (flight->reply != NULL) {
        arena_reset(&self->arena);
        frame = frame_read_replies(&self->arena, nng_msg_body(flight->reply),
                                   nng_msg_len(flight->reply), flight->n_calls);
        nng_msg_free(flight->reply);
        flight->reply = NULL;
        replica_heard(flight->replica, frame == NULL ? flight->replica->workers : frame->workers,
                      now_us);
    } else if (flight->left) {
        replica_lost(flight);
    }
    if (frame != NULL && frame->workers == 0 && frame->replies[0]->again) {
        flight->replica->leaving = true;
    }
    each_call(self, flight, frame, now_us);
    replica_land(flight);
}
