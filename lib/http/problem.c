/*
 * Problem details (RFC 9457). A violation's place is a pointer into the request message; here it
 * becomes what the client knows: a pointer into the body that it sent, or a parameter's name.
 */
#include <string.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/transcode.h"
#include "pb/json.h"

static void
put_string(struct buf *out, const char *text)
{
    buf_put_json_string(out, text, strlen(text));
}

/* `urn:depot:problem:name-taken` for NAME_TAKEN. */
static void
put_type(struct buf *out, const char *reason_name)
{
    buf_puts(out, "\"urn:depot:problem:");
    for (const char *c = reason_name; *c != '\0'; c++) {
        bool is_upper = *c >= 'A' && *c <= 'Z';

        buf_putc(out, *c == '_' ? '-' : is_upper ? (char)(*c + ('a' - 'A')) : *c);
    }
    buf_putc(out, '"');
}

/* Whether `pointer` is the member `name` or lies below it; the rest of it goes to `rest`. */
static bool
lies_below(const char *pointer, const char *name, const char **rest)
{
    size_t length = strlen(name);

    if (pointer[0] != '/' || strncmp(pointer + 1, name, length) != 0) {
        return false;
    }
    *rest = pointer + 1 + length;
    return **rest == '\0' || **rest == '/';
}

static bool
is_path_variable(const struct http_route *route, const char *pointer)
{
    for (size_t i = 0; i < route->n_segments; i++) {
        const struct http_segment *segment = &route->segments[i];
        const char *rest;

        if (segment->literal == NULL &&
            lies_below(pointer, route->method->request->fields[segment->field].json_name, &rest)) {
            return true;
        }
    }
    return false;
}

/* Whether the place is one of the body; `pointer` gets where in it. */
static bool
lies_in_body(const struct http_route *route, const struct violation *violation,
             const char **pointer)
{
    const char *field = violation->field;

    *pointer = field;
    if (route == NULL || field[0] == '\0') {
        return true;
    }
    if (route->body == HTTP_BODY_WHOLE) {
        /* A member of the body that is the path's to say is unknown; no parameter ever is. */
        return violation->reason == &reason_unknown_field || !is_path_variable(route, field);
    }
    return route->body >= 0 &&
           lies_below(field, route->method->request->fields[route->body].json_name, pointer);
}

/* The first name of a pointer, its escapes (~0, ~1) undone. */
static void
put_parameter(struct buf *out, const char *pointer)
{
    struct buf name = BUF_INIT;
    size_t bytes = strcspn(pointer + 1, "/");

    for (size_t i = 1; i <= bytes; i++) {
        bool is_escape = pointer[i] == '~' && (pointer[i + 1] == '0' || pointer[i + 1] == '1');

        i += is_escape;
        buf_putc(&name, !is_escape ? pointer[i] : pointer[i] == '0' ? '~' : '/');
    }
    buf_put_json_string(out, name.data, name.length_bytes);
    buf_fini(&name);
}

static void
put_violation(struct buf *out, const struct http_route *route, const struct violation *violation)
{
    const char *pointer;

    if (lies_in_body(route, violation, &pointer)) {
        buf_puts(out, "{\"pointer\":");
        put_string(out, pointer);
    } else {
        buf_puts(out, "{\"parameter\":");
        put_parameter(out, violation->field);
    }
    buf_puts(out, ",\"reason\":");
    put_string(out, violation->reason->name);
    buf_puts(out, ",\"detail\":");
    put_string(out, violation->detail);
    buf_putc(out, '}');
}

static void
put_violations(struct buf *out, const struct http_route *route, const struct violation *first)
{
    buf_puts(out, ",\"errors\":[");
    for (const struct violation *v = first; v != NULL; v = v->next) {
        if (v != first) {
            buf_putc(out, ',');
        }
        put_violation(out, route, v);
    }
    buf_putc(out, ']');
}

void
http_problem_write(struct buf *out, const struct call *call, const struct http_route *route,
                   const char *instance, size_t instance_bytes)
{
    const struct problem *problem = &call->problem;
    const struct reason *reason = problem->reason;

    ASSERT(reason != NULL);
    buf_puts(out, "{\"type\":");
    put_type(out, reason->name);
    buf_puts(out, ",\"title\":");
    put_string(out, reason->title);
    buf_printf(out, ",\"status\":%d,\"detail\":", reason->http_status);
    put_string(out, problem->detail);
    buf_puts(out, ",\"instance\":");
    buf_put_json_string(out, instance, instance_bytes);
    buf_puts(out, ",\"code\":");
    put_string(out, status_name(reason->code));
    buf_puts(out, ",\"reason\":");
    put_string(out, reason->name);
    buf_puts(out, ",\"requestId\":");
    put_string(out, call->request_id);
    if (problem->violations != NULL) {
        put_violations(out, route, problem->violations);
    }
    if (problem->extra != NULL) {
        pb_json_write_members(out, problem->extra_schema, problem->extra);
    }
    buf_putc(out, '}');
}

const struct reason *
http_reason_find(const struct http_contract *contract, const char *name)
{
    for (const struct reason *const *at = contract->reasons; *at != NULL; at++) {
        if (strcmp((*at)->name, name) == 0) {
            return *at;
        }
    }
    return NULL;
}

const struct pb_message *
http_message_find(const struct http_contract *contract, const char *name)
{
    for (const struct pb_message *const *at = contract->messages; *at != NULL; at++) {
        if (strcmp((*at)->full_name, name) == 0) {
            return *at;
        }
    }
    return NULL;
}
