/* The answer to a request: its representation, the fields around it, its end. */
#include <string.h>

#include "base/log.h"
#include "connection.h"
#include "exchange.h"
#include "exchange_access.h"
#include "exchange_rpc.h"
#include "http/transcode.h"

enum { KEPT_FIELDS_BYTES = 4 * 1024 };

/* What is sent: the content as it is, compressed, or nothing of it. */
struct representation {
    int status;
    const char *content_type;
    const char *content;
    size_t content_bytes;
    bool large; /* compressed for who takes it */
    bool gzip;
};

/* Whole seconds, at least one; 0 if the answer does not ask to come back. */
static unsigned
retry_after_s(const struct problem *problem, int status)
{
    if (problem->retry_after_ms == 0 && status != 503 && status != 429) {
        return 0;
    }
    return problem->retry_after_ms <= 1000 ? 1 : (problem->retry_after_ms + 999) / 1000;
}

static void
pack(struct exchange *self, struct representation *what)
{
    struct gateway *gateway = self->gateway;
    const struct buf *packed = &gateway->packed;

    if (self->asset != NULL) {
        packed = asset_packed(self->asset, gateway->gzip);
    } else {
        buf_clear(&gateway->packed, SIZE_MAX);
        http_gzip_write(gateway->gzip, &gateway->packed, what->content, what->content_bytes);
    }
    what->content = packed->data;
    what->content_bytes = packed->length_bytes;
}

/* Chooses what this client gets. What it has already is not compressed for nothing. */
static void
represent(struct exchange *self, struct representation *what)
{
    what->large = what->content_type != NULL && what->content_bytes >= LIMIT_GZIP_BYTES &&
                  http_gzip_worth(what->content_type);
    what->gzip = what->large && http_gzip_accepted(&self->message);
    self->etag.gzip = what->gzip;
    if (what->status == 200 && exchange_unchanged(self)) {
        what->status = 304;
        what->content_type = what->content = NULL;
        what->content_bytes = 0;
        what->gzip = false;
        self->link = NULL; /* the client has that, too */
    } else if (what->gzip) {
        pack(self, what);
    }
}

/* The fields of the request that the answer depends on. */
static void
write_vary(const struct exchange *self, const struct representation *what, struct buf *fields)
{
    const char *const names[] = {
        origins_vary(&self->gateway->config->origins) ? "Origin" : NULL,
        self->match.route != NULL && self->etag.text != NULL &&
                self->gateway->access.policy.enforced
            ? "Authorization"
            : NULL,
        what->large ? "Accept-Encoding" : NULL,
    };
    const char *before = "Vary: ";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i] != NULL) {
            buf_puts(fields, before);
            buf_puts(fields, names[i]);
            before = ", ";
        }
    }
    buf_puts(fields, before[0] == ',' ? "\r\n" : "");
}

static void
write_fields(struct exchange *self, const struct representation *what, struct buf *fields)
{
    const struct origins *origins = &self->gateway->config->origins;

    buf_clear(fields, KEPT_FIELDS_BYTES);
    if (self->etag.text != NULL) {
        buf_puts(fields, "ETag: ");
        http_etag_write(fields, &self->etag);
        buf_append(fields, "\r\n", 2);
    }
    if (what->gzip) {
        buf_puts(fields, "Content-Encoding: gzip\r\n");
    }
    if (self->link != NULL) {
        http_field_write(fields, "Link: ", self->link, strlen(self->link));
    }
    write_vary(self, what, fields);
    exchange_write_challenge(self, what->status, fields);
    exchange_write_share(self, fields);
    exchange_rpc_write_fields(self, fields);
    origins_write(origins, &self->message, self->allow, fields);
}

void
exchange_answer(struct exchange *self, int status, const char *content_type, const char *content,
                size_t content_bytes, const struct buf *location)
{
    const struct problem *problem = &self->call.problem;
    const struct http_message *message = &self->message;
    bool head_only = message->verb != NULL && strcmp(message->verb, "HEAD") == 0;
    struct representation what = {status, content_type, content, content_bytes, false, false};
    struct http_response response;

    represent(self, &what);
    write_fields(self, &what, &self->gateway->fields);
    response = (struct http_response){
        .status = what.status,
        .date = gateway_date(self->gateway),
        .content_type = what.content_type,
        .content_bytes = what.content_bytes,
        .request_id = self->request_id,
        .location = location == NULL ? NULL : location->data,
        .location_bytes = location == NULL ? 0 : location->length_bytes,
        .allow = self->allow[0] == '\0' ? NULL : self->allow,
        .retry_after_s = retry_after_s(problem, status),
        .cache_control = self->cache_control,
        .content_policy = self->content_policy,
        .fields = &self->gateway->fields,
        .replayed = self->replayed,
        .close = !message->keep_alive,
    };
    exchange_end(self, what.status,
                 status_name(problem->reason == NULL ? STATUS_OK : problem->reason->code),
                 what.content_bytes);
    connection_answer(self->connection, &response, what.content, head_only);
}

/* The detail of a fault of ours is for the log; the client gets its request id. */
static void
hide_internal(struct exchange *self)
{
    struct problem *problem = &self->call.problem;
    struct log_line line;

    if (problem->reason->code != STATUS_INTERNAL) {
        return;
    }
    log_begin(&line, LOG_ERROR, "internal");
    log_str(&line, "requestId", self->request_id);
    log_str(&line, "detail", problem->detail);
    log_end(&line);
    problem->detail = "Something went wrong here; the log has it under the request's id.";
    problem->violations = NULL;
    problem->violations_end = NULL;
    problem->n_violations = 0;
    problem->extra_schema = NULL;
    problem->extra = NULL;
}

void
exchange_answer_problem(struct exchange *self)
{
    struct buf *body = &self->gateway->body;

    hide_internal(self);
    self->etag = (struct http_etag){0};
    self->asset = NULL;
    self->cache_control = self->content_policy = NULL;
    if (exchange_rpc_answer_problem(self)) {
        return;
    }
    buf_clear(body, SIZE_MAX);
    http_problem_write(body, &self->call, self->match.route,
                       self->message.path == NULL ? "" : self->message.path,
                       self->message.path_bytes);
    exchange_answer(self, self->call.problem.reason->http_status, "application/problem+json",
                    body->data, body->length_bytes, NULL);
}
