#include "origin.h"

#include <stdio.h>
#include <string.h>

#include "http/response.h"

/* What scripts may send beside what they always may. */
static const char request_fields[] =
    "Authorization, Connect-Protocol-Version, Connect-Timeout-Ms, Content-Type, Grpc-Timeout, "
    "Idempotency-Key, If-Match, If-None-Match, Request-Timeout, Traceparent, X-Grpc-Web, "
    "X-Request-Id, X-User-Agent";

/* What they may see beside what they always do. */
static const char answer_fields[] =
    "Allow, ETag, Grpc-Message, Grpc-Status, Grpc-Status-Details-Bin, Idempotent-Replayed, Link, "
    "Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id";

/* The host and port of an origin, as a browser writes them: no upper case, no path. */
static bool
is_authority(const char *text, size_t bytes)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";

    for (size_t i = 0; i < bytes; i++) {
        if (strchr(allowed, text[i]) == NULL) {
            return false;
        }
    }
    return bytes > 0 && text[0] != ':' && text[bytes - 1] != ':';
}

static bool
is_origin(const char *text, size_t bytes)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);

        if (bytes > length && memcmp(text, schemes[i], length) == 0) {
            return is_authority(text + length, bytes - length);
        }
    }
    return false;
}

enum status
origins_parse(const char *setting, const char *text, struct origins *out, struct error *error)
{
    *out = (struct origins){0};
    while (text != NULL && *text != '\0') {
        size_t bytes = strcspn(text, ", ");

        if (bytes == 1 && *text == '*') {
            out->any = true;
        } else if (bytes > 0 && out->n == LIMIT_CORS_ORIGINS) {
            return error_set(error, STATUS_INVALID_ARGUMENT, "%s may have %d entries", setting,
                             LIMIT_CORS_ORIGINS);
        } else if (bytes > 0 && !is_origin(text, bytes)) {
            return error_set(error, STATUS_INVALID_ARGUMENT,
                             "%s must be * or a list of origins such as https://app.example.org "
                             "(lower case, no path), not \"%.*s\"",
                             setting, (int)bytes, text);
        } else if (bytes > 0) {
            out->list[out->n].text = text;
            out->list[out->n++].bytes = bytes;
        }
        text += bytes;
        text += strspn(text, ", ");
    }
    if (out->any && out->n > 0) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s must be * alone or a list of origins, not both", setting);
    }
    return STATUS_OK;
}

bool
origins_vary(const struct origins *self)
{
    return self->n > 0;
}

static bool
admits(const struct origins *self, const char *origin, size_t bytes)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].bytes == bytes && memcmp(self->list[i].text, origin, bytes) == 0) {
            return true;
        }
    }
    return self->any;
}

static void
write_leave(const struct http_message *message, const char *allow, struct buf *fields)
{
    char age[16];
    size_t ignored;

    if (http_message_field(message, "access-control-request-method", &ignored, NULL) == NULL) {
        return;
    }
    snprintf(age, sizeof(age), "%d", LIMIT_CORS_MAX_AGE_S);
    http_field_write(fields, "Access-Control-Allow-Methods: ", allow, strlen(allow));
    http_field_write(fields, "Access-Control-Allow-Headers: ", request_fields,
                     sizeof(request_fields) - 1);
    http_field_write(fields, "Access-Control-Max-Age: ", age, strlen(age));
}

void
origins_write(const struct origins *self, const struct http_message *message, const char *allow,
              struct buf *fields)
{
    size_t bytes, n;
    const char *origin;

    if (!self->any && self->n == 0) {
        return;
    }
    origin = http_message_field(message, "origin", &bytes, &n);
    if (n != 1 || !admits(self, origin, bytes)) {
        return;
    }
    if (self->any) {
        origin = "*";
        bytes = 1;
    }
    http_field_write(fields, "Access-Control-Allow-Origin: ", origin, bytes);
    if (message->verb != NULL && strcmp(message->verb, "OPTIONS") == 0 && allow[0] != '\0') {
        write_leave(message, allow, fields);
    } else {
        http_field_write(fields, "Access-Control-Expose-Headers: ", answer_fields,
                         sizeof(answer_fields) - 1);
    }
}
