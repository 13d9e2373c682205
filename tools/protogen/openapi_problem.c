/* Problem documents: their schema, an example of each, and the answers that are one. */
#include <ctype.h>
#include <string.h>

#include "base/http_status.h"
#include "base/status.h"
#include "name.h"
#include "openapi.h"

static const char example_id[] = "0195a3c0-7c00-7000-8000-000000000001";

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
put_required(struct doc *doc, const char *const *names)
{
    doc_array(doc, "required");
    for (; *names != NULL; names++) {
        doc_string(doc, NULL, *names);
    }
    doc_end(doc);
}

static void
put_violation_schema(struct doc *doc)
{
    static const char *const places[][2] = {{"pointer", NULL}, {"parameter", NULL}};
    static const char *const always[] = {"reason", "detail", NULL};

    doc_object(doc, "Violation");
    doc_string(doc, "type", "object");
    doc_string(doc, "description", "One thing that is wrong with a request, and where.");
    put_required(doc, always);
    doc_array(doc, "oneOf");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        doc_object(doc, NULL);
        put_required(doc, places[i]);
        doc_end(doc);
    }
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
put_code_property(struct doc *doc)
{
    doc_object(doc, "code");
    doc_string(doc, "type", "string");
    doc_string(doc, "description", "The name of a google.rpc code.");
    doc_array(doc, "enum");
    for (enum status code = STATUS_OK + 1; code <= STATUS_UNAUTHENTICATED; code++) {
        doc_string(doc, NULL, status_name(code));
    }
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
    put_code_property(doc);
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

void
openapi_problem_schemas(struct doc *doc)
{
    static const char *const always[] = {"type", "title",  "status",    "detail", "instance",
                                         "code", "reason", "requestId", NULL};

    doc_object(doc, "Problem");
    doc_string(doc, "type", "object");
    doc_string(doc, "description", "A failure (RFC 9457).");
    put_required(doc, always);
    put_problem_properties(doc);
    doc_end(doc);
    put_violation_schema(doc);
}

/* --- examples --- */

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

/* `urn:depot:problem:name-taken` for NAME_TAKEN. */
static const char *
problem_type(struct arena *arena, const struct def_reason *reason)
{
    char *type = arena_printf(arena, "urn:depot:problem:%s", reason->name);

    for (char *c = type + strlen("urn:depot:problem:"); *c != '\0'; c++) {
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    }
    return type;
}

/* The comment's first line. */
static const char *
problem_detail(struct arena *arena, const struct def_reason *reason)
{
    const char *text = reason->comment != NULL ? reason->comment : reason->title;

    return arena_copy(arena, text, strcspn(text, "\n"));
}

static void
put_detail_members(struct doc *doc, const struct def_message *detail)
{
    for (size_t i = 0; i < detail->n_fields; i++) {
        openapi_example_member(doc, detail, &detail->fields[i]);
    }
}

static void
put_example(struct doc *doc, const struct contract *contract, const struct def_reason *reason)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const struct def_message *detail = openapi_detail(contract, reason);

    doc_object(doc, reason->name);
    doc_string(doc, "summary", reason->title);
    doc_object(doc, "value");
    doc_string(doc, "type", problem_type(arena, reason));
    doc_string(doc, "title", reason->title);
    doc_int(doc, "status", reason->http);
    doc_string(doc, "detail", problem_detail(arena, reason));
    doc_printf(doc, "instance", "/v1/things/%s", example_id);
    doc_string(doc, "code", status_name((enum status)reason->code));
    doc_string(doc, "reason", reason->name);
    doc_string(doc, "requestId", example_id);
    if (detail != NULL) {
        put_detail_members(doc, detail);
    }
    doc_end(doc);
    doc_end(doc);
}

void
openapi_problem_examples(struct doc *doc, const struct contract *contract)
{
    doc_object(doc, "examples");
    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            const struct def_reason *reason = &contract->files[i].reasons[j];

            if (openapi_uses_reason(contract, reason)) {
                put_example(doc, contract, reason);
            }
        }
    }
    doc_end(doc);
}

/* --- answers --- */

/* The members that every problem has; of `reason` only those that this answer can give. */
static void
put_content_schema(struct doc *doc, const struct def_reason *const *reasons, size_t n)
{
    doc_array(doc, "allOf");
    doc_object(doc, NULL);
    doc_string(doc, "$ref", "#/components/schemas/Problem");
    doc_end(doc);
    doc_object(doc, NULL);
    doc_string(doc, "type", "object");
    doc_object(doc, "properties");
    doc_object(doc, "reason");
    doc_string(doc, "type", "string");
    doc_array(doc, "enum");
    for (size_t i = 0; i < n; i++) {
        doc_string(doc, NULL, reasons[i]->name);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

/* Members that come with some of the reasons, and with the others do not. */
static void
put_details(struct doc *doc, const struct contract *contract,
            const struct def_reason *const *reasons, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const struct def_message *detail = openapi_detail(contract, reasons[i]);

        if (detail == NULL) {
            continue;
        }
        if (!any) {
            doc_array(doc, "anyOf");
        }
        any = true;
        doc_object(doc, NULL);
        doc_printf(doc, "$ref", "#/components/schemas/%s",
                   openapi_schema_name(contract, detail, FORM_ANSWER));
        doc_end(doc);
    }
    if (any) {
        doc_object(doc, NULL);
        doc_string(doc, "type", "object");
        doc_end(doc);
        doc_end(doc);
    }
}

static void
put_content(struct doc *doc, const struct contract *contract,
            const struct def_reason *const *reasons, size_t n)
{
    doc_object(doc, "content");
    doc_object(doc, "application/problem+json");
    doc_object(doc, "schema");
    put_content_schema(doc, reasons, n);
    put_details(doc, contract, reasons, n);
    doc_end(doc);
    doc_object(doc, "examples");
    for (size_t i = 0; i < n; i++) {
        doc_object(doc, reasons[i]->name);
        doc_printf(doc, "$ref", "#/components/examples/%s", reasons[i]->name);
        doc_end(doc);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

void
openapi_problem(struct doc *doc, const struct contract *contract, const struct def_method *method,
                uint32_t status, const struct def_reason *const *reasons, size_t n)
{
    struct buf text = BUF_INIT;

    buf_printf(&text, "%s\n", http_status_phrase((int)status));
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, "\n- `%s`: %s", reasons[i]->name, reasons[i]->comment);
    }
    buf_putc(&text, '\0');
    doc_object(doc, openapi_status_key((struct arena *)&contract->arena, status));
    doc_string(doc, "description", text.data);
    openapi_answer_headers(doc, method, (int)status);
    put_content(doc, contract, reasons, n);
    doc_end(doc);
    buf_fini(&text);
}
