/* docs/errors.md: every reason for failure, by HTTP status. */
#include <string.h>

#include "applies.h"
#include "base/http_status.h"
#include "base/status.h"
#include "emit.h"

static bool
is_platform(const struct def_file *file)
{
    return strcmp(file->package, "depot.rpc.v1") == 0;
}

/* A comment in a table's cell: a bar would end the cell, a line's end the row. */
static void
put_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            buf_puts(out, "\\|");
        } else {
            buf_putc(out, *text == '\n' ? ' ' : *text);
        }
    }
}

/* Not the methods by name: they would make every new rpc change the document. */
static const char *
origin(const struct def_reason *reason)
{
    if (reason_is_general(reason)) {
        return reason_origin(reason);
    }
    return is_platform(reason->file) ? "methods that say so" : reason->file->short_name;
}

static void
put_reason(struct buf *out, const struct def_reason *reason)
{
    buf_printf(out, "| `%s` | %s | ", reason->name, status_name((enum status)reason->code));
    put_cell(out, reason->title);
    buf_puts(out, " | ");
    put_cell(out, reason->comment);
    buf_puts(out, " | ");
    put_cell(out, origin(reason));
    buf_puts(out, " |\n");
}

/* The reasons of one status: the platform's own, or those of the services. Returns how many. */
static size_t
put_reasons(struct buf *out, const struct contract *contract, uint32_t status, bool platform)
{
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        const struct def_file *file = &contract->files[i];

        for (size_t j = 0; is_platform(file) == platform && j < file->n_reasons; j++) {
            if (file->reasons[j].http == status) {
                put_reason(out, &file->reasons[j]);
                n++;
            }
        }
    }
    return n;
}

static void
put_status(struct buf *out, const struct contract *contract, uint32_t status)
{
    struct buf rows = BUF_INIT;
    size_t n = put_reasons(&rows, contract, status, true);

    n += put_reasons(&rows, contract, status, false);
    if (n != 0) {
        buf_printf(out, "\n## %u %s\n\n", status, http_status_phrase((int)status));
        buf_puts(out, "| reason | code | title | meaning | from |\n"
                      "| --- | --- | --- | --- | --- |\n");
        buf_append(out, rows.data, rows.length_bytes);
    }
    buf_fini(&rows);
}

/* An end-to-end test sends the request and compares. */
static const char example[] =
    "```json\n"
    "{\n"
    "  \"type\": \"urn:depot:problem:validation-failed\",\n"
    "  \"title\": \"The request is not valid\",\n"
    "  \"status\": 400,\n"
    "  \"detail\": \"2 things are wrong with the request; `errors` lists them.\",\n"
    "  \"instance\": \"/v1/cars\",\n"
    "  \"code\": \"INVALID_ARGUMENT\",\n"
    "  \"reason\": \"VALIDATION_FAILED\",\n"
    "  \"requestId\": \"01a1fb63-f2c4-7f47-835e-ef0cd0e7adf4\",\n"
    "  \"errors\": [\n"
    "    {\n"
    "      \"pointer\": \"/name\",\n"
    "      \"reason\": \"WRONG_TYPE\",\n"
    "      \"detail\": \"`name` must be a string, not `7`.\"\n"
    "    },\n"
    "    {\n"
    "      \"pointer\": \"/wheels\",\n"
    "      \"reason\": \"UNKNOWN_FIELD\",\n"
    "      \"detail\": \"`wheels` is no member here; the members are: name, description, "
    "attributes.\"\n"
    "    }\n"
    "  ]\n"
    "}\n"
    "```\n";

static const char introduction[] =
    "# Errors\n"
    "\n"
    "<!-- Made by protogen from the contract. The build target `docs` writes it. -->\n"
    "\n"
    "Every failure is `application/problem+json` (RFC 9457). This one answers `POST /v1/cars`\n"
    "with `{\"name\": 7, \"wheels\": 4}`:\n"
    "\n";

static const char explanation[] =
    "\n"
    "Programs decide by `reason`, which never changes. `type` is `urn:depot:problem:` and the\n"
    "reason in kebab case: `urn:depot:problem:name-taken` for NAME_TAKEN. `code` is the name of a\n"
    "google.rpc code; `title` and `detail` are for people; `requestId` is in the log's lines "
    "about\n"
    "the request. `errors` lists everything that is wrong with a request, each with its place\n"
    "(`pointer` into the body, or the name of a `parameter`) and its own `reason`; the `reason`\n"
    "above them is theirs if they have the same, else VALIDATION_FAILED. Some reasons add members\n"
    "of their own, which their meaning names. Which methods can give a reason is in\n"
    "`/openapi.json`.\n"
    "\n"
    "Clients of the Connect and gRPC-Web protocols get the code as these protocols say it, and\n"
    "the rest as details of the error: a `depot.rpc.v1.ErrorInfo` with `reason`, `request_id` and\n"
    "`violations`, and the method's own message, if there is one.\n";

void
emit_errors(const struct contract *contract, struct buf *out)
{
    buf_puts(out, introduction);
    buf_puts(out, example);
    buf_puts(out, explanation);
    for (uint32_t status = 400; status < 600; status++) {
        put_status(out, contract, status);
    }
}
