/* What is decided before the body is looked at. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "connection.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "exchange.h"
#include "exchange_access.h"
#include "exchange_rpc.h"
#include "http/deadline.h"
#include "http/field.h"
#include "http/target.h"

/* The client's id if it is one, else one of our own. */
static void
choose_request_id(struct exchange *self)
{
    size_t bytes, n;
    const char *given = http_message_field(&self->message, "x-request-id", &bytes, &n);

    if (n == 1 && http_printable(given, bytes, LIMIT_REQUEST_ID_BYTES)) {
        memcpy(self->request_id, given, bytes);
        self->request_id[bytes] = '\0';
    } else {
        uuid_v7(self->request_id);
    }
    self->call.request_id = self->request_id;
}

/* Whose request it is: the peer's, or that of the client which a trusted proxy speaks for. */
static struct address
find_client(const struct exchange *self)
{
    const struct networks *trusted = &self->gateway->config->trusted;
    struct address peer = self->connection->peer;
    struct buf all = BUF_INIT;
    const char *value;
    size_t bytes;

    if (!networks_contain(trusted, &peer)) {
        return peer;
    }
    for (size_t i = 0;
         (value = http_message_field_at(&self->message, "x-forwarded-for", i, &bytes)) != NULL;
         i++) {
        buf_puts(&all, i == 0 ? "" : ",");
        buf_append(&all, value, bytes);
    }
    peer = address_behind(trusted, peer, all.data, all.length_bytes);
    buf_fini(&all);
    return peer;
}

/* A connection's own address is written once, however many requests come over it. */
static void
choose_client(struct exchange *self)
{
    const struct connection *connection = self->connection;
    char *text;

    self->client = find_client(self);
    if (memcmp(&self->client, &connection->peer, sizeof(self->client)) == 0) {
        self->call.client_address = connection->peer_text;
        return;
    }
    text = arena_alloc(&self->arena, ADDRESS_TEXT_BYTES);
    if (text != NULL) {
        address_format(&self->client, text);
        self->call.client_address = text;
    }
}

void
exchange_begin(struct exchange *self)
{
    if (self->started_us != 0) {
        return;
    }
    self->started_us = clock_us();
    call_init(&self->call, &self->arena);
    self->call.deadline_us =
        self->started_us + (int64_t)self->gateway->config->request_timeout_ms * 1000;
    self->row = metrics_other_row(&self->gateway->metrics);
    choose_request_id(self);
    choose_client(self);
}

static void
set_allow(struct exchange *self, const char *verbs)
{
    snprintf(self->allow, sizeof(self->allow), "%s", verbs);
}

static bool
is_verb(const struct exchange *self, const char *verb)
{
    return strcmp(self->message.verb, verb) == 0;
}

static enum status
refuse_verb(struct exchange *self)
{
    if (is_verb(self, "OPTIONS")) {
        return STATUS_OK;
    }
    return call_fail(&self->call, &reason_method_not_allowed, "The path allows %s.", self->allow);
}

static enum status
find_own(struct exchange *self)
{
    self->row = metrics_own_row(&self->gateway->metrics, self->own->name);
    if (is_verb(self, "GET") || is_verb(self, "HEAD")) {
        return STATUS_OK;
    }
    set_allow(self, "GET, HEAD, OPTIONS");
    return refuse_verb(self);
}

static enum status
find_route(struct exchange *self)
{
    const struct http_message *message = &self->message;
    struct http_match *match = &self->match;

    if (!http_path_valid(message->path, message->path_bytes)) {
        connection_read_no_more(self->connection); /* others may read the path in another way */
        return call_fail(&self->call, &reason_bad_path,
                         "The path is not percent-encoded UTF-8, or has dot segments.");
    }
    self->own =
        admin_find(self->gateway, self->connection->admin, message->path, message->path_bytes);
    if (self->own != NULL) {
        return find_own(self);
    }
    if (!self->connection->admin) {
        http_router_find(self->gateway->router, message->verb, strlen(message->verb), message->path,
                         message->path_bytes, match);
    }
    if (match->route != NULL) {
        self->row = metrics_method_row(&self->gateway->metrics, match->route->method);
        return STATUS_OK;
    }
    if (match->allow[0] == '\0') {
        return exchange_rpc_find(self);
    }
    set_allow(self, match->allow);
    return refuse_verb(self);
}

/* Compressed, or coded in another way. */
static bool
is_coded(const struct exchange *self)
{
    size_t bytes, n;
    const char *coding = http_message_field(&self->message, "content-encoding", &bytes, &n);

    return n > 1 || (n == 1 && (bytes != 8 || strncasecmp(coding, "identity", 8) != 0));
}

static enum status
check_body(struct exchange *self, bool has_body)
{
    const struct http_route *route = self->match.route;

    if (has_body && is_coded(self)) {
        return call_fail(&self->call, &reason_content_coding,
                         "The body is taken as it is, not compressed.");
    }
    if (exchange_is_rpc(self)) {
        return exchange_rpc_check_head(self, has_body);
    }
    if (!has_body) {
        return STATUS_OK;
    }
    if (route == NULL || route->body == HTTP_BODY_NONE) {
        return call_fail(&self->call, &reason_body_not_allowed, "%s takes no body here.",
                         self->message.verb);
    }
    if (!http_content_is_json(&self->message)) {
        return call_fail(&self->call, &reason_media_type,
                         "Content-Type must be application/json, in UTF-8.");
    }
    return STATUS_OK;
}

static enum status
read_idempotency_key(struct exchange *self)
{
    size_t bytes, n;
    const char *key = http_message_field(&self->message, "idempotency-key", &bytes, &n);

    if (n == 0) {
        return STATUS_OK;
    }
    if (!self->match.route->method->idempotency_key) {
        return call_fail(&self->call, &reason_bad_idempotency_key,
                         "The method takes no idempotency key.");
    }
    if (n > 1 || !http_printable(key, bytes, LIMIT_IDEMPOTENCY_KEY_BYTES)) {
        return call_fail(&self->call, &reason_bad_idempotency_key,
                         "An idempotency key has 1 to 255 printable ASCII characters.");
    }
    self->call.idempotency_key = arena_copy(&self->arena, key, bytes);
    return STATUS_OK;
}

static void
read_traceparent(struct exchange *self)
{
    size_t bytes, n;
    const char *text = http_message_field(&self->message, "traceparent", &bytes, &n);

    if (n == 1 && http_traceparent_valid(text, bytes)) {
        self->call.traceparent = arena_copy(&self->arena, text, bytes);
    }
}

enum status
exchange_read_timeout(struct exchange *self)
{
    int32_t ms;
    const char *wrong = http_deadline_read(&self->message, &ms);

    if (wrong != NULL) {
        connection_read_no_more(self->connection);
        return call_fail(&self->call, &reason_malformed_request, "%s is not a time to wait.",
                         wrong);
    }
    if (ms < self->gateway->config->request_timeout_ms) {
        self->call.deadline_us = self->started_us + (int64_t)ms * 1000;
    }
    return STATUS_OK;
}

/* What only concerns the methods of the contract. */
static enum status
read_call(struct exchange *self)
{
    enum status status;

    if (!exchange_is_rpc(self) && !http_accepts_json(&self->message)) {
        return call_fail(&self->call, &reason_not_acceptable,
                         "Accept must admit application/json.");
    }
    status = read_idempotency_key(self);
    if (status == STATUS_OK) {
        status = exchange_read_timeout(self);
    }
    if (status == STATUS_OK) {
        status = exchange_read_conditions(self);
    }
    read_traceparent(self);
    return status;
}

/* What only concerns the gateway's own documents; what operators ask for has no conditions. */
static enum status
read_own(struct exchange *self)
{
    if (self->own->for_operators || self->allow[0] != '\0') {
        return STATUS_OK;
    }
    if (self->own->is_page && !http_accepts(&self->message, "text/html")) {
        return call_fail(&self->call, &reason_not_acceptable, "Accept must admit text/html.");
    }
    return exchange_read_conditions(self);
}

enum status
exchange_read_rest(struct exchange *self, enum status status, bool has_body)
{
    const struct http_route *route = self->match.route;

    if (self->allow[0] == '\0' &&
        exchange_take_share(self, route == NULL ? 1 : route->method->cost) != STATUS_OK) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    if (status == STATUS_OK && self->allow[0] == '\0') {
        status = check_body(self, has_body);
    }
    if (status == STATUS_OK && route != NULL) {
        status = read_call(self);
    } else if (status == STATUS_OK && self->own != NULL) {
        status = read_own(self);
    }
    return status;
}

enum status
exchange_read_head(struct exchange *self, bool has_body)
{
    enum status status;

    exchange_begin(self);
    self->head_read = true;
    if (self->message.path[0] == '*') {
        set_allow(self, "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
        return STATUS_OK;
    }
    status = find_route(self);
    if (status == STATUS_OK && self->match.route != NULL) {
        status = exchange_find_caller(self);
    }
    return self->awaits_token ? STATUS_OK : exchange_read_rest(self, status, has_body);
}
