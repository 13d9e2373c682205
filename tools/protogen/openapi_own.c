/* The paths of the gateway itself. */
#include <string.h>

#include "openapi.h"

enum { REASONS_MAX = 8 };

/* What every path of the gateway can answer to a request that is not valid. */
static const char *const general[] = {"MALFORMED_REQUEST", "BODY_NOT_ALLOWED", "REQUEST_TIMEOUT",
                                      "URI_TOO_LONG", "HEADERS_TOO_LARGE"};

enum { GENERAL = sizeof general / sizeof general[0] };

/* The shape of a content. */
enum content { CONTENT_STATUS, CONTENT_DOCUMENT, CONTENT_TEXT, CONTENT_BYTES };

static const struct own {
    const char *path, *id, *summary, *description, *media_type;
    enum content content;
    const char *reason; /* that it alone gives, or NULL */
} own[] = {
    {"/livez", "GetLiveness", "Whether the process is alive",
     "Answers as long as the process runs.", "application/json", CONTENT_STATUS, NULL},
    {"/readyz", "GetReadiness", "Whether requests would be served now",
     "Answers 503, saying why, while the gateway drains or a service cannot be reached.",
     "application/json", CONTENT_STATUS, "NOT_READY"},
    {"/metrics", "GetMetrics", "Counts and latencies for Prometheus",
     "In Prometheus' text format, by method and status.", "text/plain", CONTENT_TEXT, NULL},
    {"/openapi.json", "GetOpenapi", "This document", "The contract as OpenAPI 3.1.",
     "application/json", CONTENT_DOCUMENT, NULL},
    {"/openapi-3.0.json", "GetOpenapi30", "This document for older tools",
     "The contract as OpenAPI 3.0.3.", "application/json", CONTENT_DOCUMENT, NULL},
    {"/descriptor.binpb", "GetDescriptor", "The contract as protobuf describes it",
     "A `google.protobuf.FileDescriptorSet` with comments, from which clients can be made.",
     "application/x-protobuf", CONTENT_BYTES, NULL},
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

static void
put_text(struct doc *doc)
{
    doc_object(doc, "schema");
    doc_string(doc, "type", "string");
    doc_end(doc);
    doc_string(doc, "example", "depot_ready 1\n");
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
put_content(struct doc *doc, const struct own *path)
{
    doc_object(doc, "content");
    doc_object(doc, path->media_type);
    switch (path->content) {
    case CONTENT_STATUS:
        put_status(doc);
        break;
    case CONTENT_DOCUMENT:
        put_document(doc);
        break;
    case CONTENT_TEXT:
        put_text(doc);
        break;
    case CONTENT_BYTES:
        put_bytes(doc);
        break;
    }
    doc_end(doc);
    doc_end(doc);
}

/* --- failures --- */

/* Those of the path's reasons that have the status; returns how many. */
static size_t
reasons_of(const struct contract *contract, const struct own *path, uint32_t status,
           const struct def_reason **out)
{
    size_t n = 0;

    for (size_t i = 0; i <= GENERAL; i++) {
        const char *name = i < GENERAL ? general[i] : path->reason;
        const struct def_reason *reason = name != NULL ? contract_reason(contract, name) : NULL;

        if (reason != NULL && reason->http == status) {
            out[n++] = reason;
        }
    }
    return n;
}

bool
openapi_own_reason(const struct def_reason *reason)
{
    for (size_t i = 0; i < GENERAL; i++) {
        if (strcmp(general[i], reason->name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < OWN; i++) {
        if (own[i].reason != NULL && strcmp(own[i].reason, reason->name) == 0) {
            return true;
        }
    }
    return false;
}

/* --- paths --- */

static void
put_responses(struct doc *doc, const struct contract *contract, const struct own *path)
{
    const struct def_reason *reasons[REASONS_MAX];

    doc_object(doc, "responses");
    doc_object(doc, "200");
    doc_string(doc, "description", "Done.");
    openapi_answer_headers(doc, NULL, 200);
    put_content(doc, path);
    doc_end(doc);
    for (uint32_t status = 400; status < 600; status++) {
        size_t n = reasons_of(contract, path, status, reasons);

        if (n != 0) {
            openapi_problem(doc, contract, NULL, status, reasons, n);
        }
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
        put_responses(doc, contract, &own[i]);
        doc_end(doc);
        doc_end(doc);
    }
}
