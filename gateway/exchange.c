#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "connection.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "exchange_access.h"
#include "exchange_rpc.h"
#include "http/transcode.h"

struct exchange *
exchange_new(struct gateway *gateway, struct connection *connection)
{
    struct exchange *self = gateway->spare;

    if (self != NULL) {
        gateway->spare = self->next;
        gateway->n_spare--;
        memset(&self->connection, 0, sizeof(*self) - offsetof(struct exchange, connection));
    } else {
        self = calloc(1, sizeof(*self));
        ASSERT(self != NULL);
        http_message_init(&self->message);
        arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
        self->gateway = gateway;
    }
    self->connection = connection;
    ASSERT(http_message_limit_body(&self->message, gateway->largest_body));
    return self;
}

static void
destroy(struct exchange *self)
{
    http_message_fini(&self->message);
    arena_fini(&self->arena);
    free(self);
}

void
exchange_free(struct exchange *self)
{
    struct gateway *gateway = self->gateway;

    if (gateway->n_spare >= LIMIT_EXCHANGES_KEPT) {
        destroy(self);
        return;
    }
    http_message_reset(&self->message);
    arena_reset(&self->arena);
    self->next = gateway->spare;
    gateway->spare = self;
    gateway->n_spare++;
}

void
exchanges_forget(struct gateway *gateway)
{
    while (gateway->spare != NULL) {
        struct exchange *next = gateway->spare->next;

        destroy(gateway->spare);
        gateway->spare = next;
    }
    gateway->n_spare = 0;
}

static const char *
method_name(const struct exchange *self)
{
    return self->row->method;
}

static void
log_request(struct exchange *self, int status, const char *code, size_t content_bytes)
{
    const struct caller *caller = &self->call.caller;
    struct log_line line;

    if (!self->gateway->config->rpc.log_requests && status != 401 && status != 403) {
        return; /* who was not let in stands nowhere else */
    }
    log_begin(&line, status >= 500 ? LOG_WARN : LOG_INFO, "request");
    if (!line.wanted) {
        return;
    }
    log_str(&line, "requestId", self->request_id);
    log_str(&line, "method", method_name(self));
    if (self->message.path != NULL) {
        log_str(&line, "verb", self->message.verb);
        log_strn(&line, "path", self->message.path, self->message.path_bytes);
    }
    log_int(&line, "status", status);
    log_str(&line, "code", code);
    if (self->call.problem.reason != NULL) {
        log_str(&line, "reason", self->call.problem.reason->name);
    }
    log_int(&line, "durationUs", clock_us() - self->started_us);
    log_str(&line, "client", self->call.client_address);
    if (caller->id[0] != '\0') {
        log_str(&line, "principal", caller->id);
        log_str(&line, "user", caller->name);
    }
    log_int(&line, "bytesIn", (int64_t)self->message.body.length_bytes);
    log_int(&line, "bytesOut", (int64_t)content_bytes);
    log_end(&line);
}

void
exchange_end(struct exchange *self, int status, const char *code, size_t content_bytes)
{
    metrics_count(self->row, exchange_rpc_status(self, status), clock_us() - self->started_us);
    log_request(self, status, code, content_bytes);
}

bool
exchange_head(struct exchange *self)
{
    if (!exchange_limit_body(self)) {
        connection_read_no_more(self->connection);
        exchange_refuse(self);
        return false;
    }
    if (!self->message.expects_continue) {
        return true;
    }
    if (exchange_read_head(self, true) == STATUS_OK) {
        connection_continue(self->connection);
        return true;
    }
    connection_read_no_more(self->connection);
    exchange_answer_problem(self);
    return false;
}

/* What the answer says about one of the gateway's own documents. */
static void
describe_own(struct exchange *self, const char *content, size_t bytes)
{
    const struct admin_path *own = self->own;

    if (own->changes) {
        self->etag = http_etag_of_content(content, bytes, self->content_tag);
    } else {
        self->asset = assets_get(&self->gateway->assets, content, bytes);
        self->etag = self->asset->etag;
    }
    self->cache_control =
        own->cache_control != NULL ? own->cache_control : self->gateway->document_cache;
    self->content_policy = own->content_policy;
}

static void
serve_own(struct exchange *self)
{
    const char *content = self->own->content;
    size_t bytes = self->own->content_bytes;

    if (self->own->serve != NULL &&
        self->own->serve(self->gateway, &self->call, &content, &bytes) != STATUS_OK) {
        exchange_answer_problem(self);
        return;
    }
    if (!self->own->for_operators) {
        describe_own(self, content, bytes);
    }
    if (exchange_check_match(self) != STATUS_OK) {
        exchange_answer_problem(self);
        return;
    }
    exchange_answer(self, 200, self->own->content_type, content, bytes, NULL);
}

static enum status
read_request(struct exchange *self, ProtobufCMessage **request)
{
    const struct http_message *message = &self->message;

    if (exchange_is_rpc(self)) {
        return exchange_rpc_read(self, request);
    }
    return http_request_read(&self->call, &self->match, message->query, message->query_bytes,
                             message->body.data == NULL ? "" : message->body.data,
                             message->body.length_bytes, request);
}

/* Whose share of the queues it takes: one address that sends many logins keeps no other waiting. */
static const char *
queue_share(const struct exchange *self)
{
    bool nobody = self->call.principal[0] == '\0';

    return nobody && self->gateway->access.policy.enforced ? self->call.client_address
                                                           : self->call.principal;
}

static void
submit(struct exchange *self)
{
    ProtobufCMessage *request;

    if (read_request(self, &request) != STATUS_OK ||
        exchange_hand_over_match(self, request) != STATUS_OK) {
        exchange_answer_problem(self);
        return;
    }
    self->rpc = (struct rpc_request){
        .method = self->match.route->method,
        .message = request,
        .principal = queue_share(self),
        .request_id = self->call.request_id,
        .traceparent = self->call.traceparent,
        .idempotency_key = self->call.idempotency_key,
        .access_token = self->access_token,
        .client_address = self->call.client_address,
        .validate_only = self->call.validate_only,
        .deadline_us = self->call.deadline_us,
        .done = exchange_reply,
        .owner = self,
    };
    self->submitted = true;
    self->gateway->metrics.in_flight++;
    backends_submit(&self->gateway->backends, &self->rpc);
}

static void
serve(struct exchange *self)
{
    if (self->allow[0] != '\0') {
        exchange_answer(self, 204, NULL, NULL, 0, NULL);
    } else if (self->own != NULL) {
        serve_own(self);
    } else {
        submit(self);
    }
}

static bool
has_body(const struct exchange *self)
{
    return self->message.body.length_bytes > 0;
}

void
exchange_start(struct exchange *self)
{
    if (!self->head_read && exchange_read_head(self, has_body(self)) != STATUS_OK) {
        exchange_answer_problem(self);
    } else if (self->awaits_token) {
        exchange_await_token(self);
    } else {
        serve(self);
    }
}

void
exchange_go_on(struct exchange *self)
{
    if (exchange_read_rest(self, STATUS_OK, has_body(self)) != STATUS_OK) {
        exchange_answer_problem(self);
    } else {
        serve(self);
    }
}

void
exchange_refuse(struct exchange *self)
{
    exchange_begin(self);
    call_fail(&self->call, self->message.refusal, "%s", self->message.refusal_detail);
    exchange_answer_problem(self);
}

void
exchange_expire(struct exchange *self)
{
    exchange_begin(self);
    call_fail(&self->call, &reason_request_timeout, "The request did not come in time.");
    exchange_answer_problem(self);
}

void
exchange_cancel(struct exchange *self)
{
    if (self->submitted) {
        self->submitted = false;
        backends_cancel(&self->gateway->backends, &self->rpc);
    } else if (self->wait.list != NULL) {
        apikeys_cancel(&self->wait);
    } else {
        return;
    }
    self->gateway->metrics.in_flight--;
    exchange_end(self, 499, status_name(STATUS_CANCELLED), 0);
}
