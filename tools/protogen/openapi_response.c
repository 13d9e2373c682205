/* The answers of a method: its success, and each status of failure with its reasons. */
#include "applies.h"
#include "base/buf.h"
#include "openapi.h"
#include "status_name.h"

enum { REASONS_MAX = 64 };

/* --- success --- */

static void
put_header(struct doc *doc, const char *name, const char *description)
{
    doc_object(doc, name);
    doc_string(doc, "description", description);
    doc_object(doc, "schema");
    doc_string(doc, "type", "string");
    doc_end(doc);
    doc_end(doc);
}

static void
put_success_headers(struct doc *doc, const struct def_method *method)
{
    if (method->n_location == 0 && !method->rule->idempotency_key) {
        return;
    }
    doc_object(doc, "headers");
    if (method->n_location != 0) {
        put_header(doc, "Location", "The URL of what was made.");
    }
    if (method->rule->idempotency_key) {
        put_header(doc, "Idempotent-Replayed",
                   "`true`: the answer of an earlier request with the same idempotency key.");
    }
    doc_end(doc);
}

static void
put_success(struct doc *doc, const struct contract *contract, const struct def_method *method)
{
    int status = method_success(method);
    char key[8];

    key[0] = (char)('0' + status / 100);
    key[1] = (char)('0' + status / 10 % 10);
    key[2] = (char)('0' + status % 10);
    key[3] = '\0';
    doc_object(doc, key);
    doc_string(doc, "description",
               status == 201   ? "Made."
               : status == 204 ? "Done; there is nothing to say."
                               : "Done.");
    put_success_headers(doc, method);
    if (status != 204) {
        doc_object(doc, "content");
        doc_object(doc, "application/json");
        doc_object(doc, "schema");
        doc_printf(doc, "$ref", "#/components/schemas/%s",
                   openapi_schema_name(contract, method->reply));
        doc_end(doc);
        doc_end(doc);
        doc_end(doc);
    }
    doc_end(doc);
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

static void
put_failure(struct doc *doc, const struct contract *contract, uint32_t status,
            const struct def_reason *const *reasons, size_t n)
{
    struct buf text = BUF_INIT;
    const char *names[REASONS_MAX + 1];
    char key[8] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10),
                   (char)('0' + status % 10)};

    buf_printf(&text, "%s\n", http_status_name(status));
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, "\n- `%s`: %s", reasons[i]->name, reasons[i]->comment);
        names[i] = reasons[i]->name;
    }
    names[n] = NULL;
    buf_putc(&text, '\0');
    doc_object(doc, key);
    doc_string(doc, "description", text.data);
    if (status == 429 || status == 503) {
        doc_object(doc, "headers");
        put_header(doc, "Retry-After", "After how many seconds to try again.");
        doc_end(doc);
    }
    openapi_problem(doc, contract, names);
    doc_end(doc);
    buf_fini(&text);
}

void
openapi_responses(struct doc *doc, const struct contract *contract, const struct def_method *method)
{
    const struct def_reason *reasons[REASONS_MAX];

    doc_object(doc, "responses");
    put_success(doc, contract, method);
    for (uint32_t status = 400; status < 600; status++) {
        size_t n = reasons_of(contract, method, status, reasons);

        if (n != 0) {
            put_failure(doc, contract, status, reasons, n);
        }
    }
    doc_end(doc);
}
