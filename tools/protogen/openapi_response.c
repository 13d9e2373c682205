/* The answers of a method: its success, and each status of failure with its reasons. */
#include "applies.h"
#include "openapi.h"

enum { REASONS_MAX = 96 };

const char *
openapi_status_key(struct arena *arena, uint32_t status)
{
    return arena_printf(arena, "%u", (unsigned)status);
}

static void
put_content(struct doc *doc, const struct contract *contract, const struct def_message *reply)
{
    doc_object(doc, "content");
    doc_object(doc, "application/json");
    openapi_schema_ref(doc, contract, reply, FORM_ANSWER);
    openapi_example(doc, "example", reply, FORM_ANSWER, NULL);
    doc_end(doc);
    doc_end(doc);
}

static void
put_success(struct doc *doc, const struct contract *contract, const struct openapi_routes *routes,
            const struct def_method *method)
{
    int status = method_success(method);

    doc_object(doc, openapi_status_key((struct arena *)&contract->arena, (uint32_t)status));
    doc_string(doc, "description",
               status == 201   ? "Made."
               : status == 204 ? "Done; there is nothing to say."
                               : "Done.");
    openapi_answer_headers(doc, method, status);
    if (status != 204) {
        put_content(doc, contract, method->reply);
    }
    openapi_links(doc, contract, routes, method);
    doc_end(doc);
}

static void
put_not_modified(struct doc *doc, const struct def_method *method)
{
    if (method->no_side_effects) {
        doc_object(doc, "304");
        doc_string(doc, "description", "The client has it already: `If-None-Match` names it.");
        openapi_answer_headers(doc, method, 304);
        doc_end(doc);
    }
}

/* --- failures --- */

/* The method's reasons with this status; returns how many. */
static size_t
reasons_of(const struct contract *contract, const struct def_method *method, uint32_t status,
           const struct def_reason **out)
{
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            const struct def_reason *reason = &contract->files[i].reasons[j];

            if (reason->http == status && reason_applies(reason, method) && n < REASONS_MAX) {
                out[n++] = reason;
            }
        }
    }
    return n;
}

void
openapi_responses(struct doc *doc, const struct contract *contract,
                  const struct openapi_routes *routes, const struct def_method *method)
{
    const struct def_reason *reasons[REASONS_MAX];

    doc_object(doc, "responses");
    put_success(doc, contract, routes, method);
    put_not_modified(doc, method);
    for (uint32_t status = 400; status < 600; status++) {
        size_t n = reasons_of(contract, method, status, reasons);

        if (n != 0) {
            openapi_problem(doc, contract, method, status, reasons, n);
        }
    }
    doc_end(doc);
}
