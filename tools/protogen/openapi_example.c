/* Examples of request bodies, made from the rules of their fields. */
#include <string.h>

#include "base/buf.h"
#include "openapi.h"
#include "route.h"

static const char *
example_time(const struct def_message *message, const struct def_field *field)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;

    return period != NULL && strcmp(period->end, field->name) == 0 ? "2026-03-01T17:00:00Z"
                                                                   : "2026-03-01T09:00:00Z";
}

/* The field's name, made as long or as short as the rules ask. */
static void
put_string(struct doc *doc, const char *key, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    struct buf text = BUF_INIT;

    if (rule->n_in != 0) {
        doc_string(doc, key, rule->in[0]);
    } else if (rule->format == DEPOT__RPC__V1__FORMAT__UUID) {
        doc_string(doc, key, "0195a3c0-7c00-7000-8000-000000000001");
    } else {
        do {
            buf_printf(&text, "%s%s", text.length_bytes == 0 ? "" : " ", field->name);
        } while (text.length_bytes < rule->min_length);
        if (rule->max_length != 0 && text.length_bytes > rule->max_length) {
            text.length_bytes = rule->max_length;
        }
        buf_putc(&text, '\0');
        doc_string(doc, key, text.data);
    }
    buf_fini(&text);
}

static void
put_number(struct doc *doc, const char *key, const struct def_field *field)
{
    const Depot__Rpc__V1__Range *range = field->rule->range;
    int64_t value = 1;

    if (range != NULL && value < range->min) {
        value = range->min;
    }
    if (range != NULL && value > range->max) {
        value = range->max;
    }
    doc_int(doc, key, value);
}

static void
put_enum(struct doc *doc, const char *key, const struct def_enum *enumeration)
{
    for (size_t i = 0; i < enumeration->n_values; i++) {
        if (enumeration->values[i].number != 0 || i + 1 == enumeration->n_values) {
            doc_string(doc, key, enumeration->values[i].name);
            return;
        }
    }
}

static void put_value(struct doc *doc, const char *key, const struct def_message *message,
                      const struct def_field *field);

static void
put_message(struct doc *doc, const char *key, const struct def_message *message,
            const struct def_field *field)
{
    switch (field->message->known) {
    case KNOWN_TIMESTAMP:
        doc_string(doc, key, example_time(message, field));
        break;
    case KNOWN_DURATION:
        doc_string(doc, key, "3600s");
        break;
    case KNOWN_FIELD_MASK:
        doc_string(doc, key, "name");
        break;
    case KNOWN_EMPTY:
        doc_object(doc, key);
        doc_end(doc);
        break;
    case KNOWN_WRAPPER:
        put_value(doc, key, message, &field->message->fields[0]);
        break;
    case KNOWN_ORDINARY:
        openapi_example(doc, key, field->message, NULL);
        break;
    }
}

static void
put_value(struct doc *doc, const char *key, const struct def_message *message,
          const struct def_field *field)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        put_string(doc, key, field);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
        doc_string(doc, key, "AAEC");
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        doc_bool(doc, key, true);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        put_enum(doc, key, field->enumeration);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE:
        put_message(doc, key, message, field);
        break;
    default:
        put_number(doc, key, field);
        break;
    }
}

/* What a client may send, and what does not contradict the rest. A value for a pattern cannot be
 * made up; a list of the message itself would have no end. */
static bool
field_is_shown(const struct def_message *message, const struct def_field *field)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;

    return !field->rule->output_only && *field->rule->pattern == '\0' &&
           field->message != message && field->oneof == NULL &&
           !(period != NULL && strcmp(period->unbounded, field->name) == 0);
}

void
openapi_example(struct doc *doc, const char *key, const struct def_message *message,
                const struct def_route *route)
{
    doc_object(doc, key);
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (!field_is_shown(message, field) ||
            (route != NULL && route_has_variable(route, (int)i))) {
            continue;
        }
        if (field->map) {
            doc_object(doc, field->json_name);
            put_value(doc, "key", field->message, &field->message->fields[1]);
            doc_end(doc);
        } else if (field->repeated) {
            doc_array(doc, field->json_name);
            put_value(doc, NULL, message, field);
            doc_end(doc);
        } else {
            put_value(doc, field->json_name, message, field);
        }
    }
    doc_end(doc);
}
