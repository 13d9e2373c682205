/* How a client learns whether a replica lives and serves. */
#include "base/assert.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/health/v1/health.schema.h"
#include "pb/wire.h"
#include "rpc/endpoint.h"
#include "rpc/frame.h"
#include "rpc/replica.h"

enum { TIMEOUTS_TO_EJECT = 2 };

static nng_msg *
check_message(const struct replica *self)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    Depot__Rpc__V1__Call call = DEPOT__RPC__V1__CALL__INIT;
    Depot__Rpc__V1__Call *calls[] = {&call};
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    uint8_t payload[256];

    request.service = (char *)self->service->full_name;
    call.method = (char *)grpc__health__v1__health__check__method.path;
    call.payload.len = grpc__health__v1__health_check_request__get_packed_size(&request);
    ASSERT(call.payload.len <= sizeof(payload));
    grpc__health__v1__health_check_request__pack(&request, payload);
    call.payload.data = payload;
    frame.calls = calls;
    frame.n_calls = 1;
    return endpoint_message(&frame.base);
}

static void
check_send(struct replica *self, int64_t now_us)
{
    self->checking = true;
    self->check_due_us = INT64_MAX;
    self->check_timeout_us = now_us + LIMIT_PROBE_MS * 1000;
    flight_send(&self->check, check_message(self), now_us);
}

static void
count_timeout(struct replica *self)
{
    self->timeouts++;
    if (self->timeouts >= TIMEOUTS_TO_EJECT) {
        self->ejected = true;
    }
}

void
replica_suspect(struct replica *self, int64_t now_us)
{
    if (self->checking || !self->connected) {
        return; /* that Check's fate decides */
    }
    count_timeout(self);
    check_send(self, now_us);
}

/* The next time at which something about Checks is to be done. */
static int64_t
watch_check(struct replica *self, int64_t now_us)
{
    if (!self->checking) {
        if (!self->connected || now_us < self->check_due_us) {
            return self->connected ? self->check_due_us : INT64_MAX;
        }
        check_send(self, now_us);
    }
    if (now_us >= self->check_timeout_us) {
        self->check_timeout_us = now_us + LIMIT_PROBE_MS * 1000;
        count_timeout(self);
    }
    if (now_us >= self->check.sent_us + LIMIT_CHECK_LOST_MS * 1000) {
        flight_cancel(&self->check);
    }
    return self->check_timeout_us;
}

int64_t
replica_watch(struct replica *self, int64_t now_us)
{
    int64_t due_us = watch_check(self, now_us);

    if (now_us >= self->redial_us) {
        replica_redial(self, now_us);
    }
    return due_us < self->redial_us ? due_us : self->redial_us;
}

/* Whether the reply says SERVING; false also when it makes no sense. */
static bool
says_serving(struct arena *arena, const Depot__Rpc__V1__Reply *reply)
{
    ProtobufCMessage *message;

    return reply->code == STATUS_OK &&
           pb_unpack(arena, &grpc__health__v1__health_check_response__schema, reply->payload.data,
                     reply->payload.len, &message) == STATUS_OK &&
           ((Grpc__Health__V1__HealthCheckResponse *)message)->status ==
               GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}

void
replica_checked(struct replica *self, struct arena *arena, int64_t now_us)
{
    nng_msg *message = self->check.reply;
    const Depot__Rpc__V1__ReplyFrame *frame = NULL;

    self->checking = false;
    self->check_timeout_us = INT64_MAX;
    self->check_due_us = now_us + LIMIT_PROBE_MS * 1000;
    if (message == NULL) {
        return;
    }
    arena_reset(arena);
    frame = frame_read_replies(arena, nng_msg_body(message), nng_msg_len(message), 1);
    if (frame != NULL) {
        self->serving = says_serving(arena, frame->replies[0]);
        self->checked = true;
        self->ejected = false;
        replica_heard(self, frame->workers, now_us);
        if (self->serving) {
            self->check_due_us = now_us + LIMIT_CHECK_MS * 1000;
        }
    }
    nng_msg_free(message);
    self->check.reply = NULL;
}
