/* Examples: what the contract gives, or else what is made from the rules of the fields. */
#include <string.h>

#include "base/buf.h"
#include "openapi.h"
#include "route.h"

static const char *
example_time(const struct def_message *message, const struct def_field *field)
{
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;
    const char *end = period != NULL ? period->end : "end_time";

    if (*field->rule->example != '\0') {
        return field->rule->example;
    }
    return strcmp(end, field->name) == 0 ? "2026-03-01T17:00:00Z" : "2026-03-01T09:00:00Z";
}

/* The field's name, made as long or as short as the rules ask. */
static void
put_string(struct doc *doc, const char *key, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    struct buf text = BUF_INIT;

    if (*rule->example != '\0') {
        doc_string(doc, key, rule->example);
    } else if (rule->n_in != 0) {
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

/* A message within a message within a message: no example goes deeper. */
enum { DEPTH_MAX = DOC_DEPTH_MAX - 8 };

static void put_value(struct doc *doc, const char *key, const struct def_message *message,
                      const struct def_field *field, enum openapi_form form);

static void
put_message(struct doc *doc, const char *key, const struct def_message *message,
            const struct def_field *field, enum openapi_form form)
{
    switch (field->message->known) {
    case KNOWN_TIMESTAMP:
        doc_string(doc, key, example_time(message, field));
        break;
    case KNOWN_DURATION:
        doc_string(doc, key, "3600s");
        break;
    case KNOWN_FIELD_MASK:
        doc_string(doc, key, *field->rule->example != '\0' ? field->rule->example : "name");
        break;
    case KNOWN_EMPTY:
        doc_object(doc, key);
        doc_end(doc);
        break;
    case KNOWN_WRAPPER:
        put_value(doc, key, message, &field->message->fields[0], form);
        break;
    case KNOWN_ORDINARY:
        openapi_example(doc, key, field->message, form, NULL);
        break;
    }
}

static void
put_value(struct doc *doc, const char *key, const struct def_message *message,
          const struct def_field *field, enum openapi_form form)
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
        put_message(doc, key, message, field, form);
        break;
    default:
        put_number(doc, key, field);
        break;
    }
}

/* Text that may be left out: a request is one that can be made without what was made up. */
static bool
is_idle_text(const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;

    return field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING &&
           !rule->required && *rule->example == '\0' && rule->n_in == 0 &&
           rule->format == DEPOT__RPC__V1__FORMAT__FORMAT_UNSPECIFIED;
}

/* What the writer may send, and what does not contradict the rest. A value for a pattern cannot be
 * made up; a list of the message itself would have no end. */
static bool
field_is_shown(const struct doc *doc, const struct def_message *message,
               const struct def_field *field, enum openapi_form form)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    const Depot__Rpc__V1__PeriodRule *period = message->rule->period;

    if (rule->etag || rule->if_match ||
        (form == FORM_ANSWER ? rule->input_only : rule->output_only)) {
        return false;
    }
    if (form != FORM_ANSWER &&
        (is_idle_text(field) || (*rule->pattern != '\0' && *rule->example == '\0'))) {
        return false;
    }
    return field->message != message && field->oneof == NULL && doc->depth < DEPTH_MAX &&
           !(period != NULL && strcmp(period->unbounded, field->name) == 0);
}

/* One entry: the `key=value` that the contract gives, or any. */
static void
put_map(struct doc *doc, const struct def_field *field, enum openapi_form form)
{
    const char *example = field->rule->example;
    const char *equals = strchr(example, '=');
    struct buf key = BUF_INIT;

    doc_object(doc, field->json_name);
    if (equals != NULL) {
        buf_append(&key, example, (size_t)(equals - example));
        buf_putc(&key, '\0');
        doc_string(doc, key.data, equals + 1);
    } else {
        put_value(doc, "key", field->message, &field->message->fields[1], form);
    }
    doc_end(doc);
    buf_fini(&key);
}

static void
put_field(struct doc *doc, const struct def_message *message, const struct def_field *field,
          enum openapi_form form)
{
    if (field->map) {
        put_map(doc, field, form);
    } else if (field->repeated) {
        doc_array(doc, field->json_name);
        put_value(doc, NULL, message, field, form);
        doc_end(doc);
    } else {
        put_value(doc, field->json_name, message, field, form);
    }
}

void
openapi_example(struct doc *doc, const char *key, const struct def_message *message,
                enum openapi_form form, const struct def_route *route)
{
    doc_object(doc, key);
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (field_is_shown(doc, message, field, form) &&
            (route == NULL || !route_has_variable(route, (int)i))) {
            put_field(doc, message, field, form);
        }
    }
    doc_end(doc);
}

void
openapi_example_member(struct doc *doc, const struct def_message *message,
                       const struct def_field *field)
{
    if (field_is_shown(doc, message, field, FORM_ANSWER)) {
        put_field(doc, message, field, FORM_ANSWER);
    }
}

void
openapi_example_value(struct doc *doc, const char *key, const struct def_message *request,
                      const struct def_field *field)
{
    put_value(doc, key, request, field, FORM_INPUT);
}
