/* What documents say about the parameters of lists: by which fields they filter and order. */
#include "listed.h"
#include "openapi.h"

static void
put_names(struct buf *out, const struct def_message *message, bool filterable)
{
    const char *separator = "";

    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (filterable ? field->rule->filterable : field->rule->sortable) {
            buf_printf(out, "%s`%s%s`", separator, field->json_name, field->map ? ".KEY" : "");
            separator = ", ";
        }
    }
}

void
openapi_put_parameter_text(struct doc *doc, const struct def_method *method,
                           const struct def_field *field)
{
    bool is_filter = field == listed_filter(method);
    struct buf text = BUF_INIT;

    if (field->comment != NULL) {
        buf_puts(&text, field->comment);
    }
    if (is_filter) {
        buf_puts(&text, "\n\nComparisons (`=`, `!=`, `<`, `<=`, `>`, `>=`, `:` for \"has\") of ");
        put_names(&text, listed_message(method), true);
        buf_puts(&text, ", joined by `AND`, `OR` (which binds tighter), `NOT` and parentheses.");
    } else if (field == listed_order(method)) {
        buf_puts(&text, "\n\nOne or more of ");
        put_names(&text, listed_message(method), false);
        buf_puts(&text, ", joined by commas; ` desc` behind one turns it round.");
    }
    buf_putc(&text, '\0');
    if (text.length_bytes > 1) {
        doc_string(doc, "description", text.data);
    }
    buf_fini(&text);
}
