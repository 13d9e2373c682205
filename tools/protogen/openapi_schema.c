/* Values as JSON Schema: draft 2020-12, as OpenAPI 3.1 has it, or the dialect of 3.0. */
#include <string.h>

#include "base/buf.h"
#include "openapi.h"

/* A schema being written. */
struct schema {
    struct doc *doc;
    const struct contract *contract;
    enum openapi_form form;
    bool nullable; /* `null` is a value, too */
};

/* --- types --- */

static void
put_type(const struct schema *self, const char *type)
{
    if (!self->nullable || self->doc->openapi_30) {
        doc_string(self->doc, "type", type);
    } else {
        doc_array(self->doc, "type");
        doc_string(self->doc, NULL, type);
        doc_string(self->doc, NULL, "null");
        doc_end(self->doc);
    }
    if (self->nullable && self->doc->openapi_30) {
        doc_bool(self->doc, "nullable", true);
    }
}

/* In 3.0 nothing may stand beside a reference. */
static void
put_ref(const struct schema *self, const struct def_message *message)
{
    const char *name = openapi_schema_name(self->contract, message,
                                           self->form == FORM_PATCH ? FORM_INPUT : self->form);
    struct doc *doc = self->doc;

    if (!self->nullable && !doc->openapi_30) {
        doc_printf(doc, "$ref", "#/components/schemas/%s", name);
        return;
    }
    doc_array(doc, doc->openapi_30 ? "allOf" : "anyOf");
    doc_object(doc, NULL);
    doc_printf(doc, "$ref", "#/components/schemas/%s", name);
    doc_end(doc);
    if (!doc->openapi_30) {
        doc_object(doc, NULL);
        doc_string(doc, "type", "null");
        doc_end(doc);
    }
    doc_end(doc);
    if (doc->openapi_30 && self->nullable) {
        doc_bool(doc, "nullable", true);
    }
}

/* --- values --- */

static void
put_string(const struct schema *self, const Depot__Rpc__V1__FieldRule *rule)
{
    uint32_t least = rule->min_length == 0 && rule->required ? 1 : rule->min_length;
    struct doc *doc = self->doc;

    put_type(self, "string");
    if (rule->format == DEPOT__RPC__V1__FORMAT__UUID) {
        doc_string(doc, "format", "uuid");
    }
    if (rule->link) {
        doc_string(doc, "format", "uri-reference");
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
put_integer(const struct schema *self, const Depot__Rpc__V1__FieldRule *rule, int64_t least,
            int64_t most)
{
    put_type(self, "integer");
    if (least < 0) {
        doc_string(self->doc, "format", "int32");
    }
    doc_int(self->doc, "minimum", rule->range != NULL ? rule->range->min : least);
    doc_int(self->doc, "maximum", rule->range != NULL ? rule->range->max : most);
}

static void
put_number(const struct schema *self, const Depot__Rpc__V1__FieldRule *rule)
{
    put_type(self, "number");
    if (rule->range != NULL) {
        doc_int(self->doc, "minimum", rule->range->min);
        doc_int(self->doc, "maximum", rule->range->max);
    }
}

static void
put_bytes(const struct schema *self)
{
    put_type(self, "string");
    if (self->doc->openapi_30) {
        doc_string(self->doc, "format", "byte");
    } else {
        doc_string(self->doc, "contentEncoding", "base64");
    }
}

static void
put_enum(const struct schema *self, const struct def_field *field)
{
    put_type(self, "string");
    doc_array(self->doc, "enum");
    for (size_t i = 0; i < field->enumeration->n_values; i++) {
        if (field->enumeration->values[i].number != 0 || !field->rule->required) {
            doc_string(self->doc, NULL, field->enumeration->values[i].name);
        }
    }
    if (self->nullable) {
        doc_null(self->doc, NULL);
    }
    doc_end(self->doc);
}

static void put_value(const struct schema *self, const struct def_field *field,
                      const Depot__Rpc__V1__FieldRule *rule);

static void
put_message(const struct schema *self, const struct def_field *field,
            const Depot__Rpc__V1__FieldRule *rule)
{
    switch (field->message->known) {
    case KNOWN_TIMESTAMP:
        put_type(self, "string");
        doc_string(self->doc, "format", "date-time");
        break;
    case KNOWN_DURATION:
        put_type(self, "string");
        doc_string(self->doc, "pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
        break;
    case KNOWN_FIELD_MASK:
        put_type(self, "string");
        break;
    case KNOWN_EMPTY:
        put_type(self, "object");
        doc_bool(self->doc, "additionalProperties", false);
        break;
    case KNOWN_WRAPPER:
        put_value(self, &field->message->fields[0], rule);
        break;
    case KNOWN_ORDINARY:
        put_ref(self, field->message);
        break;
    }
}

/* One value, not a list of them; the rule is not the field's own for a wrapper. */
static void
put_value(const struct schema *self, const struct def_field *field,
          const Depot__Rpc__V1__FieldRule *rule)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        put_string(self, rule);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
        put_bytes(self);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        put_type(self, "boolean");
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT:
        put_number(self, rule);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT32:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED32:
        put_integer(self, rule, 0, UINT32_MAX);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        put_enum(self, field);
        break;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE:
        put_message(self, field, rule);
        break;
    default:
        put_integer(self, rule, INT32_MIN, INT32_MAX);
        break;
    }
}

/* What is inside of a list or map is never `null`. */
static struct schema
inner(const struct schema *self)
{
    return (struct schema){.doc = self->doc, .contract = self->contract, .form = self->form};
}

static void
put_map(const struct schema *self, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    struct schema value = inner(self);
    struct doc *doc = self->doc;

    put_type(self, "object");
    if (rule->max_items != 0) {
        doc_int(doc, "maxProperties", rule->max_items);
    }
    /* 3.0 has no word for it. */
    if (rule->max_key_length != 0 && !doc->openapi_30) {
        doc_object(doc, "propertyNames");
        doc_int(doc, "maxLength", rule->max_key_length);
        doc_end(doc);
    }
    doc_object(doc, "additionalProperties");
    put_value(&value, &field->message->fields[1], field->message->fields[1].rule);
    if (rule->max_value_length != 0) {
        doc_int(doc, "maxLength", rule->max_value_length);
    }
    doc_end(doc);
}

static void
put_list(const struct schema *self, const struct def_field *field)
{
    struct schema item = inner(self);
    struct doc *doc = self->doc;

    put_type(self, "array");
    if (field->rule->required) {
        doc_int(doc, "minItems", 1);
    }
    if (field->rule->max_items != 0) {
        doc_int(doc, "maxItems", field->rule->max_items);
    }
    doc_object(doc, "items");
    put_value(&item, field, field->rule);
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

/* `null` means absent in every body. It is worth saying where absence has a meaning of its own:
 * of a message, and of everything when something is changed. */
static bool
takes_null(const struct def_field *field, enum openapi_form form)
{
    if (form == FORM_ANSWER) {
        return field->rule->nullable;
    }
    return !field->rule->required &&
           (form == FORM_PATCH || (field->message != NULL && !field->repeated));
}

static void
put_field(const struct schema *self, const struct def_field *field)
{
    if (field->map) {
        put_map(self, field);
    } else if (field->repeated) {
        put_list(self, field);
    } else {
        put_value(self, field, field->rule);
    }
}

void
openapi_field(struct doc *doc, const struct contract *contract, const struct def_field *field,
              enum openapi_form form)
{
    struct schema schema = {doc, contract, form, takes_null(field, form)};

    put_description(doc, field);
    put_field(&schema, field);
}

void
openapi_parameter_schema(struct doc *doc, const struct contract *contract,
                         const struct def_field *field)
{
    struct schema schema = {doc, contract, FORM_INPUT, false};

    put_field(&schema, field);
}
