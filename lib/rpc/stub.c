#include "rpc/stub.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"

enum { TIMEOUT_MS = 5000 };

struct rpc_stub {
    ProtobufCService base; /* first: protobuf-c hands it back to us */
    const struct pb_service *service;
    struct rpc_client *client;
    struct rpc_stub_context context;
    struct rpc_request request;
    struct arena arena; /* of the last call */
    struct rpc_reply reply;
    ProtobufCMessage *message;
    bool done;
};

static void
invoke(ProtobufCService *service, unsigned method_index, const ProtobufCMessage *input,
       ProtobufCClosure closure, void *closure_data)
{
    struct rpc_stub *self = (struct rpc_stub *)service;

    ASSERT(method_index < self->service->n_methods);
    /* The outcome is kept for rpc_stub_status. */
    (void)rpc_stub_call(self, self->service->methods[method_index], input);
    closure(self->message, closure_data);
}

enum status
rpc_stub_open(const struct rpc_client_options *options, struct rpc_stub **stub, struct error *error)
{
    struct rpc_stub *self = calloc(1, sizeof(*self));
    enum status status;

    ASSERT(self != NULL);
    self->base.descriptor = options->service->descriptor;
    self->base.invoke = invoke;
    self->service = options->service;
    status = rpc_client_open(options, &self->client, error);
    if (status != STATUS_OK) {
        free(self);
        return status;
    }
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    rpc_stub_context(self, &(struct rpc_stub_context){0});
    *stub = self;
    return STATUS_OK;
}

void
rpc_stub_close(struct rpc_stub *self)
{
    rpc_client_close(self->client);
    arena_fini(&self->arena);
    free(self);
}

ProtobufCService *
rpc_stub_service(struct rpc_stub *self)
{
    return &self->base;
}

void
rpc_stub_context(struct rpc_stub *self, const struct rpc_stub_context *context)
{
    self->context = *context;
    if (self->context.timeout_ms == 0) {
        self->context.timeout_ms = TIMEOUT_MS;
    }
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static const char *
keep(struct arena *arena, const char *text)
{
    const char *kept = arena_strdup(arena, or_empty(text));

    return kept == NULL ? "" : kept;
}

static void
keep_violations(struct rpc_stub *self, const struct rpc_reply *reply)
{
    struct rpc_violation *kept = arena_alloc(&self->arena, reply->n_violations * sizeof(*kept));

    if (kept == NULL) {
        return;
    }
    for (size_t i = 0; i < reply->n_violations; i++) {
        kept[i].field = keep(&self->arena, reply->violations[i].field);
        kept[i].reason = keep(&self->arena, reply->violations[i].reason);
        kept[i].detail = keep(&self->arena, reply->violations[i].detail);
    }
    self->reply.violations = kept;
    self->reply.n_violations = reply->n_violations;
}

static void
fail(struct rpc_stub *self, const char *message)
{
    self->reply.status = reason_internal_error.code;
    self->reply.reason = reason_internal_error.name;
    self->reply.message = message;
}

/* The reply lives only while this runs: what the caller may look at later is copied. */
static void
on_done(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct rpc_stub *self = request->owner;
    const struct pb_message *schema = request->method->reply;

    self->done = true;
    self->reply = (struct rpc_reply){
        .status = reply->status,
        .reason = keep(&self->arena, reply->reason),
        .message = keep(&self->arena, reply->message),
        .detail_type = keep(&self->arena, reply->detail_type),
        .replayed = reply->replayed,
        .retry_after_ms = reply->retry_after_ms,
    };
    if (reply->n_violations > 0) {
        keep_violations(self, reply);
    }
    self->reply.detail = (uint8_t *)arena_copy(&self->arena, reply->detail, reply->detail_bytes);
    self->reply.detail_bytes = self->reply.detail == NULL ? 0 : reply->detail_bytes;
    self->reply.payload = (uint8_t *)arena_copy(&self->arena, reply->payload, reply->payload_bytes);
    self->reply.payload_bytes = self->reply.payload == NULL ? 0 : reply->payload_bytes;
    if (reply->status == STATUS_OK &&
        pb_unpack(&self->arena, schema, reply->payload, reply->payload_bytes, &self->message) !=
            STATUS_OK) {
        fail(self, "The reply of the service is not a valid message of its type.");
    }
}

static int
pause_ms(const struct rpc_stub *self)
{
    int64_t next_us = rpc_client_next_us(self->client);
    int64_t pause_us = next_us == INT64_MAX ? INT64_MAX : next_us - clock_us();

    if (pause_us <= 0) {
        return 0;
    }
    return pause_us / 1000 >= INT_MAX ? -1 : (int)(pause_us / 1000) + 1;
}

enum status
rpc_stub_call(struct rpc_stub *self, const struct pb_method *method,
              const ProtobufCMessage *request)
{
    struct pollfd fd = {.fd = rpc_client_fd(self->client), .events = POLLIN};

    arena_reset(&self->arena);
    self->message = NULL;
    self->done = false;
    self->request = (struct rpc_request){
        .method = method,
        .message = request,
        .principal = or_empty(self->context.principal),
        .request_id = or_empty(self->context.request_id),
        .traceparent = or_empty(self->context.traceparent),
        .idempotency_key = or_empty(self->context.idempotency_key),
        .access_token = or_empty(self->context.access_token),
        .client_address = or_empty(self->context.client_address),
        .deadline_us = clock_us() + (int64_t)self->context.timeout_ms * 1000,
        .done = on_done,
        .owner = self,
    };
    rpc_client_submit(self->client, &self->request);
    rpc_client_run(self->client);
    while (!self->done) {
        int rv = poll(&fd, 1, pause_ms(self));

        ASSERT(rv >= 0 || errno == EINTR);
        rpc_client_run(self->client);
    }
    return self->reply.status;
}

enum status
rpc_stub_status(const struct rpc_stub *self)
{
    return self->reply.status;
}

const struct rpc_reply *
rpc_stub_reply(const struct rpc_stub *self)
{
    return &self->reply;
}

const ProtobufCMessage *
rpc_stub_message(const struct rpc_stub *self)
{
    return self->message;
}
