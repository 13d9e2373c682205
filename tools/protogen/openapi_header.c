/* Header fields of requests and answers, and which of them a method has. */
#include "openapi.h"

/* --- of answers --- */

/* The component of an ETag that is not there when a change is only tried. */
#define ETAG_OF_CHANGE    "ETagOfChange"
#define RETRY_OF_CONFLICT "RetryAfterOfConflict"

static const struct header {
    const char *name, *description, *example;
    bool always; /* where it applies it is always there */
    bool number;
} headers[] = {
    {"X-Request-Id", "The id of the request in the logs: the client's own, or a new one.",
     "0195a3c0-7c00-7000-8000-000000000002", true, false},
    {"ETag", "The version of what is answered, for `If-Match` and `If-None-Match`.", "\"1\"", true,
     false},
    {ETAG_OF_CHANGE, "The new version, for `If-Match`; not there with `validateOnly`.", "\"2\"",
     false, false},
    {"Location", "The URL of what was made; not there with `validateOnly`.",
     "/v1/things/0195a3c0-7c00-7000-8000-000000000001", false, false},
    {"Link", "The first page, and the next one if there is one (RFC 8288).",
     "</v1/things>; rel=\"first\"", false, false},
    {"Idempotent-Replayed",
     "`true`: the answer of an earlier request with the same idempotency key.", "true", false,
     false},
    {"RateLimit", "What is left of the client's share of requests; not there without a limit.",
     "\"default\";r=99;t=1", false, false},
    {"RateLimit-Policy", "The client's share of requests; not there without a limit.",
     "\"default\";q=100;w=1", false, false},
    {"WWW-Authenticate",
     "How to make oneself known, and what is wrong with a token that came (RFC 6750).",
     "Bearer realm=\"depot\"", true, false},
    {"Retry-After", "After how many seconds to try again.", "1", true, true},
    {RETRY_OF_CONFLICT, "After how many seconds to try again; with REQUEST_IN_PROGRESS only.", "1",
     false, true},
};

void
openapi_headers(struct doc *doc)
{
    doc_object(doc, "headers");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        doc_object(doc, headers[i].name);
        doc_string(doc, "description", headers[i].description);
        if (headers[i].always) {
            doc_bool(doc, "required", true);
        }
        doc_object(doc, "schema");
        doc_string(doc, "type", headers[i].number ? "integer" : "string");
        doc_end(doc);
        if (headers[i].number) {
            doc_int(doc, "example", 1);
        } else {
            doc_string(doc, "example", headers[i].example);
        }
        doc_end(doc);
    }
    doc_end(doc);
}

static void
put_header_as(struct doc *doc, const char *name, const char *component)
{
    doc_object(doc, name);
    doc_printf(doc, "$ref", "#/components/headers/%s", component);
    doc_end(doc);
}

static void
put_header(struct doc *doc, const char *name)
{
    put_header_as(doc, name, name);
}

static int
etag_field(const struct def_message *message)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        if (message->fields[i].rule->etag) {
            return (int)i;
        }
    }
    return -1;
}

static bool
has_etag(const struct def_method *method, int status)
{
    return status == 304 || status == 200
               ? method->no_side_effects || etag_field(method->reply) >= 0
               : status == 201 && etag_field(method->reply) >= 0;
}

static void
put_method_headers(struct doc *doc, const struct def_method *method, int status)
{
    if (has_etag(method, status)) {
        put_header_as(doc, "ETag", method->no_side_effects ? "ETag" : ETAG_OF_CHANGE);
    }
    if (status == 201) {
        put_header(doc, "Location");
    }
    if (status == 200 && message_field(method->request, "page_token") >= 0) {
        put_header(doc, "Link");
    }
    if (status < 300 && method->rule->idempotency_key) {
        put_header(doc, "Idempotent-Replayed");
    }
    put_header(doc, "RateLimit");
    put_header(doc, "RateLimit-Policy");
}

/* What a status of failure comes with. */
static void
put_failure_headers(struct doc *doc, const struct def_method *method, int status)
{
    if (status == 401) {
        put_header(doc, "WWW-Authenticate");
    }
    if (status == 429 || status == 503) {
        put_header(doc, "Retry-After");
    } else if (status == 409 && method != NULL && method->rule->idempotency_key) {
        put_header_as(doc, "Retry-After", RETRY_OF_CONFLICT);
    }
}

void
openapi_answer_headers(struct doc *doc, const struct def_method *method, int status)
{
    doc_object(doc, "headers");
    put_header(doc, "X-Request-Id");
    if (method != NULL) {
        put_method_headers(doc, method, status);
    } else {
        put_header(doc, "RateLimit");
        put_header(doc, "RateLimit-Policy");
    }
    put_failure_headers(doc, method, status);
    doc_end(doc);
}

void
openapi_own_headers(struct doc *doc, bool document)
{
    doc_object(doc, "headers");
    put_header(doc, "X-Request-Id");
    if (document) {
        put_header(doc, "ETag");
        put_header(doc, "RateLimit");
        put_header(doc, "RateLimit-Policy");
    }
    doc_end(doc);
}

/* --- of requests --- */

static bool
takes_if_match(const struct def_method *method)
{
    for (size_t i = 0; i < method->request->n_fields; i++) {
        if (method->request->fields[i].rule->if_match) {
            return true;
        }
    }
    return false;
}

static bool
takes_if_none_match(const struct def_method *method)
{
    return method->no_side_effects;
}

static bool
takes_validate_only(const struct def_method *method)
{
    return method->validate_only;
}

static bool
takes_key(const struct def_method *method)
{
    return method->rule->idempotency_key;
}

/* Without examples: pages that try a method out would send them. */
static const struct parameter {
    const char *key, *name, *in, *description;
    int64_t max_length; /* 0: a bool */
    bool (*applies)(const struct def_method *method);
} parameters[] = {
    {"ValidateOnly", "validateOnly", "query",
     "Everything but the effect: the answer is what it would be, and nothing is changed.", 0,
     takes_validate_only},
    {"IdempotencyKey", "Idempotency-Key", "header",
     "Makes trying again safe: the same key and request has one effect and one answer, "
     "for 24 hours. For example: `b2c1a9d4`.",
     255, takes_key},
    {"IfMatch", "If-Match", "header",
     "Only if what is there has one of these versions, as `ETag` gave them; `*`: any. Else the "
     "answer is 412. For example: `\"1\"`.",
     4096, takes_if_match},
    {"IfNoneMatch", "If-None-Match", "header",
     "Only if what is there has none of these versions. Else the answer is 304. For example: "
     "`\"1\"`.",
     4096, takes_if_none_match},
};

enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

static void
put_parameter(struct doc *doc, const struct parameter *parameter)
{
    doc_object(doc, parameter->key);
    doc_string(doc, "name", parameter->name);
    doc_string(doc, "in", parameter->in);
    doc_string(doc, "description", parameter->description);
    doc_object(doc, "schema");
    if (parameter->max_length == 0) {
        doc_string(doc, "type", "boolean");
    } else {
        doc_string(doc, "type", "string");
        doc_int(doc, "minLength", 1);
        doc_int(doc, "maxLength", parameter->max_length);
    }
    doc_end(doc);
    doc_end(doc);
}

static bool
is_used(const struct openapi_routes *routes, const struct parameter *parameter)
{
    for (size_t i = 0; i < routes->n; i++) {
        if (parameter->applies(routes->list[i]->method)) {
            return true;
        }
    }
    return false;
}

void
openapi_header_parameters(struct doc *doc, const struct openapi_routes *routes)
{
    doc_object(doc, "parameters");
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (is_used(routes, &parameters[i])) {
            put_parameter(doc, &parameters[i]);
        }
    }
    doc_end(doc);
}

static void
put_reference(struct doc *doc, const struct parameter *parameter)
{
    doc_object(doc, NULL);
    doc_printf(doc, "$ref", "#/components/parameters/%s", parameter->key);
    doc_end(doc);
}

void
openapi_put_if_none_match(struct doc *doc)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (parameters[i].applies == takes_if_none_match) {
            put_reference(doc, &parameters[i]);
        }
    }
}

void
openapi_put_header_parameters(struct doc *doc, const struct def_method *method)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (parameters[i].applies(method)) {
            put_reference(doc, &parameters[i]);
        }
    }
}
