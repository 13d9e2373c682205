/* Problem documents: their schema, and which reasons and members one answer's can have. */
#include <string.h>

#include "name.h"
#include "openapi.h"
#include "status_name.h"

/* --- schemas --- */

static void
put_text_property(struct doc *doc, const char *name, const char *description)
{
    doc_object(doc, name);
    doc_string(doc, "type", "string");
    doc_string(doc, "description", description);
    doc_end(doc);
}

static void
put_violation_schema(struct doc *doc)
{
    doc_object(doc, "Violation");
    doc_string(doc, "type", "object");
    doc_string(doc, "description", "One thing that is wrong with a request.");
    doc_array(doc, "required");
    doc_string(doc, NULL, "reason");
    doc_string(doc, NULL, "detail");
    doc_end(doc);
    doc_object(doc, "properties");
    put_text_property(doc, "pointer", "The place in the body, a JSON pointer (RFC 6901).");
    put_text_property(doc, "parameter", "The parameter of path or query.");
    put_text_property(doc, "reason", "The stable name of what is wrong.");
    put_text_property(doc, "detail", "For people.");
    doc_end(doc);
    doc_end(doc);
}

static void
put_problem_properties(struct doc *doc)
{
    doc_object(doc, "properties");
    put_text_property(doc, "type", "A URI for the reason.");
    put_text_property(doc, "title", "The reason in words, the same for every occurrence.");
    doc_object(doc, "status");
    doc_string(doc, "type", "integer");
    doc_string(doc, "description", "The HTTP status.");
    doc_end(doc);
    put_text_property(doc, "detail", "What happened this time, for people.");
    put_text_property(doc, "instance", "The path that was asked for.");
    doc_object(doc, "code");
    doc_string(doc, "type", "string");
    doc_string(doc, "description", "The name of a google.rpc code.");
    doc_array(doc, "enum");
    for (uint32_t i = 1; i < STATUS_CODES; i++) {
        doc_string(doc, NULL, code_name(i));
    }
    doc_end(doc);
    doc_end(doc);
    put_text_property(doc, "reason", "The stable name of what went wrong: decide by this.");
    put_text_property(doc, "requestId", "The id of the request in the logs.");
    doc_object(doc, "errors");
    doc_string(doc, "type", "array");
    doc_string(doc, "description", "Everything that is wrong with the request.");
    doc_object(doc, "items");
    doc_string(doc, "$ref", "#/components/schemas/Violation");
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

static void
put_problem_schema(struct doc *doc)
{
    static const char *const always[] = {"type",     "title", "status", "detail",
                                         "instance", "code",  "reason", "requestId"};

    doc_object(doc, "Problem");
    doc_string(doc, "type", "object");
    doc_string(doc, "description", "A failure (RFC 9457).");
    doc_array(doc, "required");
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        doc_string(doc, NULL, always[i]);
    }
    doc_end(doc);
    put_problem_properties(doc);
    doc_end(doc);
}

void
openapi_problem_schemas(struct doc *doc)
{
    put_problem_schema(doc);
    put_violation_schema(doc);
}

/* --- contents --- */

const struct def_message *
openapi_detail(const struct contract *contract, const struct def_reason *reason)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const struct def_file *file = reason->file;

    for (size_t i = 0; i < file->n_messages; i++) {
        if (strcmp(name_upper_snake(arena, file->messages[i].name), reason->name) == 0) {
            return &file->messages[i];
        }
    }
    return NULL;
}

static void
put_content_schema(struct doc *doc, const char *const *names)
{
    doc_array(doc, "allOf");
    doc_object(doc, NULL);
    doc_string(doc, "$ref", "#/components/schemas/Problem");
    doc_end(doc);
    doc_object(doc, NULL);
    doc_object(doc, "properties");
    doc_object(doc, "reason");
    doc_array(doc, "enum");
    for (size_t i = 0; names[i] != NULL; i++) {
        doc_string(doc, NULL, names[i]);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

/* Members that come with some of the reasons, and with the others do not. */
static void
put_details(struct doc *doc, const struct contract *contract, const char *const *names)
{
    size_t n = 0;

    for (size_t i = 0; names[i] != NULL; i++) {
        const struct def_reason *reason = contract_reason(contract, names[i]);
        const struct def_message *detail = reason != NULL ? openapi_detail(contract, reason) : NULL;

        if (detail == NULL) {
            continue;
        }
        if (n++ == 0) {
            doc_array(doc, "anyOf");
        }
        doc_object(doc, NULL);
        doc_printf(doc, "$ref", "#/components/schemas/%s", openapi_schema_name(contract, detail));
        doc_end(doc);
    }
    if (n != 0) {
        doc_object(doc, NULL);
        doc_end(doc);
        doc_end(doc);
    }
}

void
openapi_problem(struct doc *doc, const struct contract *contract, const char *const *names)
{
    doc_object(doc, "content");
    doc_object(doc, "application/problem+json");
    doc_object(doc, "schema");
    put_content_schema(doc, names);
    put_details(doc, contract, names);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}
