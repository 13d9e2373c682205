/* The paths of the gateway itself. */
#include <string.h>

#include "openapi.h"

enum { REASONS_MAX = 8 };

/* What every path can answer to a request that is not valid. */
static const char *const general[] = {"MALFORMED_REQUEST", "BODY_NOT_ALLOWED",  "REQUEST_TIMEOUT",
                                      "URI_TOO_LONG",      "HEADERS_TOO_LARGE", NULL};

/* What a document can, which has conditions and counts as a request of the client's share. */
static const char *const of_documents[] = {"BAD_CONDITION", "ETAG_MISMATCH", "RATE_LIMITED", NULL};

/* The shape of a content. */
enum content {
    CONTENT_STATUS,
    CONTENT_DOCUMENT,
    CONTENT_KEYS,
    CONTENT_TEXT,
    CONTENT_BYTES,
    CONTENT_FILES
};

static const struct own {
    const char *path, *id, *summary, *description;
    const char *media_types[4]; /* the rest is NULL */
    enum content content;
    bool for_operators; /* nothing is kept and nothing counted */
    const char *parameter, *example;
    const char *reasons[3]; /* that it alone gives; the rest is NULL */
} own[] = {
    {.path = "/livez",
     .id = "GetLiveness",
     .summary = "Whether the process is alive",
     .description = "Answers as long as the process runs.",
     .media_types = {"application/json"},
     .content = CONTENT_STATUS,
     .for_operators = true},
    {.path = "/readyz",
     .id = "GetReadiness",
     .summary = "Whether requests would be served now",
     .description =
         "Answers 503, saying why, while the gateway drains or a service cannot be reached.",
     .media_types = {"application/json"},
     .content = CONTENT_STATUS,
     .for_operators = true,
     .reasons = {"NOT_READY"}},
    {.path = "/metrics",
     .id = "GetMetrics",
     .summary = "Counts and latencies for Prometheus",
     .description = "In Prometheus' text format, by method and status.",
     .media_types = {"text/plain"},
     .content = CONTENT_TEXT,
     .for_operators = true},
    {.path = "/openapi.json",
     .id = "GetOpenapi",
     .summary = "This document",
     .description = "The contract as OpenAPI 3.1.",
     .media_types = {"application/json"},
     .content = CONTENT_DOCUMENT},
    {.path = "/openapi-3.0.json",
     .id = "GetOpenapi30",
     .summary = "This document for older tools",
     .description = "The contract as OpenAPI 3.0.3.",
     .media_types = {"application/json"},
     .content = CONTENT_DOCUMENT},
    {.path = "/descriptor.binpb",
     .id = "GetDescriptor",
     .summary = "The contract as protobuf describes it",
     .description =
         "A `google.protobuf.FileDescriptorSet` with comments, from which clients can be made.",
     .media_types = {"application/x-protobuf"},
     .content = CONTENT_BYTES},
    {.path = "/.well-known/jwks.json",
     .id = "GetKeys",
     .summary = "The keys that access tokens are signed with",
     .description =
         "A JSON Web Key Set (RFC 7517). Keys come and go: ask again for one that is not "
         "in it. Empty where nobody is asked who they are.",
     .media_types = {"application/jwk-set+json"},
     .content = CONTENT_KEYS,
     .reasons = {"NOT_READY"}},
    {.path = "/",
     .id = "GetHome",
     .summary = "A page that says what this is",
     .description = "For people: where to begin.",
     .media_types = {"text/html"},
     .content = CONTENT_TEXT,
     .reasons = {"NOT_ACCEPTABLE"}},
    {.path = "/docs",
     .id = "GetDocs",
     .summary = "A page to read this document and to try it out",
     .description = "For people: Swagger UI, where it is installed.",
     .media_types = {"text/html"},
     .content = CONTENT_TEXT,
     .reasons = {"NOT_ACCEPTABLE", "ROUTE_UNKNOWN"}},
    {.path = "/docs/{file}",
     .id = "GetDocsFile",
     .summary = "What that page loads",
     .description = "Scripts, styles and images. Their names change with what is in them.",
     .media_types = {"text/javascript", "text/css", "image/png"},
     .content = CONTENT_FILES,
     .parameter = "file",
     .example = "start.js",
     .reasons = {"ROUTE_UNKNOWN"}},
};

enum { OWN = sizeof own / sizeof own[0] };

/* --- contents --- */

static void
put_status(struct doc *doc)
{
    doc_object(doc, "schema");
    doc_string(doc, "type", "object");
    doc_array(doc, "required");
    doc_string(doc, NULL, "status");
    doc_end(doc);
    doc_object(doc, "properties");
    doc_object(doc, "status");
    doc_string(doc, "type", "string");
    doc_array(doc, "enum");
    doc_string(doc, NULL, "ok");
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_object(doc, "example");
    doc_string(doc, "status", "ok");
    doc_end(doc);
}

static void
put_document(struct doc *doc)
{
    doc_object(doc, "schema");
    doc_string(doc, "type", "object");
    doc_array(doc, "required");
    doc_string(doc, NULL, "openapi");
    doc_end(doc);
    doc_object(doc, "properties");
    doc_object(doc, "openapi");
    doc_string(doc, "type", "string");
    doc_end(doc);
    doc_end(doc);
    doc_bool(doc, "additionalProperties", true);
    doc_end(doc);
    doc_object(doc, "example");
    doc_string(doc, "openapi", doc->openapi_30 ? "3.0.3" : "3.1.0");
    doc_end(doc);
}

/* Of Ed25519 (RFC 8037). */
static const struct {
    const char *name, *example;
} key_members[] = {
    {"kty", "OKP"},
    {"crv", "Ed25519"},
    {"use", "sig"},
    {"alg", "EdDSA"},
    {"kid", "K7vN2hXqP0aBcDeF"},
    {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
};

enum { KEY_MEMBERS = sizeof key_members / sizeof key_members[0] };

static void
put_key_schema(struct doc *doc)
{
    doc_string(doc, "type", "object");
    doc_array(doc, "required");
    for (size_t i = 0; i < KEY_MEMBERS; i++) {
        doc_string(doc, NULL, key_members[i].name);
    }
    doc_end(doc);
    doc_object(doc, "properties");
    for (size_t i = 0; i < KEY_MEMBERS; i++) {
        doc_object(doc, key_members[i].name);
        doc_string(doc, "type", "string");
        doc_end(doc);
    }
    doc_end(doc);
}

static void
put_keys(struct doc *doc)
{
    doc_object(doc, "schema");
    doc_string(doc, "type", "object");
    doc_array(doc, "required");
    doc_string(doc, NULL, "keys");
    doc_end(doc);
    doc_object(doc, "properties");
    doc_object(doc, "keys");
    doc_string(doc, "type", "array");
    doc_object(doc, "items");
    put_key_schema(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_object(doc, "example");
    doc_array(doc, "keys");
    doc_object(doc, NULL);
    for (size_t i = 0; i < KEY_MEMBERS; i++) {
        doc_string(doc, key_members[i].name, key_members[i].example);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

static void
put_text(struct doc *doc)
{
    doc_object(doc, "schema");
    doc_string(doc, "type", "string");
    doc_end(doc);
}

/* 3.1 says nothing at all about bytes. */
static void
put_bytes(struct doc *doc)
{
    if (doc->openapi_30) {
        doc_object(doc, "schema");
        doc_string(doc, "type", "string");
        doc_string(doc, "format", "binary");
        doc_end(doc);
    }
}

static void
put_media_type(struct doc *doc, enum content content)
{
    switch (content) {
    case CONTENT_STATUS:
        put_status(doc);
        break;
    case CONTENT_DOCUMENT:
        put_document(doc);
        break;
    case CONTENT_KEYS:
        put_keys(doc);
        break;
    case CONTENT_TEXT:
        put_text(doc);
        break;
    case CONTENT_BYTES:
    case CONTENT_FILES:
        put_bytes(doc);
        break;
    }
}

static void
put_content(struct doc *doc, const struct own *path)
{
    doc_object(doc, "content");
    for (size_t i = 0; path->media_types[i] != NULL; i++) {
        doc_object(doc, path->media_types[i]);
        put_media_type(doc, path->content);
        doc_end(doc);
    }
    doc_end(doc);
}

/* --- failures --- */

static bool
is_among(const char *const *names, const struct def_reason *reason)
{
    while (*names != NULL && strcmp(*names, reason->name) != 0) {
        names++;
    }
    return *names != NULL;
}

static bool
gives(const struct own *path, const struct def_reason *reason)
{
    return is_among(general, reason) || is_among(path->reasons, reason) ||
           (!path->for_operators && is_among(of_documents, reason));
}

bool
openapi_own_reason(const struct def_reason *reason)
{
    for (size_t i = 0; i < OWN; i++) {
        if (gives(&own[i], reason)) {
            return true;
        }
    }
    return false;
}

static void
put_failures(struct doc *doc, const struct contract *contract, const struct own *path,
             uint32_t status)
{
    const struct def_reason *reasons[REASONS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            const struct def_reason *reason = &contract->files[i].reasons[j];

            if (reason->http == status && gives(path, reason) && n < REASONS_MAX) {
                reasons[n++] = reason;
            }
        }
    }
    if (n != 0) {
        openapi_problem(doc, contract, NULL, status, reasons, n);
    }
}

/* --- paths --- */

static void
put_responses(struct doc *doc, const struct contract *contract, const struct own *path)
{
    doc_object(doc, "responses");
    doc_object(doc, "200");
    doc_string(doc, "description", "Done.");
    openapi_own_headers(doc, !path->for_operators);
    put_content(doc, path);
    doc_end(doc);
    if (!path->for_operators) {
        doc_object(doc, "304");
        doc_string(doc, "description", "The client has it already: `If-None-Match` names it.");
        openapi_own_headers(doc, true);
        doc_end(doc);
    }
    for (uint32_t status = 400; status < 600; status++) {
        put_failures(doc, contract, path, status);
    }
    doc_end(doc);
}

static void
put_parameters(struct doc *doc, const struct own *path)
{
    doc_array(doc, "parameters");
    if (path->parameter != NULL) {
        doc_object(doc, NULL);
        doc_string(doc, "name", path->parameter);
        doc_string(doc, "in", "path");
        doc_bool(doc, "required", true);
        doc_string(doc, "description", "As the page names it.");
        doc_object(doc, "schema");
        doc_string(doc, "type", "string");
        doc_end(doc);
        doc_string(doc, "example", path->example);
        doc_end(doc);
    }
    if (!path->for_operators) {
        openapi_put_if_none_match(doc);
    }
    doc_end(doc);
}

void
openapi_own_paths(struct doc *doc, const struct contract *contract)
{
    for (size_t i = 0; i < OWN; i++) {
        doc_object(doc, own[i].path);
        doc_object(doc, "get");
        doc_array(doc, "tags");
        doc_string(doc, NULL, "Gateway");
        doc_end(doc);
        doc_string(doc, "operationId", own[i].id);
        doc_string(doc, "summary", own[i].summary);
        doc_string(doc, "description", own[i].description);
        doc_string(doc, "x-access", "ANONYMOUS");
        openapi_put_security(doc, NULL);
        put_parameters(doc, &own[i]);
        put_responses(doc, contract, &own[i]);
        doc_end(doc);
        doc_end(doc);
    }
}
