#include "support/problem.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/transcode.h"

/*
 * Words of libraries, of SQL and of our sources, which tell clients nothing but where to drill. A
 * column with a number is one of the client's own text.
 */
static const char *const leaks[] = {
    "nng",         "libpq",     "llhttp", "SQLSTATE", "pg_",   "postgres", "relation",
    "column \\\"", "statement", "psql",   "protobuf", "errno", "epoll",    "SELECT ",
    "INSERT ",     "ASSERT",    ".c:",    "null)",    "0x",    "socket",   "Traceback",
};

static void
expect_no_leak(const char *body, const char *what)
{
    for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
        cr_assert_null(strcasestr(body, leaks[i]), "%s: \"%s\" in %s", what, leaks[i], body);
    }
}

static const struct reason *
reason_of(const char *name)
{
    const struct reason *reason = http_reason_find(&http_contract, name);

    cr_assert_not_null(reason, "the contract has no %s", name);
    return reason;
}

/* urn:depot:problem:name-taken for NAME_TAKEN. */
static void
type_of(const struct reason *reason, char out[static 128])
{
    size_t length = (size_t)snprintf(out, 128, "urn:depot:problem:%s", reason->name);

    for (size_t i = strlen("urn:depot:problem:"); i < length; i++) {
        out[i] = out[i] == '_' ? '-' : (char)tolower((unsigned char)out[i]);
    }
}

static void
expect_member(const json_t *problem, const char *name, const char *wanted, const char *what)
{
    const char *text = json_string_value(json_object_get(problem, name));

    cr_assert(text != NULL && strcmp(text, wanted) == 0, "%s: %s is %s instead of %s", what, name,
              text == NULL ? "absent" : text, wanted);
}

static void
expect_text(const json_t *object, const char *name, const char *what)
{
    const char *text = json_string_value(json_object_get(object, name));

    cr_assert(text != NULL && text[0] != '\0', "%s: no %s", what, name);
}

/* Each has one place, a reason of the contract, and a text. */
static void
expect_errors(const json_t *problem, const char *what)
{
    size_t index;
    json_t *error;

    json_array_foreach(json_object_get(problem, "errors"), index, error)
    {
        const char *reason = json_string_value(json_object_get(error, "reason"));
        bool has_pointer = json_is_string(json_object_get(error, "pointer"));
        bool has_parameter = json_is_string(json_object_get(error, "parameter"));

        cr_assert(has_pointer != has_parameter, "%s: error %zu", what, index);
        expect_text(error, "detail", what);
        cr_assert_not_null(reason, "%s: error %zu", what, index);
        reason_of(reason);
    }
}

static json_t *
body_of(const struct http_response *response, const char *type, const char *what)
{
    json_t *body = json_loads(response->body, JSON_REJECT_DUPLICATES, NULL);
    char *content_type = http_header(response, "Content-Type");

    cr_assert_not_null(body, "%s: %d %s", what, response->status, response->body);
    cr_assert(content_type != NULL && strcmp(content_type, type) == 0, "%s: %s", what,
              content_type);
    free(content_type);
    expect_no_leak(response->body, what);
    return body;
}

void
problem_expect(const struct http_response *response, const char *name, const char *what)
{
    const struct reason *reason = reason_of(name);
    json_t *problem = body_of(response, "application/problem+json", what);
    char *id = http_header(response, "X-Request-Id");
    char type[128];

    expect_member(problem, "reason", name, what);
    cr_assert_eq(response->status, reason->http_status, "%s: %d %s", what, response->status,
                 response->body);
    cr_assert_eq(json_integer_value(json_object_get(problem, "status")), reason->http_status);
    type_of(reason, type);
    expect_member(problem, "type", type, what);
    expect_member(problem, "title", reason->title, what);
    expect_member(problem, "code", status_name(reason->code), what);
    expect_text(problem, "detail", what);
    cr_assert(json_is_string(json_object_get(problem, "instance")), "%s: no instance", what);
    cr_assert_not_null(id, "%s", what);
    expect_member(problem, "requestId", id, what);
    expect_errors(problem, what);
    free(id);
    json_decref(problem);
}

void
problem_expect_connect(const struct http_response *response, const char *name, const char *what)
{
    const struct reason *reason = reason_of(name);
    json_t *error = body_of(response, "application/json", what);
    const json_t *detail = json_array_get(json_object_get(error, "details"), 0);
    const char *code = json_string_value(json_object_get(error, "code"));

    expect_text(error, "message", what);
    cr_assert_not_null(code);
    cr_assert_eq(strcasecmp(code, status_name(reason->code)), 0, "%s: %s", what, code);
    expect_member(detail, "type", "depot.rpc.v1.ErrorInfo", what);
    expect_member(json_object_get(detail, "debug"), "reason", name, what);
    json_decref(error);
}

void
problem_ask_raw(int port, const char *bytes, size_t length, int seconds, bool *closed, char **rest,
                struct http_response *response)
{
    bool ended;
    char *text = http_raw(port, bytes, length, seconds, &ended);
    char *head_end = strstr(text, "\r\n\r\n");
    char *header;
    size_t body_bytes;

    *response = (struct http_response){.headers = text};
    if (closed != NULL) {
        *closed = ended;
    }
    if (head_end == NULL) {
        response->body = strdup(text);
    } else {
        response->status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
        response->body = strdup(head_end + 4);
        head_end[2] = '\0';
    }
    header = http_header(response, "Content-Length");
    body_bytes = header == NULL ? 0 : strtoul(header, NULL, 10);
    free(header);
    if (body_bytes > strlen(response->body)) {
        body_bytes = strlen(response->body);
    }
    if (rest != NULL) {
        *rest = strdup(response->body + body_bytes);
    }
    if (response->status != 0) {
        response->body[body_bytes] = '\0';
    }
}
