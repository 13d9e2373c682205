/* Messages and fields as JSON Schema (draft 2020-12, as OpenAPI 3.1 has it). */
#include <string.h>

#include "base/buf.h"
#include "openapi.h"
#include "route.h"

/* --- names --- */

static const char *
relative_name(const struct def_message *message)
{
    size_t package = strlen(message->file->package);

    return message->full_name + (package == 0 ? 0 : package + 1);
}

const char *
openapi_schema_name(const struct contract *contract, const struct def_message *message)
{
    const char *name = relative_name(message);

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_messages; j++) {
            const struct def_message *other = &contract->files[i].messages[j];

            if (other != message && other->shown && other->known == KNOWN_ORDINARY &&
                strcmp(relative_name(other), name) == 0) {
                return message->full_name;
            }
        }
    }
    return name;
}

static void
put_ref(struct doc *doc, const struct contract *contract, const struct def_message *message)
{
    doc_printf(doc, "$ref", "#/components/schemas/%s", openapi_schema_name(contract, message));
}

/* --- values --- */

static void
put_string(struct doc *doc, const Depot__Rpc__V1__FieldRule *rule)
{
    uint32_t least = rule->min_length == 0 && rule->required ? 1 : rule->min_length;

    doc_string(doc, "type", "string");
    if (rule->format == DEPOT__RPC__V1__FORMAT__UUID) {
        doc_string(doc, "format", "uuid");
    }
    if (least != 0) {
        doc_int(doc, "minLength", least);
    }
    if (rule->max_length != 0) {
        doc_int(doc, "maxLength", rule->max_length);
    }
    if (*rule->pattern != '\0') {
        doc_string(doc, "pattern", rule->pattern);
    }
    if (rule->n_in != 0) {
        doc_array(doc, "enum");
        for (size_t i = 0; i < rule->n_in; i++) {
            doc_string(doc, NULL, rule->in[i]);
        }
        doc_end(doc);
    }
}

static void
put_integer(struct doc *doc, const Depot__Rpc__V1__FieldRule *rule, int64_t least, int64_t most)
{
    doc_string(doc, "type", "integer");
    doc_int(doc, "minimum", rule->range != NULL ? rule->range->min : least);
    doc_int(doc, "maximum", rule->range != NULL ? rule->range->max : most);
}

static void
put_number(struct doc *doc, const Depot__Rpc__V1__FieldRule *rule)
{
    doc_string(doc, "type", "number");
    if (rule->range != NULL) {
        doc_int(doc, "minimum", rule->range->min);
        doc_int(doc, "maximum", rule->range->max);
    }
}

static void
put_enum(struct doc *doc, const struct def_field *field)
{
    doc_string(doc, "type", "string");
    doc_array(doc, "enum");
    for (size_t i = 0; i < field->enumeration->n_values; i++) {
        if (field->enumeration->values[i].number != 0 || !field->rule->required) {
            doc_string(doc, NULL, field->enumeration->values[i].name);
        }
    }
    doc_end(doc);
}

static void put_value(struct doc *doc, const struct contract *contract,
                      const struct def_field *field, const Depot__Rpc__V1__FieldRule *rule);

static void
put_message(struct doc *doc, const struct contract *contract, const struct def_field *field,
            const Depot__Rpc__V1__FieldRule *rule)
{
    switch (field->message->known) {
    case KNOWN_TIMESTAMP:
        doc_string(doc, "type", "string");
        doc_string(doc, "format", "date-time");
        break;
    case KNOWN_DURATION:
        doc_string(doc, "type", "string");
        doc_string(doc, "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
        break;
    case KNOWN_FIELD_MASK:
        doc_string(doc, "type", "string");
        break;
    case KNOWN_EMPTY:
        doc_string(doc, "type", "object");
        doc_bool(doc, "additionalProperties", false);
        break;
    case KNOWN_WRAPPER:
        put_value(doc, contract, &field->message->fields[0], rule);
        break;
    case KNOWN_ORDINARY:
        put_ref(doc, contract, field->message);
        break;
    }
}

/* One value, not a list of them; the rule is not the field's own for a wrapper. */
static void
put_value(struct doc *doc, const struct contract *contract, const struct def_field *field,
          const Depot__Rpc__V1__FieldRule *rule)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        put_string(doc, rule);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
        doc_string(doc, "type", "string");
        doc_string(doc, "contentEncoding", "base64");
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        doc_string(doc, "type", "boolean");
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT:
        put_number(doc, rule);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT32:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED32:
        put_integer(doc, rule, 0, UINT32_MAX);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        put_enum(doc, field);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE:
        put_message(doc, contract, field, rule);
        break;
    default:
        put_integer(doc, rule, INT32_MIN, INT32_MAX);
        break;
    }
}

static void
put_map(struct doc *doc, const struct contract *contract, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;

    doc_string(doc, "type", "object");
    if (rule->max_items != 0) {
        doc_int(doc, "maxProperties", rule->max_items);
    }
    if (rule->max_key_length != 0) {
        doc_object(doc, "propertyNames");
        doc_int(doc, "maxLength", rule->max_key_length);
        doc_end(doc);
    }
    doc_object(doc, "additionalProperties");
    put_value(doc, contract, &field->message->fields[1], field->message->fields[1].rule);
    if (rule->max_value_length != 0) {
        doc_int(doc, "maxLength", rule->max_value_length);
    }
    doc_end(doc);
}

static void
put_list(struct doc *doc, const struct contract *contract, const struct def_field *field)
{
    doc_string(doc, "type", "array");
    if (field->rule->required) {
        doc_int(doc, "minItems", 1);
    }
    if (field->rule->max_items != 0) {
        doc_int(doc, "maxItems", field->rule->max_items);
    }
    doc_object(doc, "items");
    put_value(doc, contract, field, field->rule);
    doc_end(doc);
}

/* --- fields --- */

/* The comment, and what the values of an enum mean. */
static void
put_description(struct doc *doc, const struct def_field *field)
{
    struct buf text = BUF_INIT;
    bool listed = false;

    buf_puts(&text, field->comment != NULL ? field->comment : "");
    for (size_t i = 0; field->enumeration != NULL && i < field->enumeration->n_values; i++) {
        const struct def_value *value = &field->enumeration->values[i];

        if (value->comment != NULL) {
            buf_printf(&text, "%s\n- `%s`: %s", listed ? "" : "\n", value->name, value->comment);
            listed = true;
        }
    }
    buf_putc(&text, '\0');
    if (text.length_bytes > 1) {
        doc_string(doc, "description", text.data);
    }
    buf_fini(&text);
}

void
openapi_field(struct doc *doc, const struct contract *contract, const struct def_field *field)
{
    if (field->map) {
        put_map(doc, contract, field);
    } else if (field->repeated) {
        put_list(doc, contract, field);
    } else {
        put_value(doc, contract, field, field->rule);
    }
    if (field->rule->output_only) {
        doc_bool(doc, "readOnly", true);
    }
    if (field->rule->input_only) {
        doc_bool(doc, "writeOnly", true);
    }
}

/* --- messages --- */

/* The messages found so far, in the order of the contract. */
struct found {
    const struct contract *contract;
    const struct def_message **messages;
    bool *asked; /* part of a request's body too, not only of answers */
    size_t n;
};

static void find_in_fields(struct found *self, const struct def_message *message, bool asked);

static void
find(struct found *self, const struct def_message *message, bool asked)
{
    size_t i = 0;

    while (i < self->n && self->messages[i] != message) {
        i++;
    }
    if (i < self->n && (self->asked[i] || !asked)) {
        return;
    }
    if (i == self->n) {
        self->messages[self->n++] = message;
    }
    self->asked[i] = self->asked[i] || asked;
    find_in_fields(self, message, asked);
}

static void
find_in_fields(struct found *self, const struct def_message *message, bool asked)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        if (message->fields[i].message != NULL) {
            find(self, message->fields[i].message, asked);
        }
    }
}

static void
find_in_method(struct found *self, const struct def_method *method)
{
    for (size_t i = 0; i < method->n_routes; i++) {
        int body = method->routes[i].body_field;

        find(self, method->reply, false);
        if (body == BODY_WHOLE) {
            find_in_fields(self, method->request, true);
        } else if (body >= 0) {
            find(self, method->request->fields[body].message, true);
        }
    }
}

/* Answers hold all members but unset messages, which cannot be said of what requests hold too. */
static bool
field_is_required(const struct def_field *field, bool asked)
{
    if (asked) {
        return field->rule->required;
    }
    return !field->rule->input_only && field->oneof == NULL &&
           (field->message == NULL || field->repeated);
}

/* `route`: what comes from its path is left out; NULL: nothing is. */
static void
put_object(struct doc *doc, const struct contract *contract, const struct def_message *message,
           bool asked, const struct def_route *route)
{
    bool any = false;

    doc_string(doc, "type", "object");
    for (size_t i = 0; i < message->n_fields; i++) {
        if (field_is_required(&message->fields[i], asked) &&
            (route == NULL || !route_has_variable(route, (int)i))) {
            if (!any) {
                doc_array(doc, "required");
            }
            any = true;
            doc_string(doc, NULL, message->fields[i].json_name);
        }
    }
    if (any) {
        doc_end(doc);
    }
    doc_object(doc, "properties");
    for (size_t i = 0; i < message->n_fields; i++) {
        if (route == NULL || !route_has_variable(route, (int)i)) {
            doc_object(doc, message->fields[i].json_name);
            put_description(doc, &message->fields[i]);
            openapi_field(doc, contract, &message->fields[i]);
            doc_end(doc);
        }
    }
    doc_end(doc);
}

void
openapi_request(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    put_object(doc, contract, route->method->request, true, route);
}

static void
put_schema(struct doc *doc, const struct contract *contract, const struct def_message *message,
           bool asked)
{
    doc_object(doc, openapi_schema_name(contract, message));
    if (message->comment != NULL) {
        doc_string(doc, "description", message->comment);
    }
    put_object(doc, contract, message, asked, NULL);
    doc_end(doc);
}

/* --- the whole --- */

static void
find_all(struct found *found)
{
    const struct contract *contract = found->contract;

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_services; j++) {
            const struct def_service *service = &contract->files[i].services[j];

            for (size_t k = 0; k < service->n_methods; k++) {
                find_in_method(found, &service->methods[k]);
            }
        }
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            const struct def_message *detail =
                openapi_detail(contract, &contract->files[i].reasons[j]);

            if (detail != NULL) {
                find(found, detail, false);
            }
        }
    }
}

void
openapi_schemas(struct doc *doc, const struct contract *contract)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct found found = {.contract = contract};
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        n += contract->files[i].n_messages;
    }
    found.messages = arena_zalloc(arena, n * sizeof *found.messages);
    found.asked = arena_zalloc(arena, n * sizeof *found.asked);
    find_all(&found);
    doc_object(doc, "schemas");
    for (size_t i = 0; i < found.n; i++) {
        if (found.messages[i]->known == KNOWN_ORDINARY && !found.messages[i]->map_entry) {
            put_schema(doc, contract, found.messages[i], found.asked[i]);
        }
    }
    openapi_problem_schemas(doc);
    doc_end(doc);
}
