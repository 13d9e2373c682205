#include "pb/filter_value.h"

#include <string.h>

#include "pb/number.h"
#include "pb/time.h"
#include "pb/words.h"

static bool
keep(struct pb_expression *in, const char *at, const char *text, size_t bytes, const char **out)
{
    *out = arena_copy(in->arena, text, bytes);
    return *out != NULL || pb_expression_fail(in, at, "there is no room for it");
}

/* --- texts --- */

static bool
is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* Takes a text in quotes. */
static bool
read_quoted(struct pb_expression *in, const char **out)
{
    const char *open = in->at;
    char *text = arena_alloc(in->arena, strlen(open));
    size_t n = 0;

    if (text == NULL) {
        return pb_expression_fail(in, open, "there is no room for it");
    }
    for (in->at++; *in->at != *open; in->at++) {
        if (*in->at == '\0') {
            return pb_expression_fail(in, open, "the quote is not closed");
        }
        if (*in->at == '\\') {
            in->at++;
            if (*in->at != '\\' && !is_quote(*in->at)) {
                return pb_expression_fail(in, in->at - 1, "expected \\\\, \\\" or \\' as escape");
            }
        }
        text[n++] = *in->at;
    }
    in->at++;
    text[n] = '\0';
    *out = text;
    return true;
}

/* How far a value without quotes goes. */
static size_t
bare_bytes(const char *at)
{
    return strcspn(at, " \t\r\n()\"',;=<>!");
}

/* Takes a value with or without quotes. */
static bool
read_either(struct pb_expression *in, const char **out)
{
    const char *at = in->at;
    size_t bytes = bare_bytes(at);

    if (is_quote(*at)) {
        return read_quoted(in, out);
    }
    in->at += bytes;
    return keep(in, at, at, bytes, out);
}

bool
pb_filter_read_key(struct pb_expression *in, const char **key)
{
    const char *at = in->at;
    size_t bytes = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    if (is_quote(*at)) {
        return read_quoted(in, key);
    }
    if (bytes == 0) {
        return pb_expression_fail(in, at,
                                  "expected a key: letters, digits, _ and -, or a text in quotes");
    }
    in->at += bytes;
    return keep(in, at, at, bytes, key);
}

static bool
read_text(struct pb_expression *in, const char **out)
{
    if (!is_quote(*in->at)) {
        return pb_expression_fail(in, in->at, "expected a text in quotes");
    }
    return read_quoted(in, out);
}

/* --- other types --- */

static const struct pb_field *
value_field(const struct pb_field *field)
{
    return field->message != NULL && field->message->known == PB_WRAPPER
               ? &field->message->fields[0]
               : field;
}

static bool
read_enum(struct pb_expression *in, const struct pb_enum *enumeration, const char **out)
{
    const ProtobufCEnumDescriptor *descriptor = enumeration->descriptor;
    const char *at = in->at;

    if (!read_either(in, out)) {
        return false;
    }
    if (protobuf_c_enum_descriptor_get_value_by_name(descriptor, *out) == NULL) {
        return pb_expression_fail(in, at, "expected one of %s", pb_words_enum(descriptor).text);
    }
    return true;
}

static bool
read_bool(struct pb_expression *in, const char **out)
{
    const char *at = in->at;
    size_t bytes = bare_bytes(at);

    if ((bytes == 4 && strncmp(at, "true", 4) == 0) ||
        (bytes == 5 && strncmp(at, "false", 5) == 0)) {
        in->at += bytes;
        return keep(in, at, at, bytes, out);
    }
    return pb_expression_fail(in, at, "expected true or false");
}

/* What PostgreSQL's bigint is sure to take. */
static bool
write_integer(const char *text, size_t bytes, char out[static PB_NUMBER_TEXT_BYTES + 1])
{
    int64_t value;

    if (pb_number_signed(text, bytes, INT64_MIN, INT64_MAX, &value) != PB_NUMBER_OK) {
        return false;
    }
    out[pb_number_write_signed(value, out)] = '\0';
    return true;
}

static bool
write_float(const char *text, size_t bytes, char out[static PB_NUMBER_TEXT_BYTES + 1])
{
    double value;

    if (pb_number_double(text, bytes, false, &value) != PB_NUMBER_OK) {
        return false;
    }
    out[pb_number_write_double(value, out)] = '\0';
    return true;
}

static bool
read_number(struct pb_expression *in, bool is_whole, const char **out)
{
    char canonical[PB_NUMBER_TEXT_BYTES + 1];
    const char *at = in->at;
    const char *text;
    size_t bytes = bare_bytes(at);

    if (!keep(in, at, at, bytes, &text)) {
        return false;
    }
    if (is_whole ? !write_integer(text, bytes, canonical) : !write_float(text, bytes, canonical)) {
        return pb_expression_fail(in, at, "expected a %snumber", is_whole ? "whole " : "");
    }
    in->at += bytes;
    return keep(in, at, canonical, strlen(canonical), out);
}

static bool
read_time(struct pb_expression *in, const char **out)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    char canonical[PB_TIME_TEXT_BYTES];
    const char *at = in->at;
    const char *text = "";

    if (!read_either(in, &text)) {
        return false;
    }
    if (!pb_time_parse(text, strlen(text), &time)) {
        return pb_expression_fail(in, at,
                                  "expected a time of RFC 3339, such as 2030-05-01T09:00:00Z");
    }
    return keep(in, at, canonical, pb_time_format(&time, canonical), out);
}

bool
pb_filter_read_value(struct pb_expression *in, const struct pb_field *field, const char **value)
{
    switch (pb_filter_type_of(field)) {
    case PB_FILTER_TEXT:
    case PB_FILTER_MAP:
        return read_text(in, value);
    case PB_FILTER_ENUM:
        return read_enum(in, value_field(field)->enumeration, value);
    case PB_FILTER_BOOL:
        return read_bool(in, value);
    case PB_FILTER_INTEGER:
        return read_number(in, true, value);
    case PB_FILTER_FLOAT:
        return read_number(in, false, value);
    case PB_FILTER_TIME:
        return read_time(in, value);
    default:
        return pb_expression_fail(in, in->at, "`%s` is not compared", field->json_name);
    }
}

/* --- what goes with what --- */

static bool
is_text_map(const struct pb_field *field)
{
    return field->is_map && field->message->fields[0].descriptor->type == PROTOBUF_C_TYPE_STRING &&
           field->message->fields[1].descriptor->type == PROTOBUF_C_TYPE_STRING;
}

enum pb_filter_type
pb_filter_type_of(const struct pb_field *field)
{
    const struct pb_field *value = value_field(field);

    if (field->descriptor->label == PROTOBUF_C_LABEL_REPEATED) {
        return is_text_map(field) ? PB_FILTER_MAP : PB_FILTER_NONE;
    }
    switch (value->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        return PB_FILTER_TEXT;
    case PROTOBUF_C_TYPE_ENUM:
        return PB_FILTER_ENUM;
    case PROTOBUF_C_TYPE_BOOL:
        return PB_FILTER_BOOL;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PB_FILTER_FLOAT;
    case PROTOBUF_C_TYPE_BYTES:
        return PB_FILTER_NONE;
    case PROTOBUF_C_TYPE_MESSAGE:
        return value->message->known == PB_TIMESTAMP ? PB_FILTER_TIME : PB_FILTER_NONE;
    default:
        return PB_FILTER_INTEGER;
    }
}

bool
pb_filter_takes(enum pb_filter_type type, enum pb_filter_op op)
{
    switch (type) {
    case PB_FILTER_TEXT:
        return true;
    case PB_FILTER_ENUM:
    case PB_FILTER_BOOL:
        return op == PB_FILTER_EQ || op == PB_FILTER_NE;
    case PB_FILTER_INTEGER:
    case PB_FILTER_FLOAT:
    case PB_FILTER_TIME:
        return op != PB_FILTER_HAS;
    case PB_FILTER_MAP:
        return op == PB_FILTER_PRESENT;
    default:
        return false;
    }
}
