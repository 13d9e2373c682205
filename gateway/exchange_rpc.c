#include "exchange_rpc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connection.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/connect.h"
#include "http/grpc_web.h"
#include "http/transcode.h"
#include "pb/base64.h"
#include "pb/json.h"
#include "pb/validate.h"
#include "pb/wire.h"

static const struct http_rpc_form connect_json = {.protocol = HTTP_RPC_CONNECT,
                                                  .content_type = "application/json"};
static const struct http_rpc_form connect_proto = {
    .protocol = HTTP_RPC_CONNECT, .packed = true, .content_type = "application/proto"};

bool
exchange_is_rpc(const struct exchange *self)
{
    return self->form.protocol != HTTP_RPC_NONE;
}

static bool
is_verb(const struct exchange *self, const char *verb)
{
    return strcmp(self->message.verb, verb) == 0;
}

static bool
is_query(const struct exchange *self)
{
    return is_verb(self, "GET") || is_verb(self, "HEAD");
}

/* --- what is called --- */

/* No method has the path: whose answer is it? */
static enum status
find_nothing(struct exchange *self)
{
    const struct http_message *message = &self->message;
    bool served = http_rpc_table_serves(self->gateway->methods, message->path, message->path_bytes);

    if (!http_rpc_form_certain(message, &self->form) && served) {
        if (is_query(self)) {
            self->form = connect_json;
        } else if (!is_verb(self, "POST") || !http_rpc_form_find(message, &self->form)) {
            self->form.protocol = HTTP_RPC_NONE;
        }
    }
    if (exchange_is_rpc(self)) {
        return call_fail(&self->call, &reason_method_unknown, "There is no method at this path.");
    }
    return call_fail(&self->call, &reason_route_unknown, "There is nothing at this path.");
}

static enum status
refuse_verb(struct exchange *self, bool has_get)
{
    snprintf(self->allow, sizeof(self->allow), "%s",
             has_get ? "GET, HEAD, OPTIONS, POST" : "OPTIONS, POST");
    if (is_verb(self, "OPTIONS")) {
        return STATUS_OK;
    }
    return call_fail(&self->call, &reason_method_not_allowed, "The path allows %s.", self->allow);
}

enum status
exchange_rpc_find(struct exchange *self)
{
    const struct http_message *message = &self->message;
    const struct http_route *route =
        self->connection->admin
            ? NULL
            : http_rpc_table_find(self->gateway->methods, message->path, message->path_bytes);
    bool has_get;

    if (route == NULL) {
        return find_nothing(self);
    }
    has_get = route->method->no_side_effects;
    self->row = metrics_method_row(&self->gateway->metrics, route->method);
    if (has_get && is_query(self)) {
        self->form = connect_json; /* the query may say otherwise */
    } else if (!is_verb(self, "POST")) {
        return refuse_verb(self, has_get);
    } else if (!http_rpc_form_find(message, &self->form)) {
        return call_fail(&self->call, &reason_media_type, "Content-Type must be one of %s.",
                         http_rpc_content_types);
    }
    self->match.route = route;
    return STATUS_OK;
}

/* --- the head --- */

/* Whether the field is absent or has this value. */
static bool
field_is(const struct exchange *self, const char *name, const char *value)
{
    size_t bytes, n;
    const char *text = http_message_field(&self->message, name, &bytes, &n);

    return n == 0 || (n == 1 && bytes == strlen(value) && strncasecmp(text, value, bytes) == 0);
}

enum status
exchange_rpc_check_head(struct exchange *self, bool has_body)
{
    if (!field_is(self, "connect-protocol-version", "1")) {
        return call_fail(&self->call, &reason_malformed_request,
                         "The only Connect-Protocol-Version is 1.");
    }
    if (!field_is(self, "grpc-encoding", "identity")) {
        return call_fail(&self->call, &reason_content_coding,
                         "Messages are taken as they are, not compressed.");
    }
    if (has_body && is_query(self)) {
        return call_fail(&self->call, &reason_body_not_allowed, "%s takes no body here.",
                         self->message.verb);
    }
    return STATUS_OK;
}

/* --- the message --- */

/* Bytes of a message. */
struct part {
    const char *data;
    size_t bytes;
};

static enum status
out_of_memory(struct exchange *self)
{
    return call_fail(&self->call, &reason_internal_error,
                     "The request needs more memory than allowed.");
}

static enum status
find_in_query(struct exchange *self, struct part *out)
{
    struct http_connect_query query;
    enum status status = http_connect_query_read(&self->call, self->message.query,
                                                 self->message.query_bytes, &query);

    if (status == STATUS_OK) {
        self->form = query.packed ? connect_proto : connect_json;
        *out = (struct part){query.message, query.message_bytes};
    }
    return status;
}

static enum status
undo_text(struct exchange *self, struct part *body)
{
    char *data = arena_alloc(&self->arena, pb_base64_decoded_max(body->bytes));

    if (data == NULL) {
        return out_of_memory(self);
    }
    if (!http_grpc_web_text_decode(body->data, body->bytes, data, &body->bytes)) {
        return call_fail(&self->call, &reason_malformed_message, "The body is not base64.");
    }
    body->data = data;
    return STATUS_OK;
}

static enum status
find_in_frame(struct exchange *self, struct part *body)
{
    enum status status = self->form.text ? undo_text(self, body) : STATUS_OK;
    const char *wrong;

    if (status != STATUS_OK) {
        return status;
    }
    wrong = http_grpc_web_read(body->data, body->bytes, &body->data, &body->bytes);
    return wrong == NULL ? STATUS_OK
                         : call_fail(&self->call, &reason_malformed_message, "%s", wrong);
}

static enum status
find_message(struct exchange *self, struct part *out)
{
    const struct buf *body = &self->message.body;

    *out = (struct part){body->data == NULL ? "" : body->data, body->length_bytes};
    if (is_query(self)) {
        return find_in_query(self, out);
    }
    return self->form.protocol == HTTP_RPC_GRPC_WEB ? find_in_frame(self, out) : STATUS_OK;
}

static enum status
unpack(struct exchange *self, const struct part *part, ProtobufCMessage **request)
{
    const struct pb_message *schema = self->match.route->method->request;

    if (!is_query(self) && self->message.query_bytes != 0) {
        return call_fail(&self->call, &reason_unknown_parameter,
                         "No query parameters are taken here.");
    }
    switch (pb_unpack(&self->arena, schema, (const uint8_t *)part->data, part->bytes, request)) {
    case STATUS_OK:
        return pb_validate(&self->call, schema, *request);
    case STATUS_RESOURCE_EXHAUSTED:
        return out_of_memory(self);
    default:
        return call_fail(&self->call, &reason_malformed_message, "The body is not a %s.",
                         schema->full_name);
    }
}

enum status
exchange_rpc_read(struct exchange *self, ProtobufCMessage **request)
{
    const struct http_message *message = &self->message;
    struct part part;
    enum status status = find_message(self, &part);

    if (status != STATUS_OK) {
        return status;
    }
    if (self->form.packed) {
        return unpack(self, &part, request);
    }
    return http_request_read(&self->call, &self->match, message->query,
                             is_query(self) ? 0 : message->query_bytes, part.data, part.bytes,
                             request);
}

/* --- the answer --- */

static void
put_message(const struct exchange *self, struct buf *out, const ProtobufCMessage *reply)
{
    const struct pb_json_style style = {.versions = true, .link_prefix = self->gateway->base_url};
    size_t bytes;

    if (!self->form.packed) {
        pb_json_write_styled(out, self->match.route->method->reply, reply, &style);
        return;
    }
    bytes = protobuf_c_message_get_packed_size(reply);
    protobuf_c_message_pack(reply, (uint8_t *)buf_reserve(out, bytes + 1));
    buf_grown(out, bytes);
}

/* Ends the body with trailers, if the protocol has some. */
static void
put_end(const struct exchange *self, struct buf *out)
{
    if (self->form.protocol == HTTP_RPC_GRPC_WEB) {
        http_grpc_web_trailers_write(out, &self->call);
    }
    if (self->form.text) {
        http_grpc_web_text_encode(out);
    }
}

void
exchange_rpc_answer(struct exchange *self, const ProtobufCMessage *reply)
{
    struct buf *body = &self->gateway->body;

    buf_clear(body, SIZE_MAX);
    if (self->form.protocol == HTTP_RPC_GRPC_WEB) {
        size_t frame = http_grpc_web_begin(body);

        put_message(self, body, reply);
        http_grpc_web_end(body, frame);
    } else {
        put_message(self, body, reply);
    }
    put_end(self, body);
    exchange_answer(self, 200, self->form.content_type, body->data == NULL ? "" : body->data,
                    body->length_bytes, NULL);
}

/* Whether the path is known to be none of a method, or HTTP itself is what is wrong. */
static bool
belongs_to_others(const struct exchange *self)
{
    return self->match.route != NULL || self->own != NULL || self->allow[0] != '\0';
}

bool
exchange_rpc_answer_problem(struct exchange *self)
{
    struct buf *body = &self->gateway->body;
    int status;

    if (!exchange_is_rpc(self) &&
        (belongs_to_others(self) || !http_rpc_form_certain(&self->message, &self->form))) {
        return false;
    }
    buf_clear(body, SIZE_MAX);
    if (self->form.protocol == HTTP_RPC_CONNECT) {
        self->form = connect_json; /* errors are JSON, whatever messages are */
        http_connect_error_write(body, &self->call);
        status = http_connect_status(self->call.problem.reason->code);
    } else {
        put_end(self, body);
        status = 200;
    }
    exchange_answer(self, status, self->form.content_type, body->data, body->length_bytes, NULL);
    return true;
}

int
exchange_rpc_status(const struct exchange *self, int status)
{
    const struct reason *reason = self->call.problem.reason;

    return self->form.protocol == HTTP_RPC_GRPC_WEB && reason != NULL
               ? http_connect_status(reason->code)
               : status;
}

void
exchange_rpc_write_fields(const struct exchange *self, struct buf *fields)
{
    if (self->call.problem.reason == &reason_media_type && self->message.path != NULL &&
        http_rpc_table_find(self->gateway->methods, self->message.path, self->message.path_bytes) !=
            NULL) {
        buf_puts(fields, "Accept-Post: ");
        buf_puts(fields, http_rpc_content_types);
        buf_puts(fields, "\r\n");
    }
}
