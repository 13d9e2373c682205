/* From a service's reply to an answer. */
#include <string.h>

#include "connection.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "exchange.h"
#include "exchange_rpc.h"
#include "http/link.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/wire.h"

/* The reason that a service named; one that this gateway's contract does not know, by its code. */
static const struct reason *
reason_of(const struct exchange *self, const char *name, enum status code)
{
    const struct reason *known = http_reason_find(self->gateway->contract, name);

    if (known != NULL) {
        return known;
    }
    switch (code) {
    case STATUS_INVALID_ARGUMENT:
        return &reason_validation_failed;
    case STATUS_NOT_FOUND:
        return &reason_resource_not_found;
    case STATUS_DEADLINE_EXCEEDED:
        return &reason_deadline_exceeded;
    case STATUS_UNAUTHENTICATED:
        return &reason_token_invalid;
    case STATUS_PERMISSION_DENIED:
        return &reason_not_allowed;
    case STATUS_UNAVAILABLE:
        return &reason_service_down;
    case STATUS_RESOURCE_EXHAUSTED:
        return &reason_overloaded;
    default:
        return &reason_internal_error;
    }
}

static void
take_violations(struct exchange *self, const struct rpc_reply *reply)
{
    for (size_t i = 0; i < reply->n_violations; i++) {
        const struct rpc_violation *violation = &reply->violations[i];

        call_violation(&self->call, reason_of(self, violation->reason, STATUS_INVALID_ARGUMENT),
                       violation->field, "%s", violation->detail);
    }
}

/* What the service adds, if it is a message that the contract knows. */
static void
take_detail(struct exchange *self, const struct rpc_reply *reply)
{
    const struct pb_message *schema =
        reply->detail_type[0] == '\0'
            ? NULL
            : http_message_find(self->gateway->contract, reply->detail_type);
    ProtobufCMessage *message;

    if (schema != NULL && pb_unpack(&self->arena, schema, reply->detail, reply->detail_bytes,
                                    &message) == STATUS_OK) {
        call_extra(&self->call, schema, message);
    }
}

void
exchange_take_failure(struct exchange *self, const struct rpc_reply *reply)
{
    const struct reason *reason = reason_of(self, reply->reason, reply->status);

    take_violations(self, reply);
    take_detail(self, reply);
    self->call.problem.retry_after_ms = reply->retry_after_ms;
    if (reason == &reason_internal_error) {
        call_fail(&self->call, reason, "%s %s: %s", status_name(reply->status), reply->reason,
                  reply->message);
    } else {
        call_fail(&self->call, reason, "%s",
                  reply->message[0] == '\0' ? reason->title : reply->message);
    }
}

/* Its version, or what stands for one: the hash of what it looks like. */
static void
tag(struct exchange *self, const struct pb_method *method, const ProtobufCMessage *message)
{
    const struct pb_message *schema = method->reply;
    const struct buf *body = &self->gateway->body;

    if (schema->etag >= 0) {
        const struct pb_field *field = &schema->fields[schema->etag];

        self->etag = http_etag_of_version(*(char *const *)pb_member_const(field, message));
    }
    if (method->no_side_effects) {
        self->cache_control = "private, no-cache";
        if (self->etag.text == NULL) {
            self->etag = http_etag_of_content(body->data, body->length_bytes, self->content_tag);
        }
    }
}

/* Where a list goes on. */
static void
link_pages(struct exchange *self, const struct pb_method *method, const ProtobufCMessage *message)
{
    const char *url = self->gateway->config->public_url;
    struct buf link = BUF_INIT;

    http_link_write(&link, url == NULL ? "" : url, &self->message, method, message);
    if (link.length_bytes > 0) {
        self->link = arena_copy(&self->arena, link.data, link.length_bytes);
    }
    buf_fini(&link);
}

static void
answer_message(struct exchange *self, const ProtobufCMessage *message)
{
    const struct http_route *route = self->match.route;
    struct buf *body = &self->gateway->body;
    struct buf location = BUF_INIT;
    const struct pb_json_style style = {.link_prefix = self->gateway->base_url};
    bool is_made = route->location != NULL && !self->call.validate_only;

    if (exchange_is_rpc(self)) {
        exchange_rpc_answer(self, message);
        return;
    }
    if (route->success_status == 204) {
        exchange_answer(self, 204, NULL, NULL, 0, NULL);
        return;
    }
    if (is_made) {
        buf_puts(&location, self->gateway->config->public_url == NULL
                                ? ""
                                : self->gateway->config->public_url);
        http_location_write(&location, route, message);
    }
    buf_clear(body, SIZE_MAX);
    pb_json_write_styled(body, route->method->reply, message, &style);
    tag(self, route->method, message);
    if (exchange_check_match(self) != STATUS_OK) {
        buf_fini(&location);
        exchange_answer_problem(self);
        return;
    }
    if (route->method->class == PB_CLASS_LIST) {
        link_pages(self, route->method, message);
    }
    exchange_answer(self, route->success_status, "application/json", body->data, body->length_bytes,
                    is_made ? &location : NULL);
    buf_fini(&location);
}

void
exchange_reply(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct exchange *self = request->owner;
    ProtobufCMessage *message = NULL;

    self->submitted = false;
    self->gateway->metrics.in_flight--;
    if (reply->status != STATUS_OK) {
        exchange_take_failure(self, reply);
        exchange_answer_problem(self);
        return;
    }
    if (pb_unpack(&self->arena, request->method->reply, reply->payload, reply->payload_bytes,
                  &message) != STATUS_OK) {
        call_fail(&self->call, &reason_internal_error, "The reply of %s could not be unpacked.",
                  request->method->path);
        exchange_answer_problem(self);
        return;
    }
    self->replayed = reply->replayed;
    answer_message(self, message);
}
