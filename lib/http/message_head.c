#include "http/message_head.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "http/target.h"

int
http_message_refuse(struct http_message *self, const struct reason *reason, const char *detail)
{
    if (self->refusal == NULL) {
        self->refusal = reason;
        self->refusal_detail = detail;
    }
    return -1;
}

int
http_message_malformed(struct http_message *self, const char *detail)
{
    return http_message_refuse(self, &reason_malformed_request, detail);
}

int
http_message_too_large(struct http_message *self)
{
    snprintf(self->too_large, sizeof(self->too_large), "The body may have %llu bytes.",
             (unsigned long long)self->body_limit);
    return http_message_refuse(self, &reason_body_too_large, self->too_large);
}

static int
check_host(struct http_message *self)
{
    size_t n, bytes;
    const char *host = http_message_field(self, "host", &bytes, &n);

    if (n > 1) {
        return http_message_malformed(self, "There is more than one Host field.");
    }
    if (n == 0) {
        return self->parser.http_minor == 0
                   ? 0
                   : http_message_malformed(self, "The Host field is missing.");
    }
    return http_authority_valid(host, bytes)
               ? 0
               : http_message_malformed(self, "The Host field is not valid.");
}

static bool
all_digits(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return bytes > 0;
}

/* How the body is delimited. llhttp checks most of it; none of it is left to llhttp alone. */
static int
check_framing(struct http_message *self)
{
    size_t n_lengths, n_codings, length_bytes, coding_bytes;
    const char *length = http_message_field(self, "content-length", &length_bytes, &n_lengths);
    const char *coding = http_message_field(self, "transfer-encoding", &coding_bytes, &n_codings);

    if (n_lengths > 1 || n_codings > 1 || (n_lengths > 0 && n_codings > 0)) {
        return http_message_malformed(self, "The length of the body is given more than once.");
    }
    if (length != NULL && !all_digits(length, length_bytes)) {
        return http_message_malformed(self, "Content-Length is not a number.");
    }
    if (coding != NULL && self->parser.http_minor == 0) {
        return http_message_malformed(self, "HTTP/1.0 has no transfer codings.");
    }
    if (coding != NULL && (coding_bytes != 7 || strncasecmp(coding, "chunked", 7) != 0)) {
        return http_message_malformed(self, "The only transfer coding is `chunked`.");
    }
    if ((coding != NULL) != ((self->parser.flags & F_CHUNKED) != 0)) {
        return http_message_malformed(self, "The transfer coding is not clear.");
    }
    if (length != NULL && self->parser.content_length > self->body_limit) {
        return http_message_too_large(self);
    }
    return 0;
}

static int
check_expectation(struct http_message *self)
{
    size_t n, bytes;
    const char *value = http_message_field(self, "expect", &bytes, &n);

    if (n == 0 || self->parser.http_minor == 0) {
        return 0;
    }
    if (n > 1 || bytes != 12 || strncasecmp(value, "100-continue", 12) != 0) {
        return http_message_malformed(self,
                                      "The only expectation that can be met is 100-continue.");
    }
    self->expects_continue = true;
    return 0;
}

static int
check_target(struct http_message *self)
{
    struct http_target target;
    size_t host_bytes;
    const char *host = http_message_field(self, "host", &host_bytes, NULL);

    self->target = self->text.data;
    if (!http_target_parse(self->target, self->target_bytes, self->verb, &target)) {
        return http_message_malformed(self, "The target of the request is not valid.");
    }
    if (target.authority != NULL && host != NULL &&
        (host_bytes != target.authority_bytes ||
         strncasecmp(host, target.authority, host_bytes) != 0)) {
        return http_message_malformed(self, "The target and the Host field name two hosts.");
    }
    self->path = target.path;
    self->path_bytes = target.path_bytes;
    self->query = target.query;
    self->query_bytes = target.query_bytes;
    return 0;
}

bool
http_message_check_head(struct http_message *self)
{
    return check_host(self) == 0 && check_framing(self) == 0 && check_expectation(self) == 0 &&
           check_target(self) == 0;
}
