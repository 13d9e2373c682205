#include "http/link.h"

#include <string.h>

#include "http/percent.h"

static const struct pb_field *
text_field(const struct pb_message *schema, const char *name)
{
    const struct pb_field *field = pb_field_named(schema, name, strlen(name));

    return field != NULL && field->descriptor->type == PROTOBUF_C_TYPE_STRING &&
                   field->descriptor->label != PROTOBUF_C_LABEL_REPEATED
               ? field
               : NULL;
}

/* Whether a part of the query is this field's, under either spelling. */
static bool
is_parameter(const char *part, size_t bytes, const struct pb_field *field)
{
    const char *equals = memchr(part, '=', bytes);
    size_t name_bytes = equals == NULL ? bytes : (size_t)(equals - part);

    return http_percent_equals(part, name_bytes, field->name, strlen(field->name)) ||
           http_percent_equals(part, name_bytes, field->json_name, strlen(field->json_name));
}

/* The query without the token: it came in characters that a URL may have, and goes back so. */
static char
copy_query(struct buf *out, const struct http_message *message, const struct pb_field *token)
{
    const char *at = message->query;
    const char *end = at + message->query_bytes;
    char separator = '?';

    while (at < end) {
        const char *and = memchr(at, '&', (size_t)(end - at));
        const char *stop = and == NULL ? end : and;

        if (stop != at && !is_parameter(at, (size_t)(stop - at), token)) {
            buf_putc(out, separator);
            buf_append(out, at, (size_t)(stop - at));
            separator = '&';
        }
        at = and == NULL ? end : stop + 1;
    }
    return separator;
}

static void
put_link(struct buf *out, const char *prefix, const struct http_message *message,
         const struct pb_field *token, const char *value, const char *relation)
{
    char separator;

    buf_putc(out, '<');
    buf_puts(out, prefix);
    buf_append(out, message->path, message->path_bytes);
    separator = copy_query(out, message, token);
    if (value != NULL) {
        buf_putc(out, separator);
        buf_puts(out, token->json_name);
        buf_putc(out, '=');
        http_percent_encode(out, value, strlen(value));
    }
    buf_puts(out, ">; rel=\"");
    buf_puts(out, relation);
    buf_putc(out, '"');
}

void
http_link_write(struct buf *out, const char *prefix, const struct http_message *message,
                const struct pb_method *method, const ProtobufCMessage *reply)
{
    const struct pb_field *token = text_field(method->request, "page_token");
    const struct pb_field *next =
        token == NULL ? NULL : text_field(method->reply, "next_page_token");
    const char *value;

    if (next == NULL) {
        return;
    }
    value = *(char *const *)pb_member_const(next, reply);
    if (value != NULL && value[0] != '\0') {
        put_link(out, prefix, message, token, value, "next");
        buf_puts(out, ", ");
    }
    put_link(out, prefix, message, token, NULL, "first");
}
