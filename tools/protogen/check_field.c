/* The rules of fields: those that mean nothing for the field's type are mistakes. */
#include <regex.h>
#include <string.h>

#include "check.h"
#include "listed.h"

/* protoc has made sure that a field has one of descriptor.proto's types. */
static bool
is_string(const struct def_field *field)
{
    return field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING;
}

static bool
is_bytes(const struct def_field *field)
{
    return field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES;
}

static bool
is_integer_of_64_bits(const struct def_field *field)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_INT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SINT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SFIXED64:
        return true;
    default:
        return false;
    }
}

static bool
is_number(const struct def_field *field)
{
    return field->message == NULL && field->enumeration == NULL && !is_string(field) &&
           !is_bytes(field) &&
           field->type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL;
}

static void
refuse_rule(struct check *self, const struct def_message *message, const struct def_field *field,
            const char *rule, const char *needs)
{
    check_refuse(self, field->rule_place, "field %s of %s has the rule %s, which needs %s",
                 field->name, message->name, rule, needs);
}

/* The rules of a wrapper are about the value in it. */
static const struct def_field *
value_of(const struct def_field *field)
{
    return field->message != NULL && field->message->known == KNOWN_WRAPPER
               ? &field->message->fields[0]
               : field;
}

/* Which rules go with which types. */
static void
check_types(struct check *self, const struct def_message *message, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    const struct def_field *value = value_of(field);

    if ((rule->min_length != 0 || rule->max_length != 0) && !is_string(value) && !is_bytes(value)) {
        refuse_rule(self, message, field, "min_length or max_length", "a string or bytes");
    }
    if (rule->max_items != 0 && !field->repeated) {
        refuse_rule(self, message, field, "max_items", "a repeated field or a map");
    }
    if ((rule->max_key_length != 0 || rule->max_value_length != 0) && !field->map) {
        refuse_rule(self, message, field, "max_key_length or max_value_length", "a map");
    }
    if (rule->range != NULL && !is_number(value)) {
        refuse_rule(self, message, field, "range", "a number");
    }
    if (*rule->pattern != '\0' && !is_string(value)) {
        refuse_rule(self, message, field, "pattern", "a string");
    }
    if (rule->n_in != 0 && !is_string(value)) {
        refuse_rule(self, message, field, "in", "a string");
    }
    if (rule->nullable && (field->message == NULL || field->repeated)) {
        refuse_rule(self, message, field, "nullable", "a single message");
    }
    if ((rule->etag || rule->if_match || rule->link) && !is_string(value)) {
        refuse_rule(self, message, field, "etag, if_match or link", "a string");
    }
    if (rule->filterable && !listed_can_filter(field)) {
        refuse_rule(self, message, field, "filterable", "a scalar, a time or a map of strings");
    }
    if (rule->sortable && !listed_can_sort(field)) {
        refuse_rule(self, message, field, "sortable", "a string, an integer or a time");
    }
    if (rule->format != DEPOT__RPC__V1__FORMAT__FORMAT_UNSPECIFIED && !is_string(value)) {
        refuse_rule(self, message, field, "format", "a string");
    }
}

/* It is C's regular expression, and that of OpenAPI documents, too: both must know what it means.
 */
static void
check_pattern(struct check *self, const struct def_message *message, const struct def_field *field)
{
    const char *pattern = field->rule->pattern;
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        check_refuse(self, field->rule_place,
                     "field %s of %s has a pattern that is no regular expression", field->name,
                     message->name);
        return;
    }
    regfree(&regex);
    if (strstr(pattern, "[:") != NULL) {
        check_refuse(self, field->rule_place,
                     "field %s of %s has a pattern with a class of POSIX, which means nothing in "
                     "OpenAPI",
                     field->name, message->name);
    }
}

static void
check_values(struct check *self, const struct def_message *message, const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;

    if (rule->range != NULL && rule->range->min > rule->range->max) {
        check_refuse(self, field->rule_place, "field %s of %s has an empty range", field->name,
                     message->name);
    }
    if (rule->max_length != 0 && rule->min_length > rule->max_length) {
        check_refuse(self, field->rule_place, "field %s of %s can have no length at all",
                     field->name, message->name);
    }
    if (*rule->reason != '\0' && contract_reason(self->contract, rule->reason) == NULL) {
        check_refuse(self, field->rule_place, "field %s of %s names the unknown reason \"%s\"",
                     field->name, message->name, rule->reason);
    }
    if (rule->output_only && (rule->required || rule->input_only)) {
        check_refuse(self, field->rule_place,
                     "field %s of %s is output_only, and required or input_only too", field->name,
                     message->name);
    }
    if (*rule->pattern != '\0') {
        check_pattern(self, message, field);
    }
}

void
check_field(struct check *self, const struct def_message *message, const struct def_field *field)
{
    if (message->shown && field->comment == NULL) {
        check_refuse(self, field->place, "field %s of %s has no comment", field->name,
                     message->name);
    }
    if (field->optional) {
        check_refuse(self, field->place,
                     "field %s of %s is proto3 optional, which protobuf-c does not know; use a "
                     "wrapper type",
                     field->name, message->name);
    }
    if (message->shown && is_integer_of_64_bits(field)) {
        check_refuse(self, field->place,
                     "field %s of %s is an integer of 64 bits, which clients in JavaScript cannot "
                     "read",
                     field->name, message->name);
    }
    check_types(self, message, field);
    check_values(self, message, field);
}
