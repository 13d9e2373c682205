/* docs/errors.md: every reason for failure, by HTTP status. */
#include <string.h>

#include "applies.h"
#include "emit.h"
#include "status_name.h"

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
    buf_printf(out, "| `%s` | %s | ", reason->name, code_name(reason->code));
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
        buf_printf(out, "\n## %u %s\n\n", status, http_status_name(status));
        buf_puts(out, "| reason | code | title | meaning | from |\n"
                      "| --- | --- | --- | --- | --- |\n");
        buf_append(out, rows.data, rows.length_bytes);
    }
    buf_fini(&rows);
}

void
emit_errors(const struct contract *contract, struct buf *out)
{
    buf_puts(
        out,
        "# Errors\n\n"
        "<!-- Made by protogen from the contract. The build target `docs` writes it. "
        "-->\n\n"
        "Every failure is `application/problem+json` (RFC 9457) with `type`, `title`, `status`,\n"
        "`detail`, `instance`, `code`, `reason` and `requestId`. Programs decide by `reason`, "
        "which\n"
        "never changes; `code` is the name of a google.rpc code; `title` and `detail` are for\n"
        "people. `errors` lists everything that is wrong with a request, each with its place\n"
        "(`pointer` into the body, or `parameter`) and its own `reason`. Which\n"
        "methods can give a reason is in `/openapi.json`.\n\n"
        "Clients of the Connect and gRPC-Web protocols get the code as these protocols say it, "
        "and\n"
        "the rest as details of the error: a `depot.rpc.v1.ErrorInfo` with `reason`, "
        "`request_id` and\n"
        "`violations`, and the method's own message, if there is one.\n");
    for (uint32_t status = 400; status < 600; status++) {
        put_status(out, contract, status);
    }
}
