#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "depot/rpc/v1/envelope.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "grpc/health/v1/health.schema.h"
#include "pb/validate.h"
#include "pb/wire.h"
#include "rpc/frame.h"
#include "rpc/serving.h"

static unsigned
announced_workers(const struct rpc_server *server)
{
    return atomic_load(&server->draining) ? 0 : server->n_workers;
}

static bool
is_late(const struct call *call)
{
    return call->deadline_us != INT64_MAX && clock_us() >= call->deadline_us;
}

static enum status
fail_late(struct call *call)
{
    return call_fail(call, &reason_deadline_exceeded,
                     "The time was over before the call was taken up; nothing was changed.");
}

/* Reads the request and checks it against the contract. */
static enum status
read_request(struct rpc_served *served, const Depot__Rpc__V1__Call *call)
{
    struct call *context = &served->call;
    ProtobufCMessage *message;
    enum status status;

    status = pb_unpack(context->arena, served->method->request, call->payload.data,
                       call->payload.len, &message);
    if (status == STATUS_RESOURCE_EXHAUSTED) {
        return call_fail(context, &reason_malformed_message, "The message is too large.");
    }
    if (status != STATUS_OK) {
        return call_fail(context, &reason_malformed_message,
                         "The request is not a valid message of its type.");
    }
    served->request = message;
    return pb_validate(context, served->method->request, message);
}

/* What comes with a call goes into logs and digests: it keeps to what our own client sends. */
static bool
is_bounded(const struct call *call, const char *token)
{
    return strlen(call->principal) <= LIMIT_PRINCIPAL_BYTES &&
           strlen(call->request_id) <= LIMIT_REQUEST_ID_BYTES &&
           strlen(call->traceparent) <= LIMIT_TRACEPARENT_BYTES &&
           strlen(call->idempotency_key) <= LIMIT_IDEMPOTENCY_KEY_BYTES &&
           strlen(call->client_address) <= LIMIT_CLIENT_ADDRESS_BYTES &&
           strlen(token) <= LIMIT_ACCESS_TOKEN_BYTES;
}

static bool
is_health(const struct rpc_served *served)
{
    return served->method == &grpc__health__v1__health__check__method;
}

/* Who may ask for it; before a byte of the request is looked at. */
static enum status
authorise(const struct worker *self, struct rpc_served *served, const char *token)
{
    const struct rpc_executor *executor = &self->server->executor;

    if (served->method->access == PB_ROLE_OPERATOR) {
        return call_fail(&served->call, &reason_not_allowed,
                         "Only the service's own operator may do this.");
    }
    if (executor->authorise == NULL || is_health(served)) {
        return STATUS_OK;
    }
    return executor->authorise(executor->closure, served, token);
}

/* What is only tried is rolled back: a failed login would not count as one. */
static enum status
check_trial(struct rpc_served *served)
{
    if (served->call.validate_only && !served->method->validate_only) {
        return call_fail(&served->call, &reason_unknown_parameter,
                         "The method cannot be only tried: it takes no `validate_only`.");
    }
    return STATUS_OK;
}

static enum status
take_up(struct worker *self, struct slot *slot, const Depot__Rpc__V1__Call *call)
{
    struct rpc_served *served = &slot->served;
    enum status status;

    if (!is_bounded(&served->call, call->access_token)) {
        return call_fail(&served->call, &reason_malformed_message,
                         "What the call says of itself is too long.");
    }
    if (is_late(&served->call)) {
        return fail_late(&served->call);
    }
    served->method = pb_method_find(self->server->services, call->method);
    if (served->method == NULL) {
        return call_fail(&served->call, &reason_method_unknown, "The service has no such method.");
    }
    status = authorise(self, served, call->access_token);
    status = status == STATUS_OK ? check_trial(served) : status;
    if (status == STATUS_OK) {
        status = read_request(served, call);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (is_health(served)) {
        health_answer(self->server, slot);
        return STATUS_OK;
    }
    slot->pending = true;
    return STATUS_INTERNAL; /* until the executor says otherwise */
}

static void
slot_open(struct slot *slot, const Depot__Rpc__V1__Call *call, int64_t arrived_us)
{
    arena_reset(&slot->arena);
    slot->served = (struct rpc_served){0};
    slot->pending = false;
    slot->again = false;
    call_init(&slot->served.call, &slot->arena);
    slot->served.call.principal = call->principal;
    slot->served.call.request_id = call->request_id;
    slot->served.call.traceparent = call->traceparent;
    slot->served.call.idempotency_key = call->idempotency_key;
    slot->served.call.client_address = call->client_address;
    slot->served.call.validate_only = call->validate_only;
    slot->served.payload = call->payload.data;
    slot->served.payload_bytes = call->payload.len;
    if (call->timeout_ms != 0) {
        slot->served.call.deadline_us = arrived_us + (int64_t)call->timeout_ms * 1000;
    }
}

static bool
has_same_key(const struct rpc_served *one, const struct rpc_served *other)
{
    return one->call.idempotency_key[0] != '\0' && one->method == other->method &&
           strcmp(one->call.idempotency_key, other->call.idempotency_key) == 0 &&
           strcmp(one->call.principal, other->call.principal) == 0;
}

/* What the frames of our own client keep to by themselves; others' frames are cut to it. */
static bool
goes_with(const struct rpc_served *served, struct rpc_served *const *calls, size_t n)
{
    if (n == 0) {
        return true;
    }
    if (served->method->class != calls[0]->method->class ||
        n == frame_max_calls(served->method->class)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (has_same_key(served, calls[i])) {
            return false;
        }
    }
    return true;
}

static void
note_refused(const struct worker *self, const struct slot *slot)
{
    const struct rpc_executor *executor = &self->server->executor;

    if (executor->refused != NULL && slot->served.status != STATUS_OK) {
        executor->refused(executor->closure, &slot->served);
    }
}

/* The calls that the executor gets next, in one go. */
static size_t
next_batch(struct worker *self, size_t n_slots, struct rpc_served **calls)
{
    size_t n = 0;

    for (size_t i = 0; i < n_slots; i++) {
        struct slot *slot = &self->slots[i];

        if (slot->pending && is_late(&slot->served.call)) {
            slot->served.status = fail_late(&slot->served.call);
            slot->pending = false;
            note_refused(self, slot);
        } else if (slot->pending && goes_with(&slot->served, calls, n)) {
            calls[n++] = &slot->served;
            slot->pending = false;
        }
    }
    return n;
}

static nng_msg *
serve(struct worker *self, const Depot__Rpc__V1__RequestFrame *frame, int64_t arrived_us)
{
    bool refuse = atomic_load(&self->server->closing) && !self->for_health;
    size_t n_slots = frame->n_calls < LIMIT_FRAME_CALLS ? frame->n_calls : LIMIT_FRAME_CALLS;
    struct rpc_served *calls[LIMIT_FRAME_CALLS];
    size_t n;

    for (size_t i = 0; i < n_slots; i++) {
        struct slot *slot = &self->slots[i];

        slot_open(slot, frame->calls[i], arrived_us);
        if (refuse) {
            slot->again = true;
        } else {
            slot->served.status = take_up(self, slot, frame->calls[i]);
            if (!slot->pending) {
                note_refused(self, slot);
            }
        }
    }
    while ((n = next_batch(self, n_slots, calls)) > 0) {
        self->server->executor.execute(self->state, calls, n);
    }
    self->arena.cap_bytes = 0; /* what is needed now is bounded by the frame */
    return reply_frame(&self->arena, self->slots, n_slots, frame->n_calls,
                       announced_workers(self->server));
}

static const Depot__Rpc__V1__RequestFrame *
read_frame(struct worker *self, const struct lane *lane)
{
    ProtobufCMessage *message;
    Depot__Rpc__V1__RequestFrame *frame;

    arena_reset(&self->arena);
    self->arena.cap_bytes = LIMIT_FRAME_ARENA_BYTES;
    if (pb_unpack(&self->arena, &depot__rpc__v1__request_frame__schema, nng_msg_body(lane->frame),
                  nng_msg_len(lane->frame), &message) != STATUS_OK) {
        return NULL;
    }
    frame = (Depot__Rpc__V1__RequestFrame *)message;
    return frame->n_calls == 0 ? NULL : frame;
}

static bool
is_check_only(const Depot__Rpc__V1__RequestFrame *frame)
{
    for (size_t i = 0; i < frame->n_calls; i++) {
        if (strcmp(frame->calls[i]->method, grpc__health__v1__health__check__method.path) != 0) {
            return false;
        }
    }
    return frame->n_calls <= LIMIT_FRAME_CALLS;
}

/* A frame that only looked like a Check: workers must see to it. */
static void
hand_over(struct rpc_server *server, struct lane *lane)
{
    pthread_mutex_lock(&server->mutex);
    lanes_append(&server->frames, lane);
    server->n_waiting++;
    pthread_mutex_unlock(&server->mutex);
    pthread_cond_signal(&server->frame_came);
}

static void
note_calls(struct worker *self, size_t n_calls)
{
    pthread_mutex_lock(&self->server->mutex);
    self->n_calls = n_calls;
    pthread_mutex_unlock(&self->server->mutex);
}

static void
work(struct worker *self, struct lane *lane)
{
    const Depot__Rpc__V1__RequestFrame *frame = read_frame(self, lane);
    nng_msg *reply;

    if (frame == NULL) {
        lane_reply(lane, reply_malformed(announced_workers(self->server)));
        return;
    }
    if (self->for_health && !is_check_only(frame)) {
        hand_over(self->server, lane);
        return;
    }
    note_calls(self, frame->n_calls);
    reply = serve(self, frame, lane->arrived_us);
    lane_reply(lane, reply);
}

/* The next frame, or NULL at the end. Until then the worker is busy. */
static struct lane *
wait_for_frame(struct worker *self)
{
    struct rpc_server *server = self->server;
    struct lanes *lanes = self->for_health ? &server->checks : &server->frames;
    pthread_cond_t *came = self->for_health ? &server->check_came : &server->frame_came;
    struct lane *lane = NULL;

    pthread_mutex_lock(&server->mutex);
    while (!server->ended && lanes->first == NULL) {
        pthread_cond_wait(came, &server->mutex);
    }
    if (!server->ended) {
        lane = lanes_pop(lanes);
        server->n_waiting--;
        server->n_busy++;
    }
    pthread_mutex_unlock(&server->mutex);
    return lane;
}

static void
rest(struct worker *self)
{
    struct rpc_server *server = self->server;

    pthread_mutex_lock(&server->mutex);
    server->n_busy--;
    self->n_calls = 0;
    pthread_cond_signal(&server->calmed);
    pthread_mutex_unlock(&server->mutex);
}

void *
worker_run(void *worker)
{
    struct worker *self = worker;
    struct rpc_server *server = self->server;
    struct lane *lane;
    bool last;

    if (!self->for_health && server->executor.worker_open != NULL) {
        self->state = server->executor.worker_open(server->executor.closure, self->index);
    }
    while ((lane = wait_for_frame(self)) != NULL) {
        work(self, lane);
        rest(self);
    }
    if (!self->for_health && server->executor.worker_close != NULL) {
        server->executor.worker_close(self->state);
    }
    pthread_mutex_lock(&server->mutex);
    server->n_running--;
    last = server->orphaned && server->n_running == 0;
    pthread_mutex_unlock(&server->mutex);
    if (last) {
        server_free(server);
    }
    return NULL;
}
